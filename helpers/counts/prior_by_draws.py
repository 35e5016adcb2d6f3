"""How widely dispersions scatter about their curve, where few degrees of freedom are left: by DESeq2's simulation.

The log of an estimate over the curve is the log of a χ² variable over its degrees of freedom plus a normal variable,
whose variance is sought. With up to three degrees of freedom DESeq2 draws such sums for a grid of variances, after a
seed of its own, and takes the variance at which their histogram is most like that of the genes (Love, Huber & Anders
2014, doi:10.1186/s13059-014-0550-8). The draws do not depend on the data: `prior_draws.csv.gz` holds their histograms
(`tests/reference/counts/prior_draws.R` wrote it), so no random number is needed here, and the result is DESeq2's.
"""

from functools import cache
from importlib import resources

import numpy as np

from helpers.counts.loess import loess

BINS = np.arange(-20, 21) / 2  # of log ratios
VARIANCES = np.linspace(0, 8, 200)
SPAN = 0.2
FINE = np.linspace(0, 8, 1000)
MOST_DF = 3


def prior_variance_by_draws(log_ratios, df):
    """The variance at which draws are most like the log ratios.

    Parameters
    ----------
    log_ratios : numpy.ndarray, shape (n_genes,)
        log of estimate over curve.
    df : int
        Residual degrees of freedom, 1 to 3.

    Returns
    -------
    float
    """
    observed = _density(np.histogram(log_ratios, BINS)[0])
    divergence = [_divergence(observed, drawn) for drawn in _draws()[df - 1]]
    return float(FINE[np.argmin(loess(VARIANCES, np.array(divergence), SPAN, FINE))])


@cache
def _draws():
    """Densities of the draws, (3, variances, bins)."""
    path = resources.files("helpers.counts") / "prior_draws.csv.gz"
    with resources.as_file(path) as file:
        counts = np.loadtxt(file, delimiter=",")
    return _density(counts).reshape(MOST_DF, len(VARIANCES), len(BINS) - 1)


def _density(counts):
    return counts / counts.sum(axis=-1, keepdims=True) / np.diff(BINS)


def _divergence(observed, drawn):
    """Kullback and Leibler's; what is empty counts as the smallest that is not."""
    both = np.concatenate([observed, drawn])
    least = both[both > 0].min()
    return float(np.sum(observed * (np.log(observed + least) - np.log(drawn + least))))
