"""Checks that a lesson has the parts of a lesson."""

import re
from itertools import takewhile
from urllib.parse import urlsplit

from hygiene_reading import cells, check, code_cells, headings, links, notebooks, output_text, prose, tags

MAX_CODE_CELLS = 40
MIN_EXERCISES = 3
MAX_ABILITIES = 4  # bullets under "You will be able to"
LAST_FIFTH = 0.8
LAST_QUARTER = 0.75

LESSON = r"(0[1-9]|[1-9]\d)_.*"
START = r"00_.*"


@check(LESSON)
def lesson_opening(notebook):
    first = notebook.cells[0]
    label = next(label for label, _ in cells(notebook))
    yield from title(notebook)
    if "?" not in prose(re.sub(r"^# .*", "", first.source, flags=re.MULTILINE)):
        yield f"{label}: asks no question; say in one sentence what a biologist would ask"
    for word in ("Time", "Prerequisites", "You will be able to"):
        if not re.search(rf"\*\*{word}:?\*\*", first.source):
            yield f"{label}: has no **{word}**; add a line with it"
    if not 1 <= (count := abilities(first.source)) <= MAX_ABILITIES:
        yield f"{label}: {count} bullets below **You will be able to**; give 1 to {MAX_ABILITIES}"


def title(notebook):
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not any(level == 1 for level, _ in headings(first.source)):
        yield "cell 1: is not markdown with a level-1 title; open with `# Title`"


def abilities(text):
    """Count the bullets of the list that follows "You will be able to"."""
    lines = re.split(r"\*\*You will be able to:?\*\*", text)[-1].splitlines()[1:]
    listed = takewhile(re.compile(r"\s*$|[-*+] | ").match, lines)
    return sum(line[:2] in {"- ", "* ", "+ "} for line in listed)


@check(LESSON)
def lesson_in_r(notebook):
    titles = [text for _, cell in cells(notebook, "markdown") for _, text in headings(cell.source)]
    if not any(re.search(r"\bIn R\b", text) for text in titles):
        yield "no heading with 'In R'; add `## In R` with R's call, R's number, ours, and the difference"


@check(LESSON)
def lesson_pitfall(notebook):
    if not any(re.search(r"^> \*\*Pitfall", cell.source, re.MULTILINE) for _, cell in cells(notebook, "markdown")):
        yield "no pitfall box; add a markdown cell with a line `> **Pitfall: …**`"


@check(LESSON)
def lesson_exercises(notebook):
    sections = exercise_sections(notebook)
    if len(sections) < MIN_EXERCISES:
        yield f"{len(sections)} headings with 'Exercise'; give at least {MIN_EXERCISES}"
    for section in sections:
        yield from attempt_problems(section)
        yield from solution_problems(section)
    positions = [number for number, cell in enumerate(notebook.cells) if is_exercise(cell)]
    if positions and positions[0] >= LAST_FIFTH * len(notebook.cells):
        yield "all exercises stand in the last fifth; put each where its idea was taught"


def is_exercise(cell):
    return cell.cell_type == "markdown" and any(re.search(r"\bExercise\b", text) for _, text in headings(cell.source))


def exercise_sections(notebook):
    """The labelled cells of each exercise: from its heading to the next exercise's."""
    sections = []
    for label, cell in cells(notebook):
        if is_exercise(cell):
            sections.append([])
        if sections:
            sections[-1].append((label, cell))
    return sections


def attempt_problems(section):
    attempts = [
        (label, cell)
        for label, cell in section
        if cell.cell_type == "code"
        and re.search(r"^answer = \.\.\.", cell.source, re.MULTILINE)
        and re.search(r"\bcheck\(", cell.source)
    ]
    if not attempts:
        yield f"{section[0][0]}: no code cell with `answer = ...` that calls check( follows; add one"
    for label, cell in attempts:
        if "Not attempted" not in output_text(cell):
            yield f"{label}: its output doesn't say 'Not attempted'; leave `answer = ...` as the reader gets it"


def solution_problems(section):
    solutions = [(label, cell) for label, cell in section if cell.cell_type == "code" and "solution" in tags(cell)]
    if not solutions:
        yield f"{section[0][0]}: no code cell tagged solution follows; add one that runs"
    for label, cell in solutions:
        hidden = cell.metadata.get("jupyter", {})
        if not (hidden.get("source_hidden") and hidden.get("outputs_hidden") and "hide-cell" in tags(cell)):
            yield f"{label}: the solution shows; tag it hide-cell, set jupyter source_hidden and outputs_hidden"
        if not re.search(r"\bRight\b", output_text(cell)):
            yield f"{label}: its output doesn't say 'Right'; check the solution as a reader's answer is checked"


@check(LESSON)
def lesson_recap(notebook):
    recaps = [
        number
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        and any(level == 2 and text.startswith("Recap") for level, text in headings(cell.source))
    ]
    if not recaps or recaps[-1] < LAST_QUARTER * len(notebook.cells):
        yield "no `## Recap` in the last quarter; close the lesson with one"
        return
    closing = [cell.source for cell in notebook.cells[recaps[-1] :] if cell.cell_type == "markdown"]
    targets = [target for source in closing for target in links(source)]
    if not any(re.search(r"\.ipynb\b|\bglossary\.md\b", target) for target in targets):
        yield "the recap links to no notebook and not to the glossary; say where to go next"
    if not any(target.startswith("https://doi.org/") for target in targets):
        yield "the recap gives no source; link one as https://doi.org/…"


@check(LESSON)
def lesson_length(notebook):
    if (count := len(list(code_cells(notebook)))) > MAX_CODE_CELLS:
        yield f"{count} code cells, the limit is {MAX_CODE_CELLS}; a lesson is one sitting: split it"


@check(START)
def start_here(notebook, path):
    text = "\n\n".join(cell.source for _, cell in cells(notebook, "markdown"))
    yield from title(notebook)
    if "how to run" not in prose(text).lower():
        yield "doesn't say how to run the course; add a section with the words 'how to run'"
    linked = {urlsplit(target).path for target in links(text)}
    lessons = [lesson.name for lesson in notebooks(path.parents[1]) if re.fullmatch(LESSON, lesson.stem)]
    yield from (f"no link to {name}; add one" for name in [*lessons, "glossary.md"] if name not in linked)
