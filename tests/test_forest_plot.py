"""An interval plot with its numbers beside it."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers import plots

TABLE = pd.DataFrame({"estimate": [1.25, 1.1], "conf_low": [1.1, 1.0], "conf_high": [1.4, 1.2]})


@pytest.fixture
def ax():
    yield plt.figure().add_subplot()
    plt.close("all")


def test_the_values_stand_right_of_the_axes_each_beside_its_row(ax):
    plots.interval_plot(ax, TABLE, ["C", "A"], values=["1.25 [1.10, 1.40]", "1.10 [1.00, 1.20]"])
    assert [(text.get_text(), text.get_position()[1]) for text in ax.texts] == [
        ("1.25 [1.10, 1.40]", 1),
        ("1.10 [1.00, 1.20]", 0),
    ]
    assert all(text.get_position()[0] > 1 for text in ax.texts)


def test_without_values_nothing_is_written(ax):
    plots.interval_plot(ax, TABLE, ["C", "A"])
    assert not ax.texts


def test_each_row_needs_its_value(ax):
    with pytest.raises(ValueError, match="zip"):
        plots.interval_plot(ax, TABLE, ["C", "A"], values=["1.25"])
