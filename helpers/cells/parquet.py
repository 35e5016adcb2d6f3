"""Parquet files looked at before they are read: what an engine would pass over in silence is refused here."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import counted, first

ENDINGS = (".parquet", ".pq", ".parq")
BATCH = 131_072


def parquet_files(path: str | Path | Sequence[str | Path]) -> list[Path]:
    """The files of a path.

    Parameters
    ----------
    path : str, pathlib.Path, or a sequence of them
        A file; a folder, searched with all in it (what opens with ``.`` or ``_`` is left out, as engines do).

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    FileNotFoundError
        There is nothing at the path, or no Parquet file in it.
    ValueError
        A file that is not Parquet.
    """
    if not isinstance(path, str | Path):
        return [file for each in path for file in parquet_files(each)]
    path = Path(path)
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if file.is_file() and not _hidden(file.relative_to(path))]
        files = [file for file in found if file.suffix.lower() in ENDINGS]
        if not files:
            raise FileNotFoundError(f"The folder {path.name} holds no Parquet file (*.parquet).")
        if others := [file.name for file in found if file not in files]:
            raise ValueError(
                f"The folder {path.name} holds {counted(len(others), 'file')} beside the Parquet files: "
                f"{first(others)}. Move them away, or name the files to read in a list."
            )
        return files
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path.name} in {path.parent}.")
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"{path.name} is not a Parquet file. Read it with helpers.data.read_table if it fits into memory; else "
            "scan it with an engine (polars.scan_csv, duckdb.read_csv) and pass what that gives."
        )
    return [path]


def _hidden(path):
    return any(part.startswith((".", "_")) for part in path.parts)


def count_rows(files: list[Path], columns: Sequence[str]) -> int:
    """Compare the files' footers, and add up the rows that they promise.

    Parameters
    ----------
    files : list of pathlib.Path
    columns : sequence of str

    Returns
    -------
    int

    Raises
    ------
    ValueError
        A file is empty or damaged; a column has two types.
    UnknownNameError
        A file lacks a column.
    """
    rows, types = 0, {}
    for file in files:
        footer = _footer(file)
        rows += footer.metadata.num_rows
        schema = footer.schema_arrow
        if absent := [name for name in columns if name not in schema.names]:
            raise _missing(file, absent[0], schema.names, len(files))
        for name in columns:
            kind = _kind(schema.field(name).type)
            earlier, where = types.setdefault(name, (kind, file))
            if kind != earlier:
                raise ValueError(
                    f"Column {name!r} is {earlier} in {where.name} and {kind} in {file.name}. Write both files with "
                    "one type; engines would turn one into the other, or into missing values."
                )
    return rows


def _footer(file):
    if file.stat().st_size == 0:
        raise ValueError(f"{file.name} is an empty file (0 bytes): its rows are lost. Write it again, or delete it.")
    try:
        return pq.ParquetFile(file)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(
            f"{file.name} is not a Parquet file, or it is cut off or damaged ({_line(error)}). Write it again."
        ) from None


def _missing(file, name, names, n_files):
    remarks = []
    folder = next((part for part in file.parts if part.startswith(f"{name}=")), None)
    if folder:
        remarks.append(
            f"It stands in the name of the folder {folder}: scan the files with an engine that reads such folders "
            "(polars.scan_parquet(…, hive_partitioning=True)) and pass what that gives."
        )
    if n_files > 1:
        remarks.append("Engines would fill it with missing values.")
    return unknown_name(file.name, "column", [name], names, remark=" ".join(remarks))


def _kind(arrow_type):
    """A type's name; short and long text are one."""
    if pa.types.is_dictionary(arrow_type):
        return f"categories of {_kind(arrow_type.value_type)}"
    text = pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type) or pa.types.is_string_view(arrow_type)
    return "text" if text else str(arrow_type)


def verify_pages(files: list[Path], columns: Sequence[str]) -> None:
    """Read the columns once, and compare each page with its checksum.

    A file whose writer gave its pages no checksums (pyarrow's default: write with ``write_page_checksum=True``) is read
    as it is: a value that was changed in it cannot be told from one that was measured.

    Parameters
    ----------
    files : list of pathlib.Path
    columns : sequence of str

    Raises
    ------
    ValueError
        A page is damaged.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(lambda file: _verify(file, list(columns)), files))


def _verify(file, columns):
    """Read one file; text stays the numbers that stand for it, for its pages are all that counts."""
    try:
        text = [field.name for field in pq.read_schema(file) if field.name in columns and _kind(field.type) == "text"]
        with pq.ParquetFile(file, page_checksum_verification=True, read_dictionary=text) as opened:
            for _ in opened.iter_batches(BATCH, columns=columns):
                pass
    except (OSError, pa.ArrowInvalid) as error:
        raise ValueError(
            f"{file.name} is damaged: a page does not match its checksum, or cannot be read ({_line(error)}). "
            "Copy it again from where it is whole."
        ) from None


def declared_levels(files: list[Path], columns: Sequence[str]) -> dict[str, list]:
    """The levels that columns kept as categories declare, in their order; other columns declare none.

    Polars numbers the levels of a ``Categorical`` as they appear: that is no order of anyone's.

    Parameters
    ----------
    files : list of pathlib.Path
    columns : sequence of str

    Returns
    -------
    dict
        Column -> list of levels. A column whose levels differ between files is left out.
    """
    orders = {}
    for file in files:
        with pq.ParquetFile(file) as opened:
            fields = [opened.schema_arrow.field(name) for name in columns]
            declared = [
                field.name
                for field in fields
                if pa.types.is_dictionary(field.type) and b"_PL_CATEGORICAL2" not in (field.metadata or {})
            ]
            if not declared or not opened.num_row_groups:
                continue
            batch = next(opened.iter_batches(1, row_groups=[0], columns=declared), None)
            for name in declared if batch is not None else ():
                orders.setdefault(name, set()).add(tuple(batch.column(name).dictionary.to_pylist()))
    return {name: list(next(iter(found))) for name, found in orders.items() if len(found) == 1}


def _line(error):
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
