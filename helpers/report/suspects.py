"""Columns of a table that look like units the analysis does not know of.

Pseudoreplication is when rows are counted that are copies of fewer independent things.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

FEW_VALUES = 6  # of a number: a dose; its labels in another column are a copy, not units
MOST_LEVELS = 0.5  # of the rows: a column with more levels than this names rows, not groups of rows


def hidden_units(frame: pd.DataFrame, predictors: Sequence[str], groupings: Sequence[pd.Series]) -> list[tuple]:
    """Columns not in the analysis within each of whose levels a predictor never varies.

    Such a column may be the animal, the plate, the cage: then the predictor was given to its levels, not to rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        All columns of the table.
    predictors : sequence of str
        Columns whose effect is asked for.
    groupings : sequence of pandas.Series
        Labels of the groups that the analysis does allow for, one series each.

    Returns
    -------
    list of tuple
        ``(column, number of its levels, predictor)``, columns in the order of the table.
    """
    if not predictors:
        return []
    known = [_codes(group) for group in groupings]
    factors = [name for name in predictors if not _is_measured(frame[name])]
    cells = _codes(pd.MultiIndex.from_frame(frame[factors].astype(str))) if factors else np.zeros(len(frame), int)
    found = []
    for name in frame:
        if name in predictors or not may_be_units(frame[name]):
            continue
        units = _codes(frame[name])
        if determines(cells, units):
            continue  # another name for the design's own cells
        for predictor in predictors:
            values = _codes(frame[predictor])
            more = units.max() > values.max() - _is_measured(frame[predictor])
            if values.max() == 0 or not more or not determines(units, values):
                continue
            if not any(determines(units, group) and determines(group, values) for group in known):
                found.append((name, int(units.max()) + 1, predictor))
    return found


def may_be_units(column: pd.Series) -> bool:
    """Whether a column may name units: labels or whole numbers, some of them in several rows."""
    if not (
        pd.api.types.is_integer_dtype(column)
        or pd.api.types.is_string_dtype(column)
        or isinstance(column.dtype, pd.CategoricalDtype)
    ):
        return False
    return 2 < column.nunique() <= MOST_LEVELS * len(column) and column.notna().all()


def _is_measured(column):
    """Whether a column holds numbers of many values: of those, each unit may well have its own."""
    return bool(pd.api.types.is_numeric_dtype(column) and len(pd.unique(column)) > FEW_VALUES)


def _codes(column):
    return pd.factorize(column)[0]


def determines(fine: np.ndarray, coarse: np.ndarray) -> bool:
    """Whether rows of one level of `fine` always have one level of `coarse`."""
    first = np.full(fine.max() + 1, -1)
    first[fine[::-1]] = coarse[::-1]
    return bool((first[fine] == coarse).all())


def spelled_alike(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple]:
    """Labels of a column that differ only in capitals or in runs of blanks.

    Parameters
    ----------
    frame : pandas.DataFrame
    names : sequence of str
        Columns of labels.

    Returns
    -------
    list of tuple
        ``(column, labels)``.
    """
    found = []
    for name in names:
        labels = pd.Series(pd.unique(frame[name].dropna().astype(str)))
        bare = labels.map(lambda label: " ".join(label.casefold().split()))
        found += [(name, list(same)) for _, same in labels.groupby(bare, sort=False) if len(same) > 1]
    return found


def rows_alike(frame: pd.DataFrame, outcome: str, names: Sequence[str]) -> list[tuple]:
    """Columns of labels between whose levels much of the outcome's variance lies.

    Parameters
    ----------
    frame : pandas.DataFrame
        No outcome missing.
    outcome : str
    names : sequence of str

    Returns
    -------
    list of tuple
        ``(column, share, number of levels)``, the largest share first: the intraclass correlation, by the mean squares
        between and within.
    """
    found = []
    for name in names:
        if not may_be_units(frame[name]) or pd.api.types.is_numeric_dtype(frame[name]):
            continue
        groups = frame.groupby(name, observed=True)[outcome]
        sizes, n, k = groups.size(), len(frame), frame[name].nunique()
        within = float(((frame[outcome] - groups.transform("mean")) ** 2).sum()) / (n - k)
        between = float((sizes * (groups.mean() - frame[outcome].mean()) ** 2).sum()) / (k - 1)
        size = (n - float((sizes**2).sum()) / n) / (k - 1)
        share = (between - within) / (between + (size - 1) * within) if between > within else 0.0
        found.append((name, share, k))
    return sorted(found, key=lambda item: -item[1])
