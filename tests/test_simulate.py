"""What is planted must be found again, and the tables in ``data/`` must be what their scripts make."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.simulate import simulate_counts, simulate_pairs

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


def test_the_counts_in_data_are_what_their_script_makes():
    specification = importlib.util.spec_from_file_location("mouse_counts", DATA / "make" / "mouse_counts.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    counts, truth, size_factors = script.make()
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
