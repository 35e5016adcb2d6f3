"""What the variances found here say of the next study: one sentence; the template ``plan`` has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.planning import detectable, from_fit, like, smallest
from helpers.report.mixed_model import next_of_rows
from helpers.report.phrases import Words, number

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

MOST_ROWS = 1_000  # beyond, the reader would wait
N_SIM, SEED, POWER = 1_000, 1, 0.8
ELSEWHERE = "How many animals the next study needs, TEMPLATE=plan works out from this table."


def next_study(analysis: Analysis) -> Words:
    """The difference that a study of this design finds with 80% power, and what half of it takes.

    Parameters
    ----------
    analysis : helpers.report.mixed_model.mixed_results.Analysis

    Returns
    -------
    Words
        For one random intercept, and a predictor with one coefficient that interacts with none; for any formula without
        groups; else, where to look.
    """
    study, name = analysis.study, analysis.study.contrast
    terms = study.design.random
    if not terms:
        return Words(next_of_rows.next_of_rows(analysis) if name is not None else "")
    if (
        name is None
        or len(study.rows) > MOST_ROWS
        or len(terms) > 1
        or terms[0].names != ("(Intercept)",)
        or terms[0].group not in study.rows
        or len(study.design.terms.get(name, ())) != 1
        or any(name in study.design.columns_of(term) for term in study.design.terms if term != name)
    ):
        return Words(ELSEWHERE)
    group = terms[0].group
    design = like(study.rows[list(study.used)], group)
    plan = {"sd": from_fit(analysis.fit), "ddf": study.settings.ddf, "n_sim": N_SIM, "seed": SEED}
    plan |= {"test": name, "alpha": 1 - study.settings.conf_level}
    formula = "~" + study.formula.split("~", 1)[1]
    found = detectable(design, formula, effect=name, power=POWER, **plan)
    try:
        needed = smallest(design, formula, power=POWER, effects={name: found / 2}, **plan)
    except ValueError:  # more of these groups does not help
        return Words(ELSEWHERE)
    as_ratio = study.transform == "exp"
    whole, half = (number(round(float(np.exp(size) if as_ratio else size), 3)) for size in (found, found / 2))
    what = f"a ratio of {whole}" if as_ratio else f"a difference of {whole} in {study.design.response}"
    animals, there = int(needed[group].iloc[0]), len(terms[0].levels)
    return Words(
        f"With the standard deviations found here, a study of this design has 80% power to find {what} ({name}); for "
        f"one of {half} it takes about {animals} levels of {group!r} instead of {there}. {ELSEWHERE}"
    )
