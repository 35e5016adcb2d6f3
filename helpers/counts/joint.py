"""β and the dispersion of each gene together, by maximum likelihood; all genes at once. Arrays in, arrays out.

Counts y with mean μ = exp(Xβ + offset) and variance μ + αμ² (Lawless 1987, doi:10.2307/3314912). Newton's method in β
and log α with the observed information, in which both stand.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from helpers.counts import glm
from helpers.threads import one_thread

GRID = 2.0 ** np.arange(-18, 9)  # dispersions among which the search starts
STEPS = 100
ENOUGH = 1e-12  # what a step may still promise in log-likelihood, relative to it
FURTHEST = 1.0  # how far log α may move in one step


@dataclass(frozen=True)
class Joint:
    """Regressions of many genes, each with its own dispersion.

    Attributes
    ----------
    beta : numpy.ndarray, shape (n_genes, p)
    dispersion : numpy.ndarray, shape (n_genes,)
        α; 0 where the likelihood falls from there on.
    covariance : numpy.ndarray, shape (n_genes, p, p)
        Of β, by the observed information of β and α together; of β alone where α is 0.
    mean : numpy.ndarray, shape (n_genes, n_samples)
    log_likelihood : numpy.ndarray, shape (n_genes,)
    converged : numpy.ndarray of bool, shape (n_genes,)
    """

    beta: np.ndarray
    dispersion: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray
    log_likelihood: np.ndarray
    converged: np.ndarray


def fit_jointly(counts, X, offset):
    """Maximum-likelihood β and α of every gene.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
        Of full rank.
    offset : numpy.ndarray, shape (n_samples,)

    Returns
    -------
    Joint
    """
    with one_thread(*counts.shape, X.shape[1] ** 2):
        fits, alpha = _best_on_grid(counts, X, offset)
        covariance = inverse(glm.information(X, fits.mean, 0.0))
        found = Joint(
            fits.beta, alpha, covariance, fits.mean, glm.log_likelihood(counts, fits.mean, 0.0), fits.converged
        )
        scattered = np.flatnonzero(alpha > 0)
        _climb(found, scattered, counts, X, offset)
        _describe(found, scattered, counts, X, offset)
    return found


def inverse(information):
    """Inverses; of what cannot be inverted NaN."""
    well = np.linalg.cond(information) < 1e14
    result = np.full(information.shape, np.nan)
    result[well] = np.linalg.inv(information[well])
    return result


def _best_on_grid(y, X, offset):
    """Fits at the best dispersion of the grid, and that dispersion: 0 where the likelihood falls from there on."""
    best = glm.fit(y, X, offset, 0.0)
    height, alpha = glm.log_likelihood(y, best.mean, 0.0), np.zeros(len(y))
    beta, mean, converged, start = best.beta.copy(), best.mean.copy(), best.converged.copy(), best.beta
    for dispersion in GRID:
        fits = glm.fit(y, X, offset, dispersion, start)
        start, value = fits.beta, glm.log_likelihood(y, fits.mean, dispersion)
        better = value > height + 1e-9 * (1 + np.abs(height))
        height[better], alpha[better] = value[better], dispersion
        beta[better], mean[better], converged[better] = fits.beta[better], fits.mean[better], fits.converged[better]
    return glm.Fits(beta, mean, converged), alpha


def _climb(found, genes, counts, X, offset):
    """Newton's method from the grid, entered into `found` gene by gene as each arrives."""
    y, beta, tau = counts[genes], found.beta[genes], np.log(found.dispersion[genes])
    mean = _mean(beta, X, offset)
    value = glm.log_likelihood(y, mean, np.exp(tau))
    found.converged[genes] = False
    for _ in range(STEPS):
        slope = _Slope(y, X, mean, np.exp(tau))
        step, change, gain = slope.step()
        there = slope.concave & (gain <= ENOUGH * (1 + np.abs(value)))
        done = genes[there]
        found.beta[done], found.dispersion[done] = (beta + step)[there], np.exp(tau + change)[there]
        found.converged[done] = True
        going = ~there
        if not going.any():
            return
        genes, y, beta, tau, value, mean = (each[going] for each in (genes, y, beta, tau, value, mean))
        beta, tau, mean, value = _improve(y, X, offset, (beta, tau, mean, value), step[going], change[going])


def _describe(found, genes, counts, X, offset):
    """Enter what follows from β and α, at the optimum itself."""
    y, alpha = counts[genes], found.dispersion[genes]
    found.mean[genes] = mean = _mean(found.beta[genes], X, offset)
    found.log_likelihood[genes] = glm.log_likelihood(y, mean, alpha)
    found.covariance[genes] = _Slope(y, X, mean, alpha).covariance()


def _mean(beta, X, offset):
    return np.exp(np.maximum(beta @ X.T + offset, glm.LOWEST))


class _Slope:
    """Score and observed information at one point; τ = log α."""

    def __init__(self, y, X, mean, alpha):
        self.X = X
        alpha, size = alpha[:, None], 1 / alpha[:, None]
        share = 1 / (1 + alpha * mean)
        residual = (y - mean) * share
        digamma = special.digamma(y + size) - special.digamma(size)
        trigamma = special.polygamma(1, y + size) - special.polygamma(1, size)
        logs = np.log1p(alpha * mean)
        mixed = residual * alpha * mean * share
        self.score = residual @ X
        self.score_tau = (residual - size * (digamma - logs)).sum(axis=1)
        self.information = glm.information(X, mean, alpha[:, 0], y)
        self.cross = mixed @ X
        self.information_tau = (mixed - mean * share - size * (digamma - logs + size * trigamma)).sum(axis=1)

    def step(self):
        """The steps in β and τ, and what they promise; uphill by a fixed length where the profile is not concave."""
        right = np.stack([self.score, self.cross], axis=2)
        size = np.trace(self.information, axis1=1, axis2=2)
        ridge = (1e-12 * size + 1e-300)[:, None, None] * np.eye(right.shape[1])  # of a mean that runs to zero
        solved = np.linalg.solve(self.information + ridge, right)
        bend = self.information_tau - np.einsum("gi,gi->g", self.cross, solved[:, :, 1])
        slope = self.score_tau - np.einsum("gi,gi->g", self.cross, solved[:, :, 0])
        self.concave = bend > 0
        change = np.where(self.concave, slope / np.where(self.concave, bend, 1), np.sign(slope) * FURTHEST)
        change = np.clip(change, -FURTHEST, FURTHEST)
        step = solved[:, :, 0] - solved[:, :, 1] * change[:, None]
        return step, change, np.einsum("gi,gi->g", step, self.score) + change * self.score_tau

    def covariance(self):
        """Of β, allowing for α being estimated."""
        lost = self.cross[:, :, None] * self.cross[:, None, :] / self.information_tau[:, None, None]
        return inverse(self.information - lost)


def _improve(y, X, offset, at, step, change):
    """A step, halved until the log-likelihood does not fall."""
    beta, tau, _, value = at
    rise = np.abs(step @ X.T).max(axis=1)
    length = 1 / np.maximum(1, rise / glm.FURTHEST[0])
    for _ in range(40):
        trial = beta + length[:, None] * step, tau + length * change
        mean = _mean(trial[0], X, offset)
        after = glm.log_likelihood(y, mean, np.exp(trial[1]))
        worse = after < value - 1e-10 * (1 + np.abs(value))
        if not worse.any():
            break
        length = np.where(worse, length / 2, length)
    return *trial, mean, after
