"""Log-likelihoods of an outcome given the linear predictor η, row by row, with the derivatives that a fit needs.

Every family is written for its link, and not as one function put into another: where a probability comes near 0 or 1,
the product of the general derivatives has lost its digits and these have not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy import special

SMOOTH = 100.0  # from here on Stirling's series has 16 digits, and differences of log Γ have not
ROOT_TWO_PI = np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class Rows:
    """Of each row the log-likelihood ℓ, its slope in η, its curvature −ℓ'' and the slope of that, −ℓ'''; all (n,)."""

    value: np.ndarray
    score: np.ndarray
    weight: np.ndarray
    weight_slope: np.ndarray


@dataclass(frozen=True)
class ByDispersion:
    """Derivatives of ℓ, its slope in η and its curvature by the logarithm of the dispersion parameter; all (n,)."""

    value: np.ndarray
    score: np.ndarray
    weight: np.ndarray


class Likelihood(Protocol):
    """A family with its link and the outcome of every row."""

    @property
    def link(self) -> str:
        """From the mean to the linear predictor."""

    @property
    def has_dispersion(self) -> bool:
        """Whether there is a parameter beside the mean."""

    def rows(self, eta: np.ndarray, log_dispersion: float) -> Rows:
        """ℓ and its derivatives; −∞ where η lies outside of what the link allows."""

    def by_dispersion(self, eta: np.ndarray, log_dispersion: float) -> ByDispersion:
        """Derivatives by the logarithm of the dispersion parameter."""


class NoDispersion:
    """A family whose mean says how rows scatter."""

    has_dispersion = False

    def by_dispersion(self, eta: np.ndarray, log_dispersion: float) -> ByDispersion:
        """Refuse: there is nothing to derive by."""
        raise TypeError(f"{type(self).__name__} has no dispersion parameter.")


# --- Binomial ---------------------------------------------------------------------------------------------------------


def _half_probit(eta):
    log_p = special.log_ndtr(eta)
    ratio = np.exp(-(eta**2) / 2 - log_p) / ROOT_TWO_PI
    second = -ratio * (eta + ratio)
    return log_p, ratio, second, -second * (eta + ratio) - ratio * (1 + second)


def _probit(eta):
    value, first, second, third = _half_probit(-eta)
    return _half_probit(eta), (value, -first, second, -third)


def _cloglog(eta):
    x = np.exp(np.minimum(eta, 700.0))
    short = np.minimum(x, 700.0)
    first = short / np.expm1(short)
    bend = 1 - short - first
    second = first * bend
    third = second * bend - first * (short + second)
    return (np.log(-np.expm1(-short)), first, second, third), (-x, -x, -x, -x)


def _log_probability(eta):
    with np.errstate(all="ignore"):
        p, q = np.exp(eta), -np.expm1(eta)
        one, zero = np.ones_like(eta), np.zeros_like(eta)
        outside = np.where(q > 0, 0.0, -np.inf)
        return (eta + outside, one, zero, zero), (np.log(q) + outside, -p / q, -p / q**2, -p * (1 + p) / q**3)


def _identity_probability(eta):
    with np.errstate(all="ignore"):
        q = 1 - eta
        return (np.log(eta), 1 / eta, -(eta**-2.0), 2 * eta**-3.0), (np.log(q), -1 / q, -(q**-2.0), -2 * q**-3.0)


PROBABILITIES = {
    "probit": _probit,
    "cloglog": _cloglog,
    "log": _log_probability,
    "identity": _identity_probability,
}


@dataclass(frozen=True)
class Binomial(NoDispersion):
    """`successes` of `trials`, both (n,)."""

    successes: np.ndarray
    trials: np.ndarray
    link: str = "logit"

    @cached_property
    def _constant(self):
        k, m = self.successes, self.trials
        return special.gammaln(m + 1) - special.gammaln(k + 1) - special.gammaln(m - k + 1)

    def rows(self, eta: np.ndarray, log_dispersion: float = 0.0) -> Rows:
        """See `Likelihood.rows`."""
        if self.link == "logit":
            return self._logit(eta)
        of_success, of_failure = PROBABILITIES[self.link](eta)
        k, m = self.successes, self.trials - self.successes
        with np.errstate(invalid="ignore"):
            found = [
                np.where(k > 0, k * yes, 0.0) + np.where(m > 0, m * no, 0.0)
                for yes, no in zip(of_success, of_failure, strict=True)
            ]
        if self.link in ("log", "identity"):
            outside = (eta >= 0) if self.link == "log" else (eta <= 0) | (eta >= 1)
            found[0] = np.where(outside, -np.inf, found[0])
        return Rows(found[0] + self._constant, found[1], -found[2], -found[3])

    def _logit(self, eta):
        small = np.exp(-np.abs(eta))
        larger = 1 / (1 + small)
        p = np.where(eta > 0, larger, small * larger)
        weight = self.trials * (small * larger**2)
        value = self.successes * eta - self.trials * (np.maximum(eta, 0) + np.log1p(small)) + self._constant
        return Rows(value, self.successes - self.trials * p, weight, weight * (1 - 2 * p))


# --- Counts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Poisson(NoDispersion):
    """Counts `y` (n,)."""

    y: np.ndarray
    link: str = "log"

    @cached_property
    def _constant(self):
        return special.gammaln(self.y + 1)

    def rows(self, eta: np.ndarray, log_dispersion: float = 0.0) -> Rows:
        """See `Likelihood.rows`."""
        y = self.y
        with np.errstate(all="ignore"):
            if self.link == "log":
                mu = np.exp(eta)
                return Rows(y * eta - mu - self._constant, y - mu, mu, mu)
            outside = np.where(eta > 0, 0.0, -np.inf)
            ratio = y / eta
            if self.link == "sqrt":
                value = 2 * special.xlogy(y, eta) - eta**2 - self._constant + outside
                return Rows(value, 2 * (ratio - eta), 2 * (ratio / eta + 1), -4 * ratio / eta**2)
            value = special.xlogy(y, eta) - eta - self._constant + outside
            return Rows(value, ratio - 1, ratio / eta, -2 * ratio / eta**2)


@dataclass(frozen=True)
class NegativeBinomial:
    """Counts `y` (n,) of variance μ + μ²/θ, with the logarithmic link; the dispersion parameter is θ.

    Or (g, n), the counts of g outcomes in the same rows, with logarithms of θ (g, 1).
    """

    y: np.ndarray
    link: str = "log"
    has_dispersion: bool = field(default=True, init=False)
    _kept: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def _constant(self):
        return special.gammaln(self.y + 1)

    def rows(self, eta: np.ndarray, log_dispersion: float) -> Rows:
        """See `Likelihood.rows`."""
        y, theta = self.y, np.exp(log_dispersion)
        share, rest, log_sum = _shares(eta - log_dispersion)
        value = self._rising(log_dispersion) + y * eta - (y + theta) * log_sum
        weight = (y + theta) * (share * rest)
        return Rows(value, y - (y + theta) * share, weight, weight * (1 - 2 * share))

    def _rising(self, log_dispersion):
        """What of ℓ does not depend on η; kept for the next call, which mostly has the same θ."""
        key = np.asarray(log_dispersion).tobytes()
        if self._kept.get("key") != key:
            self._kept.update(key=key, value=log_rising(self.y, np.exp(log_dispersion)) - self._constant)
        return self._kept["value"]

    def by_dispersion(self, eta: np.ndarray, log_dispersion: float) -> ByDispersion:
        """See `Likelihood.by_dispersion`."""
        y, theta = self.y, np.exp(log_dispersion)
        share, rest, log_sum = _shares(eta - log_dispersion)
        weight = (y + theta) * share * rest
        value = theta * (digamma_rise(y, theta) - log_sum + share) - y * rest
        return ByDispersion(value, rest * y * share - theta * share * share, weight * (2 * share - y / (y + theta)))


@dataclass(frozen=True)
class Gamma:
    """Positive numbers `y` (n,) of variance μ²/ν; the dispersion parameter is the shape ν."""

    y: np.ndarray
    link: str = "log"
    has_dispersion: bool = field(default=True, init=False)

    @cached_property
    def _log_y(self):
        return np.log(self.y)

    def _unit(self, eta):
        """−y/μ − log μ and its derivatives."""
        if self.link == "log":
            ratio = self.y * np.exp(-eta)
            return -ratio - eta, ratio - 1, ratio, -ratio
        with np.errstate(all="ignore"):
            value = np.where(eta > 0, np.log(eta), -np.inf) - self.y * eta
            return value, 1 / eta - self.y, eta**-2.0, -2 * eta**-3.0

    def rows(self, eta: np.ndarray, log_dispersion: float) -> Rows:
        """See `Likelihood.rows`."""
        shape = np.exp(log_dispersion)
        value, score, weight, slope = self._unit(eta)
        constant = shape * log_dispersion - special.gammaln(shape) + (shape - 1) * self._log_y
        return Rows(shape * value + constant, shape * score, shape * weight, shape * slope)

    def by_dispersion(self, eta: np.ndarray, log_dispersion: float) -> ByDispersion:
        """See `Likelihood.by_dispersion`."""
        shape = np.exp(log_dispersion)
        value, score, weight, _ = self._unit(eta)
        rise = value + log_dispersion + 1 - special.digamma(shape) + self._log_y
        return ByDispersion(shape * rise, shape * score, shape * weight)


# --- Without loss of digits -------------------------------------------------------------------------------------------


def _shares(x):
    """Of a mean eˣ times θ: its share μ/(θ + μ), that of θ, and log(1 + eˣ)."""
    small = np.exp(-np.abs(x))
    larger = 1 / (1 + small)
    smaller = small * larger
    above = x > 0
    return np.where(above, larger, smaller), np.where(above, smaller, larger), np.maximum(x, 0) + np.log1p(small)


def _stirling(x):
    """What log Γ(x) is beyond (x − ½) log x − x + log √(2π)."""
    inverse = 1 / x
    square = inverse**2
    return inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))


def _beyond_log(x):
    """What ψ(x) is beyond log x."""
    square = x**-2.0
    return -0.5 / x - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))


def log_rising(y: np.ndarray, theta: float | np.ndarray) -> np.ndarray:
    """The difference log Γ(y + θ) − log Γ(θ) − y log θ: zero for θ → ∞, and accurate on the way."""

    def near(y, theta):
        return special.gammaln(y + theta) - special.gammaln(theta) - y * np.log(theta)

    def far(y, theta):
        return (y + theta - 0.5) * np.log1p(y / theta) - y + _stirling(y + theta) - _stirling(theta)

    return _by_size(near, far, y, theta)


def digamma_rise(y: np.ndarray, theta: float | np.ndarray) -> np.ndarray:
    """The difference ψ(y + θ) − ψ(θ), accurate for θ → ∞."""

    def near(y, theta):
        return special.digamma(y + theta) - special.digamma(theta)

    def far(y, theta):
        return np.log1p(y / theta) + _beyond_log(y + theta) - _beyond_log(theta)

    return _by_size(near, far, y, theta)


def _by_size(near, far, y, theta):
    """`far` where θ is large; of θ (g, 1) row by row."""
    if np.ndim(theta) == 0:
        return (near if theta < SMOOTH else far)(y, theta)
    large = theta[:, 0] >= SMOOTH
    found = np.empty_like(y)
    found[~large], found[large] = near(y[~large], theta[~large]), far(y[large], theta[large])
    return found
