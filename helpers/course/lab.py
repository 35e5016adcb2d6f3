"""JupyterLab as a reader needs it: the course's own pages at hand, no news, no network, and nothing else in the way.

All of it stands on the command line, so nothing is written outside the course's folder, and whatever else uses
JupyterLab on this machine stays as it is.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from helpers.course.lessons import LESSONS
from helpers.course.own_copy import FOLDER

SETTINGS = Path(__file__).with_name("jupyterlab")  # overrides.json and page_config.json
# What the course keeps in its folder and a reader has no use for. What a reader puts there is always shown.
BEHIND_THE_SCENES = (
    ".ci",
    ".github",
    ".gitignore",
    ".python-version",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "Makefile",
    "benchmarks",
    "book",
    "environment.yml",
    "helpers",
    "images",
    "notebooks",
    "pyproject.toml",
    "requirements.txt",
    "slides",
    "tests",
)


def as_root() -> list[str]:
    """The option without which Jupyter does not start for who one is in a container."""
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def quiet() -> list[str]:
    """The options that keep JupyterLab from asking the network and from taking a page for a notebook."""
    return [
        *as_root(),
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LanguageServerManager.autodetect=False",  # else it asks npm, where there is one, what it knows
        "--ServerApp.jpserver_extensions=jupyterlab_jupytext=False",  # an author has it: it takes a page for a notebook
    ]


def options(root: Path, given: Sequence[str] = ()) -> list[str]:
    """What JupyterLab is started with.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder: the root of the file browser, so that `../data` is found from a lesson.
    given : sequence of str
        Further options; where one is said twice, JupyterLab takes the later, so these win.

    Returns
    -------
    list of str
    """
    return [
        *quiet(),
        f"--ServerApp.root_dir={root}",
        # An address, not the file as an argument: Jupyter would then serve its folder only, and links to data/ be dead.
        f"--LabApp.default_url=/lab/tree/{FOLDER}/{LESSONS[0].file}",
        "--ServerApp.contents_manager_class=helpers.course.file_browser.CourseFiles",
        f"--LabApp.app_settings_dir={SETTINGS}",
        f"--LabApp.workspaces_dir={root / FOLDER / '.course' / 'workspaces'}",  # which tabs are open
        *given,
    ]


def start(root: Path, given: Sequence[str] = ()) -> None:
    """Open the course in JupyterLab, until the reader ends it."""
    import matplotlib.font_manager  # noqa: F401 (looks for fonts now; the first figure would say so in red)
    from jupyterlab.labapp import LabApp  # both take seconds that nothing else here should wait for

    os.chdir(root)
    LabApp.launch_instance(options(root, given))
