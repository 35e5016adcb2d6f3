"""Single counts that a gene's coefficients hang on: Cook's distance, and counts put in their place.

Cook 1977, doi:10.1080/00401706.1977.10489493; for counts Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8.
"""

import numpy as np
from scipy import stats

QUANTILE = 0.99  # of the F distribution
ENOUGH_TO_FLAG, ENOUGH_TO_REPLACE = 3, 7  # samples that share a row of the design
LEAST_DISPERSION = 0.04  # of the robust estimate
TRIMS = {3: (1 / 3, 2.04), 23: (1 / 4, 1.86), np.inf: (1 / 8, 1.51)}  # up to so many: the share cut off, its correction
REPLACEMENT_TRIM = 0.2
ENOUGH_LARGER = 3


def cells(X):
    """Which samples share a row of the design, as numbers, and how many do so with each sample."""
    _, cell, sizes = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    return cell.ravel(), sizes[cell.ravel()]


def cutoff(X):
    """The Cook's distance beyond which a count is an outlier."""
    n, p = X.shape
    return float(stats.f.ppf(QUANTILE, p, n - p))


def cooks_distances(counts, mean, leverage, X, sizes):
    """Cook's distance of every count.

    Parameters
    ----------
    counts, mean, leverage : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
    sizes : numpy.ndarray, shape (n_samples,)

    Returns
    -------
    numpy.ndarray, shape (n_genes, n_samples)
    """
    variance = mean + robust_dispersion(counts / sizes, X)[:, None] * mean**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return (counts - mean) ** 2 / variance / X.shape[1] * leverage / (1 - leverage) ** 2


def robust_dispersion(normalised, X):
    """A dispersion by moments that one count cannot move far: of trimmed means, within cells where these are large.

    Parameters
    ----------
    normalised : numpy.ndarray, shape (n_genes, n_samples)
        Counts over size factors.
    X : numpy.ndarray, shape (n_samples, p)

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
    """
    cell, sizes = cells(X)
    used = sizes >= ENOUGH_TO_FLAG
    if used.any():
        variance = np.max([_trimmed_variance(normalised[:, cell == each]) for each in np.unique(cell[used])], axis=0)
    else:
        variance = _trimmed_variance(normalised, *TRIMS[np.inf])
    mean = normalised.mean(axis=1)
    return np.maximum((variance - mean) / mean**2, LEAST_DISPERSION)


def _trimmed_variance(values, share=None, correction=None):
    """Trimmed mean of squares about the trimmed mean."""
    if share is None:
        share, correction = next(pair for upto, pair in TRIMS.items() if values.shape[1] <= upto)
    centre = stats.trim_mean(values, share, axis=1)[:, None]
    return correction * stats.trim_mean((values - centre) ** 2, share, axis=1)


def largest(distances, X):
    """The largest distance of each gene among samples of which enough share a row of the design; NaN without any."""
    among = cells(X)[1] >= ENOUGH_TO_FLAG
    return distances[:, among].max(axis=1) if among.any() else np.full(len(distances), np.nan)


def replaceable(X):
    """Samples of which enough share a row of the design, so that a count can be replaced."""
    return cells(X)[1] >= ENOUGH_TO_REPLACE


def replaced(counts, distances, X, sizes):
    """Outliers of samples with many replicates replaced by the gene's trimmed mean.

    Parameters
    ----------
    counts, distances : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
    sizes : numpy.ndarray, shape (n_samples,)

    Returns
    -------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    changed : numpy.ndarray of bool, shape (n_genes,)
        Genes with an outlier anywhere.
    """
    outliers = distances > cutoff(X)
    stand_in = np.floor(stats.trim_mean(counts / sizes, REPLACEMENT_TRIM, axis=1)[:, None] * sizes)
    return np.where(outliers & replaceable(X), stand_in, counts), outliers.any(axis=1)


def spared(counts, distances):
    """Genes whose most distant count is smaller than three others: no single large count makes their difference."""
    furthest = counts[np.arange(len(counts)), distances.argmax(axis=1)]
    return (counts > furthest[:, None]).sum(axis=1) >= ENOUGH_LARGER
