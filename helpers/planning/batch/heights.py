"""The deviance of many outcomes, each at a θ of its own, and its derivatives.

`helpers.mixed.criterion` has the formulas; here sums over blocks are sums over classes, and outcomes run along the last
axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from helpers.design.crossproducts import CrossProducts
from helpers.mixed.criterion import Traces
from helpers.planning.batch.classes import Classes, Sums


def product(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Matrix products (i, j, …) (j, k, …) -> (i, k, …), one for each place of the last axes."""
    return np.einsum("ij...,jk...->ik...", one, other)


def inverse(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverses and log|determinants| of matrices (w, w, …), by Gauss–Jordan elimination with no pivots exchanged.

    Of matrices whose leading minors are positive, as those of I + AΨ with A and Ψ positive semi-definite.
    """
    w = len(matrices)
    out, log_det = matrices.copy(), np.zeros(matrices.shape[2:])
    for j in range(w):
        pivot = out[j, j].copy()
        log_det += np.log(np.abs(pivot))
        row, column = out[j] / pivot, out[:, j].copy()
        column[j] = 0
        out -= column[:, None] * row[None]
        out[j], out[:, j] = row, -column / pivot
        out[j, j] = 1 / pivot
    return out, log_det


@dataclass(frozen=True, eq=False)
class At:
    """Outcomes at θ (K, N); see `helpers.mixed.criterion.Solution`.

    Attributes
    ----------
    psi : (w, w, N)
    inner : (w, w, C, N)
        (I + Z'ZΨ)ˉ of one block.
    b : (w, p, C, N)
        Z'ṼˉQ of one block.
    phi : (p, p, N)
    beta : (p, N)
    rss, deviance : (N,)
    """

    design: Classes
    sums: Sums
    theta: np.ndarray
    psi: np.ndarray
    inner: np.ndarray
    b: np.ndarray
    phi: np.ndarray
    beta: np.ndarray
    rss: np.ndarray
    deviance: np.ndarray

    @property
    def nu(self) -> int:
        """Rows minus coefficients."""
        return self.design.products.n - self.design.products.p

    @property
    def sigma2(self) -> np.ndarray:
        """σ² at its optimum (N,)."""
        return self.rss / self.nu

    @cached_property
    def traces(self) -> Traces:
        """What the derivatives need."""
        return traces_of(self)

    @cached_property
    def derivatives(self) -> tuple[np.ndarray, np.ndarray]:
        """Gradient (K, N) and Hessian (K, K, N) of the profiled deviance in θ."""
        return to_theta(self.design.products, self.theta, *psi_derivatives(self))


def factor_entries(products: CrossProducts, theta: np.ndarray) -> list[np.ndarray]:
    """The lower-triangular Λ of each term, (size, size, N)."""
    out, start = [], 0
    for term in products.terms:
        factor = np.zeros((term.size, term.size, theta.shape[1]))
        for k, (a, b) in enumerate(term.pairs, start):
            factor[a, b] = theta[k]
        out.append(factor)
        start += len(term.pairs)
    return out


def at(design: Classes, sums: Sums, theta: np.ndarray) -> At:
    """Every outcome at its θ (K, N)."""
    products = design.products
    w, p, n = products.width, products.p, theta.shape[1]
    psi = np.zeros((w, w, n))
    for place, factor in zip(design.places, factor_entries(products, theta), strict=True):
        covariance = np.einsum("acn,bcn->abn", factor, factor)
        for a in range(place.size):
            for b in range(place.size):
                psi[np.arange(w)[place.rows(a)], np.arange(w)[place.rows(b)]] = covariance[a, b]
    system = np.einsum("ijc,jkn->ikcn", design.ztz, psi)
    system[np.arange(w), np.arange(w)] += 1
    inner, log_dets = inverse(system)
    b = np.einsum("ijcn,jpc->ipcn", inner, design.ztq)
    weighted = np.einsum("ijn,jpc->ipcn", psi, design.ztq)
    information = np.eye(p)[:, :, None] - _cross(design.count, weighted, b)
    summed = np.einsum("ijcn,jcn->icn", inner, sums.total)
    score = -np.einsum("ipcn,icn->pn", weighted, summed)
    phi, log_det_information = inverse(information)
    phi = (phi + phi.swapaxes(0, 1)) / 2
    beta = np.einsum("pqn,qn->pn", phi, score)
    turned = np.einsum("ijn,jkcn->ikcn", psi, inner)
    rss = sums.ete - np.einsum("ijcn,ijcn->n", turned, sums.squares) - np.einsum("pn,pn->n", score, beta)
    nu = products.n - p
    with np.errstate(invalid="ignore", divide="ignore"):
        deviance = (
            design.count @ log_dets
            + nu * (1 + np.log(2 * math.pi * rss / nu))
            + log_det_information
            + products.log_det_xtx
        )
    deviance = np.where(rss > 0, deviance, -np.inf)
    return At(design, sums, theta, psi, inner, b, phi, beta, rss, deviance)


def traces_of(here: At) -> Traces:
    """All traces, class by class, with outcomes along the last axis."""
    design, sums = here.design, here.sums
    places, count = design.places, design.count
    pairs = [(places[k], a, b) for k, a, b in design.products.pairs]
    n_pairs = len(pairs)
    s = np.einsum("ijcn,jkc->ikcn", here.inner, design.ztz)
    fitted = np.einsum("ipcn,pn->icn", here.b, here.beta)
    z = np.einsum("ijcn,jcn->icn", here.inner, sums.total)
    u = z - count[:, None] * fitted
    spread = product(here.inner, np.einsum("ijcn,kjcn->ikcn", sums.squares, here.inner))
    crossed = np.einsum("icn,jcn->ijcn", z, fitted)
    spread = spread - crossed - crossed.swapaxes(0, 1) + count[:, None] * np.einsum("icn,jcn->ijcn", fitted, fitted)
    e_s, e_b = ([_pick(*pair, each) for pair in pairs] for each in (s, here.b))
    e_u, e_spread = ([_pick(*pair, each) for pair in pairs] for each in (u, spread))
    p, n = here.b.shape[1], here.rss.shape[0]
    trace2, d = np.empty((2, n_pairs, n_pairs, n))
    q = np.empty((n_pairs, n_pairs, p, p, n))
    for m in range(n_pairs):
        s_e_b = product(s, e_b[m])
        s_e_spread = product(s, e_spread[m])
        for k in range(n_pairs):
            q[k, m] = _cross(count, e_b[k], s_e_b)
            trace2[k, m] = count @ np.einsum("ijcn,jicn->cn", e_s[k], e_s[m])
            d[k, m] = np.einsum("iicn->n", _pick(*pairs[k], s_e_spread))
    return Traces(
        trace=np.array([count @ np.einsum("iicn->cn", each) for each in e_s]),
        trace2=trace2,
        p=np.array([_cross(count, here.b, each) for each in e_b]),
        q=q,
        a=np.array([np.einsum("iicn->n", each) for each in e_spread]),
        c=np.array([np.einsum("ipcn,icn->pn", here.b, each) for each in e_u]),
        d=d,
    )


def _cross(count, one, other):
    """Sums over classes of A'B times the blocks of the class: (i, p, C, N), (i, q, C, N) -> (p, q, N)."""
    return np.einsum("ipcn,iqcn->pqn", one * count[:, None], other)


def _pick(place, a, b, matrix):
    """E_k times matrices: rows a and b of every slot change places (or row a alone stays)."""
    picked = np.zeros_like(matrix)
    picked[place.rows(a)] = matrix[place.rows(b)]
    if a != b:
        picked[place.rows(b)] = matrix[place.rows(a)]
    return picked


def psi_derivatives(here: At, *, sigma2: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian in the entries of Ψ, as `helpers.mixed.criterion.psi_derivatives` by REML."""
    found, nu = here.traces, here.nu
    scale, weight = (here.rss, nu) if sigma2 is None else (sigma2, 1.0)
    phi_p = np.einsum("ijn,kjln->kiln", here.phi, found.p)
    trace = found.trace - np.einsum("kiin->kn", phi_p)
    cross = np.einsum("ijn,kmjin->kmn", here.phi, found.q)
    trace2 = found.trace2 - cross - cross.swapaxes(0, 1) + np.einsum("kijn,mjin->kmn", phi_p, phi_p)
    gradient = trace - weight * found.a / scale
    curvature = found.d - np.einsum("kin,min->kmn", np.einsum("kjn,jin->kin", found.c, here.phi), found.c)
    hessian = -trace2 + 2 * weight * curvature / scale
    if sigma2 is None:
        hessian = hessian - weight * found.a[:, None] * found.a[None] / scale**2
    return gradient, hessian


def jacobian(products: CrossProducts, theta: np.ndarray) -> np.ndarray:
    """∂ψ/∂θ, (K, K, N)."""
    out = np.zeros((len(theta), *theta.shape))
    start = 0
    for term, factor in zip(products.terms, factor_entries(products, theta), strict=True):
        for k, (a, b) in enumerate(term.pairs, start):
            for m, (c, d) in enumerate(term.pairs, start):
                out[k, m] = (a == c) * factor[b, d] + (b == c) * factor[a, d]
        start += len(term.pairs)
    return out


def to_theta(
    products: CrossProducts, theta: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The chain rule from the entries of Ψ to θ."""
    moved = jacobian(products, theta)
    out = np.einsum("man,mbn->abn", np.einsum("kan,kmn->man", moved, hessian), moved)
    start = 0
    for term in products.terms:
        pairs = term.pairs
        for k, (a, b) in enumerate(pairs, start):
            for m, (c, d) in enumerate(pairs, start):
                if b == d:
                    entry = start + pairs.index((max(a, c), min(a, c)))
                    out[k, m] += gradient[entry] * (1 + (a == c))
        start += len(pairs)
    return np.einsum("kan,kn->an", moved, gradient), out
