"""Screens planned from a pilot's counts."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.data import load_airway_counts, load_airway_samples
from helpers.planning import ScreenPilot, crossed, screen, screen_pilot

FORMULA = "~ donor + drug"
SMALL = {"test": "drug", "n_genes": 600, "n_screens": 4}


def pairs(donors):
    return crossed(donor=donors, drug=["untreated", "treated"])


@pytest.fixture(scope="module")
def airway():
    counts = load_airway_counts()
    return screen_pilot(counts.iloc[::8], load_airway_samples(), "~ donor + dexamethasone")


def test_a_pilot_gives_back_what_was_planted():
    rng = np.random.default_rng(4)
    mean, alpha = np.exp(rng.uniform(3, 7, 800)), 0.1
    counts = rng.negative_binomial(1 / alpha, 1 / (1 + alpha * np.repeat(mean[:, None], 12, axis=1)))
    names = [f"s{k}" for k in range(12)]
    table = pd.DataFrame(counts, [f"g{k}" for k in range(800)], names)
    samples = pd.DataFrame({"drug": ["no", "yes"] * 6}, names)
    found = screen_pilot(table, samples, "~ drug")
    assert np.median(found.dispersion) == pytest.approx(alpha, rel=0.1)
    assert np.corrcoef(found.share, mean)[0, 1] > 0.98
    assert found.share @ np.ones(800) == pytest.approx(1, abs=0.02)
    assert found.depths.mean() == pytest.approx(mean.sum(), rel=0.05)


def test_more_donors_and_larger_changes_are_found_more_often(airway):
    three, six = (screen(pairs(n), FORMULA, pilot=airway, **(SMALL | {"n_screens": 2})) for n in (3, 6))
    assert three["fold_change"].tolist() == [1.5, 2.0, 3.0]
    assert three["power"].is_monotonic_increasing
    assert (six["power"] > three["power"]).all()
    assert (six["power"].between(six["power_low"], six["power_high"])).all()


@pytest.mark.parametrize("method", ["quasi-likelihood", "voom"])
def test_the_false_discovery_rate_is_kept(airway, method):
    found = screen(pairs(5), FORMULA, pilot=airway, method=method, changed=0.2, **SMALL)
    assert found["false_discovery_rate"].iloc[0] < 0.10
    assert found["called"].iloc[0] > 30


def test_where_counts_hardly_scatter_power_is_that_of_a_known_variance():
    """Two groups of four, one mean and one dispersion: the logarithm of a count has variance 1/mean + α."""
    pilot = ScreenPilot(np.full(500, 1 / 500), np.full(500, 0.02), np.full(4, 500 * 400.0))
    design = crossed(animal=8, between={"drug": ["no", "yes"]})
    fold = 1.25
    found = screen(design, "~ drug", pilot=pilot, test="drug", fold_changes=[fold], n_genes=500, n_screens=6, fdr=0.05)
    error = np.sqrt((1 / 400 + 0.02) * 2 / 4)
    shift = np.log(fold) / error
    rng = np.random.default_rng(1)
    z = rng.normal(np.where(np.arange(20_000) < 2_000, shift, 0.0))
    called = stats.false_discovery_control(2 * stats.norm.sf(np.abs(z))) < 0.05
    assert found["power"].iloc[0] == pytest.approx(called[:2_000].mean(), abs=0.1)


def test_the_same_seed_gives_the_same_screen(airway):
    first, again = (screen(pairs(3), FORMULA, pilot=airway, **(SMALL | {"n_screens": 1})) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def test_depth_changes_what_is_found(airway):
    how = SMALL | {"n_screens": 1}
    deep, shallow = (screen(pairs(4), FORMULA, pilot=airway, depth=depth, **how) for depth in (None, 20_000))
    assert shallow["power"].iloc[0] < deep["power"].iloc[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pilot": 3}, "pilot= is what screen_pilot makes of a pilot's counts; found int."),
        ({"fold_changes": [1.0]}, "fold_changes= is a list of ratios above 0 other than 1"),
        ({"fold_changes": 2}, "fold_changes= is a list of ratios above 0 other than 1"),
        ({"changed": 10}, "changed= is a share between 0 and 1"),
        ({"fdr": 5}, "fdr= is a share between 0 and 1"),
        ({"method": "t"}, "method is one of 'quasi-likelihood', 'voom'; found 't'."),
        ({"n_genes": 5}, "n_genes= is a whole number of 100 or more; found 5."),
        ({"test": "dose"}, "The formula has no term or coefficient 'dose'"),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(airway, change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        screen(pairs(3), FORMULA, **({"pilot": airway} | SMALL | change))


def test_a_pilot_of_few_genes_is_refused():
    counts = load_airway_counts().nlargest(20, "SRR1039508")
    with pytest.raises(ValueError, match="at least 100 have to teach each other"):
        screen_pilot(counts, load_airway_samples(), "~ donor + dexamethasone")
