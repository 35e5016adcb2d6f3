"""Figures of grouped data: levels as names, partial pooling, false positives, plots in blocks."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.plots.elements import AMBER, BLUE, GREEN, GREY, INK, ORANGE, PINK, SKY, fit_line, note

ANALYSES = {  # column of data/pseudoreplication.csv -> colour, marker, name
    "rows": (ORANGE, "o", "cells counted"),
    "means": (GREEN, "s", "one mean per animal"),
    "kenward_roger": (BLUE, "v", "mixed model"),
}
COLOURS = (BLUE, ORANGE, GREEN, PINK, AMBER, SKY)


def slope_or_names(data: pd.DataFrame, x: str, y: str, shifts: pd.Series) -> tuple[Axes, Axes]:
    """Left: a slope, which uses the order of the levels of `x`. Right: one predicted shift for each level.

    Parameters
    ----------
    data : pandas.DataFrame
    x, y : str
        Numeric columns.
    shifts : pandas.Series
        The shift of each level, in units of `y`; the index names the levels.

    Returns
    -------
    tuple of matplotlib.axes.Axes
    """
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
    fit_line(left, data[x], data[y], band=False)
    left.scatter(data[x], data[y], s=70, facecolors="white", edgecolors=INK, linewidths=1.8, zorder=3)
    left.set_xticks(sorted(data[x].unique()))
    places = np.arange(len(shifts))
    right.axhline(0, color=GREY, linewidth=1)
    right.vlines(places, 0, shifts, color=ORANGE, linewidth=3)
    right.scatter(places, shifts, s=80, color=ORANGE, zorder=3)
    right.set_xticks(places, shifts.index)
    right.margins(x=0.15, y=0.15)
    return left, right


def pooling_arrows(ax: Axes, rows: pd.DataFrame, animals: pd.DataFrame, overall: float) -> Axes:
    """Each animal's own mean, its partially pooled mean, and the truth; an arrow leads from the first to the second.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    rows : pandas.DataFrame
        One row per cell: ``animal``, ``expression``.
    animals : pandas.DataFrame
        Index `animal`; columns ``cells``, ``own_mean``, ``pooled``, ``truth``.
    overall : float
        The overall mean.

    Returns
    -------
    matplotlib.axes.Axes
    """
    at = np.arange(len(animals))
    ax.axhline(overall, color=GREY, linestyle="--", linewidth=1)
    ax.text(len(animals) - 0.4, overall, "overall mean", color=GREY, va="bottom")
    ax.scatter(animals.index.get_indexer(rows["animal"]), rows["expression"], s=12, color="#C9C9C9", zorder=1)
    ax.scatter(at - 0.2, animals["own_mean"], s=70, facecolors="white", edgecolors=ORANGE, linewidths=2, zorder=3)
    ax.scatter(at + 0.2, animals["pooled"], s=70, color=BLUE, zorder=3)
    ax.hlines(animals["truth"], at - 0.4, at + 0.4, color=INK, linewidth=2.5, zorder=2)
    style = {"arrowstyle": "->", "color": BLUE, "linewidth": 1.5, "shrinkA": 4, "shrinkB": 4}
    for x, start, end in zip(at, animals["own_mean"], animals["pooled"], strict=True):
        ax.annotate("", (x + 0.2, end), (x - 0.2, start), arrowprops=style)
    ax.set_xticks(at, [f"{name}\n{n} cells" for name, n in animals["cells"].items()])
    ax.set_xlim(-0.6, len(animals) + 1.3)
    for line, (text, colour) in enumerate([("○ own mean", ORANGE), ("● pooled mean", BLUE), ("▬ truth", INK)]):
        note(ax, "\n" * line + text, corner="upper right", color=colour)
    return ax


def rejection_rates(rates: pd.DataFrame, data_sets: int, panels: Mapping[float, str]) -> np.ndarray:
    """Shares of studies that reject, on a log scale, by number of animals: a panel for each kind of predictor.

    Parameters
    ----------
    rates : pandas.DataFrame
        Shares from 0 to 1; index ``between, animals``; a column for each analysis.
    data_sets : int
        Studies behind each share, for its 95% Monte-Carlo interval.
    panels : mapping
        A value of ``between`` -> title of its panel, in the order of the panels.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
    """
    _, axes = plt.subplots(1, len(panels), figsize=(11, 4.6), sharey=True)
    for ax, (share, title) in zip(axes, panels.items(), strict=True):
        shown = rates.loc[share]
        for k, (method, (colour, marker, label)) in enumerate(ANALYSES.items()):
            rate = shown[method]
            bar = 1.96 * np.sqrt(rate * (1 - rate) / data_sets)
            at = np.arange(len(shown)) + 0.13 * (k - 1)
            ax.errorbar(
                at, 100 * rate, 100 * bar, color=colour, marker=marker, linestyle="none", markersize=7, label=label
            )
        ax.axhline(5, color=INK, linestyle="--", linewidth=1)
        ax.set_xticks(np.arange(len(shown)), shown.index)
        ax.set_yscale("log")
        ax.set_yticks([3, 5, 10, 20, 50], [3, 5, 10, 20, 50])
        ax.minorticks_off()
        ax.set(xlabel="animals in the study", title=title)
    axes[0].text(0.5, 0.32, "dashed: 5%, as it should be", transform=axes[0].transAxes, ha="center", fontsize=11)
    axes[0].set_ylabel("false positives (% of studies, log scale)")
    axes[-1].legend(frameon=False, fontsize=10, loc="upper right")
    return axes


def lines_in_blocks(data: pd.DataFrame, x: str, y: str, line: str, block: str) -> np.ndarray:
    """A small panel for each block, with one line for each level of `line`, named once.

    Parameters
    ----------
    data : pandas.DataFrame
    x, y : str
        Numeric columns.
    line, block : str
        Columns of labels.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
    """
    blocks = sorted(data[block].unique())
    colours = dict(zip(sorted(data[line].unique()), COLOURS, strict=False))
    _, axes = plt.subplots(1, len(blocks), figsize=(12, 3.6), sharex=True, sharey=True)
    for ax, name in zip(axes, blocks, strict=True):
        for level, rows in data[data[block] == name].sort_values(x).groupby(line):
            ax.plot(rows[x], rows[y], color=colours[level], marker="o", linewidth=2, markersize=5, label=level)
        ax.set_title(f"{block} {name}", fontsize=11)
    axes[0].legend(frameon=False, fontsize=9, handlelength=1)
    return axes
