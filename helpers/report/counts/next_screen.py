"""How many samples the next screen of counts needs, with the dispersions found here: a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from helpers.design.coding import INTERCEPT
from helpers.planning import ScreenPilot, crossed, screen, screen_pilot
from helpers.planning.screens import FEWEST_GENES, FEWEST_READS
from helpers.report.counts.count_results import Analysis
from helpers.report.counts.count_study import Study
from helpers.report.phrases import Words, percent

FOLD, POWER = 2.0, 0.8
PLAN = {"fold_changes": [FOLD], "n_genes": 1_000, "n_screens": 3, "seed": 1}  # 300 genes that change
MOST = 64
ELSEWHERE = "helpers.planning.screen plans other designs, fold changes and depths."


@dataclass(frozen=True, eq=False)
class Larger:
    """A design like the study's, of any size.

    Attributes
    ----------
    formula, test : str
        As `helpers.planning.screen` takes them.
    table : callable
        Size -> rows.
    fewest : int
        The smallest size that can be analysed.
    effect : str
        What doubles a gene, in words.
    size : callable
        Size -> words.
    """

    formula: str
    test: str
    table: Callable[[int], pd.DataFrame]
    fewest: int
    effect: str
    size: Callable[[int], str]


def next_study(analysis: Analysis) -> Words:
    """The samples with which a gene that doubles is found with 80% power.

    Parameters
    ----------
    analysis : helpers.report.counts.count_results.Analysis

    Returns
    -------
    Words
        For two groups, for pairs, and for a number beside other numbers; else, where to look.
    """
    study = analysis.study
    larger = larger_design(study)
    if larger is None or (study.counts.sum(axis=1) >= FEWEST_READS).sum() < FEWEST_GENES:
        return Words(ELSEWHERE)
    method = "voom" if study.method == "voom" else "quasi-likelihood"
    pilot = screen_pilot(study.counts, study.samples, study.formula)
    found = smallest_size(larger, pilot, study.fdr, method)
    size = f"about {larger.size(found)}" if found else f"not even {larger.size(MOST)}"
    return Words(
        f"With the dispersions and depths found here, {size} would find a gene that doubles {larger.effect} with a "
        f"probability of {POWER:g} at a false discovery rate of {percent(study.fdr)} (the mean over genes; simulated "
        f"screens tested by {method}, where one gene in ten changes). {ELSEWHERE}"
    )


def larger_design(study: Study) -> Larger | None:
    """The study's design at any size; None where it is not clear which effect doubles a gene."""
    others = [column for column in study.used if column != study.contrast]
    if study.method == "mixed" or any(":" in name for name in study.names):
        return None
    if not study.is_factor:
        return (
            _copies(study, "for a standard deviation more of " + repr(study.contrast))
            if len(study.terms) == 1
            else None
        )
    levels = list(study.samples[study.contrast].cat.categories)
    if not others:
        return _groups(levels)
    if len(levels) != 2:
        return None
    effect = f"from {levels[0]} to {levels[1]}"
    if len(others) == 1 and _are_pairs(study.samples, others[0], study.contrast):
        return _pairs(others[0], levels, effect)
    return _copies(study, effect)


def _groups(levels):
    """Groups of one size."""
    to = levels[1] if len(levels) == 2 else "another"

    def table(n):
        return crossed(sample=len(levels) * n, between={"level": levels}).table()

    return Larger(
        "~ level", f"level[T.{levels[1]}]", table, 2, f"from {levels[0]} to {to}", "{} samples per group".format
    )


def _pairs(block, levels, effect):
    """Each block has a sample of both levels."""

    def table(n):
        return crossed(block=n, level=levels).table()

    size = f"{{}} levels of {block!r}, each with both samples,".format
    return Larger("~ block + level", f"level[T.{levels[1]}]", table, 3, effect, size)


def _are_pairs(samples, block, contrast):
    if not isinstance(samples[block].dtype, pd.CategoricalDtype):
        return False
    return bool((pd.crosstab(samples[block], samples[contrast]) == 1).all(axis=None))


def _copies(study, effect):
    """The samples of this study, several times over; a number in its standard deviations."""
    asked = study.weights.iloc[0]
    if (asked != 0).sum() != 1:
        return None
    place = study.names.index(asked.ne(0).idxmax())
    columns = {f"x{k}": study.X[:, k] for k in range(len(study.names)) if study.names[k] != INTERCEPT}
    if not study.is_factor:
        columns[f"x{place}"] = columns[f"x{place}"] / columns[f"x{place}"].std(ddof=1)
    rows = pd.DataFrame(columns)

    def table(n):
        return pd.concat([rows] * n, ignore_index=True)

    def size(n):
        return f"{n * len(rows)} samples" + (f" ({n} times those of this study)" if n > 1 else ", as many as here,")

    return Larger("~ " + " + ".join(columns), f"x{place}", table, 1, effect, size)


def smallest_size(larger: Larger, pilot: ScreenPilot, fdr: float, method: str) -> int | None:
    """The smallest size with enough power, by bisection; None where `MOST` has not."""

    def enough(n):
        table = screen(larger.table(n), larger.formula, pilot=pilot, test=larger.test, fdr=fdr, method=method, **PLAN)
        return table["power"].iloc[0] >= POWER

    low, high = larger.fewest - 1, larger.fewest
    while not enough(high):
        if high >= MOST:
            return None
        low, high = high, min(2 * high, MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
