"""From the linear predictor to the mean of the outcome: the inverse link with its first two derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

type Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Link:
    """Three functions of the linear predictor, arrays in, arrays out: mean, its slope, the slope of that."""

    inverse: Function
    slope: Function
    curvature: Function


def _logistic_slope(eta):
    return special.expit(eta) * special.expit(-eta)


def _logistic_curvature(eta):
    return _logistic_slope(eta) * (special.expit(-eta) - special.expit(eta))


def _normal_density(eta):
    return np.exp(-(np.asarray(eta) ** 2) / 2) / np.sqrt(2 * np.pi)


def _cloglog_slope(eta):
    return np.exp(eta - np.exp(eta))


LOG = Link(np.exp, np.exp, np.exp)
LOGIT = Link(special.expit, _logistic_slope, _logistic_curvature)
PROBIT = Link(special.ndtr, _normal_density, lambda eta: -eta * _normal_density(eta))
CLOGLOG = Link(lambda eta: -np.expm1(-np.exp(eta)), _cloglog_slope, lambda eta: _cloglog_slope(eta) * (1 - np.exp(eta)))
SQRT = Link(lambda eta: np.square(eta), lambda eta: 2 * np.asarray(eta), lambda eta: np.full_like(eta, 2.0))
INVERSE = Link(
    lambda eta: 1 / np.asarray(eta), lambda eta: -(np.asarray(eta) ** -2.0), lambda eta: 2 * np.asarray(eta) ** -3.0
)
IDENTITY = Link(lambda eta: eta, np.ones_like, np.zeros_like)
LINKS_BACK = {
    "logit": LOGIT,
    "probit": PROBIT,
    "cloglog": CLOGLOG,
    "log": LOG,
    "sqrt": SQRT,
    "inverse": INVERSE,
    "identity": IDENTITY,
}
