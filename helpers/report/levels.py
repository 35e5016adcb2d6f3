"""Which level of a factor the others are compared with."""

from collections.abc import Sequence

import pandas as pd

from helpers.refusals.errors import UnknownNameError
from helpers.refusals.wording import closest, listed


def with_references(rows: pd.DataFrame, text: str, used: Sequence[str]) -> pd.DataFrame:
    """Labels as categories, the wanted level first, the others by alphabet.

    Parameters
    ----------
    rows : pandas.DataFrame
    text : str
        ``"condition=control; gene=C"``.
    used : sequence of str
        Columns of the formula.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    UnknownNameError
        A column is not in the formula.
    ValueError
        The text is written otherwise, a column has no such level, or holds numbers.
    """
    wanted = {}
    for piece in filter(None, (piece.strip() for piece in text.split(";"))):
        name, sign, level = (part.strip() for part in piece.partition("="))
        if not sign or not level:
            raise ValueError(f"REFERENCE is written column=level, several with ';' between; found {piece!r}.")
        if name not in used:
            near = closest(name, used)
            hint = f" Closest: {near[0]!r}." if near else ""
            raise UnknownNameError(f"REFERENCE names {name!r}, which is not in the formula.{hint}")
        wanted[name] = level
    rows = rows.copy()
    for name in used:
        if pd.api.types.is_numeric_dtype(rows[name]) and not pd.api.types.is_bool_dtype(rows[name]):
            if name in wanted:
                raise ValueError(f"REFERENCE: {name!r} holds numbers, which have no first level.")
            continue
        labels = sorted(rows[name].unique().tolist())
        if name in wanted:
            first = next((label for label in labels if str(label) == wanted[name]), None)
            if first is None:
                near = closest(wanted[name], list(map(str, labels)))
                hint = f" Closest: {near[0]!r}." if near else ""
                raise ValueError(f"REFERENCE: {name!r} has no level {wanted[name]!r}.{hint} It has {listed(labels)}.")
            labels = [first, *(label for label in labels if label != first)]
        rows[name] = pd.Categorical(rows[name], labels)
    return rows
