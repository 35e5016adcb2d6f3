"""The style of every figure, and what several lessons draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.text import Text

from helpers.plots.described import show_with_alt_text
from helpers.refusals.packages import extra

with extra("plots", "helpers.plots"):
    import seaborn as sns
    from adjustText import adjust_text

if TYPE_CHECKING:
    from helpers.correlation import PermutationTest

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, AMBER, GREY, INK = "#56B4E9", "#E69F00", "#8C8C8C", "#262626"
GROUP_COLOURS = {"C": BLUE, "HP": ORANGE, "CR": GREEN}
GROUP_MARKERS = {"C": "o", "HP": "s", "CR": "^"}  # shape says it again, for print and for eyes that mix the colours


def use_style() -> None:
    """Set the look of every figure, and have each shown with its alt text: call it once, in a lesson's first cell."""
    show_with_alt_text()
    sns.set_theme(
        context="notebook",
        style="ticks",
        palette=[BLUE, ORANGE, GREEN, PINK, SKY, AMBER, GREY],
        rc={
            "figure.figsize": (7, 4.5),
            "figure.dpi": 110,
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 13,
            "axes.titleweight": "bold",
            "axes.labelsize": 12,
            "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
        },
    )
    mpl.rcParams["svg.hashsalt"] = "helpers"


def scatter_with_fit(
    data: pd.DataFrame,
    x: str,
    y: str,
    *,
    label: str | None = None,
    group: str | None = None,
    band: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Hollow points, the least-squares line with its 95% band for the mean, and a name beside every point.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per point; `x` and `y` numeric.
    x, y : str
        Columns.
    label : str, optional
        Column with the points' names; names are moved until none covers another or a point.
    group : str, optional
        Column whose levels get the group colours and shapes; each level is named once, in a legend.
    band : bool
        Whether to draw the band. It counts n − 2 degrees of freedom: leave it out where more were spent, as on columns
        whose group means were taken out.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.gca() if ax is None else ax
    fit_line(ax, data[x], data[y], band=band)
    if group is None:
        ax.scatter(data[x], data[y], s=60, facecolors="white", edgecolors=INK, linewidths=1.5, zorder=3)
    else:
        for level, rows in data.groupby(group, observed=True):
            ax.scatter(
                rows[x],
                rows[y],
                s=60,
                marker=GROUP_MARKERS.get(level, "o"),
                facecolors="white",
                edgecolors=GROUP_COLOURS.get(level, INK),
                linewidths=1.8,
                zorder=3,
                label=level,
            )
        ax.legend(title=group, frameon=False)
    ax.margins(x=0.09)  # room for the names of the outermost points
    if label is not None:
        label_points(ax, data[x], data[y], data[label])
    return ax


def fit_line(ax: Axes, x: pd.Series, y: pd.Series, *, band: bool = True) -> None:
    """Draw the least-squares line and, if wanted, its 95% band for the mean (n − 2 degrees of freedom).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : pandas.Series
    band : bool
    """
    grid = np.linspace(x.min(), x.max(), 100)
    ax.plot(grid, np.polyval(np.polyfit(x, y, 1), grid), color=BLUE, linewidth=2)
    if band:
        fit = smf.ols("y ~ x", pd.DataFrame({"x": x, "y": y})).fit()
        line = fit.get_prediction(pd.DataFrame({"x": grid})).summary_frame(alpha=0.05)
        ax.fill_between(grid, line["mean_ci_lower"], line["mean_ci_upper"], color=BLUE, alpha=0.12, linewidth=0)


def label_points(
    ax: Axes,
    x: np.ndarray | pd.Series | Sequence[float],
    y: np.ndarray | pd.Series | Sequence[float],
    names: Iterable[str],
    **text: object,
) -> list[Text]:
    """Write names beside points so that no name covers another or any point.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : array-like
        The points.
    names : iterable of str
        One per point; a point whose name is empty gets none, and is kept clear all the same.
    **text
        Passed on to ``Axes.text``.

    Returns
    -------
    list of matplotlib.text.Text
    """
    # A white rim keeps a name readable where a line runs through it.
    rim = [patheffects.withStroke(linewidth=2.5, foreground="white")]
    style = {"fontsize": 10, "color": INK, "path_effects": rim} | text
    named = [(a, b, str(name)) for a, b, name in zip(x, y, names, strict=True) if name]
    labels = [ax.text(*point, **style) for point in named]
    ax.figure.draw_without_rendering()  # the Axes must have their final size before labels are moved
    rim_x, rim_y = _rims(ax, x, y)
    target_x, target_y, _ = zip(*named, strict=True)
    # Points push harder than by default: with less, a name stays on a neighbour in a dense row.
    target = {"target_x": list(target_x), "target_y": list(target_y)}
    adjust_text(labels, x=rim_x, y=rim_y, **target, ax=ax, force_static=(0.5, 1), iter_lim=500)
    return labels


def _rims(ax, x, y, radius=5):
    """Points on a circle around each marker: adjustText keeps labels off points, and knows of no marker's size."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = radius * ax.figure.dpi / 72 * np.column_stack([np.cos(angles), np.sin(angles)])
    centres = ax.transData.transform(np.column_stack([x, y]).astype(float))
    rims = (centres[:, None, :] + circle).reshape(-1, 2)
    return ax.transData.inverted().transform(rims).T


def note(ax: Axes, text: str, *, corner: str = "upper left", **style: object) -> Text:
    """Write a text in a corner of the Axes: ``"upper left"``, ``"lower right"`` and so on."""
    vertical, horizontal = corner.split()
    return ax.text(
        {"left": 0.03, "right": 0.97}[horizontal],
        {"upper": 0.97, "lower": 0.04}[vertical],
        text,
        transform=ax.transAxes,
        ha=horizontal,
        va={"upper": "top", "lower": "bottom"}[vertical],
        **({"fontsize": 11, "color": INK, "linespacing": 1.5} | style),
    )


def correlation_note(ax: Axes, results: pd.DataFrame, *, corner: str = "upper left") -> Text:
    """Write correlations with their intervals and p-values on the Axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    results : pandas.DataFrame
        Rows as `helpers.correlation.correlate` returns them.
    corner : str

    Returns
    -------
    matplotlib.text.Text
    """
    return note(ax, "\n".join(_in_words(row) for row in results.itertuples()), corner=corner)


def _in_words(row):
    symbol = {"pearson": "Pearson r", "spearman": "Spearman ρ", "kendall": "Kendall τ"}[row.method]
    interval = "" if np.isnan(row.conf_low) else f"  [{row.conf_low:.3f}, {row.conf_high:.3f}]"
    return f"{symbol} = {row.estimate:.3f}{interval},  p = {row.p_value:.2g}"


def null_histogram(ax: Axes, test: PermutationTest, *, title: str | None = None) -> Axes:
    """Show where the observed correlation stands among those of a permutation test.

    Arrangements at least as far from zero as the observed one are coloured; their share is the p-value.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    test : helpers.correlation.PermutationTest
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    edges = np.linspace(-1, 1, 61)
    is_far = np.abs(test.null_distribution) >= abs(test.estimate) - 1e-12
    share = np.full(len(is_far), 100 / len(is_far))
    ax.hist(
        [test.null_distribution[~is_far], test.null_distribution[is_far]],
        bins=edges,
        weights=[share[~is_far], share[is_far]],
        stacked=True,
        color=["#C9C9C9", ORANGE],
    )
    ax.axvline(test.estimate, color=INK, linewidth=1.5)
    ax.set(xlabel="correlation after exchanging values", ylabel="share of arrangements (%)", xlim=(-1, 1), title=title)
    far = f"{is_far.sum():,} of {len(is_far):,} arrangements\nare at least as far from 0:  p = {test.p_value:.2g}"
    note(ax, far, color=ORANGE, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
    return ax


def interval_plot(
    ax: Axes,
    table: pd.DataFrame,
    names: Sequence[str] | pd.Series,
    *,
    reference: float = 0.0,
    colour: str | Sequence[str] = BLUE,
    values: Sequence[str] | None = None,
) -> Axes:
    """Estimates with their intervals, one row each, first row on top.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table : pandas.DataFrame
        Columns ``estimate``, ``conf_low``, ``conf_high``.
    names : sequence of str
        What to write beside each row.
    reference : float, optional
        Where the dashed line of "no effect" stands.
    colour : colour or sequence of colours
    values : sequence of str, optional
        What to write right of the Axes beside each row, such as ``"1.25 [1.14, 1.38]"``: a forest plot.

    Returns
    -------
    matplotlib.axes.Axes
    """
    rows = np.arange(len(table))[::-1]
    ax.axvline(reference, color=GREY, linestyle="--", linewidth=1)
    ax.hlines(rows, table["conf_low"], table["conf_high"], color=colour, linewidth=2)
    ax.scatter(table["estimate"], rows, s=45, color=colour, zorder=3)
    ax.set_yticks(rows, list(names))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.6, len(table) - 0.4)
    if values is not None:
        for row, value in zip(rows, values, strict=True):
            ax.text(1.02, row, value, transform=ax.get_yaxis_transform(), va="center", color=INK)
    return ax


def design_cells(ax: Axes, cells: pd.DataFrame, *, means: Sequence[float] | None = None) -> Axes:
    """Show which coefficients add up to the prediction of each cell of a design.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    cells : pandas.DataFrame
        One row per cell (its index names the cell), one column per coefficient: the design matrix of the cells. Zeros
        are left out; other weights than 1 are written before the name.
    means : sequence of float, optional
        The prediction of each cell, written below the sum.

    Returns
    -------
    matplotlib.axes.Axes
    """
    for position, (name, weights) in enumerate(cells.iterrows()):
        lines = [_signed(weight, term) for term, weight in weights.items() if weight != 0]
        lines[0] = lines[0].removeprefix("+ ")
        ax.add_patch(plt.Rectangle((position, 0), 0.94, 1, facecolor=SKY, alpha=0.18, edgecolor=BLUE))
        ax.text(position + 0.47, 0.93, str(name), ha="center", va="top", fontsize=12, fontweight="bold", color=INK)
        ax.text(
            position + 0.47, 0.5, "\n".join(lines), ha="center", va="center", fontsize=11, color=INK, linespacing=1.4
        )
        if means is not None:
            ax.text(
                position + 0.47, 0.05, f"= {means[position]:.3f}", ha="center", va="bottom", fontsize=12, color=BLUE
            )
    ax.set(xlim=(-0.03, len(cells)), ylim=(-0.02, 1.02))
    ax.axis("off")
    return ax


def _signed(weight, term):
    sign = "+" if weight > 0 else "−"
    size = "" if abs(weight) == 1 else f"{abs(weight):g} × "
    return f"{sign} {size}{term}"


def signed_cells(ax: Axes, weights: pd.DataFrame) -> Axes:
    """Show a contrast as a signed sum of the cells of a two-way design.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    weights : pandas.DataFrame
        The weight of each cell's mean; index and columns name the levels of the two factors. Cells that add are blue
        with a plus, cells that are taken away orange with a minus, cells without weight white; weights other than 1 are
        written as fractions.

    Returns
    -------
    matplotlib.axes.Axes
    """
    n_rows, n_columns = weights.shape
    for row, (_, line) in enumerate(weights.iterrows()):
        for column, weight in enumerate(line):
            fraction = Fraction(float(weight)).limit_denominator(1000)
            colour = BLUE if fraction > 0 else ORANGE if fraction < 0 else "white"
            ax.add_patch(plt.Rectangle((column, row), 1, 1, facecolor=colour, edgecolor=INK, linewidth=1))
            if fraction:
                size = "" if abs(fraction) == 1 else str(abs(fraction))
                sign = "+" if fraction > 0 else "−"
                style = {"color": "white", "fontsize": 13 if size else 20, "fontweight": "bold"}
                ax.text(column + 0.5, row + 0.5, f"{sign}{size}", ha="center", va="center", **style)
    ax.set(xlim=(-0.02, n_columns + 0.02), ylim=(n_rows + 0.02, -0.02), aspect="equal")
    ax.set_xticks(np.arange(n_columns) + 0.5, weights.columns)
    ax.set_yticks(np.arange(n_rows) + 0.5, weights.index)
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    return ax


def added_variable_plot(ax: Axes, data: pd.DataFrame, y: str, x: str, others: str) -> float:
    """The slope of `x` in a model with `others`, as a picture: both sides with the others' share taken out.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    data : pandas.DataFrame
    y, x : str
        Numeric columns.
    others : str
        Right side of a formula, such as ``"weight_score"`` or ``"C(group)"``.

    Returns
    -------
    float
        The slope of the line drawn: the coefficient of `x` in ``y ~ x + others`` (Frisch & Waugh 1933,
        doi:10.2307/1907330).
    """
    left = smf.ols(f"{y} ~ {others}", data).fit().resid
    right = smf.ols(f"{x} ~ {others}", data).fit().resid
    slope = float(right @ left / (right @ right))
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.plot(right.sort_values(), slope * right.sort_values(), color=BLUE, linewidth=2)
    ax.scatter(right, left, s=60, facecolors="white", edgecolors=INK, linewidths=1.5, zorder=3)
    return slope
