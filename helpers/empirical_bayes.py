"""Variances of many genes squeezed towards what genes have in common. Arrays in, arrays out.

Each gene's variance estimate is taken to be s²_g ~ s0²·F(d_g, d0): s0² (one number, or a trend) and d0 are estimated
from all genes by moments of log s², then every variance is averaged with s0², as if s0² were d0 more degrees of freedom
(Smyth 2004, doi:10.2202/1544-6115.1027; a trend: Law, Chen, Shi & Smyth 2014, doi:10.1186/gb-2014-15-2-r29).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

SPLINE_COLUMNS = 4  # of the trend's natural cubic spline, the constant among them
NEWTON_STEPS = 50


@dataclass(frozen=True)
class Squeezed:
    """Squeezed variances.

    Attributes
    ----------
    variance : numpy.ndarray, shape (n_genes,)
        The squeezed variances.
    prior : float, or numpy.ndarray of shape (n_genes,)
        s0², what they are squeezed towards: per gene where there is a trend.
    prior_df : float
        d0, how strongly; infinite where the estimates vary no more than chance would have it.
    """

    variance: np.ndarray
    prior: float | np.ndarray
    prior_df: float


def squeeze(variance, df, covariate=None):
    """Squeeze variances towards a common value, or towards a trend.

    Parameters
    ----------
    variance : numpy.ndarray, shape (n_genes,)
        Estimates; those with `df` 0 are taken from the prior alone.
    df : float or numpy.ndarray, shape (n_genes,)
        Their residual degrees of freedom.
    covariate : numpy.ndarray, shape (n_genes,), optional
        What the trend runs along, such as the mean log count.

    Returns
    -------
    Squeezed

    Raises
    ------
    ValueError
        Fewer than three genes have a variance estimate: nothing can be learned from the others.
    """
    df = np.broadcast_to(np.asarray(df, float), np.shape(variance))
    prior, prior_df = fit_scaled_f(variance, df, covariate)
    if np.isinf(prior_df):
        return Squeezed(np.broadcast_to(prior, np.shape(variance)).copy(), prior, prior_df)
    known = np.where(df > 0, variance, 0.0)
    return Squeezed((df * known + prior_df * prior) / (df + prior_df), prior, prior_df)


def fit_scaled_f(variance, df, covariate=None):
    """s0² and d0 of s² ~ s0²·F(df, d0), by the mean and variance of log s².

    Parameters
    ----------
    variance, df, covariate
        As in `squeeze`.

    Returns
    -------
    tuple of (float or numpy.ndarray) and float
        s0², one per gene where there is a covariate; d0, which may be infinite.

    Raises
    ------
    ValueError
        Fewer than three genes have a variance estimate.
    """
    df = np.broadcast_to(np.asarray(df, float), np.shape(variance))
    used = np.isfinite(variance) & (df > 1e-15)
    if used.sum() < 3:
        raise ValueError(
            f"{used.sum()} genes have a variance estimate; at least 3 are needed to learn from the others. Pass more"
            " genes, or test one gene on its own (helpers.mixed, or statsmodels' ols)."
        )
    known, freedom = variance[used], df[used] / 2
    known = np.maximum(known, 1e-5 * (np.median(known) or 1.0))  # a variance of 0 has no logarithm
    logs = np.log(known) - special.digamma(freedom) + np.log(freedom)
    if covariate is None:
        level, residual_df = logs.mean(), len(logs) - 1
        residual = logs - level
    else:
        basis = natural_spline(covariate, covariate[used], SPLINE_COLUMNS)
        weights, _, rank, _ = np.linalg.lstsq(basis[used], logs, rcond=None)
        level, residual_df = basis @ weights, len(logs) - rank
        residual = logs - level[used]
    excess = np.sum(residual**2) / residual_df - special.polygamma(1, freedom).mean()
    if excess <= 0:
        return (known.mean() if covariate is None else np.exp(level)), np.inf
    half = trigamma_inverse(excess)
    return np.exp(level + special.digamma(half) - np.log(half)), float(2 * half)


def trigamma_inverse(value):
    """The x > 0 at which the trigamma function has this value, by Newton's method on 1/trigamma, which is convex.

    Parameters
    ----------
    value : float
        Above 0.

    Returns
    -------
    float
    """
    if value > 1e7:
        return value**-0.5
    if value < 1e-6:
        return 1 / value
    x = 0.5 + 1 / value
    for _ in range(NEWTON_STEPS):
        now = special.polygamma(1, x)
        step = now * (1 - now / value) / special.polygamma(2, x)
        x += step
        if -step < 1e-8 * x:
            break
    return float(x)


def natural_spline(x, knots_from, columns):
    """A basis of natural cubic splines, the constant included; knots at quantiles, straight beyond the outermost.

    Parameters
    ----------
    x : numpy.ndarray, shape (n,)
    knots_from : numpy.ndarray
        The values whose quantiles are the knots, minimum and maximum among them.
    columns : int
        At least 2; fewer where `knots_from` has fewer distinct values.

    Returns
    -------
    numpy.ndarray, shape (n, columns)

    Notes
    -----
    The truncated-power form of Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning*, eq. 5.4.
    """
    knots = np.unique(np.quantile(knots_from, np.linspace(0, 1, columns)))
    if len(knots) == 1:
        return np.ones((len(x), 1))
    low, width = knots[0], knots[-1] - knots[0]
    x, knots = (x - low) / width, (knots - low) / width
    cubes = np.maximum(x[:, None] - knots, 0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (knots[-1] - knots[:-1])
    return np.column_stack([np.ones(len(x)), x, slopes[:, :-1] - slopes[:, -1:]])
