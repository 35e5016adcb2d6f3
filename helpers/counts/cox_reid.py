"""Dispersions at the maximum of the Cox–Reid adjusted likelihood, or of a posterior. Arrays in, arrays out.

For means μ that are given, the log-likelihood of log α is lowered by half the log-determinant of the information on β
(Cox & Reid 1987, doi:10.1111/j.2517-6161.1987.tb01422.x; McCarthy, Chen & Smyth 2012, doi:10.1093/nar/gks042), and a
normal prior of log α may be added (Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8).

The way to the maximum is DESeq2's: along the gradient, a step accepted by Armijo's rule, until one gains less than
`ENOUGH`. It stops short of the maximum, and where it stops decides which genes stand below a threshold; Newton's method
would be as fast, and give numbers that are not DESeq2's.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from helpers.counts import glm

LOWEST = 1e-8  # of all dispersions
STEPS = 100
ENOUGH = 1e-6
ARMIJO = 1e-4
LONGEST, GROWTH, EVERY = 1.0, 1.1, 5  # the step along the gradient; every fifth time it is halved
BOUNDS = -30.0, 10.0  # how far a step may lead
GIVEN_UP = np.log(LOWEST / 10)
GRID = 20  # points, where no step leads to the maximum; as many again between its neighbours


def highest(n_samples):
    """The largest dispersion that is believed."""
    return max(10.0, n_samples)


@dataclass(frozen=True)
class Prior:
    """A normal prior of log α: its mean for each gene, and one variance."""

    mean: np.ndarray
    variance: float


@dataclass(frozen=True)
class Climbed:
    """Where the way ended.

    Attributes
    ----------
    log_dispersion : numpy.ndarray, shape (n_genes,)
    steps : numpy.ndarray of int, shape (n_genes,)
    rise : numpy.ndarray, shape (n_genes,)
        What was gained, relative to the value at the start.
    """

    log_dispersion: np.ndarray
    steps: np.ndarray
    rise: np.ndarray


class Posterior:
    """The adjusted log-likelihood of log α of many genes, with or without a prior.

    Parameters
    ----------
    counts, mean : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
    prior : Prior, optional
    """

    def __init__(self, counts, mean, X, prior=None):
        self.counts, self.mean, self.X, self.prior = counts, mean, X, prior

    def of(self, genes):
        """That of some genes."""
        prior = self.prior and Prior(self.prior.mean[genes], self.prior.variance)
        return Posterior(self.counts[genes], self.mean[genes], self.X, prior)

    def value(self, log_alpha):
        """Up to what does not depend on α, (n_genes,)."""
        alpha = np.exp(log_alpha)
        size = 1 / alpha[:, None]
        likelihood = (
            special.gammaln(self.counts + size)
            - special.gammaln(size)
            - self.counts * np.log(self.mean + size)
            - size * np.log1p(self.mean / size)
        ).sum(axis=1)
        _, log_det = np.linalg.slogdet(glm.information(self.X, self.mean, alpha))
        return likelihood - log_det / 2 + self._log_prior(log_alpha)

    def slope(self, log_alpha):
        """Its derivative."""
        alpha = np.exp(log_alpha)
        size = 1 / alpha[:, None]
        share = 1 / (1 + alpha[:, None] * self.mean)
        terms = special.digamma(size) - special.digamma(self.counts + size) - np.log(share)
        likelihood = (size * terms + (self.counts - self.mean) * share).sum(axis=1)
        information = glm.information(self.X, self.mean, alpha)
        moved = glm.gram((self.mean * share) ** 2, self.X)
        adjustment = alpha * np.trace(np.linalg.solve(information, moved), axis1=1, axis2=2) / 2
        prior = 0.0 if self.prior is None else -(log_alpha - self.prior.mean) / self.prior.variance
        return likelihood + adjustment + prior

    def _log_prior(self, log_alpha):
        return 0.0 if self.prior is None else -((log_alpha - self.prior.mean) ** 2) / (2 * self.prior.variance)


def climb(posterior, start):
    """Follow the gradient from a start.

    Parameters
    ----------
    posterior : Posterior
    start : numpy.ndarray, shape (n_genes,)
        log α.

    Returns
    -------
    Climbed
    """
    at, value = start.copy(), posterior.value(start)
    first, steps = value.copy(), np.full(len(start), STEPS)
    slope, length, accepted = posterior.slope(start), np.full(len(start), LONGEST), np.zeros(len(start), int)
    active, here = np.arange(len(start)), posterior
    for number in range(1, STEPS + 1):
        a, gradient = at[active], slope[active]
        with np.errstate(divide="ignore", invalid="ignore"):
            for bound, beyond in zip(BOUNDS, (np.less, np.greater), strict=True):
                out = beyond(a + length[active] * gradient, bound)
                length[active[out]] = ((bound - a) / gradient)[out]
        step = length[active] * gradient
        there = here.value(a + step)
        taken = there >= value[active] + ARMIJO * step * gradient
        length[active[~taken]] /= 2
        moved = active[taken]
        at[moved], gain = (a + step)[taken], there[taken] - value[moved]
        ended = (gain < ENOUGH) | (at[moved] < GIVEN_UP)
        value[moved[gain < ENOUGH]] = there[taken][gain < ENOUGH]
        steps[moved[ended]] = number
        going = moved[~ended]
        value[going] = there[taken][~ended]
        accepted[going] += 1
        length[going] = np.minimum(length[going] * GROWTH, LONGEST)
        length[going[accepted[going] % EVERY == 0]] /= 2
        slope[going] = here.of(np.flatnonzero(taken)[~ended]).slope(at[going])
        left = ~np.isin(active, moved[ended])
        active, here = active[left], here.of(left)
        if not len(active):
            break
    return Climbed(at, steps, (value - first) / np.abs(first))


def on_grid(posterior, n_samples):
    """Log α at the best of a grid, then of a finer one around it, (n_genes,)."""
    grid = np.linspace(np.log(LOWEST), np.log(highest(n_samples)), GRID)
    genes = np.arange(len(posterior.counts))
    coarse = grid[np.argmax([posterior.value(np.full(len(genes), point)) for point in grid], axis=0)]
    offsets = np.linspace(-1, 1, GRID) * (grid[1] - grid[0])
    return coarse + offsets[np.argmax([posterior.value(coarse + offset) for offset in offsets], axis=0)]
