"""What a reader watches grow: studies drawn again, means pooled the less the more groups differ, replicates added."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from helpers.plots.elements import BLUE, GREY, INK, ORANGE, fit_line
from helpers.plots.frames import Frame, Slider

SIZE = (8.5, 4.0)  # inches of each picture
BINS = np.linspace(-1, 1, 21)


def studies_drawn_again(x: np.ndarray, y: np.ndarray, *, truth: float, after: Sequence[int]) -> Slider:
    """Left: the study drawn last. Right: the r of all studies so far.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n_studies, n_animals)
    truth : float
        The true correlation.
    after : sequence of int
        After how many studies to take a picture, rising.

    Returns
    -------
    Slider

    Raises
    ------
    ValueError
        More studies are asked for than were drawn.
    """
    if max(after) > len(x):
        raise ValueError(f"`after` asks for {max(after)} studies, and x and y hold {len(x)}. Draw more.")
    r = stats.pearsonr(x, y, axis=1).statistic
    return Slider([_after(k, x, y, r, truth) for k in after], label="studies drawn")


def _after(k, x, y, r, truth):
    figure, (left, right) = plt.subplots(1, 2, figsize=SIZE)
    fit_line(left, pd.Series(x[k - 1]), pd.Series(y[k - 1]), band=False)
    left.scatter(x[k - 1], y[k - 1], s=50, facecolors="white", edgecolors=INK, linewidths=1.5, zorder=3)
    left.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()), xticks=[], yticks=[], xlabel="score", ylabel="gene")
    left.set_title(f"Study {k}: r = {_number(r[k - 1])}")
    heights, *_ = right.hist(r[:k], BINS, color=BLUE, alpha=0.5)
    right.axvline(truth, color=INK, linewidth=2)
    right.plot(r[k - 1], 0, "v", color=ORANGE, markersize=11, clip_on=False, zorder=4)
    right.set(
        xlim=(-1, 1),
        xticks=[-1, -0.5, 0, 0.5, 1],
        ylim=(0, max(5, 1.1 * heights.max())),
        xlabel="r found in a study",
        ylabel="studies",
    )
    right.set_title(f"{k} so far; true r = {truth:g}" if k > 1 else f"One so far; true r = {truth:g}")
    reach = f"from {_number(r[:k].min())} to {_number(r[:k].max())}"
    words = f"After {k} studies, r runs {reach}." if k > 1 else f"The first study finds r = {_number(r[0])}."
    return Frame(str(k), figure, words)


def pooled_by_variance(groups: pd.DataFrame, *, within: float, between: Sequence[float]) -> Slider:
    """Each group's own mean and its pooled mean, for several variances between groups.

    Parameters
    ----------
    groups : pandas.DataFrame
        A row per group: ``own_mean`` and ``cells``, how many rows it has.
    within : float
        Variance within groups.
    between : sequence of float
        Variances between groups, one picture each.

    Returns
    -------
    Slider
    """
    return Slider([_pooled(groups, within, variance) for variance in between], label="variance between animals")


def _pooled(groups, within, between):
    weight = between / (between + within / groups["cells"])
    precision = 1 / (between + within / groups["cells"])
    overall = np.average(groups["own_mean"], weights=precision)
    pooled = overall + weight * (groups["own_mean"] - overall)
    figure, ax = plt.subplots(figsize=SIZE)
    at = np.arange(len(groups))
    ax.axhline(overall, color=GREY, linestyle="--", linewidth=1)
    ax.scatter(at - 0.15, groups["own_mean"], s=70, facecolors="white", edgecolors=ORANGE, linewidths=2, zorder=3)
    ax.scatter(at + 0.15, pooled, s=70, color=BLUE, zorder=3)
    ax.plot([at - 0.15, at + 0.15], [groups["own_mean"], pooled], color=BLUE, linewidth=1.2)
    ax.set_xticks(at, [f"{cells} cells" for cells in groups["cells"]])
    ax.margins(y=0.12)
    ax.set(xlabel="animal", ylabel="mean: ○ its own, ● pooled")
    kept = f"{weight.iloc[0]:.0%} of its distance with {groups['cells'].iloc[0]} cells, {weight.iloc[-1]:.0%} with"
    ax.set_title(
        f"Variance between animals {between:g}: {weight.iloc[0]:.0%} to {weight.iloc[-1]:.0%} of the distance kept"
    )
    words = f"With variance {between:g} between animals, an animal keeps {kept} {groups['cells'].iloc[-1]}."
    return Frame(f"{between:g}", figure, words)


def interval_as_replicates_come(effects: np.ndarray | Sequence[float], *, truth: float, unit: str) -> Slider:
    """The effects of 2, 3, … replicates, their mean and its 95% interval by the t test on replicates.

    From 6 replicates on, every second number has a picture.

    Parameters
    ----------
    effects : array-like
        One estimate per replicate, in the order in which they were done.
    truth : float
        The effect that was planted.
    unit : str
        Name of the axis.

    Returns
    -------
    Slider
    """
    effects = np.asarray(effects, float)
    tests = {n: stats.ttest_1samp(effects[:n], 0) for n in range(2, len(effects) + 1)}
    bounds = {n: tuple(test.confidence_interval()) for n, test in tests.items()}
    high = max(np.abs(bounds[3]).max(), np.abs(effects).max()) * 1.1  # that of two replicates leaves the picture
    shown = [n for n in tests if n <= 6 or n % 2 == 0]  # the first ones change it most
    frames = [_so_many(effects[:n], bounds[n], truth, unit, high, len(effects)) for n in shown]
    return Slider(frames, label="replicates")


def _so_many(effects, bounds, truth, unit, high, most):
    n, (low, up) = len(effects), bounds
    figure, ax = plt.subplots(figsize=SIZE)
    ax.axhline(0, color=GREY, linestyle="--", linewidth=1)
    ax.axhline(truth, color=INK, linewidth=1.5)
    ax.text(most + 3.4, truth, "planted", color=INK, va="bottom", ha="right")
    ax.scatter(np.arange(1, n + 1), effects, s=60, facecolors="white", edgecolors=ORANGE, linewidths=2, zorder=3)
    ax.vlines(most + 1.2, low, up, color=BLUE, linewidth=3)
    ax.plot(most + 1.2, effects.mean(), "o", color=BLUE, markersize=9)
    ax.set(xlim=(0.4, most + 3.5), ylim=(-high, high), xlabel="replicate", ylabel=unit)
    ax.set_xticks([*range(1, most + 1), most + 1.2], [*map(str, range(1, most + 1)), "mean"])
    holds = "holds" if low <= 0 <= up else "leaves out"
    ax.set_title(f"{n} replicates: the 95% interval is {up - low:.2f} wide and {holds} zero")
    return Frame(
        str(n), figure, f"{n} replicates: mean {_number(effects.mean())}, from {_number(low)} to {_number(up)}."
    )


def _number(value):
    return f"{value:.2f}".replace("-", "−")
