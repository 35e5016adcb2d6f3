"""The parameters of each template: what they are called, what they mean, what they may be.

One list serves the command line, its help, the notebooks' first cell and the tests that hold these together. Choices
are written out here, and a test compares them with those of the modules they belong to: a mistyped parameter is told
before anything slow is imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from helpers.refusals.wording import check_conf_level, closest, listed

NONE = "none"
AUTO = "auto"
FROM_P_VALUES = ("holm", "BH", "BY", "bonferroni", "sidak")
ADJUSTMENTS = (*FROM_P_VALUES, "tukey", "dunnett", "mvt", "scheffe")
SPELLINGS = {"bh": "BH", "fdr_bh": "BH", "by": "BY", "fdr_by": "BY"}  # other usual names
SCALES = ("exp", "percent", "log2")
STRANDS = ("unstranded", "forward", "reverse")
COUNT_METHODS = ("quasi-likelihood", "likelihood-ratio", "voom", "deseq2", "mixed")
DEGREES_OF_FREEDOM = ("satterthwaite", "kenward-roger", "normal")


@dataclass(frozen=True)
class Option:
    """One parameter: on the command line in capitals, in a notebook in small letters."""

    name: str
    meaning: str
    default: str = ""
    choices: tuple = ()
    required: bool = False
    spellings: dict = field(default_factory=dict)


# What only the command takes: it never reaches a notebook.
COMMAND = (
    Option("TEMPLATE", "which report", required=True),
    Option("NAME", "folder under reports/; if left out, it is named after the template and the file"),
    Option("OVERWRITE", "yes replaces a report of the same name", "no", ("no", "yes")),
)
TABLE = (
    Option("DATA", "the file: .csv, .tsv, .txt (each also .gz), .xlsx, .parquet", required=True),
    Option("SEP", "what stands between columns of a text file: comma, semicolon, tab, or the character", AUTO),
    Option("DECIMAL", "decimal mark of a text file", AUTO, (AUTO, ".", ",")),
    Option("SHEET", "sheet of an Excel workbook: its name; if left out, the first"),
    Option("ENCODING", "encoding of a text file, such as cp1252", "utf-8-sig"),
    Option("QUESTION", "the question in your own words; if left out, one is written from the parameters"),
    Option("CONF_LEVEL", "level of the intervals", "0.95"),
)
ADJUST = Option("ADJUST", "how p-values allow for several tests", "holm", (*ADJUSTMENTS, NONE), spellings=SPELLINGS)
REFERENCE = Option("REFERENCE", "first level of factors: condition=control; batch=b1 (if left out, as in ORDER)")
ORDER = Option(
    "ORDER", "all levels of a factor, first to last: dose=low, mid, high (if left out: 5 mg, 10 mg, … or by alphabet)"
)
MISSING = Option("MISSING", "numbers that mean a missing value: -999 (none: such a number was measured)")
TEMPLATES = {
    "correlation": (
        *TABLE,
        MISSING,
        Option("OUTCOME", "the numeric column that the others are correlated with", required=True),
        Option("COLUMNS", "numeric columns, separated by commas; if left out, every other numeric column"),
        Option("STRATA", "column of groups within which values are exchanged (and whose means are subtracted)"),
        Option("LABEL", "column with a name for each point"),
        Option("METHOD", "the coefficient", "pearson", ("pearson", "spearman")),
        Option("ADJUST", ADJUST.meaning, "holm", (*FROM_P_VALUES, NONE), spellings=SPELLINGS),
        Option("SEED", "seed of the random arrangements of the permutation test", "1"),
    ),
    "mixed_model": (
        *TABLE,
        MISSING,
        Option("FORMULA", "the model, as lme4 writes it: log(y) ~ x * z + (1 | group); no group: y ~ x", required=True),
        Option("CONTRAST", "the predictor whose effect you ask for; if left out, the first of the formula"),
        Option("BY", "factors, separated by commas; the effect is shown in each of their levels"),
        REFERENCE,
        ORDER,
        Option(
            "COMPARE",
            "which levels are compared",
            AUTO,
            (AUTO, "reference", "pairwise", "sequential"),
        ),
        Option("TRANSFORM", "scale of the results", AUTO, (AUTO, NONE, *SCALES)),
        Option("DDF", "degrees of freedom", "kenward-roger", DEGREES_OF_FREEDOM),
        ADJUST,
        Option("EQUIVALENCE", "two numbers between which an effect does not matter: 0.9, 1.1"),
    ),
    "counts": (
        *TABLE,
        Option("STRAND", "of STAR's files in a folder given as DATA: which of their columns", AUTO, (AUTO, *STRANDS)),
        Option("SAMPLES", "the sample sheet: a row per sample, its name in the first column", required=True),
        Option("FORMULA", "what explains the counts: ~ condition + batch", required=True),
        Option("CONTRAST", "the column whose effect you ask for; if left out, the first of the formula"),
        Option("COMPARE", "which levels of it are compared", "reference", ("reference", "pairwise", "sequential")),
        Option("CONTRASTS", "comparisons of levels instead: treated - control; mean: 0.5*low + 0.5*high - control"),
        Option("BY", "factors of an interaction, separated by commas; the effect is asked in each of their levels"),
        Option("BLOCK", "column that says which samples belong together: animal (summed, or in the model, as suits)"),
        Option("GENE", "column of the gene names in DATA; if left out, the first"),
        Option("SYMBOL", "column of DATA with another name for each gene, shown beside the first"),
        Option("SAMPLE", "column of the sample names in SAMPLES; if left out, the first"),
        Option("DROP", "samples to leave out, separated by commas"),
        Option("ROUND", "yes rounds counts that salmon, kallisto or RSEM estimated", "no", ("no", "yes")),
        Option("LENGTHS", "file of transcripts' lengths, genes × samples, as tximport's table length (for salmon)"),
        Option("SAMPLES_SHEET", "sheet of the workbook that SAMPLES names; if left out, the first"),
        Option("SAMPLES_SEP", "what stands between columns of SAMPLES; if left out, as SEP", AUTO),
        Option("SAMPLES_DECIMAL", "decimal mark of SAMPLES; if left out, as DECIMAL", AUTO, (AUTO, ".", ",")),
        REFERENCE,
        ORDER,
        Option("METHOD", "how each gene is tested", "quasi-likelihood", COUNT_METHODS),
        Option("FDR", "share of false discoveries that you accept", "0.05"),
        Option("FOLD_CHANGE", "factor by which a gene must rise or fall: 1.5 (tested; 1: any change)", "1"),
        Option(
            "MIN_COUNT", "reads that a gene needs, in as many samples as the design asks for (0: MIN_TOTAL alone)", "10"
        ),
        Option("MIN_TOTAL", "reads, in all samples together, below which a gene is left out", "15"),
    ),
    "plan": (
        Option("DATA", "a pilot's table, .csv, .tsv, .txt (each also .gz), .xlsx, .parquet; without, SD and DESIGN"),
        *TABLE[1:],
        Option("FORMULA", "the model that will be fitted: ~ drug + day + (1 | animal)", required=True),
        Option("EFFECT", "the term asked about, and how large its effect is: drug=0.8", required=True),
        Option("SD", "standard deviations, without DATA: animal=0.7; residual=1"),
        Option("DESIGN", "what is crossed, a number or levels: animal=8; day=3 (without: as the pilot)"),
        Option("BETWEEN", "treatments that each get a part of the first of DESIGN: drug=control, treated"),
        Option("REPLICATES", "rows of each combination", "1"),
        Option(
            "REFERENCE",
            "first level of the pilot's factors: drug=control (without, 5 mg before 10 mg, … or the first by alphabet)",
        ),
        Option("MORE", "of what there may be more; without, the first of DESIGN, or the pilot's groups"),
        Option("POWER", "the power that is wanted", "0.8"),
        Option("RATIOS", "whether EFFECT is a ratio; auto: if the outcome is a log", AUTO, (AUTO, "yes", "no")),
        Option("DDF", "degrees of freedom", "kenward-roger", DEGREES_OF_FREEDOM),
        Option("N_SIM", "experiments to simulate of each size", "4000"),
        Option("SEED", "seed of the random numbers", "1"),
    ),
}


def of_command(given: dict) -> tuple[SimpleNamespace, dict]:
    """Part what the command needs to know from what the template does; the template's values are not looked at yet.

    Parameters
    ----------
    given : dict
        Name -> text, as on the command line, names in capitals or not.

    Returns
    -------
    tuple of types.SimpleNamespace and dict
        ``template, name, overwrite``; and every parameter of the template, in small letters, as a text for `settle`.

    Raises
    ------
    ValueError
        No such template, or a parameter that it does not have.
    """
    given = {name.upper(): value for name, value in given.items()}
    template = str(given.get("TEMPLATE", "")).strip()
    check_template(template)
    texts = _texts(template, (*COMMAND, *TEMPLATES[template]), given)
    command = {option.name: texts.pop(option.name) for option in COMMAND}
    _check_choices(COMMAND, command)
    return _namespace(command), {name.lower(): text for name, text in texts.items()}


def settle(template: str, given: dict) -> SimpleNamespace:
    """The value of every parameter of a template, those left out at their default.

    Parameters
    ----------
    template : str
    given : dict
        Name -> text (a notebook may give a number), names in capitals or not.

    Returns
    -------
    types.SimpleNamespace
        One attribute per parameter, in small letters; texts, but `conf_level`, a float.

    Raises
    ------
    ValueError
        A parameter that the template does not have, that is missing, or whose value is none of its choices.
    """
    check_template(template)
    values = _texts(template, TEMPLATES[template], given)
    _check_choices(TEMPLATES[template], values)
    return _namespace(values | {"CONF_LEVEL": _conf_level(values["CONF_LEVEL"])})


def check_template(name: str) -> None:
    """Refuse a template that does not exist.

    Raises
    ------
    ValueError
        With the closest name there is.
    """
    if not name:
        raise ValueError(f"TEMPLATE is missing: say which report, one of {', '.join(TEMPLATES)}.")
    if name not in TEMPLATES:
        near = closest(name, TEMPLATES)
        hint = f" Closest: {near[0]}." if near else ""
        raise ValueError(f"There is no template {name!r}.{hint} There are {', '.join(TEMPLATES)}.")


def _texts(template, options, given):
    """What was given, or else the default, for each option."""
    values = {option.name: option.default for option in options}
    for name, value in given.items():
        if name.upper() not in values:
            near = closest(name, values)
            hint = f" Closest: {near[0]}." if near else ""
            raise ValueError(f"The template {template} has no parameter {name}.{hint} It has {', '.join(values)}.")
        values[name.upper()] = str(value).strip() or values[name.upper()]
    return {option.name: option.spellings.get(values[option.name], values[option.name]) for option in options}


def _check_choices(options, values):
    for option in options:
        value = values[option.name]
        if option.required and not value:
            raise ValueError(f"{option.name} is missing: {option.meaning}.")
        if option.choices and value not in option.choices:
            near = closest(value, option.choices)
            hint = f" Closest: {near[0]}." if near else ""
            raise ValueError(f"{option.name} is one of {', '.join(option.choices)}; found {value!r}.{hint}")


def _namespace(values):
    return SimpleNamespace(**{name.lower(): value for name, value in values.items()})


def _conf_level(text):
    try:
        level = float(text)
    except ValueError:
        raise ValueError(f"CONF_LEVEL is a number such as 0.95; found {text!r}.") from None
    check_conf_level(level)
    return level


def names_in(text: str, columns: Sequence[str], option: str) -> list[str]:
    """The columns that a text lists, separated by commas; a name may itself hold one.

    Parameters
    ----------
    text : str
    columns : sequence of str
        Those there are.
    option : str
        Who asks, for the message.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        A column is named twice.
    """
    if text in columns:
        return [text]
    names = [name.strip().strip("`") for name in text.split(",") if name.strip()]
    if len(set(names)) < len(names):
        raise ValueError(f"{option} names a column twice: {listed(names)}.")
    return names


def usage() -> str:
    """Every template with its parameters, for the command's help."""
    lines = ["make report TEMPLATE=… DATA=…   (or: python -m helpers.report TEMPLATE=… DATA=…)", ""]
    for template, options in (("every template", COMMAND), *TEMPLATES.items()):
        lines.append(f"{template}:")
        lines += [_line(option) for option in options]
        lines.append("")
    return "\n".join(lines)


def _line(option):
    notes = ["needed"] if option.required else [f"default: {option.default}"] if option.default else []
    notes += [" | ".join(option.choices)] if option.choices else []
    return f"  {option.name:<12} {option.meaning}" + (f" ({'; '.join(notes)})" if notes else "")
