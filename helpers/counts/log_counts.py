"""Log counts and their precision weights, ready for a linear (mixed) model of every gene.

voom: Law, Chen, Shi & Smyth 2014, doi:10.1186/gb-2014-15-2-r29; with a random intercept, dream: Hoffman & Roussos 2021,
doi:10.1093/bioinformatics/btaa687.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.counts.inputs import check_counts, count_table, matched, read_counts
from helpers.counts.normalise import trimmed_mean_factors
from helpers.counts.results_table import tested_genes
from helpers.counts.weighted_log_counts import log_cpm, precision_weights, trend_weights
from helpers.design import build_shared_design
from helpers.design.formula import parse_right_side
from helpers.design.identified import explained_by_fixed_part
from helpers.genes.core.optimum import lowest
from helpers.genes.core.shared import Shared, shared_design
from helpers.threads import one_thread


@dataclass(frozen=True, eq=False)
class LogCounts:
    """What `voom_weights` returns.

    Attributes
    ----------
    log_cpm : pandas.DataFrame, shape (n_genes, n_samples)
        log2 counts per million.
    weights : pandas.DataFrame, shape (n_genes, n_samples)
        Inverse variances within groups, as the trend has them.
    """

    log_cpm: pd.DataFrame
    weights: pd.DataFrame


def voom_weights(
    counts: object, design: pd.DataFrame, formula: str, *, min_total: int = 1, layer: str | None = None
) -> LogCounts:
    """Take log counts per million, and weigh each by how much counts of that size scatter.

        logs = voom_weights(counts, design, "~ time + (1 | patient)")
        fit_genes(logs.log_cpm, design, "~ time + (1 | patient)", weights=logs.weights, moderated=True)

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples. Many genes: the trend is learned from all of them.
    design : pandas.DataFrame
        One row per sample; index = sample names, in any order.
    formula : str
        Right side only: ``"~ urea + weight"``, with one random intercept or none: ``"~ time + (1 | patient)"``.
    min_total : int
        Genes with fewer reads in all samples together are left out.
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    LogCounts
        Genes with reads enough, in their order.

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`; random terms other than one intercept; a grouping factor with one
        level, or with one sample per level; a fixed part that leaves no variance between groups, or none within.
    UnknownNameError
        A column of the formula is not in the design.

    Notes
    -----
    Weights are those of limma's ``voom`` with TMM library sizes. With a random intercept the trend is that of the
    residual standard deviation of the mixed model, along its fitted values with the predicted intercepts in them, for
    the weights of a mixed model are about what is left within groups.
    """
    counts, design = read_counts(counts, design, layer)
    random = parse_right_side(formula).random
    if not random:
        source = count_table(counts, design, formula)
        tested, _ = tested_genes(source.counts, min_total)
        sizes = source.counts.sum(axis=0) * trimmed_mean_factors(source.counts)
        logs = log_cpm(source.counts[tested], sizes)
        with one_thread(*logs.shape, source.X.shape[1] ** 2):
            weights = precision_weights(logs, sizes, np.linalg.qr(source.X)[0])
        return LogCounts(*(pd.DataFrame(each, source.genes[tested], source.samples) for each in (logs, weights)))
    if len(random) > 1 or random[0].expression != "1":
        raise ValueError(
            f"The formula has {' + '.join(map(str, random))}. Weights are for one random intercept, such as "
            f"(1 | {random[0].groups[0]}), or none."
        )
    table = check_counts(counts)
    built = _complete_design(formula, matched(table, design))
    values = table.to_numpy(float)
    tested, _ = tested_genes(values, min_total)
    sizes = values.sum(axis=0) * trimmed_mean_factors(values)
    logs = log_cpm(values[tested], sizes)
    with one_thread(*logs.shape, built.X.shape[1] ** 2):
        weights = trend_weights(logs, *_within_groups(logs, built), sizes)
    return LogCounts(*(pd.DataFrame(each, table.index[tested], table.columns) for each in (logs, weights)))


def _complete_design(formula, design):
    """The formula's matrices; a sample without its covariates or its group is refused, as by every method here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of dropped samples: refused below
        built = build_shared_design(formula, design)
    lost = design.index.difference(built.rows, sort=False)
    if len(lost):
        raise ValueError(
            f"design misses a value that the formula needs in {len(lost)} samples, the first {lost[0]!r}. Fill it in, "
            "or drop the sample from counts and design."
        )
    return built


def _within_groups(logs, built):
    """Fitted values, with the predicted intercepts, and residual standard deviation of each gene's mixed model."""
    codes, group = built.random[0].codes, built.random[0].group
    q, r = np.linalg.qr(built.X)
    shared = shared_design(q, r, codes)
    for left, where in ((shared.df_between, "between"), (shared.df_within, "within")):
        if left < 1:
            raise ValueError(
                f"{explained_by_fixed_part(where, group)}: no variance is left there to read weights from. Take "
                f"columns out of the fixed part, or (1 | {group}) out of the formula."
            )
    model = Shared(shared, logs)
    state = model.state(lowest(model)[0])
    fixed = (q @ state.coefficients).T
    z = (codes[:, None] == np.arange(codes.max() + 1)).astype(float)
    intercepts = ((logs - fixed) @ z) * state.lam[:, None] / (1 + state.lam[:, None] * z.sum(axis=0))
    return fixed + intercepts @ z.T, np.sqrt(state.sigma2)
