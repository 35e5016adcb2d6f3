"""Every exercise: its solution passes, and each known wrong answer meets the hint that was written for it."""

import importlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.exercises import Choice, Choices, Number, Table, check, exercise
from helpers.exercises.lesson_00 import QUESTIONS, route

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "helpers" / "exercises").glob("lesson_*.py"))
NAMES = [
    name
    for path in LESSONS
    for name in getattr(importlib.import_module(f"helpers.exercises.{path.stem}"), "EXERCISES", {})
]
ALL = [*((name, exercise(name)) for name in NAMES), *((f"pre-test {k}", question) for k, question in QUESTIONS.items())]


def test_there_are_exercises():
    assert len(NAMES) >= 3


@pytest.mark.parametrize(("name", "item"), ALL)
def test_the_dots_are_not_an_attempt(name, item):
    assert item.judge(...).status == "Not attempted"


@pytest.mark.parametrize(("name", "item"), ALL)
def test_the_solution_passes(name, item):
    assert str(item.judge(item.solution)) == f"Right. {item.explanation}"


@pytest.mark.parametrize(("name", "item"), [(name, item) for name, item in ALL if isinstance(item, Number)])
def test_a_near_miss_is_not_right(name, item):
    """An answer off by a tenth, or halfway to the nearest known misconception, is not let through."""
    known = [end for value, _ in item.wrong for end in (value if isinstance(value, tuple) else (value,))]
    nearest = min(abs(value - item.solution) for value in known)
    for miss in {0.1 * abs(item.solution), 0.5 * nearest}:
        assert item.judge(item.solution + miss).status == "Not yet"
        assert item.judge(item.solution - miss).status == "Not yet"


@pytest.mark.parametrize(("name", "item"), [(name, item) for name, item in ALL if isinstance(item, Choice)])
def test_each_letter_is_judged(name, item):
    """One letter is right, each of the others has its hint, and together they are a, b, c, … without a gap."""
    wrong = [letter for letter, _ in item.wrong]
    letters = sorted([item.solution, *wrong])
    assert letters == list("abcdefgh"[: len(letters)])
    assert [letter for letter in letters if item.judge(letter).status == "Right"] == [item.solution]


@pytest.mark.parametrize(("name", "item"), ALL)
def test_each_known_wrong_answer_meets_its_own_hint(name, item):
    at_least = 2 if name.startswith("pre-test") else 3
    assert len(item.wrong) >= at_least
    assert len({hint for _, hint in item.wrong}) == len(item.wrong), "two misconceptions share a hint"
    for known, hint in item.wrong:
        wrong = sum(known) / 2 if isinstance(known, tuple) else known
        assert str(item.judge(wrong)) == f"Not yet. {hint}"


@pytest.mark.parametrize(("name", "item"), [(name, item) for name, item in ALL if isinstance(item, Number | Table)])
def test_an_unforeseen_wrong_answer_meets_the_general_hint(name, item):
    far_off = item.solution + 1e6
    assert item.judge(far_off).text == item.otherwise


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_asks_each_exercise_once_and_solves_it_once(name):
    lesson = int(name.split(".")[0])
    (source,) = (ROOT / "notebooks" / "source").glob(f"{lesson:02d}_*.py")
    assert len(re.findall(rf'^check\("{re.escape(name)}", answer\)$', source.read_text(), re.MULTILINE)) == 2


NUMBER = Number(
    solution=0.5,
    tolerance=0.01,
    explanation="Well done.",
    otherwise="Look again.",
    wrong=[(-0.5, "The sign is lost."), ((7, 8), "Too many.")],
)
LETTER = Choice(solution="b", explanation="Yes.", wrong=[("a", "No.")])


@pytest.mark.parametrize("answer", [0.5, 0.509, np.float64(0.5), np.array([0.5]), pd.Series([0.5]), np.float32(0.5)])
def test_a_number_may_come_in_any_numeric_type(answer):
    assert str(NUMBER.judge(answer)) == "Right. Well done."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("0.5", "A number is asked for; this is text: remove the quotes."),
        (None, "A single number is asked for; this is of type NoneType."),
        (True, "A single number is asked for; this is of type bool."),
        (np.array([0.5, 0.5]), "A single number is asked for; this is of type ndarray."),
        (
            stats.pearsonr([1, 2, 3, 4], [1, 3, 2, 4]),
            "A single number is asked for; this is a whole test result: take its .statistic.",
        ),
        (
            pd.DataFrame({"estimate": [0.5, 0.4]}),
            'A single number is asked for; this is a table: take one cell, such as .loc[0, "estimate"].',
        ),
        (7.5, "Too many."),
        (float("nan"), "The answer is nan: a value on the way there is missing or infinite."),
        (-0.501, "The sign is lost."),
        (3, "Look again."),
    ],
)
def test_what_is_no_right_number_is_said(answer, text):
    assert str(NUMBER.judge(answer)) == f"Not yet. {text}"


@pytest.mark.parametrize("answer", ["b", "B", " b ", "(b)", "b.", "b:"])
def test_a_letter_may_be_written_in_many_ways(answer):
    assert LETTER.judge(answer).status == "Right"


@pytest.mark.parametrize("answer", ["e", 2, "", None, ["b"], pd.Series(["b", "a"])])
def test_what_is_no_letter_of_the_list_is_sent_back(answer):
    verdict = LETTER.judge(answer)
    assert str(verdict) == 'Not yet. One of the letters a, b is asked for, in quotes, such as answer = "a".'


RIGHT = pd.DataFrame({"n": [3, 4], "r": [0.1, 0.2]}, index=["C", "CR"])
TABLE = Table(
    solution=RIGHT,
    tolerance=0.01,
    explanation="Well done.",
    otherwise="Look again.",
    wrong=[(RIGHT.assign(r=[0.9, 0.9]), "Those are all alike.")],
)


def test_a_table_may_be_in_any_order():
    assert TABLE.judge(RIGHT.iloc[::-1, ::-1]).status == "Right"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (RIGHT["r"], "A DataFrame is asked for; this is of type Series."),
        (RIGHT.T, "Rows and columns have changed places: turn the table with .T."),
        (RIGHT.rename_axis("group").reset_index(), 'The rows should be named by "group": add .set_index("group").'),
        (RIGHT.astype(str), "Look again."),
        (RIGHT.head(1), "The rows should be named C, CR; yours are named C."),
        (RIGHT[["r"]], "The columns should be named n, r; yours are named r."),
        (RIGHT.rename(columns={"r": "R"}), "The columns should be named n, r; yours are named n, R."),
        (pd.concat([RIGHT, RIGHT]), "The rows should be named C, CR; yours are named C, CR, C, CR."),
        (RIGHT.astype(str).assign(r="high"), "Look again."),
        (RIGHT.assign(r=[0.9, 0.9]), "Those are all alike."),
        (RIGHT.assign(r=np.nan), "Look again."),
    ],
)
def test_what_is_no_right_table_is_said(answer, text):
    assert str(TABLE.judge(answer)) == f"Not yet. {text}"


LETTERS = Choices(
    solution={1: "a", 2: "b"},
    letters="abc",
    explanation="Well done.",
    otherwise="Item {item}: look again.",
    wrong=[({1: "b"}, "Item 1 is no b."), ({2: "a"}, "Item 2 is no a.")],
)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({1: "a", 2: "b"}, "Right. Well done."),
        (pd.Series({2: "(B)", 1: " a "}), "Right. Well done."),
        ({1: "a"}, "Not yet. Right so far; still to do: 2."),
        ({1: "a", 2: ...}, "Not yet. Right so far; still to do: 2."),
        ({1: "b"}, "Not yet. Item 1 is no b."),
        ({1: "b", 2: "b"}, "Not yet. Item 1 is no b."),
        ({1: "b", 2: "a"}, "Not yet. Item 1 is no b.\nItem 2 is no a."),
        ({1: "c", 2: "a"}, "Not yet. Item 1: look again.\nItem 2 is no a."),
        ({1: "d"}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found 'd'."),
        ({1: ""}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found ''."),
        ({1: "ab"}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found 'ab'."),
        ({1: 2}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found 2."),
        ({3: "a"}, "Not yet. There is no 3 among the items; they are 1, 2."),
        ("ab", 'Not yet. A dictionary is asked for, such as answer = {1: "a", 2: "a", …}.'),
        (["a", "b"], 'Not yet. A dictionary is asked for, such as answer = {1: "a", 2: "a", …}.'),
    ],
)
def test_letters_for_several_items_are_judged_one_by_one(answer, text):
    assert str(LETTERS.judge(answer)) == text


@pytest.mark.parametrize("answer", [..., {}, {1: ..., 2: ...}])
def test_letters_not_chosen_are_no_attempt(answer):
    assert LETTERS.judge(answer).status == "Not attempted"


def test_check_prints_the_verdict(capsys):
    check("1.2", "d")
    assert capsys.readouterr().out.startswith("Not yet. Correlation is symmetric")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("1.99", "lesson 1 has 1.1, 1.2"),
        ("77.1", "no exercises for lesson '77'"),
        ("one", "no exercises for lesson 'one'"),
    ],
)
def test_an_unknown_exercise_is_named(name, message):
    with pytest.raises(KeyError, match=re.escape(message)):
        check(name, 1)


def answers(**changes):
    return {k: question.solution for k, question in QUESTIONS.items()} | {int(k[1:]): v for k, v in changes.items()}


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({}, "Answer what you can, leave the rest, and run the cell again. Or begin with lesson 01."),
        (answers(), "All right: you can go straight to what you need. The map above shows where it is."),
        (answers(q1="a"), "Begin with lesson 01 Correlation."),
        (answers(q1="a", q8=...), "Begin with lesson 01 Correlation. Then: 08 Every gene."),
    ],
)
def test_the_pre_test_routes_to_the_first_lesson_that_is_open(given, advice, capsys):
    route(given)
    assert capsys.readouterr().out.splitlines()[-1] == advice


def test_answers_that_are_no_dictionary_are_sent_back(capsys):
    route(["a", "b"])
    assert "answers = {1:" in capsys.readouterr().out


def test_a_slip_in_one_answer_of_the_pre_test_leaves_the_others_alone(capsys):
    route(answers(q3=7) | {12: "a"})
    printed = capsys.readouterr().out
    assert printed.count("Right.") == 7
    assert "3. Not yet. One of the letters a, b, c" in printed
    assert "There is no question 12" in printed


def test_the_study_in_the_first_question_of_the_pre_test_is_possible():
    """r = 0.6 in ten animals has p = 0.067 and the interval that the question states."""
    t = 0.6 * np.sqrt(8 / (1 - 0.6**2))
    assert 2 * stats.t.sf(t, 8) == pytest.approx(0.067, abs=5e-4)
    interval = np.tanh(np.arctanh(0.6) + np.array([-1, 1]) * stats.norm.isf(0.025) / np.sqrt(7))
    np.testing.assert_allclose(interval, [-0.05, 0.89], atol=0.005)


def test_the_hint_about_three_animals_is_true():
    """1.3 says that with n = 3 two random columns correlate beyond 0.8 about four times in ten."""
    x, y = np.random.default_rng(1).standard_normal((2, 50_000, 3))
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(x[:5_000], y[:5_000], strict=True)]
    assert np.mean(np.abs(r) > 0.8) == pytest.approx(0.4, abs=0.03)
