"""The commands behind `make lab` and `make fresh`.

python -m helpers.course lab    # options of JupyterLab may follow, such as --no-browser
python -m helpers.course fresh 03
"""

import os
import sys
from collections.abc import Sequence

from helpers.course.drawn_map import show_progress
from helpers.course.environment import NO_COURSE
from helpers.course.lab import start
from helpers.course.own_copy import FOLDER, fresh, renew
from helpers.course.places import repository


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the course, or lay a clean copy of a lesson; return the exit code: 0, or 2 for wrong input."""
    command, *given = list(sys.argv[1:] if arguments is None else arguments) or ["help"]
    if command not in ("lab", "fresh"):
        print((__doc__ or "").strip())
        return 2
    if (root := repository()) is None:
        print(NO_COURSE, file=sys.stderr)
        return 2
    if command == "fresh":
        try:
            print(fresh(root, given[0] if given else os.environ.get("LESSON", "")))
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        return 0
    for sentence in renew(root):
        print(sentence)
    show_progress(root / FOLDER)
    start(root, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
