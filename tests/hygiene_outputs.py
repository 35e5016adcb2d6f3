"""Checks of what was run: once, from top to bottom, with outputs that are the same everywhere and compared."""

import ast
import io
import os
import re
import sys
import tokenize

from hygiene_reading import (
    ROOT,
    alt_text,
    cells,
    check,
    code_cells,
    collection_check,
    notebooks,
    output_text,
    read,
    tags,
)
from nbval.plugin import comment_markers, metadata_tags

NBVAL_BUDGET = 1  # cells per notebook whose output nbval may ignore
NBVAL_BUDGET_OF_ALL = 3  # and in all notebooks together
# --- Executed once, from top to bottom, without complaint -----------------------------------------------------


@check()
def unexecuted(notebook):
    for label, cell in code_cells(notebook):
        if cell.execution_count is None:
            yield f"{label}: has no execution count, so nbval never compares it; rebuild the notebook"


@check()
def out_of_order(notebook):
    for expected, (label, cell) in enumerate(code_cells(notebook), 1):
        if cell.execution_count != expected:
            found = cell.execution_count
            yield f"{label}: execution count {found} where {expected} belongs; rebuild from a fresh kernel"
            return  # the counts after the first wrong one say nothing new


@check()
def stderr_or_error(notebook):
    for label, cell in cells(notebook, "code"):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                yield f"{label}: stderr {output.text[:80]!r}; mend the cause, or catch, show and explain it"
            if output.output_type == "error":
                yield f"{label}: {output.ename} {output.evalue[:80]!r}; catch it in the cell and show it"


# --- The same on every machine and on every day ---------------------------------------------------------------

ADDRESS = re.compile(r"(?:https?|ftp)://[^\s\"'<>)]*")  # a web address may well contain /home/
OWN_ADDRESS = re.compile(r"\bhttps?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?![\w-]|\.\w)[^\s\"'<>)]*")
MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]*\$", re.DOTALL)  # where a backslash is no path's

START = r"(?<![\w.~+})-])"  # neither ../work/x nor a/var/b
FOLDER = START + r"/(?:home|root|Users|tmp|work|var|opt|mnt|usr|private|Volumes)"
POSIX_PATH = re.compile(FOLDER + r"""(?:/[\w./-]*|(?=["']))""")
BARE_FOLDER = re.compile(FOLDER + r"(?![\w(*>-])")  # in prose "/work" may be words, in an output it's a folder
WINDOWS_PATH = re.compile(
    r"(?<![\w$])[A-Z]:(?:/\w+|\\{1,2}(?![nrt](?![a-z]))\w+)"  # not the line break in "Group A:\n"
    r"|(?<![\w$])[a-z]:\\(?:\\|(?![nrt]))\w+"  # nor the one in "r:\nmean"
    r"|(?<!\\)\\\\(?:[\w.-]{2,}\\|\\\\[\w.-]{2,}\\\\)\w+"  # \\server\share, also as Python writes it
)
KERNEL = re.compile(r"\bipykernel_\d+")

VOLATILE = {
    "a memory address": r"\bat 0x[0-9a-fA-F]+",
    "a date": r"\bDate:(?:</th>\s*<td>)?\s*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b",  # statsmodels' summary()
    "a time of day": r"\bTime:(?:</th>\s*<td>)?\s*\d{1,2}:\d\d:\d\d",
    "a timing": r"(?i:\bwall time\b|\bcpu times?:|\bper loop\b|\b(?:took|elapsed|finished in):?\s+\d)",
    "a progress bar": r"\d ?(?:it/s|s/it)\b|\bit/s\]",
    "a random Styler id": r"\bT_[0-9a-f]{5}(?=_|\b)",  # Styler.set_uuid gives it a fixed one
}


@check()
def machine_path(notebook):
    for label, cell in cells(notebook):
        shown = [("output", output_text(cell)), ("alt text", alt_text(cell))]
        found = [("source", place_in_source(cell.source)), *((where, place_in_output(text)) for where, text in shown)]
        for where, place in found:
            if place:
                yield f"{label}: its {where} holds {place!r}, which no other machine has; use a relative path"


def place_in_source(text):
    """The first address or path in a text that only one machine has."""
    local = ADDRESS.sub("", text)
    searches = (
        OWN_ADDRESS.search(text),
        POSIX_PATH.search(local),
        WINDOWS_PATH.search(MATH.sub("", local)),
        KERNEL.search(text),
    )
    return next((found[0] for found in searches if found), None)


def place_in_output(text):
    """As in a source, but a bare folder counts too, and so does wherever this very project stands."""
    local = ADDRESS.sub("", text)
    searches = (pattern.search(local) for pattern in (*places_of_this_machine(), BARE_FOLDER))
    return place_in_source(text) or next((found[0] for found in searches if found), None)


def places_of_this_machine():
    """Patterns of the project's folder, the home folder and the environment, also as Python's repr writes them."""
    for place in (str(ROOT), os.path.expanduser("~"), sys.prefix):
        if os.path.dirname(place) not in ("", place):  # a home that is / or unknown would be found everywhere
            for written in {place, place.replace("\\", "\\\\")}:
                yield re.compile(START + re.escape(written) + r"(?![\w-])")


@check()
def volatile(notebook):
    for label, cell in cells(notebook, "code"):
        for kind, pattern in VOLATILE.items():
            if found := re.search(pattern, output_text(cell)):
                yield f"{label}: its output holds {kind} ({found[0]!r}) that the next run changes; don't show it"


@check()
def random_numbers(notebook):
    for label, cell in cells(notebook, "code"):
        for node in ast.walk(parsed(cell.source)):
            if name := global_generator(node):
                yield f"{label}: {name} draws from numpy's global state; use np.random.default_rng(seed)"
            if unseeded(node):
                yield f"{label}: {ast.unparse(node)} differs on every run; give it a seed"


def parsed(source):
    """Parse a cell's code; a cell that isn't Python has nothing to find."""
    try:
        return ast.parse(without_magics(source))
    except SyntaxError:
        return ast.Module([], [])


def without_magics(source):
    return re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.MULTILINE)


def global_generator(node):
    """The name by which this node reaches into numpy.random for anything but a generator."""
    if isinstance(node, ast.Attribute):
        names = [ast.unparse(node)]
    elif isinstance(node, ast.ImportFrom) and node.module == "numpy.random":
        names = [f"numpy.random.{alias.name}" for alias in node.names]
    else:
        return None
    pattern = r"(np|numpy)\.random\.(?!(default_rng|Generator|SeedSequence)$)[\w*]+"
    return next((name for name in names if re.fullmatch(pattern, name)), None)


def unseeded(node):
    if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] != "default_rng":
        return False
    seeds = [*node.args, *(keyword.value for keyword in node.keywords)]
    return not seeds or ast.unparse(seeds[0]) == "None"


# --- Compared by nbval ----------------------------------------------------------------------------------------

# nbval's own lists, so that a marker of a later version counts too. CHECK_OUTPUT asks for a comparison.
NBVAL_COMMENTS = set(comment_markers) - {"NBVAL_CHECK_OUTPUT"}
NBVAL_TAGS = set(metadata_tags) - {"nbval-check-output"}


def escapes(cell):
    """Whether a comment or a tag keeps nbval from comparing this cell."""
    comments = {line.strip(" \t#") for line in cell.source.splitlines() if line.lstrip().startswith("#")}
    return bool(comments & NBVAL_COMMENTS or tags(cell) & NBVAL_TAGS)


@check()
def nbval_budget(notebook):
    escaping = [label for label, cell in cells(notebook, "code") if escapes(cell)]
    if len(escaping) > NBVAL_BUDGET:
        found = ", ".join(escaping)
        yield f"{found}: nbval ignores {len(escaping)} cells, the budget is {NBVAL_BUDGET}; make outputs repeatable"


@collection_check
def nbval_budget_of_all(root):
    found = {path.name: sum(escapes(cell) for _, cell in cells(read(path), "code")) for path in notebooks(root)}
    if (total := sum(found.values())) > NBVAL_BUDGET_OF_ALL:
        names = ", ".join(name for name, count in found.items() if count)
        yield f"{names}: nbval ignores {total} cells, the budget is {NBVAL_BUDGET_OF_ALL}; make outputs repeatable"


@check()
def trailing_semicolon(notebook):
    for label, cell in cells(notebook, "code"):
        for line in lines_with_semicolon(cell.source):
            yield f"{label}: {line!r} ends with ;, on which nbval fails; write `_ = …`"


def lines_with_semicolon(source):
    """Yield each line that ends a statement with ; as Python reads it, which no ; in a string or a comment does."""
    if source.lstrip().startswith("%%"):  # another language
        return
    last = None
    for token in python_tokens(without_magics(source)):
        if token.type == tokenize.NEWLINE and last and last.string == ";":
            yield source.splitlines()[last.start[0] - 1].strip()
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            last = token


def python_tokens(source):
    """Yield the tokens up to the first that isn't Python's."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError):
        return
