"""The modules of `slides/`, for its tests."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "slides"))

import make  # noqa: E402
import pick  # noqa: E402
import show  # noqa: E402

__all__ = ["ROOT", "make", "pick", "show"]
