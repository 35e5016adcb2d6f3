"""The map of the course: a card per lesson, and in a reader's own copy how far they have come."""

import json
from pathlib import Path

from helpers.course.lessons import APPENDIX, BESIDES, LESSONS, PARTS, Lesson
from helpers.course.own_copy import write_whole
from helpers.course.progress import State, go_on_with, own_folder, states

BLUE, GREEN = ("#0072b2", "#eaf4fb"), ("#00694e", "#e5f5ef")  # border and ground: to do, and done
BOX = "display: inline-block; vertical-align: top; box-sizing: border-box; margin: 4px 2px; border-radius: 8px"
CARD = f"{BOX}; width: 152px; min-height: 108px; padding: 6px 10px; color: #262626; text-align: left"
CELL = "lesson_map()"  # in the code of the cell that draws the map


def lesson_map(own: Path | None = None) -> str:
    """The map of the course as HTML: a row per part, a card per lesson, its title a link; then what is for later.

    Parameters
    ----------
    own : pathlib.Path, optional
        A reader's own copy, whose progress is shown. By default the folder where this kernel runs, if it is one.

    Returns
    -------
    str
        HTML with inline styles only, because JupyterLab keeps nothing else of a notebook it does not yet trust.
    """
    own = own or own_folder()
    found = states(own) if own else {}
    rows = [(part, [_lesson_card(lesson, found.get(lesson.name)) for lesson in lessons]) for part, lessons in PARTS]
    rows.append(("A · For the analyst", [_lesson_card(lesson, found.get(lesson.name)) for lesson in APPENDIX]))
    rows.append(("At hand", [_card(*besides) for besides in BESIDES]))
    drawn = "".join(f"<div><b>{part}</b></div><div>{' '.join(cards)}</div>" for part, cards in rows)
    return _where_to_go_on(own, found) + drawn if own else drawn


def show_progress(own: Path) -> None:
    """Draw the map anew in the reader's page 00, so that it is true when it is opened, before any cell is run."""
    page = own / LESSONS[0].file
    try:
        notebook = json.loads(page.read_text(encoding="utf-8"))
        shown = [cell["outputs"][0]["data"] for cell in notebook["cells"] if _draws_map(cell)]
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return  # the reader has made something else of this page: the map is drawn when its cell is run
    for data in shown:
        data["text/html"] = lesson_map(own).splitlines(keepends=True)
    write_whole(page, (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode())


def _draws_map(cell: dict) -> bool:
    return cell["cell_type"] == "code" and CELL in "".join(cell["source"])


def _where_to_go_on(own: Path, found: dict[str, State]) -> str:
    lesson = go_on_with(own, found)
    if lesson is not None:
        sentence = f"Go on with {_link(lesson.file, lesson.heading, BLUE[0])}{_so_far(found[lesson.name])}."
    elif any(found[each.name].opened for each in LESSONS[1:]):
        sentence = "Every exercise is right. Try a template on a table of your own."
    else:
        return ""
    return f'<div style="margin: 4px 0px; font-size: 120%">{sentence}</div>'


def _so_far(state: State) -> str:
    return f": {_exercises(state)}" if state.opened else ""


def _exercises(state: State) -> str:
    return f"{state.right} of {state.asked} exercises right" if state.asked else "opened"


def _lesson_card(lesson: Lesson, state: State | None = None) -> str:
    if state is None or not (state.opened or state.newer):
        return _card(lesson.file, lesson.heading, lesson.question)
    colours = GREEN if state.is_done else BLUE
    notes = [f"{'✓ ' if state.is_done else ''}{_exercises(state)}"] if state.opened else []
    notes += [_link(state.newer, "newer version", colours[0])] if state.newer else []
    below = "".join(f'<div style="margin: 4px 0px; color: {colours[0]}">{each}</div>' for each in notes)
    return _card(lesson.file, lesson.heading, lesson.question, colours, below)


def _card(file: str, heading: str, text: str, colours: tuple[str, str] = BLUE, below: str = "") -> str:
    border, ground = colours
    style = f"{CARD}; border: 2px solid {border}; background: {ground}"
    return f'<div style="{style}"><b>{_link(file, heading, border)}</b><br>{text}{below}</div>'


def _link(file: str, text: str, colour: str) -> str:
    return f'<a style="color: {colour}" href="{file}">{text}</a>'
