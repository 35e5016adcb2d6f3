"""Tests of the fixed effects of a mixed model: tables, contrasts, F tests, with degrees of freedom of one's choice.

A mix-in of `helpers.mixed.MixedFit`: it reads the design, the cross-products and the optimum, and changes nothing.
Inside, contrasts act on the coefficients of the orthonormal columns Q (X = QR), where the arithmetic is best.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import linalg

from helpers.design.notes import dropped_notes
from helpers.hypotheses.wald import f_p_value, wald_columns
from helpers.hypotheses.weights import contrast_weights
from helpers.mixed.ddf import KenwardRoger, Satterthwaite, asymptotic_covariance, kenward_roger
from helpers.mixed.reml import covariance_entries, jacobian, psi_derivatives, theta_derivatives, traces
from helpers.mixed.types_of_tests import term_weights
from helpers.mixed.words_of_r import OF_METHODS, OF_TABLES
from helpers.refusals.arguments import says_what_is_not_offered
from helpers.refusals.errors import UnknownNameError, unknown_name
from helpers.refusals.wording import check_conf_level
from helpers.threads import one_thread

if TYPE_CHECKING:
    from helpers.cells.model_on_cells import CellDesign
    from helpers.design import Design
    from helpers.design.crossproducts import CrossProducts
    from helpers.mixed.reml import Solution

METHODS = ("satterthwaite", "kenward-roger", "normal")


class Inference:
    """What can be asked of the fixed effects of a fitted model."""

    if TYPE_CHECKING:  # what the model has
        design: Design | CellDesign
        products: CrossProducts
        optimum: Solution
        fixed_effects: pd.Series

    @says_what_is_not_offered(OF_TABLES)
    def coefficients(
        self, ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite", conf_level: float = 0.95
    ) -> pd.DataFrame:
        """The coefficient table.

        Parameters
        ----------
        ddf : {"satterthwaite", "kenward-roger", "normal"}
            How degrees of freedom are found; "normal" gives z tests.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            Index ``term``; ``estimate, std_error, df, statistic, p_value, conf_low, conf_high``. A column that was left
            out, others adding up to it, has a row without numbers.
        """
        names = self.design.names
        table = self.contrast(pd.DataFrame(np.eye(self.products.p), names, names), ddf, conf_level).rename_axis("term")
        return table if self.design.dropped is None else table.reindex(pd.Index(self.design.dropped.names, name="term"))

    @says_what_is_not_offered(OF_TABLES)
    def contrast(
        self,
        contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray,
        ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Weighted sums of the coefficients, each with its own degrees of freedom.

        Parameters
        ----------
        contrasts : str, list of str, dict, Series, DataFrame or array
            A coefficient's name, or several; coefficient -> weight (those left out count zero); label -> such a dict,
            for several contrasts; or one row per contrast, (k, p). See `helpers.hypotheses.weights.contrast_weights`.
        ddf, conf_level
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
            A contrast has the wrong number of weights, or none that is not zero.
        """
        check_conf_level(conf_level)
        rows = self._weights(contrasts)
        inward = self._inward(rows.to_numpy())
        estimate = rows.to_numpy() @ self.fixed_effects.to_numpy()
        if ddf == "normal":
            method, df = None, np.full(len(rows), np.inf)
        else:
            method = self._method(ddf)
            df = method.df(inward)
        covariance = method.adjusted if ddf == "kenward-roger" else self._satterthwaite.phi
        std_error = np.sqrt(np.einsum("ki,ij,kj->k", inward, covariance, inward))
        return pd.DataFrame(wald_columns(estimate, std_error, df, conf_level), index=rows.index)

    def contrast_covariance(
        self,
        contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray,
        ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    ) -> np.ndarray:
        """Covariance (k, k) of contrasts, as `contrast` takes its standard errors from; an array."""
        inward = self._inward(self._weights(contrasts).to_numpy())
        covariance = self._method(ddf).adjusted if ddf == "kenward-roger" else self._satterthwaite.phi
        return inward @ covariance @ inward.T

    @says_what_is_not_offered(OF_TABLES)
    def joint_test(
        self,
        contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray,
        ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    ) -> pd.DataFrame:
        """F test that several coefficients, or several contrasts, are all zero.

        Parameters
        ----------
        contrasts : str, list of str, or as in `contrast`
            A term of the formula ("condition:gene_name"), which stands for all its coefficients; else as in `contrast`.
        ddf : {"satterthwaite", "kenward-roger", "normal"}
            "normal" gives a chi-squared test, shown as F with infinite denominator degrees of freedom.

        Returns
        -------
        pandas.DataFrame
            One row: ``num_df, den_df, statistic, p_value``; the same for every way to write the hypothesis. By
            Satterthwaite's method lmerTest's ``den_df`` are others, see `helpers.mixed.ddf.Satterthwaite.test`.

        Raises
        ------
        UnknownNameError
            There is no such term or coefficient. It is a ``KeyError``.
        ValueError
            As in `contrast`; or a contrast follows from the others.
        """
        if isinstance(contrasts, str):
            contrasts = [contrasts]
        if isinstance(contrasts, list | tuple) and contrasts and all(isinstance(name, str) for name in contrasts):
            chosen = [position for name in contrasts for position in self._positions(name)]
            weights = np.eye(self.products.p)[chosen]
        else:
            weights = self._weights(contrasts).to_numpy()
        return pd.DataFrame([self._f_test(weights, ddf)])

    @says_what_is_not_offered(OF_TABLES)
    def anova(
        self,
        ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
        type: Literal[1, 2, 3] = 3,
    ) -> pd.DataFrame:
        """F tests, one row per term of the fixed part; F is that of lmerTest's ``anova``.

        Parameters
        ----------
        ddf : {"satterthwaite", "kenward-roger", "normal"}
        type : {1, 2, 3}
            What each term is adjusted for, as in SAS and lmerTest. 3: for all others, with the factors of higher-order
            terms averaged over (equal weight per level), whatever the coding: the test of a main effect beside an
            interaction is the average effect, not that at the reference level. 2: for all others but those that contain
            it (the same numeric predictors, and its factors among theirs). 1: for the terms before it in the formula.

        Returns
        -------
        pandas.DataFrame
            Index ``term``; ``num_df, den_df, statistic, p_value``.

        Raises
        ------
        ValueError
            There is no such type.
        """
        tests = {term: self._f_test(weights, ddf) for term, weights in term_weights(self, type).items()}
        columns = ["num_df", "den_df", "statistic", "p_value"]
        return pd.DataFrame.from_dict(tests, orient="index", columns=columns).rename_axis("term")

    def _f_test(self, weights, ddf):
        contrasts = self._inward(weights)
        if np.linalg.matrix_rank(contrasts) < len(weights):
            raise ValueError(
                "The contrasts tested together are not independent of each other: leave out those implied."
            )
        value = self.products.r @ self.fixed_effects.to_numpy()
        statistic, num_df, den_df = (self._satterthwaite if ddf == "normal" else self._method(ddf)).test(
            contrasts, value
        )
        den_df = np.inf if ddf == "normal" else den_df
        return {
            "num_df": num_df,
            "den_df": den_df,
            "statistic": statistic,
            "p_value": float(f_p_value(statistic, num_df, den_df)),
        }

    def _method(self, ddf):
        if ddf not in METHODS:
            here = OF_METHODS.get(ddf) if isinstance(ddf, str) else None
            raise ValueError(
                f"ddf is one of {', '.join(METHODS)}; found {ddf!r}." + (f" Write {here!r}." if here else "")
            )
        if ddf == "satterthwaite":
            return self._satterthwaite
        if not self.reml:
            raise ValueError("Kenward–Roger is defined for REML fits: fit again with reml=True.")
        if not self.design.has_plain_residuals:
            raise ValueError(
                "Kenward–Roger takes the covariance of the outcome to be linear in its parameters, and with "
                'variance_by or correlation it is not: use ddf="satterthwaite".'
            )
        return self._kenward_roger

    @cached_property
    def _traces(self):
        with one_thread(self.products.width, self.products.width, self.products.width + self.products.p):
            return traces(self.products, self.optimum)

    @cached_property
    def _satterthwaite(self):
        """In θ of the orthonormal columns and σ/σ̂, so that no unit decides which directions count as flat."""
        at, found, sigma2 = self.optimum, self._traces, self.optimum.sigma2
        gradient, hessian = psi_derivatives(at, found, sigma2=sigma2)
        _, by_theta = theta_derivatives(self.products, at.theta, gradient, hessian)
        to_theta = jacobian(self.products, at.theta)
        mixed = to_theta.T @ (2 * found.a / sigma2)
        by_sigma = np.array([[4 * at.rss / sigma2]])
        slopes = np.einsum("km,kij->mij", to_theta, sigma2 * at.phi @ found.p @ at.phi)
        return Satterthwaite(
            sigma2 * at.phi,
            np.concatenate([slopes, 2 * sigma2 * at.phi[None]]),
            asymptotic_covariance(np.block([[by_theta, mixed[:, None]], [mixed[None, :], by_sigma]])),
        )

    @cached_property
    def _kenward_roger(self):
        """In units of σ², with the residual variance as the last parameter: I = (Ṽ − Σψ_kV_k), so its traces follow."""
        at, found = self.optimum, self._traces
        psi = covariance_entries(self.products, at.theta)
        information = np.linalg.inv(at.phi)
        trace = np.append(found.trace, self.n_obs)  # of ṼˉV_k, and of ṼˉṼ
        row = trace[:-1] - found.trace2 @ psi
        last = trace[-1] - 2 * psi @ found.trace + psi @ found.trace2 @ psi
        trace2 = np.block([[found.trace2, row[:, None]], [row[None, :], np.array([[last]])]])
        x_last = information - np.tensordot(psi, found.p, 1)
        q_row = found.p - np.einsum("m,kmij->kij", psi, found.q)
        q_column = np.swapaxes(q_row, 1, 2)
        q_last = x_last - np.tensordot(psi, q_row, 1)
        x_k = np.concatenate([found.p, x_last[None]])
        x_km = np.concatenate(
            [
                np.concatenate([found.q, q_row[:, None]], axis=1),
                np.concatenate([q_column, q_last[None]], axis=0)[None],
            ]
        )
        unit = kenward_roger(at.phi, trace2, x_k, x_km)
        scaled = self.residual_variance
        return KenwardRoger(scaled * unit.phi, scaled * unit.adjusted, unit.p_k / scaled, unit.covariance)

    # --- Between the original coefficients and those on Q -----------------------------------------------------------

    def _weights(self, contrasts):
        """Weights on the coefficients; the error of a name that was left out says so."""
        try:
            return contrast_weights(contrasts, self.design.names)
        except UnknownNameError as error:
            raise self._with_dropped(error) from None

    def _with_dropped(self, error):
        if self.design.dropped is None:
            return error
        return UnknownNameError(f"{error} Left out: {'; '.join(dropped_notes(self.design))}")

    def _inward(self, weights):
        return linalg.solve_triangular(self.products.r, weights.T, trans="T").T

    def _positions(self, name):
        if name in self.design.terms:
            return self.design.terms[name]
        if name in self.design.names:
            return [self.design.names.index(name)]
        known = dict.fromkeys([*self.design.terms, *self.design.names])
        raise self._with_dropped(unknown_name("The model", "term or coefficient", [name], known))
