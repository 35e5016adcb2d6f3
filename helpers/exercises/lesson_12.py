"""Exercises of lesson 12, what a list can claim. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np

from helpers.counts import voom, voom_weights
from helpers.data import load_mouse_counts, load_mouse_scores, load_shock_counts, load_shock_samples
from helpers.exercises.answers import Choice, Number
from helpers.genes import fit_genes

FDR = 0.05
GENE, LEFT_OUT = "gene_0232", "C24"


@cache
def _screen(formula="~ total_score", left_out=None):
    """Tests of the total score, with partial R²."""
    mice = load_mouse_scores().query("animal != @left_out").set_index("animal")
    counts = load_mouse_counts()[mice.index]
    counts = counts[counts.mean(axis=1) >= 10]
    logs = voom_weights(counts, mice, "~ total_score").log_cpm
    table = fit_genes(logs, mice, formula, contrasts="total_score").set_index("gene")
    return table.assign(r2=table["statistic"] ** 2 / (table["statistic"] ** 2 + table["df"]))


def r2_given_the_condition() -> Number:
    """12.1: the partial R² of one gene beside the group."""
    given, alone = (_screen(formula).loc[GENE] for formula in ("~ total_score + group", "~ total_score"))
    return Number(
        solution=given["r2"],
        tolerance=0.006,
        explanation="High, but no longer the highest. With 6 degrees of freedom, chance alone gives high values.",
        otherwise=f'Take t² / (t² + df) from the model with group: given.loc["{GENE}", "r2"].',
        wrong=[
            (alone["r2"], "That is R² of the gene alone. Take the model with the condition, given."),
            (given["statistic"] ** 2, "That is t². Divide it by t² + df."),
            (given["statistic"], "That is t. Square it, and divide by t² + df."),
            (given["estimate"], "That is the slope. R² comes from t and df."),
            (given["r2"] ** 0.5, "That is the partial correlation. Square it."),
            (1 - given["r2"], "That is the share that this gene leaves over. Take 1 minus that."),
        ],
    )


def genes_that_stay() -> Number:
    """12.2: how many of the first ten genes stay without one mouse."""
    before, after = _screen(), _screen(left_out=LEFT_OUT)
    first, then = before["r2"].nlargest(10).index, after["r2"].nlargest(10).index
    stay = len(set(first) & set(then))
    calls = [set(table.index[table["p_adjusted"] < FDR]) for table in (before, after)]
    same_place = sum(a == b for a, b in zip(first, then, strict=True))
    return Number(
        solution=stay,
        tolerance=0.01,
        explanation="Without one mouse of ten, several of the first ten genes are others. Do not trust the order.",
        otherwise='Drop C24 from mice, take logs[mice.index], fit "~ total_score", and compare the ten largest R².',
        wrong=[
            (10, "That is what you get with all ten mice. Was C24 left out?"),
            (len(calls[1]), "That is the length of the whole list without C24. Compare the first ten only."),
            (len(calls[0] & calls[1]), "Those are the genes on both lists. Compare the first ten only."),
            (same_place, "Those are the genes in the very same place. Count those among the first ten in any place."),
        ],
    )


@cache
def _t3(fold=1.0):
    table = voom(
        load_shock_counts(), load_shock_samples(), "~ time + patient", contrasts="time[T.T3]", lfc=np.log2(fold)
    )
    return table.set_index("gene")


def genes_beyond_a_fold() -> Number:
    """12.3: how many genes changed by more than 1.2-fold, tested against it."""
    fold = 1.2
    any_change = _t3()
    called, size = any_change["p_adjusted"] < FDR, any_change["log2_fold_change"].abs()
    raw = _t3(fold)
    return Number(
        solution=int((raw["p_adjusted"] < FDR).sum()),
        tolerance=0.01,
        explanation="Far fewer than have an estimate beyond 1.2-fold: here the change must be shown to be that large.",
        otherwise=(
            'Count p_adjusted < 0.05 in voom(counts, patients, in_time, contrasts="time[T.T3]", lfc=np.log2(1.2)).'
        ),
        wrong=[
            (
                int((called & (size > np.log2(fold))).sum()),
                "Those have an estimate beyond 1.2-fold. Put lfc= into the test.",
            ),
            (int((called & (size > np.log2(1.5))).sum()), "Those have an estimate beyond 1.5-fold. Test against 1.2."),
            (int(called.sum()), "That is the test of any change at all. Use lfc=np.log2(1.2)."),
            (int((raw["p_value"] < FDR).sum()), "That list was made with p_value. Use p_adjusted."),
            (
                int((_t3(2**fold)["p_adjusted"] < FDR).sum()),
                "That comes from 1.5-fold or from lfc=1.2. lfc is in log2 units: write lfc=np.log2(1.2).",
            ),
        ],
    )


def what_to_write() -> Choice:
    """12.4: what may be said about the genes of ten mice."""
    return Choice(
        solution="c",
        explanation=(
            "It gives the list with its rate and intervals, and names the conditions. It gives no order, because the"
            " next ten animals would change it."
        ),
        wrong=[
            ("a", "R² of single genes overlap and add up to far more than 100%. They are not shares of one whole."),
            ("b", "The first gene seldom stays first when the mice are resampled, and its R² is high by luck, too."),
            ("d", "With 6 degrees of freedom no effect within the conditions was shown, and none was excluded."),
        ],
    )


EXERCISES = {
    "12.1": r2_given_the_condition,
    "12.2": genes_that_stay,
    "12.3": genes_beyond_a_fold,
    "12.4": what_to_write,
}
