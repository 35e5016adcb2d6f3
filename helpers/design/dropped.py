"""Fixed columns that follow from others, left out: what the rest can still tell, and what nothing can.

Where columns add up, many coefficients fit the same means. A weighted sum of coefficients can be estimated if it is the
same for all of them (Searle 1971, Linear Models; R's estimability).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.design.rank import combinations_of, far_from_zero
from helpers.refusals.wording import some

CANNOT = 1e-8  # R's estimability: the part of a row of weights along what the data say nothing of


@dataclass(frozen=True, eq=False)
class Dropped:
    """The columns of a fixed part that are kept, and what the others are made of.

    Attributes
    ----------
    names : tuple of str
        Of all columns.
    kept : tuple of int
        Places of those kept: each that is no combination of columns before it.
    sentences : dict
        Name of a column left out -> what it is: "a combination of 'a' and 'b'".
    unit : (p,)
        Length of each column; 1 where that is zero.
    unknown : (p, k)
        Orthonormal: directions of the coefficients, in units of 1/`unit`, that change no mean.
    """

    names: tuple[str, ...]
    kept: tuple[int, ...]
    sentences: dict[str, str]
    unit: np.ndarray
    unknown: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, names: Sequence[str]) -> Dropped | None:
        """The columns of x (n, p) to leave out; None if none need be.

        Raises
        ------
        ValueError
            A column is so far from zero that it cannot be told from a constant.
        """
        found = combinations_of(x, names)
        if not found:
            return None
        if far := far_from_zero(x, names):
            raise ValueError(f"Of the columns of the fixed part, {some(far)}.")
        lengths = np.linalg.norm(x, axis=0)
        unit = np.where(lengths > 0, lengths, 1.0)
        kept = tuple(place for place in range(len(names)) if place not in found)
        directions = np.zeros((len(names), len(found)))
        for k, (place, (weights, _)) in enumerate(found.items()):
            before = [at for at in kept if at < place]
            directions[place, k], directions[before, k] = 1.0, -weights
        sentences = {names[place]: sentence for place, (_, sentence) in found.items()}
        return cls(tuple(names), kept, sentences, unit, np.linalg.qr(directions)[0])

    def estimable(self, weights: np.ndarray) -> np.ndarray:
        """Whether each row of weights (k, p) on all columns has one value whatever the data left open."""
        scaled = weights / self.unit
        length = np.linalg.norm(scaled, axis=1)
        return np.linalg.norm(scaled @ self.unknown, axis=1) <= CANNOT * length

    def places(self, terms: dict[str, list[int]]) -> dict[str, list[int]]:
        """The places that the columns of each term have among those kept; terms without any left out."""
        new = {place: at for at, place in enumerate(self.kept)}
        found = {term: [new[place] for place in places if place in new] for term, places in terms.items()}
        return {term: places for term, places in found.items() if places}
