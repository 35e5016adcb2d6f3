"""`make show` in Chromium: sidebars closed, code folded, *what if* open; figures have their words, live ones, too."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from slides_of_lessons import show

from helpers.course import LESSONS

SHOWN = LESSONS[2]
PATIENCE = 120  # seconds
FIGURES = ".jp-OutputArea img:not(.turned-by-slider img)"  # a slider's pictures have short words of their own
ALL_RAN = """() => {
    const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map((one) => one.textContent);
    return prompts.every((text) => /\\[\\d+\\]/.test(text)) && window.started;
}"""


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "short"])
def shown(request, browser, tmp_path_factory):
    """The address of a lesson as JupyterLab shows it, and the copy that it shows."""
    folder = tmp_path_factory.mktemp("show")
    laid = show.lay(SHOWN, folder, short=request.param)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    own = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    options = ["--no-browser", f"--port={port}", "--IdentityProvider.token=", "--ServerApp.password="]
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *laid, *options]
        server = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
    try:
        address = f"http://localhost:{port}"
        for _ in range(PATIENCE):
            try:
                urllib.request.urlopen(f"{address}/api").close()
                break
            except OSError:
                time.sleep(1)
        yield f"{address}/doc/tree/notebooks/{SHOWN.file}", folder / "course" / "notebooks" / SHOWN.file
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_lesson_is_shown_as_one_presents_it(page, shown):
    address, copy = shown
    cells = nbformat.read(copy, as_version=4).cells
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=1000 * PATIENCE)
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
    assert all(address.startswith(("http://localhost:", "data:", "blob:")) for address in page.requested)


def test_a_figure_drawn_live_has_its_words(page, shown):
    address, _ = shown
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=1000 * PATIENCE)
    page.get_by_text("Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function("document.querySelector('.jp-CodeCell .jp-InputPrompt').textContent.includes('*')")
    page.evaluate("window.started = true")
    figures = page.locator(FIGURES)
    page.wait_for_function(ALL_RAN, timeout=1000 * PATIENCE)
    alts = [one.get_attribute("alt") for one in figures.all()]
    assert len(alts) >= 4
    assert all(alt and len(alt) > 40 and not alt.startswith("Figure:") for alt in alts)
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
