"""`notebooks/build.py`: same source, same bytes; nobody's answers are overwritten; a failure stops no other lesson."""

import importlib.util
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = """# %% [markdown]
# # A figure

# %% mystnb={"image": {"alt": "A line from the lower left to the upper right."}}
import matplotlib.pyplot as plt

from helpers import plots

plots.use_style()
plt.plot([0, 1], [0, 1])
plt.show()

# %% tags=["solution"]
print(1 + 1)
"""
PICTURE = """# %% tags=["readme-picture"]
from IPython.display import HTML

from helpers.course.alt_text import as_html

HTML(as_html(b"the bytes of a picture", "A picture."))
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    specification = importlib.util.spec_from_file_location("build", ROOT / "notebooks" / "build.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    (tmp_path / "source").mkdir()
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    monkeypatch.setattr(module, "SOURCES", tmp_path / "source")
    monkeypatch.setattr(module, "PICTURES", tmp_path / "images")
    (tmp_path / "source" / "09_try.py").write_text(SOURCE)
    return module


def test_the_same_source_gives_the_same_bytes_and_an_unchanged_one_is_left_alone(build, tmp_path, capsys):
    notebook = tmp_path / "09_try.ipynb"
    assert build.main([]) == 0
    first = notebook.read_bytes()
    assert build.main([]) == 0
    assert build.main(["--all"]) == 0
    assert notebook.read_bytes() == first
    assert capsys.readouterr().out.splitlines() == ["09_try: built", "09_try: unchanged", "09_try: built"]

    cells = nbformat.read(notebook, as_version=4).cells
    assert [cell.id for cell in cells] == ["09-try-001", "09-try-002", "09-try-003"]
    assert [cell.execution_count for cell in cells[1:]] == [1, 2]
    assert cells[1].metadata["mystnb"]["image"]["alt"].startswith("A line")
    shown = cells[1].outputs[0].data["text/html"]
    assert shown.startswith('<img alt="A line from the lower left to the upper right." src="data:image/png;base64,')
    assert cells[2].outputs[0].text == "2\n"
    assert cells[2].metadata["tags"] == ["solution"]


@pytest.fixture
def source(tmp_path):
    """Write this text as the source of a lesson; the other lessons stay as they are."""

    def write(text, name="09_try"):
        (tmp_path / "source" / f"{name}.py").write_text(text)
        return tmp_path / f"{name}.ipynb"

    return write


# --- What stands in the way of one lesson ---------------------------------------------------------------------


def edited(build, path):
    """A notebook as a learner leaves it: built from its source, with an answer typed into a cell."""
    notebook = build.notebook_from_source(path.parent / "source" / f"{path.stem}.py")
    notebook.cells[-1].source = "answer = 42"
    nbformat.write(notebook, path)


def test_a_notebook_that_holds_answers_is_not_overwritten_without_force(build, source, capsys):
    notebook = source(SOURCE)
    edited(build, notebook)
    assert build.main([]) == 1
    error = capsys.readouterr().err
    assert "09_try.ipynb was edited since it was built" in error
    assert "--force" in error
    assert "answer = 42" in notebook.read_text()
    assert build.main(["--force"]) == 0
    assert "answer = 42" not in notebook.read_text()


def test_what_stops_some_lessons_is_told_at_the_end_and_the_others_are_built(build, source, capsys):
    edited(build, source(SOURCE))
    source("# %%\n1 / 0\n", "10_fails")
    fine = source("# %%\n1 + 1\n", "11_fine")
    assert build.main([]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["09_try: not built", "10_fails: not built", "11_fine: built"]
    assert fine.exists()
    assert "09_try: 09_try.ipynb was edited" in err
    assert "10_fails: a cell failed" in err
    assert "ZeroDivisionError" in err


def hangs(build, monkeypatch):
    monkeypatch.setattr(build, "CELL_TIMEOUT", 1)
    return "import time\ntime.sleep(60)"


def dies(build, monkeypatch):
    return "import os\nos._exit(1)"


def may_not_be_written(build, monkeypatch):
    def replace(source, target):
        raise PermissionError(13, "Permission denied", str(source), None, str(target))

    monkeypatch.setattr(build.os, "replace", replace)
    return "1 + 1"


def prints_on_stderr(build, monkeypatch):
    return "import warnings\nwarnings.warn('look here')"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (hangs, "a cell ran longer than 1 seconds"),
        (dies, "the kernel died"),
        (may_not_be_written, "a file may not be read or written"),
        (prints_on_stderr, "look here"),
    ],
)
def test_what_stops_a_lesson_is_told_under_its_name_and_leaves_no_file(build, source, capsys, monkeypatch, code, words):
    notebook = source(f"# %%\n{code(build, monkeypatch)}\n")
    assert build.main([]) == 1
    error = capsys.readouterr().err
    assert error.startswith("\n09_try: ")
    assert words in error
    assert [path.name for path in notebook.parent.iterdir()] == ["source"]


# --- A build that was cut short -------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b'{"cells": [{', b"{}", b"[]", b"\xff", b'{"nbformat": 99}'])
def test_a_damaged_notebook_is_named_and_left_as_it_is(build, source, capsys, content):
    notebook = source("# %%\n1 + 1\n")
    notebook.write_bytes(content)
    assert build.main([]) == 1
    assert "09_try.ipynb is damaged and cannot be read; build with --force" in capsys.readouterr().err
    assert notebook.read_bytes() == content


def test_force_replaces_a_damaged_notebook(build, source):
    notebook = source("# %%\n1 + 1\n")
    notebook.write_text('{"cells": [{')
    assert build.main(["--force"]) == 0
    assert nbformat.read(notebook, as_version=4).cells


def test_a_file_is_replaced_in_one_step(build, tmp_path, monkeypatch):
    target = tmp_path / "new" / "lesson.ipynb"
    build.write_whole(target, b"old")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build.write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_a_missing_picture_is_made_again_and_a_present_one_left_alone(build, source, tmp_path, capsys):
    source(PICTURE)
    picture = tmp_path / "images" / "09_try.png"
    assert build.main([]) == 0
    assert build.main([]) == 0
    picture.unlink()
    assert build.main([]) == 0
    assert picture.read_bytes() == b"the bytes of a picture"
    assert capsys.readouterr().out.splitlines() == ["09_try: built", "09_try: unchanged", "09_try: built"]


def test_pictures_are_written_before_the_notebook(build, source, tmp_path, monkeypatch):
    source(PICTURE)
    written = []
    monkeypatch.setattr(build, "write_whole", lambda target, content: written.append(target.name))
    assert build.main([]) == 0
    assert written == ["09_try.png", "09_try.ipynb"]


def test_a_template_is_built_into_a_folder_of_its_own(build, source, tmp_path, capsys):
    (tmp_path / "source" / "templates").mkdir()
    source("# %%\nfrom pathlib import Path\n\nPath().resolve().name\n", "templates/try")
    assert build.main(["templates/try"]) == 0
    assert capsys.readouterr().out == "templates/try: built\n"
    (cell,) = nbformat.read(tmp_path / "templates" / "try.ipynb", as_version=4).cells
    assert cell.outputs[0].data["text/plain"] == "'templates'"  # run where it lies, as in JupyterLab
    assert build.main(["templates/try"]) == 0


# --- What it says ---------------------------------------------------------------------------------------------


def test_the_kernel_does_not_warn_of_its_own_connection(build, source, capfd):
    source("# %%\n1 + 1\n")
    assert build.main([]) == 0
    assert "TCP" not in capfd.readouterr().err


def test_an_unknown_lesson_is_named(build, capsys):
    with pytest.raises(SystemExit):
        build.main(["99_nothing"])
    assert "no source named 99_nothing; there are 09_try" in capsys.readouterr().err
