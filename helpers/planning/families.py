"""Families of t tests in many experiments at once: which tests are significant when all are corrected together.

The methods are those of `helpers.hypotheses.adjusting`, which decides one table at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import numpy as np
from scipy import interpolate, stats

from helpers.hypotheses.adjusting import FROM_P_VALUES
from helpers.hypotheses.simultaneous import max_t_quantile, pairwise_correlation, tukey_quantile
from helpers.planning.asked import Question

# 1/df at which a bound is computed; between them its logarithm is cubic, right to four digits.
KNOTS = (0.0, 0.02, 0.05, 0.1, 0.16, 0.25, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0)
POINTS = 2**12  # for a multivariate t: the chance of a false discovery is right to a thousandth of itself
DIGITS = 2  # of the correlations: what is beyond them moves a bound by less than the points do


@dataclass(frozen=True)
class Family:
    """Tests that are corrected together.

    Attributes
    ----------
    adjust : str
        One of `helpers.hypotheses.adjusting.METHODS`.
    places : tuple of int
        Which of the single tests.
    n_means : int or None
        How many means are compared, pair by pair.
    rank : int
        How many of the contrasts are independent of each other.
    """

    adjust: str
    places: tuple[int, ...]
    n_means: int | None
    rank: int


def families_of(questions: Sequence[Question], adjust: str | None) -> list[Family]:
    """The families of the single tests: all of them, or the cells of a comparison for "tukey" and "dunnett".

    Raises
    ------
    ValueError
        The tests are not those that the method is for.
    """
    if adjust is None:
        return []
    if adjust in ("tukey", "dunnett"):
        _refuse_others(questions, adjust)
        cells = [each.cell for each in questions]
        places = [tuple(k for k, own in enumerate(cells) if own == cell) for cell in dict.fromkeys(cells)]
    else:
        places = [tuple(range(len(questions)))]
    return [_family(questions, adjust, own) for own in places if own]


def _family(questions, adjust, places):
    weights = np.concatenate([questions[k].weights for k in places])
    return Family(adjust, places, questions[places[0]].n_means, int(np.linalg.matrix_rank(weights)))


def _refuse_others(questions, adjust):
    name = next((each.name for each in questions if _is_other(each, adjust)), None)
    if name is None:
        return
    what, how = {
        "tukey": ("all pairwise differences", "pairwise"),
        "dunnett": ("comparisons with one reference", "reference"),
    }[adjust]
    raise ValueError(
        f'adjust="{adjust}" is for {what}, and {name!r} is none of them: ask for '
        f'test={{"variables": {{"…": "{how}"}}}} with the name of a factor, or take adjust="mvt".'
    )


def _is_other(question, adjust):
    return question.n_means is None if adjust == "tukey" else not question.to_reference


def needs_correlations(families: Sequence[Family]) -> bool:
    """Whether bounds depend on how the estimates are correlated."""
    return any(family.adjust in ("dunnett", "mvt") and len(family.places) > 1 for family in families)


def sums_of_pairs(weights: np.ndarray) -> np.ndarray:
    """Contrasts (k, p) added pair by pair: their standard errors tell the correlations of the single ones."""
    one, other = np.triu_indices(len(weights), 1)
    return weights[one] + weights[other]


def correlations_of(std_error: np.ndarray, k: int) -> np.ndarray:
    """Correlations (k, k, N) from standard errors of k contrasts and of `sums_of_pairs`."""
    one, other = np.triu_indices(k, 1)
    single, both = std_error[:k], std_error[k:]
    out = np.ones((k, k, std_error.shape[1]))
    out[one, other] = (both**2 - single[one] ** 2 - single[other] ** 2) / (2 * single[one] * single[other])
    out[other, one] = out[one, other]
    return np.clip(out, -1.0, 1.0)


def rejected(
    family: Family, alpha: float, p: np.ndarray, statistic: np.ndarray, df: np.ndarray, correlations: np.ndarray | None
) -> np.ndarray:
    """Which tests of a family are significant in each experiment.

    Parameters
    ----------
    family : Family
    alpha : float
    p, statistic, df : (k, N)
        Of all single tests.
    correlations : (k, k, N), optional
        Of their estimates, where `needs_correlations`.

    Returns
    -------
    (number of tests in the family, N) bool
    """
    own = list(family.places)
    if family.adjust in FROM_P_VALUES:
        return adjusted_columns(p[own], family.adjust) < alpha
    if correlations is not None:
        correlations = correlations[np.ix_(own, own)]
    return np.abs(statistic[own]) >= _bounds(family, alpha, df[own], correlations)


def _bounds(family, alpha, df, correlations):
    """The bound of |t| for each test (k, N), as `helpers.hypotheses.adjusting.adjusted` gives it."""
    if family.adjust == "scheffe":
        known = np.isinf(df)
        bound = stats.f.isf(alpha, family.rank, np.where(known, 1.0, df))
        return np.sqrt(np.where(known, stats.chi2.isf(alpha, family.rank) / family.rank, bound) * family.rank)
    if family.adjust == "tukey":
        return _at(partial(_tukey, alpha, family.n_means), df)
    if len(df) == 1:
        return stats.t.isf(alpha / 2, df)
    looks = np.round(correlations, DIGITS) + 0.0  # no −0
    looks, which = np.unique(looks.reshape(-1, looks.shape[2]), axis=1, return_inverse=True)
    out = np.empty_like(df)
    for k, look in enumerate(looks.T):
        here = which == k
        out[:, here] = _at(partial(_max_t, alpha, tuple(look)), df[:, here])
    return out


def _at(knot, df):
    """Bounds at degrees of freedom, from those at the four knots around each: cubic in 1/df.

    A df below that of the last knot, which no study worth planning has, rejects nothing.
    """
    x, out = 1 / df, np.full(df.shape, np.inf)
    first = np.clip(np.searchsorted(KNOTS, x, side="right") - 2, 0, len(KNOTS) - 4)
    for start in np.unique(first):
        here = (first == start) & (x <= KNOTS[-1])
        around = range(start, start + 4)
        values = [np.log(knot(k)) for k in around]
        out[here] = np.exp(interpolate.BarycentricInterpolator([KNOTS[k] for k in around], values)(x[here]))
    return out


def _df_of(k):
    return np.array([1 / KNOTS[k] if KNOTS[k] else np.inf])


@cache
def _tukey(alpha, n_means, k):
    if KNOTS[k] > 1:  # there scipy's integral of the studentized range does not converge
        return max_t_quantile(1 - alpha, pairwise_correlation(n_means), _df_of(k), points=POINTS)[0]
    return tukey_quantile(1 - alpha, n_means, _df_of(k))[0]


@lru_cache(maxsize=10_000)
def _max_t(alpha, look, k):
    size = int(np.sqrt(len(look)))
    values, vectors = np.linalg.eigh(np.array(look).reshape(size, size))
    root = vectors * np.sqrt(np.maximum(values, 0))  # rounding may have left it no correlation matrix
    scale = np.linalg.norm(root, axis=1)
    return max_t_quantile(1 - alpha, root @ root.T / np.outer(scale, scale), _df_of(k), points=POINTS)[0]


def adjusted_columns(p: np.ndarray, adjust: str) -> np.ndarray:
    """p-values (k, N) corrected as N families of k tests, as `helpers.hypotheses.adjusting` does with one family."""
    k = len(p)
    if adjust == "bonferroni":
        return np.minimum(k * p, 1)
    if adjust == "sidak":
        return -np.expm1(k * np.log1p(-p))
    order = np.argsort(p, axis=0)
    ranked, rank = np.take_along_axis(p, order, axis=0), np.arange(1, k + 1)[:, None]
    if adjust == "holm":
        stepped = np.maximum.accumulate((k + 1 - rank) * ranked, axis=0)
    else:
        factor = np.sum(1 / rank) if adjust == "BY" else 1.0
        stepped = np.minimum.accumulate((factor * k / rank * ranked)[::-1], axis=0)[::-1]
    out = np.empty_like(p)
    np.put_along_axis(out, order, np.minimum(stepped, 1), axis=0)
    return out
