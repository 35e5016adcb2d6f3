"""Counts and design held against each other before anything is fitted: what is wrong, where, and what to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.design.coding import INTERCEPT, Coding
from helpers.design.columns import used
from helpers.design.formula import parse_right_side
from helpers.design.rank import aliases, far_from_zero
from helpers.design.samples import match_samples
from helpers.design.text_numbers import tidied_columns
from helpers.design.translation import translate
from helpers.genes.expression_tables import is_annotated, read_expression
from helpers.hypotheses.weights import named_contrasts
from helpers.refusals.wording import some

ONE_OUT = "Take one of them out of the formula."


@dataclass(frozen=True, eq=False)
class CountTable:
    """Counts of genes in samples, and the columns of the design, sample by sample.

    Attributes
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    genes, samples : pandas.Index
    X : numpy.ndarray, shape (n_samples, p)
        The columns of the formula, numbers centred and scaled to standard deviation 1 where there is an intercept.
    to_original : numpy.ndarray, shape (p, p)
        Coefficients per unit of the table are ``to_original @ coefficients of X``.
    names : tuple of str
    design : pandas.DataFrame
        The rows of the design in the order of the samples.
    """

    counts: np.ndarray
    genes: pd.Index
    samples: pd.Index
    X: np.ndarray
    to_original: np.ndarray
    names: tuple[str, ...]
    design: pd.DataFrame = field(repr=False)

    @property
    def counted(self) -> np.ndarray:
        """Which genes have a read at all."""
        return self.counts.any(axis=1)


def check_counts(counts: pd.DataFrame | pd.Series, *, sizes_known: bool = False) -> pd.DataFrame:
    """Refuse what are no counts.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), or pandas.Series of one gene
        Index = genes, columns = samples.
    sizes_known : bool
        Whether the libraries' sizes come from elsewhere: then a sample without a read of these genes is no empty one.

    Returns
    -------
    pandas.DataFrame
        The same counts; a Series as one row.

    Raises
    ------
    ValueError
        No table, no rows or columns, repeated names, text, missing, negative or fractional values, a sample of zeros.
    """
    if isinstance(counts, pd.Series):
        counts = counts.to_frame("gene" if counts.name is None else counts.name).T
    if not isinstance(counts, pd.DataFrame):
        raise ValueError(
            f"counts must be a pandas DataFrame, genes × samples; found {type(counts).__name__}. Turn it into one, with"
            " genes as its index and samples as its columns."
        )
    if counts.empty:
        raise ValueError(f"counts has {len(counts)} genes and {counts.shape[1]} samples. Check what was read.")
    for names, what in ((counts.index, "gene"), (counts.columns, "sample")):
        if not names.is_unique:
            raise ValueError(
                f"counts holds the {what} {some(map(repr, names[names.duplicated()].unique()))} more than once. Give"
                f" every {what} its own name."
            )
    _refuse_other_values(counts)
    if not sizes_known and (empty := ~counts.to_numpy(float).any(axis=0)).any():
        raise ValueError(
            f"Sample {some(map(repr, counts.columns[empty]))} has a count of 0 for every gene: a library without reads"
            " tells nothing. Drop it from the counts and the design."
        )
    return counts


def _refuse_other_values(counts):
    """Text, missing values, negative numbers, fractions."""
    text = [name for name, dtype in counts.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]
    if text:
        raise ValueError(
            f"The columns {some(map(repr, text))} of counts hold no numbers. If one holds gene names, make it the"
            f" index: counts.set_index({text[0]!r})."
        )
    values = counts.to_numpy(float, na_value=np.nan)
    if (missing := ~np.isfinite(values)).any():
        raise ValueError(
            f"counts has {missing.sum()} missing or infinite values, the first in {_place(counts, missing)}. A gene"
            " that was looked for and not found counts 0; one that was not looked for must be dropped."
        )
    if (negative := values < 0).any():
        raise ValueError(
            f"counts holds {negative.sum()} negative values, the first {values[negative][0]:g} in"
            f" {_place(counts, negative)}. These are no counts but logarithms or z-scores: models for counts need the"
            " numbers of reads before any transformation."
        )
    if (fractions := values != np.rint(values)).any():
        raise ValueError(
            f"counts holds {fractions.sum()} fractions, the first {values[fractions][0]:g} in"
            f" {_place(counts, fractions)}. Normalised data (CPM, TPM, FPKM) are no counts: models for counts need the"
            " numbers of reads, and take the library size into account themselves. Estimated counts (RSEM, salmon) may"
            " be rounded: counts.round()."
        )


def _place(counts, mask):
    row, column = np.argwhere(mask)[0]
    return f"gene {counts.index[row]!r}, sample {counts.columns[column]!r}"


def read_counts(
    counts: Any, design: pd.DataFrame | None = None, layer: str | None = None
) -> tuple[object, pd.DataFrame | None]:
    """Counts as a table, and the design of their samples.

    Parameters
    ----------
    counts : pandas.DataFrame, pandas.Series, AnnData, or path of a Parquet file
        As `helpers.genes.fit_genes` takes expression.
    design : pandas.DataFrame, optional
        Without, the `obs` of an AnnData.
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    tuple
        What is a table stays as it is: `check_counts` says what is wrong with it.

    Raises
    ------
    ValueError, UnknownNameError, FileNotFoundError
        As `helpers.genes.expression_tables.read_expression`.
    """
    annotated = is_annotated(counts)
    if annotated and design is None:
        design = counts.obs
    if annotated or layer is not None or isinstance(counts, str | Path):
        matrix = read_expression(counts, layer)
        counts = pd.DataFrame(matrix.numbers, matrix.genes, matrix.samples)
    return counts, design


def contrasts_in_one_word(function: Callable) -> Callable:
    """Let `terms` be another name of `contrasts`."""

    @wraps(function)
    def with_either(*args, terms=None, **others):
        if terms is not None:
            if others.get("contrasts") is not None:
                raise TypeError("contrasts and terms are one and the same: give contrasts alone.")
            others["contrasts"] = terms
        return function(*args, **others)

    return with_either


def count_table(
    counts: pd.DataFrame | pd.Series, design: pd.DataFrame, formula: str, *, sizes_known: bool = False
) -> CountTable:
    """Counts and the design of their samples, checked and in the same order.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), or pandas.Series of one gene
    design : pandas.DataFrame
        One row per sample, index = sample names.
    formula : str
        Right side only: ``"~ urea + weight"``.
    sizes_known : bool
        As in `check_counts`.

    Returns
    -------
    CountTable

    Raises
    ------
    ValueError
        See `check_counts`; samples that differ, missing values in the design, columns that depend on each other, no
        residual degrees of freedom.
    UnknownNameError
        A column of the formula is not in the design.
    """
    counts = check_counts(counts, sizes_known=sizes_known)
    fixed = fixed_part(formula)
    design = matched(counts, design)
    X, coding = fixed_columns(fixed, design)
    if len(X) <= X.shape[1]:
        raise ValueError(
            f"The design has {len(X)} samples and {X.shape[1]} coefficients ({some(coding.names, 6)}): no residual"
            " degrees of freedom are left to estimate the variance from. Take terms out of the formula."
        )
    scaled, to_original = standardised(X, coding.names)
    return CountTable(counts.to_numpy(float), counts.index, counts.columns, scaled, to_original, coding.names, design)


def fixed_part(formula: str) -> str:
    """The fixed part of a formula that has no other."""
    parsed = parse_right_side(formula)
    if parsed.random:
        raise ValueError(
            f"The formula {formula!r} has the random term {parsed.random[0]}, which this model has not. Use"
            " fit_negative_binomial_mixed, or take the term out."
        )
    return parsed.fixed


def matched(counts: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """The rows of the design in the order of the samples, one for each."""
    places = match_samples(counts.columns, design, table="counts", genes=counts.index)
    return design.iloc[np.argsort(places)]


def fixed_columns(expression: str, design: pd.DataFrame) -> tuple[np.ndarray, Coding]:
    """The columns of an expression, complete and independent; their coding."""
    frame = used(design, translate(expression).columns.values(), "design")
    if (missing := frame.isna()).to_numpy().any():
        row, column = np.argwhere(missing.to_numpy())[0]
        raise ValueError(
            f"design has {missing.to_numpy().sum()} missing values, the first in column {frame.columns[column]!r} of"
            f" sample {frame.index[row]!r}. Fill it in, or drop the sample from counts and design."
        )
    frame = tidied_columns(frame, expression)
    X, coding = Coding.of(expression, frame)
    if X.shape[1] == 0:
        raise ValueError("The formula has no columns, not even an intercept. Leave out the 0.")
    if sentences := aliases(X, coding.names):
        if far := far_from_zero(X, coding.names):
            raise ValueError(f"Of the columns of the design, {some(far)}.")
        raise ValueError(
            f"The columns of the design are not independent: {some(sentences)}. {nested(frame) or ONE_OUT}"
        )
    return X, coding


def nested(frame: pd.DataFrame) -> str:
    """Say which column of labels leaves nothing of another one: blocks confounded with the condition.

    Parameters
    ----------
    frame : pandas.DataFrame
        The columns of a formula, tidied.

    Returns
    -------
    str
        Empty where no column is constant within the levels of another.
    """
    for block, labels in frame.items():
        if not isinstance(labels.dtype, pd.CategoricalDtype):
            continue
        codes = labels.cat.codes.to_numpy()
        for name in frame.columns.drop(block):
            levels = frame[name].nunique()
            if levels == 1 or frame[name].groupby(codes).nunique().max() > 1:
                continue
            if levels == len(set(codes)):
                return (
                    f"{name!r} and {block!r} divide the samples in the same way: no analysis can tell their effects"
                    " apart. Take one of them out, and say so with the result."
                )
            return (
                f"{name!r} is the same in all samples of each {block!r}, so the levels of {block!r} take up all that"
                f" {name!r} could explain. {name!r} is a question between the levels of {block!r}: take {block!r} out"
                f" of the formula and sum its samples first (sum_by)."
            )
    return ""


def standardised(X: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Columns of numbers centred and scaled, and the matrix that takes coefficients back.

    Weight in grams beside urea in mg/dl makes exponentials overflow on the way to the optimum. Columns of zeros and
    ones stay as they are; without an intercept nothing is centred.
    """
    p = X.shape[1]
    to_original = np.eye(p)
    place = names.index(INTERCEPT) if INTERCEPT in names else None
    scaled = X.copy()
    for column in range(p):
        values = X[:, column]
        if column == place or np.isin(values, (0, 1)).all():
            continue
        spread = np.std(values, ddof=1) if place is not None else np.sqrt(np.mean(values**2))
        middle = values.mean() if place is not None else 0.0
        scaled[:, column] = (values - middle) / spread
        to_original[column, column] = 1 / spread
        if place is not None:
            to_original[place, column] = -middle / spread
    return scaled, to_original


def hypotheses(
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None, names: Sequence[str]
) -> pd.DataFrame:
    """What is asked of every gene, as rows of weights on the coefficients.

    Parameters
    ----------
    contrasts : None, or as in `helpers.hypotheses.weights.contrast_weights`
        None: every coefficient but the intercept.
    names : tuple of str

    Returns
    -------
    pandas.DataFrame
        One row per hypothesis, one column per coefficient.

    Raises
    ------
    UnknownNameError, ValueError
        As in `helpers.hypotheses.weights.named_contrasts`.
    """
    if contrasts is None:
        contrasts = [name for name in names if name != INTERCEPT] or list(names)
    return named_contrasts(contrasts, names).rename_axis("term")
