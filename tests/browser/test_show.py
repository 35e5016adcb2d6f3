"""`make show` in Chromium: sidebars closed, code folded, *what if* open; figures have their words, live ones, too."""

import sys

import nbformat
import pytest
from running_lab import ROOT, Lab, environment_of, requests_to_others, started, trouble
from slides_of_lessons import show

from helpers.course import LESSONS

SHOWN = LESSONS[2]
FIGURES = ".jp-OutputArea img:not(.turned-by-slider img)"  # a slider's pictures have short words of their own


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "short"])
def shown(request, browser, tmp_path_factory):
    """A lesson in JupyterLab as it is shown, and the cells of the copy that it shows."""
    folder = tmp_path_factory.mktemp("show")
    command = [sys.executable, "-m", "jupyterlab", *show.lay(SHOWN, folder, short=request.param)]
    copy = folder / "course" / "notebooks" / SHOWN.file
    with started(command, folder, environment_of(ROOT, folder), folder / "log") as address:
        yield Lab(address, folder / "course"), nbformat.read(copy, as_version=4).cells


def test_a_lesson_is_shown_as_one_presents_it(page, shown):
    lab, cells = shown
    page.goto(lab.address)
    lab.wait_for(page, SHOWN.file)
    page.wait_for_function(f"document.querySelectorAll('.jp-Notebook .jp-Cell').length === {len(cells)}")
    page.wait_for_selector(".jp-MarkdownCell p")

    size = "parseFloat(getComputedStyle(document.querySelector('.jp-MarkdownCell p')).fontSize)"
    assert page.evaluate(size) >= 20
    assert page.locator("#jp-left-stack").is_hidden()
    assert page.locator("#jp-right-stack").is_hidden()
    assert page.evaluate("document.querySelector('.jp-Notebook').getBoundingClientRect().width") > 1100
    code = [cell for cell in cells if cell.cell_type == "code"]
    folded = page.evaluate(
        "[...document.querySelectorAll('.jp-CodeCell')].map((cell) => !!cell.querySelector('.jp-InputPlaceholder'))"
    )
    assert folded == ["what-if" not in cell.metadata.get("tags", []) for cell in code]
    assert not all(folded)
    alts = page.evaluate(f"[...document.querySelectorAll('{FIGURES}')].map((one) => one.alt)")
    assert len(alts) >= 4
    assert all(len(alt) > 40 for alt in alts)
    assert not requests_to_others(page)


def test_a_figure_drawn_live_has_its_words(page, shown):
    lab, _ = shown
    page.goto(lab.address)
    lab.wait_for(page, SHOWN.file)
    lab.clear(page)
    lab.choose(page, "Run", "Run All Cells")
    lab.wait_until_idle(page)
    assert not trouble(lab.cells(page))
    alts = [one.get_attribute("alt") for one in page.locator(FIGURES).all()]
    assert len(alts) >= 4
    assert all(alt and len(alt) > 40 and not alt.startswith("Figure:") for alt in alts)
