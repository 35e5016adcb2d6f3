"""Residual variances by group and autocorrelation: nlme, n × n matrices, Welch's test, refusals."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.cells import collect_cells
from helpers.contrasts import comparisons, joint_tests, predictions
from helpers.mixed import fit_mixed
from helpers.mixed.bootstrap import bootstrap, simulate_outcomes
from helpers.mixed.compare import compare
from helpers.mixed.criterion import psi_derivatives, solve, theta_derivatives, traces
from helpers.mixed.profile import profile_intervals
from helpers.mixed.reml import NotConverged
from helpers.mixed.residuals import products_of
from helpers.planning.pilots import from_fit

FOLDER = Path(__file__).parent / "reference" / "residual"
MODELS = json.loads((FOLDER / "residual.json").read_text(encoding="utf-8"))["models"]


def named(m):
    return f"{m['table']}: {m['formula']}, {m['by']}, {m['series']}, {m['weights']}"


each_model = pytest.mark.parametrize("m", MODELS, ids=named)


def given(m):
    correlation = None if m["series"] is None else f"ar1({m['series']})"
    return {"variance_by": m["by"], "correlation": correlation, "weights": m["weights"]}


def fitted(m, reml=True):
    return _fitted(MODELS.index(m), reml)


@cache
def _fitted(place, reml):
    m = MODELS[place]
    data = pd.read_csv(FOLDER / f"{m['table']}.csv")
    return fit_mixed(m["formula"].replace("factor(", "C("), data, reml, **given(m))


# --- nlme ------------------------------------------------------------------------------------------------------------


@each_model
def test_likelihoods_equal_nlme(m):
    fit = fitted(m)
    assert fit.log_likelihood == pytest.approx(m["log_likelihood"], abs=1e-6)
    assert fitted(m, reml=False).log_likelihood == pytest.approx(m["ml_log_likelihood"], abs=1e-6)
    assert fit.aic == pytest.approx(m["aic"], abs=2e-6)
    assert fit.bic == pytest.approx(m["bic"], abs=2e-6)


@each_model
def test_coefficients_equal_nlme(m):
    fit = fitted(m)
    theirs = pd.DataFrame(m["coefficients"])
    ours = fit.coefficients()
    assert np.abs((ours["estimate"].to_numpy() - theirs["estimate"]) / theirs["std_error"]).max() < 1e-4
    assert ours["std_error"].to_numpy() == pytest.approx(theirs["std_error"].to_numpy(), rel=1e-3)
    scale = np.outer(theirs["std_error"], theirs["std_error"])
    assert np.abs(fit.covariance.to_numpy() - m["covariance"]).max() == pytest.approx(0, abs=1e-3 * scale.max())


@each_model
def test_predictions_and_residuals_equal_nlme(m):
    fit = fitted(m)
    assert fit.predict(random=True).head(6).to_numpy() == pytest.approx(m["fitted"], rel=1e-4)
    size = np.abs(m["residuals"]).max()
    assert fit.residuals().head(6).to_numpy() == pytest.approx(m["residuals"], abs=1e-4 * size)
    size = np.abs(m["pearson"]).max()
    assert fit.residuals(standardized=True).head(6).to_numpy() == pytest.approx(m["pearson"], abs=1e-4 * size)


@pytest.mark.parametrize("m", [m for m in MODELS if m["table"] in ("Orthodont", "Oats")], ids=named)
def test_random_effects_equal_nlme(m):
    fit = fitted(m)
    ours = fit.random_effects[fit.design.random[0].group].iloc[:5, 0].to_numpy()
    assert ours == pytest.approx(m["modes"], abs=1e-4 * np.abs(m["modes"]).max())


@each_model
def test_parameters_of_the_residuals_and_their_intervals_equal_nlme(m):
    table = fitted(m).residual_parameters().set_index("parameter")
    sd = table.loc[["sd"]]
    theirs = [ratio * m["sigma"] for ratio in (m["ratio_estimates"] or {None: 1.0}).values()]
    assert sd["estimate"].to_numpy() == pytest.approx(theirs, rel=1e-4)
    ends = ["conf_low", "estimate", "conf_high"]
    if m["by"]:
        assert sd["level"].astype(str).tolist() == list(m["ratio_estimates"])
        theirs = np.array([[row["low"], row["estimate"], row["high"]] for row in m["ratios"]])
        assert table.loc[["sd ratio"], ends].to_numpy() == pytest.approx(theirs, rel=3e-3)  # nlme's are numerical
    if m["series"]:
        (row,) = m["autocorrelation"]
        ours = table.loc["autocorrelation", ends].to_numpy(float)
        assert ours[1] == pytest.approx(m["phi"], abs=1e-5)
        assert ours == pytest.approx([row["low"], row["estimate"], row["high"]], abs=1e-3)


@each_model
def test_the_likelihood_ratio_against_plain_residuals_equals_nlme(m):
    data = pd.read_csv(FOLDER / f"{m['table']}.csv")
    plain = fit_mixed(m["formula"].replace("factor(", "C("), data, weights=m["weights"])
    found, theirs = compare(plain, fitted(m)).iloc[1], m["against_simple"]
    assert found["statistic"] == pytest.approx(theirs["statistic"], abs=1e-5)
    assert found["df"] == theirs["df"]
    assert found["p_value"] == pytest.approx(theirs["p"], rel=1e-4)
    assert "note" not in found


# --- n × n matrices --------------------------------------------------------------------------------------------------


def dense(fit, theta, log_sigma):
    """V, by its definition."""
    design, products = fit.design, fit.products
    rho = theta[products.n_theta :]
    n_ratios = 0 if design.variance_by is None else len(design.variance_by.levels) - 1
    sd = np.ones(fit.n_obs)
    if design.variance_by is not None:
        sd = np.exp(np.append(0.0, rho[:n_ratios]))[design.variance_by.codes]
    if design.weights is not None:
        sd = sd / np.sqrt(design.weights.numbers)
    v = np.diag(sd**2)
    if (series := design.correlation) is not None:
        gap = np.abs(series.times[:, None] - series.times)
        same = series.codes[:, None] == series.codes
        v = np.outer(sd, sd) * np.where(same, np.tanh(rho[-1]) ** gap, 0.0)
    start = 0
    for term, inner, back in zip(design.random, products.terms, products.to_original, strict=True):
        factor = np.zeros((inner.size, inner.size))
        for k, (a, b) in enumerate(inner.pairs, start):
            factor[a, b] = theta[k]
        start += len(inner.pairs)
        columns = term.columns @ back @ factor
        v = v + columns @ columns.T * (term.codes[:, None] == term.codes)
    return v * np.exp(2 * log_sigma)


def deviance(fit, x):
    """−2 log-likelihood at x = (θ, ρ, log σ), and the covariance of the estimates."""
    design, v = fit.design, dense(fit, x[:-1], x[-1])
    inverse = np.linalg.inv(v)
    covariance = np.linalg.inv(design.X.T @ inverse @ design.X)
    y = design.y if design.offset is None else design.y - design.offset.numbers
    residual = y - design.X @ covariance @ design.X.T @ inverse @ y
    n, p = design.X.shape
    value = np.linalg.slogdet(v)[1] + residual @ inverse @ residual + (n - p * fit.reml) * np.log(2 * np.pi)
    return value - fit.reml * np.linalg.slogdet(covariance)[1], covariance


def second_differences(f, x, h):
    steps = h * np.eye(len(x))
    return np.array(
        [[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2) for b in steps] for a in steps]
    )


def brute_df(fit, h=0.01):
    """Satterthwaite's df of each coefficient by differences of n × n matrices, two steps extrapolated."""
    x = np.append(fit.optimum.theta, 0.5 * np.log(fit.residual_variance))
    bends = [second_differences(lambda at: deviance(fit, at)[0], x, step) for step in (h, h / 2)]
    hessian = (4 * bends[1] - bends[0]) / 3
    moves = []
    for step in (h, h / 2):
        ends = [[np.diag(deviance(fit, x + s * step * e)[1]) for s in (1, -1)] for e in np.eye(len(x))]
        moves.append(np.array([(up - down) / (2 * step) for up, down in ends]))
    slopes = (4 * moves[1] - moves[0]) / 3
    uncertainty = np.einsum("mk,mn,nk->k", slopes, 2 * np.linalg.inv(hessian), slopes)
    return 2 * np.diag(fit.covariance) ** 2 / uncertainty


@each_model
@pytest.mark.parametrize("reml", [True, False])
def test_the_deviance_is_that_of_n_by_n_matrices(m, reml):
    fit = fitted(m, reml=reml)
    value, covariance = deviance(fit, np.append(fit.optimum.theta, 0.5 * np.log(fit.residual_variance)))
    assert fit.deviance == pytest.approx(value, abs=1e-6)
    assert fit.covariance.to_numpy() == pytest.approx(covariance, rel=1e-6)


BRUTE = [m for m in MODELS if m["table"] in ("Orthodont", "Oats", "BodyWeight")]


@pytest.mark.parametrize("m", BRUTE, ids=named)
def test_satterthwaite_equals_differences_of_n_by_n_matrices(m):
    fit = fitted(m)
    assert fit.coefficients()["df"].to_numpy() == pytest.approx(brute_df(fit), rel=1e-4)


def several_stages(seed=1):
    """Crossed factors with so many levels that they go stage by stage."""
    rng = np.random.default_rng(seed)
    series = np.repeat(np.arange(330), 3)
    a, b = series // 2, rng.integers(40, size=330)[series]
    times = np.tile([1, 2, 4], 330)
    f = rng.integers(3, size=len(a))
    y = rng.normal(size=165)[a] + rng.normal(size=40)[b] + rng.normal(size=len(a)) * np.array([1, 2, 0.7])[f]
    return pd.DataFrame({"y": y, "x": rng.normal(size=len(a)), "a": a, "b": b, "s": series, "t": times, "f": f})


@pytest.mark.parametrize(
    "arguments",
    [{"variance_by": "f"}, {"correlation": "ar1(t | s)"}, {"variance_by": "f", "correlation": "ar1(t | s)"}],
)
def test_several_stages_have_the_deviance_and_the_derivatives_of_n_by_n_matrices(arguments):
    fit = fit_mixed("y ~ x + (1 | a) + (1 | b)", several_stages(), **arguments)
    assert len(fit.products.stages) > 1
    x = np.append(fit.optimum.theta, 0.5 * np.log(fit.residual_variance))
    assert fit.deviance == pytest.approx(deviance(fit, x)[0], abs=1e-6)
    assert_derivatives(fit.products, reml=True)


def assert_derivatives(data, *, reml):
    """Gradient and Hessian away from the optimum against differences."""
    point = np.random.default_rng(2).uniform(0.2, 0.9, size=data.n_theta + data.n_extra)

    def exact(at):
        found = solve(data, at, reml=reml)
        return theta_derivatives(data, at, *psi_derivatives(found, traces(data, found)))

    def differences(f, h=1e-3):
        found = []
        for e in np.eye(len(point)):
            one, two = ((f(point + k * h * e) - f(point - k * h * e)) / (2 * k * h) for k in (1, 2))
            found.append((4 * one - two) / 3)
        return np.array(found)

    slope, bend = exact(point)
    assert differences(lambda at: solve(data, at, reml=reml).deviance) == pytest.approx(slope, rel=1e-6, abs=1e-5)
    assert differences(lambda at: exact(at)[0]) == pytest.approx(bend, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("m", MODELS[-2:] + MODELS[7:9], ids=named)
@pytest.mark.parametrize("reml", [True, False])
def test_derivatives_are_those_of_the_deviance_away_from_the_optimum_too(m, reml):
    assert_derivatives(fitted(m).products, reml=reml)


@pytest.mark.parametrize("phi", [-0.7, -0.1, 0.3, 0.95])
def test_cross_products_are_those_of_the_inverse_correlation(phi):
    data = table()
    fit = fit_mixed("y ~ x + (1 | g)", data, variance_by="f", correlation="ar1(t | g)")
    theta = np.array([0.5, 0.4, np.arctanh(phi)])
    q = np.linalg.solve(fit.products.r.T, fit.design.X.T).T
    inverse = np.linalg.inv(dense(fit, np.array([0.0, *theta[1:]]), 0.0))
    found = fit.products.at(theta)
    assert found.xx[:-1, :-1] == pytest.approx(q.T @ inverse @ q, abs=1e-9)
    assert found.log_det_known == pytest.approx(-np.linalg.slogdet(inverse)[1], abs=1e-9)


# --- Laws ------------------------------------------------------------------------------------------------------------


def table(seed=1, n_groups=16, size=6):
    """Groups in time, gaps among the times; two residual variances; an autocorrelation."""
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(n_groups), size)
    t = np.concatenate([np.sort(rng.choice(10, size, replace=False)) for _ in range(n_groups)])
    noise = rng.normal(size=len(g))
    for k in range(1, len(g)):
        if g[k] == g[k - 1]:
            r = 0.6 ** (t[k] - t[k - 1])
            noise[k] = r * noise[k - 1] + np.sqrt(1 - r**2) * noise[k]
    f = g % 2
    x = rng.normal(size=len(g))
    y = 10 + 0.5 * x + rng.normal(size=n_groups)[g] + noise * np.array([1.0, 2.0])[f]
    return pd.DataFrame({"y": y, "x": x, "g": [f"g{i}" for i in g], "f": np.array(["a", "b"])[f], "t": t})


def without_group_effects(n_a, n_b, seed):
    """Two treatments of unequal variance; groups of three rows whose means do not differ within a treatment."""
    rng = np.random.default_rng(seed)
    f = np.repeat(["a", "b"], [n_a, n_b])
    g = np.concatenate([np.arange(n_a) // 3, 100 + np.arange(n_b) // 3])
    data = pd.DataFrame({"f": f, "g": g, "y": np.where(f == "a", 1.0, 3.0) * rng.normal(size=n_a + n_b)})
    own = data["y"] - data.groupby("g")["y"].transform("mean")
    return data.assign(y=own + (f == "b"))


@pytest.mark.parametrize(("n_a", "n_b", "seed"), [(6, 9, 1), (12, 12, 2), (30, 6, 3)])
@pytest.mark.filterwarnings("ignore:Singular fit")
def test_two_groups_without_group_effects_are_welch(n_a, n_b, seed):
    data = without_group_effects(n_a, n_b, seed)
    fit = fit_mixed("y ~ f + (1 | g)", data, variance_by="f")
    assert fit.is_singular
    welch = stats.ttest_ind(*(data["y"][data["f"] == level] for level in "ba"), equal_var=False)
    row = fit.coefficients().loc["f[T.b]"]
    assert row["statistic"] == pytest.approx(welch.statistic, rel=1e-8)
    assert row["df"] == pytest.approx(welch.df, rel=1e-6)
    assert row["p_value"] == pytest.approx(welch.pvalue, rel=1e-6)
    assert fit.joint_test("f")["den_df"][0] == pytest.approx(welch.df, rel=1e-6)
    assert fit.anova()["p_value"]["f"] == pytest.approx(welch.pvalue, rel=1e-6)
    sd = fit.residual_parameters().query("parameter == 'sd'")["estimate"].to_numpy()
    assert sd == pytest.approx(data.groupby("f")["y"].std().to_numpy(), rel=1e-6)


def test_the_reference_level_does_not_matter():
    data = table()
    fit = fit_mixed("y ~ x + (1 | g)", data, variance_by="f", correlation="ar1(t | g)")
    other = fit_mixed(
        "y ~ x + (1 | g)",
        data.assign(f=pd.Categorical(data["f"], ["b", "a"])),
        variance_by="f",
        correlation="ar1(t | g)",
    )
    assert other.deviance == pytest.approx(fit.deviance, abs=1e-8)
    pd.testing.assert_frame_equal(other.coefficients(), fit.coefficients(), rtol=1e-6)
    first, second = (each.residual_parameters() for each in (fit, other))
    assert second["estimate"][2] == pytest.approx(1 / first["estimate"][2], rel=1e-6)
    assert sorted(second["conf_low"][:2]) == pytest.approx(sorted(first["conf_low"][:2]), rel=1e-5)


def test_neither_units_nor_the_order_of_rows_nor_the_start_of_time_matter():
    data = table()
    arguments = {"variance_by": "f", "correlation": "ar1(t | g)"}
    fit = fit_mixed("y ~ x + (1 | g)", data, **arguments)
    moved = data.sample(frac=1, random_state=1).assign(y=lambda d: 1000 * d["y"], t=lambda d: d["t"] + 2020)
    other = fit_mixed("y ~ x + (1 | g)", moved, **arguments)
    ours, theirs = fit.coefficients(), other.coefficients()
    assert theirs[["df", "statistic"]].to_numpy() == pytest.approx(ours[["df", "statistic"]].to_numpy(), rel=1e-6)
    ratio = [each.residual_parameters()["estimate"][2:].to_numpy() for each in (fit, other)]
    assert ratio[1] == pytest.approx(ratio[0], rel=1e-6)


def test_weights_and_an_offset_go_with_both():
    data = table().assign(w=np.tile([1.0, 4.0, 2.0], 32), o=np.tile([0.5, -1.0], 48))
    fit = fit_mixed("y ~ x + (1 | g)", data, variance_by="f", correlation="ar1(t | g)", weights="w", offset="o")
    value, _ = deviance(fit, np.append(fit.optimum.theta, 0.5 * np.log(fit.residual_variance)))
    assert fit.deviance == pytest.approx(value, abs=1e-7)
    assert fit.coefficients()["df"].to_numpy() == pytest.approx(brute_df(fit), rel=1e-4)
    deviations = np.sqrt(
        np.diag(dense(fit, np.array([0.0, *fit.optimum.theta[1:]]), 0.5 * np.log(fit.residual_variance)))
    )
    expected = fit.residuals().to_numpy() / deviations
    assert fit.residuals(standardized=True).to_numpy() == pytest.approx(expected)


def test_comparisons_and_means_are_contrasts_of_the_fit():
    fit = fit_mixed("y ~ x + f + (1 | g)", table(), variance_by="f")
    found = comparisons(fit, "f").iloc[0]
    row = fit.coefficients().loc["f[T.b]"]
    for name in ("estimate", "std_error", "df", "p_value"):
        assert found[name] == pytest.approx(row[name])
    assert joint_tests(fit, "f")["den_df"].iloc[0] == pytest.approx(row["df"])
    plain = fit_mixed("y ~ x + f + (1 | g)", table())
    assert np.ptp(predictions(fit, by="f")["std_error"]) > 2 * np.ptp(predictions(plain, by="f")["std_error"])


def test_a_representation_names_what_was_given():
    fit = fit_mixed("y ~ x + (1 | g)", table(), variance_by="f", correlation="ar1(t|g)")
    assert "y ~ x + (1 | g), variance_by='f', correlation='ar1(t | g)'\n" in repr(fit)


def test_a_singular_fit_is_not_sent_to_kenward_roger():
    with pytest.warns(UserWarning, match="leave the uncertainty of that term out; use a simpler random part"):
        fit_mixed("y ~ f + (1 | g)", without_group_effects(12, 12, 2), variance_by="f")


def test_variance_components_have_a_row_for_each_level():
    fit = fit_mixed("y ~ x + (1 | g)", table(), variance_by="f")
    rows = fit.variance_components.query("group == 'Residual'")
    assert rows["term_1"].tolist() == ["a", "b"]
    sd = fit.residual_parameters().query("parameter == 'sd'")["estimate"].to_numpy()
    assert rows["sdcor"].to_numpy() == pytest.approx(sd)
    assert fit.residual_variance == pytest.approx(sd[0] ** 2)


def test_plain_residuals_have_one_standard_deviation_and_nothing_else():
    fit = fit_mixed("y ~ x + (1 | g)", table())
    found = fit.residual_parameters()
    assert found["parameter"].tolist() == ["sd"]
    assert found["level"].tolist() == [None]
    assert found["estimate"][0] == pytest.approx(np.sqrt(fit.residual_variance))
    assert found["conf_low"][0] < found["estimate"][0] < found["conf_high"][0]


def test_simulated_outcomes_have_the_covariance_of_the_model():
    data = table(n_groups=4)
    fit = fit_mixed("y ~ 1 + (1 | g)", table(), variance_by="f", correlation="ar1(t | g)")
    draws = np.array(list(simulate_outcomes(fit, 4000, np.random.default_rng(1)))) - fit.predict().to_numpy()
    expected = dense(fit, fit.optimum.theta, 0.5 * np.log(fit.residual_variance))
    few = slice(0, len(data))
    assert np.abs(np.cov(draws[:, few].T) - expected[few, few]).max() < 0.12 * expected.max()


def test_the_bootstrap_fits_the_same_model_again():
    fit = fit_mixed("y ~ x + (1 | g)", table(), variance_by="f", correlation="ar1(t | g)")
    draws = bootstrap(
        fit, lambda each: each.residual_parameters()["estimate"][2:], 12, rng=np.random.default_rng(1), progress=False
    )
    ratio, phi = fit.residual_parameters()["estimate"][2:]
    assert draws.mean().to_numpy() == pytest.approx([ratio, phi], rel=0.3)


def test_rows_with_missing_times_or_levels_are_dropped():
    data = table()
    data["t"] = data["t"].astype(float)
    data.loc[5, "t"] = np.nan
    data.loc[9, "f"] = None
    with pytest.warns(UserWarning, match="dropped 2 of 96 rows with missing values: 1 in 'f', 1 in 't'"):
        fit = fit_mixed("y ~ x + (1 | g)", data, variance_by="f", correlation="ar1(t | g)")
    kept = fit_mixed("y ~ x + (1 | g)", table().drop(index=[5, 9]), variance_by="f", correlation="ar1(t | g)")
    pd.testing.assert_frame_equal(fit.coefficients(), kept.coefficients())


def test_series_may_be_told_apart_by_several_columns():
    data = table()
    data["side"] = np.tile(["l", "l", "l", "r", "r", "r"], 16)
    data["own"] = data["g"] + data["side"]
    one = fit_mixed("y ~ x + (1 | g)", data, correlation="ar1( t | g : side )")
    other = fit_mixed("y ~ x + (1 | g)", data, correlation="ar1(t | own)")
    assert one.deviance == pytest.approx(other.deviance, abs=1e-9)


def test_a_nested_comparison_of_residuals():
    data = table()
    plain, by, both = (
        fit_mixed("y ~ x + (1 | g)", data, **arguments)
        for arguments in ({}, {"variance_by": "f"}, {"variance_by": "f", "correlation": "ar1(t | g)"})
    )
    assert compare(plain, by)["df"][1] == 1
    assert compare(plain, both)["df"][1] == 2
    assert compare(by, both)["p_value"][1] < 0.01
    with pytest.raises(ValueError, match="The smaller model has variance_by= that the larger one has not"):
        compare(by, fit_mixed("y ~ x * f + (1 | g)", data))


# --- Refusals --------------------------------------------------------------------------------------------------------


def refused(match, data=None, formula="y ~ x + (1 | g)", error=ValueError, **arguments):
    with pytest.raises(error, match=match):
        fit_mixed(formula, table() if data is None else data, **arguments)


def test_kenward_roger_is_refused_with_the_reason():
    for arguments in ({"variance_by": "f"}, {"correlation": "ar1(t | g)"}):
        fit = fit_mixed("y ~ x + (1 | g)", table(), **arguments)
        with pytest.raises(ValueError, match="Kenward–Roger takes the covariance of the outcome to be linear"):
            fit.coefficients(ddf="kenward-roger")


def test_levels_that_carry_no_variance_are_refused():
    refused("variance_by: 'one' has one level, 'a', and so one variance", table().assign(one="a"), variance_by="one")
    few = table().assign(few=["a"] + ["b"] * 95)
    refused("variance_by: one row only has 'few' = 'a': no variance can be estimated", few, variance_by="few")
    refused("variance_by is the name of a column; found list", variance_by=["f"])
    refused("data has no column 'F'", error=KeyError, variance_by="F")


@pytest.mark.parametrize(
    "text", ["ar1(t)", "ar1 t | g", "arma(t | g)", "corAR1(form = ~ t | g)", "", "ar1(t | g | f)", 3]
)
def test_a_correlation_that_is_written_otherwise_is_refused(text):
    refused(r'correlation is written as in correlation="ar1\(day \| animal\)"', correlation=text)


def test_times_that_are_no_whole_numbers_are_refused():
    data = table()
    refused(
        r"ar1 takes whole numbers as times; found 0.5 in 't', row 0. Number",
        data.assign(t=data["t"].astype(float).where(data.index > 0, 0.5)),
        correlation="ar1(t | g)",
    )
    refused("the times in 'f' are labels", data, correlation="ar1(f | g)")


def test_times_that_repeat_or_have_no_neighbour_are_refused():
    data = table()
    refused("two rows of one 'f' have the same 't'", data, correlation="ar1(t | f)")
    refused(
        "every level of 'row' has one row, so no two rows follow",
        data.assign(row=range(96)),
        correlation="ar1(t | row)",
    )


def test_times_an_even_number_apart_do_not_tell_the_sign():
    refused(
        r"the times in 't' are even numbers apart \(2, 4",
        table().assign(t=lambda d: 2 * d["t"]),
        correlation="ar1(t | g)",
    )


def test_series_across_the_levels_of_a_random_term_are_refused():
    data = table().assign(day=lambda d: "d" + d["t"].astype(str))
    refused(
        "a series of 'g' runs through several levels of 'day'",
        data,
        "y ~ x + (1 | g) + (1 | day)",
        correlation="ar1(t | g)",
    )


def test_two_times_per_series_and_a_random_intercept_cannot_be_told_apart():
    data = table(size=2).assign(t=np.tile([1, 2], 16))
    refused(
        "The parameters of correlation cannot be told from the variances of the random part",
        data,
        correlation="ar1(t | g)",
    )


def test_a_level_that_the_model_fits_without_residual_is_refused():
    data = table().assign(k=lambda d: np.where(d["g"] == "g3", "own", "rest"))
    data.loc[data["g"] == "g3", "x"] = 1.0
    data.loc[data["g"] == "g3", "y"] = 4.0
    refused("The residual variance of a level of 'k' runs to zero", data, error=NotConverged, variance_by="k")


def test_residuals_that_are_a_random_intercept_are_refused():
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(30), 4)
    y = rng.normal(size=30)[g] + 1e-4 * rng.normal(size=120)
    data = pd.DataFrame({"y": y, "h": g // 3, "g": g, "t": np.tile([1, 2, 3, 4], 30)})
    refused("The autocorrelation runs to 1", data, "y ~ 1 + (1 | h)", error=NotConverged, correlation="ar1(t | g)")


def test_what_rests_on_plain_residuals_is_refused():
    by = fit_mixed("y ~ x + (1 | g)", table(), variance_by="f")
    series = fit_mixed("y ~ x + (1 | g)", table(), correlation="ar1(t | g)")
    for fit in (by, series):
        with pytest.raises(ValueError, match="Profile intervals are not offered with variance_by or correlation"):
            profile_intervals(fit)
        with pytest.raises(ValueError, match="statsmodels' mixed model knows no"):
            _ = fit.statsmodels
        with pytest.raises(ValueError, match="The pilot was fitted with"):
            from_fit(fit)
    with pytest.raises(
        ValueError, match="The intraclass correlation is a share of one total variance, and with variance_by"
    ):
        _ = by.icc
    with pytest.raises(ValueError, match="R² is a share of one total variance"):
        by.r_squared()
    with pytest.raises(ValueError, match="With an autocorrelation two rows of one group correlate by more the closer"):
        _ = series.icc


def test_cells_have_neither():
    refused("variance_by= and correlation= need the single rows", _cells(), variance_by="f", correlation="ar1(t | g)")


def _cells():
    return collect_cells("y ~ f + (1 | g)", table())


def test_products_without_structure_are_the_usual_ones():
    fit = fit_mixed("y ~ x + (1 | g)", table())
    assert type(products_of(fit.design)) is type(fit.products)
    assert fit.products.at(fit.optimum.theta) is fit.products
