"""Arguments that other programs have and a function here has not: which word to use instead."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from helpers.refusals.errors import unknown_name

P = ParamSpec("P")
R = TypeVar("R")


def says_what_is_not_offered(advice: Mapping[str, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function tell what to use in place of an argument that it does not have.

    Parameters
    ----------
    advice : mapping
        Name of the argument, a point in it written as an underscore -> what to do, as it follows "is not offered; ".

    Returns
    -------
    callable
        A decorator. The function then raises ValueError for these names, and for any other it does not have an
        UnknownNameError (which is one, too) with the closest name; otherwise it is as it was.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        known = [name for name in inspect.signature(function).parameters if name != "self"]

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for name in kwargs:
                if name in known:
                    continue
                if (remark := advice.get(name.replace(".", "_"))) is not None:
                    raise ValueError(f"{name}= is not offered; {remark}.")
                raise unknown_name(f"{function.__name__}()", "argument", [name], known)
            return function(*args, **kwargs)

        return checked

    return decorate
