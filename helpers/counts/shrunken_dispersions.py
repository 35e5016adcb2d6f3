"""Dispersions as DESeq2 estimates them: each gene's own, the curve of all, and the two together. Arrays in, arrays out.

Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.counts.cox_reid import LOWEST, STEPS, Posterior, Prior, climb, highest, on_grid
from helpers.counts.dispersion_curve import parametric, prior_variance, spread
from helpers.counts.local_curve import LocalCurve
from helpers.counts.reweighted import LEAST_MEAN, fit_reweighted

NO_RISE = 1e-6  # of the likelihood, relative: then the start is as good
SEEN = 100 * LOWEST  # from here on a gene says something on the curve
FAR = 2.0  # standard deviations above the curve at which a gene keeps its own dispersion
FEWEST = 10  # genes that a local curve is drawn through
NEAR = 0.1  # of the curve: a lower estimate is no start for the posterior


@dataclass(frozen=True)
class Shared:
    """What all genes have in common.

    Attributes
    ----------
    curve : callable
        From mean counts to dispersions.
    spread : float
        Variance of the log estimates about the curve.
    prior_variance : float
        Of the true log dispersions about it.
    """

    curve: Callable
    spread: float
    prior_variance: float


@dataclass(frozen=True)
class GeneWise:
    """Each gene's own dispersion, and the means that it was estimated around."""

    dispersion: np.ndarray
    mean: np.ndarray


def gene_wise(counts, X, sizes):
    """Dispersions by the Cox–Reid adjusted likelihood of each gene alone.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
        No gene without a read.
    X : numpy.ndarray, shape (n_samples, p)
    sizes : numpy.ndarray, shape (n_samples,)

    Returns
    -------
    GeneWise
    """
    top, normalised = highest(len(X)), counts / sizes
    q, _ = np.linalg.qr(X)
    fitted = normalised @ q @ q.T
    start = np.clip(_by_moments(normalised, fitted, X, sizes), LOWEST, top)
    as_many_cells = len(np.unique(X, axis=0)) == X.shape[1]  # then least squares gives the means of the cells
    mean = fitted * sizes if as_many_cells else fit_reweighted(counts, X, sizes, start).mean
    posterior = Posterior(counts, np.maximum(mean, LEAST_MEAN), X)
    climbed = climb(posterior, np.log(start))
    found = np.where(climbed.rise < NO_RISE, start, np.minimum(np.exp(climbed.log_dispersion), top))
    astray = ((climbed.steps == STEPS) | (climbed.steps == 1)) & (found > 10 * LOWEST)
    found[astray] = np.exp(on_grid(posterior.of(astray), len(X)))
    return GeneWise(np.clip(found, LOWEST, top), posterior.mean)


def _by_moments(normalised, fitted, X, sizes):
    """The smaller of two estimates by moments: about the regression, and about the mean of all samples."""
    n, p = X.shape
    about = np.maximum(fitted, 1)
    rough = np.sum(((normalised - about) ** 2 - about) / about**2, axis=1) / (n - p)
    mean, variance = normalised.mean(axis=1), normalised.var(axis=1, ddof=1)
    return np.minimum(np.maximum(rough, 0), (variance - np.mean(1 / sizes) * mean) / mean**2)


def shared(dispersion, mean_count, df):
    """The curve, and how genes scatter about it.

    Parameters
    ----------
    dispersion, mean_count : numpy.ndarray, shape (n_genes,)
    df : int
        Residual degrees of freedom.

    Returns
    -------
    Shared

    Raises
    ------
    ValueError
        No gene scatters more than Poisson, or too few do.
    """
    seen = dispersion > SEEN
    if not seen.any():
        raise ValueError(
            "No gene scatters more than Poisson: there is no dispersion to learn from the others. Use fit_poisson, or"
            " quasi_likelihood."
        )
    curve = parametric(dispersion[seen], mean_count[seen])
    if curve is None:
        if seen.sum() < FEWEST:
            raise ValueError(
                f"Only {seen.sum()} genes scatter more than Poisson, and their dispersions do not fall with the mean:"
                f" at least {FEWEST} are needed to learn from. Pass more genes, or use quasi_likelihood."
            )
        curve = LocalCurve(dispersion[seen], mean_count[seen])
    seen = dispersion >= SEEN
    ratios = np.log(dispersion[seen] / curve(mean_count[seen]))
    return Shared(curve, spread(ratios), prior_variance(ratios, df))


def shrunken(counts, X, own, mean_count, common):
    """Each gene's dispersion drawn to the curve, unless it lies far above.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
    own : GeneWise
    mean_count : numpy.ndarray, shape (n_genes,)
    common : Shared

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
    """
    curve = common.curve(mean_count)
    start = np.where(own.dispersion > NEAR * curve, own.dispersion, curve)
    posterior = Posterior(counts, own.mean, X, Prior(np.log(curve), common.prior_variance))
    climbed = climb(posterior, np.log(start))
    found, astray = np.exp(climbed.log_dispersion), climbed.steps == STEPS
    found[astray] = np.exp(on_grid(posterior.of(astray), len(X)))
    found = np.clip(found, LOWEST, highest(len(X)))
    far = np.log(own.dispersion) > np.log(curve) + FAR * np.sqrt(common.spread)
    return np.where(far, own.dispersion, found)
