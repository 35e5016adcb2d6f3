"""The samples of a table of genes held against the rows that describe them: which belongs to which."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from helpers.refusals.wording import closest, some


def match_samples(
    samples: pd.Index, design: pd.DataFrame, *, table: str, genes: Sequence[object] | pd.Index = ()
) -> np.ndarray:
    """Where each row of a design stands among the samples of a table.

    Parameters
    ----------
    samples : pandas.Index
        Of the table; each name once.
    design : pandas.DataFrame
        One row per sample, in any order; its index names them.
    table : str
        What the table is called: "counts", "expression".
    genes : sequence, optional
        The names of its genes: a table turned round is told as such.

    Returns
    -------
    numpy.ndarray of int, shape (n_samples,)
        ``samples[places]`` is ``design.index``.

    Raises
    ------
    ValueError
        The design is no table, names a sample twice or not at all, or has other samples than the table.
    """
    check_sheet(design)
    if difference := sample_difference(samples, design.index, table, "design"):
        raise ValueError(f"{difference} {_advice(samples, design, table, genes)}")
    return pd.Index(samples).get_indexer(design.index)


def check_sheet(design: object) -> None:
    """Refuse what is no table with a row per sample, each under its name."""
    if not isinstance(design, pd.DataFrame):
        raise ValueError(
            f"design must be a pandas DataFrame with a row per sample; found {type(design).__name__}. Turn it into one."
        )
    if design.index.hasnans:
        raise ValueError("design has a row whose index is missing: a name is missing. Name every sample.")
    if not design.index.is_unique:
        twice = design.index[design.index.duplicated()].unique()
        raise ValueError(f"design has the sample {some(map(repr, twice))} more than once. Keep one row per sample.")


def sample_difference(samples: Iterable[object], rows: Iterable[object], table: str, sheet: str) -> str:
    """Samples that stand in one of two lists only, in a sentence.

    Parameters
    ----------
    samples, rows : sequence
        Those of the table, and those of the sheet that describes them.
    table, sheet : str
        What these are called.

    Returns
    -------
    str
        Empty where both hold the same.
    """
    there, here = set(samples), set(rows)
    no_row = [name for name in samples if name not in here]
    no_sample = [name for name in rows if name not in there]
    parts = []
    if no_row:
        parts.append(f"{sheet} has no row for {some(map(repr, no_row))}{_nearest('row', no_row[0], no_sample)}")
    if no_sample:
        near = _nearest("sample", no_sample[0], no_row)
        parts.append(f"{table} has no sample {some(map(repr, no_sample))}{near}")
    return f"The samples do not match: {'; '.join(parts)}." if parts else ""


def _nearest(what, name, others):
    """The closest of the others, as it is: 1 may be meant by '1'."""
    spelled = {str(other): other for other in others}
    near = closest(str(name), spelled)
    return f" (closest {what}: {spelled[near[0]]!r})" if near else ""


def _advice(samples, design, table, genes):
    if holders := [name for name, column in design.items() if pd.Index(samples).isin(column).all()]:
        return f"The column {holders[0]!r} of design names them: use design.set_index({holders[0]!r})."
    if set(map(str, genes)) & set(map(str, design.index)):
        return f"{table} is genes × samples; this looks like samples × genes. Pass {table}.T."
    if not set(samples) & set(design.index):
        return "The index of design names the samples: if a column does, use design.set_index(…)."
    return f"Give {table} and design the same samples: design.loc[{table}.columns], or {table}[design.index]."
