"""Fits of different libraries, seen alike: predictors, fixed columns, estimates, and what their tests rest on."""

import ast
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
import patsy

from helpers.design import Design
from helpers.hypotheses.wald import f_p_value
from helpers.mixed import MixedFit
from helpers.mixed.inference import METHODS
from helpers.refusals.wording import listed

LOG_LINK = ("Poisson", "NegativeBinomial", "NegativeBinomialP", "GeneralizedPoisson")  # statsmodels' discrete models


@dataclass(frozen=True, eq=False)
class Model:
    """A fit as marginal means need it.

    Attributes
    ----------
    estimates : (p,)
        Coefficients of the fixed part.
    covariance : (p, p)
    predictors : pandas.DataFrame
        The columns that the fixed part uses, on the rows of the fit; factors are categories.
    levels : dict
        Factor -> its values, as `matrix` takes them.
    matrix : callable
        Rows of predictors -> fixed columns (n, p).
    inverse : callable or None
        From the scale of the linear predictor to that of the outcome; None where they are one.
    offset : (n,) or None
        What a count model adds to the linear predictor.
    residual_df : float
        For t tests; infinite where the library gives z.
    fit : object
        As it was given.
    has_rows : bool
        Whether `predictors` are the rows of the fit; otherwise they only have its levels and means.
    """

    estimates: np.ndarray
    covariance: np.ndarray
    predictors: pd.DataFrame
    levels: dict
    matrix: object = field(repr=False)
    inverse: object = None
    offset: np.ndarray | None = None
    residual_df: float = np.inf
    fit: object = field(default=None, repr=False)
    has_rows: bool = True

    @property
    def is_mixed(self):
        """Whether contrasts have degrees of freedom of their own."""
        return isinstance(self.fit, MixedFit)

    def ddf(self, asked):
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

    def std_error_and_df(self, weights, ddf):
        """Standard errors and degrees of freedom of weighted sums (k, p) of the coefficients."""
        if self.is_mixed:
            table = self.fit.contrast(weights, ddf)
            return table["std_error"].to_numpy(), table["df"].to_numpy()
        std_error = np.sqrt(np.einsum("ki,ij,kj->k", weights, self.covariance, weights))
        return std_error, np.full(len(weights), self.residual_df if ddf == "residual" else np.inf)

    def contrast_covariance(self, weights, ddf):
        """Covariance (k, k) of weighted sums of the coefficients."""
        if self.is_mixed:
            return self.fit.contrast_covariance(weights, ddf)
        return weights @ self.covariance @ weights.T

    def joint_test(self, weights, ddf):
        """F test that independent weighted sums are all zero: a dict as `MixedFit.joint_test` gives."""
        if self.is_mixed:
            return self.fit.joint_test(weights, ddf).iloc[0].to_dict()
        q, value = len(weights), weights @ self.estimates
        statistic = value @ np.linalg.solve(weights @ self.covariance @ weights.T, value) / q
        den_df = self.residual_df if ddf == "residual" else np.inf
        p = float(f_p_value(statistic, q, den_df))
        return {"num_df": q, "den_df": den_df, "statistic": float(statistic), "p_value": p}


def as_model(fit):
    """See a fit as a `Model`.

    Parameters
    ----------
    fit : MixedFit, or a result of statsmodels' ols, wls, glm, poisson, negativebinomial or logit by formula

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        A model that is none of these, or was fitted without a formula.
    """
    if isinstance(fit, MixedFit):
        return _checked(_of_mixed(fit))
    inner = getattr(fit, "model", None)
    kind = type(inner).__name__
    if kind == "MixedLM":
        raise ValueError(
            "statsmodels' MixedLM gives z tests only: fit the model with helpers.mixed.fit_mixed, same formula with "
            "'+ (1 | group)', and pass that fit."
        )
    if not hasattr(fit, "params") or kind not in ("OLS", "WLS", "GLS", "GLM", "Logit", *LOG_LINK):
        raise ValueError(
            f"The fit must come from fit_mixed, or from statsmodels' ols, wls, glm, poisson, negativebinomial or logit;"
            f" found {type(inner if inner is not None else fit).__name__}."
        )
    if not isinstance(getattr(inner.data, "model_spec", None), patsy.DesignInfo):
        raise ValueError(
            "The model was not fitted from a formula of patsy's: fit it with statsmodels.formula.api, whose default "
            "that is."
        )
    return _checked(_of_statsmodels(fit))


def _checked(model):
    """Refuse columns that depend on which rows they are computed for, such as ``I(x - x.mean())``."""
    few = model.predictors.head(3)
    few = few.assign(**{name: list(few[name]) for name in model.levels})  # values, as `matrix` takes them
    if model.has_rows and not few.columns.empty and not np.allclose(model.matrix(few), _first(model, len(few))):
        raise ValueError(
            "A term of the formula changes with the rows it is computed for, as I(x - x.mean()) does. Use center(x) or "
            "scale(x) in fit_mixed, or compute a column of the table first."
        )
    return model


def _first(model, n):
    """The first rows of the columns as they were at the fit."""
    columns = model.fit.design.X if model.is_mixed else model.fit.model.exog
    return columns[:n]


def _of_mixed(fit):
    design = fit.design
    levels = {name: design.levels_of(name) for name in design.factors}
    return Model(
        estimates=fit.fixed_effects.to_numpy(),
        covariance=fit.covariance.to_numpy(),
        predictors=_coded(design.data[list(design.predictors)], levels),
        levels=levels,
        matrix=design.fixed_matrix,
        fit=fit,
        has_rows=isinstance(design, Design),
    )


def _of_statsmodels(fit):
    inner, info = fit.model, fit.model.data.model_spec
    if not inner.data.frame.index.is_unique:
        raise ValueError(
            "Row labels of the table repeat, so it cannot be told which rows the fit used. Fit again after "
            "reset_index(drop=True)."
        )
    frame = inner.data.frame.loc[inner.data.row_labels]
    numeric, labelled = {}, {}
    for factor, found in info.factor_infos.items():
        for name in _columns(factor.code, frame.columns):
            (labelled if found.type == "categorical" else numeric)[name] = found
    levels = {name: _levels(frame[name], found) for name, found in labelled.items()}
    names = [name for name in frame.columns if name in {**numeric, **labelled}]
    p = inner.exog.shape[1]
    offset = _offset(inner)
    return Model(
        estimates=np.asarray(fit.params)[:p],
        covariance=np.asarray(fit.cov_params())[:p, :p],  # a negative binomial's dispersion stands behind
        predictors=_coded(frame[names], levels),
        levels={name: levels[name] for name in names if name in levels},
        matrix=partial(_patsy_matrix, info),
        inverse=_inverse(inner),
        offset=offset,
        # with clustered standard errors, as many as clusters less one
        residual_df=float(getattr(fit, "df_resid_inference", None) or fit.df_resid)
        if getattr(fit, "use_t", False)
        else np.inf,
        fit=fit,
    )


def _patsy_matrix(info, rows):
    """Fixed columns; a row that the formula cannot take is an error, not left out."""
    matrix = np.asarray(patsy.dmatrix(info, rows, NA_action=patsy.NAAction(NA_types=[])))
    if not np.isfinite(matrix).all():
        row = rows.iloc[int(np.argwhere(~np.isfinite(matrix))[0, 0])].to_dict()
        raise ValueError(f"The formula gives no finite number at {row}. Ask for values within its domain.")
    return matrix


def _columns(code, columns):
    """The columns that a piece of patsy's formula names, ``Q("a b")`` among them."""
    nodes = list(ast.walk(ast.parse(code, mode="eval")))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    quoted = [node.args[0] for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Q"]
    names |= {node.value for node in quoted if isinstance(node, ast.Constant)}
    return [name for name in columns if name in names]


def _levels(column, found):
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [level for level in column.cat.categories if (column == level).any()]
    present = column.unique().tolist()
    known = [level for level in found.categories if level in present]
    return known if len(known) == len(present) else sorted(present)


def _coded(frame, levels):
    return frame.assign(**{name: pd.Categorical(frame[name], levels[name]) for name in levels})


def _offset(inner):
    """Offset plus log exposure, both of which statsmodels keeps; None where there is none."""
    total = np.zeros(len(inner.endog))
    for name in ("offset", "exposure"):  # exposure is kept as its logarithm
        value = getattr(inner, name, None)
        total = total + (0 if value is None else np.asarray(value, dtype=float))
    return total if total.any() else None


def _inverse(inner):
    kind = type(inner).__name__
    if kind == "GLM":
        link = inner.family.link
        return None if type(link).__name__ in ("Identity", "identity") else link.inverse
    if kind in LOG_LINK:
        return np.exp
    return (lambda eta: 1 / (1 + np.exp(-eta))) if kind == "Logit" else None
