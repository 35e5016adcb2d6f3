"""How often five analyses of grouped data call a slope significant: simulated, because it takes many minutes.

    python data/make/pseudoreplication.py        writes data/pseudoreplication.csv

The truth of every data set is known: `animals` animals measured eight times each, standard deviation 1 between animals
and 1 within (`helpers.simulate.simulate_groups`).
"""

import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.simulate import simulate_groups

SETTINGS = [
    *((0.0, between, animals) for between in (1.0, 0.5, 0.0) for animals in (5, 7, 10, 20)),
    *((0.5, between, 10) for between in (1.0, 0.5, 0.0)),
]  # true slope, share of x between animals, animals
MEASUREMENTS, TAU, SIGMA = 8, 1.0, 1.0
BLOCKS, DATA_SETS = 20, 200  # 4,000 data sets per setting; each block has a seed of its own


def make():
    jobs = [(*setting, block) for setting in SETTINGS for block in range(BLOCKS)]
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(one_block, *zip(*jobs, strict=True)))
    return pd.DataFrame(rows)


def one_block(slope, between, animals, block):
    """Rejections at 5% among the data sets of a block."""
    rng = np.random.default_rng([block, animals, round(10 * between), round(10 * slope)])
    p = pd.DataFrame(
        p_values(simulate_groups(animals, MEASUREMENTS, TAU, SIGMA, slope, rng, between=between))
        for _ in range(DATA_SETS)
    )
    rejections = (p.drop(columns="singular") < 0.05).sum().to_dict()
    setting = {"slope": slope, "between": between, "animals": animals, "block": block, "data_sets": DATA_SETS}
    return setting | rejections | {"singular": int(p["singular"].sum())}


def p_values(data):
    """The p-value of the slope in five analyses, and whether the mixed model's fit was singular."""
    means = data.groupby("group")[["x", "y"]].mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed("y ~ x + (1 | group)", data)
    return {
        "rows": stats.linregress(data["x"], data["y"]).pvalue,
        "means": stats.linregress(means["x"], means["y"]).pvalue,
        "z": fit.coefficients(ddf="normal").loc["x", "p_value"],
        "satterthwaite": fit.coefficients().loc["x", "p_value"],
        "kenward_roger": fit.coefficients(ddf="kenward-roger").loc["x", "p_value"],
        "singular": fit.is_singular,
    }


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    make().to_csv(target / "pseudoreplication.csv", index=False, lineterminator="\n")
