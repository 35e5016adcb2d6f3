"""How often six analyses call a drug effect significant that may vary between replicates: simulated, for lesson 06.

    python data/make/varying_effect.py        writes data/varying_effect.csv, in about half an hour

A study has the cells of gene C in ``modification_lengths.csv.gz`` (with more than four replicates they are used again),
standard deviations of 0.2 between replicates and 0.87 between rows, and a drug effect whose standard deviation
between replicates is `slope_sd`. Each study is tested twice: with no effect on average, and with `EFFECT` added. The
estimates move by exactly that much, and nothing else changes.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.design import build_shared_design
from helpers.mixed import MixedFit, fit_design
from helpers.mixed.reml import NotConverged, optimise

GROUPS, SLOPE_SDS = (3, 4, 6, 8, 12), (0.0, 0.15)
SETTINGS = [(groups, slope_sd) for groups in GROUPS for slope_sd in SLOPE_SDS]
ROWS = {"NO DRUG": (51, 242, 164, 332), "DRUG": (84, 71, 209, 165)}  # of gene C in rep1 to rep4
LEVEL_SD, ROW_SD, EFFECT = 0.2, 0.87, 0.3
BLOCKS, STUDIES = 10, 50  # 500 studies per setting; each block has a seed of its own
DRUG = "condition[T.DRUG]"
ANALYSES = {
    "intercept": ("(1 | replicate)", "satterthwaite"),
    "z": ("(1 + condition | replicate)", "normal"),
    "satterthwaite": ("(1 + condition | replicate)", "satterthwaite"),
    "kenward_roger": ("(1 + condition | replicate)", "kenward-roger"),
}


def make():
    jobs = [(*setting, block) for setting in SETTINGS for block in range(BLOCKS)]
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(one_block, *zip(*jobs, strict=True)))
    return pd.DataFrame(rows)


def one_block(groups, slope_sd, block, studies=STUDIES):
    """Significant results at 5% among the studies of a block, without an effect and with one."""
    rng = np.random.default_rng([block, groups, round(100 * slope_sd)])
    design = design_of(groups)
    counts = {}
    for _ in range(studies):
        found, singular = analyses(design, outcome(design, slope_sd, rng))
        counts["singular"] = counts.get("singular", 0) + singular
        for name, (estimate, std_error, df) in found.items():
            for effect, column in ((0.0, name), (EFFECT, f"{name}_power")):
                p = 2 * stats.t.sf(abs(estimate + effect) / std_error, df)
                counts[column] = counts.get(column, 0) + int(p < 0.05)
    return {"groups": groups, "slope_sd": slope_sd, "block": block, "studies": studies} | counts


def design_of(groups):
    """The designs with random intercept and with random slope, without an outcome: all studies share them."""
    sizes = np.array([[ROWS[condition][k % 4] for condition in ROWS] for k in range(groups)])
    replicate = np.repeat(np.arange(groups), sizes.sum(axis=1))
    condition = np.repeat(np.tile([0, 1], groups), sizes.ravel())
    rows = pd.DataFrame(
        {
            "replicate": pd.Categorical.from_codes(replicate, [f"rep{k + 1}" for k in range(groups)]),
            "condition": pd.Categorical.from_codes(condition, list(ROWS)),
        }
    )
    return {random: build_shared_design(f"~ condition + {random}", rows) for random, _ in ANALYSES.values()}


def labels(design):
    """Replicate, counted from 0, and whether there was drug, of each row."""
    one = next(iter(design.values()))
    return one.random[0].codes, one.X[:, 1].astype(int)


def outcome(design, slope_sd, rng):
    """Log lengths of one study without a drug effect on average."""
    replicate, drug = labels(design)
    level, slope = rng.normal(0, LEVEL_SD, replicate.max() + 1), rng.normal(0, slope_sd, replicate.max() + 1)
    return level[replicate] + slope[replicate] * drug + rng.normal(0, ROW_SD, len(drug))


def analyses(design, y):
    """(estimate, standard error, df) of the drug effect by each analysis; and whether the random slope is singular."""
    replicate, drug = labels(design)
    on_rows = stats.linregress(drug, y)
    found = {"rows": (on_rows.slope, on_rows.stderr, len(y) - 2), "paired": paired_t(replicate, drug, y)}
    fits = {random: fit(replace(one, y=y)) for random, one in design.items()}
    for name, (random, ddf) in ANALYSES.items():
        found[name] = tuple(fits[random].contrast(DRUG, ddf).iloc[0][["estimate", "std_error", "df"]])
    return found, int(fits["(1 + condition | replicate)"].is_singular)


def fit(design):
    """The model of a design. Where the level's variance is zero the optimum is flat in one order of the random effects.

    The other order has the same likelihood and covariance of the fixed effects, and a point for its optimum.
    """
    try:
        return fit_design(design)
    except NotConverged:
        columns, codes, levels = design.random_parts[0]
        products = design.cross_products([(columns[:, ::-1], codes, levels)])
        return MixedFit(design, products, optimise(products, reml=True))


def paired_t(replicate, drug, y):
    """One difference of means per replicate."""
    cell = 2 * replicate + drug
    means = (np.bincount(cell, y) / np.bincount(cell)).reshape(-1, 2)
    differences = means[:, 1] - means[:, 0]
    return differences.mean(), stats.sem(differences), len(differences) - 1


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    make().to_csv(target / "varying_effect.csv", index=False, lineterminator="\n")
