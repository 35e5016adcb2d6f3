"""The REML optimum of many outcomes: Newton's method from several starts, for all that have not arrived at once.

The rules are those of `helpers.mixed.reml`. The truth behind a simulation is one more start, and a good one.
"""

from __future__ import annotations

import numpy as np

from helpers.mixed.reml import DECREMENT, MAX_THETA, NotConverged, optimise
from helpers.planning.batch.classes import Classes, Sums, of_one
from helpers.planning.batch.heights import At, at

MAX_STEPS = 60
HALVINGS = 20
GRID = (0.03, 0.1, 0.3, 0.7, 1.5, 4.0, 12.0)
NEGLIGIBLE = 1e-5


def optima(design: Classes, sums: Sums, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """θ̂ of every outcome.

    Parameters
    ----------
    design : Classes
    sums : Sums
    truth : (K,)
        θ from which the outcomes were simulated.

    Returns
    -------
    theta : (K, N)
    reached : (N,) bool
        Whether there is an optimum.
    """
    n, starts = len(sums.ete), np.stack(list(_starts(design, sums, truth)), axis=1)  # (K, starts, N)
    every = np.tile(np.arange(n), starts.shape[1])
    found, done, deviance = newton(design, sums.of(every), starts.reshape(len(truth), -1))
    deviance = np.where(done, deviance, np.inf).reshape(-1, n)
    first, outcomes = deviance.argmin(axis=0), np.arange(n)
    best, theta = deviance[first, outcomes], found.reshape(starts.shape)[:, first, outcomes]
    theta = _snapped(design, sums, theta)
    for place in np.flatnonzero(np.isinf(best)):
        try:
            theta[:, place] = optimise(of_one(design, sums, int(place))).theta
            best[place] = 0
        except NotConverged:
            continue
    return theta, np.isfinite(best)


def _starts(design, sums, truth):
    """The truth; the best of a grid of equal variances; each variance large and the others small."""
    pairs, n = design.products.pairs, len(sums.ete)
    yield np.repeat(np.where(truth == 0, 0.0, truth)[:, None], n, axis=1)
    identity = np.array([float(a == b) for _, a, b in pairs])
    heights = np.array([at(design, sums, np.repeat(s * identity[:, None], n, axis=1)).deviance for s in GRID])
    yield identity[:, None] * np.array(GRID)[heights.argmin(axis=0)]
    if len(pairs) == 1:
        yield np.zeros((1, n))
        return
    diagonal = np.flatnonzero(identity)
    for k in diagonal:
        start = np.zeros(len(pairs))
        start[diagonal] = 0.05
        start[k] = max(float(np.max(truth)), 0.5)
        yield np.repeat(start[:, None], n, axis=1)


def newton(design: Classes, sums: Sums, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where Newton's method leads from θ (K, N): θ, whether it arrived, and the deviance there."""
    theta, n = start.copy(), start.shape[1]
    done, deviance = np.zeros(n, dtype=bool), np.full(n, np.inf)
    active, here = np.arange(n), at(design, sums, start)
    for _ in range(MAX_STEPS):
        step, arrived, decrement, flat = _step(here)
        theta[:, active], deviance[active] = here.theta, here.deviance
        done[active[arrived]] = True
        lost = ~np.isfinite(here.deviance) | (np.abs(here.theta).max(axis=0) > MAX_THETA)
        going = np.flatnonzero(~arrived & ~lost)
        if not len(going):
            break
        left = sums.of(active[going])
        there, lower = _descended(design, left, here.theta[:, going], here.deviance[going], step[:, going])
        stuck = ~lower & (decrement[going] < 1e-8) & flat[going]
        done[active[going[stuck]]] = True
        active = active[going[lower]]
        if not len(active):
            break
        here = at(design, left.of(np.flatnonzero(lower)), there[:, lower])
    return theta, done & np.isfinite(deviance), deviance


def _step(here: At):
    """The next step of each outcome; whether it is there; the Newton decrement; whether nothing curves downwards."""
    gradient, hessian = here.derivatives
    whole = np.isfinite(gradient).all(axis=0) & np.isfinite(hessian).all(axis=(0, 1))
    values, vectors = np.linalg.eigh(np.where(whole, hessian, 0.0).transpose(2, 0, 1))
    largest = np.maximum(1.0, np.abs(values).max(axis=1))
    slope = np.einsum("nij,in->nj", vectors, np.where(whole, gradient, 0.0))
    size = np.maximum(np.abs(values), 1e-9 * largest[:, None])
    decrement = np.sum(slope**2 / size, axis=1)
    upwards = values[:, 0] >= -1e-6 * largest
    step = -np.einsum("nij,nj->in", vectors, slope / size)
    longest = (1.0 + np.abs(here.theta).max(axis=0)) / np.maximum(np.abs(step).max(axis=0), 1e-300)
    step = step * np.minimum(1.0, longest)
    small = decrement < DECREMENT
    step = np.where(small, 0.05 * vectors[:, :, 0].T, step)  # a saddle, such as a variance of zero that wants to grow
    return step, whole & small & upwards, np.where(small, 0.0, decrement), upwards


def _descended(design, sums, theta, deviance, step):
    """The first point on each way whose deviance is lower; and whether there is one."""
    out, lower = theta.copy(), np.zeros(theta.shape[1], dtype=bool)
    left = np.arange(theta.shape[1])
    for halving in range(HALVINGS):
        there = theta[:, left] + step[:, left] * 0.5**halving
        found = at(design, sums.of(left), there).deviance < deviance[left]
        out[:, left[found]] = there[:, found]
        lower[left[found]] = True
        left = left[~found]
        if not len(left):
            break
    return out, lower


def _snapped(design, sums, theta):
    """θ with negligible entries set to zero where that costs nothing, and with non-negative diagonals."""
    start = 0
    for term in design.products.terms:
        for b in range(term.size):
            column = [start + k for k, (_, c) in enumerate(term.pairs) if c == b]
            theta[column] *= np.where(theta[column[0]] < 0, -1.0, 1.0)
        start += len(term.pairs)
    small = np.abs(theta) < NEGLIGIBLE
    places = np.flatnonzero((small & (theta != 0)).any(axis=0))
    if len(places):
        some, zeroed = sums.of(places), np.where(small[:, places], 0.0, theta[:, places])
        free = at(design, some, zeroed).deviance <= at(design, some, theta[:, places]).deviance + 1e-9
        theta[:, places[free]] = zeroed[:, free]
    return theta
