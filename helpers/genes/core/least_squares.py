"""Ordinary and weighted least squares of many responses on one design."""

from dataclasses import dataclass

import numpy as np

from helpers.genes.core.sweep import quadratic, sweep


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """Fits of n genes; see `least_squares`.

    Attributes
    ----------
    weights : (rows, n) or None
        Zero where a value is missing; None if all are one.
    gram, phi : (p, p, n) or (p, p, 1)
        Q'DQ and its inverse.
    coefficients : (p, n)
        On the columns of Q.
    residuals : (rows, n)
        Zero where a value is missing.
    total : (n,)
        Their weighted sum of squares.
    nu : (n,)
        Residual degrees of freedom.
    """

    weights: np.ndarray | None
    gram: np.ndarray
    phi: np.ndarray
    coefficients: np.ndarray
    residuals: np.ndarray
    total: np.ndarray
    nu: np.ndarray

    def tests(self, contrasts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Estimates, standard errors and degrees of freedom (k, n) of contrasts (k, p) of the coefficients on Q."""
        variance = quadratic(self.phi, contrasts[:, :, None]) * (self.total / self.nu)
        return contrasts @ self.coefficients, np.sqrt(variance), np.broadcast_to(self.nu, variance.shape)


def least_squares(q: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> LeastSquares:
    """Fit every gene.

    Parameters
    ----------
    q : (rows, p)
        Orthonormal columns.
    y : (n, rows)
        NaN where missing, if there are weights.
    weights : (n, rows), optional
        Inverse variances up to a factor per gene.

    Returns
    -------
    LeastSquares
    """
    if weights is None:
        values, p = y.T, q.shape[1]
        phi = np.eye(p)[:, :, None]
        coefficients, residuals = _solved(q, values, phi, 1.0)
        total = np.einsum("in,in->n", residuals, residuals)
        return LeastSquares(None, phi, phi, coefficients, residuals, total, np.full(len(y), float(len(q) - p)))
    there = ~np.isnan(y).T
    weights = np.where(there, weights.T, 0.0)
    gram = gram_of(q, weights)
    phi, _ = sweep(gram, q.shape[1])
    coefficients, residuals = _solved(q, np.where(there, y.T, 0.0), phi, weights)
    residuals *= there
    total = np.einsum("in,in,in->n", residuals, weights, residuals)
    return LeastSquares(weights, gram, phi, coefficients, residuals, total, there.sum(axis=0) - float(q.shape[1]))


def gram_of(q: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Q'DQ (p, p, n) of weights (rows, n)."""
    p = q.shape[1]
    return ((q[:, :, None] * q[:, None, :]).reshape(len(q), p * p).T @ weights).reshape(p, p, -1)


def _solved(q, values, phi, weights):
    """Coefficients and residuals; twice, for what rounding left of Q in the residuals."""
    coefficients = np.zeros((q.shape[1], values.shape[1]))
    residuals = values
    for _ in range(2):
        beyond = np.einsum("ijn,jn->in", phi, q.T @ (weights * residuals))
        coefficients += beyond
        residuals = residuals - q @ beyond
    return coefficients, residuals
