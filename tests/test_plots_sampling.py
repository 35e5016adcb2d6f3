"""The figures of lesson 02 draw the numbers they are given."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle, StepPatch

from helpers import plots
from helpers.plots.sampling import BINS, DRIVER_COLOURS

pytestmark = pytest.mark.usefixtures("clean_figures")


def test_each_study_has_its_panel_its_points_and_its_r():
    x, y = np.random.default_rng(1).standard_normal((2, 5, 10))
    figure = plots.studies(x, y, title="Five studies", n_columns=3)
    panels = figure.axes[:5]
    for ax, a, b in zip(panels, x, y, strict=True):
        np.testing.assert_allclose(ax.collections[0].get_offsets(), np.column_stack([a, b]))
        assert ax.get_title(loc="left") == f"r = {np.corrcoef(a, b)[0, 1]:.2f}".replace("-", "−")
    assert not figure.axes[5].axison
    assert figure.get_suptitle() == "Five studies"


def test_each_hump_is_its_share_and_its_truth_is_named_at_one_height():
    """The labels once hung wherever a hump had ended, struck through by lines."""
    rng = np.random.default_rng(1)
    found = {truth: np.clip(rng.normal(truth, 0.2, 1000), -1, 1) for truth in (0.0, 0.5, 0.85)}
    ax = plots.sampling_of_r(found, title="Three truths")
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
    outlines = [patch for patch in ax.patches if isinstance(patch, StepPatch)]
    heights = np.array([bar.get_height() for bar in bars]).reshape(3, -1)
    for drawn, outline in zip(heights, outlines, strict=True):
        np.testing.assert_allclose(outline.get_data().values, drawn)
    for drawn, r in zip(heights, found.values(), strict=True):
        np.testing.assert_allclose(drawn, np.histogram(r, BINS)[0] / 10)
    assert [line.get_xdata()[0] for line in ax.lines] == list(found)
    assert [text.get_text() for text in ax.texts] == ["true 0", "true 0.5", "true 0.85"]
    assert {text.get_position()[1] for text in ax.texts} == {1.01}  # above the Axes, which ends at 1
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert min(box.y0 for box in boxes) >= ax.get_window_extent().y1
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_each_curve_is_its_column_and_the_title_is_read_off_it():
    power = pd.DataFrame({0.3: [0.1, 0.2, 0.9], 0.5: [0.2, 0.6, 1.0], 0.7: [0.5, 0.9, 1.0]}, index=[5, 10, 50])
    ax = plots.power_curves(power)
    for line, (_, curve) in zip(ax.lines, power.items(), strict=False):
        np.testing.assert_array_equal(line.get_xydata(), curve.reset_index().to_numpy())
    assert ax.get_title(loc="left") == "10 mice find a true 0.5 in 60% of the studies"
    assert [text.get_text() for text in ax.texts] == ["true 0.3", "true 0.5", "true 0.7", "10 mice"]


def test_a_curve_that_stays_low_is_named_at_its_end():
    ax = plots.power_curves(pd.DataFrame({0.1: [0.1, 0.1]}, index=[5, 10]))
    assert ax.texts[0].xy == (10, 0.1)


def test_the_p_values_are_counted_by_what_was_planted():
    rng = np.random.default_rng(1)
    p = pd.Series(rng.uniform(size=400))
    truth = pd.Series(rng.choice(list(DRIVER_COLOURS), 400))
    ax = plots.p_values_by_truth(p, truth)
    counted = {}
    for bar in ax.patches:
        colour = to_hex(bar.get_facecolor()).upper()
        counted[colour] = counted.get(colour, 0) + bar.get_height()
    assert counted == {colour: (truth == label).sum() for label, colour in DRIVER_COLOURS.items()}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["urea", "group", "weight", "nothing"]
