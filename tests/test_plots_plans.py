"""Figures of lesson 13: what was drawn is what was given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers import plots

pytestmark = pytest.mark.usefixtures("clean_figures")


def test_each_line_is_drawn_and_named_at_its_end():
    lines = {"few": pd.Series({6: 0.2, 10: 0.4}), "many": pd.Series({6: 0.5, 10: 0.9, 20: 1.0})}
    ax = plots.power_lines(lines, xlabel="mice", title="Two plans", reached={"8 mice": 8})
    for drawn, given in zip(ax.lines, lines.values(), strict=False):
        np.testing.assert_array_equal(drawn.get_xydata(), np.column_stack([given.index, given]))
    named = {text.get_text().strip(): text for text in ax.texts}
    assert named["few"].xy == (10, 0.4)
    assert named["many"].xy == (20, 1.0)
    assert named["8 mice"].get_position()[0] == 8
    dashed, dotted = ax.lines[2:]
    assert set(dashed.get_ydata()) == {0.8}
    assert dotted.get_xydata().tolist() == [[8, 0], [8, 0.8]]
    assert ax.get_yticklabels()[0].get_text() == "0%"


def test_no_line_of_a_wanted_power_where_none_is_asked_for():
    ax = plots.power_lines({"a": pd.Series({1: 0.1, 2: 0.2})}, xlabel="x", title="t", wanted=None)
    assert len(ax.lines) == 1


def test_bars_are_shares_of_pilots_and_turn_blue_where_enough_is_planned():
    sizes = np.array([8, 10, 18, 20, 22, 30, 200, 60, 58, 19])
    ax = plots.planned_sizes(sizes, 20, title="Ten pilots")
    left = {round(bar.get_x()): bar for bar in ax.patches}
    assert left[8].get_height() == 20  # 8 and 10, of ten
    assert left[20].get_height() == 20  # 20 and 22
    assert left[60].get_height() == 20  # 60, and the one beyond the axis
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100)
    assert {to_hex(bar.get_facecolor()) for x, bar in left.items() if x < 20} == {plots.ORANGE.lower()}
    assert {to_hex(bar.get_facecolor()) for x, bar in left.items() if x >= 20} == {plots.BLUE.lower()}
    assert {"truly needed: 20", "60% plan enough", "40% plan too few"} == {text.get_text() for text in ax.texts}
    assert [tick.get_text() for tick in ax.get_xticklabels()][-1] == "60+"
