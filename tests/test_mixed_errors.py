"""What `fit_mixed` and its results say when something is wrong: what was found, where, and what to do."""

import warnings

import numpy as np
import pandas as pd
import pytest

from helpers.mixed import OutcomeWarning, SingularFitWarning, fit_mixed
from helpers.mixed.reml import NotConverged

METHODS = ["satterthwaite", "kenward-roger", "normal"]


@pytest.fixture(scope="module")
def table():
    """Eight animals on three days."""
    rng = np.random.default_rng(5)
    animal = np.repeat(np.arange(8), 3)
    return pd.DataFrame(
        {
            "animal": [f"m{i}" for i in animal],
            "day": np.tile([1, 2, 3], 8),
            "drug": np.tile(["no", "yes"], 12),
            "urea": rng.normal(200, 40, 24).round(1),
            "y": (rng.normal(size=8)[animal] + 0.5 * rng.normal(size=24)).round(3),
        }
    )


@pytest.fixture(scope="module")
def fitted(table):
    return fit_mixed("y ~ drug * urea + (1 | animal)", table)


# --- Bad input to fit_mixed -----------------------------------------------------------------------------------------

BAD = {
    "a column that is not there": ("y ~ uera + (1 | animal)", {}, KeyError, ["'uera'", "'urea'"]),
    "a grouping column that is not there": ("y ~ urea + (1 | aminal)", {}, KeyError, ["'aminal'", "'animal'"]),
    "text among the outcome": (
        "y ~ urea + (1 | animal)",
        {"y": lambda d: ["n.d." if i == 2 else str(y) for i, y in enumerate(d["y"])]},
        ValueError,
        ["'y' holds text", "row 2 holds 'n.d.'", "Correct"],
    ),
    "numbers kept as text": (
        "y ~ urea + (1 | animal)",
        {"urea": lambda d: d["urea"].astype(str)},
        ValueError,
        ["'urea' holds numbers written as text", "pd.to_numeric(data['urea'])", "C(urea)"],
    ),
    "a factor of one level": (
        "y ~ drug + (1 | animal)",
        {"drug": "no"},
        ValueError,
        ["'drug' has one level", "'no'", "Drop it"],
    ),
    "one group": ("y ~ drug + (1 | animal)", {"animal": "m0"}, ValueError, ["'animal' has one level", "'m0'", "Drop"]),
    "a group for every row": (
        "y ~ drug + (1 | sample)",
        {"sample": range(24)},
        ValueError,
        ["'sample' has one row", "Group by"],
    ),
    "columns that add up": (
        "y ~ urea + twice + (1 | animal)",
        {"twice": lambda d: 2 * d["urea"]},
        ValueError,
        ["'twice' is a multiple of 'urea'", "Take one"],
    ),
    "cells without rows": (
        "y ~ drug * diet + (1 | animal)",
        {"diet": lambda d: np.where((d["drug"] == "no") | (d["day"] == 1), "chow", "fat")},
        ValueError,
        ["drug = 'no' and diet = 'fat'", "interaction"],
    ),
    "an infinite value": (
        "y ~ urea + (1 | animal)",
        {"urea": lambda d: d["urea"].where(d.index != 3, np.inf)},
        ValueError,
        ["'urea' is not finite", "row 3", "inf"],
    ),
    "the logarithm of zero": (
        "log(length) ~ urea + (1 | animal)",
        {"length": range(24)},
        ValueError,
        ["log(length)", "row 0", "above 0"],
    ),
    "nothing but missing values": (
        "y ~ urea + (1 | animal)",
        {"urea": np.nan},
        ValueError,
        ["24", "'urea'", "missing"],
    ),
    "a constant outcome": ("y ~ urea + (1 | animal)", {"y": 7.0}, ValueError, ["'y' is constant", "7"]),
    "a perfect fit": (
        "y ~ urea + (1 | animal)",
        {"y": lambda d: 3 + 2 * d["urea"]},
        ValueError,
        ["fits 'y' perfectly", "no residual"],
    ),
    "a perfect fit within groups": (
        "y ~ urea + (1 | animal)",
        {"y": lambda d: 3 + 2 * d["urea"] + d["animal"].str[1].astype(int)},
        NotConverged,
        ["without residual"],
    ),
    "as many random effects as rows": (
        "y ~ day + (1 + day + urea | animal)",
        {},
        ValueError,
        ["3 effects in each of 8 groups", "24 rows", "(1 | animal)"],
    ),
    "one grouping twice": (
        "y ~ urea + (1 | animal) + (1 | cage)",
        {"cage": lambda d: d["animal"] + "x"},
        ValueError,
        ["'animal'", "'cage'", "Take one out"],
    ),
    "no random term": ("y ~ urea", {}, ValueError, ["no random term", "(1 | animal)", "ols"]),
    "no brackets": ("y ~ urea + 1 | animal", {}, ValueError, ["without brackets", "(1 | g)"]),
    "no outcome": ("~ urea + (1 | animal)", {}, ValueError, ["no outcome"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_advice_given(table, name):
    formula, change, error, words = BAD[name]
    with pytest.raises(error) as caught:
        fit_mixed(formula, table.assign(**change))
    message = str(caught.value)
    assert not [word for word in words if word not in message], message
    assert caught.value.__class__ is not np.linalg.LinAlgError


def test_the_messages_are_different(table):
    messages = set()
    for formula, change, error, _ in BAD.values():
        with pytest.raises(error) as caught:
            fit_mixed(formula, table.assign(**change))
        messages.add(str(caught.value))
    assert len(messages) == len(BAD) >= 10


def test_an_empty_table_is_named(table):
    with pytest.raises(ValueError, match="no rows"):
        fit_mixed("y ~ urea + (1 | animal)", table.iloc[:0])


def test_too_few_rows_are_named(table):
    with pytest.raises(ValueError, match=r"3 rows.*3 coefficients"):
        fit_mixed("y ~ drug + urea + (1 | animal)", table.iloc[:3])


def test_what_is_no_table_is_named():
    with pytest.raises(ValueError, match="DataFrame; found dict"):
        fit_mixed("y ~ urea + (1 | animal)", {"y": [1.0]})


def test_what_is_no_formula_is_named(table):
    with pytest.raises(ValueError, match="found"):
        fit_mixed(3, table)


def test_dropped_rows_are_counted(table):
    gaps = table.assign(urea=table["urea"].where(table.index > 2))
    with pytest.warns(UserWarning, match="ropped 3 of 24 rows with missing values: 3 in 'urea'"):
        fit = fit_mixed("y ~ urea + (1 | animal)", gaps)
    assert fit.n_obs == 21
    assert fit.predict().index.tolist() == table.index[3:].tolist()
    same = fit_mixed("y ~ urea + (1 | animal)", table.iloc[3:])
    assert fit.deviance == pytest.approx(same.deviance)


# --- A singular fit -------------------------------------------------------------------------------------------------


def flat(table):
    """The same table without differences between animals."""
    return table.assign(y=table["y"] - table.groupby("animal")["y"].transform("mean"))


def caught_by(formula, data):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = fit_mixed(formula, data)
        for method in METHODS:
            fit.coefficients(ddf=method)
            fit.anova(ddf=method)
        fit.predict(random=True)
    return fit, caught


def test_a_singular_fit_is_said_once_and_names_the_variance(table):
    fit, caught = caught_by("y ~ urea + (1 | animal)", flat(table))
    assert fit.is_singular
    assert [warning.category for warning in caught] == [SingularFitWarning]
    message = str(caught[0].message)
    assert caught[0].filename == __file__  # it points to the caller
    assert "variance of (Intercept) between levels of 'animal' is estimated as zero" in message
    assert "Satterthwaite then gives the tests of ordinary least squares" in message
    assert 'ddf="kenward-roger"' in message


def test_a_regular_fit_warns_of_nothing(table):
    fit, caught = caught_by("y ~ urea + (1 | animal)", table)
    assert not fit.is_singular
    assert not caught


def test_the_slope_without_variance_is_named(table):
    # Every animal has the same slope: what is left, +1 -2 +1 or its opposite, is orthogonal to the days.
    number = table["animal"].str[1].astype(int)
    left = table["day"].map({1: 1, 2: -2, 3: 1}) * np.where(number % 2, 0.1, -0.1)
    fit, caught = caught_by("y ~ day + (day || animal)", table.assign(y=number + table["day"] + left))
    assert fit.is_singular
    (warning,) = caught
    assert "variance of day between levels of 'animal'" in str(warning.message)
    assert "(Intercept)" not in str(warning.message)
    # The variance of the intercept is not zero: the tests are not those of ordinary least squares.
    assert "ordinary least squares" not in str(warning.message)


def test_a_perfect_correlation_is_named(table):
    slope = table["animal"].str[1].astype(float) - 3.5
    rng = np.random.default_rng(2)
    data = table.assign(y=slope * (1 + table["day"]) + rng.normal(size=24))
    fit, caught = caught_by("y ~ day + (1 + day | animal)", data)
    assert fit.is_singular
    (warning,) = caught
    assert "perfectly correlated" in str(warning.message)
    assert "'animal'" in str(warning.message)
    assert "ordinary least squares" not in str(warning.message)


# --- What can be fitted, and may not be meant -------------------------------------------------------------------------


UNLIKE_NORMAL = {
    "0 and 1": (lambda y: (y > 0).astype(int), ["two values, 0 and 1", "logistic", "family='binomial'"]),
    "1 and 2": (lambda y: 1.0 + (y > 0), ["two values, 1 and 2"]),
    "counts": (
        lambda y: np.round(np.exp(y)),
        ["whole numbers from 0 to", "family='negative_binomial'"],
    ),
}


@pytest.mark.parametrize("kind", UNLIKE_NORMAL)
def test_an_outcome_that_is_not_normal_is_said_once(table, kind):
    change, words = UNLIKE_NORMAL[kind]
    fit, caught = caught_by("y ~ urea + (1 | animal)", table.assign(y=change(table["y"])))
    (message,) = [str(warning.message) for warning in caught if warning.category is OutcomeWarning]
    assert [warning.filename for warning in caught] == [__file__] * len(caught)
    assert not [word for word in words if word not in message], message
    assert fit.notes == (message,)
    assert f"Note: {message}" in repr(fit)


@pytest.mark.parametrize(
    "change",
    [
        lambda y: np.round(1000 + 200 * y),  # lengths
        lambda y: np.round(np.exp(y)) + 1,  # ratings from 1
        lambda y: np.log1p(np.round(np.exp(y))),
        lambda y: np.round(5 * y),
        lambda y: y.round(1).clip(0),
    ],
)
def test_whole_numbers_are_not_always_counts(table, change):
    fit, caught = caught_by("y ~ urea + (1 | animal)", table.assign(y=change(table["y"])))
    assert not [warning for warning in caught if warning.category is OutcomeWarning]
    assert fit.notes == ()
    assert "Note" not in repr(fit)


def test_an_ordered_factor_is_coded_as_any_and_said_to_be(table):
    dose = table["day"].map({1: "low", 2: "mid", 3: "high"})
    levels = ["low", "mid", "high"]
    ordered = table.assign(dose=pd.Categorical(dose, levels, ordered=True))
    plain = fit_mixed("y ~ dose + (1 | animal)", table.assign(dose=pd.Categorical(dose, levels)))
    fit = fit_mixed("y ~ dose + (1 | animal)", ordered)
    pd.testing.assert_frame_equal(fit.coefficients(), plain.coefficients())
    assert plain.notes == ()
    (note,) = fit.notes
    assert "'dose' is ordered" in note
    assert "each level against 'low'" in note
    assert f"Note: {note}" in repr(fit)
    polynomial = fit_mixed("y ~ C(dose, contr.poly) + (1 | animal)", ordered)
    assert polynomial.notes == ()
    means = table.groupby(dose)["y"].mean()[levels].to_numpy()  # R's contr.poly(3), the design being balanced
    expected = [means @ [-1, 0, 1] / 2**0.5, means @ [1, -2, 1] / 6**0.5]
    np.testing.assert_allclose(polynomial.fixed_effects.iloc[1:], expected)


# --- Bad questions to a fit -----------------------------------------------------------------------------------------


def test_kenward_roger_of_a_maximum_likelihood_fit_is_refused(table):
    fit = fit_mixed("y ~ drug + urea + (1 | animal)", table, reml=False)
    for ask in (fit.coefficients, fit.anova, lambda ddf: fit.contrast({"urea": 1}, ddf)):
        with pytest.raises(ValueError, match=r"REML.*reml=True"):
            ask("kenward-roger")
    assert np.isfinite(fit.coefficients()).all(axis=None)


@pytest.mark.parametrize("ddf", ["kenward", "Satterthwaite", None, 3])
def test_an_unknown_method_is_named(fitted, ddf):
    for ask in (fitted.coefficients, fitted.anova, lambda ddf: fitted.joint_test("urea", ddf)):
        with pytest.raises(ValueError, match="satterthwaite, kenward-roger, normal; found"):
            ask(ddf)


@pytest.mark.parametrize("weights", [{"urrea": 1}, pd.Series({"urea": 1, "drug": -1}), pd.DataFrame({"urrea": [1.0]})])
def test_an_unknown_coefficient_is_named(fitted, weights):
    with pytest.raises(KeyError, match=r"no coefficient '(urrea|drug)'.*drug\[T.yes\]"):
        fitted.contrast(weights)


def test_an_unknown_term_is_named(fitted):
    with pytest.raises(KeyError, match=r"no term or coefficient 'diet'.*'drug', 'urea'.*drug\[T.yes\]'"):
        fitted.joint_test("diet")


@pytest.mark.parametrize("weights", [[1, 0], np.eye(3), [[1, 0, 0, 0, 0]]])
def test_a_wrong_number_of_weights_is_named(fitted, weights):
    with pytest.raises(ValueError, match=r"needs 4 weights, one per coefficient.*found [235]"):
        fitted.contrast(weights)


@pytest.mark.parametrize(
    "weights", [[[0, 1, 0, 0], [0, 2, 0, 0]], [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0]], ["urea", "urea"]]
)
@pytest.mark.parametrize("ddf", METHODS)
def test_joint_contrasts_that_depend_on_each_other_are_refused(fitted, weights, ddf):
    with pytest.raises(ValueError, match="not independent of each other"):
        fitted.joint_test(weights, ddf)


def test_an_unseen_level_of_a_factor_is_named(fitted, table):
    with pytest.raises(ValueError, match=r"'maybe' in 'drug'.*'no', 'yes'"):
        fitted.predict(table.assign(drug="maybe"))


def test_an_unseen_group_has_a_mean_but_no_effect_of_its_own(fitted, table):
    new = table.assign(animal=["m9", *table["animal"][1:]])
    np.testing.assert_allclose(fitted.predict(new), fitted.predict())
    with pytest.raises(ValueError, match=r"'animal'.*random=False"):
        fitted.predict(new, random=True)


def test_new_rows_without_a_column_are_named(fitted, table):
    with pytest.raises(KeyError, match="newdata has no column 'urea'"):
        fitted.predict(table[["drug", "animal"]])


@pytest.mark.parametrize("weights", [{}, {"urea": 0}, [[0, 0, 0, 0]], {"urea": np.nan}])
@pytest.mark.parametrize("ddf", METHODS)
def test_a_contrast_of_nothing_is_refused(fitted, weights, ddf):
    with pytest.raises(ValueError, match="weight"):
        fitted.contrast(weights, ddf)


@pytest.mark.parametrize("level", [95, 0, 1, -0.1])
def test_a_confidence_level_is_a_share(fitted, level):
    with pytest.raises(ValueError, match=r"0\.95"):
        fitted.coefficients(conf_level=level)
