"""Random effects eliminated stage by stage, as in a blocked Cholesky factorisation; derivatives carried along.

For the columns R that are left when a stage goes (the random effects of later stages, Q and e), with H = Z'Z and
J = Z'R of the stage, Ψ its covariance, and all of them as the earlier stages have left them:

    R'ṼˉR = R'R − J'FJ,    F = Ψ(I + HΨ)ˉ,    log|Ṽ| grows by log|I + HΨ|.

So what a stage leaves is again a matrix of cross-products, and the next goes on with it (`Left`). With S = H(I + ΨH)ˉ,
T = (I + HΨ)ˉ, b = TJ and f = Ψb = FJ, the derivatives in an entry k of this stage's Ψ (E_k) and in one m of an earlier
stage's (through H_m, J_m and R'R_m) are

    g_k = E_k b,    h_m = H_m f − J_m
    first:   −b'g_k,    R'R_m − J_m'f − f'J_m + f'H_m f
    second:  g_k'Sg_l + g_l'Sg_k,    g_k'Th_m + h_m'T'g_k,
             R'R_mn − J_mn'f − f'J_mn + f'H_mn f − h_m'Fh_n − h_n'Fh_m
    of log|I + HΨ|:  tr SE_k,  tr FH_m;  −tr SE_kSE_l,  tr T'E_kTH_m,  tr FH_mn − tr FH_mFH_n.

Numpy and scipy only; arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from helpers.design.crossproducts import CrossProducts, blocks_of
from helpers.design.elimination import Stage

WIDE = 200  # width of a single block from which it is worked on as a `WideStep`
LOSSLESS = 1e-3  # of ψ times a diagonal entry of H, for S to be found from the inverse of A
Key = tuple[int, ...]  # the covariance parameters, by number, that something is differentiated in


@dataclass(frozen=True)
class Columns:
    """J = Z'R of a stage: `late` (n_blocks·w, q) for the random effects of later stages, `qe` (n_blocks, w, p + 1)."""

    late: sparse.csr_array | None
    qe: np.ndarray

    def under(self, blocks: np.ndarray) -> Columns:
        """Block-diagonal `blocks` times these columns."""
        return Columns(None if self.late is None else _times(blocks, self.late), blocks @ self.qe)

    def minus(self, other: Columns) -> Columns:
        """The difference; what is None counts zero."""
        return Columns(_sum(self.late, other.late, -1), self.qe - other.qe)


@dataclass(frozen=True)
class Left:
    """R'R, or what the stages so far have left of it: `zz` (q, q) of random effects, `zx` (q, p + 1), `xx`."""

    zz: sparse.csr_array | None
    zx: np.ndarray | None
    xx: np.ndarray

    def plus(self, other: Left, sign: float = 1.0) -> Left:
        """The sum, or difference; what is None counts zero."""
        return Left(_sum(self.zz, other.zz, sign), _sum(self.zx, other.zx, sign), self.xx + sign * other.xx)


def _sum(first, second, sign):
    if second is None:
        return first
    if first is None:
        return second if sign > 0 else -second
    return first + second if sign > 0 else first - second


def _more(total, more):
    return more if total is None else total.plus(more)


def _less(total, less):
    return _ZERO.plus(less, -1) if total is None else total.plus(less, -1)


_ZERO = Left(None, None, np.zeros(()))


def _product(a, b, *, twice=False):
    """A'B of two `Columns`, where that is symmetric; with `twice`, A'B + B'A."""
    left, right = (columns.qe.reshape(-1, columns.qe.shape[2]) for columns in (a, b))
    xx = left.T @ right
    zx = None if a.late is None else a.late.T @ right
    zz = None if a.late is None or b.late is None else sparse.csr_array(a.late.T @ b.late)
    if not twice:
        return Left(zz, zx, xx)
    back = None if b.late is None else b.late.T @ left
    return Left(None if zz is None else zz + zz.T, _sum(zx, back, 1), xx + xx.T)


def _times(blocks, matrix):
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
        system = _identity_plus(self.covariance_times(self.h, left=False))
        if self.columns.late is None:
            solved = np.linalg.solve(system, np.concatenate([self.h, self.columns.qe], axis=2))
            self.s, self.b = solved[..., :width], Columns(None, solved[..., width:])
            self.f = Columns(None, self.covariance_times(self.b.qe))
        else:
            self.s = np.linalg.solve(system, self.h)
            self.b, self.f = self.columns.under(self.t), self.columns.under(self.big_f)
        self.log_det = float(np.linalg.slogdet(system)[1].sum())

    @cached_property
    def t(self) -> np.ndarray:
        """T = I − SΨ."""
        return _identity_plus(-self.covariance_times(self.s, left=False))

    @cached_property
    def big_f(self) -> np.ndarray:
        """F = ΨT."""
        return self.covariance_times(self.t)

    def covariance_times(self, x: np.ndarray, *, left: bool = True) -> np.ndarray:
        """Ψx, or xΨ."""
        return _scaled(self.stage, self.psis, x) if left else _flipped(_scaled(self.stage, self.psis, _flipped(x)))


class WideStep(Step):
    """One wide block, where factorisations are what takes time: by Cholesky's of A = I + Λ'HΛ, F = ΛAˉΛ'."""

    def _eliminate(self):
        turned = [factor.T for factor in self.factors]
        system = _flipped(_scaled(self.stage, turned, _flipped(_scaled(self.stage, turned, self.h))))
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
        return _scaled(self.stage, self.factors, _flipped(_scaled(self.stage, self.factors, self._inverse)))

    @cached_property
    def s(self) -> np.ndarray:
        """S = Λˉ'(I − Aˉ)Λˉ, unless a variance is so near zero that digits would be lost."""
        lengths = [np.abs(np.diag(self.factors[place.term])).min() for place in self.stage.places]
        if min(lengths) ** 2 * np.median(np.diag(self.h[0])) < LOSSLESS:
            system = _identity_plus(self.covariance_times(self.h, left=False))
            return np.linalg.solve(system, self.h)
        back = {place.term: np.linalg.inv(self.factors[place.term]).T for place in self.stage.places}
        return _scaled(self.stage, back, _flipped(_scaled(self.stage, back, _identity_plus(-self._inverse))))


def _flipped(x):
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


def _taken(left, stage):
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
    xx = np.eye(data.p + 1)
    xx[-1, -1] = data.ete
    left, steps = Left(data.rest, data.rest_qe, xx), []
    for stage in data.stages:
        if steps:
            h, columns, left = _taken(left, stage)
        else:
            h, columns = data.ztz, Columns(data.links, data.zqe)
        wide = stage.n_blocks == 1 and stage.width >= WIDE and columns.late is None
        step = (WideStep if wide else Step)(stage, factors, h, columns)
        left = left.plus(_product(step.columns, step.f), -1)
        steps.append(step)
    return steps, left.xx


def derivatives(data: CrossProducts, steps: list[Step], *, second: bool = True) -> tuple[dict, dict]:
    """First and second derivatives in the entries of Ψ, of log|Ṽ| and of [Q e]'Ṽˉ[Q e].

    Parameters
    ----------
    data : CrossProducts
    steps : list of Step
        From `eliminated`.
    second : bool
        Whether second derivatives are wanted, too.

    Returns
    -------
    two of dict
        (k,) or (k, l) with k ≤ l -> a number; -> (p + 1, p + 1).
    """
    log_det: dict[Key, float] = {}
    moved: dict[Key, Left] = {}
    for step in steps:
        moved = _Moves(data, step, moved).carry(log_det, second)
    return log_det, {key: left.xx for key, left in moved.items()}


class _Moves:
    """How a stage, and what it leaves, moves with the entries of Ψ."""

    def __init__(self, data, step, moved):
        self.step = step
        self.h, self.j, self.rest = {}, {}, {}
        for key, left in moved.items():
            if left.zz is not None:
                self.h[key], self.j[key], self.rest[key] = _taken(left, step.stage)
            else:
                self.rest[key] = left
        places = {place.term: place for place in step.stage.places}
        self.own = {k: (places[t], a, b) for k, (t, a, b) in enumerate(data.pairs) if t in places}
        self.g = {k: self._picked(entry, step.b) for k, entry in self.own.items()}
        self.hf = {key: step.f.under(h) for key, h in self.h.items()}
        self.push = {k: hf.minus(self.j[k,]) for (k, *more), hf in self.hf.items() if not more}

    def carry(self, log_det, second):
        """Add to log|Ṽ|, and hand on what is left to the next stage."""
        names = sorted({*self.own, *(k for (k, *more) in self.rest if not more)})
        keys = [(k,) for k in names]
        if second:
            keys += combinations_with_replacement(names, 2)
            self._prepare()
        out = {}
        for key in keys:
            out[key] = self._first(*key) if len(key) == 1 else self._second(*key)
            term = self._log_first(*key) if len(key) == 1 else self._log_second(*key)
            log_det[key] = log_det.get(key, 0.0) + term
        return {key: left for key, left in out.items() if left is not None}

    def _prepare(self):
        step = self.step
        self.sg = {k: g.under(step.s) for k, g in self.g.items()}
        self.se = {k: _pick(*entry, step.s) for k, entry in self.own.items()}
        if self.push:
            self.th = {m: h.under(step.t) for m, h in self.push.items()}
            self.fh = {m: h.under(step.big_f) for m, h in self.push.items()}
            self.f_h = {m: step.big_f @ self.h[m,] for m in self.push}
            self.tet = {k: _square(*entry, step.t) for k, entry in self.own.items()}

    def _picked(self, entry, columns):
        late = columns.late
        if late is not None:
            width = self.step.stage.width
            late = _times(_pick(*entry, np.broadcast_to(np.eye(width), self.step.h.shape)), late)
        return Columns(late, _pick(*entry, columns.qe))

    def _explicit(self, key):
        """What H, J and R'R bring with them."""
        total, f = self.rest.get(key), self.step.f
        if key in self.h:
            total = total.plus(_product(self.j[key], f, twice=True), -1).plus(_product(f, self.hf[key]))
        return total

    def _first(self, k):
        total = self._explicit((k,))
        if k in self.own:
            total = _less(total, _product(self.step.b, self.g[k]))
        return total

    def _second(self, k, m):
        total = self._explicit((k, m))
        if k in self.own and m in self.own:
            total = _more(total, _product(self.g[k], self.sg[m], twice=True))
        for one, other in ((k, m), (m, k)):
            if one in self.own and other in self.push:
                total = _more(total, _product(self.g[one], self.th[other], twice=True))
        if k in self.push and m in self.push:
            total = _less(total, _product(self.push[k], self.fh[m], twice=True))
        return total

    def _log_first(self, k):
        total = 0.0
        if k in self.own:
            total += _trace_picked(*self.own[k], self.step.s)
        if (k,) in self.h:
            total += float(np.vdot(self.step.big_f, self.h[k,]))
        return total

    def _log_second(self, k, m):
        total = 0.0
        if k in self.own and m in self.own:
            total -= np.vdot(self.se[k], np.swapaxes(self.se[m], 1, 2))
        for one, other in ((k, m), (m, k)):
            if one in self.own and other in self.push:
                total += np.vdot(self.tet[one], self.h[other,])
        if k in self.push and m in self.push:
            total -= np.vdot(self.f_h[k], np.swapaxes(self.f_h[m], 1, 2))
        if (k, m) in self.h:
            total += np.vdot(self.step.big_f, self.h[k, m])
        return float(total)


def _pick(place, a, b, x):
    """E_k times a stack of matrices: rows a and b of every slot change places (or row a alone stays)."""
    picked = np.zeros(x.shape)
    picked[:, place.rows(a)] = x[:, place.rows(b)]
    if a != b:
        picked[:, place.rows(b)] = x[:, place.rows(a)]
    return picked


def _square(place, a, b, x):
    """x'E_k x, or for a pair of columns something with the same inner product with symmetric matrices."""
    return (1 + (a != b)) * (_flipped(x[:, place.rows(a)]) @ x[:, place.rows(b)])


def _trace_picked(place, a, b, x):
    """Trace of E_k x, of a stack of symmetric matrices."""
    return float(np.einsum("nii->", x[:, place.rows(a), place.rows(b)])) * (1 + (a != b))
