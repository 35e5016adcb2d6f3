"""Count tables as programs write them: what is a sample, what describes a gene, which rows are no genes."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.design.samples import sample_difference
from helpers.refusals.wording import some
from helpers.report.phrases import counted, joined, percent

OF_FEATURE_COUNTS = ("Chr", "Start", "End", "Strand", "Length")
NO_GENE = re.compile(r"__\w+|N_(unmapped|multimapping|noFeature|ambiguous)")  # of HTSeq, of STAR
ENDINGS = re.compile(
    r"(\.(sorted|sortedByCoord|Aligned|out|dedup|bam|sam|counts?|txt|tab|tsv|genes|results|ReadsPerGene))+$"
)
DATE = re.compile(
    r"\d{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{1,2}|\d{4}-\d{2}-\d{2}( 00:00:00)?|\d{1,2}/\d{1,2}/\d{4}",
    re.IGNORECASE,
)


def samples_of(columns: Sequence[str], samples: Sequence[str]) -> dict[str, str]:
    """Which columns hold which samples: by their name, or by a file's name that begins with it.

    Parameters
    ----------
    columns : sequence of str
        Of the counts, the gene's own left out.
    samples : sequence of str
        As the sample sheet names them.

    Returns
    -------
    dict
        Column -> sample. A column that may be two samples', or a sample with two columns, is not among them.
    """
    exact = {name: name for name in columns if name in set(samples)}
    open_samples = [name for name in samples if name not in exact]
    found = {}
    for column in columns:
        if column not in exact:
            bare = ENDINGS.sub("", re.split(r"[/\\]", column)[-1])
            near = [name for name in open_samples if re.fullmatch(rf"{re.escape(name)}([^0-9A-Za-z].*)?", bare)]
            longest = [name for name in near if len(name) == max(map(len, near))]
            found |= {column: longest[0]} if len(longest) == 1 else {}
    once = [column for column, name in found.items() if list(found.values()).count(name) == 1]
    return exact | {column: found[column] for column in once}


def without_annotation(
    frame: pd.DataFrame, gene: str, held: dict[str, str], samples: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Part the counts from the columns that describe genes.

    Parameters
    ----------
    frame : pandas.DataFrame
    gene : str
        The column of the gene names.
    held : dict
        Column -> sample, of `samples_of`.
    samples : sequence of str
        All that the sheet names.

    Returns
    -------
    tuple of pandas.DataFrame, pandas.DataFrame and list of str
        Counts under the samples' names, with genes as the index; the annotation; sentences on what was done.

    Raises
    ------
    ValueError
        A sample without a column; a column of numbers that is no sample of the sheet.
    """
    others = [name for name in frame if name != gene and name not in held]
    text = [name for name in others if not pd.api.types.is_numeric_dtype(frame[name]) or name in OF_FEATURE_COUNTS]
    left = [held.get(name, name) for name in frame if name != gene and name not in text]
    if difference := sample_difference(left, samples, "DATA", "SAMPLES"):
        advice = "Leave samples out with DROP=, or give both files the same samples."
        if not held:
            advice = "If the names stand in another column, say SAMPLE= (of SAMPLES) or GENE= (of DATA)."
        raise ValueError(f"{difference} {advice}")
    notes = []
    if text:
        verb = "describes" if len(text) == 1 else "describe"
        notes.append(f"{joined(map(repr, text))} {verb} the genes and {'is' if len(text) == 1 else 'are'} no sample.")
    renamed = {column: name for column, name in held.items() if column != name}
    if renamed:
        column, name = next(iter(renamed.items()))
        notes.append(
            f"{counted(len(renamed), 'column')} of the counts {'was' if len(renamed) == 1 else 'were'} matched to the "
            f"sample sheet by how {'its name begins' if len(renamed) == 1 else 'their names begin'}: {column!r} is "
            f"{name!r}."
        )
    genes = frame.set_index(gene)
    return genes[list(held)].rename(columns=held), genes[text], notes


def without_summary(counts: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out rows of reads that belong to no gene, as HTSeq and STAR count them.

    Parameters
    ----------
    counts : pandas.DataFrame
        Index = genes.

    Returns
    -------
    tuple of pandas.DataFrame and list of str
    """
    none = counts.index.astype(str).str.fullmatch(NO_GENE.pattern)
    if not none.any():
        return counts, []
    share = float(counts[none].to_numpy().sum() / counts.to_numpy().sum())
    named = some(map(repr, counts.index[none]), 4)
    return counts[~none], [f"The rows {named} are no genes and were left out: {percent(round(share, 3))} of the reads."]


def whole(counts: pd.DataFrame, wanted: bool) -> tuple[pd.DataFrame, list[str]]:
    """Round estimated counts, where the reader says so.

    Parameters
    ----------
    counts : pandas.DataFrame
        Numbers only.
    wanted : bool
        Of ROUND.

    Returns
    -------
    tuple of pandas.DataFrame and list of str

    Raises
    ------
    ValueError
        There are fractions, and nothing is said of them.
    """
    values = counts.to_numpy(float)
    broken = np.isfinite(values) & (values != np.rint(values))
    if not broken.any():
        return counts, []
    row, column = np.argwhere(broken)[0]
    if not wanted:
        raise ValueError(
            f"DATA holds fractions, such as {values[row, column]:g} for {counts.index[row]!r} in "
            f"{counts.columns[column]!r}. Counts estimated by salmon, kallisto or RSEM are such numbers: say "
            "ROUND=yes. If these are normalised values (TPM, FPKM, CPM), find the counts that they were made of."
        )
    return counts.round(), [f"{counted(int(broken.sum()), 'estimated count')} rounded to whole numbers."]


def names_like_dates(genes: Sequence[object]) -> list[str]:
    """Names of genes that a spreadsheet has turned into dates: MARCH1 into 1-Mar."""
    return [name for name in map(str, genes) if DATE.fullmatch(name)]
