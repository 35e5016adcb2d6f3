"""What the readers of every format refuse, and the words in which they do."""

import difflib
from collections import Counter

SHOWN = 3  # offending places that a message shows; it counts the rest


def listed(names):
    """Names in quotation marks, separated by commas: blanks at their ends show."""
    return ", ".join(repr(name) for name in names)


def closest(name, names):
    """Those of `names` spelled most like `name`, best first; capitals and outer blanks do not count."""
    spellings = {}
    for other in names:
        spellings.setdefault(other.strip().casefold(), []).append(other)
    near = difflib.get_close_matches(name.strip().casefold(), spellings)
    return [other for spelling in near for other in spellings[spelling]]


def counted(n, noun):
    """A number and its noun: 1 field, 2 fields."""
    return f"{n} {noun}" + "s" * (n != 1)


def some(items, most=SHOWN):
    """The first few items, and the number of the others."""
    items = list(map(str, items))
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")


def first(items):
    """The first few of `items` that are not empty, and the number of the others."""
    return some(filter(None, items))


def not_what_it_says(path, kind, error):
    """The error of a file that is not of the format its suffix promises."""
    return ValueError(
        f"{path.name} is not {kind}, whatever its suffix says, or it is damaged ({error}). Export it again, or give it "
        "the suffix of what it holds (.csv or .txt if an editor shows readable text)."
    )


def check_header(header, name, owner="the header"):
    """Refuse columns without a name and names that repeat; `owner` is what names them."""
    if blank := [str(place) for place, column in enumerate(header, start=1) if not column.strip()]:
        raise ValueError(
            f"{name}: {owner} gives no name to column {', '.join(blank)}. Name every column in the first line of the "
            "file (usual causes: a column of row names from R or pandas, a title above the table, a separator at the "
            "end of each line)."
        )
    if repeated := [f"{column!r} {n} times" for column, n in Counter(header).items() if n > 1]:
        raise ValueError(f"{name}: {owner} holds {', '.join(repeated)}. Give every column its own name.")


def check_gaps(places, unit, name):
    """Refuse rows that hold nothing within a table: whether they are missing or not meant is not to be guessed."""
    if places:
        verb = "holds" if len(places) == 1 else "hold"
        raise ValueError(
            f"{name}: {unit + 's' * (len(places) > 1)} {first(places)} {verb} nothing, but rows follow. Delete what is "
            "empty, or write NA where a value is missing."
        )


def check_conf_level(conf_level):
    """Refuse a level of confidence that is no share, such as 95."""
    if isinstance(conf_level, bool | str) or not 0 < conf_level < 1:
        raise ValueError(f"conf_level lies between 0 and 1, such as 0.95; found {conf_level!r}.")
