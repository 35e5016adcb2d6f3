"""The most likely random effects at given parameters: Newton's method, each set of linked rows with a step of its own.

This is the penalised iteratively reweighted least squares of Bates, Mächler, Bolker & Walker 2015
(doi:10.18637/jss.v067.i01), with the curvature that the outcome has (the observed information), not its mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.mixed.generalized.likelihoods import Likelihood, Rows
from helpers.mixed.generalized.random_blocks import Effects, Factored, Spread

SETTLED = 1e-18  # twice the log-likelihood that a further step would gain, in any set of linked rows
STEPS, HALVINGS = 100, 60


@dataclass(frozen=True)
class Modes:
    """Where log p(y | u) − u'u/2 is highest.

    Attributes
    ----------
    effects : Effects
        u, standardised random effects.
    eta : (n,)
    rows : Rows
        The log-likelihood of each row there.
    factored : Factored
        A'WA + I there.
    """

    effects: Effects
    eta: np.ndarray
    rows: Rows
    factored: Factored

    @property
    def log_joint(self) -> float:
        """The log density log p(y | u) − u'u/2."""
        squares = (self.effects.first**2).sum() + (self.effects.rest**2).sum()
        return float(self.rows.value.sum() - squares / 2)


def conditional_modes(
    likelihood: Likelihood, fixed: np.ndarray, spread: Spread, log_dispersion: float, start: Effects
) -> Modes | None:
    """Find the modes.

    Parameters
    ----------
    likelihood : Likelihood
    fixed : (n,)
        Xβ plus the offset.
    spread : Spread
    log_dispersion : float
    start : Effects
        Where to begin.

    Returns
    -------
    Modes or None
        None where there are none: η lies outside of the link's range whatever u, or numbers overflow.
    """
    at = spread.blocks
    effects, found = start, None
    for begin in (start, at.zeros()):
        effects, found = begin, _at(likelihood, fixed, spread, log_dispersion, begin)
        if np.isfinite(found[2]).all():
            break
    else:
        return None
    for _ in range(STEPS):
        eta, rows, height = found
        if not (np.isfinite(rows.weight).all() and np.isfinite(rows.score).all()):
            return None
        try:
            factored = spread.factored(rows.weight)
        except np.linalg.LinAlgError:
            return None
        pull = spread.transposed(rows.score)
        slope = Effects(pull.first - effects.first, pull.rest - effects.rest)
        step = factored.solve(slope)
        gain = _by_component(at, slope.first * step.first, slope.rest * step.rest)
        if not np.isfinite(gain).all():
            return None
        if gain.max() < SETTLED:
            return Modes(effects, eta, rows, factored)
        length = np.ones(at.n_components)
        for _ in range(HALVINGS):
            moved = effects.plus(step, length, at)
            found = _at(likelihood, fixed, spread, log_dispersion, moved)
            worse = ~(found[2] >= height - 1e-12 * np.abs(height) - 1e-12)
            if not worse.any():
                break
            length[worse] /= 2
        effects = moved
    return None


def _at(likelihood, fixed, spread, log_dispersion, effects):
    """η, the rows there, and log p(y | u) − u'u/2 of each set of linked rows."""
    eta = fixed + spread.times(effects)
    rows = likelihood.rows(eta, log_dispersion)
    at = spread.blocks
    height = np.bincount(at.component_of_row, rows.value, minlength=at.n_components)
    return eta, rows, height - _by_component(at, effects.first**2, effects.rest**2) / 2


def _by_component(at, first, rest):
    found = first.sum(axis=1)
    if at.width:
        found = np.bincount(at.component_of_level, found, minlength=at.n_components) + rest.sum(axis=1)
    return found
