"""DESeq2's regression of every gene, with counts that are outliers found and replaced. Arrays in, arrays out.

Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8.
"""

from dataclasses import dataclass

import numpy as np

from helpers.counts.cooks import cells, cooks_distances, cutoff, largest, replaceable, replaced, spared
from helpers.counts.reweighted import fit_reweighted
from helpers.counts.shrunken_dispersions import gene_wise, shared, shrunken


@dataclass(frozen=True)
class Regressions:
    """Regressions of the genes that have reads.

    Attributes
    ----------
    beta : numpy.ndarray, shape (n_genes, p)
    covariance : numpy.ndarray, shape (n_genes, p, p)
    dispersion, own_dispersion, trend_dispersion : numpy.ndarray, shape (n_genes,)
        As used, by the gene alone, by the curve of all.
    mean_count : numpy.ndarray, shape (n_genes,)
        Mean normalised count, outliers replaced.
    converged : numpy.ndarray of bool, shape (n_genes,)
    outlier : numpy.ndarray of bool, shape (n_genes,)
        Genes with an outlier that no other count of its kind could replace: they have no test.
    """

    beta: np.ndarray
    covariance: np.ndarray
    dispersion: np.ndarray
    own_dispersion: np.ndarray
    trend_dispersion: np.ndarray
    mean_count: np.ndarray
    converged: np.ndarray
    outlier: np.ndarray


def regressions(counts: np.ndarray, X: np.ndarray, sizes: np.ndarray) -> Regressions:
    """Fit every gene.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
        No gene without a read.
    X : numpy.ndarray, shape (n_samples, p)
    sizes : numpy.ndarray, shape (n_samples,)
        Size factors.

    Returns
    -------
    Regressions

    Raises
    ------
    ValueError
        No gene scatters more than Poisson.
    """
    n, p = X.shape
    mean_count, own = (counts / sizes).mean(axis=1), gene_wise(counts, X, sizes)
    common = shared(own.dispersion, mean_count, n - p)
    dispersion = shrunken(counts, X, own, mean_count, common)
    fits = fit_reweighted(counts, X, sizes, dispersion)
    distances = cooks_distances(counts, fits.mean, fits.leverage, X, sizes)
    found = Regressions(
        fits.beta,
        fits.covariance,
        dispersion,
        own.dispersion,
        common.curve(mean_count),
        mean_count,
        fits.converged,
        np.zeros(len(counts), bool),
    )
    can_be, without = replaceable(X), None
    if can_be.any():
        without, changed = replaced(counts, distances, X, sizes)
        _fit_again(found, np.flatnonzero(changed), without, X, sizes, common)
    found.outlier[:] = _outliers(counts, np.where(can_be, 0, distances), distances, X)
    if without is not None:
        found.outlier[~without.any(axis=1)] = True
    return found


def _fit_again(found, genes, counts, X, sizes, common):
    """Fit genes whose outliers were replaced; what all genes have in common stays."""
    y = counts[genes]
    found.mean_count[genes] = (y / sizes).mean(axis=1)
    some = y.any(axis=1)
    genes, y = genes[some], y[some]
    if not len(genes):
        return
    mean_count, own = found.mean_count[genes], gene_wise(y, X, sizes)
    found.dispersion[genes] = shrunken(y, X, own, mean_count, common)
    found.own_dispersion[genes], found.trend_dispersion[genes] = own.dispersion, common.curve(mean_count)
    fits = fit_reweighted(y, X, sizes, found.dispersion[genes])
    found.beta[genes], found.covariance[genes], found.converged[genes] = fits.beta, fits.covariance, fits.converged


def _outliers(counts, left, distances, X):
    """Genes one of whose counts is too far away, and could not be replaced."""
    far = np.nan_to_num(largest(left, X)) > cutoff(X)
    if X.shape[1] == 2 and len(np.unique(cells(X)[0])) == 2:  # two groups
        far[far] = ~spared(counts[far], distances[far])
    return far
