"""What is planted must be found again, and the tables in ``data/`` must be what their scripts make."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.simulate import simulate_counts, simulate_groups, simulate_pairs, simulate_repeated_counts

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize("rho", [-0.7, 0.0, 0.85])
def test_pairs_have_the_planted_correlation(rho):
    x, y = simulate_pairs(rho, n=200, n_samples=2_000, rng=np.random.default_rng(5))
    assert x.shape == y.shape == (2_000, 200)
    pooled = np.corrcoef(x.ravel(), y.ravel())[0, 1]
    assert pooled == pytest.approx(rho, abs=4 / math.sqrt(x.size))
    for column in (x, y):
        assert column.mean() == pytest.approx(0, abs=4 / math.sqrt(x.size))
        assert column.std() == pytest.approx(1, abs=0.01)


def test_an_impossible_correlation_is_named():
    with pytest.raises(ValueError, match="between -1 and 1; found rho="):
        simulate_pairs(1.2, 10, 10, np.random.default_rng(1))


@pytest.mark.parametrize("between", [0.0, 0.4, 1.0])
def test_groups_have_the_planted_variances_and_slope(between):
    data = simulate_groups(4_000, 5, 2.0, 0.5, 1.5, np.random.default_rng(7), between=between)
    assert list(data.columns) == ["group", "x", "y", "effect"]
    assert data["group"].value_counts().eq(5).all()
    assert data["group"].nunique() == 4_000
    per_group = data.groupby("group")
    assert per_group["effect"].nunique().eq(1).all()
    assert per_group["effect"].first().std() == pytest.approx(2.0, rel=0.05)
    error = data["y"] - 1.5 * data["x"] - data["effect"]
    assert error.std() == pytest.approx(0.5, rel=0.05)
    assert abs(np.corrcoef(error, data["x"])[0, 1]) < 4 / math.sqrt(len(data))
    assert data["x"].std() == pytest.approx(1, abs=0.05)
    within = per_group["x"].var().mean()
    assert within == pytest.approx(1 - between, abs=0.03)


def test_groups_may_differ_in_size():
    data = simulate_groups(3, [1, 2, 4], 1.0, 1.0, 0.0, np.random.default_rng(7))
    assert data["group"].value_counts(sort=False).to_dict() == {1: 1, 2: 2, 3: 4}


@pytest.mark.parametrize(
    ("sizes", "between", "message"),
    [(2, 1.5, "between 0 and 1; found between=1.5"), ([1, 2], 0.5, "2 sizes for 3 groups")],
)
def test_impossible_groups_are_named(sizes, between, message):
    with pytest.raises(ValueError, match=message):
        simulate_groups(3, sizes, 1.0, 1.0, 0.0, np.random.default_rng(1), between=between)


@pytest.fixture(scope="module")
def many():
    """A hundred copies of the ten animals: enough to see each gene's parameters."""
    mice = load_mouse_scores().set_index("animal")
    samples = pd.concat([mice] * 100, ignore_index=True)
    return samples, *simulate_counts(samples, 100, np.random.default_rng(6))


def test_the_shares_are_kept(many):
    _, _, truth, _ = many
    assert truth["driver"].value_counts().to_dict() == {"none": 70, "urea": 10, "weight": 10, "group": 10}


def test_effects_are_planted_only_where_the_driver_says(many):
    _, _, truth, _ = many
    for column, driver in [
        ("beta_urea", "urea"),
        ("beta_weight", "weight"),
        ("group_hp", "group"),
        ("group_cr", "group"),
    ]:
        assert ((truth[column] != 0) == (truth["driver"] == driver)).all()


def test_planted_slopes_and_dispersions_are_found_again(many):
    samples, counts, truth, size_factors = many
    z = (samples["urea"] - samples["urea"].mean()) / samples["urea"].std()
    for gene in truth.index[(truth["driver"] == "urea") & (truth["base_mean"] > 20)]:
        expected = truth.loc[gene, "base_mean"] * np.exp(truth.loc[gene, "beta_urea"] * z) * size_factors
        excess = ((counts.loc[gene] - expected) ** 2 - expected) / expected**2
        assert (counts.loc[gene] / expected).mean() == pytest.approx(1, abs=0.08)
        assert excess.mean() == pytest.approx(truth.loc[gene, "dispersion"], rel=0.5)


def test_shares_that_do_not_sum_to_one_are_named():
    mice = load_mouse_scores().set_index("animal")
    with pytest.raises(ValueError, match=r"sums to 0\.9"):
        simulate_counts(mice, 10, np.random.default_rng(1), shares={"urea": 0.5, "none": 0.4})


def script_of(name):
    specification = importlib.util.spec_from_file_location(name, DATA / "make" / f"{name}.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    return script


def test_the_counts_in_data_are_what_their_script_makes():
    counts, truth, size_factors = script_of("mouse_counts").make()
    pd.testing.assert_frame_equal(counts, load_mouse_counts(), check_dtype=False, check_names=False)
    pd.testing.assert_frame_equal(
        truth, load_mouse_counts_truth(), rtol=1e-9, check_dtype=False, check_categorical=False, check_column_type=False
    )
    stored = pd.read_csv(DATA / "mouse_counts_size_factors.csv", index_col="animal")["size_factor"]
    pd.testing.assert_series_equal(size_factors, stored, rtol=1e-9, check_index_type=False)


def test_null_genes_have_uniform_p_values():
    counts, truth = load_mouse_counts(), load_mouse_counts_truth()
    nothing = counts.loc[(truth["driver"] == "none") & (truth["base_mean"] > 20)]
    sf = pd.read_csv(DATA / "mouse_counts_size_factors.csv", index_col="animal")["size_factor"]
    urea = load_mouse_scores()["urea"].to_numpy()
    p = stats.pearsonr(np.log2(nothing / sf + 1).to_numpy(), urea[None, :], axis=1).pvalue
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_the_rejection_rates_in_data_are_what_their_script_makes():
    """One block of 300: all of them take minutes."""
    stored = pd.read_csv(DATA / "pseudoreplication.csv")
    script = script_of("pseudoreplication")
    assert len(stored) == len(script.SETTINGS) * script.BLOCKS
    block = stored.iloc[-1]
    made = script.one_block(block["slope"], block["between"], int(block["animals"]), int(block["block"]))
    assert made == block.to_dict()


def test_averaging_and_kenward_roger_keep_their_nominal_level_in_data():
    """At slope 0 at most 5% are rejected, give or take chance; where x is constant within animals rows reject often."""
    stored = pd.read_csv(DATA / "pseudoreplication.csv")
    rates = stored[stored["slope"] == 0].groupby(["between", "animals"]).sum()
    shares = rates.drop(columns=["slope", "block", "data_sets"]).div(rates["data_sets"], axis="index")
    assert shares["means"].between(0.04, 0.06).all()
    assert shares["kenward_roger"].between(0.03, 0.075).all()
    assert (shares.loc[1.0, "rows"] > 0.25).all()


def test_effects_of_a_chosen_spread_have_it():
    samples = load_mouse_scores().set_index("animal")
    shares = {"urea": 0.5, "weight": 0.5, "group": 0.0, "none": 0.0}
    _, truth, _ = simulate_counts(samples, 4_000, np.random.default_rng(3), shares=shares, effect_sd=0.6)
    for name in ("urea", "weight"):
        assert truth.loc[truth["driver"] == name, f"beta_{name}"].std() == pytest.approx(0.6, rel=0.05)


def test_repeated_counts_have_the_planted_variance_between_animals():
    counts, design, sizes = simulate_repeated_counts(3_000, 20, 4, np.random.default_rng(8))
    assert counts.shape == (3_000, 80)
    assert len(design[["animal", "between"]].drop_duplicates()) == 20
    assert len(design["within"].unique()) == 80
    logs = np.log((counts[counts.mean(axis=1) > 200] / sizes).clip(lower=0.5))
    by_animal = logs.T.groupby(design["animal"]).mean().T
    tau2 = np.mean(np.linspace(0.1, 0.8, 1_001) ** 2)
    scatter = np.mean(logs.T.groupby(design["animal"]).var().T.to_numpy())
    assert by_animal.var(axis=1).mean() - scatter / 4 == pytest.approx(tau2, rel=0.06)


def test_the_nominal_levels_of_count_models_in_data_are_what_their_script_makes():
    """The fast methods of one data set of 24, and one block of 20: all of them take many minutes."""
    script = script_of("count_nominal_levels")
    stored = pd.read_csv(DATA / "count_nominal_levels.csv")
    assert stored["data_set"].nunique() == script.DATA_SETS
    fast = ("quasi_likelihood", "voom", "least_squares", "noiseq")
    made = script.one_data_set(script.DATA_SETS - 1, fast)
    last = stored[(stored["data_set"] == script.DATA_SETS - 1) & stored["method"].isin(fast)]
    pd.testing.assert_frame_equal(made, last.reset_index(drop=True), check_dtype=False, check_column_type=False)
    repeated = pd.read_csv(DATA / "repeated_count_nominal_levels.csv")
    assert len(repeated) == script.BLOCKS
    made = script.one_block(script.BLOCKS - 1)
    assert made == repeated.iloc[-1].to_dict()


def test_quasi_likelihood_and_voom_keep_their_nominal_rate_in_data():
    """Their mean realised false discovery rate is at most the nominal one; the likelihood ratio's is above it."""
    stored = pd.read_csv(DATA / "count_nominal_levels.csv")
    stored = stored[stored["term"].isin(["urea", "weight"])]
    rate = (stored["false"] / stored["called"]).groupby([stored["method"], stored["level"]]).mean()
    for level in (0.05, 0.10):
        assert rate["quasi_likelihood", level] < level
        assert rate["voom", level] < level
        assert rate["likelihood_ratio", level] > level


def test_the_studies_of_a_varying_effect_are_what_their_script_makes():
    """One block of 100, the quickest: all of them take long."""
    stored = pd.read_csv(DATA / "varying_effect.csv")
    script = script_of("varying_effect")
    assert len(stored) == len(script.SETTINGS) * script.BLOCKS
    block = stored.iloc[0]
    assert script.one_block(int(block["groups"]), block["slope_sd"], int(block["block"])) == block.to_dict()


def test_where_the_effect_varies_the_paired_t_test_keeps_its_level_in_data():
    stored = pd.read_csv(DATA / "varying_effect.csv").groupby(["slope_sd", "groups"]).sum()
    shares = stored.div(stored["studies"], axis="index")
    assert shares["paired"].between(0.03, 0.07).all()
    assert (shares["kenward_roger"] <= 0.05).all()
    assert (shares.loc[0.15, "intercept"] > 0.25).all()
    assert (shares.loc[(0.15, [3, 4]), "kenward_roger_power"] < shares.loc[(0.15, [3, 4]), "paired_power"]).all()
