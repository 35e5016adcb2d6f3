"""What every kind of answer shares: a right value, known wrong ones with their hints, and the verdict."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth: `status` is "Not attempted", "Right" or "Not yet"; `text` says why."""

    status: str
    text: str

    def __str__(self):
        """The sentence a reader sees."""
        return f"{self.status}. {self.text}"


NOT_ATTEMPTED = Verdict("Not attempted", "Replace the three dots with your answer and run the cell again.")


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
        plain = self._plain(answer)
        if plain is ...:
            return NOT_ATTEMPTED
        if objection := self._objection(plain):
            return Verdict("Not yet", objection)
        return self._verdict(plain)

    def _verdict(self, answer):
        """The verdict on an answer of the right kind."""
        if self._equals(answer, self.solution):
            return Verdict("Right", self.explanation)
        hints = (hint for known, hint in self.wrong if self._equals(answer, known))
        return Verdict("Not yet", next(hints, None) or self._unforeseen(answer))

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


def listed(names: Iterable[object]) -> str:
    """The names with commas between them."""
    return ", ".join(map(str, names)) or "not at all"


def renamed(answer: dict, known: dict) -> dict:
    """The answer with its keys replaced as `known` says; as it was where two keys would become one."""
    fresh = {known.get(key, key): value for key, value in answer.items()}
    return fresh if len(fresh) == len(answer) else answer
