"""The batched fits of `helpers.planning` are those of `helpers.mixed`, experiment by experiment."""

import itertools

import numpy as np
import pandas as pd
import pytest

from helpers.design import build_design, build_shared_design
from helpers.hypotheses.adjusting import FROM_P_VALUES, adjusted_p_values
from helpers.hypotheses.wald import two_sided
from helpers.mixed import fit_design
from helpers.planning import from_icc
from helpers.planning.asked import Question
from helpers.planning.assumptions import variances_of
from helpers.planning.batch.classes import classes_of
from helpers.planning.experiments import Intercepts, Mixed, model_of, noise
from helpers.planning.families import adjusted_columns

N = 12
ROWS = pd.DataFrame(list(itertools.product(range(8), "ab", range(3))), columns=["animal", "drug", "day"])
ROWS = ROWS.assign(sex=np.where(ROWS["animal"] % 2, "m", "f"), x=(ROWS["day"] - 1.0) * (1 + ROWS["animal"] % 3))
ROWS = ROWS.assign(animal="animal " + ROWS["animal"].astype(str), day="day " + ROWS["day"].astype(str))
GAPS = ROWS.drop(index=[3, 17, 18, 40])
SLOPES = {"animal": {"intercept": 0.5, "drug": 0.5, "correlation": 0.3}, "residual": 1.0}
BOTH = {"animal": 0.5, "day": 0.5, "residual": 1.0}
CASES = [
    ("~ drug * sex + (1 | animal)", ROWS, {"animal": 0.5, "residual": 1.0}),
    ("~ drug + (1 | animal)", GAPS, {"animal": 0.5, "residual": 1.0}),
    ("~ drug * sex + (1 + drug | animal)", ROWS, SLOPES),
    ("~ drug + (1 + drug | animal)", GAPS, SLOPES),
    ("~ x + (x || animal)", GAPS, {"animal": {"intercept": 0.5, "x": 0.5}, "residual": 1.0}),
    ("~ drug + (1 | animal) + (1 | day)", GAPS, BOTH),
    ("~ drug + (1 + drug | animal) + (1 | day)", ROWS, SLOPES | {"day": 0.5}),
    ("~ sex + (1 | animal / day)", ROWS, {"animal": 0.5, "animal:day": 0.5, "residual": 1.0}),
]


def simulated(formula, table, sd):
    design = build_shared_design(formula, table)
    return design, noise(design, variances_of(design, sd), N, np.random.default_rng(3))


def one_by_one(formula, table, y):
    return [fit_design(build_design(f"y {formula}", table.assign(y=each))) for each in y]


@pytest.mark.parametrize(("formula", "table", "sd"), CASES, ids=[case[0] for case in CASES])
def test_a_batch_gives_what_fit_mixed_gives(formula, table, sd):
    design, y = simulated(formula, table, sd)
    p = len(design.names)
    weights = np.eye(p)[1:]
    joint = np.eye(p)[:2]
    questions = [Question(str(k), row[None]) for k, row in enumerate(weights)] + [Question("joint", joint, True)]
    reference = one_by_one(formula, table, y)
    for ddf in ("satterthwaite", "kenward-roger", "normal"):
        fits = model_of(design, questions, ddf).fits(y)
        assert fits.reached.all()
        for k, fit in enumerate(reference):
            single, together = fit.contrast(weights, ddf), fit.joint_test(joint, ddf).iloc[0]
            np.testing.assert_allclose(fits.noise[:, k], single["estimate"], atol=1e-6)
            np.testing.assert_allclose(fits.std_error[:, k], single["std_error"], rtol=1e-5)
            np.testing.assert_allclose(fits.df[:, k], single["df"], rtol=1e-4)
            each = fits.joint[0]
            value = each.noise[:, k]
            statistic = each.scale[k] * value @ each.precision[:, :, k] @ value / 2
            assert statistic == pytest.approx(together["statistic"], rel=1e-5)
            assert each.df[k] == pytest.approx(together["den_df"], rel=1e-4)
            assert fits.singular[k] == fit.is_singular


def test_both_algorithms_for_a_random_intercept_agree():
    design, y = simulated(*CASES[1])
    question = [Question("drug", np.array([[0.0, 1.0]]))]
    quick = model_of(design, question, "kenward-roger")
    assert isinstance(quick, Intercepts)
    products = fit_design(build_design("y ~ drug + (1 | animal)", GAPS.assign(y=y[0]))).products
    general = Mixed(design, products, question[0].weights, [], "kenward-roger")
    one, other = quick.fits(y), general.fits(y)
    for name in ("noise", "std_error", "df"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-4, atol=1e-7)


def test_animals_that_are_alike_are_one_class():
    design, _ = simulated(*CASES[2])
    products = fit_design(build_design("y ~ drug * sex + (1 + drug | animal)", ROWS.assign(y=np.arange(48.0) ** 1.5)))
    classes = classes_of(products.products, design.X, design.random_parts)
    assert classes.count.tolist() == [4, 4]  # the two sexes


def test_simulated_outcomes_have_the_covariance_that_was_asked_for():
    design = build_shared_design("~ drug + (1 + drug | animal)", ROWS)
    y = noise(design, variances_of(design, SLOPES), 40_000, np.random.default_rng(8))
    covariance = np.cov(y[:, :6].T)  # one animal: three rows of each drug
    between, drug = 0.25, 0.25 + 0.25 + 2 * 0.3 * 0.25
    assert covariance[0, 1] == pytest.approx(between, abs=0.03)
    assert covariance[3, 4] == pytest.approx(drug, abs=0.04)
    assert covariance[0, 0] == pytest.approx(between + 1, abs=0.04)
    assert np.cov(y[:, 0], y[:, 6])[0, 1] == pytest.approx(0, abs=0.03)  # another animal


@pytest.mark.parametrize("adjust", FROM_P_VALUES)
def test_families_are_corrected_as_one_at_a_time(adjust):
    p = two_sided(np.random.default_rng(2).normal(0, 2, (4, 50)), np.inf)
    expected = np.column_stack([adjusted_p_values(column, adjust) for column in p.T])
    np.testing.assert_allclose(adjusted_columns(p, adjust), expected, rtol=1e-10)


def test_icc_and_total():
    sd = from_icc(2.0, animal=0.36)
    assert sd == pytest.approx({"animal": 1.2, "residual": 1.6})
