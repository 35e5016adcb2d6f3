"""Nested fixed factors, ``a/b``: R's columns, tables and tests."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_mixed_golden import TOLERANCE, in_order, key, relative, table_errors

from helpers.contrasts import comparisons, predictions
from helpers.mixed import fit_mixed

REFERENCE = Path(__file__).parent / "reference"
MODELS = json.loads((REFERENCE / "nested" / "nested.json").read_text(encoding="utf-8"))["models"]


@pytest.fixture(scope="module")
def ham():
    table = pd.read_csv(REFERENCE / "anova" / "ham.csv")
    return table.assign(Kind=np.where(table["Product"].isin(["p1", "p2"]), "dry", "wet"))


@pytest.mark.parametrize("m", MODELS, ids=lambda m: m["formula"])
def test_nested_factors_equal_r(ham, m):
    fit = fit_mixed(m["formula"], ham, rank_deficient="drop" if m["dropped"] else "refuse")
    assert fit.deviance == pytest.approx(m["REMLcrit"], abs=TOLERANCE["criterion"])
    np.testing.assert_allclose(fit.predict(), m["predicted"], atol=1e-6)
    for method in ("satterthwaite", "kenward_roger"):
        ours = fit.coefficients(ddf=method.replace("_", "-")).dropna()
        errors = table_errors(ours, in_order(m[method], ours.index))
        assert all(error < TOLERANCE[quantity] for quantity, error in errors.items()), errors
    for ours, rows in (
        (fit.anova("kenward-roger", type=1), m["type1"]),
        (fit.drop_one(ddf="kenward-roger"), m["drop1"]),
    ):
        theirs = in_order(rows, ours.index)
        assert ours["num_df"].tolist() == theirs["NumDF"].tolist()
        assert relative(ours["statistic"], theirs["F value"]) < TOLERANCE["kr_anova_f"]
        assert relative(ours["den_df"], theirs["DenDF"]) < TOLERANCE["kr_anova_df"]


def test_nested_is_the_factor_and_its_interaction(ham):
    nested, written = (
        fit_mixed(f"Informed.liking ~ {fixed} + (1 | Consumer)", ham)
        for fixed in ("Gender / Information", "Gender + Gender:Information")
    )
    pd.testing.assert_frame_equal(nested.coefficients(), written.coefficients())
    crossed = fit_mixed("Informed.liking ~ Gender * Information + (1 | Consumer)", ham)
    assert nested.deviance == pytest.approx(crossed.deviance, abs=1e-6)
    for ask in (
        lambda fit: predictions(fit, ["Gender", "Information"]),
        lambda fit: comparisons(fit, "Information", "Gender"),
    ):
        ours, theirs = ask(nested), ask(crossed)
        for name in ("estimate", "std_error", "df"):
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-7)
    pd.testing.assert_frame_equal(nested.anova().loc[["Gender"]], crossed.anova().loc[["Gender"]], rtol=1e-7)


def test_levels_that_lie_within_one_other_are_refused_unless_asked_for(ham):
    formula = "Informed.liking ~ Kind / Product + (1 | Consumer)"
    with pytest.raises(ValueError, match=r"No row has Kind = 'dry' and Product = 'p3'"):
        fit_mixed(formula, ham)
    fit = fit_mixed(formula, ham, rank_deficient="drop")
    products = fit_mixed("Informed.liking ~ Product + (1 | Consumer)", ham)
    cells = ham[["Kind", "Product"]].drop_duplicates()
    np.testing.assert_allclose(fit.predict(cells), products.predict(cells))
    found = predictions(fit, ["Product", "Kind"])
    assert found["estimate"].notna().sum() == 4
    assert {key(name) for name in fit.design.dropped.sentences} == {key(name) for name in MODELS[-1]["dropped"]}
