"""Estimates, standard errors and degrees of freedom of contrasts, for every gene at once.

Satterthwaite as in R's lmerTest (Kuznetsova, Brockhoff & Christensen 2017, doi:10.18637/jss.v082.i13), Kenward–Roger as
in pbkrtest (Halekoh & Højsgaard 2014, doi:10.18637/jss.v059.i09). With one random intercept both come down to a few
numbers per gene and contrast. `helpers.mixed.ddf` has the general form.
"""

from dataclasses import dataclass

import numpy as np

from helpers.genes.core.optimum import Moments
from helpers.genes.core.sweep import quadratic

POSITIVE = 1e-8  # eigenvalues of the Hessian below this carry no information, as in helpers.mixed.ddf


@dataclass(frozen=True, eq=False)
class State:
    """The models of n genes at their optima.

    Attributes
    ----------
    lam, nu, sigma2, deviance : (n,)
        λ = θ²; n − p; σ²; lme4's REML criterion.
    coefficients : (p, n)
        On the columns of Q.
    phi, first, second : (p, p, n)
        Φ = (Q'ṼˉQ)ˉ, Q'ṼˉVṼˉQ and Q'ṼˉVṼˉVṼˉQ, where V = ZZ'.
    moments : Moments
    """

    lam: np.ndarray
    nu: np.ndarray
    sigma2: np.ndarray
    deviance: np.ndarray
    coefficients: np.ndarray
    phi: np.ndarray
    first: np.ndarray
    second: np.ndarray
    moments: Moments

    def tests(self, contrasts, ddf):
        """Test contrasts of the coefficients on Q.

        Parameters
        ----------
        contrasts : (k, p)
        ddf : {"satterthwaite", "kenward-roger", "normal"}

        Returns
        -------
        estimates, standard errors, degrees of freedom : each (k, n)
        """
        estimate = contrasts @ self.coefficients
        moved = np.einsum("ijn,kj->kin", self.phi, contrasts)  # Φl
        unit = np.einsum("ki,kin->kn", contrasts, moved)  # l'Φl
        change = quadratic(self.first, moved)  # its derivative in λ
        if ddf == "kenward-roger":
            unit, df = self._kenward_roger(moved, unit, change)
        elif ddf == "satterthwaite":
            df = self._satterthwaite(unit, change)
        else:
            df = np.full(unit.shape, np.inf)
        return estimate, np.sqrt(self.sigma2 * unit), df

    def _satterthwaite(self, unit, change):
        """2v²/var(v̂) of v = σ²l'Φl, in the coordinates θ and σ/σ̂; v's unit σ² cancels."""
        theta, at = np.sqrt(self.lam), self.moments
        slope = at.slope / self.sigma2
        by_theta = 4 * self.lam * (2 * at.bend / self.sigma2 - at.trace2) + 2 * (at.trace - slope)
        mixed, by_sigma = 4 * theta * slope, 4 * self.nu
        in_theta, in_sigma = 2 * theta * change, 2 * unit
        with np.errstate(divide="ignore", invalid="ignore"):
            uncertainty = 2 * _inverse_form(by_theta, mixed, by_sigma, in_theta, in_sigma)
            return 2 * unit**2 / uncertainty

    def _kenward_roger(self, moved, unit, change):
        """The adjusted l'Φl and the degrees of freedom.

        With parameters φ = (σ²λ, σ²) and σ² taken out, V_1 = V and V_2 = Dˉ = Ṽ − λV, so all that involves V_2 follows
        from what involves V_1 alone. The expected information is tr(PV_kPV_l).
        """
        lam, at = self.lam, self.moments
        i11, i12, i22 = at.trace2, at.trace - lam * at.trace2, self.nu - 2 * lam * at.trace + lam**2 * at.trace2
        scale = 2 / (i11 * i22 - i12**2)
        c11, c12, c22 = scale * i22, -scale * i12, scale * i11
        f1 = change / unit  # l'ΦP_kΦl/l'Φl
        f2 = 1 - lam * f1
        df = 2 / (c11 * f1**2 + 2 * c12 * f1 * f2 + c22 * f2**2)
        turned = np.einsum("ijn,kjn->kin", self.first, moved)
        difference = quadratic(self.second, moved) - quadratic(self.phi, turned)  # l'Φ(Q_11 − P_1ΦP_1)Φl
        return unit + 2 * difference * (c11 - 2 * lam * c12 + lam**2 * c22), df


def _inverse_form(a, b, c, u, v):
    """(u, v)H⁻(u, v)' for H = [a, b; b, c], leaving out eigenvalues that are not positive; c > 0."""
    largest = (a + c) / 2 + np.hypot((a - c) / 2, b)
    determinant = a * c - b * b
    full = (c * u * u - 2 * b * u * v + a * v * v) / determinant
    x, y = b, largest - a  # the eigenvector of the largest
    single = (x * u + y * v) ** 2 / ((x * x + y * y) * largest)
    return np.where(determinant / largest > POSITIVE, full, single)
