"""Of a formula without groups: whether rows spread alike, and the analyses with one spread and with several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.contrasts.linear_fits import WELCH, LeastSquares
from helpers.report.phrases import number, p_value

FEWEST_ROWS = 2  # of a cell, for a spread of its own
CLEARLY = 0.05  # p of the test of equal spread, from which the other analysis is the one reported


@dataclass(frozen=True, eq=False)
class Spread:
    """Two analyses of the same rows.

    The one that allows for unequal spread holds whether or not rows spread alike. So it is the one to report where the
    two disagree, and no verdict hangs on the test of equal spread, which sees little in small tables.

    Attributes
    ----------
    test, p_value : str, float
        Of equal spread: its name, and its p-value (NaN where there is nothing to compare).
    equal : helpers.contrasts.linear_fits.LeastSquares
    unequal : helpers.contrasts.linear_fits.LeastSquares or None
        None where a row is alone in its cell, or two cells hold one value each.
    tables : dict
        Of each analysis: its name -> the contrasts.
    disagree : bool
        Whether a contrast is significant in one and not in the other.
    """

    test: str
    p_value: float
    equal: LeastSquares
    unequal: LeastSquares | None
    tables: dict
    disagree: bool

    @property
    def differs(self) -> bool:
        """Whether the spread is clearly unequal."""
        return self.p_value < CLEARLY

    @property
    def chosen(self) -> LeastSquares:
        """The fit whose tests are reported."""
        return self.unequal if self.unequal is not None and (self.differs or self.disagree) else self.equal

    @property
    def allowed_for(self) -> bool:
        """Whether the reported tests allow for unequal spread."""
        return self.chosen is not self.equal

    @property
    def name_of_other(self) -> str:
        """What the tests that allow for unequal spread are called; empty where there are none."""
        return list(self.tables)[1] if self.unequal is not None else ""

    def both(self) -> pd.DataFrame:
        """The contrasts of both analyses, one above the other; a column says which is reported."""
        named = list(self.tables.items())
        reported = named[int(self.allowed_for)][0]
        parts = []
        for name, table in named:
            said = "reported" if name == reported else ""
            parts.append(pd.DataFrame(table).assign(analysis=name, reported=said))
        both = pd.concat(parts, ignore_index=True)
        return both[["analysis", "reported", *(name for name in both if name not in ("analysis", "reported"))]]

    def sentence(self) -> str:
        """How the two analyses compare, and which to report."""
        numbers = [f"{self.test}: {p_value(self.p_value)}" if np.isfinite(self.p_value) else "not tested"]
        tested = "; ".join([*numbers, *_range(self.equal)])
        if self.unequal is None:
            return (
                f"Equal spread is taken for granted ({tested}). Tests without it cannot be made: a cell holds one row, "
                "or several hold one value each."
            )
        found = "Rows do not spread alike" if self.differs else "There is no clear sign that rows spread unequally"
        same = (
            "Tests with one spread and tests that allow for several come to different verdicts"
            if self.disagree
            else "Tests with one spread and tests that allow for several come to the same verdicts"
        )
        which = (
            f"Report {self.name_of_other}, as this report does: they hold in either case."
            if self.allowed_for
            else "This report gives the former."
        )
        return f"{found} ({tested}). {same} (both stand under Results). {which}"


def compare_spreads(fit: LeastSquares, contrasts_of: Callable, alpha: float) -> Spread:
    """Analyse a fit with one spread and with several.

    Parameters
    ----------
    fit : helpers.contrasts.linear_fits.LeastSquares
    contrasts_of : callable
        Fit -> its table of contrasts.
    alpha : float
        Below which a p-value is significant.

    Returns
    -------
    Spread
    """
    test, p = equal_spread_test(fit)
    other = fit.allowing_for_unequal_spread() if fit.design.terms else None
    tables = {"equal spread": contrasts_of(fit)}
    if other is not None:
        tables["Welch's tests" if other.spread == WELCH else "tests with HC3"] = contrasts_of(other)
    found = [table.get("p_adjusted", table["p_value"]).to_numpy() < alpha for table in tables.values()]
    return Spread(test, p, fit, other, tables, bool((found[0] != found[-1]).any()))


def equal_spread_test(fit: LeastSquares) -> tuple[str, float]:
    """Whether residuals spread alike: in all cells, or whatever the predictors.

    Parameters
    ----------
    fit : helpers.contrasts.linear_fits.LeastSquares

    Returns
    -------
    tuple of str and float
        The test's name and p-value. Where each cell has a mean of its own, Brown & Forsythe 1974
        (doi:10.1080/01621459.1974.10482955); else Koenker's form of Breusch and Pagan's test (1981,
        doi:10.1016/0304-4076(81)90062-2). NaN where there is one cell, or no cell of two rows.
    """
    residuals = fit.residuals().to_numpy()
    if fit.cells is None:
        squares = residuals**2
        deviation = squares - squares.mean()
        columns = np.column_stack([np.ones(len(squares)), fit.design.X])
        found, _, rank, _ = np.linalg.lstsq(columns, deviation, rcond=None)
        explained = columns @ found
        statistic = len(squares) * float(explained @ explained) / float(deviation @ deviation)
        return "Breusch–Pagan", float(stats.chi2.sf(statistic, rank - 1))
    parts = [residuals[fit.cells == cell] for cell in range(fit.cells.max() + 1)]
    parts = [part for part in parts if len(part) >= FEWEST_ROWS]
    if len(parts) < 2:
        return "Brown–Forsythe", float("nan")
    return "Brown–Forsythe", float(stats.levene(*parts, center="median").pvalue)


def _range(fit):
    """The smallest and the largest standard deviation, where cells have their own."""
    if fit.cells is None:
        return []
    sds = pd.Series(fit.residuals().to_numpy()).groupby(fit.cells).std().dropna()
    return [f"standard deviations from {number(float(sds.min()))} to {number(float(sds.max()))}"] * (len(sds) > 1)
