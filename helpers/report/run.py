"""From parameters to a folder under reports/: everything or nothing."""

import contextlib
import logging
import os
import re
import shutil
import sys
from pathlib import Path

import nbformat

from helpers.report import correlation, counts, mixed_model
from helpers.report.options import COMMAND, settle
from helpers.report.output import installed_versions

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "notebooks" / "templates"
REPORTS = ROOT / "reports"
PREPARE = {"correlation": correlation.prepare, "counts": counts.prepare, "mixed_model": mixed_model.prepare}

FILES = ("data", "samples")  # parameters that are paths
QUIET = "--IPKernelApp.log_level=ERROR"  # else a kernel warns of TCP without encryption, which stays on this machine


class ReportError(Exception):
    """A report that could not be finished, for a reason that its reader can act on."""


def validate(given):
    """Settle every parameter and look at the table, before any model.

    Parameters
    ----------
    given : dict
        Name -> text, as on the command line.

    Returns
    -------
    tuple of str and dict and pathlib.Path
        The template, the parameters of its notebook, and the folder that the report will have.

    Raises
    ------
    ValueError, FileNotFoundError, MissingColumnError
        The message says what was found, where, and what to do.
    """
    given = {name.upper(): value for name, value in given.items()}
    template = given.get("TEMPLATE", "").strip()
    settings = settle(template, given, command=True)
    folder = _folder(settings)
    taken = {option.name.lower() for option in COMMAND}
    parameters = {name: value for name, value in vars(settings).items() if name not in taken}
    for name in set(FILES) & set(parameters):
        with contextlib.suppress(OSError):  # what is wrong with it, the reader of tables says better
            parameters[name] = str(Path(parameters[name]).expanduser().resolve())
    PREPARE[template](**parameters)
    return template, parameters, folder


def _folder(settings):
    stem = Path(settings.data).name.split(".")[0]
    name = settings.name or re.sub(r"[^\w.-]+", "_", f"{settings.template}_{stem}").strip("._")
    if not re.fullmatch(r"\w[\w .-]*", name) or name.endswith((".", " ")):
        raise ValueError(
            f"NAME is the name of a folder under reports/: letters, digits, blanks, '_', '-' and '.'; found {name!r}."
        )
    if (folder := REPORTS / name).exists() and settings.overwrite != "yes":
        raise ValueError(f"There is a report {name!r} already. Say OVERWRITE=yes, or another NAME.")
    return folder


def make_report(given, *, progress=True):
    """Run a template on a table and write its report.

    Parameters
    ----------
    given : dict
        Name -> text, as on the command line.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    pathlib.Path
        The folder: ``report.html``, ``notebook.ipynb``, ``tables/``, ``figures/``, ``methods.txt``, ``results.txt``,
        ``versions.txt``.

    Raises
    ------
    ValueError, FileNotFoundError, MissingColumnError
        As `validate`; nothing was written.
    ReportError
        A cell of the template failed; nothing was written.
    """
    template, parameters, folder = validate(given)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        parameters |= {name: _seen_from(part, parameters[name]) for name in FILES if name in parameters}
        parameters["folder"] = "."
        notebook = _executed(TEMPLATES / f"{template}.ipynb", parameters, part, progress)
        _write(notebook, part, title=f"{template.replace('_', ' ').capitalize()}: {Path(parameters['data']).name}")
        _replace(folder, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty, as a rule
            REPORTS.rmdir()
    return folder


def _seen_from(folder, data):
    """The file as the report's own notebook finds it, so that it runs again where it lies."""
    try:
        return Path(os.path.relpath(data, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return data


def _executed(template, parameters, folder, progress):
    """The template with these parameters, run from top to bottom in `folder`."""
    # Imported here: what is wrong with a table is told before this takes its second.
    from papermill import PapermillExecutionError, execute_notebook

    logging.getLogger("papermill").setLevel(logging.ERROR)  # it parses the parameters' cell; ours were checked before
    notebook = nbformat.read(template, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    try:
        executed = execute_notebook(
            notebook,
            None,
            parameters=parameters,
            kernel_name="python3",
            cwd=str(folder),
            progress_bar=progress,
            extra_arguments=[QUIET],
        )
    except PapermillExecutionError as error:
        raise ReportError(f"{error.evalue}" or error.ename) from None
    executed.metadata.pop("papermill", None)  # times, and paths of this machine
    for cell in executed.cells:
        cell.metadata.pop("papermill", None)
    return executed


def _write(notebook, folder, title):
    from helpers.report.page import as_page

    nbformat.write(notebook, folder / "notebook.ipynb")
    (folder / "report.html").write_text(as_page(notebook, title), encoding="utf-8")
    python = ".".join(map(str, sys.version_info[:3]))
    (folder / "versions.txt").write_text(f"Python {python}\n{installed_versions()}\n", encoding="utf-8")


def _replace(folder, part):
    """Put the finished report in its place; an older one goes only now."""
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        os.replace(folder, old)
        os.replace(part, folder)
        shutil.rmtree(old)
    else:
        os.replace(part, folder)
