"""What the answer would be with a group (or a row) left out, or with an effect that differs between groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from helpers.contrasts.scales import as_scale
from helpers.design import build_design
from helpers.design.translation import quoted
from helpers.mixed import fit_design
from helpers.report.mixed_model.mixed_results import contrast_table, contrast_weights, family
from helpers.report.mixed_model.mixed_study import predictor_levels
from helpers.report.mixed_model.single_rows import without_each_row
from helpers.report.suspects import determines

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

MOST_GROUPS = 30
ROWS_IN_ALL = 1_000_000  # refits stop at about so many rows
FEWEST_GROUPS = 5
MOST_SLOPES = 4


def leave_one_out(analysis: Analysis) -> pd.DataFrame:
    """The contrasts without each group in turn: those with the most rows first, where there are many.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    pandas.DataFrame
        ``group, left_out``, the labels of the contrast, ``estimate, conf_low, conf_high`` on the scale of the report,
        and ``shift``: how far the estimate moved, in standard errors of the full fit, on the model's scale. A group
        without which the model cannot be fitted has no rows. Where the formula has no groups, single rows are left
        out: those that move the contrasts most, where there are many.
    """
    study, forward = analysis.study, as_scale(analysis.study.transform).forward
    labels = analysis.contrasts[["contrast", *study.by]].reset_index(drop=True)
    weights = contrast_weights(study, analysis.fit)
    level = study.settings.conf_level
    ddf: Any = "satterthwaite" if study.groups else study.settings.ddf
    full = analysis.fit.contrast(weights, ddf, level)
    tables = []
    for group, left_out, fit in _refits(analysis, weights):
        found = fit.contrast(weights, ddf, level)
        shift = (found["estimate"] - full["estimate"]) / full["std_error"]
        shown = found[["estimate", "conf_low", "conf_high"]].apply(forward).assign(shift=shift)
        names = pd.DataFrame({"group": group, "left_out": left_out}, index=labels.index)
        tables.append(pd.concat([names, labels, shown.set_axis(labels.index)], axis=1))
    columns = ["group", "left_out", *labels, "estimate", "conf_low", "conf_high", "shift"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _refits(analysis, weights):
    """What was left out, and the fit without it: of each group, or of a row where there are no groups."""
    if not analysis.study.groups:
        yield from without_each_row(analysis.fit, weights, most=MOST_GROUPS)
        return
    study = analysis.study
    for group, left_out, rows in _parts(study):
        try:
            fit = fit_design(build_design(study.formula, rows))
        except (ValueError, RuntimeError):
            continue
        if predictor_levels(fit.design) == study.levels:  # else a level went with the group: other coefficients
            yield group, left_out, fit


def _parts(study):
    most = int(np.clip(ROWS_IN_ALL // len(study.rows), FEWEST_GROUPS, MOST_GROUPS))
    for term in {term.group: term for term in study.design.random}.values():
        largest = np.argsort(-np.bincount(term.codes), kind="stable")[:most]
        for code in np.sort(largest):
            yield term.group, str(term.levels[code]), study.rows[term.codes != code]


@dataclass(frozen=True, eq=False)
class Slope:
    """The model with an effect that differs between the levels of a group.

    Attributes
    ----------
    group, formula : str
    statistic, df : float
        Likelihood ratio (REML) against the model of the report, and how many parameters it has more.
    p_value : float
        A variance of zero lies on a boundary. For one slope the p-value is the mean of those with one and with two
        degrees of freedom (Stram & Lee 1994, doi:10.2307/2533455). For several it is the largest that it can be.
    contrasts : pandas.DataFrame
        The contrasts of this model.
    """

    group: str
    formula: str
    statistic: float
    df: int
    p_value: float
    contrasts: pd.DataFrame


def with_slopes(analysis: Analysis) -> list[Slope]:
    """For each grouping factor with a random intercept only, the model in which the contrast's effect differs by group.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    list of Slope
        Without the factors within whose levels the contrast does not vary, and without models that the data cannot
        carry.
    """
    study, found = analysis.study, []
    if study.contrast is None:
        return found
    parsed = study.design.parsed
    values = pd.factorize(study.rows[study.contrast])[0]
    levels = study.levels[study.contrast]
    if levels is not None and len(levels) > MOST_SLOPES:
        return []
    numbers_as_levels = levels is not None and pd.api.types.is_numeric_dtype(study.rows[study.contrast])
    slope = f"C({quoted(study.contrast)})" if numbers_as_levels else quoted(study.contrast)
    for place, (term, design) in enumerate(zip(parsed.random, study.design.random, strict=True)):
        if design.names != ("(Intercept)",) or determines(design.codes, values) or _has_slope(study, design.group):
            continue
        larger = f"({'1 + ' + slope} | {':'.join(map(quoted, term.groups))})"
        random = [str(other) for other in parsed.random]
        random[place] = larger
        formula = f"{parsed.response} ~ {' + '.join([parsed.fixed, *random])}"
        try:
            fit = fit_design(build_design(formula, study.rows))
        except (ValueError, RuntimeError):
            continue
        statistic = max(analysis.fit.deviance - fit.deviance, 0.0)
        df = fit.products.n_theta - analysis.fit.products.n_theta
        contrasts = contrast_table(study, fit, ddf=study.settings.ddf, adjust=family(study))
        p_value = float(np.mean(stats.chi2.sf(statistic, [1, 2] if df == 2 else [df])))
        found.append(Slope(design.group, formula, statistic, df, p_value, contrasts))
    return found


def _has_slope(study, group):
    return any(term.group == group and term.names != ("(Intercept)",) for term in study.design.random)
