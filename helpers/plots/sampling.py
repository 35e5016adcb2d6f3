"""Figures of lesson 02: what samples of ten show, how often an effect is found, and many genes at once."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.plots.elements import AMBER, BLUE, GREEN, GREY, INK, ORANGE, PINK, fit_line

DRIVER_COLOURS = {"none": "#C9C9C9", "weight": AMBER, "group": PINK, "urea": BLUE}
BINS = np.linspace(-1, 1, 51)


def studies(x: np.ndarray, y: np.ndarray, *, title: str, n_columns: int = 4) -> Figure:
    """Several studies side by side, each with its line and its r.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n_studies, n_animals)
    title : str
        What the figure shows.
    n_columns : int
        Panels in a row.

    Returns
    -------
    matplotlib.figure.Figure
    """
    n_rows = -(-len(x) // n_columns)
    figure, axes = plt.subplots(
        n_rows, n_columns, figsize=(2.6 * n_columns, 2.5 * n_rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, a, b in zip(axes.flat, x, y, strict=False):
        fit_line(ax, pd.Series(a), pd.Series(b), band=False)
        ax.scatter(a, b, s=34, facecolors="white", edgecolors=INK, linewidths=1.3, zorder=3)
        ax.set_title(f"r = {np.corrcoef(a, b)[0, 1]:.2f}".replace("-", "−"))
        ax.set(xticks=[], yticks=[])
    for ax in axes.flat[len(x) :]:
        ax.set_axis_off()
    figure.supxlabel("score")
    figure.supylabel("gene")
    figure.suptitle(title, fontweight="bold")
    return figure


def sampling_of_r(found: Mapping[float, np.ndarray], *, title: str) -> Axes:
    """What studies find, by what is true: a histogram of r for each true correlation.

    Parameters
    ----------
    found : mapping
        True correlation -> the r of each study.
    title : str
        What the figure shows.

    Returns
    -------
    matplotlib.axes.Axes
        A line stands at each truth, its name above the Axes at one height.
    """
    _, ax = plt.subplots(figsize=(8.5, 4.4))
    for (truth, r), colour in zip(found.items(), [GREY, BLUE, ORANGE], strict=False):
        share = np.full(len(r), 100 / len(r))
        ax.hist(r, bins=BINS, weights=share, color=colour, alpha=0.3, linewidth=0)
        ax.stairs(np.histogram(r, BINS, weights=share)[0], BINS, color=colour, linewidth=1.6)
        ax.axvline(truth, color=colour, linewidth=2.2)
        name = {"color": colour, "ha": "center", "va": "bottom", "fontsize": 12, "fontweight": "bold"}
        ax.text(truth, 1.01, f"true {truth:g}", transform=ax.get_xaxis_transform(), **name)
    ax.set(xlabel="r found in a study", ylabel="share of studies (%)", xlim=(-1, 1))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_title(title, pad=26)
    return ax


def power_curves(power: pd.DataFrame, *, wanted: float = 0.8, marked: int = 10) -> Axes:
    """How often a study finds a correlation, by how many animals it has.

    Parameters
    ----------
    power : pandas.DataFrame
        Index: animals in a study; one column per true correlation; entries 0 to 1.
    wanted : float
        Where the dashed line stands.
    marked : int
        The number of animals that the dotted line names.

    Returns
    -------
    matplotlib.axes.Axes
        The title names the power of `marked` animals for the middle column, where it is among the rows.
    """
    _, ax = plt.subplots(figsize=(8.5, 4.4))
    for (truth, curve), colour in zip(power.items(), [GREEN, BLUE, ORANGE], strict=False):
        ax.plot(curve.index, curve, "o-", color=colour, linewidth=2)
        half = int(np.searchsorted(curve, 0.55))  # where the curves lie well apart
        half = min(half, len(curve) - 1)
        place = {"xytext": (9, -14), "textcoords": "offset points", "fontsize": 12, "fontweight": "bold"}
        ax.annotate(f"true {truth:g}", (curve.index[half], curve.iloc[half]), color=colour, **place)
    ax.axhline(wanted, color=GREY, linestyle="--", linewidth=1.2)
    ax.axvline(marked, color=GREY, linestyle=":", linewidth=1.2)
    ax.text(marked * 1.03, 0.02, f"{marked} mice", color=INK)
    ax.set(xscale="log", xlabel="mice in the study", ylabel="power: share with p < 0.05", ylim=(0, 1.03))
    ax.set_xticks(power.index, power.index)
    ax.minorticks_off()
    middle = power.columns[len(power.columns) // 2]
    ax.set_title(f"{marked} mice find a true {middle:g} in {power.loc[marked, middle]:.0%} of the studies")
    return ax


def p_values_by_truth(p_values: pd.Series, truth: pd.Series, *, colours: Mapping[str, str] = DRIVER_COLOURS) -> Axes:
    """A histogram of the p-values of many genes, stacked by what was planted in each.

    Parameters
    ----------
    p_values, truth : pandas.Series
        One entry per gene, with the same index.
    colours : mapping
        Label of the truth -> colour; the first stands at the bottom.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8.5, 4.4))
    ax.hist(
        [p_values[truth == label] for label in colours],
        bins=np.linspace(0, 1, 21),
        stacked=True,
        color=list(colours.values()),
        label=["nothing" if label == "none" else label for label in colours],
    )
    handles, names = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], names[::-1], title="what the gene depends on", frameon=False)
    ax.set(xlabel="p-value of the correlation with urea", ylabel="genes")
    ax.set_title("Null genes spread evenly; urea genes pile up at zero")
    return ax
