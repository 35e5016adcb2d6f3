"""Slopes of design rows: exact where they can be, refused where there is none; and formulas of any kind and name."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from helpers.contrasts import comparisons, joint_tests, predictions, slopes
from helpers.contrasts.derivatives import row_slopes
from helpers.mixed import fit_mixed

AT_FIT = np.linspace(0.5, 6, 40)


def slope_of(function, at, at_fit=AT_FIT):
    """The derivative of one column at some values."""

    def matrix(rows):
        with np.errstate(all="ignore"):
            column = function(rows["x"].to_numpy(dtype=float))
        if not np.isfinite(column).all():
            raise ValueError("outside the domain")
        return column[:, None]

    return row_slopes(matrix, pd.DataFrame({"x": np.atleast_1d(np.asarray(at, dtype=float))}), "x", at_fit)[:, 0]


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (lambda x: 3 * x - 7, lambda x: np.full_like(x, 3.0)),
        (lambda x: x**2, lambda x: 2 * x),
        (lambda x: x**5 - x, lambda x: 5 * x**4 - 1),
        (np.log, lambda x: 1 / x),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
        (np.exp, np.exp),
        (lambda x: np.sin(2 * np.pi * x), lambda x: 2 * np.pi * np.cos(2 * np.pi * x)),
        (lambda x: 1 / (1 + np.exp(-8 * (x - 3))), lambda x: 2 / np.cosh(4 * (x - 3)) ** 2),
    ],
)
def test_derivatives_of_smooth_columns(function, derivative):
    at = np.array([0.5, 0.7, 2.0, 3.1, 5.9, 6.0])  # both ends of the values among them
    expected = derivative(at)
    np.testing.assert_allclose(slope_of(function, at), expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=1, max_size=4),
    st.floats(-5, 5),
    st.floats(1e-3, 1e4),
    st.floats(-10, 10),
)
def test_polynomials_in_any_unit(coefficients, at, unit, shift):
    at_fit = (np.linspace(-5, 5, 30) + shift) * unit
    polynomial = np.polynomial.Polynomial([0.0, *coefficients])
    found = slope_of(lambda x: polynomial(x / unit - shift), (at + shift) * unit, at_fit)
    size = np.abs(polynomial(np.linspace(-5, 5, 30))).max() / (10 * unit) + 1e-300
    np.testing.assert_allclose(found, polynomial.deriv()(at) / unit, rtol=1e-9, atol=1e-9 * size)


def test_values_over_many_decades():
    at = np.array([1e-3, 0.06, 0.1, 50, 1e4])
    np.testing.assert_allclose(slope_of(np.log, at, at), 1 / at, rtol=1e-9)


def test_years_lose_no_more_than_their_digits():
    at_fit = np.arange(2015.0, 2025.0)
    np.testing.assert_allclose(slope_of(lambda x: (x - 2020) ** 2, [2018.0], at_fit), -4, rtol=1e-9)


def test_a_period_that_the_width_may_hit_does_not_look_flat():
    hours = np.arange(0, 77 * 24.0, 2)
    found = slope_of(lambda x: np.sin(2 * np.pi * x / 24), [48.0, 51.0], hours)
    np.testing.assert_allclose(found, 2 * np.pi / 24 * np.cos(2 * np.pi * np.array([0.0, 3.0]) / 24), rtol=1e-8)


def test_a_spline_up_to_its_ends():
    knots = np.r_[[0.0] * 4, 2.0, 4.0, [6.0] * 4]
    spline = BSpline(knots, [0.0, 1.0, -1.0, 2.0, 0.5, 1.0], 3, extrapolate=False)
    at = np.array([0.0, 0.001, 1.0, 2.0, 3.3, 5.999, 6.0])
    expected = spline.derivative()(np.minimum(at, 6 - 1e-13))
    np.testing.assert_allclose(slope_of(spline, at, np.linspace(0, 6, 30)), expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(
    "function", [np.abs, lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float), lambda x: np.sqrt(np.abs(x))]
)
def test_a_kink_or_a_step_has_no_slope(function):
    at_fit = np.linspace(-3, 3, 31)
    with pytest.raises(ValueError, match=r"no slope by 'x' at some of the values asked for \(0\): it jumps or bends"):
        slope_of(function, [0.0], at_fit)
    away = slope_of(function, [1.0, 2.5], at_fit)
    assert np.isfinite(away).all()


def test_where_the_formula_is_not_defined():
    with pytest.raises(ValueError, match="outside the domain"):
        slope_of(np.log, [-1.0], np.linspace(0.5, 3, 20))


# --- In models ------------------------------------------------------------------------------------------------------


def table_of(n=120):
    rng = np.random.default_rng(8)
    table = pd.DataFrame(
        {"g": rng.choice(list("abc"), n), "x": rng.uniform(0.2, 5, n), "t": rng.choice([True, False], n)}
    )
    table["day"], table["animal"] = rng.choice([0, 2, 5], n), rng.integers(0, 8, n).astype(str)
    table["y"] = np.log(table["x"]) + (table["g"] == "b") * table["x"] + rng.normal(size=n)
    return table


@pytest.mark.parametrize("engine", ["patsy", "formulaic"])
def test_both_engines_of_statsmodels_formulas(engine, monkeypatch):
    data = table_of()
    monkeypatch.setattr(statsmodels.formula.options, "_formula_engine", engine)
    fit = smf.ols("y ~ g * np.log(x) + t + C(day)", data).fit()
    rows = pd.DataFrame({"g": "a", "x": data["x"].mean(), "t": [True, False], "day": 0})
    expected = fit.predict(rows).mean()
    monkeypatch.undo()
    reference = fit_mixed("y ~ g * log(x) + t + C(day) + (1 | animal)", data)
    means = predictions(fit, ["g", "day"])
    assert means[["g", "day"]].astype(str).equals(predictions(reference, ["g", "day"])[["g", "day"]].astype(str))
    assert means["estimate"].iloc[0] == pytest.approx(expected, rel=1e-10)
    b = fit.params.filter(like="log")
    assert slopes(fit, "x", "g", at={"x": 0.4})["estimate"].to_numpy() == pytest.approx(
        (b.iloc[0] + np.array([0, b.iloc[1], b.iloc[2]])) / 0.4, rel=1e-10
    )
    assert comparisons(fit, "t")["contrast"].tolist() == ["True - False"]
    assert joint_tests(fit, "day")["num_df"].tolist() == [2]


def test_splines_of_both_kinds():
    data = table_of()
    for fit in (
        fit_mixed("y ~ bs(x, df=5) + g + (1 | animal)", data),
        smf.ols("y ~ bs(x, df=5) + g", data).fit(),
    ):
        ends = [data["x"].min(), 2.5, data["x"].max()]
        table = slopes(fit, "x", "x", at={"x": ends})
        near = predictions(fit, "x", at={"x": [ends[0], ends[0] + 1e-6, 2.5 - 1e-6, 2.5 + 1e-6]})["estimate"].to_numpy()
        assert table["estimate"].iloc[0] == pytest.approx((near[1] - near[0]) / 1e-6, rel=1e-4)
        assert table["estimate"].iloc[1] == pytest.approx((near[3] - near[2]) / 2e-6, rel=1e-4)


@pytest.mark.parametrize("name", ["class", "a b", "_row", "mean", "x-1", "v0", "rowid", "group", "Δ°C", "True"])
def test_columns_may_have_any_name(name):
    data = table_of().rename(columns={"g": name})
    plain = smf.ols("y ~ g * x", table_of()).fit()
    named = smf.ols(f"y ~ Q({name!r}) * x", data).fit()
    a, b = (comparisons(fit, {column: "pairwise"}) for fit, column in ((plain, "g"), (named, name)))
    np.testing.assert_allclose(a["estimate"], b["estimate"], rtol=1e-9)
    a, b = (slopes(fit, "x", by=column, grid="observed") for fit, column in ((plain, "g"), (named, name)))
    np.testing.assert_allclose(a["std_error"], b["std_error"], rtol=1e-9)
    assert b.columns[1] == name


def test_a_number_with_a_small_unit_is_no_zero():
    data = table_of()
    fit = smf.ols("y ~ np.log(mol)", data.assign(mol=data["x"] * 1e12)).fit()
    assert slopes(fit, "mol")["p_value"].iloc[0] < 0.05  # its weight, 1/mol, is far below 1e-9
