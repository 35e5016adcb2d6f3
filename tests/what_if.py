"""The places of a lesson where a presenter changes a number, and what happens after.

A cell tagged ``what-if`` marks each with a comment, ``left_out = None  # try "C24"``: the line says what to write
instead, one thing or several with "or" between them.
"""

import copy
import re

TRY = re.compile(r"^(?P<name>\s*[\w.\[\]\"']+ = )(?P<now>.+?)  +# try (?P<others>.+)$", re.MULTILINE)


def changes(source):
    """The same code with each change that it invites, one at a time."""
    return [
        source[: line.start()] + line["name"] + other.strip() + source[line.end() :]
        for line in TRY.finditer(source)
        for other in line["others"].split(" or ")
    ]


def changed_notebooks(notebook):
    """The notebook with each of its changes: a name for the change, and the notebook."""
    for number, cell in enumerate(notebook.cells):
        if "what-if" in cell.metadata.get("tags", []):
            for source in changes(cell.source):
                changed = copy.deepcopy(notebook)
                changed.cells[number].source = source
                lines = zip(source.splitlines(), cell.source.splitlines(), strict=True)
                yield next(new.strip() for new, old in lines if new != old), changed
