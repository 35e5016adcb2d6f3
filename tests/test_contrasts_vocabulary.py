"""Families of contrasts, slopes at several values, proportional weights, Scheffé: emmeans, laws, what is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.contrasts import comparison_weights, comparisons, joint_tests, predictions, slopes
from helpers.contrasts.moves import move_of_levels, polynomial_weights
from helpers.hypotheses.adjusting import FROM_P_VALUES, METHODS, adjusted_p_values, adjustment
from helpers.mixed import fit_mixed

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "contrasts" / "vocabulary.json").read_text(encoding="utf-8"))
FIRST = json.loads((REFERENCE / "contrasts" / "contrasts.json").read_text(encoding="utf-8"))
METHOD = pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
OWN = {"last two against first two": [-0.5, -0.5, 0.5, 0.5], "outer against inner": [0.5, -0.5, -0.5, 0.5]}


def agrees(ours, rows, *, intervals=("conf_low", "conf_high"), p_column="p_value"):
    """Row by row: estimates and standard errors to 1e-6, df to 1e-4, p-values to 1e-6, bounds in standard errors.

    Of p-values below 1e-20, where the last digits of the df count a hundredfold, the logarithm.
    """
    theirs = pd.DataFrame(rows)
    shared = [name for name in ("contrast", "Information", "sex") if name in theirs and name in ours]
    if "contrast" in shared and set(theirs["contrast"]) == set(ours["contrast"]):  # R orders pairs another way
        theirs = ours[shared].astype(str).merge(theirs, on=shared, validate="one_to_one")
    estimate = next(c for c in theirs if c in ("estimate", "emmean", "ratio") or c.endswith(".trend"))
    np.testing.assert_allclose(ours["estimate"], theirs[estimate], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours["std_error"], theirs["SE"], rtol=1e-6)
    df = theirs["df"] if "df" in theirs else np.full(len(theirs), np.inf)
    np.testing.assert_allclose(ours["df"], df, rtol=1e-4)
    p, theirs_p = ours[p_column].to_numpy(), theirs["p.value"].to_numpy()
    np.testing.assert_allclose(np.log(p), np.log(theirs_p), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(p[p > 1e-20], theirs_p[p > 1e-20], rtol=1e-6)
    for column, names in zip(intervals, (("lower.CL", "asymp.LCL"), ("upper.CL", "asymp.UCL")), strict=True):
        bound = theirs[next(name for name in names if name in theirs)]
        np.testing.assert_allclose((ours[column] - bound) / ours["std_error"], 0, atol=1e-5)


@pytest.fixture(scope="module")
def ham():
    data = pd.read_csv(REFERENCE / "anova" / "ham.csv").rename(columns={"Informed.liking": "liking"})
    return fit_mixed("liking ~ Product * Information + Age + (1 | Consumer)", data)


@pytest.fixture(scope="module")
def unbalanced():
    data = pd.read_csv(REFERENCE / "contrasts" / "unbalanced.csv")
    return smf.ols("y ~ dose * site + dose * sex + age", data).fit()


@pytest.fixture(scope="module")
def counts():
    data = pd.read_csv(REFERENCE / "contrasts" / "counts.csv")
    formula = "count ~ treatment * sex + age + I(age**2)"
    return smf.glm(formula, data, offset=np.log(data["library"]), family=sm.families.Poisson()).fit(tol=1e-13)


# --- Against R ------------------------------------------------------------------------------------------------------


@METHOD
@pytest.mark.parametrize("how", ["eff", "helmert", "poly", "custom"])
def test_families_of_contrasts(ham, ddf, how):
    asked = {"Product": OWN if how == "custom" else how}
    ours = comparisons(ham, asked, by="Information", ddf=ddf)
    rows = R["ham"][ddf][how]
    assert ours["Information"].tolist() == [row["Information"] for row in rows]
    agrees(ours, rows)


def test_families_are_named_by_what_they_compare(ham):
    names = {how: comparisons(ham, {"Product": how})["contrast"].tolist() for how in ("eff", "helmert", "poly")}
    assert names["eff"] == ["p1 - mean", "p2 - mean", "p3 - mean", "p4 - mean"]
    assert names["helmert"] == ["p2 - p1", "p3 - mean(p1, p2)", "p4 - mean(p1, p2, p3)"]
    assert names["poly"] == ["linear", "quadratic", "cubic"]
    assert comparisons(ham, {"Product": OWN})["contrast"].tolist() == list(OWN)
    assert comparisons(ham, {"Product": "eff"}, transform="exp")["contrast"].iloc[0] == "p1 / mean"


@METHOD
def test_a_family_of_differences(ham, ddf):
    ours = comparisons(ham, "Information", by="Product", differences="poly", ddf=ddf)
    rows = R["ham"][ddf]["interaction"]
    assert ours["Product"].tolist() == [row["Product_poly"] for row in rows]
    agrees(ours, rows)


@METHOD
def test_scheffe(ham, ddf):
    within = {"by": "Information", "ddf": ddf, "adjust": "scheffe"}
    adjusted = {"intervals": ("conf_low_adjusted", "conf_high_adjusted"), "p_column": "p_adjusted"}
    agrees(comparisons(ham, {"Product": "pairwise"}, family="by", **within), R["ham"][ddf]["scheffe"], **adjusted)
    agrees(comparisons(ham, {"Product": "pairwise"}, **within), R["ham"][ddf]["scheffe_all"], **adjusted)
    agrees(comparisons(ham, {"Product": "eff"}, family="by", **within), R["ham"][ddf]["scheffe_eff"], **adjusted)


@METHOD
def test_slopes_at_several_values_of_the_same_predictor(ddf):
    data = pd.read_csv(REFERENCE / "classic" / "sleepstudy.csv", dtype={"Subject": str})
    first = sorted(data["Subject"].unique())[:7]
    data["half"] = np.where(data["Subject"].isin(first), "first", "second")
    fit = fit_mixed("Reaction ~ half * (Days + I(Days**2)) + (1 | Subject)", data)
    asked = {"by": ["half", "Days"], "at": {"Days": [0, 4.5, 9]}, "ddf": ddf}
    ours = slopes(fit, "Days", **asked)
    assert ours.columns[:3].tolist() == ["term", "half", "Days"]
    agrees(ours, R["sleep"][ddf]["trends"])
    pairs = [
        slopes(fit, "Days", "Days", at=asked["at"] | {"half": half}, ddf=ddf, differences="pairwise")
        for half in ("first", "second")
    ]
    assert pairs[0]["Days"].tolist() == ["4.5 - 0.0", "9.0 - 0.0", "9.0 - 4.5"]
    agrees(pd.concat(pairs, ignore_index=True), R["sleep"][ddf]["differences"])


@METHOD
def test_proportional_weights_of_a_mixed_model(ham, ddf):
    agrees(predictions(ham, "Product", grid="proportional", ddf=ddf), FIRST["ham"][ddf]["proportional"])


def test_proportional_weights(unbalanced):
    theirs, how = R["proportional"], {"grid": "proportional"}
    agrees(predictions(unbalanced, "dose", **how), theirs["dose"])
    agrees(predictions(unbalanced, ["sex", "dose"], **how), theirs["dose_sex"])
    agrees(predictions(unbalanced, **how), theirs["one"])
    agrees(comparisons(unbalanced, {"dose": "pairwise"}, **how), theirs["dose_pairs"])
    agrees(predictions(unbalanced, "dose", at={"site": ["north", "west"]}, **how), theirs["two_sites"])
    note = predictions(unbalanced, "dose", **how).note
    assert "levels of 'site', 'sex' weigh as many rows of the fit have them; age at its mean" in note


def test_counts_on_both_scales(counts):
    pairs = comparisons(counts, {"treatment": "pairwise"}, by="sex", adjust="scheffe", family="by")
    agrees(pairs, R["counts"]["scheffe"], intervals=("conf_low_adjusted", "conf_high_adjusted"), p_column="p_adjusted")
    agrees(comparisons(counts, {"treatment": "poly"}, by="sex"), R["counts"]["poly"])
    own = {"treated": {"control": -1, "high": 0.5, "low": 0.5}}
    agrees(comparisons(counts, {"treatment": own}, by="sex", transform="exp"), R["counts"]["own"])
    at = {"age": [8, 12], "sex": "f"}
    ours = slopes(counts, "age", by=["treatment", "age"], at=at, scale="response")
    agrees(ours, R["counts"]["slopes"])


@pytest.mark.parametrize("n", range(3, 10))
def test_polynomials_are_those_of_the_tables(n):
    np.testing.assert_array_equal(polynomial_weights([f"l{k}" for k in range(n)]), R["polynomials"][n - 3])
    np.testing.assert_array_equal(polynomial_weights(list(range(0, 2 * n, 2))), R["polynomials"][n - 3])


# --- Laws -----------------------------------------------------------------------------------------------------------


def test_levels_that_are_numbers_stand_where_they_are():
    data = pd.DataFrame({"day": np.repeat([0, 1, 10], 8), "y": np.repeat([0.0, 1.0, 10.0], 8)})
    data["y"] += np.tile([-0.5, 0.5], 12)  # a straight line in days, and noise that no curve follows
    table = comparisons(smf.ols("y ~ C(day)", data).fit(), {"day": "poly"}).set_index("contrast")
    assert table.loc["quadratic", "estimate"] == pytest.approx(0, abs=1e-9)  # equally spaced it would be 8
    assert table.loc["linear", "p_value"] < 1e-10


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 7), st.sampled_from(["reference", "pairwise", "sequential", "eff", "helmert", "poly"]))
def test_every_family_is_of_contrasts_that_span_all(n, how):
    weights = move_of_levels(list("abcdefg"[:n]), how, " - ", "").weights
    np.testing.assert_allclose(weights.sum(axis=1), 0, atol=1e-12)
    assert np.linalg.matrix_rank(weights) == n - 1
    if how in ("helmert", "poly"):
        gram = weights @ weights.T
        np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-9)


@pytest.mark.parametrize("how", ["reference", "eff", "helmert", "poly", OWN | {"third": [1, -1, 0, 0]}])
def test_every_family_has_one_joint_test(ham, how):
    pairwise, ours = (joint_tests(ham, {"Product": h}, by="Information") for h in ("pairwise", how))
    np.testing.assert_allclose(ours["statistic"], pairwise["statistic"], rtol=1e-9)
    np.testing.assert_allclose(ours["p_value"], pairwise["p_value"], rtol=1e-2)  # Satterthwaite's df pool differently


def test_scheffe_says_of_the_best_contrast_what_the_joint_test_says(unbalanced):
    table = comparisons(unbalanced, {"dose": "pairwise"}, adjust="scheffe")
    joint = joint_tests(unbalanced, "dose").iloc[0]
    assert (table["p_adjusted"] >= joint["p_value"] - 1e-12).all()
    first = comparisons(unbalanced, "dose")
    labels, basis = comparison_weights(unbalanced, "dose")
    covariance = basis.to_numpy() @ unbalanced.cov_params().to_numpy() @ basis.to_numpy().T
    low, none = np.linalg.solve(covariance, first["estimate"])  # the contrast with the largest t
    family = {"best": {"high": -low - none, "low": low, "none": none}, "any": [1, -1, 0]}
    best = comparisons(unbalanced, {"dose": family}, adjust="scheffe").iloc[0]
    assert labels["contrast"].tolist() == ["low - high", "none - high"]
    assert best["p_adjusted"] == pytest.approx(joint["p_value"], rel=1e-9)
    assert ((table["conf_low_adjusted"] > 0) | (table["conf_high_adjusted"] < 0)).eq(table["p_adjusted"] < 0.05).all()


def test_observed_and_proportional_agree_where_no_number_is_averaged(unbalanced):
    fit = smf.ols("y ~ dose * site", unbalanced.model.data.frame).fit()
    a, b = (comparisons(fit, "dose", grid=grid) for grid in ("observed", "proportional"))
    np.testing.assert_allclose(a["estimate"], b["estimate"], rtol=1e-12)


# --- One list of adjustments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"), [("BH", "fdr_bh"), ("BY", "fdr_by"), ("scheffe", "Scheffé"), ("tukey", "Tukey")]
)
def test_both_usual_names(ham, one, other):
    a, b = (comparisons(ham, {"Product": "pairwise"}, adjust=name) for name in (one, other))
    np.testing.assert_array_equal(a["p_adjusted"], b["p_adjusted"])
    assert a.note == b.note


@pytest.mark.parametrize("name", FROM_P_VALUES)
def test_adjusted_p_values_alone(name):
    p = np.array([1e-20, 0.01, 0.02, 0.2, 0.9])
    theirs = {
        "holm": [5e-20, 0.04, 0.06, 0.4, 0.9],
        "BH": [5e-20, 0.025, 1 / 30, 0.25, 0.9],
        "BY": np.minimum(np.array([5e-20, 0.025, 1 / 30, 0.25, 0.9]) * (1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5), 1),
        "bonferroni": [5e-20, 0.05, 0.1, 1, 1],
        "sidak": [5e-20, 1 - 0.99**5, 1 - 0.98**5, 1 - 0.8**5, 1 - 0.1**5],
    }
    np.testing.assert_allclose(adjusted_p_values(p, name), theirs[name], rtol=1e-12)
    np.testing.assert_array_equal(adjusted_p_values(p, None), p)
    assert len(adjusted_p_values([], name)) == 0


def test_a_correction_that_does_not_apply():
    assert adjustment(None) is None
    with pytest.raises(
        ValueError, match=r"adjust is None or one of 'holm', 'BH', 'BY', 'bonferroni', 'sidak'; found 'tukey'"
    ):
        adjusted_p_values([0.1, 0.2], "tukey")
    with pytest.raises(ValueError, match=r"found 'bonferoni'\. Closest: 'bonferroni'"):
        adjustment("bonferoni")
    with pytest.raises(ValueError, match="1 of 2 p-values are missing"):
        adjusted_p_values([0.1, np.nan], "holm")
    assert set(FROM_P_VALUES) < set(METHODS)


# --- What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: comparisons(m, {"Product": {"x": {"p1": 1, "p2": 1}}}), "the weights of 'x' sum to 2"),
        (lambda m: comparisons(m, {"Product": {"x": [0, 0, 0, 0]}}), "the weights of 'x' sum to 0"),
        (lambda m: comparisons(m, {"Product": {"x": {"p1": 1, "p9": -1}}}), "'x' weighs 'p9', which is no level"),
        (
            lambda m: comparisons(m, {"Product": {"x": [1, -1]}}),
            "'x' has 2 weights for 4 levels, 'p1', 'p2', 'p3', 'p4'",
        ),
        (
            lambda m: comparisons(m, {"Product": {"x": ["a", "b", "c", "d"]}}),
            "the weights of 'x' are numbers; found 'a'",
        ),
        (lambda m: comparisons(m, {"Product": {"p1": 1, "p2": -1}}), "a contrast of your own is {name: {level: weight"),
        (lambda m: comparisons(m, {"Product": {}}), "no contrast is given"),
        (lambda m: comparisons(m, {"Product": ["p1", "p1"]}), "moves from 'p1' to itself"),
        (lambda m: comparisons(m, {"Age": [30, 30]}), "'Age' is numeric: it moves by a step"),
        (lambda m: comparisons(m, {"Product": "eff"}, adjust="tukey"), "is for all pairwise differences"),
        (
            lambda m: comparisons(m, "Age", by=["Product", "Information"], differences="poly"),
            "compares the levels of one predictor, and by= names 2",
        ),
    ],
)
def test_refusals(ham, call, message):
    with pytest.raises(ValueError) as refused:
        call(ham)
    assert message in str(refused.value)


def test_no_row_has_the_levels_asked_for():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"a": ["x", "x", "y", "y"] * 5, "b": ["u", "v", "u", "u"] * 5, "y": rng.normal(size=20)})
    fit = smf.ols("y ~ a + b", data).fit()
    with pytest.raises(ValueError, match="no row of the fit has the levels of 'a', 'b' that at= fixes"):
        predictions(fit, grid="proportional", at={"a": "y", "b": "v"})


def test_a_slope_has_the_t_of_its_own_coefficient_at_zero(ham):
    ours = slopes(ham, "Age").iloc[0]
    theirs = ham.coefficients().loc["Age"]
    assert ours["p_value"] == pytest.approx(theirs["p_value"], rel=1e-9)
    assert ours["p_value"] == pytest.approx(2 * stats.t.sf(abs(ours["statistic"]), ours["df"]), rel=1e-12)
