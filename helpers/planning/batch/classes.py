"""Many outcomes of one design, reduced to the sums that a mixed model's likelihood needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg, sparse

from helpers.design.crossproducts import CrossProducts
from helpers.design.elimination import Place

ALIKE = 1e-9  # of the largest entry: blocks that differ by less are of one class


@dataclass(frozen=True, eq=False)
class Classes:
    """The design; made by `classes_of`.

    Attributes
    ----------
    products : CrossProducts
        Of any outcome, in a single stage; its columns, blocks and terms are used here.
    q : (n, p)
        Orthonormal fixed columns.
    z : (n, blocks·w), sparse
        Random columns, block by block.
    member : (blocks,) int
        The class of each block.
    count : (C,)
        Blocks of each class.
    ztz : (w, w, C), ztq : (w, p, C)
        Z'Z and Z'Q of one block.
    """

    products: CrossProducts
    q: np.ndarray
    z: sparse.csr_array
    member: np.ndarray
    count: np.ndarray
    ztz: np.ndarray
    ztq: np.ndarray

    @property
    def width(self) -> int:
        """Random effects of a block."""
        return self.products.width

    @property
    def places(self) -> list[Place]:
        """Where each term stands in a block."""
        (stage,) = self.products.stages
        return sorted(stage.places, key=lambda place: place.term)


@dataclass(frozen=True, eq=False)
class Sums:
    """N outcomes on `Classes`.

    Attributes
    ----------
    coefficients : (p, N)
        Q'y.
    ete : (N,)
        Sum of squares of the residuals e of least squares.
    total : (w, C, N), squares : (w, w, C, N)
        Sums over the blocks of each class of Z'e and of Z'e e'Z.
    zte : (blocks·w, N)
    """

    coefficients: np.ndarray
    ete: np.ndarray
    total: np.ndarray
    squares: np.ndarray
    zte: np.ndarray

    def of(self, places: np.ndarray) -> Sums:
        """Some of the outcomes."""
        return Sums(*(getattr(self, name)[..., places] for name in self.__dataclass_fields__))


def classes_of(products: CrossProducts, x: np.ndarray, random: list[tuple[np.ndarray, np.ndarray, int]]) -> Classes:
    """Find the blocks that are alike.

    Parameters
    ----------
    products : CrossProducts
    x : (n, p)
    random : list of (columns, codes, n_levels)
        As `helpers.design.crossproducts.cross_products` takes them.

    Returns
    -------
    Classes
    """
    q = linalg.solve_triangular(products.r, x.T, trans="T").T
    units = [columns @ back for (columns, _, _), back in zip(random, products.to_original, strict=True)]
    places = [where[codes] for (_, codes, _), where in zip(random, products.positions, strict=True)]
    values, where = np.concatenate(units, axis=1), np.concatenate(places, axis=1)
    rows = np.repeat(np.arange(len(x)), values.shape[1])
    shape = (len(x), len(products.ztz) * products.width)
    z = sparse.csr_array((values.ravel(), (rows, where.ravel())), shape=shape)
    blocks = len(products.ztz)
    looks = np.concatenate([products.ztz.reshape(blocks, -1), products.ztq.reshape(blocks, -1)], axis=1)
    member = _alike(looks, ALIKE * np.abs(looks).max())
    first = np.unique(member, return_index=True)[1]
    ztz, ztq = (np.moveaxis(each[first], 0, -1) for each in (products.ztz, products.ztq))
    return Classes(products, q, z, member, np.bincount(member).astype(float), ztz, ztq)


def _alike(looks, tolerance):
    """A number per row; rows that differ by no more than the tolerance share it."""
    member, found = np.full(len(looks), -1), 0
    while (member < 0).any():
        first = int(np.argmax(member < 0))
        near = (member < 0) & (np.abs(looks - looks[first]).max(axis=1) <= tolerance)
        member[near] = found
        found += 1
    return member


def sums_of(design: Classes, y: np.ndarray) -> Sums:
    """Reduce outcomes (N, n)."""
    coefficients = design.q.T @ y.T
    residuals = y.T - design.q @ coefficients
    beyond = design.q.T @ residuals  # once more: what rounding left of Q in the residuals
    residuals -= design.q @ beyond
    zte = design.z.T @ residuals
    w, n = design.width, len(y)
    by_block = zte.reshape(-1, w, n)
    total = np.zeros((w, len(design.count), n))
    squares = np.zeros((w, w, len(design.count), n))
    for k in range(len(design.count)):
        own = by_block[design.member == k]
        total[:, k] = own.sum(axis=0)
        squares[:, :, k] = np.einsum("gan,gbn->abn", own, own)
    return Sums(coefficients + beyond, np.einsum("in,in->n", residuals, residuals), total, squares, zte)


def of_one(design: Classes, sums: Sums, place: int) -> CrossProducts:
    """One outcome as `helpers.mixed.reml` takes it."""
    products = design.products
    zte = sums.zte[:, place].reshape(-1, products.width, 1)
    return replace(
        products,
        zqe=np.concatenate([products.ztq, zte], axis=2),
        ete=float(sums.ete[place]),
        coefficients=linalg.solve_triangular(products.r, sums.coefficients[:, place]),
    )
