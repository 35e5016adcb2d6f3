"""Negative-binomial regressions of all genes at once, dispersions given. Arrays in, arrays out.

Counts y with mean μ = exp(Xβ + offset) and variance μ + αμ². With α fixed the log-likelihood is concave in β, so
Newton's method with the observed information reaches the optimum. The model, and the Cox–Reid adjustment that is made
from it: McCarthy, Chen & Smyth 2012, doi:10.1093/nar/gks042.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from helpers.threads import one_thread

STEPS = 200  # genes whose means run to zero in some samples take most
ENOUGH = 1e-12  # what a Newton step may still promise in log-likelihood, relative to it
LOWEST = -500.0  # η: a mean of zero has no logarithm
FURTHEST = 5.0, 100.0  # how much η may rise, or fall, in one step: means overflow upwards only
NEGLIGIBLE = 1e-4  # a count and a mean below this say nothing on the variance


@dataclass(frozen=True)
class Fits:
    """Regressions of many genes.

    Attributes
    ----------
    beta : numpy.ndarray, shape (n_genes, p)
    mean : numpy.ndarray, shape (n_genes, n_samples)
    converged : numpy.ndarray of bool, shape (n_genes,)
    """

    beta: np.ndarray
    mean: np.ndarray
    converged: np.ndarray


def fit(counts, X, offset, dispersion, start=None):
    """Maximum-likelihood β of every gene.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
        Of full rank.
    offset : numpy.ndarray, shape (n_samples,) or (n_genes, n_samples)
    dispersion : float or numpy.ndarray, shape (n_genes,)
        α; 0 is Poisson.
    start : numpy.ndarray, shape (n_genes, p), optional

    Returns
    -------
    Fits
    """
    offset = np.broadcast_to(offset, counts.shape)
    if X.shape[1] == 0:  # the null model of a design with one column
        return Fits(np.empty((len(counts), 0)), np.exp(offset), np.ones(len(counts), bool))
    alpha = np.broadcast_to(np.asarray(dispersion, float), len(counts))[:, None]
    with one_thread(*counts.shape, X.shape[1] ** 2):
        return _maximise(counts, X, offset, alpha, start)


def _maximise(counts, X, offset, alpha, start):
    """Newton's method; a gene whose step promises nothing more takes it and is left alone."""
    q, r = np.linalg.qr(X)
    gamma = _start(counts, q, offset) if start is None else start @ r.T
    active = np.arange(len(counts))
    y, off, a, now = counts, offset, alpha, gamma
    value = _kernel(y, now @ q.T + off, a)
    converged = np.ones(len(counts), bool)
    for _ in range(STEPS):
        step, gain = _newton(y, q, off, a, now)
        going = gain > ENOUGH * (1 + np.abs(value))
        gamma[active[~going]] = (now + step)[~going]
        active, step, value = active[going], step[going], value[going]
        y, off, a, now = y[going], off[going], a[going], now[going]
        if not going.any():
            break
        now, value = _improve(y, q, off, a, now, value, step)
    else:
        gamma[active], converged[active] = now, False
    mean = np.exp(np.maximum(gamma @ q.T + offset, LOWEST))
    return Fits(np.linalg.solve(r, gamma.T).T, mean, converged)


def _start(counts, q, offset):
    """Least squares on log counts, zeros raised a little."""
    return (np.log(np.maximum(counts, 1 / 6)) - offset) @ q


def _kernel(y, eta, alpha):
    """The log-likelihood but for what does not depend on β."""
    mean = np.exp(np.maximum(eta, LOWEST))
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(alpha > 0, np.log1p(alpha * mean) / np.where(alpha > 0, alpha, 1), mean)
    return np.sum(y * (eta - np.log1p(alpha * mean)) - excess, axis=1)


def _newton(y, q, offset, alpha, gamma):
    """The step, and what it promises."""
    mean = np.exp(np.maximum(gamma @ q.T + offset, LOWEST))
    shrink = 1 / (1 + alpha * mean)
    score = ((y - mean) * shrink) @ q
    step = _solve(gram(mean * (1 + alpha * y) * shrink**2, q), score)
    return step, np.einsum("gi,gi->g", step, score)


def gram(weights, q):
    """Q'WQ of every gene, (n_genes, p, p)."""
    p = q.shape[1]
    products = (q[:, :, None] * q[:, None, :]).reshape(len(q), p * p)
    return (weights @ products).reshape(-1, p, p)


def _solve(information, score):
    """Newton steps; the information of a gene whose mean runs to zero is kept invertible."""
    p = score.shape[1]
    size = np.trace(information, axis1=1, axis2=2)
    ridge = (1e-12 * size + 1e-300)[:, None, None] * np.eye(p)
    return np.linalg.solve(information + ridge, score[:, :, None])[:, :, 0]


def _improve(y, q, offset, alpha, gamma, value, step):
    """A step, halved until the log-likelihood does not fall."""
    change, (up, down) = step @ q.T, FURTHEST
    length = (1 / np.maximum(1, np.maximum(change.max(axis=1) / up, -change.min(axis=1) / down)))[:, None]
    for _ in range(40):
        trial = gamma + length * step
        after = _kernel(y, trial @ q.T + offset, alpha)
        worse = after < value - 1e-10 * (1 + np.abs(value))
        if not worse.any():
            break
        length = np.where(worse[:, None], length / 2, length)
    return trial, after


def deviance(counts, mean, dispersion):
    """Twice the log-likelihood that the saturated model has more, summed over samples.

    Parameters
    ----------
    counts, mean : numpy.ndarray, shape (n_genes, n_samples)
    dispersion : float or numpy.ndarray, shape (n_genes,)

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
    """
    alpha = np.broadcast_to(np.asarray(dispersion, float), len(counts))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log1p(alpha * counts) - np.log1p(alpha * mean)
        excess = np.where(alpha > 0, ratio / np.where(alpha > 0, alpha, 1), counts - mean)
    return np.maximum(2 * np.sum(special.xlogy(counts, counts / mean) - counts * ratio - excess, axis=1), 0)


def log_likelihood(counts, mean, dispersion):
    """Negative-binomial log-likelihood, summed over samples; Poisson where the dispersion is 0.

    Parameters
    ----------
    counts, mean : numpy.ndarray, shape (n_genes, n_samples)
    dispersion : float or numpy.ndarray, shape (n_genes,)

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
    """
    alpha = np.broadcast_to(np.asarray(dispersion, float), len(counts))[:, None]
    poisson = special.xlogy(counts, mean) - mean - special.gammaln(counts + 1)
    if not (alpha > 0).any():
        return poisson.sum(axis=1)
    size = 1 / np.where(alpha > 0, alpha, 1)
    whole = (
        special.gammaln(counts + size)
        - special.gammaln(size)
        - special.gammaln(counts + 1)
        + special.xlogy(counts, mean)
        - counts * np.log(size + mean)
        - size * np.log1p(mean / size)
    )
    return np.where(alpha > 0, whole, poisson).sum(axis=1)


def information(X, mean, dispersion, counts=None):
    """X'WX of every gene: expected, or observed where the counts are given.

    Parameters
    ----------
    X : numpy.ndarray, shape (n_samples, p)
    mean : numpy.ndarray, shape (n_genes, n_samples)
    dispersion : float or numpy.ndarray, shape (n_genes,)
    counts : numpy.ndarray, shape (n_genes, n_samples), optional

    Returns
    -------
    numpy.ndarray, shape (n_genes, p, p)
    """
    alpha = np.broadcast_to(np.asarray(dispersion, float), len(mean))[:, None]
    weights = mean / (1 + alpha * mean)
    with one_thread(*mean.shape, X.shape[1] ** 2):
        return gram(weights if counts is None else weights * (1 + alpha * counts) / (1 + alpha * mean), X)


def residual_df(counts, mean, X):
    """Residual degrees of freedom that remain when samples whose count and mean are both zero are left out.

    Parameters
    ----------
    counts, mean : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)

    Returns
    -------
    numpy.ndarray, shape (n_genes,)

    Notes
    -----
    Lun & Smyth 2017, doi:10.1515/sagmb-2017-0010: such a sample is fitted perfectly and says nothing on the variance.
    """
    df = np.full(len(counts), len(X) - np.linalg.matrix_rank(X))
    for pattern, genes in informative_patterns(counts, mean):
        rank = np.linalg.matrix_rank(X[pattern]) if pattern.any() else 0
        df[genes] = pattern.sum() - rank
    return df


def informative_patterns(counts, mean):
    """Which samples inform on a gene's variance, and the places of the genes that share the pattern."""
    informative = (counts >= NEGLIGIBLE) | (mean >= NEGLIGIBLE)
    patterns, which = np.unique(informative, axis=0, return_inverse=True)
    return [(pattern, np.flatnonzero(which == i)) for i, pattern in enumerate(patterns)]
