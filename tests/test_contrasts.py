"""`helpers.contrasts`: laws that hold whatever the data, what is refused and in which words, and what a table says."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.contrasts import comparison_weights, comparisons, joint_tests, predictions, slopes
from helpers.hypotheses.simultaneous import max_t_p_value, pairwise_correlation, tukey_p_value
from helpers.mixed import fit_mixed
from helpers.refusals.errors import MissingColumnError


def table_of(seed=0, n=120):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "group": rng.choice(["a", "b", "c"], n),
            "day": rng.choice([0, 2, 5], n),
            "treated": rng.choice([True, False], n),
            "dose": rng.normal(3, 1, n),
            "animal": rng.integers(0, 8, n).astype(str),
            "library": rng.integers(500, 2000, n),
        }
    )
    shift = rng.normal(0, 1, 8)[data["animal"].astype(int)]
    data["y"] = 2 + (data["group"] == "b") * data["treated"] + 0.5 * data["dose"] + shift + rng.normal(0, 1, n)
    data["count"] = rng.poisson(data["library"] * np.exp(-5 + 0.3 * (data["group"] == "c")))
    return data


FORMULA = "y ~ group * treated + dose + (1 | animal)"


@pytest.fixture(scope="module")
def data():
    return table_of()


@pytest.fixture(scope="module")
def mixed(data):
    return fit_mixed(FORMULA, data)


@pytest.fixture(scope="module")
def linear(data):
    return smf.ols("y ~ group * treated + dose", data).fit()


@pytest.fixture(scope="module")
def poisson(data):
    return smf.poisson("count ~ group * treated + dose", data, offset=np.log(data["library"])).fit(disp=0)


# --- Laws -----------------------------------------------------------------------------------------------------------


def test_three_ways_to_one_contrast(mixed):
    ours = comparisons(mixed, "treated", by="group")
    by_hand = mixed.contrast({"treated[T.True]": 1, "group[T.b]:treated[T.True]": 1})
    row = ours.set_index("group").loc["b"]
    for column in ("estimate", "std_error", "df", "p_value", "conf_low"):
        assert row[column] == pytest.approx(by_hand[column].iloc[0], rel=1e-12)
    means = predictions(mixed, ["group", "treated"]).set_index(["group", "treated"])["estimate"]
    assert row["estimate"] == pytest.approx(means["b", True] - means["b", False], rel=1e-12)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["rows", "labels", "reference", "unit"]))
def test_no_conclusion_depends_on_how_the_table_is_written(seed, change):
    data, factor = table_of(1), 1.0
    before = comparisons(fit_mixed(FORMULA, data), {"group": "pairwise"}, by="treated", adjust="holm")
    rng = np.random.default_rng(seed)
    names = {"a": "a", "b": "b", "c": "c"}
    if change == "rows":
        data = data.sample(frac=1, random_state=seed)
    elif change == "labels":
        names = dict(zip("abc", rng.permutation(["term", "estimate", "x y"]), strict=True))
        data = data.assign(group=pd.Categorical(data["group"].map(names), list(names.values())))
    elif change == "reference":
        data = data.assign(group=pd.Categorical(data["group"], list(rng.permutation(list("abc")))))
    else:
        factor = 10.0 ** rng.integers(-3, 4)
        data = data.assign(y=data["y"] * factor)
    after = comparisons(fit_mixed(FORMULA, data), {"group": "pairwise"}, by="treated", adjust="holm")
    pairs = {frozenset(names[part] for part in row.split(" - ")): row for row in before["contrast"].unique()}
    for _, row in after.iterrows():
        same = before[
            (before["contrast"] == pairs[frozenset(row["contrast"].split(" - "))])
            & (before["treated"] == row["treated"])
        ].iloc[0]
        assert abs(row["estimate"]) == pytest.approx(abs(same["estimate"]) * factor, rel=1e-6)
        assert row["std_error"] == pytest.approx(same["std_error"] * factor, rel=1e-6)
        assert row["df"] == pytest.approx(same["df"], rel=1e-5)
        assert row["p_adjusted"] == pytest.approx(same["p_adjusted"], rel=1e-5)


def test_a_large_constant_in_the_outcome_changes_nothing(data, mixed):
    shifted = fit_mixed(FORMULA, data.assign(y=data["y"] + 1e6))
    for effects in (comparisons, slopes):
        variable = "treated" if effects is comparisons else "dose"
        a, b = effects(mixed, variable, by="group"), effects(shifted, variable, by="group")
        np.testing.assert_allclose(a["estimate"], b["estimate"], atol=1e-8)


def test_balanced_and_observed_grids_average_as_they_say(data, mixed):
    by_cell = comparisons(mixed, "treated", by="group").set_index("group")["estimate"]
    assert comparisons(mixed, "treated")["estimate"].iloc[0] == pytest.approx(by_cell.mean(), rel=1e-12)
    observed = comparisons(mixed, "treated", grid="observed")
    weights = data["group"].value_counts(normalize=True)
    assert observed["estimate"].iloc[0] == pytest.approx((by_cell * weights).sum(), rel=1e-12)
    assert "120 rows observed" in observed.note
    own = comparisons(mixed, "treated", grid=data[data["group"] == "b"])
    assert own["estimate"].iloc[0] == pytest.approx(by_cell["b"], rel=1e-12)
    assert "rows of the table given" in own.note
    assert "every level of 'group' weighs the same" in comparisons(mixed, "treated").note
    assert "dose at its mean, 2.8" in predictions(mixed, "group").note


def test_predictions_on_the_observed_rows_are_the_fit(data, mixed):
    ours = predictions(mixed, grid="observed")["estimate"].iloc[0]
    assert ours == pytest.approx(mixed.predict().mean(), rel=1e-12)


@pytest.mark.parametrize("grid", ["balanced", "observed"])
def test_a_model_without_predictors_has_one_mean(data, grid):
    fit = fit_mixed("y ~ 1 + (1 | animal)", data)
    row, intercept = predictions(fit, grid=grid).iloc[0], fit.coefficients().iloc[0]
    for column in ("estimate", "std_error", "df"):
        assert row[column] == pytest.approx(intercept[column], rel=1e-12)


def test_steps_of_a_number(mixed, data):
    slope = slopes(mixed, "dose")["estimate"].iloc[0]
    assert slope == pytest.approx(mixed.fixed_effects["dose"], rel=1e-9)
    steps = {"sd": data["dose"].std(), "2sd": 2 * data["dose"].std(), 2: 2.0, "minmax": np.ptp(data["dose"])}
    for how, size in steps.items():
        assert comparisons(mixed, {"dose": how})["estimate"].iloc[0] == pytest.approx(slope * size, rel=1e-9)
    between = comparisons(mixed, {"dose": [1, 4]})
    assert between["estimate"].iloc[0] == pytest.approx(3 * slope, rel=1e-9)
    assert between["contrast"].iloc[0] == "dose: 4 - 1"


def test_numbers_made_a_factor_by_the_formula(data):
    for fit in (fit_mixed("y ~ C(day) + (1 | animal)", data), smf.ols("y ~ C(day)", data).fit()):
        table = comparisons(fit, "day")
        assert table["contrast"].tolist() == ["2 - 0", "5 - 0"]
        assert predictions(fit, "day")["day"].tolist() == [0, 2, 5]


def test_a_curve_has_a_slope_at_each_place(data):
    fit = fit_mixed("y ~ dose + I(dose**2) + (1 | animal)", data)
    table = slopes(fit, "dose", at={"dose": [1, 4]})  # averaged over both places
    expected = fit.fixed_effects["dose"] + 2 * 2.5 * fit.fixed_effects["I(dose ** 2)"]
    assert table["estimate"].iloc[0] == pytest.approx(expected, rel=1e-6)


def test_scales(mixed):
    plain, ratio = (comparisons(mixed, "treated", by="group", transform=how) for how in (None, "exp"))
    np.testing.assert_allclose(ratio["estimate"], np.exp(plain["estimate"]))
    np.testing.assert_allclose(ratio["conf_low"], np.exp(plain["conf_low"]))
    np.testing.assert_allclose(ratio["std_error"], ratio["estimate"] * plain["std_error"])
    np.testing.assert_allclose(ratio["p_value"], plain["p_value"])
    assert ratio["contrast"].iloc[0] == "True / False"
    percent = comparisons(mixed, "treated", by="group", transform="percent", equivalence=(-50, 100))
    np.testing.assert_allclose(percent["estimate"], 100 * (ratio["estimate"] - 1))
    same = comparisons(mixed, "treated", by="group", equivalence=(np.log(0.5), np.log(2)))
    np.testing.assert_allclose(percent["p_value_equivalence"], same["p_value_equivalence"])
    log2 = comparisons(mixed, "treated", by="group", transform="log2")
    np.testing.assert_allclose(log2["estimate"] * np.log(2), plain["estimate"])
    assert comparisons(mixed, "treated", transform=np.exp).equals(comparisons(mixed, "treated", transform="exp"))


def test_p_values_do_not_underflow():
    data = table_of(2, 2000)
    fit = fit_mixed(FORMULA, data.assign(y=data["y"] + 0.8 * data["treated"]))
    table = comparisons(fit, "treated", by="group", adjust="mvt")
    assert 0 < table["p_value"].min() < 1e-100  # 1 - cdf has nothing left below 1e-16
    assert (table["p_adjusted"] >= table["p_value"]).all()


def test_without_a_random_part_every_method_gives_the_residual_df(linear):
    tables = [comparisons(linear, "treated", by="group", ddf=ddf) for ddf in (None, "satterthwaite", "kenward-roger")]
    for table in tables:
        np.testing.assert_array_equal(table["df"], linear.df_resid)
    assert np.isinf(comparisons(linear, "treated", ddf="normal")["df"]).all()


def test_linear_model_agrees_with_its_own_summary(linear):
    ours = slopes(linear, "dose").iloc[0]
    assert ours["estimate"] == pytest.approx(linear.params["dose"], rel=1e-9)
    assert ours["p_value"] == pytest.approx(linear.pvalues["dose"], rel=1e-6)
    np.testing.assert_allclose(ours[["conf_low", "conf_high"]].astype(float), linear.conf_int().loc["dose"], rtol=1e-6)
    robust = smf.ols("y ~ group * treated + dose", table_of()).fit(cov_type="HC3", use_t=True)
    assert slopes(robust, "dose")["std_error"].iloc[0] == pytest.approx(robust.bse["dose"], rel=1e-9)


def test_count_models_keep_their_offset(data, poisson):
    fitted = predictions(poisson, grid="observed", scale="response")["estimate"].iloc[0]
    assert fitted == pytest.approx(data["count"].mean(), rel=1e-6)  # marginaleffects alone: about a thousandth of it
    rates = predictions(poisson, "group", offset=0, scale="response")["estimate"]
    assert (rates < 0.02).all()
    glm = smf.glm("count ~ group * treated + dose", data, exposure=data["library"], family=sm.families.Poisson()).fit(
        tol=1e-12
    )
    a, b = (comparisons(fit, "treated", by="group", transform="exp") for fit in (poisson, glm))
    np.testing.assert_allclose(a["estimate"], b["estimate"], rtol=1e-5)
    rng = np.random.default_rng(3)
    scattered = data.assign(count=rng.poisson(data["count"] * rng.gamma(2, 0.5, len(data))))
    fit = smf.negativebinomial("count ~ group", scattered, offset=np.log(data["library"])).fit(disp=0, maxiter=200)
    table = comparisons(fit, "group")
    np.testing.assert_allclose(table["std_error"], fit.bse[["group[T.b]", "group[T.c]"]], rtol=1e-9)


def test_logit_predicts_probabilities(data):
    fit = smf.logit("high ~ group + dose", data.assign(high=(data["y"] > data["y"].median()).astype(int))).fit(disp=0)
    table = predictions(fit, "group", scale="response")
    assert table["estimate"].between(0, 1).all()
    odds = comparisons(fit, "group", transform="exp")
    assert odds["estimate"].iloc[0] == pytest.approx(np.exp(fit.params["group[T.b]"]), rel=1e-9)


def test_second_differences_are_differences(mixed):
    first = comparisons(mixed, "treated", by="group").set_index("group")["estimate"]
    second = comparisons(mixed, "treated", by="group", differences="pairwise").set_index("group")["estimate"]
    assert second.index.tolist() == ["b - a", "c - a", "c - b"]
    assert second["c - b"] == pytest.approx(first["c"] - first["b"], rel=1e-12)
    reference = comparisons(mixed, "treated", by="group", differences="reference", adjust="dunnett")
    assert reference["group"].tolist() == ["b - a", "c - a"]
    ratio = comparisons(mixed, "treated", by="group", differences="sequential", transform="exp")
    assert ratio["group"].tolist() == ["b / a", "c / b"]


def test_the_joint_test_of_the_differences_is_the_interaction(mixed, linear):
    for ddf in ("satterthwaite", "kenward-roger", "normal"):
        joint = joint_tests(mixed, "treated", by="group", differences="pairwise", ddf=ddf).iloc[0]
        anova = mixed.anova(ddf=ddf).loc["group:treated"]
        assert joint["statistic"] == pytest.approx(anova["statistic"], rel=1e-9)
        assert joint["p_value"] == pytest.approx(anova["p_value"], rel=1e-3)
    ours = joint_tests(linear, "treated", by="group", differences="pairwise").iloc[0]
    theirs = sm.stats.anova_lm(linear, typ=3).loc["group:treated"]
    assert ours["statistic"] == pytest.approx(theirs["F"], rel=1e-9)
    assert ours["p_value"] == pytest.approx(theirs["PR(>F)"], rel=1e-9)


@pytest.mark.parametrize("adjust", ["bonferroni", "sidak", "tukey", "dunnett", "mvt"])
def test_simultaneous_intervals_say_what_the_p_values_say(mixed, adjust):
    how = "reference" if adjust == "dunnett" else "pairwise"
    table = comparisons(mixed, {"group": how}, by="treated", adjust=adjust, conf_level=0.9)
    excludes_zero = (table["conf_low_adjusted"] > 0) | (table["conf_high_adjusted"] < 0)
    assert (excludes_zero == (table["p_adjusted"] < 0.1)).all()
    assert (table["p_adjusted"] >= table["p_value"] - 1e-12).all()
    assert (table["conf_low_adjusted"] <= table["conf_low"] + 1e-9).all()


def test_families(mixed):
    whole = comparisons(mixed, {"group": "pairwise"}, by="treated", adjust="bonferroni")
    cells = comparisons(mixed, {"group": "pairwise"}, by="treated", adjust="bonferroni", family="by")
    np.testing.assert_allclose(whole["p_adjusted"], np.minimum(6 * whole["p_value"], 1))
    np.testing.assert_allclose(cells["p_adjusted"], np.minimum(3 * cells["p_value"], 1))
    assert "over 6 tests" in whole.note
    assert "in each of 2 families of 3 tests" in cells.note
    assert "p_adjusted" not in comparisons(mixed, "group")


def test_tukey_far_out_in_the_tail_keeps_its_digits():
    p = tukey_p_value([15.0, 30.0], 4, [40.0, 40.0])
    bound = 6 * 2 * stats.t.sf([15.0, 30.0], 40)
    assert ((p > bound / 2) & (p <= bound)).all()
    near = tukey_p_value([2.5], 4, [40.0])
    assert max_t_p_value([2.5], pairwise_correlation(4), [40.0]) == pytest.approx(near, rel=2e-3)


def test_the_note_is_shown(mixed):
    table = comparisons(mixed, "treated", by="group")
    assert table.note in repr(table)
    assert "Satterthwaite" in table._repr_html_()
    assert table.round(3).note == table.note
    html = predictions(mixed, "group")._repr_html_()
    assert "<small>" in html


# --- What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: comparisons(m, "grop"), "no predictor 'grop'. Closest: 'group'"),
        (lambda m: predictions(m, "animal"), "no predictor 'animal'"),
        (lambda m: comparisons(m, "treated", at={"doze": 1}), "at: the model's fixed part has no predictor 'doze'"),
        (lambda m: slopes(m, "weight"), "no predictor 'weight'"),
    ],
)
def test_unknown_predictors(mixed, call, message):
    with pytest.raises(MissingColumnError, match=message.replace("(", r"\(")):
        call(mixed)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: comparisons(m, "treated", by="treated"), "'treated' cannot stand in variables and in by"),
        (lambda m: comparisons(m, ["group", "treated"]), "variables is one predictor"),
        (lambda m: comparisons(m, {"group": "all"}), "'group' is a factor: it moves by one of 'reference'"),
        (lambda m: comparisons(m, {"group": ["a", "z"]}), "'group' has no level 'z'; its levels: 'a', 'b', 'c'"),
        (lambda m: comparisons(m, {"dose": "pairwise"}), "'dose' is numeric: it moves by a step"),
        (lambda m: comparisons(m, {"dose": 0}), "'dose' is numeric: it moves by a step"),
        (lambda m: comparisons(m, "group", by="dose"), "by: 'dose' is numeric and has no levels. Say at which values"),
        (lambda m: predictions(m, ["group", "group"]), "by names a column twice"),
        (lambda m: predictions(m, at={"group": "z"}), "at: 'group' has no level 'z'"),
        (lambda m: predictions(m, at={"dose": "high"}), "at: 'dose' is numeric; found 'high'"),
        (lambda m: predictions(m, at={"dose": np.nan}), "at: 'dose' is numeric; found nan"),
        (lambda m: predictions(m, grid="mean"), "grid is one of 'balanced', 'proportional', 'observed', or a table"),
        (lambda m: predictions(m, grid=table_of().assign(group="z")), "grid holds 'z' in 'group'"),
        (lambda m: predictions(m, grid=table_of().assign(dose=np.nan)), "grid has missing values in 'dose'"),
        (lambda m: predictions(m, at={"dose": list(range(30_000))}), "The balanced grid has 180,000 rows"),
        (lambda m: predictions(m, scale="log"), "scale is 'link' or 'response'"),
        (lambda m: predictions(m, ddf="residual"), "A mixed model has no one residual df"),
        (lambda m: predictions(m, ddf="kr"), "ddf is one of 'satterthwaite'"),
        (lambda m: predictions(m, conf_level=95), "conf_level lies between 0 and 1"),
        (lambda m: comparisons(m, "group", adjust="fdr"), "adjust is None or one of 'holm'"),
        (lambda m: comparisons(m, "group", adjust="holm", family="all"), "family is 'table'"),
        (lambda m: comparisons(m, "group", family="by"), "say by which method, with adjust="),
        (lambda m: comparisons(m, "group", adjust="tukey"), "adjust='tukey' is for all pairwise differences"),
        (lambda m: comparisons(m, {"group": "pairwise"}, adjust="dunnett"), "adjust='dunnett' is for comparisons"),
        (
            lambda m: comparisons(m, {"group": "pairwise"}, by="treated", adjust="tukey", family="table"),
            "compares one set of means: use family='by'",
        ),
        (lambda m: comparisons(m, "group", transform="log"), "transform is None or one of 'exp'"),
        (lambda m: comparisons(m, "group", equivalence=0.1), "equivalence is a pair"),
        (lambda m: comparisons(m, "group", equivalence=(0.1, -0.1)), "is no interval on the scale of the table"),
        (lambda m: comparisons(m, "group", transform="exp", equivalence=(-0.1, 0.1)), "for ratios such as"),
        (lambda m: comparisons(m, "group", differences="pairwise"), "name them with by="),
        (lambda m: comparisons(m, "group", by="treated", differences="all"), "differences is one of 'reference'"),
        (lambda m: slopes(m, "group"), "'group' is a factor and has no slope"),
        (lambda m: slopes(m, "dose", by="dose"), "by: 'dose' is numeric and has no levels. Say at which values"),
    ],
)
def test_refusals(mixed, call, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)").replace("{", r"\{")):
        call(mixed)


def test_a_slope_of_a_logarithm_where_values_span_decades(data):
    doses = np.random.default_rng(4).choice([0.01, 0.1, 1.0, 10.0, 100.0, 1000.0], len(data))
    table = data.assign(dose=doses, y=np.log(doses) + data["y"])
    for fit in (fit_mixed("y ~ log(dose) + (1 | animal)", table), smf.ols("y ~ np.log(dose)", table).fit()):
        b = (fit.fixed_effects if hasattr(fit, "fixed_effects") else fit.params).iloc[1]
        for dose in (0.06, 0.1, 50):
            assert slopes(fit, "dose", at={"dose": dose})["estimate"].iloc[0] == pytest.approx(b / dose, rel=1e-4)


def test_names_that_the_work_uses_itself(data):
    fit = smf.ols("y ~ group * hi", data.rename(columns={"treated": "hi"})).fit()
    table = comparisons(fit, "group", by="hi")
    assert table["hi"].tolist() == [False, False, True, True]
    with pytest.raises(ValueError, match="'p_value' is also the name of a column of the result"):
        comparisons(
            smf.ols("y ~ group * p_value", data.rename(columns={"treated": "p_value"})).fit(), "group", "p_value"
        )


def test_a_level_may_be_named_like_a_column(data):
    with_reference = smf.ols("y ~ C(group, Treatment('b')) + b", data.assign(b=data["dose"])).fit()
    plain = smf.ols("y ~ group + b", data.assign(b=data["dose"])).fit()
    a, b = (predictions(fit).iloc[0] for fit in (with_reference, plain))
    assert a["estimate"] == pytest.approx(b["estimate"], rel=1e-9)


def test_clustered_errors_keep_their_own_df(data):
    codes = pd.factorize(data["animal"])[0]
    fit = smf.ols("y ~ group + dose", data).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    assert slopes(fit, "dose")["df"].iloc[0] == data["animal"].nunique() - 1
    assert slopes(fit, "dose")["p_value"].iloc[0] == pytest.approx(fit.pvalues["dose"], rel=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda d: predictions(smf.ols("y ~ group", pd.concat([d, d])).fit(), "group"),
            "Row labels of the table repeat",
        ),
        (lambda d: predictions(smf.ols("y ~ I(dose - dose.mean())", d).fit()), "changes with the rows"),
        (lambda d: predictions(smf.ols("y ~ np.log(dose + 9)", d).fit(), at={"dose": -10}), "gives no finite number"),
        (lambda d: slopes(smf.ols("y ~ 0 + k", d.assign(k=5.0)).fit(), "k"), "'k' has one value in the rows"),
        (
            lambda d: slopes(smf.ols("y ~ group + dose", d).fit(), "dose", "group", differences="pairwise"),
            "is zero whatever the data",
        ),
        (lambda d: predictions(smf.ols("y ~ dose", d).fit(), at={"dose": []}), "no value is given for 'dose'"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_models_and_questions_without_an_answer(data, make, message):
    with pytest.raises(ValueError, match=message):
        make(data)


def test_one_stands_for_true(mixed):
    for column in ("estimate", "df"):
        assert (predictions(mixed, at={"treated": 1})[column] == predictions(mixed, at={"treated": True})[column]).all()


def test_a_cell_alone_has_no_differences(mixed):
    with pytest.raises(ValueError, match="needs two cells of 'group' or more"):
        comparisons(mixed, "treated", by="group", at={"group": "a"}, differences="pairwise")


def test_models_that_cannot_be_read(data):
    with pytest.raises(ValueError, match=r"MixedLM gives z tests only: fit the model with helpers.mixed.fit_mixed"):
        comparisons(smf.mixedlm("y ~ dose", data, groups=data["animal"]).fit(), "dose")
    with pytest.raises(ValueError, match="was not fitted from a formula"):
        comparisons(sm.OLS(data["y"], sm.add_constant(data["dose"])).fit(), "dose")
    with pytest.raises(ValueError, match="The fit must come from fit_mixed"):
        comparisons("y ~ dose", "dose")


def test_z_tests_where_there_is_no_t(poisson):
    with pytest.raises(ValueError, match="This model's tests are z tests: ddf='satterthwaite' does not apply"):
        comparisons(poisson, "group", ddf="satterthwaite")


# --- Weights --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("variables", "by"), [("group", "treated"), ({"group": "pairwise"}, None), ("dose", "group")])
def test_weights_times_coefficients_are_the_comparisons(mixed, variables, by):
    labels, weights = comparison_weights(mixed, variables, by)
    table = comparisons(mixed, variables, by)
    np.testing.assert_allclose(weights.to_numpy() @ mixed.fixed_effects.to_numpy(), table["estimate"], rtol=1e-10)
    np.testing.assert_allclose(mixed.contrast(weights.to_numpy())["std_error"], table["std_error"], rtol=1e-10)
    pd.testing.assert_frame_equal(labels, pd.DataFrame(table[labels.columns]))
