"""The marginal log-likelihood of one random intercept or slope by adaptive Gauss–Hermite quadrature, with its gradient.

Of each level, nodes at ũ + √2 z/√H, H the curvature at the mode ũ (Pinheiro & Chao 2006, doi:10.1198/106186006X96962;
lme4's nAGQ). One node is Laplace's approximation; with more it comes to the integral. The gradient is that of the
rule itself: it counts how ũ and H move with the parameters.
"""

from __future__ import annotations

import functools

import numpy as np

from helpers.mixed.generalized.conditional_modes import conditional_modes
from helpers.mixed.generalized.laplace import Evaluated, Problem
from helpers.mixed.generalized.random_blocks import Effects


@functools.lru_cache(maxsize=64)
def rule(n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """√2 times the nodes of the Gauss–Hermite rule, and log(weight) + node² − ½ log π: those of one node are zero."""
    nodes, weights = np.polynomial.hermite.hermgauss(n_nodes)
    return np.sqrt(2) * nodes, np.log(weights) + nodes**2 - np.log(np.pi) / 2


def quadrature(problem: Problem, parameters: np.ndarray, start: Effects, n_nodes: int) -> Evaluated | None:
    """As `helpers.mixed.generalized.laplace.laplace`, with `n_nodes` nodes in each level."""
    at, blocks = problem.point(parameters), problem.blocks
    spread, fixed = blocks.spread(at.theta), problem.fixed(at.beta)
    modes = conditional_modes(problem.likelihood, fixed, spread, at.log_dispersion, start)
    if modes is None:
        return None
    codes, a, z = blocks.codes, spread.first[:, 0], blocks.z_first[:, 0]
    rows, u, h_inverse = modes.rows, modes.effects.first[:, 0], modes.factored.d_inverse[:, 0, 0]

    def summed(values):
        return np.bincount(codes, values, minlength=blocks.levels)

    places, log_weights = rule(n_nodes)
    nodes = u + places[:, None] * np.sqrt(h_inverse)  # (nodes, levels)
    eta = fixed + a * nodes[:, codes]
    at_nodes = [problem.likelihood.rows(each, at.log_dispersion) for each in eta]
    heights = np.array([summed(each.value) for each in at_nodes]) - nodes**2 / 2 + log_weights[:, None]
    top = heights.max(axis=0)
    share = np.exp(heights - top)
    total = share.sum(axis=0)
    share /= total
    value = float((top + np.log(total)).sum()) - modes.factored.log_det / 2

    scores = np.array([each.score for each in at_nodes])
    by_row = share[:, codes]
    mean_score = (by_row * scores).sum(axis=0)
    pull = share * (np.array([summed(a * each) for each in scores]) - nodes)  # of each node, by where it stands
    by_h = -h_inverse * (1 + (pull * places[:, None]).sum(axis=0) * np.sqrt(h_inverse)) / 2
    s = h_inverse * (pull.sum(axis=0) + by_h * summed(a**3 * rows.weight_slope))
    u, by_h, s = u[codes], by_h[codes], s[codes]
    bend = by_h * a**2
    direct = mean_score + bend * rows.weight_slope - s * a * rows.weight
    along = (by_row * nodes[:, codes] * scores).sum(axis=0)
    along += by_h * 2 * rows.weight * a + bend * rows.weight_slope * u + s * (rows.score - a * rows.weight * u)
    gradient = [problem.x.T @ direct, [z @ along]]
    if problem.likelihood.has_dispersion:
        by_nodes = [problem.likelihood.by_dispersion(each, at.log_dispersion).value for each in eta]
        by = problem.likelihood.by_dispersion(modes.eta, at.log_dispersion)
        gradient.append([(by_row * np.array(by_nodes)).sum() + bend @ by.weight + (s * a) @ by.score])
    return Evaluated(value, np.concatenate(gradient), modes)
