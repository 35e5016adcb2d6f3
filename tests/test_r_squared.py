"""Nakagawa's R² of a mixed model: R's performance, and what follows from its definition."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.cells import collect_cells
from helpers.mixed import SingularFitWarning, fit_mixed

REFERENCE = Path(__file__).parent / "reference"
MODELS = json.loads((REFERENCE / "r_squared" / "r_squared.json").read_text(encoding="utf-8"))["models"]


APART = "Reaction ~ Days + (Days || Subject)"


@pytest.mark.parametrize("m", [m for m in MODELS if m["formula"] != APART], ids=lambda m: m["formula"])
def test_r_squared_equals_performance(m):
    data = pd.read_csv(REFERENCE / m["csv"])
    with warnings.catch_warnings():
        warnings.simplefilter("error", SingularFitWarning)
        found = fit_mixed(m["formula"], data).r_squared()
    for name in ("marginal", "conditional"):
        assert found[name] == pytest.approx(m[name], abs=2e-6)
    for name in ("fixed", "random", "residual"):
        assert found[name] == pytest.approx(m[name], rel=2e-5, abs=1e-9)


def test_uncorrelated_slopes_count_and_in_performance_they_do_not():
    m = next(m for m in MODELS if m["formula"] == APART)
    fit = fit_mixed(APART, pd.read_csv(REFERENCE / m["csv"]))
    intercept, slope, _ = fit.variance_components["vcov"]
    days = fit.design.X[:, 1]
    assert m["random"] == pytest.approx(intercept, rel=2e-5)
    assert fit.r_squared()["random"] == pytest.approx(intercept + slope * np.mean(days**2))
    assert fit.r_squared()["conditional"] == pytest.approx(0.7965, abs=1e-4)
    assert m["conditional"] == pytest.approx(0.7016, abs=1e-4)


def table():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(12), 6)
    x = rng.normal(size=72)
    y = 0.5 * x + rng.normal(size=12)[g] + rng.normal(size=12)[g] * x + rng.normal(size=72)
    return pd.DataFrame({"y": y, "x": x, "g": [f"g{i}" for i in g], "f": np.tile(["a", "b"], 36)})


def test_without_predictors_the_conditional_share_is_the_intraclass_correlation():
    fit = fit_mixed("y ~ 1 + (1 | g)", table())
    found = fit.r_squared()
    assert found["marginal"] == pytest.approx(0, abs=1e-12)
    assert found["conditional"] == pytest.approx(fit.icc["g"])


def test_units_do_not_matter():
    data = table()
    ours = fit_mixed("y ~ x + (1 + x | g)", data).r_squared()
    other = fit_mixed("y ~ x + (1 + x | g)", data.assign(y=1000 * data["y"] + 7, x=data["x"] / 10 - 3)).r_squared()
    np.testing.assert_allclose(other.to_numpy(), ours.to_numpy() * [1, 1, 1e6, 1e6, 1e6], rtol=1e-6)


def test_cells_have_no_rows_to_predict():
    fit = fit_mixed("y ~ f + (1 | g)", collect_cells("y ~ f + (1 | g)", table()))
    with pytest.raises(ValueError, match="would need the single rows"):
        fit.r_squared()
