"""`helpers.cells` against 60-digit arithmetic and rows in memory, whatever the engine, the partition and the order."""

import itertools
import os
import subprocess
import sys
from decimal import Decimal, localcontext
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from cells_tables import FORMULA, QUALITY, largest_difference, reads, write, write_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from sixty_digits import DIGITS, Exact

from helpers.cells import Cells, collect_cells
from helpers.contrasts import comparisons, predictions
from helpers.mixed import fit_mixed
from helpers.mixed.compare import compare
from helpers.mixed.profile import profile_intervals

TOLERANCE = 1e-10
few = settings(max_examples=6, deadline=None)

ENGINES = {
    "Polars": pl.from_pandas,
    "Polars, lazy": lambda table: pl.from_pandas(table).lazy(),
    "DuckDB": duckdb.from_df,
    "Arrow": lambda table: pa.Table.from_pandas(table, preserve_index=False),
    "pandas": lambda table: collect_cells(FORMULA, table),
}


@pytest.fixture(scope="module")
def table():
    return reads()


@pytest.fixture(scope="module")
def in_rows(table):
    return fit_mixed(FORMULA, table)


@pytest.fixture(scope="module")
def exact(table, in_rows):
    with localcontext(prec=DIGITS):
        y = [Decimal(value).ln() for value in table["length"].tolist()]
    return Exact(y, in_rows.design.X, in_rows.design.random[0].codes, in_rows.theta[0])


def from_exact(fit, exact):
    """The largest relative error of a fit; of estimates, beside their standard errors or, if larger, themselves."""
    beta, std_error, df = (
        np.array([float(value) for value in each]) for each in (exact.beta, exact.std_error, exact.df)
    )
    ours = fit.coefficients()
    return max(
        np.max(np.abs(ours["estimate"] - beta) / np.maximum(np.abs(beta), std_error)),
        np.max(np.abs(ours["std_error"] / std_error - 1)),
        np.max(np.abs(ours["df"] / df - 1)),
        abs(fit.theta[0] / float(exact.theta) - 1),
        abs(fit.residual_variance / float(exact.sigma2) - 1),
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_agrees_with_sixty_digits(table, exact, engine):
    assert from_exact(fit_mixed(FORMULA, ENGINES[engine](table)), exact) < TOLERANCE


def test_parquet_files_agree_with_sixty_digits(table, exact, tmp_path):
    folder = write_folder(table, tmp_path / "reads")
    paths = sorted(folder.iterdir())
    dataset = pyarrow.dataset.dataset(folder)
    for data in (folder, str(write(table, tmp_path / "one.parquet")), paths, [str(path) for path in paths], dataset):
        assert from_exact(fit_mixed(FORMULA, data), exact) < TOLERANCE


@pytest.mark.parametrize("offset", [1e4, 1e8])
def test_a_large_offset_costs_no_digits(table, offset):
    moved = table.assign(length=np.log(table["length"]) + offset)
    formula = FORMULA.replace("log(length)", "length")
    rows = fit_mixed(formula, moved)
    exact = Exact(
        [Decimal(value) for value in moved["length"].tolist()],
        rows.design.X,
        rows.design.random[0].codes,
        rows.theta[0],
    )
    for engine in (pl.from_pandas, duckdb.from_df):
        assert from_exact(fit_mixed(formula, engine(moved)), exact) < TOLERANCE


def test_cells_far_apart_cost_no_digits():
    """A second pass: the means of cells differ by thousands of standard deviations."""
    table = reads(1_000)
    y = np.log(table["length"]) + 2e4 * (table["gene_name"] == "B")
    table = table.assign(y=y)
    formula = "y ~ gene_name + (1 | replicate)"
    rows = fit_mixed(formula, table)
    exact = Exact([Decimal(v) for v in y.tolist()], rows.design.X, rows.design.random[0].codes, rows.theta[0])
    for engine in (pl.from_pandas, duckdb.from_df):
        assert from_exact(fit_mixed(formula, engine(table)), exact) < TOLERANCE


@few
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_neither_order_nor_partition_matters(seed, n_parts):
    table = reads(600, seed=3)
    shuffled = table.sample(frac=1, random_state=seed)
    cuts = np.sort(np.random.default_rng(seed).integers(0, len(table), n_parts - 1))
    parts = [pl.from_pandas(shuffled.iloc[rows]) for rows in np.split(np.arange(len(table)), cuts)]
    ours = fit_mixed(FORMULA, pl.concat(parts, rechunk=False).lazy())
    assert largest_difference(ours, fit_mixed(FORMULA, pl.from_pandas(table))) < TOLERANCE


# --- The rest of a fit: as from rows ----------------------------------------------------------------------------------

MODELS = [
    FORMULA,
    "log10(length) ~ condition + (1 | replicate)",
    "np.log2(length) ~ 1 + (1 | replicate)",
    "sqrt(length) ~ 0 + condition + (1 | replicate)",
    "log1p(length) ~ condition + quality + (1 | replicate)",
    "length ~ C(gene_name, contr.sum) * quality + (1 | replicate)",
    "length ~ C(plate) + (1 | replicate)",
    "length ~ I(quality / 10) + (1 | replicate) + (1 | plate)",
    "log(length) ~ condition + (1 | replicate / plate)",
    "log(length) ~ condition + (1 + condition | replicate)",
    "log(length) ~ condition + quality + (quality || replicate)",
    QUALITY,
]


@pytest.mark.filterwarnings("ignore:Singular fit")
@pytest.mark.parametrize("formula", MODELS)
def test_every_kind_of_model_is_that_of_the_rows(formula):
    table = reads(900, seed=8).assign(plate=lambda d: np.arange(len(d)) % 5)
    rows, cells = fit_mixed(formula, table), fit_mixed(formula, pl.from_pandas(table))
    assert cells.deviance == pytest.approx(rows.deviance, abs=1e-7)
    assert cells.n_obs == rows.n_obs
    assert cells.n_groups.tolist() == rows.n_groups.tolist()
    np.testing.assert_allclose(
        cells.variance_components["vcov"], rows.variance_components["vcov"], rtol=1e-6, atol=1e-9
    )
    for method in ("satterthwaite", "kenward-roger", "normal"):
        ours, theirs = cells.coefficients(method), rows.coefficients(method)
        assert ours.index.tolist() == theirs.index.tolist()
        np.testing.assert_allclose(ours["estimate"] / theirs["std_error"], theirs["statistic"], rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(ours[["std_error", "df"]], theirs[["std_error", "df"]], rtol=1e-6)
        ours, theirs = (fit.anova(method).to_numpy(dtype=float) for fit in (cells, rows))
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)
    for group, effects in rows.random_effects.items():
        np.testing.assert_allclose(cells.random_effects[group], effects, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(cells.predict(table, random=True), rows.predict(random=True), rtol=1e-7)


def test_contrasts_information_criteria_and_intervals_are_those_of_the_rows(table, in_rows):
    cells = fit_mixed(FORMULA, pl.from_pandas(table))
    ours, theirs = (comparisons(fit, "condition", by="gene_name") for fit in (cells, in_rows))
    np.testing.assert_allclose(
        ours[["estimate", "std_error", "df"]], theirs[["estimate", "std_error", "df"]], rtol=1e-8
    )
    ours, theirs = (predictions(fit, by="gene_name")["estimate"] for fit in (cells, in_rows))
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)
    assert [cells.aic, cells.bic, cells.icc.item()] == pytest.approx(
        [in_rows.aic, in_rows.bic, in_rows.icc.item()], rel=1e-8
    )
    smaller = "log(length) ~ condition + gene_name + (1 | replicate)"
    ours = compare(fit_mixed(smaller, pl.from_pandas(table)), cells)
    theirs = compare(fit_mixed(smaller, table), in_rows)
    np.testing.assert_allclose(
        ours.loc[1, ["statistic", "p_value"]].astype(float),
        theirs.loc[1, ["statistic", "p_value"]].astype(float),
        rtol=1e-7,
    )


def test_profile_intervals_are_those_of_the_rows(table):
    formula = "log(length) ~ condition + (1 | replicate)"
    ours, theirs = (profile_intervals(fit_mixed(formula, data)) for data in (pl.from_pandas(table), table))
    columns = ["estimate", "conf_low", "conf_high"]
    np.testing.assert_allclose(ours[columns], theirs[columns], rtol=1e-5)


def test_a_numeric_predictor_stands_at_its_mean(table):
    formula = "log(length) ~ condition * quality + (1 | replicate)"
    cells, rows = fit_mixed(formula, pl.from_pandas(table)), fit_mixed(formula, table)
    ours, theirs = (comparisons(fit, "condition") for fit in (cells, rows))
    np.testing.assert_allclose(
        ours[["estimate", "std_error", "df"]], theirs[["estimate", "std_error", "df"]], rtol=1e-7
    )


def test_cells_serve_several_models(table):
    cells = collect_cells(QUALITY, pl.from_pandas(table), by="gene_name")
    assert isinstance(cells, Cells)
    assert "24 cells of 3,000 rows: log(length) by" in repr(cells)
    for formula in (QUALITY, FORMULA, "log(length) ~ quality + (1 | replicate)"):
        assert largest_difference(fit_mixed(formula, cells), fit_mixed(formula, table)) < 1e-6


@pytest.mark.parametrize("engine", ["Polars", "DuckDB", "Arrow", "Parquet"])
def test_levels_keep_the_order_that_the_table_declares(table, tmp_path, engine):
    ordered = table.assign(condition=pd.Categorical(table["condition"], ["NO DRUG", "DRUG"]))
    if engine == "Polars":
        kinds = pl.Enum(["NO DRUG", "DRUG"])
        data = pl.from_pandas(table).with_columns(pl.col("condition").cast(kinds))
    else:
        data = write(ordered, tmp_path / "a.parquet") if engine == "Parquet" else ENGINES[engine](ordered)
    assert fit_mixed(FORMULA, data).fixed_effects.index[1] == "condition[T.DRUG]"


def test_levels_without_a_declared_order_are_sorted_whatever_comes_first(table):
    for turned in (table, table[::-1]):
        data = pl.from_pandas(turned).with_columns(pl.col("condition").cast(pl.Categorical))
        assert fit_mixed(FORMULA, data).fixed_effects.index[1] == "condition[T.NO DRUG]"


# --- A table larger than memory ---------------------------------------------------------------------------------------

CAPPED = """
import resource, sys
import polars, pyarrow.parquet as pq
from helpers.mixed import fit_mixed
formula, small, large, cap = *sys.argv[1:4], int(sys.argv[4])
fit_mixed(formula, small)  # all that is loaded once is loaded
with open("/proc/self/status") as status:
    used = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (used + cap, used + cap))
fit = fit_mixed(formula, large)
try:
    pq.read_table(large)
    print("fits into memory")
except MemoryError:
    print(fit.n_obs, *fit.coefficients()["estimate"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is capped with Linux's RLIMIT_DATA")
def test_a_table_larger_than_memory_is_fitted(tmp_path):
    times, small = 500, reads(5_000)
    one = pa.Table.from_pandas(small, preserve_index=False)
    large = pa.concat_tables([one] * times)
    path = tmp_path / "large.parquet"
    write(small, tmp_path / "small.parquet")
    pq.write_table(large, path, row_group_size=20_000, write_page_checksum=True, compression="none")
    threads = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-c", CAPPED, FORMULA, tmp_path / "small.parquet", path, str(int(0.75 * large.nbytes))],
        capture_output=True,
        text=True,
        env=os.environ | threads | {"ARROW_DEFAULT_MEMORY_POOL": "system"},
        cwd=Path(__file__).parents[1],
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    n_obs, *estimates = done.stdout.split()
    assert int(n_obs) == times * len(small)
    cells = collect_cells(FORMULA, pl.from_pandas(small))
    many = Cells(**{**vars(cells), "n": cells.n * times, "squares": cells.squares * times})
    np.testing.assert_allclose(np.array(estimates, dtype=float), fit_mixed(FORMULA, many).fixed_effects, rtol=1e-8)


def test_every_pair_of_numbers_is_summed(table):
    """Sums of squares and products of two numeric predictors and the outcome, against pandas."""
    table = table.assign(depth=table["quality"] ** 2)
    cells = collect_cells("length ~ quality + depth + (1 | replicate)", pl.from_pandas(table))
    columns = [*cells.numeric, "length"]
    for place, name in enumerate(cells.keys["replicate"]):
        rows = table.loc[table["replicate"] == name, columns]
        np.testing.assert_allclose(cells.means[place] + cells.shift, rows.mean(), rtol=1e-12)
        np.testing.assert_allclose(cells.squares[place], rows.cov() * (len(rows) - 1), rtol=1e-10)
    assert list(itertools.chain(cells.keys.columns, cells.numeric)) == ["replicate", "quality", "depth"]
