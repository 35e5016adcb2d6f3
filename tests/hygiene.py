"""What a committed notebook must look like, beyond running: nbval sees the outputs, these checks see the rest.

A check in `CHECKS` takes a notebook and its path, one in `COLLECTION_CHECKS` the repository's root; each
returns its problems as sentences: where, what was found, what to do.

The checks stand, by subject, in the hygiene_*.py beside this file; importing them fills the two.
"""

import hygiene_lessons
import hygiene_links
import hygiene_outputs
import hygiene_words
from hygiene_reading import CHECKS, COLLECTION_CHECKS, ROOT, notebooks, read
from hygiene_sources import build

__all__ = [
    "CHECKS",
    "COLLECTION_CHECKS",
    "ROOT",
    "build",
    "hygiene_lessons",
    "hygiene_links",
    "hygiene_outputs",
    "hygiene_words",
    "notebooks",
    "read",
]
