"""What is asked of every gene: weights on the coefficients, and the words that go with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.design.coding import INTERCEPT, Coding
from helpers.refusals.wording import listed
from helpers.report.counts.count_inputs import nearest
from helpers.report.options import names_in
from helpers.report.phrases import joined, number

MINUS = "−"
WEIGHT = r"(?:(?P<weight>\d+(?:\.\d+)?|\.\d+)(?:/(?P<over>\d+))?\s*\*\s*)?"


@dataclass(frozen=True, eq=False)
class Question:
    """One contrast.

    Attributes
    ----------
    label : str
        Its name in tables.
    which : str
        After "genes": "change between trt and ctl"; a plural verb in the present.
    changed : str
        The same in the past: "changed between trt and ctl".
    up, down : str
        What a positive and a negative change mean: "higher in trt".
    weights : numpy.ndarray, shape (p,)
        On the coefficients.
    """

    label: str
    which: str
    changed: str
    up: str
    down: str
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class _Step:
    """What is compared within the contrast's own column: weights of its levels, or a unit of a number."""

    label: str
    words: str  # "between trt and ctl"
    up: str
    down: str
    levels: dict  # level -> weight; empty for a number


def questions(settings: SimpleNamespace, coding: Coding, samples: pd.DataFrame, contrast: str) -> tuple[Question, ...]:
    """Every contrast that CONTRAST, COMPARE, CONTRASTS and BY ask for.

    Parameters
    ----------
    settings : types.SimpleNamespace
        With ``compare, contrasts, by``.
    coding : helpers.design.coding.Coding
        Of the formula.
    samples : pandas.DataFrame
    contrast : str
        The column asked about.

    Returns
    -------
    tuple of Question

    Raises
    ------
    ValueError
        BY names no factor that the contrast interacts with, CONTRASTS names no level, or what is asked for does not go
        together; the message says what there is.
    """
    by = _by(settings.by, coding, samples, contrast)
    if contrast not in coding.coded:
        for option, given in (("CONTRASTS", settings.contrasts), ("COMPARE", settings.compare != "reference")):
            if given:
                raise ValueError(
                    f"{option} compares levels, and {contrast!r} holds numbers. Leave {option} out, or say CONTRAST= "
                    "with a column of labels."
                )
        if not _is_linear(coding, samples, contrast):
            return _coefficients(coding, contrast, by)
        name = contrast
        steps = [_Step(name, f"with {name}", f"higher where {name} is higher", f"lower where {name} is higher", {})]
    else:
        steps = _steps(settings, levels_of(samples, contrast), contrast)
    cells = [dict(zip(by, cell, strict=True)) for cell in product(*(levels_of(samples, name) for name in by))]
    rows = _Rows(coding, samples, contrast)
    asked = [_in_cell(step, cell, rows) for step in steps for cell in cells]
    if by:
        asked += [_difference(step, low, high, rows) for step in steps for low, high in _compared(cells, settings)]
    return tuple(asked)


def levels_of(samples: pd.DataFrame, name: str) -> list:
    """The levels of a column in their order; of numbers within C(), the numbers."""
    column = samples[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [level for level in column.cat.categories if (column == level).any()]
    return sorted(column.unique().tolist())


def interacting(coding: Coding, contrast: str) -> list[str]:
    """The columns that stand in a term with the contrast."""
    together = [coding.columns_of(term) for term in coding.terms]
    return list(
        dict.fromkeys(name for columns in together if contrast in columns for name in columns if name != contrast)
    )


# --- Within the column asked about ----------------------------------------------------------------------------------


def _steps(settings, levels, contrast):
    if settings.contrasts:
        if settings.compare != "reference":
            raise ValueError("COMPARE and CONTRASTS both say which levels are compared: give one of them.")
        return [_named(piece.strip(), levels, contrast) for piece in settings.contrasts.split(";") if piece.strip()]
    pairs = {
        "reference": [(level, levels[0]) for level in levels[1:]],
        "pairwise": [(high, low) for low, high in combinations(levels, 2)],
        "sequential": [(high, low) for low, high in pairwise(levels)],
    }[settings.compare]
    return [_pair(high, low) for high, low in pairs]


def _pair(high, low):
    words = f"between {low} and {high}"
    return _Step(f"{high} {MINUS} {low}", words, f"higher in {high}", f"lower in {high}", {high: 1.0, low: -1.0})


def _named(text, levels, contrast):
    """A contrast as it was written: levels with signs and weights, with a name and a colon before it or not."""
    name, expression = "", text
    weights = _weights(text, levels)
    if weights is None and ":" in text:
        name, expression = (part.strip() for part in text.split(":", 1))
        weights = _weights(expression, levels)
    if weights is None:
        pieces = [part.strip(" +-") for part in re.split(rf"\s[-+{MINUS}]\s", expression)]
        pieces = [re.sub(r"^[\d./]+\s*\*\s*", "", part) for part in pieces]
        wrong = next((part for part in pieces if part not in map(str, levels)), expression)
        raise ValueError(
            f"CONTRASTS: {contrast!r} has no level {wrong!r}.{nearest(wrong, levels)} It has {listed(levels)}. A "
            "contrast is written 'treated - control', or 'mean of both: 0.5*low + 0.5*high - control', several with "
            "';' between."
        )
    if abs(sum(weights.values())) > 1e-9 or not any(weights.values()):
        raise ValueError(
            f"CONTRASTS: in {text!r} the weights of the levels add up to {number(sum(weights.values()))}. A comparison "
            "needs weights that add up to 0, and not all 0, such as 'treated - control'."
        )
    ups = [level for level, weight in weights.items() if weight > 0]
    downs = [level for level, weight in weights.items() if weight < 0]
    if not name and len(ups) == len(downs) == 1 and weights[ups[0]] == 1:
        return _pair(ups[0], downs[0])
    label = name or re.sub(r"\s-\s", f" {MINUS} ", expression)
    return _Step(label, f"in the comparison “{label}”", "positive", "negative", weights)


def _weights(text, levels):
    """Level -> weight; None where the text is no sum of levels."""
    by_text = {str(level): level for level in levels}
    names = "|".join(map(re.escape, sorted(by_text, key=len, reverse=True)))
    term = re.compile(rf"\s*(?P<sign>[-+{MINUS}])?\s*{WEIGHT}(?P<level>{names})(?=\s*$|\s+[-+{MINUS}]\s|[-+{MINUS}])")
    found, place = dict.fromkeys(levels, 0.0), 0
    while place < len(text.rstrip()):
        match = term.match(text, place)
        if match is None or (place and not match["sign"]):
            return None
        weight = float(match["weight"] or 1) / float(match["over"] or 1)
        found[by_text[match["level"]]] += weight if match["sign"] in (None, "+") else -weight
        place = match.end()
    return {level: weight for level, weight in found.items() if weight} or {levels[0]: 0.0}


# --- Within the levels of others ------------------------------------------------------------------------------------


def _by(text, coding, samples, contrast):
    """The factors within whose levels the contrast is asked: those of BY, or all that interact with it."""
    together = interacting(coding, contrast)
    factors = [name for name in together if name in coding.coded]
    names = names_in(text, list(samples.columns), "BY") if text else factors
    for name in names:
        if name not in factors:
            what = "holds numbers" if name in together else f"stands in no interaction with {contrast!r}"
            raise ValueError(
                f"BY names {name!r}, which {what}: the effect would be the same in all its levels. Write the "
                f"interaction into FORMULA, {contrast} * {name}, or leave BY out.{nearest(name, factors)}"
            )
    if left := [name for name in factors if name not in names]:
        raise ValueError(
            f"The effect of {contrast!r} differs between levels of {listed(left)}, too, by FORMULA: name all in BY, or "
            "leave BY out."
        )
    return names


def _compared(cells, settings):
    """Which two cells each difference of effects is taken between: one factor changes, the others stay."""
    for low, high in combinations(cells, 2):
        if sum(low[name] != high[name] for name in low) != 1:
            continue
        if settings.compare == "pairwise" or all(
            low[name] == cells[0][name] for name in low if low[name] != high[name]
        ):
            yield low, high


class _Rows:
    """Weights on the coefficients, from rows of the design: the study's own, some columns set, then averaged."""

    def __init__(self, coding, samples, contrast):
        self.coding, self.samples, self.contrast = coding, samples, contrast

    def mean(self, **columns):
        frame = self.samples.copy()
        for name, value in columns.items():
            old = frame[name]
            frame[name] = pd.Categorical([value] * len(frame), old.cat.categories) if _labelled(old) else value
        return self.coding.matrix(frame).mean(axis=0)

    def effect(self, step, cell):
        """The weights of a step within a cell."""
        if step.levels:
            return sum(weight * self.mean(**cell, **{self.contrast: level}) for level, weight in step.levels.items())
        low = float(self.samples[self.contrast].mean())
        return self.mean(**cell, **{self.contrast: low + 1}) - self.mean(**cell, **{self.contrast: low})


def _labelled(column):
    return isinstance(column.dtype, pd.CategoricalDtype)


def _in_cell(step, cell, rows):
    weights = _clean(rows.effect(step, cell))
    where = _where(cell)
    label = f"{step.label}, {_short(cell)}" if cell else step.label
    words = f"{step.words}{where}"
    return Question(label, f"change {words}", f"changed {words}", step.up, step.down, weights)


def _difference(step, low, high, rows):
    weights = _clean(rows.effect(step, high) - rows.effect(step, low))
    (name,) = (name for name in low if low[name] != high[name])
    rest = {other: level for other, level in low.items() if other != name}
    label = f"{step.label}, {name}={high[name]} {MINUS} {name}={low[name]}" + (f", {_short(rest)}" if rest else "")
    words = f"differently {step.words} in {name} {high[name]} than in {name} {low[name]}{_where(rest)}"
    more = f"with a change that is more positive in {name} {high[name]}"
    less = f"with a change that is more negative in {name} {high[name]}"
    return Question(label, f"change {words}", f"changed {words}", more, less, weights)


def _where(cell):
    return f" in {joined(f'{name} {level}' for name, level in cell.items())}" if cell else ""


def _short(cell):
    return ", ".join(f"{name}={level}" for name, level in cell.items())


def _clean(weights):
    """Without what rounding left where differences cancel."""
    return np.where(np.abs(weights) < 1e-12 * np.abs(weights).max(), 0, np.round(weights, 12))


# --- Numbers --------------------------------------------------------------------------------------------------------


def _is_linear(coding, samples, contrast):
    """Whether a step of one unit means the same from wherever it starts."""
    step = float(np.std(samples[contrast])) or 1.0
    try:
        at = [coding.matrix(samples.assign(**{contrast: samples[contrast] + k * step})) for k in range(3)]
    except ValueError:  # outside what a function in the formula can take
        return False
    return bool(np.allclose(at[2] - at[1], at[1] - at[0], rtol=1e-6, atol=1e-9))


def _coefficients(coding: Coding, contrast: str, by: Sequence[str]) -> tuple[Question, ...]:
    """Each coefficient of a number that stands in a function, such as log(dose): what a unit is, its name says."""
    if by:
        raise ValueError(
            f"CONTRAST: {contrast!r} stands in a function and in an interaction. Compute that function as a column of "
            "the sample sheet first."
        )
    alone = [
        place for term, places in coding.terms.items() if coding.columns_of(term) == (contrast,) for place in places
    ]
    found = []
    for place in alone:
        name = coding.names[place]
        if name == INTERCEPT:
            continue
        up, down = f"higher where {name} is higher", f"lower where {name} is higher"
        found.append(
            Question(name, f"change with {name}", f"changed with {name}", up, down, np.eye(len(coding.names))[place])
        )
    if not found:
        raise ValueError(f"CONTRAST: {contrast!r} has no coefficient of its own in FORMULA; write it by itself, too.")
    return tuple(found)
