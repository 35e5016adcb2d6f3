"""Exercises of lesson 09, counts. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
import statsmodels.formula.api as smf
from scipy import stats

from helpers.counts import filter_by_expression, quasi_likelihood, size_factors, tmm_factors
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.exercises.answers import Choice, Number

FORMULA = "~ urea100 + weight"


@cache
def _counts():
    return load_mouse_counts()


@cache
def _mice():
    mice = load_mouse_scores().set_index("animal")[["group", "urea", "weight"]]
    urea, weight = mice["urea"], mice["weight"]
    return mice.assign(urea100=(urea - urea.mean()) / 100, weight=weight - weight.mean())


def reads_of_a_deep_library() -> Number:
    """9.1: the count expected in C20 of a gene with 100 reads at size factor 1."""
    counts = _counts()
    totals, size = counts.sum(), size_factors(counts, method="tmm")["C20"]
    return Number(
        solution=100 * size,
        tolerance=0.55,
        explanation="The size multiplies what is expected. The count itself stays as it is.",
        otherwise="Take C20's size factor from the row TMM and multiply: 100 reads times the size.",
        wrong=[
            (100 / size, "That divides. C20 was sequenced more deeply, so it is expected to show more reads."),
            (
                100 * totals["C20"] / stats.gmean(totals),
                "That takes the total, which a few strong genes can shift. Take the row TMM.",
            ),
            (100.0, "That is a mouse whose size factor is 1. C20 was sequenced more deeply, so expect more reads."),
            (size, "That is the size factor. Multiply 100 reads by it."),
            (100 * (size - 1), "That is only what comes on top of 100. How many reads are expected in all?"),
        ],
    )


def per_two_hundred_milligrams() -> Number:
    """9.2: the fold change of gene_0025 per 200 mg/dl of urea."""
    counts = _counts()
    data = _mice()[["urea100", "weight"]].assign(reads=counts.loc["gene_0025"])
    offset = np.log(counts.sum() * tmm_factors(counts))
    fit = smf.negativebinomial("reads ~ urea100 + weight", data, offset=offset).fit(disp=False)
    slope, of_weight = fit.params["urea100"], fit.params["weight"]
    printed = round(np.exp(slope), 2)  # squared, it is close to the solution and not within the tolerance
    return Number(
        solution=np.exp(2 * slope),
        tolerance=0.006,
        explanation="Slopes add on the log scale, so ratios multiply: the square of the ratio per 100 mg/dl.",
        otherwise='Take negative_binomial.params["urea100"], multiply it by 2, then put it through np.exp.',
        wrong=[
            (np.exp(slope), "That is for 100 mg/dl. With 200 mg/dl the ratio applies twice."),
            (2 * np.exp(slope), "That doubles the ratio. Ratios multiply: double the slope first, then np.exp."),
            (2 * slope, "That is still a logarithm. Put it through np.exp."),
            (1 + 2 * slope, "That reads the logarithm as a share. Use np.exp."),
            (1 + 2 * np.expm1(slope), "That adds the same percentage twice. Ratios multiply instead."),
            (2 ** (2 * slope), "This slope is a natural logarithm. Use np.exp, not 2 to the power."),
            (np.exp(2 * of_weight), "That is for 2 g of weight. Urea is asked for."),
            (100 * np.expm1(2 * slope), "That is the change in percent. The factor is asked for."),
            (
                (printed**2 - 0.01, printed**2 + 0.0002),
                "The way is right, but the ratio was rounded. Take the unrounded one, `ratio ** 2`.",
            ),
        ],
    )


@cache
def _found(formula, term):
    counts, mice = _counts(), _mice()
    kept = counts[filter_by_expression(counts, mice, FORMULA)]
    table = quasi_likelihood(kept, mice, formula, contrasts=term).set_index("gene")
    return (table["p_adjusted"] < 0.1).reindex(counts.index, fill_value=False)


def false_share_with_group() -> Number:
    """9.3: what share of the genes found for weight, with the group in the model, does not go with weight."""
    driver, with_group = load_mouse_counts_truth()["driver"], f"{FORMULA} + group"
    found, true = _found(with_group, "weight"), driver == "weight"
    of_urea, without = _found(with_group, "urea100"), _found(FORMULA, "weight")
    share = (found & ~true).sum() / found.sum()
    return Number(
        solution=100 * share,
        tolerance=0.06,
        explanation=(
            f"{(found & ~true).sum()} of {found.sum()}. One data set may lie above the nominal 10% or below it; the"
            " last figure averages over 24."
        ),
        otherwise="Add up the column weight. How many of these genes are not in the row weight?",
        wrong=[
            (
                100 * (found & ~true).sum() / (~true).sum(),
                "That is the share of the *other* genes that were found. The false discovery rate is a share of the"
                " genes found.",
            ),
            (
                100 * (true & ~found).sum() / true.sum(),
                "That is the share of the true genes that were missed. A false discovery is one that was found.",
            ),
            (
                100 * (found & (driver == "none")).sum() / found.sum(),
                "Genes that go with urea or the group are false findings for weight, too. Count them as well.",
            ),
            (
                100 * (found & ~true & (driver != "group")).sum() / found.sum(),
                "You left out the genes of the group. This model allows for the group, so they are false for weight.",
            ),
            (
                100 * (without & ~true).sum() / without.sum(),
                "That is the model without the group. Take the second table.",
            ),
            (100 * (of_urea & (driver != "urea")).sum() / of_urea.sum(), "That is urea. Weight is asked for."),
            (100 * (found & true).sum() / found.sum(), "That is the share that *does* go with weight."),
            (10.0, "That is the nominal rate. Count what the table shows."),
            (share, "That is the share itself. In percent it is 100 times as much."),
        ],
    )


def list_to_report() -> Choice:
    """9.4: which list answers a reviewer who asks what goes with urea."""
    return Choice(
        solution="c",
        explanation=(
            "It compares mice inside the groups. It is shorter, and hardly any of its genes are there because of the"
            " group."
        ),
        wrong=[
            (
                "a",
                "A longer list is not a better one: the last figure shows how much of it is false. And this model does"
                " not know the groups.",
            ),
            (
                "b",
                "Many genes of this list differ between the groups (row `group`). The rate does not count them as"
                " false.",
            ),
            (
                "d",
                "The distribution is right, but ten mice cannot tell the dispersion of one gene. Far too many"
                " genes without any effect have p < 0.05.",
            ),
        ],
    )


EXERCISES = {
    "9.1": reads_of_a_deep_library,
    "9.2": per_two_hundred_milligrams,
    "9.3": false_share_with_group,
    "9.4": list_to_report,
}
