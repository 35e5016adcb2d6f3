"""Whether each random term is needed: lmerTest's ``ranova``, with the p-value that a boundary asks for.

A variance cannot be below zero. So where it is zero, the likelihood ratio is 0 in about half of all samples, and its
distribution a mixture of chi-squared ones: that of one effect more, which may be correlated with q others, is half that
with q degrees of freedom and half that with q + 1 (Self & Liang 1987, doi:10.1080/01621459.1987.10478472; Stram & Lee
1994, doi:10.2307/2533455).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.design.crossproducts import cross_products
from helpers.design.formula import RandomTerm
from helpers.design.translation import sets_of_columns, terms
from helpers.design.updating import with_random_terms
from helpers.mixed.bootstrap import simulate_outcomes
from helpers.mixed.compare import n_parameters
from helpers.mixed.reml import SINGULAR, optimise, solve

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit

MIXTURE = "half chi-squared({}) and half chi-squared({}): a variance lies on its boundary, zero"
BOUND = "chi-squared({}), too large: several variances lie on their boundary; n_resamples= bootstraps"
ELSEWHERE = "; another variance is estimated as zero, and p_value is approximate: n_resamples= bootstraps"
BOOTSTRAP = "parametric bootstrap of {} resamples"


@dataclass(frozen=True)
class _Reduction:
    """One way to simplify the random part: its name, the random terms left, and how many effects a level loses."""

    label: str
    left: list[RandomTerm]
    lost: int


def random_terms_tests(fit: MixedFit, n_resamples: int | None, rng: np.random.Generator | None) -> pd.DataFrame:
    """Test each random term; parameters, table and errors as of `MixedFit.random_terms_tests`."""
    if n_resamples is not None and rng is None:
        raise ValueError("A bootstrap needs rng=, such as np.random.default_rng(1), to be the same when run again.")
    if not fit.design.has_plain_residuals:
        raise ValueError(
            "random_terms_tests is not offered with variance_by or correlation. Fit the model without the term, and "
            "compare(smaller, larger)."
        )
    if n_resamples is not None and fit.design.beside_formula:
        raise ValueError(
            f"A bootstrap is not offered with {' and '.join(fit.design.beside_formula)}: leave n_resamples out."
        )
    rows = [_tested(fit, reduction, n_resamples, rng) for reduction in _reductions(fit)]
    return pd.DataFrame(rows).set_index("term")


def _tested(fit, reduction, n_resamples, rng):
    reduced = fit.again(with_random_terms(fit.design.parsed, reduction.left)) if reduction.left else None
    fewer = fit.products.n_theta - (reduced.products.n_theta if reduced else 0)
    deviance = reduced.deviance if reduced else _without_random(fit.products, fit.reml).deviance
    statistic = max(deviance - fit.deviance, 0.0)
    p_value, note = _boundary_p(statistic, fewer, reduction.lost)
    if _another_at_zero(reduced):
        note += ELSEWHERE
    if n_resamples is not None:
        p_value, note = _bootstrap_p(fit, reduced, statistic, n_resamples, rng), BOOTSTRAP.format(n_resamples)
    return {
        "term": reduction.label,
        "n_parameters": n_parameters(fit) - fewer,
        "log_likelihood": -deviance / 2,
        "statistic": statistic,
        "df": fewer,
        "p_value": p_value,
        "p_value_chi2": float(stats.chi2.sf(statistic, fewer)),
        "note": note,
    }


def _boundary_p(statistic, df, lost):
    if lost > 1:
        return float(stats.chi2.sf(statistic, df)), BOUND.format(df)
    below = float(stats.chi2.sf(statistic, df - 1)) if df > 1 else float(statistic <= 0)
    return (below + float(stats.chi2.sf(statistic, df))) / 2, MIXTURE.format(df - 1, df)


def _another_at_zero(reduced):
    return reduced is not None and any(np.diag(factor).min() < SINGULAR for factor in reduced.factors)


def _without_random(products, reml):
    """The model with every variance at zero: least squares."""
    return solve(products, np.zeros(products.n_theta), reml=reml)


# --- Which simplifications there are --------------------------------------------------------------------------------


def _reductions(fit):
    """Each random intercept, or last slope, left out; of several effects each that is no part of an interaction."""
    written = fit.design.parsed.random
    for k, (term, design) in enumerate(zip(written, fit.design.random, strict=True)):
        others = [*written[:k], *written[k + 1 :]]
        effects = [name for name in terms(term.expression) if name != "1"]
        opening = term.expression[0]
        if not effects or (len(effects) == 1 and opening == "0" and len(design.names) == 1):
            yield _Reduction(str(term), others, len(design.names))
            continue
        for name in effects:
            (columns,) = sets_of_columns(f"0 + {name}")
            if any(columns < each for each in sets_of_columns(term.expression)):
                continue
            kept = [opening, *(each for each in effects if each != name)]
            simpler = RandomTerm(" + ".join(kept) if kept != ["0"] else "1", term.groups)
            left = list(dict.fromkeys([*written[:k], simpler, *written[k + 1 :]]))
            yield _Reduction(f"{name} in {term}", left, _effects_lost(fit, k, simpler))


def _effects_lost(fit, k, simpler):
    before, parsed = fit.design.random[k], fit.design.parsed
    after = fit.again(with_random_terms(parsed, [simpler])).design.random[0]
    return len(before.names) - len(after.names)


# --- Parametric bootstrap -------------------------------------------------------------------------------------------


def _bootstrap_p(fit, reduced, statistic, n_resamples, rng):
    """The share of outcomes of the simpler model with as large a likelihood ratio, the observed one included."""
    design = fit.design
    null = design if reduced is None else reduced.design
    outcomes = (
        _least_squares_outcomes(fit, n_resamples, rng)
        if reduced is None
        else simulate_outcomes(reduced, n_resamples, rng)
    )
    count = 1
    for y in outcomes:
        whole = cross_products(y, design.X, design.random_parts)
        larger = optimise(whole, reml=fit.reml).deviance
        if reduced is None:
            smaller = _without_random(whole, fit.reml).deviance
        else:
            smaller = optimise(cross_products(y, null.X, null.random_parts), reml=fit.reml).deviance
        count += smaller - larger >= statistic - 1e-9
    return count / (n_resamples + 1)


def _least_squares_outcomes(fit, n_resamples, rng):
    at = _without_random(fit.products, fit.reml)
    mean = fit.design.X @ fit.products.coefficients
    for _ in range(n_resamples):
        yield mean + np.sqrt(at.sigma2) * rng.standard_normal(fit.n_obs)
