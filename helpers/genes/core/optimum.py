"""The lowest REML criterion of every gene, all at once: a march along a grid of λ, then safeguarded Newton steps.

The profiled deviance can have several minima, so every one that the grid shows is followed to its bottom, and the
lowest is kept.

A model offers `n_genes`, `nu` (n − p of each gene), `within` (the residual sum of squares for λ → ∞), `scale` (λ
times it is about 1 where λ begins to matter), `height(λ, genes)` -> `Height` and `moments(λ, genes)` -> `Moments`.
"""

from dataclasses import dataclass

import numpy as np

NEGLIGIBLE = 1e-5  # θ below this is set to zero where that costs nothing, as in helpers.mixed.reml
# The grid's coordinate is t = log(1 + λ·scale): even steps near zero, even ratios far from it. Beyond its end, where
# θ is about 1e6, helpers.mixed.reml too gives up.
GRID = np.concatenate([np.arange(0, 6, 0.5), np.arange(6, 31, 1.0)])
MAX_STEPS = 80


@dataclass(frozen=True)
class Height:
    """What the deviance is made of: `log_det` = log|Ṽ| + log|Q'ṼˉQ|, but for constants; `rss` = r'Ṽˉr. Both (n,)."""

    log_det: np.ndarray
    rss: np.ndarray

    def deviance(self, nu):
        """−2 log-likelihood with σ² at its optimum rss/ν, but for constants."""
        return self.log_det + nu * np.log(self.rss)


@dataclass(frozen=True)
class Moments(Height):
    """What its derivatives in λ are made of, with P = Ṽˉ − ṼˉXΦX'Ṽˉ and V = ZZ'. All (n,).

    Attributes
    ----------
    trace, trace2 :
        tr(PV), tr(PVPV).
    slope, bend :
        r'ṼˉVṼˉr, r'ṼˉVPVṼˉr.
    """

    trace: np.ndarray
    trace2: np.ndarray
    slope: np.ndarray
    bend: np.ndarray

    def derivatives(self, nu):
        """First and second derivative in λ of the profiled deviance."""
        ratio = self.slope / self.rss
        return self.trace - nu * ratio, -self.trace2 + 2 * nu * self.bend / self.rss - nu * ratio**2


def lowest(model):
    """λ̂ of every gene.

    Returns
    -------
    lam : (n,)
    reached : (n,) bool
        Whether there is an optimum: False where the residual variance runs to zero.
    """
    heights = _march(model)
    places, genes = _local_minima(heights)
    lam, done = _descend(model, places, genes)
    depth = np.where(done, model.height(lam, genes).deviance(model.nu[genes]), np.inf)
    order = np.lexsort((depth, genes))
    first = order[np.searchsorted(genes[order], np.arange(model.n_genes))]
    lam = _snapped(model, lam[first], depth[first])
    return lam, done[first] & (lam * model.scale < np.expm1(GRID[-1]))


def _march(model):
    """The deviance along the grid (points, n), until nothing further out can be lower; infinite from there on.

    Beyond λ the log-determinant only rises and the residual sum of squares stays above `within`.
    """
    active = np.arange(model.n_genes)
    best = np.full(model.n_genes, np.inf)
    heights = []
    for t in GRID:
        at = model.height(np.expm1(t) / model.scale[active], active)
        row = np.full(model.n_genes, np.inf)
        row[active] = at.deviance(model.nu[active])
        heights.append(row)
        best = np.minimum(best, row)
        bound = at.log_det + model.nu[active] * np.log(model.within[active])
        active = active[bound < best[active]]
        if not len(active):
            break
    return np.array(heights)


def _local_minima(heights):
    beyond = np.full((1, heights.shape[1]), np.inf)
    padded = np.concatenate([beyond, heights, beyond])
    return np.nonzero((heights <= padded[:-2]) & (heights < padded[2:]))


def _descend(model, places, genes):
    """Newton's method in t between the neighbours of each grid minimum, halving the interval where a step leaves it."""
    grid = np.append(GRID, GRID[-1] + 1)
    t, low, high = grid[places], grid[np.maximum(places - 1, 0)], grid[places + 1]
    active, done = np.arange(len(t)), np.zeros(len(t), dtype=bool)
    for _ in range(MAX_STEPS):
        here, gene = t[active], genes[active]
        nu, scale = model.nu[gene], model.scale[gene]
        lam = np.expm1(here) / scale
        first, second = model.moments(lam, gene).derivatives(nu)
        per_t = lam + 1 / scale  # dλ/dt
        first, second = first * per_t, (second * per_t + first) * per_t
        at_zero = (here == 0) & (first >= 0)
        low[active], high[active] = np.where(first < 0, here, low[active]), np.where(first < 0, high[active], here)
        with np.errstate(divide="ignore", invalid="ignore"):
            there = np.where(second > 0, here - first / second, -1)
        inside = (there >= low[active]) & (there <= high[active])
        there = np.where(at_zero, 0, np.where(inside, there, (low[active] + high[active]) / 2))
        still = ~at_zero & (np.abs(there - here) > 1e-8 * here + 1e-14)
        t[active] = there
        done[active] = ~still
        active = active[still]
        if not len(active):
            break
    return np.expm1(t) / model.scale[genes], done


def _snapped(model, lam, depth):
    """λ with negligible values set to zero, where the deviance is no higher there."""
    small = np.flatnonzero((lam > 0) & (lam < NEGLIGIBLE**2))
    if len(small):
        zeroed = model.height(np.zeros(len(small)), small).deviance(model.nu[small])
        lam[small[zeroed <= depth[small] + 1e-9]] = 0
    return lam
