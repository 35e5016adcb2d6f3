"""Which genes have reads enough to be worth a test."""

import numpy as np
import pandas as pd

from helpers.counts.inputs import check_counts, fixed_columns, fixed_part, matched
from helpers.design.columns import used


def filter_by_expression(
    counts, design, formula=None, *, group=None, min_count=10, min_total_count=15, large_n=10, min_prop=0.7
):
    """Tell which genes have reads enough to be worth a test, as edgeR's ``filterByExpr``.

    A gene is kept if enough samples hold at least about `min_count` reads of it, and all samples together at least
    `min_total_count`. How many samples are enough follows from the design, never from the outcome: the size of the
    smallest group, or with a formula one over the largest leverage of a sample. The number `min_count` is meant for the
    sample of median library size; in deeper samples proportionally more reads are asked for.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples)
        Whole numbers; index = genes, columns = samples.
    design : pandas.DataFrame
        One row per sample; index = sample names, in any order.
    formula : str, optional
        Right side only, the model that is to be tested: ``"~ donor + dexamethasone"``.
    group : str, optional
        A column of the design, instead of a formula. Without both, all samples are one group.
    min_count : float
        Reads, in a sample of median size.
    min_total_count : float
        Reads in all samples together.
    large_n, min_prop : float
        Of a group larger than `large_n`, only the share `min_prop` of the samples beyond it is asked for.

    Returns
    -------
    pandas.Series of bool, shape (n_genes,)
        Index = genes: ``counts[filter_by_expression(counts, design, "~ group")]`` are the genes to test.

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; a formula and a group, numbers that are none, no gene left.
    MissingColumnError
        A column is not in the design.

    Notes
    -----
    Chen, Lun & Smyth 2016, doi:10.12688/f1000research.8987.2. Library sizes are the sums of the counts.
    """
    _check_numbers(min_count=min_count, min_total_count=min_total_count, large_n=large_n, min_prop=min_prop)
    table = check_counts(counts)
    fewest = _smallest_group(matched(table, design), formula, group)
    if fewest > large_n:
        fewest = large_n + (fewest - large_n) * min_prop
    values = table.to_numpy(float)
    sizes = values.sum(axis=0)
    # Products, not quotients: a sample of exactly median size with exactly min_count reads is not to hang on rounding.
    deep = (values * np.median(sizes) >= min_count * sizes).sum(axis=1) >= fewest - 1e-10
    kept = deep & (values.sum(axis=1) >= min_total_count)
    if not kept.any():
        raise ValueError(
            f"No gene has {min_count:g} reads in {fewest:.3g} samples of median size and {min_total_count:g} in all."
            " Lower min_count or min_total_count."
        )
    return pd.Series(kept, index=table.index, name="kept")


def _check_numbers(**numbers):
    for name, value in numbers.items():
        if isinstance(value, bool | str) or not np.isscalar(value) or not value >= 0:
            raise ValueError(f"{name} must be a number, 0 or above; found {value!r}.")


def _smallest_group(design, formula, group):
    """How many samples the smallest group has, or what stands for it with numbers among the predictors."""
    if formula is not None and group is not None:
        raise ValueError("Give filter_by_expression a formula or a group, not both.")
    if group is not None:
        labels = used(design, [group], "design")[group]
        if labels.isna().any():
            raise ValueError(f"design has no {group!r} for sample {labels.index[labels.isna()][0]!r}. Fill it in.")
        return labels.value_counts()[lambda sizes: sizes > 0].min()
    if formula is None:
        return len(design)
    X, _ = fixed_columns(fixed_part(formula), design)
    # edgeR counts a constant among the columns whether or not the formula has one.
    left, values, _ = np.linalg.svd(np.column_stack([np.ones(len(X)), X / np.linalg.norm(X, axis=0)]), False)
    leverage = np.sum(left[:, values > 1e-10 * values.max()] ** 2, axis=1)
    return 1 / leverage.max()
