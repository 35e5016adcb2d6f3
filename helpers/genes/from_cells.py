"""One model per gene from the cells of its reads: every gene at once, and the numbers of `fit_mixed` gene by gene.

A gene is a vector of cell means, each with its number of reads as its weight, and the sum of squares within its cells.
`helpers.genes.core` fits weighted means; what they lack of the reads themselves is a constant of each gene.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import linalg

from helpers.cells.collect import collect_cells
from helpers.cells.model_on_cells import intercept_of, refuse_functions_of_rows
from helpers.cells.statistics import Cells
from helpers.design import model_columns, predictors_used
from helpers.design.coding import Coding
from helpers.design.columns import Grouping, used
from helpers.design.formula import parse_formula
from helpers.design.rank import aliases
from helpers.genes.core.least_squares import gram_of
from helpers.genes.core.optimum import lowest
from helpers.genes.core.own import Own
from helpers.genes.core.sweep import sweep
from helpers.genes.fitting import NOT_REACHED, NUMBERS_AT_ONCE, Results
from helpers.genes.gene_table import tidy
from helpers.genes.questions import check_options, contrast_rows
from helpers.genes.unusable import INDEPENDENT, NO_RESIDUAL, Reasons, by_groups
from helpers.refusals.wording import check_conf_level, listed
from helpers.threads import one_thread

SUMS = 64 * np.finfo(float).eps  # what is left, by rounding, of equal values once their mean is taken out


def fit_genes_from_cells(
    formula: str,
    data: object,
    gene: str = "gene_name",
    *,
    ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray | None = None,
    adjust: str | None = "BH",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Fit the same linear mixed model to the reads of every gene.

    Parameters
    ----------
    formula : str
        With its outcome and one random intercept, such as ``"log(length) ~ condition + (1 | replicate)"``.
    data : Cells, or a table
        Cells that `gene` is a label of (``collect_cells(formula, table, by=gene)``); a table that `collect_cells` takes
        is reduced to them.
    gene : str
        Column of the genes' names.
    ddf : {"satterthwaite", "kenward-roger", "normal"}
        How degrees of freedom are found; "normal" gives z tests.
    contrasts : str, list of str, dict, Series, DataFrame or array, optional
        As in `helpers.genes.fit_genes`. Without, every coefficient is tested.
    adjust : {"BH", "BY", "holm", "bonferroni", "sidak", None}
        Correction over the genes tested, for each term on its own; "fdr_bh" is another name of "BH".
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        As `helpers.genes.fit_genes`: one row per gene and term; ``reason`` says why a gene could not be fitted (one
        replicate, a condition without reads, …), and its numbers are NaN.

    Raises
    ------
    ValueError
        Another random part than one intercept; a numeric predictor that varies within cells; and as `collect_cells`.
    UnknownNameError
        A column is not there.

    Notes
    -----
    A numeric predictor that few values are known of, such as the weight of an animal, may be a label of the cells:
    ``collect_cells(formula, table, by=["gene_name", "weight"])``.
    """
    check_conf_level(conf_level)
    check_options(ddf, adjust, False)
    parsed = parse_formula(formula)
    _refuse_other_random_parts(parsed)
    cells = data if isinstance(data, Cells) else collect_cells(formula, data, by=gene)
    _refuse_other_cells(cells, parsed, gene)
    genes, reads, combinations = _spread(cells, gene)
    design = _design(parsed, combinations, cells.n_rows)
    kind, rows = contrast_rows(contrasts, design.names)
    intercept = intercept_of(design.x, np.ones(len(design.x)))
    with one_thread(*design.x.shape, design.x.shape[1]):
        results = _fit_all(reads if intercept is not None else reads.unmoved(), design, rows.to_numpy(), ddf)
    if intercept is not None:
        results.estimate += cells.shift[-1] * (rows.to_numpy() @ intercept)
    return tidy(results, genes, rows.index.astype(str), kind, conf_level, adjust)


def _refuse_other_random_parts(parsed):
    if len(parsed.random) > 1 or parsed.random[0].expression != "1":
        raise ValueError(
            f"The formula has {' + '.join(map(str, parsed.random))}. fit_genes_from_cells fits one random intercept, "
            f"such as (1 | {parsed.random[0].groups[0]}); for anything else fit one gene after the other."
        )


def _refuse_other_cells(cells, parsed, gene):
    predictors = predictors_used(parsed)
    if parsed.response != cells.outcome:
        raise ValueError(
            f"The cells are of {cells.outcome!r}, the formula of {parsed.response!r}. Collect cells for this formula."
        )
    if gene in predictors:
        raise ValueError(f"{gene!r} names the genes, and stands in the formula, too. Take it out of the formula.")
    if within := [name for name in cells.numeric if name in predictors]:
        raise ValueError(
            f"{listed(within)} is numeric and varies within the cells. If few values occur, make them labels of the "
            f"cells: collect_cells(…, by={[gene, *within]!r}); else fit one gene after the other with fit_mixed."
        )
    used(cells.keys, [gene, *predictors], "cells")


@dataclass(frozen=True, eq=False)
class Reads:
    """Genes × combinations of levels: numbers of reads, means (NaN of none); per gene the sum of squares within.

    `shift` was taken out of all means.
    """

    n: np.ndarray
    means: np.ndarray
    within: np.ndarray
    shift: float

    def of(self, genes: np.ndarray) -> Reads:
        """Those of some genes."""
        return replace(self, n=self.n[genes], means=self.means[genes], within=self.within[genes])

    def unmoved(self) -> Reads:
        """The means as they were."""
        return replace(self, means=self.means + self.shift, shift=0.0)


def _spread(cells, gene):
    """The genes' names, their `Reads`, and a table of the combinations of levels."""
    others = [name for name in cells.keys.columns if name != gene]
    column = pd.Categorical(cells.keys[gene])
    combinations, place = Grouping.of(others, cells.keys)
    shape = (len(column.categories), len(combinations.cells))
    n, means = np.zeros(shape), np.full(shape, np.nan)
    n[column.codes, place], means[column.codes, place] = cells.n, cells.means[:, -1]
    within = np.bincount(column.codes, weights=cells.squares[:, -1, -1], minlength=shape[0])
    _, first = np.unique(place, return_index=True)
    return (
        column.categories,
        Reads(n, means, within, float(cells.shift[-1])),
        cells.keys[others].iloc[first].reset_index(drop=True),
    )


@dataclass(frozen=True, eq=False)
class _Combinations:
    """The design that the genes share: a row per combination of levels."""

    x: np.ndarray
    names: tuple[str, ...]
    codes: np.ndarray
    group: str


def _design(parsed, frame, n_rows):
    def columns_of(expression):
        x, coding = Coding.of(expression, frame, n_rows)
        refuse_functions_of_rows(expression, coding)
        return x, coding

    x, coding, random = model_columns(parsed, frame, n_rows, columns_of)
    return _Combinations(x, coding.names, random[0].codes, random[0].group)


class _Model(Own):
    """Genes as `helpers.genes.core.optimum` asks for them: weighted means, and what the reads add to these."""

    def __init__(self, design, q, r, reads):
        super().__init__(q, float(np.log(np.abs(np.diag(r))).sum()), design.codes, reads.means, reads.n)
        self.nu = reads.n.sum(axis=1) - self.p
        self.ols = replace(self.ols, total=self.ols.total + reads.within, nu=self.nu)
        self.whole[-1] += reads.within
        self.within = self.within + reads.within
        self.df_within = self.nu - self.df_between
        self.log_weights = np.zeros(len(reads.n))  # of a read: a weight of one each


def _fit_all(reads, design, contrasts, ddf):
    q, r = np.linalg.qr(design.x)
    contrasts = linalg.solve_triangular(r, contrasts.T, trans="T").T  # of the coefficients on Q
    results = Results(len(reads.n), len(contrasts), mixed=True, moderated=False)
    size = max(1, NUMBERS_AT_ONCE // len(q))
    results.reason[:] = _unusable(reads, design, q).texts
    usable = np.flatnonzero(results.reason == "")
    for genes in (usable[start : start + size] for start in range(0, len(usable), size)):
        model = _Model(design, q, r, reads.of(genes))
        found = by_groups(_without_residual(reads.of(genes), model), model, design.group)
        results.reason[genes] = found.texts
        if not found.good.all():
            genes = genes[found.good]
            model = _Model(design, q, r, reads.of(genes))
        if not len(genes):
            continue
        lam, reached = lowest(model)
        state = model.state(lam)
        results.write(genes, *state.tests(contrasts, ddf))
        results.sigma[genes], results.theta[genes] = np.sqrt(state.sigma2), np.sqrt(lam)
        results.deviance[genes], results.residual_df[genes] = state.deviance, state.nu
        results.lose(genes[~reached], NOT_REACHED)
    return results


def _unusable(reads, design, q):
    """Genes with too few reads, or reads in the wrong places."""
    there, p, reasons = reads.n > 0, q.shape[1], Reasons(len(reads.n))
    n_reads = reads.n.sum(axis=1)
    for count in np.unique(n_reads[n_reads <= p]):
        reasons.give(n_reads == count, f"too few reads: {count:.0f} for {p} coefficients")
    groups = design.codes[:, None] == np.arange(design.codes.max() + 1)
    n_groups = (there.astype(float) @ groups > 0).sum(axis=1)
    reasons.give(n_groups == 1, f"all reads come from one level of {design.group!r}")
    reasons.give(n_groups == n_reads, f"one read per level of {design.group!r}")
    _, pivots = sweep(gram_of(q, (reads.n / reads.n.max(axis=1, keepdims=True)).T), p, INDEPENDENT)
    aliased = np.flatnonzero((pivots == 0).any(axis=0) & reasons.good)
    patterns, which = np.unique(there[aliased], axis=0, return_inverse=True)
    for number, cells in enumerate(patterns):
        sentences = aliases(design.x[cells], design.names) or [
            "the numbers of reads differ by many orders of magnitude"
        ]
        reasons.texts[aliased[which == number]] = f"in the cells with reads, {sentences[0]}"
    return reasons


def _without_residual(reads, model):
    """Genes without variation, or without residuals."""
    reasons = Reasons(len(reads.n))
    low, high = np.nanmin(reads.means, axis=1), np.nanmax(reads.means, axis=1)
    n, rounding = reads.n.sum(axis=1), SUMS * (abs(reads.shift) + np.maximum(-low, high))
    reasons.give((high - low <= rounding) & (reads.within <= n * rounding**2), "constant")
    limit = np.maximum(NO_RESIDUAL * (n * (high - low) ** 2 + reads.within), n * rounding**2)
    reasons.give(model.ols.total <= limit, "the fixed part fits perfectly")
    return reasons
