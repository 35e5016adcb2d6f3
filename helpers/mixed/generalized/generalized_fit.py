"""A fitted generalised mixed model, in the words of `helpers.mixed.MixedFit`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.design import Design, build_design
from helpers.design.notes import dropped_notes, ordered_notes
from helpers.design.observations import Given
from helpers.design.updating import updated_formula
from helpers.mixed.dropping import drop_one
from helpers.mixed.generalized.estimation import Solution, estimate
from helpers.mixed.generalized.outcome_of_family import checked_family, likelihood_of, refuse_lone_levels
from helpers.mixed.generalized.predicted_means import PredictedMeans
from helpers.mixed.generalized.tests_of_effects import TestsOfEffects
from helpers.mixed.reml import SINGULAR
from helpers.refusals.errors import UnknownNameError

WORDS = {
    "binomial": "Binomial",
    "poisson": "Poisson",
    "negative_binomial": "Negative binomial",
    "gamma": "Gamma",
}
MOST_NODES = 100
FEW_GROUPS = 20  # with 16 a z test at 5% still rejects a true hypothesis in a tenth of the experiments (benchmarks)


def fit_generalized(
    formula: str,
    data: object,
    family: str,
    link: str | None = None,
    *,
    quadrature: int = 1,
    weights: Given | None = None,
    offset: Given | None = None,
    drop: bool = False,
) -> GeneralizedMixedFit:
    """Fit a generalised mixed model, without warnings; `helpers.mixed.fit_mixed` calls it, and tells of the arguments.

    Returns
    -------
    GeneralizedMixedFit

    Raises
    ------
    ValueError
        As `helpers.mixed.fit_mixed`.
    helpers.mixed.generalized.estimation.NotFitted
        The optimum was not reached.
    """
    family, link = checked_family(family, link)
    if isinstance(quadrature, bool) or not isinstance(quadrature, int) or not 1 <= quadrature <= MOST_NODES:
        raise ValueError(f"quadrature is a whole number of nodes from 1 to {MOST_NODES}; found {quadrature!r}.")
    if not isinstance(data, pd.DataFrame):
        raise ValueError(
            f"family={family!r} needs the rows in memory, as a pandas DataFrame; found {type(data).__name__}."
        )
    design = build_design(formula, data, drop=drop, weights=weights, offset=offset, generalized=True)
    return _fitted(design, family, link, quadrature)


def _fitted(design, family, link, quadrature):
    likelihood = likelihood_of(design, family, link)
    refuse_lone_levels(design, likelihood)
    scalar = len(design.random) == 1 and len(design.random[0].names) == 1
    if quadrature > 1 and not scalar:
        raise ValueError(
            f"quadrature={quadrature} is for one random term with one effect, such as (1 | animal); "
            f"{design.formula!r} has more. Leave quadrature out: Laplace's approximation takes any."
        )
    return GeneralizedMixedFit(design, family, link, estimate(design, likelihood, quadrature))


@dataclass(frozen=True, eq=False, repr=False)
class GeneralizedMixedFit(TestsOfEffects, PredictedMeans):
    """A fitted generalised mixed model; made by `helpers.mixed.fit_mixed` with ``family=``.

    Attributes
    ----------
    design : helpers.design.Design
        The matrices, and the rows and columns of the data that were used.
    family, link : str
    solution : helpers.mixed.generalized.estimation.Solution
    """

    design: Design
    family: str
    link: str
    solution: Solution

    def __repr__(self):
        """What was fitted, in a line each: what a notebook shows of a fit."""
        groups = ", ".join(f"{n} levels of {name}" for name, n in self.n_groups.items())
        nodes = self.solution.quadrature
        way = "Laplace's approximation" if nodes == 1 else f"adaptive quadrature, {nodes} nodes"
        beside = "".join(f", {name}={getattr(self.design, name).written!r}" for name in self.design.beside_formula)
        singular = "; singular fit" if self.is_singular else ""
        return (
            f"{WORDS[self.family]} mixed model, link {self.link}, by {way}: {self.formula}{beside}\n"
            f"{self.n_obs:,} rows, {groups}; log-likelihood {self.log_likelihood:.4f}{singular}\n"
            + "".join(f"Note: {note}\n" for note in self.notes)
            + "Tables: .coefficients(), .anova(), .variance_components, .random_effects"
        )

    @property
    def formula(self) -> str:
        """The formula as it was given."""
        return self.design.formula

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what may be meant otherwise, or went to a limit."""
        notes = [*dropped_notes(self.design), *ordered_notes(self.design)]
        fewest = self.n_groups.idxmin()
        if self.n_groups[fewest] < FEW_GROUPS:
            notes.append(
                f"With {self.n_groups[fewest]} levels of {fewest!r}, z and χ² tests of what differs between these call "
                "too much significant. Compare one number per level, too."
            )
        if self.dispersion is not None and math.isinf(self.dispersion):
            notes.append(
                "The counts vary no more than a Poisson distribution lets them: θ is infinite, and the estimates are "
                "those of family='poisson'."
            )
        return tuple(notes)

    @property
    def reml(self) -> bool:
        """False: generalised models are fitted by maximum likelihood."""
        return False

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return len(self.design.X)

    @cached_property
    def n_groups(self) -> pd.Series:
        """Levels of each grouping factor, a Series."""
        return pd.Series({term.group: len(term.levels) for term in self.design.random}, name="n_groups")

    @property
    def n_parameters(self) -> int:
        """Fixed effects, entries of θ, and a dispersion."""
        return self.solution.n_parameters

    @property
    def log_likelihood(self) -> float:
        """Marginal log-likelihood, with all constants, by Laplace's approximation or quadrature."""
        return self.solution.log_likelihood

    @property
    def deviance(self) -> float:
        """−2 log-likelihood."""
        return -2 * self.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's information criterion: smaller is better."""
        return self.deviance + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's Bayesian information criterion."""
        return self.deviance + math.log(self.n_obs) * self.n_parameters

    @property
    def dispersion(self) -> float | None:
        """θ of a negative binomial (variance μ + μ²/θ), the shape of a gamma (variance μ²/shape); else None."""
        return self.solution.dispersion

    @cached_property
    def fixed_effects(self) -> pd.Series:
        """Estimates β̂ on the scale of the link, a Series by term."""
        return pd.Series(self.solution.parameters[: self.solution.p], index=list(self.design.names), name="estimate")

    @property
    def factors(self) -> list[np.ndarray]:
        """Λ of each random term: its covariance is ΛΛ'."""
        return self.solution.factors

    @property
    def theta(self) -> np.ndarray:
        """lme4's θ: the lower triangles of `factors`, term by term."""
        return self.solution.theta

    @cached_property
    def is_singular(self) -> bool:
        """Whether a variance is at zero or a correlation at one."""
        scaled = self.solution.problem.blocks.lambdas(self.solution.problem.point(self.solution.scaled).theta)
        return bool(min(np.diag(factor).min() for factor in scaled) < SINGULAR)

    @cached_property
    def variance_components(self) -> pd.DataFrame:
        """Variances and covariances of random effects: ``group, term_1, term_2, vcov, sdcor``, as lme4's ``VarCorr``.

        A row with empty `term_2` is a variance, and `sdcor` its square root; otherwise a covariance and a correlation.
        There is no residual variance: the family says how rows vary around their mean.
        """
        rows = []
        for term, factor in zip(self.design.random, self.factors, strict=True):
            matrix = factor @ factor.T
            sd = np.sqrt(np.diag(matrix))
            rows += [(term.group, name, None, sd[a] ** 2, sd[a]) for a, name in enumerate(term.names)]
            for a, b in np.argwhere(np.tril(np.ones_like(matrix), -1)):
                correlation = matrix[a, b] / (sd[a] * sd[b]) if sd[a] * sd[b] > 0 else np.nan
                rows.append((term.group, term.names[b], term.names[a], matrix[a, b], correlation))
        return pd.DataFrame(rows, columns=["group", "term_1", "term_2", "vcov", "sdcor"])

    @cached_property
    def random_effects(self) -> dict[str, pd.DataFrame]:
        """Conditional modes of the random effects, on the scale of the link: group -> DataFrame of levels × terms."""
        return self._by_group(self._modes)

    @cached_property
    def random_effects_std_error(self) -> dict[str, pd.DataFrame]:
        """Conditional standard deviations of the random effects, as lme4's ``condVar``: group -> DataFrame."""
        pairs = zip(self.solution.modes.factored.own_blocks(), self._outward, strict=True)
        return self._by_group(
            [np.sqrt(np.maximum(np.diagonal(out @ block @ out.T, axis1=1, axis2=2), 0)) for block, out in pairs]
        )

    @cached_property
    def _outward(self):
        """From standardised random effects to those of the design's columns."""
        solution = self.solution
        inner = solution.problem.blocks.lambdas(solution.problem.point(solution.scaled).theta)
        return [scale @ each for scale, each in zip(solution.scaling.lambdas, inner, strict=True)]

    @cached_property
    def _modes(self):
        by_term = self.solution.problem.blocks.by_term(self.solution.modes.effects)
        return [each @ out.T for each, out in zip(by_term, self._outward, strict=True)]

    def _by_group(self, blocks):
        tables: dict[str, pd.DataFrame] = {}
        for term, block in zip(self.design.random, blocks, strict=True):
            table = pd.DataFrame(block, index=term.levels, columns=list(term.names))
            tables[term.group] = table if term.group not in tables else tables[term.group].join(table)
        return tables

    def drop_one(self, test: str = "likelihood-ratio", ddf: str = "normal") -> pd.DataFrame:
        """Test each fixed term that may be left out: one that no interaction contains; R's ``drop1``.

        Parameters
        ----------
        test : {"likelihood-ratio", "F"}
            The likelihood ratio of two fits, by χ²; "F" is Wald's test within this fit.
        ddf : {"normal"}

        Returns
        -------
        pandas.DataFrame
            Index ``term``; ``df, aic, statistic, p_value``, with a row ``(none)`` for the whole model; of Wald's tests
            ``num_df, den_df, statistic, p_value``.

        Raises
        ------
        ValueError
            `test` is neither; the fixed part is an intercept alone.
        """
        return drop_one(self, test, ddf)

    def update(self, formula: str = ". ~ .", data: pd.DataFrame | None = None) -> GeneralizedMixedFit:
        """Fit the model again with another formula or other data; R's ``update``.

        Parameters
        ----------
        formula : str
            A dot stands for what is there: ``". ~ . - x"``, ``". ~ . + (0 + x | g)"``.
        data : pandas.DataFrame
            Without: the rows that this fit used, with the columns that it used.

        Returns
        -------
        GeneralizedMixedFit

        Raises
        ------
        UnknownNameError
            The formula names a column that the fit did not use, and there are no `data`.
        ValueError, RuntimeError
            As `helpers.mixed.fit_mixed`.
        """
        return self.again(updated_formula(self.design.parsed, formula), data)

    def again(self, formula: str, data: pd.DataFrame | None = None, reml: bool = False) -> GeneralizedMixedFit:
        """Like `update`, but with a whole formula; `reml` has no say."""
        del reml
        given = {}
        for name in ("weights", "offset"):
            if (known := getattr(self.design, name)) is not None:
                if data is not None and known.column is None:
                    raise ValueError(
                        f"The {name} of this fit stood in no column, and other rows have none. Fit anew, with {name}=."
                    )
                given[name] = known.numbers if data is None else known.column
        kept = self.design.data if data is None else data
        try:
            design = build_design(formula, kept, drop=self.design.drops, generalized=True, **given)
        except UnknownNameError as error:
            remark = "" if data is not None else " A fit keeps only what it used: for another column give data=."
            raise UnknownNameError(f"{error}{remark}") from None
        return _fitted(design, self.family, self.link, self.solution.quadrature)
