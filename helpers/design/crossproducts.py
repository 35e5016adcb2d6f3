"""A mixed model's data, reduced to the cross-products that estimation needs.

Random effects that share no observation fall into separate *blocks*: the groups of a single grouping factor, or one
block for crossed factors. Blocks are padded to one width w and worked on as stacked (n_blocks, w, w) arrays, so no
matrix of n × n, and none of q × q unless the factors are fully crossed, is ever built.

Before anything else X is made orthonormal (X = QR), y is replaced by its least-squares residuals, and the columns of
each random term are made orthonormal too (by a lower-triangular matrix, so that Λ stays lower triangular). The optimum
is the same; the arithmetic neither loses digits to large offsets nor depends on units.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from helpers.threads import one_thread


@dataclass(frozen=True)
class Term:
    """Where one random term stands in a block: `slots` levels of `size` columns each, from `offset` on."""

    offset: int
    slots: int
    size: int

    @property
    def stop(self):
        """First position after the term."""
        return self.offset + self.slots * self.size

    def rows(self, a):
        """Positions of column `a` in all slots."""
        return slice(self.offset + a, self.stop, self.size)

    @cached_property
    def pairs(self):
        """(row, column) of the lower triangle, column by column as in lme4's θ."""
        return [(a, b) for b in range(self.size) for a in range(b, self.size)]


@dataclass(frozen=True)
class CrossProducts:
    """All that estimation needs of the data, in the orthonormal coordinates of the module docstring.

    Attributes
    ----------
    ztz : (n_blocks, w, w), ztq : (n_blocks, w, p), zte : (n_blocks, w)
        Z'Z, Z'Q and Z'e, block by block; e are the least-squares residuals of y.
    ete : float
        Their sum of squares.
    n, p : int
        Rows; columns of X.
    log_det_xtx : float
        log|X'X| of the original columns.
    r : (p, p)
        X = QR.
    coefficients : (p,)
        Least-squares coefficients on the original columns.
    terms : tuple of Term
    to_original : tuple of (size, size)
        For each term the lower-triangular matrix that carries Λ back to the original columns.
    positions : tuple of (n_levels, size) int
        For each term and level, where its random effects stand in the stacked blocks, flattened.
    """

    ztz: np.ndarray
    ztq: np.ndarray
    zte: np.ndarray
    ete: float
    n: int
    p: int
    log_det_xtx: float
    r: np.ndarray
    coefficients: np.ndarray
    terms: tuple
    to_original: tuple
    positions: tuple

    @property
    def width(self):
        """Random effects in a block, padding included."""
        return self.ztz.shape[1]

    @property
    def n_theta(self):
        """Covariance parameters."""
        return sum(len(term.pairs) for term in self.terms)

    @cached_property
    def pairs(self):
        """(term, row, column) of every covariance parameter, in the order of θ."""
        return [(term, a, b) for term in self.terms for a, b in term.pairs]


def cross_products(y, x, random, n=None):
    """Reduce data to what estimation needs.

    Parameters
    ----------
    y : (n,)
    x : (n, p)
        Of full rank.
    random : list of (columns, codes, n_levels)
        For each random term its (n, r) columns, and the (n,) level number of each row.
    n : int, optional
        Observations, where the rows given are not they but have their cross-products.

    Returns
    -------
    CrossProducts
    """
    with one_thread(*x.shape, x.shape[1]):
        return _reduced(y, x, random, len(x) if n is None else n)


def _reduced(y, x, random, n):
    """Cross-products of the orthonormal columns and the least-squares residuals."""
    rows, p = x.shape
    q, r = np.linalg.qr(x)
    coefficients = linalg.solve_triangular(r, q.T @ y)
    e = y - x @ coefficients
    e -= q @ (q.T @ e)  # once more: what rounding left of X in the residuals

    unit_columns, to_original = zip(*(_orthonormal(columns, n) for columns, _, _ in random), strict=True)
    terms, positions, entries = _layout(random, rows)
    n_blocks, width = entries.pop("shape")
    total = n_blocks * width
    where = np.concatenate([positions[k][codes] for k, (_, codes, _) in enumerate(random)], axis=1)
    values = np.concatenate(unit_columns, axis=1)
    if (n_blocks == 1 and width > 200) or rows > 5_000:
        row = np.repeat(np.arange(rows), where.shape[1])
        z = sparse.csr_array((values.ravel(), (row, where.ravel())), shape=(rows, total))
        ztz = _blocks(z.T @ z, n_blocks, width)
        ztq, zte = z.T @ q, z.T @ e
    else:
        ztz = np.zeros((n_blocks, width, width))
        block = where // width
        for i in range(where.shape[1]):
            for j in range(where.shape[1]):
                np.add.at(ztz, (block[:, i], where[:, i] % width, where[:, j] % width), values[:, i] * values[:, j])
        ztq, zte = np.zeros((total, p)), np.zeros(total)
        for i in range(where.shape[1]):
            np.add.at(ztq, where[:, i], values[:, i, None] * q)
            np.add.at(zte, where[:, i], values[:, i] * e)
    return CrossProducts(
        ztz=ztz,
        ztq=np.asarray(ztq).reshape(n_blocks, width, p),
        zte=np.asarray(zte).reshape(n_blocks, width),
        ete=float(e @ e),
        n=n,
        p=p,
        log_det_xtx=2 * float(np.log(np.abs(np.diag(r))).sum()),
        r=r,
        coefficients=coefficients,
        terms=terms,
        to_original=to_original,
        positions=positions,
    )


def _orthonormal(columns, n):
    """Columns U with U'U = n·I and the lower-triangular L⁻¹ for which columns = U L: Λ = L⁻¹ Λ_U."""
    u, r = np.linalg.qr(columns[:, ::-1])
    scale = math.sqrt(n)
    lower = r[::-1, ::-1] / scale
    signs = np.sign(np.diag(lower))
    return u[:, ::-1] * scale * signs, linalg.inv(lower * signs[:, None])


def _layout(random, rows):
    """Put every level of every term into a block; levels that share a row share a block."""
    n_levels = [levels for _, _, levels in random]
    starts = np.concatenate([[0], np.cumsum(n_levels)])
    if len({codes.tobytes() for _, codes, _ in random}) == 1:  # one grouping factor: a block per level
        blocks = [np.arange(levels) for levels in n_levels]
        n_blocks = n_levels[0]
    else:
        nodes = np.stack([start + codes for start, (_, codes, _) in zip(starts, random, strict=False)])
        links = sparse.coo_array(
            (np.ones(rows * (len(random) - 1)), (np.repeat(nodes[:1], len(random) - 1, 0).ravel(), nodes[1:].ravel())),
            shape=(starts[-1], starts[-1]),
        )
        n_blocks, labels = sparse.csgraph.connected_components(links, directed=False)
        blocks = [labels[starts[k] : starts[k + 1]] for k in range(len(random))]
    terms, slots_of, offset = [], [], 0
    for (columns, _, _), block in zip(random, blocks, strict=True):
        counts = np.bincount(block, minlength=n_blocks)
        order = np.argsort(block, kind="stable")
        slot = np.empty(len(block), dtype=int)
        slot[order] = np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts, counts)
        terms.append(Term(offset, int(counts.max()), columns.shape[1]))
        slots_of.append(slot)
        offset = terms[-1].stop
    positions = tuple(
        block[:, None] * offset + term.offset + slot[:, None] * term.size + np.arange(term.size)
        for term, block, slot in zip(terms, blocks, slots_of, strict=True)
    )
    return tuple(terms), positions, {"shape": (int(n_blocks), offset)}


def _blocks(matrix, n_blocks, width):
    matrix = sparse.coo_array(matrix)
    row, column = matrix.coords
    out = np.zeros((n_blocks, width, width))
    out[row // width, row % width, column % width] = matrix.data
    return out
