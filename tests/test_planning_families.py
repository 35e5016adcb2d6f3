"""Families of tests in `helpers.planning.power`: the error they keep, and scipy's decisions on the same data."""

import warnings

import numpy as np
import pytest
from scipy import stats

from helpers.hypotheses.simultaneous import max_t_p_value, tukey_p_value
from helpers.hypotheses.wald import two_sided
from helpers.mixed import fit_mixed
from helpers.planning import crossed, power
from helpers.planning.assumptions import Variances
from helpers.planning.experiments import noise, pieces
from helpers.planning.families import KNOTS, correlations_of, families_of, needs_correlations, rejected, sums_of_pairs
from helpers.planning.power_table import _scenarios

DOSES = {"dose": ["none", "low", "mid", "high"]}
HOW = {"tukey": "pairwise", "dunnett": "reference", "mvt": "pairwise", "scheffe": "pairwise"}
FAR = 4.0  # standard errors of the simulation


def asked(adjust):
    return {"test": {"variables": {"dose": HOW[adjust]}}, "adjust": adjust}


@pytest.mark.parametrize("adjust", ["tukey", "dunnett"])
@pytest.mark.parametrize(
    ("formula", "sd"),
    [("~ dose", {"residual": 1.0}), ("~ dose + (1 | animal)", {"animal": 1.0, "residual": 1.0})],
)
def test_a_family_errs_as_often_as_asked(adjust, formula, sd):
    """Balanced: both methods are exact where no variance of the animals is found to be zero."""
    within = "|" in formula
    design = crossed(animal=9, **DOSES) if within else crossed(animal=20, between=DOSES)
    row = power(design, formula, sd=sd, n_sim=30_000, **asked(adjust)).iloc[0]
    share = 0.05
    assert abs(row["family_error"] - share) < FAR * np.sqrt(share * (1 - share) / 30_000) + 0.002 * within
    assert row["family_low"] < row["family_error"] < row["family_high"]
    assert row["type_1_error"] < row["family_error"]


@pytest.mark.parametrize("adjust", ["tukey", "dunnett"])
def test_decisions_are_those_of_scipy_on_the_same_data(adjust):
    design, formula, n, effect = crossed(animal=24, between=DOSES), "~ dose", 40, {"dose[T.high]": 1.6}
    table = power(design, formula, effects=effect, sd={"residual": 1.0}, n_sim=n, **asked(adjust))
    how = (effect, {"residual": 1.0}, asked(adjust)["test"], "satterthwaite", adjust, None, n, 1, False, None)
    (scenario,) = _scenarios(design, formula, *how)
    y = np.concatenate(
        [
            noise(scenario.truth, Variances((), 1.0), count, rng)
            for count, rng in pieces(n, scenario.model.most, scenario.seed)
        ]
    )
    codes = scenario.truth.X[:, 1:] @ [1, 2, 3]
    groups = [y[:, codes == k] + 1.6 * (k == 3) for k in range(4)]
    if adjust == "tukey":
        pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
        p = [stats.tukey_hsd(*rows).pvalue for rows in zip(*groups, strict=True)]
        p = np.array([[each[pair] for pair in pairs] for each in p])
    else:
        random = np.random.default_rng(1)
        p = np.array([stats.dunnett(*rest, control=own, rng=random).pvalue for own, *rest in zip(*groups, strict=True)])
    found = (p < 0.05).sum(axis=0)
    assert table["power"].to_numpy() * n == pytest.approx(found, abs=1)  # scipy's Dunnett is itself simulated
    assert found.max() > 0.3 * n


@pytest.mark.parametrize("adjust", HOW)
def test_decisions_are_those_of_one_table_at_a_time(adjust):
    """Any degrees of freedom, any correlations."""
    rng, k, n = np.random.default_rng(3), 6 if HOW[adjust] == "pairwise" else 3, 10
    table = crossed(animal=8, **DOSES).table()
    how = (
        {},
        {"animal": 1.0, "residual": 1.0},
        asked(adjust)["test"],
        "satterthwaite",
        adjust,
        None,
        10,
        1,
        False,
        None,
    )
    (scenario,) = _scenarios(table, "~ dose + (1 | animal)", *how)
    (family,) = scenario.families
    weights = np.concatenate([each.weights for each in scenario.questions])
    df = np.tile(rng.uniform(1.2, 40, n), (k, 1))
    statistic = rng.standard_t(df) + rng.choice([0, 3], (k, n))
    roots = rng.normal(size=(5, 4, 4)) + 3 * np.eye(4)
    covariances = [weights @ (root @ root.T) @ weights.T for root in roots]
    pair = np.array([np.sqrt(np.diag(sums @ (r @ r.T) @ sums.T)) for r in roots for sums in [sums_of_pairs(weights)]])
    error = np.concatenate([np.sqrt([np.diag(each) for each in covariances]), pair], axis=1).T[:, np.arange(n) % 5]
    correlations = correlations_of(error, k)
    ours = rejected(family, 0.05, two_sided(statistic, df), statistic, df, correlations)
    p = np.empty((k, n))
    for j in range(n):
        if adjust == "tukey":
            p[:, j] = tukey_p_value(statistic[:, j], 4, df[:, j])
        elif adjust == "scheffe":
            p[:, j] = stats.f.sf(statistic[:, j] ** 2 / 3, 3, df[:, j])
        else:
            p[:, j] = max_t_p_value(statistic[:, j], correlations[:, :, j], df[:, j])
    clear = np.abs(p - 0.05) > 0.001  # of a multivariate t both are right to about a thousandth, and 1% of it
    np.testing.assert_array_equal(ours[clear], (p < 0.05)[clear])
    assert clear.mean() > 0.95
    assert ours.any()
    assert not ours.all()


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger", "normal"])
def test_correlations_are_those_of_the_fit(ddf):
    """Unequal groups, so that they depend on the variances; one random intercept, and random slopes."""
    table = crossed(animal=9, **DOSES, replicates=2).table().iloc[:-13].reset_index(drop=True)
    for random, sd in (("(1 | animal)", {"animal": 1.0}), ("(1 | animal) + (0 + time | animal)", None)):
        table["time"] = np.tile([0.0, 1.0], len(table))[: len(table)]
        sd = sd or {"animal": {"intercept": 1.0, "time": 0.7}}
        formula = f"~ dose + {random}"
        how = ({}, sd | {"residual": 1.0}, asked("dunnett")["test"], ddf, "dunnett", None, 2, 1, False, None)
        (scenario,) = _scenarios(table, formula, *how)
        assert needs_correlations(scenario.families)
        y = noise(scenario.truth, scenario.variances, 2, np.random.default_rng(4))
        found = correlations_of(scenario.model.fits(y).std_error, 3)
        for k in range(2):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fit = fit_mixed(f"y {formula}", table.assign(y=y[k]))
            weights = np.concatenate([each.weights for each in scenario.questions])
            covariance = _covariance(fit, weights, ddf)
            scale = np.sqrt(np.diag(covariance))
            np.testing.assert_allclose(found[:, :, k], covariance / np.outer(scale, scale), atol=2e-5)


def _covariance(fit, weights, ddf):
    """By a third way: from the intervals that `MixedFit.contrast` gives for differences."""

    def variance(rows):
        return fit.contrast(rows, ddf=ddf)["std_error"].to_numpy() ** 2

    k = len(weights)
    out = np.diag(variance(weights))
    for i in range(k):
        for j in range(i):
            out[i, j] = out[j, i] = (out[i, i] + out[j, j] - variance(weights[[i]] - weights[[j]])[0]) / 2
    return out


def test_each_cell_is_a_family_of_tukeys_and_all_rows_one_of_the_others():
    design = crossed(animal=12, between={"sex": ["f", "m"], **DOSES}, replicates=2)
    test = {"variables": {"dose": "pairwise"}, "by": "sex"}
    how = {"effects": {"dose[T.high]": 2.0}, "sd": {"residual": 1.0}, "test": test, "n_sim": 4_000}
    cells = power(design, "~ sex * dose", adjust="tukey", **how)
    one = power(design, "~ sex * dose", adjust="bonferroni", **how)
    assert cells["family_error"].nunique() == 2
    assert one["family_error"].nunique() == 1
    assert (cells["power"] > one["power"]).loc[cells["effect"] != 0].all()
    assert (cells["family_error"] - 0.05).abs().max() < FAR * np.sqrt(0.05 * 0.95 / 4_000)


def test_a_family_of_one_is_one_test():
    how = {"effects": {"drug": 1.0}, "sd": {"residual": 1.0}, "test": {"variables": "drug"}, "n_sim": 2_000}
    design = crossed(animal=12, between={"drug": ["no", "yes"]})
    alone = power(design, "~ drug", **how)
    for adjust in ("dunnett", "mvt", "scheffe"):
        assert power(design, "~ drug", adjust=adjust, **how)["power"].iloc[0] == alone["power"].iloc[0]
    assert "family_error" not in alone


def test_degrees_of_freedom_below_the_last_knot_reject_nothing():
    how = ({}, {"residual": 1.0}, asked("tukey")["test"], "satterthwaite", "tukey", None, 10, 1, False, None)
    (scenario,) = _scenarios(crossed(animal=8, between=DOSES), "~ dose", *how)
    df, statistic = np.full((6, 2), [0.9 / KNOTS[-1], 1.1 / KNOTS[-1]]), np.full((6, 2), 1e8)
    found = rejected(scenario.families[0], 0.05, two_sided(statistic, df), statistic, df, None)
    assert not found[:, 0].any()
    assert found[:, 1].all()


@pytest.mark.parametrize(
    ("adjust", "test", "message"),
    [
        ("tukey", ["dose[T.low]", "dose[T.mid]"], 'adjust="tukey" is for all pairwise differences, and \'dose'),
        ("dunnett", {"variables": {"dose": "pairwise"}}, 'adjust="dunnett" is for comparisons with one reference'),
        ("tukey", {"variables": {"dose": "sequential"}}, 'take adjust="mvt"'),
    ],
)
def test_a_family_that_the_method_is_not_for(adjust, test, message):
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        power(crossed(animal=8, between=DOSES), "~ dose", sd={"residual": 1.0}, test=test, adjust=adjust)


def test_equivalence_takes_the_families_of_p_values():
    with pytest.raises(ValueError, match="adjust is None or one of 'holm'"):
        power(
            crossed(animal=8, between=DOSES),
            "~ dose",
            sd={"residual": 1.0},
            equivalence=(-1, 1),
            **asked("tukey"),
        )


def test_families_of_nothing():
    assert families_of([], None) == []
    assert families_of([], "holm") == []
