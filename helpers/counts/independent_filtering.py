"""Genes with few reads left out before p-values are adjusted, as many as lets most genes be found.

Bourgon, Gentleman & Huber 2010, doi:10.1073/pnas.0914005107; how many are left out: Love, Huber & Anders 2014,
doi:10.1186/s13059-014-0550-8.
"""

import numpy as np
from statsmodels.nonparametric.smoothers_lowess import lowess

from helpers.hypotheses.adjusting import adjusted_where_tested

SHARES, HIGHEST, SPAN = 50, 0.95, 0.2
FEWEST = 10  # rejections; below, nothing is left out


def filtered_adjustment(p_values: np.ndarray, mean_count: np.ndarray, alpha: float) -> np.ndarray:
    """Benjamini–Hochberg over the genes above a mean count.

    Parameters
    ----------
    p_values : numpy.ndarray, shape (n_genes,)
        NaN where there is none.
    mean_count : numpy.ndarray, shape (n_genes,)
        Of all genes, those without a read among them.
    alpha : float
        The false discovery rate at which most genes are to be found.

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
        NaN for genes left out.
    """
    lowest = np.mean(mean_count == 0)
    shares = np.linspace(lowest, HIGHEST if lowest < HIGHEST else 1, SHARES)
    limits = np.quantile(mean_count, shares)
    tables = [adjusted_where_tested(np.where(mean_count >= limit, p_values, np.nan), "BH") for limit in limits]
    found = np.array([np.sum(table < alpha) for table in tables])
    return tables[_place(shares, found)]


def _place(shares, found):
    """The first share at which, but for noise, as many genes are found as anywhere."""
    if found.max() <= FEWEST:
        return 0
    smooth = lowess(found, shares, frac=SPAN, it=3, return_sorted=False)
    some = found > 0
    noise = np.sqrt(np.mean((found[some] - smooth[some]) ** 2))
    enough = np.flatnonzero(found > smooth.max() - noise)
    return int(enough[0]) if len(enough) else 0
