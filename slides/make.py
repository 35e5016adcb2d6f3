"""Slides of a lesson, as one HTML file that needs no network, and as a PDF.

    python slides/make.py 07              # slides/made/07_interactions.html
    python slides/make.py 07 --pdf        # and 07_interactions.pdf, through Chromium
    python slides/make.py all

In the browser: arrows turn the slides, S opens the speaker's notes, Esc shows all slides, F is full screen.
"""

import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbconvert.filters import markdown2html, strip_ansi

sys.path.insert(0, str(Path(__file__).resolve().parent))
from pick import slides_of, spoken

from helpers.course import LESSONS

FOLDER = Path(__file__).resolve().parent
NOTEBOOKS = FOLDER.parent / "notebooks"
REVEAL = FOLDER / "vendor" / "reveal"
MADE = FOLDER / "made"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONG = 300  # characters of a text that takes smaller letters
WIDE = 70  # and of a line of code
OPTIONS = {
    "width": 1280,
    "height": 720,
    "margin": 0,
    "center": False,
    "controls": False,
    "hash": True,
    "transition": "none",
    "slideNumber": "c/t",
}


class Refusal(Exception):
    """Slides that cannot be made, for a reason that whoever asked can mend."""


def lesson_of(number):
    """The lesson so numbered.

    Parameters
    ----------
    number : str
        ``7`` or ``07``.

    Raises
    ------
    Refusal
    """
    for lesson in LESSONS[1:]:
        if number.isdecimal() and int(number) == lesson.number:
            return lesson
    raise Refusal(f"LESSON is one of 01 to {LESSONS[-1].number:02d}; found {number!r}.")


def page_of(notebook, lesson, *, for_print=False):
    """The slides of a notebook as one HTML page.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    lesson : helpers.course.Lesson
    for_print : bool
        Whether to put them below each other, a sheet each, without reveal.js: what a browser prints before a script has
        run depends on how busy the machine is.

    Returns
    -------
    str
    """
    slides = slides_of(notebook)
    total = sum(slide.minutes for slide in slides)
    slides[0].headline = lesson.heading
    slides[0].notes.insert(0, f"{len(slides)} slides, about {total:.0f} minutes.")
    sheet = FOLDER / ("sheets.css" if for_print else "vendor/reveal/reveal.css")
    styles = [REVEAL / "reset.css", sheet, FOLDER / "theme.css"]
    start = f"Reveal.initialize({{...{json.dumps(OPTIONS)}, plugins: [RevealNotes]}});"
    scripts = [] if for_print else [_read(REVEAL / "reveal.js"), _read(REVEAL / "notes.js"), start]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{html.escape(lesson.heading)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            *(f"<style>\n{_read(path)}\n</style>" for path in styles),
            '</head><body><div class="reveal"><div class="slides">',
            *map(section_of, slides),
            "</div></div>",
            *(f"<script>\n{script.replace('</script', '<\\/script')}\n</script>" for script in scripts),
            "</body></html>\n",
        ]
    )


def section_of(slide):
    """One slide as reveal.js reads it, its notes with the minutes first."""
    level = "h1" if slide.kind == "title" else "h2"
    size = " long" if len(spoken(slide.text)) > LONG else ""
    size += " wide" if max(map(len, slide.code.splitlines()), default=0) > WIDE else ""
    parts = [f"<{level}>{_line(slide.headline)}</{level}>"]
    if slide.kind == "figure":
        parts += [f'<div class="picture">{slide.picture}</div>', _text(slide.text)]
    elif slide.kind == "call":
        code = html.escape(slide.code)
        parts += [_text(slide.text), f'<pre class="code">{code}</pre>', f'<div class="result">{slide.picture}</div>']
    else:
        parts.append(_text(slide.text))
    minutes = f"<p><b>{slide.minutes:g} min</b></p>"
    notes = minutes + "".join(as_html(note) for note in slide.notes)
    return (
        f'<section><div class="slide {slide.kind}{size}">{"".join(parts)}</div>'
        f'<aside class="notes">{notes}</aside></section>'
    )


def _text(markdown):
    return f'<div class="text">{as_html(markdown)}</div>' if markdown else ""


def _line(markdown):
    """A headline: marks within it, no paragraph around it."""
    return as_html(markdown).strip().removeprefix("<p>").removesuffix("</p>")


def as_html(markdown):
    """Markdown as HTML. Links within the course lead nowhere from a slide: their words stay."""
    page = str(markdown2html(strip_ansi(markdown)))
    return re.sub(r'<a href="(?!https?://)[^"]*">(.*?)</a>', r"\1", page, flags=re.DOTALL)


def _read(path):
    return path.read_text(encoding="utf-8")


def make(lesson, folder=MADE, *, pdf=False):
    """Write the slides of a lesson; return the file, and that of the PDF, if it is wanted."""
    notebook = nbformat.read(NOTEBOOKS / lesson.file, as_version=4)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{lesson.name}.html"
    target.write_text(page_of(notebook, lesson), encoding="utf-8")
    if not pdf:
        return [target]
    return [target, print_page(page_of(notebook, lesson, for_print=True), target.with_suffix(".pdf"))]


def print_page(page, target):
    """Print a page of slides through Chromium; return the PDF.

    Raises
    ------
    Refusal
        No Chromium here, or it wrote nothing.
    """
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise Refusal("A PDF takes Chromium or Chrome: install one, or say CHROMIUM=/path/to/it.")
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        sheets = Path(folder) / "sheets.html"
        sheets.write_text(page, encoding="utf-8")
        options = ["--headless=new", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/profile"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")  # it refuses to run as root, which is who one is in most containers
        command = [browser, *options, f"--print-to-pdf={target}", sheets.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if not target.exists():
        raise Refusal(f"{browser} wrote no PDF:\n{done.stderr.strip()[-500:]}")
    return target


def main(arguments=None):
    """Make what the command line names."""
    parser = argparse.ArgumentParser(description="Make slides of a lesson.")
    parser.add_argument("lesson", help="its number, such as 07; or all")
    parser.add_argument("--pdf", action="store_true", help="print them as well, through Chromium")
    options = parser.parse_args(arguments)
    try:
        for lesson in LESSONS[1:] if options.lesson == "all" else [lesson_of(options.lesson)]:
            for file in make(lesson, pdf=options.pdf):
                print(f"{file.relative_to(FOLDER.parent)} ({file.stat().st_size / 1000:.0f} kB)")
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
