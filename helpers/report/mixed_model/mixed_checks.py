"""Checks of a mixed model, each with a verdict in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.design import build_design
from helpers.design.text_numbers import bare_columns
from helpers.design.translation import quoted
from helpers.report.mixed_model.group_checks import (
    groups_per_level,
    number_of_groups,
    numbers_as_ids,
    rows_per_cell,
    same_names,
)
from helpers.report.mixed_model.independence import independent_rows
from helpers.report.mixed_model.residual_checks import bends, residual_shape, residual_spread, spread_between_levels
from helpers.report.outcomes import outcome_check
from helpers.report.phrases import between, number, p_value
from helpers.report.table_checks import check_missing, check_pseudoreplication, check_spelling
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, Verdicts, graded

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study
    from helpers.report.mixed_model.sensitivity import Slope

SHIFTED = (1.0, 2.0)  # standard errors
INFLATED = (5**0.5, 10**0.5)  # of a standard error, by collinearity
CONDITION = (30.0, 100.0)


def check_all(analysis: Analysis, influence: pd.DataFrame, slopes: list[Slope]) -> Verdicts:
    """Every check of a mixed model.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis
    influence : pandas.DataFrame
        From `helpers.report.mixed_model.sensitivity.leave_one_out`.
    slopes : list of Slope
        From `helpers.report.mixed_model.sensitivity.with_slopes`.

    Returns
    -------
    Verdicts
    """
    study = analysis.study
    of_groups = [optimum(analysis), singularity(analysis)] if study.groups else []
    return Verdicts(
        [
            *of_groups,
            *independent_rows(analysis),
            outcome(study),
            residual_shape(analysis),
            residual_spread(analysis),
            spread_between_levels(analysis),
            equal_spread(analysis),
            *bends(analysis),
            *random_slopes(study, slopes),
            leave_out(study, influence),
            *collinearity(study),
            number_of_groups(analysis) if study.groups else None,
            numbers_as_ids(study),
            same_names(study),
            groups_per_level(study),
            rows_per_cell(study),
            pseudoreplication(study),
            spelling(study),
            missing(study),
        ]
    )


def optimum(analysis: Analysis) -> Check:
    """That the fit stands at the optimum: one that does not is an error before any table."""
    return Check(
        "fit at the optimum",
        FINE,
        f"The log-likelihood ({number(analysis.fit.log_likelihood)}) does not rise in any direction from here: "
        "gradient and curvature were checked at the point returned.",
    )


def singularity(analysis: Analysis) -> Check:
    """Whether a variance is estimated as zero or a correlation as one."""
    if not analysis.fit.is_singular:
        return Check("singularity", FINE, "No variance is estimated as zero, and no correlation as one.")
    ddf = analysis.study.settings.ddf
    advice = (
        "The Kenward–Roger tests used here allow for that."
        if ddf == "kenward-roger"
        else "Use DDF=kenward-roger, whose tests allow for that."
    )
    return Check(
        "singularity",
        LOOK if ddf == "kenward-roger" else PROBLEM,
        "A variance between groups is estimated as zero, or a correlation between random effects as one. With few "
        f"groups this is common, and it does not prove that groups are the same. {advice}",
    )


def outcome(study: Study) -> Check | None:
    """Whether the outcome is of a kind that a normal distribution does not describe; nothing where it is not."""
    return outcome_check(study.design.response, study.design.y)


def random_slopes(study: Study, slopes: list[Slope]) -> Iterator[Check]:
    """Whether the effect asked about differs between groups, which a random intercept does not allow for."""
    for slope in slopes:
        name, test = f"same effect in every {slope.group}", f"likelihood ratio {number(slope.statistic)}"
        test += f", {p_value(slope.p_value)}"
        if slope.p_value >= 0.05:
            yield Check(
                name, FINE, f"There is no sign that the effect of {study.contrast!r} differs between groups ({test})."
            )
            continue
        row = slope.contrasts.iloc[0]
        interval = between(row["conf_low"], row["conf_high"])
        yield Check(
            name,
            PROBLEM,
            f"The effect of {study.contrast!r} differs between levels of {slope.group!r} ({test}). The intervals below "
            f"assume that it is the same in all. With {slope.formula}, the first contrast is {number(row['estimate'])} "
            f"({interval}; {number(row['df'])} df; {p_value(row['p_value'])}). For a claim about groups not measured "
            "here, report that model.",
        )


def leave_out(study: Study, influence: pd.DataFrame) -> Check:
    """Whether one group carries the answer."""
    if not len(influence):
        return Check(
            "influence",
            PROBLEM,
            f"No {'group' if study.groups else 'row'} can be checked: whichever one is left out, the model cannot be "
            "fitted.",
        )
    worst = influence.loc[influence["shift"].abs().idxmax()]
    size = abs(float(worst["shift"]))
    where = " ".join(str(worst[name]) for name in ("contrast", *study.by))
    one, which = ("group", f"{worst['left_out']} of {worst['group']}") if study.groups else ("row", worst["left_out"])
    return Check(
        "influence",
        graded(size, *SHIFTED),
        f"Leaving out any one {one} moves an estimate by at most {number(size)} standard errors ({where}, "
        f"without {which}: {number(worst['estimate'])}).",
    )


def equal_spread(analysis: Analysis) -> Check | None:
    """Of a formula without groups: whether rows spread alike, and which analysis that makes the one to report."""
    spread = analysis.spread
    if spread is None or not analysis.study.design.terms:
        return None
    unmet = spread.differs and not spread.allowed_for
    return Check("equal spread", PROBLEM if unmet else LOOK if spread.disagree else FINE, spread.sentence())


def collinearity(study: Study) -> Iterator[Check]:
    """How much the predictors share: generalised variance inflation (Fox & Monette 1992), condition number."""
    if not study.design.terms:
        return
    design = _centred(study)
    weights, terms = design.sum_coded()
    columns = np.linalg.solve(weights.T, design.X.T).T
    intercept = np.isclose(columns, columns[:1]).all(axis=0)
    keep = np.flatnonzero(~intercept)
    centred = columns[:, keep] - columns[:, keep].mean(axis=0)
    centred = centred / np.linalg.norm(centred, axis=0)
    inflation = _inflation(centred, keep, terms)
    if inflation:
        term, worst = max(inflation.items(), key=lambda item: item[1])
        verdict = graded(worst, *INFLATED)
        yield Check(
            "collinearity",
            verdict,
            f"Standard errors are at most {number(worst)} times what they would be if predictors were unrelated "
            f"(term {term!r})" + ("." if verdict == FINE else ". Effects of related predictors cannot be told apart."),
        )
    condition = float(np.linalg.cond(centred)) if len(keep) > 1 else 1.0
    yield Check(
        "condition number",
        graded(condition, *CONDITION),
        f"The condition number of the centred, scaled columns is {number(condition)}.",
    )


def _centred(study):
    """The design with numbers measured from their means: the same model, whose slopes and levels are less entangled."""
    straight = bare_columns((study.design.parsed.fixed,))
    numbers = [name for name in study.predictors if study.levels[name] is None and name in straight]
    if not numbers or all(len(study.design.columns_of(term)) == 1 for term in study.design.terms):
        return study.design
    moved = study.rows.assign(**{name: study.rows[name] - study.rows[name].mean() for name in numbers})
    try:
        centred = build_design(study.formula, moved)
    except ValueError:  # the logarithm of such a number, too, stands in the formula
        return study.design
    both = np.hstack([study.design.X, centred.X])
    same = both.shape[1] == 2 * len(centred.names) and np.linalg.matrix_rank(both) == len(centred.names)
    return centred if same else study.design


def _inflation(centred, keep, terms):
    """Term -> by how much the axes of its confidence region are stretched: GVIF to the power 1/(2 df)."""
    correlation, found = centred.T @ centred, {}
    _, whole = np.linalg.slogdet(correlation)
    for term, places in terms.items():
        own = np.isin(keep, places)
        if not own.any() or own.all():
            continue
        _, inside = np.linalg.slogdet(correlation[np.ix_(own, own)])
        _, outside = np.linalg.slogdet(correlation[np.ix_(~own, ~own)])
        found[term] = float(np.exp((inside + outside - whole) / (2 * own.sum())))
    return found


def pseudoreplication(study: Study) -> Check:
    """Whether a column that is not in the model looks like the unit to which a predictor was given."""
    others = [name for name in study.rows if name not in study.used]
    return check_pseudoreplication(
        study.rows[[*others, *study.predictors]],
        study.predictors,
        [pd.Series(term.codes) for term in study.design.random],
        lambda name, _: (
            f"{name!r} is not in the model. If it is what was treated or sampled, its rows are copies and p-values "
            f"are far too small. Add (1 | {quoted(name)})."
        ),
    )


def spelling(study: Study) -> Check:
    """Whether labels differ only in capitals or blanks."""
    labels = [name for name in study.used if isinstance(study.rows[name].dtype, pd.CategoricalDtype)]
    return check_spelling(study.rows, labels)


def missing(study: Study) -> Check:
    """How many rows were left out for missing values."""
    return check_missing(len(study.rows), len(study.source.frame))
