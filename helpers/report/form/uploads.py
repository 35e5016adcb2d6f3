"""Tables that were sent by a browser: laid beside the reports, so that the command finds them again."""

import re
from pathlib import Path

from helpers.reading.files import KNOWN
from helpers.report.run import REPORTS

TABLES = REPORTS / "tables"
LARGEST = 50_000_000  # bytes
NAMES_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def keep(name: str, content: bytes) -> Path:
    """Lay a table into the folder ``reports/tables``; the same table under the same name is laid once.

    Parameters
    ----------
    name : str
        As the browser says it; only letters, digits, blanks, ``_``, ``-`` and ``.`` are kept.
    content : bytes

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        The file is too large, or of no kind that is read.
    """
    if len(content) > LARGEST:
        raise ValueError(
            f"{name} holds {len(content) / 1e6:,.0f} MB; here, a table may have {LARGEST / 1e6:,.0f} MB. Use make "
            "report, which has no such limit."
        )
    name = re.sub(r"[^\w .-]+", "_", re.split(r"[/\\]", name)[-1]).strip()
    suffix = next((kind for kind in sorted(KNOWN, key=len, reverse=True) if name.lower().endswith(kind)), None)
    if suffix is None:
        hint = " Open it in Excel and save it as .xlsx." if name.lower().endswith(".xls") else ""
        raise ValueError(f"{name or 'The file'} is none of {', '.join(KNOWN)}.{hint}")
    stem, suffix = name[: -len(suffix)][:80].strip(". ") or "table", name[-len(suffix) :]
    if NAMES_OF_WINDOWS.fullmatch(stem):
        stem = f"_{stem}"
    TABLES.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = TABLES / (f"{stem}{suffix}" if number == 1 else f"{stem}_{number}{suffix}")
        if not path.exists():
            path.write_bytes(content)
            return path
        if path.read_bytes() == content:
            return path
        number += 1


def kept(name: str) -> Path:
    """The path of a table that was sent before.

    Parameters
    ----------
    name : str
        Of the file, without folders.

    Raises
    ------
    ValueError
        There is none of that name.
    """
    path = TABLES / name
    if not name or Path(name).name != name or name.startswith(".") or not path.is_file():
        raise ValueError(f"There is no table {name!r} any more. Choose the file again.")
    return path
