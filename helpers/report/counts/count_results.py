"""Every gene tested, by the method asked for and by another one; and what one sample less does."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.counts import deseq2, likelihood_ratio, quasi_likelihood, tmm_factors, voom
from helpers.counts.weighted_log_counts import log_cpm
from helpers.report.counts.count_study import Study

METHODS = {
    "quasi-likelihood": quasi_likelihood,
    "likelihood-ratio": likelihood_ratio,
    "voom": voom,
    "deseq2": deseq2,
}
SECOND = {"quasi-likelihood": "voom", "likelihood-ratio": "quasi-likelihood", "voom": "quasi-likelihood"}
MOST_SAMPLES = 30  # beyond, leaving out one says little and takes long
TOP = 20


@dataclass(frozen=True, eq=False)
class Analysis:
    """A study with its tests.

    Attributes
    ----------
    study : Study
    table : pandas.DataFrame
        One row per gene and term, see `helpers.counts.results_table.result_table`.
    second : str
        Another method.
    second_table : pandas.DataFrame
    """

    study: Study
    table: pd.DataFrame
    second: str
    second_table: pd.DataFrame

    def significant(self, term: str, table: pd.DataFrame | None = None) -> set[str]:
        """The genes whose adjusted p-value keeps the false discovery rate."""
        rows = self.table if table is None else table
        return set(rows.loc[(rows["term"] == term) & (rows["p_adjusted"] < self.study.fdr), "gene"])

    @property
    def top(self) -> pd.DataFrame:
        """The genes with the smallest p-values, term by term."""
        columns = ["gene", "term", "log2_fold_change", "statistic", "p_value", "p_adjusted", "mean_count"]
        ranked = self.table.dropna(subset=["p_value"]).sort_values("p_value", kind="stable")
        if "symbol" in ranked:
            columns.insert(1, "symbol")
        return ranked.groupby("term", sort=False).head(TOP)[columns].reset_index(drop=True)


def analyse(study: Study) -> Analysis:
    """Test every gene.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Analysis

    Raises
    ------
    ValueError, RuntimeError
        A gene's fit did not reach the optimum, or the counts cannot carry the model.
    """
    method = study.settings.method
    second = SECOND.get(method, "quasi-likelihood")
    table = by_method(study, method)
    if study.symbols is not None:
        table.insert(1, "symbol", study.symbols.reindex(table["gene"]).to_numpy())
    return Analysis(study, table, second, by_method(study, second))


def by_method(study: Study, method: str, samples: list[str] | None = None) -> pd.DataFrame:
    """The table of a method, of all samples or of these."""
    counts = study.counts if samples is None else study.counts[samples]
    counts = counts[counts.sum(axis=1) > 0]
    extra = {"conf_level": study.settings.conf_level} if method in ("voom", "deseq2") else {}
    extra |= {"alpha": study.fdr} if method == "deseq2" else {}
    return METHODS[method](
        counts, study.samples.loc[counts.columns], study.settings.formula, contrasts=list(study.terms), **extra
    )


def size_table(study: Study) -> pd.DataFrame:
    """Each sample with its reads, and the factor by which its library size misleads (TMM).

    Returns
    -------
    pandas.DataFrame
        ``sample``, the columns of the formula, ``reads, tmm_factor, genes_counted``.
    """
    table = study.samples[list(study.used)].copy()
    table["reads"] = study.counts.sum(axis=0)
    table["tmm_factor"] = tmm_factors(study.counts)
    table["genes_counted"] = (study.counts > 0).sum(axis=0)
    return table.rename_axis("sample").reset_index()


def log_counts(study: Study) -> pd.DataFrame:
    """log2 counts per million of effective library size, half a read added: (n_genes, n_samples)."""
    return log_cpm(study.counts, study.counts.sum(axis=0) * tmm_factors(study.counts))


def principal_axes(study: Study) -> tuple[pd.DataFrame, np.ndarray]:
    """The two directions along which samples differ most, of log counts.

    Returns
    -------
    tuple of pandas.DataFrame and numpy.ndarray
        ``axis_1, axis_2`` by sample, and the two shares of the variance.
    """
    logs = log_counts(study)
    centred = logs.sub(logs.mean(axis=1), axis=0).to_numpy()
    _, size, axes = np.linalg.svd(centred, full_matrices=False)
    share = size**2 / np.sum(size**2)
    return pd.DataFrame((size[:2, None] * axes[:2]).T, study.counts.columns, ["axis_1", "axis_2"]), share[:2]


def leave_one_out(analysis: Analysis) -> pd.DataFrame:
    """The genes found without each sample in turn, by quasi-likelihood, for the first term.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    pandas.DataFrame
        ``without_sample, significant, shared``: genes found, and those of them that are found with all samples, too. A
        sample without which the model has no residual degrees of freedom left has no row; of more than 30 samples
        none is left out.
    """
    study, term, rows = analysis.study, analysis.study.terms[0], []
    usual = "quasi-likelihood"
    table = analysis.table if study.settings.method == usual else by_method(study, usual)
    whole = analysis.significant(term, table)
    for sample in study.counts.columns if len(study.samples) <= MOST_SAMPLES else ():
        rest = [name for name in study.counts.columns if name != sample]
        try:
            found = analysis.significant(term, by_method(study, usual, rest))
        except (ValueError, RuntimeError):
            continue
        rows.append((sample, len(found), len(found & whole)))
    return pd.DataFrame(rows, columns=["without_sample", "significant", "shared"])
