"""The fit of a study, and the tables that answer its question."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from helpers.contrasts import comparison_weights, comparisons, joint_tests, predictions
from helpers.contrasts.linear_fits import LeastSquares, least_squares
from helpers.contrasts.models import as_model
from helpers.contrasts.table import Request, Rows, effects_table
from helpers.mixed import MixedFit, fit_design
from helpers.report.mixed_model.mixed_study import Study
from helpers.report.mixed_model.unequal_spread import Spread, compare_spreads

if TYPE_CHECKING:
    from helpers.contrasts.table import EffectsTable

FAMILIES_OF_MEANS = ("tukey", "dunnett")
MOST_CELLS = 6  # of which every pair is compared
LINE_POINTS = 25  # values of a numeric predictor at which its line is drawn


@dataclass(frozen=True, eq=False)
class Analysis:
    """A study with its fit.

    Attributes
    ----------
    study : Study
    fit : helpers.mixed.MixedFit or helpers.contrasts.linear_fits.LeastSquares
    means : pandas.DataFrame
        Marginal means in the cells of contrast and by; at the quartiles of a numeric contrast.
    contrasts : pandas.DataFrame
        The effect of the contrast, as `helpers.contrasts.comparisons` gives it; in a formula without predictors its
        mean.
    interaction : pandas.DataFrame or None
        Test that the effect is the same in all levels of `by`; None where the formula makes it so.
    differences : pandas.DataFrame or None
        By how much the effect differs between levels of `by`; None where the formula makes it the same.
    spread : helpers.report.mixed_model.unequal_spread.Spread or None
        Of a formula without groups: both analyses, with one spread and with several.
    """

    study: Study
    fit: Any
    means: pd.DataFrame
    contrasts: pd.DataFrame
    interaction: pd.DataFrame | None
    differences: pd.DataFrame | None = None
    spread: Spread | None = None


def fitted(study: Study) -> MixedFit | LeastSquares:
    """The model of a study: a mixed one, or by least squares where the formula has no groups."""
    return fit_design(study.design) if study.design.random else least_squares(study.design)


def analyse(study: Study, fit: MixedFit | LeastSquares) -> Analysis:
    """Compute what the study asks of its fit.

    Parameters
    ----------
    study : Study
    fit : helpers.mixed.MixedFit or helpers.contrasts.linear_fits.LeastSquares
        That of ``study.design``. Of a formula without groups, the tests are those that suit the spread.

    Returns
    -------
    Analysis
    """
    spread = None
    if isinstance(fit, LeastSquares):
        spread = compare_spreads(fit, lambda one: contrast_table_adjusted(study, one), 1 - study.settings.conf_level)
        fit = spread.chosen
    ddf = study.settings.ddf
    crossed = study.contrast is not None and varies_by(study)
    interaction = None
    if crossed:
        how = _how(study)
        interaction = joint_tests(fit, how, list(study.by), differences="reference", ddf=ddf)
    return Analysis(
        study=study,
        fit=fit,
        means=marginal_means(study, fit),
        contrasts=contrast_table_adjusted(study, fit),
        interaction=interaction,
        differences=differences_of_effects(study, fit) if crossed else None,
        spread=spread,
    )


def contrast_table_adjusted(study: Study, fit: MixedFit | LeastSquares) -> EffectsTable:
    """The contrasts with their family's p-values.

    Beside Holm's p-values, which have no intervals of their own, stand Bonferroni's intervals.
    """

    def table(adjust, equivalence=None):
        return contrast_table(study, fit, ddf=study.settings.ddf, adjust=adjust, equivalence=equivalence)

    return _with_bounds(table, family(study), table(family(study), study.equivalence))


def _with_bounds(table_of, adjust, table):
    """The table; beside Holm's p-values, which have no intervals of their own, Bonferroni's intervals."""
    if adjust == "holm":
        bounds = table_of("bonferroni")
        place = table.columns.get_loc("p_adjusted") + 1
        for offset, name in enumerate(("conf_low_adjusted", "conf_high_adjusted")):
            table.insert(place + offset, name, bounds[name])
        table.note = f"{table.note.rstrip('.')}; conf_low_adjusted and conf_high_adjusted by Bonferroni's."
    return table


def differences_of_effects(study: Study, fit: MixedFit | LeastSquares) -> EffectsTable:
    """By how much the effect of the contrast differs between the cells of `by`: every pair, or each with the first.

    Tukey's and Dunnett's families are those of means: here Holm's method stands in for them.
    """
    pairs = pairs_of_cells(study)
    how = study.adjust if study.adjust not in FAMILIES_OF_MEANS else "holm"
    adjust = how if len(pairs) * n_moves(study) > 1 else None

    def table(adjust):
        return comparisons(
            fit,
            _how(study),
            list(study.by),
            differences=ways_of_cells(study),
            ddf=study.settings.ddf,
            adjust=adjust,
            family=None if adjust is None else "table",
            transform=study.transform,
            conf_level=study.settings.conf_level,
        )

    return _with_bounds(table, adjust, table(adjust))


def ways_of_cells(study: Study) -> str:
    """Whether every pair of cells of `by` is compared, or, where these were too many, each with the first."""
    return "pairwise" if n_cells(study) <= MOST_CELLS else "reference"


def pairs_of_cells(study: Study) -> list[tuple[int, int]]:
    """The pairs of cells, earlier and later, in the order of `differences_of_effects`."""
    cells = range(n_cells(study))
    return list(combinations(cells, 2)) if ways_of_cells(study) == "pairwise" else [(0, later) for later in cells[1:]]


def contrast_table(
    study: Study,
    fit: MixedFit | LeastSquares,
    *,
    ddf: Literal["satterthwaite", "kenward-roger", "normal"],
    adjust: str | None = None,
    equivalence: tuple[float, float] | None = None,
) -> EffectsTable:
    """The effect of the study's contrast in this fit, on the scale asked for; without a predictor, the mean."""
    if study.contrast is None:
        table = _means(study, fit, None)
        table.insert(0, "contrast", "mean")
        return table
    return comparisons(
        fit,
        _how(study),
        list(study.by),
        ddf=ddf,
        adjust=adjust,
        transform=study.transform,
        equivalence=equivalence,
        conf_level=study.settings.conf_level,
    )


def contrast_weights(study: Study, fit: MixedFit | LeastSquares) -> np.ndarray:
    """The rows of `contrast_table` as weighted sums of the coefficients; (k, p)."""
    if study.contrast is None:
        return np.ones((1, 1))
    _, weights = comparison_weights(fit, _how(study), list(study.by))
    return weights.to_numpy()


def family(study: Study) -> str | None:
    """How p-values are adjusted; not at all where there is but one test."""
    return study.adjust if n_moves(study) * n_cells(study) > 1 else None


def n_moves(study: Study) -> int:
    """Contrasts in each cell, at most: pairs of levels, or one step of a number."""
    if study.contrast is None or study.levels[study.contrast] is None:
        return 1
    return math.comb(len(study.levels[study.contrast]), 2)


def n_cells(study: Study) -> int:
    """Combinations of the levels of `by`."""
    return math.prod(len(study.levels[name]) for name in study.by)


def _how(study):
    """How the contrast changes, as `comparisons` takes it: a number by one unit, or by one SD where that is less."""
    if study.levels[study.contrast] is not None:
        return {study.contrast: study.compare}
    return {study.contrast: 1 if np.ptp(study.rows[study.contrast]) >= 1 else "sd"}


def marginal_means(study: Study, fit: MixedFit | LeastSquares) -> EffectsTable:
    """Means in the cells of contrast and by, on the scale asked for (geometric means for ratios and per cent)."""
    at = None
    if study.contrast is not None and study.levels[study.contrast] is None:
        at = {study.contrast: list(np.unique(study.rows[study.contrast].quantile([0.25, 0.5, 0.75])))}
    return _means(study, fit, at)


def line_of_means(study: Study, fit: MixedFit | LeastSquares) -> EffectsTable:
    """Means along a numeric contrast, for its line in a figure."""
    low, high = study.rows[study.contrast].min(), study.rows[study.contrast].max()
    return _means(study, fit, {study.contrast: list(np.linspace(low, high, LINE_POINTS))})


def _means(study, fit, at):
    shown = {
        "ddf": study.settings.ddf,
        "transform": "exp" if study.transform == "percent" else study.transform,
        "conf_level": study.settings.conf_level,
    }
    if study.contrast is None:
        rows = Rows(pd.DataFrame(index=[0]), np.ones((1, 1)), fit.fixed_effects.to_numpy(), by=[])
        return effects_table(
            as_model(fit),
            rows,
            Request(**shown),
            "the mean over all groups" if study.groups else "the mean of all rows",
        )
    means = predictions(fit, [study.contrast, *study.by], at=at, **shown)
    return means.drop(columns=["statistic", "p_value"])  # of a mean of zero, which nobody asked about


def varies_by(study: Study) -> bool:
    """Whether the formula lets the effect of the contrast differ between the levels of `by`."""
    each = map(study.design.columns_of, study.design.terms)
    return any(study.contrast in columns and set(columns) & set(study.by) for columns in each)
