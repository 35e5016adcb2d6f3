"""Every gene by a negative-binomial regression, tested as edgeR does: quasi-likelihood F, or the likelihood ratio.

Written from the papers: Lund, Nettleton, McCarthy & Smyth 2012, doi:10.1515/1544-6115.1826 (quasi-likelihood F tests);
McCarthy, Chen & Smyth 2012, doi:10.1093/nar/gks042 (regression, likelihood ratio); Chen, Lun & Smyth 2016,
doi:10.12688/f1000research.8987.2; Lun & Smyth 2017, doi:10.1515/sagmb-2017-0010 (zeros). PyPI's pyedger, which follows
edgeR's source line by line, is no dependency: edgeR is under the GPL.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, stats

from helpers.counts import glm
from helpers.counts.dispersion import CHANGE_PRIOR, Dispersions, estimate_dispersions, with_prior
from helpers.counts.inputs import CountTable, contrasts_in_one_word, count_table, hypotheses, read_counts
from helpers.counts.normalise import trimmed_mean_factors
from helpers.counts.results_table import result_table, tested_genes
from helpers.counts.thresholds import check_lfc, deviate, interval_p
from helpers.hypotheses.adjusting import FROM_P_VALUES, adjustment
from helpers.hypotheses.wald import f_p_value
from helpers.moderation.trend import squeeze_to_trend


@contrasts_in_one_word
def quasi_likelihood(
    counts: object,
    design: pd.DataFrame | None,
    formula: str,
    *,
    lfc: float = 0.0,
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None = None,
    min_total: int = 1,
    prior_count: float = CHANGE_PRIOR,
    adjust: str | None = "BH",
    layer: str | None = None,
) -> pd.DataFrame:
    """Test every gene by quasi-likelihood F, as edgeR's ``glmQLFTest``.

    Each gene gets a negative-binomial regression with TMM library sizes and a dispersion read off the trend of all
    genes; how much more or less the gene itself scatters is a second variance, drawn to its own trend, and the F test
    allows for its uncertainty. That keeps the false discovery rate with few animals.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples. Many genes: they teach each other.
    design : pandas.DataFrame, or None
        One row per sample; index = sample names, in any order. None takes an AnnData's `obs`.
    formula : str
        Right side only: ``"~ urea + weight"``. With samples in pairs or blocks, the block is one of its terms:
        ``"~ donor + dexamethasone"``.
    lfc : float
        Test whether the log2 fold change lies beyond ±`lfc`, instead of whether it is 0 (edgeR's ``glmTreat``; McCarthy
        & Smyth 2009, doi:10.1093/bioinformatics/btp053). `estimate` is the same at every `lfc`.
    contrasts : str, list of str, dict, Series, DataFrame or array, optional
        What to test, by default all coefficients but the intercept: names of coefficients; weights of a sum of them,
        ``{"urea": 1, "urea:weight": 30}``; label -> either of these, ``{"at 30 g": {"urea": 1, "urea:weight": 30}}``;
        or one row of weights per contrast. The column of the result is ``term`` in any case.
    min_total : int
        Genes with fewer reads in all samples together are not tested.
    prior_count : float
        Reads added before `estimate` is computed, so that it is finite; 0 gives maximum likelihood. Tests are
        untouched.
    adjust : {"BH", "BY", "holm", "bonferroni", "sidak", None}
        Correction over the genes tested, for each term on its own. "BH" is Benjamini–Hochberg, also called "fdr_bh".
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.DataFrame
        One row per gene and term, see `helpers.counts.results_table.result_table`. `estimate` is a natural logarithm
        per unit of the design; `statistic` is F with 1 and `df` degrees of freedom (with an `lfc`, against the nearer
        of its two ends, 0 between them); there is no standard error, for F compares two fits, and so neither an
        interval nor a `conf_level`. `dispersion` is the trend's; further columns
        ``variance`` (squeezed quasi-likelihood variance, relative to the negative binomial's), ``own_variance`` (before
        it was squeezed) and, for pictures, ``gene_dispersion`` (the gene's own, drawn to the trend) and
        ``own_dispersion`` (the gene's alone), which the test does not use.
        `reason` says why a gene was not tested.

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; fewer than three genes with reads.
    UnknownNameError
        A column of the formula is not in the design.
    RuntimeError
        A gene's fit did not reach the optimum.

    Notes
    -----
    As edgeR 3.40's ``calcNormFactors``, ``estimateDisp``, ``glmQLFit``, ``glmQLFTest``: not robust, abundance trend, no
    p-value below that of a Poisson regression. edgeR 4's default (``legacy=FALSE``) differs.
    """
    check_lfc(lfc)
    model = _model(counts, design, formula, contrasts, min_total, adjust, layer)
    alpha = model.dispersions.trend
    full = _fit(model.counts, model.X, model.offset, alpha)
    df = glm.residual_df(model.counts, full.mean, model.X)
    deviance = glm.deviance(model.counts, full.mean, alpha)
    seen, own = df > 0, np.where(df > 0, deviance / np.maximum(df, 1), 0.0)
    squeezed = squeeze_to_trend(own, df, model.dispersions.abundance)
    total_df = np.minimum(df + squeezed.prior_df, len(model.counts) * (len(model.X) - model.X.shape[1]))
    below_poisson = (squeezed.variance[:, None] * (1 + alpha[:, None] * full.mean) < 1).any(axis=1)
    everything = np.ones(len(model.counts), bool)
    statistic, p_value = [], []
    for term in range(len(model.terms)):
        if lfc == 0:
            f = _worse(model, term, everything, alpha, deviance) / squeezed.variance
            p, poisson = f_p_value(f, 1, total_df), _poisson_p
        else:
            f, p = _beyond(model, term, everything, alpha, full, lfc, squeezed.variance, total_df)
            poisson = functools.partial(_poisson_p_beyond, lfc=lfc)
        p[below_poisson] = np.maximum(p[below_poisson], poisson(model, term, below_poisson))
        statistic.append(f)
        p_value.append(p)
    statistic, p_value = np.column_stack(statistic), np.column_stack(p_value)
    df = np.broadcast_to(total_df[:, None], statistic.shape)
    numbers = {"statistic": statistic, "p_value": p_value, "df": df}
    extra = {"variance": squeezed.variance, "own_variance": np.where(seen, own, np.nan)}
    extra |= {"gene_dispersion": model.dispersions.moderated, "own_dispersion": model.dispersions.own}
    return model.table(model.estimates(alpha, prior_count), alpha, numbers, extra=extra)


@contrasts_in_one_word
def likelihood_ratio(
    counts: pd.DataFrame,
    design: pd.DataFrame,
    formula: str,
    *,
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None = None,
    min_total: int = 1,
    prior_count: float = CHANGE_PRIOR,
    adjust: str | None = "BH",
    layer: str | None = None,
) -> pd.DataFrame:
    """Test every gene by the likelihood ratio, as edgeR's older ``glmLRT``.

    Each gene's dispersion is drawn to the trend and then taken as known: with few animals too many genes are called.
    `quasi_likelihood` allows for that uncertainty; this function is there to show the difference.

    Parameters
    ----------
    counts, design, formula, contrasts, min_total, prior_count, adjust, layer
        As in `quasi_likelihood`.

    Returns
    -------
    pandas.DataFrame
        As in `quasi_likelihood`, but `statistic` is χ² with one degree of freedom (`df` is infinite) and `dispersion`
        the gene's own, drawn to the trend: ``trend_dispersion`` and ``own_dispersion`` are what it lies between.

    Raises
    ------
    ValueError, UnknownNameError, RuntimeError
        As in `quasi_likelihood`.
    """
    model = _model(counts, design, formula, contrasts, min_total, adjust, layer)
    alpha = model.dispersions.moderated
    deviance = glm.deviance(model.counts, _fit(model.counts, model.X, model.offset, alpha).mean, alpha)
    nulls = [_fit(model.counts, null, model.offset, alpha) for null in model.null_designs]
    reduced = np.column_stack([glm.deviance(model.counts, null.mean, alpha) for null in nulls])
    statistic = np.maximum(reduced - deviance[:, None], 0)
    numbers = {"statistic": statistic, "p_value": stats.chi2.sf(statistic, 1), "df": np.full(statistic.shape, np.inf)}
    extra = {"trend_dispersion": model.dispersions.trend, "own_dispersion": model.dispersions.own}
    return model.table(model.estimates(alpha, prior_count), alpha, numbers, extra=extra)


@dataclass(frozen=True, eq=False)
class _Model:
    """What both tests share: the genes tested, the design, the library sizes, the dispersions."""

    source: CountTable
    tested: np.ndarray
    reasons: np.ndarray
    counts: np.ndarray
    X: np.ndarray
    sizes: np.ndarray
    weights: np.ndarray  # hypotheses on the coefficients of X
    terms: list
    dispersions: Dispersions
    adjust: str | None

    @property
    def offset(self):
        return np.log(self.sizes)

    @property
    def null_designs(self):
        """For each hypothesis the columns that are left when it holds."""
        return [self.X @ linalg.null_space(row[None, :]) for row in self.weights]

    def estimates(self, alpha, prior_count):
        counts, offset = with_prior(self.counts, self.sizes, prior_count)
        return _fit(counts, self.X, offset, alpha).beta @ self.weights.T

    def table(self, estimate, alpha, numbers, extra=None):
        factors = self.sizes / stats.gmean(self.sizes)
        return result_table(
            self.source.genes,
            self.tested,
            self.reasons,
            self.terms,
            mean_count=(self.counts / factors).mean(axis=1),
            dispersion=alpha,
            adjust=self.adjust,
            extra=extra,
            estimate=estimate,
            **numbers,
        )


def _model(counts, design, formula, contrasts, min_total, adjust, layer):
    adjustment(adjust, FROM_P_VALUES)
    counts, design = read_counts(counts, design, layer)
    source = count_table(counts, design, formula)
    wanted = hypotheses(contrasts, source.names)
    tested, reasons = tested_genes(source.counts, min_total)
    sizes = source.counts.sum(axis=0) * trimmed_mean_factors(source.counts)
    kept = source.counts[tested]
    dispersions = estimate_dispersions(kept, source.X, sizes)
    weights = wanted.to_numpy() @ source.to_original
    return _Model(source, tested, reasons, kept, source.X, sizes, weights, list(wanted.index), dispersions, adjust)


def _fit(counts, X, offset, alpha):
    fits = glm.fit(counts, X, offset, alpha)
    if not fits.converged.all():
        raise RuntimeError(
            f"{(~fits.converged).sum()} genes did not reach the optimum. Genes with very few reads are the usual cause:"
            " leave them out with min_total=10."
        )
    return fits


def _worse(model, term, genes, alpha, deviance, shift=0.0):
    """By how much the deviance of some genes rises where the hypothesis holds, its log fold change set to `shift`."""
    row = model.weights[term]
    offset = model.offset + shift * (model.X @ row) / (row @ row)
    y = model.counts[genes]
    return np.maximum(glm.deviance(y, _fit(y, model.null_designs[term], offset, alpha).mean, alpha) - deviance, 0)


def _beyond(model, term, genes, alpha, full, lfc, variance, df):
    """F against the nearer end of ±lfc, and the p-value of the interval between them."""
    deviance = glm.deviance(model.counts[genes], full.mean, alpha)
    ends = [_worse(model, term, genes, alpha, deviance, end) / variance for end in np.log(2) * np.array([lfc, -lfc])]
    near, far = np.sort(ends, axis=0)
    within = np.abs(full.beta @ model.weights[term]) <= lfc * np.log(2)
    return np.where(within, 0, near), interval_p(deviate(np.sqrt(near), df), deviate(np.sqrt(far), df), within)


def _poisson_p(model, term, genes):
    """P-values of the likelihood ratio without any dispersion: no gene can scatter less."""
    y = model.counts[genes]
    deviance = glm.deviance(y, _fit(y, model.X, model.offset, 0.0).mean, 0.0)
    return stats.chi2.sf(_worse(model, term, genes, 0.0, deviance), 1)


def _poisson_p_beyond(model, term, genes, lfc):
    """The same for a fold change beyond ±lfc."""
    full = _fit(model.counts[genes], model.X, model.offset, 0.0)
    return _beyond(model, term, genes, 0.0, full, lfc, 1.0, np.inf)[1]
