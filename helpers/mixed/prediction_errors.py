"""How far a prediction with random effects may be from what it predicts: variance, and its degrees of freedom.

A prediction is a weighted sum λ'y of the outcomes, and λ comes from Henderson's mixed model equations (Robinson 1991,
doi:10.1214/ss/1177011926). Its distance to x'β + z'b is u'b + λ'e, with u = Z'λ − z, so it has the variance
σ²(u'Ψu + λ'λ). λ makes this smallest, so where the variances change, the change of λ itself does not matter: the
derivative by an entry of Ψ is that of u'Ψu, u held. With it follow Satterthwaite's degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import linalg as sparse_linalg

from helpers.mixed.reml import covariance_entries, factors, jacobian

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit

AT_ONCE = 2**22  # numbers in the dense matrices of one part of the rows


def prediction_errors(
    fit: MixedFit, x: np.ndarray, parts: Sequence[tuple[np.ndarray, np.ndarray]], interval: str, ddf: str
) -> tuple[np.ndarray, np.ndarray]:
    """Standard errors of predictions, and their degrees of freedom.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit
    x : (m, p)
        Fixed columns of the rows.
    parts : list of (columns, codes)
        Of each random term the (m, r) columns and the (m,) levels of the rows, −1 for a new one.
    interval : {"confidence", "prediction"}
        Whether the mean of the row's groups is predicted, or a new observation.
    ddf : {"satterthwaite", "normal"}

    Returns
    -------
    tuple of numpy.ndarray
        Both (m,).

    Raises
    ------
    ValueError
        There is no such `ddf`.
    """
    method = fit._method("satterthwaite" if ddf == "normal" else ddf)
    equations = _Equations(fit)
    step = max(AT_ONCE // equations.q, 1)
    found = [
        equations.squares(x[at : at + step], [_rows(part, at, step) for part in parts]) for at in range(0, len(x), step)
    ]
    own = np.concatenate([own for own, _ in found]) + (interval == "prediction")
    spread = np.concatenate([moved for _, moved in found])  # the derivatives by the entries of Ψ
    data, sigma2 = fit.products, fit.residual_variance
    variance = sigma2 * (own + spread @ covariance_entries(data, fit.optimum.theta))
    slopes = np.column_stack([sigma2 * spread @ jacobian(data, fit.optimum.theta), 2 * variance])
    uncertainty = np.einsum("mi,ij,mj->m", slopes, method.covariance, slopes)
    with np.errstate(divide="ignore"):
        df = np.full(len(x), np.inf) if ddf == "normal" else 2 * variance**2 / uncertainty
    return np.sqrt(variance), df


def _rows(part, at, step):
    columns, codes = part
    return columns[at : at + step], codes[at : at + step]


class _Equations:
    """The mixed model equations of a fit, in orthonormal coordinates and with b = Λ times spherical effects."""

    def __init__(self, fit):
        self.fit, self.data = fit, fit.products
        self.q = self.data.stages[-1].stop
        self.scale = self._block_diagonal(factors(self.data, fit.optimum.theta))
        self.ztz, self.ztq = self.data.all_ztz, self.data.all_ztq
        system = self.scale.T @ self.ztz @ self.scale + sparse.eye_array(self.q)
        self.solve = sparse_linalg.splu(sparse.csc_array(system)).solve
        self.cross = self.scale.T @ self.ztq
        self.solved_cross = self.solve(self.cross)

    def _block_diagonal(self, blocks):
        """The same small matrix for every level of a term."""
        row, column, value = [], [], []
        for where, block in zip(self.data.positions, blocks, strict=True):
            for a, b in np.argwhere(np.tril(np.ones_like(block))):
                row.append(where[:, a])
                column.append(where[:, b])
                value.append(np.full(len(where), block[a, b]))
        entries = (np.concatenate(value), (np.concatenate(row), np.concatenate(column)))
        return sparse.csr_array(entries, shape=(self.q, self.q))

    def squares(self, x, parts):
        """λ'λ (m,), and for each entry of Ψ, in the order of θ, its weight in u'Ψu (m, K)."""
        columns = [part[0] @ outer for part, outer in zip(parts, self.data.to_original, strict=True)]
        z = np.zeros((self.q, len(x)))
        for where, inner, (_, codes) in zip(self.data.positions, columns, parts, strict=True):
            known = np.flatnonzero(codes >= 0)
            z[where[codes[known]].T, known] = inner[known].T
        spherical = self.solve(self.scale.T @ z)
        fixed = self.fit.optimum.phi @ (self.fit._inward(x).T - self.cross.T @ spherical)
        random = self.scale @ (spherical - self.solved_cross @ fixed)
        own = (fixed**2).sum(axis=0) + (random * (2 * self.ztq @ fixed + self.ztz @ random)).sum(axis=0)
        u = self.ztq @ fixed + self.ztz @ random - z
        entries = []
        for where, inner, (_, codes), term in zip(self.data.positions, columns, parts, self.data.terms, strict=True):
            new = np.where((codes < 0)[:, None], inner, 0.0)
            for a, b in term.pairs:
                product = (u[where[:, a]] * u[where[:, b]]).sum(axis=0) + new[:, a] * new[:, b]
                entries.append(product * (1 + (a != b)))
        return own, np.column_stack(entries)
