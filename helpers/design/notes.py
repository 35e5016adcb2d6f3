"""What a reader must know of a model that can be fitted, and yet may not be what they meant. Sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.design.columns import quoted_label
from helpers.design.text_numbers import bare_columns
from helpers.design.translation import quoted

if TYPE_CHECKING:
    from helpers.design import CodedFormula


def dropped_notes(design: CodedFormula) -> list[str]:
    """A sentence for each fixed column that was left out.

    Parameters
    ----------
    design : helpers.design.CodedFormula

    Returns
    -------
    list of str
    """
    found = design.dropped.sentences.items() if design.dropped else ()
    return [f"{name!r} is left out: it is {sentence}." for name, sentence in found]


def ordered_notes(design: CodedFormula) -> list[str]:
    """A sentence for each ordered factor that is coded as if its levels had no order.

    Parameters
    ----------
    design : helpers.design.CodedFormula

    Returns
    -------
    list of str
    """
    sentences = []
    for name in sorted(bare_columns(design.parsed.effects)):
        dtype = design.data[name].dtype
        if isinstance(dtype, pd.CategoricalDtype) and dtype.ordered:
            sentences.append(
                f"{name!r} is ordered, but coded as any factor: each level against "
                f"{quoted_label(dtype.categories[0])}. R takes polynomials; C({quoted(name)}, contr.poly) does, too."
            )
    return sentences


def outcome_note(response: str, y: np.ndarray) -> str:
    """What speaks against a normal distribution of the outcome; empty if nothing does.

    Whole numbers are taken for counts only where there are zeros among them: ages, lengths and times are often rounded
    to whole numbers, too, and ratings begin at 1.

    Parameters
    ----------
    response : str
    y : (n,)

    Returns
    -------
    str
    """
    values = np.unique(y)
    if len(values) == 2:
        return (
            f"The outcome {response!r} has two values, {values[0]:g} and {values[1]:g}, and is fitted as if it were "
            "normally distributed. For yes and no fit a logistic mixed model: fit_mixed(…, family='binomial')."
        )
    if values[0] == 0 and (values == np.rint(values)).all():
        return (
            f"The outcome {response!r} holds whole numbers from 0 to {values[-1]:g}, and is fitted as if it were "
            "normally distributed. For counts fit_mixed has family='negative_binomial' and family='poisson'."
        )
    return ""
