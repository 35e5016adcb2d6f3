"""Which method to trust when several samples come from one animal: simulated, because it takes some minutes.

    python benchmarks/repeated_counts.py        # writes benchmarks/repeated_counts.csv, prints the table of the README

Counts are negative binomial with a normal intercept of each animal, as in `helpers.simulate.simulate_repeated_counts`.
The question is *between* animals (a group, half of the animals each), *within* them (a treatment of half the samples),
or *both* (a number that varies between animals and within). A tenth of the genes changes, up or down: by a factor
exp(0.5) to exp(1.5) between animals, exp(0.25) to exp(1) otherwise. Animals have three samples each, or 1 to 7. The
negative-binomial mixed model, a gene at a time, is fitted to the first genes only; its t has as many degrees of freedom
as least squares would have for the question: animals minus 2, or, within animals, samples minus animals minus 1.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.counts import fit_negative_binomial_mixed, quasi_likelihood, sum_by, voom, voom_weights
from helpers.genes import fit_genes
from helpers.hypotheses.adjusting import adjusted_where_tested

DATA_SETS, GENES, ONE_BY_ONE, CHANGED = 20, 500, 50, 0.1
ANIMALS, SIZES = (4, 8, 16), {"equal": (3,), "unequal": (1, 6, 2, 3, 7, 1, 4, 2)}
EFFECTS = {"between": (0.5, 1.5), "within": (0.25, 1.0), "both": (0.25, 1.0)}
QUESTIONS = tuple(EFFECTS)
NAMES = {
    "sum_ql": "reads summed per animal, QL",
    "sum_voom": "reads summed per animal, voom",
    "block_ql": "animal as a fixed effect, QL",
    "voom_block": "voom, one correlation within animals",
    "mixed_moderated": "mixed model, weights, moderated",
    "mixed_satterthwaite": "mixed model, weights, Satterthwaite",
    "mixed_kr": "mixed model, weights, Kenward–Roger",
    "nb_z": "negative-binomial mixed model, z",
    "nb_t": "negative-binomial mixed model, t",
    "ignored_voom": "animal ignored, voom",
}


def data_set(question, animals, sizes, number):
    """Counts, samples, and which genes change."""
    rng = np.random.default_rng([number, animals, len(SIZES[sizes]), QUESTIONS.index(question)])
    animal = np.repeat(np.arange(animals), np.resize(SIZES[sizes], animals))
    n = len(animal)
    x = {
        "between": animal % 2 * 1.0,
        "within": rng.permutation(np.arange(n) % 2) * 1.0,
        "both": stats.zscore(rng.normal(size=animals)[animal] + rng.normal(size=n)),
    }[question]
    samples = pd.DataFrame({"animal": [f"m{i}" for i in animal + 1], "x": x}, index=[f"s{i}" for i in range(n)])
    changes = rng.random(GENES) < CHANGED
    least, most = EFFECTS[question]
    effect = np.where(changes, rng.choice([-1, 1], GENES) * rng.uniform(least, most, GENES), 0)
    base_mean, size = np.exp(rng.uniform(2, 8, (GENES, 1))), np.exp(rng.normal(2, 0.5, (GENES, 1)))
    level = rng.uniform(0.1, 0.8, (GENES, 1)) * rng.standard_normal((GENES, animals))
    mean = base_mean * np.exp(level[:, animal] + np.outer(effect, x) + rng.normal(0, 0.2, n))
    counts = rng.negative_binomial(size, size / (size + mean))
    return pd.DataFrame(counts, [f"gene_{i:04d}" for i in range(GENES)], samples.index), samples, changes


def p_values(question, counts, samples):
    """Of each method that can ask the question, gene by gene; NaN where there is none."""
    mixed, animals, n = "~ x + (1 | animal)", samples["animal"].nunique(), len(samples)

    def of(table, column="p_value"):
        return table[table["term"] == "x"].set_index("gene")[column].reindex(counts.index)

    found = {}
    if question == "between":
        summed, units = sum_by(counts, samples, "animal", "~ x")
        found["sum_ql"] = of(quasi_likelihood(summed, units, "~ x", terms="x"))
        found["sum_voom"] = of(voom(summed, units, "~ x", terms="x"))
    else:
        found["block_ql"] = of(quasi_likelihood(counts, samples, "~ x + animal", terms="x"))
    found["voom_block"] = of(voom(counts, samples, "~ x", block="animal", terms="x"))
    logs = voom_weights(counts, samples, mixed)
    how = {"moderated": {"moderated": True}, "satterthwaite": {}, "kr": {"ddf": "kenward-roger"}}
    for name, options in how.items():
        found[f"mixed_{name}"] = of(fit_genes(logs.log_cpm, samples, mixed, weights=logs.weights, **options))
    few = counts.iloc[:ONE_BY_ONE]
    sizes = counts.sum() / stats.gmean(counts.sum())
    table = fit_negative_binomial_mixed(few, samples, mixed, size_factors=sizes)
    found["nb_z"] = of(table)
    df = n - animals - 1 if question == "within" else animals - 2
    found["nb_t"] = 2 * stats.t.sf(np.abs(of(table, "statistic")), df)
    found["ignored_voom"] = of(voom(counts, samples, "~ x", terms="x"))
    return {name: np.asarray(values, dtype=float) for name, values in found.items()}


def scores(question, animals, sizes, number):
    """What each method finds in one data set, and how much of it is false."""
    counts, samples, changes = data_set(question, animals, sizes, number)
    rows = []
    for method, p in p_values(question, counts, samples).items():
        tested = np.isfinite(p)
        called = adjusted_where_tested(p, "BH") < 0.05
        rows.append(
            {
                "question": question,
                "animals": animals,
                "sizes": sizes,
                "method": method,
                "data_sets": 1,
                "tested": tested.sum(),
                "changed": (tested & changes).sum(),
                "called": called.sum(),
                "found": (called & changes).sum(),
                "false_share": (called & ~changes).sum() / max(1, called.sum()),
                "null": (tested & ~changes).sum(),
                "null_below_05": (p[tested & ~changes] < 0.05).sum(),
            }
        )
    return rows


def shown(table):
    """Print the genes found, in percent of those changed, and in brackets the false share of those called.

    The false share is the mean over data sets, 0 where nothing is called: what the false discovery rate promises.
    """
    found, false = 100 * table["found"] / table["changed"], 100 * table["false_share"]
    cells = [f"{f:.0f} ({w:.0f})" for f, w in zip(found, false, strict=True)]
    table = table.assign(
        cell=cells, column=[f"{a}, {s}" for a, s in zip(table["animals"], table["sizes"], strict=True)]
    )
    for question, rows in table.groupby("question", sort=False):
        columns = list(dict.fromkeys(rows["column"]))
        print(f"\n| {question} animals | {' | '.join(columns)} |\n| --- |{' ---: |' * len(columns)}")
        for method in [name for name in NAMES if name in set(rows["method"])]:
            of_method = rows[rows["method"] == method].set_index("column")["cell"]
            print(f"| {NAMES[method]} | {' | '.join(of_method[columns])} |")


def false_positives(table):
    """Print how many genes without an effect have p < .05, in percent: lowest and highest cell of each method."""
    shares = (100 * table["null_below_05"] / table["null"]).groupby([table["method"], table["question"]])
    low, high = shares.min(), shares.max()
    print(f"\n| p < .05 without an effect (%) | {' | '.join(QUESTIONS)} |\n| --- |{' ---: |' * len(QUESTIONS)}")
    for method, name in NAMES.items():
        asked = [(method, question) for question in QUESTIONS]
        cells = [f"{low[key]:.1f} to {high[key]:.1f}" if key in low.index else "" for key in asked]
        print(f"| {name} | {' | '.join(cells)} |")


def main():
    """Simulate one data set of every cell after the other, and write the sums after each round."""
    parser = argparse.ArgumentParser(description="Compare methods for samples that belong together.")
    parser.add_argument("--data-sets", type=int, default=DATA_SETS, help="of each cell")
    parser.add_argument("--show", action="store_true", help="only print the table that is there")
    options, path = parser.parse_args(), Path(__file__).with_suffix(".csv")
    if options.show:
        shown(pd.read_csv(path))
        false_positives(pd.read_csv(path))
        return
    cells = [(q, a, s) for q in QUESTIONS for a in ANIMALS for s in SIZES]
    total = None
    warnings.simplefilter("ignore", UserWarning)  # animals with a single sample are meant to be there
    for number in range(options.data_sets):
        rows = pd.DataFrame([row for cell in cells for row in scores(*cell, number)])
        rows = rows.set_index(["question", "animals", "sizes", "method"])
        total = rows if total is None else total + rows
        means = total.assign(false_share=(total["false_share"] / total["data_sets"]).round(5))
        means.reset_index().to_csv(path, index=False, lineterminator="\n")
    shown(means.reset_index())
    false_positives(means.reset_index())


if __name__ == "__main__":
    main()
