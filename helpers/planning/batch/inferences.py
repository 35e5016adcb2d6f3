"""Covariances and degrees of freedom of contrasts, for many outcomes at their optima.

Satterthwaite's and Kenward–Roger's methods as in `helpers.mixed.inference` and `helpers.mixed.ddf`, which have the
formulas and the papers; outcomes run along the last axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from helpers.mixed.ddf import POSITIVE, ZERO
from helpers.planning.batch.heights import At, jacobian, psi_derivatives, to_theta


@dataclass(frozen=True, eq=False)
class Tests:
    """What the tests of contrasts need but the estimates.

    Attributes
    ----------
    std_error, df : (k, N)
        Of single contrasts.
    """

    std_error: np.ndarray
    df: np.ndarray


@dataclass(frozen=True, eq=False)
class JointTest:
    """An F test of q contrasts: F = `scale` · v'`precision` v / q for their estimates v.

    Attributes
    ----------
    precision : (q, q, N)
    scale, df : (N,)
    """

    precision: np.ndarray
    scale: np.ndarray
    df: np.ndarray


class Inferences:
    """The covariance of the estimates on Q, its derivatives, and how certain the variances are.

    Parameters
    ----------
    here : At
        Outcomes at their optima.
    ddf : {"satterthwaite", "kenward-roger", "normal"}

    Attributes
    ----------
    covariance : (p, p, N)
        Kenward and Roger's own for "kenward-roger".
    """

    def __init__(self, here: At, ddf: Literal["satterthwaite", "kenward-roger", "normal"]):
        self.ddf, self.phi = ddf, here.sigma2 * here.phi
        self.covariance = self.phi
        if ddf == "satterthwaite":
            self.gradients, self.uncertainty = _by_theta(here)
        elif ddf == "kenward-roger":
            self.covariance, self.gradients, self.uncertainty = _kenward_roger(here)

    def tests(self, contrasts: np.ndarray) -> Tests:
        """Standard errors and degrees of freedom of contrasts (k, p) on Q."""
        variance = np.einsum("ki,ijn,kj->kn", contrasts, self.covariance, contrasts, optimize=True)
        if self.ddf == "normal":
            return Tests(np.sqrt(variance), np.full(variance.shape, np.inf))
        unadjusted = np.einsum("ki,ijn,kj->kn", contrasts, self.phi, contrasts, optimize=True)
        slopes = np.einsum("ki,mijn,kj->kmn", contrasts, self.gradients, contrasts, optimize=True)
        spread = np.einsum("kmn,mln,kln->kn", slopes, self.uncertainty, slopes, optimize=True)
        with np.errstate(divide="ignore"):
            return Tests(np.sqrt(variance), 2 * unadjusted**2 / spread)

    def joint(self, contrasts: np.ndarray) -> JointTest:
        """The F test that contrasts (q, p) on Q, independent of each other, are all zero."""
        q = len(contrasts)
        own = np.einsum("ki,ijn,lj->nkl", contrasts, self.covariance, contrasts, optimize=True)
        precision = np.linalg.inv(own).transpose(1, 2, 0)
        one = np.ones(own.shape[0])
        if self.ddf == "normal":
            return JointTest(precision, one, np.full(own.shape[0], np.inf))
        unadjusted = np.einsum("ki,ijn,lj->nkl", contrasts, self.phi, contrasts, optimize=True)
        values, vectors = np.linalg.eigh(unadjusted)
        white = vectors / np.sqrt(values)[:, None, :]  # W'CW = I
        slopes = np.einsum("ki,mijn,lj->nmkl", contrasts, self.gradients, contrasts, optimize=True)
        moved = np.einsum("nka,nmkl,nlb->nmab", white, slopes, white, optimize=True)
        if self.ddf == "satterthwaite":
            spread = np.einsum("kmn,nkij,nmjl->nil", self.uncertainty, moved, moved, optimize=True)
            shares = np.maximum(np.linalg.eigvalsh((spread + spread.swapaxes(1, 2)) / 2), np.finfo(float).tiny)
            return JointTest(precision, one, _pooled(2 / shares))
        traces = np.einsum("nmaa->nm", moved)
        a1 = np.einsum("nk,kmn,nm->n", traces, self.uncertainty, traces, optimize=True)
        a2 = np.einsum("kmn,nkij,nmji->n", self.uncertainty, moved, moved, optimize=True)
        return JointTest(precision, *_scaling(q, a1, a2))


def _pooled(df):
    """(N, q) degrees of freedom to (N,), as `helpers.mixed.ddf` pools them."""
    q, one = df.shape[1], np.ptp(df, axis=1) < 1e-8 * df.max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.sum(df / (df - 2), axis=1)
        pooled = 2 * expected / (expected - q)
    return np.where(one, df.mean(axis=1), np.where((df <= 2).any(axis=1), 2.0, pooled))


def _scaling(q, a1, a2):
    """λ and m of Kenward & Roger (1997), as `helpers.mixed.ddf`."""
    if q == 1:
        return np.ones_like(a2), 2 / a2
    with np.errstate(divide="ignore", invalid="ignore"):
        b = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        base = 3 * q + 2 * (1 - g)
        v0, v1, v2 = 1 + g / base * b, 1 - (q - g) / base * b, 1 - (q + 2 - g) / base * b
        exact = np.maximum(np.abs(1 - a2 / q), np.abs(v1)) < ZERO
        ratio = np.where(exact, 1.0, (1 - a2 / q) / v1)
        rho = np.where(np.abs(v2) < ZERO, np.inf, ratio**2 * v0 / (q * v2))
        m = 4 + (q + 2) / (q * rho - 1)
        return np.where(np.abs(m - 2) < 0.01, 1.0, m * (1 - a2 / q) / (m - 2)), m


def _by_theta(here):
    """Derivatives of Φ in θ and σ/σ̂ (m, p, p, N), and the covariance of these parameters (m, m, N)."""
    found, sigma2, products = here.traces, here.sigma2, here.design.products
    gradient, hessian = psi_derivatives(here, sigma2=sigma2)
    _, by_theta = to_theta(products, here.theta, gradient, hessian)
    moved = jacobian(products, here.theta)
    mixed = np.einsum("kmn,kn->mn", moved, 2 * found.a / sigma2)
    k, n = len(here.theta), len(sigma2)
    whole = np.empty((n, k + 1, k + 1))
    whole[:, :k, :k] = by_theta.transpose(2, 0, 1)
    whole[:, :k, k] = whole[:, k, :k] = mixed.T
    whole[:, k, k] = 4 * here.rss / sigma2
    values, vectors = np.linalg.eigh(whole)
    inverse = np.where(values > POSITIVE, 1 / np.where(values > POSITIVE, values, 1), 0)
    uncertainty = 2 * np.einsum("nij,nj,nkj->ikn", vectors, inverse, vectors, optimize=True)
    turned = np.einsum("ijn,kjln,lmn->kimn", here.phi, found.p, here.phi, optimize=True) * sigma2
    slopes = np.einsum("kmn,kijn->mijn", moved, turned)
    return np.concatenate([slopes, 2 * sigma2 * here.phi[None]]), uncertainty


def _kenward_roger(here):
    """The adjusted covariance; slopes of Φ (k, p, p, N) in the variances over σ²; the covariance of these.

    The residual variance is the last.
    """
    found, products, phi = here.traces, here.design.products, here.phi
    offsets = [place.offset for place in here.design.places]
    psi = np.array([here.psi[offsets[k] + a, offsets[k] + b] for k, a, b in products.pairs])
    information = np.linalg.inv(phi.transpose(2, 0, 1)).transpose(1, 2, 0)
    count, n = len(psi), phi.shape[2]
    trace2 = np.empty((count + 1, count + 1, n))
    trace2[:count, :count] = found.trace2
    trace2[:count, count] = trace2[count, :count] = found.trace - np.einsum("kmn,mn->kn", found.trace2, psi)
    trace2[count, count] = products.n - 2 * np.einsum("kn,kn->n", psi, found.trace)
    trace2[count, count] += np.einsum("kn,kmn,mn->n", psi, found.trace2, psi, optimize=True)
    x_k = np.concatenate([found.p, (information - np.einsum("kn,kijn->ijn", psi, found.p))[None]])
    row = found.p - np.einsum("mn,kmijn->kijn", psi, found.q)
    x_km = np.empty((count + 1, count + 1, *phi.shape))
    x_km[:count, :count], x_km[:count, count], x_km[count, :count] = found.q, row, row.swapaxes(1, 2)
    x_km[count, count] = x_k[count] - np.einsum("kn,kijn->ijn", psi, row)
    phi_x = np.einsum("ijn,kjln->kiln", phi, x_k)
    expected = trace2 - 2 * np.einsum("ijn,kmjin->kmn", phi, x_km) + np.einsum("kijn,mjin->kmn", phi_x, phi_x)
    expected = (expected + expected.swapaxes(0, 1)).transpose(2, 0, 1) / 2
    uncertainty = 2 * np.linalg.pinv(expected, hermitian=True).transpose(1, 2, 0)
    u = np.einsum("kmn,kmijn->ijn", uncertainty, x_km)
    u = u - np.einsum("kmn,kijn,jln,mlrn->irn", uncertainty, x_k, phi, x_k, optimize=True)
    adjusted = phi + 2 * np.einsum("ijn,jkn,kln->iln", phi, u, phi, optimize=True)
    adjusted = (adjusted + adjusted.swapaxes(0, 1)) / 2
    sigma2 = here.sigma2
    moved = np.einsum("kijn,jln->kiln", phi_x, phi)  # ΦX_kΦ, the slope of Φ
    return sigma2 * adjusted, sigma2 * moved, uncertainty
