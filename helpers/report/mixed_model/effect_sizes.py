"""Effect sizes without units: the share of variance explained, and differences in standard deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

MOST_ROWS = 12
NO_INTERVAL = (np.nan, np.nan)


def effect_sizes(analysis: Analysis) -> pd.DataFrame | None:
    """R², and each contrast of levels in standard deviations, where these mean something.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    pandas.DataFrame or None
        ``measure, of, estimate, conf_low, conf_high, definition``; None where there is none. An interval that there is
        not is an empty text. Contrasts of logarithms are ratios, which have no units already.

    Notes
    -----
    R² of a mixed model: Nakagawa & Schielzeth 2013, doi:10.1111/j.2041-210x.2012.00261.x. Standardised differences:
    Westfall, Kenny & Judd 2014, doi:10.1037/xge0000014.
    """
    if analysis.study.contrast is None:
        return None
    of = analysis.study.design.response
    rows = [*(_shares(analysis, of) if analysis.study.groups else _share(analysis, of)), *_standardised(analysis)]
    columns = ["measure", "of", "estimate", "conf_low", "conf_high", "definition"]
    return pd.DataFrame(rows, columns=columns).astype(object).fillna("") if rows else None


def _shares(analysis, of):
    found = analysis.fit.r_squared()
    names = {"marginal": "the fixed part's", "conditional": "fixed and random part's"}
    for kind, whose in names.items():
        yield f"R², {kind}", of, found[kind], *NO_INTERVAL, f"{whose} share of the variance (Nakagawa); no interval"


def _share(analysis, of):
    fit = analysis.spread.equal
    if not fit.has_level:
        return
    yield "R²", of, fit.r_squared()["r_squared"], *NO_INTERVAL, "the predictors' share of the variance; no interval"


def _standardised(analysis):
    study, fit = analysis.study, analysis.fit
    if not study.groups or study.transform is not None or study.levels[study.contrast] is None:
        return
    if any(term.names != ("(Intercept)",) for term in study.design.random):
        return
    table = analysis.contrasts.head(MOST_ROWS)
    for row in table.to_dict("records"):
        named = ", ".join([row["contrast"], *(f"{name} {row[name]}" for name in study.by)])
        total = float(np.sqrt(fit.variance_components["vcov"].sum()))
        ends = [row[name] / total for name in ("estimate", "conf_low", "conf_high")]
        yield "standardised difference", named, *ends, "in SD of all variance unexplained, taken as known"
