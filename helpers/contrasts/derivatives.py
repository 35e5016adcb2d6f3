"""The slope of a row of fixed columns by one predictor, whatever the formula makes of it.

Differences at several widths are extrapolated to width zero (Richardson's way, in the form of Ridders 1982,
doi:10.1016/S0141-1195(82)80057-0). A column in which the predictor stands as it is, squared, or times another one
comes out exact but for rounding; logarithms, splines and sines come out with eleven digits or more. What does not
settle is refused: a kink or a step has no slope.
"""

import numpy as np
import pandas as pd

LEVELS = 5
RATIO = 1.6  # not a whole number: a sine whose period the widths divide would look flat
WIDTH = 1 / 77  # of the predictor's range, the widest difference
POSITIVE = 1 / 8  # of a value, where all values have one sign: they may be logged
SMALLER = (1, 1e-1, 1e-2, 1e-3, 1e-4)  # tried one after the other
SETTLED = 1e-8  # estimated relative error that is let pass; the true one is far below
KINK = 1e-6


class _Unsettled(ValueError):
    """The differences do not converge."""


def row_slopes(matrix, rows, name, values):
    """Derivatives of the fixed columns by a numeric predictor.

    Parameters
    ----------
    matrix : callable
        Rows of predictors -> fixed columns (n, p).
    rows : pandas.DataFrame
        Where the slope is taken; n rows.
    name : str
        The predictor.
    values : (m,)
        Its values at the fit.

    Returns
    -------
    numpy.ndarray
        Shape (n, p).

    Raises
    ------
    ValueError
        The predictor has one value; or a column has no slope there: it jumps, has a kink, or is not defined.
    """
    x = rows[name].to_numpy(dtype=float)
    low, high = float(values.min()), float(values.max())
    if low == high:
        raise ValueError(f"{name!r} has one value in the rows of the fit, {low:g}: it has no slope.")
    here = matrix(rows)
    width = np.full(len(x), (high - low) * WIDTH)
    if low > 0 or high < 0:
        width = np.where(np.sign(x) == np.sign(low), np.minimum(width, np.abs(x) * POSITIVE), width)
    width = np.maximum(width, np.abs(x) * 1e-7)  # below it x + width has lost its digits
    found = np.empty_like(here)
    inside = (x - width >= low) & (x + width <= high)
    for chosen, one_sided in ((inside, False), (~inside, True)):
        if chosen.any():
            at = _Place(matrix, rows[chosen], name, x[chosen], here[chosen], width[chosen], high - low)
            found[chosen] = at.slopes((low + high) / 2 if one_sided else None)
    return found


class _Place:
    """Rows at which slopes are taken."""

    def __init__(self, matrix, rows, name, x, here, width, reach):
        self.matrix, self.rows, self.name, self.x, self.here, self.width = matrix, rows, name, x, here, width
        self.reach = reach

    def slopes(self, middle):
        """Slopes from both sides; where `middle` is given and those fail, from the side on which it lies.

        A spline is not defined beyond the last value, nor a root below zero.
        """
        problem = None
        for inward in (False, True) if middle is not None else (False,):
            for factor in SMALLER:
                try:
                    return self._one_sided(factor, middle) if inward else self._two_sided(factor)
                except ValueError as error:  # beyond the formula's domain, or not settled: nearer by
                    problem = error if problem is None or isinstance(error, _Unsettled) else problem
        if isinstance(problem, _Unsettled):
            raise ValueError(
                f"The formula has no slope by {self.name!r} at some of the values asked for ({_some(self.x)}): it "
                f"jumps or bends there. Ask for a comparison between two values: comparisons(fit, {{{self.name!r}: "
                "[low, high]})."
            )
        raise problem

    def _two_sided(self, factor):
        widths = self._widths(factor)
        above, below = (self._columns(sign * widths) for sign in (1, -1))
        steps = (self.x + widths) - (self.x - widths)  # as the machine has them
        second = np.abs(above + below - 2 * self.here) / widths[:, :, None]
        scale = np.maximum(np.abs(above), np.abs(below)).max(axis=(0, 1)) / self.reach
        if (second[-1] > np.maximum(second[0] / 2, KINK * scale)).any():
            raise _Unsettled
        return self._extrapolated((above - below) / steps[:, :, None], RATIO**2, scale)

    def _one_sided(self, factor, middle):
        widths = self._widths(factor) * np.where(self.x <= middle, 1, -1)
        steps = (self.x + widths) - self.x
        moved = self._columns(widths)
        scale = np.abs(moved).max(axis=(0, 1)) / self.reach
        return self._extrapolated((moved - self.here) / steps[:, :, None], RATIO, scale)

    def _widths(self, factor):
        return factor * self.width / RATIO ** np.arange(LEVELS)[:, None]

    def _columns(self, shifts):
        """The fixed columns at each of the shifted places; (levels, n, p)."""
        moved = pd.concat([self.rows] * len(shifts), ignore_index=True)
        moved[self.name] = (self.x + shifts).ravel()
        return self.matrix(moved).reshape(len(shifts), *self.here.shape)

    def _extrapolated(self, differences, ratio, scale):
        """Limit of (levels, n, p) differences as the width goes to zero, whose error is a series in powers of `ratio`.

        Of each element, the extrapolation that changed least; `scale` (p,) is the size of the column per range.
        """
        best, error = differences[-1], np.full(self.here.shape, np.inf)
        column = differences
        for order in range(1, len(differences)):
            finer = column[1:] + (column[1:] - column[:-1]) / (ratio**order - 1)
            change = np.maximum(np.abs(finer - column[1:]), np.abs(finer - column[:-1]))
            for candidate, by in zip(finer, change, strict=True):
                best = np.where(by < error, candidate, best)
                error = np.minimum(error, by)
            column = finer
        if (error > SETTLED * np.maximum(np.abs(best), scale)).any():
            raise _Unsettled
        return best


def _some(values):
    shown = [f"{value:g}" for value in np.unique(values)]
    return ", ".join(shown[:3]) + (" …" if len(shown) > 3 else "")
