"""``python -m book``: lay out the sources, build the pages, follow every link, and say what came of it."""

import shutil
import sys
import time

from sphinx.cmd.build import build_main

from book import HERE, HTML, SOURCE, layout, links, names


def main():
    """Build the book; 1 where anything is wrong with it."""
    start = time.perf_counter()
    layout.lay_out()
    shutil.rmtree(HTML, ignore_errors=True)
    doctrees = HTML.parent / "doctrees"
    shutil.rmtree(doctrees, ignore_errors=True)
    options = ["-b", "html", "-c", str(HERE), "-d", str(doctrees), "-j", "2", "-W", "--keep-going", "-q"]
    if failed := build_main([*options, str(SOURCE), str(HTML)]):
        return failed
    (HTML / ".nojekyll").touch()  # GitHub Pages would leave out folders that begin with an underscore
    names.mend(HTML)
    if problems := links.problems(HTML):
        print(*problems, sep="\n", file=sys.stderr)
        print(f"{len(problems)} links or figures of the book are wrong.", file=sys.stderr)
        return 1
    pages = len(list(HTML.rglob("*.html")))
    seconds = time.perf_counter() - start
    print(f"{HTML.relative_to(HERE.parent)}/index.html: {pages} pages, {layout.size(HTML):.0f} MB, {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
