"""Figures of lesson 01: labels beside numbers, values beside ranks, scores beside measurements, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.plots.elements import (
    GREY,
    GROUP_COLOURS,
    GROUP_MARKERS,
    INK,
    label_points,
    null_histogram,
    scatter_with_fit,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from helpers.correlation import PermutationTest

AXIS_LABELS = {
    "urea": "urea (mg/dl)",
    "weight": "weight (g)",
    "urea_score": "urea score (points)",
    "weight_score": "weight score (points)",
    "total_score": "total score (points)",
    "gene_x": "Gene X (z-score)",
}
WIDE = (10.5, 4.4)  # inches, of two panels side by side


def codes_and_values(codes: pd.Series, values: pd.Series, outcome: pd.Series) -> Figure:
    """The outcome against the codes of a factor's labels, and against the numbers that the labels show.

    Parameters
    ----------
    codes, values, outcome : pandas.Series
        One entry per animal, in the same order. The names of `values` and `outcome` label the axes.

    Returns
    -------
    matplotlib.figure.Figure
        Each panel's title holds its Pearson r.
    """
    figure, axes = plt.subplots(1, 2, figsize=WIDE, sharey=True)
    names = [f"code of the {values.name} label", axis_label(values.name)]
    for ax, x, name, what in zip(axes, [codes, values], names, ["codes", "values"], strict=True):
        ax.scatter(x, outcome, s=70, facecolors="white", edgecolors=INK, linewidths=1.8)
        ax.set(xlabel=name, title=f"{what}: r = {_r(x, outcome):.3f}")
        ax.margins(0.09)
    axes[0].set_ylabel(axis_label(outcome.name))
    figure.suptitle("The same mice: the codes hide what the numbers show", fontweight="bold")
    return figure


def values_and_ranks(data: pd.DataFrame, x: str, y: str, *, group: str) -> Figure:
    """Two columns as measured, and as ranks: what Pearson's r and Spearman's rho look at.

    Parameters
    ----------
    data : pandas.DataFrame
    x, y : str
        Numeric columns.
    group : str
        The column that gives colour and shape.

    Returns
    -------
    matplotlib.figure.Figure
        Each panel's title holds its coefficient.
    """
    figure, axes = plt.subplots(1, 2, figsize=WIDE)
    ranks = data.assign(**{name: data[name].rank() for name in (x, y)})
    scatter_with_fit(data, x, y, group=group, band=False, ax=axes[0])
    scatter_with_fit(ranks, x, y, group=group, band=False, ax=axes[1])
    axes[0].set(xlabel=axis_label(x), ylabel=axis_label(y), title=f"values: Pearson r = {_r(data[x], data[y]):.3f}")
    axes[1].set(
        xlabel=f"rank of the {_in_words(x)}",
        ylabel=f"rank of {_in_words(y)}",
        title=f"ranks: Spearman ρ = {_r(ranks[x], ranks[y]):.3f}",
    )
    axes[1].get_legend().remove()
    figure.suptitle("Spearman's ρ is Pearson's r of the ranks", fontweight="bold")
    return figure


def scores_and_measurements(
    data: pd.DataFrame, *, group: str, label: str, named: dict[str, Iterable[str]], title: str
) -> Figure:
    """Each score against what it was given for.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per animal.
    group, label : str
        The column that gives colour and shape, and the one with the animals' names.
    named : dict
        Measured column, such as ``"urea"`` -> the animals to name; the score is the column ``"urea_score"``.
    title : str
        What the figure shows.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(named), figsize=WIDE, sharey=True)
    for ax, (measured, animals) in zip(axes, named.items(), strict=True):
        score = f"{measured}_score"
        for level, rows in data.groupby(group, observed=True):
            style = {"marker": GROUP_MARKERS[level], "edgecolors": GROUP_COLOURS[level], "facecolors": "white"}
            ax.scatter(rows[measured], rows[score], s=70, linewidths=1.8, label=level, **style)
        ax.set(xlabel=axis_label(measured), ylabel=axis_label(score), yticks=sorted(set(data[score])))
        ax.yaxis.set_tick_params(labelleft=True)
        ax.margins(0.13)
        if data[label].isin(list(animals)).any():
            label_points(ax, data[measured], data[score], data[label].where(data[label].isin(list(animals)), ""))
    axes[0].legend(title=group, frameon=False)
    figure.suptitle(title, fontweight="bold")
    return figure


def clusters(data: pd.DataFrame, centred: pd.DataFrame, x: str, y: str, *, group: str) -> Figure:
    """Two columns as measured, with the means of the groups, and with these means taken out.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per animal.
    centred : pandas.DataFrame
        `x` and `y` less their group means, row by row as in `data`.
    x, y, group : str
        Columns.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, 2, figsize=WIDE)
    means = data.groupby(group, observed=True)[[x, y]].mean()
    scatter_with_fit(data, x, y, group=group, band=False, ax=axes[0])
    axes[0].scatter(*means.to_numpy().T, s=220, marker="+", color=INK, linewidths=2.2, zorder=4)
    axes[0].set(xlabel=axis_label(x), ylabel=axis_label(y), title="as measured (+ group means)")
    scatter_with_fit(data.assign(**centred[[x, y]]), x, y, group=group, band=False, ax=axes[1])
    axes[1].set(xlabel=f"{_in_words(x)} − group mean", ylabel=f"{_in_words(y)} − group mean", title="within groups")
    axes[1].get_legend().remove()
    figure.suptitle("The clusters make r large; within them the points scatter", fontweight="bold")
    return figure


def free_and_within(free: PermutationTest, within: PermutationTest) -> Figure:
    """Where the observed r stands when values are exchanged between all animals, and within groups only.

    Parameters
    ----------
    free, within : helpers.correlation.PermutationTest

    Returns
    -------
    matplotlib.figure.Figure
        Its title names the smallest r of the arrangements within groups.
    """
    figure, axes = plt.subplots(1, 2, figsize=WIDE, sharey=True)
    null_histogram(axes[0], free, title="exchanged between all mice")
    null_histogram(axes[1], within, title="exchanged within groups")
    axes[1].set_ylabel("")
    for ax, test in zip(axes, (free, within), strict=True):
        ax.axvline(0, color=GREY, linewidth=1, linestyle=":", zorder=1)
        above = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "bottom", "fontsize": 11}
        ax.text(test.estimate, 1.01, f"observed {test.estimate:.3f}", color=INK, **above)
    least = within.null_distribution.min()
    figure.suptitle(f"Exchanged within groups, r never falls below {least:.2f}", fontweight="bold")
    return figure


def axis_label(column: str) -> str:
    """What an axis says: the name in words, with its unit."""
    return AXIS_LABELS.get(column, column)


def _in_words(column):
    return axis_label(column).partition(" (")[0]


def _r(x, y):
    return float(np.corrcoef(x, y)[0, 1])
