"""Figures of a report on counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers import plots
from helpers.report.counts.count_results import principal_axes
from helpers.report.drawing import PALETTE, clipped, grid, plain_log

if TYPE_CHECKING:
    from helpers.report.counts.count_results import Analysis
    from helpers.report.counts.count_study import Study

MOST_NAMES = 15
MOST_GENES = 8  # with a name in the figure for the paper
MARKERS = "os^Dv<>"


def first_look(study: Study) -> Figure:
    """Reads of each sample, and the plane in which samples differ most.

    Parameters
    ----------
    study : helpers.report.counts.count_study.Study

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, (left, right) = grid(2, width=5, height=max(3.8, 1 + 0.2 * len(study.samples)))
    reads, names = study.counts.sum(axis=0) / 1e6, [clipped(name, 16) for name in study.counts.columns]
    places = np.arange(len(reads))[::-1]
    left.barh(places, reads, color=plots.GREY)
    left.set_yticks(places, names)
    left.set(xlabel="reads (millions)")
    axes, share = principal_axes(study)
    for label, style, rows in _groups(study):
        right.scatter(*axes.loc[rows].to_numpy().T, s=60, linewidths=1.8, label=label, **style)
    right.margins(0.12)
    if len(axes) <= MOST_NAMES:
        plots.label_points(right, axes["axis_1"], axes["axis_2"], names, fontsize=9)
    right.set(xlabel=f"axis 1 ({100 * share[0]:.0f}% of variance)", ylabel=f"axis 2 ({100 * share[1]:.0f}%)")
    if study.is_factor:
        right.legend(title=clipped(study.contrast), frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    else:
        right.set_title(f"darker: more {clipped(study.contrast)}", fontsize=11)
    return fig


def _groups(study):
    """(label, style, samples) of each level of the contrast; of a number, each sample in its shade."""
    column = study.samples[study.contrast]
    if study.is_factor:
        for place, level in enumerate(column.cat.categories):
            style = {"facecolors": "white", "edgecolors": PALETTE[place % 7], "marker": MARKERS[place % 7]}
            yield clipped(level), style, column.index[column == level]
        return
    shade = 0.15 + 0.85 * (column - column.min()) / np.ptp(column)
    for sample, alpha in shade.items():
        yield None, {"color": plots.BLUE, "alpha": float(alpha)}, [sample]


def diagnostics(analysis: Analysis) -> Figure:
    """p-values of all genes, and how much genes scatter at each mean.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure
    """
    term = analysis.study.terms[0]
    rows = analysis.table[analysis.table["term"] == term]
    fig, (left, right) = grid(2, width=5, height=3.6)
    left.hist(rows["p_value"].dropna(), bins=np.linspace(0, 1, 41), color=plots.BLUE)
    left.set(xlabel=f"p-value, {clipped(term, 30)}", ylabel="genes", title="It should be level towards 1")
    spread, label = rows["dispersion"], "dispersion"
    if spread.isna().all():
        spread, label = rows["variance"], "squeezed variance of log2 counts"
    style: dict = {"s": 4, "linewidths": 0, "rasterized": True}
    if "gene_dispersion" in rows:  # the trend, and each gene's own about it
        shown = (rows["mean_count"] > 0) & (rows["gene_dispersion"] > 0)
        right.scatter(rows["mean_count"][shown], rows["gene_dispersion"][shown], color=plots.GREY, alpha=0.4, **style)
        style["color"] = plots.ORANGE
        right.legend(
            handles=[
                Line2D([], [], color=plots.GREY, marker="o", linestyle="", markersize=4, label="gene"),
                Line2D([], [], color=plots.ORANGE, linewidth=2.5, label="trend, which the test uses"),
            ],
            frameon=False,
            fontsize=9,
        )
    else:
        style |= {"color": plots.INK, "alpha": 0.3}
    shown = (rows["mean_count"] > 0) & (spread > 0)
    right.scatter(rows["mean_count"][shown], spread[shown], **style)
    right.set(xlabel="mean count", ylabel=label, title="Scatter falls as counts rise")
    plain_log(right.xaxis)
    plain_log(right.yaxis)
    return fig


def paper_figure(analysis: Analysis) -> Figure:
    """For each term, the change of each gene against its mean count; genes found are coloured.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure
    """
    terms = analysis.study.terms[:4]
    fig, axes = grid(len(terms), width=5.5 if len(terms) == 1 else 4.8, height=4.2, across=2)
    for ax, term in zip(axes, terms, strict=True):
        rows = analysis.table[(analysis.table["term"] == term) & (analysis.table["mean_count"] > 0)]
        found = rows["p_adjusted"] < analysis.study.fdr
        style = {"linewidths": 0, "rasterized": True}
        ax.scatter(rows["mean_count"][~found], rows["log2_fold_change"][~found], s=5, color="#B0B0B0", **style)
        ax.scatter(rows["mean_count"][found], rows["log2_fold_change"][found], s=9, color=plots.ORANGE, **style)
        ax.axhline(0, color=plots.INK, linewidth=0.8)
        ax.set(xlabel="mean count", ylabel=_change(analysis.study))
        plain_log(ax.xaxis)
        ax.set_title(f"{clipped(term, 30)}: {int(found.sum()):,} genes", fontsize=11)
        best = rows[found].nsmallest(MOST_GENES, "p_value")
        if len(best):
            names = [clipped(name, 16) for name in best["gene"]]
            plots.label_points(ax, best["mean_count"], best["log2_fold_change"], names, fontsize=8)
    return fig


def _change(study):
    unit = "" if study.is_factor else f" per unit of {clipped(study.contrast, 16)}"
    return f"log2 fold change{unit}"


def found_by_both(analysis: Analysis) -> pd.DataFrame:
    """Counts of genes by method, for the table beside the figures.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis

    Returns
    -------
    pandas.DataFrame
        ``term, found, up, down``, and what the other method finds.
    """
    rows = []
    for term in analysis.study.terms:
        ours = analysis.significant(term)
        theirs = analysis.significant(term, analysis.second_table)
        change = analysis.table[analysis.table["term"] == term].set_index("gene")["log2_fold_change"]
        up = int((change.loc[list(ours)] > 0).sum())
        rows.append((term, len(ours), up, len(ours) - up, len(theirs), len(ours & theirs)))
    columns = ["term", "found", "up", "down", f"found_by_{analysis.second}", "found_by_both"]
    return pd.DataFrame(rows, columns=columns)
