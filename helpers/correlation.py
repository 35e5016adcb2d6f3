"""Correlation with what it needs beside it: an interval, a p-value, and permutation within groups.

scipy has the coefficients and an interval for Pearson's r. What it lacks stands here: an interval for Spearman's rho,
R's p-value for it, a partial correlation within groups, and permutation restricted to groups.
"""

import functools
import itertools
import math
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from helpers.hypotheses.adjusting import FROM_P_VALUES, adjusted_p_values, adjustment
from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import check_conf_level

COLUMNS = ["x", "y", "method", "n", "estimate", "df", "statistic", "p_value", "conf_low", "conf_high"]


def correlate(
    data: pd.DataFrame,
    x: str | list[str],
    y: str,
    *,
    method: Literal["pearson", "spearman", "kendall"] = "pearson",
    within: str | None = None,
    conf_level: float = 0.95,
    adjust: Literal["holm", "BH", "BY", "bonferroni", "sidak"] | None = None,
) -> pd.DataFrame:
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
    adjust : {"holm", "BH", "BY", "bonferroni", "sidak"}, optional
        Correct the p-values for there being several `x`; statsmodels' names, such as "fdr_bh", are understood, too.

    Returns
    -------
    pandas.DataFrame
        One row per `x`: ``x, y, method, n, estimate, df, statistic, p_value, conf_low, conf_high``.
        `statistic` is t for Pearson, S (the sum of squared rank differences) for Spearman, tau for Kendall.
        `df` is missing for Spearman and Kendall, the interval for Kendall. With `adjust` also ``p_adjusted``.

    Raises
    ------
    UnknownNameError
        A column is not in `data`. It is a ``KeyError``.
    ValueError
        A column is not numeric, is constant, or holds infinite values; there are fewer than four rows; `conf_level`
        does not lie between 0 and 1; there is no such `adjust`.

    Warns
    -----
    UserWarning
        Rows with missing values were dropped; it counts them.

    Notes
    -----
    p-values equal those of R's ``cor.test``. Pearson: t with n − 2 degrees of freedom. Spearman without ties: the exact
    distribution of S up to n = 9, then its Edgeworth series up to n = 1,290 (Best & Roberts 1975, doi:10.2307/2347111);
    with ties, and beyond, t on n − 2 degrees of freedom. Kendall: exact without ties below n = 50, else normal.

    Intervals are Fisher's: atanh(r) ± z·se. Pearson: se² = 1/(n − 3), less one in the denominator for each group beyond
    the first. Spearman: se² = (1 + rho²/2)/(n − 3) (Bonett & Wright 2000, doi:10.1007/BF02294183); it rests on large
    samples, takes no account of ties, and R gives none.
    """
    check_conf_level(conf_level)
    adjustment(adjust, FROM_P_VALUES)
    rows = []
    for column in [x] if isinstance(x, str) else x:
        a, b, codes = _columns(data, column, y, within)
        if method == "pearson":
            numbers = _pearson(a, b, codes, conf_level)
        elif within is not None:
            raise ValueError(f"within='{within}' goes with method='pearson'; found method='{method}'.")
        elif method == "spearman":
            numbers = _spearman(a, b, conf_level)
        elif method == "kendall":
            numbers = _kendall(a, b)
        else:
            raise ValueError(f"method is 'pearson', 'spearman' or 'kendall'; found '{method}'.")
        rows.append({"x": column, "y": y, "method": method, "n": len(a)} | numbers)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table if adjust is None else table.assign(p_adjusted=adjusted_p_values(table["p_value"], adjust))


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
    data: pd.DataFrame,
    x: str,
    y: str,
    *,
    strata: str | None = None,
    method: Literal["pearson", "spearman"] = "pearson",
    max_arrangements: int = 5_000_000,
    n_resamples: int = 99_999,
    rng: np.random.Generator | None = None,
) -> PermutationTest:
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
    UnknownNameError
        A column is not in `data`. It is a ``KeyError``.
    ValueError
        As for `correlate`; also where no stratum has two rows, or random arrangements are needed and `rng` is missing.

    Notes
    -----
    Random arrangements give (b + 1)/(m + 1), never zero (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    a, b, codes = _columns(data, x, y, strata)
    if method == "spearman":
        a, b = stats.rankdata(a), stats.rankdata(b)
    elif method != "pearson":
        raise ValueError(f"method is 'pearson' or 'spearman'; found '{method}'.")
    codes = np.zeros(len(a), dtype=int) if codes is None else codes
    members = [np.flatnonzero(codes == code) for code in np.unique(codes)]
    if max(map(len, members)) < 2:
        raise ValueError(f"Every level of '{strata}' has one row: nothing can be exchanged within it.")
    if all(_is_constant(a[rows]) or _is_constant(b[rows]) for rows in members):
        raise ValueError(
            f"Within the levels of '{strata}' one of the columns does not vary: exchanging changes nothing."
        )

    # The means and spreads stay the same in every arrangement: r moves with the sum of products alone.
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt((a @ a) * (b @ b))
    exact = math.prod(math.factorial(len(rows)) for rows in members) <= max_arrangements
    if exact:
        products = _all_products(a, b, members)
    elif not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"There are more than max_arrangements ({max_arrangements:,}) arrangements: random ones are drawn, and for"
            " that pass rng=np.random.default_rng(a seed of yours)."
        )
    elif n_resamples < 1:
        raise ValueError(f"n_resamples is a positive number; found {n_resamples}.")
    else:
        products = np.append(_random_products(a, b, members, n_resamples, rng), a @ b)
    null = products / scale
    estimate = a @ b / scale
    as_far = np.abs(null) >= abs(estimate) - 1e-12  # rounding must not turn the observed arrangement away
    return PermutationTest(float(estimate), float(as_far.mean()), len(null), exact, null)


def _columns(data, x, y, groups):
    """Both columns as numbers and the codes of the groups (or None), without the rows that miss a value."""
    names = [x, y] if groups is None else [x, y, groups]
    used = {name: _column(data, name) for name in names}
    missing = np.column_stack([column.isna() for column in used.values()])
    if missing.any():
        counts = ", ".join(f"{n} in '{name}'" for name, n in zip(used, missing.sum(axis=0), strict=True) if n)
        dropped = int(missing.any(axis=1).sum())
        warnings.warn(
            f"Dropped {dropped} of {len(data)} rows with missing values: {counts}.", UserWarning, stacklevel=3
        )
    complete = ~missing.any(axis=1)
    codes = None if groups is None else pd.factorize(used[groups][complete])[0]
    return _numbers(used[x][complete]), _numbers(used[y][complete]), codes


def _column(data, name):
    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"A pandas DataFrame is needed; found {type(data).__name__}.")
    if isinstance(name, list | tuple):
        raise ValueError(f"One column is needed here; found {name!r}.")
    if name not in data:
        raise unknown_name("data", "column", [name], data.columns)
    if not isinstance(data[name], pd.Series):
        raise ValueError(f"There are several columns named {name!r}: give each its own name.")
    return data[name]


def _numbers(column):
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column) or column.dtype.kind == "c":
        found = ", ".join(map(repr, column.head(3)))
        raise ValueError(
            f"Column '{column.name}' does not hold numbers but {column.dtype} ({found}, …)."
            " Read it as numbers; the codes of its categories would be labels' ranks, not measurements."
        )
    values = column.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise ValueError(
            f"Column '{column.name}' holds {np.sum(~np.isfinite(values))} infinite values: mend those rows."
        )
    if len(values) < 4:
        raise ValueError(f"A correlation with an interval needs at least four rows; found {len(values)}.")
    if _is_constant(values):
        raise ValueError(f"Column '{column.name}' is constant ({values[0]:g} in every row): nothing can vary with it.")
    values = values / np.abs(values).max()  # neither squares nor products may leave the range of floats
    return (values - values.mean()) / np.abs(values - values.mean()).max()


def _is_constant(values):
    """Whether the values differ by no more than rounding."""
    return np.ptp(values) <= 1e-13 * np.abs(values).max()


def _pearson(a, b, codes, conf_level):
    n_lost = 0
    if codes is not None:
        a, b = _centred(a, codes), _centred(b, codes)
        n_lost = int(codes.max())
        if min(np.ptp(a), np.ptp(b)) < 1e-12:  # of columns whose largest value is 1
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
    rho, p = stats.spearmanr(a, b)
    s = (n**3 - n) * (1 - rho) / 6
    if len(set(a)) == len(set(b)) == n:  # no ties: S is a whole number
        s = round(s)
        rho = 1 - 6 * s / (n**3 - n)
        p = _spearman_p(s, n) if n <= 1290 else p
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
    n = len(a)
    exact = n < 50 and len(set(a)) == len(set(b)) == n
    tau, p = stats.kendalltau(a, b, method="exact" if exact else "asymptotic")
    return {"estimate": float(tau), "statistic": float(tau), "p_value": float(p)}


def _all_products(a, b, members):
    """Σ a·b in every arrangement: the sums of the strata, added in all combinations."""
    total = np.zeros(1)
    for rows in members:
        total = np.add.outer(total, _products_of_all_orders(a[rows], b[rows])).ravel()
    return total


def _products_of_all_orders(a, b):
    if len(a) <= 7:  # few enough to hold every order at once
        return b[_orders(len(a))] @ a
    # Give the first row each value in turn and permute the others.
    return np.concatenate([a[0] * b[j] + _products_of_all_orders(a[1:], np.delete(b, j)) for j in range(len(b))])


@functools.cache
def _orders(n):
    return np.array(list(itertools.permutations(range(n))))


def _random_products(a, b, members, n_resamples, rng):
    totals = []
    at_once = max(1, 2_000_000 // len(a))  # arrangements held in memory together
    for start in range(0, n_resamples, at_once):
        total = np.zeros(min(at_once, n_resamples - start))
        for rows in members:
            total += rng.permuted(np.tile(b[rows], (len(total), 1)), axis=1) @ a[rows]
        totals.append(total)
    return np.concatenate(totals)
