"""What a table without groups says of the next study: the power of a t test, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

from helpers.report.mixed_model.mixed_results import contrast_weights
from helpers.report.phrases import number, percent

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

POWER = 0.8


def detectable_shift(std_error: float, df: float, alpha: float, power: float = POWER) -> float:
    """The true value that a two-sided t test finds with this power.

    Parameters
    ----------
    std_error, df : float
        Of the estimate that will be tested.
    alpha, power : float

    Returns
    -------
    float
        In the units of `std_error`; R's ``power.t.test`` counts the same tail.
    """
    bound = stats.t.isf(alpha / 2, df)

    def short_of(shift):
        return stats.nct.sf(bound, df, shift) - power

    return std_error * float(optimize.brentq(short_of, 0, bound + 40, xtol=1e-12))


def next_of_rows(analysis: Analysis) -> str:
    """The difference that a study of this design finds with 80% power, and what half of it takes.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis
        Of a formula without groups.

    Returns
    -------
    str
        Of the first contrast, one spread for all rows.
    """
    study, fit = analysis.study, analysis.spread.equal
    n, p = fit.design.X.shape
    weights = contrast_weights(study, fit)[:1]
    (std_error,), _ = fit.std_error_and_df(weights, "residual")
    alpha = 1 - study.settings.conf_level
    found = detectable_shift(std_error, n - p, alpha)

    def too_few(times):  # the same design, so many times
        return detectable_shift(std_error / np.sqrt(times), times * n - p, alpha) - found / 2

    rows = int(np.ceil(n * optimize.brentq(too_few, 1, 16)))
    whole, half = ((number(round(float(_shown(study, size)), 3))) for size in (found, found / 2))
    what = "a ratio of {}" if study.transform == "exp" else f"a difference of {{}} in {study.design.response}"
    first = analysis.contrasts.iloc[0]
    named = ", ".join([str(first["contrast"]), *(f"{name} {first[name]}" for name in study.by)])
    unequal = " The spread is taken as the same everywhere." if analysis.spread.differs else ""
    return (
        f"With the residual standard deviation found here ({number(np.sqrt(fit.residual_variance))}), a study of this "
        f"design has {percent(POWER)} power to find {what.format(whole)} ({named}; no adjustment for several "
        f"tests); for one of {half} it takes about {rows:,} rows instead of {n:,}.{unequal}"
    )


def _shown(study, size):
    return np.exp(size) if study.transform == "exp" else size
