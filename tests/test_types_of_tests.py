"""Type I, II and III tests: lmerTest's, and what follows from their definitions."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lmertest_pooling import lmertest_df, lmertest_weights
from test_mixed_golden import TOLERANCE, in_order, relative

from helpers.cells import collect_cells
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.types_of_tests import term_weights

REFERENCE = Path(__file__).parent / "reference"
MODELS = json.loads((REFERENCE / "types" / "types.json").read_text(encoding="utf-8"))["models"]


def fitted(m):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SingularFitWarning)
        return fit_mixed(m["formula"], pd.read_csv(REFERENCE / "anova" / m["csv"]))


def as_lmertest_writes_them(fit, type):
    """The hypotheses in lmerTest's own rows, on which its pooled degrees of freedom depend."""
    if type == 3:
        return lmertest_weights(fit)
    weights = term_weights(fit, type)
    for term, rows in weights.items():
        weights[term] = rows / np.diag(rows[:, fit.design.terms[term]])[:, None]
    if type == 2:
        alone = np.eye(fit.products.p)
        marginal = [term for term in weights if not fit.design.containing(term)]
        return weights | {term: alone[fit.design.terms[term]] for term in marginal}
    return weights


@pytest.mark.parametrize("type", [1, 2, 3])
@pytest.mark.parametrize("m", MODELS, ids=lambda m: m["formula"])
def test_each_type_equals_lmertest(m, type):
    fit = fitted(m)
    for ddf, rows in m["tests"][str(type)].items():
        ours = fit.anova(ddf.replace("_", "-"), type)
        theirs = in_order(rows, ours.index)
        assert ours["num_df"].tolist() == theirs["NumDF"].tolist()
        assert relative(ours["statistic"], theirs["F value"]) < TOLERANCE["anova_f"]
        den_df = ours["den_df"]
        if ddf == "satterthwaite":  # several rows are pooled otherwise there
            den_df = [lmertest_df(fit, weights) for weights in as_lmertest_writes_them(fit, type).values()]
            assert relative(den_df, ours["den_df"]) < 5e-3
        assert relative(den_df, theirs["DenDF"]) < TOLERANCE["anova_df"]
        if ddf == "kenward_roger":
            assert relative(ours["p_value"], theirs["Pr(>F)"]) < TOLERANCE["p_value"]


def balanced():
    rng = np.random.default_rng(2)
    g = np.repeat(np.arange(8), 6)
    table = pd.DataFrame({"g": g, "a": np.tile(["p", "q"], 24), "b": np.tile(["x", "y", "z"], 16)})
    return table.assign(y=rng.normal(size=8)[g] + rng.normal(size=48))


def test_in_a_balanced_table_all_types_are_the_same():
    fit = fit_mixed("y ~ a * b + (1 | g)", balanced())
    for type in (1, 2):
        pd.testing.assert_frame_equal(fit.anova(type=type), fit.anova(), rtol=1e-8)


def test_type_one_hangs_on_the_order_of_the_terms_and_type_two_does_not():
    table = balanced().drop(index=[0, 1, 7, 13, 19, 20, 32])
    one, other = (fit_mixed(f"y ~ {fixed} + (1 | g)", table) for fixed in ("a * b", "b * a"))
    names = {"a": "a", "b": "b", "a:b": "b:a"}
    for type, same in ((1, False), (2, True)):
        tests = one.anova(type=type)
        turned = other.anova(type=type).loc[[names[name] for name in tests.index]]
        assert np.allclose(tests["statistic"], turned["statistic"], rtol=1e-7) == same
    pd.testing.assert_series_equal(one.anova(type=1).loc["b"], one.anova(type=2).loc["b"], rtol=1e-8)


def test_a_main_effect_without_interactions_has_the_f_of_its_coefficients():
    fit = fitted(MODELS[1])
    for type in (2, 3):
        assert fit.anova(type=type).loc["Gender"].tolist() == pytest.approx(fit.joint_test("Gender").loc[0].tolist())


def test_cells_have_all_types():
    formula = "y ~ a * b + (1 | g)"
    table = balanced().drop(index=[0, 1, 7, 13])
    rows, cells = fit_mixed(formula, table), fit_mixed(formula, collect_cells(formula, table))
    for type in (1, 2, 3):
        pd.testing.assert_frame_equal(cells.anova(type=type), rows.anova(type=type), rtol=1e-7)


@pytest.mark.parametrize(("name", "type"), [("I", 1), ("II", 2), ("III", 3), ("2", 2)])
def test_roman_numbers_are_understood(name, type):
    fit = fit_mixed("y ~ a * b + (1 | g)", balanced())
    pd.testing.assert_frame_equal(fit.anova(type=name), fit.anova(type=type))


@pytest.mark.parametrize("type", [0, 4, "IV", True, None, [1], 2.5])
def test_another_type_is_refused(type):
    fit = fit_mixed("y ~ a + (1 | g)", balanced())
    with pytest.raises(ValueError, match="type is 1, 2 or 3; found"):
        fit.anova(type=type)
