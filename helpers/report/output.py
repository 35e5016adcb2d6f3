"""Where tables and figures go: CSV, SVG and PNG under names that are the same at every run."""

import base64
import io
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

DPI = 200  # of the PNG: enough for a slide; the SVG is for print
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Picture:
    """A figure as a notebook shows it, whatever draws figures there."""

    name: str
    png: bytes

    def __repr__(self):
        """Return the figure's name."""
        return f"<Figure {self.name}>"

    def _repr_png_(self):
        return base64.b64encode(self.png).decode()


class Output:
    """A folder for tables and figures; without one, they are shown and not saved.

    Parameters
    ----------
    folder : str or pathlib.Path
        An empty text saves nothing, which is how a template runs in JupyterLab unless told otherwise.
    """

    def __init__(self, folder=""):
        self.folder = Path(folder) if folder else None

    def table(self, name, table, *, index=False):
        """Save a table as ``tables/NAME.csv`` and return it, to be shown.

        Parameters
        ----------
        name : str
        table : pandas.DataFrame
        index : bool
            Whether the index holds labels that belong into the file.

        Returns
        -------
        pandas.DataFrame
        """
        if self.folder:
            pd.DataFrame(table).to_csv(self._path("tables", name, ".csv"), index=index, lineterminator="\n")
        return table

    def figure(self, name, figure):
        """Save a figure as ``figures/NAME.svg`` and ``.png``, close it, and return it as a picture, to be shown.

        Parameters
        ----------
        name : str
        figure : matplotlib.figure.Figure

        Returns
        -------
        Picture
        """
        if self.folder:
            figure.savefig(self._path("figures", name, ".svg"), metadata={"Date": None})
            figure.savefig(self._path("figures", name, ".png"), dpi=DPI, metadata={"Software": None})
        shown = io.BytesIO()
        figure.savefig(shown, format="png", bbox_inches="tight", metadata={"Software": None})
        plt.close(figure)
        return Picture(name, shown.getvalue())

    def text(self, name, text):
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


def installed_versions():
    """Name and version of every installed package, one per line as pip writes them."""
    found = {dist.metadata["Name"]: dist.version for dist in metadata.distributions() if dist.metadata["Name"]}
    return "\n".join(f"{name}=={version}" for name, version in sorted(found.items(), key=lambda item: item[0].lower()))
