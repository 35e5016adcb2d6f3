"""A lesson as a page: each exercise followed by its solution, closed; folded code under its own first line."""

import copy
import html
import re

import nbformat

from helpers.course import APPENDIX, LESSONS

ATTEMPT = re.compile(r'^check\("(\d+\.\d+)", answer\)', re.MULTILINE)
SOLVED = re.compile(r"^## (\d+\.\d+)$", re.MULTILINE)
FILE = re.compile(r'href="(?!https?:)([^"#]+)\.(?:ipynb|md)(?=["#])')
ALL = (*LESSONS, *APPENDIX)


def page(notebook, solutions, functions):
    """The notebook as the book shows it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        A lesson, with its outputs.
    solutions : dict of str to list of NotebookNode
        The cells that solve each exercise, such as ``{"1.1": [...]}``.
    functions : list of str
        Full names of the functions of `helpers` that the lesson calls and that the book describes.
    """
    shown = copy.deepcopy(notebook)
    cells = []
    for cell in shown.cells:
        cells.append(with_pages_linked(with_prompt(cell)))
        if cell.cell_type == "code" and (found := ATTEMPT.search(cell.source)):
            cell.outputs = []  # it says that nobody has answered: true of every page that nobody can type into
            tag(cell, "exercise")
            cells += folded(found[1], solutions.get(found[1], []))
    if functions:
        cells.append(markdown(functions_used(functions)))
    shown.cells = numbered(cells)
    return shown


def plain(notebook):
    """A notebook with nothing added: a page of solutions, a template."""
    shown = copy.deepcopy(notebook)
    shown.cells = numbered([with_prompt(cell) for cell in shown.cells])
    return shown


def solutions_in(notebook):
    """The cells of a page of solutions, by the exercise that they solve."""
    found, name = {}, None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if name:
                found[name].append(without_check(cell))
            continue
        before, *parts = SOLVED.split(cell.source)
        if name and before.strip():
            found[name].append(markdown(before.strip()))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            found[name] = [markdown(text.strip())] if text.strip() else []
    return found


def folded(name, cells):
    """A solution that opens on a click; nothing where there is none."""
    if not cells:
        return []
    opening = f'<details class="solution" id="solution-{name.replace(".", "-")}"><summary>Solution {name}</summary>'
    return [markdown(opening), *(copy.deepcopy(cell) for cell in cells), markdown("</details>")]


def without_check(cell):
    """A cell that solves, without the call that would judge it."""
    cell = copy.deepcopy(cell)
    if ATTEMPT.search(cell.source):
        cell.source = ATTEMPT.sub("", cell.source).strip()
        cell.outputs = [output for output in cell.outputs if output.output_type != "stream"]
    return cell


def with_prompt(cell):
    """Folded code shows what it does: its own first line."""
    if "hide-input" in cell.metadata.get("tags", []) and cell.source.startswith("# "):
        says = cell.source.partition("\n")[0].removeprefix("# ")
        for state in ("show", "hide"):
            cell.metadata.setdefault("mystnb", {})[f"code_prompt_{state}"] = f"Code: {html.escape(says, quote=False)}"
    return cell


def with_pages_linked(cell):
    """Links in what a cell shows as HTML, such as the map of the lessons, lead to pages instead of files."""
    for output in cell.get("outputs", []):
        if shown := output.get("data", {}).get("text/html"):
            output.data["text/html"] = FILE.sub(r'href="\1.html', "".join(shown))
    return cell


def functions_used(names):
    """A line at the end of a lesson that leads to the pages of its functions."""
    links = ", ".join(f"{{py:obj}}`{name.rpartition('.')[2]} <{name}>`" for name in names)
    return f"**Functions of this lesson, described:** {links}."


def markdown(text):
    return nbformat.v4.new_markdown_cell(text)


def tag(cell, name):
    cell.metadata["tags"] = [*cell.metadata.get("tags", []), name]


def numbered(cells):
    """Give every cell an id from its place: the same pages on every build."""
    for place, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{place:03d}"
    return cells
