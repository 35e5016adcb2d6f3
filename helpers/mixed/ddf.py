"""Denominator degrees of freedom: Satterthwaite and Kenward–Roger. Arrays in, arrays out.

Both start from the same quantities of a fitted V(φ) = Σ φ_k V_k, with W the inverse of V and Φ = (X'WX)ˉ the covariance
of the estimates: how Φ moves with the variance parameters, and how uncertain those are. `helpers.mixed.reml` supplies
them from cross-products; nothing here knows the data.

Satterthwaite: Kuznetsova, Brockhoff & Christensen 2017, doi:10.18637/jss.v082.i13 (R's lmerTest).
Kenward–Roger: Kenward & Roger 1997, doi:10.2307/2533558; Halekoh & Højsgaard 2014, doi:10.18637/jss.v059.i09 (R's
pbkrtest).
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

POSITIVE = 1e-8  # eigenvalues of the Hessian below this carry no information (lmerTest's tolerance)
ZERO = 1e-10


@dataclass(frozen=True)
class Satterthwaite:
    """What Satterthwaite's method needs.

    Attributes
    ----------
    phi : (p, p)
        Φ, the covariance of the estimates.
    gradients : (K, p, p)
        ∂Φ/∂(each variance parameter).
    covariance : (K, K)
        Asymptotic covariance of the variance parameters, see `asymptotic_covariance`.
    """

    phi: np.ndarray
    gradients: np.ndarray
    covariance: np.ndarray

    def df(self, contrasts):
        """Degrees of freedom 2v²/var(v̂) of each row of `contrasts` (k, p), where v = l'Φl."""
        variance = np.einsum("ki,ij,kj->k", contrasts, self.phi, contrasts)
        slopes = np.einsum("ki,mij,kj->km", contrasts, self.gradients, contrasts)
        uncertainty = np.einsum("km,mn,kn->k", slopes, self.covariance, slopes)
        with np.errstate(divide="ignore"):
            return 2 * variance**2 / uncertainty

    def test(self, contrasts, estimates):
        """F test of contrasts (q, p) being zero: F, numerator and denominator degrees of freedom.

        In coordinates where the contrasts have covariance I, its estimate is I + D, and F is the mean of the q squares
        of b'(I + D)ˉb. To second order E(F) = tr(I − M)ˉ/q, where M = E(DD) (q, q) comes from the gradients. The
        denominator degrees of freedom give F(q, ·) this mean: each eigenvalue μ of M takes part as a t with 2/μ degrees
        of freedom, and these are pooled as in lmerTest (Fai & Cornelius 1996, doi:10.1080/00949659608811740).

        However the hypothesis is written, M has the same eigenvalues. lmerTest takes the t of the eigenvectors of LΦL'
        instead, which depend on how it is written, and leaves out what their variances share: the elements of D off
        the diagonal. Where there are none, both agree; with the q variances and the covariances of random slopes all
        estimated, F has the mean of Hotelling's T²/q here and a smaller one there.
        """
        values, vectors = np.linalg.eigh(contrasts @ self.phi @ contrasts.T)
        kept = values > values[-1] * 1e-10
        white = (vectors[:, kept] / np.sqrt(values[kept])).T @ contrasts
        moved = white @ self.gradients @ white.T
        spread = np.einsum("km,kij,mjl->il", self.covariance, moved, moved)
        statistic = np.mean((white @ estimates) ** 2)
        known = np.finfo(float).tiny  # a variance that is known, up to rounding
        shares = np.maximum(np.linalg.eigvalsh((spread + spread.T) / 2), known)
        return float(statistic), len(white), _pooled_df(2 / shares)


def asymptotic_covariance(hessian):
    """2 H⁻¹ of a deviance, from the eigenvalues of H that are positive: flat directions are left out."""
    values, vectors = np.linalg.eigh(hessian)
    kept = values > POSITIVE
    return 2 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T


def _pooled_df(df):
    """One number of degrees of freedom for several; 2, as in lmerTest, where a t² among them has no mean."""
    if np.ptp(df) < 1e-8 * df.max():
        return float(df.mean())
    if (df <= 2).any():
        return 2.0
    expected = np.sum(df / (df - 2))
    return float(2 * expected / (expected - len(df)))


@dataclass(frozen=True)
class KenwardRoger:
    """What the Kenward–Roger method needs; make it with `kenward_roger`.

    Attributes
    ----------
    phi : (p, p)
        Φ.
    adjusted : (p, p)
        Φ_A, the covariance that allows for the variance parameters being estimated; standard errors come from it.
    p_k : (K, p, p)
        ∂Φ⁻¹/∂φ_k = −X'WV_kWX.
    covariance : (K, K)
        Asymptotic covariance of φ̂, twice the inverse of the expected information.
    """

    phi: np.ndarray
    adjusted: np.ndarray
    p_k: np.ndarray
    covariance: np.ndarray

    def df(self, contrasts):
        """Degrees of freedom of each row of `contrasts` (k, p)."""
        return np.array([self._scaling(row[None, :])[1] for row in contrasts])

    def test(self, contrasts, estimates):
        """F test of contrasts (q, p) being zero: scaled F, numerator and denominator degrees of freedom."""
        scale, df = self._scaling(contrasts)
        value = contrasts @ estimates
        wald = value @ np.linalg.solve(contrasts @ self.adjusted @ contrasts.T, value)
        return float(scale * wald / len(contrasts)), len(contrasts), df

    def _scaling(self, contrasts):
        """λ and m: λF is taken to follow F(q, m). The letters are those of Kenward & Roger (1997)."""
        q = len(contrasts)
        theta = contrasts.T @ np.linalg.solve(contrasts @ self.phi @ contrasts.T, contrasts)
        moved = theta @ self.phi @ self.p_k @ self.phi  # ΘΦP_kΦ
        traces = np.trace(moved, axis1=1, axis2=2)
        a1 = traces @ self.covariance @ traces
        a2 = np.einsum("km,kij,mji->", self.covariance, moved, moved)
        if q == 1:  # the formulas below come down to this, and lose all digits near m = 2
            return 1.0, float(2 / a2)
        b = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        base = 3 * q + 2 * (1 - g)
        v0, v1, v2 = 1 + g / base * b, 1 - (q - g) / base * b, 1 - (q + 2 - g) / base * b
        ratio = _ratio(1 - a2 / q, v1)
        rho = np.inf if abs(v2) < ZERO else ratio**2 * v0 / (q * v2)
        m = 4 + (q + 2) / (q * rho - 1)
        return (1.0 if abs(m - 2) < 0.01 else m * (1 - a2 / q) / (m - 2)), float(m)


def _ratio(numerator, denominator):
    """A quotient whose limit is 1 where both vanish, as they do together for exact F tests."""
    return 1.0 if max(abs(numerator), abs(denominator)) < ZERO else numerator / denominator


def kenward_roger(phi, trace2, x_k, x_km):
    """Set up the Kenward–Roger method.

    Parameters
    ----------
    phi : (p, p)
        Φ = (X'WX)⁻¹.
    trace2 : (K, K)
        tr(WV_kWV_m).
    x_k : (K, p, p)
        X'WV_kWX.
    x_km : (K, K, p, p)
        X'WV_kWV_mWX.

    Returns
    -------
    KenwardRoger
    """
    phi_x = phi @ x_k
    information = (
        trace2 - 2 * np.einsum("ij,kmji->km", phi, x_km) + np.einsum("kij,mji->km", phi_x, phi_x)
    )  # twice the expected information of φ
    covariance = 2 * linalg.pinvh((information + information.T) / 2)
    u = np.einsum("km,kmij->ij", covariance, x_km) - np.einsum("km,kij,jl,mln->in", covariance, x_k, phi, x_k)
    adjusted = phi + 2 * phi @ u @ phi
    return KenwardRoger(phi, (adjusted + adjusted.T) / 2, -x_k, covariance)
