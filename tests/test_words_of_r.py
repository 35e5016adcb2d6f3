"""Arguments that R's users try: each is met with what to use instead, and what that is exists."""

import inspect
import re
import warnings

import numpy as np
import pandas as pd
import pytest

from helpers.mixed import MixedFit, SingularFitWarning, fit_mixed
from helpers.mixed.words_of_r import OF_FITTING, OF_METHODS, OF_PREDICTION, OF_TABLES

FORMULA = "y ~ x + (1 | g)"


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(8), 6)
    return pd.DataFrame({"g": g, "x": rng.normal(size=48), "y": 2 * rng.normal(size=8)[g] + rng.normal(size=48)})


@pytest.fixture(scope="module")
def fit(table):
    return fit_mixed(FORMULA, table)


@pytest.mark.parametrize("name", [*OF_FITTING, "na.action"])
def test_an_argument_of_lmer_is_met_with_its_word_here(table, fit, name):
    advice = re.escape(OF_FITTING[name.replace(".", "_")])
    for ask in (lambda **given: fit_mixed(FORMULA, table, **given), fit.update):
        with pytest.raises(ValueError, match=rf"^{name}= is not offered; {advice}\.$"):
            ask(**{name: "anything"})


METHODS = ["coefficients", "contrast", "joint_test", "anova", "drop_one", "random_terms_tests"]


@pytest.mark.parametrize("name", OF_TABLES)
@pytest.mark.parametrize("method", METHODS)
def test_an_argument_of_rs_tables_is_met_with_its_word_here(fit, method, name):
    first = ["x"] if method in ("contrast", "joint_test") else []
    if name in inspect.signature(getattr(MixedFit, method)).parameters:
        return  # test= of drop_one
    with pytest.raises(ValueError, match=rf"^{name}= is not offered; {re.escape(OF_TABLES[name])}\.$"):
        getattr(fit, method)(*first, **{name: 0.9})


@pytest.mark.parametrize("name", [*OF_PREDICTION, "re.form", "allow.new.levels"])
def test_an_argument_of_rs_predict_is_met_with_its_word_here(fit, name):
    advice = re.escape(OF_PREDICTION[name.replace(".", "_")])
    with pytest.raises(ValueError, match=rf"= is not offered; {advice}\.$"):
        fit.predict(**{name: None})


@pytest.mark.parametrize("word", OF_METHODS)
def test_degrees_of_freedom_as_r_spells_them(fit, word):
    for ask in (fit.coefficients, fit.anova, lambda ddf: fit.predict(interval="prediction", ddf=ddf)):
        with pytest.raises(ValueError, match=f"ddf is one of .*; found '{word}'. Write '{OF_METHODS[word]}'"):
            ask(ddf=word)
    ask = fit.coefficients(ddf=OF_METHODS[word])
    assert np.isfinite(ask["estimate"]).all()


def test_any_other_argument_is_met_with_the_closest(table, fit):
    with pytest.raises(
        ValueError, match=r"fit_mixed\(\) has no argument 'remll'. Closest: 'reml'. Its arguments: 'formula'"
    ):
        fit_mixed(FORMULA, table, remll=True)
    with pytest.raises(ValueError, match=r"predict\(\) has no argument 'intervals'. Closest: 'interval'"):
        fit.predict(intervals="confidence")


def test_what_the_advice_names_exists(fit):
    """Arguments that are ours, and functions that can be imported."""
    ours = {
        *inspect.signature(fit_mixed).parameters,
        *(name for each in (*METHODS, "predict") for name in inspect.signature(getattr(MixedFit, each)).parameters),
        "adjust",
    }
    for advice in (OF_FITTING, OF_TABLES, OF_PREDICTION):
        for text in advice.values():
            assert set(re.findall(r"\b(\w+)='?[\w.]+", text)) <= ours, text
            for dotted in re.findall(r"helpers((?:\.\w+)+)", text):
                module, _, name = f"helpers{dotted}".rpartition(".")
                assert hasattr(__import__(module, fromlist=[name]), name)
            assert all(hasattr(fit, name) for name in re.findall(r"fit\.(\w+)\(", text))


def test_a_signature_is_what_it_was():
    assert list(inspect.signature(fit_mixed).parameters)[:3] == ["formula", "data", "reml"]
    assert fit_mixed.__doc__.startswith("Fit a linear mixed model")


def test_a_warning_still_points_to_the_line_that_asks(table):
    flat = table.assign(y=table["y"] - table.groupby("g")["y"].transform("mean"))
    with pytest.warns(SingularFitWarning) as caught:
        fit = fit_mixed("y ~ 1 + (1 | g)", flat)
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit.coefficients()
