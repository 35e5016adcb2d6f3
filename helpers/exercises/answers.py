"""The kinds of answer an exercise can ask for, and how each is judged.

Every kind has a right value and a list of *known wrong* values, each with the hint that its misconception needs. A
wrong answer that nobody foresaw gets the general hint `otherwise`.
"""

import numbers
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth: `status` is "Not attempted", "Right" or "Not yet"; `text` says why."""

    status: str
    text: str

    def __str__(self):
        """The sentence a reader sees."""
        return f"{self.status}. {self.text}"


NOT_ATTEMPTED = Verdict("Not attempted", "Replace the three dots with your answer and run the cell again.")


@dataclass(frozen=True)
class Number:
    """A number, right within `tolerance` (absolute, in the answer's own units).

    Attributes
    ----------
    solution : float
    tolerance : float
    explanation : str
        Said after a right answer.
    wrong : list of (float, str)
        Known wrong answers, each with its hint.
    otherwise : str
        The hint for any other wrong answer.
    """

    solution: float
    tolerance: float
    explanation: str
    otherwise: str
    wrong: list = field(default_factory=list)

    def judge(self, answer):
        """The verdict on a number; text, tables and missing values are sent back with what was found."""
        if answer is ...:
            return NOT_ATTEMPTED
        if isinstance(answer, (np.ndarray, pd.Series)) and answer.size == 1:
            answer = answer.item()
        if isinstance(answer, bool | np.bool_) or not isinstance(answer, numbers.Real):
            return Verdict("Not yet", f"A single number is asked for; this is {_article(type(answer).__name__)}.")
        if not np.isfinite(answer):
            return Verdict("Not yet", f"The answer is {answer}: a value on the way there is missing or infinite.")
        if self._equals(answer, self.solution):
            return Verdict("Right", self.explanation)
        return Verdict("Not yet", _first_hint(self.wrong, lambda known: self._equals(answer, known), self.otherwise))

    def _equals(self, answer, value):
        return abs(answer - value) <= self.tolerance


@dataclass(frozen=True)
class Choice:
    """One letter of several; each wrong letter has its hint.

    Attributes
    ----------
    solution : str
    explanation : str
    wrong : list of (str, str)
        Every other letter with its hint.
    """

    solution: str
    explanation: str
    wrong: list

    def judge(self, answer):
        """The verdict on a letter, in either case."""
        if answer is ...:
            return NOT_ATTEMPTED
        letter = answer.strip().strip("().").lower() if isinstance(answer, str) else answer
        if letter == self.solution:
            return Verdict("Right", self.explanation)
        letters = sorted([self.solution, *(known for known, _ in self.wrong)])
        unknown = f'One of the letters {", ".join(letters)} is asked for, in quotes, such as answer = "{letters[0]}".'
        return Verdict("Not yet", _first_hint(self.wrong, lambda known: known == letter, unknown))


@dataclass(frozen=True)
class Table:
    """A DataFrame: named rows and columns, in any order, numbers right within `tolerance`.

    Attributes
    ----------
    solution : pandas.DataFrame
    tolerance : float
    explanation : str
    otherwise : str
    wrong : list of (pandas.DataFrame, str)
        Known wrong tables of the same shape, each with its hint.
    """

    solution: pd.DataFrame
    tolerance: float
    explanation: str
    otherwise: str
    wrong: list = field(default_factory=list)

    def judge(self, answer):
        """The verdict on a table: first its kind, then its rows and columns, then its numbers."""
        if answer is ...:
            return NOT_ATTEMPTED
        if not isinstance(answer, pd.DataFrame):
            return Verdict("Not yet", f"A DataFrame is asked for; this is {_article(type(answer).__name__)}.")
        for part, expected, found in (
            ("row", self.solution.index, answer.index),
            ("column", self.solution.columns, answer.columns),
        ):
            if set(expected) != set(found) or len(expected) != len(found):
                return Verdict(
                    "Not yet", f"The {part}s should be named {_listed(expected)}; yours are named {_listed(found)}."
                )
        if self._equals(answer, self.solution):
            return Verdict("Right", self.explanation)
        return Verdict("Not yet", _first_hint(self.wrong, lambda known: self._equals(answer, known), self.otherwise))

    def _equals(self, answer, value):
        try:
            answer = answer.loc[value.index, value.columns].to_numpy(dtype=float)
        except (TypeError, ValueError):
            return False
        return np.allclose(answer, value.to_numpy(dtype=float), rtol=0, atol=self.tolerance, equal_nan=True)


def _first_hint(wrong, matches, otherwise):
    return next((hint for known, hint in wrong if matches(known)), otherwise)


def _listed(names):
    return ", ".join(map(str, names)) or "not at all"


def _article(name):
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
