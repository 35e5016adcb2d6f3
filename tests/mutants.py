"""Small faults planted in the numerical modules, one at a time: which of them do the tests let live?

    python tests/mutants.py              # all of them; about a quarter of an hour
    python tests/mutants.py satterth     # those whose description holds the word

A fault that no test notices shows a test that is missing, or a line that is not needed. The faults stand in
mutants.toml: each replaces a text that stands in exactly one place of `helpers/`, wherever that is today. A text that
is gone is an error, so that the list keeps up with the code. The result, with the reason for each survivor, stands in
tests/README.md.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEEDED = ("helpers", "tests", "data", "benchmarks", "notebooks", "pyproject.toml")


@dataclass(frozen=True)
class Mutant:
    """A fault: what it does, the text it replaces, and the test files that should notice."""

    name: str
    old: str
    new: str
    tests: list


def listed():
    """The faults of mutants.toml."""
    return [Mutant(**entry) for entry in tomllib.loads((ROOT / "tests" / "mutants.toml").read_text("utf-8"))["mutant"]]


def home(mutant):
    """The one file that holds the snippet; of an exercise's tolerance, which recurs, the first."""
    found = [path for path in sorted((ROOT / "helpers").rglob("*.py")) if mutant.old in path.read_text("utf-8")]
    places = sum(path.read_text("utf-8").count(mutant.old) for path in found)
    if not found or (places != 1 and "tolerance" not in mutant.name):
        raise SystemExit(f"'{mutant.name}': its text stands in {places} places of helpers/, not in one: {mutant.old!r}")
    return found[0].relative_to(ROOT)


def survives(mutant, folder):
    """Whether the tests pass with the fault in place."""
    path = folder / home(mutant)
    sound = path.read_text("utf-8")
    path.write_text(sound.replace(mutant.old, mutant.new, 1), "utf-8")
    files = [f"tests/{name}.py" for name in mutant.tests]
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:nbval", "-o", "addopts=", *files]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    finally:
        path.write_text(sound, "utf-8")
    if done.returncode not in (0, 1):
        raise SystemExit(f"'{mutant.name}': pytest could not run.\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0


def main(word=""):
    """Plant every fault whose name holds `word`; print which survive."""
    chosen = [mutant for mutant in listed() if word.lower() in mutant.name.lower()]
    for mutant in chosen:
        home(mutant)  # all of them must have a place before an hour is spent
    lived = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in NEEDED:
            source = ROOT / part
            shutil.copytree(source, folder / part) if source.is_dir() else shutil.copy(source, folder)
        for mutant in chosen:
            if survives(mutant, folder):
                lived.append(mutant.name)
            print(f"{'SURVIVED' if mutant.name in lived else 'killed  '}  {mutant.name}", flush=True)
    print(f"{len(chosen)} faults planted, {len(chosen) - len(lived)} noticed, {len(lived)} not: {lived or 'none'}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
