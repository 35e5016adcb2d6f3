"""One aggregation for every engine: what is summed, and what is refused, before it is summed.

Values are cast to floats and moved by their means over all rows before anything is squared; products are columns
before they are summed (Dask allows none inside an aggregation); no engine's own variance is asked for (Chan, Golub &
LeVeque 1983, doi:10.1080/00031305.1983.10483115).
"""

import itertools
import warnings
from pathlib import Path

import narwhals as nw
import numpy as np

from helpers.cells.engines import collected
from helpers.cells.outcome import AS_IT_IS
from helpers.design.columns import quoted_label
from helpers.refusals.wording import SHOWN, counted

HELPERS = str(Path(__file__).parents[1])


class Aggregation:
    """The columns of a source under short names of ours: k0, k1, … the keys; v0, … the numbers, the outcome last."""

    def __init__(self, source, outcome, keys, numeric, timeout):
        self.source, self.timeout = source, timeout
        self.functions = [AS_IT_IS] * len(numeric) + [outcome.function]
        self.labels = [*numeric, outcome.text]
        self.keys = {f"k{i}": name for i, name in enumerate(keys)}
        self.columns = {f"v{j}": name for j, name in enumerate([*numeric, outcome.column])}
        self.values = list(self.columns)
        self._raw = [f"raw_{v}" for v in self.values]
        self.rows = self._renamed()
        self.lazy = self._flagged()

    def _renamed(self):
        """Keys and numbers, these as floats."""
        return self.source.lazy.select(
            *(nw.col(name).alias(key) for key, name in self.keys.items()),
            *(nw.col(name).cast(nw.Float64).alias(f"raw_{v}") for v, name in self.columns.items()),
        )

    def _flagged(self):
        """Each value transformed where that is possible, and which rows are complete and usable."""
        schema = self.source.lazy.collect_schema()
        floats = {key: schema[name].is_float() for key, name in self.keys.items()}
        lazy = self.rows.with_columns(
            *((_missing(key) if floats[key] else nw.col(key).is_null()).alias(f"no_{key}") for key in self.keys),
            *(_missing(f"raw_{v}").alias(f"no_{v}") for v in self.values),
        )
        gaps = [nw.col(f"no_{name}") for name in (*self.keys, *self.values)]
        lazy = lazy.with_columns((~_any(gaps)).alias("complete"))
        usable = [
            (nw.col("complete") & nw.col(f"raw_{v}").is_finite() & function.takes(nw.col(f"raw_{v}"))).alias(f"ok_{v}")
            for v, function in zip(self.values, self.functions, strict=True)
        ]
        lazy = lazy.with_columns(*usable)
        safe = [
            nw.when(nw.col(f"ok_{v}")).then(nw.col(f"raw_{v}")).otherwise(nw.lit(1.0)).alias(f"safe_{v}")
            for v in self.values
        ]
        lazy = lazy.with_columns(*safe)
        return lazy.with_columns(
            *(f.of(nw.col(f"safe_{v}")).alias(f"t_{v}") for v, f in zip(self.values, self.functions, strict=True))
        )

    def totals(self):
        """Rows, complete rows, and the means that the rest is moved by; refuses what cannot be used."""
        flags = ["complete", *(f"no_{name}" for name in (*self.keys, *self.values)), *(f"ok_{v}" for v in self.values)]
        counts = self.lazy.with_columns(
            *(nw.col(flag).cast(nw.Int64) for flag in flags),
            *(
                nw.when(nw.col(f"ok_{v}")).then(nw.col(f"t_{v}")).otherwise(nw.lit(0.0)).alias(f"sum_{v}")
                for v in self.values
            ),
        ).select(nw.len().alias("rows"), *(nw.col(name).sum() for name in (*flags, *(f"sum_{v}" for v in self.values))))
        found = collected(counts, self.timeout).iloc[0]
        rows, complete = int(found["rows"]), 0 if found["rows"] == 0 else int(found["complete"])
        self._refuse_empty(rows, complete, found)
        for v, label, function in zip(self.values, self.labels, self.functions, strict=True):
            if int(found[f"ok_{v}"]) < complete:
                self._refuse_values(v, label, function, complete - int(found[f"ok_{v}"]))
        if rows > complete:
            message = f"dropped {rows - complete} of {rows} rows with missing values: {self._gaps(found)}"
            warnings.warn(message, UserWarning, skip_file_prefixes=(HELPERS,))
        shift = np.array([float(found[f"sum_{v}"]) / complete for v in self.values])
        return {"rows": rows, "complete": complete, "shift": shift}

    def _gaps(self, found):
        names = {**self.keys, **self.columns}
        counts = {name: int(found[f"no_{short}"]) for short, name in names.items()}
        return ", ".join(f"{n} in {name!r}" for name, n in counts.items() if n)

    def _refuse_empty(self, rows, complete, found):
        promised = self.source.n_rows
        if promised is not None and rows != promised:
            raise ValueError(
                f"The table has {rows:,} rows, the footers of its files promise {promised:,}: rows were lost, or the "
                "files are not those of the table. Read them again; a file may have been left out in silence."
            )
        if rows == 0:
            raise ValueError("data has no rows. Check what was read or filtered.")
        if complete == 0:
            raise ValueError(
                f"Every row has a missing value: of {rows} rows, {self._gaps(found)}. Use fewer columns, or fill in "
                "the values."
            )

    def _refuse_values(self, v, label, function, n):
        """Say which values are beyond the function, and in which cells the first of them stand."""
        column = self.columns[v]
        bad = self.lazy.filter(nw.col("complete") & ~nw.col(f"ok_{v}")).select(*self.keys, f"raw_{v}").head(SHOWN)
        shown = [
            f"{row[f'raw_{v}']:g}" + "".join(f", {name} = {quoted_label(row[key])}" for key, name in self.keys.items())
            for row in collected(bad, self.timeout).to_dict("records")
        ]
        raise ValueError(
            f"{label} is not a finite number in {counted(n, 'row')}, such as {column} = {'; '.join(shown)}. It needs "
            f"finite values {function.domain.removeprefix('that are finite')}".rstrip()
            + ". Correct these values, or filter the rows where the data are."
        )

    def sums(self, shift, dropped):
        """Rows, means and sums of squares of each cell from one pass over values moved by `shift`; and its labels."""
        return self._aggregated(self._moved(shift, dropped), [])

    def sums_about_means(self, shift, dropped):
        """The same from values moved by the mean of their cell, too."""
        moved = self._moved(shift, dropped)
        keys = list(self.keys) or ["one"]
        moved = moved if self.keys else moved.with_columns(nw.lit(0).alias("one"))
        centres = moved.group_by(*keys).agg(*(nw.col(f"d_{v}").mean().alias(f"m_{v}") for v in self.values))
        joined = moved.join(centres, on=keys, how="inner")
        again = joined.with_columns(*((nw.col(f"d_{v}") - nw.col(f"m_{v}")).alias(f"d_{v}") for v in self.values))
        return self._aggregated(again, [f"m_{v}" for v in self.values])

    def _moved(self, shift, dropped):
        """The rows that are used, transformed and moved; where there is none to drop, no engine looks for one."""
        rows = self.lazy.filter(nw.col("complete")).select(*self.keys, *self._raw) if dropped else self.rows
        moved = zip(self.values, self.functions, shift, strict=True)
        return rows.select(*self.keys, *((f.of(nw.col(f"raw_{v}")) - float(m)).alias(f"d_{v}") for v, f, m in moved))

    def _aggregated(self, lazy, centres):
        pairs = list(itertools.combinations_with_replacement(self.values, 2))
        lazy = lazy.with_columns(*((nw.col(f"d_{a}") * nw.col(f"d_{b}")).alias(f"p_{a}_{b}") for a, b in pairs))
        summed = [f"d_{v}" for v in self.values] + [f"p_{a}_{b}" for a, b in pairs]
        wanted = [
            nw.len().alias("n"),
            *(nw.col(name).sum() for name in summed),
            *(nw.col(name).max() for name in centres),
        ]
        found = collected(lazy.group_by(*self.keys).agg(*wanted) if self.keys else lazy.select(*wanted), self.timeout)
        n = found["n"].to_numpy(dtype=np.int64)
        first = found[[f"d_{v}" for v in self.values]].to_numpy(dtype=float) / n[:, None]
        products = np.empty((len(n), len(self.values), len(self.values)))
        for a, b in pairs:
            i, j = self.values.index(a), self.values.index(b)
            products[:, i, j] = products[:, j, i] = found[f"p_{a}_{b}"].to_numpy(dtype=float)
        squares = products - n[:, None, None] * first[:, :, None] * first[:, None, :]
        places = np.arange(len(self.values))
        squares[:, places, places] = np.maximum(squares[:, places, places], 0)
        means = first + (found[centres].to_numpy(dtype=float) if centres else 0)
        return n, means, squares, found


def _missing(name):
    return nw.col(name).is_null() | nw.col(name).is_nan()


def _any(flags):
    together = flags[0]
    for flag in flags[1:]:
        together = together | flag
    return together
