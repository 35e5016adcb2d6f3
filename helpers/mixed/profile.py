"""Profile-likelihood intervals for the standard deviations and correlations of a mixed model.

For a standard deviation or a correlation fixed at c, everything else is fitted by maximum likelihood; the interval
holds every c whose deviance lies within the chi-squared quantile of the optimum (Bates, Mächler, Bolker & Walker 2015,
section 5.1, doi:10.18637/jss.v067.i01; R's ``confint(fit, method = "profile")``).

The rest may have several optima: where a correlation is estimated as 1, the best fit on the other side of the estimate
often has −1. So every point of the profile is the best of several starts, see `helpers.mixed.profiled`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd
from scipy import optimize, stats

from helpers.mixed.profiled import FixedCorrelation, FixedDeviation, FixedResidual, Profile
from helpers.mixed.reml import NotConverged, optimise
from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import check_conf_level

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit


def profile_intervals(
    fit: MixedFit, conf_level: float = 0.95, *, terms: str | Sequence[str] | None = None
) -> pd.DataFrame:
    """Interval for each standard deviation and correlation of the random terms, and for the residual.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit
        Its REML or ML fit; the intervals are by maximum likelihood either way.
    conf_level : float
    terms : str or sequence of str, optional
        Only these, in the words of `MixedFit.variance_components`: a random term ("(Intercept)", "Days") in every group
        that has it, or a group's name, or "Residual". A correlation needs both of its terms. Each takes a search of its
        own, so one of them comes sooner than all.

    Returns
    -------
    pandas.DataFrame
        ``group, term_1, term_2, estimate, conf_low, conf_high``, in the order of `MixedFit.variance_components`. A row
        with empty `term_2` is a standard deviation, otherwise a correlation; `estimate` is by maximum likelihood.
        ``conf_low`` of a standard deviation is 0 where the data do not rule out zero. Then they say nothing of its
        correlations either, whose intervals run from −1 to 1; where the estimate itself is zero, a correlation has
        none (NaN).

    Raises
    ------
    UnknownNameError
        A name in `terms` is neither a random term, nor a group, nor "Residual".
    ValueError
        `conf_level` is not between 0 and 1; or the model has residual variances by group, or an autocorrelation.
    helpers.mixed.reml.NotConverged
        The deviance could not be followed to where it passes the quantile.
    """
    check_conf_level(conf_level)
    if not fit.design.has_plain_residuals:
        raise ValueError(
            "Profile intervals are not offered with variance_by or correlation. fit.residual_parameters() has intervals"
            " of the residuals' parameters, helpers.mixed.bootstrap.bootstrap_intervals of all standard deviations."
        )
    rise = stats.chi2.isf(1 - conf_level, 1)
    wanted = _wanted(fit.design.random, terms)
    rows = []
    for k, term in enumerate(fit.design.random):
        columns = [a for a, name in enumerate(term.names) if wanted & {name, term.group}]
        deviations = {a: _deviation(fit, k, a, rise) for a in columns}
        rows += [(term.group, term.names[a], None, *found[:3]) for a, found in deviations.items()]
        for a, b in combinations(columns, 2):
            found = _correlation(fit, k, (a, b), min(deviations[a][3], deviations[b][3]), rise)
            rows.append((term.group, term.names[a], term.names[b], *found))
    if "Residual" in wanted:
        rows.append(("Residual", None, None, *_residual(fit, rise)))
    found = pd.DataFrame(rows, columns=["group", "term_1", "term_2", "estimate", "conf_low", "conf_high"])
    return found.astype({"term_1": "str", "term_2": "str"})  # also where every one is missing


def _wanted(random, terms):
    """The names of what is asked for, each of them known."""
    known = {name for term in random for name in (term.group, *term.names)} | {"Residual"}
    wanted = known if terms is None else {terms} if isinstance(terms, str) else set(terms)
    if unknown := sorted(wanted - known):
        raise unknown_name("The model", "random term or group", unknown, sorted(known))
    return wanted


def _residual(fit, rise):
    """Estimate and both ends of the residual's standard deviation."""
    data = fit.products
    best = optimise(data, reml=False)
    sigma = math.sqrt(best.sigma2)
    residual = Profile(data, best, FixedResidual(data.n_theta, sigma))
    high = _crossing(residual, sigma, 2 * sigma, rise, growing=2)
    low = _crossing(residual, sigma, sigma / 2, rise, growing=1 / 2)
    return sigma, low, high


def _reordered(fit, k, first):
    """The cross-products with the columns `first` of random term k in front, which changes no likelihood.

    Λ is lower triangular, so fixing what belongs to the first column (or the first two) is easy.
    """
    random = fit.design.random_parts
    columns, codes, levels = random[k]
    order = [*first, *(b for b in range(columns.shape[1]) if b not in first)]
    data = fit.design.cross_products([*random[:k], (columns[:, order], codes, levels), *random[k + 1 :]])
    return data, optimise(data, reml=False)


def _deviation(fit, k, column, rise):
    """Estimate and both ends of a standard deviation, and how much the deviance rises where it is zero."""
    data, best = _reordered(fit, k, (column,))
    sigma = math.sqrt(best.sigma2)
    fixed = FixedDeviation(data, k, sigma)
    profile = Profile(data, best, fixed)
    estimate = fixed.estimate(best.theta)
    scale = max(estimate, 0.1 * sigma * fixed.unit)
    high = _crossing(profile, estimate, estimate + scale, rise, growing=2)
    at_zero = profile.rise(0.0)
    low = 0.0 if at_zero <= rise else _crossing(profile, estimate, 0.0, rise)
    return estimate, low, high, at_zero


def _correlation(fit, k, columns, at_zero, rise):
    """Estimate and both ends of a correlation; `at_zero` is the rise where one of the two deviations is zero."""
    data, best = _reordered(fit, k, columns)
    fixed = FixedCorrelation(data, k)
    estimate = fixed.estimate(best.theta)
    if at_zero <= rise:  # without a deviation any correlation is the same
        return estimate, -1.0, 1.0
    profile = Profile(data, best, fixed)
    return estimate, *(
        end if profile.rise(end) <= rise else _crossing(profile, estimate, end, rise) for end in (-1.0, 1.0)
    )


def _crossing(profile, inside, outside, rise, growing=None):
    """Where the deviance has risen by `rise`, between `inside` (the estimate) and `outside`.

    With `growing`, the distance to the estimate grows (or, below 1, the end itself shrinks) until `outside` is outside.
    """

    def excess(c):  # the root of the rise is nearly a straight line
        return math.sqrt(max(profile.rise(c), 0.0)) - math.sqrt(rise)

    for _ in range(60):
        if growing is None or excess(outside) > 0:
            break
        outside = outside * growing if growing < 1 else inside + growing * (outside - inside)
    else:
        raise NotConverged("The profile does not rise to the quantile: no end of the interval was found.")
    if excess(inside) > 0:
        raise NotConverged("The profile does not touch its optimum at the estimate.")
    return optimize.brentq(excess, inside, outside, xtol=1e-8 * max(abs(inside), abs(outside)), rtol=1e-8)
