"""What is assumed of the data: effects in the reader's terms to coefficients, standard deviations to covariances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from helpers.design import Design
from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import listed

RESIDUAL, INTERCEPT, CORRELATION = "residual", "(Intercept)", "correlation"
MEAN = "mean"


@dataclass(frozen=True, eq=False)
class Variances:
    """Covariances of the random effects, term by term (size, size), and the residual standard deviation.

    Or those of several studies: (n, size, size) and (n,).
    """

    terms: tuple[np.ndarray, ...]
    sigma: float | np.ndarray

    def of(self, places: np.ndarray) -> Variances:
        """Those of some studies; of the only one, for all."""
        if np.ndim(self.sigma) == 0:
            return self
        return Variances(tuple(term[places] for term in self.terms), np.asarray(self.sigma)[places])


def stacked(variances: Sequence[Variances]) -> Variances:
    """Several as one."""
    terms = zip(*(each.terms for each in variances), strict=True)
    return Variances(tuple(map(np.array, terms)), np.array([each.sigma for each in variances]))


def coefficients_of(design: Design, effects: Mapping | pd.DataFrame | None, *, ratios: bool = False) -> np.ndarray:
    """The true coefficients (p,) that `effects` says; see `helpers.planning.power`.

    Raises
    ------
    UnknownNameError
        An effect is on a term that the formula does not have. It is a ``KeyError``.
    ValueError
        An effect is no number, a ratio is not positive, a term has several coefficients, or means that the formula
        cannot have.
    """
    if isinstance(effects, pd.DataFrame):
        return _from_means(design, effects, ratios)
    beta = np.zeros(len(design.names))
    if effects is None:
        return beta
    if not isinstance(effects, Mapping | pd.Series):
        raise ValueError(f"effects= is a dict such as {{'drug': 0.8}}, or a table of means; found {effects!r}.")
    for name, value in dict(effects).items():
        if isinstance(value, Mapping):
            for level, each in value.items():
                beta[_of_level(design, name, level)] = _number(f"{name} {level}", each, ratios)
        else:
            beta[place_of(design, name)] = _number(name, value, ratios)
    return beta


def place_of(design: Design, name: str) -> int:
    """The coefficient that a name means: its own, or that of a term with one."""
    if name in design.names:
        return design.names.index(name)
    places = design.terms.get(name)
    if places is None:
        raise unknown_name("The formula", "term or coefficient", [name], dict.fromkeys([*design.terms, *design.names]))
    if len(places) > 1:
        own = [design.names[place] for place in places]
        raise ValueError(
            f"{name!r} has {len(places)} coefficients: give each its effect, by level, {{{name!r}: {{'…': 0.8, …}}}}, "
            f"or by name: {listed(own)}."
        )
    return places[0]


def _of_level(design, name, level):
    """The coefficient of a factor's level against the reference."""
    if name not in design.terms:
        raise unknown_name("The formula", "term", [name], design.terms)
    own = {design.names[place]: place for place in design.terms[name]}
    ending = f"[T.{level}]"
    for each, place in own.items():
        if each.endswith(ending):
            return place
    raise unknown_name(f"{name!r}", "level beside the reference", [level], own)


def _number(name, value, ratios):
    if isinstance(value, bool) or not isinstance(value, Real) or not np.isfinite(value):
        raise ValueError(f"The effect of {name!r} is a number; found {value!r}.")
    if ratios and value <= 0:
        raise ValueError(f"With ratios=True the effect of {name!r} is a ratio above 0 (1: none); found {value!r}.")
    return float(np.log(value)) if ratios else float(value)


def _from_means(design, means, ratios):
    """The coefficients with which every row has the mean that its cell was given."""
    if MEAN not in means:
        raise unknown_name("The table of means", "column", [MEAN], means.columns)
    cells = [name for name in means.columns if name != MEAN]
    if unknown := [name for name in cells if name not in design.data]:
        raise unknown_name("The design", "column", unknown, design.data.columns)
    rows = design.data[cells].astype(object).merge(means.astype(dict.fromkeys(cells, object)), on=cells, how="left")
    if rows[MEAN].isna().any():
        where = rows.loc[rows[MEAN].isna(), cells].iloc[0].to_dict()
        raise ValueError(f"The table of means has none for {where}.")
    target = rows[MEAN].to_numpy(dtype=float)
    if ratios:
        if (target <= 0).any():
            raise ValueError(f"With ratios=True means are above 0; found {target.min():g}.")
        target = np.log(target)
    beta = np.linalg.lstsq(design.X, target, rcond=None)[0]
    if np.abs(design.X @ beta - target).max() > 1e-6 * max(1.0, np.abs(target).max()):
        raise ValueError(
            "The formula cannot have these means: they need a term that it leaves out, an interaction perhaps."
        )
    return beta


def variances_of(design: Design, sd: Any) -> Variances:
    """The covariances that `sd` says for the random terms of a formula; see `helpers.planning.power`.

    Raises
    ------
    ValueError
        A standard deviation is missing, negative or no number, or one is given for what the formula does not have.
    """
    if isinstance(sd, Pilot):
        sd = sd.sd
    if not isinstance(sd, Mapping):
        raise ValueError(f"sd= is a dict such as {{'animal': 0.7, 'residual': 1.0}}; found {sd!r}.")
    groups = list(dict.fromkeys(term.group for term in design.random))
    known = [*groups, RESIDUAL]
    if unknown := [name for name in sd if name not in known]:
        raise unknown_name("The formula", "standard deviation", unknown, known)
    if missing := [name for name in known if name not in sd]:
        raise ValueError(f"sd= says nothing of {listed(missing)}: it needs {listed(known)}.")
    sigma = _deviation(RESIDUAL, sd[RESIDUAL])
    if sigma == 0:
        raise ValueError("The residual standard deviation is 0: then there is nothing to plan, every effect shows.")
    return Variances(tuple(_covariance(design, term, sd[term.group]) for term in design.random), sigma)


def _covariance(design, term, given):
    names = list(term.names)
    if isinstance(given, Real):
        if names != [INTERCEPT]:
            raise ValueError(
                f"{term.group!r} has the random effects {listed(names)}: give each its standard deviation, "
                f"sd={{{term.group!r}: {{{names[0]!r}: 0.7, {names[-1]!r}: 0.4, 'correlation': 0}}}}."
            )
        return np.array([[_deviation(term.group, given) ** 2]])
    if not isinstance(given, Mapping):
        _deviation(term.group, given)
    every = _all_names(design, term.group)
    own = {_effect_name(name, every): value for name, value in given.items() if name != CORRELATION}
    if missing := [name for name in names if name not in own]:
        raise ValueError(f"sd= says nothing of {listed(missing)} of {term.group!r}.")
    deviations = np.array([_deviation(f"{name} of {term.group}", own[name]) for name in names])
    correlation = np.asarray(given.get(CORRELATION, 0.0), dtype=float)
    matrix = np.eye(len(names))
    if correlation.ndim == 0 and len(names) > 1:
        matrix = np.where(matrix == 1, 1.0, correlation)
    elif correlation.ndim == 2:
        matrix = correlation
    if matrix.shape != (len(names), len(names)) or np.abs(matrix).max() > 1 or np.linalg.eigvalsh(matrix)[0] < -1e-9:
        raise ValueError(
            f"The correlation of the random effects of {term.group!r} lies between -1 and 1 (one number, or a whole "
            f"matrix of {len(names)} × {len(names)}); found {given.get(CORRELATION)!r}."
        )
    return matrix * np.outer(deviations, deviations)


def _all_names(design, group):
    return [name for term in design.random if term.group == group for name in term.names]


def _effect_name(name, names):
    """A random effect's name, as it is written or short: "drug" for "drug[T.yes]", "intercept"."""
    if name in names:
        return name
    if name.casefold() in ("intercept", "1"):
        return INTERCEPT
    near = [each for each in names if each.startswith(f"{name}[T.")]
    if len(near) == 1:
        return near[0]
    raise unknown_name("The random part", "effect", [name], names)


def _deviation(name, value):
    if isinstance(value, bool) or not isinstance(value, Real) or not np.isfinite(value) or value < 0:
        raise ValueError(f"The standard deviation of {name!r} is a number of 0 or more; found {value!r}.")
    return float(value)


def from_icc(total: float, **shares: float) -> dict[str, float]:
    """Standard deviations from a total one and intraclass correlations.

    Parameters
    ----------
    total : float
        Standard deviation of single measurements about their mean, of different animals.
    **shares
        Group -> the share of the total variance that lies between its levels: ``from_icc(1.2, animal=0.4)``.

    Returns
    -------
    dict
        As `power` takes them: group -> standard deviation, and "residual".

    Raises
    ------
    ValueError
        A share lies outside 0 … 1, or they sum to 1 or more.
    """
    total = _deviation("total", total)
    for name, share in shares.items():
        if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= share < 1:
            raise ValueError(f"The intraclass correlation of {name!r} is a share from 0 to below 1; found {share!r}.")
    left = 1 - sum(shares.values())
    if left <= 0:
        raise ValueError(f"The intraclass correlations sum to {1 - left:g}: nothing is left for the residual.")
    return {name: total * float(np.sqrt(share)) for name, share in shares.items()} | {
        RESIDUAL: total * float(np.sqrt(left))
    }


@dataclass(frozen=True, eq=False)
class Pilot:
    """Standard deviations that a pilot study found; made by `from_fit`.

    Attributes
    ----------
    sd : dict
        As `power` takes it.
    draws : sequence of dict
        Other values that it leaves possible; empty where its uncertainty is not asked for.
    """

    sd: dict
    draws: Sequence[dict] = ()
