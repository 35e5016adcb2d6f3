"""Pictures that a reader turns with a slider: drawn when the cell runs, so neither kernel nor network is needed then.

Where scripts are held back, as in a notebook that JupyterLab does not trust yet, the last picture stands alone, and the
others are folded below it.
"""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterable
from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from helpers.course import alt_text

DPI, COLOURS = 90, 48  # of a picture: flat colours, so that a dozen of them weigh little
SCRIPT = """
document.querySelectorAll("div.turned-by-slider").forEach((box) => {
  const still = box.querySelector("img"), folded = box.querySelector("details");
  if (!folded) return;
  const frames = [...folded.querySelectorAll("img"), still].map((one) => ({ src: one.src, alt: one.alt }));
  const { label, values } = JSON.parse(box.dataset.slider);
  const line = document.createElement("label"), slider = document.createElement("input");
  const shown = document.createElement("output");
  Object.assign(slider, { type: "range", min: 0, max: frames.length - 1, step: 1 });
  slider.style.cssText = "width: 60%; vertical-align: middle; margin: 0 0.8em";
  const turn = () => {
    Object.assign(still, frames[slider.value]);
    shown.textContent = values[slider.value];
    slider.setAttribute("aria-valuetext", `${label}: ${values[slider.value]}. ${still.alt}`);
  };
  line.append(`${label} `, slider, shown);
  slider.value = 0;
  slider.addEventListener("input", turn);
  turn();
  folded.replaceWith(line);
});
"""


class Frame(NamedTuple):
    """One picture: what the slider says there, the figure, and a sentence that is true of this picture."""

    value: str
    figure: Figure
    words: str


class Slider:
    """Pictures that a slider turns, as a cell shows them.

    Parameters
    ----------
    frames : iterable of Frame
        Each figure is drawn and closed. They are of one size, so that nothing jumps.
    label : str
        What the slider changes.

    Raises
    ------
    ValueError
        Fewer than two frames, or figures of several sizes.
    """

    def __init__(self, frames: Iterable[Frame], *, label: str):
        self.label = label
        drawn = [(frame.value, _small_png(frame.figure), frame.words) for frame in frames]
        if len(drawn) < 2:
            raise ValueError(f"A slider turns two pictures or more; found {len(drawn)}.")
        sizes = sorted({size for _, (_, size), _ in drawn})
        if len(sizes) > 1:
            found = " and ".join(f"{width} × {height}" for width, height in sizes)
            raise ValueError(f"Pictures of a slider are of one size; found {found} pixels. Give each the same figsize.")
        self.stops = [value for value, _, _ in drawn]
        self.pictures = [png for _, (png, _), _ in drawn]
        self.words = [words for _, _, words in drawn]

    def __repr__(self):
        """Return what the slider changes, and between what."""
        return f"<Slider {self.label}: {self.stops[0]} to {self.stops[-1]}, {len(self.stops)} pictures>"

    def _repr_html_(self):
        about = f"{alt_text.of_running_cell()} {self.words[-1]}".strip()
        pictures = [alt_text.as_html(*pair) for pair in zip(self.pictures, [*self.words[:-1], about], strict=True)]
        data = html.escape(json.dumps({"label": self.label, "values": self.stops}, ensure_ascii=False))
        name = f"{html.escape(self.label)}: the other pictures"
        folded = f"<details><summary>{name}</summary>{''.join(pictures[:-1])}</details>"
        box = f'<div class="turned-by-slider" data-slider="{data}">{pictures[-1]}{folded}</div>'
        return f"{box}<script>{SCRIPT}</script>"


def _small_png(figure):
    """Bytes and size of the figure as a PNG of few colours."""
    file, small = io.BytesIO(), io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI)
    plt.close(figure)
    with Image.open(file) as picture:
        size = picture.size
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue(), size
