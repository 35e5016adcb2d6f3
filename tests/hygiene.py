"""What a committed notebook must look like, beyond running: nbval sees the outputs, these checks see the rest.

A check in `CHECKS` takes a notebook and its path, one in `COLLECTION_CHECKS` the repository's root; each
returns its problems as sentences: where, what was found, what to do.
"""

import ast
import importlib.util
import inspect
import re
import sys
from collections import Counter
from functools import cache, wraps
from itertools import pairwise, takewhile, zip_longest
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from markdown_it import MarkdownIt
from nbval.plugin import comment_markers, metadata_tags

NBVAL_BUDGET = 1  # cells per notebook whose output nbval may ignore
NBVAL_BUDGET_OF_ALL = 3  # and in all notebooks together
MAX_CODE_CELLS = 40
MIN_EXERCISES = 3
MAX_ABILITIES = 4  # bullets under "You will be able to"
MIN_ALT = 40  # characters that say what a figure shows
LAST_FIFTH = 0.8
LAST_QUARTER = 0.75

LESSON = r"(0[1-9]|[1-9]\d)_.*"
START = r"00_.*"

ROOT = Path(__file__).parents[1]
MARKDOWN = MarkdownIt("commonmark").enable("table")

CHECKS = {}
COLLECTION_CHECKS = {}


def check(names=".*"):
    """Register a generator of problems for the notebooks so named; it may leave out the path."""

    def register(function):
        wanted = len(inspect.signature(function).parameters)

        @wraps(function)
        def run(notebook, path):
            return list(function(*(notebook, path)[:wanted])) if re.fullmatch(names, path.stem) else []

        CHECKS[function.__name__] = run
        return run

    return register


def collection_check(function):
    """Register a generator of problems that only show when all files stand side by side."""

    @wraps(function)
    def run(root):
        return list(function(root))

    COLLECTION_CHECKS[function.__name__] = run
    return run


# --- Reading a notebook -------------------------------------------------------------------------------------


def read(path):
    return nbformat.read(path, as_version=4)


def notebooks(root):
    return sorted((root / "notebooks").glob("*.ipynb"))


def cells(notebook, *kinds):
    """Yield each cell of these kinds (or every cell) under the label by which a problem names it."""
    for number, cell in enumerate(notebook.cells, 1):
        if not kinds or cell.cell_type in kinds:
            yield f"cell {number} ({cell.get('id', 'no id')})", cell


def code_cells(notebook):
    return ((label, cell) for label, cell in cells(notebook, "code") if cell.source.strip())


def output_text(cell):
    """Everything in a cell's outputs that a person could read, an SVG's source included."""
    texts = []
    for output in cell.get("outputs", []):
        texts += [output.get("text", ""), *output.get("traceback", [])]
        texts += [str(text) for mime, text in output.get("data", {}).items() if mime not in PHOTOGRAPHS]
    return "\n".join(texts)


def tags(cell):
    return set(cell.metadata.get("tags", []))


# --- Reading markdown ---------------------------------------------------------------------------------------


def tokens(markdown):
    for block in MARKDOWN.parse(markdown):
        yield block
        yield from block.children or ()


def headings(markdown):
    """Yield level and text of each heading."""
    for opening, inline in pairwise(MARKDOWN.parse(markdown)):
        if opening.type == "heading_open":
            text = "".join(part.content for part in inline.children if part.type in {"text", "code_inline"})
            yield int(opening.tag[1]), text


def prose(markdown):
    """The words a reader reads: no code, no addresses, no HTML tags."""
    words = []
    for token in tokens(markdown):
        if token.type == "text":
            words.append(token.content)
        elif token.type == "html_block":
            words.append(re.sub("<[^>]*>", " ", token.content))
        elif token.type in {"inline", "softbreak", "hardbreak"}:  # a new paragraph or a new line
            words.append(" ")
    return "".join(words)


def links(markdown):
    """Yield the target of each link and image, in markdown or HTML."""
    for token in tokens(markdown):
        yield from (token.attrs[key] for key in ("href", "src") if key in token.attrs)
        if token.type.startswith("html"):
            yield from re.findall(r"""\b(?:href|src)\s*=\s*["']([^"']*)""", token.content)


# --- Executed once, from top to bottom, without complaint ---------------------------------------------------


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


# --- The same on every machine and on every day -------------------------------------------------------------

PHOTOGRAPHS = {"image/png", "image/jpeg"}  # base64, in which any pattern may turn up by chance

ADDRESS = re.compile(r"(?:https?|ftp)://[^\s\"'<>)]*")  # a web address may well contain /home/
MACHINE_PATH = re.compile(
    r"""(?<![\w.~+})-])/(?:home|root|Users|tmp|work|var)(?:/[\w.][\w./-]*|(?=["']))"""  # not ../work/x nor a/var/b
    r"""|(?<![\w$])[A-Z]:\\{1,2}(?![nrt](?![a-z]))\w+"""  # not the line break in "Group A:\n", nor $H:\mu$
    r"""|\bipykernel_\d+"""
)

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
        for place, text in (("source", cell.source), ("output", output_text(cell))):
            if found := MACHINE_PATH.search(ADDRESS.sub("", text)):
                yield f"{label}: its {place} holds {found[0]!r}, which no other machine has; use a relative path"


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
    """Parse a cell's code, its magics left out; a cell that isn't Python has nothing to find."""
    try:
        return ast.parse(re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.MULTILINE))
    except SyntaxError:
        return ast.Module([], [])


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


# --- Compared by nbval --------------------------------------------------------------------------------------

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
        if found := re.search(r"^[^#\n]*;[ \t]*(?:#.*)?$", cell.source, re.MULTILINE):
            yield f"{label}: {found[0].strip()!r} ends with ;, on which nbval fails; write `_ = …`"


# --- Built from its source ----------------------------------------------------------------------------------


@cache
def build():
    """Import notebooks/build.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("notebooks_build", ROOT / "notebooks" / "build.py")
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def source_drift(notebook_path, source_path):
    """List where the notebook differs from what its source gives; the outputs are nbval's to compare."""
    stored, wanted = read(notebook_path), build().notebook_from_source(source_path)
    remedy = f"edit {source_path.name} and rebuild"
    problems = []
    if stored.metadata != wanted.metadata:
        problems.append(f"{notebook_path.name}: notebook metadata differ from the source's; {remedy}")
    for number, (have, want) in enumerate(zip_longest(stored.cells, wanted.cells, fillvalue={}), 1):
        fields = [key for key in ("cell_type", "source", "metadata", "id") if have.get(key) != want.get(key)]
        if fields:
            label = f"cell {number} ({have.get('id', 'missing')})"
            problems.append(f"{notebook_path.name}, {label}: {', '.join(fields)} not as in the source; {remedy}")
    return problems


@collection_check
def drifted(root):
    for path in notebooks(root):
        source = path.parent / "source" / f"{path.stem}.py"
        if source.exists():
            yield from source_drift(path, source)


@collection_check
def unpaired(root):
    sources = {path.stem for path in (root / "notebooks" / "source").glob("*.py")}
    built = {path.stem for path in notebooks(root)}
    yield from (f"source/{stem}.py: has no notebook; build and commit it" for stem in sorted(sources - built))
    yield from (f"{stem}.ipynb: has no source; write it or delete the notebook" for stem in sorted(built - sources))


# --- Shaped like a lesson -----------------------------------------------------------------------------------


@check(LESSON)
def lesson_opening(notebook):
    first = notebook.cells[0]
    label = next(label for label, _ in cells(notebook))
    yield from title(notebook)
    if "?" not in prose(re.sub(r"^# .*", "", first.source, flags=re.MULTILINE)):
        yield f"{label}: asks no question; say in one sentence what a biologist would ask"
    for word in ("Time", "Prerequisites", "You will be able to"):
        if not re.search(rf"\*\*{word}:?\*\*", first.source):
            yield f"{label}: has no **{word}**; add a line with it"
    if not 1 <= (count := abilities(first.source)) <= MAX_ABILITIES:
        yield f"{label}: {count} bullets below **You will be able to**; give 1 to {MAX_ABILITIES}"


def title(notebook):
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not any(level == 1 for level, _ in headings(first.source)):
        yield "cell 1: is not markdown with a level-1 title; open with `# Title`"


def abilities(text):
    """Count the bullets of the list that follows "You will be able to"."""
    lines = re.split(r"\*\*You will be able to:?\*\*", text)[-1].splitlines()[1:]
    listed = takewhile(re.compile(r"\s*$|[-*+] | ").match, lines)
    return sum(line[:2] in {"- ", "* ", "+ "} for line in listed)


@check(LESSON)
def lesson_in_r(notebook):
    titles = [text for _, cell in cells(notebook, "markdown") for _, text in headings(cell.source)]
    if not any(re.search(r"\bIn R\b", text) for text in titles):
        yield "no heading with 'In R'; add `## In R` with R's call, R's number, ours, and the difference"


@check(LESSON)
def lesson_pitfall(notebook):
    if not any(re.search(r"^> \*\*Pitfall", cell.source, re.MULTILINE) for _, cell in cells(notebook, "markdown")):
        yield "no pitfall box; add a markdown cell with a line `> **Pitfall: …**`"


@check(LESSON)
def lesson_exercises(notebook):
    sections = exercise_sections(notebook)
    if len(sections) < MIN_EXERCISES:
        yield f"{len(sections)} headings with 'Exercise'; give at least {MIN_EXERCISES}"
    for section in sections:
        yield from attempt_problems(section)
        yield from solution_problems(section)
    positions = [number for number, cell in enumerate(notebook.cells) if is_exercise(cell)]
    if positions and positions[0] >= LAST_FIFTH * len(notebook.cells):
        yield "all exercises stand in the last fifth; put each where its idea was taught"


def is_exercise(cell):
    return cell.cell_type == "markdown" and any(re.search(r"\bExercise\b", text) for _, text in headings(cell.source))


def exercise_sections(notebook):
    """The labelled cells of each exercise: from its heading to the next exercise's."""
    sections = []
    for label, cell in cells(notebook):
        if is_exercise(cell):
            sections.append([])
        if sections:
            sections[-1].append((label, cell))
    return sections


def attempt_problems(section):
    attempts = [
        (label, cell)
        for label, cell in section
        if cell.cell_type == "code"
        and re.search(r"^answer = \.\.\.", cell.source, re.MULTILINE)
        and re.search(r"\bcheck\(", cell.source)
    ]
    if not attempts:
        yield f"{section[0][0]}: no code cell with `answer = ...` that calls check( follows; add one"
    for label, cell in attempts:
        if "Not attempted" not in output_text(cell):
            yield f"{label}: its output doesn't say 'Not attempted'; leave `answer = ...` as the reader gets it"


def solution_problems(section):
    solutions = [(label, cell) for label, cell in section if cell.cell_type == "code" and "solution" in tags(cell)]
    if not solutions:
        yield f"{section[0][0]}: no code cell tagged solution follows; add one that runs"
    for label, cell in solutions:
        hidden = cell.metadata.get("jupyter", {})
        if not (hidden.get("source_hidden") and hidden.get("outputs_hidden") and "hide-cell" in tags(cell)):
            yield f"{label}: the solution shows; tag it hide-cell, set jupyter source_hidden and outputs_hidden"
        if not re.search(r"\bRight\b", output_text(cell)):
            yield f"{label}: its output doesn't say 'Right'; check the solution as a reader's answer is checked"


@check(LESSON)
def lesson_recap(notebook):
    recaps = [
        number
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        and any(level == 2 and text.startswith("Recap") for level, text in headings(cell.source))
    ]
    if not recaps or recaps[-1] < LAST_QUARTER * len(notebook.cells):
        yield "no `## Recap` in the last quarter; close the lesson with one"
        return
    closing = [cell.source for cell in notebook.cells[recaps[-1] :] if cell.cell_type == "markdown"]
    targets = [target for source in closing for target in links(source)]
    if not any(re.search(r"\.ipynb\b|\bglossary\.md\b", target) for target in targets):
        yield "the recap links to no notebook and not to the glossary; say where to go next"
    if not any(target.startswith("https://doi.org/") for target in targets):
        yield "the recap gives no source; link one as https://doi.org/…"


@check(LESSON)
def lesson_length(notebook):
    if (count := len(list(code_cells(notebook)))) > MAX_CODE_CELLS:
        yield f"{count} code cells, the limit is {MAX_CODE_CELLS}; a lesson is one sitting: split it"


@check(START)
def start_here(notebook, path):
    text = "\n\n".join(cell.source for _, cell in cells(notebook, "markdown"))
    yield from title(notebook)
    if "how to run" not in prose(text).lower():
        yield "doesn't say how to run the course; add a section with the words 'how to run'"
    linked = {urlsplit(target).path for target in links(text)}
    lessons = [lesson.name for lesson in sorted(path.parent.glob("*.ipynb")) if re.fullmatch(LESSON, lesson.stem)]
    yield from (f"no link to {name}; add one" for name in [*lessons, "glossary.md"] if name not in linked)


# --- Readable -----------------------------------------------------------------------------------------------

IMAGES = PHOTOGRAPHS | {"image/svg+xml"}
FILLERS = re.compile(r"\b(simply|just|obviously|clearly|of\s+course|TODO|FIXME)\b", re.IGNORECASE)


def draws(cell):
    return any(IMAGES & output.get("data", {}).keys() for output in cell.get("outputs", []))


@check()
def figure_alt(notebook):
    for label, cell in cells(notebook):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if draws(cell) and len(alt) < MIN_ALT:
            where = '{"mystnb": {"image": {"alt": …}}}'
            yield f"{label}: alt text of {len(alt)} characters; give {MIN_ALT} or more in cell metadata {where}"
    for label, cell in cells(notebook, "markdown"):
        if any(token.type == "image" and not token.content.strip() for token in tokens(cell.source)):
            yield f"{label}: an image without alt text; write ![what it shows](…)"


@check()
def figure_sentence(notebook):
    for (label, cell), after in zip_longest(cells(notebook), notebook.cells[1:]):
        if draws(cell) and (after is None or after.cell_type != "markdown"):
            yield f"{label}: no markdown cell follows its figure; say in one sentence what to see"


@check()
def plain_words(notebook):
    for label, cell in cells(notebook, "markdown"):
        for found in FILLERS.findall(prose(cell.source)):
            yield f"{label}: says {found!r}; delete it or say what it stands for"


# A decimal number that is a quantity, not part of a name (doi:10.1/2, Exercise 1.2, CC BY-SA 4.0).
DECIMAL = re.compile(
    r"(?P<name>doi:\S+|Exercise \d+\.\d+|CC [\w-]+ \d\.\d)|(?<![\w.])(?P<number>[-−]?\d+\.\d+(?:e[-+]?\d+)?)"
)


@check(LESSON)
def prose_numbers(notebook):
    """A decimal number in the text must be one that a cell holds or prints, rounded or not: prose never drifts."""
    known = [known for _, cell in cells(notebook, "code") for known in decimals(cell.source + "\n" + output_text(cell))]
    for label, cell in cells(notebook, "markdown"):
        for text, value, half_unit in decimals(prose(cell.source)):
            if not any(rounds_to(other, error, value, half_unit) for _, other, error in known):
                yield f"{label}: {text} stands in no cell and no output; print it, or round what is printed"


def rounds_to(shown, error, value, half_unit):
    """Whether `value` may be `shown` rounded; what is shown with as few digits must be the same number."""
    return abs(shown - value) <= (half_unit + error if error < half_unit else 0) + 1e-12


def decimals(text):
    """Each decimal number of a text: as written, its value, and half a unit of its last digit."""
    for found in DECIMAL.finditer(text):
        if found["number"]:
            written = found["number"].replace("−", "-")
            mantissa, _, exponent = written.partition("e")
            digits = len(mantissa.partition(".")[2]) - int(exponent or 0)
            yield written, float(written), 0.5 * 10.0**-digits


# --- Linked to what exists ----------------------------------------------------------------------------------


@check()
def dead_links(notebook, path):
    for label, cell in cells(notebook, "markdown"):
        yield from (f"{label}: {problem}" for problem in broken_targets(cell.source, path))


@collection_check
def dead_links_in_markdown(root):
    for path in markdown_files(root):
        text = path.read_text(encoding="utf-8")
        yield from (f"{path.relative_to(root)}: {problem}" for problem in broken_targets(text, path))


def markdown_files(root):
    """Yield the project's own .md files; hidden folders and virtual environments hold other people's."""
    for folder, subfolders, files in root.walk():
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        if "pyvenv.cfg" in files:
            subfolders.clear()
        yield from (folder / name for name in sorted(files) if name.endswith(".md"))


def broken_targets(markdown, path):
    """Yield a problem for each relative link, in text of the page at path, that leads nowhere."""
    for link in links(markdown):
        target = urlsplit(link)
        if target.scheme or target.netloc:
            continue
        file = path.parent / unquote(target.path or path.name)
        if not link or target.path.startswith("/") or not file.exists():
            yield f"link to {link!r}, a file that isn't there; correct it (relative to {path.parent.name}/)"
        elif target.fragment and unquote(target.fragment) not in anchors(file):
            yield f"link to {link!r}, a heading that isn't there; correct what follows the #"


def anchors(file):
    """The names a link may give to headings: GitHub's, numbered when repeated; in a notebook JupyterLab's too."""
    titles = [title for text in markdown_of(file) for _, title in headings(text)]
    names, seen = set(), Counter()
    for slug in (re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles):
        names.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return names | {title.replace(" ", "-") for title in titles if file.suffix == ".ipynb"}


def markdown_of(file):
    """The markdown in a notebook or a markdown file; other files have no headings to link to."""
    if file.suffix == ".ipynb":
        return [cell.source for _, cell in cells(read(file), "markdown")]
    return [file.read_text(encoding="utf-8")] if file.suffix == ".md" else []
