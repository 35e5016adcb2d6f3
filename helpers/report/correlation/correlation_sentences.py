"""The sentences of a correlation report, written from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.report.citations import PAPERS, adjustment, software
from helpers.report.phrases import Words, between, counted, joined, number, p_value, percent
from helpers.report.verdicts import reserve

if TYPE_CHECKING:
    from helpers.report.correlation.correlation_results import Analysis
    from helpers.report.correlation.correlation_study import Study
    from helpers.report.verdicts import Verdicts

NAMES = {"pearson": "Pearson's r", "spearman": "Spearman's rho"}
MOST_RESULTS = 12


def question(study: Study) -> Words:
    """The question in a sentence: the reader's own, or one made from the parameters."""
    if study.settings.question:
        return Words(study.settings.question)
    inside = f", and is it within levels of {study.strata}, too" if study.strata else ""
    return Words(f"Is {study.outcome} correlated with {joined(study.columns, 'or')}{inside}?")


def as_read(study: Study) -> Words:
    """What the file held, and what was left out and why."""
    frame = study.source.frame
    used = [study.outcome, *study.columns, *filter(None, [study.strata])]
    sentences = [
        f"{study.source.name} holds {counted(len(frame), 'row')} and {counted(frame.shape[1], 'column')}, of which "
        f"{joined(map(repr, used))} are used."
    ]
    gaps = {name: int(frame[name].isna().sum()) for name in used if frame[name].isna().any()}
    if gaps:
        told = joined(f"{n:,} in {name!r}" for name, n in gaps.items())
        sentences.append(
            f"Values are missing: {told}. Each correlation leaves out the rows that lack one of its own values."
        )
    else:
        sentences.append("No row was dropped, because none lacks a value in these columns.")
    return Words(" ".join([*sentences, *study.source.notes]))


def columns(study: Study) -> pd.DataFrame:
    """Each column: its role, range, missing values, and the rows that its correlation rests on.

    Returns
    -------
    pandas.DataFrame
        ``column, role, values, missing, rows_used``.
    """
    frame, rows = study.source.frame, []
    for name in (study.outcome, *study.columns):
        used = len(study.rows(name)) if name in study.columns else len(frame[name].dropna())
        role = "outcome" if name == study.outcome else "column"
        values = between(frame[name].min(), frame[name].max())
        rows.append((name, role, values, int(frame[name].isna().sum()), used))
    if study.strata:
        labels = frame[study.strata]
        values = counted(labels.nunique(), "level")
        rows.append((study.strata, "strata", values, int(labels.isna().sum()), int(labels.notna().sum())))
    return pd.DataFrame(rows, columns=["column", "role", "values", "missing", "rows_used"])


def design_table(study: Study) -> pd.DataFrame:
    """Rows, and mean and standard deviation of the outcome, in each stratum (or in all)."""
    frame = study.source.frame
    groups = frame.groupby(study.strata) if study.strata else frame.groupby(pd.Series("all rows", frame.index))
    table = groups[study.outcome].agg(["size", "mean", "std"]).rename_axis(study.strata or "stratum").reset_index()
    return table.set_axis([study.strata or "stratum", "rows", f"mean of {study.outcome}", "standard deviation"], axis=1)


def model(analysis: Analysis) -> Words:
    """What is computed, and why values are exchanged as they are."""
    study = analysis.study
    name = NAMES[study.settings.method]
    what = {
        "pearson": "how closely points follow a straight line",
        "spearman": "how closely points follow any rising or falling curve (it is the correlation of the ranks)",
    }[study.settings.method]
    paragraphs = [f"{name} says {what}. It lies between −1 and 1; 0 is no correlation."]
    if study.strata:
        paragraphs.append(
            f"Rows of one level of {study.strata!r} may share something that makes both columns high. So there are two "
            "correlations. One is over all rows. The other is within strata: each stratum's mean is first subtracted "
            "from both columns. The permutation test exchanges values within strata only. It asks whether there is an "
            "association beyond what the rows of a stratum share."
        )
    else:
        paragraphs.append(
            "The permutation test exchanges values between all rows. That is right if rows are independent. If they "
            "come in groups (animals, plates, batches), name the groups with STRATA."
        )
    test = next(iter(analysis.permutations.values()))
    how = "all that are possible" if test.exact else "drawn at random"
    paragraphs.append(f"The test uses {counted(test.n_arrangements, 'arrangement')}, {how}.")
    return Words(*paragraphs)


def methods(analysis: Analysis) -> Words:
    """A methods paragraph, with versions and citations."""
    study = analysis.study
    name, level = NAMES[study.settings.method], percent(study.settings.conf_level)
    citation = f" ({PAPERS['spearman']})" if study.settings.method == "spearman" else ""
    n = analysis.table["n"]
    sentences = [
        f"We computed {name} of {study.outcome} with {joined(study.columns)} ({between(n.min(), n.max())} rows)"
        if n.min() < n.max()
        else f"We computed {name} of {study.outcome} with {joined(study.columns)} ({counted(int(n.iloc[0]), 'row')})",
        f", with {level} confidence intervals from Fisher's transformation{citation}.",
    ]
    if study.strata:
        sentences.append(
            f" Correlations within {study.strata} are partial correlations given its levels"
            + (" (of ranks)." if study.settings.method == "spearman" else ".")
        )
    tests = analysis.permutations.values()
    kind = "exact" if all(test.exact for test in tests) else "Monte Carlo"
    where = f" within levels of {study.strata}" if study.strata else ""
    most = max(test.n_arrangements for test in tests)
    seed = "" if kind == "exact" else f", seed {study.seed}"
    sentences.append(
        f" p-values come from {kind} permutation tests{where} (up to {most:,} arrangements{seed}; "
        f"{PAPERS['permutation']})"
    )
    if "p_adjusted" in analysis.table:
        sentences.append(f", adjusted for {len(analysis.table)} tests by {adjustment(study.adjust)}")
    sentences.append(f". Computed with {software('numpy', 'scipy', 'pandas', 'statsmodels')}.")
    return Words("".join(sentences))


def results(analysis: Analysis, verdicts: Verdicts) -> Words:
    """A results paragraph: each correlation with interval and p-value; then what limits it.

    Parameters
    ----------
    analysis : helpers.report.correlation.correlation_results.Analysis
    verdicts : helpers.report.verdicts.Verdicts

    Returns
    -------
    Words
    """
    study = analysis.study
    rows = analysis.table.head(MOST_RESULTS).to_dict("records")
    sentences = [_result(study, row) for row in rows]
    if (more := len(analysis.table) - MOST_RESULTS) > 0:
        sentences.append(f"The file correlations.csv holds {counted(more, 'more correlation')}.")
    return Words(" ".join([*sentences, reserve(verdicts)]).rstrip())


def _result(study, row):
    symbol = {"pearson": "r", "spearman": "rho"}[study.settings.method]
    level = percent(study.settings.conf_level)
    text = (
        f"The correlation of {study.outcome} with {row['column']} was {symbol} = {number(row['estimate'])} ({level} "
        f"confidence interval {between(row['conf_low'], row['conf_high'])}; n = {row['n']:,}"
    )
    if study.strata:
        inner = between(row["conf_low_within"], row["conf_high_within"])
        text += f"); within {study.strata} it was {number(row['estimate_within'])} ({inner}"
    text += f"; {p_value(row['p_value_permutation'], 'permutation p')}"
    if "p_adjusted" in row:
        text += f", {p_value(row['p_adjusted'], 'adjusted p')}"
    return f"{text})."
