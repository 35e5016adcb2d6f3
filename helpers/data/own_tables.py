"""A reader's own table, held against what it is said to hold."""

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from helpers.reading.cell_values import is_number, is_numeric, is_text
from helpers.reading.files import read_raw
from helpers.reading.findings import missing_columns, validated
from helpers.refusals.wording import listed


def read_table(
    path: str | Path,
    *,
    numeric: str | Sequence[str] | Callable = (),
    text: str | Sequence[str] | Callable = (),
    unique: str | Sequence[str] | Callable = (),
    schema: pa.DataFrameSchema | None = None,
    sep: str | None = None,
    decimal: str = ".",
    sheet: int | str = 0,
    encoding: str = "utf-8-sig",
) -> pd.DataFrame:
    """Read a CSV, TSV, Excel or Parquet file, and make sure that it holds what you think it holds.

    Parameters
    ----------
    path : str or pathlib.Path
        The file. Its suffix tells the format: ``.csv`` (commas), ``.tsv``, ``.tab`` and ``.txt`` (tabs), each also with
        ``.gz``; ``.xlsx`` and ``.xlsm``; ``.parquet``.
    numeric : str, sequence of str or callable
        Columns that must hold numbers, one at the least. A missing number is NaN; its row stays. Where names stand in
        the file alone: a function from the list of all columns to those meant; so too in `text` and `unique`.
    text : str, sequence of str or callable
        Columns that must exist and are read as strings: an id written 007 stays "007".
    unique : str, sequence of str or callable
        Columns of ids: in each, no value may repeat, be missing, or differ from another only by blanks at its ends.
        Those of a text file are read as strings, so that 007 is not 7, unless they are in `numeric` too.
    schema : pandera.pandas.DataFrameSchema, optional
        Anything more the table must satisfy, such as ranges or levels. What it coerces is coerced in the result.
    sep : str, optional
        The one character between the columns of a text file, where it is not what the suffix promises.
    decimal : {".", ","}
        The decimal mark of a text file.
    sheet : int or str
        Sheet of an Excel workbook: its name, or its place counted from 0.
    encoding : str
        Encoding of a text file. The default is UTF-8, with or without a byte-order mark.

    Returns
    -------
    pandas.DataFrame
        The rows of the file in their order. Columns listed nowhere are as pandas reads them.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    UnknownNameError
        A column is not there. It is a ``KeyError``.
    ValueError
        Anything else: text among numbers, repeated or missing ids, rows longer or shorter than the header or empty, a
        wrong separator or encoding, unnamed or repeated columns, merged cells, formulas that Excel has not computed
        yet, whole numbers that would change, an empty table, a file that is not what its suffix says.
    TypeError
        An argument is not what it must be.

    Notes
    -----
    In text files and in Excel, only an empty cell and ``NA``, ``NaN``, ``nan``, ``N/A``, ``null`` are missing values;
    ``None`` is a label. Parquet marks its missing values itself. Messages count as a person does: the header is line
    (in Excel, row) 1; in Parquet, which has no header line, row 1 is the first row of data.
    """
    _check_options(schema, sep, decimal, sheet, encoding)
    path, wanted = Path(path), {"numeric": numeric, "text": text, "unique": unique}
    named = {option: _names(option, names) for option, names in wanted.items() if not callable(names)}
    _refuse_both(**named)

    def roles(columns):
        found = named | {option: _names(option, of(columns)) for option, of in wanted.items() if callable(of)}
        _refuse_both(**found)
        return tuple(found[option] for option in wanted)

    frame = read_raw(path, roles, sep=sep, decimal=decimal, sheet=sheet, encoding=encoding)
    numeric, text, unique = roles(list(frame.columns))
    if absent := [name for name in (*numeric, *text, *unique) if name not in frame]:
        raise missing_columns(absent, frame.columns, path.name)
    table = validated(frame, _promised(numeric, text, unique), path.name)
    return table if schema is None else validated(frame, schema, path.name)


def _names(option, names):
    if isinstance(names, bytes) or not isinstance(names, Iterable):
        raise TypeError(f"{option}= must be the name of a column or a list of names; found {names!r}.")
    return (names,) if isinstance(names, str) else tuple(map(str, names))


def _refuse_both(numeric=(), text=(), unique=()):
    if both := [name for name in numeric if name in text]:
        raise ValueError(f"{listed(both)} is in numeric= and in text=: a column holds numbers or labels, not both.")


def _check_options(schema, sep, decimal, sheet, encoding):
    """Refuse what no file could be read with, before some library does so in words of its own."""
    if not (schema is None or isinstance(schema, pa.DataFrameSchema)):
        raise TypeError(f"schema= must be a pandera.pandas.DataFrameSchema; found {schema!r}.")
    if not isinstance(sheet, str | Integral) or isinstance(sheet, bool):
        raise TypeError(f"sheet= must be the name of a sheet or its place counted from 0; found {sheet!r}.")
    if not isinstance(encoding, str):
        raise TypeError(f'encoding= must be the name of an encoding, such as "utf-8" or "cp1252"; found {encoding!r}.')
    if decimal not in (".", ","):
        raise ValueError(f"decimal= must be '.' or ','; found {decimal!r}.")
    if not isinstance(sep, str | None):
        raise TypeError(f'sep= must be one character, such as ";" or "\\t"; found {sep!r}.')
    if sep is not None and (len(sep) != 1 or not sep.isascii() or sep in '\r\n\0"'):
        raise ValueError(
            f"sep= must be one character, in ASCII, other than a quotation mark and a line end; found {sep!r}. If runs "
            "of blanks stand between columns, write one tab for each run, or export the table with commas."
        )


NUMBERS = pa.Check(lambda column: is_numeric(column) or column.map(is_number).astype(bool), error="numbers")
FINITE = pa.Check(lambda column: np.isfinite(column) if is_numeric(column) else True, error="finite numbers")
SOME_NUMBER = pa.Check(lambda column: bool(column.notna().any()), error="a number", ignore_na=False)
TEXT = pa.Check(lambda column: column.dtype == "str" or column.map(is_text).astype(bool), error="text")


def _apart(column):
    """Whether each id is spelled like no other but for blanks at its ends."""
    ids = column.astype(object)
    bare = ids.map(lambda cell: cell.strip() if is_text(cell) else cell, na_action="ignore")
    return ids.groupby(bare).transform("nunique").fillna(1) == 1


APART = pa.Check(_apart, error="ids apart")


def _promised(numeric, text, unique):
    """The schema of what `read_table` was asked for."""
    checks = {name: [] for name in (*numeric, *text, *unique)}
    for names, promise in ((numeric, [NUMBERS, SOME_NUMBER, FINITE]), (text, [TEXT]), (unique, [APART])):
        for name in names:
            checks[name] += promise
    return pa.DataFrameSchema(
        {
            name: pa.Column(checks=promise, unique=name in unique, nullable=name not in unique)
            for name, promise in checks.items()
        }
    )
