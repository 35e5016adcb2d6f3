"""What figures of every template share: panels, strips of points, labels of bearable length."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from helpers import plots, tables

PALETTE = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK, plots.SKY, plots.AMBER, plots.INK]


def use_style() -> None:
    """The collection's style; and no label of a table is taken for mathematics, whatever dollars it holds."""
    plots.use_style()
    tables.use_style()
    pd.options.display.float_format = cell
    pd.options.display.max_colwidth = 200
    mpl.rcParams["text.parse_math"] = False
    mpl.rcParams["svg.fonttype"] = "none"  # text stays text, to be edited for a paper


def cell(value: float) -> str:
    """A number as a table shows it: four significant digits, thousands grouped."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def panels(n: int, *, width: float, height: float = 4.0, share: bool = True) -> tuple[Figure, list[Axes]]:
    """A row of `n` axes, `width` inches each; returns the figure and a list."""
    fig, axes = plt.subplots(1, n, figsize=(min(width * n, 12), height), sharey=share, squeeze=False)
    return fig, list(axes[0])


def grid(n: int, *, width: float, height: float, across: int = 3) -> tuple[Figure, list[Axes]]:
    """Rows of up to `across` axes, `width` × `height` inches each; returns the figure and a list of `n` axes."""
    rows, columns = -(-n // across), min(n, across)
    fig, axes = plt.subplots(rows, columns, figsize=(min(width * columns, 12), height * rows), squeeze=False)
    for ax in axes.ravel()[n:]:
        ax.remove()
    return fig, list(axes.ravel()[:n])


def strips(
    ax: Axes,
    places: np.ndarray | pd.Series | Sequence[float],
    values: np.ndarray | pd.Series | Sequence[float],
    *,
    seed: int,
    most: int,
) -> None:
    """Points in strips of a factor, spread sideways so that they can be told apart; a sample where they are many.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    places : array-like
        The middle of each point's strip.
    values : array-like
    seed : int
    most : int
        Points to draw.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(values))[:most])
    x = np.asarray(places, float)[chosen] + rng.uniform(-0.22, 0.22, len(chosen))
    ax.scatter(
        x,
        np.asarray(values, float)[chosen],
        s=14 if len(chosen) < 300 else 7,
        color=plots.GREY,
        alpha=0.4,
        linewidths=0,
    )


def plain_log(axis: Axis) -> None:
    """Turn an axis logarithmic, with ticks written as plain numbers (powers of ten are mathematics, which is off)."""
    name = axis.axis_name
    getattr(axis.axes, f"set_{name}scale")("log")
    low, high = sorted(getattr(axis.axes, f"get_{name}lim")())
    axis.set_major_locator(LogLocator(subs=(1,) if high > 300 * low else (1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}" if value < 1e6 else f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def clipped(text: str, most: int = 22) -> str:
    """A label as text, cut where it is too long."""
    text = str(text)
    return text if len(text) <= most else text[: most - 1] + "…"
