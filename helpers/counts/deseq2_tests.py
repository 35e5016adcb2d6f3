"""DESeq2's Wald test of every gene, all genes at once.

Written from Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8, and held against what R's DESeq2 prints.
`helpers.counts.shrunken_dispersions` estimates dispersions, `helpers.counts.deseq2_regressions` fits,
`helpers.counts.independent_filtering` adjusts.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.counts.deseq2_regressions import regressions
from helpers.counts.independent_filtering import filtered_adjustment
from helpers.counts.inputs import contrasts_in_one_word, count_table, hypotheses, read_counts
from helpers.counts.normalise import median_of_ratios
from helpers.counts.results_table import ALL_ZERO, result_table
from helpers.hypotheses.wald import wald_columns
from helpers.refusals.wording import check_conf_level
from helpers.threads import one_thread

FILTERED = "mean count too low: left out by DESeq2's independent filtering"
OUTLIER = "one count is an outlier (Cook's distance)"
UNFINISHED = "the fit did not reach the optimum"


@contrasts_in_one_word
def deseq2(
    counts: object,
    design: pd.DataFrame | None,
    formula: str,
    *,
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None = None,
    alpha: float = 0.1,
    conf_level: float = 0.95,
    layer: str | None = None,
) -> pd.DataFrame:
    """Test every gene by DESeq2's Wald test.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples. Many genes: they teach each other.
    design : pandas.DataFrame, or None
        One row per sample; index = sample names, in any order. None takes an AnnData's `obs`.
    formula : str
        Right side only: ``"~ urea + weight"``. Numbers are centred and scaled before the fit, and estimates reported
        per unit of the design.
    contrasts : str, list of str, dict, Series, DataFrame or array, optional
        As in `helpers.counts.quasi_likelihood`.
    alpha : float
        The false discovery rate at which DESeq2's independent filtering is to find most genes.
    conf_level : float
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.DataFrame
        One row per gene and term, see `helpers.counts.results_table.result_table`. `estimate` is a natural logarithm
        per unit of the design (not shrunk), `statistic` is z, `p_adjusted` DESeq2's. `reason` says why a gene has no
        p-value, or why it has one and no adjusted one (independent filtering). `dispersion` lies between
        ``own_dispersion``, the gene's alone, and ``trend_dispersion``, the curve's.

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; no gene scatters more than Poisson, or too few do to learn from.
    UnknownNameError
        A column of the formula is not in the design.

    Notes
    -----
    As R's DESeq2 1.38 by default: gene-wise dispersions by the Cox–Reid adjusted likelihood, drawn to a curve along
    the mean (parametric, else local) unless they lie far above it; no prior of the fold changes; outliers by Cook's
    distance flagged where 3 to 6 samples share a row of the design, replaced where 7 or more do. What differs on
    purpose stands in `tests/reference/differences.md`.
    """
    if isinstance(alpha, bool | str) or not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, such as 0.1; found {alpha!r}.")
    check_conf_level(conf_level)
    counts, design = read_counts(counts, design, layer)
    source = count_table(counts, design, formula)
    wanted = hypotheses(contrasts, source.names)
    tested = source.counted
    weights = wanted.to_numpy() @ source.to_original
    sizes = median_of_ratios(source.counts)
    with one_thread(*source.counts.shape, source.X.shape[1] ** 2):
        fits = regressions(source.counts[tested], source.X, sizes)
    estimate = fits.beta @ weights.T
    std_error = np.sqrt(np.einsum("ki,gij,kj->gk", weights, fits.covariance, weights, optimize=True))
    estimate[~fits.converged], std_error[~fits.converged] = np.nan, np.nan
    tests: dict = wald_columns(estimate, std_error, np.inf, conf_level)
    p_value = tests["p_value"]
    p_value[fits.outlier] = np.nan
    everywhere = np.full((2, len(tested)), np.nan)  # genes without a read have a part in the filtering, too
    p_adjusted = np.empty_like(p_value)
    everywhere[1] = 0
    everywhere[1, tested] = fits.mean_count
    for place, p_values in enumerate(p_value.T):
        everywhere[0, tested] = p_values
        p_adjusted[:, place] = filtered_adjustment(*everywhere, alpha)[tested]
    reasons = np.full((len(source.genes), len(wanted)), ALL_ZERO, dtype=object)
    reasons[tested] = np.select(
        [~fits.converged[:, None], np.isnan(p_value), np.isnan(p_adjusted)], [UNFINISHED, OUTLIER, FILTERED], ""
    )
    return result_table(
        source.genes,
        tested,
        reasons,
        list(wanted.index),
        mean_count=fits.mean_count,
        dispersion=fits.dispersion,
        p_adjusted=p_adjusted,
        extra={"own_dispersion": fits.own_dispersion, "trend_dispersion": fits.trend_dispersion},
        **tests,
    )
