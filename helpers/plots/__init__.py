"""Figures of the lessons, in one style and one colour-blind-safe palette (Okabe & Ito 2008).

`elements` holds the style and what several lessons draw; each other module holds the figures of a few lessons. A
function draws on an Axes (or makes a figure) and returns it, so that a lesson can add to it and a test can read what
was drawn.
"""

from helpers.plots.contrast_arrows import arrow_plot, cell_sums, lines_by_panel, replicate_dots, sign_grids
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
    "arrow_plot",
    "cell_sums",
    "correlation_note",
    "design_cells",
    "fit_line",
    "interval_plot",
    "label_points",
    "lines_by_panel",
    "note",
    "null_histogram",
    "replicate_dots",
    "scatter_with_fit",
    "sign_grids",
    "signed_cells",
    "use_style",
]
