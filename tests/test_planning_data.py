"""The stored type I errors: what their script makes, and what the lessons say of them."""

import importlib.util

import matplotlib.pyplot as plt
import pytest

from helpers.data import FOLDER, load_type_1_errors
from helpers.planning.planning_pictures import false_positives


def script():
    spec = importlib.util.spec_from_file_location("type_1_errors", FOLDER / "make" / "type_1_errors.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def errors():
    return load_type_1_errors()


def test_a_part_of_the_table_is_what_its_script_makes(errors):
    """One study with three animals: all of them take minutes."""
    made = script().rejections("between", 3)
    stored = errors[(errors["study"] == "between") & (errors["groups"] == 3)]
    assert [each["test"] for each in made] == list(stored["test"])
    assert [each["rejected"] for each in made] == list(stored["rejected"])
    assert [each["singular"] for each in made] == list(stored["singular"])


def test_kenward_roger_and_the_means_keep_their_promise_and_z_does_not(errors):
    rates = errors.pivot(index=["study", "groups"], columns="test", values="type_1_error")
    assert rates["t_of_means"].between(0.045, 0.055).all()  # exact, but for the error of 20,000 data sets
    assert (rates["kenward_roger"] < 0.056).all()
    assert (rates["z"] > 0.05).all()
    assert (rates["z"] >= rates["satterthwaite"]).all()
    assert (rates["satterthwaite"] >= rates["kenward_roger"] - 0.001).all()
    assert (rates.loc["between", "rows"] > 0.35).all()
    assert (rates.loc["within", "rows"] < 0.025).all()


def test_the_figure_shows_every_test_of_a_study(errors):
    _, ax = plt.subplots()
    false_positives(ax, errors, "varying")
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named[:3] == ["rows, animals ignored", "slope left out", "z"]
    assert len(named) == errors.loc[errors["study"] == "varying", "test"].nunique()
    with pytest.raises(KeyError, match=r"errors has no study 'withn'\. Closest: 'within'"):
        false_positives(ax, errors, "withn")
    plt.close()
