"""Known weights and offsets of a mixed model: R's lme4, lmerTest, pbkrtest and emmeans, laws, refusals."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.cells import collect_cells
from helpers.contrasts import comparisons, joint_tests, predictions, slopes
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.bootstrap import bootstrap, simulate_outcomes
from helpers.mixed.compare import compare
from helpers.mixed.profile import profile_intervals
from helpers.planning.pilots import from_fit

FOLDER = Path(__file__).parent / "reference" / "weights"
MODELS = json.loads((FOLDER / "weights.json").read_text(encoding="utf-8"))["models"]
each_model = pytest.mark.parametrize("m", MODELS, ids=lambda m: f"{m['formula']}, {m['weights']}, {m['offset']}")


def fitted(m, **arguments):
    given = {"weights": "w"} if m["weights"] else {}
    given |= {"offset": "known"} if m["offset"] else {}
    return fit_mixed(m["formula"], pd.read_csv(FOLDER / m["csv"]), **given, **arguments)


def columns(rows, *names):
    return np.array([[row[name] for name in names] for row in rows], dtype=float)


# --- R ---------------------------------------------------------------------------------------------------------------


@each_model
def test_likelihoods_equal_lme4(m):
    fit = fitted(m)
    assert fit.log_likelihood == pytest.approx(m["log_likelihood"], abs=1e-6)
    assert fitted(m, reml=False).log_likelihood == pytest.approx(m["ml_log_likelihood"], abs=1e-6)
    assert fit.aic == pytest.approx(m["aic"], abs=2e-6)
    assert fit.bic == pytest.approx(m["bic"], abs=2e-6)
    table = fit.variance_components
    sd = table[table["term_2"].isna()]["sdcor"]
    assert list(sd) == pytest.approx([row["sd"] for row in m["sd"]], rel=2e-5)


@each_model
@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_coefficients_equal_r(m, ddf):
    ours = fitted(m).coefficients(ddf=ddf)
    theirs = columns(m[ddf.replace("-", "_")], "estimate", "std_error", "df")
    assert np.abs((ours["estimate"] - theirs[:, 0]) / theirs[:, 1]).max() < 1e-4
    assert ours["std_error"].to_numpy() == pytest.approx(theirs[:, 1], rel=1e-4)
    assert ours["df"].to_numpy() == pytest.approx(theirs[:, 2], rel=1e-3)


@pytest.mark.parametrize("m", [m for m in MODELS if m["anova"]], ids=lambda m: f"{m['formula']}, {m['offset']}")
def test_tests_of_terms_equal_lmertest(m):
    theirs = columns(m["anova"], "num_df", "den_df", "statistic")
    ours = fitted(m).anova().loc[[row["term"] for row in m["anova"]], ["num_df", "den_df", "statistic"]]
    assert ours.to_numpy() == pytest.approx(theirs, rel=1e-3)


@each_model
def test_residuals_and_predictions_equal_lme4(m):
    fit = fitted(m)
    assert fit.residuals().head(6).to_numpy() == pytest.approx(m["residuals"], rel=1e-4)
    assert fit.residuals(standardized=True).head(6).to_numpy() == pytest.approx(m["pearson"], rel=1e-4)
    assert fit.predict(random=True).head(6).to_numpy() == pytest.approx(m["fitted"], rel=1e-5)
    assert fit.predict().head(6).to_numpy() == pytest.approx(m["population"], rel=1e-5)
    data = pd.read_csv(FOLDER / m["csv"])
    assert fit.predict(data.head(6), random=True).to_numpy() == pytest.approx(m["fitted"], rel=1e-5)
    assert fit.predict(data.head(6)).to_numpy() == pytest.approx(m["population"], rel=1e-5)


@each_model
def test_random_effects_equal_lme4(m):
    fit = fitted(m)
    group = fit.design.random[0].group
    modes, errors = (table[group].iloc[:5, 0] for table in (fit.random_effects, fit.random_effects_std_error))
    theirs = columns(m["modes"], "condval", "condsd")
    assert modes.to_numpy() == pytest.approx(theirs[:, 0], rel=1e-3, abs=1e-4 * theirs[:, 1].max())
    assert errors.to_numpy() == pytest.approx(theirs[:, 1], rel=1e-4)


@pytest.mark.parametrize("m", [m for m in MODELS if "by" in m], ids=lambda m: f"{m['weights']}, {m['offset']}")
def test_marginal_means_equal_emmeans(m):
    fit, by = fitted(m), m["by"]
    means = predictions(fit, by=by)
    assert list(means[by]) == [row["level"] for row in m["means"]]
    ours = means[["estimate", "std_error", "df", "conf_low", "conf_high"]].to_numpy()
    assert ours == pytest.approx(columns(m["means"], "emmean", "SE", "df", "lower.CL", "upper.CL"), rel=1e-3)
    pairs = comparisons(fit, by, ddf="satterthwaite")[["estimate", "std_error", "df"]].to_numpy()
    assert pairs == pytest.approx(columns(m["pairs"], "estimate", "SE", "df"), rel=1e-3)
    pairs = comparisons(fit, by, ddf="kenward-roger")[["estimate", "std_error", "df"]].to_numpy()
    assert pairs == pytest.approx(columns(m["pairs_kr"], "estimate", "std_error", "df"), rel=1e-3)


@pytest.mark.parametrize("m", [m for m in MODELS if "last_two" in m], ids=lambda m: f"{m['weights']}, {m['offset']}")
def test_a_joint_kenward_roger_test_equals_pbkrtest(m):
    fit = fitted(m)
    found = fit.joint_test(np.eye(len(fit.fixed_effects))[-2:], ddf="kenward-roger").iloc[0]
    for name, value in m["last_two"].items():
        assert found[name] == pytest.approx(value, rel=1e-3)


def test_pbkrtest_on_the_weighted_fit_itself_leaves_the_weights_out():
    m = MODELS[0]
    table = fitted(m).coefficients(ddf="kenward-roger")
    assert table.loc["Days", "df"] == pytest.approx(m["kenward_roger"][1]["df"], rel=1e-3)
    assert m["kenward_roger_of_weighted"][1]["df"] == pytest.approx(24.07, abs=0.01)  # of 18 subjects
    assert table.loc["Days", "df"] < 18


@pytest.mark.parametrize("m", [m for m in MODELS if "profile" in m], ids=lambda m: m["formula"])
def test_profile_intervals_equal_lme4(m):
    ours = profile_intervals(fitted(m))
    order = [row["name"] for row in m["profile"]]
    if len(order) == 4:  # lme4 has the correlation between the two standard deviations
        ours = ours.iloc[[0, 2, 1, 3]]
    theirs = columns(m["profile"], "low", "high")
    assert ours[["conf_low", "conf_high"]].to_numpy() == pytest.approx(theirs, rel=2e-3)


# --- Laws ------------------------------------------------------------------------------------------------------------


def table(seed=1, n_groups=12, size=5):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(n_groups), size)
    x = rng.normal(size=len(g))
    y = 10 + 0.5 * x + rng.normal(size=n_groups)[g] + rng.normal(size=n_groups)[g] * x + rng.normal(size=len(g))
    names = [f"g{i}" for i in g]
    return pd.DataFrame({"y": y, "x": x, "g": names, "w": rng.gamma(3, size=len(g)), "o": rng.normal(size=len(g))})


@pytest.mark.parametrize("formula", ["y ~ x + (1 | g)", "y ~ x + (1 + x | g)"])
@pytest.mark.parametrize("weight", [1e-6, 0.25, 1.0, 3e5])
def test_equal_weights_change_nothing_but_the_scale(formula, weight):
    data = table().assign(same=weight)
    plain, fit = fit_mixed(formula, data), fit_mixed(formula, data, weights="same")
    for ddf in ("satterthwaite", "kenward-roger"):
        pd.testing.assert_frame_equal(fit.coefficients(ddf=ddf), plain.coefficients(ddf=ddf), rtol=1e-6)
    assert fit.deviance == pytest.approx(plain.deviance, abs=1e-7)
    assert fit.residual_variance == pytest.approx(weight * plain.residual_variance, rel=1e-6)
    random, theirs = (each.variance_components["vcov"][:-1].to_numpy(float) for each in (fit, plain))
    assert random == pytest.approx(theirs, rel=1e-5)
    assert fit.residuals(standardized=True).to_numpy() == pytest.approx(
        plain.residuals(standardized=True).to_numpy(), abs=1e-6
    )


def test_a_mean_of_m_rows_with_weight_m_says_of_the_fixed_part_what_the_rows_say():
    data = table(n_groups=10, size=6)
    data["m"] = data.groupby("g").cumcount() // np.array([2, 3])[data["g"].astype("category").cat.codes % 2]
    data["x"] = data.groupby(["g", "m"])["x"].transform("first")
    means = data.groupby(["g", "m"], as_index=False).agg(y=("y", "mean"), x=("x", "first"), n=("y", "size"))
    rows, fit = fit_mixed("y ~ x + (1 | g)", data), fit_mixed("y ~ x + (1 | g)", means, weights="n")
    ratio = rows.variance_components["vcov"][0] / rows.residual_variance
    at_rows = fit_at(fit, ratio)
    assert at_rows == pytest.approx(rows.fixed_effects.to_numpy(), rel=1e-6)


def fit_at(fit, ratio):
    """Generalised least squares by n × n matrices, with the variances in a given ratio."""
    design = fit.design
    z = np.eye(len(design.random[0].levels))[design.random[0].codes]
    inverse = np.linalg.inv(np.diag(1 / design.weights.numbers) + ratio * z @ z.T)
    x = design.X
    return np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ design.y)


def test_estimates_are_those_of_generalised_least_squares_with_the_weights():
    fit = fit_mixed("y ~ x + (1 | g)", table(), weights="w")
    ratio = fit.variance_components["vcov"][0] / fit.residual_variance
    assert fit_at(fit, ratio) == pytest.approx(fit.fixed_effects.to_numpy(), rel=1e-8)


def test_an_offset_is_the_same_as_an_outcome_without_it():
    data = table()
    fit = fit_mixed("y ~ x + (1 | g)", data, offset="o")
    beyond = fit_mixed("y ~ x + (1 | g)", data.assign(y=data["y"] - data["o"]))
    pd.testing.assert_frame_equal(fit.coefficients(), beyond.coefficients())
    assert (fit.predict(random=True) - data["o"]).to_numpy() == pytest.approx(
        beyond.predict(random=True).to_numpy(), abs=1e-9
    )
    assert fit.residuals().to_numpy() == pytest.approx(beyond.residuals().to_numpy(), abs=1e-9)


def test_contrasts_do_not_see_an_offset_and_means_stand_at_its_mean_or_where_one_says():
    data = table().assign(f=np.tile(["a", "b"], 30))
    fit = fit_mixed("y ~ x + f + (1 | g)", data, offset="o")
    beyond = fit_mixed("y ~ x + f + (1 | g)", data.assign(y=data["y"] - data["o"]))
    for ask in (lambda fit: comparisons(fit, "f"), lambda fit: slopes(fit, "x"), lambda fit: joint_tests(fit, "f")):
        pd.testing.assert_frame_equal(pd.DataFrame(ask(fit)), pd.DataFrame(ask(beyond)))
    means = predictions(beyond, by="f")["estimate"].to_numpy()
    assert predictions(fit, by="f")["estimate"].to_numpy() == pytest.approx(means + data["o"].mean())
    assert predictions(fit, by="f", offset=2)["estimate"].to_numpy() == pytest.approx(means + 2)


def test_numbers_may_be_given_instead_of_a_column():
    data = table()
    fit = fit_mixed("y ~ x + (1 | g)", data, weights="w", offset="o")
    for kind in (np.asarray, list, lambda column: column):
        other = fit_mixed("y ~ x + (1 | g)", data, weights=kind(data["w"]), offset=kind(data["o"]))
        pd.testing.assert_frame_equal(other.coefficients(), fit.coefficients())


def test_rows_that_are_dropped_take_their_weights_with_them():
    data = table()
    data.loc[[3, 17], "y"] = np.nan
    data.loc[3, "w"] = np.nan
    with pytest.warns(UserWarning, match="dropped 2 of 60 rows"):
        fit = fit_mixed("y ~ x + (1 | g)", data, weights="w", offset=data["o"].to_numpy())
    kept = fit_mixed("y ~ x + (1 | g)", data.drop(index=[3, 17]), weights="w", offset="o")
    pd.testing.assert_frame_equal(fit.coefficients(), kept.coefficients())


def test_a_representation_names_what_was_given():
    fit = fit_mixed("y ~ x + (1 | g)", table(), weights="w", offset="o")
    assert "y ~ x + (1 | g), weights='w', offset='o'\n" in repr(fit)
    fit = fit_mixed("y ~ x + (1 | g)", table(), weights=table()["w"])
    assert "y ~ x + (1 | g), weights='numbers given'\n" in repr(fit)


def test_simulated_outcomes_have_the_variances_that_weights_say():
    data = table().assign(w=np.tile([1.0, 100.0, 1.0, 100.0, 1.0], 12))
    fit = fit_mixed("y ~ x + (1 | g)", data, weights="w", offset="o")
    draws = np.array(list(simulate_outcomes(fit, 2000, np.random.default_rng(1)))) - fit.predict().to_numpy()
    expected = fit.variance_components["vcov"][0] + fit.residual_variance / data["w"]
    assert draws.var(axis=0) == pytest.approx(expected.to_numpy(), rel=0.2)


def test_the_bootstrap_keeps_weights_and_offset():
    fit = fit_mixed("y ~ x + (1 | g)", table(), weights="w", offset="o")
    draws = bootstrap(fit, lambda each: each.fixed_effects, 200, rng=np.random.default_rng(1), progress=False)
    error = fit.coefficients()["std_error"]
    assert (draws.mean() - fit.fixed_effects).abs().max() < 4 * error.max() / np.sqrt(200)
    assert draws.std()["x"] == pytest.approx(error["x"], rel=0.25)


def test_models_with_the_same_weights_compare():
    data = table()
    arguments = {"weights": "w", "offset": "o"}
    smaller, larger = (fit_mixed(f"y ~ {x} + (1 | g)", data, **arguments) for x in ("1", "x"))
    found = compare(smaller, larger)
    by_hand = [fit_mixed(f"y ~ {x} + (1 | g)", data, reml=False, **arguments).deviance for x in ("1", "x")]
    assert found["statistic"][1] == pytest.approx(by_hand[0] - by_hand[1])


# --- Refusals --------------------------------------------------------------------------------------------------------


def refused(match, data=None, formula="y ~ x + (1 | g)", **given):
    with pytest.raises(ValueError, match=match):
        fit_mixed(formula, table() if data is None else data, **given)


@pytest.mark.parametrize("value", [0.0, -1.5])
def test_weights_that_are_not_above_zero_are_refused(value):
    data = table()
    data.loc[4, "w"] = value
    refused(rf"weights: found {value} in row 4. The residual variance of a row is σ²/weight", data, weights="w")


def test_a_missing_weight_and_a_missing_offset_are_refused():
    data = table()
    data.loc[[4, 6], ["w", "o"]] = np.nan
    refused("weights: missing in rows 4, 6. Give a number there, or leave the rows out", data, weights="w")
    refused("offset: missing in rows 4, 6", data, offset="o")


def test_numbers_that_are_none_or_not_finite_are_refused():
    data = table()
    refused(r"weights: the values are no numbers \('g0', 'g1', 'g2' and 9 more\)", data, weights="g")
    refused("weights: the values are no numbers", data.assign(w=data["w"] > 1), weights="w")
    data.loc[4, ["w", "o"]] = np.inf
    refused(r"weights: not finite in row 4 \(inf\)", data, weights="w")
    refused(r"offset: not finite in row 4 \(inf\)", data, offset="o")


def test_weights_too_different_for_the_arithmetic_are_refused():
    data = table()
    data["w"] = np.where(data.index == 3, 1e-12, 1.0)
    refused(
        "weights: they run from 1e-12 to 1. Next to the largest, rows with the smallest say nothing", data, weights="w"
    )


def test_weights_of_the_wrong_length_or_with_other_labels_are_refused():
    data = table()
    refused(
        "weights is the name of a column, or one number per row of the table, 60; found 3 numbers",
        data,
        weights=[1, 2, 3],
    )
    refused("offset is the name of a column, or one number per row of the table, 60; found int", data, offset=3)
    refused("weights: the rows of the Series are labelled otherwise", data, weights=data["w"].set_axis(range(5, 65)))
    with pytest.raises(KeyError, match="has no column 'W'"):
        fit_mixed("y ~ x + (1 | g)", data, weights="W")


def test_cells_have_no_weights():
    cells = collect_cells("y ~ x + (1 | g)", table().assign(x=np.tile([0.0, 1.0], 30)))
    refused(
        r"weights= and offset= need the single rows, and a table too large for memory", cells, weights="w", offset="o"
    )


def test_statsmodels_knows_neither():
    for given, named in (({"weights": "w"}, "weights"), ({"weights": "w", "offset": "o"}, "weights and no offset")):
        fit = fit_mixed("y ~ x + (1 | g)", table(), **given)
        with pytest.raises(
            ValueError, match=f"statsmodels' mixed model knows no {named}: this fit cannot be handed on"
        ):
            _ = fit.statsmodels


def test_shares_of_one_total_variance_are_refused():
    fit = fit_mixed("y ~ x + (1 | g)", table(), weights="w")
    with pytest.raises(ValueError, match="The intraclass correlation is a share of one total variance"):
        _ = fit.icc
    with pytest.raises(ValueError, match="R² is a share of one total variance"):
        fit.r_squared()
    with pytest.raises(ValueError, match="R² of a model with an offset is not defined"):
        fit_mixed("y ~ x + (1 | g)", table(), offset="o").r_squared()


def test_other_rows_need_the_column_of_the_offset():
    data = table()
    fit = fit_mixed("y ~ x + (1 | g)", data, offset="o")
    with pytest.raises(KeyError, match="newdata has no column 'o'"):
        fit.predict(data[["x", "g"]])
    with pytest.raises(ValueError, match="offset: missing in row 0"):
        fit.predict(data.assign(o=np.nan).head(1))
    fit = fit_mixed("y ~ x + (1 | g)", data, offset=data["o"])
    with pytest.raises(ValueError, match="The offset was given as numbers, not as a column: other rows have none"):
        fit.predict(data)


def test_an_offset_that_is_also_a_predictor_has_no_marginal_means():
    fit = fit_mixed("y ~ x + (1 | g)", table(), offset="x")
    with pytest.raises(ValueError, match="The offset 'x' is also a predictor"):
        comparisons(fit, "x")


def test_models_with_other_weights_or_offsets_do_not_compare():
    data = table()
    smaller = fit_mixed("y ~ 1 + (1 | g)", data)
    with pytest.raises(ValueError, match="The models have different weights, so neither is part of the other"):
        compare(smaller, fit_mixed("y ~ x + (1 | g)", data, weights="w"))
    with pytest.raises(ValueError, match="The models have different offset, so neither is part of the other"):
        compare(fit_mixed("y ~ 1 + (1 | g)", data, offset="o"), fit_mixed("y ~ x + (1 | g)", data))


def test_a_weighted_pilot_is_refused():
    with pytest.raises(ValueError, match="The pilot was fitted with weights=, and the study that is planned"):
        from_fit(fit_mixed("y ~ x + (1 | g)", table(), weights="w"))


def test_a_weighted_fit_without_differences_between_groups_warns_as_any():
    data = table().assign(y=lambda d: d["y"] - d.groupby("g")["y"].transform("mean"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SingularFitWarning):
            fit_mixed("y ~ x + (1 | g)", data, weights="w")
