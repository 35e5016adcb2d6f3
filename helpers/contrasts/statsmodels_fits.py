"""What marginal means need of a statsmodels result: predictors, factors and their levels, fixed columns, offset, df.

A formula is read by patsy (statsmodels' default) or by formulaic; each keeps how it made columns of the rows.
"""

import ast
from functools import partial

import formulaic
import numpy as np
import pandas as pd
import patsy

from helpers.contrasts.links import link_of


def parts_of(fit):
    """The parts of a `helpers.contrasts.models.Model`, as a dict.

    Parameters
    ----------
    fit : statsmodels result
        Of a formula.

    Returns
    -------
    dict
        Attributes of `Model`; ``predictors`` are as the table has them.

    Raises
    ------
    ValueError
        No formula of patsy's or formulaic's; or row labels that repeat.
    """
    inner = fit.model
    spec = getattr(inner.data, "model_spec", None)
    if not isinstance(spec, patsy.DesignInfo | formulaic.ModelSpec):
        raise ValueError("The model was not fitted from a formula: fit it with statsmodels.formula.api.")
    if not inner.data.frame.index.is_unique:
        raise ValueError(
            "Row labels of the table repeat, so it cannot be told which rows the fit used. Fit again after "
            "reset_index(drop=True)."
        )
    frame = inner.data.frame.loc[inner.data.row_labels]
    read, matrix = (_of_patsy, _patsy_matrix) if isinstance(spec, patsy.DesignInfo) else (_of_formulaic, _own_matrix)
    used, categories = read(spec, frame)
    names = [name for name in frame.columns if name in used]
    p = inner.exog.shape[1]
    return {
        "estimates": np.asarray(fit.params)[:p],
        "covariance": np.asarray(fit.cov_params())[:p, :p],  # a negative binomial's dispersion stands behind
        "predictors": frame[names],
        "levels": {name: _levels(frame[name], categories[name]) for name in names if name in categories},
        "matrix": partial(_finite, partial(matrix, spec)),
        "link": link_of(inner),
        "offset": _offset(inner),
        # with clustered standard errors, as many as clusters less one
        "residual_df": float(getattr(fit, "df_resid_inference", None) or fit.df_resid)
        if getattr(fit, "use_t", False)
        else np.inf,
    }


def _of_patsy(info, frame):
    """The columns that the formula uses, and of those that are factors the categories as patsy sorts them."""
    used, categories = set(), {}
    for factor, found in info.factor_infos.items():
        names = _columns(factor.code, frame.columns)
        used.update(names)
        if found.type == "categorical":
            categories |= {name: list(found.categories) for name in names}
    return used, categories


def _columns(code, columns):
    """The columns that a piece of patsy's formula names, ``Q("a b")`` among them."""
    nodes = list(ast.walk(ast.parse(code, mode="eval")))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    quoted = [node.args[0] for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Q"]
    names |= {node.value for node in quoted if isinstance(node, ast.Constant)}
    return [name for name in columns if name in names]


def _of_formulaic(spec, frame):
    """The same of formulaic, which keeps the variables of each factor, and takes True and False for 1 and 0."""
    used = set(map(str, spec.required_variables))
    labels = {name for name in used if frame[name].dtype == bool or not pd.api.types.is_numeric_dtype(frame[name])}
    categories = {name: sorted(frame[name].unique().tolist()) for name in labels}
    for factor, state in spec.factor_contrasts.items():
        for name in used & set(map(str, spec.factor_variables[factor])):
            categories[name] = list(state.levels)
    return used, categories


def _patsy_matrix(info, rows):
    return np.asarray(patsy.dmatrix(info, rows, NA_action=patsy.NAAction(NA_types=[])))


def _own_matrix(spec, rows):
    return np.asarray(spec.get_model_matrix(rows, context={"np": np}, output="numpy", na_action="ignore"), dtype=float)


def _finite(matrix, rows):
    """Fixed columns; a row that the formula cannot take is an error, not left out."""
    try:
        with np.errstate(all="ignore"):
            found = matrix(rows)
    except Exception as error:  # the formula may call anything, which may fail in any way
        raise ValueError(f"The formula cannot be computed for other rows: {str(error).splitlines()[0]}") from None
    if not np.isfinite(found).all():
        row = rows.iloc[int(np.argwhere(~np.isfinite(found))[0, 0])].to_dict()
        raise ValueError(f"The formula gives no finite number at {row}. Ask for values within its domain.")
    return found


def _levels(column, categories):
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [level for level in column.cat.categories if (column == level).any()]
    present = column.unique().tolist()
    known = [level for level in categories if level in present]
    return known if len(known) == len(present) else sorted(present)


def _offset(inner):
    """Offset plus log exposure, both of which statsmodels keeps; None where there is none."""
    total = np.zeros(len(inner.endog))
    for name in ("offset", "exposure"):  # exposure is kept as its logarithm
        value = getattr(inner, name, None)
        total = total + (0 if value is None else np.asarray(value, dtype=float))
    return total if total.any() else None
