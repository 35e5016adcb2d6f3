"""Cross-products of rows whose residuals differ in variance or hang together. Arrays in, arrays out.

The residual covariance is σ²DCD: D holds a standard deviation exp(δ) for each level of a factor (δ = 0 for the
first), C the correlation φ^gap of rows of one series (φ = tanh η). The inverse of C links only rows that follow each
other: with r = φ^gap and u = 1/(1 − r²) it is, for each such pair of rows s and t, u on the diagonal at t, ur² at s and
−ur between them, beside 1 for the first row of a series. So every cross-product A'KA, with K the inverse of DCD, is a
sum of cross-products that do not depend on ρ = (δ, η), each times a smooth function of ρ; and so are its derivatives.

Pinheiro & Bates 2000, Mixed-Effects Models in S and S-PLUS, chapter 5 (doi:10.1007/b98882); nlme's varIdent and corAR1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import product

import numpy as np
from scipy import sparse

from helpers.design.crossproducts import CrossProducts, cross_products
from helpers.mixed.blocked import Left, taken

OWN, FIRST, PAST, CROSS = range(4)  # a row that follows another; the first of a series; a row followed; the two
EDGE = 15.0
TRIALS = (-0.4, 0.0, 0.4, 0.8)  # autocorrelations from which the optimum is looked for


@dataclass(frozen=True, eq=False)
class Structure:
    """Which rows have which residual variance, and which follow which.

    Attributes
    ----------
    levels : (n,)
        Number of the residual variance of each row; all 0 if there is one variance.
    n_levels : int
    series : (n,) or None
        Number of the series of each row; None without autocorrelation.
    times : (n,) or None
        Whole numbers.
    """

    levels: np.ndarray
    n_levels: int
    series: np.ndarray | None = None
    times: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Parameters: a δ for each level but the first, and η."""
        return self.n_levels - 1 + (self.series is not None)

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """First rows of the series; rows s and t that follow each other, and the gap between them."""
        if self.series is None:
            nothing = np.empty(0, dtype=int)
            return np.arange(len(self.levels)), nothing, nothing, np.empty(0)
        order = np.lexsort((self.times, self.series))
        follows = np.diff(self.series[order]) == 0
        gaps = np.diff(self.times[order])[follows]
        first = order[np.concatenate([[True], ~follows])]
        return first, order[:-1][follows], order[1:][follows], gaps


@dataclass(frozen=True, eq=False)
class Pieces:
    """Sums of cross-products of rows, each with the same function of ρ: `kind`, `gap`, and the levels of both rows.

    Attributes
    ----------
    kind, gap, one, other : (J,)
    indices, indptr, data : (entries,), (q + 1,), (J, entries)
        Z'Z in compressed rows; the pattern is one for all.
    zx : (J, q, p + 1), xx : (J, p + 1, p + 1)
    """

    kind: np.ndarray
    gap: np.ndarray
    one: np.ndarray
    other: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray
    data: np.ndarray
    zx: np.ndarray
    xx: np.ndarray

    def total(self, weights: np.ndarray) -> Left:
        """Their sum, with weights (J,)."""
        q = self.zx.shape[1]
        zz = sparse.csr_array((weights @ self.data, self.indices, self.indptr), shape=(q, q))
        return Left(zz, np.tensordot(weights, self.zx, 1), np.tensordot(weights, self.xx, 1))


@dataclass(frozen=True, kw_only=True)
class StructuredProducts(CrossProducts):
    """Cross-products as a function of ρ; without ρ those of independent residuals of one variance."""

    structure: Structure
    pieces: Pieces

    @property
    def n_extra(self) -> int:
        """Parameters of the residuals."""
        return self.structure.size

    def at(self, theta: np.ndarray) -> CrossProducts:
        """The cross-products at the ρ that stands at the end of `theta`."""
        rho = np.asarray(theta)[self.n_theta :]
        values, *_ = self._functions(rho)
        left = self.pieces.total(values)
        h, columns, rest = taken(left, self.stages[0])
        plain = {each.name: getattr(self, each.name) for each in fields(CrossProducts)}
        return CrossProducts(
            **plain
            | {
                "ztz": h,
                "zqe": columns.qe,
                "links": columns.late,
                "rest": rest.zz,
                "rest_qe": np.empty((0, self.p + 1)) if rest.zx is None else rest.zx,
                "weighted_xx": left.xx,
                "log_det_known": self.log_det_known + self._log_det(rho)[0],
            }
        )

    def moved(self, theta: np.ndarray, *, second: bool) -> tuple[dict, dict]:
        """First and second derivatives of log|DCD| and of the cross-products in ρ, as `stage_derivatives` has them."""
        rho, first = np.asarray(theta)[self.n_theta :], self.n_theta
        _, slopes, bends = self._functions(rho)
        _, by_rho, by_rho_twice = self._log_det(rho)
        log_det: dict = {(first + k,): float(by_rho[k]) for k in range(self.n_extra)}
        moves: dict = {(first + k,): self.pieces.total(slopes[k]) for k in range(self.n_extra)}
        if second:
            for k in range(self.n_extra):
                for m in range(k, self.n_extra):
                    log_det[first + k, first + m] = float(by_rho_twice[k, m])
                    moves[first + k, first + m] = self.pieces.total(bends[k, m])
        return log_det, moves

    def trials(self) -> list[np.ndarray]:
        """Values of ρ from which the optimum is looked for."""
        ratios = [np.zeros(self.structure.n_levels - 1), self._least_squares_ratios()]
        if self.structure.n_levels == 1:
            ratios = ratios[:1]
        ends = [()] if self.structure.series is None else [(np.arctanh(phi),) for phi in TRIALS]
        return [np.append(ratio, end) for ratio, end in product(ratios, ends)]

    def _least_squares_ratios(self):
        """Half the log ratios of the sums of squared least-squares residuals, a level each."""
        own = self.pieces.kind != CROSS
        squares = np.zeros(self.structure.n_levels)
        rows = np.isin(self.pieces.kind, (OWN, FIRST))
        np.add.at(squares, self.pieces.one[rows & own], self.pieces.xx[rows & own, -1, -1])
        mean = np.maximum(squares / np.bincount(self.structure.levels), 1e-6 * self.ete / self.n)
        return np.clip(0.5 * np.log(mean[1:] / mean[0]), -3, 3)

    def _functions(self, rho):
        """What each piece is multiplied by (J,), its gradient (m, J) and its Hessian (m, m, J) in ρ."""
        pieces, n_ratios = self.pieces, self.structure.n_levels - 1
        delta = np.append(0.0, rho[:n_ratios])
        scale = np.exp(-delta[pieces.one] - delta[pieces.other])
        level = np.arange(1, n_ratios + 1)[:, None]
        moves = -((pieces.one == level) + 0.0 + (pieces.other == level))  # of the exponent, by each δ
        c, by_eta, by_eta_twice = self._correlations(rho)
        value = c * scale
        slopes, bends = moves * value, moves[:, None] * moves[None] * value
        if self.structure.series is None:
            return value, slopes, bends
        mixed = moves * by_eta * scale
        slopes = np.concatenate([slopes, (by_eta * scale)[None]])
        corner = np.concatenate([mixed, (by_eta_twice * scale)[None]])
        return value, slopes, np.concatenate([np.concatenate([bends, mixed[None]]), corner[:, None]], axis=1)

    def _correlations(self, rho):
        """The part of each function that depends on η, with two derivatives."""
        kind, constant = self.pieces.kind, np.zeros(len(self.pieces.kind))
        if self.structure.series is None:
            return constant + 1.0, constant, constant
        r, slope, bend = _power(rho[-1], np.maximum(self.pieces.gap, 1))
        u = 1 / (1 - r**2)
        u1, u2 = 2 * r * u**2, 2 * u**2 + 8 * r**2 * u**3
        c = np.select([kind == FIRST, kind == OWN, kind == PAST], [1.0, u, u * r**2], -r * u)
        c1 = np.select([kind == FIRST, kind == CROSS], [0.0, -(u + r * u1)], u1)
        c2 = np.select([kind == FIRST, kind == CROSS], [0.0, -(2 * u1 + r * u2)], u2)
        return c, c1 * slope, c2 * slope**2 + c1 * bend

    def _log_det(self, rho):
        """log|DCD|, its gradient and its Hessian in ρ."""
        structure = self.structure
        counts = np.bincount(structure.levels, minlength=structure.n_levels)[1:]
        value, gradient = 2.0 * counts @ rho[: len(counts)], 2.0 * counts
        hessian = np.zeros((structure.size, structure.size))
        if structure.series is None:
            return value, gradient, hessian
        gaps, times = np.unique(structure.pairs[3], return_counts=True)
        r, slope, bend = _power(rho[-1], gaps)
        u = 1 / (1 - r**2)
        first, second = -2 * r * u, -2 * u - 4 * r**2 * u**2
        hessian[-1, -1] = times @ (second * slope**2 + first * bend)
        return value + times @ np.log1p(-(r**2)), np.append(gradient, times @ (first * slope)), hessian


def _power(eta, gap):
    """tanh(η)^gap and two derivatives in η, which ends where 1 − φ² is rounding."""
    eta = min(max(eta, -EDGE), EDGE)
    phi = np.tanh(eta)
    rest = 1 / np.cosh(eta) ** 2
    slope = gap * phi ** (gap - 1) * rest
    bend = np.where(gap > 1, gap * (gap - 1) * phi ** np.maximum(gap - 2, 0), 0.0) * rest**2 - 2 * gap * phi**gap * rest
    return phi**gap, slope, bend


def structured_products(
    y: np.ndarray,
    x: np.ndarray,
    random: list[tuple[np.ndarray, np.ndarray, int]],
    structure: Structure,
    log_det_known: float = 0.0,
) -> StructuredProducts:
    """Reduce data to what estimation needs at any ρ.

    Parameters
    ----------
    y, x, random
        As for `helpers.design.crossproducts.cross_products`; with weights, each row √weight times. All rows of a series
        are in one level of each random term.
    structure : Structure
    log_det_known : float
        What such weights add to log|V|.

    Returns
    -------
    StructuredProducts
    """
    base = replace(cross_products(y, x, random), log_det_known=log_det_known)
    q = np.linalg.solve(base.r.T, x.T).T
    qe = np.concatenate([q, (y - x @ base.coefficients)[:, None]], axis=1)
    qe[:, -1] -= q @ (q.T @ qe[:, -1])
    z = _random_columns(base, random)
    plain = {each.name: getattr(base, each.name) for each in fields(CrossProducts)}
    return StructuredProducts(**plain, structure=structure, pieces=_pieces(structure, z, qe))


def _random_columns(base, random):
    """The orthonormal random columns, (n, random effects in the order of elimination)."""
    values = [columns @ back for (columns, _, _), back in zip(random, base.to_original, strict=True)]
    where = [positions[codes] for (_, codes, _), positions in zip(random, base.positions, strict=True)]
    values, where = np.concatenate(values, axis=1), np.concatenate(where, axis=1)
    ends = np.arange(0, values.size + 1, values.shape[1])
    return sparse.csr_array((values.ravel(), where.ravel(), ends), shape=(len(values), base.stages[-1].stop))


def _pieces(structure, z, qe):
    first, s, t, gaps = structure.pairs
    level = structure.levels
    kinds = np.repeat([FIRST, OWN, PAST, CROSS], [len(first), len(t), len(s), len(t)])
    rows, others = np.concatenate([first, t, s, t]), np.concatenate([first, t, s, s])
    keys = np.stack([kinds, np.concatenate([np.zeros(len(first)), gaps, gaps, gaps]), level[rows], level[others]])
    found, member = np.unique(keys.astype(int), axis=1, return_inverse=True)
    parts = [_products(z, qe, rows[at], others[at]) for at in (member.ravel() == k for k in range(found.shape[1]))]
    pattern = sparse.csr_array(sum(abs(zz) for zz, _, _ in parts))
    pattern.sort_indices()
    row, column = pattern.tocoo().coords
    data = np.array([np.asarray(zz[row, column]).ravel() for zz, _, _ in parts])
    zx, xx = (np.array(each) for each in list(zip(*parts, strict=True))[1:])
    return Pieces(*found, pattern.indices, pattern.indptr, data, zx, xx)


def _products(z, qe, rows, others):
    """A'B of some rows and the rows they are paired with; where these are others, A'B + B'A."""
    a, b = z[rows], z[others]
    zz, zx, xx = sparse.csr_array(a.T @ b), a.T @ qe[others], qe[rows].T @ qe[others]
    if (rows == others).all():
        return zz, zx, xx
    return sparse.csr_array(zz + zz.T), zx + b.T @ qe[rows], xx + xx.T
