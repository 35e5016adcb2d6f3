"""Names that the theme's pages lack, or give wrongly, to whoever hears a page instead of seeing it.

What axe calls serious: a part whose label says something else than its text, and a switch without a name.
"""

import re

# What a folded cell shows is its name; the theme calls all of them the same.
FOLDED = re.compile(r'<summary aria-label="Toggle hidden content">')
# The search's button shows its keys, too.
SEARCH = re.compile(r'(<button class="btn search-button-field[^>]*?) aria-label="Search"')
# The arrows of the table of contents show a picture only.
ARROW = re.compile(r'<summary>(?=<span class="toctree-toggle")')


def mended(page):
    """The HTML of a page, its parts named."""
    page = FOLDED.sub("<summary>", page)
    page = SEARCH.sub(r"\1", page)
    return ARROW.sub('<summary aria-label="Show or hide the pages of this part">', page)


def mend(folder):
    """Name the parts of every page in a folder."""
    for path in folder.rglob("*.html"):
        if "_static" not in path.parts:
            path.write_text(mended(path.read_text(encoding="utf-8")), encoding="utf-8")
