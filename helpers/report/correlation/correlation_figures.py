"""Figures of a correlation report."""

import pandas as pd

from helpers import plots
from helpers.report.correlation.correlation_results import within_strata
from helpers.report.drawing import PALETTE, clipped, grid

MOST_PANELS = 6
MOST_POINTS = 5_000
MOST_NAMES = 15
MARKERS = "os^Dv<>"
HOLLOW = {"s": 60, "facecolors": "white", "edgecolors": plots.INK, "linewidths": 1.8, "zorder": 3}
SEED = 1


def first_look(study):
    """The outcome against each column, every row a point, strata by colour and shape.

    Parameters
    ----------
    study : helpers.report.correlation.correlation_study.Study

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, axes = grid(min(len(study.columns), MOST_PANELS), width=4.2, height=3.6)
    for ax, column in zip(axes, study.columns, strict=False):
        _scatter(ax, study, study.rows(column), column)
        ax.set(xlabel=clipped(column, 40), ylabel=clipped(study.outcome, 40))
    _legend(axes, study)
    return fig


def within_look(study):
    """The same with each stratum's mean taken out: what is left beside the differences between strata.

    Parameters
    ----------
    study : helpers.report.correlation.correlation_study.Study

    Returns
    -------
    matplotlib.figure.Figure
    """
    ranks = "rank of " if study.settings.method == "spearman" else ""
    fig, axes = grid(min(len(study.columns), MOST_PANELS), width=4.2, height=3.6)
    for ax, column in zip(axes, study.columns, strict=False):
        _scatter(ax, study, within_strata(study, column), column, band=False)
        ax.set(
            xlabel=clipped(f"{ranks}{column} − stratum's mean", 40),
            ylabel=clipped(f"{ranks}{study.outcome} − stratum's mean", 40),
        )
    _legend(axes, study)
    return fig


def _scatter(ax, study, rows, column, *, band=True, names=True):
    shown = rows.sample(MOST_POINTS, random_state=SEED) if len(rows) > MOST_POINTS else rows
    if len(shown) < len(rows) or len(rows) > 300:
        ax.scatter(shown[column], shown[study.outcome], s=6, color=plots.BLUE, alpha=0.35, linewidths=0)
    else:
        plots.fit_line(ax, shown[column], shown[study.outcome], band=band)
        ax.margins(x=0.09)  # room for the names of the outermost points
        if not _levels(study):
            ax.scatter(shown[column], shown[study.outcome], **HOLLOW)
        for place, level in enumerate(_levels(study)):
            part = shown[shown[study.strata] == level]
            style = {"edgecolors": PALETTE[place], "marker": MARKERS[place], "label": clipped(level)}
            ax.scatter(part[column], part[study.outcome], **HOLLOW | style)
    if names and study.label and len(shown) <= MOST_NAMES:
        labels = [clipped(name) for name in shown[study.label].astype(str)]
        plots.label_points(ax, shown[column], shown[study.outcome], labels, fontsize=9, zorder=5)


def _levels(study):
    """The strata, where each can have a colour."""
    levels = sorted(study.source.frame[study.strata].dropna().unique()) if study.strata else []
    return levels if len(levels) <= len(PALETTE) else []


def _legend(axes, study):
    if _levels(study) and axes[-1].get_legend_handles_labels()[0]:
        axes[-1].legend(title=clipped(study.strata), frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))


def permutation_plots(analysis):
    """Where each observed correlation stands among those of the permutation test.

    Parameters
    ----------
    analysis : helpers.report.correlation.correlation_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = analysis.study.columns[:MOST_PANELS]
    fig, axes = grid(len(columns), width=4.2, height=3.2)
    for ax, column in zip(axes, columns, strict=True):
        plots.null_histogram(ax, analysis.permutations[column])
        ax.set_title(clipped(column, 34), fontsize=11)
        for text in ax.texts:
            text.set(fontsize=9, backgroundcolor="white", zorder=5)
        ax.set_ylim(top=ax.get_ylim()[1] * 1.25)
    return fig


def paper_figure(analysis):
    """One column: its scatter with r, interval and p; several: every correlation with its interval.

    Parameters
    ----------
    analysis : helpers.report.correlation.correlation_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure
    """
    study, table = analysis.study, analysis.table
    if len(study.columns) == 1:
        fig, axes = grid(1, width=6.4, height=4.4)
        column = study.columns[0]
        _scatter(axes[0], study, study.rows(column), column, names=False)
        _legend(axes, study)
        axes[0].set(xlabel=clipped(column, 50), ylabel=clipped(study.outcome, 50))
        symbol = {"pearson": "r", "spearman": "ρ"}[study.settings.method]
        row = table.iloc[0]
        axes[0].set_title(
            f"{symbol} = {row['estimate']:.2f} [{row['conf_low']:.2f}, {row['conf_high']:.2f}], n = {row['n']}",
            fontsize=11,
        )
        return fig
    fig, (ax,) = grid(1, width=7.5, height=1.6 + 0.42 * len(table) * (2 if study.strata else 1))
    if study.strata:
        _both(ax, table)
    else:
        plots.interval_plot(ax, table, [clipped(name, 34) for name in table["column"]])
    ax.set(xlim=(-1.02, 1.02), xlabel=f"correlation with {clipped(study.outcome, 40)}")
    return fig


def _both(ax, table):
    """Over all rows and within strata, one below the other."""
    names = ["estimate", "conf_low", "conf_high"]
    whole, inner = table[names], table[[f"{name}_within" for name in names]].set_axis(names, axis=1)
    frame = pd.concat([whole, inner]).sort_index(kind="stable")
    labels = [text for name in table["column"] for text in (f"{clipped(name, 30)}, all rows", "within strata")]
    plots.interval_plot(ax, frame, labels, colour=[plots.GREY, plots.BLUE] * len(table))
