"""What can be asked of every gene: degrees of freedom, adjustment, moderation, contrasts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.hypotheses.adjusting import FROM_P_VALUES, adjustment
from helpers.hypotheses.weights import named_contrasts
from helpers.mixed.inference import METHODS


def check_options(ddf: str, adjust: str | None, moderated: bool) -> None:
    """Refuse what is none of the choices."""
    if ddf not in METHODS:
        raise ValueError(f"ddf is one of {', '.join(METHODS)}; found {ddf!r}.")
    adjustment(adjust, FROM_P_VALUES)
    if not isinstance(moderated, bool):
        raise ValueError(f"moderated is True or False; found {moderated!r}.")


def contrast_rows(
    contrasts: dict | pd.Series | pd.DataFrame | np.ndarray | None, names: Sequence[str]
) -> tuple[str, pd.DataFrame]:
    """What the rows of the result are called, and their weights."""
    if contrasts is None:
        return "term", pd.DataFrame(np.eye(len(names)), names, names)
    rows = named_contrasts(contrasts, names)
    return "term" if rows.index.name == "term" else "contrast", rows
