"""The effect asked about, in plain words with its interval and test; and the answer that stands first in a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.report.mixed_model.mixed_results import n_cells, pairs_of_cells
from helpers.report.mixed_model.mixed_study import LOG, scale_words, sign_between
from helpers.report.phrases import Words, between, counted, joined, number, p_value, percent
from helpers.report.verdicts import reserve

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study
    from helpers.report.verdicts import Verdicts

MOST_ANSWERS = 4
MOST_DIFFERENCES = 3


def answer(analysis: Analysis, verdicts: Verdicts) -> Words:
    """What was found, in a few sentences; then what limits it.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis
    verdicts : helpers.report.verdicts.Verdicts

    Returns
    -------
    Words
    """
    study, rows = analysis.study, analysis.contrasts.to_dict("records")
    sentences = [f"{effect(study, row)} {_verdict(study, row)}".rstrip() for row in rows[:MOST_ANSWERS]]
    if (more := len(rows) - MOST_ANSWERS) > 0:
        sentences.append(f"{counted(more, 'more contrast')}: see Results.")
    if analysis.interaction is not None:
        sentences.append(f"{interaction(analysis)} {which_differ(analysis)}")
    return Words(*sentences, reserve(verdicts))


def effect(study: Study, row: dict) -> str:
    """One contrast in a sentence: which level is higher, by how much, how surely.

    Parameters
    ----------
    study : helpers.report.mixed_model.mixed_study.Study
    row : dict
        Of the table of contrasts.

    Returns
    -------
    str
    """
    if study.contrast is None:
        _, mean, _ = scale_words(study)
        return f"The {mean} was {number(row['estimate'])} ({_interval(study, row)})."
    said = _of_levels(study, row) if study.levels[study.contrast] is not None else _of_a_number(study, row)
    where = f" in {joined(f'{name} {row[name]}' for name in study.by)}" if study.by else ""
    return f"{said}{where} ({'; '.join([_interval(study, row), *_tests(row)])})."


def interaction(analysis: Analysis) -> str:
    """Whether the effect differs between the levels of BY, with its F test."""
    test, study = analysis.interaction.iloc[0], analysis.study
    alpha = 1 - study.settings.conf_level
    differs = "differed" if test["p_value"] < alpha else "did not differ detectably"
    f = f"F({test['num_df']:.0f}, {number(test['den_df'])}) = {number(test['statistic'])}"
    cells = joined(study.by)
    return f"The effect of {study.contrast} {differs} between levels of {cells} ({f}, {p_value(test['p_value'])})."


def which_differ(analysis: Analysis, most: int = MOST_DIFFERENCES) -> str:
    """Between which levels of BY the effect differs significantly, the clearest first; or that none can be told."""
    table, alpha = analysis.differences, 1 - analysis.study.settings.conf_level
    p = table.get("p_adjusted", table["p_value"]).to_numpy()
    order = [place for place in np.argsort(p, kind="stable") if p[place] < alpha]
    if not order:
        cells = joined(analysis.study.by)
        least = p_value(float(p.min()), "adjusted p" if "p_adjusted" in table else "p")
        return f"Between no two levels of {cells} is the difference of effects significant (smallest {least})."
    told = [difference(analysis, place) for place in order[:most]]
    if (more := len(order) - most) > 0:
        told.append(f"{counted(more, 'more pair')} of levels differ{'s' * (more == 1)} significantly: see Results.")
    return " ".join(told)


def difference(analysis: Analysis, place: int) -> str:
    """One row of the differences of effects in a sentence: both effects, and by how much the second is higher.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis
    place : int
        Of the row.

    Returns
    -------
    str
    """
    study, row = analysis.study, analysis.differences.iloc[place].to_dict()
    pairs, contrasts = pairs_of_cells(study), analysis.contrasts
    n = len(contrasts) // n_cells(study)
    move, pair = divmod(place, len(pairs))
    early, late = (contrasts.iloc[n * cell + move] for cell in pairs[pair])
    where = [joined(f"{name} {cell[name]}" for name in study.by) for cell in (early, late)]
    unit = {"percent": "%", "log2": " log2 units"}.get(study.transform, "")
    effects = [f"{number(cell['estimate'])}{unit} in {place}" for cell, place in zip((early, late), where, strict=True)]
    estimate = row["estimate"]
    by = (
        f"{number(estimate)} times as high"
        if study.transform == "exp"
        else _in_percent(estimate)
        if study.transform == "percent"
        else f"{number(abs(estimate))}{unit} {'higher' if estimate > 0 else 'lower'}"
    )
    tests = "; ".join([_interval(study, row), *_tests(row)])
    return f"{_named_effect(study, early)} was {joined(effects)}: {by} in the second ({tests})."


def _in_percent(estimate):
    """The ratio of two ratios, in per cent."""
    return f"as a ratio {number(abs(estimate))}% {'higher' if estimate > 0 else 'lower'}"


def _named_effect(study, row):
    """The effect as a noun: the difference, the ratio or the slope."""
    outcome = _outcome(study)
    if study.levels[study.contrast] is None:
        return f"The {'factor' if study.transform == 'exp' else 'change'} of {outcome} {_step(study)}"
    high, low = _levels_compared(study, row["contrast"])
    noun = "ratio" if study.transform == "exp" else "difference"
    return f"The {noun} of {outcome}, {study.contrast} {high} against {low},"


def _outcome(study):
    response = study.design.response
    return response[response.index("(") + 1 : -1] if study.transform and LOG.fullmatch(response) else response


def _of_levels(study, row):
    high, low = _levels_compared(study, row["contrast"])
    high, low = f"with {study.contrast} {high}", f"with {study.contrast} {low}"
    outcome, estimate = _outcome(study), row["estimate"]
    if study.transform == "exp":
        return f"{outcome} was {number(estimate)} times as high {high} as {low}"
    size = {"percent": f"{number(abs(estimate))}%", "log2": f"{number(abs(estimate))} log2 units"}
    step = size.get(study.transform, number(abs(estimate)))
    return f"{outcome} was {step} {'higher' if estimate > 0 else 'lower'} {high} than {low}"


def _levels_compared(study, label):
    """The later and the earlier level of a contrast's label."""
    levels, sign = study.levels[study.contrast], sign_between(study)
    return next((high, low) for high in levels for low in levels if f"{high}{sign}{low}" == label)


def _of_a_number(study, row):
    estimate, step = row["estimate"], _step(study)
    if study.transform == "exp":
        return f"{_outcome(study)} was multiplied by {number(estimate)} {step}"
    unit = {"percent": "%", "log2": " log2 units"}.get(study.transform, "")
    return f"{_outcome(study)} {'rose' if estimate > 0 else 'fell'} by {number(abs(estimate))}{unit} {step}"


def _step(study):
    name, values = study.contrast, study.rows[study.contrast]
    if np.ptp(values) >= 1:
        return f"for each unit of {name}"
    return f"for each standard deviation of {name} ({number(float(values.std()))})"


def _interval(study, row):
    level = f"{percent(study.settings.conf_level)} confidence interval"
    if np.isfinite(row.get("conf_low_adjusted", np.nan)):
        return f"{level}, adjusted: {between(row['conf_low_adjusted'], row['conf_high_adjusted'])}"
    return f"{level}{', not adjusted' if 'p_adjusted' in row else ''}: {between(row['conf_low'], row['conf_high'])}"


def _tests(row):
    statistic = number(row["statistic"])
    tests = [f"t({number(row['df'])}) = {statistic}" if np.isfinite(row["df"]) else f"z = {statistic}"]
    tests.append(p_value(row["p_value"]))
    if "p_adjusted" in row:
        tests.append(p_value(row["p_adjusted"], "adjusted p"))
    if "p_value_equivalence" in row:
        tests.append(p_value(row["p_value_equivalence"], "p for equivalence"))
    return tests


def _verdict(study, row):
    """What the test says in words."""
    if study.contrast is None:
        return ""
    alpha = 1 - study.settings.conf_level
    p = row.get("p_adjusted", row["p_value"])
    if "p_value_equivalence" in row and row["p_value_equivalence"] < alpha:
        return f"That is equivalent to no effect, within {between(*study.equivalence)}."
    if p < alpha:
        return f"That is significant at {percent(round(alpha, 6))}."
    return f"That is not significant at {percent(round(alpha, 6))}, and no evidence that there is no effect."
