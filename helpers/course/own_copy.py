"""A reader's own copy of the course: renewed where nothing was written in it, kept where something was.

`my/` mirrors `notebooks/`, so that links, tables and pictures are found from there as well. Git ignores it: whatever is
run, written and saved in it, `git pull` works.

What a reader writes is the text of cells, or of a page. Outputs and metadata are none of it: whoever runs a lesson and
saves it can run the new one, too, and sees the outputs that fit its text. So a lesson that was run and saved is renewed
as one that was never opened; one in which a single answer was typed is kept.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from helpers.course.lessons import APPENDIX, LESSONS

FOLDER = "my"
COURSE = "notebooks"
RECORD = Path(".course", "copied.json")  # in FOLDER; what begins with a dot, JupyterLab's file browser does not show
PAGES = ("*.md", "source/*.py", "source/solutions/*.py", "source/templates/*.py")  # a source stands for its notebook


def renew(root: Path) -> list[str]:
    """Lay what is missing in a reader's own copy, and renew what has changed in the course and was not written in.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    list of str
        What a reader should know, a sentence or two each; empty where nothing has changed.
    """
    own, record = root / FOLDER, read_record(root / FOLDER)
    first_time, said, renewed = not (own / LESSONS[0].file).exists(), [], 0
    for page in pages_of(root):
        content = (root / COURSE / page).read_bytes()
        if _is_untouched(own, page, record, content):
            renewed += (own / page).exists() and _digest(content) != record.get(page, {}).get("bytes")
            _lay(own, page, content, record)
        elif written(page, content) != record.get(page, {}).get("newest"):
            said.append(_lay_beside(own, page, content, record))
    said += _withdraw(own, set(pages_of(root)), record)
    _write_record(own, record)
    if renewed:
        pages = "1 page" if renewed == 1 else f"{renewed} pages"
        said.insert(0, f"The course has changed. Renewed in {FOLDER}, where you had written nothing: {pages}.")
    if first_time:
        said.insert(0, f"The folder {FOLDER} is your own copy of the course: write in it as you like.")
    return said


def fresh(root: Path, lesson: str) -> str:
    """Lay a clean copy of a lesson; the old one, if something was written in it, is kept under another name.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.
    lesson : str
        A lesson's number ("03" or "3"), an appendix ("A1"), or the name of a template ("plan").

    Returns
    -------
    str
        What was done.

    Raises
    ------
    ValueError
        There is no such lesson.
    """
    own, record, page = root / FOLDER, read_record(root / FOLDER), page_of(root, lesson)
    content = (root / COURSE / page).read_bytes()
    said = f"{FOLDER}/{page} is a clean copy."
    if not _is_untouched(own, page, record, content):
        kept = _free_name(own, page, "old")
        os.replace(own / page, own / kept)
        said += f" What you had written is kept as {FOLDER}/{kept}."
    (own / page).unlink(missing_ok=True)  # what was only run is laid anew, too
    _lay(own, page, content, record)
    for name in newer_beside(record, page):  # what was laid beside is what now stands in its place
        if (own / name).exists() and written(name, (own / name).read_bytes()) == record[name]["laid"]:
            (own / name).unlink()
            del record[name]
    _write_record(own, record)
    return said


def page_of(root: Path, lesson: str) -> str:
    """The page that a reader calls by a number or a name: "3" and "03" are ``03_linear_models.ipynb``.

    Raises
    ------
    ValueError
        There is no such lesson.
    """
    asked = lesson.strip().lower().removesuffix(".ipynb")
    asked = asked.zfill(2) if asked.isdigit() else asked
    for page in pages_of(root):
        name = page.removesuffix(".ipynb").lower()
        if asked and asked in (name, name.split("_")[0], name.removeprefix("templates/")):
            return page
    numbers = ", ".join(each.name.split("_")[0] for each in (*LESSONS, *APPENDIX))
    found = f"There is no lesson '{lesson}'." if lesson.strip() else "Which lesson?"
    raise ValueError(f"{found} Write its number, such as make fresh LESSON=03. There are {numbers}.")


def pages_of(root: Path) -> list[str]:
    """The pages of the course, as seen from `notebooks`: without what a reader has laid beside them there."""
    course = root / COURSE
    found = sorted(path for pattern in PAGES for path in course.glob(pattern))
    pages = [path.relative_to(course).as_posix().removeprefix("source/").replace(".py", ".ipynb") for path in found]
    return [page for page in pages if (course / page).exists()]


def written(page: str, content: bytes) -> str:
    """A fingerprint of what a person writes in a page: the kinds and texts of its cells, or all of a text.

    Empty cells are left out: JupyterLab adds one to whoever runs the last. Line ends are, too: git may change them.
    """
    try:
        cells = json.loads(content)["cells"] if page.endswith(".ipynb") else None
        text = [[cell["cell_type"], "".join(cell["source"])] for cell in cells] if cells is not None else content
    except (ValueError, KeyError, TypeError):  # damaged: whoever wrote in it may still mend it
        text = content
    if isinstance(text, bytes):
        return _digest(text.replace(b"\r\n", b"\n"))
    kept = [[kind, source.replace("\r\n", "\n")] for kind, source in text if source.strip()]
    return _digest(json.dumps(kept).encode())


def read_record(own: Path) -> dict[str, dict[str, str]]:
    """What was laid in a reader's own copy, by page; nothing where no record is there or it cannot be read.

    `bytes` is the digest of the file, `laid` and `newest` are what was written in it (see `written`) and in the newest
    version that the reader has been given; `beside` names the page that a newer version was laid beside.
    """
    try:
        found = json.loads((own / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {page: laid for page, laid in found.items() if isinstance(laid, dict)} if isinstance(found, dict) else {}


def newer_beside(record: dict[str, dict[str, str]], page: str) -> list[str]:
    """The newer versions of a page that were laid beside it."""
    return [name for name, laid in record.items() if laid.get("beside") == page]


def write_whole(place: Path, content: bytes) -> None:
    """Replace a file in one step: whoever interrupts it finds the old file or the new one, not a half."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.part")
    part.write_bytes(content)
    os.replace(part, place)


def _is_untouched(own: Path, page: str, record: dict, content: bytes) -> bool:
    """Whether nothing is lost with the reader's page: it is not there, or says what was laid or will be."""
    if not (own / page).exists():
        return True
    present = written(page, (own / page).read_bytes())
    return present in (record.get(page, {}).get("laid"), written(page, content))


def _lay(own: Path, page: str, content: bytes, record: dict) -> None:
    """Write the course's page, unless it is the one that was laid: a saved run of that stays."""
    laid, text = record.get(page, {}), written(page, content)
    if not (own / page).exists() or laid.get("bytes") != _digest(content) or laid.get("laid") != text:
        write_whole(own / page, content)
    record[page] = {"bytes": _digest(content), "laid": text, "newest": text}
    if _has_answers(page, content):  # somebody wrote in `notebooks` itself: what comes from there is never renewed
        record[page]["laid"] = ""


def _lay_beside(own: Path, page: str, content: bytes, record: dict) -> str:
    earlier = [name for name in newer_beside(record, page) if _is_untouched(own, name, record, content)]
    name = earlier[0] if earlier else _free_name(own, page, "new")
    write_whole(own / name, content)
    text = written(page, content)
    record[name] = {"laid": text, "beside": page}
    record.setdefault(page, {"laid": ""})["newest"] = text
    return (
        f"The course has a newer version of {FOLDER}/{page}. You have written in yours, so it stays as it is, "
        f"and the new one is beside it: {FOLDER}/{name}."
    )


def _withdraw(own: Path, pages: set[str], record: dict) -> Iterator[str]:
    """Take away what the course no longer has, unless something was written in it."""
    for page in [name for name, laid in record.items() if name not in pages and "beside" not in laid]:
        laid, place = record.pop(page), own / page
        if place.exists() and written(page, place.read_bytes()) == laid.get("laid"):
            place.unlink()
        elif place.exists():
            yield f"{FOLDER}/{page} is no longer part of the course. You have written in yours, so it stays."


def _has_answers(page: str, content: bytes) -> bool:
    """Whether a notebook of the course was edited since `notebooks/build.py` wrote it, which keeps a fingerprint."""
    if not page.endswith(".ipynb"):
        return False
    notebook = json.loads(content)
    cells = [[cell["cell_type"], "".join(cell["source"]), cell["metadata"]] for cell in notebook["cells"]]
    return notebook["metadata"].get("cells_sha256") != _digest(json.dumps(cells, sort_keys=True).encode())


def _free_name(own: Path, page: str, word: str) -> str:
    """``03_linear_models-old.ipynb``, or ``-old-2`` where that is taken."""
    stem, suffix = os.path.splitext(page)
    names = (f"{stem}-{word}{number}{suffix}" for number in ("", *(f"-{count}" for count in range(2, 1000))))
    return next(name for name in names if not (own / name).exists())


def _write_record(own: Path, record: dict) -> None:
    write_whole(own / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
