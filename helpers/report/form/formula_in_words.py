"""Each part of a formula in a sentence."""

import pandas as pd

from helpers.report.form.model_asked import FEWEST_BATCHES, Asked, Piece, pieces
from helpers.report.form.table_columns import AMOUNT, BATCH, GROUP, OUTCOME, TREATMENT
from helpers.report.phrases import counted

SENTENCES = {
    OUTCOME: "{0} is what is explained: effects are differences of {0}.",
    "log": "The logarithm of {0} is what is explained: effects are ratios of {0}.",
    "product": "The effect of {0} may differ from one level of {1} to the next.",
    TREATMENT: "Each level of {0} has a mean of its own.",
    AMOUNT: "The outcome changes by the same step for each unit of {0}.",
}


def in_words(asked: Asked, frame: pd.DataFrame) -> list[tuple[str, str]]:
    """The parts of the formula, each with what it says.

    Parameters
    ----------
    asked : helpers.report.form.model_asked.Asked
    frame : pandas.DataFrame

    Returns
    -------
    list of tuple of str
        The part as lme4 writes it, and a sentence.

    Raises
    ------
    ValueError
        As `helpers.report.form.model_asked.pieces`.
    """
    found = pieces(asked, frame)
    said = [(piece.text, _sentence(piece, frame)) for piece in found]
    if not any("|" in text for text, _ in said):
        said.append(("", "No rows belong together: each is taken as independent of all others."))
    return said


def _sentence(piece: Piece, frame):
    if piece.kind == GROUP:
        return _of_groups(*piece.columns, frame=frame)
    if piece.kind == BATCH:
        return _of_batches(piece.columns[0], frame)
    return SENTENCES[piece.kind].format(*piece.columns)


def _of_groups(group, outer=None, *, frame):
    if outer is None:
        n = counted(frame[group].nunique(), "level")
        return f"Rows of the same {group} are more alike than others: each of its {n} may lie higher or lower."
    n = len(frame[[group, outer]].dropna().drop_duplicates())
    return (
        f"The same name in another {outer} is another {group}: there are {n} of them, and the rows of each are more "
        "alike than others."
    )


def _of_batches(batch, frame):
    n = frame[batch].nunique()
    if n < FEWEST_BATCHES:
        return f"Each of the {n} levels of {batch} has a mean of its own: they are too few to estimate how they vary."
    return f"Levels of {batch} vary: each of the {n} may lie higher or lower."
