"""What dispersions of all genes have in common: a curve along the mean, and how widely they scatter about it.

Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8: the curve is α = a + b/mean, fitted as the mean of gamma
variables; the scatter of log α about it is that of the truth plus that of estimating.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from helpers.counts.prior_by_draws import BINS, MOST_DF, prior_variance_by_draws

START = 0.1, 1.0  # a, b
RESIDUALS = 1e-4, 15.0  # a gene further from the curve, as a ratio, has no part in the next
ROUNDS, STEPS, HALVINGS = 10, 25, 60
STEADY, ENOUGH = 1e-6, 1e-8
NORMAL = 1.4826  # of a normal variable: standard deviation over median absolute deviation, as R rounds it
SMALLEST_VARIANCE = 0.25  # of the prior


@dataclass(frozen=True)
class ParametricCurve:
    """Dispersions along the mean: a + b/mean."""

    a: float
    b: float

    def __call__(self, mean_count):
        """The dispersion at these means."""
        return self.a + self.b / mean_count


def parametric(dispersion, mean_count):
    """The curve, or None where there is none.

    Parameters
    ----------
    dispersion, mean_count : numpy.ndarray, shape (n_genes,)
        Of the genes that count.

    Returns
    -------
    ParametricCurve, or None
        None where a coefficient is not above 0, or the rounds do not come to an end.
    """
    coefficients = np.array(START)
    for _ in range(ROUNDS + 1):
        ratio = dispersion / (coefficients[0] + coefficients[1] / mean_count)
        good = (ratio > RESIDUALS[0]) & (ratio < RESIDUALS[1])
        if good.sum() < 3:
            return None
        before, (coefficients, converged) = coefficients, _gamma(dispersion[good], 1 / mean_count[good], coefficients)
        if not (coefficients > 0).all():
            return None
        if converged and np.sum(np.log(coefficients / before) ** 2) < STEADY:
            return ParametricCurve(*map(float, coefficients))
    return None


def _gamma(y, x, coefficients):
    """Gamma regression with the identity as its link, by reweighted least squares; whether it came to rest.

    A step to a mean that is not above 0 is halved.
    """
    columns = np.column_stack([np.ones_like(x), x])
    mean = columns @ coefficients
    deviance = _deviance(y, mean)
    for _ in range(STEPS):
        before, old = deviance, coefficients
        coefficients = np.linalg.lstsq(columns / mean[:, None], y / mean, rcond=None)[0]
        for _ in range(HALVINGS):
            mean = columns @ coefficients
            if (mean > 0).all():
                break
            coefficients = (coefficients + old) / 2
        deviance = _deviance(y, mean)
        if abs(deviance - before) / (abs(deviance) + 0.1) < ENOUGH:
            return coefficients, True
    return coefficients, False


def _deviance(y, mean):
    return 2 * float(np.sum(y / mean - 1 - np.log(y / mean)))


def spread(log_ratios):
    """A variance of log ratios that a few far ones do not move: by the median absolute deviation."""
    return float(stats.median_abs_deviation(log_ratios, scale=1 / NORMAL) ** 2)


def prior_variance(log_ratios, df):
    """How widely the true log dispersions scatter about the curve.

    Parameters
    ----------
    log_ratios : numpy.ndarray, shape (n_genes,)
        log of estimate over curve.
    df : int
        Residual degrees of freedom.

    Returns
    -------
    float
        `spread` less the variance of log χ², and at least `SMALLEST_VARIANCE`; with three degrees of freedom or fewer
        as `helpers.counts.prior_by_draws` finds it.
    """
    if df > MOST_DF or not (np.abs(log_ratios) < BINS[-1]).any():
        found = spread(log_ratios) - float(special.polygamma(1, df / 2))
    else:
        found = prior_variance_by_draws(log_ratios, df)
    return max(found, SMALLEST_VARIANCE)
