"""Genes that all have every sample, with equal weights: one spectral decomposition for all of them.

With X = QR and S = I − QQ', the eigenvectors of SZZ'S turn the residuals of a gene into independent squares: those
along eigenvalue ξ have variance σ²(1 + λξ), all others σ². So a gene is a handful of sums of squares.
"""

import math
from dataclasses import dataclass

import numpy as np

from helpers.genes.core.estimates import State
from helpers.genes.core.least_squares import least_squares
from helpers.genes.core.optimum import Height, Moments
from helpers.genes.core.sweep import sweep

NOTHING = 1e-9  # eigenvalues closer than this share of the largest group are one; below it, zero


@dataclass(frozen=True, eq=False)
class SharedDesign:
    """What the genes share; made by `shared_design`.

    Attributes
    ----------
    q : (n, p), log_det_r : float
        X = QR, and log|R|.
    axes : (n, K)
        Orthonormal directions: what is left of Z after X is taken out.
    values, counts, starts : (k,)
        Distinct eigenvalues ξ, how many axes belong to each, and where among the axes these begin.
    sizes : (s,)
        Distinct group sizes.
    sized_q : (s, p, p), sized_axes : (s, p, K)
        Q'ZZ'Q and Q'ZZ'axes, summed over the groups of each size.
    """

    q: np.ndarray
    log_det_r: float
    axes: np.ndarray
    values: np.ndarray
    counts: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    sized_q: np.ndarray
    sized_axes: np.ndarray

    @property
    def df_between(self):
        """Degrees of freedom of the groups, beyond X."""
        return self.axes.shape[1]

    @property
    def df_within(self):
        """Degrees of freedom that X and groups leave."""
        return self.q.shape[0] - self.q.shape[1] - self.df_between


def shared_design(q, r, codes):
    """Decompose a design.

    Parameters
    ----------
    q : (n, p), r : (p, p)
        X = QR, of full rank.
    codes : (n,) int
        The group of each row, counted from 0.

    Returns
    -------
    SharedDesign
    """
    counts = np.bincount(codes)
    z = (codes[:, None] == np.arange(len(counts))).astype(float)
    group_q = z.T @ q
    values, vectors = np.linalg.eigh(np.diag(counts) - group_q @ group_q.T)  # Z'SZ
    kept = values > NOTHING * counts.max()
    values, vectors = values[kept], vectors[:, kept]
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf) > NOTHING * counts.max())
    pooled = np.diff(starts, append=len(values)).astype(float)
    sizes, size_of = np.unique(counts, return_inverse=True)
    of_size = (size_of == np.arange(len(sizes))[:, None]).astype(float)
    return SharedDesign(
        q=q,
        log_det_r=float(np.log(np.abs(np.diag(r))).sum()),
        axes=(z @ vectors - q @ (group_q.T @ vectors)) / np.sqrt(values),
        values=np.add.reduceat(values, starts) / pooled if len(values) else values,
        counts=pooled,
        starts=starts,
        sizes=sizes.astype(float),
        sized_q=np.einsum("sg,gi,gj->sij", of_size, group_q, group_q),
        sized_axes=np.einsum("sg,gi,gk->sik", of_size, group_q, vectors * np.sqrt(values)),
    )


class Shared:
    """Genes on a `SharedDesign`: what `helpers.genes.core.optimum` asks of a model.

    Parameters
    ----------
    design : SharedDesign
    y : (n_genes, n)
    """

    def __init__(self, design, y):
        self.design, self.n_genes = design, len(y)
        self.df_between, self.df_within = design.df_between, design.df_within
        self.ols = least_squares(design.q, y)
        self.projections = design.axes.T @ self.ols.residuals
        beyond = self.ols.residuals - design.axes @ self.projections
        self.within = np.einsum("in,in->n", beyond, beyond)
        self.squares = np.add.reduceat(self.projections**2, design.starts, axis=0)
        self.nu = self.ols.nu
        self.scale = np.full(self.n_genes, design.sizes.max())

    def height(self, lam, genes):
        """Log-determinant and residual sum of squares at λ of these genes."""
        grown = 1 + lam * self.design.values[:, None]
        return Height(self.design.counts @ np.log(grown), self.within[genes] + (self.squares[:, genes] / grown).sum(0))

    def moments(self, lam, genes):
        """The same, and what the derivatives in λ are made of."""
        values, counts = self.design.values[:, None], self.design.counts
        shrunk = 1 / (1 + lam * values)
        share = values * shrunk
        squares = self.squares[:, genes] * shrunk
        rss = self.within[genes] + squares.sum(0)
        slopes = squares * share
        log_det = -counts @ np.log(shrunk)
        return Moments(log_det, rss, counts @ share, counts @ share**2, slopes.sum(0), (slopes * share).sum(0))

    def solved(self, lam, genes):
        """`Height` at λ of these genes, their coefficients on Q (p, n) and Φ (p, p, n)."""
        design = self.design
        taken = lam / (1 + lam * design.sizes[:, None])
        parts = zip(taken, design.sized_axes, strict=True)
        score = -sum(weight * (part @ self.projections[:, genes]) for weight, part in parts)
        p = design.q.shape[1]
        phi, _ = sweep(np.eye(p)[:, :, None] - np.einsum("sij,sn->ijn", design.sized_q, taken), p)
        return self.height(lam, genes), self.ols.coefficients[:, genes] + np.einsum("ijn,jn->in", phi, score), phi

    def state(self, lam):
        """Everything at λ̂."""
        design, every = self.design, slice(None)
        at = self.moments(lam, every)
        _, coefficients, phi = self.solved(lam, every)
        shrunk = 1 / (1 + lam * design.sizes[:, None])

        def summed(weights):
            return np.einsum("sij,sn->ijn", design.sized_q, weights)

        sigma2 = at.rss / self.nu
        return State(
            lam=lam,
            nu=self.nu,
            sigma2=sigma2,
            deviance=at.log_det + 2 * design.log_det_r + self.nu * (1 + np.log(2 * math.pi * sigma2)),
            coefficients=coefficients,
            phi=phi,
            first=summed(shrunk**2),
            second=summed(design.sizes[:, None] * shrunk**3),
            moments=at,
        )
