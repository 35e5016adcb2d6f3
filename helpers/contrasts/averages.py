"""Averages of predictions over the rows of a grid, and their derivatives by the coefficients.

On the scale of the linear predictor a prediction is a row x of the fixed columns times the coefficients, so an average
of predictions is the averaged row times the coefficients: the row is the derivative. On the scale of the outcome the
derivative of μ(xβ) by β is μ'(xβ) x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.contrasts.derivatives import row_slopes
from helpers.contrasts.grids import Grid
from helpers.contrasts.integrated_links import IntegratedLink
from helpers.contrasts.models import Model, combinations

if TYPE_CHECKING:
    from helpers.contrasts.moves import Move


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of `by` in a grid, in order of their levels or values.

    Attributes
    ----------
    labels : pandas.DataFrame
        One row per cell.
    averaging : scipy.sparse array, (c, n)
        Weights of the rows of the grid in each cell; they sum to one.
    """

    labels: pd.DataFrame
    averaging: object

    @classmethod
    def of(cls, model: Model, grid: Grid, by: Sequence[str]) -> Cells:
        """Sort the rows of a grid into cells."""
        codes, first = combinations(grid.rows[by])
        labels = pd.DataFrame({name: _values(model, grid, name, first) for name in by}, index=range(len(first)))
        weights = grid.weights / np.bincount(codes, grid.weights)[codes]
        shape = (len(first), len(codes))
        return cls(labels, sparse.csr_array((weights, (codes, np.arange(len(codes)))), shape=shape))


def _values(model, grid, name, places):
    column = grid.rows[name]
    if name in model.levels:
        return pd.Categorical.from_codes(column.cat.codes.to_numpy()[places], model.levels[name])
    return column.to_numpy(dtype=float)[places]


def average_predictions(model: Model, grid: Grid, cells: Cells, *, response: bool) -> tuple[np.ndarray, np.ndarray]:
    """Predictions averaged within cells.

    Parameters
    ----------
    model : Model
    grid : Grid
    cells : Cells
    response : bool
        Whether to average means of the outcome, not linear predictors.

    Returns
    -------
    tuple of numpy.ndarray
        Estimates (c,), and their derivatives by the coefficients (c, p).
    """
    x = model.fixed_columns(grid.rows)
    if not response:
        jacobian = cells.averaging @ x
        return jacobian @ model.estimates + cells.averaging @ grid.offset, jacobian
    eta = x @ model.estimates + grid.offset
    by_eta = model.link.slope(eta)[:, None] * x
    if isinstance(model.link, IntegratedLink):
        by_eta = np.hstack([by_eta, model.link.by_deviations(eta)])
    return cells.averaging @ model.link.inverse(eta), cells.averaging @ by_eta


def average_comparisons(
    model: Model, grid: Grid, cells: Cells, variable: str, move: Move, *, response: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted sums of predictions at several values of one predictor, averaged within cells.

    Parameters
    ----------
    model, grid, cells, response
        As in `average_predictions`.
    variable : str
        The predictor that moves.
    move : helpers.contrasts.moves.Move
        Its values, and the weights (k, m) of the predictions there.

    Returns
    -------
    tuple of numpy.ndarray
        Estimates (c·k,) and derivatives (c·k, p), cell after cell, in each the k contrasts; and (c·k, p) sums of the
        sizes that the derivatives are differences of.
    """
    at_values = [average_predictions(model, grid.moved(variable, value), cells, response=response) for value in move.at]
    found = np.array([jacobian for _, jacobian in at_values])
    jacobian, size = (
        np.einsum("km,mcp->ckp", weights, sizes).reshape(-1, found.shape[2])
        for weights, sizes in ((move.weights, found), (np.abs(move.weights), np.abs(found)))
    )
    if not response:  # the contrast's weights first: a large constant in the outcome then changes nothing
        return jacobian @ model.estimates, jacobian, size
    return (move.weights @ np.array([found for found, _ in at_values])).T.ravel(), jacobian, size


def average_slopes(
    model: Model, grid: Grid, cells: Cells, variable: str, *, response: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of predictions by one predictor, averaged within cells; parameters and returns as `average_predictions`.

    The derivative of μ(xβ) by the predictor is μ'(xβ) x'β, with x' that of the row; its derivative by β is
    μ''(xβ) x'β x + μ'(xβ) x'.
    """
    slope = row_slopes(model.fixed_columns, grid.rows, variable, model.predictors[variable].to_numpy(dtype=float))
    if not response:
        jacobian = cells.averaging @ slope
        return jacobian @ model.estimates, jacobian
    x = model.fixed_columns(grid.rows)
    eta, eta_slope = x @ model.estimates + grid.offset, slope @ model.estimates
    mean_slope = model.link.slope(eta)
    by_coefficient = (model.link.curvature(eta) * eta_slope)[:, None] * x + mean_slope[:, None] * slope
    if isinstance(model.link, IntegratedLink):
        by_coefficient = np.hstack([by_coefficient, model.link.slope_by_deviations(eta) * eta_slope[:, None]])
    return cells.averaging @ (mean_slope * eta_slope), cells.averaging @ by_coefficient
