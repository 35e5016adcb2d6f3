"""Laws that `helpers.mixed` obeys whatever the data: what must not matter, and known cases."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from lmertest_pooling import lmertest_anova_df
from scipy import stats

from helpers.mixed import SingularFitWarning, fit_mixed

METHODS = ["satterthwaite", "kenward-roger"]
few = settings(deadline=None, max_examples=15, derandomize=True)
seeds = st.integers(0, 10_000)
between_groups = st.sampled_from([0.0, 0.3, 1.5])  # standard deviation; the first two are often singular
both_methods = st.sampled_from(METHODS)
NUMBERS = ["estimate", "std_error", "df", "statistic"]


def simulated(seed, sd=1.0, slope_sd=0.0, groups=7):
    """Groups of three to six rows, a factor of three levels and one of two, a covariate."""
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(groups), rng.integers(3, 7, groups))
    n = len(g)
    data = pd.DataFrame(
        {
            "g": [f"g{i}" for i in g],
            "f": np.array(["a", "b", "c"])[np.arange(n) % 3],
            "k": np.array(["u", "v"])[rng.permutation(n) % 2],
            "x": rng.normal(2, 1, n),
        }
    )
    first, second = rng.normal(size=(2, groups))
    effect = data["f"].map({"a": 0.0, "b": 0.5, "c": 1.0}) + 0.4 * data["x"]
    return data.assign(y=effect + sd * first[g] + slope_sd * second[g] * data["x"] + rng.normal(size=n))


def fit(formula, data, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return fit_mixed(formula, data, **arguments)


def same(one, other, columns=NUMBERS, scale=1.0):
    """Equal tables: estimates relative to their standard error, the rest relative."""
    for column in columns:
        left, right = one[column].to_numpy(float), other[column].to_numpy(float)
        size = {"estimate": one["std_error"], "std_error": one["std_error"]}.get(column) if "std_error" in one else None
        reach = np.asarray(size) if size is not None else np.maximum(1, np.abs(left))
        np.testing.assert_array_less(
            np.abs(left * (scale if size is not None else 1) - right), 2e-5 * reach * abs(scale) + 1e-12
        )


def same_inference(one, other):
    for method in METHODS:
        same(one.coefficients(method), other.coefficients(method))


# --- What must not matter -------------------------------------------------------------------------------------------


@few
@given(seeds, between_groups)
def test_the_order_of_rows_does_not_matter(seed, sd):
    data = simulated(seed, sd)
    one, other = fit("y ~ f * x + (1 | g)", data), fit("y ~ f * x + (1 | g)", data.sample(frac=1, random_state=seed))
    assert other.deviance == pytest.approx(one.deviance, abs=1e-8)
    assert one.is_singular == other.is_singular
    same_inference(one, other)
    blups = other.random_effects["g"].loc[one.random_effects["g"].index]
    np.testing.assert_allclose(blups, one.random_effects["g"], atol=1e-5)
    np.testing.assert_allclose(other.predict(random=True)[data.index], one.predict(random=True), atol=1e-5)


@few
@given(seeds, between_groups)
def test_the_names_of_levels_do_not_matter(seed, sd):
    data = simulated(seed, sd)
    names = {f"g{i}": f"animal {9 - i}" for i in range(7)}
    renamed = data.assign(g=data["g"].map(names), f=data["f"].map({"a": "A 1", "b": "B: 2", "c": "[C]"}))
    one, other = fit("y ~ f + x + (1 | g)", data), fit("y ~ f + x + (1 | g)", renamed)
    assert other.deviance == pytest.approx(one.deviance, abs=1e-8)
    same_inference(one, other)
    blups = other.random_effects["g"].loc[[names[name] for name in one.random_effects["g"].index]]
    np.testing.assert_allclose(blups, one.random_effects["g"], atol=1e-5)


@few
@given(seeds, between_groups, both_methods)
def test_another_reference_level_leaves_the_same_comparison(seed, sd, method):
    data = simulated(seed, sd)
    releveled = data.assign(f=pd.Categorical(data["f"], ["b", "c", "a"]))
    one, other = fit("y ~ f * k + x + (1 | g)", data), fit("y ~ f * k + x + (1 | g)", releveled)
    assert other.deviance == pytest.approx(one.deviance, abs=1e-8)  # |X'X| does not change with the reference
    # c − b among k = v
    left = {"f[T.c]": 1, "f[T.b]": -1, "f[T.c]:k[T.v]": 1, "f[T.b]:k[T.v]": -1}
    right = {"f[T.c]": 1, "f[T.c]:k[T.v]": 1}
    same(one.contrast(left, method), other.contrast(right, method))


@few
@given(seeds, between_groups, both_methods)
def test_another_reference_level_leaves_the_anova(seed, sd, method):
    data = simulated(seed, sd)
    releveled = data.assign(f=pd.Categorical(data["f"], ["b", "c", "a"]), k=pd.Categorical(data["k"], ["v", "u"]))
    one, other = (fit("y ~ f * k + x + (1 | g)", d).anova(method) for d in (data, releveled))
    assert one.index.tolist() == other.index.tolist() == ["f", "k", "x", "f:k"]
    same(one, other, ["num_df", "statistic", "den_df"])


@few
@given(seeds, between_groups, st.sampled_from([-1.0, 1e-3, 40.0, 1e6]))
def test_the_unit_of_the_outcome_does_not_matter(seed, sd, unit):
    data = simulated(seed, sd)
    one, other = fit("y ~ f + x + (1 | g)", data), fit("y ~ f + x + (1 | g)", data.assign(y=unit * data["y"]))
    n, p = one.design.X.shape
    assert other.deviance - one.deviance == pytest.approx(2 * (n - p) * np.log(abs(unit)), abs=1e-7)
    np.testing.assert_allclose(
        other.variance_components["vcov"], unit**2 * one.variance_components["vcov"], rtol=1e-4, atol=1e-5 * unit**2
    )
    for method in METHODS:
        ours, theirs = one.coefficients(method), other.coefficients(method)
        np.testing.assert_allclose(theirs["estimate"], unit * ours["estimate"], atol=1e-5 * abs(unit))
        np.testing.assert_allclose(theirs["std_error"], abs(unit) * ours["std_error"], rtol=2e-5)
        np.testing.assert_allclose(theirs["statistic"], np.sign(unit) * ours["statistic"], rtol=2e-5, atol=2e-5)
        np.testing.assert_allclose(theirs["df"], ours["df"], rtol=2e-5)
        np.testing.assert_allclose(theirs["p_value"], ours["p_value"], rtol=1e-3)


@few
@given(seeds, st.sampled_from([0.0, 0.7]), st.sampled_from([1e-4, 25.0, -3.0]))
def test_the_unit_of_a_covariate_does_not_matter_even_with_random_slopes(seed, slope_sd, unit):
    data = simulated(seed, 1.0, slope_sd)
    one = fit("y ~ f + x + (1 + x | g)", data)
    other = fit("y ~ f + x + (1 + x | g)", data.assign(x=unit * data["x"]))
    assert other.deviance - one.deviance == pytest.approx(2 * np.log(abs(unit)), abs=1e-7)
    assert abs(one.fixed_effects["x"] - unit * other.fixed_effects["x"]) < 1e-5
    compared = METHODS if not one.is_singular else ["kenward-roger"]
    for method in compared:
        ours, theirs = one.coefficients(method), other.coefficients(method)
        rest = ["(Intercept)", "f[T.b]", "f[T.c]"]
        same(ours.loc[rest], theirs.loc[rest])
        assert theirs.loc["x", "statistic"] == pytest.approx(np.sign(unit) * ours.loc["x", "statistic"], rel=1e-4)
        assert theirs.loc["x", "df"] == pytest.approx(ours.loc["x", "df"], rel=1e-4)


@few
@given(seeds, between_groups, st.sampled_from([-1e5, 3.0, 1e7]))
def test_a_constant_added_to_the_outcome_moves_the_intercept_only(seed, sd, shift):
    data = simulated(seed, sd)
    one, other = fit("y ~ f + x + (1 | g)", data), fit("y ~ f + x + (1 | g)", data.assign(y=data["y"] + shift))
    assert other.deviance == pytest.approx(one.deviance, abs=1e-6)
    assert other.fixed_effects["(Intercept)"] - shift == pytest.approx(one.fixed_effects["(Intercept)"], abs=1e-5)
    for method in METHODS:
        ours, theirs = one.coefficients(method), other.coefficients(method)
        same(ours, theirs, ["std_error", "df"])
        same(ours.iloc[1:], theirs.iloc[1:])


@few
@given(seeds, st.sampled_from([0.0, 0.7]), st.sampled_from([-2.0, 10.0, 500.0]))
def test_the_origin_of_a_covariate_does_not_matter_to_its_slope(seed, slope_sd, shift):
    data = simulated(seed, 1.0, slope_sd)
    one = fit("y ~ f + x + (1 + x | g)", data)
    other = fit("y ~ f + x + (1 + x | g)", data.assign(x=data["x"] + shift))
    assert other.deviance == pytest.approx(one.deviance, abs=1e-7)
    rows = ["f[T.b]", "f[T.c]", "x"]
    same(one.coefficients("kenward-roger").loc[rows], other.coefficients("kenward-roger").loc[rows])
    same(one.coefficients().loc[rows], other.coefficients().loc[rows], ["estimate", "std_error", "statistic"])
    if not one.is_singular and not other.is_singular:  # at a boundary the coordinates count: lmerTest's are used
        same(one.coefficients().loc[rows], other.coefficients().loc[rows], ["df"])


@few
@given(seeds, between_groups, both_methods)
def test_cell_means_and_differences_are_the_same_model(seed, sd, method):
    data = simulated(seed, sd)
    means, differences = fit("y ~ 0 + f + x + (1 | g)", data), fit("y ~ f + x + (1 | g)", data)
    assert means.deviance == pytest.approx(differences.deviance, abs=1e-8)
    left = means.contrast({"f[b]": 1, "f[a]": -1}, method)
    same(left, differences.contrast({"f[T.b]": 1}, method))
    same(means.contrast({"f[c]": 1}, method), differences.contrast({"(Intercept)": 1, "f[T.c]": 1}, method))


@few
@given(seeds, between_groups, both_methods)
def test_every_cell_of_an_interaction_may_be_a_level_of_one_factor(seed, sd, method):
    data = simulated(seed, sd).assign(cell=lambda d: d["f"] + d["k"])
    one, other = fit("y ~ f * k + (1 | g)", data), fit("y ~ cell + (1 | g)", data)
    left = {"f[T.b]": 1, "f[T.b]:k[T.v]": 1}
    same(one.contrast(left, method), other.contrast({"cell[T.bv]": 1, "cell[T.av]": -1}, method))


@few
@given(seeds, between_groups)
def test_ways_of_writing_one_model(seed, sd):
    data = simulated(seed, sd, 0.3).assign(cage=lambda d: d["g"].str[-1].astype(int) % 3)
    for one, other in (
        ("(x || g)", "(1 | g) + (0 + x | g)"),
        ("(1 | cage / g)", "(1 | cage) + (1 | cage:g)"),
        ("(1 | g) + (1 | k)", "(1 | k) + (1 | g)"),
        ("(x | g)", "(1 + x | g)"),
    ):
        left, right = fit(f"y ~ f + x + {one}", data), fit(f"y ~ f + x + {other}", data)
        assert left.deviance == pytest.approx(right.deviance, abs=1e-7)
        same_inference(left, right)


# --- Known cases ----------------------------------------------------------------------------------------------------


def balanced(seed, groups=6, rows=4, sd=1.0):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(groups), rows)
    y = sd * rng.normal(size=groups)[g] + rng.normal(size=groups * rows)
    return pd.DataFrame(
        {"g": g, "within": np.tile(list("pqrs")[:rows], groups), "between": np.where(g % 2, "t", "c"), "y": y}
    )


@few
@given(seeds)
def test_a_balanced_one_way_model_gives_the_exact_test_of_a_treatment_of_groups(seed):
    data = balanced(seed)
    fitted = fit("y ~ between + (1 | g)", data)
    assume(not fitted.is_singular)
    means = data.groupby(["g", "between"])["y"].mean().reset_index()
    t, p = stats.ttest_ind(*(means.loc[means["between"] == level, "y"] for level in ("t", "c")))
    for method in METHODS:
        row = fitted.coefficients(method).loc["between[T.t]"]
        assert row["df"] == pytest.approx(4, rel=1e-5)
        assert [row["statistic"], row["p_value"]] == pytest.approx([t, p], rel=1e-4)
        test = fitted.anova(method).loc["between"]
        assert test.tolist() == pytest.approx([1, 4, t**2, p], rel=1e-4)


@few
@given(seeds)
def test_balanced_blocks_give_the_exact_analysis_of_variance(seed):
    data = balanced(seed)
    fitted = fit("y ~ within + (1 | g)", data)
    assume(not fitted.is_singular)
    table = data.pivot_table(index="g", columns="within", values="y").to_numpy()
    treatment, block = table.mean(0) - table.mean(), table.mean(1, keepdims=True) - table.mean()
    residual = table - table.mean() - treatment - block
    f = (6 * treatment @ treatment / 3) / ((residual**2).sum() / 15)
    for method in METHODS:
        test = fitted.anova(method).loc["within"]
        assert test[["num_df", "den_df", "statistic"]].tolist() == pytest.approx([3, 15, f], rel=1e-5)
        assert test["p_value"] == pytest.approx(stats.f.sf(f, 3, 15), rel=1e-4)


@few
@given(seeds)
def test_the_mean_of_a_balanced_one_way_model_has_the_degrees_of_freedom_of_its_groups(seed):
    data = balanced(seed)
    fitted = fit("y ~ 1 + (1 | g)", data)
    assume(not fitted.is_singular)
    means = data.groupby("g")["y"].mean()
    for method in METHODS:
        row = fitted.coefficients(method).iloc[0]
        assert row[["estimate", "std_error", "df"]].tolist() == pytest.approx([means.mean(), means.sem(), 5], rel=1e-5)


@few
@given(seeds, st.integers(3, 6))
@example(1, 3)
@example(5, 3)
def test_kenward_roger_gives_balanced_groups_their_degrees_of_freedom(seed, groups):
    """Three groups: the general formula divides zero by zero at 2 degrees of freedom."""
    data = balanced(seed, groups=groups, sd=2.0)
    fitted = fit("y ~ 1 + (1 | g)", data)
    row = fitted.coefficients("kenward-roger").iloc[0]
    joint = fitted.joint_test({"(Intercept)": 1}, "kenward-roger").iloc[0]
    assert row["df"] == pytest.approx(groups - 1, rel=1e-6)
    assert joint["den_df"] == pytest.approx(groups - 1, rel=1e-6)
    assert joint["statistic"] == pytest.approx(row["statistic"] ** 2, rel=1e-6)


@few
@given(seeds)
def test_kenward_roger_keeps_the_degrees_of_freedom_of_groups_at_zero_variance(seed):
    data = balanced(seed, sd=0.0)
    fitted = fit("y ~ 1 + (1 | g)", data)
    assert fitted.coefficients("kenward-roger")["df"].item() == pytest.approx(5, rel=1e-5)


@few
@given(seeds, st.integers(3, 12))
def test_a_paired_t_test_is_a_mixed_model(seed, pairs):
    data = balanced(seed, groups=pairs, rows=2)
    fitted = fit("y ~ within + (1 | g)", data)
    assume(not fitted.is_singular)
    found = stats.ttest_rel(*(data.loc[data["within"] == level, "y"] for level in "qp"))
    interval = found.confidence_interval()
    for method in METHODS:
        row = fitted.coefficients(method).loc["within[T.q]"]
        assert row[["statistic", "df", "p_value"]].tolist() == pytest.approx(
            [found.statistic, pairs - 1, found.pvalue], rel=1e-4
        )
        assert row[["conf_low", "conf_high"]].tolist() == pytest.approx([interval.low, interval.high], rel=1e-4)


@few
@given(seeds)
def test_at_zero_variance_satterthwaite_is_ordinary_least_squares(seed):
    data = simulated(seed, 0.0)
    fitted = fit("y ~ f + x + (1 | g)", data)
    assume(fitted.is_singular)
    assert not fitted.theta.any()
    x, y = fitted.design.X, fitted.design.y
    n, p = x.shape
    estimate, rss = np.linalg.lstsq(x, y, rcond=None)[:2]
    std_error = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * rss / (n - p))
    ours = fitted.coefficients()
    np.testing.assert_allclose(ours["df"], n - p, rtol=1e-6)
    np.testing.assert_allclose(ours["estimate"], estimate, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours["std_error"], std_error, rtol=1e-8)
    np.testing.assert_allclose(fitted.anova()["den_df"], n - p, rtol=1e-6)
    assert not fitted.random_effects["g"].to_numpy().any()


# --- One question, several ways to ask ------------------------------------------------------------------------------


@few
@given(seeds, between_groups, st.sampled_from([*METHODS, "normal"]), st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_weights_may_be_a_dict_a_series_or_an_array(seed, sd, method, weights):
    assume(np.abs(weights).max() > 0.1)
    fitted = fit("y ~ f + x + (1 | g)", simulated(seed, sd))
    named = dict(zip(fitted.fixed_effects.index, weights, strict=True))
    tables = [fitted.contrast(each, method) for each in (named, pd.Series(named), np.array(weights), [weights])]
    for table in tables[1:]:
        np.testing.assert_array_equal(table.to_numpy(), tables[0].to_numpy())
    rows = pd.DataFrame([named, named], index=["first", "second"])
    assert fitted.contrast(rows, method).index.tolist() == ["first", "second"]


@few
@given(seeds, between_groups, st.sampled_from([*METHODS, "normal"]))
def test_a_joint_test_of_one_contrast_is_its_t_test_squared(seed, sd, method):
    fitted = fit("y ~ f + x + (1 | g)", simulated(seed, sd))
    weights = {"f[T.c]": 1, "f[T.b]": -1}
    alone, joint = fitted.contrast(weights, method).iloc[0], fitted.joint_test(weights, method).iloc[0]
    assert joint["num_df"] == 1
    assert joint["statistic"] == pytest.approx(alone["statistic"] ** 2, rel=1e-8)
    assert joint["den_df"] == pytest.approx(alone["df"], rel=1e-8)
    assert joint["p_value"] == pytest.approx(alone["p_value"], rel=1e-6)


@few
@given(seeds, between_groups, st.sampled_from([*METHODS, "normal"]))
def test_anova_of_one_degree_of_freedom_is_the_t_test_squared(seed, sd, method):
    fitted = fit("y ~ k + x + (1 | g)", simulated(seed, sd))
    table, tests = fitted.coefficients(method), fitted.anova(method)
    for term, coefficient in (("k", "k[T.v]"), ("x", "x")):
        row = table.loc[coefficient]
        assert tests.loc[term].tolist() == pytest.approx(
            [1, row["df"], row["statistic"] ** 2, row["p_value"]], rel=1e-6
        )


@few
@given(seeds, between_groups, both_methods)
def test_a_joint_test_does_not_depend_on_how_its_hypothesis_is_written(seed, sd, method):
    fitted = fit("y ~ f + x + (1 | g)", simulated(seed, sd))
    one = fitted.joint_test("f", method).iloc[0]
    other = fitted.joint_test(np.array([[0, 2, 1, 0], [0, -1, 5, 0]]), method).iloc[0]
    assert one.tolist() == pytest.approx(other.tolist(), rel=1e-7)
    by_name = fitted.joint_test(["f[T.b]", "f[T.c]"], method).iloc[0]
    assert by_name.tolist() == one.tolist()


def test_the_pooled_df_of_random_slopes_have_the_mean_of_hotellings_t_squared():
    """Balanced, a slope per animal and level: F = T²/q is (m − 1)/(m − q) F(q, m − q), of mean (m − 1)/(m − 4).

    So for q = 2; F(2, ν) has the mean ν/(ν − 2), so ν = 2(m − 1)/3. lmerTest says m − 1, and 8% false positives at 5%.
    """
    rng = np.random.default_rng(5)
    m = 9
    animal, level = np.repeat(np.arange(m), 9), np.tile([0, 1, 2], 3 * m)
    y = rng.normal(size=(m, 3))[animal, level] * 2 + rng.normal(size=9 * m)
    data = pd.DataFrame({"y": y, "f": np.array(list("abc"))[level], "g": animal})
    fitted = fit("y ~ f + (1 + f | g)", data)
    assert not fitted.is_singular
    assert fitted.anova().loc["f", "den_df"] == pytest.approx(2 * (m - 1) / 3, rel=1e-6)
    assert lmertest_anova_df(fitted)["f"] == pytest.approx(m - 1, rel=1e-6)


@few
@given(seeds, between_groups)
def test_predictions_of_the_rows_used_are_those_of_the_same_rows_given_anew(seed, sd):
    data = simulated(seed, sd)
    fitted = fit("y ~ f * x + (1 + x | g)", data)
    for random in (False, True):
        np.testing.assert_allclose(fitted.predict(data, random=random), fitted.predict(random=random), atol=1e-10)
    residuals = fitted.design.y - fitted.predict(random=True)
    np.testing.assert_allclose(fitted.residuals(), residuals, atol=1e-10)


@few
@given(seeds, between_groups)
def test_z_tests_use_the_normal_distribution(seed, sd):
    fitted = fit("y ~ f + x + (1 | g)", simulated(seed, sd))
    table = fitted.coefficients("normal", conf_level=0.9)
    assert np.isinf(table["df"]).all()
    np.testing.assert_allclose(table["p_value"], 2 * stats.norm.sf(np.abs(table["statistic"])), rtol=1e-10)
    np.testing.assert_allclose(table["conf_high"] - table["estimate"], 1.6448536269514722 * table["std_error"])


@few
@given(seeds, between_groups)
def test_a_z_test_of_several_coefficients_is_walds_chi_squared(seed, sd):
    fitted = fit("y ~ f + x + (1 | g)", simulated(seed, sd))
    names = ["f[T.b]", "x"]
    estimate, covariance = fitted.fixed_effects[names], fitted.covariance.loc[names, names]
    wald = float(estimate @ np.linalg.solve(covariance, estimate))
    row = fitted.joint_test(names, ddf="normal").iloc[0]
    assert (row["statistic"], row["den_df"]) == (pytest.approx(wald / 2, rel=1e-8), np.inf)
    assert row["p_value"] == pytest.approx(stats.chi2.sf(wald, 2), rel=1e-8)
