"""Keep pytest from running the notebooks that are the reader's own: copies with their answers, drafts."""

import os
from pathlib import Path

# On a slow machine a progress bar would appear among the outputs that are compared. Kernels inherit this.
os.environ["TQDM_DISABLE"] = "1"

SOURCES = Path(__file__).parent / "source"


def pytest_ignore_collect(collection_path):
    """Leave out a notebook without a source; one that the command line names is run all the same."""
    if collection_path.suffix == ".ipynb":
        name = collection_path.relative_to(SOURCES.parent).with_suffix(".py")
        return True if not (SOURCES / name).exists() else None
    return None  # for pytest to decide
