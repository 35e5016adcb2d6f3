"""What a call of `helpers.contrasts` costs, beside marginaleffects on the same fit, measured in one run.

    python benchmarks/contrasts.py            # prints the table of benchmarks/README.md

CPU time of one thread, the least of several repetitions, after the fit and after everything is imported.
marginaleffects gives z tests; ours have degrees of freedom row by row.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import warnings

import marginaleffects
import numpy as np
import statsmodels.api as sm
import statsmodels.formula.api as smf
from mixed import LENGTHS, lengths
from timing import least

from helpers.contrasts import comparisons, joint_tests, predictions
from helpers.mixed import fit_mixed

LOG_LENGTHS = LENGTHS.replace("log(length)", "log_length")


def tasks():
    """Name, our call, marginaleffects' call or None."""
    data = lengths().assign(log_length=lambda rows: np.log(rows["length"]))
    mixed = fit_mixed(LOG_LENGTHS, data)
    theirs = mixed.statsmodels
    counts = data.assign(count=np.random.default_rng(1).poisson(data["length"] / 10))
    poisson = smf.glm("count ~ condition * gene_name", counts, family=sm.families.Poisson()).fit()
    cells = data[["condition", "gene_name"]].drop_duplicates()
    avg_comparisons, avg_predictions = marginaleffects.avg_comparisons, marginaleffects.avg_predictions
    how = {"variables": "condition", "by": "gene_name"}
    return [
        (
            "mixed, drug by gene, six cells",
            lambda: comparisons(mixed, "condition", by="gene_name"),
            lambda: avg_comparisons(theirs, newdata=cells, **how),
        ),
        (
            "the same by Kenward–Roger",
            lambda: comparisons(mixed, "condition", by="gene_name", ddf="kenward-roger"),
            None,
        ),
        (
            "mixed, drug by gene, 22,569 rows observed",
            lambda: comparisons(mixed, "condition", by="gene_name", grid="observed"),
            lambda: avg_comparisons(theirs, **how),
        ),
        (
            "mixed, means of six cells",
            lambda: predictions(mixed, ["gene_name", "condition"]),
            lambda: avg_predictions(theirs, newdata=cells, by=["gene_name", "condition"]),
        ),
        (
            "mixed, joint test of the interaction",
            lambda: joint_tests(mixed, "condition", by="gene_name", differences="pairwise"),
            None,
        ),
        (
            "Poisson, drug by gene, scale of the outcome, 22,569 rows observed",
            lambda: comparisons(poisson, "condition", by="gene_name", grid="observed", scale="response"),
            lambda: avg_comparisons(poisson, **how),
        ),
    ]


def main():
    """Print the table."""
    warnings.simplefilter("ignore")
    print("| call | helpers (CPU ms) | marginaleffects (CPU ms) | ratio |")
    print("| --- | ---: | ---: | ---: |")
    for name, ours, theirs in tasks():
        ours()  # the variances' derivatives are computed once for each fit
        a, b = least(ours, 7), theirs and (theirs(), least(theirs, 5))[1]
        other = f"{1000 * b:.0f} | {b / a:.1f} ×" if theirs else " | "
        print(f"| {name} | {1000 * a:.1f} | {other} |")


if __name__ == "__main__":
    main()
