"""How often six analyses call a drug effect significant that may vary between replicates: simulated, for lesson 06.

    python data/make/varying_effect.py        writes data/varying_effect.csv, in about half an hour

A study has the cells of gene C in ``modification_lengths.csv.gz`` (with more than four replicates they are used again),
standard deviations of 0.2 between replicates and 0.87 between rows, and a drug effect whose standard deviation
between replicates is `slope_sd`. Each study is tested twice: with no effect on average, and with `EFFECT` added. The
estimates move by exactly that much, and nothing else changes.
"""

import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.mixed import SingularFitWarning, fit_mixed

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
    counts = {}
    for _ in range(studies):
        found, singular = analyses(study(groups, slope_sd, rng))
        counts["singular"] = counts.get("singular", 0) + singular
        for name, (estimate, std_error, df) in found.items():
            for effect, column in ((0.0, name), (EFFECT, f"{name}_power")):
                p = 2 * stats.t.sf(abs(estimate + effect) / std_error, df)
                counts[column] = counts.get(column, 0) + int(p < 0.05)
    return {"groups": groups, "slope_sd": slope_sd, "block": block, "studies": studies} | counts


def study(groups, slope_sd, rng):
    """Rows of one study without a drug effect on average."""
    sizes = np.array([[ROWS[condition][k % 4] for condition in ROWS] for k in range(groups)])
    level, slope = rng.normal(0, LEVEL_SD, groups), rng.normal(0, slope_sd, groups)
    means = np.column_stack([level, level + slope])
    replicate = np.repeat(np.arange(groups), sizes.sum(axis=1))
    condition = np.repeat(np.tile([0, 1], groups), sizes.ravel())
    return pd.DataFrame(
        {
            "replicate": pd.Categorical.from_codes(replicate, [f"rep{k + 1}" for k in range(groups)]),
            "condition": pd.Categorical.from_codes(condition, list(ROWS)),
            "log_length": means[replicate, condition] + rng.normal(0, ROW_SD, len(replicate)),
        }
    )


def analyses(rows):
    """(estimate, standard error, df) of the drug effect by each analysis; and whether the random slope is singular."""
    found = {"rows": t_on_rows(rows), "paired": paired_t(rows)}
    fits = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        for name, (random, ddf) in ANALYSES.items():
            fits[random] = fits.get(random) or fit_mixed(f"log_length ~ condition + {random}", rows)
            found[name] = tuple(fits[random].coefficients(ddf).loc[DRUG, ["estimate", "std_error", "df"]])
    return found, int(fits["(1 + condition | replicate)"].is_singular)


def t_on_rows(rows):
    drug = rows["condition"] == "DRUG"
    fit = stats.linregress(drug.astype(float), rows["log_length"])
    return fit.slope, fit.stderr, len(rows) - 2


def paired_t(rows):
    """One difference of means per replicate."""
    means = rows.groupby(["replicate", "condition"], observed=True)["log_length"].mean().unstack()
    differences = means["DRUG"] - means["NO DRUG"]
    return differences.mean(), differences.sem(), len(differences) - 1


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    make().to_csv(target / "varying_effect.csv", index=False, lineterminator="\n")
