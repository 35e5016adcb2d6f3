"""The link of a statsmodels model, and how the mean of the outcome follows from the linear predictor."""

from typing import Any

from helpers.mixed.generalized.inverse_links import LOG, LOGIT, PROBIT, Link

DISCRETE_LOG = ("Poisson", "NegativeBinomial", "NegativeBinomialP", "GeneralizedPoisson")  # statsmodels' count models
OURS = {"Log": LOG, "Logit": LOGIT, "Probit": PROBIT}  # statsmodels clips these where they come near 0 or 1


def link_of(model: Any) -> Link | None:
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
