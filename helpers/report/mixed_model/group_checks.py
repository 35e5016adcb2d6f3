"""Whether the groups of a mixed model are what they seem: enough of them, well named, with rows in each cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from helpers.design.translation import quoted
from helpers.report.phrases import joined, number, percent
from helpers.report.suspects import determines
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, graded

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis
    from helpers.report.mixed_model.mixed_study import Study

FEW_GROUPS = 5
FEW_DF = 15.0
ID = re.compile(
    r"(?<![a-z])(id|animal|mouse|rat|fish|subject|patient|donor|person|participant|litter|cage|batch|plate|replicate|"
    r"rep|block|sample|site|chip|run)(?![a-z])",
    re.IGNORECASE,
)


def number_of_groups(analysis: Analysis) -> Check:
    """Whether there are enough groups to estimate a variance between them, and what the tests have of it."""
    sizes = {term.group: len(term.levels) for term in analysis.study.design.random}
    few = {name: n for name, n in sizes.items() if n < FEW_GROUPS}
    told = joined(f"{n} levels of {name!r}" for name, n in (few or sizes).items())
    if not few:
        return Check("number of groups", FINE, f"There are {told}.")
    df = float(analysis.contrasts["df"].min())
    rests = (
        f"The effect asked about has {number(df)} degrees of freedom: more groups would help it more than more rows in "
        "each group."
        if df < FEW_DF
        else f"The effect asked about is compared within groups (t with {number(df)} df). That holds if it is the same "
        "in every group, which so few groups cannot show."
    )
    return Check(
        "number of groups",
        PROBLEM if min(few.values()) < 3 else LOOK,
        f"There are only {told}. The variance between so few groups is very uncertain. {rests}",
    )


def numbers_as_ids(study: Study) -> Check | None:
    """Whether a predictor that enters as a number looks like the name of an animal, a batch or a plate."""
    for name in study.predictors:
        values = study.rows[name]
        if study.levels[name] is None and ID.search(name) and (values == values.round()).all():
            return Check(
                "numbers or names",
                PROBLEM,
                f"{name!r} enters as a number: one slope, as if {name} {number(values.max())} had more of something "
                f"than {name} {number(values.min())}. If its numbers are names, write C({quoted(name)}).",
            )
    return None


def same_names(study: Study) -> Check | None:
    """Whether groups numbered 1, 2, 3 anew in each level of a predictor were taken for the same groups."""
    for term in study.design.random:
        if ":" in term.group or not set(map(str, term.levels)) <= set(map(str, range(len(term.levels) + 1))):
            continue
        for name in study.factors:
            cells = pd.crosstab(term.codes, study.rows[name]) > 0
            shared, anew = int((cells.sum(axis=1) > 1).sum()), int(cells.to_numpy().sum())
            together = {frozenset(other.groups) for other in study.design.parsed.random}
            if shared < 2 or anew == len(study.rows) or {term.group, name} in together:
                continue
            formula = f"(1 | {quoted(name)}:{quoted(term.group)})"
            return Check(
                "names of groups",
                LOOK,
                f"{shared} levels of {term.group!r} have rows in more than one level of {name!r}. They are taken for "
                f"the same {term.group} each time. If the numbers start anew in each level of {name!r}, there are "
                f"{anew}, not {len(term.levels)}: write {formula} instead of "
                f"(1 | {quoted(term.group)}).",
            )
    return None


def groups_per_level(study: Study) -> Check | None:
    """Of a contrast that never varies within a group: how many groups each of its levels rests on."""
    if study.contrast is None or study.levels[study.contrast] is None:
        return None
    values = pd.factorize(study.rows[study.contrast])[0]
    for term in study.design.random:
        if determines(term.codes, values):
            counts = pd.crosstab(term.codes, study.rows[study.contrast]).gt(0).sum()
            smallest = int(counts.min())
            told = joined(f"{n} for {level!r}" for level, n in counts.items())
            return Check(
                "groups per level",
                PROBLEM if smallest < 2 else LOOK if smallest < 3 else FINE,
                f"{study.contrast!r} is the same in all rows of one {term.group!r}, so its levels are compared between "
                f"groups: {told}." + (" One group cannot show how much groups differ." if smallest < 2 else ""),
            )
    return None


def rows_per_cell(study: Study) -> Check | None:
    """Whether cells of the factors and groups hold more than one row."""
    if not study.groups:
        return None
    factors = [name for name in study.factors if isinstance(study.rows[name].dtype, pd.CategoricalDtype)]
    cells = pd.DataFrame({name: study.rows[name].to_numpy() for name in factors})
    for term in study.design.random:
        cells[f"group {term.group}"] = term.codes
    sizes = cells.groupby(list(cells), observed=True).size()
    alone = float((sizes == 1).mean())
    verdict = graded(alone, 0.5, 2.0)
    where = joined([*map(repr, factors), *(repr(name) for name in study.groups)])
    if alone == 1:
        numbers = [name for name in study.predictors if study.levels[name] is None]
        if not numbers:
            return Check(
                "rows per cell",
                LOOK,
                f"Each cell of {where} holds one row, so an interaction of the groups with the factors cannot be "
                "separated from the residual.",
            )
    return Check("rows per cell", verdict, f"{percent(alone)} of the cells of {where} hold a single row.")
