"""What can be asked of every gene: degrees of freedom, adjustment, moderation, contrasts."""

from numbers import Real

import numpy as np
import pandas as pd

from helpers.hypotheses.weights import contrast_weights
from helpers.mixed.inference import METHODS

ADJUSTMENTS = ("fdr_bh", "fdr_by", "holm", "bonferroni", None)


def check_options(ddf, adjust, moderated):
    """Refuse what is none of the choices."""
    if ddf not in METHODS:
        raise ValueError(f"ddf is one of {', '.join(METHODS)}; found {ddf!r}.")
    if adjust not in ADJUSTMENTS:
        raise ValueError(f"adjust is one of {', '.join(map(str, ADJUSTMENTS))}; found {adjust!r}.")
    if not isinstance(moderated, bool):
        raise ValueError(f"moderated is True or False; found {moderated!r}.")


def contrast_rows(contrasts, names):
    """What the rows of the result are called, and their weights."""
    if contrasts is None:
        return "term", pd.DataFrame(np.eye(len(names)), names, names)
    if isinstance(contrasts, dict) and not all(isinstance(value, Real) for value in contrasts.values()):
        tables = {name: contrast_weights(weights, names) for name, weights in contrasts.items()}
        if several := [name for name, table in tables.items() if len(table) > 1]:
            raise ValueError(f"The contrast {several[0]!r} has {len(tables[several[0]])} rows of weights; give it one.")
        return "contrast", pd.concat(tables).droplevel(1)
    rows = contrast_weights(contrasts, names)
    if not rows.index.is_unique:
        raise ValueError(f"Two contrasts share a name: {', '.join(map(str, rows.index))}. Name each on its own.")
    return "contrast", rows
