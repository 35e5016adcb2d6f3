"""What kind of number an outcome is, told from its values and name: yes or no, a count, a share, a grade, a time."""

import re

import numpy as np

from helpers.report.phrases import number, percent
from helpers.report.verdicts import LOOK, PROBLEM, Check

MOST_GRADES = 7
AT_THE_END = 0.05  # share of times that are equal to the longest: where the watch was stopped
PERCENT = re.compile(r"%|percent|per cent|pct|perc\b", re.IGNORECASE)
TIME = re.compile(r"(?<![a-z])(time|latency|survival|duration|lifespan)(?![a-z])", re.IGNORECASE)


def is_yes_or_no(values: np.ndarray) -> bool:
    """Whether there are two values only."""
    return len(np.unique(values)) == 2


def outcome_check(name: str, values: np.ndarray) -> Check | None:
    """What a normal distribution with one spread does not fit in this outcome.

    Parameters
    ----------
    name : str
        As the formula has it, ``len`` or ``log(len)``.
    values : (n,)

    Returns
    -------
    Check or None
        None where nothing speaks against a normal distribution.
    """
    for kind in (_yes_or_no, _grades, _counts, _shares, _percentages, _times):
        if told := kind(name, np.asarray(values, float)):
            verdict, sentence = told
            return Check("outcome", verdict, sentence)
    return None


def _yes_or_no(name, values):
    if not is_yes_or_no(values):
        return None
    low, high = np.unique(values)
    return PROBLEM, (
        f"{name!r} has two values, {number(low)} and {number(high)}: yes or no. This model reads differences as "
        f"differences of the share of {number(high)}, with one spread for all. Where a share is near 0% or 100%, "
        "intervals and p-values are wrong. Use a logistic mixed model instead."
    )


def _grades(name, values):
    found = np.unique(values)
    if found[0] not in (0, 1) or len(found) > MOST_GRADES or (np.diff(found) != 1).any():
        return None
    return LOOK, (
        f"{name!r} has {len(found)} values, the whole numbers from {number(found[0])} to {number(found[-1])}. If they "
        "are grades, this model takes the step from one grade to the next as equally large everywhere. If they are "
        "small counts, their spread grows with their mean."
    )


def _counts(name, values):
    if values.min() != 0 or (values != np.rint(values)).any():
        return None
    return LOOK, (
        f"{name!r} holds whole numbers from 0 to {number(values.max())}. If they are counts, their spread grows with "
        "their mean, and this model takes it as the same everywhere. For counts, a negative binomial model fits: "
        "helpers.counts.fit_negative_binomial_mixed."
    )


def _shares(name, values):
    if values.min() < 0 or values.max() > 1:
        return None
    return LOOK, (
        f"{name!r} lies between {number(values.min())} and {number(values.max())}. If these are proportions, their "
        "spread shrinks near 0 and 1, and this model may predict values beyond. If each is k of n, a binomial model of "
        "k and n fits; otherwise look at the residuals."
    )


def _percentages(name, values):
    if not PERCENT.search(name) or values.min() < 0 or values.max() > 100:
        return None
    return LOOK, (
        f"{name!r} is a percentage, from {number(values.min())} to {number(values.max())}. Near 0 and 100 the spread "
        "shrinks, and this model may predict values beyond. If each is k of n, a binomial model of k and n fits; "
        "otherwise look at the residuals."
    )


def _times(name, values):
    if not TIME.search(name) or values.min() <= 0:
        return None
    share = np.mean(values == values.max())
    if share < AT_THE_END or (values == values.max()).sum() < 2:
        return None
    return PROBLEM, (
        f"{percent(share)} of {name!r} are equal to the longest, {number(values.max())}. If the watch was stopped "
        "there, these times are longer than they look (censored), and means are too short. Use a survival model."
    )
