"""DESeq2 through PyDESeq2: covariates scaled on the way in, filters named on the way out.

Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8; PyDESeq2: Muzellec, Teleńczuk, Cabeli & Andreux 2023,
doi:10.1093/bioinformatics/btad547.
"""

import warnings

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from helpers.counts.inputs import count_table, hypotheses
from helpers.counts.results_table import ALL_ZERO, result_table

FILTERED = "mean count too low: left out by DESeq2's independent filtering"
OUTLIER = "one count is an outlier (Cook's distance)"
UNFINISHED = "the fit did not reach the optimum"


def deseq2(counts, design, formula, *, terms=None, alpha=0.1, conf_level=0.95):
    """Test every gene by DESeq2's Wald test.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples)
        Whole numbers; index = genes, columns = samples. Many genes: they teach each other.
    design : pandas.DataFrame
        One row per sample; index = sample names, in any order.
    formula : str
        Right side only: ``"~ urea + weight"``. Numbers are centred and scaled before the fit, and estimates reported
        per unit of the design.
    terms : str, sequence of str, or dict, optional
        As in `helpers.counts.quasi_likelihood`.
    alpha : float
        The false discovery rate at which DESeq2's independent filtering is to find most genes.
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        One row per gene and term, see `helpers.counts.results_table.result_table`. `estimate` is a natural logarithm
        per unit of the design (not shrunk), `statistic` is z, `p_adjusted` DESeq2's. `reason` says why a gene has no
        p-value, or why it has one and no adjusted one (independent filtering).

    Raises
    ------
    ValueError
        See `helpers.counts.inputs.count_table`.
    MissingColumnError
        A column of the formula is not in the design.
    """
    if isinstance(alpha, bool | str) or not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, such as 0.1; found {alpha!r}.")
    source = count_table(counts, design, formula)
    wanted = hypotheses(terms, source.names)
    tested = source.counted
    weights = wanted.to_numpy() @ source.to_original
    # Its matrices are small: threads of linear algebra would only wait for each other.
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        # pandas' announcements for pandas 4 are for the authors of these two; whatever else they warn of passes.
        for library in ("pydeseq2", "anndata"):
            warnings.filterwarnings("ignore", category=pd.errors.Pandas4Warning, module=library)
        fitted, tables = _run(source, tested, weights, alpha)
    per_term = {
        name: np.column_stack([table[column] for table in tables])
        for name, column in {
            "estimate": "log2FoldChange",
            "std_error": "lfcSE",
            "statistic": "stat",
            "p_value": "pvalue",
            "p_adjusted": "padj",
        }.items()
    }
    converged = fitted.var["_LFC_converged"].to_numpy(bool)
    for values in per_term.values():
        values[~converged] = np.nan
    for name in ("estimate", "std_error"):
        per_term[name] *= np.log(2)
    reasons = np.full((len(source.genes), len(wanted)), ALL_ZERO, dtype=object)
    reasons[tested] = np.select(
        [~converged[:, None], np.isnan(per_term["p_value"]), np.isnan(per_term["p_adjusted"])],
        [UNFINISHED, OUTLIER, FILTERED],
        "",
    )
    return result_table(
        source.genes,
        tested,
        reasons,
        list(wanted.index),
        mean_count=tables[0]["baseMean"].to_numpy(),
        dispersion=fitted.var["dispersions"].to_numpy(float),
        conf_level=conf_level,
        df=np.full(per_term["estimate"].shape, np.inf),
        **per_term,
    )


def _run(source, tested, weights, alpha):
    """PyDESeq2's own calls: the fit, and its table for each hypothesis."""
    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.default_inference import DefaultInference
    from pydeseq2.ds import DeseqStats

    samples = source.samples.astype(str)
    columns = [f"x{place}" for place in range(source.X.shape[1])]
    inference = DefaultInference(n_cpus=1)
    fitted = DeseqDataSet(
        counts=pd.DataFrame(
            source.counts[tested].T.astype(int), samples, [f"g{place}" for place in np.flatnonzero(tested)]
        ),
        metadata=pd.DataFrame({"sample": samples}, samples),
        design=pd.DataFrame(source.X, samples, columns),
        inference=inference,
        quiet=True,
    )
    fitted.deseq2()
    tables = []
    for row in weights:
        test = DeseqStats(fitted, contrast=row, alpha=alpha, inference=inference, quiet=True)
        test.summary()
        tables.append(test.results_df)
    return fitted, tables
