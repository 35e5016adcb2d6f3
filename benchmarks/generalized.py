"""How long generalised mixed models take here, in glmer and in glmmTMB, measured in one run.

    python benchmarks/generalized.py            # prints the table of benchmarks/README.md
    python benchmarks/generalized.py --slow     # VerbAgg, and 100,000 rows of 5,000 groups, too

CPU seconds of one process on one thread, the least of several repetitions, after the data are in memory: the fit with
its table of coefficients. glmer and glmmTMB are measured where ``Rscript`` and they are installed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special
from timing import least

TABLES = Path(__file__).resolve().parents[1] / "tests" / "reference" / "glmm"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def stored(name):
    """A table of tests/reference/glmm."""
    return lambda: pd.read_csv(TABLES / name)


def binary(rows=100_000, groups=5_000):
    """0/1 with a covariate and many groups."""
    rng = np.random.default_rng(1)
    g, x = rng.integers(groups, size=rows), rng.standard_normal(rows)
    eta = -0.5 + 0.5 * x + 0.8 * rng.standard_normal(groups)[g]
    return pd.DataFrame({"y": rng.binomial(1, special.expit(eta)), "x": x, "g": [f"g{i}" for i in g]})


def one_gene():
    """Counts of 24 samples of eight animals."""
    rng = np.random.default_rng(2)
    animal, x = np.repeat(np.arange(8), 3), np.tile([0.0, 1.0, 2.0], 8)
    mean = np.exp(4 + 0.1 * x + 0.3 * rng.standard_normal(8)[animal])
    return pd.DataFrame({"y": rng.poisson(rng.gamma(5, mean / 5)), "x": x, "animal": [f"a{i}" for i in animal]})


TASKS = {  # formula, family, its table, repetitions here and in R
    "cbpp: 56 rows, 15 herds": (
        "cbind(incidence, size - incidence) ~ period + (1 | herd)",
        "binomial",
        stored("cbpp.csv"),
        20,
        5,
    ),
    "one gene, negative binomial: 24 rows, 8 animals": (
        "y ~ x + (1 | animal)",
        "negative_binomial",
        one_gene,
        20,
        5,
    ),
    "grouseticks: 403 rows, 403 + 118 + 63 levels": (
        "ticks ~ year + height + (1 | brood) + (1 | index) + (1 | location)",
        "poisson",
        stored("grouseticks.csv"),
        5,
        2,
    ),
    "VerbAgg: 7,584 rows, 316 × 24 crossed": (
        "r2 ~ anger + gender + btype + situ + (1 | id) + (1 | item)",
        "binomial",
        stored("verbagg.csv.gz"),
        3,
        1,
    ),
    "binary: 100,000 rows, 5,000 groups": ("y ~ x + (1 | g)", "binomial", binary, 2, 1),
}
SLOW = ("VerbAgg", "binary")
IN_R = {"binomial": "binomial", "poisson": "poisson", "negative_binomial": "nbinom2"}


def ours(task):
    """CPU seconds of `fit_mixed` and its table."""
    from helpers.mixed import fit_mixed

    formula, family, table, repetitions, _ = TASKS[task]
    data = table()
    return least(lambda: fit_mixed(formula, data, family=family).coefficients(), repetitions)


def in_r(package, task):
    """CPU seconds of glmer or glmmTMB and its summary, or None where it has no such family."""
    formula, family, table, _, repetitions = TASKS[task]
    if package == "glmer" and family == "negative_binomial":
        call = f"lme4::glmer.nb({formula}, d)"
    elif package == "glmer":
        call = f"lme4::glmer({formula}, d, family = {family})"
    else:
        call = f"glmmTMB::glmmTMB({formula}, d, family = {IN_R[family]})"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table().to_csv(path, index=False)
        script = f"""suppressMessages({{library(lme4); library(glmmTMB)}})
d <- read.csv("{path.as_posix()}", stringsAsFactors = TRUE)
run <- function() summary(suppressMessages(suppressWarnings({call})))
t <- sapply(1:{repetitions}, function(i) {{ gc(FALSE); s <- proc.time(); run(); sum((proc.time() - s)[1:2]) }})
cat(min(t))"""
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, env=os.environ | ONE_THREAD)
    return float(done.stdout) if done.returncode == 0 else None


def measure(task):
    """Our seconds, in a process of its own."""
    command = [sys.executable, __file__, "--one", task]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD, check=True)
    return json.loads(done.stdout)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time generalised mixed models here, in glmer and in glmmTMB.")
    parser.add_argument("--slow", action="store_true", help="VerbAgg and 100,000 rows, too")
    parser.add_argument("--one", metavar="TASK", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        warnings.simplefilter("ignore")
        print(json.dumps(ours(options.one)))
        return
    print("| task | helpers (CPU s) | glmmTMB | against ours | glmer | against ours |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for task in TASKS:
        if task.startswith(SLOW) and not options.slow:
            continue
        base, cells = measure(task), []
        for package in ("glmmTMB", "glmer"):
            seconds = in_r(package, task) if shutil.which("Rscript") else None
            cells += ["not run", ""] if seconds is None else [f"{seconds:.3f}", f"{seconds / base:.1f} ×"]
        print(f"| {task} | {base:.4f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
