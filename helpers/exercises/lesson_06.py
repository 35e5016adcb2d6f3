"""Exercises of lesson 06, random slopes. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
from scipy import stats

from helpers.data import load_modification_lengths, load_sleepstudy
from helpers.exercises.answers import Choice, Number
from helpers.mixed import fit_mixed


@cache
def _sleepers():
    return fit_mixed("Reaction ~ Days + (1 + Days | Subject)", load_sleepstudy())


@cache
def _differences(gene):
    """The drug effect within each replicate, on the log scale."""
    lengths = load_modification_lengths()
    rows = lengths[lengths["gene_name"] == gene]
    logs = np.log(rows["length"]).groupby([rows["replicate"], rows["condition"]], observed=True).mean().unstack()
    return logs["DRUG"] - logs["NO DRUG"]


def slowest_pace_of_most_people() -> Number:
    """6.1: the rate above which 97.5% of people lie."""
    rate, sd = _sleepers().fixed_effects["Days"], _sleepers().variance_components.loc[1, "sdcor"]
    error, reach = _sleepers().coefficients().loc["Days", "std_error"], stats.norm.isf(0.025)
    return Number(
        solution=rate - reach * sd,
        tolerance=0.06,
        explanation=(
            "Below zero: a few people get no slower. The interval of the average, 7.21 to 13.73, says nothing about"
            " single people."
        ),
        otherwise="The average rate minus 1.96 standard deviations of the rates between people.",
        wrong=[
            (
                rate - reach * error,
                "That takes the standard error of the average. People differ by their SD.",
            ),
            (
                _sleepers().coefficients().loc["Days", "conf_low"],
                "That is the confidence interval of the average. Single people scatter more.",
            ),
            (rate - sd, "That is one standard deviation below. 97.5% lie above 1.96 of them."),
            (rate + reach * sd, "That is the upper end. 97.5% lie below it."),
            (rate - 2 * sd, "Close: 2 is rounded. Take 1.96."),
            (reach * sd - rate, "The size is right. What is the sign of 10.47 − 1.96 × 5.92?"),
            (
                rate - stats.norm.isf(0.05) * sd,
                "Above that lie 95%. For 97.5% take 1.96 standard deviations.",
            ),
            (
                rate - reach * _sleepers().variance_components.loc[1, "vcov"],
                "That takes the variance. Its square root is the standard deviation.",
            ),
        ],
    )


def what_a_singular_fit_says() -> Choice:
    """6.2: what may be written about a singular random slope."""
    return Choice(
        solution="b",
        explanation=(
            "A variance of zero is the estimate, and the profile interval says how far the truth may be from it. With"
            " four replicates that is far."
        ),
        wrong=[
            ("a", "The estimate is zero, the interval is not. Too little evidence is no evidence of 'alike'."),
            ("c", "A singular fit did not fail, and rows are not replicates."),
            ("d", "Then the data choose the model. Where the effect varies, that p-value is too small too often."),
        ],
    )


def p_with_three_degrees_of_freedom() -> Number:
    """6.3: a z of 3 read as t with 3 degrees of freedom."""
    return Number(
        solution=2 * stats.t.sf(3, 3),
        tolerance=0.0006,
        explanation=(
            f"It is {stats.t.sf(3, 3) / stats.norm.sf(3):.0f} times the p-value of z. With four replicates, a t of 3"
            f" does not reach {stats.t.isf(0.025, 3):.2f}, the 5% line."
        ),
        otherwise="Twice the upper tail of t with 3 degrees of freedom: 2 * stats.t.sf(3, df=3).",
        wrong=[
            ((0.0025, 0.0032), "That is the z test again. Use the t distribution with 3 degrees of freedom."),
            (stats.t.sf(3, 3), "That is one tail. Two-sided means both."),
            (2 * stats.t.sf(3, 4), "That is with 4 degrees of freedom. Four replicates have 3."),
            (1 - 2 * stats.t.sf(3, 3), "That is 1 − p. Take the tails, not what lies between them."),
        ],
    )


def p_without_the_thin_replicate() -> Number:
    """6.4: the paired t test of gene A without rep1."""
    rest = _differences("A").drop("rep1")
    return Number(
        solution=stats.ttest_1samp(rest, 0).pvalue,
        tolerance=0.0006,
        explanation=(
            "One thin replicate decides whether gene A is significant. Say so, and do not drop it: choosing replicates"
            " by their result is choosing the result."
        ),
        otherwise='Drop rep1 from differences["A"], then take the one-sample t test against 0, and its p-value.',
        wrong=[
            (stats.ttest_1samp(_differences("A"), 0).pvalue, "That is with rep1. Leave it out."),
            (
                stats.ttest_1samp(_differences("B").drop("rep1"), 0).pvalue,
                "That is gene B. Gene A is asked for.",
            ),
            (
                stats.ttest_1samp(_differences("C").drop("rep1"), 0).pvalue,
                "That is gene C. Gene A is asked for.",
            ),
            (
                stats.ttest_1samp(_differences("A").drop("rep4"), 0).pvalue,
                "That is without rep4. Leave rep1 out.",
            ),
            (stats.ttest_1samp(rest, 0).pvalue / 2, "That is one tail. Two-sided means both."),
        ],
    )


EXERCISES = {
    "6.1": slowest_pace_of_most_people,
    "6.2": what_a_singular_fit_says,
    "6.3": p_with_three_degrees_of_freedom,
    "6.4": p_without_the_thin_replicate,
}
