"""How long models of very many rows take, from Parquet files to the table of coefficients.

    python benchmarks/cells.py               # ten million rows; prints the table of benchmarks/README.md
    python benchmarks/cells.py --rows 1e8    # a hundred million (1 GB on disk, two minutes to write)

The files are written to a temporary folder, with page checksums, a million rows to a row group. Each task runs in a
process of its own: wall-clock seconds of reading, aggregating and fitting after the imports, and the peak memory of the
process (of its largest worker, for Dask). Checksums are compared in each of them.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LENGTHS = "log(length) ~ condition * gene_name + (1 | replicate)"
PER_GENE = "log(length) ~ condition + (1 | replicate)"
AT_ONCE = 1_000_000
PER_FILE = 10_000_000


def write_reads(folder, n, n_genes, seed=1):
    """Write reads of a number of genes, with and without a drug, in four replicates."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    of_gene, of_pair = rng.normal(6, 0.3, n_genes), rng.normal(0, 0.1, (n_genes, 4))
    labels = [["rep1", "rep2", "rep3", "rep4"], ["DRUG", "NO DRUG"], [f"gene_{i:05d}" for i in range(n_genes)]]
    names = ["replicate", "condition", "gene_name"]
    for start in range(0, n, PER_FILE):
        with pq.ParquetWriter(folder / f"part-{start // PER_FILE:03d}.parquet", schema(names), **OPTIONS) as writer:
            for _ in range(0, min(PER_FILE, n - start), AT_ONCE):
                codes = [rng.integers(0, len(each), AT_ONCE, dtype=np.int32) for each in labels]
                replicate, condition, gene = codes
                mean = of_gene[gene] + of_pair[gene, replicate] + 0.05 * (condition == 0)
                length = np.exp(mean + 0.6 * rng.standard_normal(AT_ONCE))
                texts = [pa.array(each).take(pa.array(code)) for each, code in zip(labels, codes, strict=True)]
                writer.write_table(pa.table([*texts, pa.array(length)], schema=schema(names)), row_group_size=AT_ONCE)


OPTIONS = {"write_page_checksum": True, "use_dictionary": ["replicate", "condition", "gene_name"]}


def schema(labels):
    """Three columns of text, one of numbers."""
    return pa.schema([*((name, pa.string()) for name in labels), ("length", pa.float64())])


def one_model(engine, folder):
    """Seconds from files to coefficients, and rows used."""
    from helpers.cells import collect_cells
    from helpers.mixed import fit_mixed

    if engine == "Polars":
        start = time.perf_counter()
        fit = fit_mixed(LENGTHS, folder)
    else:
        import duckdb

        start = time.perf_counter()
        fit = fit_mixed(LENGTHS, collect_cells(LENGTHS, duckdb.read_parquet(f"{folder}/*.parquet"), files=folder))
    fit.coefficients()
    return time.perf_counter() - start, fit.n_obs


def with_dask(folder):
    """The same on two worker processes."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    from helpers.cells import collect_cells
    from helpers.mixed import fit_mixed

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster, Client(cluster):
        start = time.perf_counter()
        reads = dd.read_parquet(folder, split_row_groups=True)
        fit = fit_mixed(LENGTHS, collect_cells(LENGTHS, reads, files=folder))
        fit.coefficients()
        return time.perf_counter() - start, fit.n_obs


def per_gene(folder):
    """Seconds of cells and fits, and of the fits alone; reads used."""
    from helpers.cells import collect_cells
    from helpers.genes.from_cells import fit_genes_from_cells

    start = time.perf_counter()
    cells = collect_cells(PER_GENE, folder, by="gene_name")
    middle = time.perf_counter()
    fit_genes_from_cells(PER_GENE, cells)
    return time.perf_counter() - start, cells.n_rows, time.perf_counter() - middle


def one(task, folder):
    """Print seconds, rows, peak memory in MB: what `measure` reads."""
    seconds, rows, *fits = {"Dask": with_dask, "genes": per_gene}.get(task, lambda path: one_model(task, path))(folder)
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps([seconds, rows, max(own, children) / 1024, *fits]))


def measure(task, folder):
    """A task in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--one", task, str(folder)], capture_output=True, text=True)
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
    seconds, rows, memory, *fits = json.loads(done.stdout.splitlines()[-1])
    alone = f" (the fits {fits[0]:.2f})" if fits else ""
    return f"{rows:,} | {seconds:.1f}{alone} | {memory:.0f}"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time models of very many rows.")
    parser.add_argument("--rows", type=float, default=1e7, help="reads of three genes (a multiple of a million)")
    parser.add_argument("--genes", type=int, default=10_000, help="genes of ten million reads; 0 for none")
    parser.add_argument("--one", nargs=2, metavar=("TASK", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], Path(options.one[1]))
        return
    print("| task | engine | rows | seconds | peak memory (MB) |")
    print("| --- | --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        write_reads(Path(folder) / "reads", int(options.rows), 3)
        for engine in ("Polars", "DuckDB", "Dask"):
            print(f"| one model | {engine} | {measure(engine, Path(folder) / 'reads')} |", flush=True)
        if options.genes:
            write_reads(Path(folder) / "genes", 10_000_000, options.genes)
            print(f"| {options.genes:,} models | Polars | {measure('genes', Path(folder) / 'genes')} |")


if __name__ == "__main__":
    main()
