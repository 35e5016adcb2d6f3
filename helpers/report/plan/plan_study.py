"""A plan asked for in texts, settled before anything is simulated: what cannot be planned is refused here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd

from helpers.design import build_design, columns_used
from helpers.design.formula import parse_formula, parse_right_side
from helpers.design.translation import translate
from helpers.mixed import MixedFit, fit_design
from helpers.planning import crossed, from_fit, like
from helpers.planning.assumptions import Pilot
from helpers.planning.enlarged import Enlarged
from helpers.planning.recipes import Recipe
from helpers.reading.findings import missing_columns
from helpers.refusals.wording import listed
from helpers.report.formula_limits import check_formula
from helpers.report.levels import with_levels
from helpers.report.mixed_model.mixed_study import LOG
from helpers.report.options import AUTO
from helpers.report.own_table import Source, read, refuse_numbers_among_text, stripped

ENTRY = re.compile(r"\s*(.+?)\s*=\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Study:
    """What is planned.

    Attributes
    ----------
    settings : types.SimpleNamespace
        The parameters, see `helpers.report.options`.
    design : Recipe or Enlarged
    formula : str
        Its right side.
    effects : dict
        One entry: the term or coefficient, and what it is assumed to be.
    sd : dict or Pilot
    unsure : Pilot or None
        The same with the pilot's uncertainty.
    ratios : bool
    unit : str
        What there is to be more of.
    power, alpha : float
    n_sim, seed : int
    source : Source or None
        The pilot's table as read.
    fit : MixedFit or None
        Of the pilot.
    """

    settings: SimpleNamespace
    design: Recipe | Enlarged
    formula: str
    effects: dict[str, float]
    sd: dict | Pilot
    unsure: Pilot | None
    ratios: bool
    unit: str
    power: float
    alpha: float
    n_sim: int
    seed: int
    source: Source | None = None
    fit: MixedFit | None = None

    @property
    def options(self) -> dict:
        """What every call of `helpers.planning` is given."""
        return {
            **{"effects": self.effects, "sd": self.sd, "test": next(iter(self.effects)), "ratios": self.ratios},
            **{"ddf": self.settings.ddf, "alpha": self.alpha, "n_sim": self.n_sim, "seed": self.seed},
        }

    @property
    def outcome(self) -> str:
        """The outcome as the formula names it; empty where it names none."""
        return self.settings.formula.split("~", 1)[0].strip()


def prepare(settings: SimpleNamespace) -> Study:
    """Settle a plan: from numbers, or from a pilot's table.

    Parameters
    ----------
    settings : types.SimpleNamespace
        The parameters of the template ``plan``, from `helpers.report.options.settle`.

    Returns
    -------
    Study

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        A parameter is not what it must be, or the pilot cannot be read or carry the model.
    """
    formula = settings.formula
    if "~" not in formula:
        raise ValueError(f"FORMULA is a model with a ~, such as '~ drug + (1 | animal)'; found {formula!r}.")
    check_formula(formula.lstrip().removeprefix("~"))
    right = "~" + formula.split("~", 1)[1]
    random = parse_right_side(right).random
    if not random:
        raise ValueError("FORMULA has no random part: say which rows belong together, as in '~ drug + (1 | animal)'.")
    source = fit = None
    if settings.data:
        source, rows = _pilot(settings)
        fit = fit_design(build_design(formula, rows))
        design: Recipe | Enlarged = _recipe(settings) if settings.design else like(rows, random[0].groups[0])
        if settings.sd:
            raise ValueError("SD and DATA both say how much measurements scatter: leave one out.")
        sd: dict | Pilot = from_fit(fit)
        unsure = _unsure(fit)
    else:
        if not settings.design:
            raise ValueError(
                "DESIGN is missing: what the study is made of, such as 'animal=8; day=3' (or DATA, a pilot)."
            )
        if not settings.sd:
            raise ValueError("SD is missing: 'animal=0.7; residual=1', say (or DATA, a pilot that tells).")
        design, sd, unsure = _recipe(settings), _numbers(settings.sd, "SD"), None
    effects = _numbers(settings.effect, "EFFECT")
    if len(effects) != 1:
        raise ValueError(f"EFFECT is one term and its size, such as drug=0.8; found {settings.effect!r}.")
    ratios = settings.ratios == "yes" or (
        settings.ratios == AUTO and bool(LOG.fullmatch(formula.split("~", 1)[0].strip()))
    )
    unit = settings.more or next(iter(design.sizes))
    if unit not in design.sizes:
        raise ValueError(f"MORE names {unit!r}, which the design does not count. It counts {listed(design.sizes)}.")
    return Study(
        **{"settings": settings, "design": design, "formula": right, "effects": effects, "sd": sd, "unsure": unsure},
        **{"ratios": ratios, "unit": unit, "source": source, "fit": fit},
        power=_share(settings.power, "POWER"),
        alpha=1 - settings.conf_level,
        n_sim=_whole(settings.n_sim, "N_SIM", 100),
        seed=_whole(settings.seed, "SEED", 0),
    )


def _unsure(fit):
    """The same with what the pilot leaves possible; None where that is anything."""
    try:
        return from_fit(fit, uncertain=True)
    except ValueError:
        return None


def _pilot(settings):
    """The pilot's rows without gaps."""
    if not settings.formula.split("~", 1)[0].strip():
        raise ValueError(
            "With DATA the formula needs the pilot's outcome before the ~: 'length ~ drug + (1 | animal)'."
        )
    parsed = parse_formula(settings.formula)
    used, outcome = columns_used(parsed), tuple(translate(parsed.response).columns.values())
    source = read(settings, numeric=outcome)
    if absent := [name for name in used if name not in source.frame]:
        raise missing_columns(absent, source.frame.columns, source.name)
    source = stripped(source, [name for name in used if name not in outcome])
    refuse_numbers_among_text(source, tuple(translate(parsed.fixed).columns.values()), settings)
    rows = source.frame.dropna(subset=list(used))
    if not len(rows):
        raise ValueError(f"{source.name}: every row misses a value in one of the columns {listed(used)}.")
    return source, with_levels(rows, "", settings.reference, used)[list(used)]


def _recipe(settings):
    factors = {name: _levels(name, text, "DESIGN") for name, text in _entries(settings.design, "DESIGN").items()}
    between = {name: _levels(name, text, "BETWEEN") for name, text in _entries(settings.between, "BETWEEN").items()}
    rows = _whole(settings.replicates, "REPLICATES", 1)
    return crossed(between=between or None, replicates=rows, **factors)


def _entries(text, option):
    """NAME=value; NAME=value."""
    found = {}
    for piece in filter(str.strip, text.split(";")):
        match = ENTRY.fullmatch(piece)
        if not match or not match[2]:
            raise ValueError(
                f"{option} is written NAME=value, several with a semicolon between; found {piece.strip()!r}."
            )
        if match[1] in found:
            raise ValueError(f"{option} names {match[1]!r} twice.")
        found[match[1]] = match[2]
    return found


def _levels(name, text, option):
    """A number of levels, or the levels: numbers, if all are."""
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    numbers = [_number(piece) for piece in pieces]
    if len(pieces) == 1:
        if numbers[0] is None or numbers[0] != int(numbers[0]):
            raise ValueError(
                f"{option}: {name!r} is a whole number, or its levels with commas between; found {text!r}."
            )
        return int(numbers[0])
    return pieces if None in numbers else numbers


def _numbers(text, option):
    found = {}
    for name, value in _entries(text, option).items():
        if (each := _number(value)) is None:
            raise ValueError(f"{option}: {name!r} is a number; found {value!r}.")
        found[name] = each
    return found


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None


def _share(text, option):
    share = _number(str(text))
    if share is None or not 0 < share < 1:
        raise ValueError(f"{option} lies between 0 and 1, such as 0.8; found {text!r}.")
    return share


def _whole(text, option, least):
    whole = _number(str(text))
    if whole is None or whole != int(whole) or whole < least:
        raise ValueError(f"{option} is a whole number of {least} or more; found {text!r}.")
    return int(whole)


def sizes_around(answer: int, design: Recipe | Enlarged, unit: str) -> list[int]:
    """About a dozen sizes on both sides of an answer, for a curve."""
    first = max(design.fewest(unit) + 1, round(answer / 3))
    wanted = pd.Series([answer, *(round(first + k * (1.6 * answer - first) / 10) for k in range(11))])
    return sorted(set(wanted[wanted >= first].astype(int)))
