"""From a file to a raw frame whose index counts lines as a person does, so that a complaint can name its line.

What pandas would repair in silence is an error here: rows longer or shorter than the header, repeated or blank column
names, a wrong separator. Whether columns hold what was asked for is judged in ``helpers.data``.
"""

import csv
import difflib
import gzip
import io
import re
import zlib
from collections import Counter
from decimal import Decimal
from numbers import Real

import numpy as np
import openpyxl
import pandas as pd

MISSING = ("", "NA", "NaN", "nan", "N/A", "null")
SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
EXCEL = (".xlsx", ".xlsm")
KNOWN = (*SEPARATORS, *(f"{suffix}.gz" for suffix in SEPARATORS), *EXCEL, ".parquet")

PLAIN_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*", re.ASCII)


def read_raw(path, *, numeric, text, sep, decimal, sheet, encoding):
    """Read any of the formats in `KNOWN`; the parameters are those of `helpers.data.read_table`.

    Returns
    -------
    pandas.DataFrame
        Index ``line`` (text files) or ``row`` (Excel, Parquet). `numeric` and `text` columns hold numbers and strings,
        and beside them, as it stands in the file, any cell that cannot be one. Listed columns may be absent.
    """
    path = _existing_file(path.expanduser())
    suffix = _suffix(path)
    if suffix in EXCEL:
        frame = _read_excel(path, sheet)
    elif suffix == ".parquet":
        frame = _read_parquet(path)
    else:
        sep = SEPARATORS[suffix.removesuffix(".gz")] if sep is None else sep
        frame = _read_text(path, numeric, text, sep, decimal, encoding)
    if frame.empty:
        raise ValueError(f"{path.name} has a header but no rows. Its columns: {listed(frame.columns)}.")
    for typed, names in ((_as_numbers, numeric), (_as_text, text)):
        for name in names:
            if name in frame:
                frame[name] = typed(frame[name])
    return frame.infer_objects()


def is_number(cell):
    """Whether a cell is a number; True and False are labels."""
    return isinstance(cell, Real | Decimal) and not isinstance(cell, bool | np.bool_)


def is_text(cell):
    """Whether a cell is a string."""
    return isinstance(cell, str)


def is_numeric(column):
    """Whether a column holds nothing but numbers and NaN, as NumPy keeps them."""
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"


def _as_numbers(column):
    """All cells as numbers, or the column as it is."""
    if is_numeric(column):
        return column
    cells = column.astype(object).where(column.notna(), np.nan)
    if not cells.dropna().map(is_number).all():
        return column
    numbers = cells.infer_objects()
    return numbers if is_numeric(numbers) else numbers.astype(float)


def _as_text(column):
    """All cells as strings, or the column with those that can be."""
    if column.dtype == "str":
        return column
    cells = column.astype(object).map(lambda cell: str(cell) if is_number(cell) else cell, na_action="ignore")
    return cells.astype(str) if cells.dropna().map(is_text).all() else cells


def listed(names):
    """Names in quotation marks, separated by commas: blanks at their ends show."""
    return ", ".join(repr(name) for name in names)


def closest(name, names):
    """Those of `names` spelled most like `name`, best first; capitals and outer blanks do not count."""
    spellings = {}
    for other in names:
        spellings.setdefault(other.strip().casefold(), []).append(other)
    near = difflib.get_close_matches(name.strip().casefold(), spellings)
    return [other for spelling in near for other in spellings[spelling]]


def _existing_file(path):
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Give the path of one file in it.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent}, so no file {path.name} in it. Check the path.")
    if not path.exists():
        near = closest(path.name, (other.name for other in path.parent.iterdir()))
        hint = f"Closest: {listed(near)}." if near else "Check the path."
        raise FileNotFoundError(f"There is no file {path.name!r} in the folder {path.parent.resolve()}. {hint}")
    if path.stat().st_size == 0:
        raise ValueError(f"{path.name} is empty (0 bytes). Export the table again.")
    return path


def _suffix(path):
    suffixes = [suffix.lower() for suffix in path.suffixes]
    suffix = "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])
    if suffix not in KNOWN:
        hint = " Open it in Excel and save it as .xlsx." if suffix == ".xls" else ""
        raise ValueError(f"{path.name}: the suffix {suffix!r} is not one of {', '.join(KNOWN)}.{hint}")
    return suffix


def _check_header(header, name):
    if blank := [str(place) for place, column in enumerate(header, start=1) if not column.strip()]:
        raise ValueError(
            f"{name}: the header gives no name to column {', '.join(blank)}. Name every column in the first line of "
            "the file (a column of row names from R or pandas is a usual cause, a title above the table another)."
        )
    if repeated := [f"{column!r} {n} times" for column, n in Counter(header).items() if n > 1]:
        raise ValueError(f"{name}: the header holds {', '.join(repeated)}. Give every column its own name.")


def _not_what_it_says(path, kind, error):
    return ValueError(
        f"{path.name} is not {kind}, whatever its suffix says, or it is damaged ({error}). Export it again, or give it "
        "the suffix of what it holds (.csv or .txt if an editor shows readable text)."
    )


def _read_excel(path, sheet):
    try:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    except Exception as error:  # a broken workbook raises any of half a dozen kinds
        raise _not_what_it_says(path, "an Excel workbook", error) from None
    sheets = {key: page for place, page in enumerate(book.worksheets) for key in (place, page.title)}
    if sheet not in sheets:
        raise ValueError(f"{path.name} has no sheet {sheet!r}. Its sheets: {listed(p.title for p in book.worksheets)}.")
    cells = pd.DataFrame(list(sheets[sheet].values), dtype=object)
    filled = cells.notna()
    if not filled.to_numpy().any():
        raise ValueError(f"{path.name}: the sheet {sheets[sheet].title!r} is empty. Name the one to read with sheet=.")
    # Cells that only have a colour or a border lie around many tables; they are no part of them.
    cells = cells.loc[: filled.any(axis="columns")[::-1].idxmax(), : filled.any()[::-1].idxmax()]
    header = ["" if name is None else str(name) for name in cells.iloc[0]]
    _check_header(header, path.name)
    body = cells.iloc[1:].set_axis(header, axis="columns")
    return body.mask(body.isin(MISSING), np.nan).set_axis(pd.RangeIndex(2, len(cells) + 1, name="row"))


def _read_parquet(path):
    try:
        frame = pd.read_parquet(
            io.BytesIO(path.read_bytes()),
            to_pandas_kwargs={"integer_object_nulls": True},  # else one missing id turns an id 7 into 7.0
        )
    except Exception as error:  # pyarrow, too, has many kinds
        raise _not_what_it_says(path, "a Parquet file", error) from None
    if not isinstance(frame.index, pd.RangeIndex) or frame.index.name:  # an index that means something is a column
        frame = frame.reset_index()
    frame.columns = [str(name) for name in frame.columns]
    _check_header(frame.columns, path.name)
    return frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"))


def _read_text(path, numeric, text, sep, decimal, encoding):
    if len(sep) != 1:
        raise ValueError(f"sep= must be one character; found {sep!r}.")
    if decimal not in (".", ","):
        raise ValueError(f"decimal= must be '.' or ','; found {decimal!r}.")
    content = _decoded(path, encoding)
    if not content.strip():
        raise ValueError(f"{path.name} is empty: it holds only white space. Export the table again.")
    content = content.rstrip("\r\n")  # blank lines below the table hold nothing
    header, lines = _structure(content, sep, path.name)
    frame = pd.read_csv(
        io.StringIO(content, newline=""),
        sep=sep,
        decimal=decimal,
        header=0,
        names=header,
        index_col=False,
        dtype=dict.fromkeys(text, str),
        keep_default_na=False,
        na_values=list(MISSING),
        skip_blank_lines=False,  # in a file of one column, pandas takes a cell of blanks for a blank line
        low_memory=False,  # one type per column, not one per block of lines
    )
    for name in numeric:
        if name in frame and frame[name].dtype == "str":  # some cell is no number; the others shall be
            frame[name] = frame[name].map(lambda cell: _parsed(cell, decimal), na_action="ignore")
    return frame.set_axis(pd.Index(lines, name="line"))


def _parsed(cell, decimal):
    plain = cell.translate(str.maketrans(decimal + ".", "." + decimal))
    return float(plain) if PLAIN_NUMBER.fullmatch(plain) else cell


def _decoded(path, encoding):
    raw = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise _not_what_it_says(path, "a gzip file", error) from None
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


def _structure(content, sep, name):
    """The header of a text, and the line on which each row starts; an error where a row does not fit the header."""
    records = _records(content, sep, name)
    _, header = next(records)
    header = header or [""]  # a blank first line
    if len(header) == 1:
        _check_separator(header[0], content, sep, name)
    _check_header(header, name)
    lines, widths, misfit = [], set(), None
    for line, fields in records:
        lines.append(line)
        widths.add(len(fields))
        if misfit is None and len(fields) != len(header):
            misfit = line, fields
    if misfit:
        line, fields = misfit
        raise ValueError(
            f"{name}: line {line} has {_counted(len(fields), 'field')}, the header {_counted(len(header), 'column')}. "
            + _why_misfit(fields, len(header), sep, every_row=len(widths) == 1)
        )
    return header, lines


def _records(content, sep, name):
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=sep, strict=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1  # a quoted field may run over several lines
    except csv.Error as error:
        raise ValueError(
            f"{name}: in the row that starts on line {line} a quotation mark is out of place ({error}). "
            "Close it, or double it inside a quoted field."
        ) from None


def _counted(n, noun):
    return f"{n} {noun}" + "s" * (n != 1)


def _check_separator(header, content, sep, name):
    for other in ";\t|,":
        if other != sep and other in header:
            commas = other != "," and any(map(DECIMAL_COMMA.fullmatch, re.split(rf"[{other}\r\n]", content)))
            call = f"read_table({name!r}, sep={other!r}" + (", decimal=',')" if commas else ")")
            raise ValueError(
                f"{name}: with {sep!r} between columns the header is a single name, {header!r}. "
                f"The columns look separated by {other!r}: {call}."
            )


def _why_misfit(fields, n_columns, sep, *, every_row):
    if not "".join(fields).strip():
        return "It holds nothing: delete it."
    if len(fields) < n_columns:
        return "Leave a field empty where its value is missing, but keep the separator."
    causes = ["a title above the header (delete it)"] if n_columns == 1 else []
    if sep == "," and re.search(r"(^|,)\s*[+-]?\d+,\d+\s*(,|$)", ",".join(fields)):
        causes.append(
            "numbers with decimal commas in a file with commas between columns (export it with semicolons, then pass "
            'sep=";", decimal=",")'
        )
    if every_row and len(fields) == n_columns + 1:
        causes.append("row names, for which R writes no column name (write the file with row.names = FALSE)")
    if causes:
        return f"Probable cause: {', or '.join(causes)}."
    return f"Put a field that holds {sep!r} itself in quotation marks."
