"""Every picture of every lesson has words that a reader's browser finds; a slider turns by keyboard."""

import pytest
from nbconvert import HTMLExporter
from test_plots_frames import WITH_SLIDER

from helpers.course import APPENDIX, LESSONS
from helpers.course.places import repository
from helpers.report import run

NOTEBOOKS = repository() / "notebooks"
ALTS = "[...document.images].map((one) => one.alt)"


def as_html(name, folder):
    """The address of a notebook as nbconvert's own template shows it."""
    page = folder / "page.html"
    page.write_text(HTMLExporter().from_filename(str(NOTEBOOKS / f"{name}.ipynb"))[0], encoding="utf-8")
    return page.as_uri()


@pytest.fixture
def offline(page):
    """A page that reaches files only: nbconvert's own template would fetch MathJax."""
    page.route(lambda address: address.startswith("http"), lambda route: route.abort())
    return page


@pytest.mark.parametrize("name", [lesson.name for lesson in (*LESSONS[1:], *APPENDIX)])
def test_pictures_of_a_lesson_have_words(offline, tmp_path, name):
    offline.goto(as_html(name, tmp_path))
    alts = offline.evaluate(ALTS)
    assert len(alts) >= (1 if name.startswith("A") else 4)
    assert all(len(alt.split()) >= 6 and "No description" not in alt for alt in alts), alts


def test_pictures_of_a_report_have_words(offline, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    data = str(repository() / "data" / "mouse_scores.csv")
    given = {"TEMPLATE": "correlation", "DATA": data, "OUTCOME": "gene_x", "COLUMNS": "urea"}
    offline.goto((run.make_report(given, progress=False) / "report.html").as_uri())
    alts = offline.evaluate(ALTS)
    assert len(alts) == 4
    assert all("Across: " in alt and len(alt) > 80 for alt in alts), alts


@pytest.mark.parametrize("name", WITH_SLIDER)
def test_a_slider_turns_by_keyboard(offline, tmp_path, name):
    offline.goto(as_html(name, tmp_path))
    slider = offline.locator(".turned-by-slider input[type=range]")
    assert slider.count() == 1
    picture = offline.locator(".turned-by-slider img")
    assert picture.count() == 1  # the others are no longer folded below it
    last = int(slider.get_attribute("max"))
    slider.focus()
    seen = []
    for _ in range(last + 1):
        seen.append((picture.get_attribute("src"), slider.get_attribute("aria-valuetext")))
        offline.keyboard.press("ArrowRight")
    assert len({src for src, _ in seen}) == len({text for _, text in seen}) == last + 1
    assert all(picture.get_attribute("alt") for _ in seen)
    offline.keyboard.press("Home")
    assert picture.get_attribute("src") == seen[0][0]
