"""A mixed or linear model asked of a reader's table, settled before the fit: what cannot be asked is refused here."""

import re
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.contrasts.scales import as_scale
from helpers.contrasts.table import Request
from helpers.design import CodedFormula, Design, build_design, columns_used
from helpers.design.formula import parse_formula
from helpers.design.text_numbers import bare_columns
from helpers.design.translation import quoted, translate
from helpers.reading.findings import missing_columns
from helpers.refusals.wording import closest, listed
from helpers.report.dates import days_since_first
from helpers.report.formula_limits import check_formula
from helpers.report.levels import with_levels
from helpers.report.options import AUTO, NONE, names_in
from helpers.report.own_table import (
    Source,
    read,
    refuse_blocks,
    refuse_numbers_among_text,
    stripped,
    with_missing_codes,
)

LOG = re.compile(r"(np\.)?log\(.*\)")
OTHER_LOG = re.compile(r"(np\.)?log(2|10|1p)\(.*\)")


@dataclass(frozen=True, eq=False)
class Study:
    """What is asked, and the rows that answer it.

    Attributes
    ----------
    settings : types.SimpleNamespace
        The parameters, see `helpers.report.options`.
    source : helpers.report.own_table.Source
        The whole table as read.
    used : tuple of str
        Columns of the formula.
    rows : pandas.DataFrame
        All columns, of the rows that miss no value in `used`; labels as categories, the reference first.
    design : helpers.design.Design
    levels : dict
        Predictor -> its levels, or None for a number.
    contrast : str or None
        The predictor asked about.
    by : tuple of str
    compare : str or None
        How levels of `contrast` are compared.
    transform, adjust : str or None
    equivalence : tuple or None
    """

    settings: SimpleNamespace
    source: Source
    used: tuple
    rows: pd.DataFrame
    design: Design
    levels: dict
    contrast: str | None
    by: tuple
    compare: str | None
    transform: str | None
    adjust: str | None
    equivalence: tuple | None

    @property
    def formula(self) -> str:
        """The formula as it was given."""
        return self.settings.formula

    @property
    def groups(self) -> list[str]:
        """Names of the grouping factors, each once."""
        return list(dict.fromkeys(term.group for term in self.design.random))

    @property
    def predictors(self) -> list[str]:
        """Columns of the fixed part."""
        return list(self.levels)

    @property
    def factors(self) -> list[str]:
        """Predictors that have levels."""
        return [name for name, levels in self.levels.items() if levels is not None]


def prepare(settings: SimpleNamespace) -> Study:
    """Read the table and settle what is asked of it.

    Parameters
    ----------
    settings : types.SimpleNamespace
        The parameters of the template ``mixed_model``, from `helpers.report.options.settle`.

    Returns
    -------
    Study

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        The table cannot be read, or cannot carry the model; the message says where and what to do.
    """
    check_formula(settings.formula)
    parsed = parse_formula(settings.formula, grouped=False)
    used, outcome = columns_used(parsed), tuple(translate(parsed.response).columns.values())
    source = read(settings, numeric=outcome)
    if absent := [name for name in used if name not in source.frame]:
        raise missing_columns(absent, source.frame.columns, source.name)
    source = stripped(source, [name for name in used if name not in outcome])
    refuse_blocks(source, [name for name in used if name not in outcome])
    fixed = tuple(translate(parsed.fixed).columns.values())
    refuse_numbers_among_text(source, fixed, settings)
    source = with_missing_codes(source, [*outcome, *fixed], settings.missing)
    source = days_since_first(source, [name for name in fixed if name in bare_columns((parsed.fixed,))])
    rows = source.frame.dropna(subset=list(used))
    if not len(rows):
        raise ValueError(
            f"{source.name}: every row misses a value in one of the columns {listed(used)}. Use fewer columns."
        )
    rows = with_levels(rows, settings.order, settings.reference, used)
    design = build_design(settings.formula, rows, grouped=False)
    if np.ptp(design.y) == 0:
        raise ValueError(
            f"The outcome {design.response!r} is constant ({design.y[0]:g} in every row): nothing to explain."
        )
    levels = predictor_levels(design)
    contrast, by = _contrast(settings.contrast, levels), _by(settings.by, levels)
    if contrast in by:
        raise ValueError(f"CONTRAST and BY both name {contrast!r}: it either changes or stays.")
    compare = _compare(settings, contrast, levels)
    study = Study(
        settings=settings,
        source=source,
        used=used,
        rows=rows,
        design=design,
        levels=levels,
        contrast=contrast,
        by=by,
        compare=compare,
        transform=_transform(settings.transform, design.response),
        adjust=None if settings.adjust == NONE else settings.adjust,
        equivalence=_equivalence(settings.equivalence),
    )
    Request(transform=study.transform, equivalence=study.equivalence).checked()
    return study


def predictor_levels(design: CodedFormula) -> dict[str, list | None]:
    """Column of the fixed part -> its levels, or None where it enters as a number."""
    return {name: design.levels_of(name) for name in design.predictors}


def _in_formula(name, levels, option):
    if name not in levels:
        near = closest(name, levels)
        hint = f" Closest: {near[0]!r}." if near else ""
        raise ValueError(
            f"{option} names {name!r}, which is not in the fixed part of the formula.{hint} There are {listed(levels)}."
        )


def _contrast(text, levels):
    if not text:
        return next(iter(levels), None)
    _in_formula(name := text.strip("`"), levels, "CONTRAST")
    return name


def _by(text, levels):
    names = names_in(text, list(levels), "BY")
    for name in names:
        _in_formula(name, levels, "BY")
        if levels[name] is None:
            raise ValueError(
                f"BY names {name!r}, which holds numbers and has no levels. Write C({quoted(name)}) in the formula to "
                "make it a factor, or leave BY out."
            )
    return tuple(names)


def _compare(settings, contrast, levels):
    needed = {"tukey": "pairwise", "dunnett": "reference"}.get(settings.adjust)
    if contrast is None or levels[contrast] is None:
        asked = settings.compare if settings.compare != AUTO else f"ADJUST={settings.adjust}" if needed else None
        if asked:
            what = f"{contrast!r} holds numbers" if contrast else "the formula has no predictor"
            raise ValueError(f"{asked} compares levels of a factor, but {what}. Leave it out.")
        return None
    if settings.compare == AUTO:
        return needed or "reference"
    if needed and settings.compare != needed:
        raise ValueError(f"ADJUST={settings.adjust} belongs to COMPARE={needed}; found COMPARE={settings.compare}.")
    return settings.compare


def _transform(text, response):
    if text == AUTO:
        return "exp" if LOG.fullmatch(response) else None
    if text != NONE and OTHER_LOG.fullmatch(response):
        raise ValueError(
            f"TRANSFORM={text} needs an outcome in natural logarithms, but the formula has {response}. Write log(…) "
            "there, or leave TRANSFORM out."
        )
    return None if text == NONE else text


def _equivalence(text):
    if not text:
        return None
    pieces = [piece for piece in re.split(r"\s*[,;]\s*|\s+", text.strip("()[] ")) if piece]
    try:
        low, high = map(float, pieces)
    except ValueError:
        raise ValueError(f"EQUIVALENCE is two numbers such as 0.9, 1.1; found {text!r}.") from None
    return low, high


def scale_words(study: Study) -> tuple[str, str, float]:
    """What an estimate of the study is called on its scale: ratio, difference, change in per cent.

    Returns
    -------
    tuple of str and str and float
        The noun of a comparison, the noun of a mean, and where "no effect" stands.
    """
    response = study.design.response
    inner = response[response.index("(") + 1 : -1] if LOG.fullmatch(response) else response
    names = {
        None: (f"difference of {response}", f"mean {response}", 0.0),
        "exp": ("ratio", f"geometric mean of {inner}", 1.0),
        "percent": ("change in per cent", "per cent", 0.0),
        "log2": ("log2 ratio", f"log2 of {inner}", 0.0),
    }
    return names[study.transform]


def sign_between(study: Study) -> str:
    """What stands between two levels that are compared: '-' or '/'."""
    return as_scale(study.transform).sign
