"""Exercises of lesson 10, samples that belong together. Right answers are computed where they can be."""

import numpy as np

from helpers.counts import filter_by_expression, voom
from helpers.data import load_airway_counts, load_airway_samples, load_gene_symbols
from helpers.exercises.answers import Choice, Choices, Number

MICE, SAMPLES_EACH, GROUPS = 6, 4, 2
OTHERS = ("KLF15", "FKBP5", "DUSP1", "CRISPLD2")  # named in the lesson beside PER1


def degrees_of_freedom_of_sums() -> Number:
    """10.1: residual degrees of freedom of a drug against a placebo, six mice, reads summed per mouse."""
    return Number(
        solution=MICE - GROUPS,
        tolerance=0.01,
        explanation="Six sums minus two means. QL and voom add what they learn from the other genes.",
        otherwise="How many samples are left after summing? Subtract the number of means that the model estimates.",
        wrong=[
            (
                MICE * SAMPLES_EACH - GROUPS,
                "That counts 24 samples. After summing there is one per mouse.",
            ),
            (MICE, "That is how many sums there are. The model estimates two means from them."),
            (MICE - 1, "That is what is left after one mean. There are two groups, so two means."),
            (
                MICE * SAMPLES_EACH - MICE - 1,
                "That is with the mouse as a block. The drug belongs to the mouse, so a block cannot test it.",
            ),
            (MICE * (SAMPLES_EACH - 1), "That is what is left within the mice. The drug differs between them."),
            (MICE * SAMPLES_EACH, "That is how many samples were sequenced. Count mice."),
        ],
    )


def which_analysis() -> Choices:
    """10.2: the analysis for each of four studies."""
    return Choices(
        solution={"genotype": "a", "tumour": "b", "urea": "c", "age": "d"},
        letters="abcd",
        explanation="Ask where the question varies: between animals, within them, or both.",
        otherwise="{item}: does what is asked about differ between animals, within them, or both?",
        wrong=[
            ({"genotype": "b"}, "genotype: a mouse has one genotype, so a block per mouse leaves nothing to test."),
            ({"genotype": "c"}, "genotype: that would do, too. The sum is simpler, and the simplest is asked for."),
            ({"genotype": "d"}, "genotype: the three sections of one brain belong together: pseudoreplication."),
            ({"tumour": "a"}, "tumour: a sum over both tissues of a patient leaves no difference between them."),
            (
                {"tumour": "c"},
                "tumour: that would do, too. The patient in the formula is simpler, and the simplest is asked for.",
            ),
            ({"tumour": "d"}, "tumour: the two tissues are of one patient, who is their own control."),
            ({"urea": "a"}, "urea: it changes from week to week, and a sum over the weeks loses that."),
            ({"urea": "b"}, "urea: that asks only about changes within a mouse. Here both are asked."),
            ({"urea": "d"}, "urea: the four samples of a mouse belong together."),
            ({"age": "a"}, "age: there is one sample of each mouse, so nothing is left to sum."),
            ({"age": "b"}, "age: with one sample of each mouse, the animal in the formula leaves nothing at all."),
            ({"age": "c"}, "age: with one sample of each mouse, a random intercept cannot be told from the residual."),
        ],
    )


def what_to_report() -> Choice:
    """10.3: a treatment between six animals, counts, and a mixed model tested by z."""
    return Choice(
        solution="c",
        explanation=(
            "The drug belongs to the mouse, and there are six. Summed reads are six samples, and QL allows for the"
            " small number."
        ),
        wrong=[
            (
                "a",
                "The distribution is right, and the animal is in the model. But z takes the variance between six"
                " animals as known (section 4), and one gene of 15,000 was picked.",
            ),
            ("b", "24 samples are not 24 animals: four samples of one mouse are alike."),
            ("d", "It takes the dispersion to be zero (lesson 09), and it ignores the animal."),
        ],
    )


def rise_of_per1() -> Number:
    """10.4: the fold change of PER1 with dexamethasone, within donors."""
    counts, cultures, symbols = load_airway_counts(), load_airway_samples(), load_gene_symbols()
    kept = counts[filter_by_expression(counts, cultures, group="dexamethasone")]
    table = voom(kept, cultures, "~ donor + dexamethasone", contrasts="dexamethasone[T.treated]").set_index("gene")
    of = {symbol: table.loc[symbols.index[symbols == symbol][0]] for symbol in ("PER1", *OTHERS)}
    log2 = of["PER1"]["log2_fold_change"]
    return Number(
        solution=2**log2,
        tolerance=0.06,
        explanation="log2_fold_change counts doublings, so the factor is 2 to that power.",
        otherwise="Take log2_fold_change from PER1's row. A log2 counts doublings: 2 ** that number.",
        wrong=[
            (log2, "That is the log2 fold change, the number of doublings. 2 to that power is the factor."),
            (np.exp(log2), "That is exp of a log2. Take 2 to that power instead."),
            (2 * log2, "That doubles the logarithm. Take 2 to that power."),
            (2 ** of["PER1"]["estimate"], "`estimate` is a natural logarithm. Use np.exp, or take log2_fold_change."),
            (of["PER1"]["estimate"], "That is the natural logarithm of the factor. Put it through np.exp."),
            (2**-log2, "That is untreated over treated. The question is about what the drug does."),
            *((2 ** of[other]["log2_fold_change"], f"That is {other}. Take the row of PER1.") for other in OTHERS),
            (100 * (2**log2 - 1), "That is the change in percent. The factor is asked for."),
        ],
    )


EXERCISES = {
    "10.1": degrees_of_freedom_of_sums,
    "10.2": which_analysis,
    "10.3": what_to_report,
    "10.4": rise_of_per1,
}
