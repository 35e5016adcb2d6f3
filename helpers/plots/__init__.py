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
from helpers.plots.slopes import causal_sketch, parallel_lines, points_by_group, residual_checks, share_bars

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
    "causal_sketch",
    "correlation_note",
    "design_cells",
    "fit_line",
    "interval_plot",
    "label_points",
    "lines_in_blocks",
    "note",
    "null_histogram",
    "parallel_lines",
    "points_by_group",
    "pooling_arrows",
    "rejection_rates",
    "residual_checks",
    "scatter_with_fit",
    "share_bars",
    "signed_cells",
    "slope_or_names",
    "slopes_within_and_between",
    "use_style",
]
