"""Where the search begins: the model without random effects, and what its curvature promises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.mixed.generalized.laplace import Problem
from helpers.mixed.generalized.likelihoods import Likelihood
from helpers.mixed.generalized.random_blocks import Effects, Factored

ROUNDS = 60
SETTLED = 1e-12
MEANS = {
    "logit": lambda mean: np.log(mean / (1 - mean)),
    "probit": lambda mean: 1.6 * (mean - 0.5),
    "cloglog": lambda mean: np.log(-np.log1p(-mean)),
    "log": np.log,
    "sqrt": np.sqrt,
    "identity": lambda mean: mean,
    "inverse": lambda mean: 1 / mean,
}


@dataclass(frozen=True)
class Fixed:
    """The model without random effects.

    Attributes
    ----------
    beta : (p,)
    value : float
        Its log-likelihood.
    settled : bool
        Whether Newton's method came to an end: where outcomes are separated, it does not.
    """

    beta: np.ndarray
    value: float
    settled: bool


def without_random(
    likelihood: Likelihood, x: np.ndarray, offset: np.ndarray, mean: float, log_dispersion: float
) -> Fixed:
    """Fit the fixed part alone, from a constant mean on; `x` has orthogonal columns of mean square 1."""
    level = MEANS[likelihood.link](mean)
    if likelihood.link == "log" and offset.any():
        level -= np.log(np.mean(np.exp(offset)))
    beta = x.T @ np.full(len(x), level) / len(x)
    rows = likelihood.rows(x @ beta + offset, log_dispersion)
    value = rows.value.sum()
    for _ in range(ROUNDS):
        information = (x * np.maximum(rows.weight, 0)[:, None]).T @ x
        step = np.linalg.lstsq(information, x.T @ rows.score, rcond=1e-12)[0]
        gain = float(step @ (x.T @ rows.score))
        if not np.isfinite(gain):
            return Fixed(beta, float(value), False)
        if gain < SETTLED:
            return Fixed(beta, float(value), True)
        for _ in range(40):
            moved = likelihood.rows(x @ (beta + step) + offset, log_dispersion)
            if moved.value.sum() >= value - 1e-12 * abs(value):
                break
            step = step / 2
        beta, rows, value = beta + step, moved, moved.value.sum()
    return Fixed(beta, float(value), False)


def conditional_information(x: np.ndarray, factored: Factored) -> np.ndarray:
    """X'WX − X'WA(A'WA + I)⁻¹A'WX (p, p): the curvature in β, θ and the weights being known."""
    spread, weighted = factored.spread, factored.weight[:, None] * x
    pulled = np.stack([spread.times(factored.solve(spread.transposed(column))) for column in weighted.T], axis=1)
    return weighted.T @ (x - pulled)


def first_inverse(problem: Problem, theta: np.ndarray, factored: Factored) -> np.ndarray:
    """A guess of the inverse of the negative Hessian, for the search to begin with."""
    p, d = problem.x.shape[1], problem.n_parameters
    inverse = np.zeros((d, d))
    inverse[:p, :p] = np.linalg.pinv(conditional_information(problem.x, factored), hermitian=True)
    size = max(float(np.abs(theta).max()), 0.1)
    inverse[range(p, d), range(p, d)] = size**2 / problem.blocks.levels
    if problem.likelihood.has_dispersion:
        inverse[-1, -1] = 4 / problem.blocks.n
    return inverse


def first_theta(problem: Problem, weight: np.ndarray, factor: float) -> np.ndarray:
    """Independent random effects, whose columns have mean square 1, of `factor` times what one row tells."""
    size = factor / np.sqrt(max(float(weight.mean()), 1e-8))
    if problem.likelihood.link not in ("identity", "sqrt", "inverse"):
        size = float(np.clip(size, 0.2 * factor, 2 * factor))
    return problem.blocks.triangles([size * np.eye(k) for k in problem.blocks.sizes])


def zero_effects(problem: Problem) -> Effects:
    """All random effects at zero."""
    return problem.blocks.zeros()
