"""How often tests of grouped data reject where nothing is: simulated, because a notebook would wait for it.

    python data/make/type_1_errors.py        writes data/type_1_errors.csv

Animals measured eight times each, standard deviation 1 between animals and 1 within, no effect of the drug on average.
Three studies: every animal gets control and drug (`within`); the same, and the drug acts differently in each animal
(`varying`, standard deviation 1); or each animal gets one of the two (`between`).
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.design import build_shared_design
from helpers.planning import crossed, power
from helpers.planning.assumptions import variances_of
from helpers.planning.experiments import noise

GROUPS = (3, 4, 6, 8, 12)
DATA_SETS, SEED, ALPHA = 20_000, 18, 0.05
DRUG = ["control", "drug"]
SD = {"animal": 1.0, "residual": 1.0}
VARYING = SD | {"animal": {"intercept": 1.0, "drug": 1.0}}
INTERCEPT, SLOPE = "~ drug + (1 | animal)", "~ drug + (1 + drug | animal)"
STUDIES = {"within": (INTERCEPT, SD), "varying": (SLOPE, VARYING), "between": (INTERCEPT, SD)}
DDF = {"z": "normal", "satterthwaite": "satterthwaite", "kenward_roger": "kenward-roger"}


def design(study, groups):
    """Eight measurements of each animal."""
    if study == "between":
        return crossed(animal=groups, replicates=8, between={"drug": DRUG})
    return crossed(animal=groups, drug=DRUG, replicates=4)


def rejections(study, groups, data_sets=DATA_SETS):
    """One row per test: how many of the data sets it rejects."""
    formula, sd = STUDIES[study]
    plan = design(study, groups)
    found = {
        name: power(plan, formula, sd=sd, test="drug", ddf=ddf, n_sim=data_sets, seed=SEED) for name, ddf in DDF.items()
    }
    found["rows"] = power(plan, "~ drug", sd=sd, test="drug", n_sim=data_sets, seed=SEED, truth=formula)
    if study == "varying":  # fitted as if the drug acted alike in all animals
        options = {"test": "drug", "ddf": "kenward-roger", "n_sim": data_sets, "seed": SEED}
        found["slope_left_out"] = power(plan, INTERCEPT, sd=sd, truth=formula, **options)
    rows = [
        {"test": name, "rejected": count(each, "type_1_error"), "singular": count(each, "singular")}
        for name, each in found.items()
    ]
    rows.append({"test": "t_of_means", "rejected": of_means(study, plan, data_sets), "singular": 0})
    return [{"study": study, "groups": groups, "data_sets": data_sets} | row for row in rows]


def count(table, column):
    """How many data sets a share stands for."""
    return round(float(table[column].iloc[0] * table["n_sim"].iloc[0]))


def of_means(study, plan, data_sets):
    """Rejections of the t test of the animals' means: paired, if each animal has both."""
    formula, sd = STUDIES[study]
    table = plan.table()
    built = build_shared_design(formula, table)
    y = noise(built, variances_of(built, sd), data_sets, np.random.default_rng([SEED, len(table)]))
    animal, has_drug = table["animal"].cat.codes.to_numpy(), (table["drug"] == "drug").to_numpy()

    def means(kept):
        """Of each animal, over the rows kept: (data sets, animals)."""
        weights = (animal[:, None] == np.unique(animal[kept])) & kept[:, None]
        return y @ (weights / weights.sum(axis=0))

    if study == "between":
        p = stats.ttest_ind(means(has_drug), means(~has_drug), axis=1).pvalue
    else:
        p = stats.ttest_rel(means(has_drug), means(~has_drug), axis=1).pvalue
    return int((p < ALPHA).sum())


def make():
    """The whole table."""
    return pd.DataFrame([row for study in STUDIES for groups in GROUPS for row in rejections(study, groups)])


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    make().to_csv(target / "type_1_errors.csv", index=False, lineterminator="\n")
