"""Turn the lessons' sources into executed notebooks.

    python notebooks/build.py                   # the lessons whose source changed
    python notebooks/build.py 01_correlation    # this one
    python notebooks/build.py --all             # every lesson, for example after a change in helpers

A source is ``notebooks/source/NAME.py`` (jupytext's py:percent text); the notebook is ``notebooks/NAME.ipynb``. The
templates and the pages of solutions stand in folders of their own, in both places: ``templates/NAME`` and
``solutions/NAME``.
The result is deterministic: cell ids come from the lesson's name and the cell's position, and nothing that differs
between two runs (times, versions, memory addresses) is stored, so an unchanged lesson is rebuilt to the same bytes.

A notebook that was edited since it was built, say by a learner who typed answers into it, is not overwritten
unless ``--force`` is given. A lesson that cannot be built does not keep the others from it: what stood in the way is
told at the end.
"""

import argparse
import base64
import copy
import hashlib
import json
import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

FOLDER = Path(__file__).resolve().parent
SOURCES = FOLDER / "source"
PICTURES = FOLDER.parent / "images"
PICTURE = re.compile(r'src="data:image/png;base64,([^"]*)"')
FOR_README = "readme-picture"  # a cell with this tag has its figure written to images/, for the README to show
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_TIMEOUT = 300  # seconds: a lesson that hangs is an error
os.environ["TQDM_DISABLE"] = "1"  # kernels inherit it: no progress bar among outputs, however slow the machine
QUIET = "--IPKernelApp.log_level=ERROR"  # else each kernel warns of TCP without encryption, which stays on this machine


class Refusal(Exception):
    """A lesson is not built, for a reason that its author can mend."""


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


def target_of(source):
    """Where the notebook of a source stands."""
    return FOLDER / source.relative_to(SOURCES).with_suffix(".ipynb")


def name_of(source):
    """What the command line calls a source: ``01_correlation``, ``templates/counts``, ``solutions/solutions_01``."""
    return source.relative_to(SOURCES).with_suffix("").as_posix()


def all_sources():
    """Name -> source."""
    found = [path for pattern in ("*.py", "solutions/*.py", "templates/*.py") for path in sorted(SOURCES.glob(pattern))]
    return {name_of(source): source for source in found}


def execute(notebook, folder=None):
    """Run all cells in order in a fresh kernel whose working directory is the notebook's own, as in JupyterLab."""
    executed = copy.deepcopy(notebook)
    client = NotebookClient(
        executed,
        kernel_name=KERNEL["name"],
        timeout=CELL_TIMEOUT,
        record_timing=False,
        coalesce_streams=True,  # else what a cell prints is split wherever the machine paused
        extra_arguments=[QUIET],
        resources={"metadata": {"path": str(folder or FOLDER)}},
    )

    def send_metadata(cell, cell_index):
        # As JupyterLab does with every cell; `helpers.plots` finds a figure's alt text there.
        client.kc.session.metadata = dict(cell.metadata)

    client.on_cell_execute = send_metadata
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
        base64.b64decode(picture)
        for cell in notebook.cells
        if cell.cell_type == "code" and FOR_README in cell.metadata.get("tags", [])
        for output in cell.outputs
        for picture in PICTURE.findall(output.get("data", {}).get("text/html", ""))
    ]


def picture_is_missing(notebook, name):
    """Whether a cell has its figure shown by the README, and the file for it is not there."""
    wanted = any(FOR_README in cell.metadata.get("tags", []) for cell in notebook.cells)
    return wanted and not (PICTURES / f"{name}.png").exists()


def read_unedited(target, source):
    """The notebook as it was built; a damaged or edited one is refused."""
    content = target.read_bytes()
    try:
        present = nbformat.reads(content.decode("utf-8"), as_version=4)
        edited = edited_since_built(present)
    except Exception as error:  # nbformat has many ways to say so: not JSON, not a notebook, not a known version
        raise Refusal(f"{target.name} is damaged and cannot be read; build with --force to replace it.") from error
    if edited:
        raise Refusal(
            f"{target.name} was edited since it was built, perhaps by a learner who typed answers into it.\n"
            f"Carry what should stay into source/{source.name} (or save the notebook under another name),"
            " then build with --force."
        )
    return present


def write_whole(target, content):
    """Replace a file in one step: whoever interrupts the build finds the old file or the new one, not a half."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def build(source, *, force=False, only_changed=False):
    """Write the executed notebook of one source; return a word for what was done."""
    target = target_of(source)
    notebook = notebook_from_source(source)
    if target.exists() and not force:
        present = read_unedited(target, source)
        same = present.metadata == notebook.metadata and not picture_is_missing(notebook, source.stem)
        if only_changed and same:
            return "unchanged"
    target.parent.mkdir(parents=True, exist_ok=True)
    executed = execute(notebook, target.parent)
    if problems := stderr_of(executed):
        raise Refusal(f"{source.name} prints on stderr; mend the cause:\n" + "\n".join(problems))
    nbformat.validate(executed)
    # The notebook comes last: until it is there, the lesson counts as changed, and the next build does all again.
    for picture in pictures_for_readme(executed):
        write_whole(PICTURES / f"{source.stem}.png", picture)
    write_whole(target, (nbformat.writes(executed) + "\n").encode("utf-8"))
    return "built"


def why_not(error):
    """In words, what kept a lesson from being built."""
    match error:
        case CellExecutionError():
            return f"a cell failed\n{error}"
        case CellTimeoutError():
            return f"a cell ran longer than {CELL_TIMEOUT} seconds\n{error}"
        case DeadKernelError():
            return f"the kernel died, perhaps for lack of memory\n{error}"
        case PermissionError():
            return f"a file may not be read or written; is it read-only, or open elsewhere?\n{error}"
    return str(error)


def build_each(sources, **options):
    """Build these sources and say so; return what kept each of the others from being built."""
    failures = []
    for source in sources:
        name = name_of(source)
        try:
            print(f"{name}: {build(source, **options)}", flush=True)
        except (Refusal, CellExecutionError, CellTimeoutError, DeadKernelError, OSError) as error:
            print(f"{name}: not built", flush=True)
            failures.append(f"{name}: {why_not(error)}")
    return failures


def main(arguments=None):
    """Build what the command line names."""
    parser = argparse.ArgumentParser(description="Turn the lessons' sources into executed notebooks.")
    parser.add_argument("names", nargs="*", help="lessons, such as 01_correlation (default: those that changed)")
    parser.add_argument("--all", action="store_true", help="build every lesson, changed or not")
    parser.add_argument("--force", action="store_true", help="overwrite a notebook, edited by hand or damaged or not")
    options = parser.parse_args(arguments)

    sources = all_sources()
    if unknown := [name for name in options.names if name not in sources]:
        parser.error(f"no source named {', '.join(unknown)}; there are {', '.join(sources)}")
    failures = build_each(
        [sources[name] for name in options.names or sources],
        force=options.force,
        only_changed=not (options.all or options.names),
    )
    if failures:
        print("\n", "\n\n".join(failures), sep="", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
