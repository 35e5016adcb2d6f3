"""What one thread of linear algebra saves where matrices are small: `helpers.threads` in force, and not.

    python benchmarks/threads.py      # prints the table of benchmarks/README.md

Each line is measured in one run, the two settings in turn, each in a process of its own with as many BLAS threads as
the machine has cores: CPU and wall-clock seconds, the least of several repetitions after the data are in memory.
"""

import json
import os
import subprocess
import sys
import time
import warnings

import counts as count_tables
import genes as gene_tables
import mixed as mixed_tables
import numpy as np
import pandas as pd

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(os.cpu_count()))
REPETITIONS = 3


def many_genes():
    """10,000 genes, 100 animals × 3 samples."""
    from helpers.genes import fit_genes

    rng = np.random.default_rng(1)
    animal = np.repeat(np.arange(100), 3)
    design = pd.DataFrame(
        {"animal": animal, "urea": rng.standard_normal(300), "weight": rng.standard_normal(100)[animal]},
        [f"s{i}" for i in range(300)],
    )
    y = gene_tables.genes(design, 10_000)
    return lambda: fit_genes(y, design, gene_tables.FORMULA)


def one_gene():
    """200 tables of 24 rows, fitted one by one."""
    from helpers.mixed import fit_mixed

    tables = mixed_tables.genes()
    return lambda: [fit_mixed(mixed_tables.GENE, table).coefficients() for table in tables]


def crossed():
    """22,560 rows, crossed factors with 100 and 40 levels."""
    from helpers.mixed import fit_mixed

    data = mixed_tables.crossed()
    return lambda: fit_mixed(mixed_tables.CROSSED, data).coefficients()


def many_counts():
    """Quasi-likelihood of 2,000 genes in 100 samples."""
    from helpers.counts import quasi_likelihood

    rng = np.random.default_rng(2)
    design = pd.DataFrame(rng.standard_normal((100, 2)), [f"s{i}" for i in range(100)], ["x", "z"])
    mean = np.exp(rng.normal(5, 1, (2_000, 1)))
    numbers = pd.DataFrame(rng.negative_binomial(5, 5 / (5 + mean), (2_000, 100)), columns=design.index)
    return lambda: quasi_likelihood(numbers, design, "~ x + z")


def ten_animals():
    """Quasi-likelihood of 10,000 genes in ten samples."""
    from helpers.counts import quasi_likelihood

    table, design = count_tables.table(10_000)
    return lambda: quasi_likelihood(table, design, count_tables.FORMULA)


TASKS = {
    "`fit_genes`, 10,000 genes × 300 samples of 100 animals": many_genes,
    "`fit_mixed`, 200 tables of 24 rows": one_gene,
    "`fit_mixed`, 22,560 rows, 100 + 40 crossed levels": crossed,
    "`quasi_likelihood`, 2,000 genes × 100 samples": many_counts,
    "`quasi_likelihood`, 10,000 genes × 10 samples": ten_animals,
}


def one(task, limited):
    """CPU and wall-clock seconds of one task."""
    from helpers import threads

    if not limited:
        threads.LARGE = 0
    run, best = TASKS[task](), (np.inf, np.inf)
    for _ in range(REPETITIONS):
        cpu, wall = time.process_time(), time.perf_counter()
        run()
        best = tuple(np.minimum(best, (time.process_time() - cpu, time.perf_counter() - wall)))
    return best


def measure(task, limited):
    """The same, in a process of its own."""
    command = [sys.executable, __file__, task, str(int(limited))]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | THREADS)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main():
    """Print the table."""
    if len(sys.argv) > 1:
        warnings.simplefilter("ignore")
        print(json.dumps(one(sys.argv[1], sys.argv[2] == "1")))
        return
    load = f", load {os.getloadavg()[0]:.0f}" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} BLAS threads{load}\n")
    print("| task | one thread: CPU s | wall s | all threads: CPU s | wall s | CPU | wall |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for task in TASKS:
        here, there = measure(task, True), measure(task, False)
        ratios = [f"{b / a:.1f} ×" for a, b in zip(here, there, strict=True)]
        print(f"| {task} | " + " | ".join([*(f"{x:.3f}" for x in (*here, *there)), *ratios]) + " |", flush=True)


if __name__ == "__main__":
    main()
