"""From the linear predictor to the mean of the outcome: the inverse link with its first two derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

DISCRETE_LOG = ("Poisson", "NegativeBinomial", "NegativeBinomialP", "GeneralizedPoisson")  # statsmodels' count models


@dataclass(frozen=True)
class Link:
    """Three functions of the linear predictor, arrays in, arrays out: mean, its slope, the slope of that."""

    inverse: object
    slope: object
    curvature: object


def _logistic_slope(eta):
    return special.expit(eta) * special.expit(-eta)


def _logistic_curvature(eta):
    return _logistic_slope(eta) * (special.expit(-eta) - special.expit(eta))


LOG = Link(np.exp, np.exp, np.exp)
LOGIT = Link(special.expit, _logistic_slope, _logistic_curvature)
PROBIT = Link(special.ndtr, stats.norm.pdf, lambda eta: -eta * stats.norm.pdf(eta))
OURS = {"Log": LOG, "Logit": LOGIT, "Probit": PROBIT}  # statsmodels clips these where they come near 0 or 1


def link_of(model):
    """The link of a statsmodels model.

    Parameters
    ----------
    model : statsmodels model
        OLS, WLS, GLS, GLM, Logit, or one of `DISCRETE_LOG`.

    Returns
    -------
    Link or None
        None where the linear predictor is the mean.
    """
    kind = type(model).__name__
    if kind in DISCRETE_LOG:
        return LOG
    if kind == "Logit":
        return LOGIT
    if kind != "GLM":
        return None
    link = model.family.link
    name = type(link).__name__
    if name.casefold() == "identity":
        return None
    return OURS.get(name.capitalize(), Link(link.inverse, link.inverse_deriv, link.inverse_deriv2))
