"""What a lesson asks of its reader and of a computer, and the versions that the book's numbers were made with."""

import csv
import re
import sys
import tomllib

from book import HERE, ROOT

sys.path.append(str(ROOT / "tests"))
from lesson_budget import budget

SECONDS = HERE / "seconds.csv"  # written by `python -m book.seconds`


def page(notebooks):
    """The page, from the lessons' notebooks.

    Parameters
    ----------
    notebooks : dict of Lesson to NotebookNode
    """
    seconds = measured()
    rows = [
        "# Status\n",
        "What a lesson takes: minutes of a reader, counted from its words, cells, figures and exercises, and seconds of"
        " a processor that runs all its cells once (one thread; the start of Python and its packages included).\n",
        "| lesson | minutes | words | figures | exercises | CPU seconds |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for lesson, notebook in notebooks.items():
        counted = budget(notebook)
        rows.append(
            f"| [{lesson.heading}](notebooks/{lesson.file}) | {counted.minutes:.0f} | {counted.words:,} |"
            f" {counted.figures} | {counted.exercises} | {seconds[lesson.name]:.0f} |"
        )
    rows += ["\n## Versions\n", VERSIONS.format(version=version(), python=python()), "| package | version |"]
    rows += ["| --- | --- |", *(f"| {name} | {pin} |" for name, pin in pins().items())]
    return "\n".join(rows) + "\n"


VERSIONS = """This is version {version} of the course. Its lessons were run by Python {python} with the packages that
`requirements.txt` pins; those that `helpers` imports are:
"""


def measured():
    """Lesson -> seconds, as they were measured."""
    with SECONDS.open(encoding="utf-8") as lines:
        return {row["lesson"]: float(row["seconds"]) for row in csv.DictReader(lines)}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def version():
    return project()["version"]


def python():
    return (ROOT / ".python-version").read_text(encoding="utf-8").strip()


def pins():
    """The pinned versions of what `helpers` itself needs."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(re.match(r"([\w.-]+)==([^ ;]+)", line).groups() for line in lines if "==" in line)
    wanted = [re.match(r"[\w.-]+", need)[0].lower() for need in project()["dependencies"]]
    return {name: pinned[name] for name in sorted(wanted)}
