"""Fits of different libraries, seen alike: predictors, fixed columns, estimates, and what their tests rest on."""

import weakref
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.contrasts.integrated_links import IntegratedLink
from helpers.contrasts.links import DISCRETE_LOG
from helpers.contrasts.statsmodels_fits import parts_of
from helpers.design import Design
from helpers.design.dropped import Dropped
from helpers.hypotheses.wald import f_p_value
from helpers.mixed import MixedFit
from helpers.mixed.generalized import GeneralizedMixedFit
from helpers.mixed.generalized.inverse_links import LINKS_BACK, Link
from helpers.mixed.inference import METHODS
from helpers.refusals.wording import listed

MANY = 1000  # rows; of fewer, looking for repeats costs more than it saves
_CHECKED = weakref.WeakSet()  # fits whose columns have been seen not to depend on which rows they are computed for


def combinations(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The distinct combinations of values in a table: the number of each row's (n,), and where each stands first."""
    codes = np.zeros(len(rows), dtype=int)
    for _, column in rows.items():
        is_factor = isinstance(column.dtype, pd.CategoricalDtype)
        each = column.cat.codes.to_numpy() if is_factor else np.unique(column, return_inverse=True)[1]
        codes = np.unique(codes * (int(each.max()) + 1) + each, return_inverse=True)[1]
    return codes, np.unique(codes, return_index=True)[1]


@dataclass(frozen=True, eq=False)
class Model:
    """A fit as marginal means need it.

    Attributes
    ----------
    estimates : (p,)
        Coefficients of the fixed part.
    covariance : (p, p)
        Of an `IntegratedLink` (p + q, p + q): with the deviations of the random intercepts.
    predictors : pandas.DataFrame
        The columns that the fixed part uses, on the rows of the fit; factors are categories.
    levels : dict
        Factor -> its values, as `matrix` takes them.
    matrix : callable
        Rows of predictors, factors as values -> fixed columns (n, p).
    link : helpers.mixed.generalized.inverse_links.Link, IntegratedLink or None
        From the scale of the linear predictor to that of the outcome; None where they are one.
    offset : (n,) or None
        What is added to the linear predictor, known beforehand.
    residual_df : float
        For t tests; infinite where the library gives z.
    fit : object
        As it was given.
    has_rows : bool
        Whether `predictors` are the rows of the fit; otherwise they only have its levels and means.
    dropped : helpers.design.dropped.Dropped or None
        Columns that the fit left out; `matrix` has them, and their estimates stand for 0.
    random_note : str
        What is said of the random effects under a table on the scale of the outcome.
    """

    estimates: np.ndarray
    covariance: np.ndarray
    predictors: pd.DataFrame
    levels: dict
    matrix: object = field(repr=False)
    link: Link | IntegratedLink | None = None
    offset: np.ndarray | None = None
    residual_df: float = np.inf
    fit: Any = field(default=None, repr=False)
    has_rows: bool = True
    dropped: Dropped | None = None
    random_note: str = ""

    @property
    def is_mixed(self) -> bool:
        """Whether contrasts have degrees of freedom of their own."""
        return isinstance(self.fit, MixedFit)

    def fixed_columns(self, rows: pd.DataFrame) -> np.ndarray:
        """The fixed columns (n, p) of rows of predictors whose factors are categories, as `predictors` has them.

        Of many rows that repeat few combinations, each combination is computed once.
        """
        if len(rows) > MANY:
            codes, first = combinations(rows)
            if len(first) < len(rows) / 2:
                return self.fixed_columns(rows.iloc[first])[codes]
        values = {name: self._values(name, column) for name, column in rows.items()}
        return self.matrix(pd.DataFrame(values, index=rows.index))

    def _values(self, name, column):
        if name in self.levels:
            return pd.Series(self.levels[name]).to_numpy()[column.cat.codes]
        return column.to_numpy(dtype=float)

    def ddf(self, asked: str | None) -> str:
        """The method for degrees of freedom: the one asked for, else the best the model has.

        Raises
        ------
        ValueError
            The model does not have the method.
        """
        if asked is None:
            return "satterthwaite" if self.is_mixed else "residual" if np.isfinite(self.residual_df) else "normal"
        if asked not in (*METHODS, "residual"):
            raise ValueError(f"ddf is one of {listed((*METHODS, 'residual'))}; found {asked!r}.")
        if self.is_mixed and asked == "residual":
            raise ValueError("A mixed model has no one residual df: use ddf='satterthwaite' or 'kenward-roger'.")
        if not self.is_mixed and asked != "normal":
            if not np.isfinite(self.residual_df):
                raise ValueError(f"This model's tests are z tests: ddf={asked!r} does not apply. Leave ddf out.")
            return "residual"  # without a random part, Satterthwaite and Kenward–Roger both give n − p
        return asked

    def estimable(self, weights: np.ndarray) -> np.ndarray:
        """Whether the fit can tell each weighted sum (k, p) of the coefficients."""
        if self.dropped is None:
            return np.ones(len(weights), dtype=bool)
        return self.dropped.estimable(weights[:, : len(self.estimates)])

    def _of_fit(self, weights):
        return weights if self.dropped is None else weights[:, self.dropped.kept]

    def _covariance_of(self, weights):
        """That of the coefficients, and of deviations where the weights count these."""
        return self.covariance[: weights.shape[1], : weights.shape[1]]

    def std_error_and_df(self, weights: np.ndarray, ddf: str) -> tuple[np.ndarray, np.ndarray]:
        """Standard errors and degrees of freedom of weighted sums (k, p) of the coefficients."""
        if self.is_mixed:
            table = self.fit.contrast(self._of_fit(weights), ddf)
            return table["std_error"].to_numpy(), table["df"].to_numpy()
        covariance = self._covariance_of(weights)
        std_error = np.sqrt(np.einsum("ki,ij,kj->k", weights, covariance, weights))
        return std_error, np.full(len(weights), self.residual_df if ddf == "residual" else np.inf)

    def contrast_covariance(self, weights: np.ndarray, ddf: str) -> np.ndarray:
        """Covariance (k, k) of weighted sums of the coefficients."""
        if self.is_mixed:
            return self.fit.contrast_covariance(self._of_fit(weights), ddf)
        return weights @ self._covariance_of(weights) @ weights.T

    def joint_test(self, weights: np.ndarray, ddf: str) -> dict[str, float]:
        """F test that independent weighted sums are all zero: a dict as `MixedFit.joint_test` gives."""
        if self.is_mixed:
            return self.fit.joint_test(self._of_fit(weights), ddf).iloc[0].to_dict()
        q, value = len(weights), weights @ self.estimates
        statistic = value @ np.linalg.solve(weights @ self._covariance_of(weights) @ weights.T, value) / q
        den_df = self.residual_df if ddf == "residual" else np.inf
        p = float(f_p_value(statistic, q, den_df))
        return {"num_df": q, "den_df": den_df, "statistic": float(statistic), "p_value": p}


def as_model(fit: object) -> Model:
    """See a fit as a `Model`.

    Parameters
    ----------
    fit : MixedFit, GeneralizedMixedFit, or a result of statsmodels' ols, wls, glm, poisson, negativebinomial or logit
        The latter by formula. A `Model` is given back as it is.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        A model that is none of these, or was fitted without a formula.
    """
    if isinstance(fit, Model):
        return fit
    if isinstance(fit, MixedFit):
        return _checked(_of_mixed(fit))
    if isinstance(fit, GeneralizedMixedFit):
        return _checked(_of_generalized(fit))
    inner = getattr(fit, "model", None)
    kind = type(inner).__name__
    if kind == "MixedLM":
        raise ValueError(
            "statsmodels' MixedLM gives z tests only: fit the model with helpers.mixed.fit_mixed, same formula with "
            "'+ (1 | group)', and pass that fit."
        )
    if not hasattr(fit, "params") or kind not in ("OLS", "WLS", "GLS", "GLM", "Logit", *DISCRETE_LOG):
        raise ValueError(
            f"The fit must come from fit_mixed, or from statsmodels' ols, wls, glm, poisson, negativebinomial or logit;"
            f" found {type(inner if inner is not None else fit).__name__}."
        )
    parts = parts_of(fit)
    return _checked(Model(fit=fit, **parts | {"predictors": coded(parts["predictors"], parts["levels"])}))


def _checked(model):
    """Refuse columns that depend on which rows they are computed for, such as ``I(x - x.mean())``."""
    few = model.predictors.head(3)
    if model.fit in _CHECKED or not model.has_rows or few.columns.empty:
        return model
    if not np.allclose(model._of_fit(model.fixed_columns(few)), _first(model, len(few))):
        raise ValueError(
            "A term of the formula changes with the rows it is computed for, as I(x - x.mean()) does. Use center(x) or "
            "scale(x) in fit_mixed, or compute a column of the table first."
        )
    _CHECKED.add(model.fit)
    return model


def _first(model, n):
    """The first rows of the columns as they were at the fit."""
    columns = model.fit.design.X if hasattr(model.fit, "design") else model.fit.model.exog
    return columns[:n]


def _of_mixed(fit):
    design = fit.design
    if design.offset is not None and design.offset.column in design.predictors:
        raise ValueError(
            f"The offset {design.offset.column!r} is also a predictor: marginal means would move the one and not the "
            "other. Subtract the offset from the outcome in the table, and fit without it."
        )
    levels = {name: design.levels_of(name) for name in design.factors}
    kept = slice(None) if design.dropped is None else list(design.dropped.kept)
    estimates = np.zeros(len(design.names) if design.dropped is None else len(design.dropped.names))
    estimates[kept] = fit.fixed_effects
    return Model(
        estimates=estimates,
        covariance=fit.covariance.to_numpy(),
        predictors=coded(design.data[list(design.predictors)], levels),
        levels=levels,
        matrix=design.all_columns,
        offset=None if design.offset is None else design.offset.numbers,
        fit=fit,
        dropped=design.dropped,
        has_rows=isinstance(design, Design),
    )


def _of_generalized(fit):
    model = _of_mixed(fit)
    kept = np.arange(len(model.estimates)) if model.dropped is None else np.array(model.dropped.kept)
    covariance = np.zeros((len(model.estimates),) * 2)
    covariance[np.ix_(kept, kept)] = model.covariance
    link = None if fit.link == "identity" else LINKS_BACK[fit.link]
    note = "" if link is None else "random effects at zero: the mean of a typical level, not the mean over all levels"
    return replace(model, covariance=covariance, link=link, random_note=note)


def integrated(fit: GeneralizedMixedFit) -> Model:
    """A generalised mixed model, to be asked for means over all levels of its grouping factors.

    ``predictions(fit, "drug", scale="response")`` has the random effects at zero: the mean of a typical animal.
    ``predictions(integrated(fit), "drug", scale="response")`` is the mean over all animals, which the average of many
    outcomes comes to. They differ, for links are bent, and so do differences of risks. On the scale of the link there
    is no such difference.

    Parameters
    ----------
    fit : helpers.mixed.generalized.GeneralizedMixedFit
        With random intercepts only.

    Returns
    -------
    Model
        For `predictions`, `comparisons` and `slopes`; standard errors count that the deviations are estimated.

    Raises
    ------
    ValueError
        Another model; random slopes, whose deviation differs from row to row; or the link "identity", "sqrt" or
        "inverse", whose mean over normal random effects does not exist or is not the model's.
    """
    if not isinstance(fit, GeneralizedMixedFit):
        raise ValueError(
            f"integrated() takes a fit of fit_mixed(…, family=…); found {type(fit).__name__}. In a linear model the "
            "mean over all levels is that of a typical one."
        )
    if any(term.names != ("(Intercept)",) for term in fit.design.random):
        raise ValueError(
            "With random slopes the deviation between levels differs from row to row, and integrated() is not offered. "
            "Ask for random effects at zero: predictions(fit, …)."
        )
    if fit.link not in ("logit", "probit", "cloglog", "log") or (fit.family, fit.link) == ("binomial", "log"):
        raise ValueError(
            f"With family={fit.family!r} and link={fit.link!r} a normal random effect leaves the range of the mean, so "
            "the mean over all levels is not the model's. Ask for random effects at zero: predictions(fit, …)."
        )
    model = as_model(fit)
    p, q, whole = fit.solution.p, len(fit.theta), fit.solution.covariance
    kept = np.arange(p) if model.dropped is None else np.array(model.dropped.kept)
    places = np.concatenate([kept, len(model.estimates) + np.arange(q)])
    covariance = np.zeros((len(model.estimates) + q,) * 2)
    covariance[np.ix_(places, places)] = whole[: p + q, : p + q]
    return replace(
        model,
        covariance=covariance,
        link=IntegratedLink(LINKS_BACK[fit.link], fit.theta),
        random_note="integrated over the random effects: the mean over all levels",
    )


def coded(frame: pd.DataFrame, levels: dict) -> pd.DataFrame:
    """Factors as categories, in the order of their levels."""
    return frame.assign(**{name: pd.Categorical(frame[name], levels[name]) for name in levels})
