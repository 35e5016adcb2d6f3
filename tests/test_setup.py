"""`make` sets up .venv once, keeps it while it fits, and makes it anew where it cannot work any more."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Stand-ins: a Python that notes what it is asked, and "makes" an environment whose programs are stand-ins, too.
PYTHON = """#!/bin/sh
case "$1" in
  -c) exec '{real}' "$@" ;;
esac
echo "python $*" >> '{log}'
if [ "$2" = venv ]; then
  rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python
  printf '#!/bin/sh\\necho "uv $1 $2" >> "{log}"\\n' > .venv/bin/uv && chmod +x .venv/bin/uv
fi
"""
OLD = "#!/bin/sh\nexit 1\n"  # all that the Makefile asks of a Python is whether it is new enough


@pytest.fixture
def project(tmp_path):
    """A folder with the Makefile, and stand-ins for what it calls."""
    folder = tmp_path / "the project"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").write_text("uv==0.9.0\n")
    (folder / "pyproject.toml").touch()
    program(tmp_path / "python", PYTHON.format(real=sys.executable, log=tmp_path / "log"))
    return folder


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def make(folder, python="python"):
    """Run `make .venv/ready`; return the run and what it asked of the stand-ins."""
    log = folder.parent / "log"
    log.write_text("")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", ".venv/ready", f"PYTHON={folder.parent / python}"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done, log.read_text().splitlines()


def made(asked):
    return any(line.startswith("python -m venv") for line in asked)


def test_the_environment_is_made_once(project):
    done, asked = make(project)
    assert done.returncode == 0, done.stderr
    assert made(asked)
    assert "uv pip sync" in asked
    assert "anew" not in done.stdout
    assert make(project)[1] == []


def test_new_pins_are_installed_into_the_environment_that_is_there(project):
    make(project)
    os.utime(project / "requirements.txt", (4e9, 4e9))
    _, asked = make(project)
    assert "uv pip sync" in asked
    assert not made(asked)


@pytest.mark.parametrize("way", ["moved", "copied"])
def test_an_environment_in_another_folder_is_made_anew(project, way):
    make(project)
    elsewhere = project.parent / "elsewhere"
    {"moved": shutil.move, "copied": shutil.copytree}[way](project, elsewhere)
    done, asked = make(elsewhere)
    assert done.returncode == 0, done.stderr
    assert made(asked)
    assert "Making .venv anew: it was made by an older Python, or in another folder." in done.stdout
    assert make(elsewhere)[1] == []


def test_an_environment_of_an_older_python_is_made_anew(project):
    make(project)
    program(project / ".venv" / "bin" / "python", OLD)
    done, asked = make(project)
    assert done.returncode == 0, done.stderr
    assert made(asked)
    assert "Making .venv anew" in done.stdout


def test_an_environment_that_something_else_made_is_made_anew(project):
    program(project / ".venv" / "bin" / "python", OLD)
    assert made(make(project)[1])


def test_an_older_python_makes_no_environment(project):
    program(project.parent / "old", OLD)
    done, asked = make(project, "old")
    assert done.returncode != 0
    assert f"Python 3.12 or newer was not found at {project.parent / 'old'}" in done.stdout
    assert not made(asked)


def test_the_gate_runs_another_processor_beside_this_one(tmp_path):
    program(tmp_path / "make", f'#!/bin/sh\necho "$*" >> "{tmp_path / "log"}"\n')
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([ROOT / ".ci" / "run"], env=os.environ | {"PATH": path}, check=True)
    assert (tmp_path / "log").read_text().splitlines() == ["test", "test-processors ARGS=oldest"]
