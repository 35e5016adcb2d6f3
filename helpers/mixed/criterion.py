"""The deviance of a linear mixed model at one θ, and its derivatives, from cross-products alone. Arrays in, arrays out.

Model: y = Xβ + Zb + e, e ~ N(0, σ²I), b ~ N(0, σ²Ψ), so V = σ²Ṽ with Ṽ = I + ZΨZ'. Ψ is block diagonal: each level of
a random term has the same covariance ΛΛ', and θ holds the lower triangles of the Λ (lme4's coordinates; Bates, Mächler,
Bolker & Walker 2015, doi:10.18637/jss.v067.i01).

`helpers.design.crossproducts` reduces the data; its orthonormal coordinates are used throughout.
`helpers.mixed.blocked` eliminates the random effects, `helpers.mixed.stage_derivatives` differentiates what is left.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from helpers.design.crossproducts import CrossProducts
from helpers.mixed.blocked import Step, eliminated
from helpers.mixed.stage_derivatives import derivatives


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
    memo : dict
        Traces found so far: they take longer than the solution.
    """

    theta: np.ndarray
    reml: bool
    steps: list[Step]
    phi: np.ndarray
    beta: np.ndarray
    rss: float
    deviance: float
    sigma2: float
    memo: dict = field(default_factory=dict, repr=False)


def solve(data: CrossProducts, theta: np.ndarray, *, reml: bool = True) -> Solution:
    """The model at θ; its deviance is lme4's REML criterion (or −2 log-likelihood)."""
    theta = np.asarray(theta, dtype=float)
    data = data.at(theta)
    steps, left = eliminated(data, factors(data, theta))
    information, score = left[:-1, :-1], left[:-1, -1]
    phi = np.linalg.inv(information)
    phi = (phi + phi.T) / 2
    beta = phi @ score
    rss = float(left[-1, -1] - score @ beta)
    df = data.n - data.p if reml else data.n
    sigma2 = rss / df
    log_det = sum(step.log_det for step in steps) + data.log_det_known
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

    V is not linear in a parameter of the residuals. There they are what makes `psi_derivatives` true: derivatives of
    log|Ṽ| and of [Q e]'Ṽˉ[Q e], with the same signs and factors.

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


def traces(data: CrossProducts, at: Solution, *, second: bool = True) -> Traces:
    """All `Traces` at a solution; without `second` those of single entries only (the others are empty)."""
    if True in at.memo:  # all of them
        return at.memo[True]
    if second not in at.memo:
        at.memo[second] = _traces(data, at, second)
    return at.memo[second]


def _traces(data, at, second):
    log_det, moved = derivatives(data, at.steps, at.theta, second=second)
    count, p = data.n_theta + data.n_extra, data.p
    to_residuals = np.eye(p + 1)
    to_residuals[:p, p] = -at.beta
    turned = dict(zip(moved, to_residuals.T @ np.array([*moved.values()]) @ to_residuals, strict=True))
    single = -np.array([turned[k,] for k in range(count)])
    both = [[(min(k, m), max(k, m)) for m in range(count)] for k in range(count)] if second else []
    double = np.array([[turned[key] / 2 for key in row] for row in both]).reshape(len(both), len(both), p + 1, p + 1)
    return Traces(
        trace=np.array([log_det[k,] for k in range(count)]),
        trace2=-np.array([[log_det[key] for key in row] for row in both]),
        p=single[:, :p, :p],
        q=double[:, :, :p, :p],
        a=single[:, p, p],
        c=single[:, :p, p],
        d=double[:, :, p, p],
    )


def expected(at: Solution, found: Traces) -> tuple[np.ndarray, np.ndarray]:
    """tr(PV_k) and tr(PV_kPV_l), see `psi_derivatives`."""
    if not at.reml:
        return found.trace, found.trace2
    phi_p = at.phi @ found.p
    trace = found.trace - np.trace(phi_p, axis1=1, axis2=2)
    if not len(found.trace2):
        return trace, found.trace2
    cross = np.einsum("ij,kmji->km", at.phi, found.q)
    return trace, found.trace2 - 2 * cross + np.einsum("kij,mji->km", phi_p, phi_p)


def psi_gradient(at: Solution, found: Traces, *, sigma2: float | None = None) -> np.ndarray:
    """Gradient of the deviance in the entries of Ψ, see `psi_derivatives`."""
    return expected(at, found)[0] - found.a / (at.sigma2 if sigma2 is None else sigma2)


def psi_derivatives(at: Solution, found: Traces, *, sigma2: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian of the deviance in the entries of Ψ.

    With `sigma2` None, σ² moves along at its optimum (the profiled deviance); otherwise it is held.

    With P = Ṽˉ − ṼˉXΦ̃X'Ṽˉ (for ML, Ṽˉ itself in the traces), ν = n − p (n) and rss = r'Ṽˉr:

    - gradient_k = tr(PV_k) − ν a_k/rss, where a_k = r'ṼˉV_kṼˉr;
    - Hessian_kl = −tr(PV_kPV_l) + 2ν r'ṼˉV_kPV_lṼˉr/rss − ν a_k a_l/rss²;
    - with σ² held, ν/rss becomes 1/σ² and the last term is gone.

    tr(PV_kPV_l) = tr(ṼˉV_kṼˉV_l) − 2 tr(Φ̃Q_kl) + tr(Φ̃P_kΦ̃P_l) in the terms of `Traces`.
    """
    scale = at.sigma2 if sigma2 is None else sigma2
    trace, trace2 = expected(at, found)
    curvature = found.d - found.c @ at.phi @ found.c.T
    hessian = -trace2 + 2 * curvature / scale
    if sigma2 is None:
        hessian -= np.outer(found.a, found.a) / (scale * at.rss)
    return trace - found.a / scale, hessian


def jacobian(data: CrossProducts, theta: np.ndarray) -> np.ndarray:
    """∂ψ/∂θ; parameters of the residuals stay as they are."""
    blocks = []
    for term, factor in zip(data.terms, factors(data, theta), strict=True):
        block = np.zeros((len(term.pairs), len(term.pairs)))
        for k, (a, b) in enumerate(term.pairs):
            for m, (c, d) in enumerate(term.pairs):
                block[k, m] = (a == c) * factor[b, d] + (b == c) * factor[a, d]
        blocks.append(block)
    return linalg.block_diag(*blocks, np.eye(data.n_extra)) if data.n_extra else linalg.block_diag(*blocks)


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
