"""A formula changed as R's ``update`` changes it: ``. ~ . - x`` is the same without x. Strings in, strings out."""

from __future__ import annotations

from helpers.design.formula import (
    ParsedFormula,
    RandomTerm,
    _bars,
    _in_brackets,
    _pieces,
    _places,
    _random_terms,
    _sides,
    _split,
    _with_intercept,
)
from helpers.design.translation import quoted, refusal, sets_of_columns, terms, tokens_of


def updated_formula(parsed: ParsedFormula, change: str) -> str:
    """Apply a change to a formula.

    Parameters
    ----------
    parsed : ParsedFormula
        The formula as it is.
    change : str
        A formula in which ``.`` stands for what is there: ``". ~ . - x"``, ``"log(y) ~ ."``, ``". ~ .^2"``,
        ``". ~ . - (1 + x | g) + (1 | g)"``.

    Returns
    -------
    str
        The whole formula, its products and powers written out.

    Raises
    ------
    ValueError
        The change cannot be read, or takes out a term that is not there; the message names those that are.
    """
    if not isinstance(change, str):
        raise ValueError(f"The change must be a text such as '. ~ . - x'; found {type(change).__name__}.")
    left, tilde, right = _sides(change, dots=True)
    if not left:
        raise refusal(change, tilde.start(), "has no outcome. Write '.' for the one that is there")
    if not right:
        raise refusal(change, len(change.rstrip()), "has nothing after the '~'. Write '.' for what is there")
    fixed, random = [], []
    for sign, piece in _pieces(right):
        minus = sign is not None and sign[0] == "-"
        if [token[0] for token in piece] == ["."] and not minus:
            fixed += [("+", "0")] * parsed.fixed.startswith("0")
            fixed += [("+", term) for term in _without_intercept(parsed.fixed)]
            random += parsed.random
        elif _in_brackets(piece) and _bars(piece[1:-1]):
            found = _random_terms(piece, change)
            random = _without(random, found) if minus else [*random, *found]
        elif not piece:
            raise refusal(change, len(change.rstrip()), "has a sign with nothing after it")
        elif minus:
            fixed.append(("-", _taken_out(fixed, _replaced(piece, parsed))))
        else:
            inner_fixed, inner_random = _split(piece, change) if _in_brackets(piece) else ([("+", None)], [])
            fixed += [(s, _replaced(piece, parsed) if text is None else text) for s, text in inner_fixed]
            random += inner_random
    expression = _with_intercept(fixed)
    kept = _without_intercept(expression)
    opening = [expression[0]] if expression.startswith("0") or not kept else []
    response = parsed.outcome if [token[0] for token in left] == ["."] else _text_with(left, _bracketed(parsed.outcome))
    return f"{response} ~ {' + '.join([*opening, *kept, *map(str, dict.fromkeys(random))])}"


def without_fixed_term(parsed: ParsedFormula, term: str) -> str:
    """The formula without one term of its fixed part, everything else written out."""
    kept = [each for each in _without_intercept(parsed.fixed) if sets_of_columns(each) != sets_of_columns(term)]
    return f"{parsed.outcome} ~ {' + '.join([parsed.fixed[0], *kept, *map(str, parsed.random)])}"


def with_random_terms(parsed: ParsedFormula, random: list[RandomTerm]) -> str:
    """The formula with other random terms."""
    return f"{parsed.outcome} ~ {' + '.join([parsed.fixed, *map(str, random)])}"


def _without_intercept(expression):
    return [term for term in terms(expression) if term != "1"]


def _replaced(piece, parsed):
    """A piece's text, with the fixed part in brackets for each dot."""
    return _text_with(piece, f"({' + '.join(_without_intercept(parsed.fixed)) or '1'})")


def _text_with(tokens, whole):
    """The text of tokens, with `whole` for each dot."""
    text, end = "", tokens[0].start()
    for token in tokens:
        text += token.string[end : token.start()] + (whole if token[0] == "." else token[0])
        end = token.end()
    return text


def _bracketed(response):
    """An outcome as a part of another: in brackets, where it is a sum or the like."""
    return f"({response})" if _places(tokens_of(response), "+-*/^") else response


def _taken_out(fixed, text):
    """The text of what is taken out, if it is there."""
    if text in ("0", "1"):
        return text
    before = sets_of_columns(_with_intercept(fixed))
    if absent := [each for each in sets_of_columns(f"0 + {text}") if each not in before]:
        names = sorted(":".join(sorted(each)) for each in before if each)
        raise ValueError(
            f"The formula has no fixed term {':'.join(sorted(absent[0]))!r} to take out; its terms: "
            f"{', '.join(names) or 'the intercept alone'}."
        )
    return text


def _without(random, taken):
    """The random terms but for those taken out, each of which must be there."""
    kept = list(random)
    for term in taken:
        same = [each for each in kept if _meaning(each) == _meaning(term)]
        if not same:
            known = ", ".join(map(str, random)) or "none"
            raise ValueError(f"The formula has no random term {term} to take out; its random terms: {known}.")
        kept.remove(same[0])
    return kept


def _meaning(term):
    return sets_of_columns(term.expression), frozenset(map(quoted, term.groups))
