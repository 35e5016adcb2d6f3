"""Splines in formulas, `bs` and `ns`: R's, at the rows of the fit, at new ones, in contrasts and in slopes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_mixed_golden import TOLERANCE, relative

from helpers.contrasts import comparisons, predictions, slopes
from helpers.mixed import fit_mixed

REFERENCE = Path(__file__).parent / "reference"
IN_R = json.loads((REFERENCE / "splines" / "splines.json").read_text(encoding="utf-8"))
AT = IN_R["at"]


@pytest.fixture(scope="module")
def carrots():
    return pd.read_csv(REFERENCE / "anova" / "carrots.csv")


@pytest.fixture(scope="module")
def fits(carrots):
    return {m["formula"]: fit_mixed(m["formula"], carrots) for m in IN_R["models"]}


@pytest.fixture(params=IN_R["models"], ids=lambda m: m["formula"])
def both(request, fits):
    return fits[request.param["formula"]], request.param


# --- R --------------------------------------------------------------------------------------------------------------


def test_fits_and_tests_equal_r(both):
    fit, m = both
    assert fit.deviance == pytest.approx(m["REMLcrit"], abs=TOLERANCE["criterion"])
    theirs, ours = pd.DataFrame(m["tests"]), fit.anova("kenward-roger")
    assert ours["num_df"].tolist() == theirs["NumDF"].tolist()
    if "*" not in m["formula"]:  # of a spline times a factor, R tests the spline at the reference level
        assert relative(ours["statistic"], theirs["F value"]) < TOLERANCE["kr_anova_f"]
        assert relative(ours["den_df"], theirs["DenDF"]) < TOLERANCE["kr_anova_df"]


def test_columns_of_b_splines_are_those_of_r(both):
    fit, m = both
    if "bs(" in m["formula"]:  # those of natural splines are R's up to a rotation
        np.testing.assert_allclose(fit.design.X[0], m["first_row"], atol=1e-12)


def test_predictions_at_new_rows_equal_r(both):
    fit, m = both
    new = pd.DataFrame(m["new"])
    np.testing.assert_allclose(fit.predict(new[["sens2", "Homesize"]]), new["predicted"], rtol=0, atol=1e-6)


def test_a_row_is_predicted_alike_alone_and_among_others(both, carrots):
    """Knots are those of the fit, whatever rows are predicted."""
    fit, _ = both
    whole = fit.predict(carrots)
    np.testing.assert_allclose(whole, fit.predict())
    few = carrots.iloc[[3]]
    np.testing.assert_allclose(fit.predict(few), whole.iloc[[3]])


def test_means_and_differences_equal_emmeans(both):
    fit, m = both
    means = predictions(fit, "sens2", at={"sens2": AT})
    differences = predictions(fit, "sens2", at={"sens2": AT})["estimate"].diff().iloc[1:]
    theirs, apart = pd.DataFrame(m["means"]), pd.DataFrame(m["differences"])
    assert np.max(np.abs(means["estimate"] - theirs["emmean"]) / theirs["SE"]) < TOLERANCE["estimate"]
    assert relative(means["std_error"], theirs["SE"]) < TOLERANCE["std_error"]
    assert relative(means["df"], theirs["df"]) < TOLERANCE["df"]
    np.testing.assert_allclose(differences, apart["estimate"], atol=1e-5)
    for k in range(4):
        found = comparisons(fit, {"sens2": [AT[k], AT[k + 1]]}).iloc[0]
        expected = apart.loc[k, ["SE", "df", "p.value"]]
        assert found["std_error"] == pytest.approx(expected["SE"], rel=TOLERANCE["std_error"])
        assert found["df"] == pytest.approx(expected["df"], rel=TOLERANCE["df"])


def test_slopes_equal_the_derivative_of_rs_predictions(both):
    fit, m = both
    new = pd.DataFrame(m["new"]).dropna()
    by = ["Homesize", "sens2"] if "Homesize" in m["formula"] else ["sens2"]
    found = slopes(fit, "sens2", by, at={"sens2": AT}).set_index(by)["estimate"]
    expected = new.groupby(by)["slope"].first()
    np.testing.assert_allclose(found.loc[expected.index], expected, atol=2e-6)


# --- What must hold -------------------------------------------------------------------------------------------------


def test_a_natural_spline_is_straight_beyond_its_knots(fits):
    fit = fits["Preference ~ ns(sens2, df = 3) + (1 | Consumer)"]
    far = fit.predict(pd.DataFrame({"sens2": [7.0, 8.0, 9.0, 11.0]})).to_numpy()
    assert far[1] - far[0] == pytest.approx(far[2] - far[1])
    assert far[3] - far[2] == pytest.approx(2 * (far[2] - far[1]))


def test_a_natural_spline_with_a_knot_in_every_place_is_the_smoothest_curve_through_the_means():
    """Its second derivative is zero at both ends, and it passes through any points."""
    rng = np.random.default_rng(1)
    x = np.tile(np.arange(5.0), 12)
    data = pd.DataFrame({"x": x, "g": np.repeat(np.arange(12), 5), "y": np.sin(x) + rng.normal(size=60)})
    data["y"] += 3 * rng.normal(size=12)[data["g"]]
    fit = fit_mixed("y ~ ns(x, knots = [1, 2, 3]) + (1 | g)", data)
    near = fit.predict(pd.DataFrame({"x": np.arange(5.0)})).to_numpy()
    np.testing.assert_allclose(near, data.groupby("x")["y"].mean(), atol=1e-10)
    for end in (0.0, 4.0):
        at = fit.predict(pd.DataFrame({"x": end + np.array([-1e-3, 0.0, 1e-3])})).to_numpy()
        assert abs(at[0] - 2 * at[1] + at[2]) < 1e-7


def test_one_degree_of_freedom_is_a_line(carrots):
    one = fit_mixed("Preference ~ ns(sens2) + (1 | Consumer)", carrots)
    line = fit_mixed("Preference ~ sens2 + (1 | Consumer)", carrots)
    np.testing.assert_allclose(one.predict(), line.predict())
    assert slopes(one, "sens2")["std_error"].item() == pytest.approx(line.coefficients().loc["sens2", "std_error"])


def test_the_unit_of_the_predictor_does_not_matter(carrots, fits):
    formula = "Preference ~ ns(sens2, df = 3) + (1 | Consumer)"
    other = fit_mixed(formula, carrots.assign(sens2=1000 * carrots["sens2"] + 7))
    np.testing.assert_allclose(other.predict(), fits[formula].predict(), rtol=1e-9)


BAD = {
    "ns(sens2, df = 3, knots = [0])": "takes df= or knots=, not both",
    "ns(sens2, df = 0)": "df of ns.. is a whole number from 1 on; found 0",
    "ns(sens2, df = 2.5)": "found 2.5",
    "ns(sens2, knots = [0, 99])": "must differ and lie within the outer ones; found",
    "ns(sens2, knots = [1, 1])": "must differ",
    "bs(sens2, df = 2)": "must be greater than 3",
    "bs(sens2, df = 4, knots = [0])": "both",
    "ns(Homesize)": "labels, not numbers: 'Homesize'",
}


@pytest.mark.parametrize("term", BAD)
def test_a_spline_that_cannot_be_is_refused(carrots, term):
    with pytest.raises(ValueError, match=BAD[term]):
        fit_mixed(f"Preference ~ {term} + (1 | Consumer)", carrots)


def test_too_many_equal_values_leave_no_place_for_knots():
    data = pd.DataFrame({"x": [0.0] * 30 + [1, 2, 3] * 10, "g": np.tile(np.arange(6), 10), "y": np.arange(60.0) % 7})
    with pytest.raises(ValueError, match=r"must differ and lie within the outer ones; found 0, 0, .*ask for fewer"):
        fit_mixed("y ~ ns(x, df = 5) + (1 | g)", data)


def test_a_b_spline_says_nothing_beyond_the_rows_of_the_fit(fits):
    fit = fits["Preference ~ bs(sens2, df = 5) + (1 | Consumer)"]
    with pytest.raises(ValueError, match="extend beyond upper and/or lower bounds"):
        fit.predict(pd.DataFrame({"sens2": [9.0]}))
