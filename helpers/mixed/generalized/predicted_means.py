"""Predictions of a generalised mixed model: means of the outcome, or linear predictors, with intervals.

A mix-in of `helpers.mixed.generalized.GeneralizedMixedFit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import pandas as pd
from scipy import special

from helpers.mixed.generalized.inverse_links import LINKS_BACK
from helpers.mixed.generalized.likelihoods import Binomial
from helpers.mixed.predicting import random_parts
from helpers.refusals.wording import check_conf_level

if TYPE_CHECKING:
    from helpers.mixed.generalized.generalized_fit import GeneralizedMixedFit


class PredictedMeans:
    """What a fitted generalised model says of the outcome."""

    def predict(
        self,
        newdata: pd.DataFrame | None = None,
        random: bool = False,
        *,
        scale: Literal["response", "link"] = "response",
        interval: Literal["confidence"] | None = None,
        new_levels: Literal["refuse", "average"] = "refuse",
        conf_level: float = 0.95,
    ) -> pd.Series | pd.DataFrame:
        """Predicted means, for the rows used or for new ones.

        Parameters
        ----------
        newdata : pandas.DataFrame, optional
            Rows to predict; the outcome need not be there.
        random : bool
            Whether to add the random effects of the row's groups; otherwise they are zero: the mean of a typical group,
            which is not the mean over all groups, for links are bent.
        scale : {"response", "link"}
            The mean of the outcome (of yes and no: the probability of 1; of successes and failures: that of a success),
            or the linear predictor.
        interval : {"confidence"}, optional
            With an interval, without `random`: Wald's on the scale of the link.
        new_levels : {"refuse", "average"}
            With `random`, what to do for a group that the fit has not seen: an error, or its random effects at zero.
        conf_level : float

        Returns
        -------
        pandas.Series or pandas.DataFrame
            With the offset. With `interval`: ``estimate, std_error, df, conf_low, conf_high``.

        Raises
        ------
        ValueError
            A level was not seen in the fit; an interval is asked for with random effects, or for a new observation.
        UnknownNameError
            `newdata` lacks a column, the offset's included.
        """
        fit = cast("GeneralizedMixedFit", self)
        check_conf_level(conf_level)
        _check(scale, interval, random, new_levels)
        x = fit.design.X if newdata is None else fit.design.fixed_matrix(newdata)
        index = fit.design.rows if newdata is None else newdata.index
        eta = x @ fit.fixed_effects.to_numpy()
        if (offset := fit.design.offset) is not None:
            eta = eta + (offset.numbers if newdata is None else offset.of(newdata, "offset"))
        parts = random_parts(fit, newdata, new_levels) if random else []
        for (columns, codes), effects in zip(parts, fit._modes if parts else [], strict=True):
            eta = eta + np.where(codes >= 0, np.einsum("ij,ij->i", columns, effects[codes]), 0.0)
        back = LINKS_BACK["identity" if scale == "link" else fit.link]
        if interval is None:
            return pd.Series(back.inverse(eta), index=index, name="prediction")
        std_error = np.sqrt(np.einsum("ij,jk,ik->i", x, fit.covariance.to_numpy(), x))
        half = -special.ndtri((1 - conf_level) / 2) * std_error
        ends = np.sort([back.inverse(eta - half), back.inverse(eta + half)], axis=0)
        columns = {
            "estimate": back.inverse(eta),
            "std_error": np.abs(back.slope(eta)) * std_error,
            "df": np.inf,
            "conf_low": ends[0],
            "conf_high": ends[1],
        }
        return pd.DataFrame(columns, index=index)

    def residuals(self, standardized: bool = False) -> pd.Series:
        """Outcome minus prediction with random effects, a Series; of counts of trials, the share of successes.

        Parameters
        ----------
        standardized : bool
            Whether to divide each by the standard deviation that the family gives it: Pearson's residuals. Of few
            counts, or of yes and no, they look strange however well the model fits.
        """
        fit = cast("GeneralizedMixedFit", self)
        likelihood, mean = fit.solution.problem.likelihood, cast(pd.Series, fit.predict(random=True))
        trials = likelihood.trials if isinstance(likelihood, Binomial) else 1.0
        outcome = likelihood.successes / trials if isinstance(likelihood, Binomial) else fit.design.y
        found = pd.Series(outcome - mean, index=fit.design.rows, name="residual")
        return found / np.sqrt(variance_of_rows(fit, mean.to_numpy(), trials)) if standardized else found


def variance_of_rows(fit: GeneralizedMixedFit, mean: np.ndarray, trials: np.ndarray | float) -> np.ndarray:
    """The variance of each row around its mean, of a share where there are trials."""
    if fit.family == "binomial":
        return mean * (1 - mean) / trials
    if fit.family == "gamma":
        return mean**2 / fit.dispersion
    return mean if fit.family == "poisson" else mean + mean**2 / fit.dispersion


def _check(scale, interval, random, new_levels):
    if scale not in ("response", "link"):
        raise ValueError(f"scale is 'response' or 'link'; found {scale!r}.")
    if new_levels not in ("refuse", "average"):
        raise ValueError(f"new_levels is 'refuse' or 'average'; found {new_levels!r}.")
    if interval is None:
        return
    if interval != "confidence" or random:
        raise ValueError(
            "A generalised model has interval='confidence' of the mean with random effects at zero (random=False); "
            f"found interval={interval!r}, random={random}."
        )
