"""How long models for counts take here and in R, measured in one run.

    python benchmarks/counts.py            # prints the table of benchmarks/README.md
    python benchmarks/counts.py --public   # the two public studies: genes found by each method, here and in R

Each task runs in a process of its own. Times are CPU seconds of one process on one thread: the least of several
repetitions, after the data are in memory. R is measured where ``Rscript`` and the package are installed; otherwise the
figure recorded on the machine of benchmarks/README.md is shown, and marked.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from timing import least

REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "reference"
FORMULA = "~ urea_z + weight_z"
SMALL, LARGE = 2_000, 10_000
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
OURS = {
    "quasi-likelihood": "quasi_likelihood",
    "likelihood ratio": "likelihood_ratio",
    "voom": "voom",
    "NOISeq": "noiseq",
    "DESeq2": "deseq2",
    "Poisson, gene by gene": "fit_poisson",
    "negative binomial, gene by gene": "fit_negative_binomial",
}
IN_R = {
    "quasi-likelihood": (
        "edgeR",
        "{ y <- estimateDisp(calcNormFactors(DGEList(K)), D); f <- glmQLFit(y, D, legacy = TRUE);"
        " glmQLFTest(f, coef = 2); glmQLFTest(f, coef = 3) }",
    ),
    "voom": ("edgeR", "eBayes(lmFit(voom(calcNormFactors(DGEList(K)), D), D))"),
    "NOISeq": (
        "NOISeq",
        'noiseq(readData(data = K[, g], factors = data.frame(group = d$group[g])), k = 0.5, norm = "tmm",'
        ' factor = "group", replicates = "biological", lc = 0)',
    ),
    "DESeq2": ("DESeq2", "results(DESeq(DESeqDataSetFromMatrix(K, d, ~urea_z + weight_z), quiet = TRUE))"),
}
# The public studies: the study, the call here, and in R; the pairs after edgeR's filter, shock with all its genes.
PUBLIC = {
    "pairs: QL": (
        "airway",
        lambda m, k, s: m.quasi_likelihood(k, s, "~ donor + dexamethasone", terms="dexamethasone[T.treated]"),
        "glmQLFTest(glmQLFit(estimateDisp(y, D), D, legacy = TRUE), coef = 5)$table$PValue",
    ),
    "pairs: voom": (
        "airway",
        lambda m, k, s: m.voom(k, s, "~ donor + dexamethasone", terms="dexamethasone[T.treated]"),
        "eBayes(lmFit(voom(y, D), D))$p.value[, 5]",
    ),
    "pairs: NOISeq, donor ignored": (
        "airway",
        lambda m, k, s: m.noiseq(k, s, "dexamethasone", levels=("untreated", "treated")),
        'noiseq(readData(K, factors = data.frame(g = s$dexamethasone)), norm = "tmm", factor = "g",'
        ' replicates = "biological", lc = 0)@results[[1]]$prob',
    ),
    "blocks: QL, patient in the formula": (
        "shock",
        lambda m, k, s: m.quasi_likelihood(k, s, "~ patient + time", terms="time[T.T3]"),
        "glmQLFTest(glmQLFit(estimateDisp(y, P), P, legacy = TRUE), coef = 13)$table$PValue",
    ),
    "blocks: voom, patient in the formula": (
        "shock",
        lambda m, k, s: m.voom(k, s, "~ patient + time", terms="time[T.T3]"),
        "eBayes(lmFit(voom(y, P), P))$p.value[, 13]",
    ),
    "blocks: voom(block), two rounds": (
        "shock",
        lambda m, k, s: m.voom(k, s, "~ time", block="patient", terms="time[T.T3]"),
        "{ v <- voom(y, D); r <- duplicateCorrelation(v, D, block = s$patient)$cons; v <- voom(y, D, block = s$patient,"
        " correlation = r); r <- duplicateCorrelation(v, D, block = s$patient)$cons;"
        " eBayes(lmFit(v, D, block = s$patient, correlation = r))$p.value[, 3] }",
    ),
}
PUBLIC_IN_R = {
    "airway": "s$dexamethasone <- factor(s$dexamethasone, c('untreated', 'treated')); D <- model.matrix(~donor +"
    " dexamethasone, s); K <- K[filterByExpr(K, design = D), ]; y <- calcNormFactors(DGEList(K))",
    "shock": "D <- model.matrix(~time, s); P <- model.matrix(~patient + time, s); y <- calcNormFactors(DGEList(K))",
}
RECORDED = {
    ("quasi-likelihood", LARGE): 1.2,
    ("NOISeq", LARGE): 10.0,
    ("DESeq2", LARGE): 3.5,
    ("mixed, one gene", 1): 0.214,
}  # CPU seconds: shown where R is not installed


def table(n_genes):
    """Simulated counts of the ten animals, and their design."""
    counts = pd.read_csv(REFERENCE / "counts" / "counts_10k.csv.gz", index_col=0).iloc[:n_genes]
    design = pd.read_csv(REFERENCE / "counts" / "counts_design.csv", index_col=0)
    scaled = design[["urea", "weight"]].apply(lambda values: (values - values.mean()) / values.std())
    return counts, design.join(scaled.add_suffix("_z"))


def ours(task, n_genes):
    """CPU seconds of `helpers.counts`."""
    from helpers import counts as methods

    if task == "mixed, one gene":
        return mixed() / 30
    if task in PUBLIC:
        return public(task)
    counts, design = table(n_genes)
    if task == "NOISeq":
        return least(lambda: methods.noiseq(counts, design, "group", levels=(1, 3)), 3)
    method = getattr(methods, OURS[task])
    return least(lambda: method(counts, design, FORMULA), 3)


def public(task):
    """CPU seconds on a public study, and how many genes are found."""
    from helpers import counts as methods
    from helpers import data

    study, call, _ = PUBLIC[task]
    counts, samples = getattr(data, f"load_{study}_counts")(), getattr(data, f"load_{study}_samples")()
    if study == "airway":
        counts = counts[methods.filter_by_expression(counts, samples, "~ donor + dexamethasone")]
    found = call(methods, counts, samples)
    called = found["p_adjusted"] < 0.05 if "p_adjusted" in found else found["probability"] > 0.8
    return least(lambda: call(methods, counts, samples), 2), int(called.sum())


def public_in_r(task):
    """The same by R; None where the packages are not installed."""
    if shutil.which("Rscript") is None:
        return None
    study, _, call = PUBLIC[task]
    folder = REFERENCE.parents[1] / "data"
    script = f"""suppressMessages({{library(edgeR); library(limma); library(NOISeq)}})
K <- as.matrix(read.csv(gzfile("{folder / study}_counts.csv.gz"), row.names = 1, check.names = FALSE))
s <- read.csv("{folder / study}_samples.csv", stringsAsFactors = TRUE); {PUBLIC_IN_R[study]}; gc(FALSE) -> x
t <- proc.time(); invisible(capture.output(suppressMessages(p <- {call}))); t <- sum((proc.time() - t)[1:2])
cat(t, {"sum(p > 0.8, na.rm = TRUE)" if "NOISeq" in task else 'sum(p.adjust(p, "BH") < 0.05)'})"""
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, env=os.environ | ONE_THREAD)
    if done.returncode:
        return None
    seconds, called = done.stdout.split()[-2:]
    return float(seconds), int(called)


def print_public():
    """Print the table of the two public studies."""
    print("| the two public studies | CPU seconds here | in R | R against ours | genes found here | in R |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for task in PUBLIC:
        (seconds, found), there = measure("ours", task, 0), measure("R", task, 0)
        shown = ("", "", "") if there is None else (f"{there[0]:.2f}", f"{there[0] / seconds:.1f} ×", f"{there[1]:,}")
        print(f"| {task} | {seconds:.3f} | {shown[0]} | {shown[1]} | {found:,} | {shown[2]} |", flush=True)


def print_permutations(number=30):
    """Print what methods find in shock after the times were exchanged within patients, where nothing is to be found."""
    from helpers import counts as methods
    from helpers import data

    counts, samples = data.load_shock_counts(), data.load_shock_samples()
    print(f"| {number} permutations within patients | p below .05: least, median, most | genes found at 5%: the same |")
    print("| --- | --- | --- |")
    for task, (study, call, _) in PUBLIC.items():
        if study != "shock" or "QL" in task:
            continue
        tables = [
            call(methods, counts, methods.permute_within(samples, "time", "patient", seed=seed))
            for seed in range(number)
        ]
        shares = np.array([(table["p_value"] < 0.05).mean() for table in tables])
        found = np.array([(table["p_adjusted"] < 0.05).sum() for table in tables])
        three = [f"{100 * take(shares):.1f}%" for take in (np.min, np.median, np.max)]
        print(f"| {task} | {', '.join(three)} | {found.min():,}, {np.median(found):,g}, {found.max():,} |", flush=True)


def mixed():
    """30 genes × 24 samples of eight mice."""
    from helpers.counts import fit_negative_binomial_mixed

    counts = pd.read_csv(REFERENCE / "counts" / "counts_24x30.csv.gz", index_col=0)
    sizes = np.exp(pd.read_csv(REFERENCE / "counts" / "counts_24x30_offset.csv", index_col=0)["log_offset"])
    design = pd.read_csv(REFERENCE / "genes" / "lmm_design.csv", index_col=0)
    formula = "~ urea + weight + (1 | animal)"
    return least(lambda: fit_negative_binomial_mixed(counts, design, formula, size_factors=sizes), 3)


def in_r(task, n_genes):
    """CPU seconds of R, or None where the package is not installed."""
    if shutil.which("Rscript") is None:
        return None
    if task in PUBLIC:
        return public_in_r(task)
    if task == "mixed, one gene":
        code, library, divisor = _mixed_in_r(), "glmmTMB", 10
    elif task in IN_R:
        library, call = IN_R[task]
        code, divisor = f"{_tables_in_r(n_genes)}; run <- function() {call}", 1
    else:
        return None
    script = f"""suppressMessages(library({library})); {code}
t <- sapply(1:2, function(i) {{ gc(FALSE); s <- proc.time(); invisible(capture.output(suppressMessages(suppressWarnings(
  run())))); sum((proc.time() - s)[1:2]) }}); cat(min(t) / {divisor})"""
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, env=os.environ | ONE_THREAD)
    return float(done.stdout) if done.returncode == 0 else None


def _tables_in_r(n_genes):
    folder = REFERENCE / "counts"
    return f"""
K <- as.matrix(read.csv(gzfile("{folder / "counts_10k.csv.gz"}"), row.names = 1, check.names = FALSE))[1:{n_genes}, ]
d <- read.csv("{folder / "counts_design.csv"}", row.names = 1); g <- d$group %in% c(1, 3)
d$urea_z <- as.numeric(scale(d$urea)); d$weight_z <- as.numeric(scale(d$weight))
D <- model.matrix(~urea_z + weight_z, d)"""


def _mixed_in_r():
    folder = REFERENCE / "counts"
    return f"""
K <- as.matrix(read.csv(gzfile("{folder / "counts_24x30.csv.gz"}"), row.names = 1))
d <- read.csv("{REFERENCE / "genes" / "lmm_design.csv"}"); d$animal <- factor(d$animal)
d$off <- read.csv("{folder / "counts_24x30_offset.csv"}")$log_offset
d$urea <- as.numeric(scale(d$urea)); d$weight <- as.numeric(scale(d$weight))
run <- function() for (i in 1:10) {{ d$y <- K[i, ]
  summary(glmmTMB(y ~ urea + weight + offset(off) + (1 | animal), data = d, family = nbinom2)) }}"""


def measure(tool, task, n_genes):
    """CPU seconds of one tool on one task, in a process of its own; None where it is not there."""
    command = [sys.executable, __file__, "--one", tool, task, str(n_genes)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time models for counts here and in R.")
    parser.add_argument("--public", action="store_true", help="the two public studies instead")
    parser.add_argument("--one", nargs=3, metavar=("TOOL", "TASK", "GENES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        tool, task, n_genes = options.one
        warnings.simplefilter("ignore")
        print(json.dumps({"ours": ours, "R": in_r}[tool](task, int(n_genes))))
        return
    if options.public:
        print_public()
        print()
        print_permutations()
        return
    print("| task | genes | helpers (CPU seconds) | R (CPU seconds) | R against ours |")
    print("| --- | ---: | ---: | ---: | ---: |")
    total = 0.0
    for n_genes in (SMALL, LARGE):
        for task in OURS:
            total += row(task, n_genes) if n_genes == SMALL else 0 * row(task, n_genes)
        if n_genes == SMALL:
            print(f"| all of these together | {n_genes:,} | {total:.1f} | | |")
    row("mixed, one gene", 1)


def row(task, n_genes):
    """Print one line; the seconds of `helpers`."""
    here, there = measure("ours", task, n_genes), measure("R", task, n_genes)
    note = ""
    if there is None and (task, n_genes) in RECORDED:
        there, note = RECORDED[task, n_genes], " (recorded, not run here)"
    shown, ratio = ("", "") if there is None else (f"{there:.3f}{note}", f"{there / here:.1f} ×")
    print(f"| {task} | {n_genes:,} | {here:.4f} | {shown} | {ratio} |", flush=True)
    return here


if __name__ == "__main__":
    main()
