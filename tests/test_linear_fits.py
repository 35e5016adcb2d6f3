"""Least squares without groups: as lm and emmeans have it, and with unequal spread as t.test, oneway.test and HC3."""

import json

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.contrasts import comparisons, slopes
from helpers.contrasts.linear_fits import least_squares
from helpers.design import build_design

TABLES = ROOT / "tests" / "reference" / "tables"
IN_R = json.loads((TABLES / "linear.json").read_text())
TESTED = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]
ONE_FACTOR = {
    "PlantGrowth": ("weight ~ group", "group"),
    "InsectSprays": ("count ~ spray", "spray"),
    "iris": ("`Sepal.Length` ~ Species", "Species"),
}


def fit_of(name, formula):
    return least_squares(build_design(formula, pd.read_csv(TABLES / f"{name}.csv"), grouped=False))


def assert_same(ours, theirs):
    for column in TESTED:
        theirs_too = np.atleast_1d(theirs[column])
        assert ours[column].to_numpy() == pytest.approx(theirs_too, rel=1e-7, abs=1e-11), column


@pytest.mark.parametrize("name", ONE_FACTOR)
def test_one_factor_is_r_s_lm_and_welch_s_tests(name):
    (formula, factor), theirs = ONE_FACTOR[name], IN_R[name]
    equal = fit_of(name, formula)
    unequal = equal.allowing_for_unequal_spread()
    how = {factor: "pairwise"}
    by_pair = comparisons(equal, how).set_index("contrast")
    assert_same(by_pair.loc[theirs["equal_pairs"]], theirs["equal"])
    family = comparisons(unequal, how, adjust="tukey").set_index("contrast").loc[theirs["pairs"]]
    assert_same(family, theirs["unequal"])
    assert family["p_adjusted"].to_numpy() == pytest.approx(
        theirs["unequal"]["games_howell"], rel=1e-6, abs=1e-9
    )  # as far as ptukey goes
    (one,) = equal.anova().to_dict("records")
    assert (one["statistic"], one["p_value"]) == pytest.approx(
        [theirs["equal_test"][key] for key in ("statistic", "p_value")], rel=1e-8
    )
    (one,) = unequal.anova().to_dict("records")
    assert (one["statistic"], one["den_df"], one["p_value"]) == pytest.approx(
        [theirs["unequal_test"][key] for key in ("statistic", "den_df", "p_value")], rel=1e-8
    )
    assert equal.r_squared().tolist() == pytest.approx([theirs["r_squared"], theirs["adjusted"]])


def test_cells_of_two_factors_are_welch_s_tests_within_each():
    theirs, equal = IN_R["ToothGrowth_cells"], fit_of("ToothGrowth", "len ~ supp * C(dose)")
    assert_same(comparisons(equal, "supp", "dose"), theirs["equal"])
    unequal = equal.allowing_for_unequal_spread()
    assert unequal.spread == "welch"
    assert_same(comparisons(unequal, "supp", "dose"), theirs["unequal"])
    assert equal.anova()["statistic"].to_numpy() == pytest.approx(theirs["equal_test"]["statistic"])


@pytest.mark.parametrize(
    ("key", "name", "formula", "effect"),
    [
        ("ToothGrowth", "ToothGrowth", "len ~ supp * dose", lambda fit: comparisons(fit, "supp")),
        (
            "iris_lines",
            "iris",
            "`Sepal.Length` ~ `Petal.Length` * Species",
            lambda fit: slopes(fit, "Petal.Length", by="Species"),
        ),
    ],
)
def test_a_line_is_r_s_lm_and_hc3(key, name, formula, effect):
    theirs, equal = IN_R[key], fit_of(name, formula)
    unequal = equal.allowing_for_unequal_spread()
    assert unequal.spread == "hc3"
    assert_same(effect(equal), theirs["equal"])
    assert_same(effect(unequal), theirs["unequal"])
    assert equal.residual_variance == pytest.approx(equal.variance_components["vcov"][0])


def test_f_tests_with_hc3_are_those_of_car():
    """With sum-coded factors, car's type III is the test of the same hypotheses."""
    theirs = IN_R["iris_lines"]
    equal = fit_of("iris", "`Sepal.Length` ~ `Petal.Length` * Species")
    for fit, tests in ((equal, "equal_test"), (equal.allowing_for_unequal_spread(), "unequal_test")):
        ours = fit.anova()
        assert ours["statistic"].to_numpy() == pytest.approx(theirs[tests]["statistic"], rel=1e-8)
        assert ours["p_value"].to_numpy() == pytest.approx(theirs[tests]["p_value"], rel=1e-6, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_of_two_groups_welch_s_f_is_the_square_of_his_t(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(2, 9, 2)
    rows = pd.DataFrame({"g": np.repeat(["a", "b"], n), "y": rng.normal(size=n.sum()) * np.repeat([1, 3], n)})
    fit = least_squares(build_design("y ~ g", rows, grouped=False)).allowing_for_unequal_spread()
    test = stats.ttest_ind(*(rows.loc[rows["g"] == g, "y"] for g in "ba"), equal_var=False)
    row = comparisons(fit, "g").iloc[0]
    assert (row["statistic"], row["df"], row["p_value"]) == pytest.approx((test.statistic, test.df, test.pvalue))
    joint = fit.anova().iloc[0]
    assert (joint["statistic"], joint["den_df"]) == pytest.approx((row["statistic"] ** 2, row["df"]))


def test_where_a_row_is_alone_in_its_cell_the_spreads_cannot_be_told_apart():
    rows = pd.DataFrame({"g": list("aaab"), "y": [1.0, 2.0, 4.0, 9.0]})
    fit = least_squares(build_design("y ~ g", rows, grouped=False))
    assert fit.allowing_for_unequal_spread() is None
    same = pd.DataFrame({"g": list("aabbccc"), "y": [1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0]})
    assert least_squares(build_design("y ~ g", same, grouped=False)).allowing_for_unequal_spread() is None


def test_what_cannot_be_fitted_is_refused():
    rows = pd.DataFrame({"g": list("aabbcc"), "x": [0.0, 0, 1, 1, 2, 2], "y": [0.0, 0, 1, 1, 2, 2]})
    with pytest.raises(ValueError, match="fits 'y' perfectly"):
        least_squares(build_design("y ~ x", rows, grouped=False))
    with pytest.raises(ValueError, match="has random terms: fit"):
        least_squares(build_design("y ~ x + (1 | g)", rows))
    with pytest.raises(ValueError, match="has no random term"):
        build_design("y ~ x", rows)
