"""`notebooks/build.py`: same source, same bytes; nobody's answers are overwritten; noise on stderr stops it."""

import importlib.util
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = """# %% [markdown]
# # A figure

# %% mystnb={"image": {"alt": "A line from the lower left to the upper right."}}
import matplotlib.pyplot as plt

plt.plot([0, 1], [0, 1])
plt.show()

# %% tags=["solution"]
print(1 + 1)
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    specification = importlib.util.spec_from_file_location("build", ROOT / "notebooks" / "build.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    (tmp_path / "source").mkdir()
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    monkeypatch.setattr(module, "SOURCES", tmp_path / "source")
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
    assert cells[1].outputs[0].data["image/png"]
    assert cells[2].outputs[0].text == "2\n"
    assert cells[2].metadata["tags"] == ["solution"]


def test_a_notebook_that_holds_answers_is_not_overwritten(build, tmp_path):
    notebook = tmp_path / "09_try.ipynb"
    unexecuted = build.notebook_from_source(tmp_path / "source" / "09_try.py")
    unexecuted.cells[2].source = "answer = 42"
    nbformat.write(unexecuted, notebook)
    with pytest.raises(SystemExit, match=r"edited since it was built.*\n.*--force"):
        build.main([])
    assert "answer = 42" in notebook.read_text()


def test_what_is_printed_on_stderr_stops_the_build(build, tmp_path):
    (tmp_path / "source" / "09_try.py").write_text("# %%\nimport warnings\nwarnings.warn('look here')\n")
    with pytest.raises(SystemExit, match="look here"):
        build.main([])
    assert not (tmp_path / "09_try.ipynb").exists()


def test_a_cell_that_fails_stops_the_build_and_is_shown(build, tmp_path, capsys):
    (tmp_path / "source" / "09_try.py").write_text("# %%\n1 / 0\n")
    assert build.main([]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_unknown_lesson_is_named(build, capsys):
    with pytest.raises(SystemExit):
        build.main(["99_nothing"])
    assert "no source named 99_nothing; there are 09_try" in capsys.readouterr().err
