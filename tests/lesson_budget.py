"""What a lesson asks of its reader, counted: words, cells, lines, terms, figures, exercises and minutes.

    python tests/lesson_budget.py                 # a table of all lessons
    python tests/lesson_budget.py 03_linear       # of those whose names begin so

*In sight* is a code cell that is neither folded nor an exercise. Folded text (``<details>``) is not counted either:
it is there for whoever opens it.
"""

import re
import statistics
import sys
from dataclasses import astuple, dataclass, fields

from hygiene_reading import ROOT, prose, read, shows_picture, tags

WORDS_A_MINUTE = 180
MINUTES = {"cells": 0.5, "figures": 0.5, "exercises": 3}
AT_MOST = {"words": 1500, "cells": 20, "longest": 12, "median": 5, "lines": 120, "terms": 6, "minutes": 30}
EXERCISES = (3, 5)
FOLDED_TEXT = re.compile(r"<details>.*?</details>", re.DOTALL)
NEW_TERM = re.compile(r"\[\*\*[^\]]+\*\*\]\(glossary\.md#([\w-]+)\)")


@dataclass(frozen=True)
class Budget:
    """What is counted of one lesson."""

    words: int
    cells: int
    longest: int
    median: float
    lines: int
    terms: int
    sections: int
    figures: int
    exercises: int

    @property
    def minutes(self):
        """For a reader who reads all of it and does every exercise."""
        return self.words / WORDS_A_MINUTE + sum(MINUTES[part] * getattr(self, part) for part in MINUTES)


def budget(notebook):
    """Count a lesson."""
    markdown = [FOLDED_TEXT.sub("", cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    lengths = [code_lines(cell) for cell in notebook.cells if in_sight(cell)]
    return Budget(
        words=sum(len(re.findall(r"\w[\w'’.,%-]*", prose(text))) for text in markdown),
        cells=len(lengths),
        longest=max(lengths, default=0),
        median=statistics.median(lengths or [0]),
        lines=sum(lengths),
        terms=len(new_terms(markdown)),
        sections=sum(len(re.findall(r"^## ", text, re.MULTILINE)) for text in markdown),
        figures=sum(is_picture(cell) for cell in notebook.cells),
        exercises=sum(is_attempt(cell) for cell in notebook.cells),
    )


def new_terms(markdown):
    """The terms that a lesson introduces: bold, and linked to the glossary."""
    return {term for text in markdown for term in NEW_TERM.findall(text)}


def is_folded(cell):
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden")) or "hide-input" in tags(cell)


def is_attempt(cell):
    return cell.cell_type == "code" and 'check("' in cell.source


def in_sight(cell):
    return cell.cell_type == "code" and bool(cell.source.strip()) and not is_folded(cell) and not is_attempt(cell)


def is_picture(cell):
    return cell.cell_type == "code" and shows_picture(cell)


def code_lines(cell):
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def main(beginnings):
    """Print the table."""
    names = [field.name for field in fields(Budget)]
    print(f"{'':26}" + "".join(f"{name:>10}" for name in [*names, "minutes"]))
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        if path.name.startswith(tuple(beginnings) or ""):
            counted = budget(read(path))
            row = [*astuple(counted), round(counted.minutes, 1)]
            print(f"{path.stem:26}" + "".join(f"{value:>10g}" for value in row))
    print(f"{'at most':26}" + "".join(f"{AT_MOST.get(name, ''):>10}" for name in [*names, "minutes"]))


if __name__ == "__main__":
    main(sys.argv[1:])
