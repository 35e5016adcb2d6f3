"""`helpers.cells` on a Dask cluster that the test starts, with workers that die; and on PySpark where Java is."""

import os
import shutil

import dask
import dask.dataframe as dd
import numpy as np
import polars as pl
import pytest
from cells_tables import FORMULA, largest_difference, reads, write_folder
from distributed import Client, LocalCluster

from helpers.cells import EngineError, collect_cells
from helpers.genes.from_cells import fit_genes_from_cells
from helpers.mixed import fit_mixed

TOLERANCE = 1e-10
pytestmark = [  # sockets of a cluster that is being closed
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def table():
    return reads(1_000, seed=5)


@pytest.fixture(scope="module")
def reference(table):
    return fit_mixed(FORMULA, pl.from_pandas(table))


@pytest.fixture(scope="module")
def client():
    with (
        dask.config.set({"distributed.admin.tick.limit": "1h"}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_a_cluster_without_workers_is_not_waited_for(table):
    cluster = LocalCluster(n_workers=0, processes=False, dashboard_address=":0")
    with cluster, Client(cluster), pytest.raises(TimeoutError, match=r"no worker for 0\.3 seconds"):
        collect_cells(FORMULA, dd.from_pandas(table, npartitions=2), timeout=0.3)


def test_dask_without_a_cluster(table, reference):
    assert largest_difference(fit_mixed(FORMULA, dd.from_pandas(table, npartitions=3)), reference) < TOLERANCE


@pytest.mark.usefixtures("client")
def test_a_dask_cluster_agrees_and_so_do_its_files(table, reference, tmp_path):
    folder = write_folder(table, tmp_path / "reads")
    cells = collect_cells(FORMULA, dd.read_parquet(folder), files=folder)
    assert largest_difference(fit_mixed(FORMULA, cells), reference) < TOLERANCE
    formula = "log(length) ~ condition + (1 | replicate)"
    ours, theirs = (fit_genes_from_cells(formula, data) for data in (cells, pl.from_pandas(table)))
    np.testing.assert_allclose(ours["std_error"], theirs["std_error"], rtol=TOLERANCE)


@pytest.mark.usefixtures("client")
def test_far_cells_take_a_second_pass_on_dask_too(table):
    y = np.log(table["length"]) + 2e4 * (table["gene_name"] == "B")
    data, formula = table.assign(y=y), "y ~ gene_name + (1 | replicate)"
    ours, theirs = (fit_mixed(formula, each) for each in (dd.from_pandas(data, npartitions=3), pl.from_pandas(data)))
    assert largest_difference(ours, theirs) < TOLERANCE


@pytest.mark.usefixtures("client")
def test_values_without_a_logarithm_are_shown_from_dask_too(table):
    bad = table.assign(length=table["length"].where(table.index != 999, -3.0))
    with pytest.raises(ValueError, match=r"in 1 row, such as length = -3, condition"):
        collect_cells(FORMULA, dd.from_pandas(bad, npartitions=3))


@pytest.mark.usefixtures("client")
def test_an_error_of_a_task_is_passed_on(table):
    data = dd.from_pandas(table[:500], npartitions=2)

    def fails(part):
        raise OSError("the disk is on fire") if len(part) else None

    with pytest.raises(EngineError, match="the disk is on fire"):
        fit_mixed(FORMULA, data.map_partitions(fails, meta=data._meta))


def stops_its_worker_once(part, flag):
    if len(part) and not os.path.exists(flag):
        open(flag, "w").close()
        os._exit(1)
    return part


def stops_its_worker(part):
    if len(part):
        os._exit(1)
    return part


@pytest.mark.usefixtures("client")
def test_a_worker_that_dies_changes_nothing(table, tmp_path):
    data, flag = dd.from_pandas(table, npartitions=2), str(tmp_path / "died")
    fragile = data.map_partitions(stops_its_worker_once, flag, meta=data._meta)
    ours = fit_mixed(FORMULA, fragile)
    assert os.path.exists(flag)
    expected = fit_mixed(FORMULA, data)
    np.testing.assert_array_equal(ours.coefficients().to_numpy(), expected.coefficients().to_numpy())


def test_a_task_that_stops_every_worker_is_named(client, table):
    client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
    data = dd.from_pandas(table, npartitions=1)
    with pytest.raises(EngineError, match=r"stopped every worker.*memory"):
        fit_mixed(FORMULA, data.map_partitions(stops_its_worker, meta=data._meta))


@pytest.mark.skipif(shutil.which("java") is None, reason="PySpark needs Java, which is not installed")
@pytest.mark.filterwarnings("ignore")  # PySpark warns of pandas 3
def test_pyspark_agrees(table, reference, tmp_path):
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed (it has no wheel; pip install pyspark)")
    folder = write_folder(table, tmp_path / "reads")
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    try:
        frame = session.read.parquet(str(folder))
        assert largest_difference(fit_mixed(FORMULA, frame), reference) < TOLERANCE
        (folder / "part-3.parquet").touch()
        lost = session.read.option("ignoreCorruptFiles", "true").parquet(str(folder))
        assert lost.count() == len(table)
        with pytest.raises(ValueError, match=r"part-3.parquet is an empty file"):
            collect_cells(FORMULA, lost, files=folder)
    finally:
        session.stop()
