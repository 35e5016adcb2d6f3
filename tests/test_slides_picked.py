"""Slides are picked from a lesson's cells by rule: what is shown, what is said, what is left out."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from slides_of_lessons import ROOT, make, pick, show

from helpers.course import LESSONS
from helpers.course.alt_text import as_html

PICTURE = as_html(b"\x89PNG", "Points rise.")
TABLE = "<table><thead><tr><th></th><th>r</th></tr></thead><tbody><tr><td>urea</td><td>0.7</td></tr></tbody></table>"


def figure():
    return new_code_cell("draw()", outputs=[new_output("display_data", {"text/html": PICTURE})])


def call(source="correlate(mice)", *, page=TABLE, **metadata):
    return new_code_cell(source, metadata=metadata, outputs=[new_output("execute_result", {"text/html": page})])


def lesson(n_sections=1, section=None):
    cells = [new_markdown_cell("# 02 · Ten mice\n\n**How far can I trust r?**"), figure()]
    cells.append(new_markdown_cell("Eight studies. Which was yours?\n\n*About 20 minutes. You need nothing.*"))
    for number in range(n_sections):
        cells.append(new_markdown_cell(f"## {number + 1} · Section {number}\n\nIntroduced. Ask for r:"))
        cells += section or [call(), figure(), new_markdown_cell("They rise.\n\n**Verdict.** Trust it. And say so.")]
    cells.append(
        new_markdown_cell("## Recap\n\nThree things.\n\n**You can now decide** a lot. Next: lesson 03.\n\n**S.** x")
    )
    return new_notebook(cells=cells)


def test_a_lesson_becomes_its_question_pictures_calls_verdicts_and_recap():
    slides = pick.slides_of(lesson())
    assert [(slide.kind, slide.headline, slide.text) for slide in slides] == [
        ("title", "Ten mice", "**How far can I trust r?**"),
        ("figure", "Ten mice", "Eight studies. Which was yours?"),
        ("call", "Section 0", "Ask for r:"),
        ("figure", "Section 0", "They rise."),
        ("verdict", "Section 0", "Trust it. And say so."),
        ("recap", "Recap", "Three things.\n\n**You can now decide** a lot."),
    ]
    assert slides[1].notes == ["*About 20 minutes. You need nothing.*"]
    assert slides[2].notes == ["Introduced. Ask for r:"]
    assert slides[-1].notes == ["Next: lesson 03.", "**S.** x"]


def test_exercises_solutions_and_folded_text_are_left_out():
    asked = [
        new_markdown_cell(
            "Said.\n\n<details>\n<summary>In R</summary>\n\nSECRET\n\n</details>\n\n### Exercise 2.1\n\nHow many?"
        ),
        new_code_cell("answer = ...\ncheck('2.1', answer)", outputs=[new_output("stream", text="Not attempted")]),
        new_markdown_cell("Said after."),
    ]
    slides = pick.slides_of(lesson(section=[figure(), *asked]))
    said = str(slides)
    assert "Said." in said
    assert "Said after." in said
    assert not re.search("SECRET|How many|Not attempted|answer", said)


def test_an_exercise_is_left_out_where_its_text_follows_its_heading_at_once():
    asked = [
        figure(),
        new_markdown_cell("Said.\n\n### Exercise 2.1\nHow many?\n\n- **a** SECRET"),
        call("prepared"),
        call('answer = ...\ncheck("2.1", answer)'),
        new_markdown_cell("Said after."),
    ]
    said = str(pick.slides_of(lesson(section=asked)))
    assert "Said." in said
    assert "Said after." in said
    assert not re.search("Exercise|SECRET|How many|prepared|answer", said)


@pytest.mark.parametrize("of", LESSONS[1:], ids=lambda of: of.name)
def test_no_lessons_slides_and_no_short_path_hold_an_exercise(of):
    notebook = nbformat.read(make.NOTEBOOKS / of.file, as_version=4)
    shown = [str(pick.slides_of(notebook)), *(cell.source for cell in show.shortened(notebook).cells)]
    assert not [text for text in shown if re.search(r"Exercise \d|check\(\"|solution\(|Not attempted", text)]


LONG = "\n".join(f"x{i} = {i}" for i in range(8))


@pytest.mark.parametrize(
    "cell",
    [
        call(LONG),
        call("x" * 93),
        call("def f():\n    return 1"),
        call(tags=["hide-input"]),
        call(tags=["what-if"]),
        call(page="<table>" + "<tr></tr>" * 9 + "</table>"),
        call(page="<table><tr>" + "<th></th>" * 8 + "</tr><tr></tr></table>"),
        new_code_cell("x = 1"),
        new_code_cell("print(x)", outputs=[new_output("stream", text="line\n" * 9)]),
    ],
)
def test_a_call_too_long_for_a_slide_is_none(cell):
    assert "call" not in {slide.kind for slide in pick.slides_of(lesson(section=[cell]))}


def test_a_short_text_is_a_result_and_its_signs_stay_signs():
    cell = new_code_cell("print(x)", outputs=[new_output("stream", text="r < 0.5\n")])
    (found,) = [slide for slide in pick.slides_of(lesson(section=[cell])) if slide.kind == "call"]
    assert found.picture == "<pre>r &lt; 0.5</pre>"


def test_a_verdict_that_ends_with_a_colon_takes_the_table_after_it():
    section = [new_markdown_cell("**Verdict.** Read it like this:\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nThen go.")]
    (found,) = [slide for slide in pick.slides_of(lesson(section=section)) if slide.kind == "verdict"]
    assert found.text == "Read it like this:\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert found.notes[-1] == "Then go."


def test_a_reply_that_a_cell_prints_is_said_and_not_announced_in_vain():
    announced = new_markdown_cell("**Verdict.** Make it fixed. The reply:")
    reply = new_code_cell("print(reply)", outputs=[new_output("stream", text="1. We ask.\n2. We see.\n")])
    section = [announced, reply, new_markdown_cell("Another study may need more.")]
    (found,) = [slide for slide in pick.slides_of(lesson(section=section)) if slide.kind == "verdict"]
    assert found.text == "Make it fixed."
    assert found.notes[-3:] == ["The reply:", "1. We ask.\n2. We see.", "Another study may need more."]


def test_calls_give_way_where_slides_are_too_many_and_nothing_said_is_lost():
    slides = pick.slides_of(lesson(6))
    assert len(slides) == pick.MOST
    assert sum(slide.kind == "call" for slide in slides) == pick.MOST - 2 - 12 - 1
    assert str(slides).count("Introduced.") == 6
    assert len(pick.slides_of(lesson(8))) <= 8 + 8 + 3


def test_sentences_fill_a_slide_and_the_rest_is_said():
    assert pick.beginning("One. Two is `x`. Three.", 12) == ("One.", "Two is `x`. Three.")
    assert pick.beginning("See [it](glossary.md#a-very-long-anchor). No.", 12) == (
        "See [it](glossary.md#a-very-long-anchor). No.",
        "",
    )
    assert pick.sentences("r = 0.5 here, p < 0.1. **Bold** next! (So it is.)") == [
        "r = 0.5 here, p < 0.1.",
        "**Bold** next!",
        "(So it is.)",
    ]


def test_minutes_grow_with_what_is_said():
    assert pick.Slide("figure", "", "word " * 13).minutes == 0.5
    assert pick.Slide("figure", "", notes=["word " * 208]).minutes == 2


@pytest.mark.parametrize(("given", "name"), [("7", "07_interactions"), ("07", "07_interactions")])
def test_a_lesson_goes_by_its_number(given, name):
    assert make.lesson_of(given).name == name


@pytest.mark.parametrize("given", ["0", "99", "seven", ""])
def test_another_lesson_is_refused(given, capsys):
    assert make.main([given]) == 1
    assert f"01 to {LESSONS[-1].number:02d}; found {given!r}" in capsys.readouterr().err


def test_a_page_is_whole_and_links_within_the_course_are_words(tmp_path):
    notebook = lesson(section=[new_markdown_cell("**Verdict.** See [r](glossary.md#r), [it](https://doi.org/1).")])
    page = make.page_of(notebook, LESSONS[2])
    assert "See r, <a" in page
    assert 'href="https://doi.org/1"' in page
    assert "glossary.md" not in page
    assert not re.search(
        r"<(?:script|link|img)[^>]*(?:src|href)=\"(?!data:)", page.split("</style>")[-1].split("<script>")[0]
    )
    assert page.count("</script>") == 3
    assert page.count("<section>") == 4
    assert "4 slides, about" in page


def test_without_chromium_a_pdf_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(make.shutil, "which", lambda name: None)
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(make.Refusal, match="A PDF takes Chromium"):
        make.print_page("<p>", tmp_path / "slides.pdf")


def test_what_comes_from_elsewhere_has_its_licence():
    folders = [path for path in (ROOT / "slides" / "vendor").iterdir() if path.is_dir()]
    assert folders
    assert all(
        (path / "LICENSE").exists() and f"`{path.name}`" in (path.parent / "README.md").read_text() for path in folders
    )
