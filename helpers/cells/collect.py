"""Which columns of a table make its cells, and which are summed within them: what a formula says about it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from helpers.cells.outcome import read_outcome
from helpers.cells.sources import open_source
from helpers.cells.statistics import summarise
from helpers.design import columns_used, predictors_used
from helpers.design.formula import parse_formula
from helpers.design.text_numbers import bare_columns, refuse_numbers_as_text
from helpers.design.translation import compiled, translate
from helpers.refusals.wording import listed

if TYPE_CHECKING:
    from helpers.cells.statistics import Cells

TIMEOUT = 60.0
LABELS = (nw.String, nw.Categorical, nw.Enum, nw.Boolean)


def collect_cells(
    formula: str,
    data: object,
    *,
    by: str | Sequence[str] = (),
    files: str | Path | None = None,
    verify: bool = True,
    timeout: float = TIMEOUT,
) -> Cells:
    """Reduce a table to counts, means and sums of squares per cell, where the data are.

    A cell is a combination of levels: of the factors of the formula, its grouping factors, and `by`. Numeric predictors
    keep their sums of squares and products within each cell.

    Parameters
    ----------
    formula : str
        See `helpers.mixed.fit_mixed`. Any formula of the same outcome that uses no other column can be fitted to the
        cells. The outcome is a column, or log, log2, log10, sqrt or log1p of one.
    data : str or pathlib.Path, or a table
        A Parquet file, a folder or a list of such files (read by Polars), or a pyarrow dataset of them; a Polars
        LazyFrame or DataFrame, a DuckDB relation, a Dask or PySpark DataFrame, an Arrow or pandas table.
    by : str or sequence of str
        More columns of labels, such as the gene for `fit_genes_from_cells`.
    files : str or pathlib.Path, optional
        The Parquet files that an engine's table was made from: their footers say how many rows there must be.
    verify : bool
        Whether to compare each page of Parquet files with its checksum before reading (files written with
        ``write_page_checksum=True``; others are read as they are).
    timeout : float
        Seconds that a Dask cluster may be without a worker.

    Returns
    -------
    Cells

    Raises
    ------
    ValueError
        The formula or the table cannot be used; files that are empty, damaged or of several types; values that have no
        logarithm; levels that differ by blanks.
    UnknownNameError
        A column is not there, or not in every file.
    FileNotFoundError
        There is no such file.
    TimeoutError
        A Dask cluster is without workers.
    EngineError
        The engine failed. It is a ``RuntimeError``.

    Warns
    -----
    UserWarning
        Rows with missing values were dropped.
    """
    parsed, by = parse_formula(formula), [by] if isinstance(by, str) else list(by)
    outcome = read_outcome(parsed.response)
    wanted = list(dict.fromkeys([*columns_used(parsed), *by]))
    source = open_source(data, wanted, files, verify)
    schema = source.lazy.collect_schema()
    _refuse_text(outcome, schema[outcome.column])
    labels = _labels(parsed) | set(by)
    predictors = list(dict.fromkeys([*predictors_used(parsed), *by]))
    if outcome.column in predictors:
        raise ValueError(f"{outcome.column!r} is the outcome and stands on the right of the '~', too. Take one out.")
    numeric = [name for name in predictors if name not in labels and schema[name].is_numeric()]
    _refuse_others(schema, [name for name in predictors if name not in numeric and name not in labels])
    keys = [name for name in predictors if name not in numeric]
    cells = summarise(source, outcome, keys, numeric, by, timeout)
    for name in bare_columns(parsed.effects).intersection(keys):
        if schema[name] == nw.String:
            refuse_numbers_as_text(cells.keys[name].astype(object), cells.keys[name])
    return cells


def _labels(parsed):
    """Columns that the formula makes labels whatever they hold: grouping factors, and what stands in C()."""
    labels = {name for term in parsed.random for name in term.groups}
    for expression in (parsed.fixed, *(term.expression for term in parsed.random)):
        if expression == "1":
            continue
        columns = translate(expression).columns
        for factor in (factor for term in compiled(expression) for factor in term.factors):
            calls = [node for node in ast.walk(_python(factor.expr)) if isinstance(node, ast.Call)]
            made = [node for call in calls if getattr(call.func, "id", "") == "C" for node in ast.walk(call)]
            labels |= {columns[node.id] for node in made if isinstance(node, ast.Name) and node.id in columns}
    return labels


def _python(code):
    return ast.parse(code.strip(), mode="eval")


def _refuse_text(outcome, dtype):
    if not dtype.is_numeric():
        raise ValueError(
            f"The outcome {outcome.column!r} holds {dtype} values, not numbers. Turn the column into numbers where the "
            "data are (a decimal comma, a unit or a word for a missing value is a usual cause). Category codes are no "
            "way out: they are ranks of labels, not measurements."
        )


def _refuse_others(schema, names):
    if others := [name for name in names if not isinstance(schema[name], LABELS) and schema[name] not in LABELS]:
        kinds = ", ".join(f"{name!r} holds {schema[name]} values" for name in others)
        raise ValueError(
            f"{kinds}: neither numbers nor labels. Turn {listed(others)} into numbers (days since the start, say) or "
            "into text."
        )
