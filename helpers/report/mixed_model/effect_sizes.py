"""Effect sizes without units: the share of variance explained, and differences in standard deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import optimize, stats

from helpers.report.mixed_model.mixed_results import contrast_weights

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

MOST_ROWS = 12
FAR = 37.0  # a larger non-centrality than that is beyond what the distribution is computed for
NO_INTERVAL = (np.nan, np.nan)


def effect_sizes(analysis: Analysis) -> pd.DataFrame | None:
    """R², and each contrast of levels in standard deviations, where these mean something.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    pandas.DataFrame or None
        ``measure, of, estimate, conf_low, conf_high, definition``; None where there is none. Of a mixed model R² has no
        interval. Contrasts of logarithms are ratios, which have no units already.

    Notes
    -----
    R² of a mixed model: Nakagawa & Schielzeth 2013, doi:10.1111/j.2041-210x.2012.00261.x. Intervals without groups, by
    the noncentral t and F distributions: Steiger 2004, doi:10.1037/1082-989X.9.2.164. Standardised differences of a
    mixed model: Westfall, Kenny & Judd 2014, doi:10.1037/xge0000014.
    """
    if analysis.study.contrast is None:
        return None
    of = analysis.study.design.response
    rows = [*(_shares(analysis, of) if analysis.study.groups else _share(analysis, of)), *_standardised(analysis)]
    columns = ["measure", "of", "estimate", "conf_low", "conf_high", "definition"]
    return pd.DataFrame(rows, columns=columns) if rows else None


def _shares(analysis, of):
    found = analysis.fit.r_squared()
    names = {"marginal": "the fixed part's", "conditional": "fixed and random part's"}
    for kind, whose in names.items():
        yield f"R², {kind}", of, found[kind], *NO_INTERVAL, f"{whose} share of the variance (Nakagawa); no interval"


def _share(analysis, of):
    fit = analysis.spread.equal
    if not fit.has_level:
        return
    n, p = fit.design.X.shape
    share = float(fit.r_squared()["r_squared"])
    ends = NO_INTERVAL
    if not analysis.spread.differs:
        statistic = share / (1 - share) * (n - p) / (p - 1)
        ends = r_squared_interval(statistic, p - 1, n - p, analysis.study.settings.conf_level)
    yield "R²", of, share, *ends, "the predictors' share of the variance" + "; no interval" * np.isnan(ends[0])


def _standardised(analysis):
    study, fit = analysis.study, analysis.fit
    if study.transform is not None or study.levels[study.contrast] is None:
        return
    if not study.groups and analysis.spread.allowed_for:  # there is no one standard deviation
        return
    if any(term.names != ("(Intercept)",) for term in study.design.random):
        return
    table = analysis.contrasts.head(MOST_ROWS)
    for place, row in enumerate(table.to_dict("records")):
        named = ", ".join([row["contrast"], *(f"{name} {row[name]}" for name in study.by)])
        if study.groups:
            total = float(np.sqrt(fit.variance_components["vcov"].sum()))
            ends = [row[name] / total for name in ("estimate", "conf_low", "conf_high")]
            yield "standardised difference", named, *ends, "in SD of all variance unexplained, taken as known"
        else:
            yield "standardised difference", named, *_in_residual_sd(analysis, row, place), "in residual SD"


def _in_residual_sd(analysis, row, place):
    fit = analysis.fit
    weights = contrast_weights(analysis.study, fit)[place : place + 1]
    (std_error,), _ = fit.std_error_and_df(weights, "residual")
    unit = std_error / np.sqrt(fit.residual_variance)
    statistic = row["estimate"] / std_error
    low, high = noncentral_t_interval(statistic, fit.residual_df, analysis.study.settings.conf_level)
    return statistic * unit, low * unit, high * unit


def noncentral_t_interval(statistic: float, df: float, conf_level: float) -> tuple[float, float]:
    """Between which values the noncentrality of an observed t lies; NaN where that cannot be computed."""
    tail = (1 - conf_level) / 2
    reach = 10 + abs(statistic)
    if abs(statistic) + 5 > FAR:
        return NO_INTERVAL
    return tuple(
        float(
            optimize.brentq(lambda shift, at=at: stats.nct.cdf(statistic, df, shift) - at, statistic - reach, reach * 2)
        )
        for at in (1 - tail, tail)
    )


def r_squared_interval(statistic: float, num_df: float, den_df: float, conf_level: float) -> tuple[float, float]:
    """Between which values R² of the population lies, from the F test of all predictors; NaN where not computed."""
    tail, n = (1 - conf_level) / 2, num_df + den_df + 1
    most = 4 * num_df * (statistic + 5) + 100

    def share(at):
        def over(shift):
            return stats.ncf.cdf(statistic, num_df, den_df, shift) - at

        if over(1e-9) < 0:  # no noncentrality makes so small an F as likely
            return 0.0
        shift = optimize.brentq(over, 1e-9, most)
        return float(shift / (shift + n))

    if most > FAR**2 or not np.isfinite(stats.ncf.cdf(statistic, num_df, den_df, most)):
        return NO_INTERVAL
    return share(1 - tail), share(tail)
