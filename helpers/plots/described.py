"""Figures that bring their alt text along: in JupyterLab, in HTML made of a notebook, and in a picture file."""

import io
import sys
from typing import Any

from matplotlib.figure import Figure

from helpers.course import alt_text

NO_PROGRAM = {"Software": None}  # matplotlib's version would change the file, and tells a reader nothing


def own_words(figure: Figure) -> str:
    """What a figure says about itself: its titles, and the names of its axes.

    True whatever data it shows, so it stands for a figure that nobody has described.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    str
    """
    titles = [figure.get_suptitle(), *(ax.get_title(loc) for ax in figure.axes for loc in ("left", "center", "right"))]
    across = [ax.get_xlabel() for ax in figure.axes]
    up = [ax.get_ylabel() for ax in figure.axes]
    parts = [("Figure", titles), ("Across", across), ("Up", up)]
    return " ".join(f"{name}: {'; '.join(found)}." for name, texts in parts if (found := _once(texts)))


def _once(texts):
    """Each text that is not blank, in one line, the first time it comes."""
    return list(dict.fromkeys(" ".join(text.split()).rstrip(".") for text in texts if text.strip()))


def words_for(figure: Figure) -> str:
    """The alt text of a figure: that of the running cell, or what the figure says about itself.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    str
    """
    return alt_text.of_running_cell() or own_words(figure) or "A figure without title and names of axes."


def as_png(figure: Figure, words: str, **options: Any) -> bytes:
    """The figure as the bytes of a PNG file whose *Description* are these words.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    words : str
    **options
        For matplotlib's ``savefig``.

    Returns
    -------
    bytes
    """
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata=NO_PROGRAM | {"Description": words}, **options)
    return file.getvalue()


def show_with_alt_text() -> None:
    """From now on, show figures of this notebook with their alt text; outside a notebook, nothing changes.

    It takes the place of the inline backend's picture, which has none.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.display_formatter.ipython_display_formatter.for_type(Figure, _show)


def _show(figure):
    from IPython.display import display

    words = words_for(figure)
    picture = as_png(figure, words, dpi=figure.dpi, bbox_inches="tight", facecolor=figure.get_facecolor())
    data = {"text/html": alt_text.as_html(picture, words), "text/plain": repr(figure)}
    display(data, raw=True)
