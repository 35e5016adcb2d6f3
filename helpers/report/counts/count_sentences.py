"""The sentences of a report on counts, written from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.report.citations import PAPERS, software
from helpers.report.counts.count_results import left_out_in_turn
from helpers.report.counts.count_units import MIXED, NONE, SUMMED, WITHIN
from helpers.report.phrases import Words, between, counted, joined, number, p_value, percent
from helpers.report.verdicts import reserve

if TYPE_CHECKING:
    from helpers.report.counts.count_questions import Question
    from helpers.report.counts.count_results import Analysis, Map
    from helpers.report.counts.count_study import Study
    from helpers.report.verdicts import Verdicts

NAMES = {
    "quasi-likelihood": "negative-binomial regressions and quasi-likelihood F tests (edgeR's method)",
    "likelihood-ratio": "negative-binomial regressions and likelihood-ratio tests (edgeR's method)",
    "voom": "weighted linear models of log counts with moderated t tests (limma-voom's method)",
    "deseq2": "negative-binomial regressions and Wald tests (DESeq2's method)",
    "mixed": "moderated linear mixed models of weighted log counts, with Satterthwaite's degrees of freedom",
}
WHY = {
    "quasi-likelihood": "Its F tests allow for the uncertainty of each gene's own variance, which controls the "
    "false discovery rate with few samples.",
    "likelihood-ratio": "It treats each gene's dispersion as known. With few samples it finds more genes than "
    "quasi-likelihood does, and more false positives.",
    "voom": "Each log count gets a weight that depends on its mean. Then each gene gets a linear model.",
    "deseq2": "Dispersions are shrunk towards their trend. Genes with few reads are left out where that finds more.",
    "mixed": "Each log count gets a weight that depends on its mean. Variances between and within blocks are learned "
    "from all genes together.",
}
MOST_ANSWERS = 4
GOES_WITH = 0.3  # adjusted R² from which an axis of the map is said to go with a column


def question(study: Study) -> Words:
    """The question in a sentence: the reader's own, or one made from the parameters."""
    if study.settings.question:
        return Words(study.settings.question)
    others = [name for name in study.used if name != study.contrast and name not in " ".join(study.terms)]
    held = f", with {joined(others)} held fixed" if others else ""
    return Words(
        *(f"Which genes {asked.which}{_by_how_much(study)}{held}?" for asked in study.questions[:MOST_ANSWERS])
    )


def answer(analysis: Analysis, verdicts: Verdicts) -> Words:
    """How many genes changed, in a sentence for each question; then what limits it.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis
    verdicts : helpers.report.verdicts.Verdicts

    Returns
    -------
    Words
    """
    asked = analysis.study.questions
    sentences = [_found(analysis, one) for one in asked[:MOST_ANSWERS]]
    if more := len(asked) - MOST_ANSWERS:
        sentences += [f"{counted(more, 'more comparison')}: see Results."] if more > 0 else []
    return Words(*sentences, reserve(verdicts))


def as_read(study: Study) -> Words:
    """What the files held, and what was left out and why."""
    gone = study.n_genes - len(study.counts)
    sentences = [
        f"{study.source.name} holds {counted(study.n_genes, 'gene')}; {study.sheet.name} describes "
        f"{counted(len(study.sheet.frame), 'sample')}. From it the model uses {joined(map(repr, study.used))}.",
        study.units.sentence if study.units.kind == SUMMED else "",
        f"{counted(len(study.counts), 'gene')} have reads enough to be tested; "
        f"{gone:,} {'was' if gone == 1 else 'were'} left out ({_filter(study)})."
        if gone
        else f"All genes have reads enough to be tested ({_filter(study)}).",
        "No count is missing.",
    ]
    return Words(" ".join(filter(None, [*sentences, *study.source.notes, *study.sheet.notes])))


def _filter(study):
    total = f"{study.settings.min_total} in all samples together"
    if int(study.settings.min_count) == 0:
        return f"reads asked for: {total}"
    return (
        f"reads asked for: {study.settings.min_count} in as many samples as the design needs, in libraries of median "
        f"size, and {total}"
    )


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


def map_words(study: Study, found: Map) -> Words:
    """What each axis of the map of samples goes with.

    Parameters
    ----------
    study : helpers.report.counts.count_study.Study
    found : helpers.report.counts.count_results.Map

    Returns
    -------
    Words
    """
    told, strange = [], []
    for place, axis in enumerate(found.axes):
        with_it = found.explained[axis].sort_values(ascending=False, kind="stable")
        share = f"Axis {place + 1} ({percent(round(float(found.share[place]), 2))} of the variance) goes with"
        if not len(with_it) or not with_it.iloc[0] >= GOES_WITH:
            told.append(f"{share} no column of the sample sheet.")
            continue
        name, r2 = with_it.index[0], with_it.iloc[0]
        told.append(f"{share} {name!r}, which explains {percent(round(float(r2), 2))} of it (adjusted R²).")
        if name not in study.used and name != study.settings.block:
            strange.append(name)
    advice = ""
    if strange := list(dict.fromkeys(strange)):
        advice = (
            f"{joined(map(repr, strange))} {'is' if len(strange) == 1 else 'are'} not in the formula. If that is a "
            "batch, or the animal that samples come from, add it (FORMULA, BLOCK)."
        )
    head = f"The map is drawn from the {counted(found.n_genes, 'gene')} that vary most."
    return Words(" ".join(filter(None, [head, *told, advice])))


def model(study: Study) -> Words:
    """The model in words, and why genes are tested as they are."""
    units = study.units
    asked = joined(f"“{label}”" for label in study.terms)
    independent = (
        "The model has no random part, so each sample counts as an independent unit. If several samples come from one "
        "animal, say so with BLOCK."
    )
    return Words(
        study.formula + (f" + (1 | {study.settings.block})" if study.method == MIXED else ""),
        f"The logarithm of a gene's mean count, relative to the size of the library, depends on {joined(study.used)}. "
        f"{'The question is' if len(study.terms) == 1 else 'The questions are'} {asked}.{_averaged(study)}",
        f"Each gene is tested by {NAMES[study.method]}. {WHY[study.method]}{_threshold(study)}",
        independent if units.kind == NONE else units.sentence,
    )


def _averaged(study):
    """Where numbers stand that the effect depends on."""
    held = study.interacting_numbers
    return f" The effect is that at the mean of {joined(map(repr, held))}." if held else ""


def _threshold(study):
    if study.fold == 1:
        return ""
    return (
        f" Tested is whether a gene changes by more than a factor of {number(study.fold)} "
        f"(log2 fold change beyond ±{number(_lfc(study))}), not just whether it changes."
    )


def _lfc(study):
    return float(np.log2(study.fold))


def methods(analysis: Analysis) -> Words:
    """A methods paragraph, with versions and citations."""
    study = analysis.study
    scaling = "median-of-ratios" if study.method == "deseq2" else "tmm"
    scaled = {"tmm": "TMM library sizes", "median-of-ratios": "median-of-ratios size factors"}[scaling]
    packages = ("numpy", "scipy", "pandas", "statsmodels")
    kept = f"{len(study.counts):,} of {counted(study.n_genes, 'gene')} were kept ({_filter(study)}"
    kept += f"; {PAPERS['filter']})" if int(study.settings.min_count) else ")"
    sentences = [
        f"Estimated counts were scaled by the lengths of transcripts ({PAPERS['lengths']}) and rounded."
        if study.settings.lengths
        else "",
        _units_in_methods(study),
        f"{kept} and analysed in {counted(len(study.samples), 'sample')} by {NAMES[study.method]} "
        f"({PAPERS[study.method]}) with {scaled} ({PAPERS[scaling]}) and the design {study.formula}"
        + (f" with a random intercept for each {study.settings.block}." if study.method == MIXED else "."),
        f"Contrasts tested: {'; '.join(study.terms)}.",
        f"The null hypothesis was a change of at most {number(study.fold)}-fold ({PAPERS['treat']})."
        if study.fold > 1
        else "",
        f"p-values were adjusted for the number of genes, for each contrast by itself, by Benjamini and Hochberg's "
        f"method ({PAPERS['BH']}); genes below a false discovery rate of {percent(study.fdr)} are called significant.",
        f"As a check, genes were tested by {NAMES[analysis.second]}, too ({PAPERS[analysis.second]})"
        + (", and without each sample in turn." if left_out_in_turn(study) else "."),
        f"Computed with {software(*packages)}.",
    ]
    return Words(" ".join(filter(None, sentences)))


def _units_in_methods(study):
    if study.units.kind == SUMMED:
        return study.units.sentence
    if study.units.kind == WITHIN:
        return (
            f"Samples of one {study.settings.block} were compared with each other ({study.settings.block} as a factor)."
        )
    return ""


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
    told = [f"{_found(analysis, one)}{_first(analysis, one)}" for one in analysis.study.questions]
    return Words(*told, reserve(verdicts))


def _rows(analysis, asked):
    return analysis.table[analysis.table["term"] == asked.label]


def _found(analysis, asked):
    """How many genes were found, up and down."""
    study, rows = analysis.study, _rows(analysis, asked)
    found = rows[rows["p_adjusted"] < study.fdr]
    tested, rate = counted(int(rows["p_value"].notna().sum()), "gene"), percent(study.fdr)
    if not len(found):
        return (
            f"Of {tested} tested, none {asked.changed}{_by_how_much(study)} detectably (false discovery rate {rate}). "
            "That is no evidence that none does."
        )
    up = int((found["log2_fold_change"] > 0).sum())
    head = (
        f"Of {tested} tested, {len(found):,} {asked.changed}{_by_how_much(study)}, at a false discovery rate of {rate}"
    )
    if up in (0, len(found)):
        who = "it is" if len(found) == 1 else "all are"
        return f"{head}; {who} {asked.up if up else asked.down}."
    return f"{head}: {up:,} {asked.up}, {len(found) - up:,} {asked.down}."


def _by_how_much(study: Study) -> str:
    return f" by more than {number(study.fold)}-fold" if study.fold > 1 else ""


def _first(analysis, asked: Question):
    """The genes with the smallest p-values, in a sentence."""
    study, rows = analysis.study, _rows(analysis, asked)
    best = rows[rows["p_adjusted"] < study.fdr].nsmallest(3, "p_value")
    if not len(best):
        return ""
    unit = "" if study.is_factor else f" per unit of {study.contrast}"
    told = joined(
        f"{gene_name(row)} (log2 fold change{unit} {number(row['log2_fold_change'])}, "
        f"{p_value(row['p_adjusted'], 'adjusted p')})"
        for row in best.to_dict("records")
    )
    return f" The smallest {'p-value is that' if len(best) == 1 else 'p-values are those'} of {told}."


def gene_name(row: dict) -> str:
    """A gene's symbol where there is one, else its name."""
    symbol = row.get("symbol")
    return symbol if isinstance(symbol, str) and symbol else str(row["gene"])
