"""What the figures of the lessons on counts draw equals the numbers."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers import plots

mpl.use("agg")


pytestmark = pytest.mark.usefixtures("clean_figures")


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_genes_stand_at_their_mean_and_variance():
    mean, variance = pd.Series([2.0, 30, 400, 0]), pd.Series([3.0, 100, 20_000, 0])
    ax = plots.variance_of_counts(plt.gca(), mean, variance, 0.25)
    np.testing.assert_allclose(ax.collections[0].get_offsets(), np.column_stack([mean, variance])[:3])
    poisson, negative_binomial = ax.lines
    x = poisson.get_xdata()
    assert (x.min(), x.max()) == pytest.approx((2, 400))
    np.testing.assert_allclose(poisson.get_ydata(), x)
    np.testing.assert_allclose(negative_binomial.get_ydata(), x + 0.25 * x**2)


def test_dispersions_stand_at_what_was_planted_and_found():
    planted = pd.Series([0.1, 0.2, 0.4, 0.8], list("abcd"))
    alone = pd.Series([0.0, 0.09, 0.5, np.nan], list("abcd"))
    _, axes = plt.subplots(1, 2)
    shares = plots.dispersions_found(axes, planted, {"alone": alone, "together": planted})
    assert shares == pytest.approx([2 / 3, 0])
    drawn = np.asarray(axes[0].collections[0].get_offsets())
    np.testing.assert_allclose(drawn, [[0.1, 0.001], [0.2, 0.09], [0.4, 0.5]])
    np.testing.assert_allclose(axes[1].collections[0].get_offsets(), np.column_stack([planted, planted]))
    assert [ax.get_title(loc="left") for ax in axes] == ["alone", "together"]
    assert "less than half the truth:\n67% of the genes" in words(axes[0])
    assert "less than half the truth:\n0% of the genes" in words(axes[1])


def test_a_method_above_the_nominal_rate_is_orange():
    rates = pd.DataFrame({"false": [0.08, 0.14]}, ["first", "second"])
    half = pd.Series({"second": 0.01, "first": 0.02})
    ax = plots.realised_rates(plt.gca(), rates, 0.1, error=half)
    nominal, intervals, points = ax.collections
    assert nominal.get_segments()[0][:, 0] == pytest.approx([10, 10])
    ends = [tuple(segment[:, 0]) for segment in intervals.get_segments()]
    assert ends == [pytest.approx((6, 10)), pytest.approx((13, 15))]
    np.testing.assert_allclose(points.get_offsets(), [[8, 1], [14, 0]])
    assert [to_hex(colour).upper() for colour in points.get_facecolors()] == [plots.BLUE, plots.ORANGE]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]
    assert words(ax) == ["nominal 10%"]


def test_rates_may_come_without_intervals():
    ax = plots.realised_rates(plt.gca(), pd.DataFrame({"false": [0.08]}, ["one"]), 0.1)
    assert len(ax.collections) == 2


def test_bars_are_what_is_found_and_their_colour_what_is_false():
    found = pd.DataFrame({"between": [0.2, np.nan, 0.7], "within": [np.nan, 0.4, 0.6]}, ["sum", "block", "none"])
    false = pd.DataFrame({"between": [0.05, np.nan, 0.45], "within": [np.nan, 0.1, 0.08]}, found.index)
    _, axes = plt.subplots(1, 2)
    plots.found_and_false(axes, found, false, 0.05, titles={"between": "A", "within": "B"})
    drawn = [[(bar.get_width(), to_hex(bar.get_facecolor()).upper()) for bar in ax.patches] for ax in axes]
    assert [(round(w), c) for w, c in drawn[0]] == [(20, plots.BLUE), (70, plots.ORANGE)]
    assert [(round(w), c) for w, c in drawn[1]] == [(40, plots.BLUE), (60, plots.BLUE)]
    assert words(axes[0]) == ["20%, false 5%", "70%, false 45%", "cannot ask this"]
    assert [ax.get_title(loc="left") for ax in axes] == ["A", "B"]


def test_a_line_joins_the_means_of_an_animal():
    samples = pd.DataFrame({"mouse": ["m1", "m1", "m1", "m2", "m2"]}, list("abcde"))
    samples["drug"] = pd.Categorical(["no", "no", "yes", "no", "yes"], ["no", "yes"])
    reads = pd.Series([10.0, 40, 80, 5, 6], samples.index)
    ax = plots.lines_of_pairs(plt.gca(), reads, samples, "mouse", "drug")
    assert [list(line.get_ydata()) for line in ax.lines] == [pytest.approx([20, 80]), pytest.approx([5, 6])]
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[0, 10], [0, 40], [1, 80], [0, 5], [1, 6]])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["no", "yes"]
