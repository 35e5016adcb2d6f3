"""One model for every gene, all genes at once.

    from helpers.genes import fit_genes
    table = fit_genes(expression, design, "~ urea + weight + (1 | animal)", ddf="kenward-roger")
    table[table["term"] == "urea"].nsmallest(10, "p_value")

Counts come in by `helpers.counts.voom_weights`:

    logs = voom_weights(counts, design, "~ time + (1 | patient)")
    fit_genes(logs.log_cpm, design, "~ time + (1 | patient)", weights=logs.weights, moderated=True)

The numbers are those of `helpers.mixed.fit_mixed` gene by gene. `core` computes, `fitting` decides which gene is fitted
how, `expression_tables` takes the tables in, `gene_table` gives one back.
"""

import math

import numpy as np
import pandas as pd

from helpers.design import build_shared_design
from helpers.design.crossproducts import cross_products
from helpers.design.formula import parse_right_side
from helpers.design.identified import refuse_unidentified
from helpers.genes import expression_tables
from helpers.genes.fitting import Samples, fit_all
from helpers.genes.gene_table import tidy
from helpers.genes.questions import check_options, contrast_rows
from helpers.refusals.wording import check_conf_level
from helpers.threads import one_thread


def fit_genes(
    expression,
    design,
    formula,
    *,
    ddf="satterthwaite",
    contrasts=None,
    weights=None,
    adjust="fdr_bh",
    moderated=False,
    conf_level=0.95,
    layer=None,
):
    """Fit the same linear (mixed) model to every gene.

    Parameters
    ----------
    expression : pandas.DataFrame, numpy.ndarray, AnnData, str or pathlib.Path
        Genes × samples, on a scale where effects add up (log2 counts per million, say). A DataFrame has genes as index
        and samples as columns. An array has its columns in the order of the design's rows. An AnnData has samples as
        observations. A path is that of a Parquet file: gene names in its index or else in its first column, every
        other column a sample. NaN is a missing value.
    design : pandas.DataFrame, or None
        One row per sample, in any order; its index holds the samples' names. None takes an AnnData's `obs`.
    formula : str
        Without an outcome: ``"~ urea + weight + (1 | animal)"``. One random intercept, or none: then ordinary least
        squares.
    ddf : {"satterthwaite", "kenward-roger", "normal"}
        How degrees of freedom are found; "normal" gives z tests. Without a random term, either of the first two gives
        the residual degrees of freedom.
    contrasts : dict, Series, DataFrame or array, optional
        Name -> weights (dict of coefficient -> weight, or a sequence); or the weights of one contrast; or one row per
        contrast, (k, p). Without, every coefficient is tested.
    weights : pandas.DataFrame, Series or array, optional
        Precision weights, such as those of `helpers.counts.voom_weights`: inverse variances up to a factor per gene,
        with moderation up to one factor for all genes. (genes, samples), or one per sample; a DataFrame is matched by
        its names, an array has the order of the expression.
    adjust : {"fdr_bh", "fdr_by", "holm", "bonferroni", None}
        Correction over the genes tested, for each term on its own. "fdr_bh" is Benjamini–Hochberg.
    moderated : bool
        Learn from all genes how large variances are. Without a random term each gene's variance is drawn towards what
        all have in common (R's limma::eBayes). With a random intercept this goes for both variances, within and between
        groups; not with Kenward–Roger.
    conf_level : float
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.DataFrame
        One row per gene and term, in that order: ``gene``; ``term`` (``contrast``, if there are contrasts);
        ``estimate, std_error, df, statistic, p_value, conf_low, conf_high, p_adjusted``; ``sigma``, the residual
        standard deviation. With a random intercept also ``theta``, its standard deviation divided by sigma;
        ``deviance``, lme4's REML criterion; ``is_singular``, whether theta is zero; all three are the gene's own. With
        moderation ``sigma_moderated``, which the tests use. ``reason`` is empty; for a gene that cannot be fitted it
        says why, and the numbers are NaN.

    Raises
    ------
    ValueError
        Samples of expression and design do not match; the formula has an outcome, or random terms other than one
        intercept; columns of the design are not independent; every group has one sample; the fixed part explains every
        difference between groups, or within them; the expression holds text or infinite values; moderation with
        Kenward–Roger, or of a single gene.
    KeyError
        A column or a coefficient is not there.

    Warns
    -----
    UserWarning
        Samples with missing values in the design were dropped.

    Notes
    -----
    Where `is_singular`, Satterthwaite's test is that of least squares and too ready to reject; Kenward–Roger's allows
    for the variance not being known.

    Each gene is fitted by REML at the global optimum (see `helpers.genes.core`). With missing values or weights a gene
    has its own design: it needs two groups, one of them with two values, and independent columns in what is left.

    Moderation: Smyth 2004, doi:10.2202/1544-6115.1027. With a random intercept the prior has a second part, how often
    which ratio of the two variances occurs among the genes; `helpers.genes.core.shared_variances` has the formulas.
    dream (Hoffman & Roussos 2021, doi:10.1093/bioinformatics/btaa687), made for the same purpose, draws the residual
    variance alone towards the others' and adds the prior's degrees of freedom to Satterthwaite's. That does for
    questions within groups. Between groups most of the variance is the random intercept's, of which few animals tell
    little: ``benchmarks/moderation.csv`` has how often each of the two rejects too much.
    """
    check_conf_level(conf_level)
    check_options(ddf, adjust, moderated)
    _check_random(formula, ddf, moderated)
    matrix = expression_tables.read_expression(expression, layer)
    if design is None and expression_tables.is_annotated(expression):
        design = expression.obs
    if not isinstance(design, pd.DataFrame):
        raise ValueError(f"design must be a pandas DataFrame, a row per sample; found {type(design).__name__}.")
    order = expression_tables.in_order(matrix, design)
    built = build_shared_design(formula, design)
    if built.random:  # whatever the outcome
        refuse_unidentified(built, cross_products(np.zeros(len(built.X)), built.X, built.random_parts))
    order = order[design.index.get_indexer(built.rows)]
    own = None if weights is None else expression_tables.read_weights(weights, matrix)[:, order]
    kind, rows = contrast_rows(contrasts, built.names)
    groups = [(term.codes, term.group) for term in built.random]
    samples = Samples(built.X, built.names, *(groups[0] if groups else (None, "")))
    with one_thread(*_largest(samples)):
        results = fit_all(matrix.numbers[:, order], own, samples, rows.to_numpy(), ddf, moderated)
    return tidy(results, matrix.genes, rows.index.astype(str), kind, conf_level, adjust)


def _largest(samples):
    """The sizes of the largest piece of linear algebra: the decomposition of the groups, or that of X."""
    rows, p = samples.x.shape
    groups = 0 if samples.codes is None else int(samples.codes.max()) + 1
    return max((groups, groups, groups), (rows, p, p), key=math.prod)


def _check_random(formula, ddf, moderated):
    """Refuse what this algorithm cannot do, before any table is read."""
    random = parse_right_side(formula).random
    if len(random) > 1 or (random and random[0].expression != "1"):
        raise ValueError(
            f"The formula has {' + '.join(map(str, random))}. fit_genes fits one random intercept, such as "
            f"(1 | {random[0].groups[0]}); for anything else use helpers.mixed.fit_mixed on one gene after the other."
        )
    if random and moderated and ddf == "kenward-roger":
        raise ValueError(
            "Kenward–Roger allows for two variances that one gene alone has to tell; moderated=True learns them from "
            'all genes, and its degrees of freedom hold the uncertainty that is left. Use ddf="satterthwaite", or '
            "moderated=False."
        )
