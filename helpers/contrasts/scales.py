"""From the model's scale to the one a reader wants: ratios, per cent, powers of two."""

from dataclasses import dataclass

import numpy as np

from helpers.refusals.wording import listed


@dataclass(frozen=True)
class Scale:
    """A transformation, its slope and its inverse, and the sign between two things compared on it."""

    forward: object
    slope: object
    inverse: object
    sign: str


LN2 = float(np.log(2))
SCALES = {
    None: Scale(lambda x: x, np.ones_like, lambda y: y, " - "),
    "exp": Scale(np.exp, np.exp, np.log, " / "),
    "percent": Scale(lambda x: 100 * np.expm1(x), lambda x: 100 * np.exp(x), lambda y: np.log1p(y / 100), " / "),
    "log2": Scale(lambda x: x / LN2, lambda x: np.full_like(x, 1 / LN2), lambda y: y * LN2, " - "),
}


def as_scale(transform):
    """The scale of that name; numpy's exp is "exp".

    Raises
    ------
    ValueError
        There is none.
    """
    name = "exp" if transform is np.exp else transform
    if not isinstance(name, str | None) or name not in SCALES:
        raise ValueError(f"transform is None or one of {listed(filter(None, SCALES))}; found {transform!r}.")
    return SCALES[name]
