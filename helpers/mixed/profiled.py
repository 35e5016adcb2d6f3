"""The lowest deviance of a mixed model where one standard deviation or correlation is fixed. Arrays in, arrays out.

The deviance is a smooth function of x = (Λ·σ/σ̂, log σ/σ̂). A fixed standard deviation, correlation or residual leaves
x = offset + basis @ u, so Newton's method works in u. Its optimum need not be the only one: each sign of each
correlation is a start, beside the optimum of the point before.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from helpers.mixed import reml

MAX_STEPS = 100
DECREMENT = 1e-11
BENT = 1e-6  # curvature below minus this share of the largest is a saddle


class Profile:
    """The deviance as a function of one fixed parameter, everything else at its best.

    Parameters
    ----------
    data : helpers.design.crossproducts.CrossProducts
    best : helpers.mixed.reml.Solution
        The maximum-likelihood optimum.
    fixed : FixedDeviation, FixedCorrelation or FixedResidual
    """

    def __init__(self, data, best, fixed):
        self.data, self.best, self.fixed = data, best, fixed
        self.starts = list(_starts(data, best.theta))
        self.last = self.starts[0]
        self._rises = {}

    def rise(self, c):
        """How much higher than at the optimum the deviance is, with the parameter at `c`."""
        if c not in self._rises:
            self._rises[c] = self._lowest(c) - self.best.deviance
        return self._rises[c]

    def _lowest(self, c):
        offset, basis = self.fixed.constraint(c)
        found = [
            self._minimum(offset, basis, self.fixed.coordinates(start, basis)) for start in (self.last, *self.starts)
        ]
        value, u = min((at for at in found if at is not None), key=lambda at: at[0], default=(math.inf, None))
        if u is None:
            raise reml.NotConverged(f"No optimum was reached with a parameter fixed at {c:g}.")
        self.last = offset + basis @ u
        return value

    def _minimum(self, offset, basis, u):
        """Deviance and place of the optimum that Newton's method reaches from u; None if it reaches none."""
        at = self._at(offset + basis @ u)
        for _ in range(MAX_STEPS):
            gradient, hessian = self._derivatives(at)
            slope, bend = basis.T @ gradient, basis.T @ hessian @ basis
            values, vectors = np.linalg.eigh(bend)
            largest = max(1.0, np.abs(values).max(initial=0.0))
            size = np.maximum(np.abs(values), 1e-9 * largest)
            along = vectors.T @ slope
            if np.sum(along**2 / size) >= DECREMENT:
                step = -vectors @ (along / size)
                step *= min(1.0, 1.0 / np.abs(step).max())
            elif len(u) and values[0] < -BENT * largest:
                step = 0.05 * vectors[:, 0]
            else:
                return at.value, u
            lower = self._descend(offset, basis, u, step, at.value)
            if lower is None:
                return at.value, u
            u, at = lower
        return None

    def _descend(self, offset, basis, u, step, value):
        """The first point on the way whose deviance is lower; None where rounding hides any."""
        for halving in range(30):
            there = u + step * 0.5**halving
            if self.fixed.allows(there) and (at := self._at(offset + basis @ there)).value < value:
                return there, at
        return None

    def _at(self, x):
        """The model at x."""
        at = reml.solve(self.data, x[:-1] * math.exp(-x[-1]), reml=False)
        n, sigma2 = self.data.n, self.best.sigma2 * math.exp(2 * x[-1])
        log_det = at.deviance - n * (1 + math.log(2 * math.pi * at.sigma2))
        return _Point(x, log_det + n * math.log(2 * math.pi * sigma2) + at.rss / sigma2, at, sigma2)

    def _derivatives(self, point):
        """Gradient and Hessian: first in θ and log σ, then by the chain rule in x."""
        at, sigma2 = point.solution, point.sigma2
        found = reml.traces(self.data, at)
        by_psi, by_psi_twice = reml.psi_derivatives(at, found, sigma2=sigma2)
        slope, bend = reml.theta_derivatives(self.data, at.theta, by_psi, by_psi_twice)
        mixed = reml.jacobian(self.data, at.theta).T @ (2 * found.a / sigma2)
        by_sigma, by_sigma_twice = 2 * (self.data.n - at.rss / sigma2), 4 * at.rss / sigma2
        theta, shrink = at.theta, math.exp(-point.x[-1])  # θ = x·shrink
        gradient = np.append(shrink * slope, by_sigma - slope @ theta)
        corner = by_sigma_twice - 2 * mixed @ theta + theta @ bend @ theta + slope @ theta
        side = shrink * (mixed - bend @ theta - slope)
        return gradient, np.block([[shrink**2 * bend, side[:, None]], [side[None, :], np.array([[corner]])]])


@dataclass(frozen=True)
class _Point:
    """A solution with σ² held: `value` is its −2 log-likelihood."""

    x: np.ndarray
    value: float
    solution: reml.Solution
    sigma2: float


class FixedDeviation:
    """The standard deviation of the first column of term k: σ times one entry of Λ."""

    def __init__(self, data, k, sigma):
        self.entry, self.sigma = _first_entry(data, k), sigma
        self.unit = abs(data.to_original[k][0, 0])
        self.basis = np.delete(np.eye(data.n_theta + 1), self.entry, axis=1)

    def estimate(self, theta):
        """The standard deviation at θ and σ̂."""
        return abs(theta[self.entry]) * self.sigma * self.unit

    def constraint(self, c):
        """Offset and basis of x where the standard deviation is `c`."""
        offset = np.zeros(len(self.basis))
        offset[self.entry] = c / (self.sigma * self.unit)
        return offset, self.basis

    def coordinates(self, x, basis):
        """The u of the point next to x."""
        return basis.T @ x

    def allows(self, u):
        """Any u."""
        return True


class FixedResidual(FixedDeviation):
    """The residual standard deviation: the last entry of x is its logarithm."""

    def __init__(self, n_theta, sigma):
        self.sigma = sigma
        self.basis = np.eye(n_theta + 1)[:, :-1]

    def constraint(self, c):
        """Offset and basis of x where the residual standard deviation is `c`."""
        return np.append(np.zeros(len(self.basis) - 1), math.log(c / self.sigma)), self.basis


class FixedCorrelation:
    """The correlation r of the first two columns of term k.

    Their rows of Λ in the original columns are (u₀, 0) and u₁(r, √(1 − r²)); u₀ and u₁ stay positive, for a change of
    sign would be the correlation −r.
    """

    def __init__(self, data, k):
        self.first = _first_entry(data, k)
        self.second = self.first + 1
        self.corner = self.first + data.terms[k].size
        self.unit = data.to_original[k][:2, :2]
        self.others = np.delete(np.eye(data.n_theta + 1), [self.first, self.second, self.corner], axis=1)

    def _rows(self, theta):
        inner = np.array([[theta[self.first], 0.0], [theta[self.second], theta[self.corner]]])
        return self.unit @ inner

    def estimate(self, theta):
        """The correlation at θ; NaN where a standard deviation is zero."""
        (a, _), (b, c) = self._rows(theta)
        return float(np.sign(a) * b / math.hypot(b, c)) if a and (b or c) else math.nan

    def constraint(self, r):
        """Offset and basis of x where the correlation is `r`."""
        inverse = np.linalg.inv(self.unit)
        basis = np.zeros((len(self.others), 2))
        basis[[self.first, self.second], 0] = inverse[:, 0]
        basis[[self.second, self.corner], 1] = inverse[1, 1] * np.array([r, math.sqrt(1 - r**2)])
        return np.zeros(len(self.others)), np.concatenate([basis, self.others], axis=1)

    def coordinates(self, x, basis):
        """The u with the standard deviations of x."""
        (a, _), (b, c) = self._rows(x)
        return np.concatenate([[max(abs(a), 1e-3), max(math.hypot(b, c), 1e-3)], self.others.T @ x])

    def allows(self, u):
        """Whether both standard deviations are positive."""
        return min(u[:2]) > 0


def _first_entry(data, k):
    return sum(len(term.pairs) for term in data.terms[:k])


def _starts(data, theta):
    """Starts x: the optimum, and per term of several columns every sign of the correlations with its first column.

    On the ridge where a correlation is one, or a variance zero, a slope of exactly zero would hold a start there: no
    start has a diagonal entry near zero.
    """
    factors = reml.factors(data, theta)
    away = [factor + np.diag(np.where(np.abs(np.diag(factor)) < 0.1, 0.1, 0.0)) for factor in factors]
    yield _as_point(data, away)
    for k, factor in enumerate(away):
        size = min(len(factor), 4)  # the signs of three correlations are eight starts
        for signs in product((-0.8, 0.8), repeat=size - 1) if size > 1 else ():
            sd = np.maximum(np.linalg.norm(factor, axis=1), 0.3)
            turned = np.diag(sd)
            turned[1:size, 0] = np.array(signs) * sd[1:size]
            turned[range(1, size), range(1, size)] *= 0.6
            yield _as_point(data, [*away[:k], turned, *away[k + 1 :]])


def _as_point(data, factors):
    entries = [factor[a, b] for term, factor in zip(data.terms, factors, strict=True) for a, b in term.pairs]
    return np.array([*entries, 0.0])
