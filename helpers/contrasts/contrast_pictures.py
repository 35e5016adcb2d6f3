"""Two pictures: how the effect of one predictor depends on another, and which of several means differ.

Each draws on an Axes and returns it. Colours are told apart by every eye (Okabe & Ito 2008), shapes say the same again,
and every line is named beside itself.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import ticker
from matplotlib.axes import Axes

from helpers import plots
from helpers.contrasts import predictions
from helpers.contrasts.grids import check_predictor
from helpers.contrasts.models import as_model
from helpers.contrasts.scales import as_scale
from helpers.mixed.generalized import GeneralizedMixedFit

if TYPE_CHECKING:
    from helpers.contrasts.table import EffectsTable

COLOURS = (plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK, plots.INK, plots.SKY, plots.AMBER)
MARKERS = "os^DvP*"
LARGE, SMALL = 14, 12  # font sizes: a projector stands far from the last row
CLOUD = 150  # raw points of a cell that are drawn, evenly taken by rank
CURVE = 25  # places of a numeric predictor at which its line is computed
TEXT = {"fontsize": LARGE, "va": "center", "ha": "left", "textcoords": "offset points", "annotation_clip": False}
GOLDEN = (5**0.5 - 1) / 2


def interaction_plot(
    fit: object,
    x: str,
    trace: str | None = None,
    *,
    at: dict | None = None,
    grid: Literal["balanced", "proportional", "observed"] | pd.DataFrame = "balanced",
    offset: float | None = None,
    transform: str | None = None,
    ddf: Literal["satterthwaite", "kenward-roger", "normal"] | None = None,
    conf_level: float = 0.95,
    points: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """The model's means with their intervals along one predictor, a line for each level of another, and the raw points.

    Lines that are parallel say "no interaction".

    Parameters
    ----------
    fit : MixedFit, or a statsmodels result
        As `helpers.contrasts.predictions` takes it. Count and other generalized models are drawn on the scale of the
        outcome.
    x : str
        The predictor along the axis; of a number, `at` may say at which values.
    trace : str, optional
        A factor, or a number at several values of `at`: one line each, up to seven.
    at, grid, offset, transform, ddf, conf_level
        As in `helpers.contrasts.predictions`.
    points : bool
        Whether to draw the outcome of each row of the fit, as it is: not adjusted for other predictors. Of a model with
        an offset, scaled to the offset that the means stand for. Of a cell with many rows 150, evenly taken by rank.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        With neither title nor legend: a title states what is found.

    Raises
    ------
    UnknownNameError, ValueError
        As in `predictions`; or more lines than can be told apart.
    """
    model = as_model(fit)
    for name, where in ((x, "x"), *([(trace, "trace")] if trace else [])):
        check_predictor(model, name, where)
    how = {"grid": grid, "offset": offset, "ddf": ddf, "transform": transform, "conf_level": conf_level}
    lines = _lines(fit, model, x, trace, dict(at or {}), how)
    if len(lines) > len(COLOURS):
        raise ValueError(
            f"{trace!r} has {len(lines)} levels, and {len(COLOURS)} lines can be told apart. Swap x and trace, or "
            f"choose levels: at={{{trace!r}: [...]}}."
        )
    ax = plt.gca() if ax is None else ax
    runs = x not in model.levels
    places = {} if runs else {level: place for place, level in enumerate(lines[0][1][x])}
    shifts = np.zeros(len(lines)) if runs else (np.arange(len(lines)) - (len(lines) - 1) / 2) * 0.6 / len(lines)
    if points:
        _points(ax, model, x, trace, lines, places, shifts, as_scale(transform), offset)
    ends = []
    for (_, rows), shift, colour, marker in zip(lines, shifts, COLOURS, MARKERS, strict=False):
        along = rows[x].map(places).to_numpy(float) + shift if places else rows[x].to_numpy(float)
        _line(ax, rows, along, colour, marker, band=runs)
        ends.append(float(rows["estimate"].iloc[-1]))
    if places:
        ax.set_xticks(range(len(places)), list(places))
        ax.set_xlim(-0.5, len(places) - 0.5)
    if transform == "exp":
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    ax.tick_params(labelsize=SMALL)
    ax.set_xlabel(x, fontsize=LARGE)
    ax.set_ylabel(_outcome_name(fit, transform), fontsize=LARGE)
    if trace is not None:
        _name_lines(ax, [level for level, _ in lines], ends, trace)
    return ax


def _lines(fit, model, x, trace, at, how):
    """The means of each line: a level of `trace`, and a table.

    A line along a number goes as far as its own rows do, where no values are given.
    """
    if x in model.levels or x in at:
        table = predictions(fit, [name for name in (trace, x) if name], scale="response", at=at, **how)
        return [(None, table)] if trace is None else list(table.groupby(trace, observed=True, sort=False))
    values = model.predictors[x].to_numpy(dtype=float)
    if trace is None:
        levels = [None]
    elif trace in model.levels:
        levels = [level for level in model.levels[trace] if level in _listed(at.get(trace, model.levels[trace]))]
    else:
        levels = sorted(_listed(at.get(trace, [])))
    lines = []
    for level in levels or [None]:
        own = values[(model.predictors[trace] == level).to_numpy()] if trace in model.levels else values
        here = at | {x: list(np.linspace(own.min(), own.max(), CURVE if np.ptp(own) else 1))}
        here |= {} if trace is None or level is None else {trace: [level]}
        by = [name for name in (trace, x) if name]
        lines.append((level, predictions(fit, by, scale="response", at=here, **how)))
    return lines


def _listed(values):
    return list(values) if isinstance(values, list | tuple | np.ndarray) else [values]


def _line(ax, rows, along, colour, marker, *, band):
    if band:
        ax.fill_between(along, rows["conf_low"], rows["conf_high"], color=colour, alpha=0.15, linewidth=0)
        ax.plot(along, rows["estimate"], color=colour, linewidth=3)
        return
    ax.plot(along, rows["estimate"], color=colour, linewidth=2, alpha=0.7)
    ax.vlines(along, rows["conf_low"], rows["conf_high"], color=colour, linewidth=3)
    ax.scatter(along, rows["estimate"], color=colour, marker=marker, s=110, zorder=4, edgecolors="white")


def _points(ax, model, x, trace, lines, places, shifts, scale, offset):
    """The rows of the fit, beside the place of their mean."""
    if not model.has_rows:
        raise ValueError("points=True needs the single rows, and this model was fitted to cells: use points=False.")
    outcome, rows = scale.forward(_outcome(model, offset)), model.predictors
    for (level, _), shift, colour in zip(lines, shifts, COLOURS, strict=False):
        of_line = np.ones(len(rows), dtype=bool) if trace is None else (rows[trace] == level).to_numpy()
        for name, place in places.items():
            chosen = np.sort(outcome[of_line & (rows[x] == name).to_numpy()])
            chosen = chosen[np.linspace(0, len(chosen) - 1, min(len(chosen), CLOUD)).round().astype(int)]
            spread = (np.arange(1, len(chosen) + 1) * GOLDEN) % 1 - 0.5  # even, and the same each time
            ax.scatter(place + shift + spread * 0.4 / len(lines), chosen, **_cloud(colour, len(chosen)))
        if not places:
            ax.scatter(rows.loc[of_line, x], outcome[of_line], **_cloud(colour, of_line.sum()))


def _cloud(colour, n):
    return {"s": 30, "color": colour, "alpha": 0.5 if n < 40 else 0.22, "linewidths": 0, "zorder": 1}


def _outcome(model, offset):
    """The outcome of each row, where the means stand: with the grid's offset instead of its own."""
    if isinstance(model.fit, GeneralizedMixedFit):
        return _shown_outcome(model, offset)
    if model.is_mixed:
        return model.fit.design.y
    outcome = np.asarray(model.fit.model.endog, dtype=float)
    if model.offset is None:
        return outcome
    aim = model.offset.mean() if offset is None else offset
    return outcome * np.exp(aim - model.offset)


def _shown_outcome(model, offset):
    """Of a generalised mixed model: shares of successes; counts as they would be at the grid's offset."""
    likelihood = model.fit.solution.problem.likelihood
    if model.fit.family == "binomial":
        return likelihood.successes / likelihood.trials
    if model.offset is None:
        return likelihood.y
    if model.fit.link != "log":
        raise ValueError("With an offset and this link rows cannot be shown beside the means: use points=False.")
    aim = model.offset.mean() if offset is None else offset
    return likelihood.y * np.exp(aim - model.offset)


def _outcome_name(fit, transform):
    name = fit.design.response if hasattr(fit, "design") else str(fit.model.endog_names)
    logged = re.fullmatch(r"(?:np\.)?log\((.+)\)", name) if transform == "exp" else None
    return logged[1] if logged else name


def _name_lines(ax, levels, ends, trace):
    """Each line's name right of its end, pushed apart where two would meet."""
    ax.figure.draw_without_rendering()
    heights = np.array([ax.transData.transform((0, end))[1] for end in ends]) * 72 / ax.figure.dpi
    order, spread = np.argsort(heights, kind="stable"), heights.copy()
    for _ in range(200):
        for low, high in pairwise(order):
            overlap = 1.3 * LARGE - (spread[high] - spread[low])
            if overlap > 0:
                spread[low], spread[high] = spread[low] - overlap / 2, spread[high] + overlap / 2
    for level, end, push, colour in zip(levels, ends, spread - heights, COLOURS, strict=False):
        text = f"{level:g}" if isinstance(level, float) else str(level)
        place = {"xy": (1, end), "xycoords": ax.get_yaxis_transform(), "xytext": (10, push)}
        ax.annotate(text, **place, color=colour, fontweight="bold", **TEXT)
    top = order[-1]
    above = {"xytext": (10, spread[top] - heights[top] + 1.5 * LARGE), "xycoords": ax.get_yaxis_transform()}
    ax.annotate(trace, (1, ends[top]), **above, color=plots.GREY, **TEXT | {"fontsize": SMALL})


def difference_plot(table: EffectsTable, *, alpha: float = 0.05, ax: Axes | None = None) -> Axes:
    """Which means differ: each difference with its interval, largest on top, and its p-value beside it.

    A picture of all pairs says how large a difference may be, which letters that group means do not.

    Parameters
    ----------
    table : EffectsTable
        From `comparisons` or `slopes`, with or without `adjust`. Intervals are simultaneous where the table has such.
    alpha : float
        Rows whose p-value (adjusted, if the table has such) is smaller are coloured.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        The axis below says which intervals are drawn. Ratios stand on a logarithmic axis.

    Raises
    ------
    ValueError
        A table of means, which has no differences.
    """
    if not {"contrast", "term"} & set(table.columns):
        raise ValueError("difference_plot draws comparisons, and this table has none: make it with comparisons().")
    ax = plt.gca() if ax is None else ax
    table = table.sort_values("estimate", ascending=False, kind="stable")
    simultaneous, adjusted = "conf_low_adjusted" in table, "p_adjusted" in table
    p = table["p_adjusted" if adjusted else "p_value"]
    ends = {
        f"conf_{side}": table[f"conf_{side}_adjusted" if simultaneous else f"conf_{side}"] for side in ("low", "high")
    }
    labels = table.loc[:, : table.columns[table.columns.get_loc("estimate") - 1]]
    shared = [name for name in labels if len(labels) > 1 and labels[name].nunique() == 1]  # noqa: PD101
    named = labels.drop(columns=shared) if len(shared) < labels.shape[1] else labels
    names = [",  ".join(map(str, row)) for row in named.to_numpy(dtype=object)]
    is_ratio = any(" / " in text for text in labels.astype(str).to_numpy().ravel())
    plots.interval_plot(
        ax,
        table.assign(**ends),
        names,
        reference=1.0 if is_ratio else 0.0,
        colour=[plots.ORANGE if value < alpha else plots.GREY for value in p],
        values=[_p_text(value) for value in p],
    )
    if is_ratio:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(ticker.MaxNLocator(5))
        ax.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        ax.xaxis.set_minor_locator(ticker.NullLocator())
    ax.tick_params(labelsize=SMALL)
    for text in ax.texts:
        text.set_fontsize(SMALL)
    of = "".join(f" of {labels[name].iloc[0]}" for name in shared if name not in named)
    kind = "simultaneous intervals" if simultaneous else "interval of each alone"
    ax.set_xlabel(
        f"{'ratio' if is_ratio else 'difference'}{of}\n{kind}{'; p adjusted' if adjusted else ''}", fontsize=LARGE
    )
    return ax


def _p_text(p):
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
