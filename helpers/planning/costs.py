"""What a design costs."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real

import pandas as pd

from helpers.planning.enlarged import Enlarged
from helpers.planning.recipes import Recipe
from helpers.refusals.errors import unknown_name

ROW = "row"  # what a single measurement is called in `cost`


def cost_of(design: Recipe | Enlarged | pd.DataFrame, cost: Mapping[str, float]) -> float:
    """What a design costs: each level of each factor, and each row.

    Raises
    ------
    UnknownNameError
        A cost is of nothing that the design has. It is a ``KeyError``.
    ValueError
        A cost is no number of 0 or more.
    """
    table = design.table() if isinstance(design, Recipe | Enlarged) else design
    if unknown := [name for name in cost if name != ROW and name not in table]:
        raise unknown_name("The design", "factor", unknown, [*table.columns, ROW])
    for name, each in cost.items():
        if isinstance(each, bool) or not isinstance(each, Real) or not each >= 0:
            raise ValueError(f"The cost of {name!r} is a number of 0 or more; found {each!r}.")
    return float(sum(each * (len(table) if name == ROW else table[name].nunique()) for name, each in cost.items()))
