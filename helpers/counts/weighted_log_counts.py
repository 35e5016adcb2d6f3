"""voom: log counts with a weight for each, then least squares and squeezed variances.

Law, Chen, Shi & Smyth 2014, doi:10.1186/gb-2014-15-2-r29; Smyth 2004, doi:10.2202/1544-6115.1027. Samples that belong
together: see `helpers.counts.blocks`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.nonparametric.smoothers_lowess import lowess

from helpers.counts.blocks import BlockProducts, consensus, correlations, least_squares
from helpers.counts.inputs import contrasts_in_one_word, count_table, hypotheses, read_counts
from helpers.counts.normalise import trimmed_mean_factors
from helpers.counts.results_table import result_table, tested_genes
from helpers.counts.thresholds import beyond, check_lfc
from helpers.counts.units import block_codes
from helpers.hypotheses.adjusting import FROM_P_VALUES, adjustment
from helpers.hypotheses.wald import wald_columns
from helpers.moderation.variances import squeeze_variances
from helpers.refusals.wording import check_conf_level
from helpers.threads import one_thread

SMALLEST = 1e-5  # a variance of 0 has no logarithm: it counts as this share of the median
ROUNDS = 2  # of weights and correlation: a third changes the correlation in the fifth digit
SPAN = 0.5  # share of the genes that the trend of the standard deviation looks at


@contrasts_in_one_word
def voom(
    counts: object,
    design: pd.DataFrame | None,
    formula: str,
    *,
    block: str | None = None,
    lfc: float = 0.0,
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None = None,
    min_total: int = 1,
    adjust: str | None = "BH",
    conf_level: float = 0.95,
    layer: str | None = None,
) -> pd.DataFrame:
    """Test every gene by weighted least squares on log counts per million.

    How much log counts scatter is read off a trend along the mean of all genes; each single count gets the weight that
    its own mean deserves. Then every gene is a weighted linear model, and its residual variance is drawn to the
    others'.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples. Many genes: they teach each other.
    design : pandas.DataFrame, or None
        One row per sample; index = sample names, in any order. None takes an AnnData's `obs`.
    formula : str
        Right side only: ``"~ urea + weight"``.
    block : str, optional
        A column of the design that says which samples belong together, such as ``"patient"``: samples of one patient
        may correlate, by one correlation for all genes. It is not in the formula. For a question *between* blocks (each
        block in one condition only) the degrees of freedom are too many; sum the reads of each block instead
        (`helpers.counts.sum_by`).
    lfc : float
        Test whether the log2 fold change lies beyond ±`lfc`, instead of whether it is 0 (limma's ``treat``; McCarthy &
        Smyth 2009, doi:10.1093/bioinformatics/btp053). `estimate` and its interval are the same at every `lfc`.
    contrasts, adjust
        As in `helpers.counts.quasi_likelihood`.
    min_total : int
        Genes with fewer reads in all samples together are not tested.
    conf_level : float
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.DataFrame
        One row per gene and term, see `helpers.counts.results_table.result_table`. `estimate` is a natural logarithm
        per unit of the design; `statistic` is t with `df` degrees of freedom. There is no dispersion; ``variance`` is
        the squeezed residual variance of the weighted log2 counts, ``own_variance`` the same before it was squeezed;
        with a block, ``block_correlation`` is the correlation of its samples, the same in every row.

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; fewer than three genes with reads; a block that is in the formula or
        follows from it, that is the same for every sample or another for each.
    UnknownNameError
        A column of the formula, or the block, is not in the design.

    Notes
    -----
    As limma's ``voom`` and ``eBayes`` with TMM library sizes. With a block as edgeR's ``voomLmFit``: ``voom`` and
    ``duplicateCorrelation`` twice, the second time with the correlation of the first.
    """
    check_lfc(lfc)
    check_conf_level(conf_level)
    adjustment(adjust, FROM_P_VALUES)
    counts, design = read_counts(counts, design, layer)
    source = count_table(counts, design, formula)
    wanted = hypotheses(contrasts, source.names)
    codes = None if block is None else block_codes(source.design, block, source.X, source.names)
    tested, reasons = tested_genes(source.counts, min_total)
    sizes = source.counts.sum(axis=0) * trimmed_mean_factors(source.counts)
    kept, (q, r) = source.counts[tested], np.linalg.qr(source.X)
    logs = log_cpm(kept, sizes)
    extra = {}
    with one_thread(*logs.shape, q.shape[1] ** 2):
        if block is None:
            beta, covariance, variance = _weighted_least_squares(logs, precision_weights(logs, sizes, q), q)
        else:
            (beta, covariance, variance), correlation = _fit_blocks(logs, sizes, q, codes)
            extra["block_correlation"] = np.full(len(kept), correlation)
    residual_df = len(q) - q.shape[1]
    positive = np.maximum(variance, SMALLEST * np.median(variance))
    squeezed, prior_df, _ = squeeze_variances(positive, residual_df)
    total_df = min(residual_df + prior_df, residual_df * len(kept))
    on_q = np.linalg.solve(r.T, (wanted.to_numpy() @ source.to_original).T).T
    estimate = beta @ on_q.T
    unscaled = np.einsum("ki,gij,kj->gk", on_q, covariance, on_q)
    std_error = np.sqrt(unscaled * squeezed[:, None])
    tests = wald_columns(estimate * np.log(2), std_error * np.log(2), total_df, conf_level)
    tests["statistic"], tests["p_value"] = beyond(estimate, std_error, total_df, lfc)
    return result_table(
        source.genes,
        tested,
        reasons,
        list(wanted.index),
        mean_count=(kept * stats.gmean(sizes) / sizes).mean(axis=1),
        dispersion=np.full(len(kept), np.nan),
        adjust=adjust,
        extra={"variance": squeezed, "own_variance": variance} | extra,
        **tests,
    )


def _fit_blocks(logs, sizes, q, codes):
    """Weights and correlation, each twice, and the fit with the last of both."""
    correlation, residual = 0.0, logs - logs @ q @ q.T  # what q explains is no part of any correlation
    for _ in range(ROUNDS):
        weights = precision_weights(logs, sizes, q, codes, correlation)
        products = BlockProducts.of(residual, q, codes, weights)
        correlation = consensus(correlations(products))
    beta, covariance, variance = least_squares(products, correlation)
    return (beta + logs @ q, covariance, variance), correlation


def log_cpm[Table: (np.ndarray, pd.DataFrame)](counts: Table, sizes: np.ndarray) -> Table:
    """log2 counts per million, half a read added so that it is finite.

    Parameters
    ----------
    counts : numpy.ndarray or pandas.DataFrame, shape (n_genes, n_samples)
    sizes : numpy.ndarray or pandas.Series, shape (n_samples,)
        Reads of each sample, times its normalisation factor.

    Returns
    -------
    As `counts`, shape (n_genes, n_samples)
    """
    return np.log2((counts + 0.5) / (sizes + 1) * 1e6)


def precision_weights(
    logs: np.ndarray, sizes: np.ndarray, q: np.ndarray, codes: np.ndarray | None = None, correlation: float = 0.0
) -> np.ndarray:
    """One over the variance of each log count, by the trend of the standard deviation along the mean count.

    Parameters
    ----------
    logs : numpy.ndarray, shape (n_genes, n_samples)
        `log_cpm`.
    sizes : numpy.ndarray, shape (n_samples,)
    q : numpy.ndarray, shape (n_samples, p)
        Orthonormal columns of the design.
    codes : numpy.ndarray of int, shape (n_samples,), optional
        The block of each sample.
    correlation : float
        Of samples in one block.

    Returns
    -------
    numpy.ndarray, shape (n_genes, n_samples)
    """
    fitted = logs @ q @ q.T
    variance = np.sum((logs - fitted) ** 2, axis=1) / (len(q) - q.shape[1])
    if correlation:
        products = BlockProducts.of(logs - fitted, q, codes)
        beta, _, variance = least_squares(products, correlation)
        fitted += beta @ q.T
    return trend_weights(logs, fitted, np.sqrt(variance), sizes)


def trend_weights(logs: np.ndarray, fitted: np.ndarray, residual_sd: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """One over the variance that the trend has at each fitted count.

    Parameters
    ----------
    logs, fitted : numpy.ndarray, shape (n_genes, n_samples)
        `log_cpm`, and what a model fits to it.
    residual_sd : numpy.ndarray, shape (n_genes,)
        What the model leaves.
    sizes : numpy.ndarray, shape (n_samples,)

    Returns
    -------
    numpy.ndarray, shape (n_genes, n_samples)
    """
    to_counts = np.log2(sizes + 1) - np.log2(1e6)  # from log counts per million to log counts
    x, y = logs.mean(axis=1) + to_counts.mean(), np.sqrt(residual_sd)
    trend = lowess(y, x, frac=SPAN, it=3, delta=0.01 * np.ptp(x))
    places, first = np.unique(trend[:, 0], return_index=True)
    return np.interp(fitted + to_counts, places, trend[first, 1]) ** -4.0


def _weighted_least_squares(y, weights, q):
    """Coefficients, their covariance over σ², and σ² of every gene."""
    n, p = q.shape
    products = (q[:, :, None] * q[:, None, :]).reshape(n, p * p)
    covariance = np.linalg.inv((weights @ products).reshape(-1, p, p))
    beta = np.einsum("gij,gj->gi", covariance, (weights * y) @ q)
    rss = np.sum(weights * (y - beta @ q.T) ** 2, axis=1)
    return beta, covariance, rss / (n - p)
