"""The sweep operator on many symmetric matrices at once (Goodnight 1979, doi:10.1080/00031305.1979.10482685).

Sweeping X'X out of [X'X, X'y; y'X, y'y] leaves the inverse, the coefficients and the residual sum of squares in their
places. Matrices stand along the last axis: (m, m, n).
"""

import numpy as np


def sweep(matrices: np.ndarray, k: int, tolerance: float | np.ndarray = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Sweep the first `k` rows and columns.

    Parameters
    ----------
    matrices : (m, m, n)
        Symmetric; left as they are.
    k : int
    tolerance : float or (k, n)
        A pivot up to this is skipped: its column is a combination of those before it.

    Returns
    -------
    swept : (m, m, n)
        The inverse of the k × k block, its product with the columns after it (and minus that, transposed, in the rows
        after it), and the Schur complement. Rows and columns that were skipped are zero.
    pivots : (k, n)
        Their product is the block's determinant; those skipped are zero.
    """
    swept, pivots = matrices.copy(), np.empty((k, matrices.shape[2]))
    limits = np.broadcast_to(tolerance, pivots.shape)
    for j in range(k):
        kept = swept[j, j] > limits[j]
        pivots[j] = np.where(kept, swept[j, j], 0)
        scale = np.where(kept, 1 / np.where(kept, swept[j, j], 1), 0)
        row, column = swept[j] * scale, swept[:, j].copy()
        column[j] = 0
        swept -= column[:, None] * row
        swept[j], swept[:, j] = row, -column * scale
        swept[j, j] = scale
    return swept, pivots


def quadratic(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return v'Mv of every gene: matrices (m, m, n), vectors (..., m, n)."""
    return np.einsum("...in,...in->...n", vectors, np.einsum("ijn,...jn->...in", matrices, vectors))


def trace_of_product(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return tr(AB) of symmetric matrices (m, m, n)."""
    return np.einsum("ijn,ijn->n", one, other)
