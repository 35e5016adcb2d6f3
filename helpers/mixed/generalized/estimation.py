"""From a design to the optimum of a generalised mixed model: scaled columns, starts, the search, what may go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import linalg

from helpers.design import Design
from helpers.mixed.generalized.ascent import Optimum, maximise
from helpers.mixed.generalized.conditional_modes import Modes, conditional_modes
from helpers.mixed.generalized.first_guess import first_inverse, first_theta, without_random
from helpers.mixed.generalized.laplace import Evaluated, Problem, laplace
from helpers.mixed.generalized.likelihoods import Binomial, Gamma, Likelihood, NegativeBinomial, Poisson
from helpers.mixed.generalized.quadrature import quadrature
from helpers.mixed.generalized.random_blocks import RandomBlocks
from helpers.mixed.generalized.separation import refuse_separation
from helpers.mixed.reml import SINGULAR

LARGE = 20.0  # a linear predictor on the scale of logits beyond which outcomes may be separated
HUGE = 50.0  # a standard deviation of random effects, in units of what one row tells, beyond which there is no estimate
NO_SPREAD = 5e3  # θ of a negative binomial from which on a Poisson distribution may be as likely
STARTS = (1.0, 0.25, 3.0)  # of the standard deviations, in units of the first guess


class NotFitted(RuntimeError):
    """The optimum was not reached."""


@dataclass(frozen=True)
class Scaling:
    """From the parameters of scaled columns to those of the design's.

    Attributes
    ----------
    coefficients : (p, p)
    lambdas : list of (k, k)
        Of each random term: Λ of the design's columns is this times Λ of the scaled ones.
    """

    coefficients: np.ndarray
    lambdas: list[np.ndarray]

    def jacobian(self, problem: Problem) -> np.ndarray:
        """Derivatives of the design's parameters (β, θ, log dispersion) by the scaled ones; (d, d)."""
        p, q, d = problem.x.shape[1], problem.n_theta, problem.n_parameters
        matrix = np.eye(d)
        matrix[:p, :p] = self.coefficients
        for place in range(q):
            inner = problem.blocks.lambdas(np.eye(q)[place])
            outer = [scale @ each for scale, each in zip(self.lambdas, inner, strict=True)]
            matrix[p : p + q, p + place] = problem.blocks.triangles(outer)
        return matrix


@dataclass(frozen=True)
class Solution:
    """The optimum, and all that tables are made of.

    Attributes
    ----------
    problem : Problem
        In scaled columns; of a negative binomial without over-dispersion, the Poisson one.
    parameters : (d,)
        β, θ and log dispersion in the design's units; diagonals of Λ are not negative.
    covariance : (d, d)
        Of these: the inverse of the negative Hessian. Zero along what the likelihood does not tell.
    log_likelihood : float
    modes : Modes
    scaling : Scaling
    dispersion : float or None
        θ of a negative binomial, the shape of a gamma distribution; infinite without over-dispersion.
    quadrature : int
        Nodes; 1 is Laplace's approximation.
    scaled : (d,)
        The parameters in scaled columns.
    """

    problem: Problem
    parameters: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    modes: Modes
    scaling: Scaling
    dispersion: float | None
    quadrature: int
    scaled: np.ndarray

    @property
    def p(self) -> int:
        """Fixed coefficients."""
        return self.problem.x.shape[1]

    @property
    def n_parameters(self) -> int:
        """All parameters; a dispersion counts, be it infinite."""
        return len(self.parameters) + (self.dispersion is not None and not self.problem.likelihood.has_dispersion)

    @property
    def theta(self) -> np.ndarray:
        """θ in the design's units."""
        return self.parameters[self.p : self.p + self.problem.n_theta]

    @property
    def factors(self) -> list[np.ndarray]:
        """Λ of each random term in the design's units: its covariance is ΛΛ'."""
        return self.problem.blocks.lambdas(self.theta)


def scaled_problem(design: Design, likelihood: Likelihood) -> tuple[Problem, Scaling]:
    """The problem in columns that are orthogonal, and of mean square 1."""
    n = len(design.X)
    q, r = np.linalg.qr(design.X)
    sign = np.where(np.diag(r) < 0, -1.0, 1.0)
    x, r = q * sign * np.sqrt(n), r * sign[:, None] / np.sqrt(n)
    terms, lambdas = [], []
    for columns, codes, levels in design.random_parts:
        turned, upper = np.linalg.qr(columns[:, ::-1])
        lower = upper[::-1, ::-1]
        sign = np.where(np.diag(lower) < 0, -1.0, 1.0)
        terms.append((turned[:, ::-1] * sign * np.sqrt(n), codes, levels))
        lambdas.append(linalg.inv(lower * sign[:, None] / np.sqrt(n)))
    offset = np.zeros(n) if design.offset is None else design.offset.numbers
    problem = Problem(likelihood, x, offset, RandomBlocks(terms))
    return problem, Scaling(linalg.inv(r), lambdas)


def estimate(design: Design, likelihood: Likelihood, n_nodes: int = 1) -> Solution:
    """Fit the model.

    Parameters
    ----------
    design : helpers.design.Design
    likelihood : Likelihood
        Of its outcome.
    n_nodes : int
        Nodes of the quadrature; 1 is Laplace's approximation.

    Returns
    -------
    Solution

    Raises
    ------
    ValueError
        Outcomes are separated, or a variance has no finite estimate.
    NotFitted
        The optimum was not reached.
    """
    problem, scaling = scaled_problem(design, likelihood)
    base = _without_random(problem)
    if not base.settled or _is_large(problem, base.beta):
        refuse_separation(design, likelihood, problem.x, scaling.coefficients)
    found = _search(problem, base.beta, n_nodes)
    if isinstance(likelihood, NegativeBinomial):
        poisson = _without_spread(problem, found, base.beta, n_nodes)
        if poisson is not None:
            return _solution(poisson[0], scaling, poisson[1], n_nodes, np.inf)
    if found is None or not found.reached:
        refuse_separation(design, likelihood, problem.x, scaling.coefficients)
        _refuse_endless(design, problem, found)
        raise NotFitted(
            f"The optimum of the likelihood was not reached for {design.formula!r}. Simplify the random part, or look "
            "for a covariate with a few extreme values; with the links identity, sqrt, inverse and a probability's log "
            "the model may allow no linear predictor for some rows: use the family's first link."
        )
    _refuse_endless(design, problem, found)
    dispersion = float(np.exp(found.parameters[-1])) if likelihood.has_dispersion else None
    return _solution(problem, scaling, found, n_nodes, dispersion)


def _mean(likelihood):
    """A mean of the outcome that no link takes to infinity."""
    if isinstance(likelihood, Binomial):
        return (likelihood.successes.sum() + 0.5) / (likelihood.trials.sum() + 1)
    return float(likelihood.y.mean())


def _without_random(problem):
    likelihood = problem.likelihood
    return without_random(likelihood, problem.x, problem.offset, _mean(likelihood), 0.0)


def _is_large(problem, beta):
    if isinstance(problem.likelihood, Binomial):
        return bool(np.abs(problem.fixed(beta)).max() > LARGE)
    return bool((problem.x @ beta).min() < -LARGE)


def _first_dispersion(problem, beta):
    """By the variance of what the fixed part leaves."""
    likelihood = problem.likelihood
    eta = np.clip(problem.fixed(beta), -30, 30)
    mu = 1 / eta if likelihood.link == "inverse" else np.exp(eta)
    left = (likelihood.y - mu) ** 2
    if isinstance(likelihood, Gamma):
        return float(np.log(np.clip(2 / np.mean(left / mu**2), 0.1, 1e4)))
    return float(np.log(np.clip(2 * (mu**2).sum() / max((left - mu).sum(), 1e-8), 0.2, 50)))


def _search(problem, beta, n_nodes, starts=STARTS):
    """The best of the optima that the starts lead to; other starts than the first where that ends at a boundary."""
    last = [_first_dispersion(problem, beta)] if problem.likelihood.has_dispersion else []
    weight = problem.likelihood.rows(problem.fixed(beta), last[0] if last else 0.0).weight
    best = None
    for factor in starts:
        theta = first_theta(problem, weight, factor)
        found = _from(problem, np.concatenate([beta, theta, last]), theta, n_nodes)
        if found is not None and (best is None or (found.reached, found.value) > (best.reached, best.value)):
            best = found
        if best is not None and best.reached and not _at_boundary(problem, best.parameters):
            break
    return best


def _modes(problem, at):
    """The modes at these parameters, searched for from zero; None where there are none."""
    return conditional_modes(
        problem.likelihood,
        problem.fixed(at.beta),
        problem.blocks.spread(at.theta),
        at.log_dispersion,
        problem.blocks.zeros(),
    )


def _from(problem, start, theta, n_nodes):
    at = problem.point(start)
    modes = _modes(problem, at)
    if modes is None:
        return None
    scale = np.full(len(start), 1 / np.sqrt(max(float(modes.rows.weight.mean()), 1e-8)))
    if problem.likelihood.has_dispersion:
        scale[-1] = 1.0
    return maximise(_criterion(problem, n_nodes), start, first_inverse(problem, theta, modes.factored), scale)


def _criterion(problem, n_nodes):
    """The log-likelihood as a function of the parameters; each search for modes begins where the last one ended."""
    evaluate = laplace if n_nodes == 1 else partial(quadrature, n_nodes=n_nodes)
    last = [problem.blocks.zeros()]

    def criterion(parameters: np.ndarray) -> Evaluated | None:
        found = evaluate(problem, parameters, last[0])
        if found is not None:
            last[0] = found.modes.effects
        return found

    return criterion


def _diagonals(problem, parameters):
    return np.concatenate([np.diag(each) for each in problem.blocks.lambdas(problem.point(parameters).theta)])


def _at_boundary(problem, parameters):
    return bool(np.abs(_diagonals(problem, parameters)).min() < SINGULAR)


def _without_spread(problem, found, beta, n_nodes):
    """The Poisson model and its optimum, where a negative binomial is no better than that."""
    if found is not None and found.reached and found.parameters[-1] < np.log(NO_SPREAD):
        return None
    plain = Problem(Poisson(problem.likelihood.y), problem.x, problem.offset, problem.blocks)
    poisson = _search(plain, beta, n_nodes)
    if poisson is None or not poisson.reached:
        return None
    if found is not None and found.reached and found.value > poisson.value + 1e-6:
        return None
    return plain, poisson


def _refuse_endless(design, problem, found):
    """A variance that grows without bound: outcomes that never differ within a level."""
    if found is None:
        return
    at = problem.point(found.parameters)
    if not isinstance(problem.likelihood, Binomial) or np.abs(at.theta).max() < HUGE:
        return
    groups = listed_groups(design)
    raise ValueError(
        f"The variance between levels of {groups} has no finite estimate: outcomes within a level are all, or nearly "
        "all, alike. Then a level is one observation: reduce the table to one row per level, and compare these."
    )


def listed_groups(design: Design) -> str:
    """The grouping factors, in words."""
    return " and ".join(dict.fromkeys(repr(term.group) for term in design.random))


def _upright(problem, parameters, hessian):
    """The same model with no diagonal of Λ below zero, and its Hessian."""
    p, signs = problem.x.shape[1], []
    for each in problem.blocks.lambdas(problem.point(parameters).theta):
        flips = np.where(np.diag(each) < 0, -1.0, 1.0)
        signs.append(np.tile(flips, (len(each), 1)))
    flip = np.ones(len(parameters))
    flip[p : p + problem.n_theta] = problem.blocks.triangles(signs)
    return parameters * flip, hessian * np.outer(flip, flip)


def _solution(problem, scaling, found: Optimum, n_nodes, dispersion):
    parameters, hessian = _upright(problem, found.parameters, found.hessian)
    at = problem.point(parameters)
    modes = _modes(problem, at)
    jacobian = scaling.jacobian(problem)
    inverse = np.linalg.pinv(-hessian, rcond=1e-10, hermitian=True)
    return Solution(
        problem=problem,
        parameters=jacobian @ parameters,
        covariance=jacobian @ inverse @ jacobian.T,
        log_likelihood=found.value,
        modes=modes,
        scaling=scaling,
        dispersion=dispersion,
        quadrature=n_nodes,
        scaled=parameters,
    )
