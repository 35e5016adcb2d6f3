"""Poisson and negative-binomial regression, each gene on its own: nothing is learned from other genes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.counts import glm
from helpers.counts.inputs import check_counts, contrasts_in_one_word, count_table, hypotheses, read_counts
from helpers.counts.joint import fit_jointly, inverse
from helpers.counts.normalise import median_of_ratios
from helpers.counts.results_table import result_table, tested_genes
from helpers.hypotheses.adjusting import FROM_P_VALUES, adjustment
from helpers.hypotheses.wald import wald_columns
from helpers.refusals.wording import check_conf_level, some

UNFINISHED = "the fit did not reach the optimum"
INFINITE = "no read in a whole group, or beyond a value of a covariate: an estimate is infinite"


@contrasts_in_one_word
def fit_poisson(
    counts: pd.DataFrame | pd.Series,
    design: pd.DataFrame,
    formula: str,
    *,
    size_factors: float | pd.Series | np.ndarray | None = None,
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None = None,
    min_total: int = 1,
    adjust: str | None = "BH",
    conf_level: float = 0.95,
    layer: str | None = None,
) -> pd.DataFrame:
    """Poisson regression, gene by gene: the variance is taken to equal the mean.

    Counts of different animals scatter more than that. Standard errors are then too small by the square root of
    ``pearson_dispersion``, which is about 1 where Poisson holds.

    Parameters
    ----------
    counts, design, formula, size_factors, contrasts, min_total, adjust, conf_level, layer
        As in `fit_negative_binomial`.

    Returns
    -------
    pandas.DataFrame
        As of `fit_negative_binomial`; `dispersion` is 0, and ``pearson_dispersion`` is Pearson's χ² over the residual
        degrees of freedom.

    Raises
    ------
    ValueError, UnknownNameError
        As in `fit_negative_binomial`.
    """
    check_conf_level(conf_level)
    adjustment(adjust, FROM_P_VALUES)
    counts, design = read_counts(counts, design, layer)
    source = count_table(counts, design, formula, sizes_known=sizes_known(counts, size_factors))
    offset = offsets(counts, size_factors)
    tested, reasons = tested_genes(source.counts, min_total)
    y = source.counts[tested]
    fits = glm.fit(y, source.X, offset, 0.0)
    covariance = inverse(glm.information(source.X, fits.mean, 0.0))
    pearson = np.sum((y - fits.mean) ** 2 / np.maximum(fits.mean, 1e-300), axis=1) / (len(offset) - source.X.shape[1])
    extra = {"log_likelihood": glm.log_likelihood(y, fits.mean, 0.0), "pearson_dispersion": pearson}
    found = _Found(fits.beta, covariance, np.zeros(len(y)), _problems(y, fits, source.X), extra)
    return _table(source, tested, reasons, offset, found, contrasts, adjust, conf_level)


@contrasts_in_one_word
def fit_negative_binomial(
    counts: object,
    design: pd.DataFrame | None,
    formula: str,
    *,
    size_factors: pd.Series | np.ndarray | None = None,
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None = None,
    min_total: int = 1,
    adjust: str | None = "BH",
    conf_level: float = 0.95,
    layer: str | None = None,
) -> pd.DataFrame:
    """Negative-binomial regression, gene by gene, with the dispersion estimated from that gene alone.

    log μ = log size factor + Xβ, variance μ + αμ². With ten animals α is estimated badly, often as 0, and then taken as
    known: that is why methods for many genes let them teach each other (`helpers.counts.quasi_likelihood`).

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), pandas.Series of one gene, AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples (a Series: index = samples).
    design : pandas.DataFrame, or None
        One row per sample; index = sample names, in any order. None takes an AnnData's `obs`.
    formula : str
        Right side only: ``"~ urea + weight"``.
    size_factors : pandas.Series or array, shape (n_samples,), optional
        How deeply each sample was sequenced; its logarithm is the offset. By default `helpers.counts.size_factors` of
        the counts; with a single gene they must be given.
    contrasts, adjust
        As in `helpers.counts.quasi_likelihood`.
    min_total : int
        Genes with fewer reads in all samples together are not fitted.
    conf_level : float
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.DataFrame
        One row per gene and term, see `helpers.counts.results_table.result_table`. `estimate` is a natural logarithm
        per unit of the design; `statistic` is Wald's z, `df` infinite; `dispersion` is α, 0 where the gene scatters no
        more than Poisson; ``log_likelihood``. `reason` says why a gene has no numbers.

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; size factors that are not above 0, do not match the samples, or are
        missing for a single gene.
    UnknownNameError
        A column of the formula is not in the design.

    Notes
    -----
    Maximum likelihood, all genes at once; standard errors from the observed information of β and α together, as those
    of statsmodels' ``NegativeBinomial``. R's ``MASS::glm.nb`` takes the expected information of β alone.
    """
    check_conf_level(conf_level)
    adjustment(adjust, FROM_P_VALUES)
    counts, design = read_counts(counts, design, layer)
    source = count_table(counts, design, formula, sizes_known=sizes_known(counts, size_factors))
    offset = offsets(counts, size_factors)
    tested, reasons = tested_genes(source.counts, min_total)
    y, X = source.counts[tested], source.X
    fits = fit_jointly(y, X, offset)
    extra = {"log_likelihood": fits.log_likelihood}
    found = _Found(fits.beta, fits.covariance, fits.dispersion, _problems(y, fits, X), extra)
    return _table(source, tested, reasons, offset, found, contrasts, adjust, conf_level)


def sizes_known(counts: pd.DataFrame | pd.Series, size_factors: float | pd.Series | np.ndarray | None) -> bool:
    """Whether a sample without a read says nothing on its library.

    A zero of one gene is a zero; one of a whole table tells of an empty library, unless the sample's size is given.

    Parameters
    ----------
    counts : pandas.DataFrame or pandas.Series
    size_factors : None, float, pandas.Series, or array of shape (n_samples,)

    Returns
    -------
    bool
    """
    one_gene = isinstance(counts, pd.Series) or (isinstance(counts, pd.DataFrame) and len(counts) == 1)
    return one_gene or np.ndim(size_factors) > 0


def offsets(counts: pd.DataFrame | pd.Series, size_factors: pd.Series | np.ndarray | None) -> np.ndarray:
    """Logarithms of size factors, in the order of the samples.

    Parameters
    ----------
    counts : pandas.DataFrame or pandas.Series
    size_factors : None, pandas.Series, or array of shape (n_samples,)

    Returns
    -------
    numpy.ndarray, shape (n_samples,)

    Raises
    ------
    ValueError
        They are missing for a single gene, do not match the samples, or are not above 0.
    """
    table = check_counts(counts, sizes_known=sizes_known(counts, size_factors))
    if size_factors is None:
        if len(table) == 1:
            raise ValueError(
                "One gene says nothing on how deeply each sample was sequenced. Pass size_factors="
                "size_factors(counts of all genes), or size_factors=1 where all samples count alike."
            )
        return np.log(median_of_ratios(table.to_numpy(float)))
    if isinstance(size_factors, pd.Series):
        if absent := [name for name in table.columns if name not in size_factors.index]:
            raise ValueError(
                f"size_factors has no value for the samples {some(map(repr, absent))}. Give one for each sample."
            )
        size_factors = size_factors[table.columns]
    values = np.asarray(size_factors, dtype=float)
    if values.ndim == 0:
        values = np.full(table.shape[1], values)
    if values.shape != (table.shape[1],):
        raise ValueError(f"size_factors has {values.size} values for {table.shape[1]} samples. Give one per sample.")
    if not (np.isfinite(values) & (values > 0)).all():
        bad = ~(np.isfinite(values) & (values > 0))
        raise ValueError(
            f"size_factors must be above 0; found {values[bad][0]:g} for sample {table.columns[bad][0]!r}. They are"
            " factors, not their logarithms."
        )
    return np.log(values)


@dataclass(frozen=True)
class _Found:
    """Estimates of the genes tested, on the columns of the scaled design; `problems` is empty where all is well."""

    beta: np.ndarray
    covariance: np.ndarray
    dispersion: np.ndarray
    problems: np.ndarray
    extra: dict


def _table(source, tested, reasons, offset, found, contrasts, adjust, conf_level):
    wanted = hypotheses(contrasts, source.names)
    weights, well = wanted.to_numpy() @ source.to_original, found.problems == ""
    places = np.flatnonzero(tested)
    reasons[places] = found.problems
    kept = np.zeros_like(tested)
    kept[places[well]] = True
    estimate = found.beta[well] @ weights.T
    std_error = np.sqrt(np.einsum("ki,gij,kj->gk", weights, found.covariance[well], weights))
    return result_table(
        source.genes,
        kept,
        reasons,
        list(wanted.index),
        mean_count=(source.counts[kept] / np.exp(offset)).mean(axis=1),
        dispersion=found.dispersion[well],
        extra={name: values[well] for name, values in found.extra.items()},
        adjust=adjust,
        **wald_columns(estimate, std_error, np.inf, conf_level),
    )


def _problems(y, fits, X):
    """Why a gene has no numbers: means that run to zero leave too few samples for the coefficients."""
    problems = np.where(fits.converged, "", UNFINISHED).astype(object)
    for pattern, genes in glm.informative_patterns(y, fits.mean):
        if not pattern.all() and (not pattern.any() or np.linalg.matrix_rank(X[pattern]) < X.shape[1]):
            problems[genes] = INFINITE
    return problems
