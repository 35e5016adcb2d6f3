"""How far a reader has come: which exercises are right, which lessons were opened, and where to go on.

`check` notes its verdicts in the reader's own copy, and nowhere else: a kernel that runs in `notebooks`, as those of
the tests do, or on a page of solutions leaves no trace.
"""

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from helpers.course.lessons import APPENDIX, LESSONS, Lesson
from helpers.course.own_copy import COURSE, FOLDER, newer_beside, read_record, write_whole
from helpers.course.places import repository

VERDICTS = Path(".course", "progress.json")
BETTER = ("Not attempted", "Not yet", "Right")  # what was right once stays right
EXERCISE = re.compile(r"""check\(\\?["'](\d+\.\d+)""")  # as it stands in a notebook's file


@dataclass(frozen=True)
class State:
    """How a lesson stands: whether it was opened, how many of its exercises are right, what newer page is beside it."""

    opened: bool
    right: int
    asked: int
    newer: str | None

    @property
    def is_done(self) -> bool:
        """Whether all its exercises are right; an appendix, which asks none, once it was opened."""
        return self.opened and self.right == self.asked


def own_folder() -> Path | None:
    """The reader's own copy, if that is where this kernel runs."""
    root = repository()
    own = root / FOLDER if root else None
    return own if own and Path.cwd().resolve() == own else None


def note(exercise: str, status: str) -> None:
    """Keep the verdict on an exercise, in the reader's own copy; nothing happens elsewhere."""
    if (own := own_folder()) is None:
        return
    verdicts = read_verdicts(own)
    if BETTER.index(status) >= BETTER.index(verdicts.get(exercise, BETTER[0])):
        with contextlib.suppress(OSError):  # a disk that is full must not stop a lesson
            write_whole(own / VERDICTS, json.dumps(verdicts | {exercise: status}, indent=1, sort_keys=True).encode())


def read_verdicts(own: Path) -> dict[str, str]:
    """Exercise -> best verdict so far; empty where none was kept or the file cannot be read."""
    try:
        found = json.loads((own / VERDICTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: status for name, status in found.items() if status in BETTER} if isinstance(found, dict) else {}


def states(own: Path) -> dict[str, State]:
    """Name -> how it stands, for every lesson but 00, and for the appendices."""
    record, verdicts = read_record(own), read_verdicts(own)
    return {lesson.name: _state(own, lesson, record, verdicts) for lesson in (*LESSONS[1:], *APPENDIX)}


def go_on_with(own: Path, found: dict[str, State]) -> Lesson | None:
    """The lesson where the reader stopped, or the next that is not done if that one is; None before and after all.

    Where they stopped is the lesson saved last. Appendices are for a detour: they do not count.
    """
    lessons = LESSONS[1:]
    opened = [lesson for lesson in lessons if found[lesson.name].opened]
    if not opened:
        return None
    last = max(opened, key=lambda lesson: (_saved_at(own / lesson.file), lesson.number))
    in_order = [*lessons[last.number - 1 :], *lessons[: last.number - 1]]
    return next((lesson for lesson in in_order if not found[lesson.name].is_done), None)


def _state(own: Path, lesson: Lesson, record: dict, verdicts: dict[str, str]) -> State:
    course = own.parent / COURSE / lesson.file
    asked = set(EXERCISE.findall(course.read_text(encoding="utf-8"))) if course.exists() else set()
    beside = [name for name in newer_beside(record, lesson.file) if (own / name).exists()]
    return State(
        opened=_was_saved(own / lesson.file, record.get(lesson.file, {})) or bool(asked & set(verdicts)),
        right=sum(verdicts.get(name) == "Right" for name in asked),
        asked=len(asked),
        newer=beside[-1] if beside else None,
    )


def _was_saved(page: Path, laid: dict) -> bool:
    """Whether the page is no longer, byte for byte, what was laid: JupyterLab rewrites what it saves."""
    return bool(laid) and page.exists() and hashlib.sha256(page.read_bytes()).hexdigest() != laid.get("bytes")


def _saved_at(page: Path) -> float:
    return page.stat().st_mtime if page.exists() else 0.0
