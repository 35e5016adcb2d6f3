"""An executed notebook as a Word document: what the HTML page shows, without its code; nothing is computed again."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.refusals.packages import extra

with extra("report", "A report"):
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt
    from lxml import html
    from nbconvert.filters import markdown2html

UNSEEN = {"template-only", "parameters", "injected-parameters"}  # tags of cells that the page leaves out, too
NO_CHARACTER_OF_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NUMBER = re.compile(r"[+\-−<]?\s?[\d,. ]+(e[+\-−]?\d+)?%?", re.IGNORECASE)
MAY_BREAK = "\u200b"  # where a long name of a column may go on in the next line
PAGE, MARGIN = (Cm(21), Cm(29.7)), Cm(2)
WIDEST = PAGE[0] - 2 * MARGIN
SMALL, SMALLER, MANY_COLUMNS = Pt(8), Pt(7), 9


def write_word(notebook: Any, title: str, path: Path) -> None:
    """Write a notebook's text, tables and figures as a Word document.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed.
    title : str
        First line, and title of the document.
    path : pathlib.Path
        The file to write.
    """
    document = _empty(title)
    document.add_heading(_clean(title), 0)
    for fragment in _shown(notebook):
        for element in html.fragments_fromstring(fragment):
            _add(document, element)
    document.save(str(path))


def _empty(title):
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    document.styles["Normal"].font.size = Pt(10.5)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = _clean(title), "", ""
    return document


def _shown(notebook) -> Iterator[str]:
    """What each cell shows, as HTML."""
    for cell in notebook["cells"]:
        if UNSEEN & set(cell["metadata"].get("tags", [])):
            continue
        if cell["cell_type"] == "markdown":
            yield markdown2html(cell["source"])
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                yield data["text/html"]
            elif text := data.get("text/plain") or output.get("text"):
                yield html.tostring(_element("pre", text), encoding="unicode")


def _element(tag, text):
    made = html.Element(tag)
    made.text = _clean(text)
    return made


def _add(document, element):
    """One element of a page, and what is in it."""
    if isinstance(element, str) or not isinstance(element.tag, str):  # text between elements, or a comment
        if isinstance(element, str) and element.strip():
            document.add_paragraph(_text(element))
    elif element.tag in ("style", "script", "details"):
        return
    elif re.fullmatch(r"h[1-6]", element.tag):
        for anchor in element.find_class("anchor-link"):
            anchor.drop_tree()
        document.add_heading(_text(element.text_content()), max(1, int(element.tag[1]) - 1))
    elif element.tag == "p":
        _runs(document.add_paragraph(), element)
    elif element.tag == "li":
        _runs(document.add_paragraph(style="List Bullet"), element)
    elif element.tag == "pre":
        document.add_paragraph(_clean(element.text_content()))
    elif element.tag == "table":
        _table(document, element)
    elif element.tag == "img":
        _picture(document, element)
    else:
        for inner in element:
            _add(document, inner)


def _runs(paragraph, element):
    """The text of an element, what is bold or slanted in it being so."""
    for text in element.xpath(".//text()"):
        around = {one.tag for one in text.getparent().iterancestors()} | {text.getparent().tag}
        if text.is_tail:
            around.discard(text.getparent().tag)
        run = paragraph.add_run(re.sub(r"\s+", " ", _clean(text)))
        run.bold, run.italic = bool(around & {"b", "strong"}) or None, bool(around & {"i", "em"}) or None


def _table(document, element):
    """A table; of a pandas table without the row numbers, which the page hides, too."""
    is_frame = "dataframe" in element.get("class", "").split()
    rows = [row.xpath("./th|./td")[is_frame:] for row in element.iter("tr")]
    rows = [row for row in rows if row]
    if not rows:
        return
    width = max(map(len, rows))
    table = document.add_table(rows=len(rows), cols=width, style="Light List Accent 1")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, source in zip(row.cells, cells, strict=False):
            paragraph = cell.paragraphs[0]
            text = _text(source.text_content())
            run = paragraph.add_run(text.replace("_", f"_{MAY_BREAK}") if source.tag == "th" else text)
            run.font.size = SMALLER if width > MANY_COLUMNS else SMALL
            if NUMBER.fullmatch(text):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _repeat_on_each_page(table.rows[0])
    document.add_paragraph()


def _repeat_on_each_page(row):
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _picture(document, element):
    """A picture as wide as it was drawn, or as the page; with the words that stand for it."""
    _, mark, data = element.get("src", "").partition(";base64,")
    if not mark:
        return
    shape = document.add_picture(io.BytesIO(base64.b64decode(data)))
    if shape.width > WIDEST:
        shape.height, shape.width = round(shape.height * WIDEST / shape.width), WIDEST
    shape._inline.docPr.set("descr", _clean(element.get("alt", "")))


def _text(text):
    return re.sub(r"\s+", " ", _clean(text)).strip()


def _clean(text):
    return NO_CHARACTER_OF_XML.sub("", text)
