"""A formula applied to cells: a design whose cross-products are those of all the rows.

Each cell becomes a few rows that stand for its many: its mean, √n times, and a square root of its sums of squares. As
long as a predictor enters linearly, every cross-product of the model's columns and the outcome is the same as in the
table, so estimation and inference go on as with the rows themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from helpers.cells.statistics import Cells
from helpers.design import CodedFormula, model_columns, predictors_used
from helpers.design.coding import Coding
from helpers.design.columns import used
from helpers.design.crossproducts import cross_products
from helpers.design.formula import parse_formula
from helpers.refusals.wording import listed

if TYPE_CHECKING:
    from helpers.design.crossproducts import CrossProducts

SAME = 1e-9
WITHOUT_ROWS = (
    "This model was fitted to counts, means and sums of squares per cell: {what} would need the single rows, which are"
    " not kept. predict(newdata), tables, contrasts and tests work; for the rest fit a sample of the rows in memory."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class CellDesign(CodedFormula):
    """A formula applied to cells; its random columns and codes are those of the rows that stand for others.

    Attributes
    ----------
    cells : Cells
    stand_in : (y, x)
        Outcome and fixed columns of the rows that stand for others.
    """

    cells: Cells
    stand_in: tuple = field(repr=False)

    @property
    def mean(self) -> float:
        """Mean of the outcome."""
        return float(self.cells.shift[-1])

    @property
    def spread(self) -> float:
        """Sum of squares of the outcome about its mean."""
        y = self.cells.means[:, -1]
        y = y - np.average(y, weights=self.cells.n)
        return float(self.cells.n @ y**2 + self.cells.squares[:, -1, -1].sum())

    def cross_products(self, random: list[tuple[np.ndarray, np.ndarray, int]] | None = None) -> CrossProducts:
        """What estimation needs; `random` stands in for `random_parts`.

        The outcome's mean is left out, and added to the intercept afterwards: no digit is lost to it.
        """
        y, x = self.stand_in
        weights = np.sqrt(self.cells.n)
        ones = np.concatenate([weights, np.zeros(len(x) - len(weights))])
        intercept = intercept_of(x, ones)
        if intercept is None:
            y, intercept = y + self.mean * ones, np.zeros(x.shape[1])
        products = cross_products(y, x, self.random_parts if random is None else random, self.cells.n_rows)
        return replace(products, coefficients=products.coefficients + self.mean * intercept)

    def same_rows(self, other: CodedFormula) -> bool:
        """Whether another design has the same outcome of, as far as their sums tell, the same rows."""
        if not isinstance(other, CellDesign) or self.response != other.response:
            return False
        mine, theirs = ((each.cells.n_rows, each.mean, each.spread) for each in (self, other))
        return mine[0] == theirs[0] and np.allclose(mine[1:], theirs[1:], rtol=SAME)

    @property
    def X(self) -> NoReturn:
        """Refuse: there is no row to have columns."""
        raise ValueError(WITHOUT_ROWS.format(what="what you ask for"))

    @property
    def y(self) -> NoReturn:
        """Refuse, as `X`."""
        raise ValueError(WITHOUT_ROWS.format(what="what you ask for"))

    @property
    def rows(self) -> NoReturn:
        """Refuse, as `X`."""
        raise ValueError(WITHOUT_ROWS.format(what="what you ask for"))


def cell_design(formula: str, cells: Cells) -> CellDesign:
    """Apply a mixed model's formula to cells.

    Parameters
    ----------
    formula : str
        Its outcome is that of the cells, and it uses no other column than they do.
    cells : Cells

    Returns
    -------
    CellDesign

    Raises
    ------
    ValueError
        The cells cannot carry the model; the message says why and what to do.
    UnknownNameError
        The cells lack a column.
    """
    parsed = parse_formula(formula)
    if parsed.response != cells.outcome:
        raise ValueError(
            f"The cells are of {cells.outcome!r}, the formula of {parsed.response!r}. Collect cells for this formula."
        )
    frame = pd.concat([cells.keys, pd.DataFrame(cells.means[:, :-1] + cells.shift[:-1], columns=cells.numeric)], axis=1)
    stand_ins = _StandIns(cells, used(frame, predictors_used(parsed), "cells"))
    x, coding, random = model_columns(parsed, frame, cells.n_rows, stand_ins.columns)
    return CellDesign(
        response=parsed.response,
        formula=formula,
        parsed=parsed,
        names=coding.names,
        terms=coding.terms,
        random=tuple(replace(term, codes=term.codes[stand_ins.cell]) for term in random),
        n_dropped=cells.n_dropped,
        data=stand_ins.spanning(),
        coding=coding,
        cells=cells,
        stand_in=(stand_ins.y, x),
    )


class _StandIns:
    """The rows that stand for those of the cells, and their columns.

    With k numeric predictors in use, and columns that are c0 + Σ c_j x_j within a cell, the first rows (one per cell)
    hold √n times the columns at the cell's means; the others (k + 1 per cell, from R of R'R = S, the cell's sums of
    squares and products) hold Σ c_j R_j. Without numeric predictors the sums of squares of all cells share one row.
    """

    def __init__(self, cells, frame):
        self.cells, self.frame = cells, frame
        self.numeric = [j for j, name in enumerate(cells.numeric) if name in frame]
        self.weights = np.sqrt(cells.n)
        which = [*self.numeric, len(cells.numeric)]
        squares = cells.squares[:, which][:, :, which]
        every = np.arange(len(cells.n))
        if self.numeric:
            self.roots = _roots(squares)
            self.cell = np.concatenate([every, every.repeat(len(which))])
        else:
            self.roots = np.sqrt(squares.sum(axis=0))[None]
            self.cell = np.append(every, 0)
        self.y = np.concatenate([self.weights * cells.means[:, -1], self.roots[:, :, -1].ravel()])

    def columns(self, expression):
        """The columns of an expression, and their coding."""
        x, coding = Coding.of(expression, self.frame, self.cells.n_rows)
        refuse_functions_of_rows(expression, coding)
        names = [self.cells.numeric[j] for j in self.numeric]
        slopes = self._slopes(expression, coding, x, names)
        within = np.einsum("cri,cip->crp", self.roots[:, :, :-1], slopes) if names else np.zeros((1, 1, x.shape[1]))
        return np.concatenate([self.weights[:, None] * x, within.reshape(-1, x.shape[1])]), coding

    def _slopes(self, expression, coding, x, names):
        """How fast each column grows with each predictor in each cell, (c, k, p); refuse what is no straight line."""
        try:
            level = coding.matrix(self.frame.assign(**dict.fromkeys(names, 0.0)))
            steps = [coding.matrix(self.frame.assign(**{**dict.fromkeys(names, 0.0), name: 1.0})) for name in names]
            slopes = np.stack([step - level for step in steps], axis=1) if names else np.zeros((len(x), 0, x.shape[1]))
            probe = {name: 2.5 + 1.75 * place for place, name in enumerate(names)}
            away = coding.matrix(self.frame.assign(**probe)) - level
            straight = np.allclose(away, np.einsum("ckp,k->cp", slopes, [*probe.values()]), rtol=SAME, atol=SAME)
        except ValueError:  # the logarithm of a predictor at zero
            straight = False
        if not straight:
            raise ValueError(
                f"{expression!r} holds a numeric predictor ({listed(names)}) other than as a straight line: of its "
                "powers, logarithms and products the cells keep no sums. Write them into the table as columns where "
                "the data are, or make labels of its values with C()."
            )
        return slopes

    def spanning(self):
        """Rows of the predictors used in which every numeric one varies within every cell, with the table's means."""
        names = [self.cells.numeric[j] for j in self.numeric]
        if not names:
            return self.frame
        sd = np.sqrt(np.einsum("cii->ci", self.cells.squares)[:, self.numeric].sum(axis=0) / self.cells.n_rows)
        off = self.cells.shift[self.numeric] - self.frame[names].to_numpy().mean(axis=0)
        rows = []
        for place, name in enumerate(names):
            for step in (-1.0, 1.0):
                moved = self.frame[names] + off
                moved[name] += step * (sd[place] or 1.0)
                rows.append(self.frame.assign(**moved))
        return pd.concat(rows, ignore_index=True)


def intercept_of(x: np.ndarray, ones: np.ndarray) -> np.ndarray:
    """The coefficients that make a column of ones, such as 1, 0, …, 0; None for a model without intercept."""
    weights = np.linalg.lstsq(x, ones, rcond=None)[0]
    if np.linalg.norm(x @ weights - ones) > SAME * np.linalg.norm(ones):
        return None
    whole = np.rint(weights)
    return np.where(np.abs(weights - whole) < SAME, whole, weights)


def refuse_functions_of_rows(expression: str, coding: Coding) -> None:
    """Refuse what depends on all rows at once, such as scale(x): cells do not know it."""
    if found := coding.functions_of_rows:
        raise ValueError(
            f"{expression!r} holds {listed(found)}, a function of"
            " all rows: cells cannot compute it. Write its column into the table where the data are."
        )


def _roots(squares):
    """R with R'R = S of each cell, from the eigenvectors of S in units of its diagonal."""
    scale = np.sqrt(np.einsum("cii->ci", squares))
    unit = np.where(scale > 0, scale, 1)
    values, vectors = np.linalg.eigh(squares / (unit[:, :, None] * unit[:, None, :]))
    return np.sqrt(np.maximum(values, 0))[:, :, None] * np.swapaxes(vectors, 1, 2) * unit[:, None, :]
