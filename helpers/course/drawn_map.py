"""The map of the course: a card per lesson, and in a reader's own copy how far they have come."""

import json
from pathlib import Path

from helpers.course.lessons import APPENDIX, BESIDES, LESSONS, PARTS, Lesson
from helpers.course.own_copy import write_whole
from helpers.course.progress import State, go_on_with, own_folder, states

BLUE, GREEN = ("#0072b2", "#eaf4fb"), ("#00694e", "#e5f5ef")  # border and ground: to do, and done
CARD = (
    "display: inline-block; vertical-align: top; box-sizing: border-box; width: 152px; min-height: 108px;"
    " margin: 4px 2px; padding: 6px 10px; border-radius: 8px; color: #262626; text-align: left"
)


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
    return "".join(f"<div><b>{part}</b></div><div>{' '.join(cards)}</div>" for part, cards in rows)


def where_to_go_on(own: Path | None = None) -> str:
    """A sentence, as HTML, with a link to the lesson where the reader stopped, or to the first.

    Parameters
    ----------
    own : pathlib.Path, optional
        A reader's own copy. By default the folder where this kernel runs, if it is one.

    Returns
    -------
    str
    """
    own = own or own_folder()
    found = states(own) if own else {}
    begun = any(found[lesson.name].opened for lesson in LESSONS[1:]) if own else False
    lesson = go_on_with(own, found) if own and begun else LESSONS[1]
    if lesson is None:
        return _large("Every exercise is right. Try a template on a table of your own.")
    link = _link(lesson.file, lesson.heading, BLUE[0])
    if not begun:
        return _large(f"Begin with {link}.")
    state = found[lesson.name]
    return _large(f"Go on with {link}{f': {_exercises(state)}' if state.opened else ''}.")


DRAWN = {"lesson_map()": lesson_map, "where_to_go_on()": where_to_go_on}  # by the code of the cell that shows it


def show_progress(own: Path) -> None:
    """Draw the map anew in the reader's page 00, so that it is true when it is opened, before any cell is run."""
    page = own / LESSONS[0].file
    try:
        notebook = json.loads(page.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            for call, draw in DRAWN.items():
                if call in "".join(cell["source"]):
                    _replace_html(cell.get("outputs", []), draw(own))
    except (OSError, ValueError, KeyError, TypeError):
        return  # the reader has made something else of this page: the map is drawn when its cell is run
    write_whole(page, (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode())


def _replace_html(outputs: list[dict], html: str) -> None:
    for output in outputs:
        if "text/html" in output.get("data", {}):
            output["data"]["text/html"] = html.splitlines(keepends=True)


def _large(sentence: str) -> str:
    return f'<div style="margin: 4px 0px; font-size: 120%">{sentence}</div>'


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
