"""Λ'Z'WZΛ + I of random effects in blocks: factored, solved, and the parts of its inverse that rows meet.

The grouping factor with the most random effects is eliminated first: its levels share no row, so its part is a small
block for each level. What is left is linked where levels share one of its levels; each set of linked levels is a block,
padded to one width (one block for crossed factors; a block per outer level for nested ones). As in
`helpers.design.elimination`, but with weights that change with every step of the search for the conditional modes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from helpers.design.sizes import refuse_too_large


@dataclass(frozen=True)
class Effects:
    """Random effects of all levels: those eliminated first (levels, k), the rest (blocks, width), padded by zeros."""

    first: np.ndarray
    rest: np.ndarray

    def plus(self, other: Effects, step: np.ndarray, blocks: RandomBlocks) -> Effects:
        """Return the sum with `step` times another; `step` is (components,)."""
        return Effects(
            self.first + step[blocks.component_of_level][:, None] * other.first,
            self.rest + (step[:, None] * other.rest if blocks.width else 0.0),
        )


class RandomBlocks:
    """Which row meets which random effect, in what block; without values of θ or weights.

    Parameters
    ----------
    terms : list of (columns (n, k), codes (n,), levels)
        The random terms.
    """

    def __init__(self, terms: list[tuple[np.ndarray, np.ndarray, int]]):
        self.sizes = [columns.shape[1] for columns, _, _ in terms]
        groups = _same_groups(terms)
        largest = max(groups, key=lambda group: sum(self.sizes[t] for t in group) * terms[group[0]][2])
        self.first_terms, self.rest_terms = largest, [t for group in groups if group is not largest for t in group]
        _, self.codes, self.levels = terms[largest[0]]
        self.z_first = np.hstack([terms[t][0] for t in largest])
        self.n, self.k = self.z_first.shape
        self.z_rest = np.hstack([terms[t][0] for t in self.rest_terms]) if self.rest_terms else np.zeros((self.n, 0))
        self.m = self.z_rest.shape[1]
        self._place([terms[t] for t in self.rest_terms])
        self.term_levels = [levels for _, _, levels in terms]
        self.n_effects = sum(size * levels for size, (_, _, levels) in zip(self.sizes, terms, strict=True))

    def _place(self, rest):
        """Blocks of what is linked, and the slot of each of a row's effects in its block."""
        self.rest_homes: list[tuple[np.ndarray, np.ndarray]] = []  # of each remaining term: block and slot of a level
        if not rest:
            self.width, self.n_blocks = 0, 0
            self.block_of_row = self.component_of_row = self.codes
            self.component_of_level = np.arange(self.levels)
            self.n_components = self.levels
            self.slots = np.zeros((self.n, 0), dtype=int)
            return
        starts = np.cumsum([0, *(levels for _, _, levels in rest)])
        nodes = [start + codes for start, (_, codes, _) in zip(starts, rest, strict=False)]
        rows = np.concatenate([self.codes for _ in nodes])
        columns = np.concatenate(nodes) + self.levels
        size = self.levels + int(starts[-1])
        links = sparse.coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size)).tocsr()
        self.n_components, label = sparse.csgraph.connected_components(links, directed=False)
        self.component_of_level = label[: self.levels]
        sizes = np.concatenate([np.full(levels, columns.shape[1]) for columns, _, levels in rest])
        slot = np.empty(len(sizes), dtype=int)
        order = np.argsort(label[self.levels :], kind="stable")
        ends = np.cumsum(sizes[order])
        begins = np.concatenate([[0], ends[:-1]])
        blocks = label[self.levels :][order]
        first_of_block = np.r_[True, blocks[1:] != blocks[:-1]]
        offset = np.maximum.accumulate(np.where(first_of_block, begins, 0))
        slot[order] = begins - offset
        self.n_blocks = self.n_components
        self.width = int(np.bincount(label[self.levels :], sizes, minlength=self.n_blocks).max())
        refuse_too_large(
            float(self.n_blocks * self.width**2 + self.levels * self.k * self.width),
            [(levels, columns.shape[1]) for columns, _, levels in rest],
        )
        self.component_of_row = self.block_of_row = self.component_of_level[self.codes]
        self.rest_homes = [
            (label[self.levels + start : self.levels + start + levels], slot[start : start + levels])
            for start, (_, _, levels) in zip(starts, rest, strict=False)
        ]
        self.slots = np.stack(
            [
                slot[node] + a
                for node, (columns, _, _) in zip(nodes, rest, strict=True)
                for a in range(columns.shape[1])
            ],
            axis=1,
        )

    def zeros(self) -> Effects:
        """All random effects at zero."""
        return Effects(np.zeros((self.levels, self.k)), np.zeros((self.n_blocks, self.width)))

    def lambdas(self, theta: np.ndarray) -> list[np.ndarray]:
        """Λ of each term, lower triangular; `theta` holds the triangles column by column, term by term."""
        found, start = [], 0
        for size in self.sizes:
            matrix = np.zeros((size, size))
            for b in range(size):
                matrix[b:, b] = theta[start : start + size - b]
                start += size - b
            found.append(matrix)
        return found

    def triangles(self, matrices: list[np.ndarray]) -> np.ndarray:
        """The lower triangles of a matrix for each term, in the order of θ."""
        return np.concatenate([matrix[b:, b] for matrix in matrices for b in range(len(matrix))])

    def spread(self, theta: np.ndarray) -> Spread:
        """ZΛ of every row."""
        lambdas = self.lambdas(theta)
        first, rest = (
            _block_columns(z, [lambdas[t] for t in terms])
            for z, terms in ((self.z_first, self.first_terms), (self.z_rest, self.rest_terms))
        )
        return Spread(self, first, rest)

    def by_term(self, effects: Effects) -> list[np.ndarray]:
        """The random effects of each term, (levels, k)."""
        found, start = [np.empty(0)] * len(self.sizes), 0
        for term in self.first_terms:
            found[term] = effects.first[:, start : start + self.sizes[term]]
            start += self.sizes[term]
        for term, (block, slot) in zip(self.rest_terms, self.rest_homes, strict=True):
            found[term] = effects.rest[block[:, None], slot[:, None] + np.arange(self.sizes[term])]
        return found

    @cached_property
    def _sorted_levels(self):
        order = np.argsort(self.component_of_level, kind="stable")
        return order, np.flatnonzero(np.diff(self.component_of_level[order], prepend=-1))

    def summed_levels(self, values: np.ndarray) -> np.ndarray:
        """Sums of (levels, …) over the levels of each set of linked ones; (components, …)."""
        if self.n_components == 1:
            return values.sum(axis=0)[None]
        order, starts = self._sorted_levels
        return np.add.reduceat(values[order], starts, axis=0)

    @cached_property
    def rest_place(self) -> np.ndarray:
        """(n, m): where each of a row's remaining effects stands among all of them, padded."""
        return self.block_of_row[:, None] * self.width + self.slots


def _same_groups(terms):
    """Terms whose rows are grouped alike, together."""
    groups = []
    for place, (_, codes, levels) in enumerate(terms):
        for group in groups:
            if terms[group[0]][2] == levels and np.array_equal(terms[group[0]][1], codes):
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def _block_columns(z, lambdas):
    if not lambdas:
        return z
    if z.shape[1] == 1:
        return z * lambdas[0]
    found, start = [], 0
    for each in lambdas:
        found.append(z[:, start : start + len(each)] @ each)
        start += len(each)
    return np.hstack(found)


@dataclass(frozen=True)
class Spread:
    """A = ZΛ, row by row: (n, k) for the levels eliminated first, (n, m) for the others."""

    blocks: RandomBlocks
    first: np.ndarray
    rest: np.ndarray

    def times(self, effects: Effects) -> np.ndarray:
        """A u, (n,)."""
        found = np.einsum("ik,ik->i", self.first, effects.first[self.blocks.codes])
        if self.blocks.width:
            found += np.einsum("im,im->i", self.rest, effects.rest.ravel()[self.blocks.rest_place])
        return found

    def transposed(self, rows: np.ndarray) -> Effects:
        """A' r."""
        at = self.blocks
        first = [np.bincount(at.codes, column * rows, minlength=at.levels) for column in self.first.T]
        rest = np.zeros(at.n_blocks * at.width)
        for place, column in zip(at.rest_place.T, self.rest.T, strict=True) if at.width else ():
            rest += np.bincount(place, column * rows, minlength=len(rest))
        return Effects(np.stack(first, axis=1), rest.reshape(at.n_blocks, at.width))

    def factored(self, weight: np.ndarray) -> Factored:
        """A'WA + I for weights (n,)."""
        return Factored(self, weight)


class Factored:
    """A'WA + I, factored: D for each level eliminated first, S for each block of what is left."""

    def __init__(self, spread: Spread, weight: np.ndarray):
        self.spread, self.weight, at = spread, weight, spread.blocks
        weighted = weight[:, None] * spread.first
        d = np.empty((at.levels, at.k, at.k))
        for a in range(at.k):
            for b in range(a + 1):
                d[:, a, b] = d[:, b, a] = np.bincount(
                    at.codes, weighted[:, a] * spread.first[:, b], minlength=at.levels
                )
        d += np.eye(at.k)
        if at.k == 1:
            self.d_inverse, self.log_det_levels = 1 / d, np.log(d[:, 0, 0])
        else:
            self.d_inverse = np.linalg.inv(d)
            self.log_det_levels = np.linalg.slogdet(d)[1]
        if at.width:
            self._eliminate(weighted)

    def _eliminate(self, weighted):
        spread, at = self.spread, self.spread.blocks
        c = np.zeros((at.k, at.levels * at.width))
        s = np.zeros(at.n_blocks * at.width**2)
        for j in range(at.m):
            for a in range(at.k):
                c[a] += np.bincount(
                    at.codes * at.width + at.slots[:, j], weighted[:, a] * spread.rest[:, j], minlength=c.shape[1]
                )
            by_row = self.weight * spread.rest[:, j]
            for i in range(at.m):
                s += np.bincount(
                    at.rest_place[:, j] * at.width + at.slots[:, i], by_row * spread.rest[:, i], minlength=len(s)
                )
        c = np.moveaxis(c.reshape(at.k, at.levels, at.width), 0, 1)
        self.k_matrix = self.d_inverse @ c  # D⁻¹C
        s = s.reshape(at.n_blocks, at.width, at.width) + np.eye(at.width)
        if at.n_blocks == 1:
            s[0] -= c.reshape(-1, at.width).T @ self.k_matrix.reshape(-1, at.width)
        else:
            s -= at.summed_levels(np.swapaxes(c, 1, 2) @ self.k_matrix)
        self.reduced, self.cholesky = s, np.linalg.cholesky(s)

    @property
    def log_det(self) -> float:
        """The log-determinant of A'WA + I."""
        found = self.log_det_levels.sum()
        if self.spread.blocks.width:
            found += 2 * np.log(np.diagonal(self.cholesky, axis1=1, axis2=2)).sum()
        return float(found)

    def solve(self, right: Effects) -> Effects:
        """(A'WA + I)⁻¹ r."""
        first = np.einsum("lab,lb->la", self.d_inverse, right.first)
        at = self.spread.blocks
        if not at.width:
            return Effects(first, right.rest)
        reduced = right.rest - at.summed_levels(np.einsum("lkw,lk->lw", self.k_matrix, right.first))
        if at.n_blocks == 1:
            rest = linalg.cho_solve((self.cholesky[0], True), reduced[0])[None]
        else:
            rest = np.linalg.solve(self.reduced, reduced[:, :, None])[:, :, 0]
        first -= np.einsum("lkw,lw->lk", self.k_matrix, rest[at.component_of_level])
        return Effects(first, rest)

    @cached_property
    def _inverse(self):
        """Blocks of the inverse: of the levels eliminated first, between these and the rest (negative), of the rest."""
        at = self.spread.blocks
        if not at.width:
            return self.d_inverse, None, None
        inner = np.linalg.inv(self.cholesky)
        rest = np.swapaxes(inner, 1, 2) @ inner
        if at.n_blocks == 1:
            between = (self.k_matrix.reshape(-1, at.width) @ rest[0]).reshape(self.k_matrix.shape)
        else:
            between = self.k_matrix @ rest[at.component_of_level]
        return self.d_inverse + between @ np.swapaxes(self.k_matrix, 1, 2), between, rest

    def own_blocks(self) -> list[np.ndarray]:
        """The blocks (levels, k, k) of the inverse that belong to each level of each term."""
        at, (first, _, rest) = self.spread.blocks, self._inverse
        found, start = [np.empty(0)] * len(at.sizes), 0
        for term in at.first_terms:
            stop = start + at.sizes[term]
            found[term] = first[:, start:stop, start:stop]
            start = stop
        for term, (block, slot) in zip(at.rest_terms, at.rest_homes, strict=True):
            places = slot[:, None] + np.arange(at.sizes[term])
            found[term] = rest[block[:, None, None], places[:, :, None], places[:, None, :]]
        return found

    @cached_property
    def solved_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """(A'WA + I)⁻¹ aᵢ at the effects that row i meets itself: (n, k) and (n, m)."""
        at, spread = self.spread.blocks, self.spread
        first, between, rest = self._inverse
        if at.k == 1:
            on_first = first[:, 0, 0][at.codes][:, None] * spread.first
        else:
            on_first = np.einsum("iab,ib->ia", first[at.codes], spread.first)
        if not at.width:
            return on_first, np.zeros((at.n, 0))
        met = between[at.codes[:, None], :, at.slots]  # (n, m, k)
        on_first -= np.einsum("imk,im->ik", met, spread.rest)
        own = rest[at.block_of_row[:, None, None], at.slots[:, :, None], at.slots[:, None, :]]
        on_rest = np.einsum("ijm,im->ij", own, spread.rest) - np.einsum("imk,ik->im", met, spread.first)
        return on_first, on_rest

    @cached_property
    def leverage(self) -> np.ndarray:
        """aᵢ'(A'WA + I)⁻¹aᵢ, (n,): the conditional variance of a row's linear predictor."""
        first, rest = self.solved_rows
        found = np.einsum("ik,ik->i", self.spread.first, first)
        return found + np.einsum("im,im->i", self.spread.rest, rest) if self.spread.blocks.width else found
