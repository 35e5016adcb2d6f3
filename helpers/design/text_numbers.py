"""Numbers that are written as text: a decimal comma would make a factor of them, with a level for every number."""

import functools
import re
from collections.abc import Iterable

import pandas as pd

from helpers.design.columns import quoted_label, tidied
from helpers.design.translation import compiled, quoted, translate
from helpers.refusals.wording import some

NEARLY_ALL = 0.8  # of the distinct labels
GROUPED = r"\d{1,3}(?:(?P<thousands>[ \u00a0\u202f'.,])\d{3}(?:(?P=thousands)\d{3})*)"
WRITTEN = rf"[+\-−]?(?:{GROUPED}|\d+)?(?P<decimal>[.,])?(?:\d+)?(?:[eE][+-]?\d+)?"
NUMBER = re.compile(rf"\s*(?=[^a-zA-Z]*\d){WRITTEN}\s*")
WITH_UNIT = re.compile(rf"\s*(?=[^a-zA-Z]*\d){WRITTEN}\s*(?P<unit>[^\W\d_]+[\w/]*|%)\s*")


def tidied_columns(frame: pd.DataFrame, *expressions: str) -> pd.DataFrame:
    """Columns as a model takes them (see `helpers.design.columns.tidied`), numbers written as text refused.

    Parameters
    ----------
    frame : pandas.DataFrame
        Without missing values.
    expressions : str
        What becomes columns of the model. What stands nowhere but right of a ``|`` may say anything: it is a label.
    """
    found = {name: tidied(column) for name, column in frame.items()}
    for name in sorted(bare_columns(expressions).intersection(found)):
        refuse_numbers_as_text(frame[name], found[name])
    return pd.DataFrame(found, index=frame.index)


@functools.lru_cache(maxsize=512)
def bare_columns(expressions: Iterable[str]) -> frozenset[str]:
    """The columns that stand in an effect as they are, not in C() or another function: text in them is a factor."""
    found = []
    for expression in expressions:
        columns = translate(expression).columns
        found += [columns.get(factor.expr) for term in compiled(expression) for factor in term.factors]
    return frozenset(found) - {None}


def refuse_numbers_as_text(column: pd.Series, factor: pd.Series) -> None:
    """Refuse a factor whose labels are nearly all numbers, unless someone made it one.

    Parameters
    ----------
    column, factor : pandas.Series
        As it was given; tidied. A given Categorical is a factor by someone's will.

    Raises
    ------
    ValueError
        Says what was found, how numbers are made of it, and how one says that it is a factor.
    """
    categorical = isinstance(column.dtype, pd.CategoricalDtype) or str(column.dtype).startswith("dictionary")
    if categorical or not isinstance(factor.dtype, pd.CategoricalDtype):
        return
    labels = factor.cat.categories
    if not len(labels) or not all(isinstance(label, str) for label in labels):
        return
    numbers = [NUMBER.fullmatch(label) for label in labels]
    if sum(map(bool, numbers)) >= NEARLY_ALL * len(labels):
        others = [label for label, match in zip(labels, numbers, strict=True) if not match]
        _refuse(column.name, labels, _as_numbers(column.name, filter(None, numbers), others))
    units = {match and match["unit"] for match in map(WITH_UNIT.fullmatch, labels)}
    if len(units) == 1 and None not in units and 3 * len(labels) > len(column):  # few doses, "5 mg", are labels
        (unit,) = units
        advice = (
            f"The unit {unit!r} makes text of them: pd.to_numeric(data[{column.name!r}].str.removesuffix({unit!r}))."
        )
        _refuse(column.name, labels, advice)


def _refuse(name, labels, advice):
    raise ValueError(
        f"Column {name!r} holds numbers written as text ({some(map(quoted_label, labels))}): it would pass for a "
        f"factor of {len(labels)} levels. {advice} If they are labels, say so: C({quoted(name)}) in the formula, or "
        f"data[{name!r}].astype('category')."
    )


def _as_numbers(name, numbers, others):
    """How to make numbers of the text."""
    numbers = list(numbers)
    thousands = {match["thousands"] for match in numbers} - {None}
    decimals = {match["decimal"] for match in numbers} - {None}
    if len(thousands) == 1 and not others:
        (mark,) = thousands
        decimal = ", decimal=','" if "," in decimals else ""
        return f"Read the file with thousands={mark!r}{decimal}."
    if decimals == {","}:
        return (
            f"A decimal comma makes text of them: read the file with decimal=',', or make numbers of the column by "
            f"pd.to_numeric(data[{name!r}].str.replace(',', '.'))."
        )
    if others:
        return (
            f"Not a number: {some(map(quoted_label, others))}. Correct these cells, or make them missing values: "
            f"pd.to_numeric(data[{name!r}], errors='coerce')."
        )
    return f"Make numbers of them: pd.to_numeric(data[{name!r}])."
