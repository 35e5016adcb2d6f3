"""How the checks are registered, and what they read: notebooks, markdown and HTML."""

import inspect
import re
from functools import wraps
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt

from helpers.course.alt_text import of_metadata

ROOT = Path(__file__).parents[1]
MARKDOWN = MarkdownIt("commonmark").enable("table")
MARKDOWN.validateLink = lambda address: True  # JupyterLab shows a link to file:///… as one, so the checks see it too

CHECKS = {}
COLLECTION_CHECKS = {}


def check(names=".*"):
    """Register a generator of problems for the notebooks so named; it may leave out the path."""

    def register(function):
        wanted = len(inspect.signature(function).parameters)

        @wraps(function)
        def run(notebook, path):
            return list(function(*(notebook, path)[:wanted])) if re.fullmatch(names, path.stem) else []

        CHECKS[function.__name__] = run
        return run

    return register


def collection_check(function):
    """Register a generator of problems that only show when all files stand side by side."""

    @wraps(function)
    def run(root):
        return list(function(root))

    COLLECTION_CHECKS[function.__name__] = run
    return run


# --- Reading a notebook ---------------------------------------------------------------------------------------


def read(path):
    return nbformat.read(path, as_version=4)


FOLDERS = ("solutions", "templates")  # of notebooks/, beside the lessons


def source_of(path):
    """``source/NAME.py``, and ``source/templates/NAME.py`` of a template."""
    if path.parent.name in FOLDERS:
        return path.parents[1] / "source" / path.parent.name / f"{path.stem}.py"
    return path.parent / "source" / f"{path.stem}.py"


def root_of(path):
    """The repository of a notebook."""
    return path.parents[2] if path.parent.name in FOLDERS else path.parents[1]


def notebooks(root):
    """The course's own notebooks: those with a source. The others are copies and drafts of whoever reads it."""
    folder = root / "notebooks"
    found = [path for part in (".", *FOLDERS) for path in sorted((folder / part).glob("*.ipynb"))]
    return [path for path in found if source_of(path).exists()]


def cells(notebook, *kinds):
    """Yield each cell of these kinds (or every cell) under the label by which a problem names it."""
    for number, cell in enumerate(notebook.cells, 1):
        if not kinds or cell.cell_type in kinds:
            yield f"cell {number} ({cell.get('id', 'no id')})", cell


def code_cells(notebook):
    return ((label, cell) for label, cell in cells(notebook, "code") if cell.source.strip())


FIGURE = re.compile(r'<img alt="(?P<alt>[^"]*)" src="data:image/png;base64,[^"]*">')  # of helpers.course.alt_text


def output_text(cell):
    """Everything in a cell's outputs that a person could read, an SVG's source included; no figure and its alt text."""
    texts = []
    for output in cell.get("outputs", []):
        texts += [output.get("text", ""), *output.get("traceback", [])]
        texts += [str(text) for mime, text in output.get("data", {}).items() if not is_photograph(mime)]
    return FIGURE.sub("", "\n".join(texts))


def output_types(cell):
    """The kinds of what a cell shows."""
    return [mime for output in cell.get("outputs", []) for mime in output.get("data", {})]


def is_photograph(mime):
    """Whether this is stored as base64, in which any pattern may turn up by chance."""
    return mime.startswith("image/") and mime != "image/svg+xml"


def shows_picture(cell):
    """Whether one of a cell's outputs is a picture, or HTML that holds one."""
    in_html = any(FIGURE.search(page) for page in shown_as(cell, "text/html"))
    return in_html or any(mime.startswith("image/") for mime in output_types(cell))


def alt_text(cell):
    """The words that stand for a cell's figure, blank when there are none or the metadata are of another shape."""
    return of_metadata(cell.metadata)


def tags(cell):
    return set(cell.metadata.get("tags", []))


# --- Reading markdown -----------------------------------------------------------------------------------------


def tokens(markdown):
    for block in MARKDOWN.parse(markdown):
        yield block
        yield from block.children or ()


def headings(markdown):
    """Yield level and text of each heading."""
    for opening, inline in pairwise(MARKDOWN.parse(markdown)):
        if opening.type == "heading_open":
            text = "".join(part.content for part in inline.children if part.type in {"text", "code_inline"})
            yield int(opening.tag[1]), text


def prose(markdown):
    """The words a reader reads: no code, no addresses, no HTML tags."""
    words = []
    for token in tokens(markdown):
        if token.type == "text":
            words.append(token.content)
        elif token.type == "html_block":
            words.append(re.sub("<[^>]*>", " ", token.content))
        elif token.type in {"inline", "softbreak", "hardbreak"}:  # a new paragraph or a new line
            words.append(" ")
    return "".join(words)


def links(markdown):
    """The target of each link and image, in markdown or HTML."""
    return targets(MARKDOWN.render(markdown))


# --- Reading HTML ----------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Collects each opening tag with its attributes; one without a value has a blank one."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def html_tags(html):
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser.found


def targets(html):
    return [attrs[key] for _, attrs in html_tags(html) for key in ("href", "src") if key in attrs]


def markdown_in(cell):
    """The markdown that a reader sees rendered: a markdown cell's text, or outputs."""
    if cell.cell_type == "markdown":
        return [cell.source]
    return shown_as(cell, "text/markdown")


def html_in(cell):
    """What a reader sees of a cell as a page, whether it was written in HTML or in markdown."""
    return [MARKDOWN.render(text) for text in markdown_in(cell)] + shown_as(cell, "text/html")


def shown_as(cell, mime):
    return [output["data"][mime] for output in cell.get("outputs", []) if mime in output.get("data", {})]
