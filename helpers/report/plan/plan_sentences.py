"""The sentences of a plan, written from its numbers: above all the one for the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from helpers.planning.assumptions import CORRELATION, Pilot
from helpers.report.citations import PAPERS, software
from helpers.report.mixed_model.mixed_methods import DDF
from helpers.report.mixed_model.mixed_study import LOG
from helpers.report.phrases import Words, counted, joined, number, percent

if TYPE_CHECKING:
    from helpers.report.plan.plan_results import Planned
    from helpers.report.plan.plan_study import Study


def question(study: Study) -> Words:
    """The question in a sentence: the reader's own, or one made from the parameters."""
    if study.settings.question:
        return Words(study.settings.question)
    return Words(
        f"How many levels of {study.unit!r} does it take to find {_effect(study)}, with a power of "
        f"{percent(study.power)}?"
    )


def as_read(study: Study) -> Words:
    """Where the numbers come from."""
    if study.source is None:
        return Words("There is no pilot: the standard deviations are those that were given.")
    rows = counted(len(study.source.frame), "row")
    return Words(
        f"The pilot, {study.source.name}, holds {rows}; {study.fit.n_obs:,} of them were used to fit "
        f"{study.settings.formula}.",
        *study.source.notes,
    )


def assumptions(study: Study) -> pd.DataFrame:
    """Everything that is assumed, a row each: ``what, value``."""
    rows = [(f"effect of {name}", number(value)) for name, value in study.effects.items()]
    rows += [(f"standard deviation: {name}", number(value)) for name, value in _deviations(study.sd)]
    return pd.DataFrame(rows, columns=["what", "value"])


def design_table(study: Study) -> pd.DataFrame:
    """Rows and levels of each column of the design as it stands: ``column, levels, values``."""
    table = study.design.table()
    rows = [
        (name, int(column.nunique()), ", ".join(map(str, list(column.unique())[:4]))) for name, column in table.items()
    ]
    return pd.DataFrame([*rows, ("rows", len(table), "")], columns=["column", "levels", "values"])


def as_planned(planned: Planned) -> Words:
    """What the design as it stands can do."""
    row, study = planned.now.iloc[0], planned.study
    scale = " on the scale of logarithms" if study.ratios else ""
    return Words(
        f"With {counted(study.design.sizes[study.unit], 'level')} of {study.unit!r} the power is {_power(row)}. The "
        f"{percent(study.settings.conf_level)} interval of the effect would reach {number(row['half_width'])} to each "
        f"side{scale} (the median)."
    )


def statement(planned: Planned) -> Words:
    """The sentences for a grant or an ethics form."""
    study, row = planned.study, planned.needed.iloc[0]
    rows = len(study.design.resized(**{study.unit: planned.size}).table())
    deviations = joined(f"{number(value)} ({name})" for name, value in _deviations(study.sd))
    source = (
        f"as in our pilot with {joined(f'{n} levels of {name}' for name, n in study.fit.n_groups.items())}"
        if study.fit is not None
        else "as assumed"
    )
    sentences = [
        f"We plan for {planned.size} levels of {study.unit} ({counted(rows, 'measurement')} in all).",
        f"With these, the study has a power of {_power(row)} to find {_effect(study)} at a two-sided level of "
        f"{percent(round(study.alpha, 6))}, if the standard deviations are {deviations}, {source}.",
        f"Power was found by simulating {study.n_sim:,} experiments and analysing each as the study will be: by the "
        f"mixed model {study.formula}, fitted by restricted maximum likelihood, with {DDF[study.settings.ddf]}"
        + (f" ({PAPERS[study.settings.ddf]})." if study.settings.ddf in PAPERS else "."),
        f"Without an effect the test rejects in {row['type_1_error']:.1%} of such experiments.",
    ]
    if planned.unsure is not None:
        sentences.append(
            "Averaged over the standard deviations that the pilot leaves possible, the power is "
            f"{_power(planned.unsure.iloc[0])}."
        )
    return Words(" ".join(sentences))


def methods(planned: Planned) -> Words:
    """How the numbers were found."""
    low, high = (int(planned.needed[f"smallest_{end}"].iloc[0]) for end in ("low", "high"))
    return Words(
        f"Sizes were compared on the same random numbers (seed {planned.study.seed}); with as many experiments the "
        f"smallest size that is large enough is known to lie between {low} and {high}. Intervals of a power are exact "
        f"95% intervals of the simulation; they say nothing of whether the assumptions hold. Computed with "
        f"{software('numpy', 'scipy', 'pandas', 'formulaic')}."
    )


def _effect(study):
    (name, value), *_ = study.effects.items()
    inner = study.outcome[study.outcome.index("(") + 1 : -1] if LOG.fullmatch(study.outcome) else study.outcome
    of = f" in {inner if study.ratios else study.outcome}" if study.outcome else ""
    return f"a ratio of {number(value)}{of} ({name})" if study.ratios else f"an effect of {number(value)}{of} ({name})"


def _power(row):
    return f"{row['power']:.1%} ({row['power_low']:.1%} to {row['power_high']:.1%})"


def _deviations(sd):
    """Name and value of each standard deviation."""
    given = sd.sd if isinstance(sd, Pilot) else sd
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from ((f"{effect} of {name}", each) for effect, each in value.items() if effect != CORRELATION)
        else:
            yield name, value
