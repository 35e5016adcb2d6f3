"""Designs by recipe: how many animals, which treatments between or within them, how many rows, how many lost.

A recipe makes its table for any size, which is what a curve over sizes needs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real

import numpy as np
import pandas as pd

from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import counted, listed

MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Recipe:
    """A design that can be made in any size; see `crossed` and `nested`.

    Attributes
    ----------
    factors : dict
        Name -> number of levels, or the levels themselves.
    between : dict
        Treatment -> its levels with their shares of the units.
    unit : str
        The factor whose levels get the treatments.
    replicates : int
    missing : float
    is_nested : bool
    """

    factors: dict[str, int | tuple]
    between: dict[str, dict]
    unit: str
    replicates: int
    missing: float
    is_nested: bool

    def resized(self, **sizes: int) -> Recipe:
        """The same design with other numbers of levels (or `replicates`).

        Raises
        ------
        UnknownNameError
            A name is none of those that have a number. It is a ``KeyError``.
        ValueError
            A size is no whole number of one or more.
        """
        known = self.sizes
        if unknown := [name for name in sizes if name not in known]:
            raise unknown_name("The design", "size", unknown, known)
        for name, size in sizes.items():
            _check_size(name, size)
        factors = self.factors | {name: int(size) for name, size in sizes.items() if name in self.factors}
        return replace(self, factors=factors, replicates=int(sizes.get("replicates", self.replicates)))

    def fewest(self, name: str) -> int:
        """The smallest size with a unit for each treatment."""
        return math.prod(map(len, self.between.values())) if name == self.unit else 1

    @property
    def sizes(self) -> dict[str, int]:
        """What can be given another number: factor -> levels, and `replicates`."""
        own = {name: levels for name, levels in self.factors.items() if isinstance(levels, int)}
        return own | {"replicates": self.replicates}

    def table(self, rng: np.random.Generator | None = None) -> pd.DataFrame:
        """One row per measurement.

        Parameters
        ----------
        rng : numpy.random.Generator, optional
            Picks the rows that are lost; without, none is.

        Returns
        -------
        pandas.DataFrame
            A column per factor and per treatment. Levels that were given as a number are labels, as "animal 1".

        Raises
        ------
        ValueError
            There are fewer units than treatments.
        """
        self._refuse_large()
        levels = [_levels(name, given) for name, given in self.factors.items()]
        rows = pd.MultiIndex.from_product([*map(range, map(len, levels)), range(self.replicates)])
        codes = [rows.get_level_values(k).to_numpy() for k in range(len(levels))]
        table = {}
        for k, name in enumerate(self.factors):
            table[name] = self._column(codes[: k + 1], levels[: k + 1])
        for name, column in self._treatments(codes, levels).items():
            table[name] = column
        frame = pd.DataFrame(table)
        if rng is None or not self.missing:
            return frame
        kept = np.sort(rng.permutation(len(frame))[: len(frame) - round(self.missing * len(frame))])
        return frame.iloc[kept].reset_index(drop=True)

    def _refuse_large(self):
        counts = [levels if isinstance(levels, int) else len(levels) for levels in self.factors.values()]
        n = math.prod(counts) * self.replicates
        if n > MOST_ROWS:
            raise ValueError(f"The design has {n:,} rows: more than {MOST_ROWS:,} are not simulated.")

    def _column(self, codes, levels):
        own = levels[-1]
        if not self.is_nested or len(codes) == 1:
            values = np.array(own, dtype=object)[codes[-1]]
            return values.astype(float) if isinstance(own[0], Real) else pd.Categorical(values, own)
        flat = np.ravel_multi_index(codes, [len(each) for each in levels])
        labels = [" ".join(map(str, path)) for path in itertools.product(*levels)]
        return pd.Categorical.from_codes(flat, labels)

    def _treatments(self, codes, levels):
        """Each treatment's level in each row: combinations dealt out to the units in turn, or by their shares."""
        if not self.between:
            return {}
        place = list(self.factors).index(self.unit)
        upper = codes[: place + 1] if self.is_nested else codes[place : place + 1]
        sizes = [len(each) for each in (levels[: place + 1] if self.is_nested else levels[place : place + 1])]
        unit, n_units = np.ravel_multi_index(upper, sizes), int(np.prod(sizes))
        cells = list(itertools.product(*(shares.items() for shares in self.between.values())))
        if n_units < len(cells):
            raise ValueError(
                f"{counted(n_units, self.unit)} cannot be given {len(cells)} treatments "
                f"({' × '.join(map(repr, self.between))}): each needs one at the least, and a test needs more."
            )
        dealt = _dealt(np.array([np.prod([share for _, share in cell]) for cell in cells]), n_units)
        out = {}
        for k, (name, shares) in enumerate(self.between.items()):
            values = np.array([cell[k][0] for cell in cells], dtype=object)[dealt[unit]]
            numbers = all(isinstance(level, Real) for level in shares)
            out[name] = values.astype(float) if numbers else pd.Categorical(values, list(shares))
        return out


def crossed(
    *,
    between: Mapping | None = None,
    unit: str | None = None,
    replicates: int = 1,
    missing: float = 0.0,
    **factors: int | Sequence,
) -> Recipe:
    """Every combination of some factors: each animal on each day, say.

    Parameters
    ----------
    **factors
        Name -> how many levels (``animal=8``: labels "animal 1" … "animal 8"), or the levels themselves: labels make a
        factor whose first level is the reference (``drug=["control", "treated"]``), numbers stay numbers
        (``week=[0, 1, 2]``).
    between : dict, optional
        Treatments that differ between the levels of `unit`: name -> levels, ``{"drug": ["control", "treated"]}``; or
        level -> share where groups are unequal, ``{"drug": {"control": 1, "treated": 2}}``.
    unit : str, optional
        What is given a treatment: the first factor, if it is not said.
    replicates : int
        Rows of each combination.
    missing : float
        Share of the rows that will be lost at random, 0 to 0.9.

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        A size is no whole number of one or more, levels repeat, a share is not positive.
    """
    return _recipe(factors, between, unit, replicates, missing, is_nested=False)


def nested(
    *,
    between: Mapping | None = None,
    unit: str | None = None,
    replicates: int = 1,
    missing: float = 0.0,
    **factors: int | Sequence,
) -> Recipe:
    """Factors within each other, from the outside in: ``nested(litter=6, pup=4)`` has 24 pups.

    Parameters
    ----------
    **factors, between, unit, replicates, missing
        As in `crossed`. The labels of an inner factor hold the outer ones: "litter 1 pup 1".

    Returns
    -------
    Recipe

    Raises
    ------
    ValueError
        As in `crossed`.
    """
    return _recipe(factors, between, unit, replicates, missing, is_nested=True)


def _recipe(factors, between, unit, replicates, missing, is_nested):
    if not factors:
        raise ValueError("A design needs a factor: crossed(animal=8, day=3), say.")
    own = {name: _given(name, levels) for name, levels in factors.items()}
    if unit is not None and unit not in own:
        raise unknown_name("The design", "factor", [unit], own)
    if both := [name for name in between or {} if name in own]:
        raise ValueError(f"{listed(both)} stands among the factors and in between=: say it once.")
    _check_size("replicates", replicates)
    if isinstance(missing, bool) or not isinstance(missing, Real) or not 0 <= missing <= 0.9:
        raise ValueError(f"missing= is the share of rows that are lost, 0 to 0.9; found {missing!r}.")
    treatments = {name: _shares(name, levels) for name, levels in (between or {}).items()}
    return Recipe(own, treatments, unit or next(iter(own)), int(replicates), float(missing), is_nested)


def _given(name, levels):
    if isinstance(levels, Integral | Real) or levels is None:
        _check_size(name, levels)
        return int(levels)
    if isinstance(levels, str) or not isinstance(levels, Sequence | np.ndarray | range | pd.Index):
        raise ValueError(f"{name}= is a number of levels, or a list of them; found {levels!r}.")
    return _distinct(name, levels)


def _distinct(name, levels):
    own = tuple(levels)
    if len(own) < 1 or len(set(own)) < len(own):
        raise ValueError(f"The levels of {name!r} must differ from each other; found {list(own)}.")
    kinds = {isinstance(level, Real) and not isinstance(level, bool) for level in own}
    if len(kinds) > 1 or not (all(kinds) or all(isinstance(level, str) for level in own)):
        raise ValueError(f"The levels of {name!r} are all labels or all numbers; found {list(own)}.")
    return own


def _shares(name, levels):
    if isinstance(levels, Mapping):
        shares = dict(zip(_distinct(name, list(levels)), levels.values(), strict=True))
        if bad := [level for level, share in shares.items() if not isinstance(share, Real) or not share > 0]:
            raise ValueError(f"The shares of {name!r} are positive numbers; found {levels[bad[0]]!r} for {bad[0]!r}.")
        return shares
    given = _given(name, levels)
    return dict.fromkeys(_levels(name, given), 1.0)


def _check_size(name, size):
    if isinstance(size, bool) or not isinstance(size, Integral | Real) or size != int(size) or size < 1:
        raise ValueError(f"{name} is a whole number of one or more; found {size!r}.")


def _levels(name, given):
    if not isinstance(given, int):
        return list(given)
    digits = len(str(given))
    return [f"{name} {k:0{digits}d}" for k in range(1, given + 1)]


def _dealt(shares, n_units):
    """The cell of each unit: in turn where all are equal; else each next unit to the cell furthest below its share."""
    counts, out = np.zeros(len(shares)), np.empty(n_units, dtype=int)
    counts += 1
    out[: len(shares)] = np.arange(len(shares))  # no treatment stays without a unit
    for k in range(len(shares), n_units):
        out[k] = np.argmax(shares / shares.sum() * (k + 1) - counts)
        counts[out[k]] += 1
    return out
