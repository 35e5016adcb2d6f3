"""The columns of a table as a model takes them: numbers, factors, groups. What is none of these is refused."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import listed, some

HERE = str(Path(__file__).parent)


def quoted_label(label: object) -> str:
    """A label, in quotation marks if it is text."""
    return repr(label) if isinstance(label, str) else str(label)


def rows_where(index: pd.Index, mask: np.ndarray) -> str:
    """Rows by their labels."""
    labels = index[mask].tolist()
    return f"row{'s' if len(labels) > 1 else ''} {some(map(quoted_label, labels))}"


def used(data: pd.DataFrame, names: Iterable[str], table: str) -> pd.DataFrame:
    """The columns of that name; the table must be one, and have them. A column labelled 3 answers to ``3``, too."""
    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"{table} must be a pandas DataFrame; found {type(data).__name__}. Turn it into one first.")
    columns = [label if isinstance(label, str) or label in names else str(label) for label in data.columns]
    if absent := [name for name in names if name not in columns]:
        raise unknown_name(table, "column", absent, columns)
    if twice := [name for name in names if columns.count(name) > 1]:
        raise ValueError(f"{table} has more than one column {listed(twice)}. Give every column its own name.")
    if len(data) == 0:
        raise ValueError(f"{table} has no rows. Check what was read or filtered.")
    return data.iloc[:, [columns.index(name) for name in names]].set_axis(list(names), axis=1)


def complete(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The rows without missing values, and how many were dropped."""
    missing = {name: column.isna().to_numpy() for name, column in frame.items()}
    incomplete = functools.reduce(np.logical_or, missing.values(), np.zeros(len(frame), dtype=bool))
    dropped = int(incomplete.sum())
    if not dropped:
        return frame, 0
    counts = ", ".join(f"{mask.sum()} in {name!r}" for name, mask in missing.items() if mask.any())
    if dropped == len(frame):
        raise ValueError(
            f"Every row has a missing value: of {dropped} rows, {counts}. Use fewer columns, or fill in the values."
        )
    message = f"dropped {dropped} of {len(frame)} rows with missing values: {counts}"
    warnings.warn(message, UserWarning, skip_file_prefixes=(HERE,))
    return frame[~incomplete], dropped


def tidied(column: pd.Series) -> pd.Series:
    """Numbers as NumPy keeps them, labels as categories in use, True and False as bool; dates and such as they are.

    No value of the column is missing.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    if isinstance(dtype, np.dtype) and dtype.kind in "iufbc":
        return column
    if str(dtype).startswith("dictionary"):  # Arrow's categories
        return tidied(column.astype(object))
    kind = pd.api.types.infer_dtype(column) if dtype.kind == "O" and isinstance(dtype, np.dtype) else ""
    if kind.startswith("mixed") and kind != "mixed-integer-float":
        found = some(map(quoted_label, pd.unique(column)))
        raise ValueError(
            f"Column {column.name!r} mixes numbers and labels ({found}). Correct the cells, or write all of them as "
            "text if they are labels."
        )
    if kind == "boolean" or pd.api.types.is_bool_dtype(dtype):
        return column.astype(bool)
    if kind in ("integer", "floating", "decimal", "mixed-integer-float") or pd.api.types.is_numeric_dtype(dtype):
        return column.astype("int64" if kind == "integer" or pd.api.types.is_integer_dtype(dtype) else float)
    if kind == "string" or pd.api.types.is_string_dtype(dtype):
        return column.astype("category")
    return column


def numbers_or_factor(column: pd.Series) -> np.ndarray | pd.Categorical:
    """A tidied column as an array of floats or a pandas.Categorical; booleans are factors, as in R."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.array
    if column.dtype == bool:
        return pd.Categorical(column)
    if not (isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"):
        raise ValueError(
            f"Column {column.name!r} holds {column.dtype} values, which are neither numbers nor labels. Turn them into "
            "numbers (days since the start, say) or into text."
        )
    numbers = column.to_numpy(float)
    if not np.isfinite(numbers).all():
        bad = ~np.isfinite(numbers)
        raise ValueError(
            f"Column {column.name!r} is not finite in {rows_where(column.index, bad)} ({some(numbers[bad])}). Correct "
            "the values, or leave them empty if they are missing."
        )
    return numbers


def outcome(column: pd.Series, *, yes_or_no: bool = False) -> np.ndarray:
    """A tidied column as floats: a factor is no outcome; True and False are 1 and 0 where `yes_or_no`."""
    if column.dtype == bool and yes_or_no:
        return column.to_numpy(dtype=float)
    if column.dtype == bool:
        raise ValueError(f"The outcome {column.name!r} holds True and False. A linear mixed model needs numbers.")
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return numbers_or_factor(column)
    text = pd.to_numeric(column.astype(object), errors="coerce").isna().to_numpy()
    cells = column[text] if text.any() else column  # else every cell is a number written as text
    found = some(f"{quoted_label(label)} holds {quoted_label(cell)}" for label, cell in cells.items())
    raise ValueError(
        f"The outcome {column.name!r} holds text, not numbers: row {found}. Correct these cells where the table was "
        "made (a decimal comma, a unit or a word for a missing value is a usual cause). Category codes are no way out: "
        "they are ranks of labels, not measurements."
    )


def codes_of(column: pd.Series, levels: pd.Index) -> np.ndarray:
    """The number of each row's label among `levels`, -1 for one that is not there or is missing."""
    labels = column.array if isinstance(column.dtype, pd.CategoricalDtype) else pd.Categorical(column)
    return np.append(levels.get_indexer(labels.categories), -1)[labels.codes]


@dataclass(frozen=True, eq=False)
class Grouping:
    """How rows were sorted into groups, so that other rows find the same ones."""

    columns: tuple[str, ...]
    levels: tuple[pd.Index, ...]
    cells: np.ndarray  # the combinations that occur, as numbers

    @classmethod
    def of(cls, columns: Sequence[str], data: pd.DataFrame) -> tuple[Grouping, np.ndarray]:
        """The groups that tidied columns make, and the number of each row's."""
        factors = [
            column.array if isinstance(column.dtype, pd.CategoricalDtype) else pd.Categorical(column)
            for column in (data[name] for name in columns)
        ]
        sizes = [len(factor.categories) for factor in factors]
        cells, codes = np.unique(np.ravel_multi_index([f.codes for f in factors], sizes), return_inverse=True)
        return cls(tuple(columns), tuple(factor.categories for factor in factors), cells), codes

    @property
    def sizes(self) -> list[int]:
        """The number of levels of each column."""
        return [len(levels) for levels in self.levels]

    def codes(self, newdata: pd.DataFrame) -> np.ndarray:
        """The group of each row; -1 for a group that the fit has not seen."""
        frame = used(newdata, self.columns, "newdata")
        each = [codes_of(frame[name], levels) for name, levels in zip(self.columns, self.levels, strict=True)]
        cells = np.ravel_multi_index([np.maximum(codes, 0) for codes in each], self.sizes)
        places = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        known = (np.minimum.reduce(each) >= 0) & (self.cells[places] == cells)
        return np.where(known, places, -1)

    def labels(self) -> pd.Index:
        """What the groups are called: ``a1:b1`` for two columns."""
        if len(self.columns) == 1:
            return self.levels[0]
        each = zip(self.levels, np.unravel_index(self.cells, self.sizes), strict=True)
        parts = [levels.astype(str).to_numpy()[codes] for levels, codes in each]
        return pd.Index([":".join(labels) for labels in zip(*parts, strict=True)])

    def empty(self) -> Iterator[str]:
        """The combinations of levels that no row has, as ``a = 'a1' and b = 'b2'``."""
        for cell in np.setdiff1d(np.arange(np.prod(self.sizes)), self.cells):
            each = zip(self.columns, self.levels, np.unravel_index(cell, self.sizes), strict=True)
            yield " and ".join(f"{name} = {quoted_label(levels[code])}" for name, levels, code in each)
