"""Residuals by simulation: where an outcome lies among those that the fitted model would have given.

A residual is the share of simulated outcomes below the observed one; ties are broken at random (Dunn & Smyth 1996,
doi:10.1080/10618600.1996.10474708; R's DHARMa, Hartig 2022). If the model is true the residuals are uniform between
0 and 1, whatever the family, also of counts and of 0/1. New random effects are drawn for each simulation, so residuals
of one group hang together: a test that takes them for independent, such as Kolmogorov and Smirnov's, finds too much.
Here the simulated outcomes are treated as the observed ones are, and a p-value says how the observed statistic ranks
among theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.mixed.bootstrap import simulate_outcomes
from helpers.mixed.generalized import GeneralizedMixedFit
from helpers.mixed.generalized.drawn_outcomes import draw_outcomes, observed_outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpers.design import RandomDesign
    from helpers.mixed.fit import MixedFit

ROWS_AT_ONCE = 5_000  # ranked together


@dataclass(frozen=True, eq=False)
class SimulatedResiduals:
    """What `simulated_residuals` gives.

    Attributes
    ----------
    residuals : pandas.Series, shape (n_obs,)
        Between 0 and 1; uniform if the model is true.
    predicted : pandas.Series, shape (n_obs,)
        The mean of the simulated outcomes.
    tests : pandas.DataFrame
        A row per question, ``uniformity``, ``dispersion``, ``zeros`` (of counts): ``observed, expected, p_value`` and
        ``says``, a sentence. `expected` is the mean over the simulated data sets, `dispersion` a ratio of variances.
        Of 0/1 there is uniformity alone: a single 0 or 1 has the variance that its mean gives it.
    envelope : pandas.DataFrame, shape (n_obs, 3)
        ``expected, low, high``: where the residuals lie, put in order, in 95% of the simulated data sets, one by one.
    n_simulations : int
        No p-value is below 1 / (n_simulations + 1).
    """

    residuals: pd.Series
    predicted: pd.Series
    tests: pd.DataFrame
    envelope: pd.DataFrame
    n_simulations: int


def simulated_residuals(
    fit: MixedFit | GeneralizedMixedFit, n_simulations: int = 250, *, rng: np.random.Generator
) -> SimulatedResiduals:
    """Randomised quantile residuals of a fitted mixed model, with tests.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit or helpers.mixed.generalized.GeneralizedMixedFit
    n_simulations : int
        Data sets drawn from the fitted model, at least 19.
    rng : numpy.random.Generator
        Such as ``np.random.default_rng(1)``: the same generator gives the same residuals.

    Returns
    -------
    SimulatedResiduals

    Raises
    ------
    ValueError
        Fewer than 19 simulations: no p-value could be below 0.05. Or the link lets random effects take a mean to where
        the family has no distribution.

    Notes
    -----
    The model's parameters were estimated from the same outcomes, and the simulation takes them for the truth: the tests
    reject a true model somewhat less often than their level. `dispersion` is the variance of the standardised outcomes
    around the mean of their group, for groups differ in the simulations, too, and their differences would drown it.
    """
    if n_simulations < 19:
        raise ValueError(f"n_simulations is at least 19 (p-values down to 0.05); found {n_simulations}.")
    if isinstance(fit, GeneralizedMixedFit):
        observed, drawn = observed_outcomes(fit), draw_outcomes(fit, n_simulations, rng)
    else:
        observed, drawn = fit.design.y, simulate_outcomes(fit, n_simulations, rng)
    outcomes = np.column_stack([observed, *drawn])
    residuals = ranks_among(outcomes, rng)
    rows = [_uniformity(residuals)]
    if outcomes.min() < 0 or outcomes.max() > 1 or np.any(outcomes != np.floor(outcomes)):
        rows.append(_dispersion(outcomes, *finest_groups(fit.design.random, len(observed))))
        if np.all(outcomes == np.floor(outcomes)) and outcomes.min() >= 0:
            rows.append(_zeros(outcomes))
    index = fit.design.rows
    return SimulatedResiduals(
        residuals=pd.Series(residuals[:, 0], index=index, name="residual"),
        predicted=pd.Series(outcomes[:, 1:].mean(axis=1), index=index, name="predicted"),
        tests=pd.DataFrame(rows).set_index("test"),
        envelope=_envelope(residuals[:, 1:]),
        n_simulations=n_simulations,
    )


def ranks_among(outcomes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Of each outcome, where it lies among those of its row; ties and the place between neighbours at random.

    Parameters
    ----------
    outcomes : numpy.ndarray, shape (n_obs, n_sets)
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (n_obs, n_sets)
        Between 0 and 1. Each is exactly uniform if the sets of a row can be exchanged.
    """
    found = np.empty(outcomes.shape)
    n_sets = outcomes.shape[1]
    for start in range(0, len(outcomes), ROWS_AT_ONCE):
        part = outcomes[start : start + ROWS_AT_ONCE]
        order = np.lexsort((rng.random(part.shape), part), axis=1)
        places = np.broadcast_to(np.arange(n_sets, dtype=float), part.shape)
        np.put_along_axis(found[start : start + ROWS_AT_ONCE], order, places, axis=1)
        found[start : start + ROWS_AT_ONCE] += rng.random(part.shape)
    return found / n_sets


def uniform_distance(residuals: np.ndarray) -> np.ndarray:
    """Kolmogorov and Smirnov's distance of each column from the uniform distribution.

    Parameters
    ----------
    residuals : numpy.ndarray, shape (n_obs, n_sets)

    Returns
    -------
    numpy.ndarray, shape (n_sets,)
    """
    ordered, n = np.sort(residuals, axis=0), len(residuals)
    steps = np.arange(n)[:, None] / n
    return np.maximum(ordered - steps, steps + 1 / n - ordered).max(axis=0)


def finest_groups(random: Sequence[RandomDesign], n: int) -> tuple[np.ndarray, str]:
    """The grouping factor with the most levels that still have two rows each on average: its codes and its name.

    Parameters
    ----------
    random : sequence of helpers.design.RandomDesign
        The random terms of a design.
    n : int
        Rows.

    Returns
    -------
    tuple
        Codes (n,) and the name; all rows in one group, and an empty name, where a factor has a level per row.
    """
    usable = [term for term in random if 2 * len(term.levels) <= n]
    if not usable:
        return np.zeros(n, dtype=int), ""
    term = max(usable, key=lambda term: len(term.levels))
    return np.asarray(term.codes), term.group


def _envelope(residuals):
    ordered, n = np.sort(residuals, axis=0), len(residuals)
    low, high = np.quantile(ordered, [0.025, 0.975], axis=1)
    return pd.DataFrame({"expected": (np.arange(n) + 0.5) / n, "low": low, "high": high})


def _uniformity(residuals):
    distances = uniform_distance(residuals)
    p, far = float(np.mean(distances >= distances[0])), distances[0]
    verdict = "do not look like" if p < 0.05 else "may well be"
    return {
        "test": "uniformity",
        "observed": far,
        "expected": distances[1:].mean(),
        "p_value": p,
        "says": f"The outcomes {verdict} what the model gives: quantiles are off by up to {far:.3f} (p = {p:.2g}).",
    }


def _dispersion(outcomes, codes, group):
    spread = outcomes.std(axis=1)
    kept = spread > 0  # of a row whose outcomes are all alike nothing can be said
    standardised = (outcomes[kept] - outcomes[kept].mean(axis=1, keepdims=True)) / spread[kept, None]
    codes = codes[kept]
    member = sparse.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    sizes = np.maximum(member.sum(axis=1), 1)
    squares = ((standardised - (member @ standardised / sizes[:, None])[codes]) ** 2).sum(axis=0)
    ratio = squares[0] / squares[1:].mean()
    p = _two_sided(squares)
    where = f" within levels of {group!r}" if group else ""
    verdict = "may well be what" if p >= 0.05 else "is more than" if ratio > 1 else "is less than"
    return {
        "test": "dispersion",
        "observed": ratio,
        "expected": 1.0,
        "p_value": p,
        "says": f"Their variance{where} {verdict} the model says: {ratio:.2f} times as much (p = {p:.2g}).",
    }


def _zeros(outcomes):
    zeros = (outcomes == 0).sum(axis=0)
    p, expected = _two_sided(zeros), zeros[1:].mean()
    verdict = "which may well be" if p >= 0.05 else "more than" if zeros[0] > expected else "fewer than"
    return {
        "test": "zeros",
        "observed": float(zeros[0]),
        "expected": expected,
        "p_value": p,
        "says": f"{zeros[0]:,} outcomes are 0, {verdict} what the model says: {expected:,.1f} (p = {p:.2g}).",
    }


def _two_sided(statistics):
    """Twice the smaller share of data sets, the observed with them, whose statistic is as far out."""
    above, below = np.mean(statistics >= statistics[0]), np.mean(statistics <= statistics[0])
    return float(min(1.0, 2 * min(above, below)))
