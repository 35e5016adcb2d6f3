"""Checks that a lesson has the parts of a lesson, within its budget."""

import ast
import re
from itertools import pairwise
from urllib.parse import urlsplit

from hygiene_outputs import parsed
from hygiene_reading import (
    cells,
    check,
    code_cells,
    collection_check,
    headings,
    links,
    notebooks,
    output_text,
    prose,
    read,
    tags,
)
from lesson_budget import AT_MOST, EXERCISES, budget, in_sight, is_attempt, is_folded, is_picture
from what_if import changes

LESSON = r"(0[1-9]|[1-9]\d)_.*"
START = r"00_.*"
SOLUTIONS = r"solutions_\d\d"
FIRST_CELLS = 5  # in which the question, its picture and the opening stand
OPENING = re.compile(r"^\*About (\d+) minutes\. You need .+?\. At the end you will be able to .+?\.\*$", re.M | re.S)
LAST_FIFTH, LAST_QUARTER = 0.8, 0.75
WHAT_IFS = (2, 3)
NOT_IN_SIGHT = re.compile(r"\bnp\.linalg\b|\bplt\.|\bax(es)?\b[.\[]|\bsns\.")


@check(LESSON)
def lesson_opening(notebook):
    first = notebook.cells[0]
    label = next(label for label, _ in cells(notebook))
    yield from title(notebook)
    if "?" not in prose(re.sub(r"^# .*", "", first.source, flags=re.MULTILINE)):
        yield f"{label}: asks no question; say in one sentence what a biologist would ask"
    if not any(is_picture(cell) for cell in notebook.cells[:FIRST_CELLS]):
        yield f"no figure among the first {FIRST_CELLS} cells; draw the question"
    opening = [found for cell in notebook.cells[:FIRST_CELLS] for found in OPENING.findall(cell.source)]
    if not opening:
        yield "no line '*About … minutes. You need …. At the end you will be able to ….*' in the opening; write it"
    elif int(opening[0]) != (counted := round(budget(notebook).minutes)):
        yield f"says {opening[0]} minutes where tests/lesson_budget.py counts {counted}"


def title(notebook):
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not any(level == 1 for level, _ in headings(first.source)):
        yield "cell 1: is not markdown with a level-1 title; open with `# Title`"


@check(LESSON)
def lesson_budget(notebook):
    counted = budget(notebook)
    for part, limit in AT_MOST.items():
        if (found := getattr(counted, part)) > limit:
            yield f"{part}: {found:g}, the budget is {limit}"
    if counted.figures > counted.sections + 1:
        yield f"{counted.figures} figures in {counted.sections} sections; one each, and the question's own"
    if not EXERCISES[0] <= counted.exercises <= EXERCISES[1]:
        yield f"{counted.exercises} exercises; give {EXERCISES[0]} to {EXERCISES[1]}"


@check(LESSON)
def lesson_folds(notebook):
    """What is folded says what it does, in the line that JupyterLab shows; what is in sight is what one learns."""
    for label, cell in code_cells(notebook):
        if is_folded(cell) and not re.match(r"# \w+ \w+", cell.source):
            yield f"{label}: folded, and its first line is no comment that says what it does"
        if is_folded(cell) and not (
            cell.metadata.get("jupyter", {}).get("source_hidden") and "hide-input" in tags(cell)
        ):
            yield f"{label}: fold it for JupyterLab (jupyter source_hidden) and for the book (tag hide-input)"
        if in_sight(cell) and (found := NOT_IN_SIGHT.search(cell.source)):
            yield f"{label}: {found[0]!r} in sight; fold the cell, or make it a function of helpers.plots"
        if any(isinstance(node, ast.Assert) for node in ast.walk(parsed(cell.source))):
            yield f"{label}: a bare assert stops a reader's what-if; write claim(…, 'the sentence')"


@check()
def claims_hold(notebook):
    for label, cell in code_cells(notebook):
        if found := re.search(r"^No longer so: .*", output_text(cell), re.MULTILINE):
            yield f"{label}: {found[0]!r} of the lesson's own data; mend the sentence or the claim"


@check(LESSON)
def lesson_in_r(notebook):
    if not any(
        re.search(r"<details>\s*<summary>[^<]*\bIn R\b", cell.source) for _, cell in cells(notebook, "markdown")
    ):
        yield "nothing folded under <details><summary>In R…; give R's complete call, R's number, ours, the difference"


@check(LESSON)
def lesson_what_if(notebook):
    marked = [number for number, cell in enumerate(notebook.cells) if "what-if" in tags(cell)]
    if not WHAT_IFS[0] <= len(marked) <= WHAT_IFS[1]:
        yield f"{len(marked)} cells tagged what-if; give {WHAT_IFS[0]} to {WHAT_IFS[1]}"
    for number in marked:
        label, before = f"cell {number + 1}", notebook.cells[number - 1]
        if not changes(notebook.cells[number].source):
            yield f"{label}: tagged what-if without a change to try; write `name = value  # try another value`"
        if before.cell_type != "markdown" or "> **What if**" not in before.source:
            yield f"{label}: tagged what-if, and the text before it has no line '> **What if** …'"


@check(LESSON)
def lesson_exercises(notebook):
    found = exercise_sections(notebook)
    for section in found:
        yield from attempt_problems(section)
    positions = [number for number, cell in enumerate(notebook.cells) if is_exercise(cell)]
    if not positions or positions[0] >= LAST_FIFTH * len(notebook.cells):
        yield "no exercise before the last fifth; put each where its idea was taught"
    for label, cell in code_cells(notebook):
        if "solution" in tags(cell) or re.search(r"^solution\(", cell.source, re.MULTILINE):
            yield f"{label}: gives a solution away; it belongs to solutions/"


def is_exercise(cell):
    return cell.cell_type == "markdown" and any(re.search(r"\bExercise\b", text) for _, text in headings(cell.source))


def exercise_sections(notebook):
    """The labelled cells of each exercise: its heading and the cell after it."""
    labelled = list(cells(notebook))
    return [pair for pair in pairwise([*labelled, (None, None)]) if is_exercise(pair[0][1])]


def attempt_problems(section):
    (label, heading), (place, attempt) = section
    name = re.search(r"\bExercise (\d+\.\d+)", heading.source)
    name = name[1] if name else "…"
    wanted = (
        rf'^answer = (\.\.\.|\{{.*\.\.\.).*^check\("{re.escape(name)}", answer\)  +# solution\("{re.escape(name)}"\)'
    )
    if attempt is None or not is_attempt(attempt) or not re.search(wanted, attempt.source, re.M | re.S):
        form = f'check("{name}", answer)  # solution("{name}") shows one way'
        yield f"{label}: the next cell should be `answer = ...` and `{form}`"
    elif "Not attempted" not in output_text(attempt):
        yield f"{place}: its output doesn't say 'Not attempted'; leave `answer = ...` as the reader gets it"


@check(SOLUTIONS)
def solutions_are_right(notebook):
    for label, cell in code_cells(notebook):
        if is_attempt(cell) and not output_text(cell).startswith("Right"):
            yield f"{label}: its output doesn't say 'Right'"


@collection_check
def solutions_match_lessons(root):
    """Every exercise of a lesson is solved once, on the page of solutions of that lesson."""
    for path in notebooks(root):
        if re.fullmatch(LESSON, path.stem):
            page = path.parent / "solutions" / f"solutions_{path.stem[:2]}.ipynb"
            asked, solved = asked_in(path), asked_in(page) if page.exists() else []
            if asked != solved:
                yield f"{path.name} asks {', '.join(asked)}; solutions/{page.name} solves {', '.join(solved) or 'none'}"


def asked_in(path):
    return [
        name for cell in read(path).cells for name in re.findall(r'^check\("([\d.]+)", answer\)', cell.source, re.M)
    ]


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


@check(START)
def start_here(notebook, path):
    text = "\n\n".join(cell.source for _, cell in cells(notebook, "markdown"))
    yield from title(notebook)
    if "how to run" not in prose(text).lower():
        yield "doesn't say how to run the course; add a section with the words 'how to run'"
    linked = {urlsplit(target).path for target in links(text)}
    lessons = [lesson.name for lesson in notebooks(path.parents[1]) if re.fullmatch(LESSON, lesson.stem)]
    yield from (f"no link to {name}; add one" for name in [*lessons, "glossary.md"] if name not in linked)
