"""A picture with the words that stand for it, as a cell shows it: what JupyterLab, nbconvert and the book all keep.

JupyterLab gives an `image/png` no alt text, whatever its metadata say. An `<img>` within `text/html` keeps it there, in
a notebook that is not trusted, too. The words are those of the cell's metadata, which JupyterLab sends to the kernel
with the cell, and `notebooks/build.py` and the reports likewise.
"""

import base64
import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PLACE = ("mystnb", "image", "alt")  # in the metadata of a cell
_RUNNING: ContextVar[dict | None] = ContextVar("metadata of the running cell, where no kernel runs it", default=None)


def of_metadata(metadata: object) -> str:
    """The alt text that a cell's metadata hold; blank when there is none, or the metadata are of another shape.

    Parameters
    ----------
    metadata : dict

    Returns
    -------
    str
    """
    node = metadata
    for key in PLACE:
        node = node.get(key) if isinstance(node, dict) else None
    return node.strip() if isinstance(node, str) else ""


def of_running_cell() -> str:
    """The alt text of the cell that is running; blank when it has none, or nobody told this process.

    Returns
    -------
    str
    """
    metadata = _RUNNING.get()
    return of_metadata(_sent_to_kernel() if metadata is None else metadata)


@contextmanager
def running(metadata: dict) -> Iterator[None]:
    """Say that a cell with these metadata runs, where this process is its own kernel.

    Parameters
    ----------
    metadata : dict
    """
    token = _RUNNING.set(metadata)
    try:
        yield
    finally:
        _RUNNING.reset(token)


def as_html(png: bytes, words: str) -> str:
    """A picture with its alt text, in one tag that holds all of it.

    Parameters
    ----------
    png : bytes
        The file.
    words : str

    Returns
    -------
    str
    """
    data = base64.b64encode(png).decode("ascii")
    return f'<img alt="{html.escape(words)}" src="data:image/png;base64,{data}">'


def _sent_to_kernel():
    """What came with the request to run this cell; nothing, outside Jupyter."""
    shell = _shell()
    request = shell.get_parent() if hasattr(shell, "get_parent") else None
    return request.get("metadata") if isinstance(request, dict) else None


def _shell():
    ipython = sys.modules.get("IPython")  # where it isn't imported yet, nothing runs in it
    return ipython.get_ipython() if ipython else None
