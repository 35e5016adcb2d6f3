"""Figures of lessons 05 and 06: what was drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers import plots
from helpers.data import load_modification_lengths, load_sleepstudy

TABLE = pd.DataFrame({"estimate": [1.1, 1.2], "conf_low": [0.9, 1.1], "conf_high": [1.3, 1.4]}, index=["rep1", "other"])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def bars(ax):
    """The horizontal lines of an Axes: (from, to, height)."""
    lines = [part for part in ax.collections if hasattr(part, "get_segments")]
    return [(*segment[:, 0], segment[0, 1]) for part in lines for segment in part.get_segments()]


def test_strips_hold_every_length_and_mark_geometric_means():
    rows = load_modification_lengths().query("gene_name == 'C'")
    ax = plots.replicate_strips(rows, title="all")
    drawn = np.concatenate([part.get_offsets()[:, 1] for part in ax.collections if not hasattr(part, "get_segments")])
    assert sorted(drawn) == pytest.approx(sorted(rows["length"]))
    means = np.exp(np.log(rows["length"]).groupby([rows["replicate"], rows["condition"]], observed=True).mean())
    heights = [height for *_, height in bars(ax)]
    assert sorted(heights) == pytest.approx(sorted(means))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["rep1", "rep2", "rep3", "rep4"]


def test_strips_of_three_replicates_leave_no_gap():
    rows = load_modification_lengths().query("gene_name == 'C' and replicate != 'rep2'")
    ax = plots.replicate_strips(rows, title="three")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["rep1", "rep3", "rep4"]


def test_panels_show_each_table_with_the_names_once():
    figure = plots.interval_panels(
        {"one": TABLE, "two": 2 * TABLE}, reference=1, xlabel="ratio", title="both", colours=plots.REPLICATE_COLOURS
    )
    one, two = figure.axes
    assert [text.get_text() for text in one.get_yticklabels()] == ["rep1", "other"]
    assert [text.get_text() for text in two.get_yticklabels()] == ["", ""]
    assert bars(two) == [(1.8, 2.6, 1), (2.2, 2.8, 0)]
    points = one.collections[-1]
    assert points.get_offsets()[:, 0].tolist() == [1.1, 1.2]
    assert points.get_facecolors()[0] == pytest.approx(plt.matplotlib.colors.to_rgba(plots.BLUE))
    assert points.get_facecolors()[1] == pytest.approx(plt.matplotlib.colors.to_rgba(plots.INK))


def test_planted_shifts_stand_under_their_estimates():
    planted = pd.Series({"rep1": -0.2, "rep2": 0.1, "rep3": 0.1})
    estimated = pd.DataFrame({"C": [-0.1, 0.2], "A": [-0.3, 0.0]}, index=["rep1", "rep2"])
    ax = plots.planted_and_estimated(planted, estimated, title="shifts")
    assert [height for *_, height in bars(ax)] == [-0.2, 0.1]
    dots = [part.get_offsets()[:, 1].tolist() for part in ax.collections if len(part.get_offsets()) == 2]
    assert dots == [[-0.1, -0.3], [0.2, 0.0]]
    assert {"C", "A", "planted"} <= {text.get_text() for text in ax.texts}


def test_shares_fill_each_bar():
    shares = pd.DataFrame({"replicates": [0.95, 0.0], "rows": [0.05, 1.0]}, index=["level", "drug effect"])
    ax = plots.variance_shares(shares, title="shares")
    widths = np.reshape([bar.get_width() for bar in ax.patches], (2, 2))
    assert widths == pytest.approx(100 * shares.to_numpy().T)
    assert sorted(text.get_text() for text in ax.texts) == ["replicates", "rows"]  # a part of a twentieth has no room


def test_each_subject_has_a_line_and_the_average_is_the_models():
    sleep = load_sleepstudy()
    ax = plots.subject_lines(sleep, pd.Series({"(Intercept)": 251.4, "Days": 10.5}), title="sleep")
    lines = [line for line in ax.lines if line.get_linestyle() == "-"]
    assert len(lines) == sleep["Subject"].nunique() + 1
    assert lines[-1].get_ydata() == pytest.approx([251.4, 251.4 + 9 * 10.5])
    slopes = sorted(np.diff(line.get_ydata())[0] / 9 for line in lines[:-1])
    by_subject = sleep.groupby("Subject")[["Days", "Reaction"]].apply(lambda days: np.polyfit(*days.T.to_numpy(), 1)[0])
    assert slopes == pytest.approx(sorted(by_subject))


def test_curves_are_percent_with_the_nominal_level():
    shares = pd.DataFrame({"z": [0.1, 0.07], "paired t": [0.05, 0.04]}, index=[4, 8])
    figure = plots.rejection_curves({"alike": shares, "varies": 2 * shares}, nominal=0.05, title="rates")
    _, varies = figure.axes
    assert varies.lines[0].get_ydata() == pytest.approx([20, 14])
    assert varies.lines[-1].get_ydata() == [5, 5]
    assert [text.get_text() for text in varies.get_legend().get_texts()] == ["z", "paired t"]
