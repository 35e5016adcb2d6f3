"""From a file to a raw frame whose index counts lines as a person does, so that a complaint can name its line.

What pandas would repair in silence is an error here: rows longer or shorter than the header, repeated or blank column
names, a wrong separator, whole numbers that change. Whether columns hold what was asked for is judged in
``helpers.data``.
"""

import io

import pandas as pd
import pyarrow.parquet

from helpers.reading.cell_values import as_numbers, as_text, check_single_values, check_whole_numbers, is_numeric
from helpers.reading.excel import read_excel
from helpers.reading.text_files import read_text
from helpers.refusals.wording import check_header, closest, listed, not_what_it_says

SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
EXCEL = (".xlsx", ".xlsm")
KNOWN = (*SEPARATORS, *(f"{suffix}.gz" for suffix in SEPARATORS), *EXCEL, ".parquet")


def read_raw(path, roles, *, sep, decimal, sheet, encoding):
    """Read any of the formats in `KNOWN`; the other parameters are those of `helpers.data.read_table`.

    Parameters
    ----------
    path : pathlib.Path
    roles : callable
        From the list of all columns to those that are `numeric`, `text` and `unique`: three sequences of str.

    Returns
    -------
    pandas.DataFrame
        Index ``line`` (text files) or ``row`` (Excel, Parquet). `numeric` and `text` columns hold numbers and strings,
        and beside them, as it stands in the file, any cell that cannot be one. Listed columns may be absent.
    """
    path = _existing_file(path.expanduser())
    suffix = _suffix(path)
    if suffix in EXCEL:
        frame = read_excel(path, sheet, lambda columns: {name for names in roles(columns) for name in names})
    elif suffix == ".parquet":
        frame = _read_parquet(path)
    else:
        sep = SEPARATORS[suffix.removesuffix(".gz")] if sep is None else sep
        frame = read_text(path, roles, sep, decimal, encoding)
    if frame.empty:
        raise ValueError(f"{path.name} has a header but no rows. Its columns: {listed(frame.columns)}.")
    numeric, text, unique = roles(list(frame.columns))
    for name in dict.fromkeys((*numeric, *text, *unique)):
        if name in frame:
            check_single_values(frame[name], path.name)
    return _typed(frame, numeric, text, path.name)


def _typed(frame, numeric, text, name):
    """The frame with `numeric` and `text` columns of one type each, the others as pandas infers them."""
    typed = frame.copy()
    for convert, columns in ((as_numbers, numeric), (as_text, text)):
        for column in columns:
            if column in typed:
                typed[column] = convert(typed[column])
    typed = typed.infer_objects()
    for column in typed:
        if not is_numeric(frame[column]):
            check_whole_numbers(frame[column], typed[column], name)
    return typed


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


def _read_parquet(path):
    raw = path.read_bytes()
    try:
        names = pyarrow.parquet.read_schema(io.BytesIO(raw)).names
    except Exception as error:  # pyarrow, too, has many kinds
        raise not_what_it_says(path, "a Parquet file", error) from None
    check_header(names, path.name, owner="the file")  # repeated names are an obscure error of pyarrow
    try:
        frame = pd.read_parquet(
            io.BytesIO(raw),
            to_pandas_kwargs={"integer_object_nulls": True},  # else one missing id turns an id 7 into 7.0
        )
    except Exception as error:
        raise not_what_it_says(path, "a Parquet file", error) from None
    if not isinstance(frame.index, pd.RangeIndex) or frame.index.name:  # an index that means something is a column
        frame = frame.reset_index(allow_duplicates=True)
    frame.columns = [str(name) for name in frame.columns]
    check_header(frame.columns, path.name, owner="the file, index and columns together,")
    return frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"))
