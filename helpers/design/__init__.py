"""A formula applied to a table: outcome, fixed columns, random columns, groups, for a mixed model to be computed from.

What formulaic lets pass is refused here, for a mixed model fitted to it would print numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import linalg

from helpers.design.coding import Coding, evaluate_outcome
from helpers.design.columns import Grouping, complete, quoted_label, rows_where, used
from helpers.design.crossproducts import cross_products
from helpers.design.dropped import Dropped
from helpers.design.formula import ParsedFormula, parse_formula, parse_right_side
from helpers.design.notes import outcome_note
from helpers.design.observations import Given, Known, known_offset, known_weights
from helpers.design.rank import aliases, far_from_zero
from helpers.design.row_structure import Series, VarianceGroups, parse_correlation, refuse_series_across
from helpers.design.text_numbers import tidied_columns
from helpers.design.translation import translate
from helpers.refusals.wording import listed, some

if TYPE_CHECKING:
    from helpers.design.crossproducts import CrossProducts


BESIDE = ("weights", "offset", "variance_by", "correlation")


@dataclass(frozen=True, eq=False)
class RandomDesign:
    """One random term: its columns, and the group of each row as a number counted from 0."""

    group: str
    names: tuple[str, ...]
    columns: np.ndarray
    codes: np.ndarray
    levels: pd.Index
    coding: Coding = field(repr=False)
    grouping: Grouping = field(repr=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class CodedFormula:
    """A formula whose columns are coded: what can be asked of it without the rows of its table.

    Attributes
    ----------
    response, formula : str
        The outcome as it was written; the whole formula.
    parsed : helpers.design.formula.ParsedFormula
    names : tuple of str
        Of the fixed columns.
    terms : dict
        Term -> places of its columns.
    random : tuple of RandomDesign
    n_dropped : int
        Rows left out because values are missing.
    data : pandas.DataFrame
        The columns used.
    coding : Coding
        Of the fixed part, all its columns.
    dropped : helpers.design.dropped.Dropped, optional
        Fixed columns left out because others add up to them; None where there are none.
    drops : bool
        Whether such columns were to be left out; otherwise they are refused.
    weights, offset : helpers.design.observations.Known or None
        What is known of each row.
    variance_by : helpers.design.row_structure.VarianceGroups or None
    correlation : helpers.design.row_structure.Series or None
    """

    response: str
    formula: str
    parsed: ParsedFormula
    names: tuple[str, ...]
    terms: dict[str, list[int]]
    random: tuple[RandomDesign, ...]
    n_dropped: int
    data: pd.DataFrame
    coding: Coding = field(repr=False)
    dropped: Dropped | None = field(default=None, repr=False)
    drops: bool = False
    weights: Known | None = None
    offset: Known | None = None
    variance_by: VarianceGroups | None = None
    correlation: Series | None = None

    @property
    def beside_formula(self) -> tuple[str, ...]:
        """What else the model was given: the names of these arguments of `helpers.mixed.fit_mixed`."""
        return tuple(name for name in BESIDE if getattr(self, name) is not None)

    @property
    def has_plain_residuals(self) -> bool:
        """Whether residuals are independent and, but for weights, of one variance."""
        return self.variance_by is None and self.correlation is None

    @property
    def outcome_note(self) -> str:
        """What speaks against a normal distribution of the outcome; empty where its values are not known."""
        return ""

    @property
    def random_parts(self) -> list[tuple[np.ndarray, np.ndarray, int]]:
        """What `helpers.design.crossproducts` takes of each random term: its columns, its codes, how many levels."""
        return [(term.columns, term.codes, len(term.levels)) for term in self.random]

    def fixed_matrix(self, newdata: pd.DataFrame) -> np.ndarray:
        """The fixed columns for other rows, coded as at the fit: same levels, same means and scales.

        Parameters
        ----------
        newdata : pandas.DataFrame
            Has the columns of the fixed part.

        Returns
        -------
        numpy.ndarray
            One row per row of `newdata`, one column per name in `names`.

        Raises
        ------
        ValueError
            A level that the fit has not seen, a missing value, labels where numbers were; a row whose mean cannot be
            estimated, columns having been left out.
        UnknownNameError
            A column is not there.
        """
        columns = self.all_columns(newdata)
        if self.dropped is None:
            return columns
        if not (known := self.dropped.estimable(columns)).all():
            raise ValueError(
                f"The mean of {rows_where(newdata.index, ~known)} cannot be estimated: the fit left out "
                f"{some(map(repr, self.dropped.sentences))}, of which its rows say nothing there."
            )
        return columns[:, self.dropped.kept]

    def all_columns(self, newdata: pd.DataFrame) -> np.ndarray:
        """As `fixed_matrix`, with the columns that were left out."""
        return self.coding.matrix(newdata)

    def random_columns(self, k: int, newdata: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """The columns and the groups of other rows in the random term number `k`, counted from 0.

        Parameters
        ----------
        k : int
            Place in `random`.
        newdata : pandas.DataFrame
            Has the columns of that term.

        Returns
        -------
        tuple of numpy.ndarray
            The columns, and the group of each row: -1 for one that the fit has not seen.
        """
        term = self.random[k]
        return term.coding.matrix(newdata), term.grouping.codes(newdata)

    def sum_coded(self) -> tuple[np.ndarray, dict[str, list[int]]]:
        """What type III tests are made of: the fixed part with every factor coded to sum to zero.

        Returns
        -------
        tuple of numpy.ndarray and dict
            The matrix L with `beta_sum = L @ beta`, and for each term its rows in L. A factor whose contrasts the user
            wrote in numbers keeps them.
        """
        (as_fitted, recoded), terms = self.coding.sum_coded(self.data)
        q, r = np.linalg.qr(recoded)
        return linalg.solve_triangular(r, q.T @ as_fitted), terms

    @property
    def predictors(self) -> tuple[str, ...]:
        """The columns of `data` that the fixed part uses, in the order of the formula."""
        return self.coding.predictors

    @property
    def factors(self) -> tuple[str, ...]:
        """Those of `predictors` that are factors: labels, and numbers that the formula makes a factor, as C(day)."""
        return self.coding.coded

    def levels_of(self, name: str) -> list | None:
        """The levels of one of `predictors`, the reference first; None for one that enters as a number."""
        if name in self.coding.levels:
            return list(self.coding.levels[name])
        return sorted(self.data[name].unique().tolist()) if name in self.factors else None

    def columns_of(self, term: str) -> tuple[str, ...]:
        """The columns of `data` that one of `terms` is made of: of ``drug:day``, drug and day."""
        return self.coding.columns_of(term)

    def containing(self, term: str, *, any_numbers: bool = False) -> tuple[str, ...]:
        """The terms that one of `terms` is a margin of: with its factors among theirs, and the same numbers, or any."""
        return self.coding.containing(term, any_numbers=any_numbers)

    def fixed_without(self, term: str, newdata: pd.DataFrame) -> np.ndarray:
        """The fixed columns for other rows as a formula without one of `terms` would have them."""
        return self.coding.without(term, newdata)


@dataclass(frozen=True, eq=False, kw_only=True)
class Design(CodedFormula):
    """A formula applied to a table.

    Attributes
    ----------
    y : (n,) or None
        The outcome; None where the formula has none.
    X : (n, p)
    rows : pandas.Index
        Labels of the rows.
    failures : (n,) or None
        Beside `y` successes, where the outcome is ``cbind(successes, failures)``.
    """

    y: np.ndarray | None
    X: np.ndarray
    rows: pd.Index
    failures: np.ndarray | None = None

    @cached_property
    def outcome_note(self) -> str:
        """What speaks against a normal distribution of the outcome; empty if nothing does."""
        return outcome_note(self.response, self.y)

    @property
    def mean(self) -> float:
        """Mean of the outcome."""
        return float(self.y.mean())

    @property
    def spread(self) -> float:
        """Weighted sum of squares, about its mean, of the outcome beyond the offset."""
        weights = None if self.weights is None else self.weights.numbers
        deviation = self._beyond_offset - np.average(self._beyond_offset, weights=weights)
        return float(np.sum(deviation**2 if weights is None else weights * deviation**2))

    @property
    def _beyond_offset(self):
        return self.y if self.offset is None else self.y - self.offset.numbers

    def cross_products(self, random: list[tuple[np.ndarray, np.ndarray, int]] | None = None) -> CrossProducts:
        """Reduce the rows to what estimation needs; `random` stands in for `random_parts`."""
        products = cross_products(*self.weighted_rows(random))
        return products if self.weights is None else replace(products, log_det_known=self.log_det_known)

    @property
    def log_det_known(self) -> float:
        """What weights add to log|V| of `weighted_rows`."""
        return 0.0 if self.weights is None else -float(np.log(self.weights.numbers).sum())

    def weighted_rows(self, random: list[tuple[np.ndarray, np.ndarray, int]] | None = None) -> tuple:
        """Outcome beyond the offset, fixed columns and random parts, each row √weight times.

        Then its residual variance is σ², and log|V| is Σ log w too large.
        """
        y, x, random = self._beyond_offset, self.X, self.random_parts if random is None else random
        if self.weights is None:
            return y, x, random
        root = np.sqrt(self.weights.numbers)[:, None]
        return root[:, 0] * y, root * x, [(root * columns, codes, levels) for columns, codes, levels in random]

    def of_rows(self, kept: np.ndarray) -> Design:
        """The design of some of its rows, a mask (n,): columns as they are, groups without a row left out.

        Raises
        ------
        ValueError
            Residuals differ in variance or hang together.
        """
        if not self.has_plain_residuals:
            raise ValueError(
                "Leaving rows out is not offered with variance_by or correlation. Fit the model again to a table "
                "without them."
            )
        random = []
        for term in self.random:
            present, codes = np.unique(term.codes[kept], return_inverse=True)
            random.append(replace(term, columns=term.columns[kept], codes=codes, levels=term.levels[present]))
        some = {"y": self.y[kept], "X": self.X[kept], "rows": self.rows[kept], "data": self.data[kept]}
        if self.failures is not None:
            some["failures"] = self.failures[kept]
        for name in ("weights", "offset"):
            if (known := getattr(self, name)) is not None:
                some[name] = replace(known, numbers=known.numbers[kept])
        return replace(self, random=tuple(random), **some)

    def same_rows(self, other: CodedFormula) -> bool:
        """Whether another design has the same outcome of the same rows."""
        return self.response == other.response and isinstance(other, Design) and self.rows.equals(other.rows)


def build_design(
    formula: str,
    data: pd.DataFrame,
    *,
    drop: bool = False,
    grouped: bool = True,
    weights: Given | None = None,
    offset: Given | None = None,
    variance_by: str | None = None,
    correlation: str | None = None,
    generalized: bool = False,
) -> Design:
    """Apply a mixed model's formula to a table.

    Parameters
    ----------
    formula : str
        See `helpers.design.formula.parse_formula`.
    data : pandas.DataFrame
        One row per observation. Text, True/False and categories are factors: levels in the categories' order, else
        sorted, the first the reference; so are ordered categories (R takes polynomials: ``C(dose, contr.poly)``). Text
        that is numbers is refused. Numbers are numbers, but to the right of ``|`` everything is a label.
    generalized : bool
        Whether the model has no residual variance: then the outcome may be ``cbind(successes, failures)`` or True and
        False, and a level of a grouping factor may have one row.
    grouped : bool
        Whether the formula must have a random term.

    Returns
    -------
    Design
        Of the rows that miss no value in the columns used.

    Raises
    ------
    ValueError
        A formula that cannot be read, or a table that cannot carry the model; the message says why and what to do.
    UnknownNameError
        A column is not there. It is a ``KeyError``.

    Warns
    -----
    UserWarning
        Rows were dropped.
    """
    beside = {"weights": weights, "offset": offset, "variance_by": variance_by, "correlation": correlation}
    parsed = parse_formula(formula, grouped=grouped, pairs=generalized)
    return _design(parsed, formula, data, "data", drop, generalized=generalized, **beside)


def build_shared_design(formula: str, samples: pd.DataFrame) -> Design:
    """Apply a formula without outcome to a table of samples: the design that many outcomes share.

    Parameters
    ----------
    formula : str
        See `helpers.design.formula.parse_right_side`.
    samples : pandas.DataFrame
        One row per sample, otherwise as in `build_design`.

    Returns
    -------
    Design
        Its `response` is empty, its `y` None.

    Raises
    ------
    ValueError, UnknownNameError
        As `build_design`.

    Warns
    -----
    UserWarning
        Samples were dropped.
    """
    return _design(parse_right_side(formula), formula, samples, "design")


def _design(
    parsed,
    formula,
    data,
    table,
    drop=False,
    weights=None,
    offset=None,
    variance_by=None,
    correlation=None,
    generalized=False,
):
    if variance_by is not None and not isinstance(variance_by, str):
        raise ValueError(f"variance_by is the name of a column; found {type(variance_by).__name__}.")
    time, groups = (None, ()) if correlation is None else parse_correlation(correlation)
    names = [*columns_used(parsed), *filter(None, [variance_by, time]), *groups]
    frame, n_dropped = complete(whole := used(data, dict.fromkeys(names), table))
    rows = whole.notna().all(axis=1).to_numpy() if n_dropped else slice(None)
    frame = tidied_columns(frame, *parsed.effects)
    y = evaluate_outcome(parsed.response, frame, yes_or_no=generalized) if parsed.response else None
    failures = evaluate_outcome(parsed.failures, frame) if parsed.failures else None
    n = len(frame)
    x, coding, random = model_columns(
        parsed, frame, n, lambda each: Coding.of(each, frame), drop=drop, lone=generalized
    )
    series = None if time is None else Series.of(time, groups, frame)
    if series is not None:
        refuse_series_across(series, random)
    dropped = Dropped.of(x, coding.names) if drop else None
    kept = range(x.shape[1]) if dropped is None else dropped.kept
    _refuse_few_rows(n, [coding.names[place] for place in kept])
    return Design(
        response=parsed.outcome,
        formula=formula,
        parsed=parsed,
        y=y,
        failures=failures,
        X=x[:, kept],
        names=tuple(coding.names[place] for place in kept),
        terms=coding.terms if dropped is None else dropped.places(coding.terms),
        random=random,
        rows=frame.index,
        weights=None if weights is None else known_weights(weights, data, rows),
        offset=None if offset is None else known_offset(offset, data, rows),
        variance_by=None if variance_by is None else VarianceGroups.of(variance_by, frame),
        correlation=series,
        n_dropped=n_dropped,
        data=frame,
        coding=coding,
        dropped=dropped,
        drops=drop,
    )


def model_columns(
    parsed: ParsedFormula,
    frame: pd.DataFrame,
    n: int,
    columns_of: Callable,
    *,
    drop: bool = False,
    lone: bool = False,
) -> tuple[np.ndarray, Coding, tuple[RandomDesign, ...]]:
    """The fixed and the random columns of a formula, refused where they cannot carry a model.

    Parameters
    ----------
    parsed : helpers.design.formula.ParsedFormula
    frame : pandas.DataFrame
        Tidied; one row per observation, or one per cell.
    n : int
        Observations.
    columns_of : callable
        Expression -> its columns and their `Coding`.
    drop : bool
        Let fixed columns pass that others add up to.
    lone : bool
        Let every level of a grouping factor have one row.

    Returns
    -------
    tuple of numpy.ndarray, Coding and tuple of RandomDesign
        The codes of a random term are those of the rows of `frame`.

    Raises
    ------
    ValueError
        See `build_design`.
    """
    x, coding = columns_of(parsed.fixed)
    if x.shape[1] == 0:
        raise ValueError("The formula has no fixed part, not even an intercept. Leave out the 0.")
    if not drop:
        _refuse_few_rows(n, coding.names)
        _refuse_aliases(x, coding, frame, "the fixed part")
    random = tuple(_random_design(term, frame, n, columns_of, lone) for term in parsed.random)
    _refuse_twins(random)
    return x, coding, random


def _refuse_few_rows(n, names):
    if n <= len(names):
        raise ValueError(
            f"The table has {n} rows without missing values, the fixed part {len(names)} coefficients "
            f"({some(names, 6)}). A model needs more rows than coefficients: take terms out of the formula."
        )


@functools.lru_cache(maxsize=512)
def columns_used(parsed: ParsedFormula) -> tuple[str, ...]:
    """The columns that a formula uses, each once."""
    parts = filter(None, (parsed.response, parsed.failures))
    outcome = [name for part in parts for name in translate(part).columns.values()]
    return tuple(dict.fromkeys([*outcome, *predictors_used(parsed)]))


@functools.lru_cache(maxsize=512)
def predictors_used(parsed: ParsedFormula) -> tuple[str, ...]:
    """The columns that a formula uses right of the ``~``, each once."""
    names = [name for expression in parsed.effects for name in translate(expression).columns.values()]
    return tuple(dict.fromkeys([*names, *(name for term in parsed.random for name in term.groups)]))


def _random_design(term, data, n, columns_of, lone):
    grouping, codes = Grouping.of(term.groups, data)
    levels = grouping.labels()
    if len(levels) == 1:
        raise ValueError(
            f"The grouping factor {term.label!r} has one level, {quoted_label(levels[0])}: there is no variation "
            "between groups to estimate. Drop the random term, or group by another column."
        )
    if len(levels) == n and not lone:
        raise ValueError(
            f"Every level of {term.label!r} has one row: the group effect cannot be told from the residual. Group by a "
            "column whose levels have several rows."
        )
    columns, coding = columns_of(term.expression)
    if len(levels) * columns.shape[1] >= n and not lone:  # lme4 refuses this, too
        raise ValueError(
            f"The random term {term} has {columns.shape[1]} effects in each of {len(levels)} groups, and the table {n} "
            f"rows: not enough to tell them from the residual. Let less vary, such as (1 | {term.label})."
        )
    _refuse_aliases(columns, coding, data, f"the random term {term}")
    return RandomDesign(term.label, coding.names, columns, codes, levels, coding, grouping)


def _refuse_aliases(matrix, coding, data, where):
    """Columns that others add up to; where an interaction is the cause, its cells without rows."""
    if not (sentences := aliases(matrix, coding.names)):
        return
    if far := far_from_zero(matrix, coding.names):
        raise ValueError(f"Of the columns of {where}, {some(far)}.")
    empty = []
    for term in coding.spec.formula:
        names = [coding.translation.columns.get(factor.expr) for factor in term.factors]
        if len(factors := [name for name in names if name in coding.levels]) > 1:
            empty += Grouping.of(factors, data)[0].empty()
    advice = "Take one of the columns out of the formula."
    if empty:
        advice = f"No row has {some(empty)}. Take the interaction out of the formula, or drop a level."
    raise ValueError(f"The columns of {where} are not independent: {some(sentences)}. {advice}")


def _refuse_twins(random):
    """Two random terms that say the same: their variances cannot be told apart."""
    for place, second in enumerate(random):
        for first in random[:place]:
            shared = [name for name in second.names if name in first.names]
            pairs = np.unique(first.codes * len(second.levels) + second.codes) if shared else ()
            if len(pairs) == len(first.levels) == len(second.levels):
                raise ValueError(
                    f"Two random terms hold {listed(shared)} by the same groups of rows ({first.group!r} and "
                    f"{second.group!r}): their variances cannot be told apart. Take one out."
                )
