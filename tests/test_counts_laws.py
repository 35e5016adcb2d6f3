"""Laws that `helpers.counts` and `helpers.moderation.trend` obey whatever the data, and known cases."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers import counts as methods
from helpers.counts import dispersion, glm, joint, normalise
from helpers.counts.replicate_noise import dominated
from helpers.counts.results_table import adjusted
from helpers.mixed import fit_mixed
from helpers.moderation.trend import natural_spline, squeeze_to_trend
from helpers.simulate import simulate_repeated_counts

few = settings(deadline=None, max_examples=5, derandomize=True)
seeds = st.integers(0, 10_000)
NUMBERS = ["estimate", "statistic", "p_value", "log2_fold_change"]
TESTS = [methods.quasi_likelihood, methods.likelihood_ratio, methods.voom, methods.fit_negative_binomial]


def simulated(seed, n_genes=25, n=9):
    """Counts with one strong effect, a covariate and a factor."""
    rng = np.random.default_rng(seed)
    design = pd.DataFrame(
        {"x": rng.normal(20, 3, n), "group": np.array(["a", "b", "c"])[np.arange(n) % 3]},
        index=[f"s{i}" for i in range(n)],
    )
    mean = np.exp(rng.normal(5, 1, (n_genes, 1)) + 0.1 * (design["x"].to_numpy() - 20))
    size = 1 / rng.uniform(0.05, 0.3, (n_genes, 1))
    counts = rng.negative_binomial(size, size / (size + mean * rng.uniform(0.5, 2, n)))
    return pd.DataFrame(counts, [f"g{i}" for i in range(n_genes)], design.index), design


def same(one, other, columns=NUMBERS, rtol=1e-5):
    for column in columns:
        np.testing.assert_allclose(one[column], other[column], rtol=rtol, atol=1e-7, err_msg=column)


# --- What must not matter -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("test", TESTS)
@given(seed=seeds)
@few
def test_order_of_samples_and_genes_does_not_matter(test, seed):
    counts, design = simulated(seed)
    rng = np.random.default_rng(seed)
    mixed = counts.iloc[rng.permutation(len(counts)), rng.permutation(counts.shape[1])]
    one = test(counts, design, "~ x + group").set_index(["gene", "term"])
    same(one, test(mixed, design, "~ x + group").set_index(["gene", "term"]).loc[one.index])


@pytest.mark.parametrize("test", TESTS)
@given(seed=seeds, unit=st.sampled_from([1e-3, 1e4]))
@few
def test_unit_of_a_covariate_only_rescales_its_estimate(test, seed, unit):
    counts, design = simulated(seed)
    one, other = test(counts, design, "~ x"), test(counts, design.assign(x=design["x"] * unit), "~ x")
    same(one.assign(estimate=one["estimate"] / unit), other, NUMBERS[:3])


@pytest.mark.parametrize("test", TESTS)
@given(seed=seeds)
@few
def test_sum_of_coefficients_is_the_coefficient_of_another_coding(test, seed):
    counts, design = simulated(seed)
    label = {"b - c": {"group[T.b]": 1, "group[T.c]": -1}}
    releveled = design.assign(group=pd.Categorical(design["group"], ["c", "a", "b"]))
    same(
        test(counts, design, "~ x + group", terms=label),
        test(counts, releveled, "~ x + group", terms="group[T.b]"),
    )


@given(seed=seeds)
@few
def test_deeper_sequencing_of_one_sample_is_taken_out_by_size_factors(seed):
    counts, _ = simulated(seed)
    deeper = counts.assign(s0=counts["s0"] * 3)
    ratio = methods.size_factors(deeper) / methods.size_factors(counts)
    np.testing.assert_allclose(ratio["s0"] / ratio["s1"], 3, rtol=1e-9)
    np.testing.assert_allclose(methods.tmm_factors(counts).prod(), 1)


def test_equal_libraries_have_factors_of_one():
    column = np.arange(1, 50)
    counts = pd.DataFrame({"a": column, "b": column, "c": column})
    np.testing.assert_allclose(methods.size_factors(counts), 1)
    np.testing.assert_allclose(methods.tmm_factors(counts), 1)
    np.testing.assert_allclose(methods.size_factors(counts, method="tmm"), 1)


def test_two_samples_without_a_common_gene_have_factors_of_one():
    counts = np.array([[5.0, 0], [7, 0], [0, 3], [0, 9]])
    np.testing.assert_allclose(normalise.trimmed_mean_factors(counts), 1)


# --- Against another route ------------------------------------------------------------------------------------------


@given(seed=seeds, alpha=st.sampled_from([0.0, 0.02, 0.5]))
@few
def test_regressions_equal_statsmodels(seed, alpha):
    counts, design = simulated(seed, n_genes=3)
    X = np.column_stack([np.ones(len(design)), design["x"]])
    offset = np.linspace(-0.5, 0.5, len(design))
    fits = glm.fit(counts.to_numpy(float), X, offset, alpha)
    family = sm.families.NegativeBinomial(alpha=alpha) if alpha else sm.families.Poisson()
    for y, beta, mean in zip(counts.to_numpy(float), fits.beta, fits.mean, strict=True):
        theirs = sm.GLM(y, X, family, offset=offset).fit(tol=1e-12)
        np.testing.assert_allclose(beta, theirs.params, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(glm.deviance(y[None], mean[None], alpha), theirs.deviance, rtol=1e-7)
        np.testing.assert_allclose(glm.log_likelihood(y[None], mean[None], alpha), theirs.llf, rtol=1e-9)


def test_dispersion_towards_zero_is_poisson():
    counts, design = simulated(3, n_genes=5)
    y, X = counts.to_numpy(float), np.ones((len(design), 1))
    poisson, near = (glm.fit(y, X, 0.0, alpha) for alpha in (0.0, 1e-9))
    np.testing.assert_allclose(near.beta, poisson.beta, rtol=1e-6)
    for value in (glm.deviance, glm.log_likelihood):
        np.testing.assert_allclose(value(y, near.mean, 1e-9), value(y, poisson.mean, 0.0), rtol=1e-4)


def test_profile_likelihood_peaks_at_the_planted_dispersion():
    rng = np.random.default_rng(1)
    counts = rng.negative_binomial(1 / 0.2, 1 / (1 + 0.2 * 100), (400, 8)).astype(float)
    found = dispersion.estimate_dispersions(counts, np.ones((8, 1)), np.full(8, 1e6))
    assert found.common == pytest.approx(0.2, rel=0.06)
    assert found.trend == pytest.approx(found.common, rel=0.25)
    spread = [np.log(values).std() for values in (found.trend, found.moderated)]
    assert spread[0] < spread[1] < 0.35


def test_smoothing_averages_neighbours_and_leaves_constants():
    along = np.random.default_rng(2).normal(size=300)
    np.testing.assert_allclose(dispersion.smooth(np.full((300, 2), 7.0), along), 7)
    np.testing.assert_allclose(dispersion.smooth(np.arange(5.0)[:, None], np.zeros(5)), 2)
    line = dispersion.smooth(along[:, None], along)[:, 0]
    inner = np.abs(along) < 0.5
    assert np.corrcoef(line[inner], along[inner])[0, 1] > 0.98


@given(seed=seeds, size=st.integers(1, 6000))
@few
def test_dominated_counts_every_point(seed, size):
    rng = np.random.default_rng(seed)
    noise, queries = rng.integers(0, 30, (2, size)) / 7, rng.integers(0, 30, (2, 40)) / 7
    brute = ((noise[0] <= queries[0][:, None]) & (noise[1] <= queries[1][:, None])).sum(axis=1)
    assert dominated(*queries, *noise).tolist() == brute.tolist()


def test_swapped_groups_turn_noiseq_around():
    counts, design = simulated(4, n_genes=300)
    one, other = (methods.noiseq(counts, design, "group", levels=levels) for levels in (("a", "b"), ("b", "a")))
    # The reference sample of TMM changes with the order, so the two agree only nearly.
    np.testing.assert_allclose(one["log2_fold_change"], -other["log2_fold_change"], atol=0.1)
    assert np.corrcoef(one["probability"], other["probability"])[0, 1] > 0.95
    assert one["group_1"].eq("a").all()
    assert other["group_1"].eq("b").all()
    assert methods.noiseq(counts, design.replace("c", "b"), "group")["group_2"].eq("b").all()


# --- Tables ---------------------------------------------------------------------------------------------------------


def test_adjustment_leaves_missing_p_values_out():
    p = np.array([0.01, np.nan, 0.02, 0.5])
    np.testing.assert_allclose(adjusted(p)[[0, 2, 3]], stats.false_discovery_control(p[[0, 2, 3]]))
    assert np.isnan(adjusted(p)[1])
    assert np.isnan(adjusted(np.full(3, np.nan))).all()


@pytest.mark.parametrize("test", [*TESTS, methods.fit_poisson])
def test_genes_that_are_not_tested_are_rows_with_a_reason(test):
    counts, design = simulated(5)
    counts.iloc[[7, 8]] = 0
    counts.iloc[8, 0] = 3
    result = test(counts, design, "~ x", min_total=10)
    assert result["gene"].tolist() == counts.index.tolist()
    assert result["reason"].iloc[[6, 7, 8]].tolist() == ["", "all counts are zero", "fewer than 10 reads in all"]
    assert result[["estimate", "p_value", "p_adjusted"]].iloc[[7, 8]].isna().all(axis=None)
    tested = result["reason"] == ""
    np.testing.assert_allclose(
        result["p_adjusted"][tested], stats.false_discovery_control(result["p_value"][tested]), rtol=1e-12
    )
    columns = "gene term estimate std_error df statistic p_value conf_low conf_high p_adjusted log2_fold_change"
    assert " ".join(result.columns[:11]) == columns
    np.testing.assert_allclose(result["log2_fold_change"], result["estimate"] / np.log(2))


def test_an_infinite_estimate_is_a_reason_not_a_number():
    counts, design = simulated(6)
    counts.loc["g3", design.index[design["group"] == "b"]] = 0
    for fit in (methods.fit_negative_binomial, methods.fit_poisson):
        result = fit(counts, design, "~ group").set_index(["gene", "term"])
        assert result.loc["g3", "reason"].str.contains("an estimate is infinite").all()
        assert result.loc["g3", "p_value"].isna().all()
        assert (result.loc["g4", "reason"] == "").all()
    tested = methods.quasi_likelihood(counts, design, "~ group").set_index(["gene", "term"])
    assert np.isfinite(tested.loc[("g3", "group[T.b]"), ["estimate", "p_value"]].astype(float)).all()


def test_one_gene_as_a_series_is_the_row_of_the_table():
    counts, design = simulated(7)
    sizes = methods.size_factors(counts)
    whole = methods.fit_negative_binomial(counts, design, "~ x")
    alone = methods.fit_negative_binomial(counts.loc["g2"], design, "~ x", size_factors=sizes[::-1])
    same(alone, whole[whole["gene"] == "g2"], NUMBERS[:3])
    flat = methods.fit_poisson(counts.loc["g2"], design, "~ x", size_factors=1)
    same(flat, methods.fit_poisson(counts.loc["g2"], design, "~ x", size_factors=np.ones(9)))


def test_a_gene_that_scatters_less_than_poisson_has_no_dispersion():
    design = pd.DataFrame({"x": np.arange(8.0)}, index=[f"s{i}" for i in range(8)])
    counts = pd.Series([10, 11, 10, 11, 10, 11, 10, 11], index=design.index, name="even")
    negative_binomial = methods.fit_negative_binomial(counts, design, "~ x", size_factors=1)
    assert negative_binomial["dispersion"].tolist() == [0]
    same(negative_binomial, methods.fit_poisson(counts, design, "~ x", size_factors=1))


def test_without_intercept_nothing_is_centred():
    counts, design = simulated(8)
    one = methods.voom(counts, design, "~ 0 + group + x", terms=["x"])
    same(one, methods.voom(counts, design, "~ group + x", terms=["x"]))
    lone = methods.quasi_likelihood(counts, design, "~ 0 + x")
    assert lone["p_value"].max() < 0.05  # a mean of one read is no null hypothesis for these counts


# --- Mixed models ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def repeated():
    return simulate_repeated_counts(12, 8, 3, np.random.default_rng(9))


def test_mixed_models_say_what_the_library_keeps_silent(repeated):
    counts, design, _ = repeated
    counts = counts.copy()
    rng = np.random.default_rng(1)
    counts.iloc[0] = rng.poisson(50, 24)
    counts.loc[counts.index[1], design.index[design["animal"] == "m3"]] = 0
    counts.iloc[[2, 3]] = 0
    counts.iloc[3, design["within"].argmax()] = 1
    result = methods.fit_negative_binomial_mixed(
        counts, design, "~ within + between + (1 | animal)", size_factors=np.ones(24), terms="within"
    ).set_index("gene")
    notes = result["note"]
    assert "no over-dispersion" in notes.iloc[0]
    assert "no read in 'animal' 'm3'" in notes.iloc[1]
    assert result["group_variance"].iloc[1] > 0.5
    assert result["reason"].iloc[2] == "all counts are zero"
    assert "an estimate is infinite" in result["reason"].iloc[3]
    assert result[["estimate", "p_value", "group_variance"]].iloc[2:4].isna().all(axis=None)
    assert (result["reason"].iloc[4:] == "").all()


def test_mixed_models_do_not_depend_on_the_unit_or_on_names(repeated):
    counts, design, sizes = repeated
    other = design.assign(within=design["within"] * 1000 + 5, mouse=design["animal"].str.replace("m", "x"))
    one = methods.fit_negative_binomial_mixed(counts, design, "~ within + (1 | animal)", size_factors=sizes)
    two = methods.fit_negative_binomial_mixed(counts, other, "~ within + (1 | mouse)", size_factors=sizes)
    same(one.assign(estimate=one["estimate"] / 1000), two, NUMBERS[:3], rtol=1e-3)


def test_many_reads_and_little_scatter_are_a_linear_mixed_model_of_logs():
    rng = np.random.default_rng(11)
    animal = np.repeat(np.arange(10), 4)
    x, b = rng.normal(size=40), rng.normal(0, 0.4, 10)
    noise = rng.gamma(1 / 0.01, 0.01, 40)
    y = rng.poisson(np.exp(12 + 0.2 * x + b[animal]) * noise)
    design = pd.DataFrame({"x": x, "animal": [f"m{i}" for i in animal]}, index=[f"s{i}" for i in range(40)])
    ours = methods.fit_negative_binomial_mixed(
        pd.Series(y, design.index, name="g"), design, "~ x + (1 | animal)", size_factors=1
    ).iloc[0]
    logs = fit_mixed("y ~ x + (1 | animal)", design.assign(y=np.log(y)), reml=False)
    assert ours["estimate"] == pytest.approx(logs.fixed_effects["x"], abs=0.01)
    assert ours["group_variance"] == pytest.approx(logs.variance_components["vcov"].iloc[0], rel=0.1)


# --- The trend of variances -------------------------------------------------------------------------------------------


def test_a_trend_of_variances_is_recovered():
    rng = np.random.default_rng(4)
    along = rng.uniform(0, 10, 20_000)
    truth = np.exp(1 - 0.3 * along)
    variance = truth * stats.f.rvs(5, 9, size=len(along), random_state=rng)
    found = squeeze_to_trend(variance, np.full(len(along), 5.0), along)
    np.testing.assert_allclose(found.prior, truth, rtol=0.12)
    assert found.prior_df == pytest.approx(9, rel=0.1)


@given(seed=seeds, scale=st.sampled_from([1e-6, 1e5]))
@few
def test_squeezing_follows_the_unit_and_lies_between(seed, scale):
    rng = np.random.default_rng(seed)
    variance, along = stats.f.rvs(6, 5, size=300, random_state=rng), rng.normal(size=300)
    df = np.full(300, 6.0)
    one, other = squeeze_to_trend(variance, df, along), squeeze_to_trend(variance * scale, df, along * 7 - 3)
    np.testing.assert_allclose(one.variance * scale, other.variance, rtol=1e-6)
    low, high = np.minimum(variance, one.prior), np.maximum(variance, one.prior)
    assert ((one.variance >= low * (1 - 1e-12)) & (one.variance <= high * (1 + 1e-12))).all()


def test_variances_that_vary_no_more_than_chance_become_the_trend():
    along = np.linspace(0, 1, 2000)
    quantiles = stats.chi2.ppf(np.random.default_rng(5).permutation(np.linspace(0.01, 0.99, 2000)), 8) / 8
    found = squeeze_to_trend(quantiles, np.full(2000, 8.0), along)
    assert np.isinf(found.prior_df)
    np.testing.assert_allclose(found.variance, found.prior)


def test_a_gene_without_degrees_of_freedom_gets_the_trend():
    variance, along = stats.f.rvs(6, 5, size=201, random_state=1), np.linspace(0, 1, 201)
    df = np.append(np.full(200, 6.0), 0)
    found, without = squeeze_to_trend(variance, df, along), squeeze_to_trend(variance[:-1], df[:-1], along[:-1])
    assert found.variance[-1] == pytest.approx(found.prior[-1])
    np.testing.assert_allclose(found.variance[:-1], without.variance)


def test_natural_splines_hold_lines_and_are_straight_outside():
    x = np.linspace(0, 1, 101)
    basis = natural_spline(x, x, 4)
    line = np.linalg.lstsq(basis, 2 + 3 * x, rcond=None)
    assert basis.shape == (101, 4)
    np.testing.assert_allclose(basis @ line[0], 2 + 3 * x, atol=1e-10)
    outside = natural_spline(np.linspace(1, 2, 9), x, 4)
    np.testing.assert_allclose(np.diff(outside, n=2, axis=0), 0, atol=1e-9)
    assert natural_spline(x, np.ones(5), 4).shape == (101, 1)


# --- A zero is a zero -----------------------------------------------------------------------------------------------


def test_a_gene_without_a_read_in_some_samples_is_fitted_as_its_row_of_the_table():
    rng = np.random.default_rng(31)
    samples = [f"s{i}" for i in range(10)]
    design = pd.DataFrame({"x": rng.normal(size=10)}, samples)
    counts = pd.DataFrame(rng.negative_binomial(3, 0.1, (6, 10)), [f"g{i}" for i in range(6)], samples)
    counts.loc["g3"] = [0, 4, 9, 0, 2, 31, 6, 0, 12, 5]
    sizes = methods.size_factors(counts.drop("g3"))
    for fit in (methods.fit_poisson, methods.fit_negative_binomial):
        whole = fit(counts, design, "~ x", size_factors=sizes)
        for one in (counts.loc["g3"], counts.loc[["g3"]]):
            alone = fit(one, design, "~ x", size_factors=sizes).iloc[0]
            assert alone["reason"] == ""
            np.testing.assert_allclose(alone["estimate"], whole.loc[whole["gene"] == "g3", "estimate"], rtol=1e-9)
            np.testing.assert_allclose(alone["p_value"], whole.loc[whole["gene"] == "g3", "p_value"], rtol=1e-9)


def test_a_mixed_model_of_one_gene_takes_its_zeros(repeated):
    counts, design, _ = repeated
    zeros = counts.iloc[[0]].copy()
    zeros.iloc[0, [1, 5, 8]] = 0
    table = methods.fit_negative_binomial_mixed(zeros, design, "~ within + (1 | animal)", size_factors=1)
    series = methods.fit_negative_binomial_mixed(zeros.iloc[0], design, "~ within + (1 | animal)", size_factors=1)
    assert (table["reason"] == "").all()
    same(table, series)


@pytest.mark.parametrize("fit", [methods.fit_poisson, methods.fit_negative_binomial])
def test_only_a_table_whose_libraries_are_not_given_shows_an_empty_one(fit):
    rng = np.random.default_rng(32)
    samples = [f"s{i}" for i in range(10)]
    design = pd.DataFrame({"x": rng.normal(size=10)}, samples)
    counts = pd.DataFrame(rng.negative_binomial(3, 0.1, (2, 10)) + 1, ["a", "b"], samples)
    counts["s4"] = 0
    given = pd.Series(rng.uniform(0.5, 2, 10), samples)
    assert (fit(counts, design, "~ x", size_factors=given)["reason"] == "").all()
    for not_given in (None, 1):
        with pytest.raises(ValueError, match=r"Sample 's4' has a count of 0 for every gene"):
            fit(counts, design, "~ x", size_factors=not_given)


# --- The dispersion of one gene alone -------------------------------------------------------------------------------


@given(seed=seeds)
@few
def test_negative_binomial_regression_equals_statsmodels(seed):
    counts, design = simulated(seed, n_genes=8)
    ours = methods.fit_negative_binomial(counts, design, "~ x", size_factors=1, terms=["(Intercept)", "x"])
    X = sm.add_constant(design["x"].to_numpy() - design["x"].mean())
    for gene, rows in ours.groupby("gene", sort=False):
        if rows["dispersion"].iloc[0] == 0:
            continue
        start = [*np.linalg.lstsq(X, np.log(counts.loc[gene] + 0.5), rcond=None)[0], rows["dispersion"].iloc[0]]
        theirs = sm.NegativeBinomial(counts.loc[gene].to_numpy(), X).fit(start_params=start, method="newton", disp=0)
        np.testing.assert_allclose(rows["log_likelihood"].iloc[0], theirs.llf, rtol=1e-9)
        np.testing.assert_allclose(rows["dispersion"].iloc[0], theirs.params[2], rtol=1e-5)
        np.testing.assert_allclose(rows["estimate"].iloc[1], theirs.params[1], rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(rows["std_error"].iloc[1], theirs.bse[1], rtol=1e-5)


@given(seed=seeds)
@few
def test_no_dispersion_on_a_fine_grid_is_more_likely(seed):
    counts, design = simulated(seed, n_genes=8)
    X = np.column_stack([np.ones(9), (design["x"] - 20) / 3])
    y, offset = counts.to_numpy(float), np.zeros(9)
    found = joint.fit_jointly(y, X, offset)
    assert found.converged.all()
    for alpha in np.exp(np.linspace(-9, 2, 60)):
        other = glm.log_likelihood(y, glm.fit(y, X, offset, alpha).mean, alpha)
        assert (other <= found.log_likelihood + 1e-6).all()
