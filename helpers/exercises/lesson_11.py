"""Exercises of lesson 11, every gene. Every solution and every known wrong answer is computed here."""

from functools import cache

from helpers.counts import voom_weights
from helpers.data import (
    load_repeated_expression,
    load_repeated_expression_truth,
    load_repeated_samples,
    load_shock_counts,
    load_shock_samples,
)
from helpers.exercises.answers import Choices, Number
from helpers.genes import fit_genes

FDR = 0.05


@cache
def _urea(formula, ddf="satterthwaite", term="urea100"):
    samples = load_repeated_samples()
    samples = samples.assign(urea100=samples["urea"] / 100)
    table = fit_genes(load_repeated_expression(), samples, formula, ddf=ddf, contrasts=term)
    return table.set_index("gene")


def _held():
    return _urea("~ urea100 + weight + (1 | animal)", "kenward-roger")


def _false_share(p):
    """Percent of the genes called that do not go with urea."""
    called = p < FDR
    null = (load_repeated_expression_truth()["kind"] == "none").loc[p.index]
    return 100 * (called & null).sum() / called.sum()


def false_share_when_forgotten() -> Number:
    """11.1: the share of false genes on the list of an analysis that forgets the animals."""
    forgotten = _urea("~ urea100 + weight")
    share = _false_share(forgotten["p_adjusted"])
    null = load_repeated_expression_truth()["kind"] == "none"
    n_false = int(((forgotten["p_adjusted"] < FDR) & null).sum())
    return Number(
        solution=share,
        tolerance=0.06,
        explanation="More than one gene in five, where 5% were stated. The correction cannot mend a wrong test.",
        otherwise='Take the rows of forgotten with term "urea100" and p_adjusted below 0.05. Then: 100 × false / all.',
        wrong=[
            (share / 100, "That is a fraction. Multiply by 100 for a percentage."),
            (_false_share(_held()["p_adjusted"]), "That is the list with the animal in the model. Use forgotten."),
            (_false_share(forgotten["p_value"]), "That list was made with p_value. Use p_adjusted."),
            (n_false, "That is the number of false genes. Divide it by the length of the list."),
            (100 * n_false / int(null.sum()), "You divided by all genes without an effect. Divide by the list."),
            (
                100 * (forgotten.loc[null[null].index, "p_value"] < FDR).mean(),
                "That is how often genes without an effect have p < 0.05. Divide false genes by the list.",
            ),
            (100 - share, "That is the percentage of true genes on the list. The false ones are asked for."),
            (
                100 * (_urea("~ urea100 + weight", term="weight")["p_value"] < FDR).mean(),
                "That is weight, and a share of all genes. Make the list for urea100.",
            ),
        ],
    )


def filters_that_keep_the_rate() -> Choices:
    """11.2: which filters leave the false discovery rate as stated."""
    return Choices(
        solution={1: "a", 2: "b", 3: "a", 4: "b"},
        letters="ab",
        explanation=(
            "A filter is harmless if it keeps the same genes when urea is dealt out to the samples at random. Mean"
            " reads and other people's lists do. Slopes and volcano plots do not."
        ),
        otherwise="Filter {item}: does it look at how the gene goes with urea?",
        wrong=[
            ({1: "b"}, "Filter 1: the mean over all samples does not know which sample had much urea."),
            ({2: "a"}, "Filter 2: the steepest slopes were found by looking at all 2,000. Correct for 2,000."),
            ({3: "b"}, "Filter 3: other mice do not share the noise in yours. A list made beforehand is ideal."),
            ({4: "a"}, "Filter 4: this family was chosen because it looks good in the results. That uses the answer."),
        ],
    )


@cache
def _shock():
    counts, patients = load_shock_counts(), load_shock_samples()
    logs = voom_weights(counts, patients, "~ time + (1 | patient)")
    return fit_genes(logs.log_cpm, patients, "~ time + (1 | patient)", weights=logs.weights, moderated=True)


def genes_at_t2() -> Number:
    """11.3: how many genes differ between T2 and T1."""
    tables = dict(list(_shock().groupby("term")))
    t2, t3 = tables["time[T.T2]"], tables["time[T.T3]"]
    return Number(
        solution=int((t2["p_adjusted"] < FDR).sum()),
        tolerance=0.01,
        explanation=(
            "One gene in 13,123. Two days may be too short, or eleven patients too few. The list cannot tell which."
        ),
        otherwise='Count the rows of changed with term "time[T.T2]" and p_adjusted below 0.05.',
        wrong=[
            (int((t3["p_adjusted"] < FDR).sum()), 'That is T3 against T1. Take the term "time[T.T2]".'),
            (int((t2["p_value"] < FDR).sum()), "That list was made with p_value, not corrected. Use p_adjusted."),
            (int((t3["p_value"] < FDR).sum()), "That is T3, and not corrected. Take T2 and p_adjusted."),
            (
                int((_shock()["p_adjusted"] < FDR).sum()),
                "Those are the rows of all terms, with the intercept. Take one term.",
            ),
            (0, 'Nearly. Look again for p_adjusted below 0.05 among the rows with term "time[T.T2]".'),
        ],
    )


def genes_without_effect() -> Number:
    """11.4: how many genes do not go with urea, from the floor of the histogram."""
    p, adjusted = _held()["p_value"], _held()["p_adjusted"]
    n, above = len(p), int((p > 0.5).sum())
    return Number(
        solution=2 * above,
        tolerance=20,
        explanation=(
            "Half of the genes without an effect lie above 0.5, so take twice that. The truth is 1,400: some genes with"
            " a weak effect lie above 0.5, too, and the estimate has a standard error of about 40."
        ),
        otherwise="Count the p-values above 0.5. Genes without an effect are spread evenly from 0 to 1.",
        wrong=[
            (above, "That is half of them. Just as many genes without an effect lie below 0.5."),
            (n - above, "Those are all genes below 0.5, with and without an effect. Count above 0.5, and double."),
            (n - int((adjusted < FDR).sum()), "Those are not on the list. Not found is not the same as no effect."),
            (2 * above / n, "That is the share. How many genes is it?"),
            (200 * above / n, "That is the percentage. How many genes is it?"),
            (n - 2 * above, "Those are the genes that do go with urea, by this estimate. The others are asked for."),
            (1400, "That is the truth. Estimate it from the p-values, as if you did not know it."),
        ],
    )


EXERCISES = {
    "11.1": false_share_when_forgotten,
    "11.2": filters_that_keep_the_rate,
    "11.3": genes_at_t2,
    "11.4": genes_without_effect,
}
