"""Figures of a mixed model's report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from scipy import stats
from statsmodels.nonparametric.smoothers_lowess import lowess

from helpers import plots
from helpers.contrasts.contrast_pictures import difference_plot
from helpers.report.drawing import PALETTE, clipped, panels, strips
from helpers.report.mixed_model.mixed_results import line_of_means
from helpers.report.mixed_model.mixed_study import scale_words
from helpers.report.mixed_model.residual_checks import predicted, standardised
from helpers.report.phrases import joined

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study

MOST_PANELS = 6
MOST_POINTS = 4_000
MOST_LINES = 40
FEW_VALUES = 12  # of a number: a dose, at each of which rows have a mean
FEWEST_FOR_A_LINE = 5  # different predictions, for a smooth line through residuals
MOST_ROWS = 40  # of an interval plot
FEW = len(PALETTE)  # groups or cells that can each have a colour
MANY = {"color": plots.BLUE, "linewidth": 0.8, "markersize": 3, "alpha": 0.5}
SEED = 1  # of the jitter: the same picture at every run


def first_look(study: Study) -> Figure:
    """Every row (or a sample of them), and the mean of each group: what to look at before any model.

    Parameters
    ----------
    study : helpers.report.mixed_model.mixed_study.Study

    Returns
    -------
    matplotlib.figure.Figure
    """
    term = study.design.random[0] if study.design.random else None
    rows = study.rows.assign(__y=study.design.y, __group=0 if term is None else term.codes)
    x, cells = study.contrast, _cells(study, rows)
    fig, axes = panels(len(cells), width=3.4 if len(cells) > 1 else 6)
    for ax, (title, part) in zip(axes, cells, strict=True):
        if x is None or study.levels[x] is not None:
            levels = study.levels[x] if x else [""]
            places = part[x].map({level: i for i, level in enumerate(levels)}).astype(float) if x else 0.0 * part["__y"]
            strips(ax, places, part["__y"], seed=SEED, most=MOST_POINTS // len(cells))
            ax.set_xticks(range(len(levels)), [clipped(level) for level in levels])
            ax.set_xlim(-0.5, len(levels) - 0.5)
            means = part.assign(__x=places).groupby(["__group", "__x"])["__y"].mean().reset_index()
        else:
            shown = part.sample(min(len(part), MOST_POINTS // len(cells)), random_state=SEED)
            ax.scatter(shown[x], shown["__y"], s=10, color=plots.GREY, alpha=0.45, linewidths=0)
            means = part.assign(__x=part[x]).groupby(["__group", "__x"])["__y"].mean().reset_index()
        if term is None and (x is None or study.levels[x] is not None or part[x].nunique() <= FEW_VALUES):
            ax.plot(means["__x"], means["__y"], "_", color=plots.INK, markersize=26, markeredgewidth=2.5)
        for group, line in list(means.groupby("__group"))[: MOST_LINES if term else 0]:
            _line_of_group(ax, line, group, term.levels)
        ax.set(title=clipped(title, 30), xlabel=x or "")
    axes[0].set_ylabel(study.design.response)
    if term and len(term.levels) <= FEW:
        axes[-1].legend(title=clipped(term.group), frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    marked = f"the mean of each {clipped(term.group)}" if term else "means"
    fig.suptitle(f"{study.design.response}: rows (grey), and {marked}", x=0.01, ha="left", fontsize=12)
    return fig


def _line_of_group(ax, line, group, levels):
    few = len(levels) <= FEW
    style = {"color": PALETTE[group], "linewidth": 1.5, "markersize": 5} if few else MANY
    ax.plot(line["__x"], line["__y"], marker="o", label=clipped(levels[group]), **style)


def _cells(study, rows):
    """(title, rows) for each cell of `by`, the first few."""
    if not study.by:
        return [("", rows)]
    parts = rows.groupby(list(study.by), observed=True, sort=True)
    named = [(", ".join(map(str, key)), part) for key, part in parts]
    return named[:MOST_PANELS]


def residual_plots(analysis: Analysis) -> Figure:
    """Residuals against predictions, and against what a normal distribution would give.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure
    """
    z, fitted = standardised(analysis).to_numpy(), predicted(analysis).to_numpy()
    fig, axes = panels(2, width=4.6, share=False)
    shown = np.sort(np.random.default_rng(SEED).permutation(len(z))[:MOST_POINTS])
    axes[0].scatter(fitted[shown], z[shown], s=9, color=plots.BLUE, alpha=0.4, linewidths=0)
    axes[0].axhline(0, color=plots.GREY, linewidth=1)
    if len(np.unique(fitted)) > FEWEST_FOR_A_LINE:
        line = lowess(z[shown], fitted[shown], frac=2 / 3)
        axes[0].plot(*line.T, color=plots.ORANGE, linewidth=2)
    axes[0].set(
        xlabel=f"predicted {analysis.study.design.response}",
        ylabel="residual (SD)",
        title="The orange line should be level",
    )
    places = stats.norm.ppf((np.arange(len(z)) + 0.5) / len(z))
    thinned = np.unique(np.linspace(0, len(z) - 1, min(len(z), MOST_POINTS)).astype(int))
    axes[1].axline((0, 0), slope=1, color=plots.GREY, linewidth=1)
    axes[1].scatter(places[thinned], np.sort(z)[thinned], s=9, color=plots.BLUE, linewidths=0)
    axes[1].set(xlabel="normal quantile", ylabel="residual (SD)", title="Normal residuals lie on the line")
    return fig


def influence_plot(analysis: Analysis, influence: pd.DataFrame) -> Figure:
    """The first contrast without each group in turn, beside the one with all.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis
    influence : pandas.DataFrame

    Returns
    -------
    matplotlib.figure.Figure
    """
    study, full = analysis.study, analysis.contrasts
    labels = ["contrast", *study.by]
    # Where no group can be left out, the first contrast stands alone.
    worst = influence.loc[influence["shift"].abs().idxmax(), labels] if len(influence) else full[labels].iloc[0]
    same = (influence[labels].astype(str) == worst.astype(str)).all(axis=1)
    chosen = influence[same].head(MOST_ROWS)
    whole = full[(full[labels].astype(str) == worst.astype(str)).all(axis=1)]
    table = pd.concat([whole[["estimate", "conf_low", "conf_high"]], chosen], ignore_index=True)
    names = [
        "all groups" if study.groups else "all rows",
        *(f"without {clipped(level)}" for level in chosen["left_out"]),
    ]
    noun, mean_noun, none = scale_words(study)
    noun, none = (noun, none) if study.contrast else (mean_noun, float(whole["estimate"].iloc[0]))
    fig, (ax,) = panels(1, width=7, height=1.4 + 0.28 * len(table))
    plots.interval_plot(ax, table, names, reference=none, colour=[plots.INK] + [plots.BLUE] * len(chosen))
    ax.set(xlabel=_axis_label(noun), title=clipped(" ".join(map(str, worst)), 60))
    return fig


def paper_figure(analysis: Analysis) -> Figure:
    """Marginal means on the left, the effect asked about on the right, each with its interval.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure
    """
    study = analysis.study
    noun, mean_noun, none = scale_words(study)
    if study.contrast is None:
        fig, (ax,) = panels(1, width=5)
        _points_of_means(ax, analysis, mean_noun)
        return fig
    table = analysis.contrasts.head(MOST_ROWS)
    fig, (left, right) = panels(2, width=5, height=max(3.6, 1.4 + 0.34 * len(table)), share=False)
    if study.levels[study.contrast] is None:
        _lines_of_means(left, analysis, mean_noun)
    else:
        _points_of_means(left, analysis, mean_noun)
    named = [_name(row) for row in table[["contrast", *study.by]].astype(str).itertuples(index=False)]
    plots.interval_plot(right, table, named, reference=none)
    right.set_xlabel(_axis_label(noun))
    if study.transform == "exp" and table[["conf_low", "conf_high"]].gt(0).all(axis=None):
        right.set_xscale("log")
        plain_log_ticks(right.xaxis)
    return fig


def differences_figure(analysis: Analysis) -> Figure | None:
    """By how much the effect differs between the levels of BY; None where the formula makes it the same.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    matplotlib.figure.Figure or None
    """
    if analysis.differences is None:
        return None
    table = analysis.differences.head(MOST_ROWS)
    fig, (ax,) = panels(1, width=8, height=1.9 + 0.34 * len(table))
    difference_plot(table, alpha=1 - analysis.study.settings.conf_level, ax=ax)
    cells = joined(analysis.study.by)
    ax.set_yticks(ax.get_yticks(), [clipped(label.get_text(), 36) for label in ax.get_yticklabels()])
    title = clipped(f"Differences of the effect of {analysis.study.contrast} between levels of {cells}", 75)
    fig.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")  # over the names, too: they may be long
    said = (
        "ratio of the effects (themselves ratios)" if analysis.study.transform == "exp" else "difference of the effects"
    )
    _, intervals = ax.get_xlabel().split("\n")
    ax.set_xlabel(f"{said}\n{intervals}")
    return fig


def _points_of_means(ax, analysis, noun):
    """Means of the levels of the contrast, one colour for each cell of `by`."""
    study, means = analysis.study, analysis.means
    levels = study.levels[study.contrast] if study.contrast else [""]
    cells = list(means.groupby(list(study.by), observed=True, sort=True)) if study.by else [((), means)]
    width = 0.5 if len(cells) > 1 else 0
    for place, (cell, part) in enumerate(cells[:FEW]):
        codes = part[study.contrast].map({level: i for i, level in enumerate(levels)}) if study.contrast else [0]
        x = np.asarray(codes, float) + width * (place / max(len(cells[:FEW]) - 1, 1) - 0.5)
        ends = np.abs(part[["conf_low", "conf_high"]].to_numpy().T - part["estimate"].to_numpy())
        label = clipped(", ".join(map(str, cell))) if cell else None
        ax.errorbar(x, part["estimate"], yerr=ends, fmt="o", color=PALETTE[place], capsize=3, label=label)
    ax.set_xticks(range(len(levels)), [clipped(level) for level in levels])
    ax.set(xlim=(-0.5, len(levels) - 0.5), xlabel=study.contrast or "")
    ax.set_ylabel(_axis_label(noun), fontsize=10)
    if study.by:
        _legend_above(ax, study, len(cells))


def _lines_of_means(ax, analysis, noun):
    study = analysis.study
    line = line_of_means(study, analysis.fit)
    cells = list(line.groupby(list(study.by), observed=True, sort=True)) if study.by else [((), line)]
    for place, (cell, part) in enumerate(cells[:FEW]):
        part = part.sort_values(study.contrast)
        label = clipped(", ".join(map(str, cell))) if cell else None
        ax.fill_between(
            part[study.contrast], part["conf_low"], part["conf_high"], color=PALETTE[place], alpha=0.15, linewidth=0
        )
        ax.plot(part[study.contrast], part["estimate"], color=PALETTE[place], linewidth=2, label=label)
    ax.set_xlabel(study.contrast)
    ax.set_ylabel(_axis_label(noun), fontsize=10)
    if study.by:
        _legend_above(ax, study, len(cells))


def _name(parts):
    """A contrast and its cell, on two lines where one would be long."""
    contrast, *cell = parts
    where = ", ".join(cell)
    short = len(contrast) + len(where) < 30
    return f"{contrast}, {where}".removesuffix(", ") if short else f"{clipped(contrast, 34)}\n{clipped(where, 34)}"


def _legend_above(ax, study, n_cells):
    """Name the cells above the axes, where no point can lie."""
    title = clipped(", ".join(study.by), 30)
    across = min(n_cells, 4)
    ax.legend(title=title, frameon=False, fontsize=9, ncols=across, loc="lower left", bbox_to_anchor=(0, 1))


def _axis_label(text):
    return clipped(text[:1].upper() + text[1:], 60)


def plain_log_ticks(axis: Axis) -> None:
    """Write 0.9, 1, 1.1 on a log axis, not powers of ten."""
    low, high = axis.axes.get_xlim()
    found = plt.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    ticks = sorted({1.0, *(float(f"{tick:.6g}") for tick in found if low <= tick <= high and tick > 0)})
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)
