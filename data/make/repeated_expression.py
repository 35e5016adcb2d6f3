"""Make the simulated expression of ten animals sampled in four weeks, and the truth behind it.

    python data/make/repeated_expression.py        writes data/repeated_*.csv(.gz)

Animals, samples and genes are all simulated.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data.schemas import OCCASIONS, REPEATED_ANIMALS
from helpers.simulate import simulate_expression

N_GENES = 2_000
SEED = 20190808  # as in mouse_counts.py


def make():
    rng = np.random.default_rng(SEED)
    samples = make_samples(rng)
    expression, truth = simulate_expression(samples, N_GENES, rng)
    return samples, expression, truth


def make_samples(rng):
    """Urea and weight: each animal has a level of its own, around which the weeks scatter."""
    n = len(REPEATED_ANIMALS)
    urea = rng.normal(180, 70, n).clip(60)[:, None] + rng.normal(0, 40, (n, OCCASIONS))
    weight = rng.normal(22, 1.3, n)[:, None] + rng.normal(0, 0.4, (n, OCCASIONS))
    samples = pd.MultiIndex.from_product([REPEATED_ANIMALS, range(1, OCCASIONS + 1)], names=["animal", "week"])
    samples = samples.to_frame(index=False)
    samples["urea"], samples["weight"] = urea.clip(20).round(2).ravel(), weight.round(1).ravel()
    samples.index = pd.Index(samples["animal"] + "_" + samples["week"].astype(str), name="sample")
    return samples


def write(folder):
    samples, expression, truth = make()
    zipped = {"method": "gzip", "mtime": 0}  # no time stamp: the same bytes at every run
    how = {"compression": zipped, "lineterminator": "\n"}
    samples.to_csv(folder / "repeated_samples.csv", lineterminator="\n")
    expression.to_csv(folder / "repeated_expression.csv.gz", float_format="%.4f", **how)
    truth.to_csv(folder / "repeated_expression_truth.csv.gz", float_format="%.10g", **how)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
