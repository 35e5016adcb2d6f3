"""nbval compares what readers see: a changed digit in a stored output fails, and no sanitising hides numbers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hygiene_reading import FIGURE
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns

ROOT = Path(__file__).parents[1]
LESSON = ROOT / "notebooks" / "01_correlation.ipynb"
SANITIZE = ROOT / "tests" / "nbval_sanitize.cfg"

# --- A changed digit fails ------------------------------------------------------------------------------------


def lesson():
    return nbformat.read(LESSON, as_version=4)


def kinds_of_output():
    """One cell for each kind of output that nbval compares."""
    html = {"text/html": "<b>0.849</b>", "text/plain": "<IPython.core.display.HTML object>"}
    shown = {
        "print(0.849)": new_output("stream", text="0.849\n"),
        "0.849": new_output("execute_result", {"text/plain": "0.849"}, execution_count=2),
        "from IPython.display import HTML\nHTML('<b>0.849</b>')": new_output("execute_result", html, execution_count=3),
    }
    cells = [
        new_code_cell(source, execution_count=count, outputs=[output])
        for count, (source, output) in enumerate(shown.items(), 1)
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def folder(tmp_path):
    """A notebooks folder from which ../data and ../tests lead where a lesson expects, with no pytest settings."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in ("data", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


@pytest.mark.parametrize("original", [kinds_of_output, lesson])
def test_changed_digits_fail_and_the_unchanged_copy_passes(folder, original):
    kept, changed = original(), original()
    changes = change_digits(changed)
    kept.cells = kept.cells[: len(changed.cells)]
    nbformat.write(kept, folder / "kept.ipynb")
    nbformat.write(changed, folder / "changed.ipynb")

    failed, report = nbval(folder)

    assert changes
    assert failed == [f"changed.ipynb::Cell {number}" for number in changes], report
    for kind, old, new in changes.values():
        assert f"mismatch '{kind}'" in report
        assert old in report
        assert new in report


def change_digits(notebook, most=3):
    """Change a digit in the first cells that show a decimal number; cut the cells after the last of them.

    Returns kind of output, old and new number by the number that nbval gives the cell.
    """
    changes, number = {}, -1
    for position, cell in enumerate(notebook.cells, 1):
        number += cell.cell_type == "code"
        if change := change_digit(cell):
            changes[number] = change
            if len(changes) == most:
                notebook.cells = notebook.cells[:position]
                break
    return changes


def change_digit(cell):
    """Add one to the first digit after a decimal point; return kind of output, old and new number."""
    for output in cell.get("outputs", []):
        texts = output.get("data", output)  # a stream holds its text itself
        for kind in ("text/html", "text/plain", "text"):
            if not FIGURE.search(texts.get(kind, "")) and (found := re.search(r"\d\.(\d)", texts.get(kind, ""))):
                old, digit = found[0], int(found[1])
                new = f"{old[:-1]}{(digit + 1) % 10}"
                texts[kind] = texts[kind].replace(old, new, 1)
                return output.get("name", kind), old, new
    return None


def nbval(folder, what=None):
    """Run nbval over the folder or a file in it; return the cells that failed, and the report."""
    settings = ["-c", folder.parent / "pytest.ini", "--rootdir", folder.parent, "-p", "no:cacheprovider"]
    options = ["--nbval", "--nbval-current-env", f"--nbval-sanitize-with={SANITIZE}", "--color=no", "-rf", "-vv"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, *options, what or folder],
        cwd=folder.parent,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
    )
    report = run.stdout + run.stderr
    assert run.returncode in (0, 1), report  # 0: all passed, 1: a cell failed; else nothing was compared
    return re.findall(r"^FAILED notebooks/(\S+::Cell \d+)", run.stdout, re.MULTILINE), report


# --- Only the course's own notebooks are run -------------------------------------------------------------------


def test_a_readers_copy_is_left_out_unless_it_is_named(folder):
    (folder / "source").mkdir()
    (folder / "source" / "01_own.py").touch()
    (folder / "conftest.py").write_text((ROOT / "notebooks" / "conftest.py").read_text())
    wrong = kinds_of_output()
    change_digits(wrong, most=1)
    for name in ("01_own", "01_own-Copy1", "Untitled"):
        nbformat.write(wrong, folder / f"{name}.ipynb")
    assert nbval(folder)[0] == ["01_own.ipynb::Cell 0"]
    assert nbval(folder, folder / "Untitled.ipynb")[0] == ["Untitled.ipynb::Cell 0"]


# --- What is sanitised is narrow ------------------------------------------------------------------------------

LINES = SANITIZE.read_text(encoding="utf-8").splitlines()
PATTERNS = [regex for regex, _ in get_sanitize_patterns("\n".join(LINES))]
NUMBERS = ["0.849", "12", "-3.2e-05", "1,234", "3.12", "3.12.4", "<td>0.0185</td>", "p = 4.4e-6", "12:30", "95%"]


def test_nbval_reads_every_entry():
    assert len(PATTERNS) == sum(line.startswith("[") for line in LINES) > 0


def test_every_entry_says_why_directly_above():
    for above, line in zip(["", *LINES], LINES, strict=False):
        if line.startswith("["):
            assert above.startswith("# "), f"{line} has no comment above"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("number", NUMBERS)
def test_no_entry_hides_a_number(pattern, number):
    assert not re.search(pattern, number)
