"""Expression, however it is kept, as one array in the order of the design's samples; likewise precision weights."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.design.samples import check_sheet, match_samples
from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import SHOWN, first, listed, not_what_it_says


@dataclass(frozen=True, eq=False)
class Matrix:
    """Numbers (genes, samples), and the names of both; `samples` is None where they have none."""

    numbers: np.ndarray
    genes: pd.Index
    samples: pd.Index | None


def read_expression(expression: object, layer: str | None = None) -> Matrix:
    """Expression as a `Matrix`.

    Parameters
    ----------
    expression : DataFrame, array, AnnData, or path of a Parquet file
        See `helpers.genes.fit_genes`.
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    Matrix

    Raises
    ------
    ValueError
        It holds text, infinite values, no genes, or one name twice.
    """
    if is_annotated(expression):
        matrix = _annotated(expression, layer)
    elif layer is not None:
        raise ValueError(f"layer= belongs to an AnnData; the expression is a {type(expression).__name__}.")
    elif isinstance(expression, str | Path):
        matrix = _from_frame(_parquet(Path(expression)))
    elif isinstance(expression, pd.DataFrame):
        matrix = _from_frame(expression)
    else:
        matrix = _from_array(expression, "The expression")
    if not len(matrix.genes):
        raise ValueError("The expression has no genes. Check what was read or filtered.")
    _refuse_repeated(matrix.genes, "The expression holds the gene")
    if matrix.samples is not None:
        _refuse_repeated(matrix.samples, "The expression holds the sample")
    _refuse_infinite(matrix)
    return matrix


def is_annotated(expression: object) -> bool:
    """Whether this is an AnnData, or quacks like one."""
    return all(hasattr(expression, name) for name in ("X", "layers", "obs", "obs_names", "var_names"))


def _annotated(data, layer):
    """AnnData's rows are samples: turn it round."""
    if layer is not None and layer not in data.layers:
        raise unknown_name("The AnnData", "layer", [layer], data.layers)
    values = data.X if layer is None else data.layers[layer]
    if values is None:
        raise ValueError(f"The AnnData has no X. Name a layer: {listed(data.layers)}.")
    values = values.toarray() if hasattr(values, "toarray") else values
    return Matrix(_numbers(values, "The AnnData").T, pd.Index(data.var_names), pd.Index(data.obs_names))


def _parquet(path):
    """A table of genes: their names in its index, or in its first column."""
    if path.suffix != ".parquet":
        raise ValueError(
            f"{path.name} is not a Parquet file. Read it with helpers.data.read_table, and set_index the column of "
            "gene names."
        )
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path.name} in {path.parent}.")
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise not_what_it_says(path, "a Parquet file", str(error).splitlines()[0]) from None
    names_first = isinstance(frame.index, pd.RangeIndex) and len(frame.columns)
    if names_first and not pd.api.types.is_numeric_dtype(frame.dtypes.iloc[0]):
        return frame.set_index(frame.columns[0])
    return frame


def _from_frame(frame):
    if _text_columns(frame):
        frame = frame.infer_objects()  # numbers kept as objects are numbers
    if text := _text_columns(frame):
        cells = frame[text[0]].dropna()
        wrong = cells[pd.to_numeric(cells, errors="coerce").isna()]
        found = first(f"{label!r} holds {cell!r}" for label, cell in (wrong if len(wrong) else cells).items())
        raise ValueError(
            f"The expression holds no numbers in column {first(map(repr, text))}: row {found}. If it names the genes, "
            "set_index it; else correct these cells where the table was made."
        )
    return Matrix(frame.to_numpy(dtype=float, na_value=np.nan), frame.index, frame.columns)


def _text_columns(frame):
    return [name for name, dtype in frame.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]


def _from_array(array, what):
    values = _numbers(array, what)
    return Matrix(values, pd.RangeIndex(len(values)), None)


def _numbers(array, what):
    array = np.asarray(array)
    if array.ndim != 2:
        raise ValueError(f"{what} must have two dimensions, genes × samples; found {array.ndim}.")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{what} holds {array.dtype} values, not numbers. Make it an array of floats.")
    return array.astype(float, copy=False)


def _refuse_repeated(names, what):
    if names.hasnans:
        raise ValueError(f"{what} NaN: a name is missing. Name all of them.")
    if not names.is_unique:
        counts = names.value_counts()
        repeated = first(f"{name!r} {n} times" for name, n in counts[counts > 1].items())
        raise ValueError(f"{what} {repeated}. Give each its own name, or keep one of them.")


def _refuse_infinite(matrix):
    infinite = np.argwhere(np.isinf(matrix.numbers))
    if len(infinite):
        places = first(f"gene {matrix.genes[g]!r} in sample {_sample(matrix, s)}" for g, s in infinite[: SHOWN + 1])
        raise ValueError(
            f"The expression is infinite {len(infinite)} times: {places}. A logarithm of 0 is the usual cause: add a "
            "constant first, log2(x + 1), or make these values missing."
        )


def _sample(matrix, place):
    return f"number {place + 1}" if matrix.samples is None else repr(matrix.samples[place])


def in_order(matrix: Matrix, design: pd.DataFrame) -> np.ndarray:
    """Match samples by their names, or by their order where the expression names none.

    Parameters
    ----------
    matrix : Matrix
    design : pandas.DataFrame
        Its index names the samples.

    Returns
    -------
    numpy.ndarray of int
        The place of each row of the design among the matrix's samples.

    Raises
    ------
    ValueError
        A sample stands in one of them only, or twice.
    """
    if matrix.samples is not None:
        return match_samples(matrix.samples, design, table="expression", genes=matrix.genes)
    check_sheet(design)
    _refuse_other_number(matrix, len(design))
    return np.arange(len(design))


def _refuse_other_number(matrix, n_rows):
    n_genes, n_samples = matrix.numbers.shape
    if n_samples != n_rows:
        advice = "It looks like samples × genes: transpose it." if n_genes == n_rows else "They must be the same ones."
        raise ValueError(f"The expression has {n_samples} samples (columns), the design {n_rows} (rows). {advice}")


def read_weights(weights: pd.DataFrame | pd.Series | np.ndarray, matrix: Matrix) -> np.ndarray:
    """Precision weights as an array like the expression's.

    Parameters
    ----------
    weights : DataFrame, Series or array
        (genes, samples), or one per sample.
    matrix : Matrix
        The expression.

    Returns
    -------
    numpy.ndarray, shape (genes, samples)

    Raises
    ------
    ValueError
        Shape or names do not match, or a weight is not above zero where there is a value.
    """
    if isinstance(weights, pd.DataFrame):
        table = _from_frame(weights)
        rows, columns = _places(table.genes, matrix.genes, "genes"), _places(table.samples, matrix.samples, "samples")
        values = table.numbers[rows][:, columns]
    elif isinstance(weights, pd.Series):
        values = weights.to_numpy(dtype=float, na_value=np.nan)[_places(weights.index, matrix.samples, "samples")]
    else:
        values = np.asarray(weights, dtype=float)
    if values.shape not in (matrix.numbers.shape, matrix.numbers.shape[1:]):
        raise ValueError(
            f"The weights have shape {values.shape}, the expression {matrix.numbers.shape}. Give one weight per value, "
            "or one per sample."
        )
    values = np.broadcast_to(values, matrix.numbers.shape)
    wrong = ~((values > 0) & np.isfinite(values)) & ~np.isnan(matrix.numbers)
    if wrong.any():
        gene, sample = np.argwhere(wrong)[0]
        raise ValueError(
            f"{int(wrong.sum())} weights are not above 0 and finite, such as {values[gene, sample]:g} for gene "
            f"{matrix.genes[gene]!r}. To leave a value out, make the value missing."
        )
    return values


def _places(found, wanted, what):
    if wanted is None:
        raise ValueError("The weights name samples, the expression (an array) does not. Give an array of weights.")
    places = found.get_indexer(wanted) if found.is_unique else np.full(len(wanted), -1)
    if (places < 0).any():
        raise ValueError(
            f"The {what} of the weights are not those of the expression: {first(map(repr, wanted[places < 0]))} "
            f"{'has' if (places < 0).sum() == 1 else 'have'} none, or several."
        )
    return places
