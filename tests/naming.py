"""Names of terms, the same in Python and R."""

import re


def key(name):
    """A term's name, however Python and R spell it."""
    name = re.sub(r"\[(?:T\.)?([^\]]*)\]", r"\1", name).replace("**", "^").replace(" ", "")
    return frozenset(name.split(":"))
