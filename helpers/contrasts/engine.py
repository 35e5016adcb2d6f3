"""The call to marginaleffects: estimates and their Jacobian, on a model of ours.

marginaleffects gets columns v0, v1, … with levels 0, 1, …: it reserves names (`group`, `term`, …), refuses strings,
and sorts levels by itself.
"""

import re
import warnings
from dataclasses import dataclass, field

import marginaleffects
import numpy as np
import pandas as pd
import polars as pl
from marginaleffects.classes import ModelAbstract, ModelVault

from helpers.contrasts.models import Model

OUTCOME, CONSTANT = "outcome", "constant"  # the latter where the model has no predictor: there must be one
NARROW = 1e-4  # of a predictor's range: the step of a slope
FINEST = 1e-8  # of a predictor's size: below it rounding would show


@dataclass(frozen=True, eq=False)
class Effects:
    """What was asked for, row by row.

    Attributes
    ----------
    labels : pandas.DataFrame
        The cells of `by`.
    pairs : list of (int, int)
        For comparisons of a factor, the places of the later and the earlier level of each row.
    estimate : (k,)
    jacobian : (k, p)
        Its derivative by the coefficients; on the scale of the linear predictor, the weights of the contrast.
    """

    labels: pd.DataFrame
    estimate: np.ndarray
    jacobian: np.ndarray
    pairs: list = field(default_factory=list)


class _Adapter(ModelAbstract):
    """A `Model` as marginaleffects asks for one.

    A linear predictor's Jacobian does not depend on where it is taken: at coefficients of zero, with a step of one, the
    numerical derivative is exact, whatever the size of the outcome.
    """

    def __init__(self, model: Model, inverse):
        self.ours, self.inverse = model, inverse
        self.aliases = {name: f"v{place}" for place, name in enumerate(model.predictors.columns)}
        frame = self.frame(model.predictors, np.zeros(len(model.predictors)))
        predictors = [name for name in frame.columns if name != OUTCOME]
        super().__init__(
            model,
            ModelVault(
                coef=model.estimates if inverse else np.zeros(len(model.estimates)),
                coefnames=np.array([f"b{place}" for place in range(len(model.estimates))]),
                vcov=model.covariance,
                modeldata=frame,
                variable_names=[OUTCOME, *predictors],
                formula=f"{OUTCOME} ~ {' + '.join(predictors)}",
                package="helpers",
            ),
        )

    def frame(self, rows, offset):
        """Our rows as marginaleffects takes them; the offset travels as the outcome, which it only carries along."""
        columns = {} if self.aliases else {CONSTANT: np.zeros(len(rows))}
        for name, alias in self.aliases.items():
            if name in self.ours.levels:
                kinds = pl.Enum([str(code) for code in range(len(self.ours.levels[name]))])
                columns[alias] = pl.Series(rows[name].cat.codes.astype(str).tolist(), dtype=kinds)
            else:
                columns[alias] = pl.Series(rows[name].to_numpy(dtype=float))
        return pl.DataFrame(columns | {OUTCOME: np.asarray(offset, dtype=float)})

    def rows(self, frame):
        """Back again."""
        columns = {}
        for name, alias in self.aliases.items():
            if name in self.ours.levels:
                codes = frame[alias].cast(pl.String).cast(pl.Int64).to_numpy()
                columns[name] = pd.Series(self.ours.levels[name])[codes].to_numpy()
            else:
                columns[name] = frame[alias].to_numpy()
        return pd.DataFrame(columns, index=range(len(frame)))

    def get_exog(self, newdata):
        """Fixed columns, and the offset as one more."""
        return np.column_stack([self.ours.matrix(self.rows(newdata)), newdata[OUTCOME].to_numpy()])

    def get_predict(self, params, newdata):
        """Linear predictor, or the outcome's mean."""
        exog = np.asarray(newdata)
        eta = exog[:, :-1] @ np.asarray(params) + exog[:, -1]
        value = eta if self.inverse is None else self.inverse(eta)
        return pl.DataFrame({"rowid": np.arange(len(exog), dtype=np.int32), "estimate": value})

    def get_vcov(self, vcov=False):
        """Covariance of the estimates."""
        return self.vault.vcov


def average_predictions(model, rows, offset, by, *, response):
    """Predictions averaged within the cells of `by`."""
    adapter = _Adapter(model, model.inverse if response else None)
    found = _quietly(
        marginaleffects.avg_predictions,
        adapter,
        newdata=adapter.frame(rows, offset),
        by=[adapter.aliases[name] for name in by] or True,
        eps_vcov=None if adapter.inverse else 1.0,
    )
    return _effects(adapter, found, by)


def average_comparisons(model, rows, offset, variable, how, by, *, response, slope=False):
    """Differences of predictions as one predictor moves, averaged within the cells of `by`."""
    adapter = _Adapter(model, model.inverse if response else None)
    found = _quietly(
        marginaleffects.avg_comparisons,
        adapter,
        newdata=adapter.frame(rows, offset),
        variables={adapter.aliases[variable]: how},
        by=[adapter.aliases[name] for name in by] or True,
        comparison="dydx" if slope else "difference",
        eps=_width(model, variable, rows) if slope else NARROW,
        eps_vcov=None if adapter.inverse else 1.0,
    )
    if variable not in model.levels:
        return _effects(adapter, found, by)
    return _effects(
        adapter, found, by, [tuple(map(int, re.findall(r"\d+", label))) for label in found.data["contrast"]]
    )


def _width(model, variable, rows):
    """The step of a slope: small beside the predictor's range, and beside positive values, which may be logged."""
    values = rows[variable].to_numpy(dtype=float)
    reach = float(np.ptp(model.predictors[variable]))
    if reach == 0:
        raise ValueError(f"{variable!r} has one value in the rows of the fit, {values[0]:g}: it has no slope.")
    if values.min() > 0:
        reach = min(reach, float(values.min()))
    return max(NARROW * reach, FINEST * float(np.abs(values).max()))


def _quietly(function, *arguments, **named):
    """Call marginaleffects without what polars 1.44 says about its use of polars."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"`cat.get_categories\(\)` is deprecated", DeprecationWarning)
        return function(*arguments, **named)


def _effects(adapter, found, by, pairs=()):
    frame = found.data
    labels = {}
    for name in by:
        cell = frame[adapter.aliases[name]]
        codes = cell.cast(pl.String).cast(pl.Int64).to_numpy() if name in adapter.ours.levels else None
        labels[name] = cell.to_numpy() if codes is None else pd.Categorical.from_codes(codes, adapter.ours.levels[name])
    jacobian = np.asarray(found.jacobian, dtype=float)
    estimate = frame["estimate"].to_numpy()
    if adapter.inverse is None:  # what marginaleffects found at coefficients of zero is the offset
        estimate = estimate + jacobian @ adapter.ours.estimates
    return Effects(pd.DataFrame(labels, index=range(len(estimate))), estimate, jacobian, list(pairs))
