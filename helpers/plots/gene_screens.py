"""Figures of lessons that test every gene: lines per patient, p-values of a screen, lists and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.plots.elements import BLUE, GREY, INK, ORANGE, interval_plot, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALE = "#C9C9C9"
BINS = np.linspace(0, 1, 21)
LIKELY = 3.84  # a likelihood-ratio test at 5%, one degree of freedom


def lines_over_time(
    expression: pd.DataFrame, samples: pd.DataFrame, genes: dict[str, str], *, group: str, time: str, title: str
) -> Figure:
    """One panel per gene, one line per patient from time to time, and the mean of all patients.

    Parameters
    ----------
    expression : pandas.DataFrame, shape (genes, samples)
        Log2 counts per million.
    samples : pandas.DataFrame
        One row per sample; index = the columns of `expression`.
    genes : dict
        Title of the panel -> row of `expression`.
    group, time : str
        Columns of `samples`: which samples share a line, and where on it each stands.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(genes), figsize=(4 * len(genes), 4.2), squeeze=False)
    for ax, (name, gene) in zip(axes[0], genes.items(), strict=True):
        values = samples.assign(y=expression.loc[gene, samples.index]).pivot_table("y", time, group, observed=True)
        ax.plot(range(len(values)), values, "o-", color=GREY, alpha=0.7, markersize=4, linewidth=1.2)
        ax.plot(range(len(values)), values.mean(axis=1), "o-", color=BLUE, linewidth=3.5)
        ax.set_xticks(range(len(values)), list(values.index))
        ax.set(xlabel=time, title=name, xlim=(-0.25, len(values) - 0.75))
    axes[0, 0].set_ylabel("log2 counts per million")
    note(axes[0, 0], "blue: mean", corner="lower right", color=BLUE)
    figure.suptitle(title, fontweight="bold")
    return figure


def p_histograms(panels: dict[str, pd.Series], *, title: str, colours: list[str] | None = None) -> Figure:
    """One histogram of p-values per panel, with the height that genes without any effect would have.

    Parameters
    ----------
    panels : dict
        Title of the panel -> p-values; missing ones are left out.
    title : str
    colours : list of colours, optional
        One per panel.

    Returns
    -------
    matplotlib.figure.Figure
    """
    as_many = len({pd.Series(p).notna().sum() for p in panels.values()}) == 1  # then heights compare
    figure, axes = plt.subplots(1, len(panels), figsize=(5.2 * len(panels), 4), squeeze=False, sharey=as_many)
    for ax, (name, p), colour in zip(axes[0], panels.items(), colours or [BLUE] * len(panels), strict=True):
        known = pd.Series(p).dropna()
        ax.hist(known, bins=BINS, color=colour, edgecolor="white")
        ax.axhline(len(known) / (len(BINS) - 1), color=INK, linestyle="--", linewidth=1.2)
        ax.set(xlabel="p-value", xlim=(0, 1))
        ax.set_title(name, fontsize=12)
    axes[0, 0].set_ylabel("genes per 0.05")
    axes[0, -1].margins(y=0.3)
    note(axes[0, -1], "dashed: if no gene\nhad an effect", corner="upper right")
    figure.suptitle(title, fontweight="bold")
    return figure


def spread_against_mean(mean: pd.Series, spread: pd.Series, *, title: str) -> Axes:
    """Each gene's residual standard deviation against its mean, and the median along it.

    Parameters
    ----------
    mean, spread : pandas.Series, shape (n_genes,)
        Mean log2 counts per million, and residual standard deviation (log2 units).
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(7.5, 4.2))
    ax.scatter(mean, spread, s=3, color=PALE, linewidths=0, rasterized=True)
    binned = pd.DataFrame({"mean": mean, "spread": spread}).groupby(pd.qcut(mean, 20), observed=True).median()
    ax.plot(binned["mean"], binned["spread"], "o-", color=BLUE, linewidth=2.5)
    ax.set(xlabel="mean log2 counts per million", ylabel="residual SD (log2)", title=title)
    ax.set(ylim=(0, 1.15 * spread.quantile(0.995)))
    note(ax, "a point: a gene\nblue: the median gene", corner="upper right")
    return ax


def shares_below(shares: np.ndarray, observed: float, *, title: str) -> Axes:
    """What part of the genes has p < 0.05 when labels are exchanged at random, beside the part that really has.

    Parameters
    ----------
    shares : array, shape (n_permutations,)
        Percent of the genes.
    observed : float
        Percent with the true labels.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8, 2.8))
    ax.scatter(shares, np.zeros(len(shares)), s=70, color=GREY, alpha=0.6)
    ax.scatter([observed], [0], s=130, marker="D", color=ORANGE, zorder=3)
    ax.axvline(5, color=INK, linestyle="--", linewidth=1.2)
    ax.annotate("nominal level: 5%", (5, 0.55), (6, 0.62), color=INK)
    ax.annotate("the true labels", (observed, 0), (observed, -0.5), color=ORANGE, ha="center")
    ax.set(xlabel="genes with p < 0.05 (%)", ylim=(-1, 1), title=title)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    return ax


def shares_of_score(shares: pd.Series, *, title: str) -> Axes:
    """A bar per gene: the part of a score's variance that it accounts for alone.

    Parameters
    ----------
    shares : pandas.Series
        R² of each gene, first gene on top; index = what to write beside it.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8, 4.2))
    rows = np.arange(len(shares))[::-1]
    ax.barh(rows, 100 * shares, color=BLUE, height=0.7)
    for row, share in zip(rows, shares, strict=True):
        ax.text(100 * share - 1.5, row, f"{share:.0%}", color="white", ha="right", va="center", fontweight="bold")
    ax.set_yticks(rows, list(shares.index))
    ax.set(xlabel="variance of the score that goes with this gene alone (%)", xlim=(0, 100), title=title)
    return ax


def ranks_resampled(ranks: pd.DataFrame, n_genes: int, *, title: str) -> Axes:
    """The rank of some genes in resampled studies: median, and from the 5th to the 95th in a hundred.

    Parameters
    ----------
    ranks : pandas.DataFrame, shape (n_studies, n_shown)
        Ranks, 1 = first; a column per gene, in the order of the original list.
    n_genes : int
        How many genes are ranked.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8.5, 4.4))
    table = ranks.quantile([0.5, 0.05, 0.95]).T.set_axis(["estimate", "conf_low", "conf_high"], axis=1)
    interval_plot(ax, table, [f"{gene}, was no. {place}" for place, gene in enumerate(ranks, 1)], reference=1)
    ax.set(xscale="log", xlabel=f"rank among {n_genes:,} genes in a resampled study (log scale)", title=title)
    ticks = [tick for tick in (1, 3, 10, 30, 100, 300, 1000) if tick <= 1.5 * table["conf_high"].max()]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    return ax


def top_and_truth(planted: pd.Series, estimate: pd.Series, top: pd.Index, *, title: str) -> Axes:
    """The estimated size of each gene's effect against the true one; some genes stand out.

    Parameters
    ----------
    planted : pandas.Series
        True effects, in the direction of the estimate: negative if the estimate has the wrong sign.
    estimate : pandas.Series
        Sizes of the estimates (not negative), same index.
    top : pandas.Index
        The genes to draw in orange.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(7.5, 4.8))
    others = estimate.index.difference(top)
    ax.scatter(planted[others], estimate[others], s=16, color=GREY, alpha=0.7, label="others on the list")
    label = f"the {len(top)} largest estimates"
    ax.scatter(planted[top], estimate[top], s=42, color=ORANGE, marker="D", label=label)
    ends = [0, 1.05 * max(planted.max(), estimate.max())]
    ax.plot(ends, ends, color=INK, linestyle="--", linewidth=1.2)
    ax.text(0.78 * ends[1], 0.69 * ends[1], "estimate = truth", color=INK)
    ax.set(xlabel="true slope (log2 per 100 mg/dl)", ylabel="estimated slope (log2 per 100 mg/dl)", title=title)
    ax.legend(frameon=False, loc="lower right")
    return ax


def changes_with_bounds(table: pd.DataFrame, names: list[str], bound: float, *, title: str) -> Axes:
    """Fold changes with their intervals, a row per gene, and the smallest change that matters.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``estimate``, ``conf_low``, ``conf_high`` (log2 fold changes), first gene on top.
    names : list of str
    bound : float
        Log2 fold change that counts as large, drawn on both sides of 0.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8.5, 4.6))
    ax.axvspan(-bound, bound, color=ORANGE, alpha=0.13, linewidth=0)
    interval_plot(ax, table, names)
    ax.set(xlabel="log2 fold change, T3 against T1", title=title)
    label = f"below {2**bound:.2g}-fold "
    ax.text(-bound, len(table) - 0.55, label, ha="right", va="bottom", color=ORANGE, fontsize=10)
    ax.set_ylim(-0.6, len(table) + 0.1)
    return ax


def deviance_curves(share: np.ndarray, curves: pd.DataFrame, *, title: str) -> Axes:
    """How well each share of variance between groups fits a gene, and where its curve is lowest.

    Parameters
    ----------
    share : array, shape (n_points,)
        Share of the variance that lies between groups, 0 to 1.
    curves : pandas.DataFrame, shape (n_genes, n_points)
        −2 log-likelihood; index = genes.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(8.5, 4.4))
    for (gene, curve), colour in zip(curves.iterrows(), [BLUE, ORANGE, INK, GREY], strict=False):
        above = curve.to_numpy() - curve.min()
        ax.plot(share, above, color=colour, linewidth=2, label=gene)
        ax.scatter([share[above.argmin()]], [0], s=70, color=colour, zorder=3, clip_on=False)
    ax.axhline(LIKELY, color=GREY, linestyle="--", linewidth=1.2)
    ax.set(xlim=(-0.01, 1), ylim=(-0.25, 8), title=title)
    ax.set(xlabel="share of variance between animals", ylabel="deviance above its lowest")
    ax.legend(frameon=False)
    return ax
