"""A formula as lme4 writes it, taken apart: outcome, fixed part, random terms. Strings in, strings out."""

import functools
import itertools
from dataclasses import dataclass

from helpers.design.translation import (
    PAIRS,
    RESERVED,
    arithmetic,
    compiled,
    one_line,
    quoted,
    refusal,
    terms,
    tokens_of,
    translate,
    unquoted,
)


@dataclass(frozen=True)
class RandomTerm:
    """What varies, and between the levels of what."""

    expression: str
    groups: tuple[str, ...]

    @property
    def label(self) -> str:
        """The grouping factor as results print it: ``g`` or ``a:b``."""
        return ":".join(self.groups)

    def __str__(self):
        """Return the term as one writes it."""
        return f"({self.expression} | {':'.join(map(quoted, self.groups))})"


@dataclass(frozen=True)
class ParsedFormula:
    """The pieces of a formula, each as a string; `fixed` and `expression` open with ``1`` or ``0``, the intercept.

    Of ``cbind(successes, failures)`` the response is ``successes``, and `failures` the other column; else it is empty.
    """

    response: str
    fixed: str
    random: tuple[RandomTerm, ...]
    failures: str = ""

    @property
    def outcome(self) -> str:
        """What stands before the ``~``."""
        return f"cbind({self.response}, {self.failures})" if self.failures else self.response

    @property
    def effects(self) -> tuple[str, ...]:
        """What becomes columns: the fixed part, and what varies in each random term."""
        return (self.fixed, *(term.expression for term in self.random))


def parse_formula(formula: str, *, grouped: bool = True, pairs: bool = False) -> ParsedFormula:
    """Take a formula apart into its outcome, its fixed part and its random terms.

    Parameters
    ----------
    formula : str
        As in lme4, such as ``"log(length) ~ condition * gene_name + (1 | replicate)"``. Random terms: ``(1 | g)``,
        ``(x | g)``, ``(0 + x | g)``, ``(x || g)``, ``(1 | a:b)``, ``(1 | a/b)``. A name that R would not read as one
        (``body weight``, ``for``) stands in backticks, and a backtick within it has a backslash before it. ``True`` and
        ``None`` are columns, but between the brackets of a function they are Python's.
    grouped : bool
        Whether there must be a random term.
    pairs : bool
        Whether the outcome may be ``cbind(successes, failures)``, as in R.

    Returns
    -------
    ParsedFormula
        Each ``||`` and ``/`` is written out: ``(x || g)`` is ``(1 | g)`` and ``(0 + x | g)``, ``(1 | a/b)`` is
        ``(1 | a)`` and ``(1 | a:b)``.

    Raises
    ------
    ValueError
        The formula cannot be read; the message shows the place.
    """
    parsed = _parsed(_text_only(formula, "y ~ x + (1 | g)"), grouped)
    if parsed.failures and not pairs:
        raise refusal(
            formula,
            formula.find("cbind"),
            "has successes and failures for an outcome. Such a model is fitted by fit_mixed(…, family='binomial')",
        )
    return parsed


def parse_right_side(formula: str) -> ParsedFormula:
    """Take a formula without outcome apart, such as ``"~ urea + (1 | animal)"``: what many outcomes share.

    Parameters
    ----------
    formula : str
        As for `parse_formula`; nothing stands before the ``~``, and a random term need not be there.

    Returns
    -------
    ParsedFormula
        Its `response` is empty.

    Raises
    ------
    ValueError
        The formula cannot be read, or has an outcome; the message shows the place.
    """
    return _parsed_right(_text_only(formula, "~ x + (1 | g)"))


def _text_only(formula, example):
    if not isinstance(formula, str):
        raise ValueError(f"The formula must be a text such as {example!r}; found {type(formula).__name__}.")
    return formula


@functools.lru_cache(maxsize=512)
def _parsed(formula, grouped):
    left, tilde, right = _sides(formula)
    if not left:
        raise refusal(formula, tilde.start(), "has no outcome. Write its column before the '~'")
    if bars := _bars(left):
        raise refusal(formula, left[bars[0]].start(), "has a '|' in the outcome. Random terms go after the '~'")
    fixed, random = _split(right, formula)
    if grouped and not random:
        raise refusal(
            formula,
            len(formula.rstrip()),
            "has no random term. Add one, such as (1 | animal); for a model without random effects use statsmodels' "
            "ols (statsmodels.formula.api.ols)",
        )
    response, failures = _pair(left, formula)
    parsed = ParsedFormula(response, _with_intercept(fixed), tuple(random), failures)
    for outcome in filter(None, (response, failures)):
        arithmetic(outcome)  # what cannot be read fails before any table is looked at
    compiled(parsed.fixed)
    return parsed


@functools.lru_cache(maxsize=512)
def _parsed_right(formula):
    left, _, right = _sides(formula)
    if left:
        raise refusal(formula, left[0].start(), "has an outcome, but every row of the table is one. Open it with '~'")
    fixed, random = _split(right, formula)
    parsed = ParsedFormula("", _with_intercept(fixed), tuple(random))
    compiled(parsed.fixed)
    return parsed


def _sides(formula, *, dots=False):
    """The tokens before the ``~``, the ``~``, and those after it; `dots` may stand for what another formula has."""
    tokens = tokens_of(one_line(formula))
    if not dots:
        translate(formula)  # what it refuses, it shows in the formula as it was written
    _refuse_cbind(tokens, formula)
    tildes = [place for place, token in enumerate(tokens) if token[0] == "~"]
    if not tildes:
        raise refusal(formula, len(formula.rstrip()), "has no '~'. Write the outcome, '~', then what explains it")
    if len(tildes) > 1:
        raise refusal(formula, tokens[tildes[1]].start(), "has a second '~'. Keep one, right after the outcome")
    return tokens[: tildes[0]], tokens[tildes[0]], tokens[tildes[0] + 1 :]


def _pair(left, formula):
    """The outcome; of ``cbind(a, b)`` both parts, else the second is empty."""
    if not (len(left) > 2 and left[0][0] == "cbind" and _in_brackets(left[1:])):
        return _text(left), ""
    inner = left[2:-1]
    commas = _places(inner, ",")
    if len(commas) != 1 or not inner[: commas[0]] or not inner[commas[0] + 1 :]:
        raise refusal(formula, left[0].start(), "has a cbind() without two columns. Write cbind(successes, failures)")
    return _text(inner[: commas[0]]), _text(inner[commas[0] + 1 :])


def _refuse_cbind(tokens, formula):
    """``cbind`` stands at the beginning, or is a column's name."""
    for token, after in itertools.pairwise(tokens):
        if token[0] == "cbind" and after[0] == "(" and token is not tokens[0]:
            raise refusal(
                formula, token.start(), "uses cbind() where no outcome stands. Compute the column in the table first"
            )


def _text(tokens):
    """The formula's own text from the first of these tokens to the last."""
    return tokens[0].string[tokens[0].start() : tokens[-1].end()] if tokens else ""


def _places(tokens, marks):
    """Where a mark stands outside all brackets."""
    depth, places = 0, []
    for place, token in enumerate(tokens):
        if token.lastgroup == "mark":
            depth += (token[0] in PAIRS) - (token[0] in PAIRS.values())
            if depth == 0 and token[0] in marks:
                places.append(place)
    return places


def _bars(tokens):
    return _places(tokens, ("|", "||"))


def _pieces(tokens):
    """What + and − join, each piece with its sign's token (None for a first piece without sign)."""
    starts = [place for place in _places(tokens, "+-") if place == 0 or tokens[place - 1][0] not in "*/:^"]
    bounds = [*([] if starts[:1] == [0] else [-1]), *starts, len(tokens)]
    for start, end in itertools.pairwise(bounds):
        yield (None if start < 0 else tokens[start]), tokens[start + 1 : end]


def _in_brackets(tokens):
    """Whether one pair of round brackets encloses all."""
    return len(tokens) > 1 and tokens[0][0] == "(" and len(_places(tokens, ")")) == 1 and tokens[-1][0] == ")"


def _split(tokens, formula):
    """The fixed pieces, each with its sign, and the random terms."""
    if bars := _bars(tokens):
        raise refusal(
            formula,
            tokens[bars[0]].start(),
            "has a random term without brackets. Put it into brackets, such as (1 | g)",
        )
    fixed, random = [], []
    for sign, piece in _pieces(tokens):
        minus = sign is not None and sign[0] == "-"
        if not piece:
            if sign is None:
                raise refusal(
                    formula, len(formula.rstrip()), "has nothing after the '~'. Write what explains the outcome"
                )
            raise refusal(formula, sign.start(), f"has nothing after this '{sign[0]}'")
        if _in_brackets(piece) and not minus:
            if _bars(piece[1:-1]):
                random.extend(_random_terms(piece, formula))
            else:
                inner_fixed, inner_random = _split(piece[1:-1], formula)
                fixed, random = [*fixed, *inner_fixed], [*random, *inner_random]
            continue
        if (bar := _bar_within(piece)) is not None:
            raise refusal(formula, bar.start(), "joins a random term with something other than '+'. Add it with '+'")
        fixed.append(("-" if minus else "+", _text(piece)))
    return fixed, random


def _bar_within(tokens):
    """A bar in brackets that are not a function's: there it is Python's "or"."""
    opened = []
    for place, token in enumerate(tokens):
        if token.lastgroup != "mark":
            continue
        if token[0] in PAIRS:
            opened.append(token[0] != "(" or (place > 0 and tokens[place - 1].lastgroup == "name"))
        elif token[0] in PAIRS.values():
            opened.pop()
        elif token[0] in ("|", "||") and not any(opened):
            return token
    return None


def _with_intercept(pieces):
    """Pieces joined again, the intercept first: 1, or 0 where it was taken out. As in R, the last word on it counts."""
    intercept, rest = True, []
    for sign, text in pieces:
        if text in ("0", "1"):
            intercept = (sign == "+") == (text == "1")
        else:
            rest.append(f"{sign} {text}")
    return " ".join(["1" if intercept else "0", *rest])


def _random_terms(piece, formula):
    """The terms that one bracket stands for."""
    inner, bars = piece[1:-1], _bars(piece[1:-1])
    if len(bars) > 1:
        raise refusal(formula, inner[bars[1]].start(), "has a second '|' in one random term. Keep one")
    bar, left, right = inner[bars[0]], inner[: bars[0]], inner[bars[0] + 1 :]
    if not left:
        raise refusal(formula, bar.start(), "has an empty random term. Write what varies: (1 | g) or (1 + x | g)")
    if not right:
        raise refusal(formula, bar.start(), "has no grouping factor after the '|'. Write its column: (1 | animal)")
    fixed, nested = _split(left, formula)
    if nested:
        raise refusal(formula, left[0].start(), "has a random term inside a random term. Write them side by side")
    expression = _with_intercept(fixed)
    if not terms(expression):
        raise refusal(formula, left[0].start(), "has an empty random term. Write what varies: (1 | g) or (1 + x | g)")
    # (x || g) term by term; the columns of one factor stay together, as in lme4.
    uncorrelated = [term if term == "1" else f"0 + {term}" for term in terms(expression)]
    expressions = [expression] if bar[0] == "|" else uncorrelated
    return [RandomTerm(each, groups) for groups in _groupings(right, formula) for each in expressions]


def _groupings(tokens, formula):
    """The grouping factors of ``a/b/c``: a, a:b and a:b:c."""
    while _in_brackets(tokens):
        tokens = tokens[1:-1]
    groupings, so_far, expected = [], (), True
    for token in tokens:
        is_column = token.lastgroup in ("quoted", "name") and token[0] not in RESERVED
        if is_column != expected or not (is_column or token[0] in (":", "/")):
            break
        if is_column:
            name = unquoted(token[0])
            so_far = so_far if name in so_far else (*so_far, name)
        elif token[0] == "/":
            groupings.append(so_far)
        expected = not expected
    else:
        if not expected:
            return [*groupings, so_far]
        token = tokens[-1]
    raise refusal(
        formula,
        token.start(),
        "groups by something that is no column. After the '|' stand columns joined by ':' or '/' (numbers count as "
        "labels there); compute anything else as a column of the table first",
    )
