"""The figure for a paper, as wide as a journal's column: what was measured, marginal means, and the effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import plots
from helpers.contrasts.scales import as_scale
from helpers.report.drawing import PALETTE, clipped, plain_log
from helpers.report.mixed_model.effects_in_words import effect
from helpers.report.mixed_model.mixed_figures import plain_log_ticks
from helpers.report.mixed_model.mixed_results import line_of_means
from helpers.report.mixed_model.mixed_study import scale_words
from helpers.report.phrases import Words, counted, joined, percent

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

INCH = 25.4  # mm
WIDE = 120  # mm: from here on, panels stand side by side
POINTS = 7  # size of the smallest letters, which journals ask for
MEANS_HIGH, EFFECTS_HIGH, ROW_HIGH = 62, 16, 7  # mm
MOST_ROWS = 12
MOST_POINTS = 1_000
MOST_SENTENCES = 6
SIDEWAYS = 0.5  # between the first and the last cell of `by`, of the step from one level to the next
SEED = 1
STYLE = {
    **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize", "legend.fontsize"), POINTS),
    **dict.fromkeys(("legend.title_fontsize", "xtick.labelsize", "ytick.labelsize"), POINTS),
    **dict.fromkeys(("axes.linewidth", "xtick.major.width", "ytick.major.width"), 0.6),
    "lines.markersize": 4,
    "figure.constrained_layout.use": True,
}


def print_figure(analysis: Analysis, width: float) -> Figure:
    """The figure at its final size: no letter is smaller than 7 points.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis
    width : float
        In millimetres: 85 for one column of a journal, 180 for two. Panels of a wide one stand side by side.

    Returns
    -------
    matplotlib.figure.Figure
    """
    effects = analysis.contrasts.head(MOST_ROWS if analysis.study.contrast else 0)
    low = EFFECTS_HIGH + ROW_HIGH * len(effects)
    with mpl.rc_context(STYLE):
        if not len(effects):
            fig, axes = plt.subplots(figsize=(width / INCH, MEANS_HIGH / INCH), squeeze=False)
        elif width >= WIDE:
            fig, axes = plt.subplots(1, 2, figsize=(width / INCH, max(MEANS_HIGH, low) / INCH))
        else:
            fig, axes = plt.subplots(
                2, 1, figsize=(width / INCH, (MEANS_HIGH + low) / INCH), height_ratios=[MEANS_HIGH, low]
            )
        means, *others = np.ravel(axes)
        _means(means, analysis)
        for ax in others:
            _effects(ax, analysis, effects)
        fig.draw_without_rendering()  # the layout is that of these letters, whatever style holds when it is saved
        fig.set_layout_engine("none")
    return fig


def caption(analysis: Analysis) -> Words:
    """What stands below the figure: points, bars, numbers, the model, and the effects with their tests.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    Words
    """
    study = analysis.study
    noun, mean_noun, _ = scale_words(study)
    level = percent(study.settings.conf_level)
    points, are_means = measured(analysis)
    what = f"the means of each {study.groups[0]}" if are_means else "rows"
    drawn = " (a sample of them)" if len(points) > MOST_POINTS else ""
    sizes = [counted(len(study.rows), "row")]
    sizes += [counted(len(term.levels), f"level of {term.group}", f"levels of {term.group}") for term in _random(study)]
    over = f" by {study.contrast}" if study.contrast else ""
    where = f" and {joined(study.by)}" if study.by else ""
    shape = "Lines" if _is_number(study) else "Dots with bars"
    sentences = [
        f"{mean_noun[:1].upper()}{mean_noun[1:]}{over}{where}.",
        f"Small points are {what}{drawn}. {shape} are marginal means with {level} confidence intervals, from a linear "
        f"{'mixed ' * bool(_random(study))}model with the formula {study.formula} (n = {joined(sizes)}).",
    ]
    if study.contrast:
        alone = ", not adjusted for the number of effects" * (len(analysis.contrasts) > 1)
        sentences.append(
            f"The other panel shows the {noun} with its {level} confidence interval{alone}; the dashed line marks no "
            "effect."
        )
        rows = analysis.contrasts.to_dict("records")
        sentences += [f"{effect(study, row)}." for row in rows[:MOST_SENTENCES]]
        if more := len(rows) - MOST_SENTENCES:
            sentences += [f"{counted(more, 'more effect')}: see the table."] * (more > 0)
    return Words(" ".join(sentence.replace("..", ".") for sentence in sentences))


def measured(analysis: Analysis) -> tuple[pd.DataFrame, bool]:
    """What was measured, on the scale of the marginal means.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    tuple of pandas.DataFrame and bool
        ``value``, with the columns of contrast and by. True if each is the mean of a group in such a cell, False if
        each is a row: where no group has several rows in a cell, or there are no groups.
    """
    study = analysis.study
    names = [name for name in (study.contrast, *study.by) if name]
    rows = study.rows[names].assign(value=study.design.y)
    are_means = False
    if random := _random(study):
        keys = [*(rows[name] for name in names), pd.Series(random[0].codes, rows.index, name="group")]
        grouped = rows["value"].groupby(keys, observed=True)
        are_means = bool(grouped.size().max() > 1)
        rows = grouped.mean().reset_index() if are_means else rows
    transform = "exp" if study.transform == "percent" else study.transform
    return rows.assign(value=as_scale(transform).forward(rows["value"].to_numpy())), are_means


def _random(study):
    return list(study.design.random)


def _is_number(study):
    return study.contrast is not None and study.levels[study.contrast] is None


def _means(ax, analysis):
    """Points of what was measured, and the means of the model, a colour for each cell of `by`."""
    study = analysis.study
    points, _ = measured(analysis)
    points = points.sample(min(len(points), MOST_POINTS), random_state=SEED)
    table = line_of_means(study, analysis.fit) if _is_number(study) else analysis.means
    cells = _cells(study, table)[: len(PALETTE)]
    among = dict(_cells(study, points))
    for place, (cell, part) in enumerate(cells):
        shift = SIDEWAYS * (place / max(len(cells) - 1, 1) - 0.5) if len(cells) > 1 else 0.0
        draw = _line if _is_number(study) else _dots
        draw(ax, study, part, among.get(cell), PALETTE[place], shift, clipped(", ".join(map(str, cell)), 16))
    if not _is_number(study):
        levels = study.levels[study.contrast] if study.contrast else [""]
        ax.set_xticks(range(len(levels)), [clipped(level, 14) for level in levels])
        ax.set_xlim(-0.6, len(levels) - 0.4)
    if study.transform in ("exp", "percent"):
        plain_log(ax.yaxis)
    ax.set(xlabel=clipped(study.contrast or "", 40), ylabel=_label(scale_words(study)[1]))
    if study.by:
        title = clipped(", ".join(study.by), 40)
        ax.legend(title=title, frameon=False, ncols=min(len(cells), 3), loc="lower left", bbox_to_anchor=(0, 1))


def _cells(study, table):
    """Cell of `by` -> its rows."""
    if not study.by:
        return [((), table)]
    return list(table.groupby(list(study.by), observed=True, sort=True))


def _dots(ax, study, means, points, colour, shift, label):
    rng = np.random.default_rng(SEED)
    if points is not None:
        x = _codes(study, points) + shift + rng.uniform(-0.07, 0.07, len(points))
        ax.scatter(x, points["value"], s=5, color=colour, alpha=0.35, linewidths=0, rasterized=len(points) > 300)
    ends = np.abs(means[["conf_low", "conf_high"]].to_numpy().T - means["estimate"].to_numpy())
    style = {"fmt": "o", "color": colour, "markeredgecolor": "white", "markeredgewidth": 0.4, "elinewidth": 1}
    ax.errorbar(_codes(study, means) + shift, means["estimate"], yerr=ends, capsize=2, label=label, **style)


def _line(ax, study, means, points, colour, _, label):
    if points is not None:
        ax.scatter(points[study.contrast], points["value"], s=5, color=colour, alpha=0.35, linewidths=0)
    means = means.sort_values(study.contrast)
    x = means[study.contrast]
    ax.fill_between(x, means["conf_low"], means["conf_high"], color=colour, alpha=0.15, linewidth=0)
    ax.plot(x, means["estimate"], color=colour, linewidth=1.2, label=label)


def _codes(study, table):
    """Places of the levels."""
    if study.contrast is None:
        return np.zeros(len(table))
    place = {level: i for i, level in enumerate(study.levels[study.contrast])}
    return table[study.contrast].map(place).to_numpy(float)


def _effects(ax, analysis, table):
    study = analysis.study
    noun, _, none = scale_words(study)
    names = table[["contrast", *study.by]].astype(str).agg(", ".join, axis=1).map(lambda name: clipped(name, 30))
    plots.interval_plot(ax, table, list(names), reference=none)
    ax.tick_params(labelsize=POINTS)
    ax.set_xlabel(_label(noun), fontsize=POINTS)
    if study.transform == "exp" and table[["conf_low", "conf_high"]].gt(0).all(axis=None):
        ax.set_xscale("log")
        plain_log_ticks(ax.xaxis)


def _label(text):
    return clipped(text[:1].upper() + text[1:], 45)
