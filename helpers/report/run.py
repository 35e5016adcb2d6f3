"""From parameters to a folder under reports/: a template's cells, run in this process; everything or nothing.

Whatever a cell imports is imported when the cell is run: the first settles the parameters, so that a mistyped one is
told before anything slow.
"""

import ast
import contextlib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tqdm import tqdm

from helpers.course import alt_text
from helpers.course.places import place, repository
from helpers.refusals.packages import extra
from helpers.report.options import of_command

TEMPLATES = place("report/templates", "notebooks/templates")
REPORTS = (repository() or Path.cwd()) / "reports"

FILES = ("data", "samples", "lengths")  # parameters that are paths
PATIENCE = 0.5  # seconds before a bar is shown
ASKED = "study"  # the variable that holds what is asked: a cell that fails before it is there was given wrong input


class ReportError(Exception):
    """A report that could not be finished, for a reason that its reader can act on."""


def make_report(given: dict[str, str], *, progress: bool = True) -> Path:
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
        The folder: ``report.html``, ``report.docx``, ``notebook.ipynb``, ``tables/``, ``figures/``, ``methods.txt``,
        ``results.txt``, ``versions.txt``.

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        A parameter or the table is not what it must be; the message says what was found, where, and what to do.
        Nothing was written.
    ReportError
        The analysis failed; nothing was written.
    """
    template, parameters, folder = asked(given)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        notebook = read_template(TEMPLATES / f"{template}.ipynb")
        _execute(notebook, parameters | {"folder": str(part)}, progress)
        _insert_parameters(notebook, _as_seen_from(part, parameters) | {"folder": "."})
        subject = Path(parameters["data"]).name or parameters["formula"]
        _write(notebook, part, title=f"{template.replace('_', ' ').capitalize()}: {subject}")
        _replace(folder, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty, as a rule
            REPORTS.rmdir()
    return folder


def asked(given: dict) -> tuple[str, dict, Path]:
    """Which template, with what, into which folder; whether the values are right, the template's own cells tell.

    Parameters
    ----------
    given : dict
        Name -> text, as on the command line.

    Returns
    -------
    tuple of str and dict and pathlib.Path
        The template, the parameters of its notebook (paths made absolute), and the folder that the report will have.

    Raises
    ------
    ValueError
        No such template or parameter; a name that no folder can have, or that is taken.
    """
    command, parameters = of_command(given)
    folder = _folder(command, parameters["data"])
    for name in set(FILES) & set(parameters):
        if parameters[name]:
            with contextlib.suppress(OSError, RuntimeError):  # what is wrong, the reader of tables says better
                parameters[name] = str(Path(parameters[name]).expanduser().resolve())
    return command.template, parameters, folder


def _folder(command, data):
    stem = Path(data).name.split(".")[0]
    name = command.name or re.sub(r"[^\w.-]+", "_", f"{command.template}_{stem}").strip("._")
    if not re.fullmatch(r"\w[\w .-]*", name) or name.endswith((".", " ")):
        raise ValueError(
            f"NAME is the name of a folder under reports/: letters, digits, blanks, '_', '-' and '.'; found {name!r}."
        )
    if (folder := REPORTS / name).exists() and command.overwrite != "yes":
        raise ValueError(f"There is a report {name!r} already. Say OVERWRITE=yes, or another NAME.")
    return folder


def read_template(path: Path) -> dict:
    """A notebook as its file holds it; its sources in one piece.

    nbformat would check each cell, and takes seconds to import: the templates are the collection's own.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    dict
    """
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


# --- The cells ------------------------------------------------------------------------------------------------------


def _execute(notebook, parameters, progress):
    """Run all cells, each with what it shows stored in it as Jupyter would."""
    variables, n_cells = {}, sum(cell["cell_type"] == "code" for cell in notebook["cells"])
    try:
        with tqdm(total=n_cells, unit="cell", leave=False, delay=PATIENCE, disable=not progress) as bar:
            for cell, value in run_cells(notebook, parameters, variables):
                if value is not None:
                    cell["outputs"].append(_shown(value, cell["execution_count"]))
                if ASKED in variables:  # no bar before a message that something is wrong
                    bar.update(cell["execution_count"] - bar.n)
    except Exception as error:
        if ASKED not in variables:
            raise
        raise ReportError(f"{error}" or type(error).__name__) from None


def run_cells(notebook: dict, parameters: dict, variables: dict) -> Iterator[tuple[dict, object]]:
    """Run a notebook's cells in this very process, from top to bottom.

    Parameters
    ----------
    notebook : dict
        As `read_template` reads it. Its cells are given anew their counts, and as outputs what they print.
    parameters : dict
        Take the place of those that the cell tagged "parameters" sets.
    variables : dict
        Where the cells keep their variables.

    Yields
    ------
    tuple of dict and object
        Each code cell once it has run, and the value of its last line: None, if that is no expression.
    """
    for count, cell in enumerate((cell for cell in notebook["cells"] if cell["cell_type"] == "code"), start=1):
        printed = {"stdout": io.StringIO(), "stderr": io.StringIO()}
        streams = contextlib.redirect_stdout(printed["stdout"]), contextlib.redirect_stderr(printed["stderr"])
        with streams[0], streams[1], alt_text.running(cell["metadata"]):
            value = _run(cell["source"], f"<cell {count}>", variables)
        if "parameters" in cell["metadata"].get("tags", []):
            variables.update(parameters)
        cell["execution_count"] = count
        cell["outputs"] = [
            {"output_type": "stream", "name": name, "text": stream.getvalue()}
            for name, stream in printed.items()
            if stream.getvalue()
        ]
        yield cell, value


def _run(source, name, variables):
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), variables)
    return eval(compile(ast.Expression(last.value), name, "eval"), variables) if last else None


def _shown(value, count):
    data, metadata = _display_formatter().format(value)
    return {"output_type": "execute_result", "data": data, "metadata": metadata, "execution_count": count}


@cache
def _display_formatter():
    # Takes a while: what is wrong with a parameter is told before.
    with extra("report", "A report"):
        from IPython.core.formatters import DisplayFormatter

    return DisplayFormatter()


def _as_seen_from(folder, parameters):
    """The parameters with files as the report's own notebook finds them, so that it runs again where it lies."""
    seen = dict(parameters)
    for name in set(FILES) & set(parameters):
        with contextlib.suppress(ValueError):  # another drive of Windows
            if parameters[name]:
                seen[name] = Path(os.path.relpath(parameters[name], folder)).as_posix()
    return seen


def _insert_parameters(notebook, parameters):
    """The parameters as a cell of their own, below the template's."""
    (place,) = [i for i, cell in enumerate(notebook["cells"]) if "parameters" in cell["metadata"].get("tags", [])]
    source = "\n".join(["# Parameters", *(f"{name} = {value!r}" for name, value in parameters.items())])
    name = "injected-parameters"
    cell = {"cell_type": "code", "id": name, "metadata": {"tags": [name]}, "source": source}
    notebook["cells"].insert(place + 1, cell | {"execution_count": None, "outputs": []})


# --- The folder -----------------------------------------------------------------------------------------------------


def _write(notebook, folder, title):
    # Imported here: what is wrong with a table is told before these take their second.
    with extra("report", "A report"):
        import nbformat

    from helpers.report.output import installed_versions
    from helpers.report.page import as_page
    from helpers.report.word import write_word

    notebook = nbformat.from_dict(notebook)
    nbformat.write(notebook, folder / "notebook.ipynb")
    (folder / "report.html").write_text(as_page(notebook, title), encoding="utf-8")
    write_word(notebook, title, folder / "report.docx")
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
