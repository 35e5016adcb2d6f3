"""Whatever holds the rows, as a lazy table of narwhals'."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import narwhals as nw

from helpers.refusals.errors import unknown_name
from helpers.refusals.packages import extra


@dataclass(frozen=True, eq=False)
class Source:
    """Rows that are still where they were.

    Attributes
    ----------
    lazy : narwhals.LazyFrame
        The columns asked for.
    n_rows : int or None
        Rows that the files promise, where they are known.
    levels : dict
        Column -> its levels in the order that the table declares.
    """

    lazy: nw.LazyFrame
    n_rows: int | None = None
    levels: dict = field(default_factory=dict)


def is_path(data: object) -> bool:
    """Whether this is a path, a list of paths, or an Arrow dataset of files."""
    if isinstance(data, list | tuple):
        return bool(data) and all(isinstance(each, str | Path) for each in data)
    return isinstance(data, str | Path) or hasattr(data, "files")


def holds_rows(data: object) -> bool:
    """Whether `open_source` takes this; a pandas table is better fitted as it is."""
    return is_path(data) or isinstance(nw.from_native(data, pass_through=True), nw.DataFrame | nw.LazyFrame)


def open_source(
    data: Any, columns: Sequence[str], files: str | Path | Sequence[str | Path] | None = None, verify: bool = True
) -> Source:
    """Open a table, and make sure that the columns are there.

    Parameters
    ----------
    data : path, pyarrow.dataset.FileSystemDataset, or a table of any engine that narwhals knows
    columns : sequence of str
    files : path, optional
        The Parquet files that a table of an engine was made from: they are looked at, too.
    verify : bool
        Whether to compare pages of Parquet files with their checksums.

    Returns
    -------
    Source

    Raises
    ------
    ValueError
        No such kind of table; a file that is empty or damaged, or that disagrees with another.
    UnknownNameError
        A column is not there.
    """
    if is_path(data):
        return _of_files(data.files if hasattr(data, "files") else data, columns, verify)
    try:
        table = nw.from_native(data)
    except TypeError:
        raise ValueError(
            "data must be a pandas DataFrame, the path of Parquet files, or a table of Polars, DuckDB, Dask, PySpark or"
            f" Arrow; found {type(data).__name__}. Turn it into one first."
        ) from None
    names = table.collect_schema().names()
    if absent := [name for name in columns if name not in names]:
        raise unknown_name("data", "column", absent, names)
    n_rows = None if files is None else _promised(files, columns, verify)
    return Source(table.lazy().select(*columns), n_rows, _declared(table, columns))


def _of_files(path, columns, verify):
    with extra("parquet", "Reading Parquet files"):
        import polars as pl

        from helpers.cells.parquet import declared_levels, parquet_files
    n_rows = _promised(path, columns, verify)
    paths = parquet_files(path)
    return Source(nw.from_native(pl.scan_parquet(paths)).select(*columns), n_rows, declared_levels(paths, columns))


def _promised(path, columns, verify):
    """The rows that files promise, once they were looked at."""
    with extra("parquet", "Looking at Parquet files"):
        from helpers.cells.parquet import count_rows, parquet_files, verify_pages
    paths = parquet_files(path)
    n_rows = count_rows(paths, columns)
    if verify:
        verify_pages(paths, columns)
    return n_rows


def _declared(table, columns):
    """The levels of each category with an order of its own; Polars numbers those of a Categorical as they appear."""
    schema, native, engine, levels = table.collect_schema(), table.to_native(), table.implementation, {}
    for name in columns:
        if isinstance(schema[name], nw.Enum):
            levels[name] = list(schema[name].categories)
        elif schema[name] != nw.Categorical:
            continue
        elif engine.is_pandas() or (engine.is_dask() and native[name].cat.known):
            levels[name] = list(native[name].cat.categories)
        elif engine.is_pyarrow():
            levels[name] = native[name].unify_dictionaries().chunk(0).dictionary.to_pylist()
    return levels
