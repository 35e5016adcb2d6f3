"""Figures of linear models: groups of points, lines side by side, causal sketches, and what residuals show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from matplotlib.axes import Axes

from helpers.plots.elements import BLUE, GREY, GROUP_COLOURS, GROUP_MARKERS, INK, ORANGE, label_points

PLACES = {"condition": (0.12, 0.5), "urea": (0.5, 0.86), "weight": (0.5, 0.14), "Gene X": (0.88, 0.5)}


def points_by_group(
    ax: Axes, data: pd.DataFrame, x: str, y: str, group: str, *, name: str | None = None, legend: bool = True
) -> Axes:
    """Points in the colour and shape of their group.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    data : pandas.DataFrame
        One row per point.
    x, y : str
        Numeric columns.
    group : str
        Column of labels.
    name : str, optional
        Column with the points' names.
    legend : bool
        Whether to name the groups in a legend.

    Returns
    -------
    matplotlib.axes.Axes
    """
    for level, rows in data.groupby(group, observed=True):
        ax.scatter(
            rows[x],
            rows[y],
            s=80,
            marker=GROUP_MARKERS.get(level, "o"),
            facecolors=GROUP_COLOURS.get(level, INK),
            edgecolors="white",
            zorder=3,
            label=f"group {level}",
        )
    ax.margins(0.1)
    if legend:
        ax.legend(frameon=False, loc="upper left", handletextpad=0.2)
    if name is not None:
        label_points(ax, data[x], data[y], data[name])
    return ax


def parallel_lines(
    ax: Axes, data: pd.DataFrame, y: str, x: str, group: str, *, step: float = 100, unit: str = "mg/dl"
) -> tuple[float, float]:
    """One line through all points (dashed), and one for each group, all of these with the same slope.

    Each of the two slopes is drawn as an arrow: so much higher after one `step` to the right.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    data : pandas.DataFrame
    y, x : str
        Numeric columns.
    group : str
        Column of labels.
    step : float
        How far to the right an arrow's height is measured, in units of `x`.
    unit : str
        The unit of `x`.

    Returns
    -------
    tuple of float
        Rise per `step`: of the line through all points, and inside the groups.
    """
    overall = smf.ols(f"{y} ~ {x}", data).fit()
    inside = smf.ols(f"{y} ~ {x} + C({group})", data).fit()
    points_by_group(ax, data, x, y, group, legend=False)
    ends = pd.DataFrame({x: [data[x].min(), data[x].max()]})
    ax.plot(ends[x], overall.predict(ends), color=GREY, linestyle="--", linewidth=2)
    for level, rows in data.groupby(group, observed=True):
        ends = pd.DataFrame({x: [rows[x].min() - step / 4, rows[x].max() + step / 4], group: level})
        heights, colour = inside.predict(ends), GROUP_COLOURS.get(level, INK)
        ax.plot(ends[x], heights, color=colour, linewidth=2.5)
        ax.text(ends[x][1], heights[1], f" {level}", color=colour, va="center", fontweight="bold", fontsize=13)
    rises = step * overall.params[x], step * inside.params[x]
    left, right = data[x].min(), data[x].max()
    corner = left + 0.42 * (right - left)
    height = float(overall.predict(pd.DataFrame({x: [corner]})).iloc[0])
    _step_arrow(ax, corner, height, step, rises[0], GREY)
    below = {"color": GREY, "ha": "right", "va": "top", "fontweight": "bold"}
    ax.text(corner + step, height, f"all mice: {rises[0]:+.2f} ", **below)
    bottom = data[y].min() - 0.25 * np.ptp(data[y])
    _step_arrow(ax, corner, bottom, step, rises[1], INK)
    ax.text(corner + step, bottom, f"  inside a group: {rises[1]:+.2f}", color=INK, va="bottom", fontweight="bold")
    ax.text(corner + step / 2, bottom, f"{step:g} {unit}", ha="center", va="top", color=INK, fontsize=10)
    ax.set_ylim(bottom - 0.15 * np.ptp(data[y]), None)
    return rises


def _step_arrow(ax, x, y, step, rise, colour):
    ax.plot([x, x + step], [y, y], color=colour, linewidth=1)
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (x + step, y + rise), (x + step, y), arrowprops=arrow)


def causal_sketch(ax: Axes, arrows: Mapping[tuple[str, str], str]) -> Axes:
    """A sketch of what may act on what among condition, urea, weight and Gene X.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    arrows : mapping
        (from, to) -> what is written on the arrow. One with a question mark is drawn in orange, as what is asked about.

    Returns
    -------
    matplotlib.axes.Axes
    """
    for (start, end), text in arrows.items():
        (x0, y0), (x1, y1) = PLACES[start], PLACES[end]
        colour = ORANGE if "?" in text else GREY
        style = {"arrowstyle": "-|>,head_width=0.35,head_length=0.7", "color": colour, "linewidth": 2.5}
        ax.annotate("", (x1, y1), (x0, y0), arrowprops=style | {"shrinkA": 42, "shrinkB": 42})
        ax.text(
            (x0 + x1) / 2,
            (y0 + y1) / 2,
            text,
            ha="center",
            va="center",
            color=colour if "?" in text else INK,
            backgroundcolor="white",
        )
    for name in dict.fromkeys(name for pair in arrows for name in pair):
        box = {"boxstyle": "round,pad=0.5", "facecolor": "#EAF4FB", "edgecolor": BLUE, "linewidth": 1.5}
        ax.text(*PLACES[name], name, ha="center", va="center", fontsize=13, fontweight="bold", color=INK, bbox=box)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    return ax


def residual_checks(
    fitted: pd.Series, residuals: pd.Series, groups: pd.Series, p_without: Mapping[str, float], p_all: float
) -> tuple[Axes, Axes]:
    """Left: residuals against fitted values, by group. Right: the p-value after leaving out each animal in turn.

    Parameters
    ----------
    fitted, residuals, groups : pandas.Series
        One value per animal.
    p_without : mapping
        Animal -> p-value of the model's joint test without it.
    p_all : float
        The same p-value with all animals.

    Returns
    -------
    tuple of matplotlib.axes.Axes
    """
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
    left.axhline(0, color=GREY, linewidth=1)
    points_by_group(left, pd.DataFrame({"x": fitted, "y": residuals, "group": groups}), "x", "y", "group")
    left.set(xlabel="fitted Gene X (standard deviations)", ylabel="residual (standard deviations)")
    left.set_title("The residuals spread out like a funnel")
    ordered = sorted(p_without.items(), key=lambda pair: pair[1])
    _p_values(right, [name for name, _ in ordered], [p for _, p in ordered], p_all)
    return left, right


def _p_values(ax, names: Sequence[str], values: Sequence[float], p_all: float):
    rows = np.arange(len(names))
    colours = [ORANGE if p > 0.05 else BLUE for p in values]
    ax.axvline(0.05, color=INK, linestyle="--", linewidth=1)
    ax.axvline(p_all, color=GREY, linewidth=1)
    sides = ("left", "right") if p_all > 0.05 else ("right", "left")  # each label on the far side of its line
    for x, text, colour, side in zip((p_all, 0.05), (" all mice ", " 0.05 "), (GREY, INK), sides, strict=True):
        ax.text(x, len(names) - 0.4, text, color=colour, ha=side, va="bottom", fontsize=10)
    ax.hlines(rows, 0, values, color=colours, linewidth=2)
    ax.scatter(values, rows, color=colours, s=50, zorder=3)
    ax.set_yticks(rows, names)
    ax.set(xlim=(0, None), ylim=(-0.6, len(names) + 0.3), xlabel="p-value of the joint test without this mouse")
    above = sum(p > 0.05 for p in values)
    ax.set_title(f"Without one mouse, p > 0.05 in {above} of {len(names)} cases")
