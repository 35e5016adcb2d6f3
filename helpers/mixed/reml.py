"""The REML (or ML) optimum of a linear mixed model, from cross-products alone. Arrays in, arrays out.

`helpers.mixed.criterion` has the deviance and its derivatives; here the lowest deviance is looked for.
"""

import math

import numpy as np

from helpers.design.crossproducts import CrossProducts, cross_products
from helpers.mixed.criterion import (
    Solution,
    Traces,
    covariance_entries,
    expected,
    factors,
    jacobian,
    psi_derivatives,
    psi_gradient,
    solve,
    theta_derivatives,
    traces,
)
from helpers.threads import one_thread

__all__ = [
    "CrossProducts",
    "NotConverged",
    "Solution",
    "Traces",
    "covariance_entries",
    "cross_products",
    "factors",
    "jacobian",
    "newton",
    "optimise",
    "psi_derivatives",
    "solve",
    "theta_derivatives",
    "traces",
]

MAX_STEPS = 200
CREEPING = 50  # steps after which a term whose effects go together nearly exactly is made to do so exactly
DECREMENT = 1e-12  # the deviance is within this of its optimum when the Newton decrement falls below it
MAX_THETA = 1e6
SINGULAR = 1e-4  # a diagonal entry of Λ below this counts as zero, as in lme4's isSingular()
MANY = 2_000  # random effects from which one start is followed
WIDE = 200  # of them linked, too
ROUNDING = 2e-16
FOLLOWED = 5  # trials of the residuals' parameters from which Newton's method starts
SMALL = 0.05  # the least diagonal entry of Λ at a start: zero would hold it


class NotConverged(RuntimeError):
    """The optimum was not reached: there is no fit to report."""


def optimise(data: CrossProducts, *, reml: bool = True) -> Solution:
    """The global optimum, as far as several starts can tell.

    Newton's method with the exact gradient and Hessian from the local minima of a grid of equal variances; a large
    model has one start, by Fisher's scoring. Negative curvature is followed, so that a variance of zero is accepted
    only where the deviance rises on leaving it.

    Returns
    -------
    Solution

    Raises
    ------
    NotConverged
        No start reached an optimum, or the residual variance runs to zero.
    """
    with one_thread(data.width, data.width, data.width + data.p):
        return _lowest(data, reml)


def _lowest(data, reml):
    """The best of the optima that several starts lead to."""
    starts = _starts(data, reml)
    found = [at for at in (newton(data, start, reml=reml) for start in starts) if at is not None]
    if not found:
        raise NotConverged(
            f"No optimum was reached from {len(starts)} starts. Does the model fit some groups without residual,"
            " or are there as many random effects as rows?"
        )
    return _sharpened(data, _snapped(data, min(found, key=lambda at: at.deviance)))


def _is_large(data):
    """Whether there are so many random effects that second derivatives take long, and one start is enough.

    What makes several optima is that each fits a few levels well. With very many levels the criterion is that of a
    normal distribution, nearly.
    """
    return data.width >= WIDE or data.stages[-1].stop >= MANY


def _starts(data, reml):
    """The local minima of a grid of equal variances, and single large ones; in a large model one, by scoring."""
    if data.n_extra:
        return list(_structured_starts(data, reml))
    grid = np.array([0.1, 0.5, 2.0] if _is_large(data) else [0.03, 0.1, 0.3, 0.7, 1.5, 4.0, 12.0])
    identity = np.array([float(a == b) for _, a, b in data.pairs])
    found = [solve(data, s * identity, reml=reml) for s in grid]
    lowest = int(np.argmin([at.deviance for at in found]))
    if _is_large(data):
        return [_scored(data, found[lowest])]
    padded = np.array([np.inf, *(at.deviance for at in found), np.inf])
    starts = [s * identity for i, s in enumerate(grid) if padded[i + 1] <= min(padded[i], padded[i + 2])]
    return [*starts, *_one_sided_starts(data, grid[lowest])] if len(data.pairs) > 1 else starts


def _structured_starts(data, reml):
    """For each trial of the residuals' parameters the lowest point of a grid of equal variances, and a small one."""
    identity = np.array([float(a == b) for _, a, b in data.pairs])
    lowest = []
    for rho in data.trials():
        points = [np.append(s * identity, rho) for s in (SMALL, 0.1, 0.3, 0.7, 1.5, 4.0)]
        found = [solve(data, point, reml=reml) for point in points]
        lowest.append(min(found, key=lambda at: at.deviance))
    lowest.sort(key=lambda at: at.deviance)
    best = lowest[0].theta
    yield from (at.theta for at in lowest[:FOLLOWED])
    yield np.append(SMALL * identity, best[data.n_theta :])
    if len(data.pairs) > 1:
        scale = best[: data.n_theta].max()
        yield from (np.append(start, best[data.n_theta :]) for start in _one_sided_starts(data, scale))


def _scored(data, at):
    """θ after a step of Fisher's scoring: with balanced data the optimum, wherever the step begins.

    The covariance aṼ + Σ δ_kV_k that solves tr(PV_kP(aṼ + Σ δ_lV_l)) = r'ṼˉV_kṼˉr, and the same for Ṽ itself.
    """
    found = traces(data, at)
    trace, trace2 = expected(at, found)
    left = np.block([[trace2, trace[:, None]], [trace[None, :], np.array([[at.rss / at.sigma2]])]])
    *change, a = np.linalg.solve(left, np.append(found.a, at.rss))
    if a <= 0:
        return at.theta
    entries = iter(covariance_entries(data, at.theta) + np.array(change) / a)
    theta = []
    for term in data.terms:
        psi = np.zeros((term.size, term.size))
        for k, m in term.pairs:
            psi[k, m] = psi[m, k] = next(entries)
        values, vectors = np.linalg.eigh(psi)
        factor = np.linalg.cholesky((vectors * np.maximum(values, SMALL**2)) @ vectors.T)
        theta += [factor[k, m] for k, m in term.pairs]
    return np.array(theta)


def _one_sided_starts(data, scale):
    """Starts in which one standard deviation is large and the others small."""
    diagonal = [k for k, (_, a, b) in enumerate(data.pairs) if a == b]
    for k in diagonal:
        start = np.zeros(len(data.pairs))
        start[diagonal] = SMALL
        start[k] = max(scale, 0.5)
        yield start


def newton(data: CrossProducts, theta: np.ndarray, *, reml: bool = True) -> Solution | None:
    """The local optimum that Newton's method reaches from `theta`, or None.

    In a large model the Hessian is exact at the start and at the end, and in between corrected by how the gradient has
    moved (symmetric rank one; Nocedal & Wright 2006, section 6.2, doi:10.1007/978-0-387-40065-5).
    """
    at, before, last = solve(data, theta, reml=reml), None, math.inf
    for step_number in range(1, MAX_STEPS + 1):
        if step_number % CREEPING == 0:
            at, before = _straightened(data, at), None
        if not math.isfinite(at.deviance) or np.abs(at.theta).max() > MAX_THETA:
            return None
        exact = before is None
        gradient, hessian = _derivatives(data, at) if exact else _corrected(data, at, *before)
        values, vectors = np.linalg.eigh(hessian)
        slope = vectors.T @ gradient
        floor = 1e-9 * max(1.0, np.abs(values).max())
        size = np.maximum(np.abs(values), floor)
        decrement = float(np.sum(slope**2 / size))
        if decrement < DECREMENT and not exact:
            before = None
            continue
        if decrement < DECREMENT:
            if values[0] >= -1e-6 * max(1.0, np.abs(values).max()):
                return at
            step = 0.05 * vectors[:, 0]  # a saddle, such as a variance of zero that wants to grow
            decrement = math.inf
        else:
            step = -vectors @ (slope / size)
            step *= min(1.0, (1.0 + np.abs(at.theta).max()) / np.abs(step).max())
        lower = _descend(data, at, step, decrement)
        if lower is None and exact:
            return at if decrement < 1e-8 and values[0] > -1e-6 * np.abs(values).max() else None
        helps = _is_large(data) and lower is not None and decrement < last / 2
        before, last = (at.theta, gradient, hessian) if helps else None, decrement
        at = lower or at
    return None


def _straightened(data, at):
    """The same covariances with the smallest directions of each term left out, where that costs nothing.

    Where a standard deviation is next to zero, the rest of Λ can be turned nearly for nothing: steps creep along that
    valley. At its end lies a Λ with fewer directions.
    """
    theta = []
    for term, factor in zip(data.terms, factors(data, at.theta), strict=True):
        directions, sizes, _ = np.linalg.svd(factor)
        kept = directions * np.where(sizes < 1e-3 * sizes.max(), 0.0, sizes)
        triangular = np.linalg.qr(kept.T)[1].T
        theta += [triangular[a, b] for a, b in term.pairs]
    straight = solve(data, np.append(theta, at.theta[data.n_theta :]), reml=at.reml)
    return straight if straight.deviance <= at.deviance else at


def _derivatives(data, at):
    return theta_derivatives(data, at.theta, *psi_derivatives(at, traces(data, at)))


def _slope(data, at):
    found = traces(data, at, second=False)
    return jacobian(data, at.theta).T @ psi_gradient(at, found)


def _corrected(data, at, theta, gradient, hessian):
    """The gradient, and the Hessian of another point corrected by what the gradient has done on the way."""
    here, step = _slope(data, at), at.theta - theta
    miss = here - gradient - hessian @ step
    if abs(miss @ step) > 1e-8 * np.linalg.norm(miss) * np.linalg.norm(step):
        hessian = hessian + np.outer(miss, miss) / (miss @ step)
    return here, hessian


def _descend(data, at, step, gain):
    """The first point on the way whose deviance is lower; None where rounding hides any."""
    for halving in range(30):
        there = solve(data, at.theta + step * 0.5**halving, reml=at.reml)
        if there.deviance < at.deviance:
            return there
        if gain * 0.5**halving < ROUNDING * abs(at.deviance):
            return None
    return None


def _snapped(data, at):
    """θ with negligible entries set to exactly zero, where that costs nothing, and with non-negative diagonals."""
    theta = at.theta.copy()
    start = 0
    for term in data.terms:
        for b in range(term.size):  # a column of Λ may change its sign
            column = [start + k for k, (_, c) in enumerate(term.pairs) if c == b]
            if theta[column[0]] < 0:
                theta[column] = -theta[column]
        start += len(term.pairs)
    small = (np.abs(theta) < 1e-5) & (np.arange(len(theta)) < data.n_theta)
    if small.any() and theta[small].any():
        zeroed = solve(data, np.where(small, 0.0, theta), reml=at.reml)
        if zeroed.deviance <= at.deviance + 1e-9:
            return zeroed
    return at if (theta == at.theta).all() else solve(data, theta, reml=at.reml)


def _sharpened(data, at):
    """Newton steps that no change of the deviance can guide any more, as long as they make the gradient smaller.

    The deviance is flat to rounding where θ is right to half the digits only; the gradient still tells where it is.
    """
    gradient, hessian = _derivatives(data, at)
    if np.linalg.eigvalsh(hessian)[0] <= 0:
        return at
    for _ in range(1 if _is_large(data) else 3):
        there = solve(data, at.theta - np.linalg.solve(hessian, gradient), reml=at.reml)
        slope = _slope(data, there)
        if np.linalg.norm(slope) >= np.linalg.norm(gradient) or there.deviance > at.deviance + 1e-9:
            return at
        at, gradient = there, slope
    return at
