"""Figures of the lessons on counts: their scatter, how well a dispersion is known, what methods call falsely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from helpers.plots.elements import BLUE, GREY, INK, ORANGE, note

LEAST = 1e-3  # dispersions below this, zero among them, are drawn here


def variance_of_counts(ax: Axes, mean: pd.Series, variance: pd.Series, dispersion: float) -> Axes:
    """Draw each gene's variance against its mean, and what two distributions expect.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    mean, variance : pandas.Series, shape (n_genes,)
        In reads and reads².
    dispersion : float
        α of the negative binomial curve, mean + α·mean².

    Returns
    -------
    matplotlib.axes.Axes
    """
    shown = (mean > 0) & (variance > 0)
    ax.scatter(mean[shown], variance[shown], s=8, color=GREY, alpha=0.5, linewidths=0, rasterized=True)
    x = np.geomspace(max(mean[shown].min(), 0.7), mean.max(), 60)
    for y, colour in [(x, ORANGE), (x + dispersion * x**2, BLUE)]:
        ax.plot(x, y, color=colour, linewidth=2.5)
    ax.text(x[-1], x[-1] / 20, "Poisson:\nvariance = mean", color=ORANGE, ha="right", va="top", fontsize=12)
    high = 6 * (x + dispersion * x**2)[35]
    ax.text(x[35], high, "negative binomial:\nmean + α · mean²", color=BLUE, ha="right", va="bottom", fontsize=12)
    ax.set(xscale="log", yscale="log", xlabel="mean of the animals (reads)", ylabel="variance (reads²)")
    return ax


def dispersions_found(axes: Sequence[Axes], planted: pd.Series, found: Mapping[str, pd.Series]) -> list[float]:
    """Draw estimated dispersions against the planted ones, a panel for each way to estimate them.

    Parameters
    ----------
    axes : sequence of matplotlib.axes.Axes
        One for each way.
    planted : pandas.Series, shape (n_genes,)
        The true dispersions; index = genes.
    found : mapping of str to pandas.Series
        Title of the panel -> estimates; index = genes. Estimates below 0.001 are drawn at 0.001.

    Returns
    -------
    list of float
        The share of genes, in each panel, whose estimate is less than half of what was planted.
    """
    shares = []
    for ax, (name, estimates) in zip(axes, found.items(), strict=True):
        estimates = estimates.dropna()
        true = planted[estimates.index]
        ends = [0.7 * planted.min(), 1.4 * planted.max()]
        ax.scatter(true, estimates.clip(lower=LEAST), s=7, color=BLUE, alpha=0.35, linewidths=0, rasterized=True)
        ax.plot(ends, ends, color=INK, linewidth=1.2)
        ax.text(ends[0], 0.7 * ends[0], "truth", ha="left", va="top", color=INK)
        ax.set(xscale="log", yscale="log", xlabel="dispersion α, planted", title=name)
        shares.append(float((estimates < true / 2).mean()))
        note(ax, f"less than half the truth:\n{shares[-1]:.0%} of the genes", fontsize=12)
    axes[0].set(ylabel="dispersion α, estimated", ylim=(LEAST / 1.5, 10))
    axes[0].set_yticks([0.001, 0.01, 0.1, 1], ["≤ 0.001", "0.01", "0.1", "1"])
    axes[0].set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    return shares


def realised_rates(ax: Axes, rates: pd.DataFrame, nominal: float, *, error: pd.Series | None = None) -> Axes:
    """Draw the share of false genes among those that each method called, beside the nominal rate.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    rates : pandas.DataFrame
        One row per method, its name as index, drawn from the top; column ``false``: a share between 0 and 1.
    nominal : float
        The nominal false discovery rate, a share. Methods above it are orange.
    error : pandas.Series, optional
        Half the length of the interval of each method's share.

    Returns
    -------
    matplotlib.axes.Axes
    """
    places, shares = np.arange(len(rates))[::-1], 100 * rates["false"].to_numpy()
    colours = np.where(shares > 100 * nominal, ORANGE, BLUE)
    ax.vlines(100 * nominal, -0.6, len(rates) - 0.45, color=INK, linestyle="--", linewidth=1.2)
    ax.text(100 * nominal, len(rates) - 0.4, f"nominal {nominal:.0%}", color=INK, ha="center", va="bottom")
    if error is not None:
        half = 100 * error[rates.index].to_numpy()
        ax.hlines(places, shares - half, shares + half, color=colours, linewidth=3)
    ax.scatter(shares, places, s=70, color=colours, zorder=3)
    ax.set_yticks(places, list(rates.index))
    ax.tick_params(axis="y", length=0, labelsize=12)
    ax.set(xlim=(0, None), ylim=(-0.6, len(rates)), xlabel="false among the genes called (%)")
    return ax


def found_and_false(
    axes: Sequence[Axes], found: pd.DataFrame, false: pd.DataFrame, nominal: float, *, titles: Mapping[str, str]
) -> None:
    """Draw what each method finds, and how much of its list is false, a panel for each question.

    Parameters
    ----------
    axes : sequence of matplotlib.axes.Axes
        One for each question.
    found, false : pandas.DataFrame
        Index = methods, drawn from the top; columns = questions; shares between 0 and 1: of the genes that changed,
        and of the genes called. NaN where a method can't ask the question.
    nominal : float
        The nominal false discovery rate, a share; a list that holds twice as many false genes is orange.
    titles : mapping of str to str
        Question -> title of its panel.
    """
    places = pd.Series(np.arange(len(found))[::-1], found.index)
    for ax, (question, title) in zip(axes, titles.items(), strict=True):
        rows = found.index[found[question].notna()]
        bad = false.loc[rows, question] > 2 * nominal
        ax.barh(places[rows], 100 * found.loc[rows, question], color=np.where(bad, ORANGE, BLUE), height=0.62)
        for row in rows:
            words = f"{100 * found.loc[row, question]:.0f}%, false {100 * false.loc[row, question]:.0f}%"
            ax.text(100 * found.loc[row, question] + 2, places[row], words, va="center", color=INK, fontsize=10)
        for row in found.index.difference(rows):
            ax.text(2, places[row], "cannot ask this", va="center", color=GREY, fontsize=10)
        ax.set_yticks(places, list(found.index))
        ax.tick_params(axis="y", length=0, labelsize=11)
        ax.set(title=title, xlim=(0, 135), xlabel="changed genes found (%)")
        ax.set_xticks([0, 50, 100])


def lines_of_pairs(ax: Axes, reads: pd.Series, samples: pd.DataFrame, unit: str, condition: str) -> Axes:
    """Draw one line for each animal, from its mean under one condition to its mean under the other.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    reads : pandas.Series, shape (n_samples,)
        Of one gene, comparable between samples; above zero. Index = samples.
    samples : pandas.DataFrame
        One row per sample.
    unit : str
        The column of `samples` that names the animal.
    condition : str
        A categorical column of `samples`; its levels stand side by side. The line joins geometric means.

    Returns
    -------
    matplotlib.axes.Axes
    """
    levels = samples[condition].cat.categories
    places = samples[condition].cat.codes
    for _, rows in samples.groupby(unit, observed=True):
        heights = [np.exp(np.log(reads[rows.index[rows[condition] == level]]).mean()) for level in levels]
        ax.plot(range(len(levels)), heights, color=BLUE, linewidth=2, alpha=0.8)
    ax.scatter(places, reads[samples.index], s=26, color=GREY, zorder=1, linewidths=0)
    ax.set(yscale="log", xlim=(-0.3, len(levels) - 0.7))
    ax.set_xticks(range(len(levels)), levels)
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    return ax
