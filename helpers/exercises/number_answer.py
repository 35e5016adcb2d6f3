"""The kind of exercise that asks for one number: when it is right, when merely rounder, and which mistake it shows."""

import math
from dataclasses import dataclass

from helpers.exercises.judging import Answer, Verdict
from helpers.exercises.one_number import objection_to, unwrapped

ROUNDING = 1e-3  # of a unit in the last place: what a float, a float32 too, may differ from the decimal it stands for


@dataclass(frozen=True, kw_only=True)
class Number(Answer):
    """A number, right within `tolerance` (absolute, in the answer's own units).

    A known wrong answer may be a pair (low, high): any number from low to high.

    Attributes
    ----------
    tolerance : float
        How far from the solution an answer may lie.
    digits : int, optional
        How many decimals the exercise asks for. If left out, as many as the tolerance resolves: 2 for 0.005.
    """

    tolerance: float
    digits: int | None = None

    @property
    def decimals(self) -> int:
        """How many decimals the exercise asks for; -1 means tens."""
        if self.digits is not None:
            return self.digits
        return math.ceil(round(-math.log10(2 * self.tolerance), 6))

    def _plain(self, answer):
        return unwrapped(answer)

    def _objection(self, answer):
        return objection_to(answer)

    def _verdict(self, answer):
        away, other = abs(answer - self.solution), self._nearest_wrong(answer)
        if self._is_right(answer) and away <= other:
            return Verdict("Right", self.explanation)
        if hint := self._hint(answer):
            return Verdict("Not yet", hint)
        if missing := self._missing_digits(answer):
            if away <= other and (missing == 1 or away <= abs(self.solution) / 10):
                more = "One more digit" if missing == 1 else "Two more digits"
                return Verdict("Right", f"{more}: {self.solution:.{self.decimals}f}. {self.explanation}")
            plural = "" if self.decimals == 1 else "s"
            return Verdict("Not yet", f"{answer:g} is too round to tell. Give {self.decimals} decimal{plural}.")
        hints = (hint for value, hint in self._points() if _is_short_for(answer, value))
        return Verdict("Not yet", next(hints, None) or self._unforeseen(answer))

    def _points(self):
        """The known wrong answers that are single numbers, with their hints."""
        return [(value, hint) for value, hint in self.wrong if not isinstance(value, tuple)]

    def _nearest_wrong(self, answer):
        """How far away the nearest of them is."""
        return min((abs(answer - value) for value, _ in self._points()), default=math.inf)

    def _is_right(self, answer):
        return abs(answer - self.solution) <= self.tolerance or _is_rounded(answer, self.solution, self.decimals)

    def _missing_digits(self, answer):
        """By how many decimals, 1 or 2, the answer is rounder than asked; 0 where it is not the rounded solution.

        Digits before the decimal point are never missing: 160 genes are not 158.
        """
        short = (k for k in (1, 2) if self.decimals >= k and _is_rounded(answer, self.solution, self.decimals - k))
        return next(short, 0) if answer else 0

    def _hint(self, answer):
        """The hint of the nearest known wrong answer that this one is, or of a range that holds it."""
        points = [(abs(answer - value), hint) for value, hint in self._points() if self._is_about(answer, value)]
        if points:
            return min(points, key=lambda point: point[0])[1]
        ranges = (pair for pair in self.wrong if isinstance(pair[0], tuple))
        return next((hint for (low, high), hint in ranges if low <= answer <= high), None)

    def _is_about(self, answer, value):
        """Whether the answer is this wrong value, and not nearer to the solution.

        A wrong value of another size (a share for a percentage) is met as closely as its own size asks for.
        """
        size = max(abs(value) / abs(self.solution), 0.01) if self.solution else 1
        return abs(answer - value) <= min(2 * self.tolerance * size, abs(answer - self.solution))

    def _unforeseen(self, answer):
        for factor, size in ((100, "100 times as large"), (0.01, "a hundredth of that")):
            if self.solution and abs(answer * factor / self.solution - 1) < 0.01:
                return f"Look at the unit: the answer is {size}. A share and a percentage differ by this factor."
        return self.otherwise


def _is_rounded(answer, value, decimals):
    """Whether the answer is the value rounded to so many decimals, a half up or down."""
    in_units, value_in_units = answer * 10.0**decimals, value * 10.0**decimals
    return abs(in_units - round(in_units)) < ROUNDING and abs(in_units - value_in_units) <= 0.5 + ROUNDING


def _is_short_for(answer, value):
    """Whether the answer is the value rounded to two or three significant digits."""
    if not value:
        return False
    first = -math.floor(math.log10(abs(value)))
    return any(_is_rounded(answer, value, first + more) for more in (1, 2))
