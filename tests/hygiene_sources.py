"""Checks that each notebook is what build.py makes from its source."""

import importlib.util
import os
import subprocess
import sys
from functools import cache
from itertools import zip_longest
from pathlib import PurePosixPath

from hygiene_reading import FOLDERS, ROOT, collection_check, notebooks, read, source_of

from helpers.course import APPENDIX, LESSONS
from helpers.report.options import TEMPLATES


@cache
def build():
    """Import notebooks/build.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("notebooks_build", ROOT / "notebooks" / "build.py")
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def source_drift(notebook_path, source_path):
    """List where the notebook differs from what its source gives; the outputs are nbval's to compare."""
    stored, wanted = read(notebook_path), build().notebook_from_source(source_path)
    remedy = f"edit {source_path.name} and rebuild"
    problems = []
    if stored.metadata != wanted.metadata:
        problems.append(f"{notebook_path.name}: notebook metadata differ from the source's; {remedy}")
    for number, (have, want) in enumerate(zip_longest(stored.cells, wanted.cells, fillvalue={}), 1):
        fields = [key for key in ("cell_type", "source", "metadata", "id") if have.get(key) != want.get(key)]
        if fields:
            label = f"cell {number} ({have.get('id', 'missing')})"
            problems.append(f"{notebook_path.name}, {label}: {', '.join(fields)} not as in the source; {remedy}")
    return problems


@collection_check
def drifted(root):
    for path in notebooks(root):
        yield from source_drift(path, source_of(path))


@collection_check
def unpaired(root):
    folder = root / "notebooks"
    sources = names(folder / "source", ".py")
    built = names(folder, ".ipynb")
    # Other notebooks without a source are the reader's own: copies made to keep the answers, drafts.
    lessons = {lesson.name for lesson in (*LESSONS, *APPENDIX)}
    ours = tracked_notebooks(root) | lessons | {f"templates/{name}" for name in TEMPLATES}
    yield from (f"source/{stem}.py: has no notebook; build and commit it" for stem in sorted(sources - built))
    for stem in sorted(ours & built - sources):
        yield f"{stem}.ipynb: has no source; write it or delete the notebook"


def names(folder, suffix):
    """``NAME`` of each lesson in a folder, ``templates/NAME`` of each template, ``solutions/NAME`` of each solution."""
    found = [*folder.glob(f"*{suffix}"), *(path for name in FOLDERS for path in folder.glob(f"{name}/*{suffix}"))]
    return {path.relative_to(folder).with_suffix("").as_posix() for path in found}


def tracked_notebooks(root):
    """The notebooks that git keeps; none where there is no git or no repository, as in a downloaded archive."""
    # Inside a git hook these variables name another repository's files.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", root, "ls-files", "-z", "notebooks/*.ipynb"]
    try:
        run = subprocess.run(command, env=environment, capture_output=True, text=True)
    except OSError:
        return set()
    tracked = (PurePosixPath(name).relative_to("notebooks") for name in run.stdout.split("\0") if name)
    return {
        name.with_suffix("").as_posix()
        for name in tracked
        if name.parts[:-1] in ((), *((folder,) for folder in FOLDERS))
    }
