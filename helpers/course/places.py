"""Where the tables and templates lie: a wheel carries them inside the package, the repository beside it."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
IS_WHEEL = (PACKAGE / "data" / "tables").is_dir()  # the repository keeps its tables in `data/`


def repository() -> Path | None:
    """The course's folder, with lessons and pins; None where `helpers` was installed from a wheel."""
    return None if IS_WHEEL else PACKAGE.parent


def place(in_wheel: str, in_repository: str) -> Path:
    """The one of two folders that is there.

    Parameters
    ----------
    in_wheel : str
        Path of the folder within the installed package.
    in_repository : str
        Path of the same folder within the repository.

    Returns
    -------
    pathlib.Path
    """
    return PACKAGE / in_wheel if IS_WHEEL else PACKAGE.parent / in_repository
