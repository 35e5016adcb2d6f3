"""How often a test between few groups rejects where nothing is: Wald's z and t tests of generalised mixed models.

    python benchmarks/few_groups.py --experiments 2000                            # about twenty minutes
    python benchmarks/few_groups.py --show                                        # the stored table, and its figure

Groups of five rows, every second group treated, no effect of the treatment: one random intercept, by Laplace's
approximation. Counts of rejections at 5%; ``few_groups.csv`` has a row per family, number of groups and test.
"""

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special, stats

from helpers.design import build_design
from helpers.mixed.generalized.estimation import NotFitted, estimate
from helpers.mixed.generalized.likelihoods import Binomial, NegativeBinomial, Poisson

HERE = Path(__file__).parent
GROUPS = (3, 4, 6, 8, 12, 16)
ROWS, TRIALS, ALPHA = 5, 10, 0.05
SD = {"binomial": 0.8, "poisson": 0.5, "negative_binomial": 0.5}
CHANCE, MEAN, THETA = 0.4, 5.0, 3.0
TESTS = {
    "z": "z",
    "t_rows": "t, rows − coefficients",
    "t_groups": "t, groups − coefficients between them",
    "t_groups_wider": "the same, standard error × √(groups / df)",
    "t_of_groups": "t test of one number per group",
}


def plan(groups):
    """The rows: every second group is treated."""
    g = np.repeat(np.arange(groups), ROWS)
    labels, treated = [f"g{i:02d}" for i in g], np.where(g % 2, "yes", "no")
    return g, pd.DataFrame({"y": np.arange(len(g)), "g": labels, "treated": treated})


def outcomes(family, g, rng):
    """One data set: the outcome of each row."""
    eta = SD[family] * rng.standard_normal(g.max() + 1)[g]
    if family == "binomial":
        return rng.binomial(TRIALS, special.expit(special.logit(CHANCE) + eta))
    mu = MEAN * np.exp(eta)
    return rng.poisson(mu) if family == "poisson" else rng.negative_binomial(THETA, THETA / (THETA + mu))


def likelihood(family, y):
    """Of these outcomes."""
    if family == "binomial":
        return Binomial(y.astype(float), np.full(len(y), float(TRIALS)))
    return Poisson(y.astype(float)) if family == "poisson" else NegativeBinomial(y.astype(float))


def one_number_per_group(family, y, g):
    """The logit of the share, or the logarithm of the sum, each with half an event added."""
    total = np.bincount(g, y)
    if family == "binomial":
        return np.log((total + 0.5) / (np.bincount(g) * TRIALS - total + 0.5))
    return np.log(total + 0.5)


def p_values(family, design, g, y):
    """Of each test; None where there is no fit."""
    try:
        fit = estimate(replace(design, y=y.astype(float)), likelihood(family, y))
    except (ValueError, NotFitted):
        return None
    groups = g.max() + 1
    t = abs(fit.parameters[1]) / np.sqrt(fit.covariance[1, 1])
    df = groups - 2
    by_group, treated = one_number_per_group(family, y, g), np.arange(groups) % 2 == 1
    return {
        "z": 2 * stats.norm.sf(t),
        "t_rows": 2 * stats.t.sf(t, len(y) - 2),
        "t_groups": 2 * stats.t.sf(t, df),
        "t_groups_wider": 2 * stats.t.sf(t * np.sqrt(df / groups), df),
        "t_of_groups": stats.ttest_ind(by_group[treated], by_group[~treated]).pvalue,
        "singular": np.abs(fit.theta).min() < 1e-4,
    }


def rejections(family, groups, seeds):
    """One row per test: in how many experiments it rejects."""
    g, table = plan(groups)
    design = build_design("y ~ treated + (1 | g)", table, generalized=True)
    found = [p_values(family, design, g, outcomes(family, g, np.random.default_rng([20, groups, s]))) for s in seeds]
    fitted = pd.DataFrame([each for each in found if each is not None])
    start = {"family": family, "groups": groups, "experiments": len(found), "fitted": len(fitted)}
    start["singular"] = int(fitted["singular"].sum())
    return [start | {"test": test, "rejected": int((fitted[test] < ALPHA).sum())} for test in TESTS]


def make(seeds):
    """The whole table."""
    cells = [(family, groups) for family in SD for groups in GROUPS]
    return pd.DataFrame([row for cell in cells for row in rejections(*cell, seeds)])


def rates(table):
    """The share that is rejected, in per cent, with its exact 95% interval."""
    k, n = table["rejected"], table["fitted"]
    low = np.where(k > 0, special.betaincinv(np.maximum(k, 1), n - k + 1, 0.025), 0.0)
    high = np.where(k < n, special.betaincinv(k + 1, np.maximum(n - k, 1), 0.975), 1.0)
    return table.assign(rate=100 * k / n, low=100 * low, high=100 * high)


def show(table):
    """Print the table of benchmarks/README.md, and draw its figure."""
    table = rates(table.groupby(["family", "groups", "test"], sort=False).sum().reset_index())
    print("| family | test | " + " | ".join(f"{n} groups" for n in GROUPS) + " |")
    print("| --- | --- |" + " ---: |" * len(GROUPS))
    for family in SD:
        for test, name in TESTS.items():
            own = table[(table["family"] == family) & (table["test"] == test)].set_index("groups")["rate"]
            print(f"| {family.replace('_', ' ')} | {name} | " + " | ".join(f"{own[n]:.1f}%" for n in GROUPS) + " |")
    own = table[table["test"] == "z"]
    print(
        "singular:",
        {(f, n): f"{s / k:.0%}" for f, n, s, k in own[["family", "groups", "singular", "fitted"]].to_numpy()},
    )
    print("not fitted:", int((own["experiments"] - own["fitted"]).sum()), "of", int(own["experiments"].sum()))
    draw(table).savefig(HERE / "few_groups.png", dpi=80, metadata={"Software": None})


def draw(table):
    """A panel per family."""
    import matplotlib.pyplot as plt

    from helpers.plots import AMBER, BLUE, GREEN, GREY, ORANGE, PINK, use_style

    use_style()
    colours = dict(zip(TESTS, (ORANGE, AMBER, BLUE, PINK, GREEN), strict=True))
    figure, axes = plt.subplots(1, len(SD), figsize=(14, 5), sharey=True, layout="constrained")
    for ax, family in zip(axes, SD, strict=True):
        ax.axhline(100 * ALPHA, color=GREY, linestyle="--", linewidth=1)
        for test, name in TESTS.items():
            own = table[(table["family"] == family) & (table["test"] == test)].sort_values("groups")
            whiskers = [own["rate"] - own["low"], own["high"] - own["rate"]]
            ax.errorbar(own["groups"], own["rate"], yerr=whiskers, color=colours[test], marker="o", label=name)
        ax.set(xlabel="groups", xticks=GROUPS, title=family.replace("_", " "), ylim=(0, None))
    axes[0].set_ylabel("false positives (%)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure


def main():
    """Run the study, or show what is stored."""
    parser = argparse.ArgumentParser(description="Type I error between few groups.")
    parser.add_argument("--experiments", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0, help="the first experiment's number, for a study in parts")
    parser.add_argument("--output", type=Path, default=HERE / "few_groups.csv")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # groups that are all alike, in a t test
    if not options.show:
        table = make(range(options.first, options.first + options.experiments))
        table.to_csv(options.output, index=False, lineterminator="\n")
    show(pd.read_csv(options.output))


if __name__ == "__main__":
    main()
