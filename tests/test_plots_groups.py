"""What the figures of lesson 04 draw equals the numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers import plots
from helpers.data import load_mouse_scores, load_oats


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def points(collection):
    return np.asarray(collection.get_offsets())


def test_a_slope_beside_the_shifts_of_the_levels():
    mice = load_mouse_scores()
    shifts = pd.Series({1: -0.5, 2: 0.3, 3: -0.2, 4: 0.6})
    left, right = plots.slope_or_names(mice, "urea_score", "gene_x", shifts)
    slope, height = np.polyfit(mice["urea_score"], mice["gene_x"], 1)
    x, y = left.lines[0].get_data()
    np.testing.assert_allclose(y, height + slope * x)
    np.testing.assert_allclose(points(left.collections[-1]), mice[["urea_score", "gene_x"]])
    np.testing.assert_allclose(points(right.collections[-1])[:, 1], shifts)
    assert [label.get_text() for label in right.get_xticklabels()] == ["1", "2", "3", "4"]


def test_arrows_lead_from_the_own_mean_to_the_pooled_one():
    rows = pd.DataFrame({"animal": ["a", "a", "b"], "expression": [1.0, 3.0, 7.0]})
    animals = pd.DataFrame(
        {"cells": [2, 1], "own_mean": [2.0, 7.0], "pooled": [3.0, 5.0], "truth": [2.5, 6.0]}, index=["a", "b"]
    )
    ax = plots.pooling_arrows(plt.figure().gca(), rows, animals, 4.0)
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert [(arrow.xyann[1], arrow.xy[1]) for arrow in arrows] == [(2.0, 3.0), (7.0, 5.0)]
    np.testing.assert_allclose(points(ax.collections[0]), [[0, 1], [0, 3], [1, 7]])
    assert ax.lines[0].get_ydata()[0] == 4.0
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a\n2 cells", "b\n1 cells"]


def test_rates_are_drawn_in_percent_with_their_monte_carlo_interval():
    index = pd.MultiIndex.from_product([[1.0, 0.0], [5, 10]], names=["between", "animals"])
    rates = pd.DataFrame({name: [0.4, 0.3, 0.05, 0.06] for name in plots.ANALYSES}, index=index)
    axes = plots.rejection_rates(rates, 400, {1.0: "first", 0.0: "second"})
    assert [ax.get_title(loc="left") or ax.get_title() for ax in axes] == ["first", "second"]
    line, _, (bars,) = axes[0].containers[0].lines
    np.testing.assert_allclose(np.asarray(line.get_ydata(), float), [40, 30])
    half = 100 * 1.96 * np.sqrt(0.4 * 0.6 / 400)
    np.testing.assert_allclose(bars.get_segments()[0][:, 1].astype(float), [40 - half, 40 + half])
    assert [label.get_text() for label in axes[1].get_xticklabels()] == ["5", "10"]


def test_every_plot_of_a_block_is_a_line():
    oats = load_oats()
    axes = plots.lines_in_blocks(oats, "nitrogen", "harvest", "variety", "block")
    assert len(axes) == 6
    for ax, (_, block) in zip(axes, oats.groupby("block"), strict=True):
        for line in ax.lines:
            rows = block[block["variety"] == line.get_label()]
            np.testing.assert_allclose(line.get_xydata(), rows[["nitrogen", "harvest"]])
        assert len(ax.lines) == 3
