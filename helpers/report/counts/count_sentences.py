"""The sentences of a report on counts, written from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.report.citations import PAPERS, software
from helpers.report.phrases import Words, between, counted, joined, number, p_value, percent
from helpers.report.verdicts import reserve

if TYPE_CHECKING:
    from helpers.report.counts.count_results import Analysis
    from helpers.report.counts.count_study import Study
    from helpers.report.verdicts import Verdicts

NAMES = {
    "quasi-likelihood": "negative-binomial regressions and quasi-likelihood F tests (edgeR's method)",
    "likelihood-ratio": "negative-binomial regressions and likelihood-ratio tests (edgeR's method)",
    "voom": "weighted linear models of log counts with moderated t tests (limma-voom's method)",
    "deseq2": "negative-binomial regressions and Wald tests (DESeq2's method)",
}
WHY = {
    "quasi-likelihood": "Its F tests allow for the uncertainty of each gene's own variance, which controls the "
    "false discovery rate with few samples.",
    "likelihood-ratio": "It treats each gene's dispersion as known. With few samples it finds more genes than "
    "quasi-likelihood does, and more false positives.",
    "voom": "Each log count gets a weight that depends on its mean. Then each gene gets a linear model.",
    "deseq2": "Dispersions are shrunk towards their trend. Genes with few reads are left out where that finds more.",
}


def question(study: Study) -> Words:
    """The question in a sentence: the reader's own, or one made from the parameters."""
    if study.settings.question:
        return Words(study.settings.question)
    others = [name for name in study.used if name != study.contrast]
    held = f", with {joined(others)} held fixed" if others else ""
    return Words(f"Which genes change with {study.contrast}{held}?")


def as_read(study: Study) -> Words:
    """What the files held, and what was left out and why."""
    gone = study.n_genes - len(study.counts)
    sentences = [
        f"{study.source.name} holds {counted(study.n_genes, 'gene')} in {counted(len(study.samples), 'sample')}; "
        f"{study.sheet.name} describes the samples. From it the model uses {joined(map(repr, study.used))}.",
        f"{counted(gone, 'gene was', 'genes were')} left out: fewer than {study.settings.min_total} reads in all "
        "samples together."
        if gone
        else "No gene was left out.",
        "No count is missing.",
    ]
    return Words(" ".join([*sentences, *study.source.notes, *study.sheet.notes]))


def design_table(study: Study) -> pd.DataFrame:
    """Samples in each cell of the factors; of numbers, their range.

    Returns
    -------
    pandas.DataFrame
    """
    factors = [name for name in study.used if isinstance(study.samples[name].dtype, pd.CategoricalDtype)]
    numbers = [name for name in study.used if name not in factors]
    groups = study.samples.groupby(factors or (lambda _: "all samples"), observed=True)
    table = groups.size().rename("samples").to_frame()
    for name in numbers:
        table[name] = [between(low, high) for low, high in zip(groups[name].min(), groups[name].max(), strict=True)]
    return table.reset_index(names=None if factors else "cell")


def model(study: Study) -> Words:
    """The model in words, and why genes are tested as they are."""
    method = study.settings.method
    factor = (
        f" Differences are relative to {study.samples[study.contrast].cat.categories[0]!r}." if study.is_factor else ""
    )
    return Words(
        study.settings.formula,
        f"The logarithm of a gene's mean count, relative to the size of the library, depends on {joined(study.used)}. "
        f"The question is about {study.contrast!r}, answered by {joined(map(repr, study.terms))}.{factor}",
        f"Each gene is tested by {NAMES[method]}. {WHY[method]}",
        "The model has no random part, so each sample counts as an independent unit. Several samples of one animal "
        "are not independent.",
    )


def methods(analysis: Analysis) -> Words:
    """A methods paragraph, with versions and citations."""
    study = analysis.study
    method = study.settings.method
    scaling = "median-of-ratios" if method == "deseq2" else "tmm"
    scaled = {"tmm": "TMM library sizes", "median-of-ratios": "median-of-ratios size factors"}[scaling]
    packages = ("numpy", "scipy", "pandas", "statsmodels")
    return Words(
        f"Counts of {counted(len(study.counts), 'gene')} with at least {study.settings.min_total} reads in "
        f"{counted(len(study.samples), 'sample')} were analysed by {NAMES[method]} ({PAPERS[method]}) with {scaled} "
        f"({PAPERS[scaling]}) and the design {study.settings.formula}. p-values were adjusted for the number of genes "
        f"by Benjamini and Hochberg's method ({PAPERS['BH']}); genes below a false discovery rate of "
        f"{percent(study.fdr)} are called significant. Computed with {software(*packages)}."
    )


def results(analysis: Analysis, verdicts: Verdicts) -> Words:
    """A results paragraph: how many genes, the first few, and what limits it.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis
    verdicts : helpers.report.verdicts.Verdicts

    Returns
    -------
    Words
    """
    sentences = [_result(analysis, term) for term in analysis.study.terms]
    return Words(" ".join([*sentences, reserve(verdicts)]).rstrip())


def _result(analysis, term):
    study = analysis.study
    rows = analysis.table[analysis.table["term"] == term]
    found = rows[rows["p_adjusted"] < study.fdr]
    n = int(rows["p_value"].notna().sum())
    if not len(found):
        return (
            f"Of {n:,} genes tested, none changed detectably with {term} (false discovery rate {percent(study.fdr)})."
        )
    up = int((found["log2_fold_change"] > 0).sum())
    best = found.nsmallest(3, "p_value")
    unit = "" if study.is_factor else f" per unit of {study.contrast}"
    told = joined(
        f"{row.gene} (log2 fold change{unit} {number(row.log2_fold_change)}, {p_value(row.p_adjusted, 'adjusted p')})"
        for row in best.itertuples()
    )
    return (
        f"Of {n:,} genes tested, {len(found):,} changed with {term} at a false discovery rate of {percent(study.fdr)}: "
        f"{up:,} up and {len(found) - up:,} down. The smallest p-values are those of {told}."
    )
