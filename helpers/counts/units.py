"""Samples that belong to one unit, such as an animal: summed, or named as blocks. What cannot be answered is said."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.counts.inputs import check_counts, fixed_part, matched, read_counts
from helpers.design.columns import quoted_label, used
from helpers.design.translation import translate
from helpers.refusals.wording import some


def block_codes(design: pd.DataFrame, block: str, X: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The block of each sample as a number.

    Parameters
    ----------
    design : pandas.DataFrame
        One row per sample.
    block : str
        Its column of blocks.
    X : numpy.ndarray, shape (n_samples, p)
    names : sequence of str
        What the columns of X are called.

    Returns
    -------
    numpy.ndarray of int, shape (n_samples,)

    Raises
    ------
    ValueError
        A sample without a block; one block; (nearly) a block for every sample; blocks that the columns of X determine.
    UnknownNameError
        The design has no such column.
    """
    labels = used(design, [block], "design")[block]
    if labels.isna().any():
        raise ValueError(f"design has no {block!r} for sample {labels.index[labels.isna()][0]!r}. Fill it in.")
    codes, levels = pd.factorize(labels)
    if len(levels) == 1:
        raise ValueError(
            f"block={block!r} is the same for every sample: a correlation within blocks cannot be told from the mean."
            " Leave block out, or name a column whose levels have several samples each."
        )
    if len(levels) >= len(codes) - 1:
        found = "another value for every sample" if len(levels) == len(codes) else "one pair of samples and no more"
        raise ValueError(
            f"block={block!r} has {found}: a correlation within blocks needs blocks of several samples. Leave block"
            " out, or name the column that several samples share."
        )
    left = np.eye(len(levels))[codes]
    q, _ = np.linalg.qr(X)
    left -= q @ (q.T @ left)
    if np.abs(left).max() < 1e-8:
        raise ValueError(
            f"The formula already tells {block!r} apart (its columns are {some(names, 6)}): no difference between"
            " blocks is left to correlate. Take it out of the formula, or leave block out."
        )
    return codes


def sum_by(
    counts: object, samples: pd.DataFrame, by: str, formula: str | None = None, *, layer: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum the reads of all samples of one unit, such as an animal.

    Several samples of one animal are no replicates of a treatment that the animal was given. For a question *between*
    animals their sum holds nearly all there is to know, and every method for independent samples is right again.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples.
    samples : pandas.DataFrame
        One row per sample; index = sample names, in any order.
    by : str
        The column of `samples` that names the unit.
    formula : str, optional
        Right side of the model that is to be tested. Each of its columns must be the same in all samples of a unit.
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    summed : pandas.DataFrame, shape (n_genes, n_units)
        Reads; the units in the order in which they appear in `counts`.
    units : pandas.DataFrame
        One row per unit, index `by`: the columns of `samples` that do not vary within a unit.

    Raises
    ------
    ValueError
        `counts` are no counts, the samples do not match, a sample has no unit, every unit has one sample, there is one
        unit, or a column of the formula varies within a unit.
    UnknownNameError
        `samples` has no such column.
    """
    counts, samples = read_counts(counts, samples, layer)
    table = check_counts(counts)
    samples = matched(table, samples)
    unit = used(samples, [by], "samples")[by]
    if unit.isna().any():
        raise ValueError(f"samples has no {by!r} for sample {unit.index[unit.isna()][0]!r}. Fill it in, or drop it.")
    n_units = unit.nunique()
    if n_units in (1, len(unit)):
        what = "is the same for every sample" if n_units == 1 else "is another for every sample"
        raise ValueError(f"{by!r} {what}: there is nothing to sum. Name the column that several samples share.")
    if formula is not None:
        _refuse_changing(samples, unit, formula)
    first = ~unit.duplicated()
    same = [name for name in samples.columns if name != by and not _changes(samples[name], unit).any()]
    units = samples.loc[first, same].set_axis(pd.Index(unit[first], name=by))
    codes = pd.Index(units.index).get_indexer(unit)
    summed = np.zeros((len(table), len(units)), dtype=np.int64)
    np.add.at(summed.T, codes, table.to_numpy(float).astype(np.int64).T)
    return pd.DataFrame(summed, index=table.index, columns=pd.Index(units.index, name=None)), units


def _changes(column, unit):
    """Of each unit whether the column takes more than one value in it; a missing value is one."""
    values = column.groupby(unit.to_numpy(), sort=False).nunique(dropna=False)
    return values.gt(1)


def _refuse_changing(samples, unit, formula):
    names = list(translate(fixed_part(formula)).columns.values())
    frame = used(samples, names, "samples")
    for name in names:
        if name == unit.name:
            raise ValueError(
                f"The formula uses {name!r}, whose samples are summed: no row would be left to tell it from the rest."
                " Take it out of the formula."
            )
        changing = _changes(frame[name], unit)
        if changing.any():
            level = changing.index[changing][0]
            found = some(map(quoted_label, frame.loc[(unit == level).to_numpy(), name].unique()))
            mean = (
                f" If its mean is what you ask about, average it first:"
                f" samples.groupby({unit.name!r})[{name!r}].transform('mean')."
                if pd.api.types.is_numeric_dtype(frame[name])
                else ""
            )
            raise ValueError(
                f"{name!r} varies within {unit.name!r}: {quoted_label(level)} has {found}. A sum cannot tell them"
                f" apart. To compare within {unit.name!r}, keep the samples and put {unit.name!r} into the formula"
                f" (or, with voom, block={unit.name!r}).{mean}"
            )


def permute_within(
    design: pd.DataFrame, columns: str | Sequence[str], block: str | None = None, *, seed: int
) -> pd.DataFrame:
    """Exchange the labels of samples at random, within their blocks where there are any.

    What a test finds after that it finds where nothing is to be found: the condition no longer belongs to the sample,
    and all that samples of a block have in common stays.

    Parameters
    ----------
    design : pandas.DataFrame
        One row per sample.
    columns : str or sequence of str
        The columns whose rows are exchanged, together.
    block : str, optional
        The column of blocks.
    seed : int

    Returns
    -------
    pandas.DataFrame
        The same rows, the columns exchanged.

    Raises
    ------
    ValueError
        Within every block the columns hold one value: there is nothing to exchange.
    UnknownNameError
        A column is not in the design.
    """
    columns = [columns] if isinstance(columns, str) else list(columns)
    used(design, [*columns, *([] if block is None else [block])], "design")
    rng, order = np.random.default_rng(seed), np.arange(len(design))
    codes = np.zeros(len(design), int) if block is None else pd.factorize(design[block])[0]
    if not any(_changes(design[name], pd.Series(codes)).any() for name in columns):
        if block is None:
            raise ValueError(
                f"{some(map(repr, columns))} holds one value in all samples: there is nothing to exchange."
            )
        raise ValueError(
            f"{some(map(repr, columns))} holds one value within each {block!r}: there is nothing to exchange. Exchange"
            " whole blocks: sum them first (sum_by), and permute the sums."
        )
    for code in np.unique(codes):
        places = np.flatnonzero(codes == code)
        order[places] = rng.permutation(places)
    exchanged = {name: design[name].iloc[order].set_axis(design.index) for name in columns}
    return design.assign(**exchanged)
