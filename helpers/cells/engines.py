"""A lazy table computed by the engine that holds it, and given back as a small pandas table."""

import sys
import time

import narwhals as nw
import pandas as pd


def collected(lazy: nw.LazyFrame, timeout: float) -> pd.DataFrame:
    """Compute a lazy table.

    Parameters
    ----------
    lazy : narwhals.LazyFrame
    timeout : float
        Seconds that a Dask cluster may be without a worker.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    TimeoutError
        The cluster has no worker.
    RuntimeError
        The engine failed: a task killed its workers, a file could not be read, two types did not agree.
    """
    engine = lazy.implementation
    try:
        if engine.is_dask():
            return _from_dask(lazy.to_native(), timeout).reset_index(drop=True)
        return lazy.collect("pandas", **({"engine": "streaming"} if engine.is_polars() else {})).to_native()
    except (EngineError, MemoryError, TimeoutError):
        raise
    except Exception as error:  # an engine may fail in any way
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise EngineError(
            f"{str(engine).split('.')[-1].title()} could not compute the cells: {reason}. Compute a few rows of the "
            "table with the engine alone to see whether it can read it."
        ) from error


class EngineError(RuntimeError):
    """The engine that holds the data failed."""


def _from_dask(table, timeout):
    """Dask's result; a cluster without workers would let one wait for ever."""
    client = _dask_client()
    if client is None:
        return table.compute()
    from distributed import KilledWorker, wait

    future, seen = client.compute(table), time.monotonic()
    while not future.done():
        try:
            wait([future], timeout=min(1.0, timeout))
        except TimeoutError:
            if client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > timeout:
                future.cancel()
                raise TimeoutError(
                    f"The Dask cluster has had no worker for {timeout:g} seconds. Start workers "
                    "(cluster.scale(2)), see why they stop (their logs; memory, usually), or wait longer: timeout=."
                ) from None
    try:
        return future.result()
    except KilledWorker as error:
        raise EngineError(
            f"A task of Dask's stopped every worker that it was given to ({str(error).splitlines()[0]}). Out of memory "
            "is the usual cause: make the partitions smaller (repartition), or give the workers more memory "
            "(memory_limit=)."
        ) from None


def _dask_client():
    """The cluster that Dask would use, None for threads of this process."""
    distributed = sys.modules.get("distributed")
    try:
        return distributed.default_client() if distributed else None
    except ValueError:
        return None
