"""A fit of ours as statsmodels' own `MixedLMResults`, for ``.summary()`` and for libraries that expect one.

statsmodels' optimizer is not asked: its results object is filled with our optimum. (``fit(do_cg=False)`` is meant for
that, and raises UnboundLocalError in statsmodels 0.15.0.)
"""

from __future__ import annotations

import warnings
from keyword import iskeyword
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from patsy import PatsyError
from patsy import builtins as patsy_builtins
from scipy import linalg
from statsmodels.regression.mixed_linear_model import MixedLMParams, MixedLMResults, MixedLMResultsWrapper

from helpers.design.translation import MADE_UP, translate, unquoted

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit

MAX_ROWS_CROSSED = 5_000  # statsmodels builds an n × n matrix for crossed factors


def as_statsmodels(fit: MixedFit) -> object:
    """The same model as a statsmodels result, at the same optimum.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit

    Returns
    -------
    statsmodels.regression.mixed_linear_model.MixedLMResultsWrapper

    Raises
    ------
    ValueError
        statsmodels cannot express the model: several grouping factors with random slopes, crossed factors in more than
        5,000 rows, weights or an offset, or a fixed part that its formula language cannot read, or reads otherwise.

    Notes
    -----
    The coefficients stand in statsmodels' order: factors first. A column whose name Python would not take for one is
    called ``Q('class')`` there. Its p-values are z tests, and its standard errors of
    variances are not defined at a singular fit.
    """
    if given := fit.design.beside_formula:
        raise ValueError(
            f"statsmodels' mixed model knows no {' and no '.join(given)}: this fit cannot be handed on to it. Its own "
            "tables are all there: fit.coefficients(), fit.variance_components, fit.predict()."
        )
    try:
        model, components = (_one_factor if len(fit.n_groups) == 1 else _crossed)(fit)
    except PatsyError as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise ValueError(
            f"statsmodels cannot read '{fit.formula}' ({reason}). Compute or rename the column in the table first."
        ) from None
    order = _order(model.exog, fit.design.X)
    if order is None:
        raise ValueError(f"statsmodels reads the fixed part '{fit.design.parsed.fixed}' otherwise than lme4 and we do.")
    parameters = MixedLMParams.from_components(fe_params=fit.fixed_effects.to_numpy()[order], **components)
    return _results(model, parameters, fit.covariance.to_numpy()[np.ix_(order, order)], fit)


def _order(theirs, ours):
    """For each column of theirs the equal one of ours: patsy puts factors first. None where they are not the same."""
    if theirs.shape != ours.shape:
        return None
    left = list(range(ours.shape[1]))
    order = []
    for column in theirs.T:
        found = next((k for k in left if np.allclose(column, ours[:, k], rtol=1e-9, atol=1e-12)), None)
        if found is None:
            return None
        left.remove(found)
        order.append(found)
    return order


def _outcome(fit):
    """A name for the outcome as the model saw it (its logarithm, say): that of its column, or its expression."""
    return unquoted(fit.design.response)


def _table(fit):
    """The data, with the outcome in a column of its own."""
    return fit.design.data.assign(**{_outcome(fit): fit.design.y})


def _formula(fit):
    return f"{_named(_outcome(fit))} ~ {_patsy(fit.design.parsed.fixed)}"


def _patsy(expression):
    """An expression as patsy, which is statsmodels' formula language, reads it."""
    translation = translate(expression)
    return MADE_UP.sub(lambda match: _named(translation.columns[match[0]]), translation.code)


def _named(column):
    """A column in patsy: a name of Python as it stands, any other quoted."""
    plain = column.isidentifier() and not iskeyword(column) and not hasattr(patsy_builtins, column)
    return column if plain else f"Q({column!r})"


def _one_factor(fit):
    terms = fit.design.random
    expressions = [term.expression for term in fit.design.parsed.random]
    slopes = [rest for expression in expressions if (rest := expression[1:].lstrip("+ "))]
    intercept = "1" if any(expression.startswith("1") for expression in expressions) else "0"
    random = " + ".join([intercept, *map(_patsy, slopes)])
    labels = terms[0].levels.to_numpy()[terms[0].codes]
    model = smf.mixedlm(_formula(fit), _table(fit), groups=labels, re_formula=random)
    columns = np.concatenate([term.columns for term in terms], axis=1)
    order = _order(model.exog_re, columns)
    if order is None:
        raise ValueError(f"statsmodels reads the random part '{random}' otherwise than lme4 and we do.")
    covariance = linalg.block_diag(*(factor @ factor.T for factor in fit.factors))
    return model, {"cov_re": covariance[np.ix_(order, order)]}


def _crossed(fit):
    if any(term.names != ("(Intercept)",) for term in fit.design.random):
        raise ValueError("statsmodels cannot express random slopes beside crossed or nested grouping factors.")
    if fit.n_obs > MAX_ROWS_CROSSED:
        raise ValueError(
            f"statsmodels would build a matrix of {fit.n_obs:,} × {fit.n_obs:,} for crossed factors;"
            f" up to {MAX_ROWS_CROSSED:,} rows are converted."
        )
    table, components = _table(fit), {}
    for k, term in enumerate(fit.design.random):
        table[f"random_{k}"] = pd.Categorical.from_codes(term.codes, range(len(term.levels)))
        components[term.group] = f"0 + random_{k}"
    model = smf.mixedlm(
        _formula(fit), table, groups=np.zeros(fit.n_obs, dtype=int), vc_formula=components, re_formula="0"
    )
    variances = {
        term.group: float(factor[0, 0]) ** 2 for term, factor in zip(fit.design.random, fit.factors, strict=True)
    }
    ordered = np.array([variances[name] for name in model.exog_vc.names])
    return model, {"vcomp": ordered}


def _results(model, parameters, fe_covariance, fit):
    model.reml, model.cov_pen, model.fe_pen = fit.reml, None, None
    model._freepat, model._cov_sing = None, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at a boundary it warns of a Hessian that is not positive definite; so it is
        hessian, _ = model.hessian(parameters)
    # The estimates' covariance is the model's; its Hessian would mix in the variances, which REML keeps apart.
    k = model.k_fe
    covariance = linalg.block_diag(fe_covariance, np.linalg.pinv(-hessian[k:, k:]))
    results = MixedLMResults(
        model, parameters.get_packed(use_sqrt=False, has_fe=True), covariance / fit.residual_variance
    )
    results.params_object = parameters
    results.fe_params = parameters.fe_params
    results.cov_re = fit.residual_variance * parameters.cov_re
    results.cov_re_unscaled = parameters.cov_re
    results.vcomp = fit.residual_variance * parameters.vcomp
    results.scale = fit.residual_variance
    results.method = "REML" if fit.reml else "ML"
    results.converged, results.hist = True, []
    results.reml, results.cov_pen, results.freepat = fit.reml, None, None
    results.k_fe, results.k_re, results.k_re2 = model.k_fe, model.k_re, model.k_re2
    results.k_vc, results.use_sqrt = model.k_vc, model.use_sqrt
    results._cache = {"llf": fit.log_likelihood}  # statsmodels has no value for it where a variance is zero
    return MixedLMResultsWrapper(results)
