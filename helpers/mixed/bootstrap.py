"""Parametric bootstrap of a mixed model: simulate from the fit, fit again, look at the spread."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from helpers.mixed.reml import optimise
from helpers.mixed.residuals import correlated, products_of, row_deviations

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit


def simulate_outcomes(fit: MixedFit, n_resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Outcomes drawn from the fitted model, with new random effects each time.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit
    n_resamples : int
    rng : numpy.random.Generator

    Yields
    ------
    numpy.ndarray, shape (n_obs,)
    """
    mean = fit.predict().to_numpy()
    sigma, spread = np.sqrt(fit.residual_variance), row_deviations(fit)
    for _ in range(n_resamples):
        y = mean + spread * correlated(fit, rng.standard_normal(fit.n_obs))
        for term, factor in zip(fit.design.random, fit.factors, strict=True):
            effects = sigma * rng.standard_normal((len(term.levels), len(term.names))) @ factor.T
            y += np.einsum("ij,ij->i", term.columns, effects[term.codes])
        yield y


def bootstrap(
    fit: MixedFit,
    statistic: Callable,
    n_resamples: int = 999,
    *,
    rng: np.random.Generator,
    n_jobs: int = 1,
    progress: bool = True,
) -> pd.DataFrame:
    """The parametric bootstrap distribution of anything that can be computed from a fit.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit
    statistic : callable
        From a `MixedFit` to a number, or to a Series or dict of numbers.
    n_resamples : int
    rng : numpy.random.Generator
        Such as ``np.random.default_rng(1)``; the result is the same for any `n_jobs`.
    n_jobs : int
        Cores; -1 for all.
    progress : bool
        Whether to show a progress bar (on stderr).

    Returns
    -------
    pandas.DataFrame
        One row per resample, one column per number.
    """
    outcomes = simulate_outcomes(fit, n_resamples, rng)
    tasks = (delayed(_one)(fit, statistic, y) for y in outcomes)
    results = Parallel(n_jobs=n_jobs, return_as="generator")(tasks)
    return pd.DataFrame(list(tqdm(results, total=n_resamples, disable=not progress, desc="bootstrap")))


def _one(fit, statistic, y):
    design = replace(fit.design, y=y)
    products = products_of(design)
    again = type(fit)(design, products, optimise(products, reml=fit.reml))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = statistic(again)
    return dict(value) if isinstance(value, dict | pd.Series) else {"statistic": float(value)}


def bootstrap_intervals(
    fit: MixedFit,
    n_resamples: int = 999,
    *,
    rng: np.random.Generator,
    conf_level: float = 0.95,
    n_jobs: int = 1,
    progress: bool = True,
) -> pd.DataFrame:
    """Percentile intervals for the standard deviations and correlations of the random effects.

    Parameters
    ----------
    fit, n_resamples, rng, n_jobs, progress
        As in `bootstrap`.
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        `fit.variance_components` with ``conf_low`` and ``conf_high`` of ``sdcor``; undefined correlations (of a
        variance that a resample puts at zero) are left out of theirs, and ``n_defined`` counts the rest.
    """
    draws = bootstrap(fit, _sdcor, n_resamples, rng=rng, n_jobs=n_jobs, progress=progress)
    tail = (1 - conf_level) / 2
    return fit.variance_components.assign(
        conf_low=draws.quantile(tail).to_numpy(),
        conf_high=draws.quantile(1 - tail).to_numpy(),
        n_defined=draws.notna().sum().to_numpy(),
    )


def _sdcor(fit):
    return dict(enumerate(fit.variance_components["sdcor"]))
