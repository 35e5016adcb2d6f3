"""The kind of exercise that asks for the weights of a contrast: judged by the numbers they give."""

import importlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.exercises import Weights, exercise
from helpers.exercises.lesson_07 import DROUGHT, seedlings

LESSONS = sorted((Path(__file__).parents[1] / "helpers" / "exercises").glob("lesson_*.py"))
NAMES_OF_ALL = [
    name
    for path in LESSONS
    for name in getattr(importlib.import_module(f"helpers.exercises.{path.stem}"), "EXERCISES", {})
]
NAMES = ["(Intercept)", "x", "x:z"]
WEIGHTS = Weights(
    solution={"x": 1, "x:z": 1 / 3},
    estimates=pd.Series([4.0, 0.3, 0.6], NAMES),
    covariance=pd.DataFrame(np.diag([0.04, 0.01, 0.01]), NAMES, NAMES),
    explanation="Well done.",
    otherwise="That gives {estimate}.",
    wrong=[({"x": 1}, "The interaction is missing."), ({"x": -1, "x:z": -1 / 3}, "Turn the signs.")],
)


@pytest.mark.parametrize(
    "answer",
    [
        {"x": 1, "x:z": 1 / 3},
        {"(Intercept)": 0, "x:z": 0.333, "x": 1},
        pd.Series({"x": 1, "x:z": 1 / 3}),
        [0, 1, 1 / 3],
        np.array([0, 1, 1 / 3]),
        {"x": np.int64(1), "x:z": np.float32(1 / 3)},
        {"x": 1, "z:x": 1 / 3},
        [[0, 1, 1 / 3]],
        np.array([[0], [1], [1 / 3]]),
        pd.DataFrame({"(Intercept)": [0], "x": [1], "x:z": [1 / 3]}, index=["slope at a third"]),
        pd.DataFrame({"weight": [1, 1 / 3]}, index=["x", "x:z"]),
    ],
)
def test_weights_may_come_in_many_ways(answer):
    assert str(WEIGHTS.judge(answer)) == "Right. Well done."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"x": 1}, "The interaction is missing."),
        ([0, -1, -1 / 3], "Turn the signs."),
        ({"x": 2}, "That gives 0.6000."),
        ({"(Intercept)": 0.125}, "That gives 0.5000."),  # the right estimate, by chance
        ({"y": 1}, "There is no coefficient 'y'; they are (Intercept), x, x:z."),
        ({"x": "1"}, "x: a number is asked for as its weight; found '1'."),
        ({"x": float("nan")}, "x: a number is asked for as its weight; found nan."),
        ({"x": 0}, "All weights are 0: give the coefficients that take part a weight."),
        ({}, "All weights are 0: give the coefficients that take part a weight."),
        ([1, 1], "A list needs 3 weights, one per coefficient, in this order: (Intercept), x, x:z."),
        ([[1, 1], [1]], "A list needs 3 weights, one per coefficient, in this order: (Intercept), x, x:z."),
        (
            pd.DataFrame(np.eye(2, 3), columns=NAMES),
            "Weights are asked for; this is a table of 2 rows and 3 columns. Give one row or one column, named by the"
            " coefficients: (Intercept), x, x:z.",
        ),
        (pd.DataFrame({"weight": [1], "y": [2]}), "There is no coefficient 'weight'; they are (Intercept), x, x:z."),
        ({"x:z": 1, "z:x": 1}, "There is no coefficient 'z:x'; they are (Intercept), x, x:z."),
        (0.5, "Weights are asked for, as a dictionary such as {'x': 1, 'x:z': -1}."),
    ],
)
def test_what_is_no_right_contrast_is_said(answer, text):
    assert str(WEIGHTS.judge(answer)) == f"Not yet. {text}"


@pytest.mark.parametrize("name", [name for name in NAMES_OF_ALL if isinstance(exercise(name), Weights)])
def test_weights_go_by_the_names_of_r_and_of_statsmodels(name):
    """gene_nameA for gene_name[T.A], and in a table of one row or column."""
    item = exercise(name)
    in_r = {re.sub(r"\[T\.(\w[^\]]*)\]", r"\1", key): weight for key, weight in item.solution.items()}
    assert not in_r.keys() & item.solution.keys()
    turned = {":".join(reversed(key.split(":"))): weight for key, weight in in_r.items()}
    for answer in (in_r, turned, pd.Series(in_r), pd.DataFrame([in_r]), pd.DataFrame({"weight": in_r})):
        assert str(item.judge(answer)) == f"Right. {item.explanation}"


def test_the_intercept_goes_by_both_names():
    assert WEIGHTS.judge({"Intercept": 0, "x": 1, "x:z": 1 / 3}).status == "Right"


def test_the_seedlings_carry_the_effects_that_were_planted():
    """Averaged over many draws; every tray holds all cells, so plain means will do."""
    draws = [seedlings(np.random.default_rng(seed)) for seed in range(40)]
    logs = [np.log(roots["root"]).groupby([roots["water"], roots["genotype"]], observed=True).mean() for roots in draws]
    found = np.mean([means["dry"] - means["watered"] for means in logs], axis=0)
    np.testing.assert_allclose(found, list(DROUGHT.values()), atol=0.03)
