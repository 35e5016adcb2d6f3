"""Markup of the form, made by Jinja: whatever stands in a table is shown as plain text."""

from functools import cache
from pathlib import Path
from typing import Any

from helpers.refusals.packages import extra

PAGE = Path(__file__).parent / "page_of_form"


def fragment(template: str, /, **values: Any) -> str:
    """A part of the page.

    Parameters
    ----------
    template : str
        Name of its file.
    **values
        What the template names.

    Returns
    -------
    str
    """
    return _environment().get_template(template).render(**values)


def whole_page(token_field: str, base: str, largest: int) -> str:
    """The page, on which nothing is chosen yet.

    Parameters
    ----------
    token_field : str
        What tells the server that a request comes from its own page, as HTML.
    base : str
        Where the server's addresses begin.
    largest : int
        Bytes that a file may have.

    Returns
    -------
    str
    """
    return fragment("page.html", token_field=token_field, base=base, largest=largest)


@cache
def _environment():
    with extra("form", "The form"):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals["pairs"] = lambda names: [(name, name) for name in names]
    made.globals["within"] = lambda names: [(name, f"only within the same {name}") for name in names]
    return made
