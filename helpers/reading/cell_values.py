"""What a cell is: a number, a text, a missing value; and columns made of one kind of them."""

import re
from collections.abc import Hashable
from decimal import Decimal
from numbers import Integral, Real

import numpy as np

from helpers.refusals.wording import first

MISSING = ("", "NA", "NaN", "nan", "N/A", "null")
EXACT = 2**53  # the whole numbers up to here survive as floating-point numbers

PLAIN_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*", re.ASCII)
WHOLE_NUMBER = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)


def is_number(cell):
    """Whether a cell is a number; True and False are labels."""
    return isinstance(cell, Real | Decimal) and not isinstance(cell, bool | np.bool_)


def is_text(cell):
    """Whether a cell is a string."""
    return isinstance(cell, str)


def is_numeric(column):
    """Whether a column holds nothing but numbers and NaN, as NumPy keeps them."""
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"


def as_numbers(column):
    """All cells as numbers, or the column as it is."""
    if is_numeric(column):
        return column
    cells = column.astype(object).where(column.notna(), np.nan)
    if not cells.dropna().map(is_number).all():
        return column
    numbers = cells.infer_objects()
    return numbers if is_numeric(numbers) else numbers.astype(float)


def as_text(column):
    """All cells as strings, or the column with those that can be."""
    if column.dtype == "str":
        return column
    cells = column.astype(object).map(lambda cell: str(cell) if is_number(cell) else cell, na_action="ignore")
    return cells.astype(str) if cells.dropna().map(is_text).all() else cells


def check_single_values(column, name):
    """Refuse a column of lists or records, which Parquet can hold."""
    nested = column[[not isinstance(cell, Hashable) for cell in column]] if column.dtype == object else column[:0]
    if len(nested):
        raise ValueError(
            f"{name}: column {column.name!r} must hold one value per cell; {column.index.name} {nested.index[0]} holds "
            f"the {type(nested.iloc[0]).__name__} {nested.iloc[0]}. Make a column of each value where the file was "
            "made, or list other columns."
        )


def check_whole_numbers(written, read, name):
    """Refuse a column in which a whole number changed when it was read as a floating-point number."""
    if not is_numeric(read) or read.dtype.kind != "f":
        return
    large = read[np.isfinite(read) & (read.abs() >= EXACT)]
    changed = [
        f"{read.index.name} {line} holds {str(cell).strip()}, read as {float(number):.0f}"
        for (line, number), cell in zip(large.items(), written.loc[large.index], strict=True)
        if _whole(cell) not in (None, number)
    ]
    if changed:
        raise ValueError(
            f"{name}: whole numbers in column {read.name!r} are too long to stay exact beside a missing value or a "
            f"decimal; {first(changed)}. If they are ids, list the column in text= (and not in numeric=)."
        )


def _whole(cell):
    """The whole number that was written, in a type that compares with a float exactly; None for anything else."""
    if is_text(cell) and WHOLE_NUMBER.fullmatch(cell):
        return Decimal(cell.strip())  # not int(), which refuses thousands of digits
    if isinstance(cell, Decimal):
        return cell if cell == cell.to_integral_value() else None
    return int(cell) if isinstance(cell, Integral) else None
