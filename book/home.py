"""The first page, with the map of the course, and the README's parts that are no part of it."""

import html
import re

from helpers.course import APPENDIX, LESSONS, PARTS

WITHOUT = ("The map",)  # parts of the README that the first page takes the place of


def readme(text):
    """The README as a page on installing and using: without its title, picture and map."""
    _, *parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    kept = [(title, body) for title, body in zip(parts[::2], parts[1::2], strict=True) if title not in WITHOUT]
    return "# Install it, use it\n" + "".join(f"\n## {title}{body}" for title, body in kept)


def index(text, readme):
    """The first page: what stands in its file, with the README's picture and the cards of the lessons."""
    return text.replace("PICTURE", picture(readme)).replace("MAP", cards()).replace("TREE", trees())


def picture(readme):
    """The picture with which the README opens, and the words beneath it."""
    return re.search(r"^!\[.*?\)\n\n\*.+?\*$", readme, re.MULTILINE | re.DOTALL)[0]


def cards():
    """A card for each lesson, part by part."""
    parts = [*PARTS, ("For the analyst", APPENDIX)]
    return "\n".join(
        f'<h3>{html.escape(part)}</h3>\n<ol class="cards">\n' + "\n".join(map(card, lessons)) + "\n</ol>"
        for part, lessons in parts
    )


def card(lesson):
    """One lesson: its number, title and question, all of it a link."""
    number = lesson.name.partition("_")[0]
    return (
        f'<li><a href="notebooks/{lesson.name}.html"><span class="number">{number}</span>'
        f'<span class="title">{html.escape(lesson.title)}</span>'
        f'<span class="question">{html.escape(lesson.question)}</span></a></li>'
    )


def trees():
    """The table of contents: a part, its lessons."""
    parts = [("Begin", LESSONS[:1]), *PARTS, ("For the analyst", APPENDIX)]
    return "\n\n".join(tree(part, [f"notebooks/{lesson.name}" for lesson in lessons]) for part, lessons in parts)


def tree(caption, pages):
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```"
