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
from helpers.plots.gene_screens import (
    changes_with_bounds,
    deviance_curves,
    lines_over_time,
    p_histograms,
    planted_and_estimated,
    ranks_resampled,
    shares_below,
    shares_of_score,
    spread_against_mean,
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
    "changes_with_bounds",
    "correlation_note",
    "design_cells",
    "deviance_curves",
    "fit_line",
    "interval_plot",
    "label_points",
    "lines_over_time",
    "note",
    "null_histogram",
    "p_histograms",
    "planted_and_estimated",
    "ranks_resampled",
    "scatter_with_fit",
    "shares_below",
    "shares_of_score",
    "signed_cells",
    "spread_against_mean",
    "use_style",
]
