"""Exercises of lesson 13, how many animals. Every solution and every known wrong answer is computed here."""

from functools import cache

from helpers.data import load_repeated_samples, load_sleepstudy
from helpers.exercises.answers import Choice, Number
from helpers.mixed import fit_mixed
from helpers.planning import crossed, from_fit, power, smallest

STUDY = crossed(animal=10, week=4, between={"drug": ["control", "treated"]})
FORMULA = "~ drug + (1 | animal)"
OTHER_WAY_ROUND = {"animal": 45, "residual": 77}
NAP = "~ nap + (1 | Subject)"


@cache
def _of_mice():
    """Standard deviations of the pilot of ten mice."""
    return from_fit(fit_mixed("urea ~ (1 | animal)", load_repeated_samples()))


@cache
def _mice_for(effect):
    plan = {"effects": {"drug": effect}, "sd": _of_mice(), "ddf": "kenward-roger", "n_sim": 4_000}
    return int(smallest(STUDY, FORMULA, power=0.8, **plan)["animal"].iloc[0])


def mice_for_half() -> Number:
    """13.1: mice for half the difference."""
    solution, of_all = _mice_for(-50), _mice_for(-100)
    return Number(
        solution=solution,
        tolerance=4.5,
        explanation="Half the difference takes about four times as many mice: the number goes with its square.",
        otherwise='smallest(design, formula, power=0.8, **(plan | {"effects": {"drug": -50}})), column animal.',
        wrong=[
            ((of_all - 1, of_all + 1), "That finds 100 mg/dl. Put -50 into effects."),
            ((solution / 2 - 2.5, solution / 2 + 2.5), "That is one group. How many mice in all?"),
            ((2 * of_all - 3, 2 * of_all + 3), "Half the difference takes more than twice as many: let smallest say."),
            ((_mice_for(-200) - 1, _mice_for(-200) + 1), "That finds 200 mg/dl. Half of 100 is 50."),
            ((4 * solution - 18, 4 * solution + 18), "Those are the measurements. Each mouse has four."),
        ],
    )


def _of_other(weeks, sd=None):
    plan = {"effects": {"drug": -100}, "sd": sd or OTHER_WAY_ROUND, "ddf": "kenward-roger"}
    return float(power(STUDY.resized(week=weeks), FORMULA, **plan)["power"].iloc[0])


def weeks_that_help() -> Number:
    """13.2: the power of ten mice in sixteen weeks, where weeks scatter more than mice do."""
    solution = _of_other(16)
    return Number(
        solution=solution,
        tolerance=0.02,
        digits=2,
        explanation="Here weeks scatter more than mice, and measuring each mouse more often does help.",
        otherwise='power(design.resized(week=16), formula, **(plan | {"sd": {"animal": 45, "residual": 77}})).',
        wrong=[
            (_of_other(4), "That is the power with four weeks. Take design.resized(week=16)."),
            (_of_other(16, _of_mice()), "Those are the standard deviations of the pilot. Take 45 and 77."),
            (_of_other(4, _of_mice()), "That is the power of section 1. Change the weeks and the standard deviations."),
            (
                float(
                    power(
                        STUDY.resized(animal=16),
                        FORMULA,
                        effects={"drug": -100},
                        sd=OTHER_WAY_ROUND,
                        ddf="kenward-roger",
                    )["power"].iloc[0]
                ),
                "That is sixteen mice in four weeks. Keep ten mice, and take week=16.",
            ),
        ],
    )


@cache
def _of_people(last=18):
    """Standard deviations of the sleep study, of all people or of the last few."""
    people = load_sleepstudy()
    names = people["Subject"].unique()[-last:]
    return from_fit(fit_mixed("Reaction ~ Days + (1 | Subject)", people[people["Subject"].isin(names)]))


def _nap(n, sd, days=10, effect=-30):
    design = crossed(Subject=n, day=days, between={"nap": ["no", "yes"]})
    return float(power(design, NAP, effects={"nap": effect}, sd=sd, ddf="kenward-roger")["power"].iloc[0])


def power_of_sixteen() -> Number:
    """13.3: what a study of sixteen people truly has, where the pilot says 80%."""
    solution = _nap(16, _of_people())
    return Number(
        solution=solution,
        tolerance=0.02,
        digits=2,
        explanation="The third pilot says more than 80%. So one would begin a study that will probably find nothing.",
        otherwise=(
            'sd = from_fit(fit_mixed("Reaction ~ Days + (1 | Subject)", people)), then power of crossed(Subject=16, '
            'day=10, …) with effects={"nap": -30}.'
        ),
        wrong=[
            (_nap(16, _of_people(6)), "That is what the third pilot says. Take the standard deviations of all 18."),
            (_nap(54, _of_people()), "80% is what each plan aims at. What do 16 people have, with the SDs of all 18?"),
            (_nap(18, _of_people()), "That is the power of 18 people. The pilot of six asked for 16."),
            (_nap(16, _of_people(), effect=-100), "That is for 100 ms. The nap should shorten reactions by 30 ms."),
        ],
    )


def what_is_right() -> Choice:
    """13.4: what may be said of ten mice without a significant effect."""
    return Choice(
        solution="c",
        explanation="The power for the difference of interest was settled beforehand; the interval says what is left.",
        wrong=[
            ("a", "Power at the effect found is the p-value in other words: with p > 0.05 it is always low."),
            ("b", "A large p-value is not evidence that nothing is there, least of all where power is low."),
            ("d", "Weeks do not make ten mice more: the power of these ten levels off below 50%."),
        ],
    )


EXERCISES = {
    "13.1": mice_for_half,
    "13.2": weeks_that_help,
    "13.3": power_of_sixteen,
    "13.4": what_is_right,
}
