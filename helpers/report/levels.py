"""In which order the levels of a factor stand, and which of them the others are compared with."""

from collections.abc import Sequence

import pandas as pd
from natsort import natsort_keygen, ns

from helpers.refusals.errors import UnknownNameError
from helpers.refusals.wording import closest, listed

# Numbers within labels count as numbers: "5 mg" before "10 mg". A point is a decimal mark, and a hyphen is no sign.
NATURAL = natsort_keygen(key=str, alg=ns.FLOAT | ns.UNSIGNED | ns.NOEXP)


def with_levels(rows: pd.DataFrame, order: str, reference: str, used: Sequence[str]) -> pd.DataFrame:
    """Labels as categories: in natural order, or in the order asked for; the reference first.

    Parameters
    ----------
    rows : pandas.DataFrame
    order : str
        ``"dose=low, middle, high; week=0, 2, 10"``: every level of a factor, first to last.
    reference : str
        ``"condition=control; gene=C"``: the level that comes before all others.
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
        The text is written otherwise, a column has no such level or other levels, or holds numbers.
    """
    orders, references = _pieces(order, "ORDER", used), _pieces(reference, "REFERENCE", used)
    rows = rows.copy()
    for name in used:
        if pd.api.types.is_numeric_dtype(rows[name]) and not pd.api.types.is_bool_dtype(rows[name]):
            for option, asked in (("ORDER", orders), ("REFERENCE", references)):
                if name in asked:
                    raise ValueError(f"{option}: {name!r} holds numbers, which have no first level.")
            continue
        labels = sorted(rows[name].unique().tolist(), key=NATURAL)
        if name in orders:
            labels = _ordered(name, labels, orders[name])
        if name in references:
            first = _level(name, labels, references[name], "REFERENCE")
            labels = [first, *(label for label in labels if label != first)]
        rows[name] = pd.Categorical(rows[name], labels)
    return rows


def _pieces(text, option, used):
    """Column -> what is said of it."""
    wanted = {}
    for piece in filter(None, (piece.strip() for piece in text.split(";"))):
        name, sign, said = (part.strip() for part in piece.partition("="))
        if not sign or not said:
            example = "column=level" if option == "REFERENCE" else "column=first, second, third"
            raise ValueError(f"{option} is written {example}, several with ';' between; found {piece!r}.")
        if name not in used:
            near = closest(name, used)
            hint = f" Closest: {near[0]!r}." if near else ""
            raise UnknownNameError(f"{option} names {name!r}, which is not in the formula.{hint}")
        wanted[name] = said
    return wanted


def _level(name, labels, text, option):
    found = next((label for label in labels if str(label) == text), None)
    if found is None:
        near = closest(text, list(map(str, labels)))
        hint = f" Closest: {near[0]!r}." if near else ""
        raise ValueError(f"{option}: {name!r} has no level {text!r}.{hint} It has {listed(labels)}.")
    return found


def _ordered(name, labels, text):
    named = [_level(name, labels, piece.strip(), "ORDER") for piece in text.split(",") if piece.strip()]
    if len(set(named)) < len(named):
        raise ValueError(f"ORDER names a level of {name!r} twice: {text!r}.")
    if rest := [label for label in labels if label not in named]:
        raise ValueError(f"ORDER leaves out {listed(rest)} of {name!r}: name every level, first to last.")
    return named
