"""Profile-likelihood intervals for the standard deviations of a mixed model.

For a standard deviation fixed at c, everything else is fitted by maximum likelihood; the interval holds every c whose
deviance lies within the chi-squared quantile of the optimum (Bates, Mächler, Bolker & Walker 2015, section 5.1,
doi:10.18637/jss.v067.i01; R's ``confint(fit, method = "profile")``).

Fixing is easy for the first column of a term, whose standard deviation is σ times one entry of Λ. So for any other
column the term's columns change places first, which changes no likelihood.
"""

import math

import numpy as np
import pandas as pd
from scipy import optimize, stats

from helpers.mixed.reml import optimise, psi_derivatives, solve, theta_derivatives, traces


def profile_intervals(fit, conf_level=0.95):
    """Interval for each standard deviation: of every random term's columns, and of the residual.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit
        Its REML or ML fit; the intervals are by maximum likelihood either way.
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        ``group, term, estimate, conf_low, conf_high``; `estimate` is the maximum-likelihood standard deviation.
        ``conf_low`` is 0 where the data do not rule out zero.
    """
    design = fit.design
    random = design.random_parts
    rows = []
    for k, term in enumerate(design.random):
        for a, name in enumerate(term.names):
            order = [a, *(b for b in range(len(term.names)) if b != a)]
            columns, codes, levels = random[k]
            data = design.cross_products([*random[:k], (columns[:, order], codes, levels), *random[k + 1 :]])
            best = optimise(data, reml=False)
            entry = sum(len(earlier.pairs) for earlier in data.terms[:k])
            unit = data.to_original[k][0, 0]
            profile = _Profile(data, best, entry, unit)
            rows.append((term.group, name, *profile.interval(conf_level)))
    data = fit.products
    best = optimise(data, reml=False)
    rows.append(("Residual", None, *_Profile(data, best, None, 1.0).interval(conf_level)))
    return pd.DataFrame(rows, columns=["group", "term", "estimate", "conf_low", "conf_high"])


class _Profile:
    """The deviance as a function of one standard deviation, everything else at its best."""

    def __init__(self, data, best, entry, unit):
        self.data, self.best, self.entry, self.unit = data, best, entry, unit
        self.free = [k for k in range(data.n_theta) if k != entry]
        sigma = math.sqrt(best.sigma2)
        self.estimate = sigma if entry is None else abs(best.theta[entry]) * sigma * abs(unit)
        self.start = np.append(best.theta[self.free], math.log(sigma))

    def interval(self, conf_level):
        """Estimate and both ends."""
        rise = stats.chi2.isf(1 - conf_level, 1)
        scale = max(self.estimate, 0.1 * math.sqrt(self.best.sigma2) * abs(self.unit))

        def excess(c):
            return self.deviance(c) - self.best.deviance - rise

        high = self.estimate + scale
        while excess(high) < 0:
            high = self.estimate + 2 * (high - self.estimate)
        high = optimize.brentq(excess, self.estimate, high, xtol=1e-8 * scale)
        if self.entry is None:
            low = self.estimate / 2
            while excess(low) < 0:
                low /= 2
        elif self.estimate == 0 or excess(0.0) <= 0:
            return self.estimate, 0.0, high
        else:
            low = 0.0
        return self.estimate, optimize.brentq(excess, low, self.estimate, xtol=1e-8 * scale), high

    def deviance(self, c):
        """Lowest deviance with the standard deviation at `c`; starts where the last one ended."""
        if self.entry is None:
            theta = (
                np.zeros(0)
                if not self.free
                else self._minimum(lambda free: self._at(free, math.log(c)), drop_sigma=True)
            )
            return self._at(theta, math.log(c))[0]
        best = self._minimum(lambda free: self._constrained(free, c))
        return self._constrained(best, c)[0]

    def _minimum(self, function, drop_sigma=False):
        start = self.start[:-1] if drop_sigma else self.start
        found = optimize.minimize(function, start, jac=True, method="BFGS", options={"gtol": 1e-6})
        return found.x

    def _constrained(self, free, c):
        """Deviance and gradient in the free θ and log σ, where the fixed θ is c/σ."""
        sigma = math.exp(free[-1])
        theta = np.insert(free[:-1], self.entry, c / (sigma * abs(self.unit)))
        value, by_theta, by_log_sigma = self._deviance(theta, sigma)
        by_log_sigma -= by_theta[self.entry] * theta[self.entry]
        return value, np.append(by_theta[self.free], by_log_sigma)

    def _at(self, theta, log_sigma):
        value, by_theta, _ = self._deviance(np.asarray(theta), math.exp(log_sigma))
        return value, by_theta

    def _deviance(self, theta, sigma):
        """−2 log-likelihood at (θ, σ) and its gradient in θ and in log σ."""
        data = self.data
        at = solve(data, theta, reml=False)
        log_det = at.deviance - data.n * (1 + math.log(2 * math.pi * at.sigma2))
        value = log_det + data.n * math.log(2 * math.pi * sigma**2) + at.rss / sigma**2
        gradient, hessian = psi_derivatives(at, traces(data, at), sigma2=sigma**2)
        by_theta, _ = theta_derivatives(data, theta, gradient, hessian)
        return value, by_theta, 2 * (data.n - at.rss / sigma**2)
