"""Cells of a design, contrasts as arrows between their means, and what each replicate says by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.elements import BLUE, GREEN, GREY, INK, ORANGE, PINK, design_cells, signed_cells

COLOURS, MARKERS = (BLUE, ORANGE, GREEN, PINK), "osD^"
MINUS = str.maketrans("-", "−")


def lines_by_panel(
    table: pd.DataFrame, *, panel: str, x: str, y: str, line: str, panel_names: str = "{}"
) -> tuple[Figure, np.ndarray]:
    """One panel for each level of a factor, in it one line for each level of another, named at its end in the last one.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per point; `panel`, `x` and `line` are categories, drawn in their order.
    panel, x, y, line : str
        Columns.
    panel_names : str
        What stands above a panel, with ``{}`` for the level.

    Returns
    -------
    tuple of matplotlib.figure.Figure and array of matplotlib.axes.Axes
    """
    panels, places = table[panel].cat.categories, list(table[x].cat.categories)
    fig, axes = plt.subplots(1, len(panels), figsize=(10.5, 4), sharey=True)
    for ax, level in zip(axes, panels, strict=True):
        rows, ends = table[table[panel] == level], []
        for colour, marker, (name, own) in zip(COLOURS, MARKERS, rows.groupby(line, observed=True), strict=False):
            heights = own.set_index(x)[y].reindex(places)
            ax.plot(range(len(places)), heights, marker=marker, color=colour, linewidth=2, markersize=8)
            ends.append((heights.iloc[-1], str(name), colour))
        ax.set_xticks(range(len(places)), places)
        ax.set(title=panel_names.format(level), xlim=(-0.3, len(places) - 0.7))
    _name_ends(axes[-1], ends)
    return fig, axes


def _name_ends(ax, ends):
    """Each line's name right of its end, in the order of the ends, as near as the names leave room."""
    ax.set_xlim(right=ax.get_xlim()[1] + 0.4)
    style = {"va": "center", "fontsize": 12, "textcoords": "offset points", "annotation_clip": False}
    below = -np.inf
    for height, name, colour in sorted(ends):
        at = ax.transData.transform((0, height))[1] * 72 / ax.figure.dpi
        shift = max(0.0, below + 14 - at)
        below = at + shift
        ax.annotate(name, (ax.get_xlim()[1] - 0.6, height), xytext=(0, shift), color=colour, **style)


def arrow_plot(
    means: pd.DataFrame,
    arrows: Sequence[tuple[str, str, str]],
    *,
    places: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    hollow: Collection[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Means as points, contrasts as arrows: from the height of one mean to the other.

    A dotted line carries the height of the first mean to the place of the second, where the arrow stands: it points up
    where the contrast is positive.

    Parameters
    ----------
    means : pandas.DataFrame
        Column ``estimate``, and ``conf_low``, ``conf_high`` where intervals are to be drawn; the index names each mean.
    arrows : sequence of (str, str, str)
        From which mean, to which, and what to write beside the arrow.
    places : sequence of float, optional
        Where each mean stands; without, 0, 1, 2, …
    names : sequence of str, optional
        What to write below each mean, if not its name in the index; below an empty name there is no tick.
    colours : sequence of str, optional
        One for each mean.
    hollow : collection of str
        Names of the means to draw hollow, such as one that would be there without an interaction.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        An arrow begins or ends at a name that no mean has.
    """
    if strange := [name for start, end, _ in arrows for name in (start, end) if name not in means.index]:
        raise ValueError(f"No mean is called {strange[0]!r}; they are called {', '.join(map(str, means.index))}.")
    ax = plt.gca() if ax is None else ax
    x = dict(zip(means.index, range(len(means)) if places is None else places, strict=True))
    colour = dict(zip(means.index, [INK] * len(means) if colours is None else colours, strict=True))
    for name, row in means.iterrows():
        if "conf_low" in means:
            ax.vlines(x[name], row["conf_low"], row["conf_high"], color=colour[name], linewidth=2, alpha=0.6)
        face = "white" if name in hollow else colour[name]
        ax.scatter(x[name], row["estimate"], s=80, facecolors=face, edgecolors=colour[name], linewidths=2, zorder=4)
    beside = dict.fromkeys(means.index, 0)
    for start, end, text in arrows:
        beside[end] += 1
        _arrow(ax, x[start], x[end] + 0.2 * beside[end], means.loc[[start, end], "estimate"], text, colour[end])
    named = list(zip(x.values(), means.index if names is None else names, strict=True))
    ax.set_xticks([place for place, name in named if name], [name for _, name in named if name])
    ax.set_xlim(min(x.values()) - 0.4, max(x.values()) + 0.9)
    return ax


def _arrow(ax, start, end, heights, text, colour):
    low, high = heights
    ax.hlines(low, start, end, color=colour, linestyles="dotted", linewidth=1.5)
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 2.5, "mutation_scale": 18, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(end, high), xytext=(end, low), arrowprops=style)
    middle = np.sqrt(low * high) if ax.get_yscale() == "log" else (low + high) / 2
    ax.text(end + 0.08, middle, text.translate(MINUS), color=colour, va="center", fontsize=13, fontweight="bold")


def replicate_dots(
    values: pd.DataFrame, intervals: pd.DataFrame, *, reference: float = 0.0, ax: Axes | None = None
) -> Axes:
    """What each replicate says, and beside it the mean of the replicates with its interval.

    Parameters
    ----------
    values : pandas.DataFrame
        One row per replicate, named in the last column of dots; one column per question.
    intervals : pandas.DataFrame
        One row per column of `values`, in their order: ``estimate``, ``conf_low``, ``conf_high``.
    reference : float
        Where the dashed line of "no effect" stands.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    ax.axhline(reference, color=GREY, linestyle="--", linewidth=1)
    places = np.arange(values.shape[1])
    for k, (name, row) in enumerate(values.iterrows()):
        x = places + 0.09 * (k - (len(values) - 1) / 2)
        ax.scatter(x, row, s=70, color=COLOURS[k % 4], marker=MARKERS[k % 4], zorder=3, label=str(name))
    beside = places + 0.33
    ax.vlines(beside, intervals["conf_low"], intervals["conf_high"], color=INK, linewidth=2.5)
    style = {"s": 90, "color": INK, "marker": "_", "linewidths": 3, "zorder": 4}
    ax.scatter(beside, intervals["estimate"], label="mean, 95% interval", **style)
    ax.set_xticks(places + 0.1, values.columns)
    ax.set_xlim(-0.4, places[-1] + 0.7)
    ax.legend(frameon=False, ncols=len(values) + 1, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    return ax


def cell_sums(design: pd.DataFrame, means: Sequence[float], *, in_a_row: int = 3) -> Figure:
    """Boxes of the cells of a design, each with the coefficients that add up to its mean.

    Parameters
    ----------
    design : pandas.DataFrame
        One row per cell, one column per coefficient, as in `design_cells`.
    means : sequence of float
        The sum of each cell.
    in_a_row : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    starts = range(0, len(design), in_a_row)
    fig, axes = plt.subplots(len(starts), 1, figsize=(10.5, 2.1 * len(starts)), squeeze=False)
    for ax, start in zip(axes.ravel(), starts, strict=True):
        rows = slice(start, start + in_a_row)
        design_cells(ax, design.iloc[rows], means=list(means)[rows])
    return fig


def sign_grids(grids: Mapping[str, pd.DataFrame], *, in_a_row: int = 3) -> Figure:
    """Contrasts as signed sums of cells, one grid for each.

    Parameters
    ----------
    grids : mapping of str to pandas.DataFrame
        Title -> the weight of each cell, as in `signed_cells`.
    in_a_row : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    n_rows = -(-len(grids) // in_a_row)
    fig, axes = plt.subplots(n_rows, in_a_row, figsize=(10.5, 2.7 * n_rows), squeeze=False)
    for ax in axes.ravel()[len(grids) :]:
        ax.axis("off")
    for ax, (title, weights) in zip(axes.ravel(), grids.items(), strict=False):
        signed_cells(ax, weights)
        ax.set_title(title.translate(MINUS), fontsize=11)
    return fig
