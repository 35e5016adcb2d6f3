"""Outcomes drawn from a fitted generalised mixed model, with new random effects each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from helpers.mixed.generalized.inverse_links import LINKS_BACK
from helpers.mixed.generalized.likelihoods import Binomial

if TYPE_CHECKING:
    from helpers.mixed.generalized.generalized_fit import GeneralizedMixedFit


def observed_outcomes(fit: GeneralizedMixedFit) -> np.ndarray:
    """What `draw_outcomes` draws, as it was observed: numbers, counts, or successes; (n_obs,)."""
    likelihood = fit.solution.problem.likelihood
    return likelihood.successes if isinstance(likelihood, Binomial) else np.asarray(fit.design.y, dtype=float)


def draw_outcomes(fit: GeneralizedMixedFit, n_sets: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Data sets from the fitted model, with new random effects for each.

    Parameters
    ----------
    fit : GeneralizedMixedFit
    n_sets : int
    rng : numpy.random.Generator

    Yields
    ------
    numpy.ndarray, shape (n_obs,)
        Numbers, counts, or successes of as many trials as were observed.

    Raises
    ------
    ValueError
        The link lets random effects take a mean to where the family has no distribution.
    """
    fixed = fit.design.X @ fit.fixed_effects.to_numpy()
    if fit.design.offset is not None:
        fixed = fixed + fit.design.offset.numbers
    for _ in range(n_sets):
        eta = fixed.copy()
        for term, factor in zip(fit.design.random, fit.factors, strict=True):
            effects = rng.standard_normal((len(term.levels), len(term.names))) @ factor.T
            eta += np.einsum("ij,ij->i", term.columns, effects[term.codes])
        yield _drawn(fit, _possible(fit, LINKS_BACK[fit.link].inverse(eta)), rng)


def _possible(fit, mean):
    wrong = (mean < 0) | (mean > 1) if fit.family == "binomial" else mean < 0
    if wrong.any():
        bounds = "between 0 and 1" if fit.family == "binomial" else "above 0"
        raise ValueError(
            f"With link={fit.link!r} the fitted random effects take the mean of {int(wrong.sum())} rows to "
            f"{mean[wrong][0]:.3g}, where it must lie {bounds}: no outcome can be drawn. Fit with the family's first "
            "link, which keeps every mean possible."
        )
    return mean


def _drawn(fit, mean, rng):
    if fit.family == "binomial":
        return rng.binomial(fit.solution.problem.likelihood.trials.astype(int), mean).astype(float)
    if fit.family == "gamma":
        return rng.gamma(fit.dispersion, mean / fit.dispersion)
    if fit.family == "negative_binomial" and np.isfinite(fit.dispersion):
        mean = rng.gamma(fit.dispersion, mean / fit.dispersion)
    return rng.poisson(mean).astype(float)
