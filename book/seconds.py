"""Measure what each lesson asks of a processor, and write it to seconds.csv: ``python -m book.seconds``.

CPU seconds of its kernel, one thread of linear algebra: what else runs on the machine hardly counts. A few minutes.
"""

import csv
import os
import resource

from book import ROOT
from book.lessons import ALL
from book.status import SECONDS
from notebooks.build import execute, notebook_from_source


def used_by_children():
    """CPU seconds of all processes that this one started, and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    """Run every lesson once, one after the other."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with SECONDS.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["lesson", "seconds"])
        for lesson in ALL:
            notebook = notebook_from_source(ROOT / "notebooks" / "source" / f"{lesson.name}.py")
            before = used_by_children()
            execute(notebook)
            table.writerow([lesson.name, f"{used_by_children() - before:.1f}"])
            file.flush()


if __name__ == "__main__":
    main()
