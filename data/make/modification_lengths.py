"""Carry the lengths of the drug study from the folder that holds R's numbers for them.

    python data/make/modification_lengths.py        writes data/modification_lengths.csv.gz

Every row is simulated. ``tests/reference/lengths/recipe.json`` holds what was planted (rows per cell, variances,
replicate effects, cell means), ``lengths.R`` the model that was fitted to these very rows in R.
"""

import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]


def make():
    """The rows as R read them, in their order, with a replicate, condition, gene and length each."""
    return pd.read_csv(ROOT / "tests" / "reference" / "lengths" / "lengths.csv.gz")


def write(folder):
    zipped = {"method": "gzip", "mtime": 0}  # no time stamp: the same bytes at every run
    make().to_csv(
        folder / "modification_lengths.csv.gz",
        index=False,
        float_format="%.2f",
        compression=zipped,
        lineterminator="\n",
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "data")
