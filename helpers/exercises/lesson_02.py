"""Exercises of lesson 02, what ten mice can show. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from helpers.counts import size_factors
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.exercises.answers import Choice, Number

ENOUGH = 5  # reads a sample, on average over the ten mice


def r_beyond_a_half() -> Number:
    """2.1: how often r lies beyond 0.5 when there is no correlation."""

    def beyond(r, n):
        """Two-sided, from the t distribution of r."""
        return 2 * stats.t.sf(r * np.sqrt((n - 2) / (1 - r**2)), n - 2)

    def beyond_if_half(n):
        """The same share when the true correlation is 0.5, by Fisher's z: about one half above, little below."""
        z = np.arctanh(0.5)
        return stats.norm.sf(0) + stats.norm.cdf(-2 * z * np.sqrt(n - 3))

    right = beyond(0.5, 10)
    return Number(
        solution=right,
        tolerance=0.0101,
        explanation="One study in seven finds |r| beyond 0.5 where there is nothing at all.",
        otherwise="Simulate at truth 0 as in this section, and take np.mean(np.abs(r) > 0.5).",
        wrong=[
            (right / 2, "That is one direction only. Count r below −0.5, too: take np.abs of r."),
            ((beyond_if_half(10) - 0.03, beyond_if_half(10) + 0.06), "That is for a true correlation of 0.5."),
            (0.05, "5% is how often p is below 0.05. Here the question is how often |r| exceeds 0.5."),
            ((right * 100 - 1, right * 100 + 1), "That is in per cent. A share lies between 0 and 1."),
            ((2_500, 3_200), "That is how many of the studies. Take their share: np.mean, not np.sum."),
            (1 - right, "That is the share *within* ±0.5. The other one is asked for."),
            (beyond(0.5, 40), "That is for forty mice. Set n_mice back to 10."),
        ],
    )


def animals_for_power() -> Number:
    """2.2: animals needed to find a true 0.5 four times in five."""

    def n_for(rho, power):
        """Fisher's approximation."""
        z = stats.norm.isf(0.025) + stats.norm.isf(1 - power)
        return 3 + (z / np.arctanh(rho)) ** 2

    return Number(
        solution=np.round(n_for(0.5, 0.8)),
        tolerance=1.5,
        explanation="About thirty mice, three times what the study had.",
        otherwise="Try power(0.5, n) for several n, and take the first that passes 0.8.",
        wrong=[
            (10, "With ten mice a true correlation of 0.5 is found one time in three."),
            (np.ceil(n_for(0.5, 0.5)), "There the power is one half, a coin toss. Where is it 0.8?"),
            (np.ceil(n_for(0.5, 0.9)), "That is for a power of 90%. The question says 80%."),
            (np.ceil(n_for(0.3, 0.8)), "That is for a true correlation of 0.3. The question says 0.5."),
            (np.ceil(n_for(0.7, 0.8)), "That is for a true correlation of 0.7. The question says 0.5."),
            ((0.0, 2.0), "That looks like a power or a p-value. How many mice does it take?"),
        ],
    )


@cache
def _p_values_of_the_genes():
    """A column each for urea and for weight, a row per gene with enough reads."""
    mice, counts = load_mouse_scores(), load_mouse_counts()
    logs = np.log2(counts[counts.mean(axis="columns") >= ENOUGH] / size_factors(counts) + 1)
    columns = ("urea", "weight")
    tests = {x: stats.pearsonr(logs.to_numpy(), mice[x].to_numpy(), axis=1).pvalue for x in columns}
    return pd.DataFrame(tests, index=logs.index)


def genes_that_go_with_weight() -> Number:
    """2.3: how many genes pass Benjamini–Hochberg at 5% for weight."""
    p = _p_values_of_the_genes()
    adjusted = {x: stats.false_discovery_control(p[x]) for x in p}
    called = {x: int((adjusted[x] < 0.05).sum()) for x in p}
    planted = load_mouse_counts_truth().loc[p.index, "driver"]
    among = planted[adjusted["weight"] < 0.05].value_counts()
    return Number(
        solution=called["weight"],
        tolerance=0.5,
        explanation=(
            f"{among['weight']} of them were made to depend on weight, {among['group']} follow the group, and"
            f" {among['none']} are null genes."
        ),
        otherwise='Correlate `logs` with mice["weight"], adjust the p-values, and count those below 0.05.',
        wrong=[
            (
                int((p["weight"] < 0.05).sum()),
                "Those are the p-values before adjusting, where 5% of the null genes pass. Adjust them first.",
            ),
            (
                int((p["weight"] < 0.05 / len(p["weight"])).sum()),
                "That is Bonferroni, which guards against a single null gene. Benjamini–Hochberg is asked for.",
            ),
            (called["urea"], "That is for urea. The question is about weight."),
            (
                int((planted == "weight").sum()),
                "So many that depend on weight were tested. The question is how many genes are called.",
            ),
            (200, "So many were made to depend on weight. The question is how many genes are called."),
            (int(among["weight"]), "Those are the ones that do depend on weight. Count all genes that are called."),
            (
                int((adjusted["weight"] < 0.10).sum()),
                "That is at a false discovery rate of 10%. The question says 5%.",
            ),
        ],
    )


def sentence_about_a_gene() -> Choice:
    """2.4: what an adjusted p-value lets one write."""
    return Choice(
        solution="b",
        explanation="The rate is about the list, not about one gene. This one, gene_0050, is null and was called.",
        wrong=[
            (
                "a",
                "An adjusted p-value is no probability that this gene is null. It is about the list of genes called.",
            ),
            ("c", "A correlation shows no direction. And nothing was planted in this gene."),
            ("d", "Among 1,947 genes, a p of 0.0007 is expected once or twice by chance alone."),
        ],
    )


EXERCISES = {
    "2.1": r_beyond_a_half,
    "2.2": animals_for_power,
    "2.3": genes_that_go_with_weight,
    "2.4": sentence_about_a_gene,
}
