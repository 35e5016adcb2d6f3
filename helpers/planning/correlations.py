"""Power of the test of a correlation: exact, without simulation."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from scipy import special, stats

NODES = 300  # over the distribution of each sum of squares: the power is good to three digits or more


def correlation_power(r: float, n: int, *, alpha: float = 0.05) -> float:
    """How often n independent rows show a true correlation.

    Parameters
    ----------
    r : float
        The true correlation of two normal columns, between −1 and 1.
    n : int
        Rows, 3 or more. For a partial correlation, less one for each thing held fixed.
    alpha : float
        Level of the two-sided t test of Pearson's r.

    Returns
    -------
    float
        Power, 0 to 1.

    Raises
    ------
    ValueError
        A correlation, a number of rows or a level is not what it must be.

    Notes
    -----
    Given x, the test statistic has a noncentral t distribution; its power is averaged over the sum of squares of x,
    which has a χ² distribution (Gatsonis & Sampson 1989, doi:10.1037/0033-2909.106.3.516). So has that of the
    residuals, over which it is averaged likewise: the noncentral t of scipy fails where a correlation is near 1.
    """
    if isinstance(r, bool) or not isinstance(r, Real) or not -1 < r < 1:
        raise ValueError(f"A correlation lies between -1 and 1; found {r!r}.")
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 3:
        raise ValueError(f"n is a whole number of 3 rows or more; found {n!r}.")
    if isinstance(alpha, bool | str) or not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, such as 0.05; found {alpha!r}.")
    df = int(n) - 2
    middles = (np.arange(NODES) + 0.5) / NODES
    shift = abs(r) / np.sqrt(1 - r**2) * np.sqrt(stats.chi2.ppf(middles, df + 1))
    bound = stats.t.isf(alpha / 2, df) * np.sqrt(stats.chi2.ppf(middles, df) / df)[:, None]
    return float(np.mean(special.ndtr(shift - bound) + special.ndtr(-shift - bound)))
