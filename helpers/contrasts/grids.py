"""Rows to average over: a balanced grid of the factors, the rows observed, or a table of one's own."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.contrasts.models import Model
from helpers.contrasts.moves import is_number
from helpers.design.columns import used
from helpers.refusals.errors import MissingColumnError
from helpers.refusals.wording import closest, listed

LARGEST = 100_000
GRIDS = ("balanced", "proportional", "observed")
RESULTS = {"term", "contrast", "estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"}
RESULTS |= {"p_adjusted", "conf_low_adjusted", "conf_high_adjusted", "num_df", "den_df"}


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows to average over.

    Attributes
    ----------
    rows : pandas.DataFrame
        n rows of predictors; factors are categories.
    offset : (n,)
        On the scale of the linear predictor.
    weights : (n,)
        How much each row counts within its cell.
    note : str
        What is averaged over, in words.
    """

    rows: pd.DataFrame
    offset: np.ndarray
    weights: np.ndarray
    note: str

    def moved(self, name, value):
        """The grid with a predictor set to one value, or to one for each row."""
        rows, column = self.rows.copy(), self.rows[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            code = list(column.cat.categories).index(value)
            rows[name] = pd.Categorical.from_codes(np.full(len(rows), code), dtype=column.dtype)
        else:
            rows[name] = value
        return replace(self, rows=rows)


def make_grid(model: Model, grid, at, offset, by, moved=()):
    """Rows of predictors to average over.

    Parameters
    ----------
    model : Model
    grid : {"balanced", "proportional", "observed"} or pandas.DataFrame
    at : dict or None
        Predictor -> values that replace the mean (a number) or all levels (a factor).
    offset : float or None
        On the scale of the linear predictor; None for the mean offset, or each row's own.
    by, moved : list of str
        Predictors that are not averaged over: those of the cells, those that move.

    Returns
    -------
    Grid

    Raises
    ------
    ValueError
        No such grid, level or value; a grid of more than 100,000 rows.
    MissingColumnError
        A predictor is not in the table, or `at` names none.
    """
    at, kept = _checked(model, at), [*by, *moved]
    if isinstance(grid, pd.DataFrame):
        rows = _given(model, grid)
        note = f"averaged over the {len(rows):,} rows of the table given"
    elif isinstance(grid, str) and grid in ("balanced", "proportional"):
        return _of_levels(model, at, offset, kept, grid)
    elif isinstance(grid, str) and grid == "observed":
        check_rows(model, "grid='observed'")
        rows = model.predictors
        note = f"averaged over the {len(rows):,} rows observed: a cell weighs as much as it has rows"
    else:
        raise ValueError(f"grid is one of {listed(GRIDS)}, or a table of predictors; found {grid!r}.")
    own = model.offset if isinstance(grid, str) and model.offset is not None else np.full(len(rows), _mean(model))
    own = own if offset is None else np.full(len(rows), float(offset))
    repeated = [_set(rows, dict(zip(at, values, strict=True))) for values in itertools.product(*at.values())]
    rows, own = pd.concat(repeated, ignore_index=True), np.tile(own, len(repeated))
    return Grid(_recoded(model, rows), own, np.ones(len(rows)), note + _at_note(at))


def check_rows(model, what):
    """Refuse what needs the single rows of a fit that was computed from cells."""
    if not model.has_rows:
        raise ValueError(
            f"{what} needs the single rows, and this model was fitted to counts, means and sums of squares per cell. "
            "Use grid='balanced' or a table of your own, and steps in numbers."
        )


def _mean(model):
    return 0.0 if model.offset is None else float(model.offset.mean())


def _checked(model, at):
    """Each predictor of `at` with a list of values that it can take."""
    checked = {}
    for name, values in (at or {}).items():
        check_predictor(model, name, "at")
        values = list(values) if isinstance(values, list | tuple | np.ndarray | pd.Index) else [values]
        if not values:
            raise ValueError(f"at: no value is given for {name!r}. Give one or more, or leave {name!r} out.")
        if name in model.levels and (unknown := [value for value in values if value not in model.levels[name]]):
            raise ValueError(f"at: {name!r} has no level {unknown[0]!r}; its levels: {listed(model.levels[name])}.")
        if name in model.levels:  # 1 for True, say
            values = [model.levels[name][model.levels[name].index(value)] for value in values]
        if name not in model.levels and not all(map(is_number, values)):
            raise ValueError(f"at: {name!r} is numeric; found {listed(values)}. Give finite numbers.")
        checked[name] = values
    return checked


def check_predictor(model, name, where):
    """Refuse a name that is no predictor of the model, with the closest one that is."""
    if name not in model.predictors.columns:
        near = closest(str(name), list(model.predictors.columns))
        hint = f" Closest: {listed(near)}." if near else ""
        raise MissingColumnError(
            f"{where}: the model's fixed part has no predictor {name!r}.{hint}"
            f" Its predictors: {listed(model.predictors.columns)}."
        )


def check_by(model, by, at):
    """The cells asked for, as a list of predictors that are factors or fixed by `at`."""
    by = [by] if isinstance(by, str) else list(by or [])
    for name in by:
        check_predictor(model, name, "by")
        if name not in model.levels and name not in (at or {}):
            raise ValueError(
                f"by: {name!r} is numeric and has no levels. Say at which values: at={{{name!r}: [low, high]}}."
            )
    if clash := [name for name in by if name in RESULTS]:
        raise ValueError(f"by: {clash[0]!r} is also the name of a column of the result. Rename it and fit again.")
    if len(set(by)) < len(by):
        raise ValueError(f"by names a column twice: {listed(by)}.")
    return by


def _of_levels(model, at, offset, kept, grid):
    """Each combination of levels once, weighed alike or by how many rows of the fit have it."""
    values = {
        name: at.get(name, model.levels[name] if name in model.levels else [float(column.mean())])
        for name, column in model.predictors.items()
    }
    size = int(np.prod([len(each) for each in values.values()], dtype=float))
    if size > LARGEST:
        raise ValueError(f"The {grid} grid has {size:,} rows: fix some predictors with at=, or use grid='observed'.")
    rows = pd.DataFrame(list(itertools.product(*values.values())), columns=list(values))
    rows = _recoded(model, pd.DataFrame(index=range(1)) if not values else rows)
    offsets = np.full(len(rows), _mean(model) if offset is None else float(offset))
    averaged = [name for name in model.levels if name not in kept]
    proportional = grid == "proportional"
    weights = _frequencies(model, rows, averaged) if proportional else np.ones(len(rows))
    return Grid(rows, offsets, weights, _note(model, at, kept, proportional))


def _frequencies(model, rows, names):
    """How many rows of the fit have each combination of the factors averaged over."""
    check_rows(model, "grid='proportional'")
    if not names:
        return np.ones(len(rows))
    counts = model.predictors[names].astype(object).value_counts()
    found = counts.reindex(pd.MultiIndex.from_frame(rows[names].astype(object)), fill_value=0).to_numpy(dtype=float)
    if not found.any():
        raise ValueError(
            f"grid='proportional': no row of the fit has the levels of {listed(names)} that at= fixes. Use "
            "grid='balanced'."
        )
    return found


def _note(model, at, kept, proportional):
    factors = [name for name in model.levels if name not in {**at, **dict.fromkeys(kept)}]
    means = [
        f"{name} at its mean, {_shown_mean(model.predictors[name])}"
        for name in model.predictors.columns
        if name not in model.levels and name not in at
    ]
    if proportional:
        said = [f"levels of {listed(factors)} weigh as many rows of the fit have them"] if factors else []
        return f"proportional grid: {'; '.join(said + means) or 'nothing to average over'}{_at_note(at)}"
    said = [f"every level of {listed(factors)} weighs the same"] if factors else []
    return f"balanced grid: {'; '.join(said + means) or 'nothing to average over'}{_at_note(at)}"


def _shown_mean(column):
    """A mean in four digits; that of a centred column is 0, whatever rounding left."""
    mean = column.mean()
    return "0" if abs(mean) < 1e-9 * column.abs().max() else f"{mean:.4g}"


def _at_note(at):
    return "".join(f"; {name} at {', '.join(map(str, values))}" for name, values in at.items())


def _given(model, grid):
    rows = used(grid, list(model.predictors.columns), "grid")
    for name, levels in model.levels.items():
        if unknown := [value for value in rows[name].unique() if value not in levels]:
            raise ValueError(f"grid holds {unknown[0]!r} in {name!r}; its levels at the fit: {listed(levels)}.")
        rows = _set(rows, {name: [levels[levels.index(value)] for value in rows[name]]})
    if gaps := [name for name in rows.columns if rows[name].isna().any()]:
        raise ValueError(f"grid has missing values in {listed(gaps)}. Fill them in or drop the rows.")
    return rows


def _recoded(model, rows):
    return _set(rows, {name: pd.Categorical(rows[name], levels) for name, levels in model.levels.items()})


def _set(rows, columns):
    """Rows with some columns replaced; a name may be anything."""
    rows = rows.copy()
    for name, values in columns.items():
        rows[name] = values
    return rows
