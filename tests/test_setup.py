"""`make` sets up .venv once, keeps it while it fits, and makes it anew where it cannot work any more."""

import os
import re
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


def make(folder, python="python", stamp="ready"):
    """Run `make .venv/ready`, or another stamp; return the run and what it asked of the stand-ins."""
    log = folder.parent / "log"
    log.write_text("")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", f".venv/{stamp}", f"PYTHON={folder.parent / python}"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done, log.read_text().splitlines()


def made(asked):
    return any(line.startswith("python -m venv") for line in asked)


def test_the_environment_is_made_once(project):
    done, asked = make(project)
    assert done.returncode == 0, done.stderr
    assert made(asked)
    assert "uv pip install" in asked
    assert "uv pip sync" not in asked
    assert "anew" not in done.stdout
    assert make(project)[1] == []


def test_new_pins_are_installed_into_the_environment_that_is_there(project):
    make(project)
    os.utime(project / "requirements.txt", (4e9, 4e9))
    _, asked = make(project)
    assert "uv pip install" in asked
    assert not made(asked)


def test_an_author_gets_every_pin_once_and_a_reader_nothing_anew(project):
    asked = make(project, stamp="ready-author")[1]
    assert made(asked)
    assert asked.index("uv pip install") < asked.index("uv pip sync")
    assert make(project, stamp="ready-author")[1] == []
    assert make(project)[1] == []


def test_what_a_reader_installs_anew_is_completed_for_an_author(project):
    """New pins read by `make lab` leave only what a reader needs."""
    make(project, stamp="ready-author")
    os.utime(project / "requirements.txt", (4e9, 4e9))
    make(project)
    asked = make(project, stamp="ready-author")[1]
    assert "uv pip sync" in asked
    assert not made(asked)


@pytest.mark.parametrize(
    ("target", "stamp"),
    [
        ("lab", "READY"),
        ("fresh", "READY"),
        ("report", "READY"),
        *((name, "AUTHOR") for name in ("test", "check-types", "build", "lock")),
    ],
)
def test_a_target_sets_up_what_it_needs(target, stamp):
    assert re.search(rf"^{target}: \$\({stamp}\)", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


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


def test_the_gate_runs_what_ifs_a_browser_and_another_processor_beside_the_tests(tmp_path):
    program(tmp_path / "make", f'#!/bin/sh\necho "$*" >> "{tmp_path / "log"}"\n')
    program(tmp_path / "chromium", "#!/bin/sh\n")  # so that the gate does not install one
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([ROOT / ".ci" / "run"], env=os.environ | {"PATH": path}, check=True)
    assert (tmp_path / "log").read_text().splitlines() == [
        "test",
        "test-what-if",
        "test-browser",
        "test-processors ARGS=oldest",
    ]
