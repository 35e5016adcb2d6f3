"""Figures of lessons 05 and 06: few replicates with many rows, and effects that may differ between them."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.elements import BLUE, GREEN, GREY, INK, ORANGE, PINK, SKY, interval_plot, note

REPLICATE_COLOURS = {"rep1": BLUE, "rep2": ORANGE, "rep3": GREEN, "rep4": PINK}
CONDITION_COLOURS = {"NO DRUG": GREY, "DRUG": ORANGE}
ASIDE = {"NO DRUG": -0.2, "DRUG": 0.2}  # where the strip of a condition stands beside its replicate


def replicate_strips(rows: pd.DataFrame, *, title: str) -> Axes:
    """Every length on a log axis, a strip per replicate and condition, with a bar at each geometric mean.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns ``replicate``, ``condition`` (NO DRUG, DRUG) and ``length``.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8, 4.4))
    names = sorted(rows["replicate"].unique())
    rng = np.random.default_rng(4)  # jitter: it tells nothing, and is the same at every run
    for (replicate, condition), part in rows.groupby(["replicate", "condition"], observed=True):
        x = names.index(replicate) + ASIDE[condition]
        jitter = x + rng.uniform(-0.13, 0.13, len(part))
        ax.scatter(jitter, part["length"], s=6, color=CONDITION_COLOURS[condition], alpha=0.5, linewidths=0)
        ax.hlines(np.exp(np.log(part["length"]).mean()), x - 0.17, x + 0.17, color=INK, linewidth=2.5)
    for condition, side in {"NO DRUG": "right", "DRUG": "left"}.items():
        ax.text(0, 2.3, f"  {condition}  ", color=CONDITION_COLOURS[condition], ha=side, fontweight="bold")
    ax.set(yscale="log", ylim=(2, 3000), xlim=(-0.65, len(names) - 0.4))
    ax.set(xlabel="replicate", ylabel="length (no unit given)", title=title)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks([10, 100, 1000], ["10", "100", "1,000"])
    return ax


def interval_panels(
    tables: Mapping[str, pd.DataFrame],
    *,
    reference: float,
    xlabel: str,
    title: str,
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """Estimates with their intervals in panels side by side: the same rows in each.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Title of a panel -> ``estimate, conf_low, conf_high``; the index names the rows.
    reference : float
        Where the dashed line of "no effect" stands.
    xlabel, title : str
    colours : mapping, optional
        Name of a row -> its colour; a row without one is dark.

    Returns
    -------
    matplotlib.figure.Figure
    """
    height = 1.7 + 0.36 * max(len(table) for table in tables.values())
    figure, axes = plt.subplots(1, len(tables), figsize=(11, height), sharex=True, squeeze=False)
    for ax, (panel, table) in zip(axes[0], tables.items(), strict=True):
        names = list(table.index) if ax is axes[0, 0] else [""] * len(table)
        colour = [(colours or {}).get(name, INK) for name in table.index]
        interval_plot(ax, table, names, reference=reference, colour=colour)
        ax.set(xlabel=xlabel, title=panel)
    figure.suptitle(title, fontweight="bold")
    return figure


def planted_and_estimated(planted: pd.Series, estimated: pd.DataFrame, *, title: str) -> Axes:
    """The true shift of each replicate as a bar, and what several models make of it as points.

    Parameters
    ----------
    planted : pandas.Series
        One number per replicate.
    estimated : pandas.DataFrame
        A row per replicate, a column per model; the columns' names stand beside the points of the first replicate.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8, 4))
    beside = np.linspace(-0.24, 0.24, estimated.shape[1])
    for x, (replicate, row) in enumerate(estimated.iterrows()):
        ax.hlines(planted[replicate], x - 0.36, x + 0.36, color=INK, linewidth=2.5)
        ax.scatter(x + beside, row, s=55, color=SKY, edgecolors=INK, zorder=3)
    for place, (name, value) in zip(beside, estimated.iloc[0].items(), strict=True):
        ax.annotate(name, (place, value), (0, -8), textcoords="offset points", ha="center", va="top", fontsize=10)
    ax.text(len(estimated) - 0.6, planted[estimated.index[-1]], "planted", va="center", fontweight="bold")
    ax.axhline(0, color=GREY, linestyle="--", linewidth=1, zorder=0)
    ax.set_xticks(range(len(estimated)), list(estimated.index))
    ax.set(xlabel="replicate", ylabel="shift (log length)", title=title, xlim=(-0.6, len(estimated)))
    ax.margins(y=0.15)
    return ax


def variance_shares(shares: pd.DataFrame, *, title: str) -> Axes:
    """Where the uncertainty of each estimate comes from: one bar per estimate, its parts labelled.

    Parameters
    ----------
    shares : pandas.DataFrame
        A row per estimate, a column per source; shares of the variance, which add up to 1 in each row.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8, 1.2 + 0.6 * len(shares)))
    places, start = np.arange(len(shares))[::-1], np.zeros(len(shares))
    for colour, (source, part) in zip((PINK, SKY), shares.items(), strict=True):
        ax.barh(places, 100 * part, left=start, color=colour)
        for place, left, width in zip(places, start, 100 * part, strict=True):
            if width > 6:  # a name needs room
                ax.text(left + width / 2, place, source, ha="center", va="center", fontweight="bold")
        start = start + 100 * part.to_numpy()
    ax.set_yticks(places, list(shares.index))
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="share of the variance of the estimate (%)", xlim=(0, 100), title=title)
    return ax


def subject_lines(data: pd.DataFrame, mean: pd.Series, *, title: str) -> Axes:
    """One line per subject through their days, and the mean line of a model on top.

    Parameters
    ----------
    data : pandas.DataFrame
        Columns ``Subject``, ``Days`` and ``Reaction``.
    mean : pandas.Series
        ``(Intercept)`` and ``Days``: the line of the average subject.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8, 4.4))
    for _, days in data.groupby("Subject", observed=True):
        slope, level = np.polyfit(days["Days"], days["Reaction"], 1)
        ends = np.array([days["Days"].min(), days["Days"].max()])
        ax.plot(days["Days"], days["Reaction"], ".", color=SKY, markersize=4, zorder=1)
        ax.plot(ends, level + slope * ends, color=BLUE, linewidth=1)
    ends = np.array([data["Days"].min(), data["Days"].max()])
    ax.plot(ends, mean["(Intercept)"] + mean["Days"] * ends, color=ORANGE, linewidth=3.5)
    ax.text(ends[1] + 0.1, mean["(Intercept)"] + mean["Days"] * ends[1], "average", color=ORANGE, fontweight="bold")
    ax.set(xlabel="day of the study (short nights after day 2)", ylabel="reaction time (ms)", title=title)
    ax.set_xticks(np.unique(data["Days"]))  # none beyond the last day, where the name of the average line stands
    ax.set_xlim(ends[0] - 0.2, ends[1] + 1.3)
    return ax


def rejection_curves(panels: Mapping[str, pd.DataFrame], *, nominal: float, title: str) -> Figure:
    """How often each analysis calls an effect significant, by number of replicates, in panels side by side.

    Parameters
    ----------
    panels : mapping of str to pandas.DataFrame
        Title of a panel -> a row per number of replicates, a column per analysis; shares.
    nominal : float
        The level of the tests: a dashed line.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(11, 4.4), sharey=True, squeeze=False)
    colours = (GREY, PINK, ORANGE, SKY, GREEN, BLUE)
    for ax, (panel, shares) in zip(axes[0], panels.items(), strict=True):
        for colour, marker, (name, values) in zip(colours, "xv^sDo", shares.items(), strict=False):
            ax.plot(values.index, 100 * values, color=colour, marker=marker, linewidth=2, label=name)
        ax.axhline(100 * nominal, color=INK, linestyle="--", linewidth=1)
        ax.set_xticks(shares.index)
        ax.set(xlabel="replicates", title=panel)
    note(axes[0, 0], f"dashed: {100 * nominal:g}%", corner="upper right", fontsize=10)
    axes[0, 0].set(ylabel="called significant (%)", ylim=(0, None))
    axes[0, -1].legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.suptitle(title, fontweight="bold")
    return figure
