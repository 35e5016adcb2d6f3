"""Random effects eliminated stage by stage, as in a blocked Cholesky factorisation.

For the columns R that are left when a stage goes (the random effects of later stages, Q and e), with H = Z'Z and
J = Z'R of the stage, Ψ its covariance, and all of them as the earlier stages have left them:

    R'ṼˉR = R'R − J'FJ,    F = Ψ(I + HΨ)ˉ,    log|Ṽ| grows by log|I + HΨ|.

So what a stage leaves is again a matrix of cross-products, and the next goes on with it (`Left`). With S = H(I + ΨH)ˉ
and T = (I + HΨ)ˉ, F is ΨT; b = TJ and f = Ψb = FJ. `helpers.mixed.stage_derivatives` differentiates all this.

Numpy and scipy only; arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from helpers.design.crossproducts import CrossProducts, blocks_of
from helpers.design.elimination import Stage

WIDE = 200  # width of a single block from which it is worked on as a `WideStep`
LOSSLESS = 1e-3  # of ψ times a diagonal entry of H, for S to be found from the inverse of A


@dataclass(frozen=True)
class Columns:
    """J = Z'R of a stage: `late` (n_blocks·w, q) for the random effects of later stages, `qe` (n_blocks, w, p + 1)."""

    late: sparse.csr_array | None
    qe: np.ndarray

    def under(self, blocks: np.ndarray) -> Columns:
        """Block-diagonal `blocks` times these columns."""
        return Columns(None if self.late is None else block_times(blocks, self.late), blocks @ self.qe)

    def minus(self, other: Columns) -> Columns:
        """The difference; what is None counts zero."""
        return Columns(total(self.late, other.late, -1), self.qe - other.qe)


@dataclass(frozen=True)
class Left:
    """R'R, or what the stages so far have left of it: `zz` (q, q) of random effects, `zx` (q, p + 1), `xx`."""

    zz: sparse.csr_array | None
    zx: np.ndarray | None
    xx: np.ndarray

    def plus(self, other: Left, sign: float = 1.0) -> Left:
        """The sum, or difference; what is None counts zero."""
        return Left(total(self.zz, other.zz, sign), total(self.zx, other.zx, sign), self.xx + sign * other.xx)


def total(first: Any, second: Any, sign: float) -> Any:
    """The sum or difference of two, arrays or sparse ones; None counts zero."""
    if second is None:
        return first
    if first is None:
        return second if sign > 0 else -second
    return first + second if sign > 0 else first - second


def product(a: Columns, b: Columns, *, twice: bool = False) -> Left:
    """A'B of two `Columns`, where that is symmetric; with `twice`, A'B + B'A."""
    left, right = (columns.qe.reshape(-1, columns.qe.shape[2]) for columns in (a, b))
    xx = left.T @ right
    zx = None if a.late is None else a.late.T @ right
    zz = None if a.late is None or b.late is None else sparse.csr_array(a.late.T @ b.late)
    if not twice:
        return Left(zz, zx, xx)
    back = None if b.late is None else b.late.T @ left
    return Left(None if zz is None else zz + zz.T, total(zx, back, 1), xx + xx.T)


def block_times(blocks: np.ndarray, matrix: sparse.csr_array) -> sparse.csr_array:
    """Block-diagonal `blocks` (n, w, w) times a sparse matrix."""
    count, width, _ = blocks.shape
    if width == 1:
        data = matrix.data * np.repeat(blocks.ravel(), np.diff(matrix.indptr))
        return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
    columns = np.arange(count * width).reshape(count, 1, width).repeat(width, axis=1)
    ends = np.arange(0, count * width**2 + 1, width)
    return sparse.csr_array(sparse.csr_array((blocks.ravel(), columns.ravel(), ends)) @ matrix)


class Step:
    """One stage at one θ, in the letters of the module docstring: a stack of small blocks."""

    def __init__(self, stage: Stage, factors: list[np.ndarray], h: np.ndarray, columns: Columns):
        self.stage, self.factors, self.h, self.columns = stage, factors, h, columns
        self.psis = [factor @ factor.T for factor in factors]
        self._eliminate()

    def _eliminate(self):
        width = self.stage.width
        system = _identity_plus(self.covarianceblock_times(self.h, left=False))
        if self.columns.late is None:
            solved = np.linalg.solve(system, np.concatenate([self.h, self.columns.qe], axis=2))
            self.s, self.b = solved[..., :width], Columns(None, solved[..., width:])
            self.f = Columns(None, self.covarianceblock_times(self.b.qe))
        else:
            self.s = np.linalg.solve(system, self.h)
            self.b, self.f = self.columns.under(self.t), self.columns.under(self.big_f)
        self.log_det = float(np.linalg.slogdet(system)[1].sum())

    @cached_property
    def t(self) -> np.ndarray:
        """T = I − SΨ."""
        return _identity_plus(-self.covarianceblock_times(self.s, left=False))

    @cached_property
    def big_f(self) -> np.ndarray:
        """F = ΨT."""
        return self.covarianceblock_times(self.t)

    def covarianceblock_times(self, x: np.ndarray, *, left: bool = True) -> np.ndarray:
        """Ψx, or xΨ."""
        return _scaled(self.stage, self.psis, x) if left else flipped(_scaled(self.stage, self.psis, flipped(x)))


class WideStep(Step):
    """One wide block, where factorisations are what takes time: by Cholesky's of A = I + Λ'HΛ, F = ΛAˉΛ'."""

    def _eliminate(self):
        turned = [factor.T for factor in self.factors]
        system = flipped(_scaled(self.stage, turned, flipped(_scaled(self.stage, turned, self.h))))
        self._factor, _ = lapack.dpotrf(_identity_plus(system)[0].T, lower=1, overwrite_a=1)
        self.log_det = 2 * float(np.log(np.diag(self._factor)).sum())
        inner, _ = lapack.dpotrs(self._factor, _scaled(self.stage, turned, self.columns.qe)[0], lower=1)
        self.f = Columns(None, _scaled(self.stage, self.factors, inner[None]))
        self.b = Columns(None, self.columns.qe - self.h @ self.f.qe)

    @cached_property
    def _inverse(self):
        """Aˉ."""
        lower = np.tril(lapack.dpotri(self._factor, lower=1)[0])
        return (lower + np.tril(lower, -1).T)[None]

    @cached_property
    def big_f(self) -> np.ndarray:
        """F = ΛAˉΛ'."""
        return _scaled(self.stage, self.factors, flipped(_scaled(self.stage, self.factors, self._inverse)))

    @cached_property
    def s(self) -> np.ndarray:
        """S = Λˉ'(I − Aˉ)Λˉ, unless a variance is so near zero that digits would be lost."""
        lengths = [np.abs(np.diag(self.factors[place.term])).min() for place in self.stage.places]
        if min(lengths) ** 2 * np.median(np.diag(self.h[0])) < LOSSLESS:
            system = _identity_plus(self.covarianceblock_times(self.h, left=False))
            return np.linalg.solve(system, self.h)
        back = {place.term: np.linalg.inv(self.factors[place.term]).T for place in self.stage.places}
        return _scaled(self.stage, back, flipped(_scaled(self.stage, back, _identity_plus(-self._inverse))))


def flipped(x: np.ndarray) -> np.ndarray:
    """Each matrix of a stack transposed."""
    return np.swapaxes(x, 1, 2)


def _scaled(stage, small, x):
    """A matrix for each term, repeated down its slots, times x."""
    out = np.empty(x.shape)
    for place in stage.places:
        matrix, rows = small[place.term], slice(place.offset, place.stop)
        if place.size == 1:
            np.multiply(matrix[0, 0], x[:, rows], out=out[:, rows])
        else:
            parts = x[:, rows].reshape(len(x), place.slots, place.size, -1)
            out[:, rows] = (matrix @ parts).reshape(len(x), -1, x.shape[2])
    return out


def _identity_plus(x):
    at = np.arange(x.shape[1])
    x[:, at, at] += 1
    return x


def taken(left: Left, stage: Stage) -> tuple:
    """Of what is left: H and J of the next stage, and the rest."""
    count = stage.n_blocks * stage.width
    shape = (stage.n_blocks, stage.width, -1)
    if left.zz is None:
        return None, None, left
    h, qe = blocks_of(left.zz, stage), left.zx[:count].reshape(*shape)
    if count == left.zz.shape[0]:
        return h, Columns(None, qe), Left(None, None, left.xx)
    late, rest = left.zz[:count, count:], left.zz[count:, count:]
    return h, Columns(late if late.nnz else None, qe), Left(rest, left.zx[count:], left.xx)


def eliminated(data: CrossProducts, factors: list[np.ndarray]) -> tuple[list[Step], np.ndarray]:
    """All stages at one θ.

    Parameters
    ----------
    data : CrossProducts
    factors : list of (size, size)
        Λ of each term: its covariance is Ψ = ΛΛ'.

    Returns
    -------
    list of Step
    (p + 1, p + 1)
        [Q e]'Ṽˉ[Q e].
    """
    left, steps = Left(data.rest, data.rest_qe, data.xx), []
    for stage in data.stages:
        if steps:
            h, columns, left = taken(left, stage)
        else:
            h, columns = data.ztz, Columns(data.links, data.zqe)
        wide = stage.n_blocks == 1 and stage.width >= WIDE and columns.late is None
        step = (WideStep if wide else Step)(stage, factors, h, columns)
        left = left.plus(product(step.columns, step.f), -1)
        steps.append(step)
    return steps, left.xx
