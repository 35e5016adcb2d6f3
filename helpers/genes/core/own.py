"""Genes with a pattern of their own: values are missing, or each has a precision weight.

Everything depends on the data through sums per group and gene. With t = (Q'D, e'D)' summed over a group, N its sum of
weights and c = 1/(1 + λN), the matrices [Q, e]'Ṽˉ[Q, e], [Q, e]'ṼˉVṼˉ[Q, e] and [Q, e]'ṼˉVṼˉVṼˉ[Q, e] are sums of tt'
with weights −λc (beside [Q, e]'D[Q, e]), c² and Nc³. Sweeping the first gives all the rest.
"""

import math

import numpy as np

from helpers.genes.core.estimates import State
from helpers.genes.core.least_squares import least_squares
from helpers.genes.core.optimum import Height, Moments
from helpers.genes.core.sweep import quadratic, sweep, trace_of_product

NOTHING = 1e-9  # what is left of a column within the groups, as a share of the whole


class Own:
    """Genes on one design, each with its own rows and weights: what `helpers.genes.core.optimum` asks of a model.

    Parameters
    ----------
    q : (rows, p)
        Orthonormal columns of the design X = QR.
    log_det_r : float
        log|R|.
    codes : (rows,) int
        The group of each row, counted from 0.
    y : (n_genes, rows)
        NaN where missing.
    weights : (n_genes, rows)
        Inverse variances up to a factor per gene. Zero only where y is missing.
    """

    def __init__(self, q, log_det_r, codes, y, weights):
        self.n_genes, self.p, self.log_det_r = len(y), q.shape[1], log_det_r
        self.ols = least_squares(q, y, weights)
        there = self.ols.weights > 0
        z = (codes[:, None] == np.arange(codes.max() + 1)).astype(float)
        self.sums = z.T @ self.ols.weights  # N
        self.log_weights = np.log(np.where(there, self.ols.weights, 1)).sum(axis=0)
        self.nu, self.scale = self.ols.nu, self.sums.max(axis=0)
        group_q = (z[:, :, None] * q[:, None, :]).reshape(len(q), -1).T @ self.ols.weights
        group_e = z.T @ (self.ols.weights * self.ols.residuals)
        t = np.concatenate([group_q.reshape(-1, self.p, self.n_genes), group_e[:, None]], axis=1)
        self.rows, self.columns = np.triu_indices(self.p + 1)
        self.pairs = t[:, self.rows] * t[:, self.columns]  # (groups, pairs, genes)
        whole = np.zeros((self.p + 1, self.p + 1, self.n_genes))
        whole[: self.p, : self.p], whole[self.p, self.p] = self.ols.gram, self.ols.total
        self.whole = whole[self.rows, self.columns]
        self.within, rank_within = self._within()
        self.df_between = (self.sums > 0).sum(axis=0) + rank_within - self.p
        self.df_within = self.nu - self.df_between

    def _within(self):
        """Residual sum of squares of X and groups (λ → ∞), and how many columns of X vary within groups."""
        inverse = np.where(self.sums > 0, 1 / np.where(self.sums > 0, self.sums, 1), 0)
        inner = self._square(self.whole - np.einsum("gn,gkn->kn", inverse, self.pairs))
        diagonal = np.einsum("iin->in", self.ols.gram)
        swept, pivots = sweep(inner, self.p, NOTHING * diagonal)
        return swept[self.p, self.p], (pivots > 0).sum(axis=0)

    def _square(self, packed):
        """Symmetric matrices (p + 1, p + 1, n) from their upper triangles (pairs, n)."""
        places = np.empty((self.p + 1, self.p + 1), dtype=int)
        places[self.rows, self.columns] = places[self.columns, self.rows] = np.arange(len(self.rows))
        return packed[places]

    def _swept(self, lam, shrunk, genes):
        """[Q, e]'Ṽˉ[Q, e], swept, and log|Ṽ| + log|Q'ṼˉQ| but for the weights' share."""
        outer = np.einsum("gn,gkn->kn", lam * shrunk, self.pairs[:, :, genes])
        swept, pivots = sweep(self._square(self.whole[:, genes] - outer), self.p)
        return swept, np.log(pivots).sum(axis=0) - np.log(shrunk).sum(axis=0)

    def height(self, lam, genes):
        """Log-determinant and residual sum of squares at λ of these genes."""
        swept, log_det = self._swept(lam, 1 / (1 + lam * self.sums[:, genes]), genes)
        return Height(log_det, swept[self.p, self.p])

    def solved(self, lam, genes):
        """`Height` at λ of these genes, their coefficients on Q (p, n) and Φ (p, p, n)."""
        swept, log_det = self._swept(lam, 1 / (1 + lam * self.sums[:, genes]), genes)
        at, p = Height(log_det, swept[self.p, self.p]), self.p
        return at, self.ols.coefficients[:, genes] + swept[:p, p], swept[:p, :p]

    def moments(self, lam, genes):
        """The height, and what the derivatives in λ are made of."""
        return self._moments(lam, genes)[0]

    def _moments(self, lam, genes):
        sums, pairs, p = self.sums[:, genes], self.pairs[:, :, genes], self.p
        shrunk = 1 / (1 + lam * sums)
        share = sums * shrunk
        swept, log_det = self._swept(lam, shrunk, genes)
        phi, beta = swept[:p, :p], swept[:p, p]
        first = self._square(np.einsum("gn,gkn->kn", shrunk**2, pairs))
        second = self._square(np.einsum("gn,gkn->kn", share * shrunk**2, pairs))
        residual = np.concatenate([-beta, np.ones((1, beta.shape[1]))])  # r = [Q, e](−β, 1)'
        across = np.einsum("ijn,jn->in", first[:p], residual)
        moved = np.einsum("ijn,jkn->ikn", phi, first[:p, :p])  # ΦP
        at = Moments(
            log_det=log_det,
            rss=swept[p, p],
            trace=share.sum(axis=0) - np.einsum("iin->n", moved),
            trace2=(share**2).sum(axis=0)
            - 2 * trace_of_product(phi, second[:p, :p])
            + np.einsum("ijn,jin->n", moved, moved),
            slope=quadratic(first, residual),
            bend=quadratic(second, residual) - quadratic(phi, across),
        )
        return at, phi, beta, first[:p, :p], second[:p, :p]

    def state(self, lam):
        """Everything at λ̂."""
        at, phi, beta, first, second = self._moments(lam, slice(None))
        sigma2 = at.rss / self.nu
        constant = 2 * self.log_det_r - self.log_weights
        return State(
            lam=lam,
            nu=self.nu,
            sigma2=sigma2,
            deviance=at.log_det + constant + self.nu * (1 + np.log(2 * math.pi * sigma2)),
            coefficients=self.ols.coefficients + beta,
            phi=phi,
            first=first,
            second=second,
            moments=at,
        )
