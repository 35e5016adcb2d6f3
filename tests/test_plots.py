"""Figures are tested through what they draw: the points, lines and words on the Axes."""

from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from helpers import plots, tables
from helpers.correlation import correlate, permutation_test
from helpers.data import load_mouse_scores

mpl.use("agg")


pytestmark = pytest.mark.usefixtures("clean_figures")


@pytest.fixture(scope="module")
def mice():
    return load_mouse_scores()


def points(ax):
    """The scatter markers on an Axes, all of them."""
    scatters = [artist for artist in ax.collections if isinstance(artist, PathCollection)]
    return np.concatenate([np.asarray(scatter.get_offsets()) for scatter in scatters])


@pytest.mark.parametrize("group", [None, "group"])
def test_the_scatter_holds_every_animal_hollow_and_the_least_squares_line(mice, group):
    ax = plots.scatter_with_fit(mice, "total_score", "gene_x", group=group)
    expected = mice[["total_score", "gene_x"]].to_numpy(float)
    drawn = points(ax)
    np.testing.assert_allclose(drawn[np.lexsort(drawn.T)], expected[np.lexsort(expected.T)])
    assert all(
        to_hex(colour) == "#ffffff"
        for scatter in ax.collections
        if isinstance(scatter, PathCollection)
        for colour in scatter.get_facecolor()
    )
    (line,) = ax.lines
    slope, intercept = np.polyfit(mice["total_score"], mice["gene_x"], 1)
    np.testing.assert_allclose(line.get_ydata(), intercept + slope * line.get_xdata())


def test_the_band_is_the_interval_of_the_mean(mice):
    ax = plots.scatter_with_fit(mice, "total_score", "gene_x")
    (band,) = [artist for artist in ax.collections if not isinstance(artist, PathCollection)]
    model = sm.OLS(mice["gene_x"], sm.add_constant(mice["total_score"].astype(float))).fit()
    low, high = model.get_prediction([[1.0, 2.0]]).conf_int()[0]  # at the lowest score
    edge = band.get_paths()[0].vertices
    np.testing.assert_allclose(sorted({*edge[edge[:, 0] == 2.0][:, 1].round(9)}), [low, high], atol=1e-8)


def test_groups_are_told_apart_by_colour_and_by_shape_and_named(mice):
    ax = plots.scatter_with_fit(mice, "total_score", "gene_x", group="group")
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["C", "HP", "CR"]
    edges = [to_hex(s.get_edgecolor()[0]).upper() for s in ax.collections if isinstance(s, PathCollection)]
    assert edges == [plots.GROUP_COLOURS[name] for name in names]
    shapes = {s.get_paths()[0].vertices.tobytes() for s in ax.collections if isinstance(s, PathCollection)}
    assert len(shapes) == 3


@pytest.mark.parametrize(
    ("x", "y"),
    [(x, "gene_x") for x in ("total_score", "urea", "weight")] + [("urea", "urea_score"), ("weight", "weight_score")],
)
def test_no_label_covers_another_or_a_point(mice, x, y):
    ax = plots.scatter_with_fit(mice, x, y, label="animal", group="group")
    ax.figure.draw_without_rendering()
    names = [text for text in ax.texts if text.get_text() in set(mice["animal"])]
    assert len(names) == 10
    boxes = [text.get_window_extent() for text in names]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    on_screen = ax.transData.transform(mice[[x, y]].to_numpy(float))
    assert not [box for box in boxes for point in on_screen if box.contains(*point)]


def test_a_point_without_a_name_is_kept_clear_all_the_same(mice):
    ax = plt.gca()
    ax.scatter([1, 1.02, 5], [1, 1, 5])
    (label,) = plots.label_points(ax, [1, 1.02, 5], [1, 1, 5], ["first", "", ""])
    ax.figure.draw_without_rendering()
    assert not label.get_window_extent().contains(*ax.transData.transform((1.02, 1)))


def test_each_label_stands_near_its_own_point(mice):
    ax = plots.scatter_with_fit(mice, "urea", "gene_x", label="animal")
    ax.figure.draw_without_rendering()
    on_screen = dict(zip(mice["animal"], ax.transData.transform(mice[["urea", "gene_x"]].to_numpy(float)), strict=True))
    for text in ax.texts:
        box, point = text.get_window_extent(), on_screen[text.get_text()]
        gap = np.hypot(max(box.x0 - point[0], 0, point[0] - box.x1), max(box.y0 - point[1], 0, point[1] - box.y1))
        assert gap < 40 * ax.figure.dpi / 72


def test_both_coefficients_are_written_on_the_axes(mice):
    ax = plots.scatter_with_fit(mice, "total_score", "gene_x")
    both = pd.concat([correlate(mice, "total_score", "gene_x", method=m) for m in ("pearson", "spearman")])
    assert plots.correlation_note(ax, both).get_text().splitlines() == [
        "Pearson r = 0.849  [0.471, 0.964],  p = 0.0019",
        "Spearman ρ = 0.942  [0.698, 0.990],  p = 4.7e-05",
    ]


def test_a_coefficient_without_interval_is_written_without_one(mice):
    note = plots.correlation_note(plt.gca(), correlate(mice, "urea", "gene_x", method="kendall"))
    assert note.get_text() == "Kendall τ = 0.644,  p = 0.0091"


@pytest.mark.parametrize(
    ("corner", "alignment", "x", "y"),
    [("upper left", ("left", "top"), 0.03, 0.97), ("lower right", ("right", "bottom"), 0.97, 0.04)],
)
def test_a_note_stands_in_its_corner(corner, alignment, x, y):
    note = plots.note(plt.gca(), "here", corner=corner)
    assert (note.get_horizontalalignment(), note.get_verticalalignment()) == alignment
    assert note.get_position() == (x, y)


def test_the_histogram_colours_the_arrangements_that_make_the_p_value(mice):
    test = permutation_test(mice, "total_score", "gene_x", strata="group")
    ax = plots.null_histogram(plt.gca(), test, title="within groups")
    colours = {}
    for bar in ax.patches:  # stacked: every bar's own height is a share in per cent
        colour = to_hex(bar.get_facecolor()).upper()
        colours[colour] = colours.get(colour, 0) + bar.get_height()
    assert colours[plots.ORANGE] == pytest.approx(100 * test.p_value)
    assert sum(colours.values()) == pytest.approx(100)
    assert ax.lines[0].get_xdata()[0] == test.estimate
    assert ax.texts[0].get_text() == "60 of 864 arrangements\nare at least as far from 0:  p = 0.069"
    assert ax.get_title(loc="left") == "within groups"


def test_intervals_stand_in_order_with_their_names(mice):
    table = correlate(mice, ["urea", "weight"], "gene_x")
    ax = plots.interval_plot(plt.gca(), table, table["x"], reference=0.5)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["urea", "weight"]
    np.testing.assert_allclose(points(ax), np.column_stack([table["estimate"], [1, 0]]))
    segments = [s for s in ax.collections if not isinstance(s, PathCollection)][-1].get_segments()
    np.testing.assert_allclose([s[:, 0] for s in segments], table[["conf_low", "conf_high"]])
    assert ax.lines[0].get_xdata()[0] == 0.5


def test_the_palette_can_be_told_apart_without_colour_vision():
    """Simulated protanopia and deuteranopia (Viénot, Brettel & Mollon 1999) keep the three group colours apart."""
    to_lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    blind = {
        "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
        "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
    }
    colours = np.array([mpl.colors.to_rgb(colour) for colour in plots.GROUP_COLOURS.values()]) ** 2.2
    for matrix in blind.values():
        seen = (colours @ (np.linalg.inv(to_lms) @ matrix @ to_lms).T).clip(0, 1) ** (1 / 2.2)
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 0.15


def test_the_difference_from_r_is_computed():
    table = tables.beside_r([("r", "cor.test()", 0.5, 0.5 + 1e-15), ("p", "cor.test()", 0.01, 0.012)])
    assert table["difference"].tolist() == ["< 1e-10", "2.0e-03"]
    assert table.columns.tolist() == ["in R", "R", "Python", "difference"]


def test_tables_show_four_digits():
    with pd.option_context("display.float_format", None):
        tables.use_style()
        assert "0.8489" in repr(pd.DataFrame({"r": [0.848868945788196]}))
