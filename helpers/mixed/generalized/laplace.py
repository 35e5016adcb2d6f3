"""The marginal log-likelihood by Laplace's approximation, with its exact gradient.

log L ≈ log p(y | ũ) − ũ'ũ/2 − ½ log |A'WA + I|, A = ZΛ, W the curvature of −log p(y | η) at the modes ũ (Brooks and
others 2017, doi:10.32614/RJ-2017-066). Where the link is not the canonical one lme4 takes W's mean instead, and its
criterion is another. The gradient counts how ũ moves with the parameters: with hᵢ = aᵢ'(A'WA + I)⁻¹aᵢ, t = −ℓ'''h
and s = (A'WA + I)⁻¹A't, the derivative by a linear predictor is ℓ' − ½(t − WAs), and so on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.mixed.generalized.conditional_modes import Modes, conditional_modes
from helpers.mixed.generalized.likelihoods import Likelihood
from helpers.mixed.generalized.random_blocks import Effects, RandomBlocks, Spread


@dataclass(frozen=True)
class Point:
    """The parameters, taken apart: β (p,), θ, and the logarithm of the dispersion parameter."""

    beta: np.ndarray
    theta: np.ndarray
    log_dispersion: float


@dataclass(frozen=True)
class Problem:
    """What is maximised over.

    Attributes
    ----------
    likelihood : Likelihood
    x : (n, p)
    offset : (n,)
    blocks : RandomBlocks
    """

    likelihood: Likelihood
    x: np.ndarray
    offset: np.ndarray
    blocks: RandomBlocks

    @property
    def n_theta(self) -> int:
        """Entries of θ."""
        return sum(size * (size + 1) // 2 for size in self.blocks.sizes)

    @property
    def n_parameters(self) -> int:
        """Entries of all parameters."""
        return self.x.shape[1] + self.n_theta + self.likelihood.has_dispersion

    def point(self, parameters: np.ndarray) -> Point:
        """Take a vector of parameters apart."""
        p, q = self.x.shape[1], self.n_theta
        return Point(
            parameters[:p], parameters[p : p + q], float(parameters[p + q]) if len(parameters) > p + q else 0.0
        )

    def fixed(self, beta: np.ndarray) -> np.ndarray:
        """Xβ plus the offset, (n,)."""
        return self.x @ beta + self.offset


@dataclass(frozen=True)
class Evaluated:
    """A log-likelihood, its gradient in all parameters, and the modes it was found at."""

    value: float
    gradient: np.ndarray
    modes: Modes


def laplace(problem: Problem, parameters: np.ndarray, start: Effects) -> Evaluated | None:
    """Laplace's approximation and its gradient; None where there are no modes, see `conditional_modes`."""
    at = problem.point(parameters)
    spread = problem.blocks.spread(at.theta)
    modes = conditional_modes(problem.likelihood, problem.fixed(at.beta), spread, at.log_dispersion, start)
    if modes is None:
        return None
    rows, factored = modes.rows, modes.factored
    t = rows.weight_slope * factored.leverage
    s = factored.solve(spread.transposed(t))
    moved = spread.times(s)
    direct = rows.score - (t - rows.weight * moved) / 2
    gradient = [problem.x.T @ direct, by_theta(spread, modes, direct, s)]
    if problem.likelihood.has_dispersion:
        by = problem.likelihood.by_dispersion(modes.eta, at.log_dispersion)
        gradient.append([by.value.sum() - (factored.leverage @ by.weight + moved @ by.score) / 2])
    return Evaluated(modes.log_joint - factored.log_det / 2, np.concatenate(gradient), modes)


def by_theta(spread: Spread, modes: Modes, direct: np.ndarray, s: Effects) -> np.ndarray:
    """Derivatives by θ: of each term Z'(direct)u' − ½ Z'(score)s' − Z'WA(A'WA + I)⁻¹, its lower triangle."""
    blocks, rows = spread.blocks, modes.rows
    solved = modes.factored.solved_rows
    half, weight = rows.score[:, None] / 2, rows.weight[:, None]
    found = [np.zeros((size, size)) for size in blocks.sizes]
    u, shift = modes.effects.first[blocks.codes], s.first[blocks.codes]
    _fill(found, blocks, blocks.first_terms, blocks.z_first, direct[:, None] * u - half * shift - weight * solved[0])
    if blocks.width:
        u, shift = modes.effects.rest.ravel()[blocks.rest_place], s.rest.ravel()[blocks.rest_place]
        _fill(found, blocks, blocks.rest_terms, blocks.z_rest, direct[:, None] * u - half * shift - weight * solved[1])
    return blocks.triangles(found)


def _fill(found, blocks, terms, z, rows):
    start = 0
    for term in terms:
        stop = start + blocks.sizes[term]
        found[term] = z[:, start:stop].T @ rows[:, start:stop]
        start = stop
