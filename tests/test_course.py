"""The list of lessons, the map of lesson 00 and the README tell the same story."""

import re
from pathlib import Path

import nbformat
import pytest
from hygiene import build
from markdown_it import MarkdownIt

from helpers.course import APPENDIX, BESIDES, LESSONS, PARTS, lesson_map
from helpers.report.options import TEMPLATES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("lesson", [*LESSONS, *APPENDIX], ids=lambda lesson: lesson.name)
def test_the_readme_lists_and_links_each_lesson(lesson):
    cell = f"[{lesson.heading}](notebooks/{lesson.file})"
    assert f"| {cell} | {lesson.question} |" in README


def test_every_lesson_is_written_and_every_source_a_lesson():
    sources = {path.stem for path in (ROOT / "notebooks" / "source").glob("*.py")}
    assert sources == {lesson.name for lesson in (*LESSONS, *APPENDIX)}


def test_the_map_links_every_lesson():
    html = lesson_map()
    assert [lesson for _, lessons in PARTS for lesson in lessons] == list(LESSONS[1:])
    shown = [*LESSONS[1:], *APPENDIX]
    assert all(lesson.question in html and lesson.heading in html for lesson in shown)
    assert re.findall(r'href="([^"]+)"', html) == [*(lesson.file for lesson in shown), *(file for file, *_ in BESIDES)]
    assert {file for file, *_ in BESIDES if "/" in file} == {f"templates/{name}.ipynb" for name in TEMPLATES}


@pytest.mark.parametrize("lesson", [*LESSONS, *APPENDIX], ids=lambda lesson: lesson.name)
def test_a_lesson_opens_with_its_heading(lesson):
    first = nbformat.read(ROOT / "notebooks" / lesson.file, as_version=4).cells[0].source
    assert first.startswith(f"# {lesson.heading}\n")


def test_lesson_00_links_every_template_and_calls_nothing_planned():
    page = nbformat.read(ROOT / "notebooks" / LESSONS[0].file, as_version=4)
    prose = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    assert set(re.findall(r"\]\(templates/(\w+)\.ipynb\)", prose)) == set(TEMPLATES)
    assert not re.search("planned|grey|not written", prose + lesson_map())


def test_the_picture_of_the_readme_is_the_one_in_the_lesson():
    (picture,) = build().pictures_for_readme(nbformat.read(ROOT / "notebooks" / "01_correlation.ipynb", as_version=4))
    assert (ROOT / "images" / "01_correlation.png").read_bytes() == picture
    images = [
        child
        for token in MarkdownIt().parse(README)
        for child in token.children or ()
        if child.type == "image" and child.attrs["src"] == "images/01_correlation.png"
    ]
    assert len(images) == 1
