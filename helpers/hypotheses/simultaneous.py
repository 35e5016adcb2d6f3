"""How likely the largest of several correlated t statistics is to pass a bound. Arrays in, arrays out.

The chance of a union, written as a sum: each event's own chance times the mean of 1/(how many events happen), given
that it happens (importance sampling as in Naiman & Priebe 2001, "Computing scan statistic p values using importance
sampling", J. Comput. Graph. Stat. 10:296). Each factor is accurate far out in the tail, where 1 − cdf has no digits
left, and the result never passes Bonferroni's bound.
"""

from functools import partial

import numpy as np
from scipy import optimize, special, stats
from scipy.stats import qmc

POINTS = 2**15
SEED = 1  # quasi-random points, the same at every call: a p-value must not change when a cell is run again
FLAT = 1e-10
NO_VARIANCE = 1e-12  # beside the one of a standardized estimate
STUDENTIZED = 1e-8  # below this scipy's studentized range has lost its digits


def max_t_p_value(statistics: np.ndarray, correlation: np.ndarray, df: np.ndarray) -> np.ndarray:
    """P(max |T| ≥ |t|) for each t, where T follows the multivariate t distribution.

    Parameters
    ----------
    statistics : (k,)
    correlation : (m, m)
        Of the estimates of the family; may be singular.
    df : (k,)
        Degrees of freedom, one for each statistic; infinite for the normal distribution.

    Returns
    -------
    numpy.ndarray
        (k,); relative error about 1e-3.
    """
    family = _Family(correlation)
    return np.array([family.p_value(abs(t), nu) for t, nu in zip(statistics, df, strict=True)])


def max_t_quantile(level: float, correlation: np.ndarray, df: np.ndarray, points: int = POINTS) -> np.ndarray:
    """The bound that max |T| keeps with probability `level`, for each of the degrees of freedom `df` (k,).

    With fewer `points` (a power of 2) it is found faster, and less exactly.
    """
    family, bounds = _Family(correlation, points), {}
    rounded = [float(f"{nu:.3g}") for nu in df]  # moves the bound by less than the error of the points
    for nu in set(rounded):
        low, high = stats.t.isf((1 - level) / 2, nu), stats.t.isf((1 - level) / 2 / len(correlation), nu)
        excess = partial(_excess, family, 1 - level, nu)
        bounds[nu] = low if high - low < FLAT or excess(low) <= 0 else optimize.brentq(excess, low, high, xtol=1e-6)
    return np.array([bounds[nu] for nu in rounded])


def _excess(family, level, df, bound):
    return family.p_value(bound, df) - level


class _Family:
    """Quasi-random draws of a multivariate t, one coordinate at a time held beyond a bound."""

    def __init__(self, correlation, count=POINTS):
        self.r = np.asarray(correlation, dtype=float)
        points = qmc.Sobol(len(self.r) + 2, seed=SEED).random(count)
        self.tail, self.uniform = points[:, 0], points[:, 1]
        self.normal = special.ndtri(np.clip(points[:, 2:], 1e-15, 1 - 1e-15))
        self.roots = [_root(self.r - np.outer(column, column)) for column in self.r]
        self.scales = {}

    def p_value(self, bound, df):
        alone = 2 * stats.t.sf(bound, df)
        if len(self.r) == 1 or alone == 0:
            return float(alone)
        first = stats.t.isf(self.tail * alone / 2, df)  # |T_j| beyond the bound; its sign changes nothing
        spread = np.sqrt(df + first**2) * self._scale(df) if np.isfinite(df) else np.ones(len(self.tail))
        total = 0.0
        for j, root in enumerate(self.roots):
            others = self.normal @ root.T
            others *= spread[:, None]
            others += np.outer(first, self.r[j])
            beyond = np.abs(others, out=others) >= bound * (1 - FLAT)
            beyond[:, j] = True
            total += alone * np.mean(1 / np.count_nonzero(beyond, axis=1))
        return float(min(total, 1.0))

    def _scale(self, df):
        """1/χ with df + 1 degrees of freedom, by which the others spread around the first."""
        if df not in self.scales:
            self.scales[df] = 1 / np.sqrt(2 * special.gammaincinv((df + 1) / 2, self.uniform))
        return self.scales[df]


def _root(covariance):
    """The triangular root (Cholesky), zero in columns that earlier ones leave nothing of.

    It is the one root that no sign, and no order of equal eigenvalues, can turn: those differ between processors.
    """
    root = np.zeros_like(covariance)
    for k, row in enumerate(covariance):
        left = row[k] - root[k, :k] @ root[k, :k]
        if left > NO_VARIANCE:  # else the root of a rounding error, a thousand times as large
            root[k:, k] = (covariance[k:, k] - root[k:, :k] @ root[k, :k]) / np.sqrt(left)
    return root


def tukey_p_value(statistics: np.ndarray, n_means: int, df: np.ndarray) -> np.ndarray:
    """Tukey's p-values for all pairwise differences of `n_means` means, by the studentized range.

    Parameters
    ----------
    statistics : (k,)
        t statistics of the differences.
    n_means : int
    df : (k,)

    Returns
    -------
    numpy.ndarray
        Exact for means of equal and independent precision, else a little too large (Tukey–Kramer; Hayter 1984,
        doi:10.1214/aos/1176346392).
    """
    p = np.array(
        [
            stats.studentized_range.sf(abs(t) * np.sqrt(2), n_means, nu)
            for t, nu in zip(statistics, np.minimum(df, 1e6), strict=True)
        ]
    )
    lost = p < STUDENTIZED
    if lost.any():
        correlation = pairwise_correlation(n_means)
        p[lost] = max_t_p_value(np.asarray(statistics)[lost], correlation, np.asarray(df)[lost])
    return p


def tukey_quantile(level: float, n_means: int, df: np.ndarray) -> np.ndarray:
    """The bound of |t| that belongs to `tukey_p_value`, for each of the degrees of freedom `df` (k,)."""
    return np.array([stats.studentized_range.isf(1 - level, n_means, min(nu, 1e6)) for nu in df]) / np.sqrt(2)


def pairwise_correlation(n_means: int) -> np.ndarray:
    """Correlation of all pairwise differences of independent means of one precision."""
    hi, lo = np.triu_indices(n_means, 1)
    differences = np.eye(n_means)[hi] - np.eye(n_means)[lo]
    return differences @ differences.T / 2
