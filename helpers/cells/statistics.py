"""Counts, means and sums of squares per cell: a table of any length as one of a few hundred rows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cells.aggregation import Aggregation
from helpers.design.columns import tidied
from helpers.refusals.wording import listed

FAR_APART = 1e6  # sum of squares between cells, beside that within, from which a second pass is made


@dataclass(frozen=True, eq=False)
class Cells:
    """What a linear model needs of a table: c cells, k numeric predictors.

    Attributes
    ----------
    keys : pandas.DataFrame, c rows
        The labels that make a cell.
    outcome : str
        As in the formula: ``log(length)``.
    numeric : tuple of str, length k
    n : (c,) int
        Rows.
    shift : (k + 1,)
        Means over all rows: of the numeric predictors, then of the outcome.
    means : (c, k + 1)
        Of the cells, less `shift`.
    squares : (c, k + 1, k + 1)
        Sums of products of deviations from the cell's means.
    n_dropped : int
        Rows left out because values are missing.
    """

    keys: pd.DataFrame
    outcome: str
    numeric: tuple[str, ...]
    n: np.ndarray
    shift: np.ndarray
    means: np.ndarray
    squares: np.ndarray
    n_dropped: int

    def __repr__(self):
        """What the cells are of, in a line."""
        within = f", within them {listed(self.numeric)}" if self.numeric else ""
        return (
            f"{len(self.n):,} cells of {self.n_rows:,} rows: {self.outcome} by {listed(self.keys.columns)}{within}; "
            f"{self.n_dropped:,} rows dropped"
        )

    @property
    def n_rows(self):
        """Rows in all cells."""
        return int(self.n.sum())


def summarise(source, outcome, keys, numeric, by, timeout):
    """Reduce a table to cells.

    Parameters
    ----------
    source : helpers.cells.sources.Source
    outcome : Outcome
    keys, numeric : sequence of str
        Columns that make the cells; columns whose sums of squares and products are wanted.
    by : sequence of str
        Those of `keys` whose levels get models of their own.
    timeout : float
        Seconds that a Dask cluster may be without a worker.

    Returns
    -------
    Cells

    Raises
    ------
    ValueError
        Values that are not finite or cannot be transformed; rows that an engine lost; levels that differ by a blank.
    """
    table = Aggregation(source, outcome, keys, numeric, timeout)
    totals = table.totals()
    shift, n_dropped = totals["shift"], totals["rows"] - totals["complete"]
    n, means, squares, labels = table.sums(shift, n_dropped > 0)
    apart = [f"k{i}" for i, name in enumerate(keys) if name in by]
    pools = labels.groupby(apart, observed=True).ngroup().to_numpy() if apart else np.zeros(len(n), dtype=int)
    if _far_apart(n, means, squares, pools):
        n, means, squares, labels = table.sums_about_means(shift, n_dropped > 0)
    if int(n.sum()) != totals["complete"]:
        raise ValueError(
            f"The cells hold {int(n.sum()):,} rows, the table {totals['complete']:,} without missing values: the "
            "engine lost rows on the way. Read the files again, and see whether the two numbers stay different."
        )
    frame = pd.DataFrame({name: _labels(labels[f"k{i}"], source.levels.get(name)) for i, name in enumerate(keys)})
    _refuse_blanks(frame)
    order = frame.sort_values(list(keys)).index if len(keys) else frame.index
    return Cells(
        keys=frame.loc[order].reset_index(drop=True),
        outcome=outcome.text,
        numeric=tuple(numeric),
        n=n[order],
        shift=shift,
        means=means[order],
        squares=squares[order],
        n_dropped=n_dropped,
    )


def _far_apart(n, means, squares, pools):
    """Whether, of any variable in any pool of cells, sums of squares within are lost beside those between."""
    between, within = np.zeros((2, pools.max() + 1, means.shape[1]))
    np.maximum.at(between, pools, n[:, None] * means**2)
    np.add.at(within, pools, np.einsum("cii->ci", squares))
    return bool((between > FAR_APART * within).any())


def _labels(column, levels):
    """A key as a model takes it: categories in the order declared, else sorted."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    return tidied(column if levels is None else pd.Series(pd.Categorical(column, levels), name=column.name))


def _refuse_blanks(frame):
    """Refuse levels that differ by blanks at their ends: two cells where one was meant."""
    for name, column in frame.items():
        if not isinstance(column.dtype, pd.CategoricalDtype):
            continue
        bare = {}
        for level in column.cat.categories:
            bare.setdefault(level.strip() if isinstance(level, str) else level, []).append(level)
        if twins := [levels for levels in bare.values() if len(levels) > 1]:
            raise ValueError(
                f"Levels of {name!r} differ by blanks at their ends only: {listed(twins[0])}. Strip them where the "
                "data are (str.strip_chars, trim), so that their rows make one level."
            )
