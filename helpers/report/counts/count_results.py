"""Every gene tested, by the method asked for and by another one; and what one sample less does."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.counts import deseq2, likelihood_ratio, quasi_likelihood, tmm_factors, voom, voom_weights
from helpers.counts.thresholds import beyond
from helpers.counts.weighted_log_counts import log_cpm
from helpers.design.translation import quoted
from helpers.genes import fit_genes
from helpers.hypotheses.adjusting import adjusted_where_tested
from helpers.report.counts.count_study import Study
from helpers.report.counts.count_units import MIXED

METHODS = {
    "quasi-likelihood": quasi_likelihood,
    "likelihood-ratio": likelihood_ratio,
    "voom": voom,
    "deseq2": deseq2,
}
SECOND = {"quasi-likelihood": "voom", MIXED: "voom"}
MOST_SAMPLES = 30  # beyond, leaving out one says little and takes long
TOP = 20
MOST_VARIABLE = 500  # genes that a map of samples is drawn from
MAP_PRIOR = 2.0  # reads added before logs are taken for it, as edgeR's cpm does: few reads make no distance


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
        found = ranked.groupby("term", sort=False).head(TOP)[columns]
        order = {term: place for place, term in enumerate(self.study.terms)}
        return found.sort_values("term", key=lambda terms: terms.map(order), kind="stable").reset_index(drop=True)


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
    second = SECOND.get(study.method, "quasi-likelihood")
    table = by_method(study, study.method)
    if study.symbols is not None:
        table.insert(1, "symbol", study.symbols.reindex(table["gene"]).to_numpy())
    return Analysis(study, table, second, by_method(study, second))


def by_method(study: Study, method: str, samples: list[str] | None = None) -> pd.DataFrame:
    """The table of a method, of all samples or of these.

    Parameters
    ----------
    study : Study
    method : str
    samples : list of str, optional

    Returns
    -------
    pandas.DataFrame
        See `helpers.counts.results_table.result_table`.
    """
    counts = study.counts if samples is None else study.counts[samples]
    counts = counts[counts.sum(axis=1) > 0]
    sheet, lfc = study.samples.loc[counts.columns], np.log2(study.fold)
    if method == MIXED:
        return _mixed(study, counts, sheet, lfc)
    extra: dict = {"conf_level": study.settings.conf_level} if method in ("voom", "deseq2") else {}
    extra |= {"alpha": study.fdr} if method == "deseq2" else {}
    extra |= {"lfc": lfc} if method in ("voom", "quasi-likelihood") else {}
    extra |= {"block": study.settings.block} if method == "voom" and study.method == MIXED else {}
    return METHODS[method](counts, sheet, study.formula, contrasts=study.weights, **extra)


def _mixed(study, counts, sheet, lfc):
    """The moderated mixed model of weighted log counts, in the columns that all methods share."""
    formula = f"{study.formula} + (1 | {quoted(study.settings.block)})"
    logs = voom_weights(counts, sheet, formula)
    table = fit_genes(
        *(logs.log_cpm, sheet, formula),
        contrasts=study.weights,
        weights=logs.weights,
        moderated=True,
        conf_level=study.settings.conf_level,
    ).rename(columns={"contrast": "term"})
    table["log2_fold_change"] = table["estimate"]
    if lfc > 0:
        statistic, p = beyond(*(table[name].to_numpy() for name in ("estimate", "std_error", "df")), lfc)
        p = p.reshape(-1, len(study.terms))
        table["statistic"], table["p_value"] = statistic, p.ravel()
        table["p_adjusted"] = adjusted_where_tested(p, "BH").ravel()
    natural = ["estimate", "std_error", "conf_low", "conf_high"]
    table[natural] *= np.log(2)
    depth = counts.sum(axis=0) * tmm_factors(counts)
    mean = (counts * np.exp(np.log(depth).mean()) / depth).mean(axis=1)
    table["mean_count"] = mean.reindex(table["gene"]).to_numpy()
    return table.assign(dispersion=np.nan, own_variance=table["sigma"] ** 2, variance=table["sigma_moderated"] ** 2)


def size_table(study: Study) -> pd.DataFrame:
    """Each sample with its reads, and the factor by which its library size misleads (TMM).

    Returns
    -------
    pandas.DataFrame
        ``sample``, the columns of the formula, ``reads, tmm_factor, genes_counted``.
    """
    table = study.samples[[name for name in study.used if name in study.samples]].copy()
    table["reads"] = study.counts.sum(axis=0)
    table["tmm_factor"] = tmm_factors(study.counts)
    table["genes_counted"] = (study.counts > 0).sum(axis=0)
    return table.rename_axis("sample").reset_index()


def log_counts(study: Study) -> pd.DataFrame:
    """log2 counts per million of effective library size, half a read added: (n_genes, n_samples)."""
    return log_cpm(study.counts, study.counts.sum(axis=0) * tmm_factors(study.counts))


@dataclass(frozen=True, eq=False)
class Map:
    """Samples in the plane of the two directions along which they differ most.

    Attributes
    ----------
    axes : pandas.DataFrame
        ``axis_1, axis_2`` by sample.
    share : numpy.ndarray, shape (2,)
        Of the variance.
    n_genes : int
        The most variable ones, from which the map is drawn.
    explained : pandas.DataFrame
        Column of the sheet -> adjusted R² of each axis on it.
    """

    axes: pd.DataFrame
    share: np.ndarray
    n_genes: int
    explained: pd.DataFrame


def sample_map(study: Study) -> Map:
    """Principal components of log counts per million, of the genes that vary most.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Map
    """
    depth = study.counts.sum(axis=0) * tmm_factors(study.counts)
    prior = MAP_PRIOR * depth / depth.mean()
    logs = np.log2((study.counts + prior) / (depth + 2 * prior) * 1e6)
    centred = logs.sub(logs.mean(axis=1), axis=0).to_numpy()
    most = np.sort(np.argsort(-np.round(np.sum(centred**2, axis=1), 9), kind="stable")[:MOST_VARIABLE])
    _, size, axes = np.linalg.svd(centred[most], full_matrices=False)
    axes = axes[:2] * np.where(axes[:2, :1] < 0, -1, 1)  # the first sample on the positive side, whatever the processor
    share = size**2 / np.sum(size**2)
    places = pd.DataFrame((size[:2, None] * axes).T, study.counts.columns, ["axis_1", "axis_2"])
    return Map(places, share[:2], len(most), _explained(study, places))


def _explained(study, places):
    """Adjusted R² of each axis on each column of the sheet that could explain it."""
    found, n = {}, len(places)
    for name, column in study.samples.items():
        number, levels = _is_number(column), column.nunique()
        if column.isna().any() or levels < 2 or (not number and levels > n / 2):
            continue
        if number:
            left = [1 - np.corrcoef(column.astype(float), places[axis])[0, 1] ** 2 for axis in places]
        else:
            means = places.groupby(column.astype(str).to_numpy()).transform("mean")
            left = ((places - means).pow(2).sum() / places.pow(2).sum()).tolist()
        found[name] = [1 - share * (n - 1) / (n - (2 if number else levels)) for share in left]
    return pd.DataFrame.from_dict(found, orient="index", columns=list(places.columns))


def _is_number(column):
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def left_out_in_turn(study: Study) -> bool:
    """Whether the tests are repeated without each sample: not of many samples, nor of a mixed model."""
    return len(study.samples) <= MOST_SAMPLES and study.method != MIXED


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
        none is left out, nor of a mixed model.
    """
    study, term, rows = analysis.study, analysis.study.terms[0], []
    usual = "quasi-likelihood"
    few = left_out_in_turn(study)
    table = analysis.table if study.method == usual or not few else by_method(study, usual)
    whole = analysis.significant(term, table)
    for sample in study.counts.columns if few else ():
        rest = [name for name in study.counts.columns if name != sample]
        try:
            found = analysis.significant(term, by_method(study, usual, rest))
        except (KeyError, ValueError, RuntimeError):  # a level lost, or too few samples
            continue
        rows.append((sample, len(found), len(found & whole)))
    return pd.DataFrame(rows, columns=["without_sample", "significant", "shared"])
