"""Errors that more than one module raises, kept apart from what is slow to import."""

from collections.abc import Iterable

from helpers.refusals.wording import closest, listed, some

SHOWN_NAMES = 30  # of those there are; a table of genes has thousands


class UnknownNameError(KeyError, ValueError):
    """A name that nothing bears: a coefficient, a term or a column that is not there.

    It is a ``KeyError``, for a name was looked up, and a ``ValueError``, for an argument was wrong: whoever catches
    either catches it.
    """

    def __str__(self):
        """Return the sentence as it is; a plain KeyError would put it in quotation marks."""
        return str(self.args[0])


def unknown_name(
    owner: str, kind: str, asked: Iterable[object], known: Iterable[object], *, remark: str = ""
) -> UnknownNameError:
    """The error of names that are not there, with those spelled like them.

    Parameters
    ----------
    owner : str
        What was looked into, as it begins a sentence: "design", "The model", "mice.csv".
    kind : str
        What the names are of: "column", "coefficient", "term or coefficient".
    asked : sequence
        The names that are not there; more than one is told at once.
    known : iterable
        The names there are.
    remark : str
        A sentence that stands before these.

    Returns
    -------
    UnknownNameError
    """
    names = [str(name) for name in known]
    sentences = []
    for name in asked:
        near = closest(str(name), names)
        sentences.append(f"{owner} has no {kind} {name!r}." + (f" Closest: {listed(near)}." if near else ""))
    if remark:
        sentences.append(remark)
    plural = kind.replace(" or ", "s or ") + "s"
    sentences.append(f"Its {plural}: {some(map(repr, names), SHOWN_NAMES)}." if names else f"It has no {plural}.")
    return UnknownNameError(" ".join(sentences))
