"""How residuals differ and hang together: a variance for each level of a factor, an autocorrelation within series."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.design.columns import Grouping, numbers_or_factor, quoted_label, rows_where
from helpers.refusals.wording import listed, some

SPELLING = 'correlation="ar1(day | animal)"'
WRITTEN = re.compile(r"\s*ar1\s*\(\s*(?P<time>[^|]+?)\s*\|\s*(?P<groups>[^|]+?)\s*\)\s*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class VarianceGroups:
    """A residual variance for each level of a factor: nlme's ``varIdent``.

    Attributes
    ----------
    column : str
    levels : pandas.Index
        The first is the reference.
    codes : (n,)
        The level of each row.
    """

    column: str
    levels: pd.Index
    codes: np.ndarray

    @classmethod
    def of(cls, column: str, frame: pd.DataFrame) -> VarianceGroups:
        """The levels of a column.

        Parameters
        ----------
        column : str
        frame : pandas.DataFrame
            Tidied, the rows of the fit.

        Raises
        ------
        ValueError
            There is one level, or a level has one row.
        """
        grouping, codes = Grouping.of([column], frame)
        levels, counts = grouping.labels(), np.bincount(codes)
        if len(levels) == 1:
            raise ValueError(
                f"variance_by: {column!r} has one level, {quoted_label(levels[0])}, and so one variance. Leave "
                "variance_by out, or name a column with several levels."
            )
        if counts.min() == 1:
            single = [quoted_label(level) for level in levels[counts == 1]]
            raise ValueError(
                f"variance_by: one row only has {column!r} = {some(single)}: no variance can be estimated from it. "
                "Join levels, or leave these rows out."
            )
        return cls(column, levels, codes)

    @property
    def written(self) -> str:
        """As one writes it."""
        return self.column

    def equals(self, other: VarianceGroups | None) -> bool:
        """Whether rows are grouped alike."""
        return other is not None and np.array_equal(self.codes, other.codes)


@dataclass(frozen=True, eq=False)
class Series:
    """Series of rows in time: nlme's ``corAR1``, a correlation of φ to the power of the distance in time.

    Attributes
    ----------
    time : str
    groups : tuple of str
    codes : (n,)
        The series of each row.
    times : (n,)
        Whole numbers, each once in a series.
    """

    time: str
    groups: tuple[str, ...]
    codes: np.ndarray
    times: np.ndarray

    @property
    def written(self) -> str:
        """As one writes it."""
        return f"ar1({self.time} | {':'.join(self.groups)})"

    @classmethod
    def of(cls, time: str, groups: tuple[str, ...], frame: pd.DataFrame) -> Series:
        """The series that columns make.

        Parameters
        ----------
        time, groups
            From `parse_correlation`.
        frame : pandas.DataFrame
            Tidied, the rows of the fit.

        Raises
        ------
        ValueError
            Times are no whole numbers, or repeat within a series; no series has two rows; or the times differ by even
            numbers only.
        """
        times = numbers_or_factor(frame[time])
        if isinstance(times, pd.Categorical):
            raise ValueError(
                f"correlation: the times in {time!r} are labels ({some(map(repr, times.categories))}). Give whole "
                "numbers: the day, or 1, 2, 3 for the turn within a series."
            )
        if (broken := times != np.round(times)).any():
            raise ValueError(
                f"correlation: ar1 takes whole numbers as times; found {some(times[broken])} in {time!r}, "
                f"{rows_where(frame.index, broken)}. Number the turns 1, 2, 3, or round to units in which they are "
                "whole. (R's corCAR1, for any times, is not offered.)"
            )
        _, codes = Grouping.of(list(groups), frame)
        order = np.lexsort((times, codes))
        gaps, same = np.diff(times[order]), np.diff(codes[order]) == 0
        if (twice := same & (gaps == 0)).any():
            raise ValueError(
                f"correlation: two rows of one {':'.join(groups)!r} have the same {time!r} "
                f"({rows_where(frame.index[order[:-1]], twice)} and the next in time). Name what tells series apart, "
                "as in ar1(day | animal:side)."
            )
        if not same.any():
            raise ValueError(
                f"correlation: every level of {':'.join(groups)!r} has one row, so no two rows follow each other."
            )
        if not (gaps[same] % 2).any():
            raise ValueError(
                f"correlation: within a series the times in {time!r} are even numbers apart "
                f"({some(np.unique(gaps[same]).astype(int))}), and so the sign of the autocorrelation cannot be told. "
                "Number the turns 1, 2, 3, or divide the times by two."
            )
        return cls(time, groups, codes, times)

    def equals(self, other: Series | None) -> bool:
        """Whether the series and times are the same."""
        return other is not None and np.array_equal(self.codes, other.codes) and np.array_equal(self.times, other.times)


def parse_correlation(text: str) -> tuple[str, tuple[str, ...]]:
    """The column of time and those of the series in ``"ar1(day | animal)"``.

    Raises
    ------
    ValueError
        It is written otherwise.
    """
    found = WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(
            f"correlation is written as in {SPELLING}: the column of the times, and that of the series; found {text!r}."
        )
    names = [name.strip() for name in found["groups"].split(":")]
    return found["time"].strip("`"), tuple(name.strip("`") for name in names)


def refuse_series_across(series: Series, random: tuple) -> None:
    """Refuse series that run through several levels of a grouping factor of the random part."""
    _, first = np.unique(series.codes, return_index=True)
    for term in random:
        if (term.codes != term.codes[first][series.codes]).any():
            raise ValueError(
                f"correlation: a series of {listed(series.groups)} runs through several levels of {term.group!r}, a "
                f"grouping factor of the formula. Each series must lie within one level: take the random term of "
                f"{term.group!r} out, or name shorter series."
            )
