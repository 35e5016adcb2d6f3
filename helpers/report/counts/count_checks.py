"""Checks of a differential expression, each with a verdict in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.design.coding import INTERCEPT
from helpers.refusals.wording import some
from helpers.report.counts.count_files import names_like_dates
from helpers.report.counts.count_results import left_out_in_turn, log_counts, size_table
from helpers.report.counts.count_units import NONE
from helpers.report.phrases import between, counted, joined, number, percent
from helpers.report.table_checks import check_pseudoreplication, check_spelling
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, Verdicts, graded

if TYPE_CHECKING:
    from helpers.report.counts.count_results import Analysis
    from helpers.report.counts.count_study import Study

UNEQUAL_READS = (3.0, 10.0)
FEWEST_READS = 500_000
COMPOSITION = (1.5, 3.0)
INFLATED = (5**0.5, 10**0.5)


def check_all(analysis: Analysis, influence: pd.DataFrame) -> Verdicts:
    """Every check of a differential expression.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis
    influence : pandas.DataFrame
        From `helpers.report.counts.count_results.leave_one_out`.

    Returns
    -------
    Verdicts
    """
    study = analysis.study
    return Verdicts(
        [
            optimum(analysis),
            residual_df(study),
            replicates(study),
            gene_names(study),
            *library_sizes(study),
            outlying_samples(study),
            p_values(analysis),
            influence_of_samples(analysis, influence),
            agreement(analysis),
            collinearity(study),
            pseudoreplication(study),
            spelling(study),
            left_out(analysis),
        ]
    )


def optimum(analysis: Analysis) -> Check:
    """That every gene's fit reached its optimum: one that did not has no numbers."""
    table = analysis.table
    lost = table[table["p_value"].isna()]
    if not len(lost):
        return Check("fits at the optimum", FINE, f"Every gene has a test: {table['gene'].nunique():,} genes.")
    reasons = joined(f"{n:,}: {reason or 'no p-value'}" for reason, n in lost["reason"].value_counts().items())
    return Check(
        "fits at the optimum",
        graded(len(lost) / len(table), 0.01, 0.2),
        f"{counted(len(lost), 'row has', 'rows have')} no p-value, of {len(table):,} ({reasons}).",
    )


def residual_df(study: Study) -> Check:
    """Whether samples are left over to estimate a variance from."""
    left = len(study.X) - study.X.shape[1]
    verdict = PROBLEM if left < 3 else LOOK if left < 6 else FINE
    return Check(
        "residual degrees of freedom",
        verdict,
        f"{counted(len(study.X), 'sample')}, {counted(study.X.shape[1], 'coefficient')}: {left} left for each gene's "
        "own variance. Information from the other genes is added to that.",
    )


def replicates(study: Study) -> Check:
    """How many samples each level of the contrast rests on."""
    if not study.is_factor:
        values = study.samples[study.contrast].nunique()
        return Check(
            "replicates",
            PROBLEM if values < 3 else FINE,
            f"{study.contrast!r} is a number with {values} different values in {len(study.samples)} samples.",
        )
    sizes = study.samples[study.contrast].value_counts().sort_index()
    smallest = int(sizes.min())
    return Check(
        "replicates",
        PROBLEM if smallest < 2 else LOOK if smallest < 3 else FINE,
        f"Samples: {joined(f'{n} of {level!r}' for level, n in sizes.items())}."
        + (" One sample cannot show how much samples differ." if smallest < 2 else ""),
    )


def gene_names(study: Study) -> Check | None:
    """Whether a spreadsheet has turned names of genes into dates."""
    if not (dates := names_like_dates(study.counts.index)):
        return None
    what = "name is a date" if len(dates) == 1 else "names are dates"
    return Check(
        "gene names",
        PROBLEM,
        f"{len(dates)} {what}: {some(map(repr, dates))}. A spreadsheet turns MARCHF1 into 1-Mar, SEPTIN2 into "
        "2-Sep. Their numbers are right, their names are lost: export the counts again, without a spreadsheet.",
    )


def library_sizes(study: Study) -> Iterator[Check]:
    """Whether libraries are of similar size and composition."""
    table = size_table(study)
    ratio = table["reads"].max() / table["reads"].min()
    few = table["reads"].min() < FEWEST_READS and len(study.counts) > 5_000
    yield Check(
        "library sizes",
        LOOK if few and ratio < UNEQUAL_READS[0] else graded(ratio, *UNEQUAL_READS),
        f"Libraries have {between(table['reads'].min(), table['reads'].max())} reads, a factor of {number(ratio)}.",
    )
    factors = table["tmm_factor"]
    composition = max(factors.max(), 1 / factors.min())
    worst = table.loc[(np.log(factors)).abs().idxmax(), "sample"]
    yield Check(
        "composition",
        graded(composition, *COMPOSITION),
        f"TMM factors run from {between(factors.min(), factors.max())}; the furthest from 1 is that of {worst!r}. "
        "When a factor is far from 1, a few genes take up much of a library.",
    )


def outlying_samples(study: Study) -> Check:
    """Whether a sample is unlike all the others."""
    correlation = log_counts(study).corr(method="spearman").to_numpy(copy=True)
    np.fill_diagonal(correlation, np.nan)
    typical = pd.Series(np.nanmedian(correlation, axis=1), study.counts.columns)
    spread = 1.4826 * (typical - typical.median()).abs().median()
    worst = typical.idxmin()
    distance = float((typical.median() - typical[worst]) / max(spread, 0.005))
    return Check(
        "outlying samples",
        graded(distance, 4.0, 12.0),
        f"{worst!r} is least like the others: its median rank correlation with them is {number(typical[worst])}. "
        f"That of a typical sample is {number(typical.median())}.",
    )


def p_values(analysis: Analysis) -> Check:
    """Whether large p-values are as frequent as chance makes them: level from 0.5 to 1."""
    table = analysis.table
    if analysis.study.fold > 1:
        return Check("p-values", FINE, "With FOLD_CHANGE, genes that change less pile up near 1, as they must.")
    p = table.loc[table["term"] == analysis.study.terms[0], "p_value"].dropna()
    middle, last = int(((p > 0.5) & (p <= 0.75)).sum()), int((p > 0.75).sum())
    ratio = max(last, 1) / max(middle, 1)
    verdict = graded(max(ratio, 1 / ratio), 1.5, 2.5)
    if verdict == FINE:
        return Check(
            "p-values", FINE, "Between 0.5 and 1 they are equally frequent, as they are for genes without an effect."
        )
    side = "pile up near 1. Possible causes are few reads, or a model that leaves out what differs between samples"
    side = (
        side
        if ratio > 1
        else "become rarer towards 1. Possible causes are many genes that change, or samples that are copies"
    )
    return Check("p-values", verdict, f"Between 0.5 and 1 they {side}.")


def influence_of_samples(analysis: Analysis, influence: pd.DataFrame) -> Check:
    """Whether one sample makes the list of genes."""
    if not len(influence):
        return Check(
            "influence",
            LOOK,
            "No sample was left out in turn: without one, nothing would remain to estimate a variance from."
            if left_out_in_turn(analysis.study)
            else "No sample was left out in turn, which takes long with many samples or a mixed model. Try DROP= with "
            "a sample that looks odd.",
        )
    whole = len(analysis.significant(analysis.study.terms[0]))
    few, many = influence["significant"].min(), influence["significant"].max()
    if whole < 10:
        return Check(
            "influence", LOOK if many > 50 else FINE, f"Without one sample, {few:,} to {many:,} genes are found."
        )
    share = float(influence["shared"].min()) / whole
    worst = influence.loc[influence["shared"].idxmin(), "without_sample"]
    verdict = graded(1 - share, 0.6, 0.9)
    return Check(
        "influence",
        verdict,
        f"When any one sample is left out, {few:,} to {many:,} genes are found; without {worst!r} only "
        f"{percent(share)} of the original list remain.",
    )


def agreement(analysis: Analysis) -> Check:
    """Whether another method finds the same genes."""
    term = analysis.study.terms[0]
    ours, theirs = analysis.significant(term), analysis.significant(term, analysis.second_table)
    if not ours | theirs:
        return Check("another method", FINE, f"Neither {analysis.study.method} nor {analysis.second} finds a gene.")
    share = len(ours & theirs) / len(ours | theirs)
    return Check(
        "another method",
        graded(1 - share, 0.5, 0.8),
        f"For “{term}”, {analysis.study.method} finds {counted(len(ours), 'gene')}; {analysis.second} finds "
        f"{len(theirs):,}. {len(ours & theirs):,} {'is' if len(ours & theirs) == 1 else 'are'} in both lists.",
    )


def collinearity(study: Study) -> Check:
    """How much the columns of the design share."""
    keep = [place for place, name in enumerate(study.names) if name != INTERCEPT and np.ptp(study.X[:, place]) > 0]
    if len(keep) < 2:
        return None
    inverse = np.linalg.inv(np.corrcoef(study.X[:, keep].T))
    inflation = np.sqrt(np.diag(inverse))
    worst = int(np.argmax(inflation))
    verdict = graded(inflation[worst], *INFLATED)
    return Check(
        "collinearity",
        verdict,
        f"Standard errors are at most {number(inflation[worst])} times what they would be if columns were unrelated "
        f"({study.names[keep[worst]]!r})."
        + ("" if verdict == FINE else " Effects of related columns cannot be told apart."),
    )


def pseudoreplication(study: Study) -> Check:
    """Whether a column of the sheet that is not in the formula looks like the unit that was treated."""
    if study.units.kind != NONE:
        sentence = f"Samples that belong together are taken account of (BLOCK={study.settings.block})."
        return Check("pseudoreplication", FINE, sentence)
    others = [name for name in study.samples if name not in study.used]
    return check_pseudoreplication(
        study.samples[[*others, *study.used]],
        list(study.used),
        [],
        lambda name, _: (
            f"If {name!r} is what was treated, its samples are copies. Say BLOCK={name}: the reads of each level are "
            "added up, and the sums analysed."
        ),
        rows="samples",
    )


def spelling(study: Study) -> Check:
    """Whether labels differ only in capitals or blanks."""
    labels = [name for name in study.used if isinstance(study.samples[name].dtype, pd.CategoricalDtype)]
    return check_spelling(study.samples, labels)


def left_out(analysis: Analysis) -> Check:
    """How many genes were left out for want of reads: of a whole genome, a half and more is usual."""
    study = analysis.study
    share = 1 - len(study.counts) / study.n_genes
    return Check(
        "genes left out",
        graded(share, 0.7, 2.0),
        f"{percent(round(share, 3))} of {counted(study.n_genes, 'gene')} have too few reads to be tested (MIN_COUNT, "
        "MIN_TOTAL).",
    )
