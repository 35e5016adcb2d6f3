"""A mixed model's data, reduced to the cross-products that estimation needs.

Random effects are worked on in the blocks that `helpers.design.elimination` finds, as stacked (n_blocks, w, w) arrays,
and where blocks are linked, as sparse matrices with an entry for each pair of levels that share a row. No matrix of
n × n is ever built, and of q × q only what is linked in the end.

Before anything else X is made orthonormal (X = QR), y is replaced by its least-squares residuals, and the columns of
each random term are made orthonormal too (by a lower-triangular matrix, so that Λ stays lower triangular). The optimum
is the same; the arithmetic neither loses digits to large offsets nor depends on units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from helpers.design.elimination import Stage, Term, elimination
from helpers.threads import one_thread

FEW_ROWS, FEW_EFFECTS = 5_000, 200  # up to which sparse matrices take longer than sums do


@dataclass(frozen=True)
class CrossProducts:
    """All that estimation needs of the data, in the orthonormal coordinates of the module docstring.

    Attributes
    ----------
    ztz : (n_blocks, w, w), zqe : (n_blocks, w, p + 1)
        Z'Z and Z'[Q e] of the first stage, block by block; e are the least-squares residuals of y.
    links : (n_blocks·w, q) sparse, or None
        Z'Z of the first stage and the q random effects of the stages after it; None if there are none.
    rest : (q, q) sparse, or None; rest_qe : (q, p + 1)
        Z'Z and Z'[Q e] of these.
    ete : float
        Sum of squares of e.
    n, p : int
        Rows; columns of X.
    log_det_xtx : float
        log|X'X| of the original columns.
    r : (p, p)
        X = QR.
    coefficients : (p,)
        Least-squares coefficients on the original columns.
    terms : tuple of Term
    stages : tuple of Stage
    to_original : tuple of (size, size)
        For each term the lower-triangular matrix that carries Λ back to the original columns.
    positions : tuple of (n_levels, size) int
        For each term and level, where its random effects stand in the order of elimination.
    log_det_known : float
        What weights that were applied before, and unequal residuals, add to log|V|.
    weighted_xx : (p + 1, p + 1), optional
        [Q e]'K[Q e] where K is the inverse of the residuals' covariance, in units of σ²; without, that is I.
    """

    ztz: np.ndarray
    zqe: np.ndarray
    links: sparse.csr_array | None
    rest: sparse.csr_array | None
    rest_qe: np.ndarray
    ete: float
    n: int
    p: int
    log_det_xtx: float
    r: np.ndarray
    coefficients: np.ndarray
    terms: tuple[Term, ...]
    stages: tuple[Stage, ...]
    to_original: tuple[np.ndarray, ...]
    positions: tuple[np.ndarray, ...]
    log_det_known: float = 0.0
    weighted_xx: np.ndarray | None = None

    @property
    def xx(self) -> np.ndarray:
        """[Q e]'[Q e], (p + 1, p + 1)."""
        if self.weighted_xx is not None:
            return self.weighted_xx
        xx = np.eye(self.p + 1)
        xx[-1, -1] = self.ete
        return xx

    @property
    def n_extra(self) -> int:
        """Parameters of the residuals beside σ², at the end of θ: none. See `helpers.mixed.structured`."""
        return 0

    def at(self, theta: np.ndarray) -> CrossProducts:
        """The cross-products where the parameters of the residuals are as in `theta`."""
        return self

    def moved(self, theta: np.ndarray, *, second: bool) -> tuple[dict, dict]:
        """How log|V| and the cross-products move with these: not at all."""
        return {}, {}

    @property
    def ztq(self) -> np.ndarray:
        """Z'Q of the first stage, (n_blocks, w, p)."""
        return self.zqe[..., : self.p]

    @cached_property
    def all_ztq(self) -> np.ndarray:
        """Z'Q of all stages, (random effects, p)."""
        return np.concatenate([self.ztq.reshape(-1, self.p), self.rest_qe[:, : self.p]])

    @cached_property
    def all_ztz(self) -> sparse.csr_array:
        """Z'Z of all stages, sparse."""
        count = len(self.ztz)
        first = sparse.bsr_array((self.ztz, np.arange(count), np.arange(count + 1)))
        if self.links is None:
            return sparse.csr_array(first)
        return sparse.csr_array(sparse.block_array([[first, self.links], [self.links.T, self.rest]]))

    @property
    def width(self) -> int:
        """Random effects in the widest block, padding included."""
        return max(stage.width for stage in self.stages)

    @property
    def n_theta(self) -> int:
        """Covariance parameters."""
        return len(self.pairs)

    @cached_property
    def pairs(self) -> list[tuple[int, int, int]]:
        """(number of the term, row, column) of every covariance parameter, in the order of θ."""
        return [(k, a, b) for k, term in enumerate(self.terms) for a, b in term.pairs]


def cross_products(
    y: np.ndarray,
    x: np.ndarray,
    random: list[tuple[np.ndarray, np.ndarray, int]],
    n: int | None = None,
    *,
    single: bool = False,
) -> CrossProducts:
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
    single : bool
        All random effects in one stage, for whoever works on its blocks.

    Returns
    -------
    CrossProducts
    """
    with one_thread(*x.shape, x.shape[1]):
        return _reduced(y, x, random, len(x) if n is None else n, single)


def _reduced(y, x, random, n, single):
    """Cross-products of the orthonormal columns and the least-squares residuals."""
    rows, p = x.shape
    q, r = np.linalg.qr(x)
    coefficients = linalg.solve_triangular(r, q.T @ y)
    e = y - x @ coefficients
    e -= q @ (q.T @ e)  # once more: what rounding left of X in the residuals

    unit_columns, to_original = zip(*(_orthonormal(columns, n) for columns, _, _ in random), strict=True)
    terms = tuple(Term(columns.shape[1], levels) for columns, _, levels in random)
    stages, positions = elimination(terms, [codes for _, codes, _ in random], single=single)
    where = np.concatenate([positions[k][codes] for k, (_, codes, _) in enumerate(random)], axis=1)
    values = np.concatenate(unit_columns, axis=1)
    qe = np.concatenate([q, e[:, None]], axis=1)
    sums = _few_rows if len(stages) == 1 and rows <= FEW_ROWS and stages[0].width <= FEW_EFFECTS else _many_rows
    ztz, links, rest, z_qe = sums(stages, where, values, qe)
    first = z_qe[: stages[0].stop].reshape(stages[0].n_blocks, stages[0].width, p + 1)
    return CrossProducts(
        ztz=ztz,
        zqe=first,
        links=links,
        rest=rest,
        rest_qe=z_qe[stages[0].stop :],
        ete=float(e @ e),
        n=n,
        p=p,
        log_det_xtx=2 * float(np.log(np.abs(np.diag(r))).sum()),
        r=r,
        coefficients=coefficients,
        terms=terms,
        stages=stages,
        to_original=to_original,
        positions=positions,
    )


def _few_rows(stages, where, values, qe):
    """Cross-products of a few rows in one stage, without the time that sparse matrices take to set up."""
    (stage,) = stages
    ztz = np.zeros((stage.n_blocks, stage.width, stage.width))
    block = where // stage.width
    z_qe = np.zeros((stage.stop, qe.shape[1]))
    for i in range(where.shape[1]):
        for j in range(where.shape[1]):
            products = values[:, i] * values[:, j]
            np.add.at(ztz, (block[:, i], where[:, i] % stage.width, where[:, j] % stage.width), products)
        np.add.at(z_qe, where[:, i], values[:, i, None] * qe)
    return ztz, None, None, z_qe


def _many_rows(stages, where, values, qe):
    """Cross-products by sparse matrices."""
    rows, columns = where.shape
    ends = np.arange(0, rows * columns + 1, columns)
    z = sparse.csr_array((values.ravel(), where.ravel(), ends), shape=(rows, stages[-1].stop))
    whole, z_qe = sparse.csr_array(z.T @ z), z.T @ qe
    ztz = blocks_of(whole, stages[0])
    if len(stages) == 1:
        return ztz, None, None, z_qe
    stop = stages[0].stop
    return ztz, whole[:stop, stop:], whole[stop:, stop:], z_qe


def blocks_of(matrix: sparse.csr_array, stage: Stage) -> np.ndarray:
    """The blocks that a stage has in the first rows of a sparse matrix, (n_blocks, w, w)."""
    count, width = stage.n_blocks, stage.width
    if count == 1:
        return matrix[:width, :width].toarray()[None]
    own = sparse.coo_array(matrix[: count * width, : count * width])
    row, column = own.coords
    out = np.zeros((count, width, width))
    out[row // width, row % width, column % width] = own.data
    return out


def _orthonormal(columns, n):
    """Columns U with U'U = n·I and the lower-triangular L⁻¹ for which columns = U L: Λ = L⁻¹ Λ_U."""
    u, r = np.linalg.qr(columns[:, ::-1])
    scale = math.sqrt(n)
    lower = r[::-1, ::-1] / scale
    signs = np.sign(np.diag(lower))
    return u[:, ::-1] * scale * signs, linalg.inv(lower * signs[:, None])
