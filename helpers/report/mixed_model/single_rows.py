"""Least squares without single rows: which move a contrast most is told from the fit; those are left out in turn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from helpers.contrasts.linear_fits import EQUAL, FULL, LeastSquares, least_squares


def shifts(fit: LeastSquares, weights: np.ndarray) -> np.ndarray:
    """How far each weighted sum of the coefficients moves when a row is left out.

    Parameters
    ----------
    fit : helpers.contrasts.linear_fits.LeastSquares
    weights : (k, p)

    Returns
    -------
    numpy.ndarray
        (n, k), in units of the sum; NaN for a row without which the model cannot be fitted.

    Notes
    -----
    Cook 1977, doi:10.1080/00401706.1977.10489493.
    """
    q, r = np.linalg.qr(fit.design.X)
    each = q @ np.linalg.solve(r.T, weights.T)
    needed = fit.leverage > FULL
    left = np.where(needed, np.nan, fit.residuals().to_numpy() / np.where(needed, 1, 1 - fit.leverage))
    return -each * left[:, None]


def without_each_row(fit: LeastSquares, weights: np.ndarray, *, most: int) -> Iterator[tuple[str, str, LeastSquares]]:
    """The fit without each row in turn, in the order of the table: those that move a contrast most, where many.

    Parameters
    ----------
    fit : helpers.contrasts.linear_fits.LeastSquares
    weights : (k, p)
    most : int
        Rows to leave out.

    Yields
    ------
    tuple of str and str and LeastSquares
        "row", which row (``line 12``), and the fit with the same kind of tests. A row without which these tests cannot
        be made is passed over.
    """
    std_error, _ = fit.std_error_and_df(weights, fit.ddf(None))
    moved = np.abs(shifts(fit, weights) / std_error).max(axis=1)
    order = np.argsort(-np.round(np.nan_to_num(moved, nan=-1), 9), kind="stable")  # ties by the table, not by rounding
    for place in np.sort(order[: min(most, int(np.isfinite(moved).sum()))]):
        try:
            without = least_squares(fit.design.of_rows(np.arange(len(moved)) != place))
        except ValueError:  # what is left is fitted perfectly
            continue
        if fit.spread != EQUAL:
            without = without.allowing_for_unequal_spread()
        if without is not None and without.spread == fit.spread:
            rows = fit.design.rows
            yield "row", f"{rows.name or 'row'} {rows[place]}", without
