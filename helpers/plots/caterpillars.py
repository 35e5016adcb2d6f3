"""Predicted random effects, sorted, each with its interval: a caterpillar plot."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from helpers.plots.elements import BLUE, GREY, ORANGE
from helpers.refusals.wording import check_conf_level, listed

NAMED = 60  # levels up to which each has its name beside it


def caterpillar_plot(effects: pd.DataFrame, std_errors: pd.DataFrame, *, conf_level: float = 0.95) -> list[Axes]:
    """How far each level lies from the mean over all, with the interval that its own rows leave.

    Parameters
    ----------
    effects : pandas.DataFrame
        Levels × terms, such as ``fit.random_effects["animal"]``.
    std_errors : pandas.DataFrame
        The same of their conditional standard deviations: ``fit.random_effects_std_error["animal"]``.
    conf_level : float
        Of each interval by itself, by the normal distribution, as in R's ``lattice::dotplot(ranef(fit))``.

    Returns
    -------
    list of matplotlib.axes.Axes
        One panel per term, levels sorted by the first term; an interval without zero is orange.

    Raises
    ------
    ValueError
        The tables do not have the same levels and terms; `conf_level` is not between 0 and 1.
    """
    check_conf_level(conf_level)
    if not (effects.index.equals(std_errors.index) and effects.columns.equals(std_errors.columns)):
        raise ValueError(
            f"effects and std_errors need the same rows and columns; found {len(effects)} levels of "
            f"{listed(effects.columns)} and {len(std_errors)} of {listed(std_errors.columns)}."
        )
    order = effects.iloc[:, 0].sort_values(kind="stable").index
    n, terms = len(order), list(effects.columns)
    height = min(1.5 + 0.24 * n, 10)
    _, axes = plt.subplots(1, len(terms), figsize=(1 + 4.5 * len(terms), height), sharey=True, squeeze=False)
    for ax, term in zip(axes[0], terms, strict=True):
        middle = effects.loc[order, term].to_numpy()
        half = stats.norm.isf((1 - conf_level) / 2) * std_errors.loc[order, term].to_numpy()
        apart = np.abs(middle) > half
        ax.axvline(0, color=GREY, linewidth=1)
        colours = np.where(apart, ORANGE, BLUE)
        ax.hlines(np.arange(n), middle - half, middle + half, colors=colours, linewidth=2)
        ax.scatter(middle, np.arange(n), c=colours, s=28, zorder=3)
        ax.set_xlabel(f"{term}: distance from the mean over all")
        ax.grid(axis="y", visible=False)
    named = n <= NAMED
    axes[0, 0].set_yticks(np.arange(n) if named else [], [str(level) for level in order] if named else [])
    return list(axes[0])
