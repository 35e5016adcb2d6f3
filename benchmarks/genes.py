"""How long a mixed model of every gene takes here, in R and in statsmodels, measured in one run.

    python benchmarks/genes.py      # prints the tables of benchmarks/README.md

Each task runs in a process of its own, so that its peak memory is its own, on one thread. Times are CPU seconds: the
least of several repetitions, after the data are in memory, with the tidy table and its corrected p-values. The others
fit the first genes only, as many as take some seconds. R is measured where ``Rscript`` and the package are installed;
otherwise the recorded figure is printed, and says so.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from timing import least

REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "reference"
FORMULA = "~ urea + weight + (1 | animal)"
GENES = 20_000
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
TASKS = {  # what, samples, arguments
    "24 samples": (24, {}),
    "24 samples, Kenward–Roger": (24, {"ddf": "kenward-roger"}),
    "24 samples, z tests": (24, {"ddf": "normal"}),
    "100 samples": (100, {}),
    "100 samples, Kenward–Roger": (100, {"ddf": "kenward-roger"}),
    "24 samples, 10% of values missing": (24, {"missing": True}),
    "24 samples, weights": (24, {"weighted": True}),
    "24 samples, both": (24, {"missing": True, "weighted": True}),
    "24 samples, both, Kenward–Roger": (24, {"missing": True, "weighted": True, "ddf": "kenward-roger"}),
    "24 samples, no random term, moderated": (24, {"moderated": True}),
}
SHOCK = {  # the 33 samples of data/shock_counts.csv.gz, with precision weights
    "moderated": {"moderated": True},
    "Satterthwaite": {},
    "Kenward–Roger": {"ddf": "kenward-roger"},
}
SHOCK_FORMULA = "~ time + (1 | patient)"
# CPU seconds per gene, from the run in benchmarks/README.md: printed where R is not installed.
RECORDED = {"lmerTest": 0.0324, "duplicateCorrelation": 0.00066, "weights": 0.0324}


def samples(n):
    """A design: the 24 samples of the reference, or 100 of 25 animals; urea varies by sample, weight by animal."""
    if n == 24:
        design = pd.read_csv(REFERENCE / "genes" / "lmm_design.csv").set_index("sample")
        return design.assign(**{name: (x - x.mean()) / x.std() for name, x in design[["urea", "weight"]].items()})
    rng = np.random.default_rng(1)
    animal = np.repeat(np.arange(25), 4)
    urea, weight = rng.standard_normal(100), rng.standard_normal(25)[animal]
    return pd.DataFrame({"animal": animal, "urea": urea, "weight": weight}, index=[f"s{i}" for i in range(100)])


def genes(design, n=GENES):
    """Expression: a fifth of the genes without variance between animals, three in ten with an effect of urea."""
    rng = np.random.default_rng(2)
    animal, _ = pd.factorize(design["animal"])
    tau = np.where(rng.random(n) < 0.2, 0, np.sqrt(rng.exponential(0.5, n)))
    slope = np.where(rng.random(n) < 0.3, rng.normal(0, 0.6, n), 0)
    y = (
        tau[:, None] * rng.standard_normal((n, animal.max() + 1))[:, animal]
        + slope[:, None] * design["urea"].to_numpy()
    )
    y += rng.uniform(5, 13, (n, 1)) + rng.uniform(0.3, 1, (n, 1)) * rng.standard_normal(y.shape)
    return pd.DataFrame(y, [f"gene{i}" for i in range(n)], design.index)


def ours(task):
    """CPU seconds of `helpers.genes`."""
    from helpers.genes import fit_genes

    n, options = TASKS[task]
    options, design = dict(options), samples(n)
    y, rng = genes(design), np.random.default_rng(3)
    if options.pop("missing", False):
        y = y.mask(rng.random(y.shape) < 0.1)
    if options.pop("weighted", False):
        options["weights"] = rng.gamma(4, 0.25, y.shape)
    formula = "~ urea + weight" if "moderated" in options else FORMULA
    return least(lambda: fit_genes(y, design, formula, **options), 7)


def shock():
    """Log counts, weights and design of a public data set."""
    from helpers.counts import voom_weights
    from helpers.data import load_shock_counts, load_shock_samples

    design = load_shock_samples()
    return voom_weights(load_shock_counts(), design, SHOCK_FORMULA), design


def ours_shock(task):
    """CPU seconds of `helpers.genes` on all its genes."""
    from helpers.genes import fit_genes

    logs, design = shock()
    return least(lambda: fit_genes(logs.log_cpm, design, SHOCK_FORMULA, weights=logs.weights, **SHOCK[task]), 5)


def statsmodels(n_genes):
    """CPU seconds per gene of statsmodels' MixedLM (its table of z tests)."""
    import statsmodels.formula.api as smf

    design = samples(24)
    tables = [design.assign(y=row) for row in genes(design).to_numpy()[:n_genes]]

    def run():
        for table in tables:
            smf.mixedlm("y ~ urea + weight", table, groups="animal").fit().summary()

    return least(run, 1) / n_genes


R_CODE = {
    "lmerTest": """suppressMessages(library(lmerTest))
run <- function() for (g in seq_len(nrow(Y))) {
  d$y <- Y[g, ]; suppressMessages(suppressWarnings(coef(summary(lmer(y ~ urea + weight + (1 | animal), d))))) }""",
    "duplicateCorrelation": """suppressMessages(library(limma)); X <- model.matrix(~ urea + weight, d)
run <- function() { found <- suppressWarnings(duplicateCorrelation(Y, X, block = d$animal))
  lmFit(Y, X, block = d$animal, correlation = found$consensus.correlation) }""",
    "weights": """suppressMessages(library(lmerTest)); W <- as.matrix(read.csv("weights.csv", row.names = 1))
run <- function() for (g in seq_len(nrow(Y))) { d$y <- Y[g, ]; d$w <- W[g, ]
  suppressMessages(suppressWarnings(coef(summary(lmer(y ~ time + (1 | patient), d, weights = w))))) }""",
}


def in_r(tool, n_genes):
    """CPU seconds per gene of an R package, or None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    logs, design = shock() if tool == "weights" else (None, samples(24))
    with tempfile.TemporaryDirectory() as folder:
        if logs is None:
            genes(design).iloc[:n_genes].to_csv(Path(folder) / "genes.csv")
        else:
            logs.log_cpm.iloc[:n_genes].to_csv(Path(folder) / "genes.csv")
            logs.weights.iloc[:n_genes].to_csv(Path(folder) / "weights.csv")
        design.to_csv(Path(folder) / "design.csv")
        script = f"""Y <- as.matrix(read.csv("genes.csv", row.names = 1)); d <- read.csv("design.csv"); {R_CODE[tool]}
t <- sapply(1:2, function(i) {{ gc(FALSE); s <- proc.time(); run(); sum((proc.time() - s)[1:2]) }})
cat(min(t) / nrow(Y))"""
        done = subprocess.run(
            ["Rscript", "-e", script], capture_output=True, text=True, env=os.environ | ONE_THREAD, cwd=folder
        )
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def measure(tool, task):
    """Seconds and peak memory (MB), in a process of its own."""
    command = [sys.executable, __file__, "--one", tool, task]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    if done.returncode:
        raise RuntimeError(f"{tool} on {task} failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return json.loads(done.stdout)


def one(tool, task):
    """Print seconds and peak memory as JSON: what `measure` reads."""
    warnings.simplefilter("ignore")
    seconds = {"ours": ours, "shock": ours_shock, "statsmodels": lambda n: statsmodels(int(n))}[tool](task)
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def print_shock():
    """Print the table of weighted mixed models of a public data set."""
    n = 13_123
    theirs = in_r("weights", 100)
    note, theirs = ("", theirs) if theirs is not None else (", recorded, not run here", RECORDED["weights"])
    print(f"\n| {n:,} genes × 33 samples of 11 patients, weights | CPU seconds | lmerTest against ours |")
    print("| --- | ---: | ---: |")
    for task in SHOCK:
        seconds, _ = measure("shock", task)
        print(f"| {task} | {seconds:.2f} | {theirs * n / seconds:,.0f} × |")
    print(f"| R, lmerTest with the same weights (mean of 100{note}) × {n:,} | {theirs * n:.0f} | |")


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Time a mixed model of every gene here, in R and in statsmodels.")
    parser.add_argument("--shock", action="store_true", help="only the table of the public data set")
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "TASK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
        return
    if options.shock:
        print_shock()
        return
    print(f"| {GENES:,} genes | CPU seconds | peak memory (MB) |")
    print("| --- | ---: | ---: |")
    base = None
    for task in TASKS:
        seconds, memory = measure("ours", task)
        base = base or seconds / GENES
        print(f"| {task} | {seconds:.3f} | {memory:.0f} |")
    print_shock()
    print("\n| one gene, 24 samples | CPU milliseconds | against ours |")
    print("| --- | ---: | ---: |")
    print(f"| helpers, fit and Satterthwaite table (mean of {GENES:,}) | {1000 * base:.4f} | 1 |")
    rows = {
        "R, lmerTest and its Satterthwaite table (mean of 200)": ("lmerTest", in_r("lmerTest", 200)),
        "R, limma duplicateCorrelation and lmFit (mean of 2,000)": (
            "duplicateCorrelation",
            in_r("duplicateCorrelation", 2000),
        ),
        "statsmodels MixedLM, z tests (mean of 100)": ("statsmodels", measure("statsmodels", "100")[0]),
    }
    for title, (tool, seconds) in rows.items():
        note = "" if seconds is not None else ", recorded, not run here"
        seconds = RECORDED[tool] if seconds is None else seconds
        print(f"| {title}{note} | {1000 * seconds:.2f} | {seconds / base:,.0f} × |")


if __name__ == "__main__":
    main()
