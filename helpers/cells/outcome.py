"""The outcome of a formula as a column that any engine can compute: a column, or one function of one column."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

import narwhals as nw

from helpers.design.translation import translate
from helpers.refusals.wording import listed


@dataclass(frozen=True)
class Function:
    """What it does to an expression of narwhals', which values it takes, and that in words."""

    of: Callable
    takes: Callable
    domain: str


def _log1p(x):
    """log(1 + x) without the digits that 1 + x loses (Goldberg 1991, theorem 4, doi:10.1145/103162.103163)."""
    u = x + 1.0
    return nw.when(u == 1.0).then(x).otherwise(u.log() * x / (u - 1.0))


ABOVE_ZERO = (lambda x: x > 0.0, "above 0")
FUNCTIONS = {
    "log": Function(lambda x: x.log(), *ABOVE_ZERO),
    "log2": Function(lambda x: x.log(2.0), *ABOVE_ZERO),
    "log10": Function(lambda x: x.log(10.0), *ABOVE_ZERO),
    "sqrt": Function(lambda x: x.sqrt(), lambda x: x >= 0.0, "of 0 or more"),
    "log1p": Function(_log1p, lambda x: x > -1.0, "above -1"),
}
AS_IT_IS = Function(lambda x: x, lambda x: x == x, "that are finite")


@dataclass(frozen=True)
class Outcome:
    """What stands left of the ``~``, the column it is computed from, and how."""

    text: str
    column: str
    function: Function


def read_outcome(response):
    """Take an outcome apart.

    Parameters
    ----------
    response : str
        ``length``, ``log(length)``, ``np.log10(length)``.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        It is more than one function of one column, or a function that not every engine has.
    """
    translation = translate(response)
    if translation.code in translation.columns:
        return Outcome(response, translation.columns[translation.code], AS_IT_IS)
    name, alias = _call(translation.code)
    if alias not in translation.columns or name not in FUNCTIONS:
        raise ValueError(
            f"The outcome {response!r} cannot be computed where the data are: there it may be a column, or one of "
            f"{listed(FUNCTIONS)} of a column. Write it into the table as a column of its own first."
        )
    return Outcome(response, translation.columns[alias], FUNCTIONS[name])


def _call(code):
    """The function and the argument of ``log(x)`` or ``np.log(x)``; empty for anything else."""
    try:
        node = ast.parse(code.strip(), mode="eval").body
    except SyntaxError:
        return "", ""
    if not (isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Name)) or node.keywords:
        return "", ""
    function = node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "np":
        return function.attr, node.args[0].id
    return getattr(function, "id", ""), node.args[0].id
