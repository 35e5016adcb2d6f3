"""Tables of several models, and the figures that explain coefficients."""

import json
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers import plots, tables
from helpers.data import load_modification_lengths, load_mouse_scores
from helpers.mixed import fit_mixed

mpl.use("agg")

PRINTED = Path(__file__).parent / "reference" / "printed"
IN_R = json.loads((PRINTED / "printed.json").read_text())


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


# --- As R prints it -------------------------------------------------------------------------------------------

QUESTION = """\
(Intercept)                      4.310e+00  1.143e-01  3.489e+00  37.691 1.11e-05 ***
conditionDRUG                    2.250e-01  4.939e-02  2.256e+04   4.554 5.28e-06 ***
gene_nameA                       1.286e-01  3.296e-02  2.256e+04   3.901 9.60e-05 ***
gene_nameB                      -7.296e-02  3.556e-02  2.256e+04  -2.052   0.0402 *
conditionDRUG:gene_nameA        -1.309e-01  5.139e-02  2.256e+04  -2.548   0.0108 *
conditionDRUG:gene_nameB        -1.175e-01  5.449e-02  2.256e+04  -2.157   0.0310 *"""


@pytest.fixture(scope="module")
def of_the_question():
    return fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", load_modification_lengths())


def test_all_six_rows_of_the_question_stand_as_r_prints_them(of_the_question):
    shown = tables.as_r_prints(of_the_question.coefficients()).splitlines()
    assert shown == IN_R["models"][0]["lines"]
    assert [line.split() for line in shown[1:7]] == [line.split() for line in QUESTION.splitlines()]


@pytest.mark.parametrize("model", IN_R["models"][1:], ids=lambda model: model["formula"])
def test_a_fit_is_printed_as_r_prints_it(model):
    data = pd.read_csv(PRINTED / model["csv"])
    assert tables.as_r_prints(fit_mixed(model["formula"], data).coefficients()).splitlines() == model["lines"]


@pytest.mark.parametrize("table", IN_R["numbers"], ids=range(len(IN_R["numbers"])))
def test_numbers_of_every_size_are_printed_as_r_prints_them(table):
    numbers = pd.DataFrame(table["table"]).set_index("term")
    numbers.columns = ["estimate", "std_error", "df", "statistic", "p_value"]
    assert tables.as_r_prints(numbers).splitlines() == table["lines"]


def test_a_table_of_z_tests_is_not_what_r_prints(of_the_question):
    with pytest.raises(ValueError, match=r"found infinite df: take .coefficients\(\) without ddf="):
        tables.as_r_prints(of_the_question.coefficients("normal"))


@pytest.mark.parametrize(
    ("term", "name"),
    [("(Intercept)", "(Intercept)"), ("a[T.NO DRUG]", "aNO DRUG"), ("a[T.x]:z:b[T.y[1]]", "ax:z:by[1]")],
)
def test_a_coefficient_is_named_as_r_names_it(term, name):
    assert tables.name_in_r(term) == name


# --- Figures that explain coefficients ------------------------------------------------------------------------


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


def test_a_contrast_is_drawn_as_a_signed_sum_of_cells(ax):
    weights = pd.DataFrame([[-1, 0, 1 / 3], [1, -0.5, 2]], index=["NO DRUG", "DRUG"], columns=list("CAB"))
    plots.signed_cells(ax, weights)
    drawn = {text.get_position(): text.get_text() for text in ax.texts}
    assert drawn == {(0.5, 0.5): "−", (2.5, 0.5): "+1/3", (0.5, 1.5): "+", (1.5, 1.5): "−1/2", (2.5, 1.5): "+2"}
    faces = [mpl.colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    assert faces == [plots.ORANGE, "#FFFFFF", plots.BLUE, plots.BLUE, plots.ORANGE, plots.BLUE]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row stands on top
    assert [label.get_text() for label in ax.get_yticklabels()] == ["NO DRUG", "DRUG"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["C", "A", "B"]


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
