"""How deeply each sample was sequenced, relative to the others: size factors."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from helpers.counts.inputs import check_counts, read_counts

METHODS = ("median-of-ratios", "tmm")
TRIM_RATIO, TRIM_MEAN = 0.3, 0.05  # shares cut off each end, as Robinson & Oshlack propose


def size_factors(
    counts: object, method: Literal["median-of-ratios", "tmm"] = "median-of-ratios", *, layer: str | None = None
) -> pd.Series:
    """How deeply each sample was sequenced, relative to the others.

    Divide counts by them to compare samples; in a model for counts, their logarithm is the offset.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples.
    method : {"median-of-ratios", "tmm"}
        "median-of-ratios": the median, over genes counted in every sample, of the count over the gene's geometric mean
        (Anders & Huber 2010, doi:10.1186/gb-2010-11-10-r106; DESeq2). "tmm": library size times `tmm_factors` (edgeR),
        divided by its geometric mean.
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.Series, shape (n_samples,)
        Index = samples. "tmm": the geometric mean is 1; "median-of-ratios": close to it, as DESeq2 leaves it.

    Raises
    ------
    ValueError
        `counts` are no counts (see `helpers.counts.inputs.check_counts`), the method is unknown, or every gene has a
        zero, so that there is no ratio to take the median of.
    """
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}; found {method!r}.")
    table = check_counts(read_counts(counts, layer=layer)[0])
    values = table.to_numpy(float)
    if method == "tmm":
        effective = values.sum(axis=0) * trimmed_mean_factors(values)
        factors = effective / stats.gmean(effective)
    else:
        factors = median_of_ratios(values)
    return pd.Series(factors, index=table.columns, name="size_factor")


def tmm_factors(counts: object, *, layer: str | None = None) -> pd.Series:
    """Factors by which library sizes mislead: trimmed means of M values, as edgeR's ``calcNormFactors``.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples.
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.Series, shape (n_samples,)
        Index = samples; geometric mean 1. The size of a library is its sum times its factor.

    Raises
    ------
    ValueError
        `counts` are no counts (see `helpers.counts.inputs.check_counts`).

    Notes
    -----
    Robinson & Oshlack 2010, doi:10.1186/gb-2010-11-3-r25. The reference is the sample whose upper quartile, as a share
    of its library, is closest to the average.
    """
    table = check_counts(read_counts(counts, layer=layer)[0])
    return pd.Series(trimmed_mean_factors(table.to_numpy(float)), index=table.columns, name="tmm_factor")


def median_of_ratios(counts: np.ndarray) -> np.ndarray:
    """The factors of `size_factors` from an array (n_genes, n_samples)."""
    everywhere = (counts > 0).all(axis=1)
    if not everywhere.any():
        raise ValueError(
            "Every gene has a count of 0 in some sample: there is no ratio to take a median of. Use method='tmm', or"
            " drop samples with very few reads."
        )
    logs = np.log(counts[everywhere])
    return np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))


def trimmed_mean_factors(counts: np.ndarray, reference: int | None = None) -> np.ndarray:
    """The factors of `tmm_factors` from an array (n_genes, n_samples); `reference` is a place among the samples."""
    counts = counts[counts.any(axis=1)]
    sizes = counts.sum(axis=0)
    if reference is None:
        quartiles = np.quantile(counts, 0.75, axis=0) / sizes
        reference = int(np.argmin(np.abs(quartiles - quartiles.mean())))
    against = counts[:, reference], sizes[reference]
    factors = [_trimmed_mean(column, size, *against) for column, size in zip(counts.T, sizes, strict=True)]
    return np.array(factors) / stats.gmean(factors)


def _trimmed_mean(counts, size, reference, reference_size):
    """2 to the weighted mean of log ratios, the most extreme ratios and the most extreme abundances left out."""
    both = (counts > 0) & (reference > 0)
    counts, reference = counts[both], reference[both]
    ratio = np.log2((counts / size) / (reference / reference_size))
    if not len(ratio) or np.abs(ratio).max() < 1e-6:
        return 1.0
    abundance = (np.log2(counts / size) + np.log2(reference / reference_size)) / 2
    variance = (size - counts) / size / counts + (reference_size - reference) / reference_size / reference
    kept = _inner(ratio, TRIM_RATIO) & _inner(abundance, TRIM_MEAN)
    if not kept.any():
        return 1.0
    return 2 ** np.average(ratio[kept], weights=1 / variance[kept])


def _inner(values, trim):
    """Which values are left when a share is cut off each end of their order."""
    cut = np.floor(len(values) * trim)
    rank = stats.rankdata(values)
    return (rank >= cut + 1) & (rank <= len(values) - cut)
