"""One number out of whatever holds it, and what to say of an object that holds several or none."""

import math
import numbers

import numpy as np
import pandas as pd

ASKED = "A single number is asked for; this is"
FEW = 12  # labels: a Series of more is taken for a column of data, not for a list of results
ESTIMATES = ("estimate", "statistic", "F", "power")
P_VALUES = ("p_value", "Pr(>F)", "PR(>F)", "P>|t|")
SCIPY = {
    "PearsonRResult": ".statistic for r or .pvalue for its p-value",
    "LinregressResult": ".slope, .intercept, .rvalue, .stderr or .pvalue",
}


def unwrapped(answer: object) -> object:
    """The element of a list, tuple, array, Series or table that holds just one; any other object as it is."""
    if isinstance(answer, list | tuple) and len(answer) == 1:
        return unwrapped(answer[0])
    if isinstance(answer, pd.DataFrame) and answer.size == 1:
        return unwrapped(answer.iloc[0, 0])
    if isinstance(answer, np.ndarray | pd.Series | pd.Index | np.generic) and answer.size == 1:
        return answer.item()
    return answer


def objection_to(answer: object) -> str | None:
    """What is said about an unwrapped answer that is no finite number; None about one that is."""
    if isinstance(answer, str) and "%" in answer:
        return "A number is asked for; this is text: remove the quotes, and write a share: 0.25 for 25%."
    if isinstance(answer, str):
        return "A number is asked for; this is text: remove the quotes."
    if isinstance(answer, numbers.Real) and not isinstance(answer, bool):
        missing = f"The answer is {answer}: a value on the way there is missing or infinite."
        return None if math.isfinite(answer) else missing
    objections = (_to_table(answer), _to_test(answer), _to_fit(answer), _to_several(answer))
    return next(filter(None, objections), f"{ASKED} of type {type(answer).__name__}.")


def _to_table(answer):
    """Say which cell."""
    if not isinstance(answer, pd.DataFrame):
        return None
    if answer.empty:
        return f"{ASKED} an empty table: no row was selected."
    columns = [next((name for name in names if name in answer.columns), None) for names in (ESTIMATES, P_VALUES)]
    columns = [name for name in columns if name is not None] or [answer.columns[-1]]
    filled = answer.index[answer[columns[-1]].notna()]  # anova_lm leaves its first or last row without a test
    row = _quoted(filled[0] if len(filled) else answer.index[0])
    cells = " or ".join(f".loc[{row}, {_quoted(name)}]" for name in columns)
    return f"{ASKED} a table: take one cell, such as {cells}."


def _to_test(answer):
    """Say which attribute of a test."""
    kind = type(answer).__name__
    if type(answer).__module__ == "statsmodels.stats.contrast":
        letter = {"t": "t", "norm": "z"}.get(answer.distribution, answer.distribution)
        statistic = ".fvalue for F" if letter == "F" else f".effect for the estimate, .statistic for {letter}"
        return f"{ASKED} a whole test result: take its {statistic} or .pvalue for the p-value."
    if kind in SCIPY:
        return f"{ASKED} a whole test result: take its {SCIPY[kind]}."
    if hasattr(answer, "statistic") and hasattr(answer, "pvalue"):
        return f"{ASKED} a whole test result: take its .statistic or its .pvalue."
    if isinstance(answer, tuple) and hasattr(answer, "_fields"):
        return f"{ASKED} a result with several numbers: take its {_either(f'.{name}' for name in answer._fields)}."
    return None


def _to_fit(answer):
    """Say where a model keeps its numbers."""
    if hasattr(answer, "params") and hasattr(answer, "pvalues"):
        name = _quoted(pd.Series(answer.params).index[-1])
        return f"{ASKED} a whole fit: take a coefficient, .params[{name}], or its p-value, .pvalues[{name}]."
    if hasattr(answer, "coefficients") and hasattr(answer, "variance_components"):
        name = _quoted(answer.coefficients().index[-1])
        return f'{ASKED} a whole fit: take a cell of its table, such as .coefficients().loc[{name}, "estimate"].'
    if hasattr(answer, "fit") and hasattr(answer, "endog"):
        return f"{ASKED} a model that is not fitted yet: add .fit(), and take one number of the result."
    if callable(answer):
        return f"{ASKED} a function: call it, with parentheses at its end."
    return None


def _to_several(answer):
    """Say which element."""
    if isinstance(answer, tuple) and (comma := _decimal_comma(answer)):
        return comma
    if isinstance(answer, tuple) and _is_comparison(answer):
        return (
            f"{ASKED} a whole test result (statistic, p-value, df): take [0] for the statistic,"
            " [1] for the p-value or [2] for the df."
        )
    if isinstance(answer, np.ndarray | pd.Series | pd.Index) and answer.size:
        return f"{ASKED} {_to_column(answer)}"
    if isinstance(answer, dict) and answer:
        return f"{ASKED} a dictionary: take one value, such as [{_quoted(next(iter(answer)))}]."
    if isinstance(answer, list | tuple | dict | np.ndarray | pd.Series | pd.Index):
        kind = "array" if isinstance(answer, np.ndarray) else type(answer).__name__
        if len(answer) == 0:
            return f"{ASKED} an empty {kind}."
        article = "an" if kind[0] in "aI" else "a"
        return f"{ASKED} {article} {kind} of {len(answer)}: take one of them by its place, such as [0]."
    return None


def _to_column(answer):
    """Say how to come from a whole column to one number: compute it, or take it where few or named ones stand."""
    kind = "array" if isinstance(answer, np.ndarray) else type(answer).__name__
    several = f"{'an' if kind[0] in 'aI' else 'a'} {kind} of {len(answer)}"
    if answer.dtype == bool:
        return f"{several} yes/no values: np.mean(…) of it is the share of yes, np.sum(…) their number."
    if isinstance(answer, pd.Index):
        return f"{several}: len(…) counts them."
    if answer.ndim > 1:
        return f"an array of {' × '.join(map(str, answer.shape))} numbers: take one of them, such as [0, 1]."
    if isinstance(answer, pd.Series) and isinstance(answer.index[-1], str | tuple) and len(answer) <= FEW:
        return f"{several}: take one of them, such as .loc[{_quoted(answer.index[-1])}]."
    if isinstance(answer, np.ndarray) and len(answer) <= 3:
        return f"{several}: take one of them by its place, such as [0]."
    return f"{several} values, a whole column: what is still to be computed from it?"


def _decimal_comma(answer):
    """What to say of a number written with a comma, of which Python makes a tuple: 16,5 and 1,234,567."""
    whole = [isinstance(part, int) and not isinstance(part, bool) for part in answer]
    if len(answer) < 2 or not all(whole) or any(part < 0 for part in answer[1:]):
        return None
    first, *rest = answer
    if len(answer) > 2:
        return None if any(part > 999 for part in rest) else f"Write the number without commas: {_joined(answer)}."
    sign = f" (or -0.{rest[0]})" if first == 0 else ""  # Python takes -0 for 0: the sign is gone
    thousands = f", or leave out the comma: {_joined(answer)}" if first and 100 <= rest[0] <= 999 else ""
    return f"Write a decimal point: {first}.{rest[0]}{sign}{thousands}."


def _joined(parts):
    return f"{parts[0]}{''.join(f'{part:03d}' for part in parts[1:])}"


def _is_comparison(answer):
    """Whether this is what compare_f_test and compare_lr_test give: statistic, p-value, df."""
    if len(answer) != 3 or not all(isinstance(part, numbers.Real) for part in answer):
        return False
    statistic, p, df = answer
    return statistic >= 0 and 0 <= p <= 1 and df >= 1 and float(df).is_integer()


def _either(names):
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _quoted(label):
    """A label as one writes it in code: text in double quotes."""
    if isinstance(label, tuple):
        return f"({', '.join(map(_quoted, label))})"
    return f'"{label}"' if isinstance(label, str) else str(label)
