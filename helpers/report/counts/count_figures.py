"""Figures of a report on counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import plots
from helpers.report.counts.count_sentences import gene_name
from helpers.report.drawing import PALETTE, clipped, grid, plain_log
from helpers.report.phrases import counted

if TYPE_CHECKING:
    from helpers.report.counts.count_results import Analysis, Map
    from helpers.report.counts.count_study import Study

MOST_NAMES = 15
MOST_GENES = 8  # with a name in the figure for the paper
MARKERS = "os^Dv<>"
LEAST_DISPERSION = 1e-4  # replicates that differ by 1%: what lies below is drawn there


def first_look(study: Study, found: Map) -> Figure:
    """Reads of each sample, and the plane in which samples differ most.

    Parameters
    ----------
    study : helpers.report.counts.count_study.Study
    found : helpers.report.counts.count_results.Map

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
    axes, share = found.axes, found.share
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
    """p-values of all genes, and how much each gene scatters: by itself, by the trend, and as the test takes it.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure
    """
    term = analysis.study.terms[0]
    rows = analysis.table[(analysis.table["term"] == term) & (analysis.table["mean_count"] > 0)]
    drawn = [
        draw
        for column, draw in (("own_dispersion", _biological_variation), ("own_variance", _variances))
        if column in rows
    ]
    fig, (first, *others) = grid(1 + len(drawn), width=4.6, height=3.8)
    first.hist(rows["p_value"].dropna(), bins=np.linspace(0, 1, 41), color=plots.BLUE)
    first.set(
        xlabel="p-value", ylabel="genes", title="p-values" if analysis.study.fold > 1 else "p-values: level towards 1?"
    )
    for ax, draw in zip(others, drawn, strict=True):
        draw(ax, rows)
        ax.set_xlabel("mean count")
        plain_log(ax.xaxis)
        plain_log(ax.yaxis)
        ax.tick_params(axis="x", labelsize=8)
        ax.legend(frameon=False, fontsize=9, markerscale=3)
    return fig


def _biological_variation(ax, rows):
    """√dispersion, the share by which replicates differ: each gene's own, the trend, what the test takes."""
    trend = rows["trend_dispersion"] if "trend_dispersion" in rows else rows["dispersion"]
    _dots(ax, rows, np.sqrt(rows["own_dispersion"].clip(lower=LEAST_DISPERSION)), plots.GREY, "gene alone")
    if "trend_dispersion" in rows:
        _dots(ax, rows, np.sqrt(rows["dispersion"].clip(lower=LEAST_DISPERSION)), plots.BLUE, "as the test uses it")
    order = rows["mean_count"].argsort().to_numpy()
    label = "trend" if "trend_dispersion" in rows else "trend, which the test uses"
    _dots(ax, rows.iloc[order], np.sqrt(trend.iloc[order]), plots.ORANGE, label)
    ax.set(ylabel="biological coefficient of variation", title="Differences between replicates")


def _variances(ax, rows):
    """Residual variances: each gene's own, and drawn to the others' as the test takes them."""
    _dots(ax, rows, rows["own_variance"], plots.GREY, "gene alone")
    _dots(ax, rows, rows["variance"], plots.BLUE, "as the test uses it")
    logs = rows["dispersion"].isna().all()
    ax.set(
        ylabel="variance of weighted log2 counts" if logs else "variance, relative to the trend's",
        title="Scatter of each gene" if logs else "Scatter beyond the trend",
    )
    if not logs:
        ax.axhline(1, color=plots.INK, linewidth=0.8)


def _dots(ax, rows, values, colour, label):
    shown = (values > 0).to_numpy()
    style = {"s": 5, "linewidths": 0, "rasterized": True, "alpha": 0.5}
    ax.scatter(rows["mean_count"][shown], values[shown], color=colour, label=label, **style)


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
        ax.set_title(f"{clipped(term, 44)}: {counted(int(found.sum()), 'gene')}", fontsize=11)
        best = rows[found].nsmallest(MOST_GENES, "p_value")
        if len(best):
            names = [clipped(gene_name(row), 16) for row in best.to_dict("records")]
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
