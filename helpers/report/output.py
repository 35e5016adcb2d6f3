"""Where tables and figures go: CSV, SVG and PNG under names that are the same at every run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.course import alt_text
from helpers.plots.described import NO_PROGRAM, as_png, own_words

if TYPE_CHECKING:
    from helpers.report.phrases import Words

DPI = 200  # of the PNG: enough for a slide; the SVG is for print
PRINTED = 300  # of the PNG for a paper
COLUMNS = (85, 180)  # mm: one and two columns of a journal
TRUETYPE = 42  # letters of a PDF that an editor of drawings takes for letters
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Picture:
    """A figure as a notebook shows it, whatever draws figures there: with the words that stand for it."""

    name: str
    png: bytes
    words: str

    def __repr__(self):
        """Return the figure's name."""
        return f"<Figure {self.name}>"

    def _repr_html_(self):
        return alt_text.as_html(self.png, self.words)


class Output:
    """A folder for tables and figures; without one, they are shown and not saved.

    Parameters
    ----------
    folder : str or pathlib.Path
        An empty text saves nothing, which is how a template runs in JupyterLab unless told otherwise.
    """

    def __init__(self, folder: str | Path = ""):
        self.folder = Path(folder) if folder else None

    def table(self, name: str, table: pd.DataFrame | None, *, index: bool = False) -> pd.DataFrame | None:
        """Save a table as ``tables/NAME.csv`` and return it, to be shown.

        Parameters
        ----------
        name : str
        table : pandas.DataFrame or None
            None where this report has no such table: nothing is saved or shown.
        index : bool
            Whether the index holds labels that belong into the file.

        Returns
        -------
        pandas.DataFrame or None
        """
        if self.folder and table is not None:
            pd.DataFrame(table).to_csv(self._path("tables", name, ".csv"), index=index, lineterminator="\n")
        return table

    def figure(self, name: str, figure: Figure | None) -> Picture | None:
        """Save a figure as ``figures/NAME.svg`` and ``.png``, close it, and return it as a picture, to be shown.

        Each holds its description: what the template's cell says of it, then its own titles and names of axes.

        Parameters
        ----------
        name : str
        figure : matplotlib.figure.Figure or None
            None where this report has no such figure: nothing is saved or shown.

        Returns
        -------
        Picture or None
        """
        if figure is None:
            return None
        words = f"{alt_text.of_running_cell()} {own_words(figure)}".strip()
        if self.folder:
            described = {"Title": name, "Description": words}
            figure.savefig(self._path("figures", name, ".svg"), metadata={"Date": None} | described)
            figure.savefig(self._path("figures", name, ".png"), dpi=DPI, metadata=NO_PROGRAM | described)
        shown = as_png(figure, words, bbox_inches="tight")
        plt.close(figure)
        return Picture(name, shown, words)

    def for_paper(self, name: str, draw: Callable[[float], Figure]) -> Picture:
        """Save a figure as wide as one and as two columns of a journal: ``figures/NAME_85mm`` and ``NAME_180mm``.

        Each is saved as SVG and PDF, in which letters stay letters, and as PNG. None is cropped: its width is the one
        that is named.

        Parameters
        ----------
        name : str
        draw : callable
            From a width in millimetres to the figure.

        Returns
        -------
        Picture
            The widest, to be shown.
        """
        for width in COLUMNS:
            figure = draw(width)
            words = f"{alt_text.of_running_cell()} {own_words(figure)}".strip()
            with mpl.rc_context({"savefig.bbox": "standard", "pdf.fonttype": TRUETYPE}):
                if self.folder:
                    titled = {"Title": name}
                    path = self._path("figures", f"{name}_{width}mm", "")
                    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None, "Description": words} | titled)
                    figure.savefig(path.with_suffix(".pdf"), metadata={"CreationDate": None, "Subject": words} | titled)
                    described = NO_PROGRAM | {"Description": words} | titled
                    figure.savefig(path.with_suffix(".png"), dpi=PRINTED, metadata=described)
                if width == max(COLUMNS):
                    shown = as_png(figure, words, dpi=DPI)
            plt.close(figure)
        return Picture(name, shown, words)

    def text(self, name: str, text: Words) -> Words:
        """Save a text as ``NAME.txt`` and return it, to be shown."""
        if self.folder:
            self._path(".", name, ".txt").write_text(f"{text}\n", encoding="utf-8")
        return text

    def _path(self, kind, name, suffix):
        if not NAME.fullmatch(name):
            raise ValueError(f"A name is small letters, digits and underscores; found {name!r}.")
        folder = self.folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}{suffix}"


def installed_versions() -> str:
    """Name and version of every installed package, one per line as pip writes them."""
    found = {dist.metadata["Name"]: dist.version for dist in metadata.distributions() if dist.metadata["Name"]}
    return "\n".join(f"{name}=={version}" for name, version in sorted(found.items(), key=lambda item: item[0].lower()))
