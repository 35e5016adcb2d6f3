"""Negative-binomial regressions by iteratively reweighted least squares, as DESeq2 fits them. Arrays in, arrays out.

`helpers.counts.glm` goes to the maximum of the likelihood. Here no mean falls below half a read while the weights are
made, and coefficients have a wide normal prior; so a group without a read has a finite coefficient, and a gene's
p-value is DESeq2's (Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8).
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from helpers.counts import glm

LEAST_MEAN = 0.5
RIDGE = 1e-6 / np.log(2) ** 2  # one over the variance of the prior: 1e6 on log2
STEPS = 100
ENOUGH = 1e-8
START = 0.1  # read added to normalised counts so that they have logarithms
FURTHEST = 30.0  # a coefficient beyond has no business there; on log2 in the second attempt


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
    least = np.where(converged, LEAST_MEAN, 0.0)[:, None]
    for gene in np.flatnonzero(~converged):
        beta[gene], converged[gene] = _bounded(counts[gene], X, sizes, dispersion[gene], beta[gene])
    mean = sizes * np.exp(np.minimum(beta @ X.T, 700))
    floored = np.maximum(mean, least)
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


def _bounded(y, X, sizes, dispersion, start):
    """The maximum of the posterior between bounds, for a gene that reweighting leads nowhere; and whether it is one."""
    size, limit = 1 / dispersion, FURTHEST * np.log(2)

    def negative(beta):
        eta = X @ beta
        mean = sizes * np.exp(eta)
        value = np.sum(special.xlogy(y, mean) - (y + size) * np.log(size + mean) + size * np.log(size))
        score = ((y - mean) / (1 + dispersion * mean)) @ X
        return RIDGE / 2 * beta @ beta - value, RIDGE * beta - score

    start = np.clip(start, -limit, limit)
    options = {"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-8}
    found = optimize.minimize(
        negative, start, jac=True, method="L-BFGS-B", bounds=[(-limit, limit)] * len(start), options=options
    )
    return found.x, found.success
