"""Checks that figures are described and that words and numbers can be relied on."""

import ast
import html
import re
from itertools import zip_longest

from hygiene_lessons import LESSON
from hygiene_reading import (
    FIGURE,
    alt_text,
    cells,
    check,
    collection_check,
    html_in,
    html_tags,
    output_text,
    output_types,
    prose,
    shown_as,
)

MIN_ALT = 40  # characters that say what a figure shows
MIN_ALT_WORDS = 6  # different ones, so that a row of one letter or of blanks says nothing
FILLERS = re.compile(r"\b(simply|just|obviously|clearly|of\s+course|TODO|FIXME)\b", re.IGNORECASE)


def alts(cell):
    """The alt text of each figure in a cell's outputs: the cell's, or one that HTML gives to its own picture."""
    given = alt_text(cell)
    drawn = [given for page in shown_as(cell, "text/html") for _ in FIGURE.finditer(page)]
    pages = [FIGURE.sub("", page) for page in html_in(cell)]
    own = [attrs for page in pages for tag, attrs in html_tags(page) if tag in {"img", "svg"}]
    return [*drawn, *(given for mime in output_types(cell) if is_figure(mime))] + [
        attrs.get("alt") or attrs.get("aria-label") or given for attrs in own
    ]


def is_figure(mime):
    """Pictures, and what Plotly, Vega and their like draw from; a widget's is a text that refers to a program."""
    return mime.startswith(("image/", "application/vnd.")) and not mime.startswith("application/vnd.jupyter.widget")


def says_enough(alt):
    return len(alt.strip()) >= MIN_ALT and len(set(re.findall(r"[^\W\d_]+", alt.lower()))) >= MIN_ALT_WORDS


@check()
def figure_alt(notebook):
    for label, cell in cells(notebook, "code"):
        if poor := [alt for alt in alts(cell) if not says_enough(alt)]:
            wanted = f"{MIN_ALT_WORDS} words and {MIN_ALT} characters"
            where = '{"mystnb": {"image": {"alt": …}}}'
            yield f"{label}: alt text {poor[0][:MIN_ALT]!r}; give {wanted} or more in cell metadata {where}"
    for label, cell in cells(notebook, "markdown"):
        if not all(alt.strip() for alt in alts(cell)):
            yield f"{label}: an image without alt text; write ![what it shows](…)"


@check()
def figure_shown_with_its_words(notebook):
    """A reader of JupyterLab or of a page meets the words in the output; those in the metadata reach nobody."""
    for label, cell in cells(notebook, "code"):
        pages = map(FIGURE.search, shown_as(cell, "text/html"))  # of a slider's pictures, the one that stands alone
        shown = [html.unescape(found["alt"]) for found in pages if found]
        if any(mime == "image/png" for mime in output_types(cell)):
            yield f"{label}: its figure is shown without alt text; call plots.use_style() first, and rebuild"
        elif not all(words.startswith(alt_text(cell)) for words in shown):
            yield f"{label}: its figure is shown with another alt text, {shown[0][:MIN_ALT]!r}; rebuild the notebook"


@check()
def figure_sentence(notebook):
    for (label, cell), after in zip_longest(cells(notebook), notebook.cells[1:]):
        if cell.cell_type == "code" and alts(cell) and (after is None or after.cell_type != "markdown"):
            yield f"{label}: no markdown cell follows its figure; say in one sentence what to see"


@check()
def plain_words(notebook):
    for label, cell in cells(notebook, "markdown"):
        for found in FILLERS.findall(prose(cell.source)):
            yield f"{label}: says {found!r}; delete it or say what it stands for"


# Words of this house that nobody would search for, and those that a reader knows.
HOUSE_WORDS = {
    r"doubts?": "uncertainty",
    r"promis(?:e|es|ed|ing)": "nominal level",
    r"drawn to(?:wards?)?": "shrunk",
    r"false alarms?": "false positive, or type I error",
    r"(?:loses?|lost|losing) (?:its|their) stars?": "is no longer significant",
    r"turns? (?:\w+ ){1,3}round": "changes the sign of",
    r"so to speak|as it were": "nothing",
    r"put(?:s|ting)? up with": "accept",
    r"under reserve": "with caution",
    r"of (?:mine|yours)": "my own, or your own",
    r"awkward (?:is|are)": "a sentence that begins with its subject",
}


def house_words(text):
    """Each house word of a text, with what to write instead."""
    for words, instead in HOUSE_WORDS.items():
        yield from ((found[0], instead) for found in re.finditer(rf"\b(?:{words})\b", text, re.IGNORECASE))


@check()
def house_words_in_notebook(notebook):
    for label, cell in cells(notebook):
        text = prose(cell.source) if cell.cell_type == "markdown" else cell.source
        for found, instead in house_words(text):
            yield f"{label}: says {found!r}; write {instead}"


@collection_check
def house_words_in_pages(root):
    """In what else a reader reads: README, glossary, cheat sheet, data page, replies of exercises, texts of reports."""
    pages = [root / "README.md", root / "data" / "README.md", *(root / "notebooks").glob("*.md")]
    pages += (root / "helpers" / "exercises").glob("*.py")
    texts = [(path, path.read_text(encoding="utf-8")) for path in pages if path.exists()]
    texts += [(path, text) for path in (root / "helpers" / "report").rglob("*.py") for text in strings(path)]
    for path, text in texts:
        for found, instead in house_words(text):
            yield f"{path.relative_to(root)}: says {found!r}; write {instead}"


def strings(path):
    """Each text that a module may show: its strings, with a dash for what an f-string inserts; no docstrings."""
    tree, seen = ast.parse(path.read_text(encoding="utf-8")), set()
    for node in ast.walk(tree):  # parents first
        if isinstance(node, ast.Expr):
            seen.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            seen.update(node.values)
            yield "".join(part.value if isinstance(part, ast.Constant) else "–" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in seen:
            yield node.value


# A decimal number that is a quantity, not part of a name (doi:10.1/2, Exercise 1.2, CC BY-SA 4.0).
DECIMAL = re.compile(
    r"(?P<name>doi:\S+|Exercise \d+\.\d+|CC [\w-]+ \d\.\d)|(?<![\w.])(?P<number>[-−]?\d+\.\d+(?:e[-+]?\d+)?)"
)


@check(LESSON)
def prose_numbers(notebook):
    """A decimal number in the text must be one that a cell holds or prints, rounded or not: prose never drifts."""
    known = [known for _, cell in cells(notebook, "code") for known in decimals(cell.source + "\n" + output_text(cell))]
    for label, cell in cells(notebook, "markdown"):
        for text, value, half_unit in decimals(prose(cell.source)):
            if not any(rounds_to(other, error, value, half_unit) for _, other, error in known):
                yield f"{label}: {text} stands in no cell and no output; print it, or round what is printed"


def rounds_to(shown, error, value, half_unit):
    """Whether `value` may be `shown` rounded; what is shown with as few digits must be the same number."""
    return abs(shown - value) <= (half_unit + error if error < half_unit else 0) + 1e-12


def decimals(text):
    """Each decimal number of a text: as written, its value, and half a unit of its last digit."""
    for found in DECIMAL.finditer(text):
        if found["number"]:
            written = found["number"].replace("−", "-")
            mantissa, _, exponent = written.partition("e")
            digits = len(mantissa.partition(".")[2]) - int(exponent or 0)
            yield written, float(written), 0.5 * 10.0**-digits
