"""Natural cubic splines for formulas: ``ns(x, df=3)``, as R's ``splines::ns``. formulaic has ``bs`` only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from formulaic.materializers.types import FactorValues
from formulaic.utils.stateful_transforms import stateful_transform
from scipy.interpolate import BSpline

DEGREE = 3


@stateful_transform
def ns(
    x: object,
    df: int | None = None,
    knots: Sequence[float] | None = None,
    lower_bound: float | None = None,
    upper_bound: float | None = None,
    _state: dict | None = None,
) -> object:
    """The columns of a natural cubic spline: cubic between knots, straight beyond the outer ones.

    Parameters
    ----------
    x : (n,)
    df : int, optional
        Columns; `df` − 1 inner knots stand at equally spaced quantiles of x. Without `df` and `knots`: 1, a line.
    knots : sequence of float, optional
        The inner knots instead.
    lower_bound, upper_bound : float, optional
        The outer knots (R's ``Boundary.knots``); without, the range of x.

    Returns
    -------
    formulaic.materializers.types.FactorValues
        One column per degree of freedom, in R's order; knots stay those of the rows of the fit.

    Raises
    ------
    ValueError
        Both `df` and `knots` are given; `df` is no whole number from 1 on; knots do not lie within the outer ones, or
        are equal.
    """
    values, state = np.asarray(x, dtype=float), {} if _state is None else _state
    if "knots" not in state:
        state["knots"] = _knots(values, df, knots, lower_bound, upper_bound)
    columns = _basis(values, state["knots"])
    names = tuple(range(1, columns.shape[1] + 1))
    table = {name: columns[:, name - 1] for name in names}
    return FactorValues(table, kind="numerical", spans_intercept=False, column_names=names, encoded=False)


def _knots(values, df, inner, low, high):
    """All knots in order, the outer ones once."""
    if df is not None and inner is not None:
        raise ValueError("ns() takes df= or knots=, not both")
    low = float(values.min()) if low is None else float(low)
    high = float(values.max()) if high is None else float(high)
    if inner is None:
        if df is not None and (isinstance(df, bool) or df != int(df) or df < 1):
            raise ValueError(f"df of ns() is a whole number from 1 on; found {df!r}")
        inside = values[(values >= low) & (values <= high)]
        inner = np.quantile(inside, np.linspace(0, 1, (1 if df is None else int(df)) + 1))[1:-1]
    found = np.array([low, *np.sort(np.asarray(inner, dtype=float)), high])
    if (np.diff(found) <= 0).any():
        raise ValueError(
            f"the knots of ns() must differ and lie within the outer ones; found {', '.join(f'{k:g}' for k in found)}: "
            "ask for fewer (df=), or place them (knots=)"
        )
    return found


def _basis(values, knots):
    """B-splines whose second derivative is zero at both outer knots, without the first (the intercept)."""
    low, high = knots[0], knots[-1]
    padded = np.concatenate([np.repeat(low, DEGREE), knots, np.repeat(high, DEGREE)])
    spline = BSpline(padded, np.eye(len(padded) - DEGREE - 1), DEGREE)
    bent = spline.derivative(2)(np.array([low, high]))[:, 1:]
    free = np.linalg.qr(bent.T, mode="complete")[0][:, 2:]
    nearest = np.clip(values, low, high)
    return (spline(nearest) + (values - nearest)[:, None] * spline.derivative()(nearest))[:, 1:] @ free
