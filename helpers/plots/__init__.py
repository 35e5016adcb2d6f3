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
from helpers.plots.groups import (
    ANALYSES,
    lines_in_blocks,
    pooling_arrows,
    rejection_rates,
    slope_or_names,
    slopes_within_and_between,
)
from helpers.plots.sampling import p_values_by_truth, power_curves, sampling_of_r, studies
from helpers.plots.slopes import causal_sketch, parallel_lines, points_by_group, residual_checks, share_bars
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
    "ANALYSES",
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
    "causal_sketch",
    "clusters",
    "codes_and_values",
    "correlation_note",
    "design_cells",
    "fit_line",
    "free_and_within",
    "interval_plot",
    "label_points",
    "lines_in_blocks",
    "note",
    "null_histogram",
    "p_values_by_truth",
    "parallel_lines",
    "points_by_group",
    "pooling_arrows",
    "power_curves",
    "rejection_rates",
    "residual_checks",
    "sampling_of_r",
    "scatter_with_fit",
    "scores_and_measurements",
    "share_bars",
    "signed_cells",
    "slope_or_names",
    "slopes_within_and_between",
    "studies",
    "use_style",
    "values_and_ranks",
]
