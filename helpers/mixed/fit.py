"""Linear mixed models with lme4's formulas, at the verified optimum, with lmerTest's and pbkrtest's tables.

    from helpers.mixed import fit_mixed
    fit = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", data)
    fit.coefficients(ddf="kenward-roger")

`helpers.design` turns formula and data into matrices, `reml` finds the optimum, `inference` and `ddf` test; here is
what was estimated.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
import pandas as pd
from scipy import linalg

from helpers.design import Design, build_design
from helpers.design.crossproducts import CrossProducts
from helpers.design.identified import refuse_unidentified
from helpers.design.notes import dropped_notes, ordered_notes
from helpers.design.observations import Given
from helpers.design.updating import updated_formula
from helpers.mixed.compare import n_parameters, refit
from helpers.mixed.explained import r_squared, refuse_unequal
from helpers.mixed.generalized.generalized_fit import GeneralizedMixedFit, fit_generalized
from helpers.mixed.inference import Inference
from helpers.mixed.modes import conditional_covariances, modes
from helpers.mixed.predicting import Prediction
from helpers.mixed.refits import Refits
from helpers.mixed.reml import SINGULAR, Solution, factors, optimise
from helpers.mixed.residuals import (
    products_of,
    refuse_untold,
    residual_deviations,
    residual_parameters,
)
from helpers.mixed.words_of_r import OF_FITTING
from helpers.refusals.arguments import says_what_is_not_offered
from helpers.refusals.errors import UnknownNameError

if TYPE_CHECKING:
    from helpers.cells.model_on_cells import CellDesign

HERE = tuple(str(Path(__file__).parents[1] / name) for name in ("mixed", "refusals"))  # no warning points there


class SingularFitWarning(UserWarning):
    """A variance was estimated as zero, or a correlation as one."""


class OutcomeWarning(UserWarning):
    """The outcome has two values only, or looks like counts: a normal distribution describes neither."""


@overload
def fit_mixed(
    formula: str,
    data: object,
    reml: bool = True,
    *,
    family: Literal["gaussian"] | None = None,
    weights: Given | None = None,
    offset: Given | None = None,
    variance_by: str | None = None,
    correlation: str | None = None,
    rank_deficient: Literal["refuse", "drop"] = "refuse",
) -> MixedFit: ...
@overload
def fit_mixed(
    formula: str,
    data: object,
    *,
    family: Literal["binomial", "poisson", "negative_binomial", "gamma"],
    link: str | None = None,
    quadrature: int = 1,
    weights: Given | None = None,
    offset: Given | None = None,
    rank_deficient: Literal["refuse", "drop"] = "refuse",
) -> GeneralizedMixedFit: ...
@says_what_is_not_offered(OF_FITTING)
def fit_mixed(
    formula: str,
    data: object,
    reml: bool = True,
    *,
    family: str | None = None,
    link: str | None = None,
    quadrature: int = 1,
    weights: Given | None = None,
    offset: Given | None = None,
    variance_by: str | None = None,
    correlation: str | None = None,
    rank_deficient: Literal["refuse", "drop"] = "refuse",
) -> MixedFit | GeneralizedMixedFit:
    """Fit a linear mixed model by REML (or maximum likelihood), or a generalised one by maximum likelihood.

    Parameters
    ----------
    formula : str
        As in lme4, such as ``"log(length) ~ condition * gene_name + (1 + condition | replicate)"``. Random terms:
        ``(1 | g)``, ``(1 + x | g)``, ``(0 + x | g)``, ``(x || g)`` (uncorrelated), ``(1 | a) + (1 | b)`` (crossed),
        ``(1 | a/b)`` and ``(1 | a:b)`` (nested).
    data : pandas.DataFrame, or a table too large for memory
        One row per observation. Strings are factors; treatment contrasts, the first level is the reference. So are
        ordered categories: where R takes polynomials, write ``C(dose, contr.poly)``; `notes` tells of them. A table of
        Polars, DuckDB, Dask, PySpark or Arrow, or the path of Parquet files (a folder, too), is reduced to cells where
        it is: see `helpers.cells.collect_cells`, whose `Cells` can be given, too.
    reml : bool
        Restricted maximum likelihood (for inference) or maximum likelihood (for comparing fixed parts). Of generalised
        models it has no say.
    family : {"gaussian", "binomial", "poisson", "negative_binomial", "gamma"}, optional
        How the outcome scatters around its mean. Without, or "gaussian": a linear mixed model. "binomial": 0 and 1,
        True and False, or ``cbind(successes, failures) ~ …`` as in R. "poisson" and "negative_binomial": counts.
        "gamma": positive numbers whose scatter grows with their mean.
    link : str, optional
        Of a family, "binomial": "logit" (the default), "probit", "cloglog", "log", "identity"; "poisson": "log",
        "sqrt", "identity"; "negative_binomial": "log"; "gamma": "log", "inverse".
    quadrature : int
        Of a family with one random intercept (or one slope alone): nodes of adaptive Gauss–Hermite quadrature, lme4's
        ``nAGQ``. 1, Laplace's approximation, is for any random part; with few rows per level, and of yes and no above
        all, compare 9 or 25.
    weights : str, or one number per row, optional
        A column of known precisions, as lmer's ``weights``: the residual variance of a row is σ²/weight. Of means of m
        measurements each, the weight is m. With ``family="binomial"`` the trials of an outcome of proportions.
    offset : str, or one number per row, optional
        A column that is added to the mean (to the linear predictor) with a coefficient of exactly 1: of counts, the
        logarithm of the time or area in which they were counted.
    variance_by : str, optional
        A column of labels: each has a residual variance of its own (nlme's ``varIdent``). The first is the reference.
    correlation : str, optional
        ``"ar1(day | animal)"``: residuals of one animal correlate by φ to the power of the days between them (nlme's
        ``corAR1``). The times are whole numbers, gaps are allowed; several columns tell series apart as in
        ``"ar1(day | animal:side)"``. See `MixedFit.residual_parameters` for what was estimated.
    rank_deficient : {"refuse", "drop"}
        Where fixed columns add up to others (a covariate twice, an interaction with an empty cell): an error that names
        them; or they are left out, as in R, `notes` names them, and what cannot be estimated without them is said.

    Returns
    -------
    MixedFit or helpers.mixed.generalized.GeneralizedMixedFit
        The latter with a `family` other than "gaussian".

    Raises
    ------
    UnknownNameError
        A column of the formula is not in the data. It is a ``KeyError``.
    ValueError
        The formula cannot be read, or the data cannot carry the model (see `helpers.design.formula`); or crossed
        factors have so many levels that their matrices would take more than 8 GB: said before any memory is taken; or
        a weight is not above zero, or missing; or an outcome is none of its family, is the same everywhere, or is
        separated: told for certain by some columns, so that there is no finite estimate.
    RuntimeError
        The optimum was not reached; there is no table of a fit that did not converge.

    Warns
    -----
    SingularFitWarning
        A variance is estimated as zero.
    OutcomeWarning
        The outcome has two values only, or is whole numbers with zeros among them; not looked for in cells.

    Notes
    -----
    The criterion is lme4's (Bates, Mächler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01). Random effects are
    eliminated in the blocks of `helpers.design.elimination`. Both kinds of degrees of freedom come from these, too: a
    model that can be fitted has Kenward–Roger's as well as Satterthwaite's. Generalised models: see
    `helpers.mixed.generalized`.
    """
    if rank_deficient not in ("refuse", "drop"):
        raise ValueError(f"rank_deficient is 'refuse' or 'drop'; found {rank_deficient!r}.")
    beside = {"weights": weights, "offset": offset, "variance_by": variance_by, "correlation": correlation}
    if family not in (None, "gaussian"):
        _refuse_residual_structure(family, beside)
        drop = rank_deficient == "drop"
        return _said_generalized(
            fit_generalized(
                formula, data, family, link, quadrature=quadrature, weights=weights, offset=offset, drop=drop
            )
        )
    if link is not None or quadrature != 1:
        raise ValueError("link= and quadrature= are for generalised models: give family=, such as family='binomial'.")
    return _said(fit_design(_design(formula, data, rank_deficient == "drop", **beside), reml=reml))


def fit_design(design: Design | CellDesign, reml: bool = True) -> MixedFit:
    """Fit the linear mixed model of a design that is there already, without warnings: ask `is_singular` and `notes`.

    Parameters
    ----------
    design : helpers.design.Design or helpers.cells.model_on_cells.CellDesign
        From `helpers.design.build_design`: (n, p) fixed columns, (n,) outcome, codes of the grouping factors.
    reml : bool
        As in `fit_mixed`.

    Returns
    -------
    MixedFit

    Raises
    ------
    ValueError
        The data cannot carry the model.
    RuntimeError
        The optimum was not reached.

    Notes
    -----
    The criterion is lme4's (Bates, Mächler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01).
    """
    products = products_of(design)
    _refuse_perfect_fit(design, products)
    refuse_unidentified(design, products)
    optimum = optimise(products, reml=reml)
    refuse_untold(design, products, optimum)
    return MixedFit(design, products, optimum)


def _design(formula, data, drop, **beside):
    beside = {name: given for name, given in beside.items() if given is not None}
    if isinstance(data, pd.DataFrame):
        return build_design(formula, data, drop=drop, **beside)
    if drop:
        raise ValueError("rank_deficient='drop' needs the rows in memory, as a pandas DataFrame.")
    from helpers.cells import Cells, collect_cells  # narwhals is slow to import
    from helpers.cells.model_on_cells import cell_design
    from helpers.cells.sources import holds_rows

    if beside and (isinstance(data, Cells) or holds_rows(data)):
        raise ValueError(
            f"{' and '.join(map('{}='.format, beside))} need the single rows, and a table too large for memory is "
            "reduced to cells: give a pandas DataFrame."
        )
    if isinstance(data, Cells):
        return cell_design(formula, data)
    return (
        cell_design(formula, collect_cells(formula, data))
        if holds_rows(data)
        else build_design(formula, data, **beside)
    )


def _said(fit):
    """The fit, once what is to be known of it has been said to whoever asked for it from elsewhere."""
    if unlike_normal := fit.design.outcome_note:
        warnings.warn(unlike_normal, OutcomeWarning, skip_file_prefixes=HERE)
    if fit.is_singular:
        warnings.warn(_singular_message(fit), SingularFitWarning, skip_file_prefixes=HERE)
    return fit


def _refuse_residual_structure(family, beside):
    if given := [name for name in ("variance_by", "correlation") if beside[name] is not None]:
        raise ValueError(
            f"{' and '.join(map('{}='.format, given))} describe residuals, and family={family!r} has none. Let the "
            "groups differ by a random term instead."
        )


def _said_generalized(fit):
    if fit.is_singular:
        groups = " and ".join(dict.fromkeys(repr(term.group) for term in fit.design.random))
        warnings.warn(
            f"Singular fit: a variance between levels of {groups} is estimated as zero, or a correlation as one. With "
            "few groups that is common, and no proof that groups do not differ; standard errors then leave their "
            "variance out. See variance_components; use a simpler random part.",
            SingularFitWarning,
            skip_file_prefixes=HERE,
        )
    return fit


def _refuse_perfect_fit(design, products):
    if design.spread == 0:
        raise ValueError(
            f"The outcome '{design.response}' is constant ({design.mean:g} in every row): nothing to explain."
        )
    if products.ete <= 1e-20 * design.spread:
        raise ValueError(
            f"The fixed part fits '{design.response}' perfectly: no residual is left to estimate a variance from."
        )


def _singular_message(fit):
    zero, correlated = [], []
    for term, factor in zip(fit.design.random, fit.factors, strict=True):
        flat = [name for name, row in zip(term.names, factor, strict=True) if np.abs(row).max() < SINGULAR]
        zero += [f"the variance of {name} between levels of '{term.group}' is estimated as zero" for name in flat]
        if not flat and np.diag(factor).min() < SINGULAR:
            correlated.append(f"the random effects of '{term.group}' are estimated as perfectly correlated")
    if fit.theta.any():
        tests = "Satterthwaite's degrees of freedom leave the uncertainty of that term out"
    else:
        tests = "Satterthwaite then gives the tests of ordinary least squares"
    if not fit.design.has_plain_residuals:
        return (
            f"Singular fit: {' and '.join(zero + correlated)}. With few groups that is common, and no proof that "
            "groups do not differ. Satterthwaite's degrees of freedom leave the uncertainty of that term out; use a "
            "simpler random part."
        )
    return (
        f"Singular fit: {' and '.join(zero + correlated)}. With few groups that is common, and no proof that groups"
        f' do not differ. {tests}; use ddf="kenward-roger", which allows for it, or a simpler random part.'
    )


@dataclass(frozen=True, eq=False, repr=False)
class MixedFit(Inference, Prediction, Refits):
    """A fitted linear mixed model; made by `fit_mixed`.

    Attributes
    ----------
    design : helpers.design.Design or helpers.cells.model_on_cells.CellDesign
        The matrices, and the rows and columns of the data that were used.
    products : helpers.design.crossproducts.CrossProducts
    optimum : helpers.mixed.reml.Solution
    """

    design: Design | CellDesign
    products: CrossProducts
    optimum: Solution

    def __repr__(self):
        """What was fitted, in a line each: what a notebook shows of a fit."""
        groups = ", ".join(f"{n} levels of {name}" for name, n in self.n_groups.items())
        singular = "; singular fit" if self.is_singular else ""
        return (
            f"Linear mixed model by {'REML' if self.reml else 'maximum likelihood'}: {self.formula}"
            f"{''.join(f', {name}={getattr(self.design, name).written!r}' for name in self.design.beside_formula)}\n"
            f"{self.n_obs:,} rows, {groups}; log-likelihood {self.log_likelihood:.4f}{singular}\n"
            + "".join(f"Note: {note}\n" for note in self.notes)
            + "Tables: .coefficients(), .anova(), .variance_components, .random_effects"
        )

    # --- What was estimated -----------------------------------------------------------------------------------------

    @property
    def formula(self) -> str:
        """The formula as it was given."""
        return self.design.formula

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what may be meant otherwise: how an ordered factor is coded, an outcome of counts."""
        return tuple(filter(None, [*dropped_notes(self.design), *ordered_notes(self.design), self.design.outcome_note]))

    @property
    def reml(self) -> bool:
        """Whether the fit is by REML."""
        return self.optimum.reml

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return self.products.n

    @cached_property
    def n_groups(self) -> pd.Series:
        """Levels of each grouping factor, a Series."""
        return pd.Series({term.group: len(term.levels) for term in self.design.random}, name="n_groups")

    @property
    def n_parameters(self) -> int:
        """Fixed effects, covariance parameters, the residual variance and what else residuals have."""
        return self.products.p + self.products.n_theta + self.products.n_extra + 1

    @property
    def deviance(self) -> float:
        """−2 log-likelihood: lme4's REML criterion, or the deviance of a maximum-likelihood fit."""
        return self.optimum.deviance

    @property
    def log_likelihood(self) -> float:
        """(Restricted) log-likelihood."""
        return -self.optimum.deviance / 2

    @property
    def aic(self) -> float:
        """Akaike's information criterion, by maximum likelihood (a REML fit is refitted): smaller is better."""
        return refit(self, reml=False).deviance + 2 * n_parameters(self)

    @property
    def bic(self) -> float:
        """Schwarz's Bayesian information criterion, by maximum likelihood (a REML fit is refitted)."""
        return refit(self, reml=False).deviance + math.log(self.n_obs) * n_parameters(self)

    @property
    def residual_variance(self) -> float:
        """σ²: the residual variance of a row of weight 1, and of the first level of `variance_by`."""
        return self.optimum.sigma2

    @cached_property
    def fixed_effects(self) -> pd.Series:
        """Estimates β̂, a Series by term."""
        beyond = linalg.solve_triangular(self.products.r, self.optimum.beta)
        return pd.Series(self.products.coefficients + beyond, index=list(self.design.names), name="estimate")

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of the estimates, a DataFrame (p, p); unadjusted."""
        half = linalg.solve_triangular(self.products.r, self.optimum.phi * self.residual_variance)
        matrix = linalg.solve_triangular(self.products.r, half.T)
        return pd.DataFrame(matrix, index=list(self.design.names), columns=list(self.design.names))

    @cached_property
    def factors(self) -> list[np.ndarray]:
        """Λ of each random term in the units of its columns: its covariance is σ²ΛΛ'."""
        inner = factors(self.products, self.optimum.theta)
        return [outer @ factor for outer, factor in zip(self.products.to_original, inner, strict=True)]

    @cached_property
    def theta(self) -> np.ndarray:
        """lme4's θ: the lower triangles of `factors`, term by term."""
        pairs = zip(self.factors, self.products.terms, strict=True)
        return np.array([factor[a, b] for factor, term in pairs for a, b in term.pairs])

    @cached_property
    def is_singular(self) -> bool:
        """Whether a variance is at zero or a correlation at one (lme4's isSingular)."""
        return bool(min(np.diag(factor).min() for factor in self.factors) < SINGULAR)

    @cached_property
    def variance_components(self) -> pd.DataFrame:
        """Variances and covariances: ``group, term_1, term_2, vcov, sdcor``, as lme4's ``VarCorr``.

        A row with empty `term_2` is a variance, and `sdcor` its square root; otherwise a covariance and a correlation.
        With `variance_by` there is a row ``Residual`` for each level, its name in `term_1`.
        """
        rows = []
        for term, factor in zip(self.design.random, self.factors, strict=True):
            matrix = self.residual_variance * factor @ factor.T
            sd = np.sqrt(np.diag(matrix))
            rows += [(term.group, name, None, sd[a] ** 2, sd[a]) for a, name in enumerate(term.names)]
            for a, b in np.argwhere(np.tril(np.ones_like(matrix), -1)):
                correlation = matrix[a, b] / (sd[a] * sd[b]) if sd[a] * sd[b] > 0 else np.nan
                rows.append((term.group, term.names[b], term.names[a], matrix[a, b], correlation))
        rows += [("Residual", level, None, sd**2, sd) for level, sd in residual_deviations(self).items()]
        return pd.DataFrame(rows, columns=["group", "term_1", "term_2", "vcov", "sdcor"])

    @property
    def icc(self) -> pd.Series:
        """Intraclass correlation: the share of the total variance that lies between levels of each grouping factor.

        Two observations of one level correlate by so much. A Series by group.

        Raises
        ------
        ValueError
            The model has random slopes: then the share depends on the slope's variable. Or it has weights, residual
            variances by group or an autocorrelation: then it depends on the rows.
        """
        refuse_unequal(self.design, "The intraclass correlation")
        if self.design.correlation is not None:
            raise ValueError("With an autocorrelation two rows of one group correlate by more the closer they are.")
        if any(term.names != ("(Intercept)",) for term in self.design.random):
            raise ValueError(
                "With random slopes the intraclass correlation depends on where one looks: there is no single one."
            )
        table = self.variance_components.set_index("group")["vcov"]
        return (table / table.sum()).drop("Residual").rename("icc")

    def r_squared(self) -> pd.Series:
        """Nakagawa's marginal and conditional R² and their parts, see `helpers.mixed.explained.r_squared`."""
        return r_squared(self)

    @cached_property
    def random_effects(self) -> dict[str, pd.DataFrame]:
        """Predicted random effects (BLUPs, conditional modes): group -> DataFrame of levels × terms."""
        return self._by_group(self._blups)

    @cached_property
    def random_effects_std_error(self) -> dict[str, pd.DataFrame]:
        """Conditional standard deviations of the random effects, as lme4's ``condVar``: group -> DataFrame."""
        covariances = conditional_covariances(self.products, self.optimum)
        blocks = []
        for inner, outer in zip(covariances, self.products.to_original, strict=True):
            variance = self.residual_variance * np.diagonal(outer @ inner @ outer.T, axis1=1, axis2=2)
            blocks.append(np.sqrt(np.maximum(variance, 0)))
        return self._by_group(blocks)

    @cached_property
    def _blups(self):
        inner = modes(self.products, self.optimum)
        return [mode @ outer.T for mode, outer in zip(inner, self.products.to_original, strict=True)]

    def _by_group(self, blocks):
        tables = {}
        for term, block in zip(self.design.random, blocks, strict=True):
            table = pd.DataFrame(block, index=term.levels, columns=list(term.names))
            tables[term.group] = table if term.group not in tables else tables[term.group].join(table)
        return tables

    # --- The model, changed -----------------------------------------------------------------------------------------

    @says_what_is_not_offered(OF_FITTING)
    def update(self, formula: str = ". ~ .", data: object = None, reml: bool | None = None) -> MixedFit:
        """Fit the model again with another formula, other data, or the other criterion; R's ``update``.

        Parameters
        ----------
        formula : str
            A dot stands for what is there: ``". ~ . - x"``, ``". ~ . + (0 + x | g)"``, ``"log(y) ~ ."``.
        data : pandas.DataFrame, or a table too large for memory
            Without: the rows that this fit used, with the columns that it used.
        reml : bool, optional
            Without: as this fit.

        Returns
        -------
        MixedFit

        Raises
        ------
        UnknownNameError
            The formula names a column that the fit did not use, and there are no `data`.
        ValueError
            The formula takes out a term that is not there; and as `fit_mixed`.
        RuntimeError, SingularFitWarning, OutcomeWarning
            As `fit_mixed`.
        """
        return _said(self.again(updated_formula(self.design.parsed, formula), data, reml))

    def again(self, formula: str, data: object = None, reml: bool | None = None) -> MixedFit:
        """Like `update`, but with a whole formula, and without warnings."""
        kept = self.design.data if isinstance(self.design, Design) else self.design.cells
        try:
            design = _design(formula, kept if data is None else data, self.design.drops, **self._beside(data))
        except UnknownNameError as error:
            remark = "" if data is not None else " A fit keeps only what it used: for another column give data=."
            raise UnknownNameError(f"{error}{remark}") from None
        return fit_design(design, reml=self.reml if reml is None else reml)

    def _beside(self, data):
        """What the model was given beside its formula, for a fit to `data`; without them, to the rows of this fit."""
        design = self.design
        given = {}
        for name in ("weights", "offset"):
            if (known := getattr(design, name)) is not None:
                if data is not None and known.column is None:
                    raise ValueError(
                        f"The {name} of this fit stood in no column, and other rows have none. Fit anew, with {name}=."
                    )
                given[name] = known.numbers if data is None else known.column
        if design.variance_by is not None:
            given["variance_by"] = design.variance_by.column
        if design.correlation is not None:
            given["correlation"] = design.correlation.written
        return given

    def residual_parameters(self, conf_level: float = 0.95) -> pd.DataFrame:
        """Residual standard deviations, their ratios, and the autocorrelation, with intervals.

        See `helpers.mixed.residuals.residual_parameters`.
        """
        return residual_parameters(self, conf_level)

    @cached_property
    def statsmodels(self) -> object:
        """The same fit as statsmodels' `MixedLMResults`, where it has one: see `helpers.mixed.as_statsmodels`."""
        from helpers.mixed.as_statsmodels import as_statsmodels  # statsmodels takes a second to import

        return as_statsmodels(self)
