"""Turn the lessons' sources into executed notebooks.

    python notebooks/build.py                   # the lessons whose source changed
    python notebooks/build.py 01_correlation    # this one
    python notebooks/build.py --all             # every lesson, for example after a change in helpers

A source is ``notebooks/source/NAME.py`` (jupytext's py:percent text); the notebook is ``notebooks/NAME.ipynb``.
The result is deterministic: cell ids come from the lesson's name and the cell's position, and nothing that differs
between two runs (times, versions, memory addresses) is stored, so an unchanged lesson is rebuilt to the same bytes.

A notebook that was edited since it was built, say by a learner who typed answers into it, is not overwritten
unless ``--force`` is given.
"""

import argparse
import base64
import copy
import hashlib
import json
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent
SOURCES = FOLDER / "source"
PICTURES = FOLDER.parent / "images"
FOR_README = "readme-picture"  # a cell with this tag has its figure written to images/, for the README to show
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_TIMEOUT = 300  # seconds: a lesson that hangs is an error


def notebook_from_source(source):
    """The unexecuted notebook of a source: its cells with fixed ids, and exactly the metadata that is committed."""
    source = Path(source)
    notebook = jupytext.read(source)
    for position, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"{source.stem.replace('_', '-')}-{position:03d}"
        cell.metadata.pop("lines_to_next_cell", None)  # a blank-line count that jupytext keeps for its own use
    # The version of Python is left out: the same lesson is built and read on several.
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": KERNEL,
            "language_info": {"name": "python"},
            "cells_sha256": _fingerprint(notebook),
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _fingerprint(notebook):
    """Of what a person edits: the cells' kinds, texts and metadata, in order."""
    cells = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def edited_since_built(notebook):
    """Whether somebody changed the notebook itself after ``build.py`` wrote it."""
    return notebook.metadata.get("cells_sha256") != _fingerprint(notebook)


def execute(notebook):
    """Run all cells in order in a fresh kernel whose working directory is ``notebooks/``, as in JupyterLab."""
    executed = copy.deepcopy(notebook)
    client = NotebookClient(
        executed,
        kernel_name=KERNEL["name"],
        timeout=CELL_TIMEOUT,
        record_timing=False,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    client.execute()
    executed.metadata = notebook.metadata  # the kernel adds its version
    return executed


def stderr_of(notebook):
    """What the cells printed on stderr, which no committed output may hold."""
    return [
        f"cell {cell.id}: {output.text.strip()}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def pictures_for_readme(notebook):
    """The PNG images of the cells that the README shows."""
    return [
        base64.b64decode(output.data["image/png"])
        for cell in notebook.cells
        if cell.cell_type == "code" and FOR_README in cell.metadata.get("tags", [])
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


def build(source, *, force=False, only_changed=False):
    """Write the executed notebook of one source; return a word for what was done."""
    target = FOLDER / f"{source.stem}.ipynb"
    notebook = notebook_from_source(source)
    if target.exists():
        present = nbformat.read(target, as_version=4)
        if edited_since_built(present) and not force:
            raise SystemExit(
                f"{target.name} was edited since it was built, perhaps by a learner who typed answers into it.\n"
                f"Carry what should stay into source/{source.name} (or save the notebook under another name),"
                " then build with --force."
            )
        if only_changed and present.metadata == notebook.metadata:
            return "unchanged"
    executed = execute(notebook)
    if problems := stderr_of(executed):
        raise SystemExit(f"{source.name} prints on stderr; mend the cause:\n" + "\n".join(problems))
    nbformat.validate(executed)
    target.write_text(nbformat.writes(executed) + "\n", encoding="utf-8", newline="\n")
    for picture in pictures_for_readme(executed):
        (PICTURES / f"{source.stem}.png").write_bytes(picture)
    return "built"


def main(arguments=None):
    """Build what the command line names."""
    parser = argparse.ArgumentParser(description="Turn the lessons' sources into executed notebooks.")
    parser.add_argument("names", nargs="*", help="lessons, such as 01_correlation (default: those that changed)")
    parser.add_argument("--all", action="store_true", help="build every lesson, changed or not")
    parser.add_argument("--force", action="store_true", help="overwrite a notebook that was edited by hand")
    options = parser.parse_args(arguments)

    sources = {source.stem: source for source in sorted(SOURCES.glob("*.py"))}
    if unknown := [name for name in options.names if name not in sources]:
        parser.error(f"no source named {', '.join(unknown)}; there are {', '.join(sources)}")
    for name in options.names or sources:
        try:
            done = build(
                sources[name],
                force=options.force,
                only_changed=not (options.all or options.names),
            )
        except CellExecutionError as error:
            print(f"{name}: a cell failed\n{error}", file=sys.stderr)
            return 1
        print(f"{name}: {done}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
