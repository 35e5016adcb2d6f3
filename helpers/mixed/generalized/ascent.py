"""The parameters at which the marginal log-likelihood is highest, verified, with its Hessian.

A quasi-Newton search on the exact gradient comes near; Newton's steps, with a Hessian of exact differences of that
gradient, end it where nothing more is to be gained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.mixed.generalized.laplace import Evaluated

NEAR = 1e-4  # what a further quasi-Newton step promises, in units of the log-likelihood
GAINED = 1e-10  # the same of a Newton step at the end
ROUNDS, NEWTON_STEPS, HALVINGS = 500, 30, 30
LONGEST = 2.0  # the longest step, in any parameter
WIDTH = 1e-4  # of differences of the gradient
FLAT = 1e-7  # an eigenvalue of the Hessian, relative to the largest, below which it is zero

type Criterion = Callable[[np.ndarray], Evaluated | None]


@dataclass(frozen=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    parameters, gradient : (d,)
    value : float
    hessian : (d, d)
    reached : bool
        Whether nothing more is to be gained, and the log-likelihood falls to all sides or stays.
    """

    parameters: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray
    reached: bool


def maximise(criterion: Criterion, start: np.ndarray, inverse: np.ndarray, scale: np.ndarray) -> Optimum | None:
    """Search from `start`.

    Parameters
    ----------
    criterion : callable
        Parameters (d,) -> `Evaluated`, or None where the likelihood is zero.
    start : (d,)
    inverse : (d, d)
        A guess of the inverse of the negative Hessian.
    scale : (d,)
        A typical size of a change of each parameter.

    Returns
    -------
    Optimum or None
        None where the likelihood is zero at `start`.
    """
    found = criterion(start)
    if found is None:
        return None
    x, found = _quasi_newton(criterion, start, found, inverse)
    for _ in range(NEWTON_STEPS):
        hessian = hessian_by_differences(criterion, x, scale)
        if hessian is None:
            break
        values, vectors = np.linalg.eigh(-hessian * np.outer(scale, scale))
        floor = FLAT * max(values.max(), 1e-300)
        along = vectors.T @ (scale * found.gradient)
        falls = values > -floor
        used = np.maximum(np.abs(values), floor)
        gain = float((along**2 / used)[np.abs(values) > floor].sum())
        step = scale * (vectors @ (along / used))
        moved = _step(criterion, x, found, step)
        if gain < GAINED and falls.all():
            x, found = moved or (x, found)  # a last step costs little
            return Optimum(x, found.value, found.gradient, hessian, True)
        if moved is None:
            return Optimum(x, found.value, found.gradient, hessian, gain < 1e-6 and bool(falls.all()))
        x, found = moved
    hessian = np.full((len(x), len(x)), np.nan)
    return Optimum(x, found.value, found.gradient, hessian, False)


def _quasi_newton(criterion, x, found, inverse):
    """BFGS; ends where it promises little, or does not get on."""
    for _ in range(ROUNDS):
        step = inverse @ found.gradient
        if found.gradient @ step < NEAR:
            break
        moved = _step(criterion, x, found, step)
        if moved is None:
            break
        change, turn = moved[0] - x, found.gradient - moved[1].gradient
        x, found = moved
        along = change @ turn
        if along > 1e-10 * np.linalg.norm(change) * np.linalg.norm(turn):
            half = np.eye(len(x)) - np.outer(change, turn) / along
            inverse = half @ inverse @ half.T + np.outer(change, change) / along
    return x, found


def _step(criterion, x, found, step):
    """The longest of the halved steps that gains enough; None if none does."""
    longest = np.abs(step).max()
    step = step * min(1.0, LONGEST / longest) if longest > 0 else step
    promised = found.gradient @ step
    for _ in range(HALVINGS):
        moved = criterion(x + step)
        if moved is not None and moved.value >= found.value + 1e-4 * promised - 1e-12 * abs(found.value):
            return x + step, moved
        step, promised = step / 2, promised / 2
    return None


def hessian_by_differences(criterion: Criterion, x: np.ndarray, scale: np.ndarray) -> np.ndarray | None:
    """Central differences of the exact gradient; None where it is not there."""
    columns = []
    for place, width in enumerate(WIDTH * scale):
        ahead = np.zeros(len(x))
        ahead[place] = width
        both = criterion(x + ahead), criterion(x - ahead)
        if None in both:
            return None
        columns.append((both[0].gradient - both[1].gradient) / (2 * width))
    matrix = np.array(columns)
    return (matrix + matrix.T) / 2
