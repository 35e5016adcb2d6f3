"""Exercises of lesson 01, correlation. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from helpers.correlation import correlate
from helpers.data import load_mouse_counts, load_mouse_scores
from helpers.exercises.answers import Choice, Number, Table


def weight_as_measured() -> Number:
    """1.1: the correlation of Gene X with the weight in grams."""
    mice = load_mouse_scores()
    r = correlate(mice, "weight", "gene_x").loc[0]
    codes = mice.assign(code=mice["weight"].astype(str).astype("category").cat.codes)
    return Number(
        solution=r["estimate"],
        tolerance=0.005,
        explanation="Heavier animals have, if anything, less Gene X; with ten of them, the interval contains zero.",
        otherwise='Use the column "weight" of `mice`, as it is, and Pearson\'s r with "gene_x".',
        wrong=[
            (
                -r["estimate"],
                "The size is right and the sign is lost: in these animals weight and Gene X go opposite ways.",
            ),
            (
                correlate(mice, "weight_score", "gene_x").loc[0, "estimate"],
                "That is the weight *score*. The question is about grams.",
            ),
            (
                correlate(codes, "code", "gene_x").loc[0, "estimate"],
                "Those are the codes of the categories: the factor trap. Use the numbers in grams.",
            ),
            (
                correlate(mice, "weight", "gene_x", method="spearman").loc[0, "estimate"],
                "That is Spearman's rho, the correlation of the ranks. Pearson's r is asked for.",
            ),
            (r["p_value"], "That is the p-value. The correlation itself is asked for."),
            (
                correlate(mice, "urea", "gene_x").loc[0, "estimate"],
                "That is for urea. The question is about weight.",
            ),
            (
                correlate(mice, "total_score", "gene_x").loc[0, "estimate"],
                "That is for the total score. The question is about weight in grams.",
            ),
        ],
    )


def reading_the_interval() -> Choice:
    """1.2: what an interval around r says."""
    return Choice(
        solution="c",
        explanation=(
            "The interval is the range of true correlations that these data do not contradict. It is wide because ten"
            " animals say little, and it rests on the animals being independent, which section 4 takes up."
        ),
        wrong=[
            ("a", "The interval is about one number, the true correlation; it says nothing of single animals."),
            ("b", "A p-value is no probability of a hypothesis. It is computed as if the correlation were zero."),
            ("d", "Correlation is symmetric: it cannot tell cause from effect, nor either from a common cause."),
        ],
    )


def urea_within_each_group() -> Table:
    """1.3: n and r of urea with Gene X in each group."""
    mice = load_mouse_scores()

    def by_group(x, method="pearson"):
        return pd.DataFrame(
            {
                group: {"n": len(rows), "r": rows[x].corr(rows["gene_x"], method=method)}
                for group, rows in mice.groupby("group", observed=True)
            }
        ).T

    right = by_group("urea")
    return Table(
        solution=right,
        tolerance=0.005,
        explanation=(
            "All three are positive, and each rests on three or four animals: with n = 3, two random columns correlate"
            " beyond 0.8 in either direction about four times in ten. Signs that agree are a hint, not a test."
        ),
        otherwise='Group `mice` by "group"; in each part take len() and the correlation of "urea" with "gene_x".',
        wrong=[
            (by_group("total_score"), "That is the total score. The question is about measured urea."),
            (by_group("urea_score"), "That is the urea *score*. The question is about measured urea."),
            (by_group("urea", "spearman"), "Those are Spearman's rho. Pearson's r is asked for."),
            (
                right.assign(r=correlate(mice, "urea", "gene_x").loc[0, "estimate"]),
                "That is the correlation over all ten animals, three times: correlate inside each group.",
            ),
            (
                right.assign(r=correlate(mice, "urea", "gene_x", within="group").loc[0, "estimate"]),
                "That is the pooled within-group correlation, three times. Here each group gets its own.",
            ),
        ],
    )


def animals_for_power() -> Number:
    """1.4: animals needed to see rho = 0.5 four times in five."""

    def n_for(rho, power):
        """Fisher's approximation."""
        z = stats.norm.isf(0.025) + stats.norm.isf(1 - power)
        return 3 + (z / np.arctanh(rho)) ** 2

    return Number(
        solution=np.round(n_for(0.5, 0.8)),
        tolerance=1.5,
        explanation=(
            "About thirty animals, three times what the study had. With ten, such a correlation is missed two times in"
            " three, and when it is found, the r that is found is too large."
        ),
        otherwise="Simulate at rho = 0.5 for several n, as in this section, and read off where the power passes 0.8.",
        wrong=[
            (10, "With ten animals a true correlation of 0.5 is found about one time in three."),
            (np.ceil(n_for(0.5, 0.5)), "There the power is one half: as good as a coin. Read off at 0.8."),
            (np.ceil(n_for(0.3, 0.8)), "That is for a true correlation of 0.3. The question says 0.5."),
            (np.ceil(n_for(0.7, 0.8)), "That is for a true correlation of 0.7. The question says 0.5."),
            ((0.0, 2.0), "That looks like a power or a p-value. How many animals does it take?"),
        ],
    )


@cache
def _p_values_of_the_genes():
    mice, counts = load_mouse_scores(), load_mouse_counts()
    log_counts = log_normalised(counts)
    return {
        x: stats.pearsonr(log_counts.to_numpy(), mice[x].to_numpy()[None, :], axis=1).pvalue for x in ("urea", "weight")
    }


def log_normalised(counts: pd.DataFrame, min_mean: float = 5) -> pd.DataFrame:
    """log2(count / size factor + 1) of the genes with a mean count of at least `min_mean`, as lesson 01 does it."""
    ratios = np.log(counts[(counts > 0).all(axis="columns")])
    size_factors = np.exp(ratios.sub(ratios.mean(axis="columns"), axis="index").median())
    return np.log2(counts[counts.mean(axis="columns") >= min_mean] / size_factors + 1)


def genes_that_go_with_weight() -> Number:
    """1.5: how many genes pass Benjamini–Hochberg at 5% for weight."""
    p = _p_values_of_the_genes()
    passed = {x: (stats.false_discovery_control(p[x]) < 0.05).sum() for x in p}
    return Number(
        solution=int(passed["weight"]),
        tolerance=0.5,
        explanation="Among genes that pass so, at most one in twenty, averaged over many screens, is a null gene.",
        otherwise='Correlate each row of `log_counts` with mice["weight"], adjust the p-values, count those < 0.05.',
        wrong=[
            (
                int((p["weight"] < 0.05).sum()),
                "Those are the p-values before correction: 5% of the null genes are in it.",
            ),
            (
                int((p["weight"] < 0.05 / len(p["weight"])).sum()),
                "That is Bonferroni, which guards against a single false gene. Benjamini–Hochberg is asked for.",
            ),
            (int(passed["urea"]), "That is for urea. The question is about weight."),
            (
                int((stats.false_discovery_control(p["weight"]) < 0.10).sum()),
                "That is at a false discovery rate of 10%; 5% is asked for.",
            ),
        ],
    )


EXERCISES = {
    "1.1": weight_as_measured,
    "1.2": reading_the_interval,
    "1.3": urea_within_each_group,
    "1.4": animals_for_power,
    "1.5": genes_that_go_with_weight,
}
