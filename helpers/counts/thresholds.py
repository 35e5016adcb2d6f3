"""Tests of whether a log2 fold change lies beyond a threshold, not just off zero. Arrays in, arrays out.

McCarthy & Smyth 2009, doi:10.1093/bioinformatics/btp053.
"""

import numpy as np
from scipy import special, stats

INDIFFERENT = 1.470402  # edgeR's: from this width on, in standard normal units, a null interval counts as that wide

FURTHEST = 37.0  # standard deviations: beyond, the tail is too small for a number


def check_lfc(lfc):
    """Refuse a threshold that is no number, or negative."""
    if isinstance(lfc, bool | str) or not np.isscalar(lfc) or not 0 <= lfc < np.inf:
        raise ValueError(
            f"lfc is the log2 fold change that a gene must exceed, 0 or above: 1 asks for a doubling or halving; found"
            f" {lfc!r}."
        )


def beyond(estimate, std_error, df, lfc):
    """Student's t test of |effect| > lfc, limma's ``treat``; of effect ≠ 0 where lfc is 0.

    Parameters
    ----------
    estimate, std_error : numpy.ndarray
        log2 fold changes.
    df : float or numpy.ndarray
    lfc : float

    Returns
    -------
    statistic, p_value : numpy.ndarray
        t of what exceeds the threshold, 0 within it. The p-value is that of the null value least easily rejected,
        ±lfc: both tails are counted from there.
    """
    size = np.abs(estimate)
    excess = np.maximum(size - lfc, 0) / std_error
    p_value = stats.t.sf((size - lfc) / std_error, df) + stats.t.sf((size + lfc) / std_error, df)
    return np.sign(estimate) * excess, p_value


def interval_p(near, far, within):
    """Turn the evidence against either end of a null interval into a p-value.

    Parameters
    ----------
    near, far : numpy.ndarray
        Standard normal deviates (0 or above) against the nearer and the farther end.
    within : numpy.ndarray of bool
        Whether the estimate lies between the ends.

    Returns
    -------
    numpy.ndarray

    Notes
    -----
    As edgeR's ``glmTreat(null="interval")``: the tail probabilities are averaged over null values next to the ends, so
    that a tiny threshold leads to the test of no change.
    """
    near = np.where(within, near, -near)
    wide = far + near > INDIFFERENT
    ends = _mean_tail(-far, -far + INDIFFERENT) + _mean_tail(near - INDIFFERENT, near)
    return np.where(wide, ends, 2 * _mean_tail(-far, near))


def deviate(t, df):
    """The standard normal deviate of the same upper tail as a t; at most FURTHEST.

    Parameters
    ----------
    t : numpy.ndarray
    df : float or numpy.ndarray
        Infinite: t is returned.

    Returns
    -------
    numpy.ndarray
    """
    return np.minimum(np.where(np.isinf(df), t, -special.ndtri_exp(stats.t.logsf(t, df))), FURTHEST)


def _mean_tail(low, high):
    """The mean of the standard normal distribution function between two places."""
    width = high - low

    def integral(z):
        return z * stats.norm.cdf(z) + stats.norm.pdf(z)

    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (integral(high) - integral(low)) / width
    return np.where(width > 1e-6, np.maximum(mean, 0), stats.norm.cdf((low + high) / 2))
