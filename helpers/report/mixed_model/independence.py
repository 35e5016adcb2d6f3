"""Of a formula without groups: whether rows may come from the same animal, plate or person after all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.design.translation import quoted
from helpers.report.mixed_model.group_checks import ID
from helpers.report.phrases import counted, p_value
from helpers.report.suspects import determines, hidden_units, may_be_units
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

NAME = "independent rows"


def independent_rows(analysis: Analysis) -> Iterator[Check]:
    """Whether a column that is not in the formula repeats like the names of animals; without one, the question alone.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Yields
    ------
    Check
        One; none where the formula has groups, or another check names such a column.
    """
    study = analysis.study
    if study.groups:
        return
    others = [name for name in study.rows if name not in study.used]
    if hidden_units(study.rows[[*others, *study.predictors]], study.predictors, []):
        return  # the check of pseudoreplication names it
    found = list(_alike(analysis, others))
    if not found:
        yield Check(
            NAME,
            FINE,
            "No other column looks like names that repeat. If rows still share an animal, a plate or a day, add a "
            "column that says which, and name it in the formula: + (1 | animal).",
        )
        return
    p, name, n = min(found)
    per = f"{name!r} repeats: {counted(n, 'name')} in {counted(len(study.rows), 'row')}."
    meant = f"Did you mean {study.formula} + (1 | {quoted(name)})?"
    if p < 0.05:
        yield Check(
            NAME,
            PROBLEM,
            f"{per} Rows of one {name} are more alike than others ({p_value(p)}), so they are not independent, and "
            f"p-values and intervals are wrong. {meant}",
        )
        return
    yield Check(
        NAME,
        LOOK,
        f"{per} Do its rows come from the same {name}? Then they are not independent, though there is no clear sign "
        f"of it ({p_value(p)}). {meant}",
    )


def _alike(analysis, others):
    """(p-value that residuals are no more alike within than between, column, number of names) of each suspect."""
    study, residuals = analysis.study, analysis.fit.residuals().to_numpy()
    cells = np.unique(study.design.X, axis=0, return_inverse=True)[1].ravel()
    for name in others:
        column = study.rows[name]
        if not may_be_units(column) or (pd.api.types.is_numeric_dtype(column) and not ID.search(str(name))):
            continue
        codes = pd.factorize(column)[0]
        if determines(cells, codes):  # another name for the design's own cells
            continue
        p = float(stats.f_oneway(*(residuals[codes == code] for code in range(codes.max() + 1))).pvalue)
        if ID.search(str(name)) or p < 0.05:
            yield (p if np.isfinite(p) else 1.0), name, int(codes.max()) + 1
