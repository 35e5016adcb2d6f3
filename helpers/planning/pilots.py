"""Standard deviations from a pilot study's fit, and how little a small pilot knows of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.design import Design
from helpers.mixed import MixedFit
from helpers.planning.assumptions import CORRELATION, RESIDUAL, Pilot, Variances
from helpers.planning.batch.classes import classes_of, sums_of
from helpers.planning.batch.heights import at, factor_entries
from helpers.planning.batch.search import optima
from helpers.planning.experiments import noise

DRAWS = 200


@dataclass(frozen=True, eq=False)
class _Found:
    """Λ of each term in the columns' units (N, size, size), and σ (N,)."""

    factors: list[np.ndarray]
    sigma: np.ndarray


def from_fit(fit: MixedFit, *, uncertain: bool = False, seed: int = 1) -> Pilot:
    """The standard deviations that a fitted mixed model found, to plan the next study with.

    Parameters
    ----------
    fit : MixedFit
        Of the pilot, from `helpers.mixed.fit_mixed`.
    uncertain : bool
        Carry along how uncertain they are: the experiments are spread over 200 sets of standard deviations, each what
        another pilot of the same design would have found were the fitted ones true. Then power is an average over what
        may be true, which is less than power at the fitted values where that is high.
    seed : int

    Returns
    -------
    Pilot
        For ``sd=`` of `helpers.planning.power`; its ``sd`` can be read, and changed by hand.

    Raises
    ------
    ValueError
        What is given is no mixed model.
    """
    if not isinstance(fit, MixedFit) or not isinstance(fit.design, Design):
        raise ValueError(f"from_fit takes the result of fit_mixed on a table; found {type(fit).__name__}.")
    own = _Found([factor[None] for factor in fit.factors], np.array([np.sqrt(fit.residual_variance)]))
    found = _refitted(fit, np.random.default_rng(seed)) if uncertain else None
    draws = [] if found is None else [_deviations(fit.design, found, k) for k in range(len(found.sigma))]
    return Pilot(_deviations(fit.design, own, 0), draws)


def _refitted(fit, rng):
    """What other pilots of the same design would have found."""
    design, sigma2 = fit.design, fit.residual_variance
    variances = Variances(tuple(sigma2 * factor @ factor.T for factor in fit.factors), float(np.sqrt(sigma2)))
    classes = classes_of(fit.products, design.X, design.random_parts)
    sums = sums_of(classes, noise(design, variances, DRAWS, rng))
    theta, reached = optima(classes, sums, fit.optimum.theta)
    theta, sums = theta[:, reached], sums.of(np.flatnonzero(reached))
    inner = factor_entries(fit.products, theta)
    outer = [np.einsum("ab,bcn->nac", back, each) for back, each in zip(fit.products.to_original, inner, strict=True)]
    return _Found(outer, np.sqrt(at(classes, sums, theta).sigma2))


def _deviations(design, found, place):
    """As `power` takes them."""
    sd: dict = {}
    for term, factors in zip(design.random, found.factors, strict=True):
        covariance = found.sigma[place] ** 2 * factors[place] @ factors[place].T
        deviations = np.sqrt(np.diag(covariance))
        if list(term.names) == ["(Intercept)"] and term.group not in sd:
            sd[term.group] = float(deviations[0])
            continue
        own = sd.get(term.group, {})
        own = dict(own) if isinstance(own, dict) else {"(Intercept)": own}
        own |= dict(zip(term.names, map(float, deviations), strict=True))
        if len(term.names) > 1:
            scale = np.where(deviations > 0, deviations, 1)
            own[CORRELATION] = np.where(
                np.eye(len(scale)) == 1, 1.0, np.clip(covariance / np.outer(scale, scale), -1, 1)
            )
        sd[term.group] = own
    return sd | {RESIDUAL: float(found.sigma[place])}
