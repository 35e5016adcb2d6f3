"""Figures of lesson 13: what a study finds, and how many animals pilots ask for."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from helpers.plots.elements import BLUE, GREEN, GREY, INK, ORANGE, PINK

COLOURS = (BLUE, ORANGE, GREEN, PINK)
WIDTH = 4  # animals in a bar


def power_lines(
    lines: Mapping[str, pd.Series],
    *,
    xlabel: str,
    title: str,
    wanted: float | None = 0.8,
    reached: Mapping[str, float] | None = None,
) -> Axes:
    """Power against a size or an effect, a line for each of several plans, named at its right end.

    Parameters
    ----------
    lines : mapping of str to pandas.Series
        Name -> power, 0 to 1; the index is the place along the axis.
    xlabel, title : str
    wanted : float, optional
        Where the dashed line stands; None draws none.
    reached : mapping, optional
        Text -> where along the axis a line reaches the power that is wanted: a mark with that text.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8.5, 4.4))
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        ax.plot(line.index, line, "o-", color=colour, linewidth=2.2, markersize=5)
        end = {"xytext": (8, 0), "textcoords": "offset points", "va": "center", "fontsize": 12, "fontweight": "bold"}
        ax.annotate(name, (line.index[-1], line.iloc[-1]), color=colour, annotation_clip=False, **end)
    if wanted is not None:
        ax.axhline(wanted, color=GREY, linestyle="--", linewidth=1.2, zorder=0)
        ax.text(0.005, wanted + 0.015, f"{wanted:.0%}", transform=ax.get_yaxis_transform(), color=INK)
        for text, place in (reached or {}).items():
            ax.plot([place, place], [0, wanted], color=INK, linestyle=":", linewidth=1.4)
            ax.text(place, 0.02, f" {text}", color=INK, fontsize=12, fontweight="bold")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set(xlabel=xlabel, ylabel="power (share of studies with p < 0.05)", ylim=(0, 1.03), title=title)
    return ax


def planned_sizes(sizes: np.ndarray, needed: int, *, title: str, largest: int = 60) -> Axes:
    """How many animals each of many pilots asks for, beside the number that it truly takes.

    Parameters
    ----------
    sizes : numpy.ndarray, shape (n_pilots,)
        Animals that a plan made from each pilot asks for.
    needed : int
        Animals that the truth asks for.
    title : str
    largest : int
        Pilots that ask for more stand in the last bar.

    Returns
    -------
    matplotlib.axes.Axes
        Plans with fewer animals than needed are orange.
    """
    _, ax = plt.subplots(figsize=(8.5, 4.2))
    edges = np.arange(needed % WIDTH, largest + WIDTH + 1, WIDTH)  # one of them lies at `needed`
    counts, _ = np.histogram(np.clip(sizes, edges[0], edges[-1] - 1), edges)
    colours = [ORANGE if edge < needed else BLUE for edge in edges[:-1]]
    ax.bar(edges[:-1], 100 * counts / len(sizes), width=0.92 * WIDTH, align="edge", color=colours)
    ax.axvline(needed, color=INK, linewidth=2)
    top = {"transform": ax.get_xaxis_transform(), "va": "top", "fontsize": 12, "fontweight": "bold"}
    few = np.mean(np.asarray(sizes) < needed)
    ax.text(needed + 1, 0.99, f"truly needed: {needed}", color=INK, **top)
    ax.text(needed + 1, 0.89, f"{1 - few:.0%} plan enough", color=BLUE, **top)
    ax.text(needed - 1, 0.99, f"{few:.0%} plan too few", color=ORANGE, ha="right", **top)
    ax.set(xlabel="animals that the pilot asks for", ylabel="share of pilots (%)", title=title, ylim=(0, None))
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xticks([*range(10, largest, 10), largest], [*range(10, largest, 10), f"{largest}+"])
    ax.set_ylim(top=1.35 * 100 * counts.max() / len(sizes))
    return ax
