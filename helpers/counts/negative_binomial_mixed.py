"""Negative-binomial mixed models, one random intercept: the package glmm, with what it keeps silent said.

glmm (Lenartowicz 2026, https://github.com/pawlenartowicz/glmm) maximises the Laplace approximation of the likelihood,
as R's glmmTMB does (Brooks and others 2017, doi:10.32614/RJ-2017-066).
"""

import warnings
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
from helpers.refusals.packages import extra
from helpers.refusals.wording import check_conf_level, some

THETA_CAP = 1e4  # glmm's; there the counts are Poisson within animals
SINGULAR = "the variance between levels of {group!r} is estimated as zero"
NO_DISPERSION = "no over-dispersion: θ ran to its limit"
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
        (singular fit, no over-dispersion, animals without a read, whatever glmm warned of; empty where all is well).

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; random terms other than one intercept; a grouping factor with one
        level, or with one sample per level.
    UnknownNameError
        A column of the formula is not in the design.
    ImportError
        glmm is not installed: it has no wheel for this machine.
    """
    check_conf_level(conf_level)
    adjustment(adjust, FROM_P_VALUES)
    counts, design = read_counts(counts, design, layer)
    glmm = _library()
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
    columns = {f"x{place}": column for place, column in enumerate(scaled.T)} | {"group": codes}
    right = f"0 + {' + '.join(f'x{place}' for place in range(scaled.shape[1]))} + (1 | group)"
    rows, notes = [], []
    for y in values[tested]:
        with warnings.catch_warnings(record=True) as said:  # a warning names no gene; the column `note` does
            warnings.simplefilter("always")
            fit = glmm.fit(columns | {"y": y}, f"y ~ {right}", "negativebinomial", offset=offset)
        rows.append(_numbers(fit, wanted.to_numpy() @ to_original))
        others = [str(each.message) for each in said if each.category is not glmm.SingularFitWarning]
        notes.append("; ".join([*_notes(rows[-1], y, codes, levels, group), *others]))
    reasons[tested] = [row["problem"] for row in rows]
    converged = reasons[tested] == ""
    tested[tested] = converged
    kept = {name: np.array([row[name] for row in rows])[converged] for name in rows[0]}
    return result_table(
        table.index,
        tested,
        reasons,
        list(wanted.index),
        mean_count=(values[tested] / np.exp(offset)).mean(axis=1),
        dispersion=1 / kept["theta"],
        extra={name: kept[name] for name in ("group_variance", "log_likelihood")}
        | {"note": np.array(notes, dtype=object)[converged]},
        adjust=adjust,
        **wald_columns(kept["estimate"], kept["std_error"], np.inf, conf_level),
    )


def _library():
    elsewhere = (
        "It has wheels for Linux (x86-64), macOS (Apple silicon) and Windows. Elsewhere fit a linear mixed model to "
        "log counts (helpers.mixed.fit_mixed), or R's glmmTMB."
    )
    with extra("counts", "fit_negative_binomial_mixed", elsewhere):
        import glmm
    return glmm


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


def _numbers(fit, weights):
    """What is kept of one fit."""
    covariance = np.asarray(fit.vcov)
    return {
        "estimate": weights @ fit.beta,
        "std_error": np.sqrt(np.einsum("ki,ij,kj->k", weights, covariance, weights)),
        "theta": fit.dispersion,
        "group_variance": fit.varcorr[0][0] if fit.varcorr else np.nan,
        "log_likelihood": fit.loglik,
        "singular": fit.singular,
        "problem": "" if fit.converged and np.isfinite(covariance).all() else _problem(fit),
    }


def _problem(fit):
    separated = any(note["kind"] == "separated" for note in fit.diagnostics["notes"])
    return INFINITE if separated else UNFINISHED


def _notes(row, y, codes, levels, group):
    """What a reader must know before believing a row, and glmm does not say."""
    silent = levels[np.bincount(codes, weights=y, minlength=len(levels)) == 0]
    notes = [
        SINGULAR.format(group=group) if row["singular"] else "",
        NO_DISPERSION if row["theta"] >= 0.99 * THETA_CAP else "",
        NO_READ.format(group=group, levels=some(map(quoted_label, silent)))
        if len(silent) and not row["singular"]
        else "",
    ]
    return list(filter(None, notes))
