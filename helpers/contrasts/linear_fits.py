"""A design without groups, fitted by ordinary least squares: with one spread for all rows, or allowing for several.

    fit = least_squares(build_design("len ~ supp * dose", teeth, grouped=False))
    comparisons(fit, "supp", by="dose")
    comparisons(fit.allowing_for_unequal_spread(), "supp", by="dose")

Where every combination of the predictors has a mean of its own, each can have a variance of its own, too: that is
Welch's test, and Welch's F for several means. In any other formula the standard errors are those of HC3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from helpers.contrasts.models import Model, coded
from helpers.design import Design
from helpers.hypotheses.wald import f_p_value, wald_columns

EQUAL: Final = "residual"
WELCH: Final = "welch"
HC3: Final = "hc3"
FULL = 1 - 1e-8  # leverage of a row that is alone: its residual is zero whatever its value


@dataclass(frozen=True, eq=False, kw_only=True)
class LeastSquares(Model):
    """A linear model without groups; made by `least_squares`.

    Attributes
    ----------
    design : helpers.design.Design
    spread : {"residual", "welch", "hc3"}
        One variance for all rows; one for each cell; or one for each row, as HC3 allows for.
    """

    design: Design
    spread: Literal["residual", "welch", "hc3"] = EQUAL

    # --- What was estimated -----------------------------------------------------------------------------------------

    @property
    def fixed_effects(self) -> pd.Series:
        """The coefficients."""
        return pd.Series(self.estimates, self.design.names, name="estimate")

    def predict(self) -> pd.Series:
        """The mean that the model gives each of its rows."""
        return pd.Series(self.design.X @ self.estimates, self.design.rows, name="prediction")

    def residuals(self) -> pd.Series:
        """What is left of each row."""
        return pd.Series(self.design.y, self.design.rows, name="residual") - self.predict()

    @property
    def residual_variance(self) -> float:
        """Of the rows about the model, all spreads taken as one."""
        return float(self.residuals() @ self.residuals()) / self.residual_df

    @property
    def variance_components(self) -> pd.DataFrame:
        """The residual variance in a table as `MixedFit.variance_components` has it."""
        variance = self.residual_variance
        columns = {"group": "Residual", "term_1": None, "term_2": None, "vcov": variance, "sdcor": np.sqrt(variance)}
        return pd.DataFrame([columns])

    @cached_property
    def has_level(self) -> bool:
        """Whether the model contains the overall mean, so that what it explains is a share of the rows' variance."""
        ones = np.ones(len(self.design.y))
        return bool(np.allclose(self.design.X @ np.linalg.lstsq(self.design.X, ones, rcond=None)[0], ones))

    def r_squared(self) -> pd.Series:
        """``r_squared``, the share of the rows' variance that the model explains, and ``adjusted`` for its columns.

        Raises
        ------
        ValueError
            The model does not contain the overall mean.
        """
        if not self.has_level:
            raise ValueError("R² is not defined for a line through the origin. Leave out the 0 of the formula.")
        total = float(((self.design.y - self.design.mean) ** 2).sum())
        left = self.residual_variance * self.residual_df
        adjusted = 1 - self.residual_variance / (total / (len(self.design.y) - 1))
        return pd.Series({"r_squared": 1 - left / total, "adjusted": adjusted})

    @cached_property
    def leverage(self) -> np.ndarray:
        """How much of each row's prediction is its own value; (n,)."""
        q, _ = np.linalg.qr(self.design.X)
        return (q**2).sum(axis=1)

    # --- Spread -----------------------------------------------------------------------------------------------------

    @cached_property
    def cells(self) -> np.ndarray | None:
        """The cell of each row, (n,), where each cell has a mean of its own; None where the formula ties them."""
        found, codes = np.unique(self.design.X, axis=0, return_inverse=True)
        return codes.ravel() if len(found) == self.design.X.shape[1] else None

    def allowing_for_unequal_spread(self) -> LeastSquares | None:
        """The same fit with tests for rows that need not spread alike.

        None where that cannot be told: a row is alone in its cell, or the rows of two cells do not differ at all.
        """
        if (self.leverage > FULL).any():
            return None
        if self.cells is not None and (self._cells[1] <= 1e-20 * self.residual_variance).sum() > 1:
            return None
        if self.cells is None:
            return replace(self, spread=HC3, covariance=self._hc3)
        return replace(self, spread=WELCH, covariance=self._cell_covariance)

    @property
    def _hc3(self):
        return OLS(self.design.y, self.design.X).fit().get_robustcov_results("HC3").cov_params()

    @cached_property
    def _cells(self):
        """Of each cell: its columns (k, p), the variance of its mean (k,), its degrees of freedom (k,)."""
        first = np.unique(self.cells, return_index=True)[1]
        squares, n = np.bincount(self.cells, self.residuals() ** 2), np.bincount(self.cells)
        return self.design.X[first], squares / (n - 1) / n, n - 1

    @property
    def _cell_covariance(self):
        columns, variance, _ = self._cells
        inverse = np.linalg.inv(columns)  # from the cells' means to the coefficients
        return (inverse * variance) @ inverse.T

    # --- Tests ------------------------------------------------------------------------------------------------------

    def ddf(self, asked: str | None) -> str:
        """As `Model.ddf`; unless z tests are asked for, the tests that belong to the spread."""
        method = super().ddf(asked)
        return self.spread if method == EQUAL else method

    def std_error_and_df(self, weights: np.ndarray, ddf: str) -> tuple[np.ndarray, np.ndarray]:
        """Standard errors and degrees of freedom of weighted sums (k, p) of the coefficients."""
        std_error = np.sqrt(np.einsum("ki,ij,kj->k", weights, self.covariance, weights))
        if ddf != WELCH:
            return std_error, np.full(len(weights), np.inf if ddf == "normal" else self.residual_df)
        columns, variance, df = self._cells
        shares = np.linalg.solve(columns.T, weights.T).T ** 2 * variance  # of each cell in the variance
        with np.errstate(invalid="ignore"):
            return std_error, shares.sum(axis=1) ** 2 / (shares**2 / df).sum(axis=1)

    def joint_test(self, weights: np.ndarray, ddf: str) -> dict[str, float]:
        """F test that independent weighted sums are all zero: Welch's where each cell has a variance of its own.

        Notes
        -----
        Johansen 1980 (doi:10.1093/biomet/67.1.85); of one factor it is Welch's test (1951,
        doi:10.1093/biomet/38.3-4.330), of one sum the square of Welch's t.
        """
        value, covariance, q = weights @ self.estimates, weights @ self.covariance @ weights.T, len(weights)
        statistic = float(value @ np.linalg.solve(covariance, value))
        if ddf != WELCH:
            den_df = np.inf if ddf == "normal" else self.residual_df
            statistic /= q
        else:
            columns, variance, df = self._cells
            means = np.linalg.solve(columns.T, weights.T).T  # the sums as weights on the cells' means
            pull = np.einsum("qk,qk->k", means, np.linalg.solve(covariance, means)) * variance
            spent = float((pull**2 / df).sum())
            den_df = q * (q + 2) / (3 * spent)
            statistic /= q + 2 * spent * (q - 1) / (q + 2)
        p_value = float(f_p_value(statistic, q, den_df))
        return {"num_df": q, "den_df": float(den_df), "statistic": statistic, "p_value": p_value}

    def contrast(self, weights: np.ndarray, ddf: str | None = None, conf_level: float = 0.95) -> pd.DataFrame:
        """Weighted sums (k, p) of the coefficients, tested: columns as `MixedFit.contrast` has them."""
        std_error, df = self.std_error_and_df(weights, self.ddf(ddf))
        return pd.DataFrame(wald_columns(weights @ self.estimates, std_error, df, conf_level))

    def coefficients(self, ddf: str | None = None, conf_level: float = 0.95) -> pd.DataFrame:
        """The coefficient table: index ``term``, columns as `contrast`."""
        table = self.contrast(np.eye(len(self.estimates)), ddf, conf_level)
        return table.set_axis(pd.Index(self.design.names, name="term"))

    def anova(self, ddf: str | None = None) -> pd.DataFrame:
        """Type III tests: index ``term``; ``num_df, den_df, statistic, p_value``."""
        weights, terms = self.design.sum_coded()
        tests = {term: self.joint_test(weights[at], self.ddf(ddf)) for term, at in terms.items()}
        columns = ["num_df", "den_df", "statistic", "p_value"]
        return pd.DataFrame.from_dict(tests, orient="index", columns=columns).rename_axis("term")


def least_squares(design: Design) -> LeastSquares:
    """Fit a design without random terms, all rows taken to spread alike.

    Parameters
    ----------
    design : helpers.design.Design
        From ``build_design(formula, data, grouped=False)``: (n, p) fixed columns, (n,) outcome.

    Returns
    -------
    LeastSquares
        To be asked itself, or by `helpers.contrasts.comparisons` and its siblings.

    Raises
    ------
    ValueError
        The formula has random terms; or it fits every row, which leaves nothing to tell the spread from.
    """
    if design.random:
        raise ValueError(f"The formula has random terms: fit {design.formula!r} with helpers.mixed.fit_design.")
    found = OLS(design.y, design.X).fit()
    if found.ssr <= 1e-20 * design.spread:
        raise ValueError(
            f"The formula fits {design.response!r} perfectly: no residual is left to estimate a variance from."
        )
    levels = {name: design.levels_of(name) for name in design.factors}
    return LeastSquares(
        design=design,
        estimates=found.params,
        covariance=found.cov_params(),
        predictors=coded(design.data[list(design.predictors)], levels),
        levels=levels,
        matrix=design.all_columns,
        residual_df=float(found.df_resid),
    )
