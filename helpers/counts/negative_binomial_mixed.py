"""Negative-binomial mixed models, one random intercept, of all genes at once.

The Laplace approximation of the likelihood is maximised, as by R's glmmTMB (Brooks and others 2017,
doi:10.32614/RJ-2017-066); see `helpers.mixed.generalized.many_outcomes`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.counts.inputs import (
    check_counts,
    contrasts_in_one_word,
    fixed_columns,
    hypotheses,
    matched,
    read_counts,
    standardised,
)
from helpers.counts.one_gene import INFINITE, UNFINISHED, offsets, sizes_known
from helpers.counts.results_table import result_table, tested_genes
from helpers.design.columns import Grouping, quoted_label, tidied, used
from helpers.design.formula import parse_right_side
from helpers.hypotheses.adjusting import FROM_P_VALUES, adjustment
from helpers.hypotheses.wald import wald_columns
from helpers.mixed.generalized.likelihoods import Poisson
from helpers.mixed.generalized.many_outcomes import ZERO, fit_many
from helpers.mixed.generalized.separation import separating_columns
from helpers.refusals.wording import check_conf_level, some

ENDLESS = 15.0  # a standard error, or an estimate, of natural logarithms beyond which separation is looked for
SINGULAR = "the variance between levels of {group!r} is estimated as zero"
NO_DISPERSION = "no over-dispersion: θ is infinite"
NO_READ = "no read in {group!r} {levels}: the variance between levels is driven by it"


@contrasts_in_one_word
def fit_negative_binomial_mixed(
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
    """Negative-binomial regression with a random intercept, gene by gene: several samples of each of several animals.

    log μ = log size factor + Xβ + b, b normal between animals, counts negative binomial around μ with θ estimated for
    each gene alone (variance μ + μ²/θ).

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), pandas.Series of one gene, AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples (a Series: index = samples).
    design : pandas.DataFrame, or None
        One row per sample; index = sample names, in any order. None takes an AnnData's `obs`.
    formula : str
        Right side only, with one random intercept: ``"~ urea + weight + (1 | animal)"``.
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
        per unit of the design; `statistic` is Wald's z, so `df` is infinite: with few animals that calls too much
        significant. `dispersion` is 1/θ. Further columns: ``group_variance`` (of b), ``log_likelihood``, ``note``
        (singular fit, no over-dispersion, animals without a read; empty where all is well).

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; random terms other than one intercept; a grouping factor with one
        level, or with one sample per level.
    UnknownNameError
        A column of the formula is not in the design.
    """
    check_conf_level(conf_level)
    adjustment(adjust, FROM_P_VALUES)
    counts, design = read_counts(counts, design, layer)
    table = check_counts(counts, sizes_known=sizes_known(counts, size_factors))
    design = matched(table, design)
    parsed = parse_right_side(formula)
    group, codes, levels = _group(formula, parsed.random, design)
    X, coding = fixed_columns(parsed.fixed, design)
    if len(X) <= X.shape[1] + 1:
        raise ValueError(
            f"The design has {len(X)} samples, the model {X.shape[1]} coefficients and two variances: no residual"
            " degrees of freedom are left. Take terms out of the formula."
        )
    wanted = hypotheses(contrasts, coding.names)
    scaled, to_original = standardised(X, coding.names)
    offset = offsets(table, size_factors)
    values = table.to_numpy(float)
    tested, reasons = tested_genes(values, min_total)
    fits = fit_many(values[tested], scaled, codes, offset)
    weights = wanted.to_numpy() @ to_original
    std_error = np.sqrt(np.einsum("ki,gij,kj->gk", weights, fits.covariance, weights))
    reasons[tested] = [
        _problem(y, scaled, reached, beta, errors)
        for y, reached, beta, errors in zip(values[tested], fits.reached, fits.beta, std_error, strict=True)
    ]
    converged = reasons[tested] == ""
    tested[tested] = converged
    deviation = np.where(fits.deviation < ZERO, 0.0, fits.deviation)[converged]
    theta = fits.theta[converged]
    notes = [
        "; ".join(_notes(sd == 0, np.isinf(size), y, codes, levels, group))
        for sd, size, y in zip(deviation, theta, values[tested], strict=True)
    ]
    return result_table(
        table.index,
        tested,
        reasons,
        list(wanted.index),
        mean_count=(values[tested] / np.exp(offset)).mean(axis=1),
        dispersion=1 / theta,
        extra={
            "group_variance": deviation**2,
            "log_likelihood": fits.log_likelihood[converged],
            "note": np.array(notes, dtype=object),
        },
        adjust=adjust,
        **wald_columns(fits.beta[converged] @ weights.T, std_error[converged], np.inf, conf_level),
    )


def _group(formula, random, design):
    """The grouping factor: its name, the level of each sample as a number, the levels."""
    if len(random) != 1 or random[0].expression != "1":
        found = ", ".join(map(str, random)) or "none"
        raise ValueError(
            f"The formula {formula!r} needs one random intercept, such as (1 | animal); found {found}. Other random"
            " terms are not available for counts here."
        )
    term = random[0]
    frame = used(design, term.groups, "design")
    if (missing := frame.isna().any(axis=1)).any():
        raise ValueError(f"design has no {term.label!r} for sample {frame.index[missing][0]!r}. Fill it in.")
    grouping, codes = Grouping.of(term.groups, frame.apply(lambda column: tidied(column.astype(str))))
    levels = grouping.labels()
    if len(levels) < 2 or len(levels) == len(codes):
        what = "one level" if len(levels) < 2 else "a level of its own for every sample"
        raise ValueError(
            f"The grouping factor {term.label!r} has {what}: the variance between its levels cannot be estimated. Use"
            " fit_negative_binomial, or group by a column whose levels have several samples."
        )
    return term.label, codes, levels


def _problem(y, x, reached, beta, std_error):
    """Why a gene has no numbers; empty where it has."""
    large = not reached or np.abs(beta).max() > ENDLESS or not std_error.max() < ENDLESS
    if large and separating_columns(Poisson(y), x) is not None:
        return INFINITE
    return "" if reached else UNFINISHED


def _notes(singular, no_dispersion, y, codes, levels, group):
    """What a reader must know before believing a row."""
    silent = levels[np.bincount(codes, weights=y, minlength=len(levels)) == 0]
    notes = [
        SINGULAR.format(group=group) if singular else "",
        NO_DISPERSION if no_dispersion else "",
        NO_READ.format(group=group, levels=some(map(quoted_label, silent))) if len(silent) and not singular else "",
    ]
    return list(filter(None, notes))
