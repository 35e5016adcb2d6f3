"""Predictions of a mixed model, for its own rows or for others, with intervals.

A mix-in of `helpers.mixed.MixedFit`; what intervals rest on stands in `prediction_errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast, overload

import numpy as np
import pandas as pd
from scipy import stats

from helpers.mixed.prediction_errors import prediction_errors
from helpers.mixed.residuals import row_deviations
from helpers.mixed.words_of_r import OF_PREDICTION
from helpers.refusals.arguments import says_what_is_not_offered
from helpers.refusals.wording import check_conf_level

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit
    from helpers.mixed.generalized.generalized_fit import GeneralizedMixedFit

INTERVALS = {"confidence": ("conf_low", "conf_high"), "prediction": ("pred_low", "pred_high")}


class Prediction:
    """What a fitted model says of the outcome."""

    @overload
    def predict(
        self,
        newdata: pd.DataFrame | None = None,
        random: bool = False,
        *,
        new_levels: Literal["refuse", "average"] = "refuse",
    ) -> pd.Series: ...
    @overload
    def predict(
        self,
        newdata: pd.DataFrame | None = None,
        random: bool = False,
        *,
        interval: Literal["confidence", "prediction"],
        new_levels: Literal["refuse", "average"] = "refuse",
        conf_level: float = 0.95,
        ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    ) -> pd.DataFrame: ...
    @says_what_is_not_offered(OF_PREDICTION)
    def predict(
        self,
        newdata: pd.DataFrame | None = None,
        random: bool = False,
        *,
        interval: Literal["confidence", "prediction"] | None = None,
        new_levels: Literal["refuse", "average"] = "refuse",
        conf_level: float = 0.95,
        ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    ) -> pd.Series | pd.DataFrame:
        """Predicted means, for the rows used or for new ones; with `interval`, and how certain they are.

        Parameters
        ----------
        newdata : pandas.DataFrame, optional
            Rows to predict; the outcome need not be there.
        random : bool
            Whether to add the predicted random effects of the row's groups; otherwise the mean over all groups. What an
            autocorrelation says of a row from its neighbours in time is not added.
        interval : {"confidence", "prediction"}, optional
            An interval for the mean: over all groups, or with `random` of the row's own groups. Or one that holds a new
            observation: of groups that are new, or with `random` of the row's own.
        new_levels : {"refuse", "average"}
            With `random`, what to do for a group that the fit has not seen: an error, or its random effects at their
            mean, zero, an interval allowing for what they may be.
        conf_level : float
        ddf : {"satterthwaite", "kenward-roger", "normal"}
            Of the intervals. Kenward–Roger's is for confidence intervals of the mean over all groups.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            On the scale of the model's left side (log length, if that is what was modelled), with the offset. With
            `interval`:
            ``estimate, std_error, df``, and ``conf_low, conf_high`` or ``pred_low, pred_high``; `std_error` is that of
            the estimate, or of its distance to the new observation.

        Raises
        ------
        ValueError
            A level was not seen in the fit; Kenward–Roger's method is asked for what it is not for; the model has an
            offset that stands in no column, or residuals for which there is no such interval.
        UnknownNameError
            `newdata` lacks a column, the offset's included.

        Notes
        -----
        The error of a prediction has the variance of Henderson's mixed model equations (Robinson 1991,
        doi:10.1214/ss/1177011926), plus the variance of new random effects and of the residual where those are part of
        it. Its degrees of freedom are Satterthwaite's for that whole variance. As in R's lmerTest, SAS and elsewhere
        the variances in it are the estimated ones.
        """
        fit = cast("MixedFit", self)
        _check(interval, new_levels, conf_level)
        x = fit.design.X if newdata is None else fit.design.fixed_matrix(newdata)
        index = fit.design.rows if newdata is None else newdata.index
        _refuse_unequal_residuals(fit, interval, random)
        parts = []
        if random:
            parts = random_parts(fit, newdata, new_levels)
        elif interval == "prediction":
            parts = _in_new_groups(fit, newdata)
        mean = x @ fit.fixed_effects.to_numpy()
        if (offset := fit.design.offset) is not None:
            mean = mean + (offset.numbers if newdata is None else offset.of(newdata, "offset"))
        for (columns, codes), effects in zip(parts, fit._blups if parts else [], strict=True):
            mean = mean + np.where(codes >= 0, np.einsum("ij,ij->i", columns, effects[codes]), 0.0)
        if interval is None:
            return pd.Series(mean, index=index, name="prediction")
        if ddf == "kenward-roger" and parts:
            raise ValueError(
                "Kenward–Roger's method is for weighted sums of the coefficients. For a group's own mean, or a new "
                "observation, use ddf='satterthwaite'."
            )
        std_error, df = _mean_error(fit, x, ddf) if not parts else prediction_errors(fit, x, parts, interval, ddf)
        half = stats.t.isf((1 - conf_level) / 2, df) * std_error
        low, high = INTERVALS[interval]
        columns = {"estimate": mean, "std_error": std_error, "df": df, low: mean - half, high: mean + half}
        return pd.DataFrame(columns, index=index)

    def residuals(self, standardized: bool = False) -> pd.Series:
        """Outcome minus prediction with random effects, a Series.

        Parameters
        ----------
        standardized : bool
            Whether to divide each by its standard deviation, that of its level over √weight: lme4's scaled Pearson
            residuals. Plots of residuals show unequal variances that the model allows for unless they are standardized.
        """
        fit = cast("MixedFit", self)
        found = pd.Series(fit.design.y, index=fit.design.rows, name="residual") - self.predict(random=True)
        return found / row_deviations(fit) if standardized else found


def _check(interval, new_levels, conf_level):
    check_conf_level(conf_level)
    if interval is not None and interval not in INTERVALS:
        raise ValueError(f"interval is 'confidence' or 'prediction'; found {interval!r}.")
    if new_levels not in ("refuse", "average"):
        raise ValueError(f"new_levels is 'refuse' or 'average'; found {new_levels!r}.")


def _refuse_unequal_residuals(fit, interval, random):
    """Intervals that rest on the residual's variance need it the same in all rows."""
    if interval is None or (interval == "confidence" and not random):
        return
    if what := [name for name in fit.design.beside_formula if name != "offset"]:
        if what == ["weights"] and interval == "confidence":
            return
        raise ValueError(
            f"With {' and '.join(what)} residuals differ in variance, and an interval for "
            f"{'a new observation' if interval == 'prediction' else 'the mean of single groups'} is not offered. "
            "Ask for interval='confidence' of the mean over all groups (random=False)."
        )


def _mean_error(fit, x, ddf):
    """Standard errors and degrees of freedom of rows of the fixed part; a row of zeros is certain to be zero."""
    some = x.any(axis=1)
    std_error, df = np.zeros(len(x)), np.full(len(x), np.inf)
    if some.any():
        table = fit.contrast(x[some], ddf)
        std_error[some], df[some] = table["std_error"], table["df"]
    return std_error, df


def _in_new_groups(fit, newdata):
    """Of each random term its columns, the groups of all rows being new; no row need name one."""
    columns = [term.columns if newdata is None else term.coding.matrix(newdata) for term in fit.design.random]
    return [(each, np.full(len(each), -1)) for each in columns]


def random_parts(
    fit: MixedFit | GeneralizedMixedFit, newdata: pd.DataFrame | None, new_levels: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each random term its columns and the groups of the rows, −1 for a group that is new."""
    parts = []
    for k, term in enumerate(fit.design.random):
        columns, codes = (term.columns, term.codes) if newdata is None else fit.design.random_columns(k, newdata)
        if (codes < 0).any() and new_levels == "refuse":
            raise ValueError(
                f"newdata holds levels of '{term.group}' that were not in the fit"
                f" (row {np.flatnonzero(codes < 0)[0] + 1}): predict their mean with random=False, or with "
                "new_levels='average'."
            )
        parts.append((columns, codes))
    return parts
