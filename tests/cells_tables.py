"""Tables that the tests of `helpers.cells` share: reads of three genes, with and without a drug, in four replicates."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

FORMULA = "log(length) ~ condition * gene_name + (1 | replicate)"
QUALITY = "log(length) ~ condition * quality + gene_name + (1 + quality | replicate)"


def reads(n=3_000, seed=1):
    """Simulated reads; every cell has some."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "replicate": rng.choice(["rep1", "rep2", "rep3", "rep4"], n, p=[0.05, 0.2, 0.3, 0.45]),
            "condition": rng.choice(["NO DRUG", "DRUG"], n),
            "gene_name": rng.choice(["A", "B", "C"], n),
            "quality": rng.normal(20, 4, n),
        }
    )
    number = table["replicate"].str[-1].astype(int).to_numpy()
    mean = 5 + 0.1 * (table["condition"] == "DRUG") + 0.3 * (table["gene_name"] == "B") + 0.2 * np.sin(9.0 * number)
    slope = (0.02 + 0.01 * np.cos(7.0 * number)) * (table["quality"] - 20)
    return table.assign(length=np.exp(mean + slope + rng.normal(0, 0.6, n)))


def write(table, path, **options):
    """Write Parquet with page checksums, in small row groups."""
    options = {"write_page_checksum": True, "row_group_size": 500} | options
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, **options)
    return path


def write_folder(table, folder, n_files=3):
    """Write a table as several files."""
    folder.mkdir()
    for number, rows in enumerate(np.array_split(np.arange(len(table)), n_files)):
        write(table.iloc[rows], folder / f"part-{number}.parquet")
    return folder


def largest_difference(ours, theirs):
    """Of two fits: estimates and covariances beside the standard errors, the rest relative."""
    assert ours.fixed_effects.index.tolist() == theirs.fixed_effects.index.tolist()
    one, other = ours.coefficients(), theirs.coefficients()
    relative = [
        one["std_error"] / other["std_error"],
        one["df"] / other["df"],
        ours.theta / theirs.theta,
        [ours.residual_variance / theirs.residual_variance],
    ]
    difference = np.abs((one["estimate"] - other["estimate"]) / other["std_error"]).max()
    return max(difference, *(np.abs(np.asarray(each) - 1).max() for each in relative))
