"""Checks that links lead to what exists."""

import os
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hygiene_reading import (
    MARKDOWN,
    cells,
    check,
    collection_check,
    headings,
    html_in,
    html_tags,
    markdown_in,
    read,
    root_of,
    targets,
)
from markdown_it.common.utils import normalizeReference


@check()
def dead_links(notebook, path):
    own = names_in_notebook(notebook)
    for label, cell in cells(notebook):
        problems = dead_ends(markdown_in(cell), html_in(cell), path, root_of(path), own)
        yield from (f"{label}: {problem}" for problem in problems)


@collection_check
def dead_links_in_markdown(root):
    for path in markdown_files(root):
        text = path.read_text(encoding="utf-8")
        problems = dead_ends([text], [MARKDOWN.render(text)], path, root, names_in(path))
        yield from (f"{path.relative_to(root)}: {problem}" for problem in problems)


def markdown_files(root):
    """Yield the project's own .md files; hidden folders and virtual environments hold other people's.

    The book's pages are laid out elsewhere before they are read: `make book` follows their links.
    """
    for folder, subfolders, files in root.walk():
        ours = (name for name in subfolders if not name.startswith(".") and folder / name != root / "book")
        subfolders[:] = sorted(ours)
        if "pyvenv.cfg" in files:
            subfolders.clear()
        yield from (folder / name for name in sorted(files) if name.endswith(".md"))


def dead_ends(markdowns, pages, path, root, own):
    """Yield a problem for each link that leads nowhere, in parts of the file at path whose own names are given."""
    for found in (found for markdown in markdowns for found in undefined_references(markdown)):
        yield f"{found!r} refers to a link that isn't defined; define it, or write [words](address)"
    for link in (link for page in pages for link in targets(page)):
        if problem := dead_end(link, path, root, own):
            yield f"link to {link!r}, {problem}"


def dead_end(link, path, root, own):
    """What is wrong with a link on the page at path, if anything; only links within the repository are followed."""
    target = urlsplit(link)
    if target.scheme == "file" or len(target.scheme) == 1:  # one letter is a drive of Windows
        return "which leads only somewhere on this machine; make it relative"
    if target.scheme or target.netloc:
        return None
    file = Path(os.path.abspath(path.parent / unquote(target.path or path.name)))
    if not link or target.path.startswith("/") or not file.exists():
        return f"a file that isn't there; correct it (relative to {path.parent.name}/)"
    if not file.is_relative_to(os.path.abspath(root)):
        return "which leads out of the repository; nobody else has that file"
    names = own if file == Path(os.path.abspath(path)) else names_in(file)
    if target.fragment and unquote(target.fragment) not in names:
        return "a heading that isn't there; correct what follows the #"
    return None


# --- Names that a link may give after # ------------------------------------------------------------------------


def names_in(file):
    if file.suffix == ".ipynb":
        return names_in_notebook(read(file))
    if file.suffix == ".md":
        text = file.read_text(encoding="utf-8")
        return slugs([text]) | ids([MARKDOWN.render(text)])
    return Lines(file)


def names_in_notebook(notebook):
    """GitHub's names of the headings and JupyterLab's, which a link may also write with %20 for the blanks."""
    parts = [cell for _, cell in cells(notebook)]
    markdowns = [text for part in parts for text in markdown_in(part)]
    titles = {title for text in markdowns for _, title in headings(text)}
    jupyterlab = titles | {title.replace(" ", "-") for title in titles}
    return slugs(markdowns) | jupyterlab | ids(page for part in parts for page in html_in(part))


def slugs(markdowns):
    """GitHub's names of the headings, numbered when repeated."""
    names, seen = set(), Counter()
    for title in (title for text in markdowns for _, title in headings(text)):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        names.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return names


def ids(pages):
    """What HTML itself names: <h2 id="term">, and <a name="term"> as it was once written."""
    tags = [(tag, attrs) for page in pages for tag, attrs in html_tags(page)]
    return {attrs["id"] for _, attrs in tags if "id" in attrs} | {
        attrs["name"] for tag, attrs in tags if tag == "a" and "name" in attrs
    }


class Lines:
    """The lines of a program or table, which GitHub names L3 or L3-L5; a folder has none."""

    def __init__(self, file):
        self.count = len(file.read_bytes().splitlines()) if file.is_file() else 0

    def __contains__(self, name):
        found = re.fullmatch(r"L(\d+)(?:-L(\d+))?", name)
        return bool(found) and all(1 <= int(number) <= self.count for number in found.groups() if number)


# --- References -----------------------------------------------------------------------------------------------

REFERENCE = re.compile(r"(?<![\w\]\\])\[([^\[\]]+)\]\[([^\[\]]*)\]")  # not the a[0][1] of a program
OPAQUE = re.compile(r"(`+).*?\1|\$[^$\n]*\$|</?[A-Za-z][^>]*>", re.DOTALL)  # code, mathematics, HTML


def undefined_references(markdown):
    """Yield each [words][label] that stays as it is because the label is nowhere defined."""
    environment = {}
    for block in MARKDOWN.parse(markdown, environment):
        if block.type == "inline":
            masked = OPAQUE.sub(lambda found: "x" * len(found[0]), block.content)
            for found in REFERENCE.finditer(masked):
                label = block.content[slice(*found.span(2 if found[2] else 1))]
                if normalizeReference(label) not in environment.get("references", {}):
                    yield block.content[slice(*found.span())]
