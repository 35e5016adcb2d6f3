"""Figures of the lessons, in one style and one colour-blind-safe palette (Okabe & Ito 2008).

`elements` holds the style and what several lessons draw; each other module holds the figures of a few lessons. A
function draws on an Axes (or makes a figure) and returns it, so that a lesson can add to it and a test can read what
was drawn.
"""

from helpers.plots.elements import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    GROUP_COLOURS,
    GROUP_MARKERS,
    INK,
    ORANGE,
    PINK,
    SKY,
    added_variable_plot,
    correlation_note,
    design_cells,
    fit_line,
    interval_plot,
    label_points,
    note,
    null_histogram,
    scatter_with_fit,
    signed_cells,
    use_style,
)
from helpers.plots.sampling import p_values_by_truth, power_curves, sampling_of_r, studies
from helpers.plots.ten_mice import (
    axis_label,
    clusters,
    codes_and_values,
    free_and_within,
    scores_and_measurements,
    values_and_ranks,
)

__all__ = [
    "AMBER",
    "BLUE",
    "GREEN",
    "GREY",
    "GROUP_COLOURS",
    "GROUP_MARKERS",
    "INK",
    "ORANGE",
    "PINK",
    "SKY",
    "added_variable_plot",
    "axis_label",
    "clusters",
    "codes_and_values",
    "correlation_note",
    "design_cells",
    "fit_line",
    "free_and_within",
    "interval_plot",
    "label_points",
    "note",
    "null_histogram",
    "p_values_by_truth",
    "power_curves",
    "sampling_of_r",
    "scatter_with_fit",
    "scores_and_measurements",
    "signed_cells",
    "studies",
    "use_style",
    "values_and_ranks",
]
