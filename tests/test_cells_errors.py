"""What `helpers.cells` says when a table, a file or an engine is not what it should be."""

import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cells_tables import FORMULA, largest_difference, reads, write, write_folder

from helpers.cells import EngineError, collect_cells
from helpers.contrasts import comparisons, predictions
from helpers.mixed import fit_mixed
from helpers.mixed.bootstrap import bootstrap
from helpers.refusals.errors import UnknownNameError

ENGINES = {
    "Polars": pl.from_pandas,
    "DuckDB": duckdb.from_df,
    "Arrow": lambda table: pa.Table.from_pandas(table, preserve_index=False),
    "pandas": lambda table: table,
}
every_engine = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture(scope="module")
def table():
    return reads(600, seed=2)


@pytest.fixture(scope="module")
def in_rows(table):
    return fit_mixed(FORMULA, table)


def message_of(error, function, *arguments, **named):
    with pytest.raises(error) as caught:
        function(*arguments, **named)
    return str(caught.value)


def says(message, *words):
    assert not [word for word in words if word not in message], message


# --- Values -----------------------------------------------------------------------------------------------------------


@every_engine
def test_lengths_without_a_logarithm_are_counted_and_shown(table, engine):
    bad = table.assign(length=table["length"].where(table.index > 1, [-1.5, 0.0] * 300))
    message = message_of(ValueError, collect_cells, FORMULA, ENGINES[engine](bad))
    says(message, "log(length) is not a finite number in 2 rows", "above 0", "filter the rows")
    says(message, "-1.5, condition", f"replicate = '{table['replicate'][0]}'")


@every_engine
def test_infinite_values_are_counted(table, engine):
    bad = table.assign(length=table["length"].where(table.index != 3, np.inf))
    says(message_of(ValueError, collect_cells, FORMULA, ENGINES[engine](bad)), "in 1 row", "length = inf")
    formula = "length ~ quality + (1 | replicate)"
    bad = table.assign(quality=table["quality"].where(table.index != 3, -np.inf))
    says(message_of(ValueError, collect_cells, formula, ENGINES[engine](bad)), "quality is not", "quality = -inf")


@every_engine
@pytest.mark.parametrize("missing", [np.nan, None])
def test_rows_with_missing_values_are_dropped_and_counted(table, engine, missing):
    gaps = table.assign(length=table["length"].where(table.index > 4, np.nan), condition=table["condition"])
    gaps["condition"] = gaps["condition"].astype(object).where(gaps.index != 9, None)
    data = ENGINES[engine](gaps)
    if engine == "Polars" and missing is None:
        data = data.with_columns(pl.col("length").fill_nan(None))
    with pytest.warns(UserWarning, match="dropped 6 of 600 rows with missing values: 1 in 'condition', 5 in 'length'"):
        cells = collect_cells(FORMULA, data)
    assert cells.n_dropped == 6
    with pytest.warns(UserWarning, match="dropped 6"):
        rows = fit_mixed(FORMULA, gaps)
    assert largest_difference(fit_mixed(FORMULA, cells), rows) < 1e-6


def test_the_warning_points_to_the_caller(table):
    gaps = pl.from_pandas(table.assign(length=table["length"].where(table.index > 4, np.nan)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit_mixed(FORMULA, gaps)
    assert [warning.filename for warning in caught] == [__file__]


def test_no_rows_and_only_missing_values_are_named(table):
    says(message_of(ValueError, collect_cells, FORMULA, pl.from_pandas(table)[:0]), "no rows")
    gone = table.assign(length=np.nan)
    says(message_of(ValueError, collect_cells, FORMULA, pl.from_pandas(gone)), "Every row", "600 in 'length'")


def test_a_level_with_a_trailing_blank_is_shown(table):
    bad = table.assign(condition=table["condition"].where(table.index != 0, "DRUG "))
    says(message_of(ValueError, collect_cells, FORMULA, pl.from_pandas(bad)), "'DRUG', 'DRUG '", "blanks", "Strip")


def test_text_as_outcome_is_refused(table):
    bad = pl.from_pandas(table.assign(length=table["length"].astype(str)))
    says(message_of(ValueError, collect_cells, FORMULA, bad), "'length' holds String values", "ranks of labels")


def test_a_date_is_neither_number_nor_label(table):
    bad = pl.from_pandas(table.assign(day=pd.Timestamp("2026-01-02")))
    message = message_of(ValueError, collect_cells, "length ~ day + (1 | replicate)", bad)
    says(message, "'day' holds Datetime", "days since the start")


def test_a_missing_column_is_named_with_the_closest(table):
    formula = "length ~ conditoin + (1 | replicate)"
    says(message_of(UnknownNameError, collect_cells, formula, pl.from_pandas(table)), "'conditoin'", "'condition'")


def test_what_is_no_table_is_named():
    says(message_of(ValueError, collect_cells, FORMULA, {"length": [1.0]}), "Parquet", "found dict")


def test_an_engine_that_fails_is_named(table):
    broken = pl.from_pandas(table).lazy().with_columns(pl.col("gene_name").cast(pl.Int64).alias("length"))
    says(message_of(EngineError, collect_cells, FORMULA, broken), "Polars could not compute", "conversion")


# --- Formulas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["exp(length)", "log(length + 1)", "length + quality", "np.cbrt(length)"])
def test_an_outcome_that_engines_do_not_share_is_refused(table, outcome):
    message = message_of(ValueError, collect_cells, f"{outcome} ~ condition + (1 | replicate)", pl.from_pandas(table))
    says(message, repr(outcome), "'log1p'", "column of its own")


@pytest.mark.parametrize("term", ["I(quality**2)", "log(quality)", "quality:depth", "C(gene_name):I(quality * depth)"])
def test_a_numeric_predictor_enters_as_a_straight_line(table, term):
    data = pl.from_pandas(table.assign(depth=table["quality"] + 1))
    message = message_of(ValueError, fit_mixed, f"length ~ {term} + (1 | replicate)", data)
    says(message, "'quality'", "straight line", "columns where the data are")


def test_a_function_of_all_rows_is_refused(table):
    message = message_of(ValueError, fit_mixed, "length ~ scale(quality) + (1 | replicate)", pl.from_pandas(table))
    says(message, "scale(quality)", "function of all rows")


def test_the_outcome_on_both_sides_is_refused(table):
    message = message_of(ValueError, collect_cells, "log(length) ~ length + (1 | replicate)", pl.from_pandas(table))
    says(message, "'length' is the outcome")


def test_cells_of_another_model_are_named(table):
    cells = collect_cells("log(length) ~ condition + (1 | replicate)", pl.from_pandas(table))
    says(message_of(ValueError, fit_mixed, "length ~ condition + (1 | replicate)", cells), "'log(length)'", "Collect")
    formula = "log(length) ~ gene_name + (1 | replicate)"
    says(message_of(UnknownNameError, fit_mixed, formula, cells), "cells has no column 'gene_name'")


BAD_MODELS = {
    "one level": ("length ~ one + (1 | replicate)", "'one' has one level"),
    "one group": ("length ~ condition + (1 | one)", "'one' has one level"),
    "a group per row": ("length ~ condition + (1 | row)", "'row' has one row"),
    "a level per row": ("length ~ C(row) + (1 | replicate)", "a level of its own for each of the 600 rows"),
    "columns that add up": ("length ~ quality + twice + (1 | replicate)", "'twice' is a multiple of 'quality'"),
    "a constant outcome": ("seven ~ condition + (1 | replicate)", "'seven' is constant (7 in every row)"),
    "a perfect fit": ("line ~ quality + (1 | replicate)", "fits 'line' perfectly"),
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_model_that_the_table_cannot_carry_is_refused_as_from_rows(table, name):
    formula, words = BAD_MODELS[name]
    q = table["quality"].round()
    data = table.assign(one="a", row=range(600), quality=q, twice=2 * q, seven=7.0, line=3 + 2 * q)
    for form in (data, pl.from_pandas(data)):
        says(message_of(ValueError, fit_mixed, formula, form), words)


def test_what_needs_rows_says_so(table, in_rows):
    fit = fit_mixed(FORMULA, pl.from_pandas(table))
    calls = [fit.residuals, fit.predict, lambda: fit.statsmodels]
    calls.append(lambda: bootstrap(fit, lambda each: each.theta[0], 2, rng=np.random.default_rng(1), progress=False))
    for call in calls:
        says(message_of(ValueError, call), "per cell", "single rows", "predict(newdata)")
    np.testing.assert_allclose(fit.predict(table), in_rows.predict(table), rtol=1e-8)


# --- Files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(table, tmp_path):
    return write_folder(table, tmp_path / "reads")


def test_a_file_of_zero_bytes_is_named(folder):
    (folder / "part-3.parquet").touch()
    says(message_of(ValueError, fit_mixed, FORMULA, folder), "part-3.parquet is an empty file (0 bytes)")


def test_rows_that_an_engine_lost_are_counted(folder):
    """An engine that leaves a file out: the footers know."""
    some = pl.scan_parquet(sorted(folder.iterdir())[:2])
    message = message_of(ValueError, collect_cells, FORMULA, some, files=folder)
    says(message, "has 400 rows", "promise 600")
    whole = pl.scan_parquet(folder)
    assert collect_cells(FORMULA, whole, files=folder).n_rows == 600


def test_a_column_missing_in_one_file_is_named(folder, table):
    write(table.drop(columns="condition"), folder / "part-3.parquet")
    says(message_of(UnknownNameError, fit_mixed, FORMULA, folder), "part-3.parquet has no column 'condition'")


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [
        ("length", str, "'length' is double in part-0.parquet and text in part-3.parquet"),
        ("length", "float32", "'length' is double in part-0.parquet and float in part-3.parquet"),
        ("replicate", "category", "'replicate' is text in part-0.parquet and categories of text in part-3.parquet"),
    ],
)
def test_types_that_differ_between_files_are_named(folder, table, column, kind, words):
    write(table.assign(**{column: table[column].astype(kind)}), folder / "part-3.parquet")
    says(message_of(ValueError, fit_mixed, FORMULA, folder), words, "one type")


def test_a_file_that_is_cut_off_is_named(folder):
    path = folder / "part-1.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    says(message_of(ValueError, fit_mixed, FORMULA, folder), "part-1.parquet is not a Parquet file", "cut off")


def test_other_files_in_the_folder_are_named(folder):
    (folder / "_SUCCESS").touch()
    fit_mixed(FORMULA, folder)
    (folder / "part-3.csv").touch()
    says(message_of(ValueError, fit_mixed, FORMULA, folder), "1 file beside", "part-3.csv")


def test_paths_that_lead_nowhere_are_named(tmp_path):
    says(message_of(FileNotFoundError, fit_mixed, FORMULA, tmp_path / "no.parquet"), "no file no.parquet")
    says(message_of(FileNotFoundError, fit_mixed, FORMULA, tmp_path), "holds no Parquet file")
    (tmp_path / "a.csv").touch()
    says(message_of(ValueError, fit_mixed, FORMULA, tmp_path / "a.csv"), "a.csv is not a Parquet file", "read_table")


def test_a_column_in_the_names_of_folders_is_explained(table, tmp_path):
    for name, part in table.groupby("condition"):
        (tmp_path / f"condition={name}").mkdir()
        write(part.drop(columns="condition"), tmp_path / f"condition={name}" / "a.parquet")
    message = message_of(UnknownNameError, fit_mixed, FORMULA, tmp_path)
    says(message, "'condition'", "condition=DRUG", "hive_partitioning")
    data = pl.scan_parquet(tmp_path, hive_partitioning=True)
    assert largest_difference(fit_mixed(FORMULA, data), fit_mixed(FORMULA, pl.from_pandas(table))) < 1e-10


def flip(path, column):
    """Turn one bit in the middle of a column's first page."""
    place = pq.ParquetFile(path).schema_arrow.names.index(column)
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(place)
    raw = bytearray(path.read_bytes())
    raw[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 1 << 2
    path.write_bytes(raw)


def test_a_flipped_bit_is_found_by_the_checksum_of_its_page(table, tmp_path):
    path = write(table, tmp_path / "reads.parquet", compression="none", use_dictionary=["condition", "replicate"])
    flip(path, "length")
    says(message_of(ValueError, fit_mixed, FORMULA, path), "reads.parquet is damaged", "checksum", "Copy it again")


def test_a_file_without_checksums_is_read_as_it_is(table, tmp_path, in_rows):
    options = {"compression": "none", "use_dictionary": ["condition", "replicate"]}
    path = write(table, tmp_path / "reads.parquet", write_page_checksum=False, **options)
    assert largest_difference(fit_mixed(FORMULA, path), in_rows) < 1e-6
    flip(path, "length")
    assert fit_mixed(FORMULA, path).n_obs == 600
    unverified = write(table, tmp_path / "checked.parquet", **options)
    flip(unverified, "length")
    assert collect_cells(FORMULA, unverified, verify=False).n_rows == 600


def test_contrasts_that_need_rows_say_so(table):
    fit = fit_mixed("log(length) ~ condition * quality + (1 | replicate)", pl.from_pandas(table))
    says(message_of(ValueError, predictions, fit, by="condition", grid="observed"), "grid='observed'", "per cell")
    for step in ("sd", "2sd", "iqr", "minmax"):
        says(message_of(ValueError, comparisons, fit, {"quality": step}), f"the step '{step}'", "steps in numbers")
