"""Exercises that answer back.

A lesson asks, the reader writes ``answer = ...`` and calls ``check("1.1", answer)``. The reply is *Not attempted*,
*Right*, or *Not yet* with a hint for the misconception that leads to that wrong answer. The exercises of lesson 01
stand in `helpers.exercises.lesson_01`; their right answers are computed from the data, never typed in. One way to get
there stands in the page of solutions of each lesson, and ``solution("1.1")`` shows it to whoever asks.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from helpers.course.progress import note
from helpers.exercises.answers import Choice, Choices, Number, Table, Verdict, Weights
from helpers.exercises.judging import NOT_ATTEMPTED
from helpers.exercises.solutions import solution

if TYPE_CHECKING:
    from helpers.exercises.answers import Answer

__all__ = ["Choice", "Choices", "Number", "Table", "Verdict", "Weights", "check", "exercise", "solution"]


def check(name: str, answer: object) -> None:
    """Print what there is to say about an answer.

    In a reader's own copy of the course the verdict is kept, for the map to show.

    Parameters
    ----------
    name : str
        The exercise: lesson and number, such as ``"1.2"``.
    answer : object
        The reader's answer; ``...`` means not attempted.

    Raises
    ------
    KeyError
        There is no such exercise.
    """
    computed = _maker(name)
    verdict = NOT_ATTEMPTED if answer is ... else computed().judge(answer)  # a solution takes up to seconds
    print(verdict)
    note(name, verdict.status)


def exercise(name: str) -> Answer:
    """The exercise of that name, with its solution computed.

    Raises
    ------
    KeyError
        There is no such exercise.
    """
    return _maker(name)()


def _maker(name):
    """What computes the exercise of that name."""
    lesson, _, _ = str(name).partition(".")
    try:
        exercises = importlib.import_module(f"helpers.exercises.lesson_{int(lesson):02d}").EXERCISES
    except (ValueError, ModuleNotFoundError):
        raise KeyError(
            f"There are no exercises for lesson '{lesson}': write the number as in check('1.2', answer)."
        ) from None
    if name not in exercises:
        raise KeyError(f"There is no exercise '{name}'; lesson {lesson} has {', '.join(exercises)}.")
    return exercises[name]
