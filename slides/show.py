"""A lesson in JupyterLab as one shows it: large letters, no sidebars, code folded to a line, *what if* cells open.

    python slides/show.py 07              # options of JupyterLab may follow
    python slides/show.py 07 --short      # only its ten-minute path

It opens a scratch copy in a folder of its own, which goes when JupyterLab ends: nothing that is changed in front of an
audience stays.
"""

import argparse
import copy
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_markdown_cell

from helpers.course.lab import SETTINGS as FOR_READERS
from helpers.course.lab import quiet

sys.path.insert(0, str(Path(__file__).resolve().parent))
from make import NOTEBOOKS, Refusal, lesson_of
from pick import is_exercise, short_path

PRESENTING = {  # beside what a reader's own JupyterLab is told
    "@jupyterlab/application-extension:shell": {"startMode": "single"},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/statusbar-extension:plugin": {"visible": False},
}
LETTERS = {"overrides": {"code-font-size": "19px", "content-font-size1": "21px"}}  # taken from a user's settings only
CLOSED = {"collapsed": True, "visible": False, "current": "", "widgets": []}
LAYOUT = {"left": CLOSED, "right": CLOSED, "down": {"size": 0, "widgets": []}, "relativeSizes": [0, 1, 0]}
SETTINGS = {
    "workspaces/default-37a8.jupyterlab-workspace": {
        "data": {"layout-restorer:data": LAYOUT},
        "metadata": {"id": "default"},
    },
    "settings/overrides.json": json.loads((FOR_READERS / "overrides.json").read_text(encoding="utf-8")) | PRESENTING,
    "settings/page_config.json": json.loads((FOR_READERS / "page_config.json").read_text(encoding="utf-8")),
    "own/@jupyterlab/apputils-extension/themes.jupyterlab-settings": LETTERS,
}
IN_BETWEEN = "%%capture\n# what the lesson does in between; it is needed below, and shows nothing\n"


# --- The copy -----------------------------------------------------------------------------------------------------


def presented(notebook):
    """A lesson with its code folded, apart from what a presenter changes.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    nbformat.NotebookNode
    """
    shown = copy.deepcopy(notebook)
    for cell in shown.cells:
        if cell.cell_type == "code":
            _fold(cell, not _is_what_if(cell))
    return shown


def shortened(notebook):
    """The ten-minute path of a lesson, which still runs from top to bottom.

    Pictures, verdicts and the recap with their sentence, and the first *what if*. Code that is not shown, but needed,
    is gathered in folded cells between them. Exercises are left out.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    nbformat.NotebookNode
    """
    at, invited = {}, False
    for slide in short_path(notebook)[0]:
        at.setdefault(slide.place, []).append(slide)
    cells, unseen, headline = [], [], ""
    for place, cell in enumerate(notebook.cells):
        texts = []
        for slide in at.get(place, []):
            if slide.headline != headline and slide.kind in ("figure", "call"):
                cells.append(new_markdown_cell(f"## {slide.headline}"))
            elif slide.headline != headline:
                texts.append(f"# {slide.headline}" if slide.kind == "title" else f"## {slide.headline}")
            headline = slide.headline
            texts.append(f"**Verdict.** {slide.text}" if slide.kind == "verdict" else slide.text)
        if cell.cell_type == "code":
            first_change = _is_what_if(cell) and not invited
            if place in at or first_change:
                cells += [new_code_cell(IN_BETWEEN + "\n\n".join(unseen))] if unseen else []
                cells += [new_markdown_cell(_invitation(notebook.cells[place - 1]))] if first_change else []
                cells.append(copy.deepcopy(cell))
                unseen, invited = [], invited or first_change
            elif not is_exercise(cell):
                unseen.append(cell.source)
        if text := "\n\n".join(filter(None, texts)):
            cells.append(new_markdown_cell(text))
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"short-{number:03d}"
    short = copy.deepcopy(notebook)
    short.cells = cells
    return presented(short)


def _is_what_if(cell):
    return "what-if" in cell.metadata.get("tags", [])


def _invitation(cell):
    """The paragraph that says what may be changed."""
    asked = [block for block in cell.source.split("\n\n") if block.startswith("> **What if**")]
    return "\n\n".join(asked) or "> **What if** this were otherwise? Change it, and run the cells below."


def _fold(cell, folded):
    cell.metadata["jupyter"] = dict(cell.metadata.get("jupyter", {}), source_hidden=folded)


# --- JupyterLab ---------------------------------------------------------------------------------------------------


def lay(lesson, folder, *, short=False):
    """Lay the scratch copy and the settings into a folder; return the options that JupyterLab starts with.

    Parameters
    ----------
    lesson : helpers.course.Lesson
    folder : pathlib.Path
    short : bool

    Returns
    -------
    list of str
    """
    course = folder / "course"
    shutil.copytree(NOTEBOOKS, course / "notebooks", ignore=shutil.ignore_patterns("source", ".*", "conftest.py"))
    shutil.copytree(NOTEBOOKS.parent / "data", course / "data", ignore=shutil.ignore_patterns("make"))
    target = course / "notebooks" / lesson.file
    notebook = nbformat.read(target, as_version=4)
    notebook = shortened(notebook) if short else presented(notebook)
    nbformat.write(notebook, target)
    NotebookNotary(data_dir=str(folder)).sign(notebook)  # else JupyterLab holds back what moves
    for name, content in SETTINGS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return [
        *quiet(),
        f"--ServerApp.root_dir={course}",
        f"--LabApp.default_url=/doc/tree/notebooks/{lesson.file}",
        f"--LabApp.app_settings_dir={folder / 'settings'}",
        f"--LabApp.user_settings_dir={folder / 'own'}",
        f"--LabApp.workspaces_dir={folder / 'workspaces'}",
        f"--NotebookNotary.data_dir={folder}",
    ]


def main(arguments=None):
    """Show what the command line names, until the presenter ends JupyterLab."""
    parser = argparse.ArgumentParser(description="Show a lesson in JupyterLab.")
    parser.add_argument("lesson", help="its number, such as 07")
    parser.add_argument("--short", action="store_true", help="only the ten-minute path")
    options, given = parser.parse_known_args(arguments)
    try:
        lesson = lesson_of(options.lesson)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        laid = lay(lesson, Path(folder), short=options.short)
        print("Before you change a what-if cell: Run > Run All Cells. To end: Ctrl+C here.")
        try:
            return subprocess.run([sys.executable, "-m", "jupyterlab", *laid, *given]).returncode
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
