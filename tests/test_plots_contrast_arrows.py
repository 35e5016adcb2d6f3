"""What the figures of lessons 07 and 08 draw equals the numbers they were given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from helpers import plots

mpl.use("agg")
MEANS = pd.DataFrame(
    {"estimate": [2.0, 5.0, 3.0], "conf_low": [1.0, 4.0, 2.5], "conf_high": [3.0, 6.0, 3.5]},
    index=["no drug", "drug", "placebo"],
)


pytestmark = pytest.mark.usefixtures("clean_figures")


def points(ax):
    scatters = [artist for artist in ax.collections if isinstance(artist, PathCollection)]
    return np.concatenate([np.asarray(scatter.get_offsets()) for scatter in scatters])


def segments(ax):
    lines = [artist for artist in ax.collections if isinstance(artist, LineCollection)]
    return np.concatenate([np.asarray(line.get_segments()) for line in lines])


def arrows(ax):
    return [text for text in ax.texts if getattr(text, "arrowprops", None)]


def words(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_an_arrow_runs_from_one_mean_to_the_other():
    ax = plots.arrow_plot(MEANS, [("no drug", "drug", "+3"), ("drug", "placebo", "-2")])
    up, down = arrows(ax)
    assert (up.xyann[1], up.xy[1]) == (2.0, 5.0)
    assert (down.xyann[1], down.xy[1]) == (5.0, 3.0)
    assert up.xy[0] == up.xyann[0] > 1  # upright, beside the mean it leads to
    assert words(ax) == ["+3", "−2"]
    np.testing.assert_array_equal(points(ax), [[0, 2], [1, 5], [2, 3]])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list(MEANS.index)


def test_a_dotted_line_carries_the_first_height_to_the_arrow():
    ax = plots.arrow_plot(MEANS[["estimate"]], [("no drug", "drug", "")])
    ((start, end),) = segments(ax)
    np.testing.assert_allclose(start, [0, 2])
    np.testing.assert_allclose(end, [arrows(ax)[0].xy[0], 2])


def test_intervals_are_drawn_where_there_are_some():
    ax = plots.arrow_plot(MEANS, [], places=[0, 1, 4])
    expected = [[[x, low], [x, high]] for x, low, high in zip([0, 1, 4], [1, 4, 2.5], [3, 6, 3.5], strict=True)]
    np.testing.assert_allclose(segments(ax), expected)


def test_arrows_to_one_mean_stand_side_by_side():
    ax = plots.arrow_plot(MEANS, [("no drug", "placebo", ""), ("drug", "placebo", "")])
    first, second = (arrow.xy[0] for arrow in arrows(ax))
    assert first < second


def test_names_colours_and_hollow_points_are_those_asked_for():
    names, colours = ["a", "", "c"], [plots.BLUE, plots.GREY, plots.ORANGE]
    ax = plots.arrow_plot(MEANS, [], names=names, colours=colours, hollow=["drug"])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "c"]
    faces = [
        to_hex(artist.get_facecolor()[0]).upper() for artist in ax.collections if isinstance(artist, PathCollection)
    ]
    assert faces == [plots.BLUE, "#FFFFFF", plots.ORANGE]


def test_the_words_stand_midway_on_a_log_axis_too():
    ax = plt.figure().add_subplot()
    ax.set_yscale("log")
    plots.arrow_plot(pd.DataFrame({"estimate": [1.0, 100.0]}, ["a", "b"]), [("a", "b", "× 100")], ax=ax)
    (text,) = [text for text in ax.texts if text.get_text()]
    assert text.get_position()[1] == pytest.approx(10)


def test_an_arrow_to_nowhere_is_refused():
    with pytest.raises(ValueError, match="No mean is called 'Drug'; they are called no drug, drug, placebo"):
        plots.arrow_plot(MEANS, [("no drug", "Drug", "")])


@pytest.fixture
def typical():
    rows = [(g, c, r) for g in "CA" for c in ("NO", "YES") for r in ("rep1", "rep2", "rep3")]
    table = pd.DataFrame(rows, columns=["gene", "condition", "replicate"]).astype("category")
    table["gene"] = table["gene"].cat.reorder_categories(["C", "A"])
    return table.assign(mean=np.arange(12) ** 2.0)


def test_each_panel_holds_the_lines_of_its_level(typical):
    _, axes = plots.lines_by_panel(
        typical, panel="gene", x="condition", y="mean", line="replicate", panel_names="gene {}"
    )
    assert [ax.get_title(loc="left") for ax in axes] == ["gene C", "gene A"]
    for ax, gene in zip(axes, "CA", strict=True):
        of_gene = typical[typical["gene"] == gene]
        expected = of_gene.pivot_table("mean", "replicate", "condition", observed=True).to_numpy()
        np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], expected)
    assert words(axes[0]) == []
    assert words(axes[1]) == ["rep1", "rep2", "rep3"]


def test_names_of_lines_that_end_together_do_not_cover_each_other(typical):
    close = typical.assign(mean=typical["mean"] / 1e6)
    far = pd.Series([100.0 if r == "rep3" else 0 for r in close["replicate"]])
    _, axes = plots.lines_by_panel(
        close.assign(mean=close["mean"] + far), panel="gene", x="condition", y="mean", line="replicate"
    )
    fig = axes[1].figure
    fig.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes[1].texts]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[k + 1 :])


def test_dots_and_intervals_of_replicates():
    values = pd.DataFrame({"A": [0.1, 0.2], "B": [-0.3, 0.4]}, ["rep1", "rep2"])
    intervals = pd.DataFrame({"estimate": [0.15, 0.05], "conf_low": [0, -1], "conf_high": [0.3, 1]}, ["A", "B"])
    ax = plots.replicate_dots(values, intervals, reference=1)
    drawn = points(ax)
    np.testing.assert_array_equal(drawn[:4, 1], [0.1, -0.3, 0.2, 0.4])
    np.testing.assert_array_equal(drawn[4:, 1], intervals["estimate"])
    np.testing.assert_array_equal(segments(ax)[:, :, 1], intervals[["conf_low", "conf_high"]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["rep1", "rep2", "mean, 95% interval"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["A", "B"]
    assert set(ax.lines[0].get_ydata()) == {1}


def test_each_box_ends_with_its_own_mean():
    design = pd.DataFrame([[1, 0], [1, 1], [1, -1]], ["a", "b", "c"], ["one", "two"])
    fig = plots.cell_sums(design, [4.0, 5.5, 2.5], in_a_row=2)
    assert [words(ax) for ax in fig.axes] == [
        ["a", "one", "= 4.000", "b", "one\n+ two", "= 5.500"],
        ["c", "one\n− two", "= 2.500"],
    ]


def test_a_grid_of_signs_for_each_title():
    grid = pd.DataFrame([[1, -1, 0]], ["row"], list("xyz"))
    fig = plots.sign_grids({"one: -1": grid, "two": -grid, "three": grid}, in_a_row=2)
    shown = [(ax.get_title(loc="left"), words(ax)) for ax in fig.axes]
    assert shown == [("one: −1", ["+", "−"]), ("two", ["−", "+"]), ("three", ["+", "−"]), ("", [])]
