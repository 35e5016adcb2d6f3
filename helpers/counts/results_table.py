"""The one table that every method for many genes returns."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.hypotheses.adjusting import adjusted_where_tested

ALL_ZERO = "all counts are zero"
COLUMNS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


def tested_genes(counts: np.ndarray, min_total: int) -> tuple[np.ndarray, np.ndarray]:
    """Which genes have reads enough to be tested, and why each of the others is not.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    min_total : int
        Reads in all samples together.

    Returns
    -------
    tuple of numpy.ndarray
        A mask (n_genes,) and the reasons (n_genes,), empty where tested.

    Raises
    ------
    ValueError
        No gene is left.
    """
    totals = counts.sum(axis=1)
    enough = totals >= max(1, min_total)
    if not enough.any():
        raise ValueError(
            f"No gene has {max(1, min_total):g} reads or more in all samples together; the most is {totals.max():g}."
            " Lower min_total."
        )
    reasons = np.where(totals == 0, ALL_ZERO, f"fewer than {min_total:g} reads in all")
    return enough, np.where(enough, "", reasons).astype(object)


def result_table(
    genes: pd.Index,
    tested: np.ndarray,
    reasons: np.ndarray,
    terms: Sequence[str],
    *,
    mean_count: np.ndarray,
    dispersion: np.ndarray,
    adjust: str | None = "BH",
    extra: dict[str, np.ndarray] | None = None,
    p_adjusted: np.ndarray | None = None,
    **tests: np.ndarray,
) -> pd.DataFrame:
    """One row per gene and term; genes that were not tested have their reason and no numbers.

    Parameters
    ----------
    genes : pandas.Index
        All genes.
    tested : numpy.ndarray of bool, shape (n_genes,)
    reasons : numpy.ndarray of str, shape (n_genes,) or (n_genes, n_terms)
    terms : sequence of str
    mean_count, dispersion : numpy.ndarray, shape (n_tested,)
        Mean normalised count; α.
    adjust : str or None
        How p-values are corrected over the genes tested, for each term on its own
        (`helpers.hypotheses.adjusting.adjusted_p_values`).
    extra : dict, optional
        More columns: one number per tested gene.
    p_adjusted : numpy.ndarray, shape (n_tested, n_terms), optional
        Where the method has a correction of its own.
    **tests : numpy.ndarray, shape (n_tested, n_terms)
        As `helpers.hypotheses.wald.wald_columns` gives them; at least ``estimate, statistic, p_value``, for a method
        that has no standard error has no interval.

    Returns
    -------
    pandas.DataFrame
        ``gene, term, estimate, std_error, df, statistic, p_value, conf_low, conf_high, p_adjusted, log2_fold_change,
        mean_count, dispersion``, the extra columns, ``reason``. `estimate` and its interval are natural logarithms.
    """
    shape = (len(genes), len(terms))
    columns = {name: _spread(tests.get(name), tested, shape) for name in COLUMNS}
    if p_adjusted is not None:
        columns["p_adjusted"] = _spread(p_adjusted, tested, shape)
    elif adjust is not None:
        columns["p_adjusted"] = adjusted_where_tested(columns["p_value"], adjust)
    columns["log2_fold_change"] = columns["estimate"] / np.log(2)
    per_gene = {"mean_count": mean_count, "dispersion": dispersion} | (extra or {})
    columns |= {name: _spread(_of_terms(values, shape), tested, shape) for name, values in per_gene.items()}
    table = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    table.insert(0, "gene", np.repeat(genes.to_numpy(), len(terms)))
    table.insert(1, "term", np.tile(np.array(terms, dtype=object), len(genes)))
    reasons = np.asarray(reasons, dtype=object)
    if reasons.ndim == 1:
        reasons = _of_terms(reasons, shape)
    return table.assign(reason=reasons.ravel())


def _of_terms(values, shape):
    return np.repeat(np.asarray(values)[:, None], shape[1], axis=1)


def _spread(values, tested, shape):
    """Numbers of the genes tested among all genes."""
    if values is None:
        return np.full(shape, np.nan)
    values = np.asarray(values)
    numeric = values.dtype.kind in "fiu"
    spread = np.full(shape, np.nan if numeric else "", dtype=float if numeric else object)
    spread[tested] = values
    return spread
