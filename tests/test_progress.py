"""The map knows how far a reader has come: kept in their own copy alone, and never in the course's own pages."""

import json
import os
import re
from pathlib import Path

import pytest
from hygiene_reading import read

from helpers.course import APPENDIX, LESSONS, lesson_map, progress, where_to_go_on
from helpers.course.drawn_map import show_progress
from helpers.course.own_copy import renew
from helpers.course.progress import VERDICTS, go_on_with, note, own_folder, read_verdicts, states
from helpers.exercises import check, exercise

ROOT = Path(__file__).parents[1]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A reader's own copy of the course as it is; a kernel runs there."""
    root = tmp_path.resolve() / "course"
    root.mkdir()
    (root / "notebooks").symlink_to(ROOT / "notebooks")
    renew(root)
    monkeypatch.setattr(progress, "repository", lambda: root)
    monkeypatch.chdir(root / "my")
    return root / "my"


def save(own, lesson, at):
    """What JupyterLab leaves of a lesson that was opened and saved at that time."""
    page = own / lesson.file
    page.write_text(page.read_text() + "\n")
    os.utime(page, (at, at))


def all_right(own, *lessons):
    asked = [name for lesson in lessons for name in exercises_of(lesson)]
    (own / VERDICTS).write_text(json.dumps(read_verdicts(own) | dict.fromkeys(asked, "Right")))


def exercises_of(lesson):
    return re.findall(
        r'check\("([\d.]+)"', "\n".join(cell.source for cell in read(ROOT / "notebooks" / lesson.file).cells)
    )


# --- What is kept, and where ------------------------------------------------------------------------------------------


def test_check_keeps_its_verdict_in_a_readers_own_copy(own, capsys):
    check("1.4", ...)
    assert read_verdicts(own) == {"1.4": "Not attempted"}
    check("1.4", exercise("1.4").wrong[0][0])
    assert read_verdicts(own) == {"1.4": "Not yet"}
    check("1.4", exercise("1.4").solution)
    assert read_verdicts(own) == {"1.4": "Right"}
    assert "Right." in capsys.readouterr().out


def test_what_was_right_stays_right(own):
    for status in ("Right", "Not yet", "Not attempted"):
        note("1.1", status)
    assert read_verdicts(own) == {"1.1": "Right"}


@pytest.mark.parametrize("elsewhere", ["notebooks", "my/solutions", "."])
def test_nothing_is_kept_elsewhere(own, elsewhere, monkeypatch):
    monkeypatch.chdir(own.parent / elsewhere)
    assert own_folder() is None
    note("1.1", "Right")
    assert not (own / VERDICTS).exists()


def test_nothing_is_kept_without_the_course(own, monkeypatch):
    monkeypatch.setattr(progress, "repository", lambda: None)
    note("1.1", "Right")
    assert not (own / VERDICTS).exists()


@pytest.mark.parametrize("content", ["{", "[1]", '{"1.1": "perfect"}'])
def test_a_damaged_file_counts_as_none(own, content):
    (own / VERDICTS).write_text(content)
    assert read_verdicts(own) == {}
    note("1.2", "Right")
    assert read_verdicts(own) == {"1.2": "Right"}


def test_a_full_disk_stops_no_lesson(own, monkeypatch, capsys):
    def full(place, content):
        raise OSError("No space left on device")

    monkeypatch.setattr(progress, "write_whole", full)
    check("1.4", exercise("1.4").solution)
    assert capsys.readouterr().out.startswith("Right.")


# --- How the lessons stand --------------------------------------------------------------------------------------------


def stored_output(call):
    """The HTML that the committed page 00 shows for this call."""
    (stored,) = [
        output.data["text/html"]
        for cell in read(ROOT / "notebooks" / LESSONS[0].file).cells
        if call in cell.source and cell.cell_type == "code"
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    ]
    return stored


def test_before_anything_was_opened_the_map_is_the_courses_own(own, monkeypatch):
    assert not any(state.opened for state in states(own).values())
    shown = [lesson_map(), where_to_go_on()]
    monkeypatch.chdir(ROOT)
    assert shown == [lesson_map(), where_to_go_on()]
    assert shown == [stored_output("lesson_map()"), stored_output("where_to_go_on()")]
    assert "Begin with" in shown[1]


@pytest.mark.parametrize("lesson", LESSONS[1:], ids=lambda lesson: lesson.name)
def test_every_exercise_of_a_lesson_is_counted(own, lesson):
    assert states(own)[lesson.name].asked == len(exercises_of(lesson)) > 0


def test_a_lesson_is_open_once_it_was_saved_or_an_exercise_was_met(own):
    save(own, LESSONS[2], at=1)
    note("4.1", "Not yet")
    assert {name for name, state in states(own).items() if state.opened} == {LESSONS[2].name, LESSONS[4].name}


def test_one_goes_on_where_one_stopped(own):
    assert go_on_with(own, states(own)) is None
    save(own, LESSONS[5], at=2_000_000_000)
    save(own, LESSONS[7], at=1_900_000_000)  # looked into before
    assert go_on_with(own, states(own)) == LESSONS[5]


def test_after_a_lesson_that_is_done_the_next_that_is_not(own):
    save(own, LESSONS[2], at=2_000_000_000)
    all_right(own, LESSONS[2], LESSONS[3])
    assert go_on_with(own, states(own)) == LESSONS[4]


def test_after_the_last_lesson_those_that_were_left_out_then_none(own):
    save(own, LESSONS[-1], at=2_000_000_000)
    all_right(own, *LESSONS[2:])
    assert go_on_with(own, states(own)) == LESSONS[1]
    all_right(own, LESSONS[1])
    assert go_on_with(own, states(own)) is None
    assert "Every exercise is right. Try a template on a table of your own." in where_to_go_on()


def test_an_appendix_is_done_when_it_was_opened_and_no_place_to_go_on(own):
    save(own, APPENDIX[0], at=2_000_000_000)
    assert states(own)[APPENDIX[0].name].is_done
    assert go_on_with(own, states(own)) is None


# --- The map ----------------------------------------------------------------------------------------------------------


def test_the_map_says_how_a_lesson_stands(own):
    save(own, LESSONS[5], at=2_000_000_000)
    note("5.1", "Right")
    all_right(own, LESSONS[1])
    save(own, APPENDIX[0], at=1)
    drawn = lesson_map()
    heading = re.escape(LESSONS[5].heading)
    assert re.search(rf"Go on with <a [^>]*>{heading}</a>: 1 of 4 exercises right\.", where_to_go_on())
    assert "✓ 4 of 4 exercises right" in drawn
    assert drawn.count("✓ opened") == 1
    assert drawn.count("exercises right") == 2


def test_the_map_links_a_newer_version_beside_a_readers_own(own):
    page = own / LESSONS[3].file
    notebook = json.loads(page.read_text())
    notebook["cells"][0]["source"] = ["mine"]
    page.write_text(json.dumps(notebook))
    (own / ".course" / "copied.json").unlink()  # as if the course had changed
    renew(own.parent)
    assert re.search(r'href="03_linear_models-new\.ipynb">newer version</a>', lesson_map())


def test_the_map_is_true_before_its_cell_is_run(own):
    note("5.1", "Right")
    page, before = own / LESSONS[0].file, json.loads((own / LESSONS[0].file).read_text())
    show_progress(own)
    after = json.loads(page.read_text())
    assert [cell["source"] for cell in before["cells"]] == [cell["source"] for cell in after["cells"]]
    changed = [new for old, new in zip(before["cells"], after["cells"], strict=True) if old != new]
    sentence, drawn = ("".join(cell["outputs"][-1]["data"]["text/html"]) for cell in changed)
    assert "Go on with" in sentence
    assert "1 of 4 exercises right" in drawn
    assert renew(own.parent) == []  # drawing the map is no change of the reader's


@pytest.mark.parametrize(
    "content", ["{", '{"cells": [{}]}', '{"cells": [{"cell_type": "code", "source": "lesson_map()"}]}']
)
def test_a_page_00_that_the_reader_made_something_else_of_is_left_alone(own, content):
    page = own / LESSONS[0].file
    page.write_text(content)
    show_progress(own)
    assert page.read_text() == content or json.loads(page.read_text()) == json.loads(content)
