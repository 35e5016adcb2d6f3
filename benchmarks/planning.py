"""Power by `helpers.planning` against the loop that simr runs in R: same power, time side by side in one run.

    python benchmarks/planning.py            # prints the tables of benchmarks/README.md; needs Rscript with lmerTest

The loop simulates an outcome, fits it by `lmerTest::lmer`, and tests with Satterthwaite's or, through pbkrtest,
Kenward–Roger degrees of freedom. (`lme4::refit` would be faster, but lmerTest then takes the derivatives of
Satterthwaite's method from the data of the first fit.) Times are CPU seconds of one thread.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from timing import least

from helpers.planning import crossed, curve, power
from helpers.planning.rates import exact_interval

DRUG = ["control", "treated"]
MODELS = {
    "random intercept": (
        crossed(animal=10, day=3, between={"drug": DRUG}),
        "~ drug + day + (1 | animal)",
        {"drug": 1.2},
        {"animal": 0.7, "residual": 1.0},
    ),
    "random slope": (
        crossed(animal=10, drug=DRUG, replicates=3),
        "~ drug + (1 + drug | animal)",
        {"drug": 0.8},
        {"animal": {"intercept": 0.7, "drug": 0.5}, "residual": 1.0},
    ),
    "crossed animals and days": (
        crossed(animal=8, day=4, drug=DRUG),
        "~ drug + (1 | animal) + (1 | day)",
        {"drug": 0.7},
        {"animal": 0.7, "day": 0.5, "residual": 1.0},
    ),
}
DDF = {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward-Roger"}
THETA = {"random intercept": [0.7], "random slope": [0.7, 0.0, 0.5], "crossed animals and days": [0.7, 0.5]}
LOOP = """
suppressMessages({library(lme4); library(lmerTest)})
given <- commandArgs(TRUE)
rows <- read.csv(given[1], stringsAsFactors = FALSE)
for (name in names(rows)) if (is.character(rows[[name]])) rows[[name]] <- factor(rows[[name]], unique(rows[[name]]))
model <- as.formula(given[2]); n <- as.integer(given[4]); ddf <- given[5]
theta <- as.numeric(strsplit(given[6], ",")[[1]]); effect <- as.numeric(given[3])
set.seed(1)
rows$y <- rnorm(nrow(rows))
first <- suppressMessages(suppressWarnings(lme4::lmer(model, rows)))
beta <- fixef(first) * 0; beta["drugtreated"] <- effect
truth <- list(beta = beta, theta = theta, sigma = 1)
right <- model; right[[2]] <- NULL
p <- numeric(n)
start <- proc.time()
for (i in seq_len(n)) {
  rows$y <- suppressMessages(simulate(right, newdata = rows, newparams = truth, family = gaussian)[[1]])
  fit <- suppressMessages(suppressWarnings(lmerTest::lmer(model, rows)))
  p[i] <- suppressMessages(suppressWarnings(coef(summary(fit, ddf = ddf))["drugtreated", "Pr(>|t|)"]))
}
spent <- proc.time() - start
cat(sprintf("{\\"seconds\\": %.4f, \\"found\\": %d}", spent[["user.self"]] + spent[["sys.self"]], sum(p < 0.05)))
"""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def in_r(name, ddf, n):
    """CPU seconds and rejections of the loop."""
    design, formula, effects, _ = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "rows.csv", Path(folder) / "loop.R"
        design.table().to_csv(table, index=False)
        script.write_text(LOOP, encoding="utf-8")
        theta = ",".join(map(str, THETA[name]))
        given = [str(table), f"y {formula}", str(effects["drug"]), str(n), DDF[ddf], theta]
        done = subprocess.run(
            ["Rscript", str(script), *given], capture_output=True, text=True, check=True, env=os.environ | ONE_THREAD
        )
    return json.loads(done.stdout)


def compared(n_r, n_sim):
    """One row per model and test."""
    rows = []
    for name, (design, formula, effects, sd) in MODELS.items():
        for ddf in DDF:
            options = {"effects": effects, "sd": sd, "test": "drug", "ddf": ddf, "n_sim": n_sim}
            seconds = least(
                lambda formula=formula, design=design, options=options: power(design, formula, **options), 2
            )
            here, loop = power(design, formula, **options).iloc[0], in_r(name, ddf, n_r)
            low, high = exact_interval(loop["found"], n_r)
            rows.append(
                {
                    "model": name,
                    "ddf": ddf,
                    "power": f"{here['power']:.3f} ({here['power_low']:.3f} to {here['power_high']:.3f})",
                    "power, R": f"{loop['found'] / n_r:.3f} ({low:.3f} to {high:.3f})",
                    "ms": 1e3 * seconds / n_sim,
                    "ms, R": 1e3 * loop["seconds"] / n_r,
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(ratio=np.round(table["ms, R"] / table["ms"]))


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loop", type=int, default=400, help="experiments in R")
    parser.add_argument("--here", type=int, default=10_000, help="experiments here")
    asked = parser.parse_args()
    table = compared(asked.loop, asked.here)
    print(table.round({"ms": 4, "ms, R": 1}).to_string(index=False))
    design, formula, effects, sd = MODELS["random intercept"]
    for ddf in DDF:
        options = {"effects": effects, "sd": sd, "test": "drug", "ddf": ddf}
        sizes = {"animal": range(4, 34)}
        seconds = least(lambda options=options, sizes=sizes: curve(design, formula, over=sizes, **options), 1)
        print(f"curve of 30 sizes × 10,000 experiments, {ddf}: {seconds:.2f} CPU seconds")


if __name__ == "__main__":
    main()
