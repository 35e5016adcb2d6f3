"""Models of tables too large for memory: reduced to cells where the data are, then fitted in milliseconds.

    from helpers.cells import collect_cells, fit_genes_from_cells
    from helpers.mixed import fit_mixed
    fit = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", "reads/")   # a folder of Parquet files
    cells = collect_cells("log(length) ~ condition + (1 | replicate)", reads, by="gene_name")
    table = fit_genes_from_cells("log(length) ~ condition + (1 | replicate)", cells, gene="gene_name")

`sources` opens any table, `parquet` looks at files before they are read, `aggregation` is what the engine computes,
`statistics` what comes of it, `model_on_cells` the model's columns on the cells.
"""

from helpers.cells.collect import collect_cells
from helpers.cells.engines import EngineError
from helpers.cells.statistics import Cells

__all__ = ["Cells", "EngineError", "collect_cells", "fit_genes_from_cells"]


def __getattr__(name):
    """`fit_genes_from_cells` under its public name: it stands on this package, so it is imported when asked for."""
    if name == "fit_genes_from_cells":
        from helpers.genes.from_cells import fit_genes_from_cells

        return fit_genes_from_cells
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
