"""Predicted random effects and how uncertain they are, from the stages in which they were eliminated.

The other way round than estimation: the last stage is known first. Arrays in, arrays out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from helpers.design.crossproducts import CrossProducts
    from helpers.mixed.reml import Solution

AT_ONCE = 2**22  # entries of a dense product that is taken in parts


def modes(data: CrossProducts, at: Solution) -> list[np.ndarray]:
    """Conditional modes of the random effects (BLUPs) in orthonormal coordinates, per term (levels, size)."""
    weights = np.append(-at.beta, 1.0)
    known = np.empty(0)
    for step in reversed(at.steps):
        here = (step.f.qe @ weights).ravel()
        if step.f.late is not None:
            here = here - step.f.late @ known
        known = np.concatenate([here, known])
    return [known[where] for where in data.positions]


def conditional_covariances(data: CrossProducts, at: Solution) -> list[np.ndarray]:
    """Conditional covariance of the random effects of each level, σ² factored out, per term (levels, size, size).

    The inverse of the system is needed where it has entries (Takahashi, Fagan & Chin 1973): a level's own block is
    F + f K f', where K is the conditional covariance of the later random effects that it is linked with.
    """
    blocks, known = [], None
    for step in reversed(at.steps):
        here = step.big_f
        if step.f.late is not None:
            here = here + _spread(step.f.late, known, here.shape[1])
        blocks.append(here)
        if step is not at.steps[0]:
            known = _joined(here, step.f.late, known)
    return [_of_levels(data, k, blocks[::-1]) for k in range(len(data.terms))]


def _spread(late, known, width):
    """The diagonal blocks of f K f', some rows of f at a time."""
    out = np.empty((late.shape[0] // width, width, width))
    part = max(AT_ONCE // late.shape[1], 1)
    for first in range(0, len(out), part):
        rows = late[first * width : (first + part) * width]
        moved = sparse.csr_array(rows @ known) if sparse.issparse(known) else np.asarray(rows @ known)
        for a in range(width):
            for b in range(width):
                out[first : first + part, a, b] = rows[a::width].multiply(moved[b::width]).sum(axis=1)
    return out


def _joined(here, late, known):
    """The conditional covariance of a stage and those after it, where the system has entries."""
    count = len(here)
    if known is None and count == 1:
        return here[0]
    own = sparse.csr_array(sparse.bsr_array((here, np.arange(count), np.arange(count + 1))))
    if known is None:
        return own
    if late is None:
        return sparse.csr_array(sparse.block_diag([own, known]))
    linked = late.copy()
    linked.data = np.ones_like(late.data)
    across = -linked.multiply(late @ known)
    return sparse.csr_array(sparse.block_array([[own, across], [across.T, known]]))


def _of_levels(data, k, blocks):
    """The blocks of the levels of one term."""
    where, size = data.positions[k], data.terms[k].size
    out = np.empty((len(where), size, size))
    for stage, block in zip(data.stages, blocks, strict=True):
        here = (where[:, 0] >= stage.start) & (where[:, 0] < stage.stop)
        number, inner = np.divmod(where[here] - stage.start, stage.width)
        out[here] = block[number[:, :1, None], inner[:, :, None], inner[:, None, :]]
    return out
