"""Both variances of a mixed model moderated: what all genes say about σ² and about λ, brought to bear on each gene.

Prior, as in Smyth 2004 (doi:10.2202/1544-6115.1027): 1/σ² ~ χ²_d0/(d0 s0²). Beside it, independent of σ², λ takes one
of K values with probabilities π, a histogram that the genes themselves fill (Kiefer & Wolfowitz 1956,
doi:10.1214/aoms/1177728066). Given λ the model is one of least squares, and a contrast is a t of d0 + ν degrees of
freedom with the variance (d0 s0² + r'Ṽˉr)/(d0 + ν) · l'Φl. A gene's test is the mean of these over what its own data
leave of π, matched by one t: the precision 1/v of a contrast has a posterior mean m and a posterior variance s, and a
t of 2m²/s degrees of freedom with variance 1/m has the same two.

With all of π at 0 this is limma; with all of it at one λ, limma with that correlation within groups.
"""

from dataclasses import dataclass

import numpy as np

from helpers.genes.core.optimum import Height
from helpers.genes.core.sweep import quadratic

COARSEST, FINEST = 0.4, 0.1  # steps of log(1 + λ·scale), the logarithm of what λ multiplies a group mean's variance by
SHARE_OF_ERROR = 0.7  # a step, as a share of the standard error that the groups leave of that logarithm
FURTHEST = 14.0  # as far as helpers.genes.core.optimum goes
NEGLIGIBLE = 40.0  # −2 log-likelihood above a gene's best from which on a λ no longer counts
EM_STEPS, NEWTON_STEPS = 20, 100
CONVERGED = 1e-10  # Newton decrement of the log-likelihood per gene


@dataclass(frozen=True, eq=False)
class Prior:
    """What the genes have in common.

    Attributes
    ----------
    df, variance : float
        d0, infinite where variances differ no more than by chance, and s0².
    ratios : (K,)
        Values of λ, from 0 up.
    """

    df: float
    variance: float
    ratios: np.ndarray

    def misfit(self, at, nu):
        """−2 log-likelihood at a `Height` with σ² integrated out, but for constants."""
        if np.isinf(self.df):
            return at.log_det + at.rss / self.variance
        return at.log_det + (self.df + nu) * np.log(self.df * self.variance + at.rss)

    def posterior_variance(self, rss, nu):
        """σ², given λ."""
        if np.isinf(self.df):
            return np.full(rss.shape, self.variance)
        return (self.df * self.variance + rss) / (self.df + nu)


def ratios(scale, df_between):
    """The values λ may take: even steps of log(1 + λ·scale), fine enough for this many groups."""
    step = np.clip(SHARE_OF_ERROR * np.sqrt(2 / df_between), FINEST, COARSEST)
    return np.expm1(np.arange(0, FURTHEST, step)) / scale


@dataclass(frozen=True, eq=False)
class Paths:
    """Genes along λ: one entry for each gene and each λ that may count, m in all.

    Attributes
    ----------
    gene, point : (m,) int
        Which gene of the model, which of the prior's ratios.
    misfit, variance : (m,)
        −2 log-likelihood above the gene's least; posterior mean of σ², given λ.
    estimate, unit : (k, m)
        Contrasts, and their variances over σ².
    """

    gene: np.ndarray
    point: np.ndarray
    misfit: np.ndarray
    variance: np.ndarray
    estimate: np.ndarray
    unit: np.ndarray

    def likelihood(self, n, width):
        """exp(−misfit/2) as a matrix (n genes, width points)."""
        table = np.zeros((n, width))
        table[self.gene, self.point] = np.exp(-self.misfit / 2)
        return table


def paths(model, prior, contrasts):
    """Follow every gene of a model along λ, until nothing further out can count.

    Parameters
    ----------
    model : helpers.genes.core.shared.Shared or helpers.genes.core.own.Own
    prior : Prior
    contrasts : (k, p)
        Of the coefficients on Q.

    Returns
    -------
    Paths
    """
    active, best, entries = np.arange(model.n_genes), np.full(model.n_genes, np.inf), []
    for point, ratio in enumerate(prior.ratios):
        at, coefficients, phi = model.solved(np.full(len(active), ratio), active)
        nu = model.nu[active]
        misfit = prior.misfit(at, nu)
        variance = prior.posterior_variance(at.rss, nu)
        unit = np.broadcast_to(quadratic(phi, contrasts[:, :, None]), (len(contrasts), len(active)))
        entries.append((active, np.full(len(active), point), misfit, variance, contrasts @ coefficients, unit))
        best[active] = np.minimum(best[active], misfit)
        furthest = prior.misfit(Height(at.log_det, model.within[active]), nu)  # log_det rises, rss stays above this
        active = active[furthest < best[active] + NEGLIGIBLE]
        if not len(active):
            break
    gene, point, misfit, variance, estimate, unit = (
        np.concatenate(each, axis=-1) for each in zip(*entries, strict=True)
    )
    return Paths(gene, point, misfit - best[gene], variance, estimate, unit)


def shares(likelihood):
    """π: which part of the genes has which λ.

    The maximum of Σ log(Lπ) + Σ log(π)/K, by Newton's method after some steps of EM: the second term is one more gene,
    that could have any λ, so no share is quite zero and the maximum is unique.

    Parameters
    ----------
    likelihood : (n, K)
        L, each row up to a factor.

    Returns
    -------
    (K,)
        Adding up to 1.
    """
    n, width = likelihood.shape
    own = 1 / width
    share = np.full(width, own)
    for _ in range(EM_STEPS):
        share = (share * (likelihood.T @ (1 / (likelihood @ share))) + own) / (n + 1)

    def height(share):
        return np.log(likelihood @ share).sum() + own * np.log(share).sum() - (n + 1) * share.sum()

    here = height(share)
    for _ in range(NEWTON_STEPS):
        relative = likelihood * (
            share / (likelihood @ share)[:, None]
        )  # derivatives in log π: positive whatever the step
        gradient = relative.sum(axis=0) + own - (n + 1) * share
        curved = relative.T @ relative + np.diag(np.full(width, own))
        step = np.linalg.solve(curved, gradient)
        decrement = gradient @ step
        if decrement < CONVERGED * n:
            return share / share.sum()
        length = min(1.0, 0.99 / max(1e-300, -step.min()))
        while height(share * (1 + length * step)) < here + 0.1 * length * decrement and length > 1e-8:
            length /= 2
        share = share * (1 + length * step)
        here = height(share)
    raise ArithmeticError("The shares of the variance ratios did not converge.")


@dataclass(frozen=True, eq=False)
class Moderated:
    """Posterior of n genes: `estimate, std_error, df` (k, n) of the matched t; `variance` (n,), of σ²."""

    estimate: np.ndarray
    std_error: np.ndarray
    df: np.ndarray
    variance: np.ndarray


def posterior(found, share, prior, nu):
    """What is known of the contrasts of every gene, whatever its λ.

    Parameters
    ----------
    found : Paths
    share : (K,)
    prior : Prior
    nu : (n,)
        n − p of each gene.

    Returns
    -------
    Moderated
    """
    n = len(nu)

    def mean(values):
        """Over λ, of each gene."""
        return np.stack([np.bincount(found.gene, weight * row, n) for row in np.atleast_2d(values)])

    weight = share[found.point] * np.exp(-found.misfit / 2)
    weight = weight / np.bincount(found.gene, weight, n)[found.gene]
    precision = 1 / (found.variance * found.unit)
    estimate, middle = mean(found.estimate), mean(precision)
    scatter = mean((precision - middle[:, found.gene]) ** 2) + mean(precision**2) * 2 / (prior.df + nu)
    moved = mean((found.estimate - estimate[:, found.gene]) ** 2)  # the estimate itself depends on λ
    with np.errstate(divide="ignore"):
        df = 2 * middle**2 / scatter
    return Moderated(estimate, np.sqrt(1 / middle + moved), df, 1 / mean(1 / found.variance)[0])
