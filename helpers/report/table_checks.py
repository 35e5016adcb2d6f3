"""The checks that every template makes of its table: spelling of labels, missing values, pseudoreplication."""

from collections.abc import Callable, Sequence

import pandas as pd

from helpers.report.phrases import counted, joined, percent
from helpers.report.suspects import hidden_units, spelled_alike
from helpers.report.verdicts import FINE, PROBLEM, Check, graded

MISSING = (0.05, 0.3)  # share of the rows


def check_spelling(frame: pd.DataFrame, labels: Sequence[str]) -> Check:
    """Whether labels differ only in capitals or blanks.

    Parameters
    ----------
    frame : pandas.DataFrame
    labels : sequence of str
        The columns of labels that are used.

    Returns
    -------
    Check
    """
    if not (alike := spelled_alike(frame, labels)):
        return Check("spelling of labels", FINE, "No two labels differ only in capitals or blanks.")
    told = joined(f"{joined(map(repr, same))} in {name!r}" for name, same in alike)
    return Check(
        "spelling of labels", PROBLEM, f"These labels are probably the same, but are treated as different: {told}."
    )


def check_missing(n_used: int | Sequence[int], n_rows: int) -> Check:
    """How many rows were left out for missing values.

    Parameters
    ----------
    n_used : int or sequence of int
        Rows used; several, where each analysis leaves out those that miss a value of its own: the fewest counts.
    n_rows : int
        Rows of the file.

    Returns
    -------
    Check
    """
    several = not isinstance(n_used, int)
    share = 1 - (n_used if isinstance(n_used, int) else min(n_used)) / n_rows
    if share == 0:
        return Check("missing values", FINE, "No row lacks a value in a column that is used.")
    sentence = f"{'At most ' * several}{percent(share)} of the rows lack a value in a column that is used."
    if share >= MISSING[0]:
        sentence += " If values are missing for a reason, the remaining rows are not representative."
    return Check("missing values", graded(share, *MISSING), sentence)


def check_pseudoreplication(
    frame: pd.DataFrame, predictors: Sequence[str], groupings: Sequence, advice: Callable, *, rows: str = "rows"
) -> Check:
    """Whether a column that is not in the analysis looks like the unit to which a predictor was given.

    Parameters
    ----------
    frame, predictors, groupings
        As `helpers.report.suspects.hidden_units` takes them.
    advice : callable
        From the column's name and the number of its levels to a sentence: what it would mean, and what to do.
    rows : str
        What the rows of the table are.

    Returns
    -------
    Check
    """
    found = hidden_units(frame, predictors, groupings)
    if not found:
        return Check(
            "pseudoreplication", FINE, f"No other column looks like a unit whose {rows} are copies of each other."
        )
    name, n, predictor = found[0]
    return Check(
        "pseudoreplication",
        PROBLEM,
        f"{predictor!r} never varies within a level of {name!r} ({counted(n, 'level')} in {len(frame):,} {rows}): "
        f"this may be pseudoreplication. {advice(name, n)}",
    )
