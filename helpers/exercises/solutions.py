"""One way to solve an exercise, shown when it is asked for.

The solutions of a lesson stand in a notebook of their own, ``notebooks/solutions/solutions_03.ipynb``: it runs by
itself, so every solution is executed and its verdict compared like any other output, and no lesson shows one.
"""

import json
import re

from helpers.course.places import repository


def solution(name: str) -> None:
    """Print one way to solve an exercise.

    Parameters
    ----------
    name : str
        The exercise: lesson and number, such as ``"1.2"``.

    Raises
    ------
    KeyError
        There is no such exercise.
    FileNotFoundError
        The lessons are not here: `helpers` was installed without them.
    """
    print(f"# One way; check({name!r}, answer) says what it is worth.\n{code_of(name)}")


def code_of(name: str) -> str:
    """The code that solves an exercise, without its call of ``check``."""
    call = f'check("{name}", answer)'
    for source in _code_cells(name):
        if call in source:
            return source.replace(call, "").strip()
    raise KeyError(f"There is no exercise '{name}'; write lesson and number as in solution('1.2').")


def _code_cells(name):
    """The code of each cell on the page of solutions of that exercise's lesson."""
    if not re.fullmatch(r"\d+\.\d+", name):
        return []
    if (folder := repository()) is None:
        raise FileNotFoundError("The solutions come with the lessons, and this `helpers` was installed without them.")
    page = folder / "notebooks" / "solutions" / f"solutions_{int(name.partition('.')[0]):02d}.ipynb"
    if not page.exists():
        return []
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
