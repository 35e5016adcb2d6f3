"""The figures of the gene screens draw the numbers they are given; lessons 11 and 12 say what R says of shock."""

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection

from helpers import plots
from helpers.counts import voom
from helpers.data import load_shock_counts, load_shock_samples

mpl.use("agg")
REFERENCE = Path(__file__).parent / "reference" / "counts"


pytestmark = pytest.mark.usefixtures("clean_figures")


@pytest.fixture(scope="module")
def drawn():
    return np.random.default_rng(11)


def points(ax):
    scatters = [artist for artist in ax.collections if isinstance(artist, PathCollection)]
    return np.concatenate([np.asarray(scatter.get_offsets()) for scatter in scatters])


def words(ax):
    return " ".join(text.get_text() for text in ax.texts)


def test_each_patient_is_a_line_and_the_thick_one_is_their_mean(drawn):
    samples = pd.DataFrame({"patient": list("aabbcc"), "time": pd.Categorical(["T1", "T2"] * 3)}, index=list("uvwxyz"))
    expression = pd.DataFrame(drawn.normal(size=(2, 6)), ["g1", "g2"], samples.index)
    figure = plots.lines_over_time(
        expression, samples, {"first": "g1", "second": "g2"}, group="patient", time="time", title="Finding"
    )
    for ax, gene in zip(figure.axes, expression.index, strict=True):
        *lines, mean = ax.lines
        values = expression.loc[gene].to_numpy().reshape(3, 2)
        np.testing.assert_allclose([line.get_ydata() for line in lines], values)
        np.testing.assert_allclose(mean.get_ydata(), values.mean(axis=0))
        assert [label.get_text() for label in ax.get_xticklabels()] == ["T1", "T2"]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["first", "second"]


def test_the_bars_count_the_p_values_and_the_line_stands_where_all_would_be_level(drawn):
    panels = {"one": pd.Series(drawn.uniform(size=200)), "two": pd.Series([0.01, 0.02, 0.99, np.nan])}
    figure = plots.p_histograms(panels, title="Finding")
    for ax, p in zip(figure.axes, panels.values(), strict=True):
        expected, _ = np.histogram(p.dropna(), np.linspace(0, 1, 21))
        assert [bar.get_height() for bar in ax.patches] == list(expected)
        assert ax.lines[0].get_ydata()[0] == p.notna().sum() / 20
    assert figure.axes[0].get_ylim() != figure.axes[1].get_ylim()
    alike = plots.p_histograms({"one": panels[next(iter(panels))], "two": panels[next(iter(panels))]}, title="Finding")
    assert alike.axes[0].get_ylim() == alike.axes[1].get_ylim()


def test_the_spread_is_drawn_with_the_median_of_each_twentieth():
    mean = pd.Series(np.arange(200.0))
    ax = plots.spread_against_mean(mean, 300 - mean, title="Finding")
    np.testing.assert_allclose(points(ax), np.column_stack([mean, 300 - mean]))
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xdata(), np.arange(4.5, 200, 10))
    np.testing.assert_allclose(line.get_ydata(), 300 - np.arange(4.5, 200, 10))


def test_permutations_lie_on_the_axis_with_the_true_labels_among_them():
    ax = plots.shares_below(np.array([1.0, 4.0, 9.0]), 30.0, title="Finding")
    np.testing.assert_allclose(points(ax)[:, 0], [1, 4, 9, 30])
    assert list(ax.lines[0].get_xdata()) == [5, 5]
    assert "the true labels" in words(ax)


def test_a_bar_is_as_long_as_its_share():
    shares = pd.Series({"g1": 0.95, "g2": 0.9})
    ax = plots.shares_of_score(shares, title="Finding")
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([95, 90])
    assert words(ax) == "95% 90%"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["g1", "g2"]


def test_ranks_are_drawn_from_the_fifth_to_the_ninety_fifth_of_a_hundred():
    ranks = pd.DataFrame({"g1": np.arange(1, 102), "g2": np.arange(101, 202)})
    ax = plots.ranks_resampled(ranks, 1_873, title="Finding")
    np.testing.assert_allclose(points(ax), [[51, 1], [151, 0]])
    (lines,) = [artist for artist in ax.collections if isinstance(artist, LineCollection)]
    np.testing.assert_allclose([line[:, 0] for line in lines.get_segments()], [[6, 96], [106, 196]])
    assert "1,873" in ax.get_xlabel()


def test_the_largest_estimates_stand_out_above_the_line_of_equality():
    estimate = pd.Series({"a": 2.0, "b": 1.0, "c": 1.5})
    ax = plots.top_and_truth(estimate / 2, estimate, pd.Index(["a"]), title="Finding")
    np.testing.assert_allclose(points(ax), [[0.5, 1], [0.75, 1.5], [1, 2]])
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xdata(), line.get_ydata())


def test_the_band_is_the_threshold_on_both_sides_of_zero():
    table = pd.DataFrame({"estimate": [1.0, 2.0], "conf_low": [0.5, 1.0], "conf_high": [1.5, 3.0]})
    ax = plots.changes_with_bounds(table, ["A", "B"], np.log2(1.5), title="Finding")
    (band,) = ax.patches
    assert (band.get_x(), band.get_width()) == pytest.approx((-np.log2(1.5), 2 * np.log2(1.5)))
    np.testing.assert_allclose(points(ax), [[1, 1], [2, 0]])
    assert "1.5-fold" in words(ax)


def test_each_curve_stands_on_zero_with_a_dot_at_its_lowest():
    share = np.linspace(0, 1, 11)
    curves = pd.DataFrame([(share - 0.3) ** 2 + 50, share + 20], ["g1", "g2"])
    ax = plots.deviance_curves(share, curves, title="Finding")
    np.testing.assert_allclose(points(ax), [[0.3, 0], [0, 0]])
    first, second, likely = ax.lines
    np.testing.assert_allclose(first.get_ydata(), curves.loc["g1"] - 50, atol=1e-12)
    np.testing.assert_allclose(second.get_ydata(), share, atol=1e-12)
    assert likely.get_ydata()[0] == 3.84


def test_shock_has_as_many_genes_beyond_a_fold_change_as_limma_calls():
    """The figures of lesson 12, and of its exercise."""
    in_r = json.loads((REFERENCE / "treat_shock.json").read_text())
    counts, patients = load_shock_counts(), load_shock_samples()

    def tested(fold):
        table = voom(counts, patients, "~ time + patient", contrasts="time[T.T3]", lfc=np.log2(fold))
        return table, table["p_adjusted"] < 0.05

    any_change, called = tested(1.0)
    assert called.sum() == in_r["called"]
    assert [int(tested(fold)[1].sum()) for fold in in_r["folds"]] == in_r["beyond"]
    size = any_change["log2_fold_change"].abs()
    assert [int((called & (size > np.log2(fold))).sum()) for fold in in_r["folds"]] == in_r["filtered_after"]
