"""Figures of a plan: power along a curve, and how often tests reject where nothing is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from helpers.plots import AMBER, BLUE, GREEN, GREY, ORANGE, PINK
from helpers.refusals.errors import unknown_name

TESTS = {
    "rows": ("rows, animals ignored", GREY, "X"),
    "slope_left_out": ("slope left out", PINK, "P"),
    "z": ("z", ORANGE, "^"),
    "satterthwaite": ("Satterthwaite", AMBER, "D"),
    "kenward_roger": ("Kenward–Roger", BLUE, "o"),
    "t_of_means": ("t test of means", GREEN, "s"),
}


def power_curve(ax: Axes, table: pd.DataFrame, x: str, *, goal: float | None = 0.8, label: str | None = None) -> Axes:
    """Power against a size or an effect, with what the number of simulations leaves open as a band.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table : pandas.DataFrame
        From `helpers.planning.curve`, of one test.
    x : str
        Its column along the axis.
    goal : float, optional
        A power to be reached, drawn as a line; None draws none.
    label : str, optional
        Of the curve, in a legend.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownNameError
        The table has no such column. It is a ``KeyError``.
    """
    if x not in table:
        raise unknown_name("The table", "column", [x], table.columns)
    (line,) = ax.plot(table[x], table["power"], marker="o", markersize=4, label=label)
    ax.fill_between(table[x], table["power_low"], table["power_high"], color=line.get_color(), alpha=0.2, linewidth=0)
    if goal is not None:
        ax.axhline(goal, color=GREY, linestyle="--", linewidth=1)
    ax.set(xlabel=x, ylabel="power", ylim=(0, 1.02))
    if label is not None:
        ax.legend(frameon=False, loc="lower right")
    return ax


def false_positives(
    ax: Axes, errors: pd.DataFrame, study: str, *, level: float = 0.05, names: Mapping[str, str] | None = None
) -> Axes:
    """How often each test rejects where nothing is, against the number of animals.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    errors : pandas.DataFrame
        From `helpers.data.load_type_1_errors`.
    study : {"within", "varying", "between"}
    level : float
        Nominal level of the tests, drawn as a line.
    names : dict, optional
        Test -> its name in the figure, where the usual one will not do.

    Returns
    -------
    matplotlib.axes.Axes
        In per cent; each point has its 95% interval as whiskers; the legend stands beside the Axes.

    Raises
    ------
    UnknownNameError
        There is no such study. It is a ``KeyError``.
    """
    own = errors[errors["study"] == study]
    if own.empty:
        raise unknown_name("errors", "study", [study], errors["study"].unique())
    ax.axhline(100 * level, color=GREY, linestyle="--", linewidth=1)
    for test, (name, colour, marker) in TESTS.items():
        rows = own[own["test"] == test].sort_values("groups")
        if rows.empty:
            continue
        rate = 100 * rows["type_1_error"]
        whiskers = [rate - 100 * rows["type_1_low"], 100 * rows["type_1_high"] - rate]
        named = (names or {}).get(test, name)
        ax.errorbar(rows["groups"], rate, yerr=whiskers, color=colour, marker=marker, label=named, linewidth=1.5)
    ax.set(xlabel="animals", ylabel="false positives (%)", xticks=sorted(own["groups"].unique()))
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return ax
