"""Variances of many genes drawn to a trend along their mean. Arrays in, arrays out.

As `helpers.moderation.variances`, but s0² is a curve: genes with few reads scatter otherwise than genes with many. Law,
Chen, Shi & Smyth 2014, doi:10.1186/gb-2014-15-2-r29; Smyth 2004, doi:10.2202/1544-6115.1027.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from helpers.moderation.variances import trigamma_inverse

SPLINE_COLUMNS = 4  # of the natural cubic spline, the constant among them
SMALLEST = 1e-5  # a variance of 0 has no logarithm: it counts as this share of the median


@dataclass(frozen=True)
class Squeezed:
    """Squeezed variances.

    Attributes
    ----------
    variance : numpy.ndarray, shape (n_genes,)
        The squeezed variances.
    prior : numpy.ndarray, shape (n_genes,)
        s0², what they are squeezed towards.
    prior_df : float
        d0, how strongly; infinite where the estimates vary about the trend no more than chance would have it.
    """

    variance: np.ndarray
    prior: np.ndarray
    prior_df: float


def squeeze_to_trend(variance, df, covariate):
    """Squeeze variances towards a trend.

    Parameters
    ----------
    variance : numpy.ndarray, shape (n_genes,)
        Estimates; a gene with `df` 0 gets the trend.
    df : numpy.ndarray, shape (n_genes,)
        Their residual degrees of freedom.
    covariate : numpy.ndarray, shape (n_genes,)
        What the trend runs along, such as the mean log count.

    Returns
    -------
    Squeezed

    Raises
    ------
    ValueError
        Too few genes have a variance estimate: nothing can be learned from the others.
    """
    used = df > 0
    basis = natural_spline(covariate, covariate[used], SPLINE_COLUMNS) if used.any() else np.ones((len(df), 1))
    if used.sum() <= basis.shape[1]:
        raise ValueError(
            f"{used.sum()} genes have a variance estimate; more than {basis.shape[1]} are needed for a trend along the"
            " mean. Pass more genes, or test one gene on its own."
        )
    known, half = variance[used], df[used] / 2
    known = np.maximum(known, SMALLEST * (np.median(known) or 1.0))
    logs = np.log(known) - special.digamma(half) + np.log(half)
    weights, _, rank, _ = np.linalg.lstsq(basis[used], logs, rcond=None)
    level = basis @ weights
    beyond_chance = np.sum((logs - level[used]) ** 2) / (len(logs) - rank) - special.polygamma(1, half).mean()
    if beyond_chance <= 0:
        return Squeezed(np.exp(level), np.exp(level), np.inf)
    prior_df = 2 * trigamma_inverse(beyond_chance)
    prior = np.exp(level + special.digamma(prior_df / 2) - np.log(prior_df / 2))
    return Squeezed((df * np.where(used, variance, 0) + prior_df * prior) / (df + prior_df), prior, prior_df)


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
