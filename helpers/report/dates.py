"""Dates as predictors: days since the first, which a slope can be asked of."""

import datetime
import re
from collections.abc import Sequence

import pandas as pd

from helpers.design.translation import quoted
from helpers.report.own_table import Source

ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T]00:00(?::00)?)?")
GERMAN = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}")


def days_since_first(source: Source, columns: Sequence[str]) -> Source:
    """The same table with dates in these columns as days since the first, with a note for each.

    Parameters
    ----------
    source : helpers.report.own_table.Source
    columns : sequence of str
        Predictors that stand in the formula as they are.

    Returns
    -------
    Source

    Raises
    ------
    ValueError
        Dates such as 5/1/2024, of which nothing tells whether the day or the month comes first.
    """
    frame, notes = source.frame, list(source.notes)
    for name in columns:
        dates = _dates(frame[name].dropna(), source.name)
        if dates is None:
            continue
        frame = frame.assign(**{name: (dates - dates.min()).dt.total_seconds().div(86_400).reindex(frame.index)})
        notes.append(
            f"{name!r} holds dates. They were turned into days since the first, {dates.min():%Y-%m-%d}. For a factor "
            f"with a level per date, write C({quoted(name)}) in the formula."
        )
    return Source(source.name, frame, tuple(notes))


def _dates(column, name):
    """The column as dates, or None where it holds something else."""
    if not len(column):
        return None
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    if column.map(lambda cell: isinstance(cell, datetime.date)).all():
        return pd.to_datetime(column)
    if not column.map(lambda cell: isinstance(cell, str)).all():
        return None
    for pattern, form in ((ISO, None), (GERMAN, "%d.%m.%Y")):
        if column.map(pattern.fullmatch).notna().all():
            return pd.to_datetime(column.str.slice(0, 10) if form is None else column, format=form or "%Y-%m-%d")
    parts = column.map(SLASHES.fullmatch)
    if parts.isna().any():
        return None
    first, second = (parts.map(lambda found, k=k: int(found[k])) for k in (1, 2))
    if (first > 12).any() == (second > 12).any():
        raise ValueError(
            f"{name}: column {column.name!r} holds dates such as {column.iloc[0]}, and nothing tells whether the "
            "day or the month comes first. Write them as 2024-01-31."
        )
    return pd.to_datetime(column, format="%d/%m/%Y" if (first > 12).any() else "%m/%d/%Y")
