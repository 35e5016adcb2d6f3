"""Correlations asked of a reader's table, settled before anything is computed."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.correlation import correlate
from helpers.reading.findings import missing_columns
from helpers.report.options import NONE, names_in
from helpers.report.own_table import Source, read, stripped, with_missing_codes

MOST_COLUMNS = 30


@dataclass(frozen=True, eq=False)
class Study:
    """What is asked, and the rows that answer it.

    Attributes
    ----------
    settings : types.SimpleNamespace
    source : helpers.report.own_table.Source
    outcome : str
    columns : tuple of str
        Those correlated with it.
    strata, label : str or None
    adjust : str or None
    seed : int
    """

    settings: SimpleNamespace
    source: Source
    outcome: str
    columns: tuple
    strata: str | None
    label: str | None
    adjust: str | None
    seed: int

    def rows(self, column: str) -> pd.DataFrame:
        """The rows that miss neither this column, nor the outcome, nor the stratum."""
        return self.source.frame.dropna(subset=[column, self.outcome, *filter(None, [self.strata])])


def prepare(settings: SimpleNamespace) -> Study:
    """Read the table and settle what is asked of it.

    Parameters
    ----------
    settings : types.SimpleNamespace
        The parameters of the template ``correlation``, from `helpers.report.options.settle`.

    Returns
    -------
    Study

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        The table cannot be read, or does not hold what is asked for; the message says where and what to do.
    """
    source = read(settings, numeric=lambda columns: dict.fromkeys([settings.outcome, *_named(settings, columns)]))
    strata, label = settings.strata or None, settings.label or None
    named = _named(settings, source.frame.columns)
    if absent := [name for name in (strata, label) if name and name not in source.frame]:
        raise missing_columns(absent, source.frame.columns, source.name)
    if settings.outcome in named:
        raise ValueError(f"COLUMNS names the outcome, {settings.outcome!r}, itself. Leave it out.")
    if strata in (settings.outcome, *named):
        raise ValueError(
            f"STRATA names {strata!r}, which is one of the columns correlated. Name a column of groups instead."
        )
    columns = named or _numeric(source.frame, exclude=(settings.outcome, strata, label))
    if not columns:
        raise ValueError(f"{source.name} holds no numeric column beside {settings.outcome!r}: name some with COLUMNS.")
    if len(columns) > MOST_COLUMNS:
        raise ValueError(
            f"{source.name} holds {len(columns)} numeric columns beside {settings.outcome!r}; a report is readable up "
            f"to {MOST_COLUMNS}. Name those you ask about with COLUMNS. (A count matrix has a template of its own.)"
        )
    if strata:
        source = stripped(source, [strata])
    source = with_missing_codes(source, [settings.outcome, *columns], settings.missing)
    study = Study(
        settings=settings,
        source=source,
        outcome=settings.outcome,
        columns=tuple(columns),
        strata=strata,
        label=label,
        adjust=None if settings.adjust == NONE else settings.adjust,
        seed=_seed(settings.seed),
    )
    for column in study.columns:
        _refuse(study, column)
    return study


def _named(settings, columns):
    return names_in(settings.columns, list(columns), "COLUMNS")


def _numeric(frame, exclude):
    return [
        name
        for name in frame
        if name not in exclude
        and pd.api.types.is_numeric_dtype(frame[name])
        and not pd.api.types.is_bool_dtype(frame[name])
        and len(frame[name].dropna().unique()) > 1
    ]


def _refuse(study, column):
    """Refuse what no correlation can be computed from; `correlate` itself says most of it."""
    rows = study.rows(column)
    if study.strata:
        sizes = rows[study.strata].value_counts()
        if len(sizes) < 2:
            raise ValueError(
                f"STRATA: {study.strata!r} has one level, {sizes.index[0]!r}, so there is nothing to stratify by."
                if len(sizes)
                else f"STRATA: {study.strata!r} is empty in every row that holds {column!r}."
            )
        if sizes.max() == 1:
            raise ValueError(f"STRATA: every level of {study.strata!r} has one row, so nothing can be exchanged.")
        if len(rows) - len(sizes) - 1 < 2:
            raise ValueError(
                f"STRATA: {len(rows)} rows in {len(sizes)} levels of {study.strata!r} leave nothing to correlate "
                "within them. Use fewer strata."
            )
    correlate(rows, column, study.outcome, method=study.settings.method)


def _seed(text):
    try:
        return int(np.uint32(int(text)))
    except (ValueError, OverflowError):
        raise ValueError(f"SEED is a whole number from 0 on; found {text!r}.") from None
