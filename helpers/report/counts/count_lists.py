"""Files that enrichment tools take: every gene ranked by a signed statistic, and the names of those found."""

import re

import numpy as np
import pandas as pd

from helpers.report.counts.count_results import Analysis
from helpers.report.output import Output

FOLDER = "lists"


def ranked(analysis: Analysis, term: str) -> pd.Series:
    """Every gene tested, from what rises most surely to what falls most surely.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis
    term : str

    Returns
    -------
    pandas.Series
        Index = genes (their symbols with SYMBOL; of several genes with one symbol, the one with the smallest p-value).
        The values are minus log10 of the p-value, with the sign of the change: alike for every method, where F and z
        are not.
    """
    rows = analysis.table[(analysis.table["term"] == term) & analysis.table["p_value"].notna()]
    smallest = np.finfo(float).tiny
    signed = -np.log10(rows["p_value"].clip(lower=smallest)) * np.sign(rows["log2_fold_change"])
    values = pd.Series(signed.to_numpy(), index=names_of(rows), name="signed_log10_p")
    strongest = values.iloc[np.argsort(-values.abs().to_numpy(), kind="stable")]
    strongest = strongest[~strongest.index.duplicated()]
    return strongest.sort_values(ascending=False, kind="stable").rename_axis("gene")


def names_of(rows: pd.DataFrame) -> np.ndarray:
    """Symbols where there are any, else the genes' own names."""
    if "symbol" not in rows:
        return rows["gene"].astype(str).to_numpy()
    symbol = rows["symbol"].where(rows["symbol"].astype(bool) & rows["symbol"].notna(), rows["gene"])
    return symbol.astype(str).to_numpy()


def found(analysis: Analysis, term: str) -> tuple[list[str], list[str]]:
    """The genes that are significantly up, and those that are down, by their p-values.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis
    term : str

    Returns
    -------
    tuple of list of str
    """
    rows = analysis.table[(analysis.table["term"] == term) & (analysis.table["p_adjusted"] < analysis.study.fdr)]
    rows = rows.sort_values("p_value", kind="stable")
    up = rows["log2_fold_change"] > 0
    return tuple(list(dict.fromkeys(names_of(rows[side]))) for side in (up, ~up))  # type: ignore[return-value]


def save(out: Output, analysis: Analysis) -> pd.DataFrame:
    """Write the lists of every comparison, and say which file holds what.

    Parameters
    ----------
    out : helpers.report.output.Output
    analysis : helpers.report.counts.count_results.Analysis

    Returns
    -------
    pandas.DataFrame
        ``file, holds, genes``.
    """
    rows = []
    for place, term in enumerate(analysis.study.terms, start=1):
        stem, order = f"{place}_{_plain(term)}", ranked(analysis, term)
        up, down = found(analysis, term)
        _write(out, f"{stem}.rnk", "".join(f"{gene}\t{value:.12g}\n" for gene, value in order.items()))
        rows.append((f"{stem}.rnk", f"{term}: gene, signed −log10 p", len(order)))
        for name, genes in (("up", up), ("down", down), ("background", list(order.index))):
            _write(out, f"{stem}_{name}.txt", "".join(f"{gene}\n" for gene in genes))
            what = "genes tested" if name == "background" else f"genes found, {name}"
            rows.append((f"{stem}_{name}.txt", f"{term}: {what}", len(genes)))
    return pd.DataFrame(rows, columns=["file", "holds", "genes"])


def _plain(term):
    """A contrast's name as the name of a file."""
    return re.sub(r"[^0-9A-Za-z]+", "_", term.replace(" − ", "_vs_")).strip("_")[:60] or "contrast"


def _write(out, name, text):
    if out.folder:
        folder = out.folder / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
