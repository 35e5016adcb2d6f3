"""`helpers.correlation` against R, against scipy, and against laws that any correlation obeys."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from helpers.correlation import correlate, permutation_test
from helpers.data import load_mouse_scores

REFERENCE = json.loads((Path(__file__).parent / "reference" / "mouse" / "mouse.json").read_text())
COLUMNS = ["total_score", "urea", "weight", "urea_score", "weight_score"]
EXACT = {"rel": 0, "abs": 1e-10}


@pytest.fixture(scope="module")
def mice():
    return load_mouse_scores()


# --- Golden: R's cor.test ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", COLUMNS)
def test_pearson_equals_r(mice, column):
    ours, theirs = correlate(mice, column, "gene_x").loc[0], REFERENCE["cor"][column.replace("_", ".")]["pearson"]
    found = [ours[name] for name in ("estimate", "statistic", "df", "p_value", "conf_low", "conf_high")]
    assert found == pytest.approx([theirs["r"], theirs["t"], theirs["df"], theirs["p"], *theirs["ci"]], **EXACT)


@pytest.mark.parametrize("column", COLUMNS)
def test_spearman_equals_r_with_and_without_ties(mice, column):
    ours = correlate(mice, column, "gene_x", method="spearman").loc[0]
    theirs = REFERENCE["cor"][column.replace("_", ".")]["spearman"]
    found = [ours["estimate"], ours["statistic"], ours["p_value"]]
    assert found == pytest.approx([theirs["rho"], theirs["S"], theirs["p"]], **EXACT)


@pytest.mark.parametrize("column", COLUMNS)
def test_kendall_equals_r(mice, column):
    ours = correlate(mice, column, "gene_x", method="kendall").loc[0]
    theirs = REFERENCE["cor"][column.replace("_", ".")]["kendall"]
    assert [ours["estimate"], ours["p_value"]] == pytest.approx([theirs["tau"], theirs["p"]], **EXACT)
    assert math.isnan(ours["conf_low"])


@pytest.mark.parametrize("column", COLUMNS)
def test_partial_correlation_within_groups_equals_r(mice, column):
    ours = correlate(mice, column, "gene_x", within="group").loc[0]
    theirs = REFERENCE["within_group_partial_cor"][column.replace("_", ".")]
    found = [ours[name] for name in ("estimate", "df", "statistic", "p_value")]
    assert found == pytest.approx([theirs[name] for name in ("r", "df", "t", "p")], **EXACT)


def test_the_factor_trap_gives_the_r_that_r_gives(mice):
    codes = mice.assign(code=mice["urea"].astype(str).astype("category").cat.codes + 1)
    assert correlate(codes, "code", "gene_x").loc[0, "estimate"] == pytest.approx(
        REFERENCE["cor"]["TRAP_urea_factor_codes"]["pearson"]["r"], **EXACT
    )


def test_leaving_out_each_animal_equals_r(mice):
    for left_out in REFERENCE["loo"]:
        ours = correlate(mice[mice["animal"] != left_out["dropped"]], "total_score", "gene_x").loc[0]
        assert [ours["estimate"], ours["p_value"]] == pytest.approx(
            [left_out["pearson_total_r"], left_out["p"]], **EXACT
        )


def test_exact_permutation_within_groups_equals_r(mice):
    test = permutation_test(mice, "total_score", "gene_x", strata="group")
    assert (test.exact, test.n_arrangements) == (True, REFERENCE["perm"]["n_perm"])
    assert test.p_value == pytest.approx(REFERENCE["perm"]["within_group_exact_p"], **EXACT)


def test_exact_free_permutation_agrees_with_the_random_one_of_r(mice):
    test = permutation_test(mice, "total_score", "gene_x")
    theirs = REFERENCE["perm"]
    monte_carlo_error = math.sqrt(test.p_value * (1 - test.p_value) / theirs["B"])
    assert test.n_arrangements == math.factorial(10)
    assert abs(test.p_value - theirs["free_perm_p"]) < 4 * monte_carlo_error


# --- A second route to the same number --------------------------------------------------------------------------


def test_spearman_p_is_exact_up_to_nine_rows(mice):
    nine = mice.drop(index=0)
    by_formula = correlate(nine, "urea", "gene_x", method="spearman").loc[0, "p_value"]
    by_enumeration = permutation_test(nine, "urea", "gene_x", method="spearman").p_value
    assert by_formula == pytest.approx(by_enumeration, **EXACT)


def test_the_edgeworth_series_is_close_to_the_exact_tail_at_ten_rows(mice):
    by_series = correlate(mice, "weight", "gene_x", method="spearman").loc[0, "p_value"]
    by_enumeration = permutation_test(mice, "weight", "gene_x", method="spearman").p_value
    assert by_series == pytest.approx(by_enumeration, abs=0.002)


def test_partial_correlation_is_that_of_the_residuals_of_two_regressions(mice):
    dummies = pd.get_dummies(mice["group"], dtype=float).to_numpy()

    def residual(y):
        return y - dummies @ np.linalg.lstsq(dummies, y, rcond=None)[0]

    by_hand = np.corrcoef(residual(mice["urea"].to_numpy()), residual(mice["gene_x"].to_numpy()))[0, 1]
    assert correlate(mice, "urea", "gene_x", within="group").loc[0, "estimate"] == pytest.approx(by_hand, **EXACT)


def test_one_stratum_is_free_permutation(mice):
    one = mice.head(6).assign(all="same")
    free, within = permutation_test(one, "urea", "gene_x"), permutation_test(one, "urea", "gene_x", strata="all")
    assert free.p_value == within.p_value
    np.testing.assert_allclose(np.sort(free.null_distribution), np.sort(within.null_distribution))


def test_random_arrangements_approach_the_exact_p(mice):
    exact = permutation_test(mice, "total_score", "gene_x", strata="group")
    random = permutation_test(
        mice,
        "total_score",
        "gene_x",
        strata="group",
        max_arrangements=100,
        n_resamples=20_000,
        rng=np.random.default_rng(3),
    )
    assert (random.exact, random.n_arrangements) == (False, 20_001)
    assert random.p_value == pytest.approx(exact.p_value, abs=4 * math.sqrt(0.07 * 0.93 / 20_000))


def test_random_arrangements_never_give_a_p_of_zero():
    line = pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40.0)})
    test = permutation_test(line, "x", "y", n_resamples=99, rng=np.random.default_rng(1))
    assert test.p_value == 1 / 100


# --- Laws -------------------------------------------------------------------------------------------------------

columns = hnp.arrays(float, (2, 8), elements=st.integers(-50, 50).map(float))


def frame(values, **more):
    assume(np.ptp(values[0]) > 0 and np.ptp(values[1]) > 0)
    return pd.DataFrame({"x": values[0], "y": values[1]} | more)


@settings(deadline=None)
@given(columns, st.sampled_from(["pearson", "spearman", "kendall"]), st.permutations(range(8)))
def test_the_order_of_rows_does_not_matter(values, method, order):
    data = frame(values)
    one, other = (correlate(d, "x", "y", method=method).loc[0] for d in (data, data.iloc[list(order)]))
    names = ["estimate", "p_value", "conf_low", "conf_high"]
    np.testing.assert_allclose(one[names].astype(float), other[names].astype(float), atol=1e-9)


@settings(deadline=None)
@given(columns, st.sampled_from(["pearson", "spearman", "kendall"]))
def test_correlation_is_symmetric_and_keeps_its_interval(values, method):
    data = frame(values)
    one, other = correlate(data, "x", "y", method=method).loc[0], correlate(data, "y", "x", method=method).loc[0]
    assert one["estimate"] == pytest.approx(other["estimate"], abs=1e-12)
    assert 0 <= one["p_value"] <= 1
    if method != "kendall":
        assert -1 <= one["conf_low"] <= one["estimate"] + 1e-12
        assert one["estimate"] - 1e-12 <= one["conf_high"] <= 1


@settings(deadline=None)
@given(columns, st.floats(0.1, 100), st.floats(-100, 100), st.booleans())
def test_units_do_not_matter_and_a_sign_turns_the_sign(values, scale, shift, flip):
    data = frame(values)
    factor = -scale if flip else scale
    one, other = correlate(data, "x", "y").loc[0], correlate(data.assign(x=factor * data["x"] + shift), "x", "y").loc[0]
    assert other["estimate"] == pytest.approx(-one["estimate"] if flip else one["estimate"], abs=1e-9)
    assert other["p_value"] == pytest.approx(one["p_value"], abs=1e-7)


@settings(deadline=None)
@given(columns, st.lists(st.sampled_from("ab"), min_size=8, max_size=8), st.floats(-1000, 1000))
def test_what_is_added_to_a_whole_group_is_invisible_within_groups(values, groups, shift):
    data = frame(values, group=groups)
    within = data.groupby("group")[["x", "y"]].transform(lambda column: column - column.mean())
    assume((np.ptp(within, axis=0) > 1e-6).all())
    moved = data.assign(y=data["y"] + shift * (data["group"] == "a"))
    assume(np.ptp(moved["y"]) > 0)
    one, other = (correlate(d, "x", "y", within="group").loc[0, "estimate"] for d in (data, moved))
    assert one == pytest.approx(other, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(
    hnp.arrays(float, (2, 6), elements=st.integers(-9, 9).map(float)),
    st.lists(st.sampled_from("ab"), min_size=6, max_size=6),
)
def test_the_names_of_strata_and_the_order_of_rows_do_not_change_a_permutation_test(values, strata):
    data = frame(values, s=strata)
    assume((data.groupby("s")[["x", "y"]].agg(np.ptp) > 0).all(axis=1).any())  # something can be exchanged
    renamed = data.assign(s=data["s"].map({"a": "zebra", "b": "ant"})).iloc[::-1]
    one, other = (permutation_test(d, "x", "y", strata="s") for d in (data, renamed))
    assert one.p_value == pytest.approx(other.p_value, abs=1e-12)
    assert one.p_value >= 1 / one.n_arrangements


# --- Bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "arguments", "error", "message"),
    [
        ({}, {"x": "ureas"}, KeyError, "no column 'ureas'. Closest: 'urea'.*Its columns: 'animal', 'group', 'urea'"),
        ({}, {"x": "animal"}, ValueError, "'animal' does not hold numbers.*labels' ranks"),
        ({}, {"x": "urea", "within": "diet"}, KeyError, "no column 'diet'"),
        ({}, {"x": "urea", "method": "spearmen"}, ValueError, "found 'spearmen'"),
        ({}, {"x": "urea", "method": "spearman", "within": "group"}, ValueError, "goes with method='pearson'"),
        ({"urea": 7.0}, {"x": "urea"}, ValueError, r"'urea' is constant \(7 in every row\)"),
        ({"urea": [0.1 + 0.2] * 5 + [0.3] * 5}, {"x": "urea"}, ValueError, "'urea' is constant"),
        ({"urea": [np.inf, *range(9)]}, {"x": "urea"}, ValueError, "'urea' holds 1 infinite"),
        ({"urea": [1j, *range(9)]}, {"x": "urea"}, ValueError, "'urea' does not hold numbers but complex128"),
        ({}, {"x": "urea", "within": ["group"]}, ValueError, r"One column is needed here; found \['group'\]"),
        ({}, {"x": "urea", "conf_level": 95}, ValueError, "such as 0.95; found 95"),
        ({}, {"x": "urea", "conf_level": "0.95"}, ValueError, "such as 0.95; found '0.95'"),
        ({"group": list("abcdefghij")}, {"x": "urea", "within": "group"}, ValueError, "does not vary"),
    ],
)
def test_bad_input_is_named(mice, change, arguments, error, message):
    with pytest.raises(error, match=message):
        correlate(mice.assign(**change), y="gene_x", **arguments)


def test_too_few_degrees_of_freedom_within_groups_are_named(mice):
    with pytest.raises(ValueError, match="5 rows in 3 groups leave 1 degrees of freedom; an interval needs two"):
        correlate(mice.head(5).assign(group=list("aabbc")), "urea", "gene_x", within="group")


def test_too_few_rows_are_named(mice):
    with pytest.raises(ValueError, match="at least four rows; found 3"):
        correlate(mice.head(3), "urea", "gene_x")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strata": "animal"}, "Every level of 'animal' has one row"),
        ({"max_arrangements": 10}, "pass rng=np.random.default_rng"),
        ({"max_arrangements": 10, "rng": 1}, "pass rng=np.random.default_rng"),
        ({"max_arrangements": 10, "rng": np.random.default_rng(1), "n_resamples": 0}, "positive number; found 0"),
        ({"method": "kendall"}, "'pearson' or 'spearman'; found 'kendall'"),
    ],
)
def test_a_permutation_test_that_cannot_be_done_says_why(mice, arguments, message):
    with pytest.raises(ValueError, match=message):
        permutation_test(mice, "urea", "gene_x", **arguments)


def test_strata_within_which_nothing_varies_are_named(mice):
    with pytest.raises(ValueError, match="exchanging changes nothing"):
        permutation_test(
            mice.assign(urea=mice["group"].map({"C": 1.0, "HP": 2, "CR": 3}).astype(float)),
            "urea",
            "gene_x",
            strata="group",
        )


def test_rows_with_missing_values_are_dropped_and_counted(mice):
    gaps = mice.assign(urea=[np.nan, *mice["urea"][1:]], gene_x=[*mice["gene_x"][:9], np.nan])
    with pytest.warns(UserWarning, match="Dropped 2 of 10 rows with missing values: 1 in 'urea', 1 in 'gene_x'"):
        row = correlate(gaps, "urea", "gene_x").loc[0]
    assert row["n"] == 8
    assert row["estimate"] == pytest.approx(correlate(mice[1:9], "urea", "gene_x").loc[0, "estimate"])


def test_two_columns_of_one_name_are_named(mice):
    twice = pd.concat([mice, mice[["urea"]]], axis=1)
    with pytest.raises(ValueError, match="several columns named 'urea'"):
        correlate(twice, "urea", "gene_x")


def test_what_is_no_data_frame_is_named():
    with pytest.raises(ValueError, match="DataFrame is needed; found dict"):
        correlate({"x": [1, 2]}, "x", "y")


def test_many_rows_are_permuted_without_a_large_table_and_without_overflow():
    rng = np.random.default_rng(1)
    many = pd.DataFrame(rng.standard_normal((400, 2)), columns=["x", "y"])
    with pytest.raises(ValueError, match="pass rng="):
        permutation_test(many, "x", "y")
    assert permutation_test(many, "x", "y", n_resamples=12_000, rng=rng).n_arrangements == 12_001


@pytest.mark.parametrize("unit", [1e-170, 1e200])
def test_tiny_and_huge_units_do_not_matter(mice, unit):
    scaled = mice.assign(urea=mice["urea"] * unit, gene_x=mice["gene_x"] * unit)
    one, other = (correlate(data, "urea", "gene_x").loc[0, ["estimate", "p_value"]] for data in (mice, scaled))
    np.testing.assert_allclose(one.astype(float), other.astype(float), rtol=1e-12)
    assert (
        permutation_test(scaled.head(6), "urea", "gene_x").p_value
        == permutation_test(mice.head(6), "urea", "gene_x").p_value
    )


def test_a_perfect_order_has_the_least_possible_p():
    order = pd.DataFrame({"x": np.arange(10.0), "y": np.arange(10.0) ** 3})
    row = correlate(order, "x", "y", method="spearman").loc[0]
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == (1, 1, 1)


def test_spearman_takes_t_beyond_1290_rows_as_r_does():
    rng = np.random.default_rng(2)
    many = pd.DataFrame(rng.standard_normal((1_500, 2)), columns=["x", "y"])
    ours, theirs = correlate(many, "x", "y", method="spearman").loc[0], stats.spearmanr(many["x"], many["y"])
    assert ours["p_value"] == pytest.approx(theirs.pvalue)


def test_kendall_is_exact_below_fifty_rows_as_in_r():
    rng = np.random.default_rng(3)
    some = pd.DataFrame(rng.standard_normal((40, 2)), columns=["x", "y"])
    theirs = stats.kendalltau(some["x"], some["y"], method="exact")
    assert correlate(some, "x", "y", method="kendall").loc[0, "p_value"] == pytest.approx(theirs.pvalue)


def test_a_perfect_line_has_no_width_and_p_zero():
    line = pd.DataFrame({"x": [1.0, 2, 3, 4, 5], "y": [2.0, 4, 6, 8, 10]})
    row = correlate(line, "x", "y").loc[0]
    assert row["estimate"] == pytest.approx(1)
    assert row["p_value"] < 1e-10


def test_scipy_agrees_where_it_has_the_number(mice):
    theirs = stats.pearsonr(mice["urea"], mice["gene_x"])
    ours = correlate(mice, "urea", "gene_x", conf_level=0.9).loc[0]
    interval = theirs.confidence_interval(0.9)
    assert [ours["estimate"], ours["p_value"], ours["conf_low"], ours["conf_high"]] == pytest.approx(
        [theirs.statistic, theirs.pvalue, interval.low, interval.high], **EXACT
    )
