"""The course as a book: pages from the stored outputs, nothing executed again.

``make book`` runs ``python -m book``. It lays out the sources in ``book/_build/source`` (`layout`), has Sphinx build
them, and follows every link of the pages (`links`). The result, ``book/_build/html``, asks for nothing outside.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "book"
SOURCE = HERE / "_build" / "source"
HTML = HERE / "_build" / "html"
