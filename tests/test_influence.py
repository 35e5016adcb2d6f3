"""Each group left out in turn: R, and fits to tables without these rows."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_mixed_golden import TOLERANCE, relative

from helpers.cells import collect_cells
from helpers.mixed import SingularFitWarning, fit_mixed

REFERENCE = Path(__file__).parent / "reference"
MODELS = json.loads((REFERENCE / "influence" / "influence.json").read_text(encoding="utf-8"))["models"]


@pytest.mark.parametrize("m", MODELS, ids=lambda m: f"{m['formula']}, {m['group']}")
def test_influence_equals_r(m):
    data = pd.read_csv(REFERENCE / m["csv"])
    fit = fit_mixed(m["formula"], data.astype({m["group"]: "str"}).astype({m["group"]: "category"}))
    used = m["group"] in fit.design.data
    ours = fit.influence(m["group"] if used else data[m["group"]])
    left = {row["level"]: row for row in m["left"]}
    deleted = dict(zip(m["lme4_levels"], m["lme4_cook"], strict=True))
    assert ours[m["group"]].unique().tolist() == sorted(left)
    n, p = len(left), len(fit.fixed_effects)
    for level, rows in ours.groupby(m["group"], observed=True):
        theirs = left[level]
        estimate, std_error = np.atleast_1d(theirs["estimate"]), np.atleast_1d(theirs["std_error"])
        assert np.max(np.abs(rows["estimate"] - estimate) / std_error) < TOLERANCE["estimate"]
        assert relative(rows["std_error"], std_error) < TOLERANCE["std_error"]
        assert rows["cooks_distance"].to_numpy() == pytest.approx(theirs["cook"], rel=1e-4, abs=1e-8)
        assert rows["cooks_distance"].iloc[0] * (n - p) / n == pytest.approx(deleted[level], rel=5e-3, abs=1e-5)
        assert (rows["note"] == "singular fit").all() == theirs["singular"]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(8), 6)
    table = pd.DataFrame({"g": g, "h": np.tile(["s", "t"], 24), "x": rng.normal(size=48)})
    return table.assign(y=3 * rng.normal(size=8)[g] + rng.normal(size=48), d=np.where(g < 2, "p", "q"))


@pytest.mark.parametrize("group", ["g", "h"])
def test_each_row_is_the_fit_to_a_table_without_these_rows(table, group):
    formula = "y ~ x + (1 | g)" if group == "g" else "y ~ x + (1 | g) + (1 | g:h)"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed(formula, table)
        for name, rows in fit.influence(group).groupby(group):
            if group == "h":  # then g and g:h are the same groups
                assert "cannot be told apart" in rows["note"].iloc[0]
                assert rows[["estimate", "change", "std_error", "cooks_distance"]].isna().all(axis=None)
                continue
            rest = fit_mixed(formula, table[table[group] != name])
            expected = rest.coefficients()
            np.testing.assert_allclose(rows["estimate"], expected["estimate"])
            np.testing.assert_allclose(rows["std_error"], expected["std_error"], rtol=1e-6)
            np.testing.assert_allclose(rows["change"], expected["estimate"] - fit.fixed_effects, atol=1e-9)
            ratio = expected["std_error"] / fit.coefficients()["std_error"]
            np.testing.assert_allclose(rows["std_error_ratio"], ratio, rtol=1e-6)
            assert rows["n_obs"].tolist() == [42, 42]


def test_an_outlying_animal_stands_out(table):
    far = table.assign(y=np.where(table["g"] == 5, table["y"] + 40 * table["x"], table["y"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        rows = fit_mixed("y ~ x + (1 | g)", far).influence("g").drop_duplicates("g")
    assert rows.set_index("g")["cooks_distance"].idxmax() == 5


def test_what_cannot_be_fitted_without_a_group_is_said(table):
    rows = fit_mixed("y ~ d + (1 | g)", table[table["g"] > 0]).influence("g")
    (note,) = rows.loc[rows["g"] == 1, "note"].unique()
    assert note == "without these rows 'd[T.q]' is a multiple of '(Intercept)'"
    assert rows.loc[rows["g"] == 1, "estimate"].isna().all()
    assert rows.loc[rows["g"] != 1, "estimate"].notna().all()
    two = fit_mixed("y ~ x + (1 | g)", table[table["g"] < 2]).influence("g")
    assert (two["note"] == "without these rows 'g' has one level").all()


def test_nested_groups_are_left_out_by_their_own_name(table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        rows = fit_mixed("y ~ x + (1 | g / h)", table).influence("g:h")
    assert rows["g:h"].nunique() == 16
    assert set(rows["n_obs"]) == {45}


def test_a_fit_by_maximum_likelihood_stays_one(table):
    fit = fit_mixed("y ~ x + (1 | g)", table, reml=False)
    expected = fit_mixed("y ~ x + (1 | g)", table[table["g"] != 0], reml=False).coefficients()["std_error"]
    np.testing.assert_allclose(fit.influence("g").head(2)["std_error"], expected, rtol=1e-6)


def test_what_is_no_group_is_refused(table):
    fit = fit_mixed("y ~ x + (1 | g)", table)
    with pytest.raises(KeyError, match=r"The model has no column 'animal'.*Its columns: 'g', 'y', 'x'"):
        fit.influence("animal")
    cells = fit_mixed("y ~ h + (1 | g)", collect_cells("y ~ h + (1 | g)", table))
    with pytest.raises(ValueError, match="would need the single rows"):
        cells.influence("g")


def test_a_column_that_the_model_does_not_use_is_given_as_a_series(table):
    gaps = table.assign(x=table["x"].where(table["x"] < 1))
    with pytest.warns(UserWarning, match="dropped"):
        fit = fit_mixed("y ~ x + (1 | g)", gaps)
    rows = fit.influence(table["d"])
    assert rows["d"].tolist() == ["p", "p", "q", "q"]
    expected = fit_mixed("y ~ x + (1 | g)", gaps[gaps["d"] != "q"].dropna()).coefficients()["estimate"]
    np.testing.assert_allclose(rows["estimate"].tail(2), expected)
    assert fit.influence(table["d"].rename(None)).columns[0] == "group"
    with pytest.raises(ValueError, match=r"needs the index of the table that was fitted, each label once; it lacks 0"):
        fit.influence(table["d"].iloc[5:])
    with pytest.raises(ValueError, match="some stand there twice"):
        fit.influence(pd.concat([table["d"], table["d"]]))
    with pytest.raises(ValueError, match="names no group for row"):
        fit.influence(table["d"].where(table["d"] == "p"))
    with pytest.raises(ValueError, match="'d' has one level: without it no row is left"):
        fit.influence(pd.Series("p", table.index, name="d"))
