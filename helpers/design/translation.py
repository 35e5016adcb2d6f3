"""The words of a formula, and how formulaic gets to read them.

formulaic takes a column's name for Python code. So every column is given a made-up name first: a name may hold
anything, and no text from a table is ever run.
"""

import ast
import builtins
import functools
import re
from dataclasses import dataclass, field
from typing import cast

from formulaic import Formula
from formulaic.errors import FormulaicError
from formulaic.transforms import TRANSFORMS

QUOTED = r"`(?:\\[\\`]|[^`\\]|\\(?![\\`]))*`"  # as in R: a backslash before a backtick or backslash of the name
NAME = r"\.*[^\W\d]\w*(?:\.+\w+)*\.*"  # as in R, points are letters: body.weight..g.
TOKEN = re.compile(
    rf"""(?P<quoted>{QUOTED})
    |(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>{NAME})
    |(?P<mark>\*\*|\|\||==|<=|>=|!=|//|\S)""",
    re.VERBOSE,
)
PAIRS = {"(": ")", "[": "]", "{": "}"}
SPELLED_IN_R = {"factor": "C", "as.factor": "C"}
# Words that Python and R keep for themselves: never a column without backticks. Any other, such as class, may be one.
RESERVED = {"if", "else", "for", "in"}
CONSTANTS = {"True": "True", "False": "False", "None": "None", "TRUE": "True", "FALSE": "False", "NULL": "None"}
RESERVED_IN_R = {"while", "repeat", "function", "next", "break", "Inf", "NaN", "NA"}
NAMESPACES = ("np", "contr")  # np.log10(x), contr.sum; in any other word a point is part of a column's name
CODINGS = ("Treatment", "Sum", "Helmert", "Diff", "Poly")  # C(x, Sum): no column
FUNCTIONS = {*TRANSFORMS, *dir(builtins), "sqrt", "log1p", "expm1", "ns", "cbind"}
SHIELD = "ǂ"
MADE_UP = re.compile("ǂ([0-9]+)ǂ")  # a letter that no formula holds; Python takes it in a name


def one_line(formula: str) -> str:
    """A formula without line breaks, but for those within names."""
    return re.sub(rf"({QUOTED})|\s", lambda match: match[1] or " ", formula)


def refusal(formula: str, place: int, problem: str) -> ValueError:
    """The error that shows where in a formula the problem is."""
    line = re.sub(r"\s", " ", formula)
    return ValueError(f"The formula {problem}.\n    {line}\n    {' ' * place}^")


def tokens_of(formula: str) -> list[re.Match]:
    """The words and signs of a formula, its brackets paired."""
    tokens, opened = list(TOKEN.finditer(formula)), []
    for token in tokens:
        text = token[0]
        if token.lastgroup != "mark":
            continue
        if text in "`'\"":
            raise refusal(formula, token.start(), f"opens {text} and does not close it")
        if text in PAIRS:
            opened.append(token)
        elif text in PAIRS.values() and (not opened or PAIRS[opened.pop()[0]] != text):
            raise refusal(formula, token.start(), f"closes a bracket {text} that was not opened")
    if opened:
        raise refusal(formula, opened[-1].start(), f"opens a bracket {opened[-1][0]} and does not close it")
    return tokens


@dataclass(frozen=True)
class Translation:
    """Code that formulaic can read, and the column that each of its made-up names stands for."""

    code: str
    columns: dict[str, str] = field(hash=False)

    def display(self, text: str) -> str:
        """Text of formulaic's with the columns' own names; backticks only where they are needed to read it."""

        def name(match):
            column = self.columns.get(match[0], match[0])
            alone = text[: match.start()][-1:] in ("", ":") and text[match.end() :][:1] in ("", ":", "[")
            return column if alone else quoted(column)

        return MADE_UP.sub(name, text).replace(f"{SHIELD}__", "__")

    def source(self, text: str) -> str:
        """Text of formulaic's as it would stand in a formula."""
        return MADE_UP.sub(lambda match: quoted(self.columns.get(match[0], match[0])), text)


def quoted(name: str) -> str:
    """A column's name as it must stand in a formula, here and in R."""
    plain = re.fullmatch(NAME, name) and name not in RESERVED.union(CODINGS, CONSTANTS, RESERVED_IN_R)
    escaped = re.sub(r"([\\`])", r"\\\1", name)
    return name if plain and not name.startswith(("np.", "contr.")) else f"`{escaped}`"


def unquoted(text: str) -> str:
    """The column's name of a word in a formula, with or without backticks."""
    return re.sub(r"\\([\\`])", r"\1", text[1:-1]) if text.startswith("`") else text


@functools.lru_cache(maxsize=512)
def translate(expression: str) -> Translation:
    """Give every column in an expression a made-up name, and write ``^`` in a function's brackets as ``**``."""
    tokens, names, code, inside = tokens_of(expression), {}, [], []
    for place, token in enumerate(tokens):
        text, after = token[0], tokens[place + 1][0] if place + 1 < len(tokens) else ""
        before = tokens[place - 1] if place else None
        called = before is not None and before.lastgroup == "name" and before[0] not in RESERVED
        if text in PAIRS:
            inside.append(called or text != "(" or any(inside))
        elif text in PAIRS.values():
            inside.pop()
        elif text == "^" and any(inside):
            text = "**"
        elif text == "%" and not any(inside):
            raise refusal(expression, token.start(), "has a '%'. Write b nested in a as a/b, or as a + a:b")
        elif text == ".":
            raise refusal(expression, token.start(), "has a '.' for all other columns. Write the columns out")
        elif text in CONSTANTS and any(inside) and after != "=":
            text = CONSTANTS[text]
        elif token.lastgroup in ("quoted", "name") and (column := _column_in(token, after, inside)) is not None:
            made_up = names.setdefault(column, f"ǂ{len(names)}ǂ")
            text = made_up + ("" if token.lastgroup == "quoted" else text[len(column) :])
        elif token.lastgroup == "name" and after == "(":
            text = SPELLED_IN_R.get(text, text)
            if text.split(".")[0] not in FUNCTIONS and text not in RESERVED:
                raise refusal(
                    expression,
                    token.start(),
                    f"uses a function {text}() that formulas do not have. Compute the column in the table first",
                )
        code.append(text if text in "([" and called else f" {text}")
    return Translation("".join(code).strip(), {made_up: column for column, made_up in names.items()})


def _column_in(token, after, inside):
    """The column that a word stands for, if it is not a function, an argument's name or part of Python."""
    text, root = token[0], token[0].split(".")[0]
    if token.lastgroup == "quoted":
        return unquoted(text)
    if text in RESERVED or (after == "=" and any(inside)) or (any(inside) and text in CODINGS):
        return None
    if "." in text and root in NAMESPACES:
        return None
    if after == "(":
        # x.abs(): a method of a column. Anything else before a bracket is a function.
        return root if root and "." in text and root not in FUNCTIONS and text not in SPELLED_IN_R else None
    return text


@functools.lru_cache(maxsize=512)
def compiled(expression: str) -> Formula:
    """Formulaic's own form of an expression."""
    try:
        return Formula(translate(expression).code)
    except (FormulaicError, SyntaxError) as error:
        reason = translate(expression).source(str(error).splitlines()[0]).rstrip(".")
        raise ValueError(f"The formula's part {expression!r} cannot be read ({reason}). Check its signs.") from None


@functools.lru_cache(maxsize=512)
def arithmetic(expression: str) -> str:
    """An outcome as Python code: as in R, y1 + y2 is a sum there, and y^2 a square."""
    try:
        call = ast.parse(translate(f"I({expression})").code, mode="eval").body
        (code,) = cast(ast.Call, call).args
    except (SyntaxError, ValueError, AttributeError):
        raise ValueError(f"The outcome {expression!r} cannot be read. Check its signs.") from None
    return ast.unparse(code)


def terms(expression: str) -> list[str]:
    """The terms that an expression comes to: ``a * b`` is a, b and a:b. The intercept is ``1``."""
    translation = translate(expression)
    return [translation.source(str(term)) for term in compiled(expression)]


def sets_of_columns(expression: str) -> set[frozenset[str]]:
    """The terms that an expression comes to, each as the set of what it multiplies; the intercept is empty."""
    translation = translate(expression)
    return {
        frozenset(translation.source(factor.expr) for factor in term.factors if factor.expr != "1")
        for term in compiled(expression)
    }
