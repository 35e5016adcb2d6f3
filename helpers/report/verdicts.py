"""The verdict of a check: a name, one of three words, and a sentence that says why."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from helpers.report.phrases import Words, counted, escaped, joined

FINE, LOOK, PROBLEM = "fine", "look", "problem"
COLOURS = {FINE: "#00714F", LOOK: "#8A5A00", PROBLEM: "#A33F00"}  # each dark enough to be read on white


@dataclass(frozen=True)
class Check:
    """What was looked at, and what was found."""

    name: str
    verdict: str
    sentence: str


class Verdicts:
    """Checks in the order in which they were made; a notebook shows them as a table."""

    def __init__(self, checks: Iterable[Check | None]):
        self.checks = [check for check in checks if check is not None]

    @property
    def table(self) -> pd.DataFrame:
        """A DataFrame: ``check, verdict, sentence``."""
        return pd.DataFrame(
            [(check.name, check.verdict, check.sentence) for check in self.checks],
            columns=["check", "verdict", "sentence"],
        )

    def of(self, verdict: str) -> list[Check]:
        """The checks with this verdict."""
        return [check for check in self.checks if check.verdict == verdict]

    def _repr_html_(self):
        rows = "".join(
            f'<tr><td style="text-align: left"><b>{escaped(check.name)}</b></td>'
            f'<td style="text-align: left; color: {COLOURS[check.verdict]}"><b>{check.verdict}</b></td>'
            f'<td style="text-align: left; white-space: normal">{escaped(check.sentence)}</td></tr>'
            for check in self.checks
        )
        head = "".join(f'<th style="text-align: left">{name}</th>' for name in ("check", "verdict", "why"))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def __repr__(self):
        """Return a line per check."""
        return "\n".join(f"{check.verdict:<8} {check.name}: {check.sentence}" for check in self.checks)


def graded(value: float, look: float, problem: float) -> str:
    """FINE below `look`, PROBLEM from `problem` on, LOOK between; what is not a number is to be looked at."""
    if value < look:
        return FINE
    return PROBLEM if value >= problem else LOOK


def warnings(verdicts: Verdicts) -> Words:
    """What a reader must know before the results are quoted.

    Parameters
    ----------
    verdicts : Verdicts

    Returns
    -------
    Words
    """
    problems, looks = verdicts.of(PROBLEM), verdicts.of(LOOK)
    if not problems and not looks:
        return Words("No check found anything that speaks against these results.")
    paragraphs = [f"{check.name}: {check.sentence}" for check in (*problems, *looks)]
    head = []
    if problems:
        what, them = ("a problem", "it") if len(problems) == 1 else ("problems", "them")
        head.append(f"{counted(len(problems), 'check')} found {what}. Solve {them}, or report {them} with the results.")
    if looks:
        head.append(f"Look at {counted(len(looks), 'check')} before you quote the results.")
    return Words(" ".join(head), *paragraphs)


def reserve(verdicts: Verdicts) -> str:
    """What a results paragraph says of its own checks, in a sentence; nothing where all is fine."""
    if problems := verdicts.of(PROBLEM):
        named = joined(check.name for check in problems)
        return f"Quote these numbers with caution. Checks with a problem: {named} (see Warnings)."
    if looks := verdicts.of(LOOK):
        return f"Before you quote these numbers, look at: {joined(check.name for check in looks)} (see Warnings)."
    return ""
