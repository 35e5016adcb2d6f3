"""Means over all levels of the grouping factors: an inverse link averaged over normal random intercepts.

The mean over groups is not the mean of a typical group, for links are bent: E h(η + b) is nearer to ½ than h(η) where h
is the logistic function. The trapezoidal rule over ±9 standard deviations has all digits (its error falls exponentially
with the step, for the functions have no pole near the axis; Trefethen & Weideman 2014, doi:10.1137/130932132).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.mixed.generalized.inverse_links import Link

NODES = np.linspace(-9, 9, 721)
WEIGHTS = np.exp(-(NODES**2) / 2) * (NODES[1] - NODES[0]) / np.sqrt(2 * np.pi)
AT_ONCE = 2_000  # rows


@dataclass(frozen=True)
class IntegratedLink:
    """A link averaged over independent random intercepts: the interface of `Link`, and derivatives by their deviations.

    Attributes
    ----------
    link : Link
    deviations : (q,)
        Standard deviations of the random intercepts, one for each term.
    """

    link: Link
    deviations: np.ndarray

    @property
    def _total(self):
        return float(np.sqrt((self.deviations**2).sum()))

    def _mean(self, function, eta, weights=WEIGHTS):
        eta = np.asarray(eta, dtype=float)
        chunks = np.array_split(eta, max(1, -(-len(eta) // AT_ONCE)))
        return np.concatenate([function(chunk[:, None] + self._total * NODES) @ weights for chunk in chunks])

    def inverse(self, eta: np.ndarray) -> np.ndarray:
        """E h(η + b)."""
        return self._mean(self.link.inverse, eta)

    def slope(self, eta: np.ndarray) -> np.ndarray:
        """Its derivative by η."""
        return self._mean(self.link.slope, eta)

    def curvature(self, eta: np.ndarray) -> np.ndarray:
        """Its second derivative by η."""
        return self._mean(self.link.curvature, eta)

    def by_deviations(self, eta: np.ndarray) -> np.ndarray:
        """Derivatives of the mean by the deviations, (n, q)."""
        return self._along(self.link.slope, eta)

    def slope_by_deviations(self, eta: np.ndarray) -> np.ndarray:
        """Derivatives of the slope by the deviations, (n, q)."""
        return self._along(self.link.curvature, eta)

    def _along(self, derivative, eta):
        share = self.deviations / self._total if self._total > 0 else np.zeros(len(self.deviations))
        return self._mean(derivative, eta, WEIGHTS * NODES)[:, None] * share
