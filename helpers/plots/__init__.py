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
from helpers.plots.scatter_of_counts import (
    dispersions_found,
    found_and_false,
    lines_of_pairs,
    realised_rates,
    variance_of_counts,
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
    "correlation_note",
    "design_cells",
    "dispersions_found",
    "fit_line",
    "found_and_false",
    "interval_plot",
    "label_points",
    "lines_of_pairs",
    "note",
    "null_histogram",
    "realised_rates",
    "scatter_with_fit",
    "signed_cells",
    "use_style",
    "variance_of_counts",
]
