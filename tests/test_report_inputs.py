"""Wrong input stops before any model, with one message that says what was found and what to do; nothing is written."""

import shlex

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT
from report_running import parameter_cell, prepared

from helpers.contrasts import scales
from helpers.hypotheses import adjusting
from helpers.mixed import inference
from helpers.report import citations, options, run
from helpers.report.__main__ import given_by
from helpers.report.counts.count_results import METHODS
from helpers.report.counts.count_units import MIXED
from helpers.report.options import COMMAND, TEMPLATES, settle, usage

FORMULA = "y ~ drug * gene + urea + (1 | animal)"
SOUND = {"TEMPLATE": "mixed_model", "DATA": "sound.csv", "FORMULA": FORMULA}
PAIRS = {"TEMPLATE": "correlation", "DATA": "sound.csv", "OUTCOME": "y"}

COUNTS = {"TEMPLATE": "counts", "DATA": "counts.csv", "SAMPLES": "samples.csv", "FORMULA": "~ drug + weight"}


def sound_counts():
    """Thirty genes in eight samples."""
    names = [f"s{i}" for i in range(8)]
    values = np.random.default_rng(3).negative_binomial(5, 0.05, size=(30, 8))
    return pd.DataFrame(values, columns=names).assign(gene=[f"g{i}" for i in range(30)])[["gene", *names]]


def sound_samples():
    """The sheet of those samples."""
    sheet = {"sample": [f"s{i}" for i in range(8)], "drug": ["no", "yes"] * 4, "weight": np.arange(20.0, 28)}
    return pd.DataFrame(sheet | {"batch": ["b1"] * 4 + ["b2"] * 4})


COUNTS_CHANGED = {
    "negative_counts": {"s1": lambda d: d["s1"].where(d.index != 2, -4)},
    "fractions": {"s1": lambda d: d["s1"] / 7},
    "missing_count": {"s1": lambda d: d["s1"].where(d.index != 2)},
    "text_count": {"s1": lambda d: ["low" if i == 2 else n for i, n in enumerate(d["s1"])]},
    "one_more": {"s8": 1},
    "same_gene": {"gene": lambda d: d["gene"].replace("g3", "g2")},
    "no_reads": {"s1": 0},
    "few_reads": {f"s{i}": lambda d: (d.index == 0) * 1 for i in range(8)},
}
SHEET_CHANGED = {
    "other_names": {"sample": lambda d: "mouse" + d["sample"]},
    "one_other": {"sample": lambda d: d["sample"].replace("s7", "s77")},
    "same_sample": {"sample": lambda d: d["sample"].replace("s7", "s6")},
    "one_drug": {"drug": "none"},
    "gap": {"weight": lambda d: d["weight"].where(d.index != 1)},
    "confounded": {"batch": lambda d: d["drug"]},
    "cages": {"cage": ["c1", "c1", "c2", "c2", "c3", "c3", "c4", "c4"], "batch2": ["x"] * 4 + ["y"] * 4},
}


def sound_table():
    """Eight animals, two genes, with and without a drug, twice."""
    rng = np.random.default_rng(5)
    animal = np.repeat(np.arange(8), 8)
    return pd.DataFrame(
        {
            "animal": [f"m{i}" for i in animal],
            "drug": np.tile(["no", "yes"], 32),
            "gene": np.tile(["A", "A", "B", "B"], 16),
            "urea": rng.normal(200, 40, 64).round(1),
            "y": (5 + rng.normal(size=8)[animal] + rng.normal(size=64)).round(3),
        }
    )


CHANGED = {
    "text_in_outcome": {"y": lambda d: ["n.d." if i == 2 else y for i, y in enumerate(d["y"])]},
    "text_in_predictor": {"urea": lambda d: ["n.d." if i == 2 else u for i, u in enumerate(d["urea"])]},
    "constant": {"y": 7.0},
    "negative": {"y": lambda d: d["y"] - 10},
    "one_level": {"drug": "no"},
    "one_row_each": {"animal": lambda d: [f"m{i}" for i in range(len(d))]},
    "one_group": {"animal": "m0"},
    "same": {"twice": lambda d: 2 * d["urea"]},
    "empty_column": {"urea": np.nan},
    "infinite": {"urea": lambda d: d["urea"].where(d.index != 3, np.inf)},
    "no_cell": {"gene": lambda d: np.where((d["drug"] == "no") | (d.index < 8), "A", "B")},
    "constant_urea": {"urea": 3.5},
    "one_stratum": {"animal": "m0"},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files to choose from, and a report that is there already."""
    tmp_path = tmp_path_factory.mktemp("files")
    (tmp_path / "reports" / "old").mkdir(parents=True)
    table = sound_table()
    table.to_csv(tmp_path / "sound.csv", index=False)
    for name, change in CHANGED.items():
        table.assign(**change).to_csv(tmp_path / f"{name}.csv", index=False)
    for name, change in ({"counts": {}} | COUNTS_CHANGED).items():
        sound_counts().assign(**change).to_csv(tmp_path / f"{name}.csv", index=False)
    for name, change in ({"samples": {}} | SHEET_CHANGED).items():
        sound_samples().assign(**change).to_csv(tmp_path / f"{name}.csv", index=False)
    table.head(3).to_csv(tmp_path / "three.csv", index=False)
    table.head(0).to_csv(tmp_path / "header.csv", index=False)
    table.to_csv(tmp_path / "blanks.csv", sep=" ", index=False)
    wide = pd.DataFrame(np.random.default_rng(1).normal(size=(9, 40))).add_prefix("x")
    wide.assign(y=range(9)).to_csv(tmp_path / "wide.csv", index=False)
    (tmp_path / "empty.csv").touch()
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (tmp_path / "letter.docx").write_bytes(b"PK")
    (tmp_path / "thousands.csv").write_text("y;g\n1,234;a\n2,345;a\n1,111;b\n3,210;b\n")
    (tmp_path / "latin.csv").write_bytes("y,g\n1,µ\n".encode("latin-1"))
    (tmp_path / "ragged.csv").write_text("y,g\n1,a\n2,a,b\n")
    return tmp_path


@pytest.fixture
def folder(files, monkeypatch):
    """The folder in which the command runs."""
    monkeypatch.chdir(files)
    monkeypatch.setattr(run, "REPORTS", files / "reports")
    return files


MESSAGES = {}  # of the cases below, as they are run


CASES = {
    # What is no parameter
    "no template": ({"TEMPLATE": ""}, ["TEMPLATE is missing", "mixed_model"]),
    "unknown template": (SOUND | {"TEMPLATE": "mixed_modle"}, ["no template 'mixed_modle'", "Closest: mixed_model"]),
    "unknown parameter": (SOUND | {"FORMUAL": "x"}, ["no parameter FORMUAL", "Closest: FORMULA"]),
    "another template's parameter": (SOUND | {"STRATA": "gene"}, ["mixed_model has no parameter STRATA"]),
    "no file given": ({"TEMPLATE": "mixed_model", "FORMULA": FORMULA}, ["DATA is missing", ".csv"]),
    "no formula": ({"TEMPLATE": "mixed_model", "DATA": "sound.csv"}, ["FORMULA is missing"]),
    "no outcome": ({"TEMPLATE": "correlation", "DATA": "sound.csv"}, ["OUTCOME is missing"]),
    "unknown df": (SOUND | {"DDF": "kenward"}, ["DDF is one of", "found 'kenward'", "Closest: kenward-roger"]),
    "unknown adjustment": (SOUND | {"ADJUST": "fdr"}, ["ADJUST is one of", "found 'fdr'"]),
    "unknown scale": (SOUND | {"TRANSFORM": "expp"}, ["TRANSFORM is one of", "Closest: exp"]),
    "level in per cent": (SOUND | {"CONF_LEVEL": "95"}, ["between 0 and 1", "95"]),
    "level in words": (SOUND | {"CONF_LEVEL": "high"}, ["CONF_LEVEL is a number", "'high'"]),
    "one bound": (SOUND | {"EQUIVALENCE": "0.9"}, ["EQUIVALENCE is two numbers", "'0.9'"]),
    "bounds the wrong way": (SOUND | {"EQUIVALENCE": "1, -1"}, ["lower bound first"]),
    "folder in a name": (SOUND | {"NAME": "../mine"}, ["NAME is the name of a folder", "'../mine'"]),
    "report is there": (SOUND | {"NAME": "old"}, ["already", "OVERWRITE=yes"]),
    "unknown answer": (SOUND | {"OVERWRITE": "maybe"}, ["OVERWRITE is one of no, yes"]),
    # What is no table
    "no file": (SOUND | {"DATA": "sond.csv"}, ["no file 'sond.csv'", "Closest: 'sound.csv'"]),
    "no folder": (SOUND | {"DATA": "nowhere/sound.csv"}, ["no folder", "nowhere"]),
    "a folder": (SOUND | {"DATA": "."}, ["is a folder"]),
    "empty file": (SOUND | {"DATA": "empty.csv"}, ["empty.csv is empty (0 bytes)"]),
    "header only": (SOUND | {"DATA": "header.csv"}, ["header but no rows"]),
    "a picture": (SOUND | {"DATA": "picture.csv"}, ["picture.csv", "not"]),
    "a letter": (SOUND | {"DATA": "letter.docx"}, ["suffix '.docx'", ".xlsx"]),
    "blanks between columns": (SOUND | {"DATA": "blanks.csv"}, ["separated by ' '"]),
    "wrong separator": (SOUND | {"SEP": "semicolon"}, ["with ';' between columns", "sep=','"]),
    "separator of two": (SOUND | {"SEP": "::"}, ["one character", "'::'"]),
    "another encoding": (SOUND | {"DATA": "latin.csv"}, ["line 2", "cp1252"]),
    "a row too long": (SOUND | {"DATA": "ragged.csv"}, ["line 3 has 3 fields, the header 2"]),
    "comma or thousands": (SOUND | {"DATA": "thousands.csv", "FORMULA": "y ~ 1 + (1 | g)"}, ["'1,234'", "DECIMAL="]),
    # What is no formula
    "no tilde": (SOUND | {"FORMULA": "y drug + (1 | animal)"}, ["no '~'", "^"]),
    "open bracket": (SOUND | {"FORMULA": "y ~ drug + (1 | animal"}, ["opens a bracket", "^"]),
    "unknown function": (
        SOUND | {"FORMULA": "y ~ open(drug) + (1 | animal)"},
        ["calls open()", "^", "Allowed are log"],
    ),
    "import": (SOUND | {"FORMULA": "y ~ __import__('os') + (1 | animal)"}, ["calls __import__()", "^"]),
    "method": (SOUND | {"FORMULA": "y ~ urea.abs() + (1 | animal)"}, ["calls urea.abs()", "^"]),
    "lambda": (SOUND | {"FORMULA": "y ~ I((lambda: 1)()) + (1 | animal)"}, ["has a '(' where none is allowed", "^"]),
    # What the table does not hold
    "missing column": (SOUND | {"FORMULA": "y ~ uera + (1 | animal)"}, ["no column 'uera'", "Closest: 'urea'"]),
    "missing outcome": (SOUND | {"FORMULA": "log(yy) ~ urea + (1 | animal)"}, ["no column 'yy'"]),
    "text in outcome": (SOUND | {"DATA": "text_in_outcome.csv"}, ["'y' must hold numbers", "line 4", "'n.d.'"]),
    "text in predictor": (SOUND | {"DATA": "text_in_predictor.csv"}, ["'urea' must hold numbers", "line 4"]),
    "constant outcome": (SOUND | {"DATA": "constant.csv"}, ["'y' is constant (7"]),
    "log of a negative": (
        SOUND | {"DATA": "negative.csv", "FORMULA": "log(y) ~ drug + (1 | animal)"},
        ["log(y)", "rows 2, 3", "above 0"],
    ),
    "one-level factor": (SOUND | {"DATA": "one_level.csv"}, ["'drug' has one level", "'no'"]),
    "group of one row": (SOUND | {"DATA": "one_row_each.csv"}, ["'animal' has one row", "Group by"]),
    "one group": (SOUND | {"DATA": "one_group.csv"}, ["'animal' has one level"]),
    "twice the same": (
        SOUND | {"DATA": "same.csv", "FORMULA": "y ~ urea + twice + (1 | animal)"},
        ["'twice' is a multiple of 'urea'"],
    ),
    "empty column": (SOUND | {"DATA": "empty_column.csv"}, ["every row misses a value", "'urea'"]),
    "infinite": (SOUND | {"DATA": "infinite.csv"}, ["'urea' is not finite", "row 5"]),
    "empty cell": (SOUND | {"DATA": "no_cell.csv"}, ["No row has drug = 'no' and gene = 'B'"]),
    "too few rows": (SOUND | {"DATA": "three.csv"}, ["3 rows", "5 coefficients"]),
    # What the formula does not hold
    "contrast elsewhere": (SOUND | {"CONTRAST": "drg"}, ["CONTRAST names 'drg'", "Closest: 'drug'"]),
    "by elsewhere": (SOUND | {"BY": "animal"}, ["BY names 'animal'", "not in the fixed part"]),
    "by a number": (SOUND | {"BY": "urea"}, ["BY names 'urea'", "C(urea)"]),
    "by twice": (SOUND | {"BY": "gene, gene"}, ["BY names a column twice"]),
    "by its own contrast": (SOUND | {"CONTRAST": "drug", "BY": "drug"}, ["CONTRAST and BY both name 'drug'"]),
    "reference unwritten": (SOUND | {"REFERENCE": "no"}, ["column=level", "'no'"]),
    "reference elsewhere": (SOUND | {"REFERENCE": "drig=no"}, ["REFERENCE names 'drig'", "Closest: 'drug'"]),
    "reference unknown": (SOUND | {"REFERENCE": "drug=yess"}, ["no level 'yess'", "Closest: 'yes'"]),
    "reference of a number": (SOUND | {"REFERENCE": "urea=3"}, ["'urea' holds numbers"]),
    "pairs of numbers": (SOUND | {"CONTRAST": "urea", "COMPARE": "pairwise"}, ["'urea' holds numbers"]),
    "tukey in sequence": (SOUND | {"ADJUST": "tukey", "COMPARE": "sequential"}, ["ADJUST=tukey", "COMPARE=pairwise"]),
    "ratios of log2": (
        SOUND | {"FORMULA": "log2(y) ~ drug + (1 | animal)", "TRANSFORM": "exp"},
        ["natural logarithms", "log2(y)"],
    ),
    # Correlations
    "unknown method": (PAIRS | {"METHOD": "kendal"}, ["METHOD is one of pearson, spearman"]),
    "column elsewhere": (PAIRS | {"COLUMNS": "urea, weigth"}, ["no column 'weigth'"]),
    "outcome elsewhere": (PAIRS | {"OUTCOME": "x"}, ["no column 'x'"]),
    "label as a column": (PAIRS | {"COLUMNS": "gene"}, ["'gene' must hold numbers"]),
    "outcome with itself": (PAIRS | {"COLUMNS": "y"}, ["COLUMNS names the outcome"]),
    "no strata": (PAIRS | {"STRATA": "anmal"}, ["no column 'anmal'", "Closest: 'animal'"]),
    "strata correlated": (PAIRS | {"COLUMNS": "urea", "STRATA": "urea"}, ["STRATA names 'urea'"]),
    "one stratum": (PAIRS | {"DATA": "one_stratum.csv", "STRATA": "animal"}, ["'animal' has one level"]),
    "strata of one row": (PAIRS | {"DATA": "one_row_each.csv", "STRATA": "animal"}, ["one row, so nothing can be"]),
    "three rows": (PAIRS | {"DATA": "three.csv"}, ["at least four rows; found 3"]),
    "constant column": (PAIRS | {"DATA": "constant_urea.csv", "COLUMNS": "urea"}, ["'urea' is constant"]),
    "no other number": (PAIRS | {"DATA": "constant_urea.csv"}, ["no numeric column beside 'y'"]),
    "forty columns": (PAIRS | {"DATA": "wide.csv"}, ["40 numeric columns", "COLUMNS"]),
    # Counts
    "no sheet": ({"TEMPLATE": "counts", "DATA": "counts.csv", "FORMULA": "~ drug"}, ["SAMPLES is missing"]),
    "sheet elsewhere": (COUNTS | {"SAMPLES": "sampels.csv"}, ["no file 'sampels.csv'", "Closest: 'samples.csv'"]),
    "negative counts": (COUNTS | {"DATA": "negative_counts.csv"}, ["1 negative values", "gene 'g2', sample 's1'"]),
    "fractions": (COUNTS | {"DATA": "fractions.csv"}, ["DATA holds fractions", "'g0' in 's1'", "ROUND=yes"]),
    "missing count": (COUNTS | {"DATA": "missing_count.csv"}, ["1 missing", "gene 'g2', sample 's1'"]),
    "text among counts": (COUNTS | {"DATA": "text_count.csv"}, ["'s1' must hold numbers", "line 4", "'low'"]),
    "a sample too many": (COUNTS | {"DATA": "one_more.csv"}, ["do not match: SAMPLES has no row for 's8'"]),
    "a gene twice": (COUNTS | {"DATA": "same_gene.csv"}, ["'gene' must not repeat", "'g2' is in lines 4, 5"]),
    "a library without reads": (COUNTS | {"DATA": "no_reads.csv"}, ["Sample 's1' has a count of 0 for every gene"]),
    "few reads": (COUNTS | {"DATA": "few_reads.csv"}, ["0 of 30 genes", "MIN_TOTAL"]),
    "other samples": (COUNTS | {"SAMPLES": "other_names.csv"}, ["do not match", "say SAMPLE="]),
    "one other sample": (COUNTS | {"SAMPLES": "one_other.csv"}, ["no row for 's7' (closest row: 's77')"]),
    "a sample twice": (COUNTS | {"SAMPLES": "same_sample.csv"}, ["'sample' must not repeat", "'s6' is in lines 8, 9"]),
    "one-level sheet": (COUNTS | {"SAMPLES": "one_drug.csv"}, ["'drug' has one level", "'none'"]),
    "gap in the sheet": (COUNTS | {"SAMPLES": "gap.csv"}, ["column 'weight' is empty for the sample 's1'", "DROP=s1"]),
    "batch is the drug": (
        COUNTS | {"SAMPLES": "confounded.csv", "FORMULA": "~ drug + batch"},
        ["not independent", "batch[T.yes]"],
    ),
    "column of the sheet": (COUNTS | {"FORMULA": "~ drg"}, ["no column 'drg'", "Closest: 'drug'"]),
    "counts with an outcome": (COUNTS | {"FORMULA": "y ~ drug"}, ["^"]),
    "counts by nothing": (COUNTS | {"FORMULA": "~ 1"}, ["has no predictor"]),
    "random term": (COUNTS | {"FORMULA": "~ drug + (1 | batch)"}, ["has the random term (1 | batch)", "BLOCK=batch"]),
    "no samples left": (COUNTS | {"FORMULA": "~ C(weight)"}, ["level of its own"]),
    "contrast of counts": (COUNTS | {"CONTRAST": "batch"}, ["CONTRAST names 'batch'", "not in the formula"]),
    "a level that is not there": (
        COUNTS | {"CONTRASTS": "yess - no"},
        ["'drug' has no level 'yess'", "Closest: 'yes'", "written 'treated - control'"],
    ),
    "weights that do not cancel": (COUNTS | {"CONTRASTS": "twice: 2*yes - no"}, ["add up to 1", "'twice: 2*yes - no'"]),
    "levels of a number": (COUNTS | {"CONTRAST": "weight", "CONTRASTS": "21 - 20"}, ["'weight' holds numbers"]),
    "pairs of a number": (COUNTS | {"CONTRAST": "weight", "COMPARE": "pairwise"}, ["COMPARE compares levels"]),
    "two ways to compare": (COUNTS | {"COMPARE": "pairwise", "CONTRASTS": "yes - no"}, ["give one of them"]),
    "by without an interaction": (
        COUNTS | {"FORMULA": "~ drug + batch", "BY": "batch"},
        ["BY names 'batch'", "no interaction with 'drug'", "drug * batch"],
    ),
    "counts by a number": (
        COUNTS | {"FORMULA": "~ drug * weight", "BY": "weight"},
        ["BY names 'weight', which holds numbers"],
    ),
    "by too little": (
        COUNTS | {"FORMULA": "~ weight * drug + weight * batch", "BY": "drug"},
        ["'weight' differs between levels of 'batch', too", "name all in BY"],
    ),
    "a function in an interaction": (
        COUNTS | {"FORMULA": "~ log(weight) * drug", "CONTRAST": "weight"},
        ["in a function and in an interaction", "a column of the sample sheet"],
    ),
    "no such block": (COUNTS | {"BLOCK": "bach"}, ["BLOCK names 'bach'", "Closest: 'batch'"]),
    "block in the formula": (COUNTS | {"BLOCK": "drug"}, ["BLOCK=drug stands in FORMULA, too"]),
    "a block for each": (COUNTS | {"FORMULA": "~ drug", "BLOCK": "weight"}, ["another for every sample"]),
    "one block": (COUNTS | {"FORMULA": "~ weight", "BLOCK": "drug", "SAMPLES": "one_drug.csv"}, ["the same for every"]),
    "mixed without a block": (COUNTS | {"METHOD": "mixed"}, ["METHOD=mixed needs BLOCK="]),
    "block for a method that cannot": (
        COUNTS | {"FORMULA": "~ drug * batch2", "BLOCK": "cage", "METHOD": "deseq2", "SAMPLES": "cages.csv"},
        ["'drug'", "'batch2'", "METHOD=deseq2 cannot"],
    ),
    "fold change below 1": (COUNTS | {"FOLD_CHANGE": "0.5"}, ["FOLD_CHANGE is 1 or more", "'0.5'"]),
    "fold change in words": (COUNTS | {"FOLD_CHANGE": "double"}, ["FOLD_CHANGE is 1 or more", "'double'"]),
    "fold change by deseq2": (COUNTS | {"FOLD_CHANGE": "2", "METHOD": "deseq2"}, ["not by deseq2"]),
    "too strict a filter": (COUNTS | {"MIN_COUNT": "100000"}, ["0 of 30 genes", "Lower MIN_COUNT and MIN_TOTAL"]),
    "filter in words": (COUNTS | {"MIN_COUNT": "few"}, ["MIN_COUNT is a whole number", "'few'"]),
    "unknown test": (COUNTS | {"METHOD": "edger"}, ["METHOD is one of quasi-likelihood"]),
    "rate in per cent": (COUNTS | {"FDR": "5"}, ["FDR lies between 0 and 1", "'5'"]),
    "reads in words": (COUNTS | {"MIN_TOTAL": "few"}, ["MIN_TOTAL is a whole number", "'few'"]),
    "gene column": (COUNTS | {"GENE": "symbol"}, ["no column 'symbol'"]),
    "seed in words": (PAIRS | {"SEED": "lucky"}, ["SEED is a whole number", "'lucky'"]),
}


@pytest.mark.parametrize("name", CASES)
def test_wrong_input_is_named_and_advice_given(folder, name):
    given, words = CASES[name]
    before = sorted(folder.rglob("*"))
    with pytest.raises((ValueError, KeyError, FileNotFoundError)) as caught:
        run.make_report(given, progress=False)
    message = str(caught.value)
    assert not [word for word in words if word not in message], message
    assert not isinstance(caught.value, np.linalg.LinAlgError)
    assert message not in MESSAGES.values()
    MESSAGES[name] = message
    assert sorted(folder.rglob("*")) == before


def test_there_are_cases_enough():
    assert len(CASES) >= 25


def test_choices_are_those_of_the_modules_they_belong_to():
    assert tuple(adjusting.METHODS) == options.ADJUSTMENTS
    assert options.FROM_P_VALUES == adjusting.FROM_P_VALUES
    assert options.SPELLINGS.items() <= adjusting.SPELLINGS.items()
    for name in options.ADJUSTMENTS:
        assert citations.adjustment(name)
    assert set(options.SCALES) | {None} == set(scales.SCALES)
    assert set(options.COUNT_METHODS) == {*METHODS, MIXED}
    assert options.DEGREES_OF_FREEDOM == inference.METHODS


@pytest.mark.parametrize(
    "given", [SOUND, PAIRS | {"STRATA": "animal"}, COUNTS | {"CONTRAST": "weight"}], ids=lambda given: given["TEMPLATE"]
)
def test_sound_input_passes_and_writes_nothing_yet(folder, given):
    template, parameters, path = run.asked(given)
    assert template == given["TEMPLATE"]
    assert prepared(template, **parameters).source.name == given["DATA"]
    assert parameters["data"] == str(folder / given["DATA"])
    assert path == folder / "reports" / f"{template}_{given['DATA'].removesuffix('.csv')}"
    assert not path.exists()


def test_names_are_taken_in_small_letters_too():
    assert settle("correlation", {"Data": "x.csv", "outcome": "y"}).outcome == "y"


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_first_cell_of_a_template_holds_its_parameters(template):
    variables = {}
    exec(parameter_cell(template), variables)
    names = {name for name in variables if not name.startswith("__")}
    assert names == {option.name.lower() for option in TEMPLATES[template]} | {"folder"}
    settled = vars(settle(template, {name: variables[name] for name in names - {"folder"}}))
    assert {name: value for name, value in settled.items() if str(variables[name])} == {
        name: type(settled[name])(variables[name]) for name in names - {"folder"} if str(variables[name])
    }


def test_the_help_names_every_parameter():
    text = usage()
    assert not [
        option.name for options in (COMMAND, *TEMPLATES.values()) for option in options if option.name not in text
    ]


def examples():
    """The commands that the README shows."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return [shlex.split(line)[2:] for line in lines if line.strip().startswith("make report TEMPLATE=")]


@pytest.mark.parametrize("arguments", examples(), ids=lambda arguments: arguments[0])
def test_the_commands_of_the_readme_work_as_they_stand(monkeypatch, tmp_path, arguments):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    template, parameters, folder = run.asked(given_by(arguments, {}))
    assert folder.name.startswith(template)
    assert parameters["data"].endswith(prepared(template, **parameters).source.name)


def test_the_readme_shows_a_command_for_every_template():
    assert {arguments[0].removeprefix("TEMPLATE=") for arguments in examples()} == set(TEMPLATES)
