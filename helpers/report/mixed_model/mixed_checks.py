"""Checks of a mixed model, each with a verdict in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.design.translation import quoted
from helpers.report.phrases import between, counted, joined, number, p_value, percent
from helpers.report.suspects import determines
from helpers.report.table_checks import check_missing, check_pseudoreplication, check_spelling
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, Verdicts, graded

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study
    from helpers.report.mixed_model.sensitivity import Slope

FEW_GROUPS = 5
SKEWED = (0.75, 1.5)
HEAVY = (2.0, 6.0)  # excess kurtosis
UNEQUAL = (1.5, 2.5)  # ratio of residual standard deviations
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
    return Verdicts(
        [
            optimum(analysis),
            singularity(analysis),
            outcome(study),
            residual_shape(analysis),
            residual_spread(analysis),
            *random_slopes(study, slopes),
            leave_out(study, influence),
            *collinearity(study),
            number_of_groups(study),
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
    return Check("outcome", LOOK, study.design.outcome_note) if study.design.outcome_note else None


def standardised(analysis: Analysis) -> np.ndarray:
    """Residuals in units of their standard deviation."""
    residuals = analysis.fit.residuals().to_numpy()
    return residuals / residuals.std()


def residual_shape(analysis: Analysis) -> Check:
    """Whether residuals are about normal."""
    z = standardised(analysis)
    skew, kurtosis, far = float(stats.skew(z)), float(stats.kurtosis(z)), int((np.abs(z) > 4).sum())
    verdict = max(graded(abs(skew), *SKEWED), graded(kurtosis, *HEAVY), key=[FINE, LOOK, PROBLEM].index)
    found = f"skewness {number(skew)}, excess kurtosis {number(kurtosis)}, {counted(far, 'row')} beyond 4 SD"
    if verdict == FINE:
        return Check("residuals: shape", FINE, f"The residuals are roughly normal: {found}.")
    log = "" if "log" in analysis.study.design.response else " If the outcome is positive with a long tail, try log."
    return Check("residuals: shape", verdict, f"The residuals are not normal: {found}. See the figure.{log}")


def residual_spread(analysis: Analysis) -> Check:
    """Whether residuals spread as much where the prediction is low as where it is high."""
    z = standardised(analysis)
    fitted = analysis.fit.predict(random=True).to_numpy()
    thirds = np.array_split(z[np.argsort(fitted, kind="stable")], 3)
    if min(map(len, thirds)) < 3:
        return Check("residuals: spread", LOOK, "Too few rows to compare the spread of low and high predictions.")
    spreads = [float(part.std()) for part in thirds]
    ratio = max(spreads) / max(min(spreads), 1e-12)
    verdict = graded(ratio, *UNEQUAL)
    sentence = (
        f"The residual standard deviations of rows with low, middle and high predictions differ by a factor of "
        f"at most {number(ratio)}."
    )
    return Check("residuals: spread", verdict, sentence + ("" if verdict == FINE else " A transformation may help."))


def random_slopes(study: Study, slopes: list[Slope]) -> Iterator[Check]:
    """Whether the effect asked about differs between groups, which a random intercept does not allow for."""
    for slope in slopes:
        name, test = f"same effect in every {slope.group}", f"likelihood ratio {number(slope.statistic)} on {slope.df}"
        test += f" df, {p_value(slope.p_value)}"
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
            "influence", PROBLEM, "No group can be checked: whichever one is left out, the model cannot be fitted."
        )
    worst = influence.loc[influence["shift"].abs().idxmax()]
    size = abs(float(worst["shift"]))
    where = " ".join(str(worst[name]) for name in ("contrast", *study.by))
    return Check(
        "influence",
        graded(size, *SHIFTED),
        f"Leaving out any one group moves an estimate by at most {number(size)} standard errors ({where}, "
        f"without {worst['left_out']} of {worst['group']}: {number(worst['estimate'])}).",
    )


def collinearity(study: Study) -> Iterator[Check]:
    """How much the predictors share: generalised variance inflation (Fox & Monette 1992), condition number."""
    design = study.design
    if not design.terms:
        return
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


def number_of_groups(study: Study) -> Check:
    """Whether there are enough groups to estimate a variance between them."""
    sizes = {term.group: len(term.levels) for term in study.design.random}
    few = {name: n for name, n in sizes.items() if n < FEW_GROUPS}
    told = joined(f"{n} levels of {name!r}" for name, n in (few or sizes).items())
    if not few:
        return Check("number of groups", FINE, f"There are {told}.")
    return Check(
        "number of groups",
        PROBLEM if min(few.values()) < 3 else LOOK,
        f"There are only {told}. The variance between so few groups is very uncertain, and tests have few degrees of "
        "freedom. More groups would help more than more rows in each group.",
    )


def groups_per_level(study: Study) -> Check | None:
    """Of a contrast that never varies within a group: how many groups each of its levels rests on."""
    if study.contrast is None or study.levels[study.contrast] is None:
        return None
    values = pd.factorize(study.rows[study.contrast])[0]
    for term in study.design.random:
        if determines(term.codes, values):
            counts = pd.crosstab(term.codes, study.rows[study.contrast]).gt(0).sum()
            smallest = int(counts.min())
            told = joined(f"{n} for {level!r}" for level, n in counts.items())
            return Check(
                "groups per level",
                PROBLEM if smallest < 2 else LOOK if smallest < 3 else FINE,
                f"{study.contrast!r} is the same in all rows of one {term.group!r}, so its levels are compared between "
                f"groups: {told}." + (" One group cannot show how much groups differ." if smallest < 2 else ""),
            )
    return None


def rows_per_cell(study: Study) -> Check:
    """Whether cells of the factors and groups hold more than one row."""
    factors = [name for name in study.factors if isinstance(study.rows[name].dtype, pd.CategoricalDtype)]
    cells = pd.DataFrame({name: study.rows[name].to_numpy() for name in factors})
    for term in study.design.random:
        cells[f"group {term.group}"] = term.codes
    sizes = cells.groupby(list(cells), observed=True).size()
    alone = float((sizes == 1).mean())
    verdict = graded(alone, 0.5, 2.0)
    where = joined([*map(repr, factors), *(repr(name) for name in study.groups)])
    if alone == 1:
        numbers = [name for name in study.predictors if study.levels[name] is None]
        if not numbers:
            return Check(
                "rows per cell",
                LOOK,
                f"Each cell of {where} holds one row, so an interaction of the groups with the factors cannot be "
                "separated from the residual.",
            )
    return Check("rows per cell", verdict, f"{percent(alone)} of the cells of {where} hold a single row.")


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
