"""Every exercise: its solution passes, and each known wrong answer meets the hint that was written for it."""

import importlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.exercises import Choice, Choices, Number, Table, check, exercise, solution
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
def test_the_notebook_asks_each_exercise_once_and_its_page_solves_it(name):
    sources, lesson = ROOT / "notebooks" / "source", int(name.split(".")[0])
    (source,) = sources.glob(f"{lesson:02d}_*.py")
    for page in (source, sources / "solutions" / f"solutions_{lesson:02d}.py"):
        assert len(re.findall(rf'^check\("{re.escape(name)}", answer\)', page.read_text(), re.MULTILINE)) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_solution_is_shown_to_whoever_asks(name, capsys):
    solution(name)
    printed = capsys.readouterr().out
    assert re.search(r"^answer = (?!\.\.\.)", printed, re.MULTILINE)
    assert "check(" not in printed.partition("\n")[2]


@pytest.mark.parametrize("name", ["1.99", "77.1", "one", "../../README"])
def test_there_is_no_solution_of_what_is_not_asked(name):
    with pytest.raises(KeyError, match=re.escape(f"no exercise '{name}'")):
        solution(name)


def test_solutions_come_with_the_lessons_alone(monkeypatch):
    monkeypatch.setattr("helpers.exercises.solutions.repository", lambda: None)
    with pytest.raises(FileNotFoundError, match="installed without them"):
        solution("1.1")


NUMBERS = [(name, item) for name, item in ALL if isinstance(item, Number)]


def points(item):
    """The known wrong answers of a number that are single numbers."""
    return [value for value, _ in item.wrong if not isinstance(value, tuple)]


def nearer_to_a_wrong_answer(item, value):
    in_range = any(low <= value <= high for low, high in (pair for pair, _ in item.wrong if isinstance(pair, tuple)))
    return in_range or min(abs(value - wrong) for wrong in points(item)) < abs(value - item.solution)


@pytest.mark.parametrize(("name", "item"), NUMBERS)
def test_the_solution_as_rounded_as_asked_is_right(name, item):
    assert str(item.judge(round(float(item.solution), item.decimals))) == f"Right. {item.explanation}"


@pytest.mark.parametrize(("name", "item"), [(name, item) for name, item in NUMBERS if item.decimals > 0])
def test_one_digit_fewer_is_right_unless_a_wrong_answer_is_nearer(name, item):
    rounder = round(float(item.solution), item.decimals - 1)
    verdict = item.judge(rounder)
    if nearer_to_a_wrong_answer(item, rounder):
        assert verdict.status == "Not yet"
        assert "too round to tell" in verdict.text or verdict.text in [hint for _, hint in item.wrong]
    elif abs(rounder - item.solution) <= item.tolerance:
        assert str(verdict) == f"Right. {item.explanation}"
    else:
        assert str(verdict) == f"Right. One more digit: {item.solution:.{item.decimals}f}. {item.explanation}"


@pytest.mark.parametrize(("name", "item"), NUMBERS)
def test_a_right_number_in_a_container_is_right(name, item):
    value = float(item.solution)
    for held in ([value], (value,), np.array([value]), np.array([[value]]), pd.Series([value], ["x"]), [[value]]):
        assert str(item.judge(held)) == f"Right. {item.explanation}"
    assert item.judge(pd.DataFrame({"estimate": [value]})).status == "Right"


def with_comma(item):
    """The whole numbers before and after the decimal point of the solution, as text."""
    return f"{abs(item.solution):.{max(item.decimals, 1)}f}".split(".")


@pytest.mark.parametrize(
    ("name", "item"),
    [(name, item) for name, item in NUMBERS if not with_comma(item)[1].startswith("0")],  # 0,05 Python itself refuses
)
def test_a_decimal_comma_is_recognised(name, item):
    """The tuple that Python makes of the solution written with a comma."""
    whole, decimals = with_comma(item)
    sign = -1 if item.solution < 0 else 1
    verdict = item.judge((sign * int(whole), int(decimals)))
    assert verdict.status == "Not yet"
    assert verdict.text.startswith("Write a decimal point: ")
    assert f"{'-' if sign < 0 else ''}{whole}.{decimals}" in verdict.text


@pytest.mark.parametrize(("name", "item"), NUMBERS)
def test_a_wrong_answer_rounded_to_three_digits_meets_its_hint(name, item):
    hints = {value: hint for value, hint in item.wrong if not isinstance(value, tuple)}
    for value, hint in hints.items():
        shown = float(f"{value:.3g}")
        others = [item.solution, *(other for other in hints if other != value)]
        if abs(shown - value) < min(abs(shown - other) for other in others):
            assert str(item.judge(shown)) == f"Not yet. {hint}"


@pytest.mark.parametrize(("name", "item"), NUMBERS)
def test_a_wrong_answer_is_never_right_because_it_is_round(name, item):
    for value in points(item):
        for digits in range(-1, item.decimals + 1):
            shown = round(float(value), digits)
            if nearer_to_a_wrong_answer(item, shown):
                assert item.judge(shown).status == "Not yet"


@pytest.mark.parametrize(("name", "item"), [(name, item) for name, item in ALL if isinstance(item, Choices)])
def test_each_letter_of_each_item_is_judged(name, item):
    """Keys as numbers or as text, letters in either case; a wrong letter is named or gets the item's own hint."""
    assert str(item.judge({str(key): letter.upper() for key, letter in item.solution.items()})).startswith("Right.")
    for key, right in item.solution.items():
        for letter in item.letters:
            verdict = item.judge(pd.Series({str(key): letter}))
            assert verdict.text.startswith("Right so far") == (letter == right)


def test_three_dots_are_answered_without_computing_the_solution(capsys, monkeypatch):
    monkeypatch.setitem(importlib.import_module("helpers.exercises.lesson_01").EXERCISES, "1.1", None)
    check("1.1", ...)
    assert capsys.readouterr().out.startswith("Not attempted. Replace the three dots")


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
        (answers(q1="a"), "Begin with lesson 01 · Correlation."),
        (answers(q1="a", q8=...), "Begin with lesson 01 · Correlation. Then: 11 · Every gene."),
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
