"""The sentences of a mixed model's report, written from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.refusals.wording import some
from helpers.report.mixed_model import linear_sentences
from helpers.report.mixed_model.effects_in_words import effect, interaction, which_differ
from helpers.report.phrases import Words, between, counted, joined, number, percent
from helpers.report.verdicts import reserve

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study
    from helpers.report.verdicts import Verdicts

MOST_RESULTS = 12


def question(study: Study) -> Words:
    """The question in a sentence: the reader's own, or one made from the parameters."""
    if study.settings.question:
        return Words(study.settings.question)
    groups, response = joined(study.groups), study.design.response
    if study.contrast is None and not study.groups:
        return Words(f"How large is {response}?")
    if study.contrast is None:
        return Words(f"How large is {response}, and how much of its variation lies between levels of {groups}?")
    where = f", in each level of {joined(study.by)}" if study.by else ""
    others = [name for name in study.predictors if name != study.contrast and name not in study.by]
    held = f", with {joined(others)} held fixed" if others else ""
    alike = f", when rows of the same {groups} are more alike than others" if study.groups else ""
    return Words(f"How does {response} change with {study.contrast}{where}{held}{alike}?")


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
    if not study.design.random:
        return _rows_in_cells(study)
    term = study.design.random[0]
    labels = pd.Series(pd.Categorical.from_codes(term.codes, [str(level) for level in term.levels]), study.rows.index)
    factors = _factors(study)
    if len(term.levels) <= 12:
        table = pd.crosstab(factors, labels)
        table["all"] = table.sum(axis=1)
        return table.reset_index().rename_axis(columns=None)
    grouped = labels.groupby(factors, observed=True)
    table = pd.DataFrame({"rows": grouped.size(), f"levels of {term.group}": grouped.nunique()})
    return table.reset_index()


def _factors(study):
    """The columns of the factors, what is asked about first; one cell for all rows where there are none."""
    names = [name for name in dict.fromkeys([study.contrast, *study.by, *study.factors]) if name in study.factors]
    return [study.rows[name] for name in names] or [pd.Series("all rows", study.rows.index, name="cell")]


def _rows_in_cells(study):
    factors, y = _factors(study), pd.Series(study.design.y, study.rows.index)
    cells = y.groupby(factors, observed=True)
    response = study.design.response
    table = pd.DataFrame({"rows": cells.size(), f"mean {response}": cells.mean(), f"SD of {response}": cells.std()})
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
    if not study.groups:
        return Words(*paragraphs, *linear_sentences.model(analysis))
    if all(term.names == ("(Intercept)",) for term in study.design.random):
        shares = joined(f"{percent(share)} lies between levels of {name!r}" for name, share in fit.icc.items())
        paragraphs.append(f"Of the variance that the predictors do not explain, {shares}.")
    return Words(*paragraphs)


def _references(study):
    named = joined(f"{study.levels[name][0]!r} for {name!r}" for name in study.factors)
    return (
        f" Levels are compared with a reference: {named} (set REFERENCE= to choose another)." if study.factors else ""
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
    crossed = analysis.interaction is not None
    sentences = [interaction(analysis), which_differ(analysis, MOST_RESULTS)] if crossed else []
    sentences += [effect(study, row) for row in analysis.contrasts.head(MOST_RESULTS).to_dict("records")]
    if (more := len(analysis.contrasts) - MOST_RESULTS) > 0:
        sentences.append(f"The file contrasts.csv holds {counted(more, 'more contrast')}.")
    sentences.append(_spread(analysis))
    return Words(" ".join([*sentences, reserve(verdicts)]).rstrip())


def _spread(analysis):
    """The standard deviations: of levels and of slopes between groups, and within."""
    spread, residual = analysis.fit.variance_components, number(float(np.sqrt(analysis.fit.residual_variance)))
    told = []
    for group, rows in spread[spread["term_1"].notna()].groupby("group", sort=False):
        own = rows[rows["term_2"].isna()]
        sds = {row.term_1: number(row.sdcor) for row in own.itertuples()}
        level, slopes = sds.pop("(Intercept)", None), [f"{sd} for the effect of {name}" for name, sd in sds.items()]
        named = [level if not slopes else f"{level} for the level"] * (level is not None) + slopes
        together = rows[rows["term_2"].notna()]
        if len(together) == 1 and np.isfinite(together["sdcor"].iloc[0]):
            named[-1] += f" (correlation {number(float(together['sdcor'].iloc[0]))})"
        told.append(f"{joined(named)} between levels of {group}")
    if not told:
        return f"The residual standard deviation was {residual}."
    return f"The standard deviation was {joined([*told, f'{residual} within'])}."
