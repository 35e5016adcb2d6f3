"""What a page sent, as a table that was read and a question asked of it."""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

from helpers.reading.cell_values import is_numeric
from helpers.report import mixed_model
from helpers.report.form.model_asked import DEFAULTS, TEMPLATE, Asked, comparable, parameters, recurring
from helpers.report.form.table_columns import IGNORE, MEANINGS, TREATMENT, Column, described
from helpers.report.levels import NATURAL
from helpers.report.mixed_model.mixed_study import Study
from helpers.report.options import settle
from helpers.report.own_table import Source, read, stripped

READING = ("SEP", "DECIMAL", "SHEET", "ENCODING", "MISSING")
CONTROL = re.compile(
    r"(?<![a-z])(control|ctrl|ctl|no|none|not|un\w*ed|vehicle|placebo|sham|mock|saline|wt|wild|baseline|normal|healthy)"
    r"(?![a-z])|^(-|–|−|con)$",
    re.IGNORECASE,
)
OTHERS = (*READING, "QUESTION", "COMPARE")


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it was read, with what its columns probably are.

    Attributes
    ----------
    path : pathlib.Path
    source : helpers.report.own_table.Source
    columns : list of helpers.report.form.table_columns.Column
    """

    path: Path
    source: Source
    columns: list[Column]


def read_table_of(path: Path, sent: Mapping[str, str]) -> Table:
    """Read an uploaded file as the report will.

    Parameters
    ----------
    path : pathlib.Path
    sent : mapping of str
        What the page sent, with the parameters of `READING`.

    Returns
    -------
    Table

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        As `helpers.report.own_table.read`.
    """
    reading = tuple(sent.get(name, "").strip() or DEFAULTS[name] for name in READING)
    return _read(path, path.stat().st_mtime_ns if path.exists() else 0, reading)


@lru_cache(maxsize=4)  # every answer asks for it again
def _read(path, _, reading):
    settings = SimpleNamespace(data=str(path), **dict(zip(map(str.lower, READING), reading, strict=True)))
    source = read(settings)
    labels = [name for name in source.frame if not is_numeric(source.frame[name])]
    source = stripped(source, labels)
    return Table(path, source, described(source, settings))


def asked_of(table: Table, data: str, sent: Mapping[str, str]) -> Asked:
    """What the page's answers ask of a table; what they leave open, or what no longer fits, is chosen anew.

    Parameters
    ----------
    table : Table
    data : str
        Path of the table, as the command names it.
    sent : mapping of str
        ``role-0``, ``role-1``, … for the columns in order; ``log``, ``contrast``, ``by``, ``reference``, ``within-0``,
        …; and the parameters of `OTHERS`.

    Returns
    -------
    helpers.report.form.model_asked.Asked
    """
    frame = table.source.frame
    roles = {column.name: _role(sent.get(f"role-{i}"), column) for i, column in enumerate(table.columns)}
    asked = Asked(data, roles)
    contrast = _one_of(sent.get("contrast"), comparable(asked), first=True)
    by = _one_of(sent.get("by"), shown_over(asked, contrast))
    levels = levels_of(table, contrast)
    reference = _one_of(sent.get("reference"), levels) or likely_control(levels)
    found = recurring(asked, frame)
    chosen = {name: _one_of(sent.get(f"within-{list(roles).index(name)}"), found[name]) for name in found}
    return Asked(
        data,
        roles,
        log=sent.get("log") == "yes",
        contrast=contrast,
        by=by,
        reference=reference,
        within={name: outer for name, outer in chosen.items() if outer},
        others={name: sent.get(name, "").strip() for name in OTHERS},
    )


def shown_over(asked: Asked, contrast: str) -> list[str]:
    """Columns that have levels, in each of which an effect can be shown."""
    return [name for name in asked.of_role(TREATMENT) if name != contrast]


def levels_of(table: Table, column: str) -> list[str]:
    """The levels that may be the first: none of a column of numbers, and none where REFERENCE could not name them."""
    if not column or is_numeric(table.source.frame[column]):
        return []
    levels = sorted(map(str, table.source.frame[column].dropna().unique()), key=NATURAL)
    return [] if "=" in column or any(";" in text for text in (column, *levels)) else levels


def likely_control(levels: Sequence[str]) -> str:
    """The level that the others are probably compared with: one whose name says so, else the first."""
    return next(filter(CONTROL.search, levels), levels[0] if levels else "")


def studied(table: Table, asked: Asked) -> Study:
    """The study that the report would be of, before anything is fitted.

    Parameters
    ----------
    table : Table
    asked : helpers.report.form.model_asked.Asked

    Returns
    -------
    helpers.report.mixed_model.mixed_study.Study

    Raises
    ------
    ValueError, UnknownNameError
        What the report would refuse, in its words.
    """
    given = parameters(asked, table.source.frame) | {"DATA": str(table.path)}
    del given["TEMPLATE"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the report's own sentences tell
        return mixed_model.prepare(settle(TEMPLATE, given))


def _role(sent, column):
    return sent if sent in MEANINGS else column.role or IGNORE


def _one_of(sent, names, *, first=False):
    """What was sent, if it is one of the names; else the first, or nothing."""
    return sent if sent in names else names[0] if first and names else ""
