"""Exercises of lesson 01, correlation. Every solution and every known wrong answer is computed here."""

from helpers.correlation import correlate
from helpers.data import load_mouse_scores
from helpers.exercises.answers import Choice, Number

TWO_DECIMALS = 0.005


def weight_as_measured() -> Number:
    """1.1: the correlation of Gene X with the weight in grams, from labels."""
    mice = load_mouse_scores()
    mice["code"] = mice["weight"].astype("str").astype("category").cat.codes

    def r(x, method="pearson"):
        return correlate(mice, x, "gene_x", method=method).loc[0, "estimate"]

    return Number(
        solution=r("weight"),
        tolerance=TWO_DECIMALS,
        explanation="In these ten mice heavier animals have, if anything, less of Gene X.",
        otherwise='Turn the labels into numbers with .astype(float), then .corr(mice["gene_x"]).',
        wrong=[
            (
                r("code"),
                "That is the r of the codes, the trap of this section. Convert the labels' text with .astype(float).",
            ),
            (-r("weight"), "The size is right, the sign is not. Weight and Gene X go opposite ways."),
            (100 * r("weight"), "That is 100 times the correlation. A correlation lies between −1 and 1."),
            (r("weight_score"), "That is the weight *score*. The question is about grams."),
            (r("weight", "spearman"), "That is the correlation of the ranks. Take the grams themselves."),
            (
                correlate(mice, "weight", "gene_x").loc[0, "p_value"],
                "That is the p-value. The correlation itself is asked for.",
            ),
            (r("urea"), "That is urea. The question is about weight."),
        ],
    )


def reading_the_interval() -> Choice:
    """1.2: what an interval around r says."""
    return Choice(
        solution="c",
        explanation=(
            "The interval is the range of true correlations that agree with the data, if the ten mice are a random"
            " sample of one population. Section 4 looks at that."
        ),
        wrong=[
            ("a", "The interval is about one number, the true correlation. It says nothing about single mice."),
            ("b", "A p-value is no probability of a hypothesis. It is computed as if the correlation were zero."),
            (
                "d",
                "Correlation is symmetric. It cannot tell which of the two acts on the other, or whether either does.",
            ),
        ],
    )


def urea_within_groups() -> Number:
    """1.3: the partial correlation of urea with Gene X, given the group."""
    mice = load_mouse_scores()

    def row(x, within=None, method="pearson"):
        return correlate(mice, x, "gene_x", within=within, method=method).loc[0]

    means = mice.groupby("group", observed=True)[["urea", "gene_x"]].mean()
    right = row("urea", "group")
    return Number(
        solution=right["estimate"],
        tolerance=0.0055,  # 0.2349 may have been read off as 0.235, and rounded once more
        digits=2,
        explanation=(
            "Weak, and with ten mice open to both signs: the interval runs from"
            f" {right['conf_low']:.2f} to {right['conf_high']:.2f}."
        ),
        otherwise='Give correlate() the column "urea" and within="group", and take the estimate.',
        wrong=[
            (row("urea")["estimate"], 'That is the correlation over all ten mice. Add within="group".'),
            (row("total_score", "group")["estimate"], "That is the total score. The question is about measured urea."),
            (row("urea_score", "group")["estimate"], "That is the urea *score*. The question is about measured urea."),
            (row("weight", "group")["estimate"], "That is weight. The question is about urea."),
            (row("urea", "group")["p_value"], "That is the p-value. The correlation itself is asked for."),
            (
                means["urea"].corr(means["gene_x"]),
                "That is the correlation between the three group means. Within groups is asked for.",
            ),
            (
                row("urea", method="spearman")["estimate"],
                "That is Spearman's ρ over all mice. Pearson's r within groups is asked for.",
            ),
        ],
    )


def sentence_for_the_paper() -> Choice:
    """1.4: what to write of a correlation within groups."""
    return Choice(
        solution="b",
        explanation="The estimate, its interval, the two-sided p, and a conclusion no stronger than they are.",
        wrong=[
            ("a", "A large p-value is no evidence of no association. The interval allows one as strong as 0.92."),
            ("c", "0.069 is one-sided, and no direction was named beforehand. And 'borderline' decides nothing."),
            ("d", "0.0007 comes from exchanging mice between groups. It says nothing about what happens within them."),
        ],
    )


EXERCISES = {
    "1.1": weight_as_measured,
    "1.2": reading_the_interval,
    "1.3": urea_within_groups,
    "1.4": sentence_for_the_paper,
}
