"""Power over many designs: a curve, the smallest design that is large enough, and what the same money buys."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import pandas as pd

from helpers.planning.costs import cost_of
from helpers.planning.enlarged import Enlarged
from helpers.planning.power_table import PowerTable, power
from helpers.planning.recipes import Recipe
from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import listed

LARGEST = 2_000


def curve(
    design: Recipe | Enlarged | pd.DataFrame,
    formula: str,
    *,
    over: Mapping[str, Sequence],
    cost: Mapping[str, float] | None = None,
    **plan: Any,
) -> PowerTable:
    """`power` at several sizes of the design, or several true effects.

    Parameters
    ----------
    design, formula, **plan
        As in `power`.
    over : dict
        What changes: a factor of the recipe that was given as a number (or ``replicates``), or an effect, with the
        values it takes: ``{"animal": range(4, 41)}``, ``{"drug": [0.4, 0.8, 1.2]}``. Of several, every combination.
    cost : dict, optional
        What one level of a factor costs, and one measurement (``row``): ``{"animal": 150, "row": 12}``.

    Returns
    -------
    PowerTable
        As `power`, after a column for each name in `over` and, with `cost`, a column ``cost``. All designs are
        simulated from the same seed.

    Raises
    ------
    ValueError, UnknownNameError
        As `power`; or a name in `over` or `cost` is none that the design has.
    """
    if not isinstance(over, Mapping) or not over:
        raise ValueError(f"over= is a dict such as {{'animal': range(4, 41)}}; found {over!r}.")
    values = {name: _values(name, given) for name, given in over.items()}
    tables = []
    for combination in itertools.product(*values.values()):
        chosen = dict(zip(values, combination, strict=True))
        own, changed = _changed(design, chosen, plan)
        table = power(own, formula, **changed)
        if cost is not None:
            table.insert(0, "cost", cost_of(own, cost))
        for place, (name, value) in enumerate(chosen.items()):
            table.insert(place, _column(name, table), value)
        tables.append(table)
    return PowerTable(pd.concat(tables, ignore_index=True))


def smallest(
    design: Recipe | Enlarged,
    formula: str,
    *,
    over: str | None = None,
    power: float = 0.8,
    largest: int = LARGEST,
    **plan: Any,
) -> PowerTable:
    """The smallest number of animals, days or rows with which a study has enough power.

    Parameters
    ----------
    design, formula, **plan
        As in `power`; its size does not matter. Of several tests, each has to have the power.
    over : str, optional
        What is made larger: a factor given as a number, or ``replicates``. Without, the first factor.
    power : float
    largest : int
        Where to give up.

    Returns
    -------
    PowerTable
        As `power`, at the size found, after a column of its name; and ``smallest_low, smallest_high``: the sizes
        between which the true answer lies, as far as the simulation tells them apart (95%).

    Raises
    ------
    ValueError
        As `power`; or not even the largest has the power.

    Notes
    -----
    By bisection: power is taken to rise with the size. Treatments are dealt out as evenly as a size allows, so a size
    that is no multiple of the number of treatments has a little less than its neighbours promise.
    """
    goal = power
    if isinstance(goal, bool | str) or not 0 < goal < 1:
        raise ValueError(f"power= lies between 0 and 1, such as 0.8; found {goal!r}.")
    if not isinstance(design, Recipe | Enlarged):
        raise ValueError("A table has the size it has: give the design as crossed(animal=8, day=3), say.")
    name = over if over is not None else next(iter(design.sizes))
    if name not in design.sizes:
        raise unknown_name("The design", "size", [name], design.sizes)
    found: dict[int, PowerTable | None] = {}

    def at(size: int, column: str = "power") -> float:
        """The least power of the tests at a size; 0 where the design is too small to be analysed."""
        if size not in found:
            found[size] = _tried(design.resized(**{name: size}), formula, plan)
        table = found[size]
        return 0.0 if table is None else float(table[column].min())

    _first_that_works(design, formula, name, plan, largest, found)
    answer = _least(lambda size: at(size) >= goal, 1, largest)
    if answer is None:
        reached = max(size for size in found if found[size] is not None)
        raise ValueError(
            f"With {reached} levels of {name!r} the power is {at(reached):.2f}, below {goal:g}: more of {name!r} does "
            "not help, or the effect is too small. Make something else larger."
        )
    low = _least(lambda size: at(size, "power_high") >= goal, 1, answer)
    high = _least(lambda size: at(size, "power_low") >= goal, answer, largest)
    table = found[answer]
    assert table is not None
    table.insert(0, name, answer)
    table.insert(1, "smallest_low", low)
    table.insert(2, "smallest_high", high if high is not None else largest)
    return table


def within_budget(
    design: Recipe | Enlarged,
    formula: str,
    *,
    budget: float,
    cost: Mapping[str, float],
    over: Mapping[str, Sequence],
    more: str | None = None,
    **plan: Any,
) -> PowerTable:
    """More animals, or more days of each? The power that a sum of money buys.

    Parameters
    ----------
    design, formula, **plan
        As in `power`.
    budget : float
    cost : dict
        As in `curve`, in the unit of the budget.
    over : dict
        What is tried: ``{"day": [1, 2, 4, 8]}``.
    more : str, optional
        What the rest is spent on: a factor given as a number. Without, the design's first.

    Returns
    -------
    PowerTable
        As `curve`, a design for each value that can be paid for and analysed.

    Raises
    ------
    ValueError
        As `power`; or the budget pays for none.
    """
    name = more if more is not None else next(iter(design.sizes))
    values = {each: _values(each, given) for each, given in over.items()}
    tables = []
    for combination in itertools.product(*values.values()):
        chosen = dict(zip(values, combination, strict=True))
        own, changed = _changed(design, chosen, plan)
        size = _affordable(own, name, cost, budget)
        table = None if size is None else _tried(own.resized(**{name: size}), formula, changed)
        if table is None:
            continue
        table.insert(0, "cost", cost_of(own.resized(**{name: size}), cost))
        for place, (each, value) in enumerate((chosen | {name: size}).items()):
            table.insert(place, _column(each, table), value)
        tables.append(table)
    if not tables:
        raise ValueError(f"{budget:g} pays for no design that can be analysed: each {name!r} costs too much.")
    return PowerTable(pd.concat(tables, ignore_index=True))


def detectable(
    design: Recipe | Enlarged | pd.DataFrame, formula: str, *, effect: str, power: float = 0.8, **plan: Any
) -> float:
    """The smallest effect that a design finds with enough power.

    Parameters
    ----------
    design, formula, **plan
        As in `power`; without `ratios`.
    effect : str
        The term or coefficient that is tested.
    power : float

    Returns
    -------
    float
        In the unit of the outcome, positive; to half a percent, at the given number of simulations.

    Raises
    ------
    ValueError
        As `power`.
    """
    goal = power
    if isinstance(goal, bool | str) or not 0 < goal < 1:
        raise ValueError(f"power= lies between 0 and 1, such as 0.8; found {goal!r}.")
    plan = {"test": effect} | plan

    def reached(size: float) -> bool:
        return bool(
            curve(design, formula, over={effect: [size]}, effects={effect: 0.0}, **plan)["power"].iloc[0] >= goal
        )

    high = 1.0
    while not reached(high):
        high *= 4
    low = high / 4
    while reached(low):
        low, high = low / 4, low
    while high / low > 1.005:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _affordable(design, name, cost, budget):
    """The largest size that the budget pays for."""
    if cost_of(design.resized(**{name: design.fewest(name)}), cost) > budget:
        return None
    size = _least(lambda size: cost_of(design.resized(**{name: size}), cost) > budget, design.fewest(name), LARGEST)
    return LARGEST if size is None else size - 1


def _changed(design, chosen, plan):
    """The design and the plan with other sizes and effects; a name that is both is the effect."""
    known = plan.get("effects")
    assumed = dict(known) if isinstance(known, Mapping) else {}
    counts = design.sizes if isinstance(design, Recipe | Enlarged) else {}
    if unknown := [name for name in chosen if name not in counts and name not in assumed]:
        raise unknown_name("The plan", "size or effect", unknown, dict.fromkeys([*counts, *assumed]))
    effects = {name: value for name, value in chosen.items() if name in assumed}
    sizes = {name: value for name, value in chosen.items() if name not in assumed}
    own = design.resized(**sizes) if sizes else design
    return own, plan | ({"effects": assumed | effects} if effects else {})


def _tried(design, formula, plan):
    """`power`, or None where the design is too small for the formula."""
    try:
        return power(design, formula, **plan)
    except ValueError:
        return None


def _first_that_works(design, formula, name, plan, largest, found):
    """Refuse what is wrong at any size, in the words that `power` has for it."""
    size = max(design.fewest(name), 2)
    while size <= largest:
        try:
            found[size] = power(design.resized(**{name: size}), formula, **plan)
            return
        except ValueError as error:
            if size > 16:
                raise
            last = error
        size *= 2
    raise last


def _least(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """The smallest size from `low` to `high` from which on a condition holds; None if it does not at `high`.

    By doubling steps, then by bisection.
    """
    below, size, step = low - 1, low, 1
    while not holds(size):
        if size == high:
            return None
        below, size, step = size, min(size + step, high), 2 * step
    while size - below > 1:
        middle = (below + size) // 2
        below, size = (below, middle) if holds(middle) else (middle, size)
    return size


def _values(name, given):
    values = list(given) if not isinstance(given, str | Real) else None
    if not values:
        raise ValueError(f"over={{{name!r}: …}} is a list of values, such as [4, 8, 16]; found {given!r}.")
    if not all(isinstance(value, Integral | Real) for value in values):
        raise ValueError(f"The values of {name!r} are numbers; found {listed(values)}.")
    return values


def _column(name, table):
    """The name of a column of the curve; that of an effect must not hide one of the table."""
    return f"{name}_is" if name in table else name
