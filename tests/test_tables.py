"""Tables of several models, and the figures that explain coefficients."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers import plots, tables
from helpers.data import load_mouse_scores
from helpers.mixed import fit_mixed

mpl.use("agg")


@pytest.fixture(scope="module")
def mice():
    return load_mouse_scores()


@pytest.fixture(scope="module")
def fits(mice):
    return {
        "urea": smf.ols("gene_x ~ urea_score", mice).fit(),
        "both": smf.ols("gene_x ~ urea_score + weight_score", mice).fit(),
    }


def test_estimates_stars_and_errors_stand_as_stargazer_prints_them(fits):
    table = tables.side_by_side(fits)
    assert table.index.tolist()[:6] == ["(Intercept)", "", "urea_score", "", "weight_score", ""]
    assert table.iloc[2].tolist() == ["0.562**", "0.290"]
    assert table.iloc[3].tolist() == ["(0.157)", "(0.215)"]
    assert table.iloc[4].tolist() == ["", "0.469"]
    assert table.loc["Observations"].tolist() == ["10", "10"]
    assert table.loc["F"].tolist() == ["12.868** (df 1, 8)", "9.293* (df 2, 7)"]


@pytest.mark.parametrize(
    ("p", "mark"), [(0.0009, "***"), (0.001, "**"), (0.0099, "**"), (0.01, "*"), (0.049, "*"), (0.05, ""), (0.9, "")]
)
def test_a_star_is_earned_below_its_threshold(p, mark):
    assert tables._stars(p, tables.STARS) == mark


def test_digits_and_thresholds_can_be_chosen(fits):
    table = tables.side_by_side(fits, digits=5, stars={0.2: "+"})
    assert table.iloc[4].tolist() == ["", "0.46916+"]


def test_a_mixed_model_stands_beside_a_linear_one(mice):
    mixed = fit_mixed("gene_x ~ weight + (1 | group)", mice)
    table = tables.side_by_side({"ols": smf.ols("gene_x ~ weight", mice).fit(), "mixed": mixed})
    assert table.index.tolist()[:4] == ["(Intercept)", "", "weight", ""]
    assert table.loc["Variance, Residual"].tolist() == ["", f"{mixed.residual_variance:.3f}"]
    assert table.loc["R²", "mixed"] == ""


def test_the_table_goes_into_a_paper(fits):
    table = tables.side_by_side(fits)
    assert "0.562**" in table.to_html()
    assert r"\begin{tabular}" in table.to_latex()


@pytest.fixture
def ax():
    _, axes = plt.subplots()
    yield axes
    plt.close("all")


def test_each_cell_shows_its_sum_of_coefficients_and_its_mean(ax):
    cells = pd.DataFrame([[1, 0], [1, 1], [1, -0.5]], index=["C", "HP", "half"], columns=["Intercept", "HP"])
    plots.design_cells(ax, cells, means=[1.0, 0.25, 1.375])
    words = [text.get_text() for text in ax.texts]
    assert words == [
        *("C", "Intercept", "= 1.000"),
        *("HP", "Intercept\n+ HP", "= 0.250"),
        *("half", "Intercept\n− 0.5 × HP", "= 1.375"),
    ]
    assert len(ax.patches) == 3


def test_an_added_variable_plot_has_the_slope_of_the_full_model(ax, mice, fits):
    slope = plots.added_variable_plot(ax, mice, "gene_x", "urea_score", "weight_score")
    assert slope == pytest.approx(fits["both"].params["urea_score"])
    line = ax.lines[1]
    assert np.polyfit(line.get_xdata(), line.get_ydata(), 1)[0] == pytest.approx(slope)
    assert len(ax.collections[0].get_offsets()) == 10


def test_a_line_without_its_band_is_the_same_line(mice):
    lines = []
    for band in (True, False):
        _, axes = plt.subplots()
        plots.scatter_with_fit(mice, "urea", "gene_x", band=band, ax=axes)
        lines.append(axes.lines[0].get_ydata())
        assert len(axes.collections) == 1 + band
    np.testing.assert_array_equal(*lines)
    plt.close("all")
