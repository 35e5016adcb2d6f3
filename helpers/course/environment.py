"""Does this kernel have what the course needs? In words, for the first cell a reader runs."""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
NAME_AND_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)")
REMEDY = (
    "Close JupyterLab, type `make lab` in the project's folder, and open this page again.\n"
    "With conda: `conda env update --file environment.yml`, then start JupyterLab from that environment."
)


def report():
    """Print what is missing or differs from the pins, and what to do about it."""
    print("\n".join(_sentences()))


def problems(python=sys.version_info, installed=None):
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


def direct_pins():
    """Name -> pinned version of the packages that lessons and helpers call by name (not those they bring along).

    Without those that some machines have no wheel of: what needs one says so itself.
    """
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["course"]]
    wanted = [requirement for requirement in wanted if ";" not in requirement]
    names = {_normal(re.split(r"[\[<>=!~ ;]", requirement, maxsplit=1)[0]) for requirement in wanted}
    return {name: version for name, version in pins() if name in names}


def pins():
    """(name, version) of every pinned package, from ``requirements.txt``."""
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [(_normal(m["name"]), m["version"]) for line in lines if (m := NAME_AND_PIN.match(line))]


def _sentences():
    version = ".".join(map(str, sys.version_info[:3]))
    found = problems()
    if not found:
        return [f"Python {version}: new enough.", f"All {len(direct_pins())} packages of the course are here. Read on."]
    return [*found, "", REMEDY]


def _installed(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
