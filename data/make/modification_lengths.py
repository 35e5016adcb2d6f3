"""Carry the lengths of the drug study from the folder that holds R's numbers for them.

    python data/make/modification_lengths.py        writes data/modification_lengths.csv.gz and …_truth.csv

Every row is simulated. ``tests/reference/lengths/recipe.json`` holds what was planted (rows per cell, variances,
replicate effects, cell means), ``lengths.R`` the model that was fitted to these very rows in R.
"""

import json
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
R = ROOT / "tests" / "reference" / "lengths"


def make():
    """The rows as R read them, in their order, with a replicate, condition, gene and length each."""
    return pd.read_csv(R / "lengths.csv.gz")


def make_truth():
    """What was planted: a level and a drug effect per gene, one shift per replicate, the spread of rows and of effects.

    A row is its gene's level, plus the drug effect with the drug, plus its replicate's shift, plus noise. The shifts
    are the same for all genes, and a gene's drug effect is the same in all replicates.
    """
    recipe = json.loads((R / "recipe.json").read_text())
    means = dict(zip(recipe["cells"], recipe["beta_cell_shift"], strict=True))  # C0: gene C, no drug
    rows = [("level", gene, means[f"{gene}0"]) for gene in "CAB"]
    rows += [("drug effect", gene, means[f"{gene}1"] - means[f"{gene}0"]) for gene in "CAB"]
    rows += [("shift", f"rep{k}", shift) for k, shift in enumerate(recipe["u"], start=1)]
    rows += [("SD", "rows", recipe["sigma2"] ** 0.5), ("SD", "drug effects of replicates", 0.0)]
    return pd.DataFrame(rows, columns=["quantity", "of", "planted"])


def write(folder):
    zipped = {"method": "gzip", "mtime": 0}  # no time stamp: the same bytes at every run
    make().to_csv(
        folder / "modification_lengths.csv.gz",
        index=False,
        float_format="%.2f",
        compression=zipped,
        lineterminator="\n",
    )
    make_truth().to_csv(
        folder / "modification_lengths_truth.csv", index=False, float_format="%.6f", lineterminator="\n"
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "data")
