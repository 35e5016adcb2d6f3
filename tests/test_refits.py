"""`update`, `drop_one` and `random_terms_tests` of a fit: R's `update`, `drop1` and `ranova`, and what must hold."""

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lmertest_pooling import lmertest_df
from scipy import stats
from test_mixed_golden import TOLERANCE, in_order, relative

from helpers.cells import collect_cells
from helpers.design.formula import parse_formula
from helpers.design.updating import updated_formula
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.compare import compare

REFERENCE = Path(__file__).parent / "reference"
MODELS = json.loads((REFERENCE / "refits" / "refits.json").read_text(encoding="utf-8"))["models"]
WITH_TERMS = [m for m in MODELS if "F" in m]


def fitted(m):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return fit_mixed(m["formula"], pd.read_csv(REFERENCE / m["csv"]))


# --- Tests by refitting, against R ----------------------------------------------------------------------------------


@pytest.mark.parametrize("m", WITH_TERMS, ids=lambda m: m["formula"])
def test_drop_one_equals_drop1(m):
    fit = fitted(m)
    for ddf, rows in (("satterthwaite", m["F"]), ("kenward-roger", m["KR"])):
        ours = fit.drop_one(ddf=ddf)
        theirs = in_order(rows, ours.index)
        assert ours["num_df"].tolist() == theirs["NumDF"].tolist()
        assert relative(ours["statistic"], theirs["F value"]) < TOLERANCE["anova_f"]
        den_df = ours["den_df"]
        if ddf == "satterthwaite":  # several rows are pooled otherwise there
            den_df = [lmertest_df(fit, np.eye(fit.products.p)[fit.design.terms[term]]) for term in ours.index]
        assert relative(den_df, theirs["DenDF"]) < TOLERANCE["anova_df"]


@pytest.mark.parametrize("m", WITH_TERMS, ids=lambda m: m["formula"])
def test_likelihood_ratios_of_dropped_terms_equal_r(m):
    ours = fitted(m).drop_one("likelihood-ratio")
    whole, *rows = m["LRT"]
    assert ours.index[0] == "(none)"
    assert ours["aic"].iloc[0] == pytest.approx(whole["AIC"], abs=2 * TOLERANCE["ml_criterion"])
    theirs = in_order(rows, ours.index[1:])
    assert ours["df"].iloc[1:].tolist() == theirs["npar"].tolist()
    np.testing.assert_allclose(ours["aic"].iloc[1:], theirs["AIC"], rtol=0, atol=2 * TOLERANCE["ml_criterion"])
    np.testing.assert_allclose(ours["statistic"].iloc[1:], theirs["LRT"], rtol=0, atol=2 * TOLERANCE["ml_criterion"])
    assert relative(ours["p_value"].iloc[1:], theirs["Pr(Chi)"]) < TOLERANCE["p_value"]


def label(name):
    """What a row of ranova leaves out: the effect, if it is one of several, and the term."""
    effect, _, term = name.rpartition(" in ")
    inner, _, groups = term.strip("()").partition("|")
    inner = re.sub(r"^\s*1 \+", "", inner).strip()
    return effect, inner, frozenset(groups.strip().split(":"))


@pytest.mark.parametrize("m", MODELS, ids=lambda m: m["formula"])
def test_random_terms_tests_equal_ranova_but_for_the_boundary(m):
    fit = fitted(m)
    ours = fit.random_terms_tests()
    theirs = {label(row["term"]): row for row in m["ranova"] if row["term"] != "<none>"}
    assert len(ours) == len(theirs)
    for name, row in ours.iterrows():
        effect, inner, groups = label(name)
        if (effect, inner, groups) not in theirs:  # ranova writes `x in (0 + x | g)` for the whole term, too
            effect = inner.removeprefix("0 + ")
        expected = theirs[effect, inner, groups]
        assert row["n_parameters"] == expected["npar"]
        assert row["df"] == expected["Df"]
        assert row["log_likelihood"] == pytest.approx(expected["logLik"], abs=TOLERANCE["criterion"])
        assert row["statistic"] == pytest.approx(expected["LRT"], abs=2 * TOLERANCE["criterion"])
        assert row["p_value_chi2"] == pytest.approx(expected["Pr(>Chisq)"], rel=TOLERANCE["p_value"])
        assert row["p_value"] < row["p_value_chi2"]
        assert "boundary" in row["note"]


# --- Where a variance lies on its boundary --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sleep():
    return pd.read_csv(REFERENCE / "classic" / "sleepstudy.csv")


@pytest.fixture(scope="module")
def slopes(sleep):
    return fit_mixed("Reaction ~ Days + (Days | Subject)", sleep)


def test_the_mixture_of_one_slope_more_is_written_out(slopes, sleep):
    (row,) = slopes.random_terms_tests().itertuples()
    assert row.Index == "Days in (1 + Days | Subject)"
    simpler = fit_mixed("Reaction ~ Days + (1 | Subject)", sleep)
    statistic = simpler.deviance - slopes.deviance
    assert row.statistic == pytest.approx(statistic)
    assert row.p_value == pytest.approx((stats.chi2.sf(statistic, 1) + stats.chi2.sf(statistic, 2)) / 2)
    assert row.note.startswith("half chi-squared(1) and half chi-squared(2)")


def test_a_variance_of_zero_has_a_p_value_of_one():
    with pytest.warns(SingularFitWarning):
        fit = fit_mixed("Yield ~ 1 + (1 | Batch)", pd.read_csv(REFERENCE / "classic" / "Dyestuff2.csv"))
    table = fit.random_terms_tests()
    assert table[["statistic", "p_value", "p_value_chi2"]].to_numpy().tolist() == [[0, 1, 1]]


def test_several_effects_at_once_have_a_bound_only():
    ham = pd.read_csv(REFERENCE / "anova" / "ham.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed("`Informed.liking` ~ Information + (Product | Consumer)", ham)
    (row,) = fit.random_terms_tests().itertuples()
    assert row.df == 9
    assert row.p_value == row.p_value_chi2
    assert row.note.startswith("chi-squared(9), too large")


def test_a_simpler_model_at_zero_itself_is_said():
    rng = np.random.default_rng(8)
    g, h = np.repeat(np.arange(10), 6), np.tile(np.arange(6), 10)
    data = pd.DataFrame({"g": g, "h": h, "y": 2 * rng.normal(size=10)[g] + rng.normal(size=60)})
    data["y"] -= data.groupby("h")["y"].transform("mean")
    with pytest.warns(SingularFitWarning, match="'h' is estimated as zero"):
        fit = fit_mixed("y ~ 1 + (1 | g) + (1 | h)", data)
    notes = fit.random_terms_tests()["note"]
    assert ["another variance" in note for note in notes] == [True, False]


def test_the_bootstrap_of_one_variance_is_its_exact_distribution():
    """Balanced groups: the likelihood ratio is a function of F, whose distribution at zero variance is known."""
    rng = np.random.default_rng(5)
    groups, size = 6, 4
    g = np.repeat(np.arange(groups), size)
    y = 0.55 * rng.normal(size=groups)[g] + rng.normal(size=len(g))
    fit = fit_mixed("y ~ 1 + (1 | g)", pd.DataFrame({"y": y, "g": g}))
    between = size * pd.Series(y).groupby(g).mean().var()
    within = pd.Series(y).groupby(g).var().mean()
    exact = stats.f.sf(between / within, groups - 1, groups * (size - 1))
    table = fit.random_terms_tests(400, rng=np.random.default_rng(1))
    assert stats.binomtest(round(table["p_value"].item() * 401) - 1, 400, exact).pvalue > 0.01
    assert table["note"].item() == "parametric bootstrap of 400 resamples"
    assert exact < fit.random_terms_tests()["p_value"].item()  # with few groups the mixture is still too large
    again = fit.random_terms_tests(400, rng=np.random.default_rng(1))
    pd.testing.assert_frame_equal(table, again)


def test_the_bootstrap_of_a_slope_draws_from_the_model_without_it(slopes):
    table = slopes.random_terms_tests(30, rng=np.random.default_rng(2))
    assert table["p_value"].item() == pytest.approx(1 / 31)


def test_a_bootstrap_needs_a_seed(slopes):
    with pytest.raises(ValueError, match=r"needs rng=, such as np\.random\.default_rng"):
        slopes.random_terms_tests(100)


# --- drop_one -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(8), 6)
    table = pd.DataFrame(
        {"g": g, "f": np.tile(["p", "q", "r"], 16), "h": np.tile(["s", "t"], 24), "x": rng.normal(size=48)}
    )
    return table.assign(y=rng.normal(size=8)[g] + rng.normal(size=48), z=rng.normal(size=48))


def test_only_terms_that_no_interaction_contains_are_dropped(table):
    fit = fit_mixed("y ~ f * x + h + (1 | g)", table)
    assert fit.drop_one().index.tolist() == ["h", "f:x"]
    expected = fit.anova().loc[["h", "f:x"]]
    pd.testing.assert_frame_equal(fit.drop_one(), expected, check_dtype=False, rtol=1e-8)


def test_a_factor_that_another_then_stands_in_for_loses_one_degree_of_freedom_less(table):
    """In 0 + f + h, h has one column; without f it has two. As models: f + h against h."""
    fit, same = (fit_mixed(f"y ~ {opening} + f + h + (1 | g)", table) for opening in "01")
    pd.testing.assert_frame_equal(fit.drop_one().loc[["f"]], same.drop_one().loc[["f"]], rtol=1e-7)
    assert fit.drop_one().loc["f", "num_df"] == 2
    assert fit.drop_one("likelihood-ratio").loc["f", "df"] == 2


def test_the_likelihood_ratio_is_that_of_two_models(table):
    fit, smaller = (fit_mixed(f"y ~ {fixed} + (1 | g)", table) for fixed in ("f + x", "f"))
    expected = compare(smaller, fit).loc[1]
    found = fit.drop_one("likelihood-ratio").loc["x"]
    assert found[["statistic", "p_value"]].tolist() == pytest.approx(expected[["statistic", "p_value"]].tolist())


def test_cells_are_refitted_from_cells(table):
    formula = "y ~ f + h + (1 | g)"
    rows, cells = fit_mixed(formula, table), fit_mixed(formula, collect_cells(formula, table))
    for test in ("F", "likelihood-ratio"):
        pd.testing.assert_frame_equal(cells.drop_one(test), rows.drop_one(test), rtol=1e-6)
    pd.testing.assert_frame_equal(cells.random_terms_tests(), rows.random_terms_tests(), rtol=1e-5)
    assert cells.update(". ~ . - h").deviance == pytest.approx(rows.update(". ~ . - h").deviance)
    with pytest.raises(ValueError, match="would need the single rows"):
        cells.random_terms_tests(9, rng=np.random.default_rng(1))


def test_drop_one_refuses_what_it_cannot_do(table):
    with pytest.raises(ValueError, match="test is one of 'F', 'likelihood-ratio'; found 'Chisq'"):
        fit_mixed("y ~ f + (1 | g)", table).drop_one("Chisq")
    with pytest.raises(ValueError, match="has no term to drop, only an intercept"):
        fit_mixed("y ~ 1 + (1 | g)", table).drop_one()


# --- update ---------------------------------------------------------------------------------------------------------

OLD = "log(y) ~ a * b + `body weight` + (1 + a | g) + (1 | h)"
CHANGES = {  # what R's update.formula gives, its terms in R's order
    ". ~ . - a:b": "log(y) ~ a + b + `body weight` + (1 + a | g) + (1 | h)",
    ". ~ . - b:a": "log(y) ~ a + b + `body weight` + (1 + a | g) + (1 | h)",
    "y ~ .": "y ~ a + b + `body weight` + a:b + (1 + a | g) + (1 | h)",
    ". ~ . - a * b": "log(y) ~ `body weight` + (1 + a | g) + (1 | h)",
    ". ~ . - (1 | h)": "log(y) ~ a + b + `body weight` + a:b + (1 + a | g)",
    ". ~ . - (a | g) + (1 | g)": "log(y) ~ a + b + `body weight` + a:b + (1 | h) + (1 | g)",
    ". ~ . + (1 | h)": "log(y) ~ a + b + `body weight` + a:b + (1 + a | g) + (1 | h)",
    ". ~ . - 1": "log(y) ~ 0 + a + b + `body weight` + a:b + (1 + a | g) + (1 | h)",
    ". ~ 0 + .": "log(y) ~ 0 + a + b + `body weight` + a:b + (1 + a | g) + (1 | h)",
    ". ~ a + (1 | g)": "log(y) ~ a + (1 | g)",
    ". ~ 1 + (1 | g)": "log(y) ~ 1 + (1 | g)",
    ". ~ (a + (1 | g))": "log(y) ~ a + (1 | g)",
    "sqrt(.) ~ .:z + (1 | g)": "sqrt(log(y)) ~ a:z + b:z + `body weight`:z + a:b:z + (1 | g)",
    "2 * . ~ a + (1 | g)": "2 * log(y) ~ a + (1 | g)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_formula_is_changed_as_r_changes_it(change):
    found = updated_formula(parse_formula(OLD), change)
    assert found == CHANGES[change]
    parse_formula(found)


def test_an_intercept_that_was_taken_out_comes_back():
    old = parse_formula("y + z ~ 0 + a + (1 | g)")
    assert updated_formula(old, ". ~ . + 1") == "y + z ~ a + (1 | g)"
    assert updated_formula(old, "2 * . ~ .") == "2 * (y + z) ~ 0 + a + (1 | g)"
    assert updated_formula(old, ". ~ . - a") == "y + z ~ 0 + (1 | g)"  # and that is refused as a model


BAD_CHANGES = {
    ". ~ . - z": "no fixed term 'z' to take out; its terms: `body weight`, a, a:b, b",
    ". ~ . - (1 | z)": r"no random term \(1 \| z\) to take out; its random terms: \(1 \+ a \| g\), \(1 \| h\)",
    ". ~ . - (1 | g)": r"no random term \(1 \| g\) to take out",
    "~ .": "has no outcome",
    ". ~": "has nothing after the '~'",
    ". ~ . -": "has a sign with nothing after it",
    ". - x": "has no '~'",
    ". ~ . + foo(x)": r"uses a function foo\(\)",
    7: "must be a text such as '. ~ . - x'; found int",
}


@pytest.mark.parametrize("change", BAD_CHANGES)
def test_a_change_that_cannot_be_is_refused(change):
    with pytest.raises(ValueError, match=BAD_CHANGES[change]):
        updated_formula(parse_formula(OLD), change)


def test_an_update_is_a_new_fit(table):
    fit = fit_mixed("y ~ f + x + (1 | g)", table)
    for change, formula, given in (
        (". ~ . - x", "y ~ f + (1 | g)", {}),
        (". ~ .", "y ~ f + x + (1 | g)", {"reml": False}),
        (". ~ . + z", "y ~ f + x + z + (1 | g)", {"data": table}),
    ):
        found = fit.update(change, **given)
        expected = fit_mixed(formula, table, reml=given.get("reml", True))
        pd.testing.assert_frame_equal(found.coefficients(), expected.coefficients())
        assert found.formula == formula
    assert fit.update(data=table.head(30)).n_obs == 30


def test_an_update_keeps_the_rows_of_the_fit(table):
    """Where x is missing the row was left out; without x it still is, so that the two can be compared."""
    gaps = table.assign(x=table["x"].where(table["x"] < 1))
    with pytest.warns(UserWarning, match="dropped"):
        fit = fit_mixed("y ~ f + x + (1 | g)", gaps)
    smaller = fit.update(". ~ . - x")
    assert smaller.n_obs == fit.n_obs < 48
    assert compare(smaller, fit).loc[1, "df"] == 1


def test_an_update_with_another_column_asks_for_data(table):
    fit = fit_mixed("y ~ f + (1 | g)", table)
    with pytest.raises(KeyError, match=r"no column 'z'.*A fit keeps only what it used: for another column give data="):
        fit.update(". ~ . + z")
    with pytest.raises(KeyError, match=r"no column 'w'") as error:
        fit.update(". ~ . + w", data=table)
    assert "keeps only" not in str(error.value)


def test_an_update_warns_where_it_is_called():
    data = pd.read_csv(REFERENCE / "classic" / "Dyestuff2.csv")
    with pytest.warns(SingularFitWarning):
        fit = fit_mixed("Yield ~ 1 + (1 | Batch)", data)
    with pytest.warns(SingularFitWarning) as caught:
        fit.update(reml=False)
    assert [warning.filename for warning in caught] == [__file__]
