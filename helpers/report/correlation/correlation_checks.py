"""Checks of a correlation, each with a verdict in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.report.correlation.correlation_results import pair
from helpers.report.phrases import between, counted, joined, number, percent
from helpers.report.suspects import rows_alike
from helpers.report.table_checks import check_missing, check_pseudoreplication, check_spelling
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, Verdicts, graded

if TYPE_CHECKING:
    from helpers.report.correlation.correlation_results import Analysis
    from helpers.report.correlation.correlation_study import Study

FEW, VERY_FEW = 20, 8  # rows
MOVED = (0.1, 0.25)  # of a correlation
BENT = (0.15, 0.3)
ALIKE = (0.3, 0.6)  # share of the outcome's variance between levels


def check_all(analysis: Analysis) -> Verdicts:
    """Every check of a set of correlations.

    Parameters
    ----------
    analysis : helpers.report.correlation.correlation_results.Analysis

    Returns
    -------
    Verdicts
    """
    study = analysis.study
    return Verdicts(
        [
            number_of_rows(analysis),
            influence(analysis),
            shape(study),
            ties(study),
            *strata(analysis),
            collinearity(study),
            pseudoreplication(study),
            groups(study),
            spelling(study),
            missing(study),
        ]
    )


def number_of_rows(analysis: Analysis) -> Check:
    """Whether there are enough rows for the intervals to say something."""
    n = int(analysis.table["n"].min())
    verdict = PROBLEM if n < VERY_FEW else LOOK if n < FEW else FINE
    wide = (analysis.table["conf_high"] - analysis.table["conf_low"]).max()
    return Check(
        "number of rows",
        verdict,
        f"With {counted(n, 'row')}, the widest interval is {number(wide)} wide; the whole range, from −1 to 1, is 2.",
    )


def without_each_row(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The correlation without each row in turn, from sums; (n,)."""
    x, y = x - x.mean(), y - y.mean()
    n = len(x)
    sx, sy = -x / (n - 1), -y / (n - 1)  # means without the row
    xx = (x @ x) - x * x - (n - 1) * sx * sx
    yy = (y @ y) - y * y - (n - 1) * sy * sy
    xy = (x @ y) - x * y - (n - 1) * sx * sy
    with np.errstate(divide="ignore", invalid="ignore"):
        return xy / np.sqrt(xx * yy)


def influence_table(analysis: Analysis) -> pd.DataFrame:
    """For each column, the row without which the correlation moves most.

    Returns
    -------
    pandas.DataFrame
        ``column, without_row, estimate, shift``; the row as the file counts it.
    """
    found = []
    for column in analysis.study.columns:
        rows = pair(analysis.study, column)
        x, y = rows[column].to_numpy(float), rows[analysis.study.outcome].to_numpy(float)
        alone = without_each_row(x, y)
        shift = alone - np.corrcoef(x, y)[0, 1]
        worst = int(np.argmax(np.where(np.isfinite(shift), np.abs(shift), np.inf)))
        found.append((column, rows.index[worst], float(alone[worst]), float(shift[worst])))
    return pd.DataFrame(found, columns=["column", "without_row", "estimate", "shift"])


def influence(analysis: Analysis) -> Check:
    """Whether one row makes the correlation."""
    table = influence_table(analysis)
    worst = table.loc[table["shift"].abs().fillna(np.inf).idxmax()]
    unit = analysis.study.source.frame.index.name
    return Check(
        "influence",
        graded(abs(worst["shift"]), *MOVED) if np.isfinite(worst["shift"]) else PROBLEM,
        f"Leaving out any one row moves a correlation by at most {number(abs(worst['shift']))} "
        f"({worst['column']!r} without {unit} {worst['without_row']}: {number(worst['estimate'])}).",
    )


def shape(study: Study) -> Check:
    """Whether a straight line describes the association: Pearson's r beside Spearman's rho."""
    gaps = {}
    for column in study.columns:
        rows = study.rows(column)
        r = np.corrcoef(rows[column], rows[study.outcome])[0, 1]
        gaps[column] = abs(r - stats.spearmanr(rows[column], rows[study.outcome]).statistic)
    worst = max(gaps, key=gaps.get)
    verdict = graded(gaps[worst], *BENT)
    advice = (
        ""
        if verdict == FINE
        else " The usual cause is a curve or outlying rows. Look at the plot, and try METHOD=spearman."
    )
    return Check(
        "shape", verdict, f"Pearson's r and Spearman's rho differ by at most {number(gaps[worst])} ({worst!r}).{advice}"
    )


def ties(study: Study) -> Check:
    """Whether columns have few values, such as scores."""
    few = [name for name in (study.outcome, *study.columns) if study.source.frame[name].nunique() <= 5]
    if not few:
        return Check("ties", FINE, "Every column has more than five different values.")
    return Check(
        "ties",
        LOOK,
        f"At most five different values in {joined(map(repr, few))}. If these are scores, ranks may suit them better "
        "(METHOD=spearman).",
    )


def strata(analysis: Analysis) -> Iterator[Check]:
    """Whether strata change the answer, and how large they are."""
    study, table = analysis.study, analysis.table
    if not study.strata:
        return
    sizes = study.source.frame[study.strata].value_counts()
    alone = int((sizes == 1).sum())
    yield Check(
        "size of strata",
        PROBLEM if alone > len(sizes) / 2 else LOOK if alone or sizes.median() < 4 else FINE,
        f"There are {counted(len(sizes), 'stratum', 'strata')} with {between(sizes.min(), sizes.max())} rows each; "
        f"{alone or 'none'} of them with a single row.",
    )
    gap = (table["estimate"] - table["estimate_within"]).abs()
    worst = table.loc[gap.idxmax()]
    turned = worst["estimate"] * worst["estimate_within"] < 0
    yield Check(
        "strata and answer",
        PROBLEM if turned and gap.max() > MOVED[1] else graded(gap.max(), *MOVED) if gap.max() < MOVED[1] else LOOK,
        f"Over all rows the correlation with {worst['column']!r} is {number(worst['estimate'])}, within strata "
        f"{number(worst['estimate_within'])}. "
        + (
            "The two disagree, because differences between strata contribute to the first."
            if gap.max() >= MOVED[0]
            else "The two agree."
        ),
    )


def collinearity(study: Study) -> Check | None:
    """Whether columns are so alike that their correlations are one finding told twice."""
    if len(study.columns) < 2:
        return None
    table = study.source.frame[list(study.columns)].corr().abs()
    values = np.triu(table.to_numpy(), 1)
    i, j = np.unravel_index(int(np.nanargmax(values)), values.shape)
    return Check(
        "collinearity",
        graded(values[i, j], 0.8, 0.95),
        f"The two most similar columns, {study.columns[i]!r} and {study.columns[j]!r}, have a correlation of "
        f"{number(values[i, j])} in absolute value: "
        + ("their results are nearly the same finding." if values[i, j] >= 0.8 else "each adds something of its own."),
    )


def _others(study):
    names = [name for name in study.source.frame if name not in (study.outcome, study.strata, study.label)]
    return study.source.frame[names]


def pseudoreplication(study: Study) -> Check:
    """Whether a column never varies within what looks like a unit."""
    return check_pseudoreplication(
        _others(study),
        list(study.columns),
        [study.source.frame[study.strata]] if study.strata else [],
        lambda name, n: (
            f"If {name!r} is what was sampled, there are {n} independent values, not {len(study.source.frame):,}. "
            "Average the rows of each level, or use the template mixed_model."
        ),
    )


def groups(study: Study) -> Check:
    """Whether rows of one level of some other column are alike in the outcome."""
    frame = study.source.frame.dropna(subset=[study.outcome])
    found = rows_alike(frame, study.outcome, [name for name in _others(study) if name not in study.columns])
    if not found or found[0][1] < ALIKE[0]:
        return Check(
            "groups of rows", FINE, "In no other column of labels are the rows of one level alike in the outcome."
        )
    name, share, n = found[0]
    return Check(
        "groups of rows",
        graded(share, *ALIKE),
        f"{percent(share)} of the variance of {study.outcome!r} lies between the {counted(n, 'level')} of {name!r}: "
        f"rows of one level are not independent. Say STRATA={name}, or use the template mixed_model.",
    )


def spelling(study: Study) -> Check | None:
    """Whether strata differ only in capitals or blanks."""
    return check_spelling(study.source.frame, [study.strata]) if study.strata else None


def missing(study: Study) -> Check:
    """How many rows were left out for missing values."""
    return check_missing([len(study.rows(column)) for column in study.columns], len(study.source.frame))
