"""The REML (or ML) optimum of a linear mixed model, from cross-products alone. Arrays in, arrays out.

Model: y = Xβ + Zb + e, e ~ N(0, σ²I), b ~ N(0, σ²Ψ), so V = σ²Ṽ with Ṽ = I + ZΨZ'. Ψ is block diagonal: each level of
a random term has the same covariance ΛΛ', and θ holds the lower triangles of the Λ (lme4's coordinates; Bates, Mächler,
Bolker & Walker 2015, doi:10.18637/jss.v067.i01).

Random effects that share no observation fall into separate *blocks*: the groups of a single grouping factor, or one
block for crossed factors. Blocks are padded to one width w and worked on as stacked (n_blocks, w, w) arrays, so no
matrix of n × n, and none of q × q unless the factors are fully crossed, is ever built.

Before anything else X is made orthonormal (X = QR), y is replaced by its least-squares residuals, and the columns of
each random term are made orthonormal too (by a lower-triangular matrix, so that Λ stays lower triangular). The optimum
is the same; the arithmetic neither loses digits to large offsets nor depends on units.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

MAX_STEPS = 200
DECREMENT = 1e-12  # the deviance is within this of its optimum when the Newton decrement falls below it
MAX_THETA = 1e6


class NotConverged(RuntimeError):
    """The optimum was not reached: there is no fit to report."""


@dataclass(frozen=True)
class Term:
    """Where one random term stands in a block: `slots` levels of `size` columns each, from `offset` on."""

    offset: int
    slots: int
    size: int

    @property
    def stop(self):
        """First position after the term."""
        return self.offset + self.slots * self.size

    def rows(self, a):
        """Positions of column `a` in all slots."""
        return slice(self.offset + a, self.stop, self.size)

    @cached_property
    def pairs(self):
        """(row, column) of the lower triangle, column by column as in lme4's θ."""
        return [(a, b) for b in range(self.size) for a in range(b, self.size)]


@dataclass(frozen=True)
class CrossProducts:
    """All that estimation needs of the data, in the orthonormal coordinates of the module docstring.

    Attributes
    ----------
    ztz : (n_blocks, w, w), ztq : (n_blocks, w, p), zte : (n_blocks, w)
        Z'Z, Z'Q and Z'e, block by block; e are the least-squares residuals of y.
    ete : float
        Their sum of squares.
    n, p : int
        Rows; columns of X.
    log_det_xtx : float
        log|X'X| of the original columns.
    r : (p, p)
        X = QR.
    coefficients : (p,)
        Least-squares coefficients on the original columns.
    terms : tuple of Term
    to_original : tuple of (size, size)
        For each term the lower-triangular matrix that carries Λ back to the original columns.
    positions : tuple of (n_levels, size) int
        For each term and level, where its random effects stand in the stacked blocks, flattened.
    """

    ztz: np.ndarray
    ztq: np.ndarray
    zte: np.ndarray
    ete: float
    n: int
    p: int
    log_det_xtx: float
    r: np.ndarray
    coefficients: np.ndarray
    terms: tuple
    to_original: tuple
    positions: tuple

    @property
    def width(self):
        """Random effects in a block, padding included."""
        return self.ztz.shape[1]

    @property
    def n_theta(self):
        """Covariance parameters."""
        return sum(len(term.pairs) for term in self.terms)

    @cached_property
    def pairs(self):
        """(term, row, column) of every covariance parameter, in the order of θ."""
        return [(term, a, b) for term in self.terms for a, b in term.pairs]


def cross_products(y, x, random):
    """Reduce data to what estimation needs.

    Parameters
    ----------
    y : (n,)
    x : (n, p)
        Of full rank.
    random : list of (columns, codes, n_levels)
        For each random term its (n, r) columns, and the (n,) level number of each row.

    Returns
    -------
    CrossProducts
    """
    n, p = x.shape
    q, r = np.linalg.qr(x)
    coefficients = linalg.solve_triangular(r, q.T @ y)
    e = y - x @ coefficients
    e -= q @ (q.T @ e)  # once more: what rounding left of X in the residuals

    unit_columns, to_original = zip(*(_orthonormal(columns) for columns, _, _ in random), strict=True)
    terms, positions, entries = _layout(random, n)
    n_blocks, width = entries.pop("shape")
    total = n_blocks * width
    where = np.concatenate([positions[k][codes] for k, (_, codes, _) in enumerate(random)], axis=1)
    values = np.concatenate(unit_columns, axis=1)
    if (n_blocks == 1 and width > 200) or n > 5_000:
        row = np.repeat(np.arange(n), where.shape[1])
        z = sparse.csr_array((values.ravel(), (row, where.ravel())), shape=(n, total))
        ztz = _blocks(z.T @ z, n_blocks, width)
        ztq, zte = z.T @ q, z.T @ e
    else:
        ztz = np.zeros((n_blocks, width, width))
        block = where // width
        for i in range(where.shape[1]):
            for j in range(where.shape[1]):
                np.add.at(ztz, (block[:, i], where[:, i] % width, where[:, j] % width), values[:, i] * values[:, j])
        ztq, zte = np.zeros((total, p)), np.zeros(total)
        for i in range(where.shape[1]):
            np.add.at(ztq, where[:, i], values[:, i, None] * q)
            np.add.at(zte, where[:, i], values[:, i] * e)
    return CrossProducts(
        ztz=ztz,
        ztq=np.asarray(ztq).reshape(n_blocks, width, p),
        zte=np.asarray(zte).reshape(n_blocks, width),
        ete=float(e @ e),
        n=n,
        p=p,
        log_det_xtx=2 * float(np.log(np.abs(np.diag(r))).sum()),
        r=r,
        coefficients=coefficients,
        terms=terms,
        to_original=to_original,
        positions=positions,
    )


def _orthonormal(columns):
    """Columns U with U'U = n·I and the lower-triangular L⁻¹ for which columns = U L: Λ = L⁻¹ Λ_U."""
    u, r = np.linalg.qr(columns[:, ::-1])
    scale = math.sqrt(len(columns))
    lower = r[::-1, ::-1] / scale
    signs = np.sign(np.diag(lower))
    return u[:, ::-1] * scale * signs, linalg.inv(lower * signs[:, None])


def _layout(random, n):
    """Put every level of every term into a block; levels that share a row share a block."""
    n_levels = [levels for _, _, levels in random]
    starts = np.concatenate([[0], np.cumsum(n_levels)])
    if len({codes.tobytes() for _, codes, _ in random}) == 1:  # one grouping factor: a block per level
        blocks = [np.arange(levels) for levels in n_levels]
        n_blocks = n_levels[0]
    else:
        nodes = np.stack([start + codes for start, (_, codes, _) in zip(starts, random, strict=False)])
        links = sparse.coo_array(
            (np.ones(n * (len(random) - 1)), (np.repeat(nodes[:1], len(random) - 1, 0).ravel(), nodes[1:].ravel())),
            shape=(starts[-1], starts[-1]),
        )
        n_blocks, labels = sparse.csgraph.connected_components(links, directed=False)
        blocks = [labels[starts[k] : starts[k + 1]] for k in range(len(random))]
    terms, slots_of, offset = [], [], 0
    for (columns, _, _), block in zip(random, blocks, strict=True):
        counts = np.bincount(block, minlength=n_blocks)
        order = np.argsort(block, kind="stable")
        slot = np.empty(len(block), dtype=int)
        slot[order] = np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts, counts)
        terms.append(Term(offset, int(counts.max()), columns.shape[1]))
        slots_of.append(slot)
        offset = terms[-1].stop
    positions = tuple(
        block[:, None] * offset + term.offset + slot[:, None] * term.size + np.arange(term.size)
        for term, block, slot in zip(terms, blocks, slots_of, strict=True)
    )
    return tuple(terms), positions, {"shape": (int(n_blocks), offset)}


def _blocks(matrix, n_blocks, width):
    matrix = sparse.coo_array(matrix)
    row, column = matrix.coords
    out = np.zeros((n_blocks, width, width))
    out[row // width, row % width, column % width] = matrix.data
    return out


def factors(data, theta):
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
    s : (n_blocks, w, w), b : (n_blocks, w, p), u : (n_blocks, w)
        Z'ṼˉZ, Z'ṼˉQ and Z'Ṽˉ(y − Xβ̂), where Ṽˉ is the inverse of Ṽ.
    phi : (p, p)
        (Q'ṼˉQ)ˉ.
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
    s: np.ndarray
    b: np.ndarray
    u: np.ndarray
    phi: np.ndarray
    beta: np.ndarray
    rss: float
    deviance: float
    sigma2: float
    psi: np.ndarray


def solve(data, theta, *, reml=True):
    """The model at θ; its deviance is lme4's REML criterion (or −2 log-likelihood)."""
    theta = np.asarray(theta, dtype=float)
    psi = _psi(data, theta)
    system = data.ztz @ psi
    system[:, np.arange(data.width), np.arange(data.width)] += 1
    right = np.concatenate([data.ztz, data.ztq, data.zte[:, :, None]], axis=2)
    solved = np.linalg.solve(system, right)  # Z'Ṽˉ = (I + Z'ZΨ)ˉ Z'
    s, b, z = solved[:, :, : data.width], solved[:, :, data.width : -1], solved[:, :, -1]
    weighted = (psi @ data.ztq).reshape(-1, data.p)
    information = np.eye(data.p) - weighted.T @ b.reshape(-1, data.p)
    score = -weighted.T @ z.ravel()
    phi = np.linalg.inv(information)
    phi = (phi + phi.T) / 2
    beta = phi @ score
    rss = data.ete - float(np.einsum("gi,ij,gj->", data.zte, psi, z)) - float(score @ beta)
    log_det = float(np.linalg.slogdet(system)[1].sum())
    df = data.n - data.p if reml else data.n
    sigma2 = rss / df
    deviance = log_det + df * (1 + math.log(2 * math.pi * sigma2)) if rss > 0 else -math.inf
    if reml:
        deviance += float(np.linalg.slogdet(information)[1]) + data.log_det_xtx
    return Solution(theta, reml, s, b, z - b @ beta, phi, beta, rss, deviance, sigma2, psi)


def _psi(data, theta):
    """Ψ of a block: the covariance ΛΛ' of each term, repeated down its slots."""
    psi = np.zeros((data.width, data.width))
    for term, factor in zip(data.terms, factors(data, theta), strict=True):
        psi[term.offset : term.stop, term.offset : term.stop] = np.kron(np.eye(term.slots), factor @ factor.T)
    return psi


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
        Q'ṼˉV_kṼˉV_lṼˉQ.
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


def traces(data, at):
    """All `Traces` at a solution, from the blocks."""
    n_pairs, p = len(data.pairs), data.p
    bu = np.concatenate([at.b, at.u[:, :, None]], axis=2)
    e_s = [_pick(term, a, b, at.s) for term, a, b in data.pairs]
    e_bu = [_pick(term, a, b, bu) for term, a, b in data.pairs]
    s_e_bu = [at.s @ picked for picked in e_bu]
    flat = bu.reshape(-1, p + 1)
    first = np.array([flat.T @ picked.reshape(-1, p + 1) for picked in e_bu])
    second = np.empty((n_pairs, n_pairs, p + 1, p + 1))
    trace2 = np.empty((n_pairs, n_pairs))
    for k in range(n_pairs):
        for m in range(n_pairs):
            second[k, m] = e_bu[k].reshape(-1, p + 1).T @ s_e_bu[m].reshape(-1, p + 1)
            trace2[k, m] = np.vdot(e_s[k], np.swapaxes(e_s[m], 1, 2))
    return Traces(
        trace=np.array([np.trace(picked, axis1=1, axis2=2).sum() for picked in e_s]),
        trace2=trace2,
        p=first[:, :p, :p],
        q=second[:, :, :p, :p],
        a=first[:, p, p],
        c=first[:, :p, p],
        d=second[:, :, p, p],
    )


def _pick(term, a, b, matrix):
    """E_k times a stack of matrices: rows a and b of every slot change places (or row a alone stays)."""
    picked = np.zeros_like(matrix)
    picked[:, term.rows(a)] = matrix[:, term.rows(b)]
    if a != b:
        picked[:, term.rows(b)] = matrix[:, term.rows(a)]
    return picked


def psi_derivatives(at, found, *, sigma2=None):
    """Gradient and Hessian of the deviance in the entries of Ψ.

    With `sigma2` None, σ² moves along at its optimum (the profiled deviance); otherwise it is held.
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


def jacobian(data, theta):
    """∂ψ/∂θ, and for each term the map from the gradient in ψ to the curvature it adds in θ."""
    blocks = []
    for term, factor in zip(data.terms, factors(data, theta), strict=True):
        block = np.zeros((len(term.pairs), len(term.pairs)))
        for k, (a, b) in enumerate(term.pairs):
            for m, (c, d) in enumerate(term.pairs):
                block[k, m] = (a == c) * factor[b, d] + (b == c) * factor[a, d]
        blocks.append(block)
    return linalg.block_diag(*blocks)


def theta_derivatives(data, theta, gradient, hessian):
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


def optimise(data, *, reml=True):
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
    return _snapped(data, min(found, key=lambda at: at.deviance))


def _one_sided_starts(data, scale):
    """Starts in which one standard deviation is large and the others small."""
    diagonal = [k for k, (_, a, b) in enumerate(data.pairs) if a == b]
    for k in diagonal:
        start = np.zeros(len(data.pairs))
        start[diagonal] = 0.05
        start[k] = max(scale, 0.5)
        yield start


def newton(data, theta, *, reml=True):
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
