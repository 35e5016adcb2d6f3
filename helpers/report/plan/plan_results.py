"""What a plan comes to: its power as it stands, the size it needs, and what a small pilot leaves open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.planning import PowerTable, curve, power, smallest
from helpers.report.phrases import number, percent
from helpers.report.plan.plan_study import Study, sizes_around
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, Verdicts, graded

SMALL_PILOT = 10  # groups: a pilot with fewer knows little of the variance between them
MUCH = 0.05  # power that is lost to what the pilot does not know
EFFECTS = (0.5, 0.75, 1.0, 1.25, 1.5)  # times the one that is planned for


@dataclass(frozen=True, eq=False)
class Planned:
    """The numbers of a plan.

    Attributes
    ----------
    study : Study
    now : PowerTable
        As the design stands.
    needed : PowerTable
        At the smallest size with the power that is asked for.
    curve, by_effect : PowerTable
        Around that size, at the effect planned for; at that size, around the effect.
    unsure : PowerTable or None
        At that size, averaged over what the pilot leaves open.
    """

    study: Study
    now: PowerTable
    needed: PowerTable
    curve: PowerTable
    by_effect: PowerTable
    unsure: PowerTable | None

    @property
    def size(self) -> int:
        """How many of the unit the plan needs."""
        return int(self.needed[self.study.unit].iloc[0])


def calculate(study: Study) -> Planned:
    """Simulate everything that the report shows.

    Raises
    ------
    ValueError
        The design cannot carry the model or its test, or no size is large enough.
    """
    options = study.options
    now = power(study.design, study.formula, **options)
    needed = smallest(study.design, study.formula, over=study.unit, power=study.power, **options)
    size = int(needed[study.unit].iloc[0])
    around = curve(
        study.design, study.formula, over={study.unit: sizes_around(size, study.design, study.unit)}, **options
    )
    large = study.design.resized(**{study.unit: size})
    (name, effect), *_ = study.effects.items()
    scaled = [float(effect**share if study.ratios else effect * share) for share in EFFECTS]
    by_effect = curve(large, study.formula, over={name: scaled}, **options)
    unsure = None if study.unsure is None else power(large, study.formula, **(options | {"sd": study.unsure}))
    return Planned(study, now, needed, around, by_effect, unsure)


def check_all(planned: Planned) -> Verdicts:
    """What speaks against the plan."""
    row = planned.needed.iloc[0]
    return Verdicts(
        [
            _promise(row, planned.study.alpha),
            _singular(row),
            _winners_curse(planned.now.iloc[0], planned.study),
            _pilot(planned),
        ]
    )


def _promise(row, alpha):
    """Whether the test keeps its level."""
    says = f"Without an effect the test rejects in {row['type_1_error']:.1%} of the experiments"
    verdict = FINE if row["type_1_low"] <= alpha else graded(row["type_1_error"] / alpha, 1.2, 1.5)
    return Check("type I error", verdict, f"{says}; its nominal level is {percent(alpha)}.")


def _singular(row):
    share = row["singular"]
    verdict = graded(share, 0.1, 1.1)
    return Check(
        "singular fits",
        verdict,
        f"In {share:.1%} of the experiments a variance is estimated as zero, which few groups cause.",
    )


def _winners_curse(row, study):
    """What a significant result of the design as it stands would overstate."""
    if not np.isfinite(row["type_m"]):
        return None
    return Check(
        "winner's curse",
        graded(row["type_m"], 1.25, 2.0),
        f"As the design stands, estimates that reach significance are on average {number(row['type_m'])} times as "
        f"large as the truth; {row['type_s']:.1%} of them have the wrong sign.",
    )


def _pilot(planned):
    """Whether the pilot knows what it is asked."""
    study, name = planned.study, "source of the standard deviations"
    if study.fit is None:
        return Check(name, LOOK, "They are assumed: say in the form where they come from.")
    groups = int(study.fit.n_groups.iloc[0])
    of_pilot = f"They are those of a pilot with {groups} levels of {study.fit.design.random[0].group!r}"
    if planned.unsure is None:
        return Check(name, PROBLEM, f"{of_pilot}: so few leave almost any value possible.")
    found = float(planned.unsure["power"].iloc[0])
    lost = float(planned.needed["power"].iloc[0]) - found
    verdict = PROBLEM if study.fit.is_singular else LOOK if groups < SMALL_PILOT or lost > MUCH else FINE
    zero = " One of them was estimated as zero, which does not mean that it is." if study.fit.is_singular else ""
    averaged = f"Averaged over the standard deviations that it leaves possible, the power is {found:.1%}."
    return Check(name, verdict, f"{of_pilot}.{zero} {averaged}")
