"""The REML (or ML) optimum of a linear mixed model, from cross-products alone. Arrays in, arrays out.

Model: y = Xβ + Zb + e, e ~ N(0, σ²I), b ~ N(0, σ²Ψ), so V = σ²Ṽ with Ṽ = I + ZΨZ'. Ψ is block diagonal: each level of
a random term has the same covariance ΛΛ', and θ holds the lower triangles of the Λ (lme4's coordinates; Bates, Mächler,
Bolker & Walker 2015, doi:10.18637/jss.v067.i01).

`helpers.design.crossproducts` reduces the data; its orthonormal coordinates are used throughout.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from helpers.design.crossproducts import CrossProducts, cross_products
from helpers.mixed.blocked import Step, derivatives, eliminated
from helpers.threads import one_thread

__all__ = ["CrossProducts", "NotConverged", "Solution", "cross_products", "newton", "optimise", "solve"]

MAX_STEPS = 200
DECREMENT = 1e-12  # the deviance is within this of its optimum when the Newton decrement falls below it
MAX_THETA = 1e6
SINGULAR = 1e-4  # a diagonal entry of Λ below this counts as zero, as in lme4's isSingular()


class NotConverged(RuntimeError):
    """The optimum was not reached: there is no fit to report."""


def factors(data: CrossProducts, theta: np.ndarray) -> list[np.ndarray]:
    """The lower-triangular Λ of each term."""
    out, start = [], 0
    for term in data.terms:
        factor = np.zeros((term.size, term.size))
        for k, (a, b) in enumerate(term.pairs, start):
            factor[a, b] = theta[k]
        out.append(factor)
        start += len(term.pairs)
    return out


@dataclass(frozen=True)
class Solution:
    """The model at one θ, in orthonormal coordinates and with σ² factored out.

    Attributes
    ----------
    steps : list of Step
        How the random effects were eliminated, see `helpers.mixed.blocked`.
    phi : (p, p)
        (Q'ṼˉQ)ˉ, where Ṽˉ is the inverse of Ṽ.
    beta : (p,)
        Coefficients on Q, beyond least squares.
    rss : float
        (y − Xβ̂)'Ṽˉ(y − Xβ̂).
    deviance : float
        −2 log-likelihood (REML or ML) with σ² at its optimum.
    sigma2 : float
    """

    theta: np.ndarray
    reml: bool
    steps: list[Step]
    phi: np.ndarray
    beta: np.ndarray
    rss: float
    deviance: float
    sigma2: float


def solve(data: CrossProducts, theta: np.ndarray, *, reml: bool = True) -> Solution:
    """The model at θ; its deviance is lme4's REML criterion (or −2 log-likelihood)."""
    theta = np.asarray(theta, dtype=float)
    steps, left = eliminated(data, [factor @ factor.T for factor in factors(data, theta)])
    information, score = left[:-1, :-1], left[:-1, -1]
    phi = np.linalg.inv(information)
    phi = (phi + phi.T) / 2
    beta = phi @ score
    rss = float(left[-1, -1] - score @ beta)
    df = data.n - data.p if reml else data.n
    sigma2 = rss / df
    log_det = sum(step.log_det for step in steps)
    deviance = log_det + df * (1 + math.log(2 * math.pi * sigma2)) if rss > 0 else -math.inf
    if reml:
        deviance += float(np.linalg.slogdet(information)[1]) + data.log_det_xtx
    return Solution(theta, reml, steps, phi, beta, rss, deviance, sigma2)


def covariance_entries(data: CrossProducts, theta: np.ndarray) -> np.ndarray:
    """The entries of Ψ, in the order of θ."""
    psis = [factor @ factor.T for factor in factors(data, theta)]
    return np.array([psis[k][a, b] for k, a, b in data.pairs])


@dataclass(frozen=True)
class Traces:
    """What the derivatives of V leave behind, for each covariance entry k (and l) of Ψ; σ² factored out.

    V_k is ZE_kZ', where E_k picks entry (a, b) of a term in every level; r = y − Xβ̂.

    Attributes
    ----------
    trace : (K,)
        tr(ṼˉV_k).
    trace2 : (K, K)
        tr(ṼˉV_kṼˉV_l).
    p : (K, p, p)
        Q'ṼˉV_kṼˉQ.
    q : (K, K, p, p)
        Q'ṼˉV_kṼˉV_lṼˉQ, its symmetric part.
    a : (K,)
        r'ṼˉV_kṼˉr.
    c : (K, p)
        Q'ṼˉV_kṼˉr.
    d : (K, K)
        r'ṼˉV_kṼˉV_lṼˉr.
    """

    trace: np.ndarray
    trace2: np.ndarray
    p: np.ndarray
    q: np.ndarray
    a: np.ndarray
    c: np.ndarray
    d: np.ndarray


def traces(data: CrossProducts, at: Solution) -> Traces:
    """All `Traces` at a solution."""
    log_det, moved = derivatives(data, at.steps)
    count, p = len(data.pairs), data.p
    to_residuals = np.eye(p + 1)
    to_residuals[:p, p] = -at.beta
    turned = {key: to_residuals.T @ each @ to_residuals for key, each in moved.items()}
    first = -np.array([turned[k,] for k in range(count)])
    both = [[(min(k, m), max(k, m)) for m in range(count)] for k in range(count)]
    second = np.array([[turned[key] / 2 for key in row] for row in both])
    return Traces(
        trace=np.array([log_det[k,] for k in range(count)]),
        trace2=-np.array([[log_det[key] for key in row] for row in both]),
        p=first[:, :p, :p],
        q=second[:, :, :p, :p],
        a=first[:, p, p],
        c=first[:, :p, p],
        d=second[:, :, p, p],
    )


def psi_derivatives(at: Solution, found: Traces, *, sigma2: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian of the deviance in the entries of Ψ.

    With `sigma2` None, σ² moves along at its optimum (the profiled deviance); otherwise it is held.

    With P = Ṽˉ − ṼˉXΦ̃X'Ṽˉ (for ML, Ṽˉ itself in the traces), ν = n − p (n) and rss = r'Ṽˉr:

    - gradient_k = tr(PV_k) − ν a_k/rss, where a_k = r'ṼˉV_kṼˉr;
    - Hessian_kl = −tr(PV_kPV_l) + 2ν r'ṼˉV_kPV_lṼˉr/rss − ν a_k a_l/rss²;
    - with σ² held, ν/rss becomes 1/σ² and the last term is gone.

    tr(PV_kPV_l) = tr(ṼˉV_kṼˉV_l) − 2 tr(Φ̃Q_kl) + tr(Φ̃P_kΦ̃P_l) in the terms of `Traces`.
    """
    df = at.rss / at.sigma2
    scale = at.rss if sigma2 is None else sigma2
    weight = df if sigma2 is None else 1.0
    phi_p = at.phi @ found.p
    trace, trace2 = found.trace, found.trace2
    if at.reml:
        trace = trace - np.trace(phi_p, axis1=1, axis2=2)
        cross = np.einsum("ij,kmji->km", at.phi, found.q)
        trace2 = trace2 - cross - cross.T + np.einsum("kij,mji->km", phi_p, phi_p)
    gradient = trace - weight * found.a / scale
    curvature = found.d - found.c @ at.phi @ found.c.T
    hessian = -trace2 + 2 * weight * curvature / scale
    if sigma2 is None:
        hessian -= weight * np.outer(found.a, found.a) / scale**2
    return gradient, hessian


def jacobian(data: CrossProducts, theta: np.ndarray) -> np.ndarray:
    """∂ψ/∂θ, and for each term the map from the gradient in ψ to the curvature it adds in θ."""
    blocks = []
    for term, factor in zip(data.terms, factors(data, theta), strict=True):
        block = np.zeros((len(term.pairs), len(term.pairs)))
        for k, (a, b) in enumerate(term.pairs):
            for m, (c, d) in enumerate(term.pairs):
                block[k, m] = (a == c) * factor[b, d] + (b == c) * factor[a, d]
        blocks.append(block)
    return linalg.block_diag(*blocks)


def theta_derivatives(
    data: CrossProducts, theta: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The chain rule from the entries of Ψ = ΛΛ' to θ; the second derivatives of Ψ count too."""
    to_theta = jacobian(data, theta)
    out = to_theta.T @ hessian @ to_theta
    start = 0
    for term in data.terms:
        pairs = term.pairs
        for k, (a, b) in enumerate(pairs, start):
            for m, (c, d) in enumerate(pairs, start):
                if b == d:  # ∂²ψ_ac/∂Λ_ab∂Λ_cb = 1, twice that on the diagonal
                    entry = start + pairs.index((max(a, c), min(a, c)))
                    out[k, m] += gradient[entry] * (1 + (a == c))
        start += len(pairs)
    return to_theta.T @ gradient, out


def optimise(data: CrossProducts, *, reml: bool = True) -> Solution:
    """The global optimum, as far as several starts can tell.

    Newton's method with the exact gradient and Hessian from the local minima of a grid of equal variances. Negative
    curvature is followed, so that a variance of zero is accepted only where the deviance rises on leaving it.

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
    grid = np.array([0.03, 0.1, 0.3, 0.7, 1.5, 4.0, 12.0])
    identity = np.array([float(a == b) for _, a, b in data.pairs])
    heights = [solve(data, s * identity, reml=reml).deviance for s in grid]
    padded = np.array([np.inf, *heights, np.inf])
    starts = [s * identity for i, s in enumerate(grid) if padded[i + 1] <= min(padded[i], padded[i + 2])]
    if len(data.pairs) > 1:
        starts += _one_sided_starts(data, grid[int(np.argmin(heights))])
    found = [at for at in (newton(data, start, reml=reml) for start in starts) if at is not None]
    if not found:
        raise NotConverged(
            f"No optimum was reached from {len(starts)} starts. Does the model fit some groups without residual,"
            " or are there as many random effects as rows?"
        )
    return _sharpened(data, _snapped(data, min(found, key=lambda at: at.deviance)))


def _one_sided_starts(data, scale):
    """Starts in which one standard deviation is large and the others small."""
    diagonal = [k for k, (_, a, b) in enumerate(data.pairs) if a == b]
    for k in diagonal:
        start = np.zeros(len(data.pairs))
        start[diagonal] = 0.05
        start[k] = max(scale, 0.5)
        yield start


def newton(data: CrossProducts, theta: np.ndarray, *, reml: bool = True) -> Solution | None:
    """The local optimum that Newton's method reaches from `theta`, or None."""
    at = solve(data, theta, reml=reml)
    for _ in range(MAX_STEPS):
        if not math.isfinite(at.deviance) or np.abs(at.theta).max() > MAX_THETA:
            return None
        gradient, hessian = theta_derivatives(data, at.theta, *psi_derivatives(at, traces(data, at)))
        values, vectors = np.linalg.eigh(hessian)
        slope = vectors.T @ gradient
        floor = 1e-9 * max(1.0, np.abs(values).max())
        size = np.maximum(np.abs(values), floor)
        decrement = float(np.sum(slope**2 / size))
        if decrement < DECREMENT:
            if values[0] >= -1e-6 * max(1.0, np.abs(values).max()):
                return at
            step = 0.05 * vectors[:, 0]  # a saddle, such as a variance of zero that wants to grow
            decrement = 0.0
        else:
            step = -vectors @ (slope / size)
            step *= min(1.0, (1.0 + np.abs(at.theta).max()) / np.abs(step).max())
        shorter = _descend(data, at, step, reml)
        if shorter is None:
            return at if decrement < 1e-8 and values[0] > -1e-6 * np.abs(values).max() else None
        at = shorter
    return None


def _descend(data, at, step, reml):
    """The first point on the way whose deviance is lower; None where rounding hides any."""
    for halving in range(30):
        there = solve(data, at.theta + step * 0.5**halving, reml=reml)
        if there.deviance < at.deviance:
            return there
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
    small = np.abs(theta) < 1e-5
    if small.any() and theta[small].any():
        zeroed = solve(data, np.where(small, 0.0, theta), reml=at.reml)
        if zeroed.deviance <= at.deviance + 1e-9:
            return zeroed
    return solve(data, theta, reml=at.reml)


def _sharpened(data, at):
    """Newton steps that no change of the deviance can guide any more, as long as they make the gradient smaller.

    The deviance is flat to rounding where θ is right to half the digits only; the gradient still tells where it is.
    """
    gradient, hessian = theta_derivatives(data, at.theta, *psi_derivatives(at, traces(data, at)))
    for _ in range(3):
        if np.linalg.eigvalsh(hessian)[0] <= 0:
            return at
        there = solve(data, at.theta - np.linalg.solve(hessian, gradient), reml=at.reml)
        slope, bend = theta_derivatives(data, there.theta, *psi_derivatives(there, traces(data, there)))
        if np.linalg.norm(slope) >= np.linalg.norm(gradient) or there.deviance > at.deviance + 1e-9:
            return at
        at, gradient, hessian = there, slope, bend
    return at
