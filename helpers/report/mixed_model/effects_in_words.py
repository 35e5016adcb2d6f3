"""The effect asked about, in plain words with its interval and test; and the answer that stands first in a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.report.mixed_model.mixed_study import LOG, scale_words, sign_between
from helpers.report.phrases import Words, between, counted, joined, number, p_value, percent
from helpers.report.verdicts import reserve

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study
    from helpers.report.verdicts import Verdicts

MOST_ANSWERS = 4


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
        sentences.append(interaction(analysis))
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
    name, values, estimate = study.contrast, study.rows[study.contrast], row["estimate"]
    step = (
        f"for each unit of {name}"
        if np.ptp(values) >= 1
        else f"for each standard deviation of {name} ({number(float(values.std()))})"
    )
    if study.transform == "exp":
        return f"{_outcome(study)} was multiplied by {number(estimate)} {step}"
    unit = {"percent": "%", "log2": " log2 units"}.get(study.transform, "")
    return f"{_outcome(study)} {'rose' if estimate > 0 else 'fell'} by {number(abs(estimate))}{unit} {step}"


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
