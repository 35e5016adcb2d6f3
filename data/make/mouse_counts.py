"""Make the simulated counts of the ten animals, and the truth behind them.

    python data/make/mouse_counts.py        writes data/mouse_counts*.csv(.gz)

The animals, their urea and their weight are the real ones of ``mouse_scores.csv``; every count is simulated.
"""

import sys
from pathlib import Path

import numpy as np

from helpers.data import load_mouse_scores
from helpers.simulate import simulate_counts

N_GENES = 2_000
SEED = 20190808  # the day on which the question was asked


def make():
    samples = load_mouse_scores().set_index("animal")
    return simulate_counts(samples, N_GENES, np.random.default_rng(SEED))


def write(folder):
    counts, truth, size_factors = make()
    zipped = {"method": "gzip", "mtime": 0}  # no time stamp: the same bytes at every run
    counts.to_csv(folder / "mouse_counts.csv.gz", compression=zipped, lineterminator="\n")
    truth.to_csv(folder / "mouse_counts_truth.csv.gz", compression=zipped, lineterminator="\n", float_format="%.10g")
    size_factors.to_csv(folder / "mouse_counts_size_factors.csv", lineterminator="\n", float_format="%.10g")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
