"""Checks of a correlation, each with a verdict in words."""

import numpy as np
import pandas as pd
from scipy import stats

from helpers.report.correlation.correlation_results import pair
from helpers.report.phrases import between, counted, joined, number, percent
from helpers.report.suspects import rows_alike
from helpers.report.table_checks import check_missing, check_pseudoreplication, check_spelling
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, Verdicts, graded

FEW, VERY_FEW = 20, 8  # rows
MOVED = (0.1, 0.25)  # of a correlation
BENT = (0.15, 0.3)
ALIKE = (0.3, 0.6)  # share of the outcome's variance between levels


def check_all(analysis):
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


def number_of_rows(analysis):
    """Whether there are enough rows for the intervals to say something."""
    n = int(analysis.table["n"].min())
    verdict = PROBLEM if n < VERY_FEW else LOOK if n < FEW else FINE
    wide = (analysis.table["conf_high"] - analysis.table["conf_low"]).max()
    return Check(
        "number of rows", verdict, f"{counted(n, 'row')}; the widest interval spans {number(wide)} of a range of 2."
    )


def without_each_row(x, y):
    """The correlation without each row in turn, from sums; (n,)."""
    x, y = x - x.mean(), y - y.mean()
    n = len(x)
    sx, sy = -x / (n - 1), -y / (n - 1)  # means without the row
    xx = (x @ x) - x * x - (n - 1) * sx * sx
    yy = (y @ y) - y * y - (n - 1) * sy * sy
    xy = (x @ y) - x * y - (n - 1) * sx * sy
    with np.errstate(divide="ignore", invalid="ignore"):
        return xy / np.sqrt(xx * yy)


def influence_table(analysis):
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


def influence(analysis):
    """Whether one row makes the correlation."""
    table = influence_table(analysis)
    worst = table.loc[table["shift"].abs().fillna(np.inf).idxmax()]
    unit = analysis.study.source.frame.index.name
    return Check(
        "influence",
        graded(abs(worst["shift"]), *MOVED) if np.isfinite(worst["shift"]) else PROBLEM,
        f"Leaving out one row at a time moves a correlation by {number(abs(worst['shift']))} at most "
        f"({worst['column']!r} without {unit} {worst['without_row']}: {number(worst['estimate'])}).",
    )


def shape(study):
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
        else " A curve or outlying rows are the usual cause: look at the plot, and try METHOD=spearman."
    )
    return Check(
        "shape", verdict, f"Pearson's r and Spearman's rho differ by {number(gaps[worst])} at most ({worst!r}).{advice}"
    )


def ties(study):
    """Whether columns have few values, such as scores."""
    few = [name for name in (study.outcome, *study.columns) if study.source.frame[name].nunique() <= 5]
    if not few:
        return Check("ties", FINE, "No column has five values or fewer.")
    return Check(
        "ties", LOOK, f"{joined(map(repr, few))} hold five values or fewer: scores, for which ranks may serve better."
    )


def strata(analysis):
    """Whether strata change the answer, and how large they are."""
    study, table = analysis.study, analysis.table
    if not study.strata:
        return
    sizes = study.source.frame[study.strata].value_counts()
    alone = int((sizes == 1).sum())
    yield Check(
        "size of strata",
        PROBLEM if alone > len(sizes) / 2 else LOOK if alone or sizes.median() < 4 else FINE,
        f"{counted(len(sizes), 'stratum', 'strata')} of {between(sizes.min(), sizes.max())} rows; {alone} with one "
        "row alone.",
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
            "The two disagree: differences between strata make part of the first."
            if gap.max() >= MOVED[0]
            else "The two agree."
        ),
    )


def collinearity(study):
    """Whether columns are so alike that their correlations are one finding told twice."""
    if len(study.columns) < 2:
        return None
    table = study.source.frame[list(study.columns)].corr().abs()
    values = np.triu(table.to_numpy(), 1)
    i, j = np.unravel_index(int(np.nanargmax(values)), values.shape)
    return Check(
        "collinearity",
        graded(values[i, j], 0.8, 0.95),
        f"The most alike of the columns, {study.columns[i]!r} and {study.columns[j]!r}, correlate by "
        f"{number(values[i, j])} in size: "
        + ("their results are nearly one." if values[i, j] >= 0.8 else "each has a say of its own."),
    )


def _others(study):
    names = [name for name in study.source.frame if name not in (study.outcome, study.strata, study.label)]
    return study.source.frame[names]


def pseudoreplication(study):
    """Whether a column never varies within what looks like a unit."""
    return check_pseudoreplication(
        _others(study),
        list(study.columns),
        [study.source.frame[study.strata]] if study.strata else [],
        lambda name, n: (
            f"If {name!r} is what was sampled, there are {n} independent values, not {len(study.source.frame):,}: "
            "average within it, or use the template mixed_model."
        ),
    )


def groups(study):
    """Whether rows of one level of some other column are alike in the outcome."""
    frame = study.source.frame.dropna(subset=[study.outcome])
    found = rows_alike(frame, study.outcome, [name for name in _others(study) if name not in study.columns])
    if not found or found[0][1] < ALIKE[0]:
        return Check("groups of rows", FINE, "No other column of labels groups rows that are alike in the outcome.")
    name, share, n = found[0]
    return Check(
        "groups of rows",
        graded(share, *ALIKE),
        f"{percent(share)} of the variance of {study.outcome!r} lies between the {counted(n, 'level')} of {name!r}: "
        f"rows of one level are not independent. Say STRATA={name}, or use the template mixed_model.",
    )


def spelling(study):
    """Whether strata differ only in capitals or blanks."""
    return check_spelling(study.source.frame, [study.strata]) if study.strata else None


def missing(study):
    """How many rows were left out for missing values."""
    return check_missing([len(study.rows(column)) for column in study.columns], len(study.source.frame))
