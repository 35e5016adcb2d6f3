"""Estimated counts of genes whose transcripts are not equally long in all samples: scaled, so that lengths cancel.

Soneson, Love & Robinson 2015, doi:10.12688/f1000research.7563.1; tximport's ``lengthScaledTPM``.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.design.samples import sample_difference
from helpers.refusals.wording import some
from helpers.report.counts.count_files import samples_of
from helpers.report.own_table import read


def scaled_by_length(counts: pd.DataFrame, lengths: pd.DataFrame) -> pd.DataFrame:
    """Counts as they would be, had each gene its mean length in every sample.

    Parameters
    ----------
    counts, lengths : pandas.DataFrame, shape (n_genes, n_samples)
        Reads, and the average length of each gene's transcripts in bases. Same index and columns.

    Returns
    -------
    pandas.DataFrame
        Of each sample as many reads in all as before. Where no gene's length differs between samples, the same counts.
    """
    expected = (counts / lengths).mul(lengths.mean(axis=1), axis=0)
    return expected * (counts.sum(axis=0) / expected.sum(axis=0))


def lengths_of(settings: SimpleNamespace, counts: pd.DataFrame) -> pd.DataFrame:
    """The file that LENGTHS names, in the order of the counts.

    Parameters
    ----------
    settings : types.SimpleNamespace
        With ``lengths, sep, decimal, sheet, encoding``.
    counts : pandas.DataFrame
        Index = genes, columns = samples.

    Returns
    -------
    pandas.DataFrame, shape (n_genes, n_samples)

    Raises
    ------
    ValueError, FileNotFoundError
        The file cannot be read, lacks a gene or a sample, or holds what is no length.
    """
    where = SimpleNamespace(**vars(settings) | {"data": settings.lengths})
    samples = list(counts.columns)
    source = read(
        where,
        numeric=lambda columns: list(samples_of(columns[1:], samples)),
        unique=lambda columns: [columns[0]],
    )
    table = source.frame.set_index(source.frame.columns[0])
    held = samples_of(list(table), samples)
    if set(held.values()) < set(samples):
        raise ValueError(
            f"{sample_difference(list(held.values()), samples, 'LENGTHS', 'SAMPLES')} Give it all samples."
        )
    table = table[list(held)].rename(columns=held)[samples]
    if lost := [gene for gene in counts.index if gene not in table.index]:
        raise ValueError(f"LENGTHS has no row for the gene {some(map(repr, lost))}. It needs every gene of DATA.")
    table = table.loc[counts.index]
    wrong = ~(np.isfinite(table.to_numpy(float)) & (table.to_numpy(float) > 0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"LENGTHS has {table.iloc[row, column]:g} for the gene {table.index[row]!r} in {samples[column]!r}. A "
            "length is above 0: as tximport's table `length` has it."
        )
    return table
