"""How long mixed models take here, in R and in statsmodels, measured in one run.

    python benchmarks/mixed.py            # prints the table of benchmarks/README.md
    python benchmarks/mixed.py --slow     # very many levels, and statsmodels on crossed factors (a quarter of an hour)

Each task runs in a process of its own, so that its peak memory is its own. Times are CPU seconds of one process: the
least of several repetitions, after the data are in memory. R is measured where ``Rscript`` and lmerTest are installed.
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
LENGTHS = "log(length) ~ condition * gene_name + (1 | replicate)"
GENE = "y ~ uz + wz + (1 | animal)"
CROSSED = "y ~ x + (1 | a) + (1 | b)"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def lengths():
    """22,569 rows, three genes, a drug, four replicates."""
    data = pd.read_csv(REFERENCE / "lengths" / "lengths.csv.gz")
    data["condition"] = pd.Categorical(data["condition"], ["NO DRUG", "DRUG"])
    data["gene_name"] = pd.Categorical(data["gene_name"], ["C", "A", "B"])
    return data


def genes():
    """200 genes in 24 samples of eight mice: one table per gene."""
    expression = pd.read_csv(REFERENCE / "genes" / "lmm_genes.csv.gz", index_col=0)
    design = pd.read_csv(REFERENCE / "genes" / "lmm_design.csv")
    design["uz"] = (design["urea"] - design["urea"].mean()) / design["urea"].std()
    design["wz"] = (design["weight"] - design["weight"].mean()) / design["weight"].std()
    return [design.assign(y=values) for values in expression.to_numpy()]


def crossed(n=22_560, levels_a=100, levels_b=40):
    """Two crossed factors."""
    rng = np.random.default_rng(1)
    a, b, x = rng.integers(levels_a, size=n), rng.integers(levels_b, size=n), rng.standard_normal(n)
    effects = 0.5 * rng.standard_normal(levels_a)[a] + 0.3 * rng.standard_normal(levels_b)[b]
    y = 1 + 0.1 * x + effects + rng.standard_normal(n)
    return pd.DataFrame({"y": y, "x": x, "a": [f"a{i}" for i in a], "b": [f"b{i}" for i in b]})


def insteval():
    """73,421 ratings of 1,128 lecturers by 2,972 students: lme4's table, written by R."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "insteval.csv"
        code = f'write.csv(lme4::InstEval, "{table.as_posix()}", row.names = FALSE)'
        subprocess.run(["Rscript", "-e", code], check=True, capture_output=True)
        data = pd.read_csv(table, dtype={"s": str, "d": str, "dept": str})
    return data.assign(service=np.where(data["service"] == 1, "yes", "no"))


def nested(upper, lower, rows=5):
    """`upper` levels with `lower` levels in each, and five rows in each of these."""
    rng = np.random.default_rng(1)
    b = np.repeat(np.arange(upper * lower), rows)
    a, x, noise = b // lower, rng.standard_normal(len(b)), rng.standard_normal(len(b))
    y = 1 + 0.1 * x + 0.5 * rng.standard_normal(upper)[a] + 0.7 * rng.standard_normal(upper * lower)[b] + noise
    return pd.DataFrame({"y": y, "x": x, "a": [f"a{i}" for i in a], "b": [f"b{i}" for i in b]})


SLOPES = "y ~ service + (1 + service | s) + (1 | d)"
LARGE = {  # formula, its table, repetitions here and in R
    "InstEval": ("y ~ service + (1 | s) + (1 | d)", insteval, 3, 1),
    "InstEval, dept:service": ("y ~ service + (1 | s) + (1 | d) + (1 | dept:service)", insteval, 3, 1),
    "InstEval, slopes": (SLOPES, insteval, 2, 1),
    "nested: 4 × 1,000 levels": ("y ~ x + (1 | a/b)", lambda: nested(4, 1_000), 5, 2),
    "nested: 4 × 5,000 levels": ("y ~ x + (1 | a/b)", lambda: nested(4, 5_000), 5, 1),
    "nested: 4 × 25,000 levels": ("y ~ x + (1 | a/b)", lambda: nested(4, 25_000), 3, 1),
    "crossed: 200,000 rows, 10,000 + 2,000 levels": (CROSSED, lambda: crossed(200_000, 10_000, 2_000), 1, 1),
}


def ours(task):
    """CPU seconds of `helpers`."""
    from helpers.mixed import fit_mixed

    if task.removesuffix(FIT) in LARGE:
        formula, table, repetitions, _ = LARGE[task.removesuffix(FIT)]
        data = table()
        tables = (lambda fit: fit) if task.endswith(FIT) else (lambda fit: fit.coefficients())
        return least(lambda: tables(fit_mixed(formula, data)), repetitions)
    if task == "lengths":
        data = lengths()
        return least(lambda: fit_mixed(LENGTHS, data).coefficients(), 5)
    if task == "lengths, Kenward–Roger":
        fits = iter([fit_mixed(LENGTHS, lengths()) for _ in range(3)])
        return least(lambda: next(fits).coefficients("kenward-roger"), 3)
    if task == "one gene":
        tables = genes()
        return least(lambda: [fit_mixed(GENE, table).coefficients() for table in tables], 2) / len(tables)
    data = crossed()
    return least(lambda: fit_mixed(CROSSED, data).coefficients(), 3)


def statsmodels(task):
    """CPU seconds of statsmodels' MixedLM (its table of z tests)."""
    import statsmodels.formula.api as smf

    if task == "lengths":
        data = lengths()
        formula = "np.log(length) ~ condition * gene_name"
        return least(lambda: smf.mixedlm(formula, data, groups="replicate").fit(), 2)
    if task == "one gene":
        tables = genes()
        return least(lambda: [smf.mixedlm("y ~ uz + wz", t, groups="animal").fit() for t in tables], 1) / len(tables)
    data = crossed().assign(all=1)
    parts = {"a": "0 + C(a)", "b": "0 + C(b)"}
    return least(lambda: smf.mixedlm("y ~ x", data, groups="all", vc_formula=parts, re_formula="0").fit(), 1)


FIT = ", fit alone"
R_CODE = {
    "lengths": """
d <- read.csv(gzfile("{lengths}")); d$condition <- relevel(factor(d$condition), "NO DRUG")
d$gene_name <- relevel(factor(d$gene_name), "C")
run <- function() summary(lmer(log(length) ~ condition * gene_name + (1 | replicate), d)); n <- 5; k <- 1""",
    "one gene": """
Y <- as.matrix(read.csv(gzfile("{genes}"), row.names = 1)); d <- read.csv("{design}")
d$uz <- as.numeric(scale(d$urea)); d$wz <- as.numeric(scale(d$weight))
run <- function() for (g in 1:200) {{ d$y <- Y[g, ]; summary(lmer(y ~ uz + wz + (1 | animal), d)) }}
n <- 2; k <- 200""",
    "crossed": """
d <- read.csv("{crossed}"); run <- function() summary(lmer(y ~ x + (1 | a) + (1 | b), d)); n <- 3; k <- 1""",
}


def in_r(task):
    """CPU seconds of lmerTest::lmer and its summary, or None where R is not installed."""
    large = task.removesuffix(FIT)
    if (task not in R_CODE and large not in LARGE) or shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "crossed.csv"
        if task == "crossed":
            crossed().to_csv(table, index=False)
        if large in LARGE:
            formula, data, _, repetitions = LARGE[large]
            data().to_csv(table, index=False)
            call = f"lme4::lmer({formula}, d)" if task.endswith(FIT) else f"summary(lmer({formula}, d))"
            source = f'd <- read.csv("{table}", stringsAsFactors = TRUE); for (g in c("s", "d", "dept")) '
            source += "if (!is.null(d[[g]])) d[[g]] <- factor(d[[g]]); "
            source += f"run <- function() {call}; n <- {repetitions}; k <- 1"
        code = (
            source
            if large in LARGE
            else R_CODE[task].format(
                lengths=REFERENCE / "lengths" / "lengths.csv.gz",
                genes=REFERENCE / "genes" / "lmm_genes.csv.gz",
                design=REFERENCE / "genes" / "lmm_design.csv",
                crossed=table,
            )
        )
        script = f"""suppressMessages(library(lmerTest)); {code}
t <- sapply(1:n, function(i) {{ gc(FALSE); s <- proc.time(); suppressMessages(suppressWarnings(run()))
  sum((proc.time() - s)[1:2]) }}); cat(min(t) / k)"""
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, env=os.environ | ONE_THREAD)
    return float(done.stdout) if done.returncode == 0 else None


def measure(tool, task):
    """Seconds and peak memory (MB) of one tool on one task, in a process of its own."""
    command = [sys.executable, __file__, "--one", tool, task]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    if done.returncode:
        return None, None, (done.stderr.strip().splitlines() or ["failed"])[-1]
    return (*json.loads(done.stdout), "")


def one(tool, task):
    """Print seconds and peak memory as JSON: what `measure` reads."""
    warnings.simplefilter("ignore")
    seconds = {"ours": ours, "statsmodels": statsmodels, "R": in_r}[tool](task)
    who = resource.RUSAGE_CHILDREN if tool == "R" else resource.RUSAGE_SELF
    print(json.dumps([seconds, resource.getrusage(who).ru_maxrss / 1024]))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time mixed models here, in R and in statsmodels.")
    parser.add_argument("--slow", action="store_true", help="very many levels, and statsmodels on crossed factors")
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "TASK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
        return
    print("| task | tool | CPU seconds | against ours | peak memory (MB) |")
    print("| --- | --- | ---: | ---: | ---: |")
    large = [name for task in LARGE for name in (task + FIT, task)] if options.slow else []
    for task in ("lengths", "lengths, Kenward–Roger", "one gene", "crossed", *large):
        base, memory, _ = measure("ours", task)
        print(f"| {task} | helpers | {base:.4f} | 1 | {memory:.0f} |")
        for tool in ("R", "statsmodels"):
            if tool == "statsmodels" and (task in large or (task == "crossed" and not options.slow)):
                continue
            if "Kenward" in task:
                continue
            seconds, memory, problem = measure(tool, task)
            if seconds is None:
                print(f"| {task} | {tool} | {problem or 'not installed'} | | |")
            else:
                print(f"| {task} | {tool} | {seconds:.4f} | {seconds / base:.1f} × | {memory:.0f} |")


if __name__ == "__main__":
    main()
