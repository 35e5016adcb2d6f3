"""What residuals by simulation show: whether they are uniform, and whether everywhere."""

from __future__ import annotations

from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.plots.elements import BLUE, GREY, ORANGE

QUARTILES = (0.25, 0.5, 0.75)
ROWS_IN_A_BIN = 20  # at least, for quartiles that are worth a line
LINE = 0.28  # height of a sentence, in inches


def quantile_residual_plot(
    residuals: pd.Series, predicted: pd.Series, envelope: pd.DataFrame | None = None, words: Iterable[str] = ()
) -> tuple[Axes, Axes]:
    """Left: residuals in order, against what a true model expects. Right: residuals against the predicted outcome.

    Parameters
    ----------
    residuals, predicted : pandas.Series, shape (n,)
        From `helpers.mixed.simulated_residuals`: residuals between 0 and 1, and the outcomes that were expected.
    envelope : pandas.DataFrame, shape (n, 3), optional
        ``expected, low, high``: drawn as a band on the left.
    words : iterable of str
        Sentences, written below.

    Returns
    -------
    tuple of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        A residual is not between 0 and 1.
    """
    values = np.asarray(residuals, dtype=float)
    if not np.all((values >= 0) & (values <= 1)):
        wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
        raise ValueError(
            f"Residuals by simulation lie between 0 and 1; {len(wrong)} do not, the first is {values[wrong[0]]:g}. "
            "Take them from helpers.mixed.simulated_residuals."
        )
    words = list(words)
    height = 4.4 + LINE * len(words)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, height), layout="constrained")
    _in_order(left, values, envelope)
    _along(right, values, np.asarray(predicted, dtype=float))
    below = LINE * (len(words) + 0.3) / height
    figure.get_layout_engine().set(rect=(0, below, 1, 1 - below))
    for line, sentence in enumerate(reversed(words)):
        figure.text(0.02, LINE * (line + 0.3) / height, sentence, fontsize=11, va="bottom")
    return left, right


def _in_order(ax, values, envelope):
    n = len(values)
    if envelope is not None:
        band = ax.fill_between(
            envelope["expected"], envelope["low"], envelope["high"], color=GREY, alpha=0.25, linewidth=0
        )
        band.set_label("95% of data sets from the model")
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    ax.scatter((np.arange(n) + 0.5) / n, np.sort(values), s=10, color=BLUE, zorder=3)
    ax.set(xlabel="expected if the model is true", ylabel="residual", xlim=(0, 1), ylim=(0, 1))
    ax.set_title("Residuals in order")
    if envelope is not None:
        ax.legend(frameon=False, loc="upper left")


def _along(ax, values, predicted):
    n = len(values)
    place = (pd.Series(predicted).rank().to_numpy() - 0.5) / n
    ax.scatter(place, values, s=10, color=BLUE, alpha=0.5)
    for level in QUARTILES:
        ax.axhline(level, color=GREY, linestyle="--", linewidth=1)
    bins = min(10, n // ROWS_IN_A_BIN)
    if bins >= 2:
        which = np.minimum((place * bins).astype(int), bins - 1)
        grouped = pd.Series(values).groupby(which)
        middle = pd.Series(place).groupby(which).mean()
        for level in QUARTILES:
            ax.plot(middle, grouped.quantile(level), color=ORANGE, linewidth=2)
    ax.set(xlabel="predicted outcome, from the lowest to the highest", ylabel="residual", xlim=(0, 1), ylim=(0, 1))
    ax.set_title("Residuals and their quartiles" if bins >= 2 else "Residuals along the prediction")
