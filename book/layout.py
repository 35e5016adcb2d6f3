"""The book's sources, laid out as the repository is: a page stands where its file does, so that every link holds."""

import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat

from book import HERE, ROOT, SOURCE, functions, home, lessons, status, terms, validation

# Files that are pages as they stand.
PAGES = (
    "notebooks/glossary.md",
    "notebooks/contrast_cheat_sheet.md",
    "data/README.md",
    "benchmarks/README.md",
    "tests/reference/README.md",
    "tests/reference/differences.md",
    "tests/fuzz/README.md",
    "helpers/README.md",
    "helpers/mixed/README.md",
    "CHANGELOG.md",
)
WRITTEN = HERE / "pages"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^()\s]+)\)")


def lay_out():
    """Write the sources of all pages; return the lessons that were laid out."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(WRITTEN, SOURCE)
    notebooks = {lesson: read(ROOT / "notebooks" / lesson.file) for lesson in lessons.ALL}
    uses = functions.used_in(notebooks)
    solutions = {}
    for path in sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb")):
        page = read(path)
        solutions |= lessons.solutions_in(page)
        write_notebook(f"notebooks/solutions/{path.name}", lessons.plain(page))
    for lesson, notebook in notebooks.items():
        called = [name for name, users in uses.items() if lesson in users]
        write_notebook(f"notebooks/{lesson.file}", lessons.page(notebook, solutions, called))
    for path in sorted((ROOT / "notebooks" / "templates").glob("*.ipynb")):
        write_notebook(f"notebooks/templates/{path.name}", lessons.plain(read(path)))
    for name in PAGES:
        write(name, (ROOT / name).read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    write("README.md", home.readme(readme))
    write("index.md", home.index((WRITTEN / "index.md").read_text(encoding="utf-8"), readme))
    write("functions/index.md", functions.index(uses))
    for page in functions.PAGES:
        write(f"functions/{page}.md", functions.page_of(page, uses))
    write("validation.md", validation.page(ROOT / "tests"))
    write("status.md", status.page(notebooks))
    glossary = (ROOT / "notebooks" / "glossary.md").read_text(encoding="utf-8")
    write("_static/terms.js", terms.script(terms.first_sentences(glossary)))
    bring_along()
    return list(notebooks)


def read(path):
    return nbformat.read(path, as_version=4)


def write(name, text):
    """Write one file of the sources."""
    path = SOURCE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_notebook(name, notebook):
    write(name, nbformat.writes(notebook) + "\n")


def bring_along():
    """Copy what the pages link to and is no page: pictures, tables, programs, the licence."""
    for page in sorted([*SOURCE.rglob("*.md"), *SOURCE.rglob("*.ipynb")]):
        text = page.read_text(encoding="utf-8")
        for link in LINK.findall(text):
            target = (page.parent / unquote(urlsplit(link).path)).resolve()
            original = ROOT / target.relative_to(SOURCE) if target.is_relative_to(SOURCE) else None
            if original and original.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(original, target)


def size(folder):
    """Megabytes of all files in a folder."""
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
