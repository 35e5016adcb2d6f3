"""What is known of each row beside the formula: its weight and its offset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.design.columns import rows_where, tidied, used
from helpers.refusals.wording import some

RANGE = 1e10  # how much larger the largest weight may be than the smallest: beyond, the arithmetic loses digits

type Given = str | pd.Series | np.ndarray | Sequence[float]


@dataclass(frozen=True, eq=False)
class Known:
    """One known number per row of the fit.

    Attributes
    ----------
    column : str or None
        The column they stand in; None if the numbers themselves were given.
    numbers : (n,)
    """

    column: str | None
    numbers: np.ndarray

    @property
    def written(self) -> str:
        """The column's name."""
        return self.column or "numbers given"

    def of(self, newdata: pd.DataFrame, what: str) -> np.ndarray:
        """The numbers of other rows.

        Raises
        ------
        ValueError
            They stand in no column, or are missing.
        UnknownNameError
            The column is not in `newdata`.
        """
        if self.column is None:
            raise ValueError(
                f"The {what} was given as numbers, not as a column: other rows have none. Put it into a column of the "
                f'table, and fit with {what}="its name".'
            )
        return _numbers(what, used(newdata, [self.column], "newdata")[self.column])

    def equals(self, other: Known | None) -> bool:
        """Whether the numbers are the same."""
        return other is not None and np.array_equal(self.numbers, other.numbers)


def known_weights(given: Given, data: pd.DataFrame, kept: np.ndarray | slice) -> Known:
    """Weights as lme4 takes them: the residual variance of a row is σ²/weight.

    Parameters
    ----------
    given : str, or (n,) numbers
        A column of `data`, or one number per row of it.
    data : pandas.DataFrame
    kept : (n,) bool or slice
        Rows that are used.

    Returns
    -------
    Known

    Raises
    ------
    ValueError
        A weight is missing, zero, negative or infinite, or weights are so different that digits would be lost.
    UnknownNameError
        There is no such column.
    """
    column, series = _series("weights", given, data)
    series = series[kept]
    values = _numbers("weights", series)
    if (values <= 0).any():
        raise ValueError(
            f"weights: found {some(np.unique(values[values <= 0]))} in {rows_where(series.index, values <= 0)}. The "
            "residual variance of a row is σ²/weight, so a weight is above 0. Leave rows out that are not to count."
        )
    if values.max() > RANGE * values.min():
        raise ValueError(
            f"weights: they run from {values.min():.3g} to {values.max():.3g}. Next to the largest, rows with the "
            "smallest say nothing: leave them out, or correct the weights."
        )
    return Known(column, values)


def known_offset(given: Given, data: pd.DataFrame, kept: np.ndarray | slice) -> Known:
    """An offset: a known part of each row's mean. Parameters and errors as of `known_weights`; any finite number."""
    column, series = _series("offset", given, data)
    return Known(column, _numbers("offset", series[kept]))


def _series(what, given, data):
    if isinstance(given, str):
        return given, used(data, [given], "data")[given]
    if isinstance(given, pd.Series) and not given.index.equals(data.index):
        raise ValueError(
            f"{what}: the rows of the Series are labelled otherwise than those of the table. Put it into a column of "
            f'the table, and give {what}="its name".'
        )
    values = np.asarray(given)
    if values.shape != (len(data),):
        raise ValueError(
            f"{what} is the name of a column, or one number per row of the table, {len(data)}; found "
            f"{f'{values.size} numbers' if values.ndim == 1 else type(given).__name__}."
        )
    return None, pd.Series(values, index=data.index, name=what)


def _numbers(what, series):
    """A column as finite floats."""
    missing = series.isna().to_numpy()
    if missing.any():
        raise ValueError(
            f"{what}: missing in {rows_where(series.index, missing)}. Give a number there, or leave the rows out."
        )
    column = tidied(series)
    if not (isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"):
        raise ValueError(f"{what}: the values are no numbers ({some(map(repr, pd.unique(series)))}). Give numbers.")
    values = column.to_numpy(float)
    if not np.isfinite(values).all():
        bad = ~np.isfinite(values)
        raise ValueError(
            f"{what}: not finite in {rows_where(series.index, bad)} ({some(values[bad])}). Correct the values."
        )
    return values
