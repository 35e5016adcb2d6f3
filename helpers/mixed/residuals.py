"""The residuals of a mixed model that differ in variance or hang together: what was estimated of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.design import Design
from helpers.mixed.reml import NotConverged, psi_derivatives, solve, theta_derivatives, traces
from helpers.mixed.structured import Structure, StructuredProducts, structured_products
from helpers.refusals.wording import check_conf_level

if TYPE_CHECKING:
    from helpers.cells.model_on_cells import CellDesign
    from helpers.design.crossproducts import CrossProducts
    from helpers.mixed.fit import MixedFit
    from helpers.mixed.reml import Solution

FLAT = 1e-6  # curvature of the deviance, per row and in scaled coordinates, below which data do not tell a parameter
TAKES_PART = 1e-2  # weight from which a parameter counts as part of what cannot be told
LARGEST = 8.0  # |log ratio| and |atanh φ|: beyond, a standard deviation is 0 or a correlation 1


def products_of(design: Design | CellDesign) -> CrossProducts:
    """What estimation needs of a design, its residuals' structure included."""
    if design.has_plain_residuals or not isinstance(design, Design):
        return design.cross_products()
    groups, series = design.variance_by, design.correlation
    y, x, random = design.weighted_rows()
    levels = np.zeros(len(y), dtype=int) if groups is None else groups.codes
    times = (None, None) if series is None else (series.codes, series.times)
    structure = Structure(levels, 1 if groups is None else len(groups.levels), *times)
    return structured_products(y, x, random, structure, design.log_det_known)


def refuse_untold(design: Design | CellDesign, products: CrossProducts, optimum: Solution) -> None:
    """Refuse an optimum that the data do not tell from others nearby, or that lies at infinity.

    Raises
    ------
    ValueError
        The deviance is flat in a direction that a parameter of the residuals takes part in.
    helpers.mixed.reml.NotConverged
        A residual variance runs to zero, or the autocorrelation to 1 or −1.
    """
    if design.has_plain_residuals:
        return
    rho = optimum.theta[products.n_theta :]
    n_ratios = 0 if design.variance_by is None else len(design.variance_by.levels) - 1
    if n_ratios:
        without = np.ptp(np.append(0.0, rho[:n_ratios])) > LARGEST
        if without or any(_falls(products, optimum, level, n_ratios) for level in range(n_ratios + 1)):
            raise NotConverged(
                f"The residual variance of a level of {design.variance_by.column!r} runs to zero: the rest of the "
                "model fits its rows without residual. Let less vary in the formula, or leave variance_by out."
            )
    if len(rho) > n_ratios and abs(rho[-1]) > LARGEST:
        raise NotConverged(
            f"The autocorrelation runs to {np.sign(rho[-1]):.0f}: residuals of a series that are all alike are a "
            "random intercept. Take (1 | …) of the series out of the formula, or leave correlation out."
        )
    gradient, hessian = psi_derivatives(optimum, traces(products, optimum))
    _, hessian = theta_derivatives(products, optimum.theta, gradient, hessian)
    scale = np.sqrt(np.maximum(np.diag(hessian), FLAT * products.n))
    values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    flat = np.abs(vectors[products.n_theta :, values < FLAT])
    if (flat > TAKES_PART).any():
        what = [each for each in ("variance_by", "correlation") if getattr(design, each) is not None]
        raise ValueError(
            f"The parameters of {' and '.join(what)} cannot be told from the variances of the random part: other "
            "values of them say the same of the data, as with two times per series and a random intercept. Take a "
            f"random term out of the formula, or leave {' or '.join(what)} out."
        )


def _falls(products, optimum, level, n_ratios):
    """Whether the deviance is lower where one residual standard deviation is next to zero and the rest as it was."""
    there, first = optimum.theta.copy(), products.n_theta
    if level:
        there[first + level - 1] -= LARGEST
    else:
        there[:first] *= math.exp(LARGEST)
        there[first : first + n_ratios] += LARGEST
    return solve(products, there, reml=optimum.reml).deviance < optimum.deviance


def residual_deviations(fit: MixedFit) -> dict[str | None, float]:
    """The residual standard deviation of each level of `variance_by`, in order; without, one under the name None."""
    sigma, groups = math.sqrt(fit.residual_variance), fit.design.variance_by
    if groups is None:
        return {None: sigma}
    delta = np.append(0.0, fit.optimum.theta[fit.products.n_theta :][: len(groups.levels) - 1])
    return dict(zip(groups.levels, sigma * np.exp(delta), strict=True))


def row_deviations(fit: MixedFit) -> np.ndarray:
    """The residual standard deviation of each row (n,): that of its level, over the root of its weight."""
    deviations = np.array(list(residual_deviations(fit).values()))
    groups, weights = fit.design.variance_by, fit.design.weights
    found = np.full(fit.n_obs, deviations[0]) if groups is None else deviations[groups.codes]
    return found if weights is None else found / np.sqrt(weights.numbers)


def correlated(fit: MixedFit, noise: np.ndarray) -> np.ndarray:
    """Independent standard normal numbers (n,), made to correlate as the residuals of the fit do."""
    if fit.design.correlation is None or not isinstance(fit.products, StructuredProducts):
        return noise
    structure, phi = fit.products.structure, math.tanh(fit.optimum.theta[-1])
    found = noise.copy()
    for s, t, gap in zip(*structure.pairs[1:], strict=True):  # in the order of time
        found[t] = phi**gap * found[s] + math.sqrt(1 - phi ** (2 * gap)) * noise[t]
    return found


def residual_parameters(fit: MixedFit, conf_level: float = 0.95) -> pd.DataFrame:
    """What was estimated of the residuals.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        ``parameter, level, estimate, conf_low, conf_high``: the standard deviation (``sd``) of each level of
        `variance_by`; its ratio to that of the first level (``sd ratio``); the autocorrelation of rows one unit of time
        apart. Without `variance_by` there is one standard deviation, its `level` empty.

    Raises
    ------
    ValueError
        `conf_level` is not between 0 and 1.

    Notes
    -----
    Wald intervals, symmetric for the logarithm of a standard deviation or a ratio and for Fisher's z (atanh) of an
    autocorrelation, from the exact second derivatives of the (restricted) likelihood: those of nlme's ``intervals``
    (Pinheiro & Bates 2000, section 2.4.3, doi:10.1007/b98882).
    """
    check_conf_level(conf_level)
    groups, first = fit.design.variance_by, fit.products.n_theta
    rho, covariance = fit.optimum.theta[first:], fit._satterthwaite.covariance[first:, first:]
    n_ratios = 0 if groups is None else len(groups.levels) - 1
    log_sigma, rows = 0.5 * math.log(fit.residual_variance), []
    levels = [None] if groups is None else list(groups.levels)
    for k, level in enumerate(levels):
        direction = np.append(np.zeros(len(rho)), 1.0)
        if k:
            direction[k - 1] = 1.0
        rows.append(("sd", level, log_sigma + direction[:-1] @ rho, direction, math.exp))
    for k, level in enumerate(levels[1:]):
        rows.append(("sd ratio", level, rho[k], np.eye(len(rho) + 1)[k], math.exp))
    if len(rho) > n_ratios:
        rows.append(("autocorrelation", None, rho[-1], np.eye(len(rho) + 1)[-2], math.tanh))
    quantile = stats.norm.isf((1 - conf_level) / 2)
    table = []
    for name, level, center, direction, back in rows:
        reach = quantile * math.sqrt(direction @ covariance @ direction)
        table.append((name, level, *map(back, (center, center - reach, center + reach))))
    found = pd.DataFrame(table, columns=["parameter", "level", "estimate", "conf_low", "conf_high"])
    return found.assign(level=pd.Series([row[1] for row in table], dtype=object))
