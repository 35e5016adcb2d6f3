"""Every link of the built pages: it leads to a page that is there, at a place that is there, or outside by https."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {("img", "src"), ("script", "src"), ("source", "src"), ("iframe", "src"), ("video", "src"), ("audio", "src")}
LINKS = LOADS | {("a", "href"), ("link", "href"), ("area", "href")}


class Page(HTMLParser):
    """The links of a page, what it loads, the names that a link may give, and the figures without words."""

    def __init__(self):
        super().__init__()
        self.links, self.loads, self.names, self.wordless = [], [], set(), []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.names |= {found[key] for key in ("id", "name") if found.get(key)}
        for key in ("href", "src"):
            if (tag, key) in LINKS and found.get(key):
                self.links.append(found[key])
                if (tag, key) in LOADS or (tag == "link" and "stylesheet" in found.get("rel", "")):
                    self.loads.append(found[key])
        if tag == "img" and not (found.get("alt") or "").strip() and found.get("alt") != "":
            self.wordless.append(found.get("src", "")[:80])


def read(path):
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def problems(folder):
    """A sentence for each link that leads nowhere, each thing loaded from outside, each figure without words."""
    folder = Path(folder).resolve()
    paths = [path for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts]  # the theme's own parts
    pages = {path: read(path) for path in paths}
    found = []
    for path, page in pages.items():
        where = path.relative_to(folder)
        found += [f"{where}: {link!r} {problem}" for link in page.links if (problem := dead_end(link, path, pages))]
        found += [f"{where}: {link!r} is loaded from outside" for link in page.loads if is_outside(link)]
        found += [f"{where}: the figure {source!r} has no words (alt)" for source in page.wordless]
    return found


def is_outside(link):
    parts = urlsplit(link)
    return bool(parts.netloc) or parts.scheme in {"http", "https", "ftp"}


def dead_end(link, path, pages):
    """What is wrong with a link on the page at path, if anything; what lies outside is not followed."""
    target = urlsplit(link)
    if target.scheme == "file":
        return "leads only somewhere on this machine"
    if target.scheme == "http":
        return "is not encrypted: write https"
    if target.scheme or target.netloc:
        return None
    file = (path.parent / unquote(target.path)).resolve() if target.path else path
    if not file.is_file():
        return "leads to a file that is not there"
    name = unquote(target.fragment)
    if name and file in pages and name not in pages[file].names:
        return "leads to a place that is not on that page"
    return None
