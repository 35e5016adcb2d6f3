"""The kind of exercise that asks for the weights of a contrast: judged by the numbers they give."""

import numbers
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.exercises.judging import Answer, listed, renamed


@dataclass(frozen=True, kw_only=True)
class Weights(Answer):
    """The weights of a contrast of coefficients, judged by the numbers they give: estimate and standard error.

    `solution` and known wrong answers are dictionaries, coefficient -> weight; coefficients left out have weight 0. An
    answer may also be a Series, the only row or column of a table, or a list with one weight per coefficient; a
    coefficient may have R's name or that of statsmodels: gene_nameA or gene_name[T.A]. In `otherwise`,
    ``{estimate}`` is the contrast's estimate under the reader's weights.

    Attributes
    ----------
    estimates : pandas.Series
        The coefficients, by name.
    covariance : pandas.DataFrame
        Their covariance matrix.
    """

    estimates: pd.Series
    covariance: pd.DataFrame

    def _plain(self, answer):
        if isinstance(answer, pd.DataFrame) and 1 in answer.shape:
            answer = self._line(answer)
        answer = answer.to_dict() if isinstance(answer, pd.Series) else answer
        if isinstance(answer, dict):
            return renamed(answer, self._spellings(answer))
        if isinstance(answer, list | tuple | np.ndarray) and (weights := self._full_list(answer)):
            return dict(zip(self.estimates.index, weights, strict=True))
        return answer

    def _line(self, table):
        """The single row or column of a table, whichever is named by coefficients."""
        column, row = (table.iloc[:, 0], table.iloc[0]) if table.shape[1] == 1 else (table.iloc[0], table.iloc[:, 0])
        return column if self._spellings(column.index) or not self._spellings(row.index) else row

    def _spellings(self, names):
        """Each name that means one coefficient, with that coefficient's name here."""
        meant = {}
        for name in self.estimates.index:
            meant.setdefault(_spelled_plainly(name), []).append(name)
        found = {name: meant.get(_spelled_plainly(name), []) for name in names}
        return {
            name: name if name in self.estimates.index else same[0]
            for name, same in found.items()
            if name in self.estimates.index or len(same) == 1
        }

    def _full_list(self, answer):
        """The weights of a list with one for each coefficient, also as the only row or column of a matrix."""
        try:
            weights = np.asarray(answer)
        except ValueError:  # a list of lists of several lengths
            return None
        is_line = weights.ndim == 1 or (weights.ndim == 2 and 1 in weights.shape)
        return weights.ravel().tolist() if is_line and weights.size == len(self.estimates) else None

    def _objection(self, answer):
        names = list(self.estimates.index)
        if isinstance(answer, pd.DataFrame):
            rows, columns = answer.shape
            return (
                f"Weights are asked for; this is a table of {rows} rows and {columns} columns. Give one row or one"
                f" column, named by the coefficients: {listed(names)}."
            )
        if isinstance(answer, list | tuple | np.ndarray):
            return f"A list needs {len(names)} weights, one per coefficient, in this order: {listed(names)}."
        if not isinstance(answer, dict):
            return f"Weights are asked for, as a dictionary such as {{{names[1]!r}: 1, {names[-1]!r}: -1}}."
        if strange := [name for name in answer if name not in names]:
            return f"There is no coefficient {strange[0]!r}; they are {listed(names)}."
        for name, weight in answer.items():
            if isinstance(weight, bool) or not isinstance(weight, numbers.Real) or not np.isfinite(weight):
                return f"{name}: a number is asked for as its weight; found {weight!r}."
        if not any(answer.values()):
            return "All weights are 0: give the coefficients that take part a weight."
        return None

    def _numbers(self, weights):
        """Estimate and standard error."""
        row = pd.Series(weights, dtype=float).reindex(self.estimates.index, fill_value=0.0)
        return row @ self.estimates, np.sqrt(row @ self.covariance @ row)

    def _equals(self, answer, value):
        found, (estimate, std_error) = self._numbers(answer), self._numbers(value)
        return np.allclose(found, (estimate, std_error), rtol=0, atol=std_error / 100)  # 0.333 may stand for a third

    def _unforeseen(self, answer):
        return self.otherwise.format(estimate=f"{self._numbers(answer)[0]:.4f}")


def _spelled_plainly(name):
    """R's and patsy's name of a coefficient are one: gene_nameA for gene_name[T.A], in any order around a colon."""
    if name in ("(Intercept)", "Intercept"):
        return ("(Intercept)",)
    return tuple(sorted(re.sub(r"\[(?:[TS]\.)?([^\[\]]*)\]", r"\1", part) for part in str(name).split(":")))
