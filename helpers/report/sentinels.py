"""Numbers that stand for "missing": -999 and its like, told by how far they lie from all others."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.refusals.wording import first
from helpers.report.phrases import number

CODE = re.compile(r"-9{2,6}|9{3,6}")
APART = 3.0  # ranges of the other values


def refuse_codes(frame: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    """Refuse a column that holds a code for "missing" as if it were a measurement.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its index counts the rows of the file.
    columns : sequence of str
        Columns of numbers that are used.
    name : str
        Of the file.

    Raises
    ------
    ValueError
        Which column, which code, in which rows, and what to say.
    """
    for column in columns:
        values = frame[column].dropna()
        for code in sorted(values.unique()):
            if CODE.fullmatch(f"{code:g}") and _apart(values, code):
                rows = first(list(values.index[values == code]))
                raise ValueError(
                    f"{name}: column {column!r} holds {code:g} in {frame.index.name} {rows}, far from all other values "
                    f"({number(values[values != code].min())} to {number(values[values != code].max())}). If it means "
                    f"that the value is missing, say MISSING={code:g}; if it was measured, say MISSING=none."
                )


def _apart(values, code):
    """Whether a code lies beyond the others by several times their own range."""
    others = values[values != code]
    if len(others) < 2:
        return False
    low, high = others.min(), others.max()
    gap = code - high if code > high else low - code
    return bool(gap > APART * max(high - low, np.finfo(float).tiny) or (code < 0 <= low))


def without_codes(frame: pd.DataFrame, columns: Sequence[str], codes: Sequence[float]) -> tuple[pd.DataFrame, dict]:
    """The table with these codes as missing values in these columns.

    Parameters
    ----------
    frame : pandas.DataFrame
    columns : sequence of str
    codes : sequence of float

    Returns
    -------
    tuple of pandas.DataFrame and dict
        The table; column -> how many cells were codes, of the columns with any.
    """
    coded = frame[list(columns)].isin(list(codes))
    counts = coded.sum()
    return frame.assign(**frame[list(columns)].mask(coded)), counts[counts > 0].to_dict()
