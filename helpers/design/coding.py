"""Expressions to columns through formulaic, and the same columns for other rows."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from formulaic import ModelSpec, SimpleFormula
from formulaic.errors import DataMismatchWarning
from formulaic.parser.types import Factor, Term
from formulaic.transforms import TRANSFORMS
from formulaic.transforms.contrasts import CustomContrasts

from helpers.design.columns import codes_of, numbers_or_factor, outcome, quoted_label, rows_where, tidied, used
from helpers.design.natural_splines import ns
from helpers.design.translation import SHIELD, Translation, arithmetic, compiled, translate
from helpers.refusals.wording import listed, some

INTERCEPT = "(Intercept)"


def _factor(values, *args, **kwargs):
    """C(), its levels as R prints them: numbers reach formulaic as floats, yet day 2 is not "2.0"."""
    if getattr(getattr(values, "dtype", None), "kind", "") == "f" and (values == np.rint(values)).all():
        values = pd.Series(np.asarray(values).astype("int64"))
    return TRANSFORMS["C"](values, *args, **kwargs)


CONTEXT = {"sqrt": np.sqrt, "log1p": np.log1p, "expm1": np.expm1, "C": _factor, "ns": ns}


@dataclass(frozen=True, eq=False)
class Coding:
    """How an expression became columns, so that other rows become the same columns."""

    translation: Translation
    spec: ModelSpec | None = None  # None for the intercept alone
    levels: dict[str, pd.Index] = field(default_factory=dict)

    @classmethod
    def of(cls, expression: str, data: pd.DataFrame, n_rows: int | None = None) -> tuple[np.ndarray, Coding]:
        """The columns of an expression on the rows of the fit, and their coding; a row may stand for several."""
        translation, levels, n_rows = translate(expression), {}, len(data) if n_rows is None else n_rows
        if expression == "1":
            return np.ones((len(data), 1)), cls(translation)
        columns = {alias: numbers_or_factor(data[name]) for alias, name in translation.columns.items()}
        for alias, column in columns.items():
            if isinstance(column, pd.Categorical):
                levels[translation.columns[alias]] = column.categories
                _refuse_levels(repr(translation.columns[alias]), column.categories, n_rows)
        matrix, spec = _evaluate(compiled(expression), columns, translation, data.index)
        for factor, (_, state) in spec.encoder_state.items():
            if "categories" in state:
                _refuse_levels(translation.display(str(factor)), state["categories"], n_rows)
        return matrix, cls(translation, spec, levels)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        names = self.spec.column_names if self.spec else ["Intercept"]
        return tuple(INTERCEPT if name == "Intercept" else self.translation.display(name) for name in names)

    @property
    def terms(self) -> dict[str, list[int]]:
        """The places of each term's columns, the intercept left out."""
        return _terms(self.spec, self.translation) if self.spec else {}

    @property
    def predictors(self) -> tuple[str, ...]:
        """The columns of the table that the expression uses, each once."""
        return tuple(dict.fromkeys(self.translation.columns.values()))

    @property
    def coded(self) -> tuple[str, ...]:
        """Those of the predictors that are factors: labels, and numbers within C()."""
        states = self.spec.encoder_state.items() if self.spec else ()
        codes = [str(factor) for factor, (_, state) in states if "categories" in state]
        within = {name for alias, name in self.translation.columns.items() for code in codes if alias in code}
        return tuple(name for name in self.predictors if name in self.levels or name in within)

    def columns_of(self, term: str) -> tuple[str, ...]:
        """The columns of the table that a term of `terms` is made of."""
        (found,) = (each for each in self.spec.formula if self.translation.display(str(each)) == term)
        aliases = self.translation.columns.items()
        return tuple(dict.fromkeys(name for alias, name in aliases for factor in found.factors if alias in factor.expr))

    def containing(self, term: str, *, any_numbers: bool = False) -> tuple[str, ...]:
        """The terms of `terms` with more factors than this one and the same numbers, or any: drug:sex of drug."""
        codes = {str(factor) for factor, (_, state) in self.spec.encoder_state.items() if "categories" in state}
        parts = {}
        for each in self.spec.formula:
            variables = {factor.expr for factor in each.factors}
            parts[self.translation.display(str(each))] = variables, variables - codes
        own, numbers = parts[term]
        return tuple(name for name in self.terms if parts[name][0] > own and (any_numbers or parts[name][1] == numbers))

    def without(self, term: str, data: pd.DataFrame) -> np.ndarray:
        """The columns of the expression without one of its terms: as a formula without it would code them."""
        left = [each for each in self.spec.formula if self.translation.display(str(each)) != term]
        frame = used(data, self.translation.columns.values(), "data")
        columns = self.columns(frame)
        spec = ModelSpec(SimpleFormula(left, _ordering="none"), transform_state=dict(self.spec.transform_state))
        return _evaluate(spec, columns, self.translation, frame.index)[0] if left else np.empty((len(frame), 0))

    @property
    def functions_of_rows(self) -> tuple[str, ...]:
        """What the expression computes of all rows at once, such as scale(x), as it was written."""
        return tuple(map(self.translation.source, self.spec.transform_state)) if self.spec else ()

    def matrix(self, newdata: dict[str, int] | pd.DataFrame) -> np.ndarray:
        """The columns for other rows."""
        frame = used(newdata, self.translation.columns.values(), "newdata")
        if self.spec is None:
            return np.ones((len(frame), 1))
        return _evaluate(self.spec, self.columns(frame), self.translation, frame.index)[0]

    def sum_coded(self, data: pd.DataFrame) -> tuple[tuple[np.ndarray, np.ndarray], dict[str, list[int]]]:
        """The distinct rows, as they are and with each factor coded to sum to zero; the places of the terms there."""
        if self.spec is None:
            return (np.ones((1, 1)), np.ones((1, 1))), {}
        frame = data[list(self.translation.columns.values())].drop_duplicates()
        spec = ModelSpec(_sum_coded(self.spec), transform_state=dict(self.spec.transform_state))
        columns = self.columns(frame)
        old, _ = _evaluate(self.spec, columns, self.translation, frame.index)
        new, spec = _evaluate(spec, columns, self.translation, frame.index)
        return (old, new), dict(zip(self.terms, _terms(spec, self.translation).values(), strict=True))

    def columns(self, frame: pd.DataFrame) -> dict[str, np.ndarray | pd.Categorical]:
        """What formulaic gets for other rows: nothing missing, no level that the fit has not seen."""
        columns = {}
        for alias, name in self.translation.columns.items():
            column, levels = frame[name], self.levels.get(name)
            if (missing := column.isna().to_numpy()).any():
                where = rows_where(frame.index, missing)
                raise ValueError(f"newdata has a missing value in {name!r} ({where}). Fill it in or drop the row.")
            if levels is None:
                columns[alias] = numbers_or_factor(tidied(column))
                if isinstance(columns[alias], pd.Categorical):
                    raise ValueError(f"newdata holds labels in {name!r}, which held numbers at the fit. Give numbers.")
                continue
            codes = codes_of(column, levels)
            if (unknown := codes < 0).any():
                found = some(map(quoted_label, column[unknown].unique()))
                raise ValueError(
                    f"newdata holds {found} in {name!r}, which the fit has not seen. Levels of {name!r} at the fit: "
                    f"{some(map(quoted_label, levels), 20)}. Use these, or fit again with rows of the new level."
                )
            columns[alias] = pd.Categorical.from_codes(codes, levels)
        return columns


def _terms(spec, translation):
    return {
        translation.display(str(term)): list(places) for term, places in spec.term_indices.items() if str(term) != "1"
    }


def _sum_coded(spec):
    """The terms of a spec, each factor in them wrapped so that it sums to zero; contrasts in numbers stay."""

    def recoded(factor):
        contrasts = spec.encoder_state.get(factor.expr, (None, {}))[1].get("contrasts")
        if contrasts is None or isinstance(contrasts.contrasts, CustomContrasts):
            return factor
        return Factor(f"C({factor.expr}, contr.sum)", eval_method="python")

    return SimpleFormula([Term(list(map(recoded, term.factors))) for term in spec.formula], _ordering="none")


def _refuse_levels(name, levels, n_rows):
    """A factor with one level, or with one for every row."""
    first = quoted_label(levels[0])
    if len(levels) == 1:
        raise ValueError(
            f"The factor {name} has one level in the rows used, {first}: there is nothing to compare it with. Drop it "
            "from the formula."
        )
    if len(levels) >= n_rows:
        raise ValueError(
            f"The factor {name} has a level of its own for each of the {n_rows} rows, such as {first}. If it holds "
            "numbers stored as text, make it numeric; if it holds ids, drop it from this part of the formula."
        )


def _evaluate(spec, columns, translation, index):
    """The columns of a formulaic formula or spec, and the spec that makes the same of other rows."""
    table = pd.DataFrame({alias: _shielded(column) for alias, column in columns.items()}, index=range(len(index)))
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", DataMismatchWarning)  # levels= of C() that leave rows without one
            found = spec.get_model_matrix(table, context=CONTEXT, output="numpy", na_action="ignore")
        matrix = np.asarray(found, dtype=float)
    except DataMismatchWarning as error:
        raise ValueError(_unseen(str(error), spec, translation)) from None
    except Exception as error:  # the formula may call anything, which may fail in any way
        reason = translation.source(str(error).splitlines()[0])
        labels = [translation.columns[alias] for alias, column in columns.items() if isinstance(column, pd.Categorical)]
        hint = f" Columns that hold labels, not numbers: {listed(labels)}." if labels else ""
        raise ValueError(f"The formula cannot be computed from the table: {reason.rstrip('.')}.{hint}") from None
    if len(matrix) != len(index):
        raise ValueError(
            f"A function in the formula makes {len(matrix)} rows of {len(index)}. Compute it in the table."
        )
    if not np.isfinite(matrix).all():
        bad = ~np.isfinite(matrix)
        place = bad.any(axis=0).argmax()
        name = found.model_spec.column_names[place]
        raise ValueError(_not_finite(name, bad[:, place], columns, translation, index))
    return matrix, found.model_spec


def _shielded(column):
    """A factor, no label of which opens with two underscores: formulaic would leave out its column without a word."""
    if not isinstance(column, pd.Categorical) or not any(str(label).startswith("__") for label in column.categories):
        return column
    labels = [f"{SHIELD}{label}" if str(label).startswith("__") else label for label in column.categories]
    return column.rename_categories(labels)


def _unseen(warning, spec, translation):
    """A level that C() does not know; formulaic's warning names it."""
    unseen = re.search(r"{(.*)}", warning)[1]
    state = getattr(spec, "encoder_state", {}).items()
    known = [
        f"{translation.display(str(factor))}: {some(found['categories'], 20)}"
        for factor, (_, found) in state
        if "categories" in found and str(factor) not in translation.columns
    ]
    if not known:
        return f"The levels= in the formula leave out {unseen}, which the table holds. Name every level."
    return f"newdata holds {unseen}, which the fit has not seen. Levels at the fit: {'; '.join(known)}. Use these."


def _not_finite(name, bad, columns, translation, index):
    """A transformed column that is not finite, with what it was made from."""
    made_from = "; ".join(
        f"{translation.columns[alias]} = {some(f'{value:g}' for value in column[bad])}"
        for alias, column in columns.items()
        if alias in name and not isinstance(column, pd.Categorical)
    )
    found = f"{translation.display(name)} is not a finite number in {rows_where(index, bad)}"
    hint = "A logarithm needs values above 0. " if "log" in name else ""
    return f"{found} ({made_from}). {hint}Correct these values, drop the rows, or transform otherwise."


def evaluate_outcome(response: str, data: pd.DataFrame, *, yes_or_no: bool = False) -> np.ndarray:
    """The outcome as numbers; `data` is tidied. With `yes_or_no` a column of True and False is one of 1 and 0."""
    translation = translate(response)
    columns = {alias: outcome(data[name], yes_or_no=yes_or_no) for alias, name in translation.columns.items()}
    if translation.code in columns:
        return columns[translation.code]
    formula = SimpleFormula([Term([Factor(arithmetic(response), eval_method="python")])])
    matrix, _ = _evaluate(formula, columns, translation, data.index)
    if matrix.shape[1] != 1:
        raise ValueError(f"The outcome {response} gives {matrix.shape[1]} columns. A model has one outcome.")
    return matrix[:, 0]
