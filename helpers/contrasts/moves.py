"""How a predictor moves: the values that it takes, and the weights that compare the predictions there."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm

import numpy as np

from helpers.refusals.wording import listed

PAIRS = ("reference", "pairwise", "sequential")
FAMILIES = (*PAIRS, "eff", "helmert", "poly")
STEPS = ("sd", "2sd", "iqr", "minmax")
DEGREES = ("linear", "quadratic", "cubic", "quartic", "degree 5", "degree 6")
NAMED = 3  # levels that a mean names; of more, the first and the last
ZERO = 1e-9


@dataclass(frozen=True, eq=False)
class Move:
    """Contrasts between values of one thing: levels of a factor, two places of a number, cells of a table.

    Attributes
    ----------
    at : list
        The values that are compared; of a number, an array with a value for each row may stand there.
    weights : (k, m)
        One row per contrast, one column per value.
    names : list of str
        Of the contrasts.
    n_means : int or None
        How many means are compared, if all pairs of them are.
    to_reference : bool
        Whether all contrasts compare with the first value.
    """

    at: list
    weights: np.ndarray
    names: list
    n_means: int | None = None
    to_reference: bool = False


def move_of_levels(levels, how, sign, where):
    """Contrasts between levels, later minus earlier.

    Parameters
    ----------
    levels : list
        Two or more, in their order.
    how : str or dict
        One of `FAMILIES`; or name -> weights, those a dict level -> weight or one number per level.
    sign : str
        " - " or " / ", for the names.
    where : str
        What the contrasts are of, for a message.

    Returns
    -------
    Move

    Raises
    ------
    ValueError
        No such family; weights of unknown levels, or that do not sum to zero.
    """
    if isinstance(how, dict):
        weights = [_own_weights(levels, name, given, where) for name, given in how.items()]
        if not weights:
            raise ValueError(f"{where}: no contrast is given. Write {{name: {{level: weight, …}}, …}}.")
        return Move(list(levels), np.array(weights), list(map(str, how)))
    n, places = len(levels), range(len(levels))
    if how in PAIRS:
        pairs = {
            "reference": [(hi, 0) for hi in places[1:]],
            "sequential": [(hi, hi - 1) for hi in places[1:]],
            "pairwise": [(hi, lo) for lo, hi in combinations(places, 2)],
        }[how]
        weights = np.array([np.eye(n)[hi] - np.eye(n)[lo] for hi, lo in pairs]).reshape(-1, n)
        names = [f"{levels[hi]}{sign}{levels[lo]}" for hi, lo in pairs]
        return Move(list(levels), weights, names, n if how == "pairwise" or n == 2 else None, how == "reference")
    if how == "eff":
        return Move(list(levels), np.eye(n) - 1 / n, [f"{level}{sign}mean" for level in levels])
    if how == "helmert":
        weights = [np.r_[np.full(hi, -1 / hi), 1, np.zeros(n - hi - 1)] for hi in places[1:]]
        names = [f"{levels[hi]}{sign}{_mean_name(levels[:hi])}" for hi in places[1:]]
        return Move(list(levels), np.array(weights).reshape(-1, n), names)
    weights = polynomial_weights(levels)
    return Move(list(levels), weights, list(DEGREES[: len(weights)]))


def _mean_name(levels):
    if len(levels) == 1:
        return str(levels[0])
    shown = levels if len(levels) <= NAMED else [levels[0], "…", levels[-1]]
    return f"mean({', '.join(map(str, shown))})"


def _own_weights(levels, name, given, where):
    """The weights of one contrast, one per level."""
    if isinstance(given, dict):
        if unknown := [level for level in given if level not in levels]:
            raise ValueError(f"{where}: {name!r} weighs {unknown[0]!r}, which is no level; levels: {listed(levels)}.")
        given = [given.get(level, 0) for level in levels]
    if not isinstance(given, list | tuple | np.ndarray):
        raise ValueError(
            f"{where}: a contrast of your own is {{name: {{level: weight, …}}}}; found {given!r} under {name!r}."
        )
    if len(given) != len(levels):
        raise ValueError(f"{where}: {name!r} has {len(given)} weights for {len(levels)} levels, {listed(levels)}.")
    weights = np.array([_number(value, name, where) for value in given])
    if not weights.any() or abs(weights.sum()) > ZERO * np.abs(weights).max():
        raise ValueError(
            f"{where}: the weights of {name!r} sum to {weights.sum():g} ({', '.join(f'{w:g}' for w in weights)}). A "
            "contrast has positive and negative weights that sum to zero. For a weighted mean use predictions with a "
            "grid of your own."
        )
    return weights


def _number(value, name, where):
    if not is_number(value):
        raise ValueError(f"{where}: the weights of {name!r} are numbers; found {value!r}.")
    return float(value)


def is_number(value):
    """Whether a value is one finite number."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))


def polynomial_weights(levels):
    """Orthogonal polynomials over levels, in the smallest whole numbers, the highest level positive.

    Levels that are numbers stand where they are: 0, 2 and 5 are not equally far apart. Others are taken as equally
    spaced, as R's emmeans takes all. Up to degree 6, as there.
    """
    n = len(levels)
    at = [Fraction(str(level)) for level in levels] if all(map(is_number, levels)) else list(map(Fraction, range(n)))
    found = [[Fraction(1)] * n]
    for degree in range(1, min(len(DEGREES), n - 1) + 1):
        column = [x**degree for x in at]
        for earlier in found:  # exact, in fractions
            share = sum(a * b for a, b in zip(column, earlier, strict=True)) / sum(a * a for a in earlier)
            column = [a - share * b for a, b in zip(column, earlier, strict=True)]
        found.append(column)
    return np.array([_whole(column) for column in found[1:]], dtype=float).reshape(-1, n)


def _whole(column):
    """The smallest whole numbers in the proportions of fractions."""
    factor = lcm(*(value.denominator for value in column))
    whole = [int(value * factor) for value in column]
    return [value // gcd(*whole) for value in whole]


def move_of_factor(name, levels, how, sign):
    """How a factor moves: a family of contrasts, or from one level to another; parameters as `comparisons` has them."""
    if how is None:
        how = "reference"
    if (isinstance(how, str) and how in FAMILIES) or isinstance(how, dict):
        return move_of_levels(levels, how, sign, f"variables: {name!r}")
    if isinstance(how, list | tuple) and len(how) == 2:
        if unknown := [level for level in how if level not in levels]:
            raise ValueError(f"{name!r} has no level {unknown[0]!r}; its levels: {listed(levels)}.")
        low, high = (levels[levels.index(level)] for level in how)  # True for 1, say
        if low == high:
            raise ValueError(f"{name!r} moves from {low!r} to itself. Give two levels: {listed(levels)}.")
        return Move([low, high], np.array([[-1.0, 1.0]]), [f"{high}{sign}{low}"])
    raise ValueError(
        f"{name!r} is a factor: it moves by one of {listed(FAMILIES)}, [from, to], or weights of your own; found "
        f"{how!r}."
    )


def move_of_number(name, how, at_fit, here, sign):
    """How a number moves.

    Parameters
    ----------
    name : str
    how : None, number, pair of numbers or one of `STEPS`
        A step goes half to each side of where the predictor stands.
    at_fit : (m,)
        Values at the fit.
    here : (n,)
        Values in the grid.
    sign : str

    Returns
    -------
    Move
    """
    how = 1 if how is None else how
    if isinstance(how, str) and how in STEPS:
        low, high = _standard_step(how, at_fit, here)
        label = {"sd": "+1 SD", "2sd": "+2 SD", "iqr": f"Q3{sign}Q1", "minmax": f"max{sign}min"}[how]
    elif isinstance(how, list | tuple) and len(how) == 2 and all(map(is_number, how)) and how[0] != how[1]:
        low, high = map(float, how)
        label = f"{high:g}{sign}{low:g}"
    elif is_number(how) and how != 0:
        low, high, label = here - how / 2, here + how / 2, f"{how:+g}"
    else:
        raise ValueError(
            f"{name!r} is numeric: it moves by a step, [from, to], or one of {listed(STEPS)}; found {how!r}."
        )
    return Move([low, high], np.array([[-1.0, 1.0]]), [f"{name}: {label}"])


def _standard_step(how, at_fit, here):
    if how == "iqr":
        return tuple(np.percentile(at_fit, [25, 75]))
    if how == "minmax":
        return at_fit.min(), at_fit.max()
    half = np.std(at_fit, ddof=1) * (1 if how == "2sd" else 0.5)
    return here - half, here + half
