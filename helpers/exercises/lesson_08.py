"""Exercises of lesson 08, every gene. Every solution and every known wrong answer is computed here."""

from functools import cache

from helpers.data import load_repeated_expression, load_repeated_samples
from helpers.exercises.answers import Choice, Choices, Number
from helpers.genes import fit_genes


@cache
def _samples():
    samples = load_repeated_samples()
    urea = samples["urea"] / 100
    level = urea.groupby(samples["animal"]).transform("mean")
    return samples.assign(urea100=urea, level=level, change=urea - level)


@cache
def _table(formula, ddf="kenward-roger"):
    return fit_genes(load_repeated_expression(), _samples(), formula, ddf=ddf).set_index(["term", "gene"])


@cache
def _one_slope():
    return _table("~ urea100 + weight + (1 | animal)")


def share_between_animals() -> Number:
    """8.1: the intraclass correlation of a gene, from theta."""
    theta = _one_slope().loc[("urea100", "gene_0017"), "theta"]
    ratio = theta**2
    other = _one_slope().loc[("urea100", "gene_0025"), "theta"] ** 2
    return Number(
        solution=ratio / (1 + ratio),
        tolerance=0.0006,
        explanation="theta squared is the ratio of the two variances; a ratio of r to 1 is a share of r / (1 + r).",
        otherwise="theta is a ratio of standard deviations. Square it, then turn the ratio into a share: r / (1 + r).",
        wrong=[
            (theta, "That is theta, the ratio of two standard deviations. A share of the variance is asked for."),
            (ratio, "That is the ratio of the variances, between to within. The whole is both together."),
            (theta / (1 + theta), "Only variances add up. Square theta first."),
            (1 / (1 + ratio), "That is the share within animals."),
            (other / (1 + other), "That is gene_0025. gene_0017 is asked for."),
            (0, "That is where the loop stopped. Take theta from the table of fit_genes."),
        ],
    )


def genes_without_effect() -> Number:
    """8.2: how many genes have nothing to do with urea, from the floor of the histogram."""
    p, adjusted = _one_slope().loc["urea100", "p_value"], _one_slope().loc["urea100", "p_adjusted"]
    n = len(p)
    above = int((p > 0.5).sum())
    return Number(
        solution=2 * above,
        tolerance=40,
        explanation=(
            "Half of the genes without effect lie above 0.5, so twice that. It is a little more than was planted:"
            " genes with a weak effect lie there, too."
        ),
        otherwise="Count the p-values above 0.5. Genes without effect are spread evenly from 0 to 1.",
        wrong=[
            (above, "That is one half of them: p-values without effect are spread evenly, and as many lie below 0.5."),
            (n - above, "Those are all genes below 0.5, most of them without effect as well."),
            (
                n - (adjusted < 0.05).sum(),
                "Those are the genes that are not on the list. Not found is not the same as no effect.",
            ),
            (2 * above / n, "That is the share. How many genes is it?"),
            (n - 2 * above, "Those are the genes that do go with urea, by this estimate. The others are asked for."),
            (0.95 * n, "That would be 2,000 less 5%: as if the floor were all there is. Look above 0.5."),
        ],
    )


def filters_that_keep_the_promise() -> Choices:
    """8.3: which filters leave the false discovery rate as promised."""
    return Choices(
        solution={1: "a", 2: "b", 3: "a", 4: "b", 5: "b"},
        letters="ab",
        explanation=(
            "A filter is harmless if it would choose the same genes had urea been dealt out to the animals at random:"
            " mean counts and other people's lists would. Slopes, p-values and pictures of them would not."
        ),
        otherwise="Filter {item}: does it look at how the gene goes with urea?",
        wrong=[
            (
                {1: "b"},
                "Filter 1: mean counts know nothing of urea. Among genes without effect p stays evenly spread.",
            ),
            ({2: "a"}, "Filter 2: the steepest slopes are the smallest p-values in other words; 2,000 were looked at."),
            ({3: "b"}, "Filter 3: other mice know nothing of the noise in yours. Naming genes beforehand is the best."),
            ({4: "a"}, "Filter 4: that family was named because it looked good. Would it have been, had it lain low?"),
            ({5: "a"}, "Filter 5: taking out only those above 0.05 thins the floor. Take out all such genes, or none."),
        ],
    )


def within_minus_between() -> Number:
    """8.4: by how much the slope within an animal exceeds that between animals."""
    gene = "gene_1784"
    two = _table("~ level + change + weight + (1 | animal)")
    level, change = (two.loc[(term, gene), "estimate"] for term in ("level", "change"))
    one = _one_slope().loc[("urea100", gene), "estimate"]
    return Number(
        solution=change - level,
        tolerance=0.006,
        explanation=(
            "The two have opposite signs, so their difference is larger than either. A model with one slope for urea"
            f" says {one:.2f}, which is neither."
        ),
        otherwise='Row gene_1784 of the contrast {"change": 1, "level": -1}, or the two estimates subtracted.',
        wrong=[
            (level - change, "The sign: within minus between."),
            (change, "That is the slope within an animal. The one between animals is to be taken away."),
            (level, "That is the slope between animals."),
            (change + level, "That is their sum. By how much does one exceed the other?"),
            (one, "That is the one slope that mixes both. Use the model with level and change."),
        ],
    )


def what_to_answer_the_reviewer() -> Choice:
    """8.5: what may be said about contributions."""
    return Choice(
        solution="c",
        explanation=(
            "A list with a promise, intervals that are as wide as they are, and the groups named as what they are: all"
            " of it stands. The order within the list is left unsaid, because the next ten animals would change it."
        ),
        wrong=[
            ("a", "R² of single genes overlap: thousands of them add up to hundreds of scores. Nothing is divided up."),
            ("b", "The first gene is first in few of the resampled studies, and its R² is high because it came first."),
            ("d", "No effect beside the group is shown, and none excluded: six degrees of freedom and wide intervals."),
        ],
    )


EXERCISES = {
    "8.1": share_between_animals,
    "8.2": genes_without_effect,
    "8.3": filters_that_keep_the_promise,
    "8.4": within_minus_between,
    "8.5": what_to_answer_the_reviewer,
}
