"""p-values that allow for a family of tests, and the intervals that belong to them."""

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers.hypotheses.simultaneous import max_t_p_value, max_t_quantile, tukey_p_value, tukey_quantile
from helpers.refusals.wording import listed

STEPWISE = {"holm": "holm", "fdr_bh": "fdr_bh", "BH": "fdr_bh"}  # p-values only: no interval belongs to them
SINGLE_STEP = ("bonferroni", "sidak", "tukey", "dunnett", "mvt")
METHODS = (*STEPWISE, *SINGLE_STEP)


def check_adjust(adjust):
    """Refuse a method that is none of ours."""
    if adjust is not None and adjust not in METHODS:
        raise ValueError(f"adjust is None or one of {listed(METHODS)}; found {adjust!r}.")


def adjusted(adjust, statistics, df, correlation, n_means, conf_level):
    """Adjusted p-values of one family, and the bound of |t| for its simultaneous intervals.

    Parameters
    ----------
    adjust : str
        One of `METHODS`.
    statistics, df : (k,)
    correlation : (k, k)
        Of the estimates.
    n_means : int
        How many means the family compares (Tukey).
    conf_level : float

    Returns
    -------
    tuple of numpy.ndarray
        p-values (k,) and bounds (k,); the latter None for the stepwise methods.
    """
    alone, m = 2 * stats.t.sf(np.abs(statistics), df), len(statistics)
    if adjust in STEPWISE:
        return multipletests(alone, method=STEPWISE[adjust])[1], None
    if adjust == "bonferroni":
        return np.minimum(m * alone, 1), stats.t.isf((1 - conf_level) / m / 2, df)
    if adjust == "sidak":
        level = -np.expm1(np.log(conf_level) / m)
        return -np.expm1(m * np.log1p(-alone)), stats.t.isf(level / 2, df)
    if adjust == "tukey":
        return tukey_p_value(statistics, n_means, df), tukey_quantile(conf_level, n_means, df)
    return max_t_p_value(statistics, correlation, df), max_t_quantile(conf_level, correlation, df)
