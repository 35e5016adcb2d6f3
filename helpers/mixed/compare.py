"""Two mixed models of the same data, compared by their likelihoods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from scipy import stats

from helpers.mixed.reml import optimise

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit
    from helpers.mixed.generalized.generalized_fit import GeneralizedMixedFit


def refit(fit: MixedFit, *, reml: bool) -> MixedFit:
    """The same model fitted by the other criterion (REML or maximum likelihood); no data are read again."""
    if fit.reml == reml:
        return fit
    return type(fit)(fit.design, fit.products, optimise(fit.products, reml=reml))


def n_parameters(fit: MixedFit | GeneralizedMixedFit) -> int:
    """Fixed effects, covariance parameters, the residual variance and what else residuals have."""
    return fit.n_parameters


def compare(smaller: MixedFit, larger: MixedFit) -> pd.DataFrame:
    """Likelihood-ratio test of two nested models, both refitted by maximum likelihood.

    Parameters
    ----------
    smaller, larger : helpers.mixed.MixedFit
        Fits of the same rows and outcome; everything in the smaller model is in the larger.

    Returns
    -------
    pandas.DataFrame
        One row per model: ``formula, n_parameters, log_likelihood, aic, bic``, and in the second row ``statistic, df,
        p_value`` of the test. Where the models differ in a variance, zero lies on the boundary of what a variance can
        be: the p-value is then too large (about twice, for one variance; Stram & Lee 1994, doi:10.2307/2533455), and
        ``note`` says so.

    Raises
    ------
    ValueError
        The rows, outcomes, weights or offsets differ, or `larger` lacks the residuals' structure of `smaller`, or has
        no more parameters.
    """
    if not smaller.design.same_rows(larger.design):
        raise ValueError(
            f"The models must be fitted to the same rows and outcome; found '{smaller.design.response}' in"
            f" {smaller.n_obs} rows and '{larger.design.response}' in {larger.n_obs}. Were rows with missing values"
            " dropped in one of them?"
        )
    for what in ("weights", "offset"):
        first, second = (getattr(fit.design, what) for fit in (smaller, larger))
        if first is not second and (first is None or not first.equals(second)):
            raise ValueError(f"The models have different {what}, so neither is part of the other: give both the same.")
    _refuse_other_families(smaller, larger)
    for what in ("variance_by", "correlation"):
        first, second = (getattr(fit.design, what) for fit in (smaller, larger))
        if first is not None and not first.equals(second):
            raise ValueError(f"The smaller model has {what}= that the larger one has not: it is no part of that.")
    df = n_parameters(larger) - n_parameters(smaller)
    if df <= 0:
        raise ValueError(
            f"The second model must have more parameters than the first; found {n_parameters(smaller)} in"
            f" '{smaller.formula}' and {n_parameters(larger)} in '{larger.formula}'."
        )
    fits = [refit(fit, reml=False) for fit in (smaller, larger)]
    statistic = max(fits[0].deviance - fits[1].deviance, 0.0)
    table = pd.DataFrame(
        {
            "formula": [fit.formula for fit in fits],
            "n_parameters": [n_parameters(fit) for fit in fits],
            "log_likelihood": [fit.log_likelihood for fit in fits],
            "aic": [fit.aic for fit in fits],
            "bic": [fit.bic for fit in fits],
            "statistic": [float("nan"), statistic],
            "df": [float("nan"), df],
            "p_value": [float("nan"), stats.chi2.sf(statistic, df)],
        }
    )
    if len(larger.theta) > len(smaller.theta):
        note = "zero is the boundary of a variance: the p-value is too large (about twice, for one variance)"
        table["note"] = ["", note]
    return table


def _refuse_other_families(smaller, larger):
    """Models of different distributions are not nested, but for a Poisson one in a negative binomial one."""
    kinds = [
        (getattr(fit, "family", "gaussian"), getattr(fit, "link", "identity"), _nodes(fit)) for fit in (smaller, larger)
    ]
    if kinds[0] == kinds[1] or (kinds[0][0], kinds[1][0]) == ("poisson", "negative_binomial"):
        return
    found = " and ".join(f"family={family!r}, link={link!r}, quadrature={nodes}" for family, link, nodes in kinds)
    raise ValueError(
        f"Neither model is part of the other: found {found}. Compare models of one family and link, fitted in one way."
    )


def _nodes(fit):
    return fit.solution.quadrature if hasattr(fit, "solution") else 1
