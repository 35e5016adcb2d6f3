"""The figure of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers import plots
from helpers.planning.planning_pictures import power_curve
from helpers.report.drawing import panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.report.plan.plan_results import Planned


def power_figure(planned: Planned) -> Figure:
    """Left, power against the size; right, against the effect, at the size that is planned.

    Parameters
    ----------
    planned : helpers.report.plan.plan_results.Planned

    Returns
    -------
    matplotlib.figure.Figure
    """
    study = planned.study
    (name, effect), *_ = study.effects.items()
    fig, (left, right) = panels(2, width=5.5)
    power_curve(left, planned.curve, study.unit, goal=study.power)
    left.plot(planned.size, planned.needed["power"], "o", color=plots.ORANGE, markersize=9)
    left.set_xlabel(f"levels of {study.unit}")
    column = name if name in planned.by_effect else f"{name}_is"
    power_curve(right, planned.by_effect, column, goal=study.power)
    right.axvline(effect, color=plots.ORANGE, linewidth=1)
    right.set_xlabel(f"{'ratio' if study.ratios else 'effect'} of {name}")
    right.set_ylabel("")
    return fig
