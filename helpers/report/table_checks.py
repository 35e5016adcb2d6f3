"""The checks that every template makes of its table: spelling of labels, missing values, pseudoreplication."""

from helpers.report.phrases import counted, joined, percent
from helpers.report.suspects import hidden_units, spelled_alike
from helpers.report.verdicts import FINE, PROBLEM, Check, graded

MISSING = (0.05, 0.3)  # share of the rows


def check_spelling(frame, labels):
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
    return Check("spelling of labels", PROBLEM, f"Probably the same, but treated as different: {told}.")


def check_missing(n_used, n_rows):
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
    share = 1 - (min(n_used) if several else n_used) / n_rows
    sentence = f"{percent(share)} of the rows{' at most' * several} miss a value in a column used."
    if share >= MISSING[0]:
        sentence += " If they are missing for a reason, the rows left are not representative."
    return Check("missing values", graded(share, *MISSING), sentence)


def check_pseudoreplication(frame, predictors, groupings, advice, *, rows="rows"):
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
        return Check("pseudoreplication", FINE, f"No other column looks like a unit within which {rows} are copies.")
    name, n, predictor = found[0]
    return Check(
        "pseudoreplication",
        PROBLEM,
        f"Suspected: {predictor!r} never varies within a level of {name!r} ({counted(n, 'level')} in {len(frame):,} "
        f"{rows}). {advice(name, n)}",
    )
