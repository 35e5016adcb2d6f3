"""How what the stages of `helpers.mixed.blocked` leave moves with the entries of Ψ: first and second derivatives.

In the letters of that module, with E_k for an entry k of a stage's own Ψ, and H_m, J_m and R'R_m for the derivatives of
H, J and R'R in an entry m that earlier stages hand on:

    g_k = E_k b,    h_m = H_m f − J_m
    first:   −b'g_k,    R'R_m − J_m'f − f'J_m + f'H_m f
    second:  g_k'Sg_l + g_l'Sg_k,    g_k'Th_m + h_m'T'g_k,
             R'R_mn − J_mn'f − f'J_mn + f'H_mn f − h_m'Fh_n − h_n'Fh_m
    of log|I + HΨ|:  tr SE_k,  tr FH_m;  −tr SE_kSE_l,  tr T'E_kTH_m,  tr FH_mn − tr FH_mFH_n.

(R'ṼˉR is the lowest value of R'R − J'f − f'J + f'(H + Ψˉ)f, so the first derivatives are those with f held.) Numpy and
scipy only; arrays in, arrays out.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from helpers.mixed.blocked import Columns, Left, Step, block_times, flipped, product, taken

if TYPE_CHECKING:
    from helpers.design.crossproducts import CrossProducts

Key = tuple[int, ...]  # the covariance parameters, by number, that something is differentiated in


def derivatives(data: CrossProducts, steps: list[Step], theta: np.ndarray, *, second: bool = True) -> tuple[dict, dict]:
    """First and second derivatives in the entries of Ψ, of log|Ṽ| and of [Q e]'Ṽˉ[Q e].

    Where residuals have parameters of their own, these come after the entries of Ψ: they move H, J and R'R of the first
    stage, as earlier stages do those of later ones.

    Parameters
    ----------
    data : CrossProducts
    steps : list of Step
        From `eliminated`.
    theta : (K,)
        Where.
    second : bool
        Whether second derivatives are wanted, too.

    Returns
    -------
    two of dict
        (k,) or (k, l) with k ≤ l -> a number; -> (p + 1, p + 1).
    """
    log_det: dict[Key, float]
    moved: dict[Key, Left]
    log_det, moved = data.moved(theta, second=second)
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
                self.h[key], self.j[key], self.rest[key] = taken(left, step.stage)
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
            late = block_times(_pick(*entry, np.broadcast_to(np.eye(width), self.step.h.shape)), late)
        return Columns(late, _pick(*entry, columns.qe))

    def _explicit(self, key):
        """What H, J and R'R bring with them."""
        total, f = self.rest.get(key), self.step.f
        if key in self.h:
            total = total.plus(product(self.j[key], f, twice=True), -1).plus(product(f, self.hf[key]))
        return total

    def _first(self, k):
        total = self._explicit((k,))
        if k in self.own:
            total = _less(total, product(self.step.b, self.g[k]))
        return total

    def _second(self, k, m):
        total = self._explicit((k, m))
        if k in self.own and m in self.own:
            total = _more(total, product(self.g[k], self.sg[m], twice=True))
        for one, other in ((k, m), (m, k)):
            if one in self.own and other in self.push:
                total = _more(total, product(self.g[one], self.th[other], twice=True))
        if k in self.push and m in self.push:
            total = _less(total, product(self.push[k], self.fh[m], twice=True))
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
    return (1 + (a != b)) * (flipped(x[:, place.rows(a)]) @ x[:, place.rows(b)])


def _trace_picked(place, a, b, x):
    """Trace of E_k x, of a stack of symmetric matrices."""
    return float(np.einsum("nii->", x[:, place.rows(a), place.rows(b)])) * (1 + (a != b))


def _more(total, more):
    return more if total is None else total.plus(more)


def _less(total, less):
    return _ZERO.plus(less, -1) if total is None else total.plus(less, -1)


_ZERO = Left(None, None, np.zeros(()))
