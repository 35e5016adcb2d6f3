"""The sentences of a mixed model's report, written from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.refusals.wording import some
from helpers.report.citations import PAPERS, adjustment, software
from helpers.report.mixed_model.mixed_results import family
from helpers.report.mixed_model.mixed_study import scale_words
from helpers.report.phrases import Words, between, counted, joined, number, p_value, percent
from helpers.report.verdicts import reserve

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study
    from helpers.report.verdicts import Verdicts

DDF = {
    "kenward-roger": "Kenward and Roger's adjusted standard errors and degrees of freedom",
    "satterthwaite": "Satterthwaite's degrees of freedom",
    "normal": "the normal distribution (z tests, which treat the variances as known)",
}
MOST_RESULTS = 12


def question(study: Study) -> Words:
    """The question in a sentence: the reader's own, or one made from the parameters."""
    if study.settings.question:
        return Words(study.settings.question)
    groups, response = joined(study.groups), study.design.response
    if study.contrast is None:
        return Words(f"How large is {response}, and how much of its variation lies between levels of {groups}?")
    where = f", in each level of {joined(study.by)}" if study.by else ""
    others = [name for name in study.predictors if name != study.contrast and name not in study.by]
    held = f", with {joined(others)} held fixed" if others else ""
    return Words(
        f"How does {response} change with {study.contrast}{where}{held}, when rows of the same {groups} are more alike "
        "than others?"
    )


def as_read(study: Study) -> Words:
    """What the file held, and what was left out and why."""
    frame, rows = study.source.frame, study.rows
    gone = len(frame) - len(rows)
    sentences = [
        f"{study.source.name} holds {counted(len(frame), 'row')} and {counted(frame.shape[1], 'column')}, of which the "
        f"model uses {joined(map(repr, study.used))}."
    ]
    if gone:
        counts = frame[list(study.used)].isna().sum()
        why = joined(f"{n:,} in {name!r}" for name, n in counts.items() if n)
        sentences.append(f"{counted(gone, 'row was', 'rows were')} dropped for missing values: {why}.")
    else:
        sentences.append("No row was dropped, because none lacks a value in these columns.")
    return Words(" ".join([*sentences, *study.source.notes]))


def columns(study: Study) -> pd.DataFrame:
    """Each column of the model: what it is, its levels or range, what is missing.

    Returns
    -------
    pandas.DataFrame
        ``column, role, kind, values, missing``.
    """
    outcome = set(study.used) - set(study.predictors) - {name for t in study.design.parsed.random for name in t.groups}
    rows = []
    for name in study.used:
        roles = ["outcome"] * (name in outcome) + ["predictor"] * (name in study.predictors)
        roles += ["groups"] * any(name in term.groups for term in study.design.parsed.random)
        column = study.rows[name]
        labels = study.levels.get(name) or (
            None if name in outcome or name in study.levels else sorted(column.unique())
        )
        if labels is None:
            kind, values = "number", between(column.min(), column.max())
        else:
            kind = counted(len(labels), "level")
            values = some(labels, 8)
        rows.append(
            (name, " and ".join(roles) or "random slope", kind, values, int(study.source.frame[name].isna().sum()))
        )
    return pd.DataFrame(rows, columns=["column", "role", "kind", "values", "missing"])


def design_table(study: Study) -> pd.DataFrame:
    """Rows in each cell of the factors, by the levels of the first grouping factor (its number of levels, if many)."""
    term = study.design.random[0]
    labels = pd.Series(pd.Categorical.from_codes(term.codes, [str(level) for level in term.levels]), study.rows.index)
    factors = [
        study.rows[name] for name in dict.fromkeys([study.contrast, *study.by, *study.factors]) if name in study.factors
    ]
    if not factors:
        factors = [pd.Series("all rows", study.rows.index, name="cell")]
    if len(term.levels) <= 12:
        table = pd.crosstab(factors, labels)
        table["all"] = table.sum(axis=1)
        return table.reset_index().rename_axis(columns=None)
    grouped = labels.groupby(factors, observed=True)
    table = pd.DataFrame({"rows": grouped.size(), f"levels of {term.group}": grouped.nunique()})
    return table.reset_index()


def model(analysis: Analysis) -> Words:
    """The model in words, and why its random part is what it is."""
    study, fit = analysis.study, analysis.fit
    fixed = joined(repr(term) for term in study.design.terms) if study.design.terms else "nothing in the table"
    paragraphs = [
        f"{study.formula}",
        f"The outcome is {study.design.response}; its mean depends on {fixed}.{_references(study)}",
    ]
    for parsed, term in zip(study.design.parsed.random, study.design.random, strict=True):
        sizes = np.bincount(term.codes)
        size = (
            f"{between(int(sizes.min()), int(sizes.max()))} rows each"
            if np.ptp(sizes)
            else f"{counted(int(sizes[0]), 'row')} each"
        )
        slopes = [name for name in term.names if name != "(Intercept)"]
        what = (
            f"each level of {term.group!r} is shifted by an amount of its own, drawn from a normal distribution"
            if not slopes
            else f"the effect of {joined(slopes)} differs from one level of {term.group!r} to the next"
        )
        paragraphs.append(
            f"{parsed}: {what}. Rows of one level share whatever made it high or low, so the "
            f"{counted(len(study.rows), 'row')} are not all independent. There are {counted(len(sizes), 'level')} with "
            f"{size}."
        )
    if all(term.names == ("(Intercept)",) for term in study.design.random):
        shares = joined(f"{percent(share)} lies between levels of {name!r}" for name, share in fit.icc.items())
        paragraphs.append(f"Of the variance that the predictors do not explain, {shares}.")
    return Words(*paragraphs)


def _references(study):
    named = joined(f"{study.levels[name][0]!r} for {name!r}" for name in study.factors)
    return (
        f" Levels are compared with a reference: {named} (set REFERENCE= to choose another)." if study.factors else ""
    )


def methods(analysis: Analysis) -> Words:
    """A methods paragraph, with versions and citations."""
    study = analysis.study
    gone = len(study.source.frame) - len(study.rows)
    sentences = [
        f"We fitted a linear mixed model to {counted(len(study.rows), 'observation')}"
        + (
            f" (after {counted(gone, 'row')} with missing values {'was' if gone == 1 else 'were'} left out)"
            if gone
            else ""
        )
        + f" by restricted maximum likelihood, with the formula {study.formula} in the notation of lme4 "
        f"({PAPERS['lme4']}); there were {_groups(study)}.",
        f"Tests and {percent(study.settings.conf_level)} confidence intervals use {DDF[study.settings.ddf]}"
        + (f" ({PAPERS[study.settings.ddf]})." if study.settings.ddf in PAPERS else "."),
    ]
    if study.contrast is not None:
        noun, _, _ = scale_words(study)
        sentences.append(
            f"Effects are contrasts of marginal means on a balanced grid ({PAPERS['marginal means']}), given as "
            f"{noun}{'' if noun.endswith(('cent', study.design.response)) else 's'}."
        )
        if family(study):
            sentences.append(
                f"p-values of the {len(analysis.contrasts)} contrasts were adjusted by {adjustment(study.adjust)}."
            )
    if study.equivalence:
        low, high = study.equivalence
        sentences.append(
            f"Equivalence to within {between(low, high)} was tested by two one-sided tests ({PAPERS['equivalence']})."
        )
    sentences.append(
        f"Computed with {software('numpy', 'scipy', 'pandas', 'formulaic')}; the fit was taken to "
        "the verified optimum of lme4's criterion."
    )
    return Words(" ".join(sentences))


def _groups(study):
    return joined(
        f"{len(term.levels)} levels of {term.group}" for term in {t.group: t for t in study.design.random}.values()
    )


def results(analysis: Analysis, verdicts: Verdicts) -> Words:
    """A results paragraph: each contrast with interval, df and p-value; then what limits it.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis
    verdicts : helpers.report.verdicts.Verdicts

    Returns
    -------
    Words
    """
    study = analysis.study
    sentences = [_interaction(analysis)] if analysis.interaction is not None else []
    sentences += [_result(study, row) for row in analysis.contrasts.head(MOST_RESULTS).to_dict("records")]
    if (more := len(analysis.contrasts) - MOST_RESULTS) > 0:
        sentences.append(f"The file contrasts.csv holds {counted(more, 'more contrast')}.")
    spread = analysis.fit.variance_components
    intercepts = spread[spread["term_1"] == "(Intercept)"]
    told = joined(f"{number(row.sdcor)} between levels of {row.group}" for row in intercepts.itertuples())
    residual = number(float(np.sqrt(analysis.fit.residual_variance)))
    sentences.append(
        f"The standard deviation was {told} and {residual} within."
        if len(intercepts)
        else f"The residual standard deviation was {residual}."
    )
    return Words(" ".join([*sentences, reserve(verdicts)]).rstrip())


def _interaction(analysis):
    test, study = analysis.interaction.iloc[0], analysis.study
    differs = "differed" if test["p_value"] < 0.05 else "did not differ detectably"
    f = f"F({test['num_df']:.0f}, {number(test['den_df'])}) = {number(test['statistic'])}"
    cells = joined(study.by)
    return f"The effect of {study.contrast} {differs} between levels of {cells} ({f}, {p_value(test['p_value'])})."


def _interval(row, study):
    return f"{percent(study.settings.conf_level)} confidence interval {between(row['conf_low'], row['conf_high'])}"


def _result(study, row):
    noun, mean_noun, _ = scale_words(study)
    if study.contrast is None:
        return f"The {mean_noun} was {number(row['estimate'])} ({_interval(row, study)})."
    where = f" in {', '.join(str(row[name]) for name in study.by)}" if study.by else ""
    tests = [
        f"t({number(row['df'])}) = {number(row['statistic'])}"
        if np.isfinite(row["df"])
        else f"z = {number(row['statistic'])}"
    ]
    tests.append(p_value(row["p_value"]))
    if "p_adjusted" in row:
        tests.append(p_value(row["p_adjusted"], "adjusted p"))
    if "p_value_equivalence" in row:
        tests.append(p_value(row["p_value_equivalence"], "p for equivalence"))
    variable = "" if study.levels[study.contrast] is None else f" ({study.contrast})"
    subject = f"For {row['contrast']}{variable}{where}"
    return f"{subject}, the {noun} was {number(row['estimate'])} ({_interval(row, study)}; {'; '.join(tests)})."
