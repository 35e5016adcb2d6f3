"""Differences between the cells of a table of effects: differences of differences, and of slopes."""

import numpy as np
import pandas as pd

from helpers.contrasts.moves import FAMILIES, PAIRS, move_of_levels
from helpers.contrasts.table import Rows
from helpers.refusals.wording import listed


def check_differences(how):
    """Refuse what is no way to compare cells."""
    if how is not None and not isinstance(how, dict) and (not isinstance(how, str) or how not in FAMILIES):
        raise ValueError(f"differences is one of {listed(FAMILIES)}, or weights of your own; found {how!r}.")


def differences_of(rows: Rows, how, sign):
    """Compare the cells of `rows.by`, for each of its contrasts.

    Parameters
    ----------
    rows : Rows
    how : str or dict
        As `comparisons` has it.
    sign : str
        " - " or " / ", for the labels.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        There are no two cells; or weights of one's own, or a family that is no pairs, for cells of several predictors.
    """
    if not rows.by:
        raise ValueError("differences= compares the cells of by: name them with by=.")
    name = rows.labels.columns[0]
    contrasts = rows.labels[name].unique()
    cells = rows.labels[rows.by].drop_duplicates().reset_index(drop=True)
    if len(cells) < 2:
        raise ValueError(f"differences= needs two cells of {listed(rows.by)} or more; there is one.")
    shown, move = _compared(cells, how, sign)
    signs = np.zeros((len(contrasts), len(move.weights), len(rows.labels)))
    for k, contrast in enumerate(contrasts):
        places = np.flatnonzero((rows.labels[name] == contrast).to_numpy())  # one for each cell, in their order
        signs[k][:, places] = move.weights
    signs = signs.reshape(-1, len(rows.labels))
    labels = [pd.DataFrame({name: contrast, **shown}) for contrast in contrasts]
    return Rows(
        labels=pd.concat(labels, ignore_index=True),
        weights=signs @ rows.weights,
        estimate=signs @ rows.estimate,
        by=[name] if len(contrasts) > 1 else [],
        n_means=move.n_means,
        to_reference=move.to_reference,
        size=np.abs(signs) @ rows.size,
    )


def _compared(cells, how, sign):
    """Labels of the differences, by column of the cells; and their weights."""
    if len(cells.columns) == 1:
        (column,) = cells.columns
        move = move_of_levels(cells[column].tolist(), how, sign, "differences")
        return {column: move.names}, move
    if isinstance(how, dict) or how not in PAIRS:
        raise ValueError(
            f"differences={how!r} compares the levels of one predictor, and by= names {len(cells.columns)} "
            f"({listed(cells.columns)}). Use one, or differences of {listed(PAIRS)}."
        )
    move = move_of_levels(list(range(len(cells))), how, sign, "differences")
    ends = [(row.argmax(), row.argmin()) for row in move.weights]
    return {
        column: [_pair(values[hi], values[lo], sign) for hi, lo in ends]
        for column, values in ((column, cells[column].tolist()) for column in cells.columns)
    }, move


def _pair(hi, lo, sign):
    return str(hi) if hi == lo else f"{hi}{sign}{lo}"
