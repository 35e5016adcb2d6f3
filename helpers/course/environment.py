"""Does this kernel have what the course needs? In words, for the first cell a reader runs."""

import re
import sys
import tomllib
from collections.abc import Callable
from importlib import metadata
from itertools import chain
from pathlib import Path

from helpers.course.places import repository

EXTRAS = ("form", "parquet", "plots", "report")  # what the Makefile installs for a reader
NAME_AND_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)")
REMEDY = (
    "Close JupyterLab, type `make lab` in the project's folder, and open this page again.\n"
    "With conda: `conda env update --file environment.yml`, then start JupyterLab from that environment."
)

NO_COURSE = (
    "This `helpers` was installed from a wheel. It brings the tables and the templates, but neither the lessons nor "
    "the list of package versions that they were run with. Get the folder of the course, From correlation to "
    "contrasts, and type `make lab` in it."
)


def report() -> None:
    """Print what is missing or differs from the pins, and what to do about it."""
    print("\n".join(_sentences()))


def problems(
    python: tuple[int, ...] = tuple(sys.version_info[:3]), installed: Callable[[str], str | None] | None = None
) -> list[str]:
    """What stands between this kernel and the course, a sentence each; an empty list where all is well.

    Parameters
    ----------
    python : tuple
        Version of the running interpreter.
    installed : callable, optional
        Name of a package -> its version, or None where it is missing. By default what is installed here.

    Returns
    -------
    list of str

    Raises
    ------
    FileNotFoundError
        `helpers` was installed from a wheel, which brings neither lessons nor pins.
    """
    installed = installed or _installed
    found = []
    if tuple(python[:2]) < (3, 12):
        found.append(f"Python {python[0]}.{python[1]} is too old: the course needs 3.12 or newer.")
    for name, pinned in direct_pins().items():
        version = installed(name)
        if version is None:
            found.append(f"{name} is missing (the course uses version {pinned}).")
        elif version != pinned:
            found.append(f"{name} is version {version}; the course was run with {pinned}, and numbers may differ.")
    return found


def direct_pins() -> dict[str, str]:
    """Name -> pinned version of the packages that lessons and helpers call by name (not those they bring along).

    Without those that some machines have no wheel of: what needs one says so itself.
    """
    settings = tomllib.loads((_course() / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = settings["project"], settings["dependency-groups"]
    called = [project["dependencies"], groups["course"], *(project["optional-dependencies"][name] for name in EXTRAS)]
    wanted = [
        each for each in chain(*called) if isinstance(each, str) and ";" not in each
    ]  # not a group within a group
    names = {_normal(re.split(r"[\[<>=!~ ;]", requirement, maxsplit=1)[0]) for requirement in wanted}
    return {name: version for name, version in pins() if name in names}


def pins() -> list[tuple[str, str]]:
    """(name, version) of every pinned package, from ``requirements.txt``."""
    lines = (_course() / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [(_normal(m["name"]), m["version"]) for line in lines if (m := NAME_AND_PIN.match(line))]


def _course() -> Path:
    if (folder := repository()) is None:
        raise FileNotFoundError(NO_COURSE)
    return folder


def _sentences() -> list[str]:
    version = ".".join(map(str, sys.version_info[:3]))
    try:
        found = problems()
    except FileNotFoundError as error:
        return [str(error)]
    if not found:
        return [f"Python {version}: new enough.", f"All {len(direct_pins())} packages of the course are here. Read on."]
    return [*found, "", REMEDY]


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
