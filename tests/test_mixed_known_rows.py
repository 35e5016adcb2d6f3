"""Weights, offsets and structured residuals go along wherever a model is fitted again, or it is refused."""

import numpy as np
import pandas as pd
import pytest

from helpers.mixed import fit_mixed
from helpers.mixed.compare import compare

FORMULA = "y ~ dose + drug + (1 | animal)"


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"animal": np.repeat([f"m{k:02d}" for k in range(12)], 6), "day": np.tile(np.arange(6), 12)})
    rows["drug"] = np.where(rows["animal"] < "m06", "no", "yes")
    rows["dose"] = rng.uniform(0, 2, len(rows))
    rows["w"] = rng.uniform(0.5, 4, len(rows))
    rows["known"] = rng.normal(0, 3, len(rows))
    animal = np.repeat(rng.normal(0, 1, 12), 6)
    rows["y"] = rows["known"] + rows["dose"] + animal + rng.normal(0, 1, len(rows)) / np.sqrt(rows["w"])
    return rows


def known(table, **more):
    return fit_mixed(FORMULA, table, weights="w", offset="known", **more)


def test_an_update_keeps_weights_and_offset(table):
    updated = known(table).update(". ~ . - drug")
    afresh = fit_mixed("y ~ dose + (1 | animal)", table, weights="w", offset="known")
    assert updated.log_likelihood == pytest.approx(afresh.log_likelihood, abs=1e-10)
    other = table.iloc[6:]
    assert known(table).update(". ~ .", data=other).log_likelihood == pytest.approx(
        known(other).log_likelihood, abs=1e-10
    )


def test_weights_that_stand_in_no_column_cannot_follow_to_other_rows(table):
    fit = fit_mixed(FORMULA, table, weights=table["w"].to_numpy())
    again = fit.update(". ~ . - drug")
    named = fit_mixed("y ~ dose + (1 | animal)", table, weights="w")
    assert again.log_likelihood == pytest.approx(named.log_likelihood, abs=1e-10)
    with pytest.raises(ValueError, match="The weights of this fit stood in no column"):
        fit.update(". ~ .", data=table.iloc[6:])


def test_a_term_dropped_is_tested_between_fits_with_the_same_weights(table):
    by_likelihood = known(table).drop_one(test="likelihood-ratio")
    smaller = fit_mixed("y ~ dose + (1 | animal)", table, weights="w", offset="known")
    whole = compare(smaller, known(table)).iloc[1]
    assert by_likelihood.loc["drug", "statistic"] == pytest.approx(whole["statistic"], abs=1e-8)


def test_leaving_out_an_animal_leaves_out_its_weights(table):
    found = known(table).influence("animal").query("animal == 'm03' and term == 'dose'").iloc[0]
    rest = known(table[table["animal"] != "m03"])
    assert found["estimate"] == pytest.approx(rest.fixed_effects["dose"], abs=1e-8)


def test_a_random_term_is_tested_with_the_weights(table):
    row = known(table).random_terms_tests().iloc[0]
    root = np.sqrt(table["w"].to_numpy())
    x = np.column_stack([np.ones(len(table)), table["dose"], table["drug"] == "yes"]) * root[:, None]
    y = (table["y"] - table["known"]).to_numpy() * root
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    df, sigma2 = len(y) - 3, left @ left / (len(y) - 3)
    deviance = df * (np.log(2 * np.pi * sigma2) + 1) + np.linalg.slogdet(x.T @ x)[1] - np.log(table["w"]).sum()
    assert -2 * row["log_likelihood"] == pytest.approx(deviance, abs=1e-6)
    with pytest.raises(ValueError, match="A bootstrap is not offered with weights and offset"):
        known(table).random_terms_tests(19, rng=np.random.default_rng(1))


def test_predictions_bring_the_offset_and_refuse_what_weights_do_not_tell(table):
    fit = known(table)
    rows = table.iloc[:4]
    plain = fit.predict(rows)
    intervals = fit.predict(rows, interval="confidence")
    np.testing.assert_allclose(intervals["estimate"], plain)
    x = np.column_stack([np.ones(4), rows["dose"], rows["drug"] == "yes"])
    np.testing.assert_allclose(plain, x @ fit.fixed_effects.to_numpy() + rows["known"])
    fit.predict(rows, random=True, interval="confidence")
    with pytest.raises(ValueError, match="With weights residuals differ in variance, and an interval for a new obs"):
        fit.predict(rows, interval="prediction")


def test_an_interval_for_an_animal_with_weights_is_that_of_dense_matrices(table):
    fit = known(table)
    found = fit.predict(random=True, interval="confidence", ddf="normal")
    z = pd.get_dummies(table["animal"]).to_numpy(float)
    x = np.column_stack([np.ones(len(table)), table["dose"], table["drug"] == "yes"]).astype(float)
    spread = fit.variance_components["vcov"]
    between, within = spread.iloc[0], fit.residual_variance
    w = table["w"].to_numpy()[:, None] / within
    system = np.block([[x.T @ (w * x), x.T @ (w * z)], [z.T @ (w * x), z.T @ (w * z) + np.eye(12) / between]])
    rows = np.hstack([x, z])
    variance = np.einsum("ij,jk,ik->i", rows, np.linalg.inv(system), rows)
    np.testing.assert_allclose(found["std_error"], np.sqrt(variance), rtol=1e-7)


@pytest.mark.parametrize("more", [{"variance_by": "drug"}, {"correlation": "ar1(day | animal)"}])
def test_structured_residuals_go_along_or_are_refused(table, more):
    table = table.assign(y=table["y"] - table["known"])
    fit = fit_mixed(FORMULA, table, **more)
    afresh = fit_mixed("y ~ dose + (1 | animal)", table, **more)
    assert fit.update(". ~ . - drug").log_likelihood == pytest.approx(afresh.log_likelihood, abs=1e-7)
    with pytest.raises(ValueError, match="Leaving rows out is not offered with variance_by or correlation"):
        fit.influence("animal")
    with pytest.raises(ValueError, match="random_terms_tests is not offered with variance_by or correlation"):
        fit.random_terms_tests()
    with pytest.raises(ValueError, match="the mean of single groups"):
        fit.predict(random=True, interval="confidence")
    assert np.isfinite(fit.predict(interval="confidence")["std_error"]).all()
