"""What a formula on the command line may call: a short list of functions, and nothing else.

formulaic runs the code of a formula. Columns and levels reach it under made-up names, so no text of a table is run;
the formula itself is typed by the reader, yet often copied from somewhere. So functions are named here one by one.
"""

from helpers.design.translation import RESERVED, refusal, tokens_of

FUNCTIONS = (
    *("log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "abs", "I"),
    *("C", "factor", "as.factor", "center", "scale", "standardize", "poly", "bs", "cs", "cr", "cc"),
    *("np.log", "np.log2", "np.log10", "np.log1p", "np.exp", "np.expm1", "np.sqrt", "np.abs"),
    *("contr.treatment", "contr.sum", "contr.helmert", "contr.diff", "contr.poly"),
)


def check_formula(formula: str) -> None:
    """Refuse a formula that calls anything but `FUNCTIONS`.

    Parameters
    ----------
    formula : str

    Raises
    ------
    ValueError
        With a caret at the place.
    """
    tokens = tokens_of(formula)
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.lastgroup == "name" and token[0] in RESERVED:
            raise refusal(
                formula, token.start(), f"holds Python's word {token[0]!r}; a column of that name needs backticks"
            )
        called = after is not None and after[0] == "("
        if called and token.lastgroup in ("name", "quoted", "string") and token[0] not in FUNCTIONS:
            raise refusal(
                formula,
                token.start(),
                f"calls {token[0]}(). Allowed are {', '.join(FUNCTIONS)}; compute anything else as a column of the "
                "table first",
            )
        if token[0] == "[" or (token[0] == "(" and _follows(tokens, token, ")")):
            raise refusal(formula, token.start(), f"has a {token[0]!r} where none is allowed. Remove it")


def _follows(tokens, token, mark):
    before = [other[0] for other in tokens if other.end() <= token.start()]
    return bool(before) and before[-1] == mark
