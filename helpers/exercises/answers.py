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


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is right, what is known to be wrong, and what is said about each.

    Attributes
    ----------
    solution : object
        The right answer.
    explanation : str
        Said after a right answer.
    wrong : list of (object, str)
        Known wrong answers, each with its hint.
    otherwise : str
        The hint for any other wrong answer.
    """

    solution: object
    explanation: str
    wrong: list = field(default_factory=list)
    otherwise: str = ""

    def judge(self, answer: object) -> Verdict:
        """The verdict on an answer; one of the wrong kind is sent back with what was found."""
        if answer is ...:
            return Verdict("Not attempted", "Replace the three dots with your answer and run the cell again.")
        plain = self._plain(answer)
        if objection := self._objection(plain):
            return Verdict("Not yet", objection)
        if self._equals(plain, self.solution):
            return Verdict("Right", self.explanation)
        hints = (hint for known, hint in self.wrong if self._equals(plain, known))
        return Verdict("Not yet", next(hints, None) or self._unforeseen(plain))

    def _unforeseen(self, answer):
        """What is said about a wrong answer that nobody foresaw."""
        return self.otherwise

    def _plain(self, answer):
        """The same answer in its plainest type."""
        return answer

    def _objection(self, answer):
        """What is said about an answer of the wrong kind; None where it is of the right one."""
        return None

    def _equals(self, answer, value):
        """Whether an answer of the right kind is this value."""
        return answer == value


@dataclass(frozen=True, kw_only=True)
class Number(Answer):
    """A number, right within `tolerance` (absolute, in the answer's own units).

    A known wrong answer may be a pair (low, high): any number from low to high.
    """

    tolerance: float

    def _plain(self, answer):
        return answer.item() if isinstance(answer, np.ndarray | pd.Series | np.generic) and answer.size == 1 else answer

    def _objection(self, answer):
        if isinstance(answer, str):
            return "A number is asked for; this is text: remove the quotes."
        if hasattr(answer, "statistic") and not isinstance(answer, pd.DataFrame):
            return "A single number is asked for; this is a whole test result: take its .statistic."
        if isinstance(answer, pd.DataFrame):
            return 'A single number is asked for; this is a table: take one cell, such as .loc[0, "estimate"].'
        if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
            return f"A single number is asked for; this is of type {type(answer).__name__}."
        if not np.isfinite(answer):
            return f"The answer is {answer}: a value on the way there is missing or infinite."
        return None

    def _equals(self, answer, value):
        if isinstance(value, tuple):
            return value[0] <= answer <= value[1]
        return abs(answer - value) <= self.tolerance


@dataclass(frozen=True, kw_only=True)
class Choice(Answer):
    """One letter of several, in either case; each wrong letter has its hint."""

    def _plain(self, answer):
        return answer.strip(" ().:,;").lower() if isinstance(answer, str) else answer

    def _objection(self, answer):
        letters = sorted([self.solution, *(known for known, _ in self.wrong)])
        if isinstance(answer, str) and answer in letters:
            return None
        return f'One of the letters {", ".join(letters)} is asked for, in quotes, such as answer = "{letters[0]}".'


@dataclass(frozen=True, kw_only=True)
class Choices(Answer):
    """A letter for each of several items, as a dictionary; an unfinished one is judged as far as it goes.

    `solution` is item -> letter, and `wrong` a list of ({item: letter}, hint): each item that is wrong gets its own.
    `otherwise` is the hint where none was written; ``{item}`` in it names the item.

    Attributes
    ----------
    letters : str
        The letters one may choose from.
    """

    solution: dict
    letters: str

    def judge(self, answer: object) -> Verdict:
        """The verdict: a hint for each wrong item, or which items are still to do."""
        plain = self._plain(answer)
        if plain is ... or (isinstance(plain, dict) and not plain):
            return super().judge(...)
        if objection := self._objection(plain):
            return Verdict("Not yet", objection)
        if hints := [self._hint(item, letter) for item, letter in plain.items() if letter != self.solution[item]]:
            return Verdict("Not yet", "\n".join(hints))
        if missing := [item for item in self.solution if item not in plain]:
            return Verdict("Not yet", f"Right so far; still to do: {_listed(missing)}.")
        return Verdict("Right", self.explanation)

    def _plain(self, answer):
        answer = answer.to_dict() if isinstance(answer, pd.Series) else answer
        if not isinstance(answer, dict):
            return answer
        tidied = {
            item: letter.strip(" ().:,;").lower() if isinstance(letter, str) else letter
            for item, letter in answer.items()
        }
        return {item: letter for item, letter in tidied.items() if letter is not ...}

    def _objection(self, answer):
        items = list(self.solution)
        example = f"answer = {{{', '.join(f'{item!r}: "{self.letters[0]}"' for item in items[:2])}, …}}"
        if not isinstance(answer, dict):
            return f"A dictionary is asked for, such as {example}."
        if strange := [item for item in answer if item not in items]:
            return f"There is no {strange[0]!r} among the items; they are {_listed(items)}."
        for item, letter in answer.items():
            if not isinstance(letter, str) or len(letter) != 1 or letter not in self.letters:
                return f"{item}: one of the letters {_listed(self.letters)} is asked for, in quotes; found {letter!r}."
        return None

    def _hint(self, item, letter):
        hints = (hint for known, hint in self.wrong if known == {item: letter})
        return next(hints, self.otherwise.format(item=item))


@dataclass(frozen=True, kw_only=True)
class Table(Answer):
    """A DataFrame: named rows and columns, in any order, numbers right within `tolerance`."""

    tolerance: float

    def _objection(self, answer):
        if not isinstance(answer, pd.DataFrame):
            return f"A DataFrame is asked for; this is of type {type(answer).__name__}."
        if set(answer.index) == set(self.solution.columns) and set(answer.columns) == set(self.solution.index):
            return "Rows and columns have changed places: turn the table with .T."
        if missing := set(self.solution.index) - set(answer.index):
            held = [name for name in answer.columns if missing <= set(answer[name])]
            if held:
                return f'The rows should be named by "{held[0]}": add .set_index("{held[0]}").'
        for part, expected, found in (
            ("row", self.solution.index, answer.index),
            ("column", self.solution.columns, answer.columns),
        ):
            if set(expected) != set(found) or len(expected) != len(found):
                return f"The {part}s should be named {_listed(expected)}; yours are named {_listed(found)}."
        return None

    def _equals(self, answer, value):
        if not all(pd.api.types.is_numeric_dtype(kind) for kind in answer.dtypes):
            return False
        numbers_found = answer.loc[value.index, value.columns].to_numpy(dtype=float)
        return np.allclose(numbers_found, value.to_numpy(dtype=float), rtol=0, atol=self.tolerance, equal_nan=True)


@dataclass(frozen=True, kw_only=True)
class Weights(Answer):
    """The weights of a contrast of coefficients, judged by the numbers they give: estimate and standard error.

    `solution` and known wrong answers are dictionaries, coefficient -> weight; coefficients left out have weight 0. An
    answer may also be a Series, or a list with one weight per coefficient. In `otherwise`, ``{estimate}`` is the
    contrast's estimate under the reader's weights.

    Attributes
    ----------
    estimates : pandas.Series
        The coefficients, by name.
    covariance : pandas.DataFrame
        Their covariance matrix.
    """

    estimates: pd.Series
    covariance: pd.DataFrame

    def _plain(self, answer):
        answer = answer.to_dict() if isinstance(answer, pd.Series) else answer
        if isinstance(answer, list | tuple | np.ndarray) and np.shape(answer) == self.estimates.shape:
            return dict(zip(self.estimates.index, np.asarray(answer).tolist(), strict=True))
        return answer

    def _objection(self, answer):
        names = list(self.estimates.index)
        if isinstance(answer, list | tuple | np.ndarray):
            return f"A list needs {len(names)} weights, one per coefficient, in this order: {_listed(names)}."
        if not isinstance(answer, dict):
            return f"Weights are asked for, as a dictionary such as {{{names[1]!r}: 1, {names[-1]!r}: -1}}."
        if strange := [name for name in answer if name not in names]:
            return f"There is no coefficient {strange[0]!r}; they are {_listed(names)}."
        for name, weight in answer.items():
            if isinstance(weight, bool) or not isinstance(weight, numbers.Real) or not np.isfinite(weight):
                return f"{name}: a number is asked for as its weight; found {weight!r}."
        if not any(answer.values()):
            return "All weights are 0: give the coefficients that take part a weight."
        return None

    def _numbers(self, weights):
        """Estimate and standard error."""
        row = pd.Series(weights, dtype=float).reindex(self.estimates.index, fill_value=0.0)
        return row @ self.estimates, np.sqrt(row @ self.covariance @ row)

    def _equals(self, answer, value):
        found, (estimate, std_error) = self._numbers(answer), self._numbers(value)
        return np.allclose(found, (estimate, std_error), rtol=0, atol=std_error / 100)  # 0.333 may stand for a third

    def _unforeseen(self, answer):
        return self.otherwise.format(estimate=f"{self._numbers(answer)[0]:.4f}")


def _listed(names):
    return ", ".join(map(str, names)) or "not at all"
