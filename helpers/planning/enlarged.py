"""More animals like those of a pilot: its own rows, again and again under new names."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from helpers.refusals.errors import unknown_name


@dataclass(frozen=True, eq=False)
class Enlarged:
    """A pilot's design with another number of animals; made by `like`.

    Attributes
    ----------
    rows : pandas.DataFrame
    unit : str
        The column of the animals.
    order : tuple
        The pilot's animals as they are taken in turn: one of each treatment, then the next of each.
    kinds : int
        How many treatments there are.
    n : int
        Animals of this design.
    """

    rows: pd.DataFrame
    unit: str
    order: tuple
    kinds: int
    n: int

    missing = 0.0
    replicates = 1

    @property
    def sizes(self) -> dict[str, int]:
        """What can be given another number."""
        return {self.unit: self.n}

    def fewest(self, name: str) -> int:
        """The smallest size with an animal of each treatment."""
        return self.kinds

    def resized(self, **sizes: int) -> Enlarged:
        """The same with another number of animals.

        Raises
        ------
        UnknownNameError
            Something else than the animals is named. It is a ``KeyError``.
        ValueError
            The number is none.
        """
        if unknown := [name for name in sizes if name != self.unit]:
            raise unknown_name("The design", "size", unknown, [self.unit])
        n = sizes[self.unit]
        if isinstance(n, bool) or n != int(n) or n < 1:
            raise ValueError(f"{self.unit} is a whole number of one or more; found {n!r}.")
        return replace(self, n=int(n))

    def table(self, rng: np.random.Generator | None = None) -> pd.DataFrame:
        """The rows of all animals; those of the pilot's second time round are called "m1 again 1" and so on."""
        parts = []
        for k in range(self.n):
            animal, times = self.order[k % len(self.order)], k // len(self.order)
            own = self.rows[self.rows[self.unit] == animal]
            parts.append(own.assign(**{self.unit: f"{animal} again {times}" if times else str(animal)}))
        table = pd.concat(parts, ignore_index=True)
        for name, column in self.rows.items():
            if name != self.unit and isinstance(column.dtype, pd.CategoricalDtype):
                table[name] = pd.Categorical(table[name], column.cat.categories)
        return table


def like(table: pd.DataFrame, unit: str) -> Enlarged:
    """The design of a table, in any size: animals like its own, with their treatments, days and gaps.

    Parameters
    ----------
    table : pandas.DataFrame
        A pilot's rows.
    unit : str
        The column of the animals: what there will be more of.

    Returns
    -------
    Enlarged
        For `power`, `curve` and `smallest`. It starts at the size of the table.

    Raises
    ------
    UnknownNameError
        There is no such column. It is a ``KeyError``.
    """
    if unit not in table:
        raise unknown_name("The table", "column", [unit], table.columns)
    labels = [name for name in table.columns if name != unit and not is_numeric_dtype(table[name])]
    turn: dict[tuple, list] = {}
    for animal, own in table.groupby(unit, observed=True, sort=False):
        turn.setdefault(tuple(tuple(sorted(map(str, own[name].unique()))) for name in labels), []).append(animal)
    kinds = list(turn.values())
    order = [kind[k] for k in range(max(map(len, kinds))) for kind in kinds if k < len(kind)]
    return Enlarged(table, unit, tuple(order), len(kinds), len(order))
