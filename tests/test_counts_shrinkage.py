"""Fold changes drawn towards zero: against a known truth, by laws, and by what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.counts import quasi_likelihood, shrink_fold_changes, voom
from helpers.counts.shrunken_changes import mixture_weights, posterior
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores


@pytest.fixture(scope="module")
def planted():
    """10,000 effects, seven tenths of them zero, the rest of two sizes; errors of all sizes."""
    rng = np.random.default_rng(5)
    kind = rng.choice(3, 10_000, p=[0.7, 0.2, 0.1])
    truth = rng.normal(size=10_000) * np.array([0.0, 0.5, 2.0])[kind]
    error = rng.uniform(0.1, 1.0, 10_000)
    return truth, truth + rng.normal(size=10_000) * error, error


def test_shrunken_effects_are_closer_to_the_truth_and_right_on_average_where_they_are_largest(planted):
    truth, estimate, error = planted
    mean, sd = posterior(estimate, error)
    assert np.mean((mean - truth) ** 2) < 0.35 * np.mean((estimate - truth) ** 2)
    top = np.argsort(-np.abs(mean))[:500]
    sign = np.sign(mean[top])
    assert np.mean(sign * (mean - truth)[top]) == pytest.approx(0, abs=0.05)
    assert np.mean(sign * (estimate - truth)[top]) > 0.05  # what luck adds to the estimates
    assert np.mean((mean - truth) ** 2) == pytest.approx(np.mean(sd**2), rel=0.05)


def test_certain_effects_stay_and_uncertain_ones_vanish(planted):
    _, estimate, error = planted
    effect = np.concatenate([estimate, [3.0, 3.0, 3.0]])
    mean, sd = posterior(effect, np.concatenate([error, [0.01, 100.0, np.inf]]))
    assert mean[-3] == pytest.approx(3, abs=1e-3)
    assert np.abs(mean[-2:]).max() < 0.01
    assert sd[-1] == pytest.approx(np.sqrt(0.2 * 0.25 + 0.1 * 4), rel=0.1)
    assert (np.abs(mean) <= np.abs(effect)).all()
    assert (mean * effect >= 0).all()


def test_without_any_effect_nothing_is_left():
    rng = np.random.default_rng(6)
    mean, _ = posterior(rng.normal(size=5_000), np.ones(5_000))
    assert np.abs(mean).max() < 0.3


def test_units_do_not_matter(planted):
    _, estimate, error = planted
    one, other = posterior(estimate, error), posterior(-1000 * estimate, 1000 * error)
    np.testing.assert_allclose(-1000 * one[0], other[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(1000 * one[1], other[1], rtol=1e-5, atol=1e-5)


def test_weights_are_those_of_the_highest_likelihood():
    rng = np.random.default_rng(7)
    likelihood = stats.norm.pdf(rng.normal(size=(3_000, 1)) * rng.choice([1, 4], (3_000, 1)), scale=[1, 2, 4, 8])
    weights = mixture_weights(likelihood)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    # At the optimum no part could gain: the mean ratio of its likelihood to the mixture's is 1, or less where it is 0.
    gain = (likelihood / (likelihood @ weights)[:, None]).mean(axis=0)
    np.testing.assert_allclose(gain[weights > 1e-6], 1, atol=1e-4)
    assert gain.max() < 1 + 1e-4


@pytest.mark.parametrize("method", [voom, quasi_likelihood])
def test_fold_changes_of_counts_come_closer_to_what_was_planted(method):
    counts, truth = load_mouse_counts(), load_mouse_counts_truth()
    mice = load_mouse_scores().set_index("animal")
    mice["z"] = (mice["urea"] - mice["urea"].mean()) / mice["urea"].std()
    mice["w"] = (mice["weight"] - mice["weight"].mean()) / mice["weight"].std()
    table = shrink_fold_changes(method(counts, mice, "~ z + w"))
    z = table[table["term"] == "z"].set_index("gene")
    planted = truth.loc[z.index, "beta_urea"] / np.log(2)
    left = z["reason"].eq("") & truth.loc[z.index, "driver"].ne("group")
    raw, shrunken = z["log2_fold_change"] - planted, z["shrunken_log2_fold_change"] - planted
    assert (shrunken[left] ** 2).mean() < 0.8 * (raw[left] ** 2).mean()
    assert z["shrunken_log2_fold_change"].isna().equals(z["p_value"].isna())
    assert table.drop(columns=["shrunken_log2_fold_change", "posterior_sd"]).equals(method(counts, mice, "~ z + w"))


def test_what_cannot_be_shrunk():
    counts, mice = load_mouse_counts().iloc[:200], load_mouse_scores().set_index("animal")
    with pytest.raises(ValueError, match=r"was against a threshold \(lfc=\).*lfc=0"):
        shrink_fold_changes(voom(counts, mice, "~ urea", lfc=0.001))
    with pytest.raises(ValueError, match="'urea' was tested in 10 genes; at least 20 are needed"):
        shrink_fold_changes(voom(counts.iloc[:10], mice, "~ urea"))
    for table in (None, pd.DataFrame({"gene": ["a"]})):
        with pytest.raises(ValueError, match="result of a test of many genes"):
            shrink_fold_changes(table)
