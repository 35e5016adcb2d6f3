"""A package that only a part of `helpers` needs, and that is not installed: which extra brings it."""

from collections.abc import Iterator
from contextlib import contextmanager

PROJECT = "correlation-to-contrasts"


@contextmanager
def extra(name: str, what: str) -> Iterator[None]:
    """Import what an extra of the project brings within this; where it is missing, the error names the extra.

    Parameters
    ----------
    name : str
        The extra, as in ``pyproject.toml``.
    what : str
        What needs it, the beginning of a sentence.

    Raises
    ------
    ImportError
        A package is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{what} needs the package {error.name}, which is not installed. Install it with the extra {name!r}: "
            f'pip install "{PROJECT}[{name}]". In the folder of the course, `make lab` installs it.',
            name=error.name,
        ) from error
