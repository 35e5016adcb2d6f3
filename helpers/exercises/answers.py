"""The kinds of answer an exercise can ask for, and how each is judged. For authors of lessons.

Every kind has a right value (`solution`), what is said after it (`explanation`), a list of *known wrong* values, each
with the hint that its misconception needs (`wrong`), and a general hint for a wrong answer that nobody foresaw
(`otherwise`). Compute all values from the data; never type them in.

| kind | a solution is | and takes, too |
| --- | --- | --- |
| `Number` | a number, within `tolerance` | a list, tuple, array, Series or table that holds just this number |
| `Choice` | one letter; every other letter stands in `wrong` | either case; brackets and full stops around it |
| `Choices` | a dictionary item -> letter | a Series; keys as text, `"1"` for 1; either case |
| `Table` | a DataFrame, in any order of rows and columns | a Series where one column is asked for |
| `Weights` | a dictionary coefficient -> weight | a Series, one row or column of a table, a full list; R's names |

What a `Number` replies, in this order:

1. *Right*, within the tolerance or rounded to `digits` decimals (left out: as many as the tolerance resolves).
2. The hint of a known wrong value, which is met to its own size: 35.6 for 35.633 beside a solution of 0.356. Where two
   values are close, the nearer one counts.
3. *Right. One more digit: 0.356.* for the solution rounded to one decimal fewer, or two if it is no more than 10% off.
   Where a known wrong value is nearer: *too round to tell*. Digits before the decimal point are never missing, so
   counts are asked for exactly (``tolerance=0.5``) or with a tolerance that says what is good enough.
4. The hint of a known wrong value that was rounded to two or three significant digits.
5. Look at the unit, for 100 times or a hundredth of the solution; then `otherwise`.

A test, a fit, a table, a decimal comma (16,5 is a tuple) are sent back with the attribute, cell or spelling to take.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.exercises.judging import Answer, Verdict, listed, renamed
from helpers.exercises.number_answer import Number
from helpers.exercises.one_number import unwrapped
from helpers.exercises.weights_answer import Weights

__all__ = ["Answer", "Choice", "Choices", "Number", "Table", "Verdict", "Weights"]


@dataclass(frozen=True, kw_only=True)
class Choice(Answer):
    """One letter of several, in either case; each wrong letter has its hint."""

    def _plain(self, answer):
        return _letter(unwrapped(answer))

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
            return Verdict("Not yet", f"Right so far; still to do: {listed(missing)}.")
        return Verdict("Right", self.explanation)

    def _plain(self, answer):
        if isinstance(answer, pd.DataFrame) and answer.shape[1] == 1:
            answer = answer.iloc[:, 0]
        answer = answer.to_dict() if isinstance(answer, pd.Series) else answer
        if not isinstance(answer, dict):
            return answer
        items = {str(item).lower(): item for item in self.solution}
        answer = renamed(answer, {key: items.get(str(key).strip().lower(), key) for key in answer})
        return {item: _letter(letter) for item, letter in answer.items() if letter is not ...}

    def _objection(self, answer):
        items = list(self.solution)
        example = f"answer = {{{', '.join(f'{item!r}: "{self.letters[0]}"' for item in items[:2])}, …}}"
        if not isinstance(answer, dict):
            return f"A dictionary is asked for, such as {example}."
        if strange := [item for item in answer if item not in items]:
            return f"There is no {strange[0]!r} among the items; they are {listed(items)}."
        for item, letter in answer.items():
            if not isinstance(letter, str) or len(letter) != 1 or letter not in self.letters:
                return f"{item}: one of the letters {listed(self.letters)} is asked for, in quotes; found {letter!r}."
        return None

    def _hint(self, item, letter):
        hints = (hint for known, hint in self.wrong if known == {item: letter})
        return next(hints, self.otherwise.format(item=item))


@dataclass(frozen=True, kw_only=True)
class Table(Answer):
    """A DataFrame: named rows and columns, in any order, numbers right within `tolerance`."""

    tolerance: float

    def _plain(self, answer):
        """One column is that column, whatever its name."""
        if len(self.solution.columns) == 1 and isinstance(answer, pd.Series):
            return answer.to_frame(self.solution.columns[0])
        if len(self.solution.columns) == 1 and isinstance(answer, pd.DataFrame) and len(answer.columns) == 1:
            return answer.set_axis(self.solution.columns, axis="columns")
        return answer

    def _objection(self, answer):
        if isinstance(answer, pd.Series):
            return f"A DataFrame with the columns {listed(self.solution.columns)} is asked for; a Series is one column."
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
                return f"The {part}s should be named {listed(expected)}; yours are named {listed(found)}."
        return None

    def _equals(self, answer, value):
        if not all(pd.api.types.is_numeric_dtype(kind) for kind in answer.dtypes):
            return False
        numbers_found = answer.loc[value.index, value.columns].to_numpy(dtype=float)
        return np.allclose(numbers_found, value.to_numpy(dtype=float), rtol=0, atol=self.tolerance, equal_nan=True)


def _letter(answer):
    """A letter without what people write around it."""
    return answer.strip(" ().:,;").lower() if isinstance(answer, str) else answer
