"""Exercises of lesson 05, mixed models. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np

from helpers.data import load_modification_lengths
from helpers.exercises.answers import Choice, Number
from helpers.mixed import fit_mixed

DRUG = "condition[T.DRUG]"


@cache
def _fit(gene, without=None):
    lengths = load_modification_lengths()
    rows = lengths[(lengths["gene_name"] == gene) & (lengths["replicate"] != without)]
    return fit_mixed("log(length) ~ condition + (1 | replicate)", rows)


def _percent(log_ratio):
    return 100 * (np.exp(log_ratio) - 1)


def drug_effect_in_percent() -> Number:
    """5.1: by how many percent gene B is lengthened."""
    effect = {gene: _fit(gene).fixed_effects[DRUG] for gene in "CAB"}
    lengths = load_modification_lengths()
    rows = lengths[lengths["gene_name"] == "B"]
    logs = np.log(rows["length"]).groupby(rows["condition"], observed=True).mean()
    means = rows.groupby("condition", observed=True)["length"].mean()
    return Number(
        solution=_percent(effect["B"]),
        tolerance=0.06,
        explanation="exp turns a difference of logs into a ratio. The part above 1 is the change.",
        otherwise="Take exp of the drug's coefficient in the model of gene B, subtract 1, multiply by 100.",
        wrong=[
            (
                100 * effect["B"],
                "That is 100 times the log ratio, which is near the percentage only for small effects.",
            ),
            (np.exp(effect["B"]), "That is the ratio. By how many percent does it exceed 1?"),
            (effect["B"], "That is the difference of logs. Put it through exp, then turn the ratio into percent."),
            (_percent(effect["C"]), "That is gene C. Gene B is asked for."),
            (_percent(effect["A"]), "That is gene A. Gene B is asked for."),
            (
                _percent(logs["DRUG"] - logs["NO DRUG"]),
                "That pools the rows of all replicates. The mixed model compares within replicates.",
            ),
            (
                100 * (means["DRUG"] / means["NO DRUG"] - 1),
                "That compares mean lengths over all rows. Use the mixed model of the logs.",
            ),
        ],
    )


def halving_the_error_of_the_level() -> Choice:
    """5.2: what makes the level more certain."""
    return Choice(
        solution="b",
        explanation=(
            "Nearly all of the level's variance comes from which replicates were sampled. It falls with their number,"
            " and four times as many halve its root, the standard error."
        ),
        wrong=[
            ("a", "More rows lessen only the share of the variance that comes from rows, 1% for gene A's level."),
            ("c", "For the level each replicate already counts a quarter, however many rows it has."),
            (
                "d",
                "Equal conditions help the drug effect a little. The uncertainty of the level lies between replicates.",
            ),
        ],
    )


def spread_without_rep4() -> Number:
    """5.3: the standard deviation between the replicates of gene A, rep4 left out."""

    def sd(gene, without=None):
        return _fit(gene, without).variance_components.loc[0, "sdcor"]

    right = sd("A", "rep4")
    return Number(
        solution=right,
        tolerance=0.0015,
        explanation=(
            "It is a twelfth of what it is with rep4: one replicate makes nearly all of the spread. Three replicates"
            " that agree are no proof that the next one will."
        ),
        otherwise="Keep the rows of gene A whose replicate is not rep4, fit again, and read sdcor of the replicate.",
        wrong=[
            ((right**2 - 0.0001, right**2 + 0.0001), "That is the variance. Its square root is asked for."),
            (sd("A"), "That is with all four replicates. Leave rep4 out."),
            (sd("A", "rep1"), "That is without rep1. Leave rep4 out."),
            (
                _fit("A", "rep4").variance_components.loc[1, "sdcor"],
                "That is the residual SD, between rows of one replicate. Take the first row of variance_components.",
            ),
            ((-0.0005, 0.0005), "That is gene B or C, where it is estimated as zero. Gene A is asked for."),
        ],
    )


def what_pooling_assumes() -> Choice:
    """5.4: which model cannot hold replicates that shift genes differently."""
    return Choice(
        solution="b",
        explanation=(
            "With (1 | replicate) alone a replicate shifts every gene alike. One that lengthens A and shortens B needs"
            " a shift of its own for each gene."
        ),
        wrong=[
            (
                "a",
                "Fitted apart, each gene has shifts of its own. Where must one shift serve all genes?",
            ),
            (
                "c",
                "Its second term gives a replicate a shift for each gene. Which model lacks that term?",
            ),
            ("d", "One of them gives a replicate one shift for all genes. That one cannot hold both."),
        ],
    )


EXERCISES = {
    "5.1": drug_effect_in_percent,
    "5.2": halving_the_error_of_the_level,
    "5.3": spread_without_rep4,
    "5.4": what_pooling_assumes,
}
