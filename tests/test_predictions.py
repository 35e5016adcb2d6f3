"""Predictions and their intervals: R, dense matrices, and how often an interval holds what it is for."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import linalg, stats
from test_mixed_golden import TOLERANCE, relative

from helpers.cells import collect_cells
from helpers.mixed import SingularFitWarning, fit_mixed

REFERENCE = Path(__file__).parent / "reference"
IN_R = json.loads((REFERENCE / "predictions" / "predictions.json").read_text(encoding="utf-8"))
KINDS = {
    "own_mean": {"random": True, "interval": "confidence"},
    "own_observation": {"random": True, "interval": "prediction"},
    "new_mean": {"random": True, "interval": "confidence", "new_levels": "average"},
    "new_observation": {"interval": "prediction"},
}


def rows_of(m, fit):
    at = pd.DataFrame(m["at"])
    for term in fit.design.random:  # numbers that are labels came back as text
        at[term.group] = at[term.group].astype(fit.design.data[term.group].cat.categories.dtype)
    return at


# --- R --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fits():
    data = {m["csv"]: pd.read_csv(REFERENCE / m["csv"]) for m in IN_R["models"]}
    for table in data.values():
        for name in {"Subject", "Consumer", "Product", "plate", "sample"} & set(table):
            table[name] = table[name].astype("category")
    return {m["formula"]: fit_mixed(m["formula"], data[m["csv"]]) for m in IN_R["models"]}


@pytest.mark.parametrize("m", IN_R["models"], ids=lambda m: m["formula"])
def test_means_over_all_groups_equal_lmertest(fits, m):
    fit = fits[m["formula"]]
    for method, rows in m["mean"].items():
        theirs = pd.DataFrame(rows)
        ours = fit.predict(rows_of(m, fit), interval="confidence", ddf=method.replace("_", "-"))
        np.testing.assert_allclose(ours["estimate"], m["population"], rtol=TOLERANCE["estimate"])
        assert relative(ours["std_error"], theirs["Std. Error"]) < TOLERANCE["std_error"]
        assert relative(ours["df"], theirs["df"]) < TOLERANCE["df"]
        for end, name in (("conf_low", "lower"), ("conf_high", "upper")):
            assert np.max(np.abs(ours[end] - theirs[name]) / theirs["Std. Error"]) < 1e-4


def test_means_over_all_groups_equal_emmeans(fits):
    theirs = pd.DataFrame(IN_R["emmeans"])
    ours = fits["Reaction ~ Days + (Days | Subject)"].predict(theirs[["Days"]], interval="confidence")
    expected = theirs[["emmean", "SE", "df", "lower.CL", "upper.CL"]]
    np.testing.assert_allclose(ours.to_numpy(), expected.to_numpy(), rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("m", IN_R["models"], ids=lambda m: m["formula"])
def test_errors_of_predictions_equal_the_formulas_in_r(fits, m, kind):
    fit = fits[m["formula"]]
    at = rows_of(m, fit)
    if kind == "new_mean":
        at = at.assign(**{term.group: "not there" for term in fit.design.random})
    if kind == "new_observation":
        at = at.drop(columns=[term.group for term in fit.design.random])
    if at.columns.empty:
        at = pd.DataFrame({"any": [0] * len(at)})
    ours = fit.predict(at, **KINDS[kind])
    theirs = np.array(m["errors"][kind])
    assert relative(ours["std_error"], theirs[:, 0]) < TOLERANCE["std_error"]
    assert relative(ours["df"], theirs[:, 1]) < TOLERANCE["df"]
    own = m["own"] if kind.startswith("own") else m["population"]
    np.testing.assert_allclose(ours["estimate"], own, rtol=1e-5)
    low, high = ("conf_low", "conf_high") if KINDS[kind]["interval"] == "confidence" else ("pred_low", "pred_high")
    half = stats.t.isf(0.025, ours["df"]) * ours["std_error"]
    np.testing.assert_allclose(ours[[low, high]].to_numpy().T, [ours["estimate"] - half, ours["estimate"] + half])


# --- Dense matrices -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    a, b = np.repeat(np.arange(7), 6), np.tile(np.arange(3), 14)
    x = rng.normal(size=42)
    y = x + rng.normal(size=7)[a] * (1 + x) + rng.normal(size=3)[b] + rng.normal(size=42)
    table = pd.DataFrame({"y": y, "x": x, "a": [f"a{i}" for i in a], "b": [f"b{i}" for i in b]})
    return table.drop(index=[0, 5, 17, 30])


CROSSED = "y ~ x + (1 | a) + (1 | b)"
FORMULAS = ["y ~ x + (1 + x | a) + (1 | b)", "y ~ x + (x || a)", "y ~ x + (1 | a / b)"]


def with_dense_matrices(fit, x, z_of_terms):
    """The variance of the error of x'β + z'b by V of n × n, one row; a new group's z stands in `z_of_terms` last."""
    data, sigma2 = fit.design, fit.residual_variance
    blocks, z, extra = [], [], 0.0
    for term, factor, (row, code) in zip(data.random, fit.factors, z_of_terms, strict=True):
        psi = factor @ factor.T
        levels = np.eye(len(term.levels))[term.codes]
        blocks.append((np.einsum("nl,nr->nlr", levels, term.columns).reshape(len(data.y), -1), psi, len(term.levels)))
        own = np.zeros((len(term.levels), len(row)))
        if code >= 0:
            own[code] = row
        else:
            extra += row @ psi @ row
        z.append(own.ravel())
    big_z = np.concatenate([block for block, _, _ in blocks], axis=1)
    g = linalg.block_diag(*(np.kron(np.eye(n), psi) for _, psi, n in blocks))
    w = np.linalg.inv(np.eye(len(data.y)) + big_z @ g @ big_z.T)
    z = np.concatenate(z)
    h = big_z @ g @ z
    d = x - data.X.T @ w @ h
    return sigma2 * (z @ g @ z - h @ w @ h + d @ np.linalg.solve(data.X.T @ w @ data.X, d) + extra)


@pytest.mark.parametrize("formula", FORMULAS)
def test_errors_equal_those_of_dense_matrices(table, formula):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed(formula, table)
    at = pd.DataFrame({"x": [0.3, -2.0, 1.0, 0.0], "a": ["a0", "a6", "new", "new"], "b": ["b1", "b2", "b0", "new"]})
    ours = fit.predict(at, random=True, new_levels="average", interval="confidence")
    new = fit.predict(at, random=True, new_levels="average", interval="prediction")
    parts = [fit.design.random_columns(k, at) for k in range(len(fit.design.random))]
    x = fit.design.fixed_matrix(at)
    for i in range(len(at)):
        expected = with_dense_matrices(fit, x[i], [(columns[i], codes[i]) for columns, codes in parts])
        assert ours["std_error"].iloc[i] ** 2 == pytest.approx(expected, rel=1e-9)
        assert new["std_error"].iloc[i] ** 2 == pytest.approx(expected + fit.residual_variance, rel=1e-9)


def test_rows_taken_in_parts_give_the_same(table, monkeypatch):
    fit = fit_mixed(CROSSED, table)
    whole = fit.predict(random=True, interval="prediction")
    monkeypatch.setattr("helpers.mixed.prediction_errors.AT_ONCE", 100)
    pd.testing.assert_frame_equal(fit.predict(random=True, interval="prediction"), whole)


def test_the_own_mean_of_a_group_seen_without_end_is_its_mean(table):
    """Of 400 rows in each of 4 groups, the error of a group's mean is nearly that of its own rows alone."""
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(4), 400)
    data = pd.DataFrame({"g": g, "y": 3 * rng.normal(size=4)[g] + rng.normal(size=1600)})
    found = fit_mixed("y ~ 1 + (1 | g)", data).predict(data.iloc[[0]], random=True, interval="confidence")
    own = data.loc[data["g"] == 0, "y"]
    assert found["estimate"].item() == pytest.approx(own.mean(), abs=2e-3)
    sigma = np.sqrt(fit_mixed("y ~ 1 + (1 | g)", data).residual_variance)
    assert found["std_error"].item() == pytest.approx(sigma / 20, rel=1e-3)
    assert found["df"].item() == pytest.approx(1596, rel=0.01)


def test_without_variance_between_groups_intervals_are_those_of_least_squares():
    data = pd.read_csv(REFERENCE / "classic" / "Dyestuff2.csv")
    with pytest.warns(SingularFitWarning):
        fit = fit_mixed("Yield ~ 1 + (1 | Batch)", data)
    n, s = len(data), data["Yield"].std()
    half = stats.t.isf(0.025, n - 1) * s * np.sqrt(1 + 1 / n)
    for random in (False, True):
        found = fit.predict(data.iloc[:2], random=random, interval="prediction")
        assert found["pred_high"].tolist() == pytest.approx([data["Yield"].mean() + half] * 2)


# --- How often ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_hold_what_they_are_for(kind):
    """95% intervals over 200 tables of 8 groups, 6 rows each; the truth drawn anew with each table."""
    rng = np.random.default_rng(7)
    g = np.repeat(np.arange(8), 6)
    held = 0
    for _ in range(200):
        effects = rng.normal(size=9)
        data = pd.DataFrame({"g": g, "y": effects[g] + rng.normal(size=48)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SingularFitWarning)
            fit = fit_mixed("y ~ 1 + (1 | g)", data)
        level = 0 if kind.startswith("own") else 8
        found = fit.predict(pd.DataFrame({"g": [level]}), **KINDS[kind]).iloc[0]
        truth = effects[level] + (rng.normal() if kind.endswith("observation") else 0)
        held += found.iloc[-2] <= truth <= found.iloc[-1]
    assert stats.binomtest(held, 200, 0.95).pvalue > 0.01


# --- What is asked --------------------------------------------------------------------------------------------------


def test_without_interval_predictions_are_a_series_as_before(table):
    fit = fit_mixed(CROSSED, table)
    plain, with_error = fit.predict(random=True), fit.predict(random=True, interval="confidence")
    assert isinstance(plain, pd.Series)
    np.testing.assert_allclose(plain, with_error["estimate"])
    assert with_error.columns.tolist() == ["estimate", "std_error", "df", "conf_low", "conf_high"]
    assert plain.index.equals(table.index)
    assert with_error.index.equals(table.index)


def test_an_average_group_has_the_mean_over_groups(table):
    fit = fit_mixed(CROSSED, table)
    at = pd.DataFrame({"x": [1.0], "a": ["new"], "b": ["b0"]})
    found = fit.predict(at, random=True, new_levels="average").item()
    assert found == pytest.approx(fit.predict(at).item() + fit.random_effects["b"].loc["b0"].item())
    with pytest.raises(ValueError, match=r"'a' that were not in the fit.*random=False, or with new_levels='average'"):
        fit.predict(at, random=True)


def test_a_level_of_confidence_is_kept(table):
    fit = fit_mixed(CROSSED, table)
    found = fit.predict(interval="prediction", conf_level=0.8, ddf="normal")
    assert np.isinf(found["df"]).all()
    half = stats.norm.isf(0.1) * found["std_error"]
    np.testing.assert_allclose(found["pred_high"] - found["estimate"], half)


def test_a_row_of_zeros_is_certain(table):
    fit = fit_mixed("y ~ 0 + x + (1 | a)", table)
    found = fit.predict(pd.DataFrame({"x": [0.0, 1.0]}), interval="confidence")
    assert found.iloc[0].tolist() == [0, 0, np.inf, 0, 0]
    assert found["std_error"].iloc[1] == pytest.approx(fit.coefficients()["std_error"].item())


def test_cells_predict_new_rows_with_intervals(table):
    formula = "y ~ x + (1 | a)"
    rows, cells = fit_mixed(formula, table), fit_mixed(formula, collect_cells(formula, table))
    at = pd.DataFrame({"x": [0.0, 1.0], "a": ["a1", "a2"]})
    for kind in (KINDS["own_mean"], KINDS["new_observation"], {"interval": "confidence"}):
        pd.testing.assert_frame_equal(cells.predict(at, **kind), rows.predict(at, **kind), rtol=1e-6)
    with pytest.raises(ValueError, match="would need the single rows"):
        cells.predict(interval="confidence")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"interval": "both"}, "interval is 'confidence' or 'prediction'; found 'both'"),
        ({"interval": True}, "interval is 'confidence' or 'prediction'; found True"),
        ({"new_levels": "allow"}, "new_levels is 'refuse' or 'average'; found 'allow'"),
        ({"interval": "confidence", "conf_level": 95}, "conf_level lies between 0 and 1"),
        ({"interval": "confidence", "ddf": "kr"}, "ddf is one of"),
        ({"interval": "prediction", "ddf": "kr"}, "ddf is one of"),
        ({"interval": "prediction", "ddf": "kenward-roger"}, "weighted sums of the coefficients.*use ddf='satterth"),
        ({"interval": "confidence", "random": True, "ddf": "kenward-roger"}, "use ddf='satterthwaite'"),
    ],
)
def test_what_is_not_offered_is_refused(table, asked, message):
    with pytest.raises(ValueError, match=message):
        fit_mixed("y ~ x + (1 | a)", table).predict(**asked)
