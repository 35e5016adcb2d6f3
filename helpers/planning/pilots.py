"""Standard deviations from a pilot study's fit, and how little a small pilot knows of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.design import Design
from helpers.mixed import MixedFit
from helpers.planning.assumptions import CORRELATION, RESIDUAL, Pilot
from helpers.planning.batch.classes import classes_of, sums_of
from helpers.planning.batch.heights import at, factor_entries

CHAINS, STEPS = 500, 400
KEPT, APART = 10, 40  # states of each chain, and steps between them: so far apart they hardly resemble each other
REACH = 0.3  # added to θ to scale a step: a variance found as zero may be larger
FEWEST_BEYOND = 2  # groups beyond the coefficients, without which a flat prior leaves any variance possible


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
        Carry along how uncertain they are: the experiments are spread over 5,000 sets of standard deviations, drawn
        from what the pilot leaves possible (the posterior distribution under flat priors; Gelman 2006,
        doi:10.1214/06-BA117A). Then power is an average over what may be true. With 10,000 experiments it differs
        between seeds by a standard deviation of about 0.005, as it does where the standard deviations are given.
    seed : int

    Returns
    -------
    Pilot
        For ``sd=`` of `helpers.planning.power`; its ``sd`` can be read, and changed by hand.

    Raises
    ------
    ValueError
        What is given is no mixed model, or one with weights or an offset; with `uncertain`, its groups are too few.
    """
    if not isinstance(fit, MixedFit) or not isinstance(fit.design, Design):
        raise ValueError(f"from_fit takes the result of fit_mixed on a table; found {type(fit).__name__}.")
    if given := fit.design.beside_formula:
        raise ValueError(
            f"The pilot was fitted with {' and '.join(map('{}='.format, given))}, and the study that is planned has "
            "rows alike: give the standard deviations themselves, sd={...}, from fit.variance_components."
        )
    own = _Found([factor[None] for factor in fit.factors], np.array([np.sqrt(fit.residual_variance)]))
    found = _posterior(fit, np.random.default_rng(seed)) if uncertain else None
    draws = [] if found is None else [_deviations(fit.design, found, k) for k in range(len(found.sigma))]
    return Pilot(_deviations(fit.design, own, 0), draws)


def _posterior(fit, rng):
    """Draws of what the variances may be: many short chains of Metropolis, all at once.

    With 1/σ as prior of σ the marginal posterior of θ is exp(−deviance/2), flat in θ as its prior is, and given θ
    rss/σ² has a χ² distribution.
    """
    design, start = fit.design, fit.optimum.theta
    between = min(len(term.levels) for term in design.random) - len(fit.fixed_effects)
    if between < FEWEST_BEYOND:
        raise ValueError(
            f"uncertain=True needs a pilot that tells something of its variances: {FEWEST_BEYOND} more groups than "
            f"coefficients at the least; found {between} more."
        )
    classes = classes_of(fit.products, design.X, design.random_parts)
    sums = sums_of(classes, design.y[None]).of(np.zeros(CHAINS, dtype=int))
    diagonal = np.array([a == b for _, a, b in fit.products.pairs])[:, None]
    theta = np.repeat(start[:, None], CHAINS, axis=1)
    here = at(classes, sums, theta).deviance
    kept = []
    for k in range(STEPS + (KEPT - 1) * APART):
        reach = (0.6, 0.2)[k % 2] * (np.abs(start) + REACH)[:, None] / np.sqrt(len(start))
        there = theta + reach * rng.standard_normal(theta.shape)
        there = np.where(diagonal, np.abs(there), there)
        found = at(classes, sums, there).deviance
        taken = np.log(rng.random(CHAINS)) < (here - found) / 2
        theta, here = np.where(taken, there, theta), np.where(taken, found, here)
        if k + 1 >= STEPS and (k + 1 - STEPS) % APART == 0:
            kept.append((theta, at(classes, sums, theta).rss))
    theta, rss = np.concatenate([each for each, _ in kept], axis=1), np.concatenate([each for _, each in kept])
    nu = fit.products.n - fit.products.p
    inner = factor_entries(fit.products, theta)
    outer = [np.einsum("ab,bcn->nac", back, each) for back, each in zip(fit.products.to_original, inner, strict=True)]
    return _Found(outer, np.sqrt(rss / rng.chisquare(nu, len(rss))))


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
