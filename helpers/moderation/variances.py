"""Empirical-Bayes moderation of variances: every gene's variance, drawn towards what all genes have in common.

Smyth 2004, doi:10.2202/1544-6115.1027: with s² | σ² ~ σ²χ²_d/d and 1/σ² ~ χ²_d0/(d0 s0²), log s² has a known mean and
variance, so d0 and s0² follow from the moments of log s² over the genes (his section 6.2).
"""

import numpy as np
from scipy import special


def squeeze_variances(variances, df):
    """Moderate variances.

    Parameters
    ----------
    variances : (n,)
        Residual variance s² of each gene, above zero.
    df : float or (n,)
        Its degrees of freedom d.

    Returns
    -------
    posterior_variances : (n,)
        (d0 s0² + d s²)/(d0 + d).
    prior_df : float
        d0; infinite where the variances differ no more than chance makes them.
    prior_variance : float
        s0².

    Raises
    ------
    ValueError
        Fewer than two variances, or one that is not above zero.
    """
    variances = np.asarray(variances, dtype=float)
    df = np.broadcast_to(np.asarray(df, dtype=float), variances.shape)
    if len(variances) < 2:
        raise ValueError(
            f"Moderation learns from the variances of many genes; found {len(variances)}. Test without moderation."
        )
    if not (np.isfinite(variances) & (variances > 0) & (df > 0)).all():
        raise ValueError("Moderation needs variances and degrees of freedom above zero. Leave the other genes out.")
    centred = np.log(variances) - special.digamma(df / 2) + np.log(df / 2)
    beyond_chance = centred.var(ddof=1) - special.polygamma(1, df / 2).mean()
    if beyond_chance <= 0:  # one variance for all: as limma does, their mean
        prior_variance = float(variances.mean())
        return np.full(variances.shape, prior_variance), np.inf, prior_variance
    prior_df = 2 * trigamma_inverse(beyond_chance)
    prior_variance = float(np.exp(centred.mean() + special.digamma(prior_df / 2) - np.log(prior_df / 2)))
    return (prior_df * prior_variance + df * variances) / (prior_df + df), prior_df, prior_variance


def trigamma_inverse(value):
    """The y whose trigamma is `value`, a positive number; Newton's method on 1/trigamma, which is convex in y."""
    if value > 1e7:  # there trigamma(y) is 1/y², and here below 1/y, to every digit that counts
        return float(value**-0.5)
    if value < 1e-6:
        return float(1 / value)
    y = 0.5 + 1 / value
    for _ in range(50):
        trigamma = special.polygamma(1, y)
        step = trigamma * (1 - trigamma / value) / special.polygamma(2, y)
        y += step
        if -step / y < 1e-14:
            break
    return float(y)
