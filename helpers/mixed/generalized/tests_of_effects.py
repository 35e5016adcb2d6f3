"""Tests of the fixed effects of a generalised mixed model: Wald's z and χ², with the covariance one asks for.

A mix-in of `helpers.mixed.generalized.GeneralizedMixedFit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from helpers.hypotheses.wald import f_p_value, wald_columns
from helpers.hypotheses.weights import contrast_weights
from helpers.mixed.generalized.first_guess import conditional_information
from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import check_conf_level

if TYPE_CHECKING:
    from helpers.design import Design
    from helpers.mixed.generalized.estimation import Solution

type Variances = Literal["estimated", "known"]
type Contrasts = str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray


class TestsOfEffects:
    """What can be asked of the fixed effects of a generalised mixed model."""

    __test__ = False  # no test of pytest's

    if TYPE_CHECKING:
        design: Design
        solution: Solution
        fixed_effects: pd.Series

    def coefficients(
        self, ddf: str = "normal", conf_level: float = 0.95, *, variances: Variances = "estimated"
    ) -> pd.DataFrame:
        """The coefficient table, on the scale of the link.

        Parameters
        ----------
        ddf : {"normal"}
            Tests are z tests. With few groups these call too much significant.
        conf_level : float
        variances : {"estimated", "known"}
            Whether standard errors count that the variances between groups (and a dispersion) are estimated, as
            glmmTMB's and glmer's usual ones do; or take them for known, as glmer's with ``use.hessian = FALSE``.

        Returns
        -------
        pandas.DataFrame
            Index ``term``; ``estimate, std_error, df, statistic, p_value, conf_low, conf_high``. A column that was left
            out, others adding up to it, has a row without numbers.
        """
        names = self.design.names
        rows = pd.DataFrame(np.eye(len(names)), names, names)
        table = self.contrast(rows, ddf, conf_level, variances=variances).rename_axis("term")
        return table if self.design.dropped is None else table.reindex(pd.Index(self.design.dropped.names, name="term"))

    def contrast(
        self,
        contrasts: Contrasts,
        ddf: str = "normal",
        conf_level: float = 0.95,
        *,
        variances: Variances = "estimated",
    ) -> pd.DataFrame:
        """Weighted sums of the coefficients, on the scale of the link.

        Parameters
        ----------
        contrasts : str, list of str, dict, Series, DataFrame or array
            See `helpers.hypotheses.weights.contrast_weights`.
        ddf, conf_level, variances
            As in `coefficients`.

        Returns
        -------
        pandas.DataFrame
            One row per contrast, columns as in `coefficients`.

        Raises
        ------
        UnknownNameError
            A weight names no coefficient. It is a ``KeyError``.
        ValueError
            A contrast has the wrong number of weights, or none that is not zero; or other degrees of freedom are asked
            for.
        """
        check_conf_level(conf_level)
        _check_ddf(ddf)
        rows = contrast_weights(contrasts, self.design.names)
        weights = rows.to_numpy()
        covariance = self._covariance(variances)
        std_error = np.sqrt(np.einsum("ki,ij,kj->k", weights, covariance, weights))
        estimate = weights @ self.fixed_effects.to_numpy()
        return pd.DataFrame(wald_columns(estimate, std_error, np.inf, conf_level), index=rows.index)

    def contrast_covariance(
        self, contrasts: Contrasts, ddf: str = "normal", *, variances: Variances = "estimated"
    ) -> np.ndarray:
        """Covariance (k, k) of contrasts, as `contrast` takes its standard errors from; an array."""
        _check_ddf(ddf)
        weights = contrast_weights(contrasts, self.design.names).to_numpy()
        return weights @ self._covariance(variances) @ weights.T

    def joint_test(
        self, contrasts: Contrasts, ddf: str = "normal", *, variances: Variances = "estimated"
    ) -> pd.DataFrame:
        """Wald test that several coefficients, or several contrasts, are all zero.

        Parameters
        ----------
        contrasts : str, list of str, or as in `contrast`
            A term of the formula, which stands for all its coefficients; else as in `contrast`.
        ddf, variances
            As in `coefficients`.

        Returns
        -------
        pandas.DataFrame
            One row: ``num_df, den_df, statistic, p_value``: χ² divided by its degrees of freedom, as F with infinite
            denominator degrees of freedom.

        Raises
        ------
        UnknownNameError
            There is no such term or coefficient. It is a ``KeyError``.
        ValueError
            As in `contrast`; or a contrast follows from the others.
        """
        _check_ddf(ddf)
        if isinstance(contrasts, str):
            contrasts = [contrasts]
        if isinstance(contrasts, list | tuple) and contrasts and all(isinstance(name, str) for name in contrasts):
            weights = np.eye(len(self.design.names))[[place for name in contrasts for place in self._positions(name)]]
        else:
            weights = contrast_weights(contrasts, self.design.names).to_numpy()
        return pd.DataFrame([self._wald(weights, variances)])

    def anova(self, ddf: str = "normal", type: Literal[3] = 3, *, variances: Variances = "estimated") -> pd.DataFrame:
        """Wald tests, one row per term of the fixed part: type III, with factors averaged over.

        Parameters
        ----------
        ddf, variances
            As in `coefficients`.
        type : {3}
            See `helpers.mixed.MixedFit.anova`. For tests of one model within another use `drop_one`, by likelihood.

        Returns
        -------
        pandas.DataFrame
            Index ``term``; ``num_df, den_df, statistic, p_value``.

        Raises
        ------
        ValueError
            Another type is asked for, or columns were left out.
        """
        _check_ddf(ddf)
        if type not in (3, "3", "III"):
            raise ValueError(
                f"A generalised model has tests of type 3 here; found type={type!r}. drop_one() tests each term that "
                "no other contains, by the likelihood ratio."
            )
        if self.design.dropped is not None:
            raise ValueError(
                "Type III tests average over cells, and columns of empty ones were left out: what would be tested "
                "depends on which. Use drop_one(), or contrasts.joint_tests."
            )
        weights, places = self.design.sum_coded()
        tests = {term: self._wald(weights[at], variances) for term, at in places.items()}
        columns = ["num_df", "den_df", "statistic", "p_value"]
        return pd.DataFrame.from_dict(tests, orient="index", columns=columns).rename_axis("term")

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of the estimates, variances being estimated, too; a DataFrame (p, p)."""
        p, names = self.solution.p, list(self.design.names)
        return pd.DataFrame(self.solution.covariance[:p, :p], names, names)

    @cached_property
    def _known_variances(self):
        solution = self.solution
        inner = np.linalg.inv(conditional_information(solution.problem.x, solution.modes.factored))
        to_original = solution.scaling.coefficients
        return to_original @ inner @ to_original.T

    def _covariance(self, variances):
        if variances not in ("estimated", "known"):
            raise ValueError(f"variances is 'estimated' or 'known'; found {variances!r}.")
        return self.covariance.to_numpy() if variances == "estimated" else self._known_variances

    def _wald(self, weights, variances):
        if np.linalg.matrix_rank(weights) < len(weights):
            raise ValueError(
                "The contrasts tested together are not independent of each other: leave out those implied."
            )
        value = weights @ self.fixed_effects.to_numpy()
        covariance = weights @ self._covariance(variances) @ weights.T
        statistic = float(value @ np.linalg.solve(covariance, value)) / len(weights)
        p_value = float(f_p_value(statistic, len(weights), np.inf))
        return {"num_df": len(weights), "den_df": np.inf, "statistic": statistic, "p_value": p_value}

    def _positions(self, name):
        if name in self.design.terms:
            return self.design.terms[name]
        if name in self.design.names:
            return [self.design.names.index(name)]
        known = dict.fromkeys([*self.design.terms, *self.design.names])
        raise unknown_name("The model", "term or coefficient", [name], known)


def _check_ddf(ddf):
    if ddf != "normal":
        raise ValueError(
            f"A generalised mixed model has z and χ² tests: ddf={ddf!r} does not apply. Leave ddf out; with few groups "
            "compare models by drop_one(), and take p-values near the limit for too small."
        )
