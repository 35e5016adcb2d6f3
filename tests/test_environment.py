"""The three descriptions of the environment agree, and the check of lesson 00 says in words what is missing."""

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from helpers.course import environment

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = (ROOT / "requirements.txt").read_text()
DIRECT = [
    Requirement(requirement)
    for requirement in chain(
        PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    )
    if isinstance(requirement, str) and not requirement.startswith(PROJECT["project"]["name"])  # its own extras
]


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_each_direct_dependency_is_pinned_within_its_bounds(requirement):
    pinned = dict(environment.pins())[canonicalize_name(requirement.name)]
    assert Version(pinned) in requirement.specifier


def test_every_line_of_the_pins_is_a_pin_and_none_an_address():
    for line in PINS.splitlines():
        assert re.fullmatch(r"[a-z0-9._-]+==[^ ]+( ; .+)?", line), line
    assert "//" not in PINS


def test_conda_takes_the_same_pins_and_a_python_that_the_project_allows():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, by_pip = conda["dependencies"]
    # What Binder's repo2docker (2026.8) reads as a version: one equals sign or more, then major.minor. It takes 3.10
    # where it reads none.
    read = re.match(r"python\s*=+\s*(\d+\.\d+)$", python)
    assert read, f"repo2docker reads no version in {python!r}"
    assert Version(read[1]) in SpecifierSet(PROJECT["project"]["requires-python"])
    assert read[1] == (ROOT / ".python-version").read_text().strip()
    assert (pip, by_pip) == ("pip", {"pip": ["-r requirements.txt", "-e ."]})


def test_the_python_that_pyenv_and_uv_read_is_allowed():
    version = (ROOT / ".python-version").read_text().strip()
    assert Version(version) in SpecifierSet(PROJECT["project"]["requires-python"])


def test_there_is_no_second_list_of_pins():
    assert not [name for name in ("uv.lock", "poetry.lock", "Pipfile.lock", "conda-lock.yml") if (ROOT / name).exists()]


def test_a_reader_gets_the_extras_that_lesson_00_looks_for():
    makefile = (ROOT / "Makefile").read_text()
    assert tuple(re.findall(r"--extra (\w+)", makefile)) == environment.EXTRAS
    assert set(environment.EXTRAS) < set(PROJECT["project"]["optional-dependencies"])
    assert {"jupyterlab", "seaborn", "nbconvert", "pyarrow"} < set(environment.direct_pins())
    assert not {"pytest", "duckdb", "hatchling"} & set(environment.direct_pins())


def test_a_complete_environment_has_no_problems():
    assert environment.problems() == []


def test_what_is_missing_old_or_different_is_said_in_words():
    def installed(name):
        return {"pandas": None, "scipy": "1.2.3"}.get(name, environment.direct_pins()[name])

    python, pandas, scipy = environment.problems(python=(3, 11, 7), installed=installed)
    assert python == "Python 3.11 is too old: the course needs 3.12 or newer."
    assert re.fullmatch(r"pandas is missing \(the course uses version [\d.]+\)\.", pandas)
    assert re.fullmatch(r"scipy is version 1\.2\.3; the course was run with [\d.]+, and numbers may differ\.", scipy)


def test_the_report_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(environment, "_installed", lambda name: None)
    environment.report()
    printed = capsys.readouterr().out
    assert "jupyterlab is missing" in printed
    assert "make lab" in printed


def test_a_wheel_says_that_it_brings_no_lessons(monkeypatch, capsys):
    monkeypatch.setattr(environment, "repository", lambda: None)
    environment.report()
    printed = capsys.readouterr().out
    assert "installed from a wheel" in printed
    assert "Get the folder of the course" in printed
    with pytest.raises(FileNotFoundError, match="neither the lessons nor the list of package versions"):
        environment.problems()


def test_helpers_import_from_any_folder(tmp_path):
    done = subprocess.run([sys.executable, "-c", "import helpers.data"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
