"""Correlation with what it needs beside it: an interval, a p-value, and permutation within groups.

scipy has the coefficients and an interval for Pearson's r. What it lacks stands here: an interval for Spearman's rho,
R's p-value for it, a partial correlation within groups, and permutation restricted to groups.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

COLUMNS = ["x", "y", "method", "n", "estimate", "df", "statistic", "p_value", "conf_low", "conf_high"]


def correlate(data, x, y, *, method="pearson", within=None, conf_level=0.95):
    """Correlation of one or several columns with another, each with its interval and p-value.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per observational unit.
    x : str or list of str
        Numeric columns; each gives one row of the result.
    y : str
        A numeric column.
    method : {"pearson", "spearman", "kendall"}
        Pearson's r, Spearman's rho or Kendall's tau-b.
    within : str, optional
        A grouping column. The group means are taken out of both columns first: the result is the partial correlation
        given the group (Pearson only), and each group but the first costs one degree of freedom.
    conf_level : float
        Level of the interval.

    Returns
    -------
    pandas.DataFrame
        One row per `x`: ``x, y, method, n, estimate, df, statistic, p_value, conf_low, conf_high``.
        `statistic` is t for Pearson, S (the sum of squared rank differences) for Spearman, tau for Kendall.
        `df` is missing for Spearman and Kendall, the interval for Kendall.

    Raises
    ------
    KeyError
        A column is not in `data`.
    ValueError
        A column is not numeric, is constant, or holds missing or infinite values; fewer than four rows.

    Notes
    -----
    p-values equal those of R's ``cor.test``. Pearson: t with n − 2 degrees of freedom. Spearman without ties: the exact
    distribution of S up to n = 9, then its Edgeworth series (Best & Roberts 1975, doi:10.2307/2347111); with ties, t on
    n − 2 degrees of freedom. Kendall: scipy's, exact without ties up to n = 33.

    Intervals are Fisher's: atanh(r) ± z·se. Pearson: se² = 1/(n − 3), less one in the denominator for each group beyond
    the first. Spearman: se² = (1 + rho²/2)/(n − 3) (Bonett & Wright 2000, doi:10.1007/BF02294183); it rests on large
    samples, takes no account of ties, and R gives none.
    """
    rows = []
    for column in [x] if isinstance(x, str) else x:
        a, b = _numbers(data, column), _numbers(data, y)
        if method == "pearson":
            numbers = _pearson(a, b, None if within is None else _strata(data, within), conf_level)
        elif within is not None:
            raise ValueError(f"within='{within}' goes with method='pearson'; found method='{method}'.")
        elif method == "spearman":
            numbers = _spearman(a, b, conf_level)
        elif method == "kendall":
            numbers = _kendall(a, b)
        else:
            raise ValueError(f"method is 'pearson', 'spearman' or 'kendall'; found '{method}'.")
        rows.append({"x": column, "y": y, "method": method, "n": len(a)} | numbers)
    return pd.DataFrame(rows, columns=COLUMNS)


@dataclass(frozen=True)
class PermutationTest:
    """What `permutation_test` found.

    Attributes
    ----------
    estimate : float
        The correlation in the data as they are.
    p_value : float
        Share of arrangements whose correlation is at least as far from zero. Two-sided where arrangements give both
        signs; where strata differ so much that all give one sign, it counts that end alone. To test both ways within
        strata, take the strata's means out of both columns first.
    n_arrangements : int
        How many arrangements were looked at, the observed one among them.
    exact : bool
        Whether these were all there are.
    null_distribution : numpy.ndarray, shape (n_arrangements,)
        The correlation in each of them.
    """

    estimate: float
    p_value: float
    n_arrangements: int
    exact: bool
    null_distribution: np.ndarray


def permutation_test(
    data, x, y, *, strata=None, method="pearson", max_arrangements=5_000_000, n_resamples=99_999, rng=None
):
    """Permutation test of a correlation, free or within strata.

    Under the null hypothesis the values of `y` are exchangeable: between all rows or, with `strata`, only between the
    rows of one stratum. Permuting freely asks "is there any association?"; permuting within groups asks "is there one
    beyond what the groups share?".

    Parameters
    ----------
    data : pandas.DataFrame
        One row per observational unit.
    x, y : str
        Numeric columns.
    strata : str, optional
        A grouping column; values of `y` are exchanged only within its levels.
    method : {"pearson", "spearman"}
        The coefficient.
    max_arrangements : int
        Up to so many arrangements all are enumerated and the p-value is exact.
    n_resamples : int
        Beyond that, the number of random arrangements.
    rng : numpy.random.Generator, optional
        Needed where the arrangements are drawn at random.

    Returns
    -------
    PermutationTest

    Raises
    ------
    KeyError
        A column is not in `data`.
    ValueError
        As for `correlate`; also where no stratum has two rows, or random arrangements are needed and `rng` is missing.

    Notes
    -----
    Random arrangements give (b + 1)/(m + 1), never zero (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    a, b = _numbers(data, x), _numbers(data, y)
    if method == "spearman":
        a, b = stats.rankdata(a), stats.rankdata(b)
    elif method != "pearson":
        raise ValueError(f"method is 'pearson' or 'spearman'; found '{method}'.")
    codes = np.zeros(len(a), dtype=int) if strata is None else _strata(data, strata)
    members = [np.flatnonzero(codes == code) for code in np.unique(codes)]
    if max(map(len, members)) < 2:
        raise ValueError(f"Every level of '{strata}' has one row: nothing can be exchanged within it.")

    # The means and spreads stay the same in every arrangement: r moves with the sum of products alone.
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt((a @ a) * (b @ b))
    n_all = math.prod(math.factorial(len(rows)) for rows in members)
    exact = n_all <= max_arrangements
    if exact:
        products = _all_products(a, b, members)
    elif rng is None:
        raise ValueError(
            f"There are {n_all:.3g} arrangements, more than max_arrangements ({max_arrangements:,}): random ones are"
            " drawn, and for that pass rng=np.random.default_rng(a seed of yours)."
        )
    else:
        products = np.append(_random_products(a, b, members, n_resamples, rng), a @ b)
    null = products / scale
    estimate = a @ b / scale
    as_far = np.abs(null) >= abs(estimate) - 1e-12  # rounding must not turn the observed arrangement away
    return PermutationTest(float(estimate), float(as_far.mean()), len(null), exact, null)


def _numbers(data, column):
    if column not in data:
        raise KeyError(f"There is no column '{column}'; the columns are {', '.join(map(str, data.columns))}.")
    values = data[column]
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        raise ValueError(
            f"Column '{column}' does not hold numbers but {values.dtype} ({', '.join(map(repr, values.head(3)))}, …)."
            " Read it as numbers; the codes of its categories would be labels' ranks, not measurements."
        )
    values = values.to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(values).all():
        raise ValueError(
            f"Column '{column}' holds {np.sum(~np.isfinite(values))} missing or infinite values;"
            " drop or mend those rows first, so that you know which are gone."
        )
    if len(values) < 4:
        raise ValueError(f"A correlation with an interval needs at least four rows; found {len(values)}.")
    if np.ptp(values) == 0:
        raise ValueError(f"Column '{column}' is constant ({values[0]:g} in every row): nothing can vary with it.")
    return values


def _strata(data, column):
    if column not in data:
        raise KeyError(f"There is no column '{column}'; the columns are {', '.join(map(str, data.columns))}.")
    codes = pd.factorize(data[column])[0]
    if (codes < 0).any():
        raise ValueError(f"Column '{column}' holds {np.sum(codes < 0)} missing values: those rows belong to no group.")
    return codes


def _pearson(a, b, codes, conf_level):
    n_lost = 0
    if codes is not None:
        whole = np.ptp(a), np.ptp(b)
        a, b = _centred(a, codes), _centred(b, codes)
        n_lost = int(codes.max())
        if np.ptp(a) < 1e-12 * whole[0] or np.ptp(b) < 1e-12 * whole[1]:
            raise ValueError("Within the groups one of the columns does not vary: no correlation is left to see.")
    df = len(a) - 2 - n_lost
    if df < 2:
        raise ValueError(f"{len(a)} rows in {n_lost + 1} groups leave {df} degrees of freedom; an interval needs two.")
    r = float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))
    t = r * math.sqrt(df / (1 - r * r)) if abs(r) < 1 else math.copysign(math.inf, r)
    low, high = _fisher(r, 1 / (df - 1), conf_level)
    return {
        "estimate": r,
        "df": df,
        "statistic": t,
        "p_value": 2 * stats.t.sf(abs(t), df),
        "conf_low": low,
        "conf_high": high,
    }


def _centred(values, codes):
    means = np.bincount(codes, values) / np.bincount(codes)
    return values - means[codes]


def _fisher(r, variance, conf_level):
    if abs(r) == 1:
        return r, r
    half = stats.norm.isf((1 - conf_level) / 2) * math.sqrt(variance)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def _spearman(a, b, conf_level):
    n = len(a)
    rho, p_by_t = stats.spearmanr(a, b)
    ties = len(set(a)) < n or len(set(b)) < n
    s = (n**3 - n) * (1 - rho) / 6
    p = p_by_t if ties else _spearman_p(round(s), n)
    low, high = _fisher(float(rho), (1 + rho**2 / 2) / (n - 3), conf_level)
    return {"estimate": float(rho), "statistic": float(s), "p_value": float(p), "conf_low": low, "conf_high": high}


def _spearman_p(s, n):
    """Two-sided p-value of S without ties, as in R: exact up to n = 9, then the Edgeworth series.

    S is symmetric about (n³ − n)/6, so both tails are read as upper tails.
    """
    s = max(s, (n**3 - n) // 3 - s)
    return min(2 * (_exact_tail(s, n) if n <= 9 else _edgeworth_tail(s, n)), 1.0)


def _exact_tail(s, n):
    ranks = np.arange(n)
    sums = [np.sum((ranks - order) ** 2) for order in itertools.permutations(ranks)]
    return np.mean(np.array(sums) >= s)


def _edgeworth_tail(s, n):
    """P(S ≥ s) by the Edgeworth series of Best & Roberts (1975), Algorithm AS 89."""
    b = 1 / n
    x = (6 * (s - 1) * b / (n**2 - 1) - 1) * math.sqrt(1 / b - 1)
    y = x * x
    inner = 0.0879 + 0.0151 * b - y * (0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y))
    u = x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + y * (-0.0758 + b * (0.1033 + 0.3932 * b) - y * b * inner))
    return min(max(u / math.exp(y / 2) + stats.norm.sf(x), 0.0), 1.0)


def _kendall(a, b):
    tau, p = stats.kendalltau(a, b)
    return {"estimate": float(tau), "statistic": float(tau), "p_value": float(p)}


def _all_products(a, b, members):
    """Σ a·b in every arrangement: the sums of the strata, added in all combinations."""
    total = np.zeros(1)
    for rows in members:
        total = np.add.outer(total, _products_of_all_orders(a[rows], b[rows])).ravel()
    return total


def _products_of_all_orders(a, b):
    if len(a) <= 7:  # few enough to hold every order at once
        orders = np.array(list(itertools.permutations(range(len(a)))))
        return b[orders] @ a
    # Give the first row each value in turn and permute the others.
    return np.concatenate([a[0] * b[j] + _products_of_all_orders(a[1:], np.delete(b, j)) for j in range(len(b))])


def _random_products(a, b, members, n_resamples, rng):
    total = np.zeros(n_resamples)
    for rows in members:
        shuffled = rng.permuted(np.tile(b[rows], (n_resamples, 1)), axis=1)
        total += shuffled @ a[rows]
    return total
