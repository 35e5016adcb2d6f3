"""Laws of generalised mixed models: the gradient is that of the criterion, quadrature comes to the integral, …"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from helpers.contrasts import comparisons, integrated, predictions
from helpers.mixed import fit_mixed
from helpers.mixed.compare import compare
from helpers.mixed.generalized.laplace import Problem, laplace
from helpers.mixed.generalized.likelihoods import Binomial, Gamma, NegativeBinomial, Poisson
from helpers.mixed.generalized.many_outcomes import fit_many
from helpers.mixed.generalized.quadrature import quadrature
from helpers.mixed.generalized.random_blocks import RandomBlocks

few = settings(max_examples=6, deadline=None, derandomize=True)
FAMILIES = [
    ("poisson", "log"),
    ("poisson", "sqrt"),
    ("poisson", "identity"),
    ("negative_binomial", "log"),
    ("gamma", "log"),
    ("gamma", "inverse"),
    ("binomial", "logit"),
    ("binomial", "probit"),
    ("binomial", "cloglog"),
]


def likelihood_of(family, link, eta, rng):
    mu = np.exp(eta)
    if family == "binomial":
        return Binomial(rng.binomial(4, special.expit(eta)).astype(float), np.full(len(eta), 4.0), link)
    if family == "gamma":
        return Gamma(mu * rng.gamma(2, 0.5, len(eta)), link)
    return (Poisson if family == "poisson" else NegativeBinomial)(rng.poisson(mu).astype(float), link)


def terms(kind, x, rng):
    n, one = len(x), np.ones((len(x), 1))
    a, b = rng.permutation(np.arange(n) % 12), rng.permutation(np.arange(n) % 5)
    return {
        "intercept": [(one, a, 12)],
        "correlated": [(np.column_stack([one, x]), a, 12)],
        "separate": [(one, a, 12), (x[:, None], a, 12)],
        "crossed": [(np.column_stack([one, x]), a, 12), (one, b, 5)],
        "nested": [(one, a, 12), (np.column_stack([one, x]), a // 4, 3)],
    }[kind]


@given(
    seed=st.integers(0, 2**20),
    kind=st.sampled_from(["intercept", "correlated", "separate", "crossed", "nested"]),
)
@few
@pytest.mark.parametrize(("family", "link"), FAMILIES)
def test_the_gradient_is_that_of_the_criterion(family, link, seed, kind):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, 60)
    likelihood = likelihood_of(family, link, 1 + 0.3 * x, rng)
    blocks = RandomBlocks(terms(kind, x, rng))
    problem = Problem(likelihood, np.column_stack([np.ones(60), x]), np.zeros(60), blocks)
    small = 0.1 if link in ("identity", "sqrt", "inverse") else 0.5
    level = 3.0 if link == "identity" else 1.5
    at = np.concatenate([[level, 0.2], rng.uniform(0.1, small, problem.n_theta), [0.4] * likelihood.has_dispersion])

    def value(parameters):
        return laplace(problem, parameters, blocks.zeros()).value

    differences = [(value(at + step) - value(at - step)) / 2e-5 for step in 1e-5 * np.eye(len(at))]
    np.testing.assert_allclose(laplace(problem, at, blocks.zeros()).gradient, differences, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("family", "link"), [("poisson", "log"), ("negative_binomial", "log"), ("binomial", "probit")])
def test_quadrature_comes_to_the_integral_and_has_its_gradient(family, link):
    rng = np.random.default_rng(5)
    x, codes = rng.normal(size=20), np.repeat(np.arange(5), 4)
    likelihood = likelihood_of(family, link, 1 + 0.3 * x, rng)
    blocks = RandomBlocks([(np.ones((20, 1)), codes, 5)])
    problem = Problem(likelihood, np.column_stack([np.ones(20), x]), np.zeros(20), blocks)
    at = np.array([0.8, 0.2, 0.7] + [0.4] * likelihood.has_dispersion)
    fixed = problem.x @ at[:2]

    def of_level(level):
        def density(u):
            rows = likelihood.rows(fixed + at[2] * u, at[-1] if likelihood.has_dispersion else 0.0)
            return np.exp(rows.value[codes == level].sum() + 8) * stats.norm.pdf(u)

        return np.log(integrate.quad(density, -12, 12, epsabs=0, epsrel=1e-12, limit=400)[0]) - 8

    truth = sum(map(of_level, range(5)))
    found = quadrature(problem, at, blocks.zeros(), 40)
    assert found.value == pytest.approx(truth, abs=1e-9)
    assert quadrature(problem, at, blocks.zeros(), 1).value == pytest.approx(laplace(problem, at, blocks.zeros()).value)

    def value(parameters):
        return quadrature(problem, parameters, blocks.zeros(), 7).value

    differences = [(value(at + step) - value(at - step)) / 2e-5 for step in 1e-5 * np.eye(len(at))]
    np.testing.assert_allclose(quadrature(problem, at, blocks.zeros(), 7).gradient, differences, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    animal = np.repeat(np.arange(12), 6)
    x = rng.normal(size=72)
    drug = np.where(animal % 2 == 0, "a", "b")
    eta = 0.4 * x - 0.6 * (drug == "b") + rng.normal(0, 0.8, 12)[animal]
    return pd.DataFrame(
        {
            "animal": [f"m{i}" for i in animal],
            "x": x,
            "drug": drug,
            "dead": (rng.random(72) < special.expit(eta)).astype(int),
            "cells": rng.poisson(np.exp(1 + eta)),
            "time": rng.uniform(1, 3, 72),
        }
    )


def test_one_outcome_written_in_four_ways(table):
    written = [
        fit_mixed("dead ~ x + (1 | animal)", table, family="binomial"),
        fit_mixed("dead ~ x + (1 | animal)", table.assign(dead=table["dead"] == 1), family="binomial"),
        fit_mixed("cbind(dead, 1 - dead) ~ x + (1 | animal)", table, family="binomial"),
        fit_mixed("dead ~ x + (1 | animal)", table.assign(n=1), family="binomial", weights="n"),
    ]
    for other in written[1:]:
        np.testing.assert_allclose(other.fixed_effects, written[0].fixed_effects, rtol=1e-10)
        assert other.log_likelihood == pytest.approx(written[0].log_likelihood, abs=1e-10)


@pytest.mark.filterwarnings("ignore::helpers.mixed.SingularFitWarning")  # a correlation of one
def test_units_change_estimates_and_nothing_else(table):
    one = fit_mixed("cells ~ x + drug + (x | animal)", table, family="poisson", offset=np.log(table["time"]))
    thousand = table.assign(x=1000 * table["x"])
    two = fit_mixed("cells ~ x + drug + (x | animal)", thousand, family="poisson", offset=np.log(table["time"]))
    assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-8)
    np.testing.assert_allclose(two.coefficients()["p_value"], one.coefficients()["p_value"], rtol=1e-4)
    assert two.fixed_effects["x"] * 1000 == pytest.approx(one.fixed_effects["x"], rel=1e-5)
    # Exposure twice as long: the intercept is smaller by log 2.
    longer = fit_mixed("cells ~ x + drug + (x | animal)", table, family="poisson", offset=np.log(2 * table["time"]))
    shift = longer.fixed_effects - one.fixed_effects
    np.testing.assert_allclose(shift, [-np.log(2), 0, 0], atol=1e-6)


def test_counts_without_over_dispersion_are_poisson(table):
    rng = np.random.default_rng(2)
    even = table.assign(cells=rng.binomial(20, 0.5, 72))
    with pytest.warns(UserWarning, match="estimated as zero"):
        found = fit_mixed("cells ~ x + (1 | animal)", even, family="negative_binomial")
    with pytest.warns(UserWarning, match="estimated as zero"):
        plain = fit_mixed("cells ~ x + (1 | animal)", even, family="poisson")
    assert np.isinf(found.dispersion)
    assert "θ is infinite" in " ".join(found.notes)
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-9)
    assert found.aic == pytest.approx(plain.aic + 2)


def test_models_are_compared_and_changed(table):
    fit = fit_mixed("cells ~ x + drug + (1 | animal)", table, family="poisson")
    smaller = fit.update(". ~ . - drug")
    dropped, compared = fit.drop_one(), compare(smaller, fit)
    assert dropped.loc["drug", "statistic"] == pytest.approx(2 * (fit.log_likelihood - smaller.log_likelihood))
    assert compared["p_value"].iloc[1] == pytest.approx(dropped.loc["drug", "p_value"])
    wald = fit.joint_test("drug")["statistic"].iloc[0]
    assert wald == pytest.approx(fit.coefficients().loc["drug[T.b]", "statistic"] ** 2)
    assert fit.drop_one("F").loc["drug", "statistic"] == pytest.approx(wald)
    wider = fit_mixed("cells ~ x + drug + (1 | animal)", table, family="negative_binomial")
    assert compare(fit, wider)["df"].iloc[1] == 1


def test_predictions_agree_with_the_coefficients(table):
    fit = fit_mixed("dead ~ x + drug + (1 | animal)", table, family="binomial")
    rows = table.head(4)
    eta = fit.predict(rows, scale="link")
    np.testing.assert_allclose(fit.predict(rows), special.expit(eta))
    within = fit.predict(rows, random=True, scale="link") - eta
    np.testing.assert_allclose(within, fit.random_effects["animal"].loc[rows["animal"], "(Intercept)"])
    interval = fit.predict(rows, interval="confidence")
    assert (interval["conf_low"] < interval["estimate"]).all()
    assert (interval["estimate"] < interval["conf_high"]).all()
    means = predictions(fit, "drug", at={"x": 0.0}, scale="response")
    np.testing.assert_allclose(means["estimate"].iloc[0], special.expit(fit.fixed_effects["(Intercept)"]))
    assert "typical level" in means.note


def test_means_over_all_levels_and_their_errors(table):
    fit = fit_mixed("dead ~ x + drug + (1 | animal)", table, family="binomial")
    means = predictions(integrated(fit), "drug", at={"x": 0.0}, scale="response")

    def mean(parameters):
        def density(z):
            return special.expit(parameters[0] + parameters[3] * z) * stats.norm.pdf(z)

        return integrate.quad(density, -20, 20, epsabs=1e-13)[0]

    at, covariance = fit.solution.parameters, fit.solution.covariance
    gradient = np.array([(mean(at + step) - mean(at - step)) / 2e-5 for step in 1e-5 * np.eye(4)])
    assert means["estimate"].iloc[0] == pytest.approx(mean(at), abs=1e-11)
    assert means["std_error"].iloc[0] == pytest.approx(np.sqrt(gradient @ covariance @ gradient), rel=1e-6)
    assert "mean over all levels" in means.note
    logs = fit_mixed("cells ~ drug + (1 | animal)", table, family="poisson")
    over_all = predictions(integrated(logs), "drug", scale="response")["estimate"]
    typical = predictions(logs, "drug", scale="response")["estimate"]
    np.testing.assert_allclose(over_all / typical, np.exp(logs.theta[0] ** 2 / 2), rtol=1e-10)
    # On the scale of the link both are one.
    ours, same = comparisons(fit, "drug"), comparisons(integrated(fit), "drug")
    np.testing.assert_allclose(ours[["estimate", "std_error"]], same[["estimate", "std_error"]])


def test_known_variances_leave_their_uncertainty_out(table):
    fit = fit_mixed("dead ~ x + drug + (1 | animal)", table, family="binomial")
    known, estimated = (fit.coefficients(variances=each)["std_error"] for each in ("known", "estimated"))
    assert (known < estimated).all()


def test_many_outcomes_at_once_are_each_by_itself():
    rng = np.random.default_rng(3)
    codes, x = np.repeat(np.arange(8), 3), rng.normal(size=24)
    eta = rng.uniform(1, 5, (12, 1)) + 0.3 * x + rng.uniform(0.3, 1, (12, 1)) * rng.normal(size=(12, 8))[:, codes]
    y = rng.negative_binomial(3, 3 / (3 + np.exp(eta))).astype(float)
    y[0] = rng.binomial(40, 0.5, 24)  # varies less than Poisson's counts
    together = fit_many(y, np.column_stack([np.ones(24), x]), codes, np.zeros(24))
    assert together.reached.all()
    assert np.isinf(together.theta[0])
    table = pd.DataFrame({"x": x, "g": [f"g{code}" for code in codes]})
    for place in range(1, 12):
        fit = fit_mixed("y ~ x + (1 | g)", table.assign(y=y[place]), family="negative_binomial")
        assert together.log_likelihood[place] == pytest.approx(fit.log_likelihood, abs=1e-7)
        std_error = np.sqrt(np.diag(fit.covariance))
        np.testing.assert_allclose((together.beta[place] - fit.fixed_effects) / std_error, 0, atol=1e-4)
        np.testing.assert_allclose(np.sqrt(np.diag(together.covariance[place])), std_error, rtol=1e-3)
