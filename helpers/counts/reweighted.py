"""Negative-binomial regressions by iteratively reweighted least squares, as DESeq2 fits them. Arrays in, arrays out.

`helpers.counts.glm` goes to the maximum of the likelihood. Here no mean falls below half a read while the weights are
made, and coefficients have a wide normal prior; so a group without a read has a finite coefficient, and a gene's
p-value is DESeq2's (Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8).
"""

from dataclasses import dataclass

import numpy as np

from helpers.counts import glm

LEAST_MEAN = 0.5
RIDGE = 1e-6 / np.log(2) ** 2  # one over the variance of the prior: 1e6 on log2
STEPS = 100
ENOUGH = 1e-8
START = 0.1  # read added to normalised counts so that they have logarithms
FURTHEST = 30.0  # a coefficient beyond leads nowhere
CLOSE = 1e-13  # what a Newton step may still promise, relative to the log posterior
FAR = 500.0  # log means further from 0 are none


@dataclass(frozen=True)
class Reweighted:
    """Regressions of many genes.

    Attributes
    ----------
    beta : numpy.ndarray, shape (n_genes, p)
    mean : numpy.ndarray, shape (n_genes, n_samples)
    covariance : numpy.ndarray, shape (n_genes, p, p)
    leverage : numpy.ndarray, shape (n_genes, n_samples)
        Diagonal of the hat matrix.
    converged : numpy.ndarray of bool, shape (n_genes,)
    """

    beta: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    leverage: np.ndarray
    converged: np.ndarray


def fit_reweighted(counts, X, sizes, dispersion):
    """Coefficients of every gene, its dispersion given.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
    sizes : numpy.ndarray, shape (n_samples,)
        Size factors.
    dispersion : numpy.ndarray, shape (n_genes,)

    Returns
    -------
    Reweighted
    """
    beta, converged = _iterate(counts, X, sizes, dispersion)
    if (left := ~converged).any():
        beta[left], converged[left] = _climb(counts[left], X, sizes, dispersion[left], beta[left])
    mean = sizes * np.exp(np.clip(beta @ X.T, -FAR, FAR))
    floored = np.maximum(mean, LEAST_MEAN)
    weights = floored / (1 + dispersion[:, None] * floored)
    information = glm.gram(weights, X)
    bread = np.linalg.inv(information + RIDGE * np.eye(X.shape[1]))
    leverage = weights * np.einsum("ni,gij,nj->gn", X, bread, X, optimize=True)
    return Reweighted(beta, mean, bread @ information @ bread, leverage, converged)


def _iterate(counts, X, sizes, dispersion):
    """Weighted least squares until the deviance is steady."""
    q, r = np.linalg.qr(X)
    beta = np.linalg.solve(r, (np.log(counts / sizes + START) @ q).T).T
    converged, active = np.zeros(len(counts), bool), np.arange(len(counts))
    y, alpha, before = counts, dispersion, np.zeros(len(counts))
    mean = np.maximum(sizes * np.exp(beta @ X.T), LEAST_MEAN)
    for step in range(STEPS):
        weights = mean / (1 + alpha[:, None] * mean)
        working = np.log(mean / sizes) + (y - mean) / mean
        information = glm.gram(weights, X) + RIDGE * np.eye(X.shape[1])
        now = np.linalg.solve(information, ((weights * working) @ X)[:, :, None])[:, :, 0]
        near = (np.abs(now) <= FURTHEST).all(axis=1)
        mean = np.maximum(sizes * np.exp(np.where(near[:, None], now, 0) @ X.T), LEAST_MEAN)
        deviance = -2 * glm.log_likelihood(y, mean, alpha)
        steady = near & (np.abs(deviance - before) / (np.abs(deviance) + 0.1) < ENOUGH) & (step > 0)
        beta[active[near]] = now[near]
        converged[active[steady]] = True
        going = near & ~steady
        active, y, alpha, mean, before = active[going], y[going], alpha[going], mean[going], deviance[going]
        if not len(active):
            break
    return beta, converged


def _climb(y, X, sizes, dispersion, beta):
    """The maximum of the posterior by Newton's method, where reweighting leads nowhere; and whether it is one."""
    alpha, converged = dispersion[:, None], np.zeros(len(y), bool)
    value, mean = _posterior(y, X, sizes, alpha, beta)
    for _ in range(STEPS):
        share = 1 / (1 + alpha * mean)
        score = ((y - mean) * share) @ X - RIDGE * beta
        information = glm.gram(mean * (1 + alpha * y) * share**2, X) + RIDGE * np.eye(X.shape[1])
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        converged = np.einsum("gi,gi->g", step, score) < CLOSE * (1 + np.abs(value))
        if converged.all():
            break
        length = 1 / np.maximum(1, np.abs(step @ X.T).max(axis=1) / glm.FURTHEST[0])
        for _ in range(40):
            trial = beta + length[:, None] * step
            there, ahead = _posterior(y, X, sizes, alpha, trial)
            worse = there < value - CLOSE * (1 + np.abs(value))
            if not worse.any():
                break
            length = np.where(worse, length / 2, length)
        beta, value, mean = trial, there, ahead
    return beta, converged


def _posterior(y, X, sizes, alpha, beta):
    """Log posterior but for what does not depend on β, and the means."""
    eta = np.clip(beta @ X.T, -FAR, FAR)
    mean = sizes * np.exp(eta)
    likelihood = y * (eta - np.log1p(alpha * mean)) - np.log1p(alpha * mean) / alpha
    return likelihood.sum(axis=1) - RIDGE / 2 * np.sum(beta**2, axis=1), mean
