"""In which order the random effects of a mixed model are eliminated, and in which blocks.

As in the blocked Cholesky factorisation of MixedModels.jl (Bates et al., doi:10.5281/zenodo.3727845): first the
grouping factor with the most random effects. Its levels share no row, so its part of Z'Z is a block per level. When it
is gone, levels of the others are linked where they shared one of its levels. A factor that another is nested in still
has a block per level then, so a nested model goes on factor by factor; levels of crossed factors are nearly all linked.
What is linked is taken last, each set of linked levels as one block.

Small models have a single stage: every set of linked levels is a block, all of them padded to one width.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from helpers.design.sizes import refuse_too_large

STACKED = 3e6  # multiplications of a factorisation up to which all blocks are worked on as one stack
PADDING = 1.5  # how much wider the widest block of a stack may be than its narrowest, where many blocks are stacked


@dataclass(frozen=True)
class Term:
    """A random term: how many columns it has, and in how many levels."""

    size: int
    levels: int

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """(row, column) of the lower triangle, column by column as in lme4's θ."""
        return [(a, b) for b in range(self.size) for a in range(b, self.size)]


@dataclass(frozen=True)
class Place:
    """Where term number `term` stands in each block of a stage: `slots` levels of `size` columns, from `offset` on."""

    term: int
    offset: int
    slots: int
    size: int

    @property
    def stop(self) -> int:
        """First position after the term."""
        return self.offset + self.slots * self.size

    def rows(self, a: int) -> slice:
        """Positions of column `a` in all slots."""
        return slice(self.offset + a, self.stop, self.size)


@dataclass(frozen=True)
class Stage:
    """Random effects that are eliminated together: `n_blocks` blocks of one width that are not linked to each other.

    Their positions, among all random effects in the order of elimination, begin at `start`; padding is counted.
    """

    start: int
    n_blocks: int
    width: int
    places: tuple[Place, ...]

    @property
    def stop(self) -> int:
        """First position after the stage."""
        return self.start + self.n_blocks * self.width


@dataclass(frozen=True)
class _Factor:
    """A grouping factor: the numbers of its terms, the level of each row, and where its levels begin among all."""

    terms: list[int]
    codes: np.ndarray
    levels: int
    width: int
    start: int

    @property
    def nodes(self) -> slice:
        """Its levels among those of all factors."""
        return slice(self.start, self.start + self.levels)


def elimination(
    terms: list[Term], codes: list[np.ndarray], *, single: bool = False
) -> tuple[tuple[Stage, ...], tuple[np.ndarray, ...]]:
    """The stages, and where each random effect stands in them.

    Parameters
    ----------
    terms : list of Term
    codes : list of (n,) int
        The level of each row in each term.
    single : bool
        One stage, however much memory it takes.

    Returns
    -------
    tuple of Stage
    tuple of (levels, size) int
        For each term and level the positions of its random effects, in the order of elimination.

    Raises
    ------
    ValueError
        The model needs more memory than the machine has; said before any of it is taken.
    """
    factors = _factors(terms, codes)
    if len(factors) == 1:
        return _placed(terms, [_step(factors, [np.arange(factors[0].levels)])])
    links = _links(factors)
    _, labels = sparse.csgraph.connected_components(links, directed=False)
    if single:
        return _placed(terms, [_step(factors, [labels[f.nodes] for f in factors])])
    steps, left = [], list(factors)
    while True:
        apart = [f for f in left if _unlinked(links, f)] if len(left) > 1 and not _small(left, labels) else []
        if not apart:
            return _placed(terms, [*steps, *_stacks(left, labels)])
        first = max(apart, key=lambda factor: factor.levels * factor.width)
        steps.append(_step([first], [np.arange(first.levels)]))
        left.remove(first)
        links = _without(links, first, left)


def _factors(terms, codes):
    """Terms by the same groups of rows belong to one factor."""
    found = {}
    for k, level in enumerate(codes):
        found.setdefault((terms[k].levels, level.tobytes()), []).append(k)
    factors, start = [], 0
    for members in found.values():
        k = members[0]
        factors.append(_Factor(members, codes[k], terms[k].levels, sum(terms[m].size for m in members), start))
        start += terms[k].levels
    return factors


def _links(factors):
    """Which levels share a row: a symmetric matrix of the levels of all factors."""
    rows, levels = len(factors[0].codes), factors[-1].start + factors[-1].levels
    where = np.stack([factor.start + factor.codes for factor in factors], axis=1)
    ends = np.arange(0, where.size + 1, len(factors))
    incidence = sparse.csr_array((np.ones(where.size, dtype=np.float32), where.ravel(), ends), shape=(rows, levels))
    return sparse.csr_array(incidence.T @ incidence)


def _unlinked(links, factor):
    return links[factor.nodes, factor.nodes].nnz == factor.levels


def _without(links, first, left):
    """The links once `first` is eliminated: the neighbours of each of its levels are linked with each other."""
    across = links[first.nodes]
    pairs = float(np.sum(np.diff(across.indptr).astype(float) ** 2))
    refuse_too_large(min(pairs, float(sum(f.levels for f in left)) ** 2), [(f.levels, f.width) for f in left])
    return sparse.csr_array(links + across.T @ across)


def _sets(factors, labels):
    """Levels of each factor in each set of linked levels, (factors, sets), and how many random effects a set has."""
    counts = np.array([np.bincount(labels[f.nodes], minlength=labels.max() + 1) for f in factors])
    counts = counts[:, counts.any(axis=0)]
    return counts, np.array([f.width for f in factors], dtype=float) @ counts


def _small(factors, labels):
    """Whether all sets can be one stack at little cost."""
    counts, _ = _sets(factors, labels)
    width = float(np.array([f.width for f in factors]) @ counts.max(axis=1))
    return counts.shape[1] * width**3 <= STACKED


def _stacks(factors, labels):
    """The sets of linked levels as stacks of blocks: one if they are small or alike, else one for each size."""
    counts, widths = _sets(factors, labels)
    padded = float(np.array([f.width for f in factors]) @ counts.max(axis=1))
    refuse_too_large(min(np.sum(widths**2), len(widths) * padded**2), [(f.levels, f.width) for f in factors])
    blocks = [labels[f.nodes] for f in factors]
    if len(widths) * padded**3 <= max(STACKED, PADDING * np.sum(widths**3)):
        return [_step(factors, blocks)]
    size = np.zeros(labels.max() + 1, dtype=int)
    size[np.unique(np.concatenate(blocks))] = 1 + np.ceil(np.log(widths) / math.log(PADDING))
    return [_step(factors, [np.where(size[b] == each, b, -1) for b in blocks]) for each in np.unique(size[size > 0])]


def _step(factors, blocks):
    """(term, block of each of its levels) of the terms of some factors; -1 for levels that are not in this step."""
    return sorted(((k, block) for f, block in zip(factors, blocks, strict=True) for k in f.terms), key=lambda e: e[0])


def _placed(terms, steps):
    """The stages, and the positions of all random effects."""
    positions = [np.empty((term.levels, term.size), dtype=int) for term in terms]
    stages, start = [], 0
    for step in steps:
        used = np.unique(np.concatenate([block[block >= 0] for _, block in step]))
        places, levels, offset = [], [], 0
        for k, block in step:
            inside = np.flatnonzero(block >= 0)
            number = np.searchsorted(used, block[inside])
            if len(inside):
                slot, slots = _slots(number, len(used))
                places.append(Place(k, offset, slots, terms[k].size))
                levels.append((inside, number, slot))
                offset = places[-1].stop
        for place, (inside, number, slot) in zip(places, levels, strict=True):
            first = start + number * offset + place.offset + slot * place.size
            positions[place.term][inside] = first[:, None] + np.arange(place.size)
        stages.append(Stage(start, len(used), offset, tuple(places)))
        start = stages[-1].stop
    return tuple(stages), tuple(positions)


def _slots(block, n_blocks):
    """The place of each level among those of its block, and how many places a block has."""
    counts = np.bincount(block, minlength=n_blocks)
    order = np.argsort(block, kind="stable")
    slot = np.empty(len(block), dtype=int)
    slot[order] = np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts, counts)
    return slot, int(counts.max())
