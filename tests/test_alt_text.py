"""A figure brings its words along: from the cell's metadata or from the figure itself, into HTML and into files."""

import base64
import re
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest
from PIL import Image

from helpers.course import alt_text
from helpers.plots import described
from helpers.report.output import Output

WORDS = 'Two lines: r < 0.5, "steep" & flat'
METADATA = {"mystnb": {"image": {"alt": WORDS}}}


@pytest.mark.parametrize("metadata", [None, {}, {"mystnb": None}, {"mystnb": {"image": {"alt": 3}}}, {"mystnb": []}])
def test_metadata_of_another_shape_hold_no_words(metadata):
    assert alt_text.of_metadata(metadata) == ""


def test_a_cell_is_running_only_while_it_runs():
    assert alt_text.of_running_cell() == ""
    with alt_text.running(METADATA):
        assert alt_text.of_running_cell() == WORDS
        with alt_text.running({}):
            assert alt_text.of_running_cell() == ""
    assert alt_text.of_running_cell() == ""


def test_in_a_kernel_the_words_come_with_the_request(monkeypatch):
    shell = SimpleNamespace(get_parent=lambda: {"metadata": METADATA})
    monkeypatch.setattr(alt_text, "_shell", lambda: shell)
    assert alt_text.of_running_cell() == WORDS
    shell.get_parent = lambda: None
    assert alt_text.of_running_cell() == ""


def test_html_keeps_every_sign_of_the_words_and_every_byte_of_the_picture():
    shown = alt_text.as_html(b"\x00\xff", WORDS)
    assert 'alt="Two lines: r &lt; 0.5, &quot;steep&quot; &amp; flat"' in shown
    assert base64.b64decode(re.search(r"base64,([^\"]*)", shown)[1]) == b"\x00\xff"


@pytest.fixture
def figure(clean_figures):
    fig, axes = plt.subplots(1, 2)
    for ax in axes:
        ax.set(xlabel="urea\n(mg/dl)", ylabel="Gene X", title="It rises")
    return fig


def test_a_figure_that_nobody_described_says_its_titles_and_axes(figure):
    assert described.words_for(figure) == "Figure: It rises. Across: urea (mg/dl). Up: Gene X."
    with alt_text.running(METADATA):
        assert described.words_for(figure) == WORDS
    assert described.words_for(plt.figure()) == "A figure without title and names of axes."


def test_a_picture_is_shown_with_its_words(figure, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    with alt_text.running(METADATA):
        described._show(figure)
    assert shown[0]["text/html"].startswith(f'<img alt="{WORDS.replace("&", "&amp;")[:10]}')
    assert set(shown[0]) == {"text/html", "text/plain"}


def test_files_of_a_report_hold_their_description(figure, tmp_path):
    with alt_text.running(METADATA):
        picture = Output(tmp_path).figure("paper", figure)
    assert picture.words == f"{WORDS} Figure: It rises. Across: urea (mg/dl). Up: Gene X."
    with Image.open(tmp_path / "figures" / "paper.png") as png:
        assert (png.info["Title"], png.info["Description"]) == ("paper", picture.words)
        assert "Software" not in png.info
    svg = (tmp_path / "figures" / "paper.svg").read_text(encoding="utf-8")
    assert "Two lines: r &lt; 0.5" in re.search(r"<dc:description>(.*?)</dc:description>", svg, re.DOTALL)[1]
    assert picture._repr_html_().startswith('<img alt="Two lines')
