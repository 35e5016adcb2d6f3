"""A reader's file as a table: separator and decimal mark found where they can be, labels without blanks at their ends.

`helpers.data.read_table` reads and refuses; here is what a person with a European Excel would otherwise have to say.
"""

import csv
import gzip
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from helpers.data import read_table
from helpers.reading.cell_values import DECIMAL_COMMA, PLAIN_NUMBER, is_numeric, is_text
from helpers.reading.files import SEPARATORS
from helpers.reading.text_files import TITLE
from helpers.refusals.wording import first
from helpers.report.options import AUTO, NONE
from helpers.report.phrases import counted, joined
from helpers.report.sentinels import refuse_codes, without_codes

SPELLED = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
LOOKED_AT = 1_000_000  # characters from which separator and decimal mark are told
THOUSANDS_OR_NOT = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*", re.ASCII)
POINT = re.compile(r"\s*[+-]?\d*\.\d+([eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True, eq=False)
class Source:
    """A file as it was read.

    Attributes
    ----------
    name : str
        Of the file, without its folders.
    frame : pandas.DataFrame
        Its index counts rows as the file does: where line 1 is the header, the first row of data is line 2.
    notes : tuple of str
        Sentences on how it was read.
    """

    name: str
    frame: pd.DataFrame
    notes: tuple


def read(
    settings: SimpleNamespace,
    *,
    numeric: str | Sequence[str] | Callable = (),
    text: str | Sequence[str] | Callable = (),
    unique: str | Sequence[str] | Callable = (),
) -> Source:
    """Read the file that DATA names.

    Parameters
    ----------
    settings : types.SimpleNamespace
        With ``data, sep, decimal, sheet, encoding`` of `helpers.report.options`.
    numeric, text, unique : sequence of str or callable
        As `helpers.data.read_table` takes them.

    Returns
    -------
    Source

    Raises
    ------
    FileNotFoundError, ValueError, UnknownNameError
        As `helpers.data.read_table`; a decimal mark that cannot be told; a separator of several characters.
    """
    path = Path(settings.data).expanduser()
    sep, decimal = SPELLED.get(settings.sep, settings.sep), settings.decimal
    rows = _first_rows(path, settings.encoding)
    expected = SEPARATORS.get(_text_suffix(path))
    if sep == AUTO:
        sep = _separator(rows, expected) if rows else expected
    if decimal == AUTO:
        decimal = _decimal_mark(rows, sep) if rows and sep != "," else "."
    frame = read_table(
        path,
        numeric=_of_bare_names(numeric),
        text=_of_bare_names(text),
        unique=_of_bare_names(unique),
        sep=sep,
        decimal=decimal,
        sheet=settings.sheet or 0,
        encoding=settings.encoding,
    )
    notes = []
    if expected and (sep, decimal) != (expected, "."):
        between = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}.get(sep, repr(sep))
        mark = {",": "a comma", ".": "a point"}[decimal]
        notes.append(f"The file was read with {between} between columns and {mark} as the decimal mark.")
    bare = _bare(frame.columns)
    if renamed := [name for name in frame if bare[name] != name]:
        told = joined(map(repr, renamed))
        notes.append(f"Blanks at the ends of the column name{'s' * (len(renamed) > 1)} {told} were removed.")
        frame = frame.rename(columns=bare)
    top = 1 if path.suffix.lower() == ".parquet" else 2
    unit = "row" if expected is None else "line"
    frame.index = pd.RangeIndex(top, top + len(frame), name=unit)
    return Source(path.name, frame, tuple(notes))


def _bare(columns):
    """Each column -> its name without blanks at the ends, unless two would become one."""
    bare = {name: name.strip() if is_text(name) else name for name in columns}
    return bare if len(set(bare.values())) == len(bare) else {name: name for name in columns}


def _of_bare_names(names):
    """What `read_table` takes, from names (or a function of names) without blanks at their ends."""

    def of(columns):
        as_written = {bare: name for name, bare in _bare(columns).items()}
        wanted = names(list(as_written)) if callable(names) else [names] if is_text(names) else names
        return [as_written.get(name, name) for name in wanted]

    return of


def refuse_blocks(source: Source, columns: Sequence[str]) -> None:
    """Refuse labels that stand in the first row of each block only, as people write them for the eye.

    Parameters
    ----------
    source : Source
    columns : sequence of str
        Those of the formula but the outcome.

    Raises
    ------
    ValueError
        Which column, and where its labels stand.
    """
    for name in columns:
        column = source.frame[name]
        there = column.notna()
        alone = there & ~there.shift(-1, fill_value=True)  # a label with an empty cell below
        if len(column) > 3 and there.iloc[0] and there.sum() > 1 and alone.sum() == there.sum() and there.mean() <= 0.5:
            raise ValueError(
                f"{source.name}: column {name!r} holds a label in the first row of each block only "
                f"({source.frame.index.name} {first(source.frame.index[there])}). Write it into every row. In Excel: "
                "select the column, Go To Special, Blanks, type = and the cell above, then Ctrl+Enter."
            )


def stripped(source: Source, columns: Sequence[str]) -> Source:
    """The same table with no blanks at the ends of the labels in these columns, which would make levels of their own.

    Parameters
    ----------
    source : Source
    columns : sequence of str

    Returns
    -------
    Source
        With a note for each column that changed; a label of nothing but blanks is a missing value.
    """
    frame, notes = source.frame.copy(), list(source.notes)
    for name in columns:
        if not frame[name].map(is_text).any():
            continue
        bare = frame[name].map(lambda cell: cell.strip() or None if is_text(cell) else cell, na_action="ignore")
        changed = int((bare.fillna("") != frame[name].fillna("")).sum())
        if changed:
            cells = counted(changed, "cell has", "cells have")
            notes.append(f"In {name!r}, {cells} blanks at the ends of the label; these blanks were removed.")
        frame[name] = bare
    return Source(source.name, frame, tuple(notes))


def refuse_numbers_among_text(source: Source, columns: Sequence[str], settings: SimpleNamespace) -> None:
    """Refuse a column of numbers in which some cell is text: it would pass for a factor with a level per number.

    Raises
    ------
    ValueError
        As `helpers.data.read_table` says it: with the line, and what to do.
    """
    for name in columns:
        labels = source.frame[name].dropna()
        if not len(labels) or not labels.map(is_text).all():
            continue
        values = pd.Series(labels.unique())
        numbers = values.map(lambda cell: bool(PLAIN_NUMBER.fullmatch(cell) or DECIMAL_COMMA.fullmatch(cell)))
        if numbers.mean() > 0.5:
            read(settings, numeric=[name])


def with_missing_codes(source: Source, columns: Sequence[str], codes: str) -> Source:
    """The same table with codes such as -999 as missing values, where the reader says so.

    Parameters
    ----------
    source : Source
    columns : sequence of str
        Those that are used; only columns of numbers are looked at.
    codes : str
        Of MISSING: numbers separated by commas; "none" if whatever looks like a code was measured.

    Returns
    -------
    Source
        With a note that counts them.

    Raises
    ------
    ValueError
        MISSING is written otherwise, or names a number that is not there; a column holds what looks like a code.
    """
    numbers = [name for name in dict.fromkeys(columns) if is_numeric(source.frame[name])]
    if codes.casefold() == NONE:
        return source
    try:
        wanted = [float(piece) for piece in codes.split(",") if piece.strip()]
    except ValueError:
        raise ValueError(f"MISSING is a number such as -999, several with ',' between; found {codes!r}.") from None
    frame, counts = without_codes(source.frame, numbers, wanted)
    if wanted and not counts:
        raise ValueError(f"MISSING={codes} is in none of the columns of numbers that are used. Leave it out.")
    refuse_codes(frame, numbers, source.name)
    notes = [
        f"In {name!r}, {counted(n, 'cell')} with {codes} {'was' if n == 1 else 'were'} taken as missing."
        for name, n in counts.items()
    ]
    return Source(source.name, frame, (*source.notes, *notes))


def _text_suffix(path):
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])


def _first_rows(path, encoding):
    """The first lines of a text file; none where there is nothing to look at (`read_table` then says why)."""
    if _text_suffix(path) not in SEPARATORS or not path.is_file():
        return []
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rt", encoding=encoding, newline="") as file:
            content = file.read(LOOKED_AT)
    except (OSError, EOFError, LookupError, UnicodeError):
        return []
    lines = TITLE.sub("", content, count=1).splitlines()
    return lines[:-1] if len(content) == LOOKED_AT else lines


def _cells(rows, sep):
    try:
        return list(csv.reader(io.StringIO("\n".join(rows), newline=""), delimiter=sep, strict=True))
    except (csv.Error, TypeError, ValueError):  # a row that does not fit, or no separator at all
        return []


def _separator(rows, expected):
    """The separator with which every row has as many fields, and more than one; else the one that the suffix means."""
    for sep in dict.fromkeys([expected, ";", "\t", ",", "|"]):
        widths = {len(fields) for fields in _cells(rows, sep) if fields}
        if len(widths) == 1 and widths != {1}:
            return sep
    return expected


def _decimal_mark(rows, sep):
    cells = [cell for fields in _cells(rows, sep)[1:] for cell in fields]
    commas = [cell for cell in cells if DECIMAL_COMMA.fullmatch(cell)]
    if not commas or any(map(POINT.fullmatch, cells)):
        return "."
    if all(map(THOUSANDS_OR_NOT.fullmatch, commas)):
        raise ValueError(
            f"Numbers such as {commas[0].strip()!r} may have a decimal comma or grouped thousands. Say DECIMAL=, if "
            "the comma is the decimal mark; otherwise remove the grouping from the file."
        )
    return ","
