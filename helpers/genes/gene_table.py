"""Tests of every gene as a tidy table."""

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.stats.multitest import multipletests


def tidy(results, genes, labels, kind, conf_level, adjust):
    """One row per gene and contrast.

    Parameters
    ----------
    results : helpers.genes.fitting.Results
    genes : pandas.Index, length n
    labels : sequence of str, length k
        Of the contrasts.
    kind : {"term", "contrast"}
        What they are.
    conf_level : float
    adjust : str or None
        A method of `statsmodels.stats.multitest.multipletests`.

    Returns
    -------
    pandas.DataFrame
        Columns as in `helpers.genes.fit_genes`.
    """
    n, k = results.estimate.shape
    statistic = results.estimate / results.std_error
    p_value = 2 * _tail(np.abs(statistic), results.df)
    half = _quantile((1 - conf_level) / 2, results.df) * results.std_error
    columns = {
        "gene": genes.repeat(k),
        kind: pd.Index(labels).take(np.tile(np.arange(k), n)),
        "estimate": results.estimate.ravel(),
        "std_error": results.std_error.ravel(),
        "df": results.df.ravel(),
        "statistic": statistic.ravel(),
        "p_value": p_value.ravel(),
        "conf_low": (results.estimate - half).ravel(),
        "conf_high": (results.estimate + half).ravel(),
    }
    if adjust is not None:
        columns["p_adjusted"] = _adjusted(p_value, adjust).ravel()
    columns["sigma"] = results.sigma.repeat(k)
    if results.mixed:
        columns |= {
            "theta": results.theta.repeat(k),
            "deviance": results.deviance.repeat(k),
            "is_singular": results.is_singular.repeat(k),
        }
    if results.moderated:
        columns["sigma_moderated"] = results.sigma_moderated.repeat(k)
    columns["reason"] = pd.Index(results.reason, dtype="str").repeat(k)
    return pd.DataFrame(columns)


def _tail(t, df):
    """P(T > t), from the lower tail of −t."""
    return np.where(np.isinf(df), special.ndtr(-t), special.stdtr(df, -t))


def _quantile(tail, df):
    """The t that is exceeded with probability `tail`."""
    return stats.t.isf(tail, df)


def _adjusted(p_values, method):
    """p-values (n, k), each column corrected over the genes that were tested."""
    adjusted = np.full(p_values.shape, np.nan)
    tested = ~np.isnan(p_values)
    for column, rows in enumerate(tested.T):
        if rows.any():
            adjusted[rows, column] = multipletests(p_values[rows, column], method=method)[1]
    return adjusted
