"""Carry the two public RNA-seq studies from the tables their sources give into data/.

    python data/make/public_counts.py SOURCES [FOLDER]      writes airway_*, shock_* and gene_symbols.csv into data/

SOURCES is a folder with five tables, taken from public repositories as they are:

- ``counts_data.csv`` and ``sample_info.csv``: github.com/kpatel427/YouTubeTutorials, folder ``files``, commit ac98e41;
- ``cs_counts.csv`` and ``cs_samples.csv``: github.com/stop-pre16/lmerSeq, ``Tutorials/cs_dataset.RDS``, commit 7e3e759,
  written by R as ``x <- readRDS("cs_dataset.RDS"); write.csv(x$counts, "cs_counts.csv", quote = FALSE)``
  and ``write.csv(x$sample_data, "cs_samples.csv", quote = FALSE, row.names = FALSE)``;
- ``grch38.csv``, the columns ``ensgene`` and ``symbol`` of Ensembl Genes 109: github.com/stephenturner/annotables,
  ``data/grch38.rda``, commit d2e86c7, written by R as
  ``load("grch38.rda"); x <- unique(grch38[, c("ensgene", "symbol")])``
  and ``write.csv(x, "grch38.csv", quote = FALSE, row.names = FALSE)``.
"""

import sys
from pathlib import Path

import pandas as pd

from helpers.counts import voom

SHOWN = 100  # genes of each study, those with the smallest p-values, that get their symbol
RESPONDERS = {  # genes that dexamethasone is known to raise; Himes and others name the first
    "ENSG00000103196": "CRISPLD2",
    "ENSG00000120129": "DUSP1",
    "ENSG00000163884": "KLF15",
    "ENSG00000179094": "PER1",
    "ENSG00000096060": "FKBP5",
}
ZIPPED = {"method": "gzip", "mtime": 0, "compresslevel": 9}  # no time stamp: the same bytes at every run


def airway(counts, samples):
    """Counts without the genes that no sample has a read of, and the samples with their names."""
    counts = counts.rename_axis("gene")
    samples = samples.rename_axis("sample").rename(columns={"cellLine": "donor"})
    return counts[counts.any(axis=1)], samples[["donor", "dexamethasone"]]


def shock(counts, samples):
    """The same for the patients; the column ``group`` holds CS in every row and is left out."""
    counts = counts.rename_axis("gene")
    return counts[counts.any(axis=1)], samples.set_index("sample")[["patient", "time"]]


def symbols(studies, ensembl):
    """Symbols of the genes that are most changed, and of the known responders, where Ensembl gives one."""
    names = ensembl.set_index("ensgene")["symbol"].dropna()
    shown = set(RESPONDERS)
    for counts, samples, formula, term in studies:
        found = voom(counts, samples, formula, terms=term)
        shown |= set(found.nsmallest(SHOWN, "p_value")["gene"])
    table = names[names.index.isin(shown)].sort_index().rename_axis("gene").rename("symbol")
    if wrong := {gene: name for gene, name in RESPONDERS.items() if table.get(gene) != name}:
        raise ValueError(f"Ensembl gives other symbols for {wrong}. Use the release that the first lines name.")
    return table


def write(sources, folder):
    read = {
        path.name: pd.read_csv(path, index_col=0) for path in (sources / "counts_data.csv", sources / "cs_counts.csv")
    }
    cells = airway(read["counts_data.csv"], pd.read_csv(sources / "sample_info.csv", index_col=0))
    patients = shock(read["cs_counts.csv"], pd.read_csv(sources / "cs_samples.csv"))
    for name, (counts, samples) in {"airway": cells, "shock": patients}.items():
        counts.to_csv(folder / f"{name}_counts.csv.gz", compression=ZIPPED, lineterminator="\n")
        samples.to_csv(folder / f"{name}_samples.csv", lineterminator="\n")
    cells[1]["dexamethasone"] = pd.Categorical(cells[1]["dexamethasone"], ["untreated", "treated"])
    studies = (
        (*cells, "~ donor + dexamethasone", "dexamethasone[T.treated]"),
        (*patients, "~ patient + time", "time[T.T3]"),
    )
    ensembl = pd.read_csv(sources / "grch38.csv", keep_default_na=False, na_values=["", "NA"])
    symbols(studies, ensembl).to_csv(folder / "gene_symbols.csv", lineterminator="\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    write(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parents[1])
