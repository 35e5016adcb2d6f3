"""Which correlations so many rows can show, and how many rows weaker ones take: for the next study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy import optimize

from helpers.planning import correlation_power
from helpers.report.phrases import Words, counted, number, percent

if TYPE_CHECKING:
    from helpers.report.correlation.correlation_results import Analysis

POWER = 0.8
STRONGEST = 0.999
PLANNED = (0.5, 0.3)  # true correlations for which a number of rows is given


def next_study(analysis: Analysis) -> Words:
    """The weakest correlation that so many rows find with 80% power, and the rows that weaker ones take.

    Parameters
    ----------
    analysis : helpers.report.correlation.correlation_results.Analysis

    Returns
    -------
    Words
        Within strata, too, if there are any. Nothing in it depends on the correlations found.
    """
    study = analysis.study
    alpha = 1 - study.settings.conf_level
    fewest = analysis.table.loc[analysis.table["n"].idxmin()]
    n = int(fewest["n"])
    whole = detectable_correlation(n, alpha)
    sentences = [
        f"With {counted(n, 'row')}, "
        + (
            f"a true correlation of {number(round(whole, 2))} or more is found with 80% power"
            if whole is not None
            else "no correlation is found with 80% power"
        )
        + f" (two-sided level of {percent(round(alpha, 6))}; independent rows, columns that are roughly normal)."
    ]
    if study.strata:
        levels = study.rows(fewest["column"])[study.strata].nunique()
        within = detectable_correlation(n - levels + 1, alpha)
        if within is not None:
            sentences.append(f"Within levels of {study.strata!r} it has to be {number(round(within, 2))} or more.")
    some, more = (rows_needed(r, alpha) for r in PLANNED)
    sentences.append(f"A true correlation of {PLANNED[0]} takes {some} rows, one of {PLANNED[1]} takes {more}.")
    if study.settings.method == "spearman":
        sentences.append("These numbers are Pearson's; ranks of normal columns take about a tenth more rows.")
    sentences.append(
        "Plan for the weakest correlation that would matter. The one found here may be too large to plan with."
    )
    return Words(" ".join(sentences))


def detectable_correlation(n: int, alpha: float) -> float | None:
    """The correlation that n rows find with 80% power; None if they are too few for any."""
    if n < 3 or correlation_power(STRONGEST, n, alpha=alpha) < POWER:
        return None
    return float(optimize.brentq(lambda r: correlation_power(r, n, alpha=alpha) - POWER, 0.0, STRONGEST, xtol=1e-5))


def rows_needed(r: float, alpha: float) -> int:
    """The fewest rows that find a correlation with 80% power."""
    low, high = 2, 4
    while correlation_power(r, high, alpha=alpha) < POWER:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if correlation_power(r, middle, alpha=alpha) >= POWER else (middle, high)
    return high
