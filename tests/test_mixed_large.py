"""Mixed models with very many levels: eliminated in stages, with the numbers of a single stage and of R."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_mixed_golden import assert_within, fit_and_count, in_order, ml_errors, model_errors

from helpers.design import elimination, identified
from helpers.design.crossproducts import cross_products
from helpers.design.sizes import LIMIT, refuse_too_large
from helpers.mixed import blocked, fit_mixed, reml
from helpers.mixed.modes import conditional_covariances, modes

LARGE = Path(__file__).parent / "reference" / "large"
WRITTEN = (LARGE / "large.json").read_text(encoding="utf-8")
REFERENCE = json.loads(WRITTEN.replace(":(class:school)", ":class:school"))["lmm"]
TABLE = pd.read_csv(LARGE / "large.csv.gz")


# --- R ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", REFERENCE, ids=lambda m: m["formula"])
def test_models_of_many_levels_equal_r(m):
    fit = fit_and_count(m["formula"], TABLE)
    assert len(fit.products.stages) > 1
    assert_within(model_errors(fit, m))
    of_maximum_likelihood = fit_and_count(m["formula"], TABLE, reml=False)
    std_error = in_order(m["satterthwaite"], fit.fixed_effects.index)["Std. Error"]
    assert_within(ml_errors(of_maximum_likelihood, m["ML"], std_error))


@pytest.mark.parametrize("m", REFERENCE, ids=lambda m: m["formula"])
def test_modes_of_many_levels_and_their_standard_deviations_equal_r(m):
    fit = fit_and_count(m["formula"], TABLE)
    for group, theirs in m["modes"].items():
        name = next(ours for ours in fit.n_groups.index if set(ours.split(":")) == set(group.split(":")))
        levels = [frozenset(level.split(":")) for level in theirs["level"]]
        for table, values in ((fit.random_effects, "mode"), (fit.random_effects_std_error, "sd")):
            ours = table[name].set_axis([frozenset(level.split(":")) for level in table[name].index])
            np.testing.assert_allclose(ours.loc[levels].to_numpy(), theirs[values], rtol=0, atol=2e-5)


# --- One stage and several --------------------------------------------------------------------------------------------


def drawn(kind, seed=0, n=400):
    """Outcome, fixed columns and random terms of one kind."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    one, slope = np.ones((n, 1)), np.column_stack([np.ones(n), x])
    a, b, c = rng.integers(0, 40, n), rng.integers(0, 12, n), rng.integers(0, 5, n)
    upper = np.repeat(np.arange(3), n)[::3]
    middle = numbered(upper * 7 + rng.integers(0, 7, n))
    lower = numbered(middle * 4 + rng.integers(0, 4, n))
    site = np.sort(np.minimum(rng.geometric(0.25, n), 10))
    patient, ward = (numbered(site * 50 + rng.integers(0, 1 + np.bincount(site)[site] // k)) for k in (6, 12))
    codes = {
        "crossed": [(one, a), (one, b)],
        "slopes in the larger": [(slope, a), (one, b)],
        "slopes in the smaller": [(one, a), (slope, b)],
        "slopes in both": [(one, a), (slope, b), (x[:, None], a)],
        "three crossed": [(one, c), (one, a), (one, b)],
        "nested": [(one, upper), (one, middle), (one, lower)],
        "nested slopes": [(slope, upper), (slope, middle), (one, lower)],
        "nested and crossed": [(one, upper), (one, middle), (one, lower), (one, b)],
        "crossed within sites": [(one, ward), (one, patient)],
    }[kind]
    random = [(columns, levels, levels.max() + 1) for columns, levels in codes]
    effects = sum((columns @ np.ones(columns.shape[1])) * rng.normal(size=k)[levels] for columns, levels, k in random)
    return rng.normal(size=n) + effects, slope, random


def numbered(labels):
    return np.unique(labels, return_inverse=True)[1]


KINDS = {  # blocks and width of the stages
    "crossed": [(40, 1), (1, 12)],
    "slopes in the larger": [(40, 2), (1, 12)],
    "slopes in the smaller": [(40, 1), (1, 24)],
    "slopes in both": [(40, 2), (1, 24)],
    "three crossed": [(40, 1), (1, 17)],
    "nested": None,
    "nested slopes": None,
    "nested and crossed": None,
    "crossed within sites": None,
}


@pytest.mark.parametrize("wide", [5, 10**6], ids=["Cholesky", "stacked"])
@pytest.mark.parametrize("kind", KINDS)
def test_several_stages_give_what_one_gives(kind, wide, monkeypatch):
    data = drawn(kind)
    monkeypatch.setattr(elimination, "STACKED", np.inf)
    single = cross_products(*data)
    monkeypatch.setattr(elimination, "STACKED", 0)
    monkeypatch.setattr(blocked, "WIDE", wide)
    several = cross_products(*data)
    assert len(single.stages) == 1
    assert KINDS[kind] in (None, [(stage.n_blocks, stage.width) for stage in several.stages])
    thetas = [np.random.default_rng(1).normal(size=single.n_theta) * 0.7, np.linspace(0, 1.5, single.n_theta)]
    for theta in thetas:
        for by_reml in (True, False):
            same_solutions(single, several, theta, by_reml)
    same_dependences(single, several)


def same_solutions(single, several, theta, by_reml):
    first, second = (reml.solve(data, theta, reml=by_reml) for data in (single, several))
    close(second.deviance, first.deviance)
    of_gradient = reml.traces(several, second, second=False)
    for name, value in vars(reml.traces(single, first)).items():
        close(getattr(reml.traces(several, second), name), value)
        if name in ("trace", "p", "a", "c"):
            close(getattr(of_gradient, name), value)
    for found in (modes, conditional_covariances):
        for ours, theirs in zip(found(several, second), found(single, first), strict=True):
            close(ours, theirs)


def same_dependences(single, several):
    stacked, by_pairs = identified._Stacked(single), identified._Sparse(several)
    for k in range(len(single.terms)):
        close(identified._remainder(by_pairs, k), identified._remainder(stacked, k))
        for m in range(k + 1):
            close(identified._inner(by_pairs, m, k), identified._inner(stacked, m, k))


def close(ours, theirs):
    theirs = np.asarray(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9 * max(1, np.abs(theirs).max()))


def test_a_nested_model_is_eliminated_factor_by_factor(monkeypatch):
    monkeypatch.setattr(elimination, "STACKED", 0)
    data = cross_products(*drawn("nested"))
    levels = sorted((term.levels for term in data.terms), reverse=True)
    assert [(stage.n_blocks, stage.width) for stage in data.stages] == [(count, 1) for count in levels]


# --- The optimum ------------------------------------------------------------------------------------------------------


def hard(seed):
    """Variances of zero, small and large ones beside each other, in few rows."""
    rng = np.random.default_rng([19, seed])
    n = int(rng.integers(200, 900))
    x = rng.normal(size=n)
    one, slope = np.ones((n, 1)), np.column_stack([np.ones(n), x])
    a, b = numbered(rng.integers(0, rng.integers(8, n // 4), n)), numbered(rng.integers(0, rng.integers(3, 30), n))
    c = numbered(b * 6 + rng.integers(0, 6, n))
    kinds = [[(one, a), (one, b)], [(slope, a), (one, b)], [(one, c), (one, b)], [(slope, c), (one, b)]]
    random = [(z, codes, codes.max() + 1) for z, codes in [*kinds, [(one, a), (slope, b)]][seed % 5]]
    y = rng.normal(size=n)
    for z, codes, levels in random:
        sd = rng.choice([0, 0, 0.05, 0.3, 1, 5], z.shape[1])
        y = y + np.einsum("ij,ij->i", z, (rng.normal(size=(levels, z.shape[1])) * sd)[codes])
    return y, slope, random


def test_the_one_start_of_a_large_model_leads_where_the_best_of_several_does(monkeypatch):
    above = {}
    for seed in range(60):
        data = cross_products(*hard(seed))
        best = reml.optimise(data)
        with monkeypatch.context() as patched:
            patched.setattr(elimination, "STACKED", 0)
            patched.setattr(reml, "MANY", 0)
            found = reml.optimise(cross_products(*hard(seed)))
        if abs(found.deviance - best.deviance) > 1e-7:
            above[seed] = found.deviance - best.deviance
    assert not above


# --- Size -------------------------------------------------------------------------------------------------------------


def crossed(n, a, b):
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"a": rng.integers(0, a, n), "b": rng.integers(0, b, n), "x": rng.normal(size=n)})
    return data.assign(y=rng.normal(size=a)[data["a"]] + rng.normal(size=b)[data["b"]] + rng.normal(size=n))


def peak_of(call):
    tracemalloc.start()
    try:
        result = call()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_too_many_crossed_levels_are_refused_before_their_matrices_are_made():
    data = crossed(60_000, 12_000, 12_000)

    def refusal():
        with pytest.raises(ValueError, match="crossed with too many levels") as caught:
            fit_mixed("y ~ x + (1 | a) + (1 | b)", data)
        return str(caught.value)

    message, peak = peak_of(refusal)
    assert peak < 8 * 12_000**2 / 10  # a tenth of one matrix of the levels of a factor
    missing = [part for part in ("levels × 1", "about 1", "GB (the limit is 8 GB)", "Take one") if part not in message]
    assert not missing, message


def test_the_limit_counts_the_matrices_that_are_needed():
    refuse_too_large(LIMIT / 96, [(9_000, 1)])
    with pytest.raises(ValueError, match="9,600 levels × 1 and 20 levels × 2 random effects"):
        refuse_too_large(9_640**2, [(9_600, 1), (20, 2)])


def test_memory_of_a_nested_model_grows_with_its_levels():
    def fitted(levels):
        b = np.repeat(np.arange(4 * levels), 3)
        rng = np.random.default_rng(levels)
        y = rng.normal(size=4)[b // levels] + rng.normal(size=4 * levels)[b] + rng.normal(size=len(b))
        return fit_mixed("y ~ 1 + (1 | a/b)", pd.DataFrame({"y": y, "a": b // levels, "b": b}))

    peaks = [peak_of(lambda levels=levels: fitted(levels).coefficients())[1] for levels in (1_500, 6_000)]
    assert peaks[1] < 6 * peaks[0]  # four times the levels; their square would be sixteen times


def test_one_large_site_among_many_small_ones_makes_no_padding():
    """300 sites with 3 patients and 2 wards, one with 600 and 200: padded to one width they would be 241,000."""
    rng = np.random.default_rng(5)
    small, large = np.arange(300).repeat(8), np.full(4_000, 300)
    site = np.concatenate([small, large])
    patient = np.concatenate([small * 1_000 + rng.integers(0, 3, 2_400), 300_000 + rng.integers(0, 600, 4_000)])
    ward = np.concatenate([small * 1_000 + rng.integers(0, 2, 2_400), 300_000 + rng.integers(0, 200, 4_000)])
    random = [(np.ones((len(site), 1)), numbered(codes), len(np.unique(codes))) for codes in (patient, ward)]
    data = cross_products(rng.normal(size=len(site)), np.ones((len(site), 1)), random)
    effects = sum(levels for _, _, levels in random)
    assert data.stages[-1].stop < 1.1 * effects
    assert max(stage.n_blocks * stage.width**2 for stage in data.stages) <= 200**2
