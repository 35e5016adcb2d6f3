"""Residuals by simulation: uniform where the model is true, and what is planted is found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.mixed import fit_mixed
from helpers.mixed.generalized.drawn_outcomes import draw_outcomes
from helpers.mixed.simulated_residuals import ranks_among, simulated_residuals, uniform_distance
from helpers.plots import quantile_residual_plot


def table(rng, groups=30, rows=8, sd=1.0):
    """Rows of groups, with what both share in `eta`."""
    g = np.repeat(np.arange(groups), rows)
    x = rng.standard_normal(len(g))
    return pd.DataFrame({"g": [f"g{i}" for i in g], "x": x, "eta": 0.5 * x + sd * rng.standard_normal(groups)[g]})


def linear(rng, noise):
    data = table(rng)
    return fit_mixed("y ~ x + (1 | g)", data.assign(y=data["eta"] + noise(len(data))))


def p_values(fit, rng, n_simulations=250):
    return simulated_residuals(fit, n_simulations, rng=rng).tests["p_value"]


# --- Ranks ------------------------------------------------------------------------------------------------------------


def test_a_residual_is_the_share_of_outcomes_below():
    outcomes = np.array([[3.0, 1.0, 2.0, 5.0], [1.0, 1.0, 1.0, 1.0]])
    found = ranks_among(outcomes, np.random.default_rng(1))
    assert [int(4 * each) for each in found[0]] == [2, 0, 1, 3]
    assert sorted(int(4 * each) for each in found[1]) == [0, 1, 2, 3]  # ties at random


def test_residuals_of_counts_are_exactly_uniform_if_the_sets_can_be_exchanged():
    rng = np.random.default_rng(2)
    found = ranks_among(rng.poisson(0.4, (20_000, 5)), rng)
    assert stats.kstest(found[:, 0], "uniform").pvalue > 0.001
    assert np.bincount((5 * found[:, 0]).astype(int)).tolist() == pytest.approx([4_000] * 5, rel=0.06)


def test_the_distance_is_that_of_kolmogorov_and_smirnov():
    values = np.random.default_rng(3).random((40, 3)) ** 2
    theirs = [stats.kstest(column, "uniform").statistic for column in values.T]
    np.testing.assert_allclose(uniform_distance(values), theirs, rtol=1e-12)


def test_many_rows_are_ranked_in_parts_that_fit_together():
    outcomes = np.tile([0.3, 0.1, 0.2], (12_001, 1))
    found = ranks_among(outcomes, np.random.default_rng(4))
    assert ((3 * found).astype(int) == [2, 0, 1]).all()


# --- Linear models ----------------------------------------------------------------------------------------------------


def test_a_true_model_is_rarely_rejected():
    """In 5% or, as its parameters are estimated, less; of 30 data sets six or more would be one time in 300."""
    rng = np.random.default_rng(5)
    found = pd.DataFrame([p_values(linear(rng, rng.standard_normal), rng, 99) for _ in range(30)])
    assert (found < 0.05).sum().max() <= 5
    assert found["uniformity"].mean() > 0.4


def test_a_skewed_outcome_is_not_uniform():
    rng = np.random.default_rng(6)
    found = simulated_residuals(linear(rng, lambda n: 3 * rng.exponential(size=n) ** 2), rng=rng).tests
    assert found.loc["uniformity", "p_value"] < 0.01
    assert found.loc["uniformity", "says"].startswith("The outcomes do not look like what the model gives")
    assert list(found.index) == ["uniformity", "dispersion"]


def test_the_same_generator_gives_the_same_residuals_and_rows_keep_their_labels():
    rng = np.random.default_rng(7)
    data = table(rng).assign(y=lambda d: d["eta"] + rng.standard_normal(len(d)))
    data.index = [f"row {i}" for i in range(len(data))]
    fit = fit_mixed("y ~ x + (1 | g)", data)
    one, other = (simulated_residuals(fit, 50, rng=np.random.default_rng(8)) for _ in range(2))
    pd.testing.assert_series_equal(one.residuals, other.residuals)
    pd.testing.assert_frame_equal(one.tests, other.tests)
    assert list(one.residuals.index) == list(data.index)
    assert one.residuals.between(0, 1).all()
    assert one.n_simulations == 50


def test_too_few_simulations_are_refused():
    rng = np.random.default_rng(9)
    with pytest.raises(ValueError, match=r"n_simulations is at least 19 .* found 18"):
        simulated_residuals(linear(rng, rng.standard_normal), 18, rng=rng)


# --- Generalised models -----------------------------------------------------------------------------------------------


def counts(rng, draw, family="poisson"):
    """A fit to 240 counts around a mean of about five, drawn in a way of one's own."""
    data = table(rng, sd=0.5)
    return fit_mixed("y ~ x + (1 | g)", data.assign(y=draw(np.exp(1.5 + data["eta"]))), family=family)


@pytest.mark.parametrize("family", ["poisson", "negative_binomial"])
def test_a_true_model_of_counts_is_rarely_rejected(family):
    rng = np.random.default_rng(11)

    def draw(mean):
        return rng.poisson(mean if family == "poisson" else rng.gamma(2.0, mean / 2.0))

    found = pd.DataFrame([p_values(counts(rng, draw, family), rng, 99) for _ in range(15)])
    assert list(found) == ["uniformity", "dispersion", "zeros"]
    assert (found < 0.05).sum().max() <= 3  # four or more: one time in 180


def test_planted_overdispersion_is_found_and_the_negative_binomial_has_none_left():
    rng = np.random.default_rng(12)
    data = table(rng, sd=0.5)
    data["y"] = rng.poisson(rng.gamma(2.0, np.exp(1.5 + data["eta"]) / 2.0))
    found, mended = (
        simulated_residuals(fit_mixed("y ~ x + (1 | g)", data, family=family), rng=rng).tests
        for family in ("poisson", "negative_binomial")
    )
    assert found.loc["dispersion", "p_value"] < 0.01
    assert found.loc["dispersion", "observed"] > 1.5
    assert found.loc["dispersion", "says"].startswith("Their variance within levels of 'g' is more than the model says")
    assert mended.loc["dispersion", "p_value"] > 0.05


def test_planted_zeros_are_found():
    rng = np.random.default_rng(13)
    found = simulated_residuals(counts(rng, lambda mean: rng.poisson(mean) * (rng.random(len(mean)) > 0.2)), rng=rng)
    assert found.tests.loc["zeros", "p_value"] < 0.01
    assert found.tests.loc["zeros", "observed"] > 2 * found.tests.loc["zeros", "expected"]
    assert "more than what the model says" in found.tests.loc["zeros", "says"]


def test_single_zeros_and_ones_can_only_be_off_in_their_mean():
    rng = np.random.default_rng(14)
    data = table(rng)
    data["y"] = (rng.random(len(data)) < 1 / (1 + np.exp(-data["eta"]))).astype(int)
    found = simulated_residuals(fit_mixed("y ~ x + (1 | g)", data, family="binomial"), 99, rng=rng)
    assert list(found.tests.index) == ["uniformity"]
    assert found.predicted.between(0, 1).all()


def test_drawn_outcomes_have_the_variance_of_the_family_and_of_the_groups():
    """Poisson with a normal intercept: mean m = exp(a + s²/2), variance m + m²(exp(s²) − 1)."""
    rng = np.random.default_rng(15)
    data = table(rng, sd=0.6)
    fit = fit_mixed("y ~ 1 + (1 | g)", data.assign(y=rng.poisson(np.exp(1.5 + data["eta"]))), family="poisson")
    drawn = np.array(list(draw_outcomes(fit, 2_000, rng)))
    s2 = float(fit.variance_components["vcov"].iloc[0])
    mean = np.exp(fit.fixed_effects.iloc[0] + s2 / 2)
    assert drawn.mean() == pytest.approx(mean, rel=0.02)
    assert drawn.var() == pytest.approx(mean + mean**2 * np.expm1(s2), rel=0.05)


def test_a_mean_that_the_link_lets_fall_below_zero_is_refused():
    """The linear predictor of a model of logarithms, read as if it were the mean."""
    rng = np.random.default_rng(16)
    fit = replace(counts(rng, lambda mean: rng.poisson(mean / 5)), link="identity")
    with pytest.raises(
        ValueError, match=r"With link='identity' the fitted random effects take the mean of \d+ rows to -"
    ):
        simulated_residuals(fit, 99, rng=rng)


# --- The figure -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clean_figures")
def test_the_figure_shows_each_residual_and_says_what_the_tests_say():
    rng = np.random.default_rng(10)
    found = simulated_residuals(linear(rng, rng.standard_normal), rng=rng)
    left, right = quantile_residual_plot(found.residuals, found.predicted, found.envelope, found.tests["says"])
    shown = left.collections[-1].get_offsets()
    np.testing.assert_allclose(shown[:, 1], np.sort(found.residuals))
    np.testing.assert_allclose(shown[:, 0], found.envelope["expected"])
    assert [text.get_text() for text in left.figure.texts] == list(found.tests["says"])[::-1]
    medians = right.lines[-2].get_ydata()
    assert len(medians) == 10
    assert np.all((medians > 0.1) & (medians < 0.9))


@pytest.mark.usefixtures("clean_figures")
def test_the_figure_refuses_residuals_of_another_kind():
    with pytest.raises(ValueError, match=r"lie between 0 and 1; 1 do not, the first is -0\.4\. Take them from"):
        quantile_residual_plot(pd.Series([0.2, -0.4]), pd.Series([1.0, 2.0]))
