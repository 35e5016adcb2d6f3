"""What lessons 01 and 02 say, against R: factor columns, permutation within groups, how large r must be, screens."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers.correlation import correlate, permutation_test
from helpers.counts import size_factors
from helpers.data import load_mouse_counts, load_mouse_scores
from helpers.simulate import simulate_pairs

REFERENCE = Path(__file__).parent / "reference" / "mouse"
COLUMNS = json.loads((REFERENCE / "factor_columns.json").read_text())
TEN = json.loads((REFERENCE / "ten_mice.json").read_text())


@pytest.fixture
def mice():
    return load_mouse_scores()


@pytest.fixture
def labels(mice):
    return mice["urea"].astype("str").astype("category")


def test_a_column_of_labels_leaves_no_degrees_of_freedom_here_and_in_r(mice, labels):
    assert "ALL 10 residuals are 0: no residual degrees of freedom!" in COLUMNS["summary"]
    fit = smf.ols("gene_x ~ urea", mice.assign(urea=labels)).fit()
    assert fit.df_resid == COLUMNS["residual_df"] == 0
    assert len(fit.params) == fit.nobs == 10
    assert fit.rsquared == pytest.approx(1)


def test_labels_become_numbers_through_their_text_and_not_through_their_codes(mice, labels):
    assert labels.astype(float).tolist() == mice["urea"].tolist()
    assert labels.astype(float).corr(mice["gene_x"]) == pytest.approx(COLUMNS["r_mended"], abs=1e-12)
    assert labels.cat.codes.corr(mice["gene_x"]) == pytest.approx(COLUMNS["r_codes"], abs=1e-12)


def test_the_labels_have_the_codes_of_the_question(mice, labels):
    """The factors in the question's script: its codes count from 1."""
    in_question = pd.read_csv(REFERENCE / "mouse.csv").set_index("Animal.ID")
    for column, codes in {"urea": labels, "weight": mice["weight"].astype("str").astype("category")}.items():
        expected = in_question.loc[mice["animal"], f"{column}_factor_code"]
        assert (codes.cat.codes + 1).tolist() == expected.tolist()


def test_within_groups_as_r_finds_it(mice):
    within = correlate(mice, "total_score", "gene_x", within="group").loc[0]
    assert within["estimate"] == pytest.approx(COLUMNS["within_r"], abs=1e-12)
    assert within["p_value"] == pytest.approx(COLUMNS["within_p"], abs=1e-12)


def test_arrangements_within_groups_are_one_sided_until_the_means_are_taken_out(mice):
    one_sided = permutation_test(mice, "total_score", "gene_x", strata="group")
    assert one_sided.n_arrangements == COLUMNS["arrangements"] == 864
    assert one_sided.p_value == pytest.approx(COLUMNS["within_exact_p"], abs=1e-12)
    assert one_sided.null_distribution.min() == pytest.approx(COLUMNS["within_least"], abs=1e-12)
    assert one_sided.p_value == np.mean(one_sided.null_distribution >= one_sided.estimate - 1e-12)
    centred = mice.assign(
        **{
            name: mice[name] - mice.groupby("group", observed=True)[name].transform("mean")
            for name in ("total_score", "gene_x")
        }
    )
    two_sided = permutation_test(centred, "total_score", "gene_x", strata="group")
    assert two_sided.p_value == pytest.approx(COLUMNS["centred_exact_p"], abs=1e-12)


def test_how_large_r_must_be():
    n = np.array(TEN["n"])
    t = stats.t.isf(0.025, n - 2)
    np.testing.assert_allclose(t / np.sqrt(n - 2 + t**2), TEN["smallest"], rtol=1e-12)
    assert pytest.approx(0.1) == TEN["p_of_0.9_in_4"]  # blue, and no evidence


def test_the_power_of_ten_mice_is_that_of_r_up_to_both_simulations():
    pairs = simulate_pairs(0.5, 10, 10_000, np.random.default_rng(10))
    power = np.mean(stats.pearsonr(*pairs, axis=1).pvalue < 0.05)
    error = np.sqrt(0.33 * 0.67 * (1 / 10_000 + 1 / 20_000))
    assert abs(power - TEN["power_of_10"]) < 3 * error


def test_the_genes_that_r_calls(mice):
    counts = load_mouse_counts()
    logs = np.log2(counts[counts.mean(axis="columns") >= 5] / size_factors(counts) + 1)
    assert len(logs) == TEN["genes"]
    for column in ("urea", "weight"):
        p = stats.pearsonr(logs.to_numpy(), mice[column].to_numpy(), axis=1).pvalue
        adjusted = pd.Series(stats.false_discovery_control(p), logs.index)
        assert (adjusted < 0.05).sum() == TEN[f"called_{column}"]
        if column == "urea":
            lucky = TEN["gene_0414"]
            assert adjusted["gene_0414"] == pytest.approx(lucky["p_adjusted"], rel=1e-9)


def test_one_missing_p_value_in_r_scipy_and_statsmodels():
    """As the folded part of lesson 02 says."""
    p = [0.001, 0.2, np.nan]
    assert TEN["with_a_missing_p"] == [0.002, 0.2, "NA"]
    assert np.isnan(multipletests(p, method="fdr_bh")[1]).all()
    with pytest.raises(ValueError, match="must lie between 0"):
        stats.false_discovery_control(p)
