"""From a text file to a raw frame; where the rows do not fit the header, what probably happened to the file."""

import contextlib
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from helpers.reading.cell_values import DECIMAL_COMMA, EXACT, MISSING, PLAIN_NUMBER, check_whole_numbers
from helpers.refusals.wording import check_gaps, check_header, counted, listed, not_what_it_says

TITLE = re.compile(r"\A# Program:featureCounts[^\r\n]*(\r\n|\r|\n)")  # the command, which featureCounts writes on top
LONGEST_FIELD = 2**31 - 1  # csv stops at 131,072 characters unless it is told otherwise


def read_text(path: Path, roles: Callable, sep: str, decimal: str, encoding: str) -> pd.DataFrame:
    """Rows as they stand, index ``line``; ids and labels are strings, in numeric columns a number is where it can be.

    `roles` is that of `helpers.reading.files.read_raw`.
    """
    content = _decoded(path, encoding)
    if not content.strip():
        raise ValueError(f"{path.name} is empty: it holds only white space. Export the table again.")
    content = content.rstrip("\r\n")  # blank lines below the table hold nothing
    title = TITLE.match(content)
    content, above = content[title.end() if title else 0 :], int(bool(title))
    with _fields_of_any_length():
        header, lines = _structure(content, sep, path.name, above)
    numeric, text, unique = roles(header)
    labels = [name for name in (*text, *unique) if name not in numeric]  # as numbers, 007 and 7 were one id

    def parsed(types):
        frame = pd.read_csv(
            io.StringIO(content, newline=""),
            sep=sep,
            decimal=decimal,
            header=0,
            names=header,
            index_col=False,
            nrows=len(lines),
            dtype=types,
            keep_default_na=False,
            na_values=list(MISSING),
            skip_blank_lines=False,  # in a file of one column, pandas takes a cell of blanks for a blank line
            low_memory=False,  # one type per column, not one per block of lines
        )
        return frame.set_axis(pd.Index(lines, name="line"))

    frame = parsed(dict.fromkeys(labels, str))
    for name in numeric:
        if name in frame and frame[name].dtype == "str":  # some cell is no number; the others shall be
            frame[name] = frame[name].map(lambda cell: _number(cell, decimal), na_action="ignore")
    large = [name for name in frame if frame[name].dtype == float and (frame[name].abs() >= EXACT).any()]
    written = parsed(str) if large else None
    for name in large:
        check_whole_numbers(written[name], frame[name], path.name)
    return frame


def _number(cell, decimal):
    plain = cell.translate(str.maketrans(decimal + ".", "." + decimal))
    return float(plain) if PLAIN_NUMBER.fullmatch(plain) else cell


def _decoded(path, encoding):
    raw = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise not_what_it_says(path, "a gzip file", error) from None
    binary = ValueError(
        f'{path.name} is not plain text in {encoding}. If Excel saved it as "Unicode text", pass encoding="utf-16"; if '
        "it is a workbook or a Parquet file, give it that suffix."
    )
    try:
        content = raw.decode(encoding)
    except LookupError:
        raise ValueError(f"There is no encoding {encoding!r}. Usual ones: 'utf-8', 'cp1252', 'latin-1'.") from None
    except UnicodeDecodeError as error:
        if b"\0" in raw:
            raise binary from None
        line = len((error.object[: error.start] + b".").splitlines())
        raise ValueError(
            f"{path.name} is not written in {encoding}: line {line} holds the byte 0x{error.object[error.start]:02x}. "
            'Try encoding="cp1252" (Windows) or encoding="latin-1", and see that letters such as µ come out right.'
        ) from None
    if "\0" in content:
        raise binary
    return content.removeprefix("\ufeff")


@contextlib.contextmanager
def _fields_of_any_length():
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)  # it is one for the whole process


def _structure(content, sep, name, above=0):
    """The header of a text, and the line on which each row starts; an error where a row does not fit the header."""
    records = _records(content, sep, name, above)
    _, header = next(records)
    header = header or [""]  # a blank first line
    if other := _separator_in_names(header, content, sep):
        raise _wrong_separator(header, content, sep, other, name)
    check_header(header, name)
    lines, empty, widths, ends, misfit = [], [], set(), set(), None
    for line, fields in records:
        if _is_empty(fields, len(header)):
            empty.append(line)
            continue
        lines.append(line)
        widths.add(len(fields))
        ends.add(fields[-1])
        if misfit is None and len(fields) != len(header):
            misfit = line, fields
    if misfit:
        line, fields = misfit
        if other := _fitting_separator(content, sep, ";\t|,"):
            raise _wrong_separator(header, content, sep, other, name)
        raise ValueError(
            f"{name}: line {line} has {counted(len(fields), 'field')}, the header {counted(len(header), 'column')}. "
            + _why_misfit(fields, len(header), sep, every_row=len(widths) == 1, open_ends=ends == {""})
        )
    check_gaps([str(line) for line in empty if lines and line < lines[-1]], "line", name)
    return header, lines


def _is_empty(fields, n_columns):
    """Whether a record holds nothing; in a table of one column, ``""`` is a missing value that was written down."""
    if len(fields) != n_columns:
        return not "".join(fields).strip()
    return n_columns > 1 and not any(fields)


def _records(content, sep, name, above):
    """Each record with the line on which it starts, counted with the lines `above` the header."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=sep, strict=True)
    line = 1 + above
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1 + above  # a quoted field may run over several lines
    except csv.Error as error:
        # A quoted name that another separator follows looks like a quotation mark out of place.
        header = content.splitlines()[0]
        if line == 1 + above and (other := _fitting_separator(content, sep, ";\t|," + " " * (sep not in header))):
            raise _wrong_separator([header], content, sep, other, name) from None
        raise ValueError(
            f"{name}: in the row that starts on line {line} a quotation mark is out of place ({error}). "
            "Close it, or double it inside a quoted field."
        ) from None


# Which separator it is instead.


def _separator_in_names(header, content, sep):
    """Another separator, where every name of the header holds it."""
    others = "".join(other for other in ";\t|," if other != sep and all(other in name for name in header))
    if len(header) > 1:
        return _fitting_separator(content, sep, others)
    # A blank is in many names of single columns: it counts only where numbers stand between blanks, too.
    row = content.splitlines()[1:2]
    blank = " " * any(_is_number(cell) for line in row for cell in line.split()) * (" " in header[0])
    in_rows = (other for other in others if content.count(other) > header[0].count(other))
    return _fitting_separator(content, sep, others + blank) or next(in_rows, "")


def _fitting_separator(content, sep, others):
    return next((other for other in others if other != sep and _fits(content, other)), "")


def _fits(content, sep, *, runs=True):
    """Whether with this separator every row fits a header of two columns or more, row names of R not counted."""
    # The option skips all blanks of a run but the first.
    skips = runs and sep == " "
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=sep, strict=True, skipinitialspace=skips)
    try:
        n_columns = len(next(rows))
        widths = {len(fields) for fields in rows if any(fields)}
    except csv.Error:
        return False
    return n_columns > 1 and (widths <= {n_columns} or widths == {n_columns + 1})


def _is_number(cell):
    return PLAIN_NUMBER.fullmatch(cell) or DECIMAL_COMMA.fullmatch(cell)


def _wrong_separator(header, content, sep, other, name):
    found = f"is a single name, {header[0]!r}" if len(header) == 1 else f"falls into {listed(header)}"
    commas = other != "," and any(map(DECIMAL_COMMA.fullmatch, re.split(rf"[{other}\r\n]", content)))
    call = f"read_table({name!r}, sep={other!r}" + (", decimal=',')" if commas else ")")
    advice = f"The columns look separated by {other!r}: {call}."
    if other == " ":
        if "  " in header[0] or not _fits(content, other, runs=False):
            advice = (
                "The columns look separated by runs of blanks, which sep= cannot say: write one tab in place of each, "
                "or export the table with commas."
            )
        advice += " (If it is a single column, put its name in quotation marks.)"
    return ValueError(f"{name}: with {sep!r} between columns the header {found}. {advice}")


def _why_misfit(fields, n_columns, sep, *, every_row, open_ends):
    if len(fields) < n_columns:
        return "Leave a field empty where its value is missing, but keep the separator."
    causes = ["a title above the header (delete it)"] if n_columns == 1 else []
    if sep == "," and re.search(r"(^|,)\s*[+-]?\d+,\d+\s*(,|$)", ",".join(fields)):
        causes.append(
            "numbers with decimal commas in a file with commas between columns (export it with semicolons, then pass "
            'sep=";", decimal=",")'
        )
    if every_row and len(fields) == n_columns + 1:
        causes = ["a separator at the end of each line (delete it)"] if open_ends else [*causes, ROW_NAMES]
    if causes:
        return f"Probable cause: {', or '.join(causes)}."
    return f"Put a field that holds {sep!r} itself in quotation marks."


ROW_NAMES = "row names, for which R writes no column name (write the file with row.names = FALSE)"
