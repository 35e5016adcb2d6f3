"""What is to be tested, as `test=` says it: rows of weights on the coefficients, one by one or jointly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.contrasts import comparison_rows
from helpers.contrasts.models import Model
from helpers.design import Design
from helpers.hypotheses.weights import contrast_weights
from helpers.refusals.errors import unknown_name

COMPARISON = ("variables", "by", "at", "grid")


@dataclass(frozen=True, eq=False)
class Question:
    """One test: its name, and its weights (q, p); one row is a t test, several are tested jointly by F.

    A row of `helpers.contrasts.comparisons` knows its cell of ``by``, how many means are compared pair by pair, and
    whether all are compared with one and the same.
    """

    name: str
    weights: np.ndarray
    is_joint: bool = False
    cell: tuple = ()
    n_means: int | None = None
    to_reference: bool = False


def questions_of(design: Design, test: Any, effects: Any = None) -> list[Question]:
    """Read `test`; see `helpers.planning.power`.

    Raises
    ------
    UnknownNameError
        A name is no term and no coefficient. It is a ``KeyError``.
    ValueError
        Nothing is asked for, or it cannot be read.
    """
    if test is None:
        names = list(effects) if isinstance(effects, Mapping | pd.Series) else []
        test = names or [name for name in design.terms if name not in ("1", "Intercept")]
        if not test:
            raise ValueError("The formula has nothing to test beside the mean: say test='Intercept', or add a term.")
    if isinstance(test, str):
        return [_named(design, test)]
    if isinstance(test, list | tuple) and test and all(isinstance(name, str) for name in test):
        return [_named(design, name) for name in test]
    if isinstance(test, Mapping) and "variables" in test:
        return _compared(design, test)
    if isinstance(test, Mapping) and set(test) == {"joint"}:
        return [_joint(design, test["joint"])]
    rows = contrast_weights(test, design.names)
    return [Question(str(name), weights[None]) for name, weights in zip(rows.index, rows.to_numpy(), strict=True)]


def _named(design, name):
    eye = np.eye(len(design.names))
    if name in design.names:
        return Question(name, eye[[design.names.index(name)]])
    if name not in design.terms:
        raise unknown_name("The formula", "term or coefficient", [name], dict.fromkeys([*design.terms, *design.names]))
    places = list(design.terms[name])
    return Question(name, eye[places], is_joint=len(places) > 1)


def _joint(design, asked):
    if isinstance(asked, str):
        asked = [asked]
    if isinstance(asked, list | tuple) and all(isinstance(name, str) for name in asked):
        weights = np.concatenate([_named(design, name).weights for name in asked])
        name = " and ".join(asked)
    else:
        weights, name = contrast_weights(asked, design.names).to_numpy(), "joint test"
    if np.linalg.matrix_rank(weights) < len(weights):
        raise ValueError("The contrasts tested together are not independent of each other: leave out those implied.")
    return Question(name, weights, is_joint=True)


def _compared(design, asked):
    """The rows of `helpers.contrasts.comparisons`."""
    if unknown := [name for name in asked if name not in COMPARISON]:
        raise unknown_name("A comparison", "argument", unknown, COMPARISON)
    levels = {name: design.levels_of(name) for name in design.factors}
    predictors = design.data[list(design.predictors)]
    p = len(design.names)
    model = Model(
        estimates=np.zeros(p),
        covariance=np.eye(p),
        predictors=predictors.assign(**{name: pd.Categorical(predictors[name], levels[name]) for name in levels}),
        levels=levels,
        matrix=design.fixed_matrix,
    )
    rows = comparison_rows(model, **asked)
    names = [", ".join(map(str, row)) for row in rows.labels.itertuples(index=False)]
    cells = list(rows.labels[rows.by].itertuples(index=False, name=None)) if rows.by else [()] * len(names)
    return [
        Question(name, row[None], False, cell, rows.n_means, rows.to_reference)
        for name, row, cell in zip(names, rows.weights, cells, strict=True)
    ]
