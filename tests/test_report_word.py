"""The report for Word: read back, it holds what the page shows, and no more."""

from io import BytesIO

import docx
import nbformat
import pytest
from docx.shared import Cm
from hygiene_reading import ROOT
from lxml import etree
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from helpers.course.alt_text import as_html
from helpers.report.phrases import Words
from helpers.report.word import MAY_BREAK, WIDEST, write_word

TEMPLATES = ("correlation", "counts", "mixed_model", "plan")


def written(notebook, folder, title="A report"):
    """The document of a notebook, as Word would read it."""
    write_word(notebook, title, folder / "report.docx")
    return docx.Document(str(folder / "report.docx"))


def shows(html, **metadata):
    """A cell that shows this."""
    data = {"text/html": html, "text/plain": "not this"}
    return new_code_cell("code()", outputs=[new_output("execute_result", data)], metadata=metadata)


def lines(document):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_in_word_has_its_headings_tables_and_described_figures(template, tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / "templates" / f"{template}.ipynb", as_version=4)
    document = written(notebook, tmp_path)
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    shown = str([output for cell in notebook.cells for output in cell.get("outputs", [])])
    headings = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]
    assert headings == [line.removeprefix("## ") for line in source.splitlines() if line.startswith("## ")]
    assert {"The question", "Methods"} <= set(headings)
    assert any(name.startswith("The answer") for name in headings)
    assert len(document.tables) == shown.count("<table") > 1
    assert len(document.inline_shapes) == shown.count("<img") >= 1
    for figure in document.inline_shapes:
        assert len(figure._inline.docPr.get("descr")) > 60
        assert figure.width <= WIDEST
    assert not [line for line in lines(document) if "import " in line or "make report` do both" in line]


def test_a_table_stands_as_on_the_page_without_row_numbers(tmp_path):
    frame = (
        '<table class="dataframe"><thead><tr><th></th><th>drug</th><th>p_value</th></tr></thead>'
        "<tbody><tr><th>0</th><td>no &lt;b&gt;</td><td>1.2e-05</td></tr></tbody></table>"
    )
    plain = "<table><tr><th>check</th></tr><tr><td>fine</td></tr></table>"
    first, second = written(new_notebook(cells=[shows(frame), shows(plain)]), tmp_path).tables
    assert [[cell.text for cell in row.cells] for row in first.rows] == [
        ["drug", f"p_{MAY_BREAK}value"],
        ["no <b>", "1.2e-05"],
    ]
    assert [[cell.text for cell in row.cells] for row in second.rows] == [["check"], ["fine"]]
    assert first.rows[1].cells[1].paragraphs[0].alignment is not None
    assert first.rows[1].cells[0].paragraphs[0].alignment is None
    assert b"tblHeader" in etree.tostring(first.rows[0]._tr)


def test_words_bold_lists_and_what_xml_cannot_hold(tmp_path):
    cells = [
        new_markdown_cell("# Top\n\n## Part\n\nSome **bold** and *slanted* words.\n\n- one\n- two"),
        shows(Words("a < b & <script>c</script> $d$ \x07e", "second")._repr_html_()),
        new_code_cell("print()", outputs=[new_output("stream", name="stdout", text="printed <p>")]),
    ]
    document = written(new_notebook(cells=cells), tmp_path, title="Title <i> \x00")
    assert lines(document) == [
        "Title <i> ",
        *("Top", "Part", "Some bold and slanted words.", "one", "two"),
        *("a < b & <script>c</script> $d$ e", "second", "printed <p>"),
    ]
    (sentence,) = [each for each in document.paragraphs if each.text.startswith("Some")]
    assert [run.text for run in sentence.runs if run.bold] == ["bold"]
    assert [run.text for run in sentence.runs if run.italic] == ["slanted"]
    assert document.core_properties.title == "Title <i> "
    assert document.core_properties.author == ""


def test_a_wide_picture_is_as_wide_as_the_page_and_keeps_its_shape(tmp_path):
    made = BytesIO()
    Image.new("RGB", (2000, 500)).save(made, "PNG", dpi=(100, 100))
    (figure,) = written(new_notebook(cells=[shows(as_html(made.getvalue(), "A & b"))]), tmp_path).inline_shapes
    assert figure.width == WIDEST == Cm(17)
    assert figure.height == pytest.approx(WIDEST / 4, rel=1e-3)
    assert figure._inline.docPr.get("descr") == "A & b"


def test_cells_that_the_page_leaves_out_are_left_out(tmp_path):
    cells = [new_markdown_cell("for the template", metadata={"tags": ["template-only"]})]
    cells += [shows("<p>a parameter</p>", tags=["parameters"])]
    assert lines(written(new_notebook(cells=cells), tmp_path)) == ["A report"]
