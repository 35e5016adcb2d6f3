"""`power`: one design, its tests, and how often they will be right."""

from __future__ import annotations

import html
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

import numpy as np
import pandas as pd
from tqdm import tqdm

from helpers.design import Design, build_shared_design
from helpers.hypotheses.adjusting import FROM_P_VALUES, adjustment
from helpers.mixed.inference import METHODS
from helpers.planning.asked import Question, questions_of
from helpers.planning.assumptions import Pilot, Variances, coefficients_of, stacked, variances_of
from helpers.planning.enlarged import Enlarged
from helpers.planning.experiments import Mixed, model_of, noise, pieces
from helpers.planning.families import Family, families_of, needs_correlations
from helpers.planning.rates import FamilyTally, Tally, count_joint, count_singles
from helpers.planning.recipes import Recipe
from helpers.threads import one_thread

PATIENCE = 5  # seconds without a progress bar: what a lesson asks for never takes as long, on a slow machine either
PATTERNS = 20  # of lost rows, over which a design with missing rows is averaged


class PowerTable(pd.DataFrame):
    """A table of powers that says beneath itself what they are the power of."""

    _metadata = ["note"]  # noqa: RUF012 - pandas' own way to keep an attribute
    note = ""

    @property
    def _constructor(self):
        return PowerTable

    def _repr_html_(self):
        note = f"<p><small>{html.escape(self.note, quote=False)}</small></p>" if self.note else ""
        return pd.DataFrame._repr_html_(self) + note

    def __repr__(self):
        """Return the table and its note."""
        return super().__repr__() + (f"\n{self.note}" if self.note else "")


@dataclass(frozen=True, eq=False)
class Scenario:
    """A part of the experiments: a table, what is planted in it, what is asked of it."""

    truth: Design
    model: Any
    variances: Variances
    questions: list[Question]
    families: list[Family]
    beta: np.ndarray
    n_sim: int
    seed: tuple[int, ...]

    def of(self, places: np.ndarray) -> Variances:
        """The variances of some experiments: one after the other of those that a pilot leaves possible."""
        return self.variances.of(places % np.size(self.variances.sigma))


def power(
    design: Recipe | Enlarged | pd.DataFrame,
    formula: str,
    *,
    effects: dict | pd.DataFrame | None = None,
    sd: dict | Pilot | None = None,
    test: Any = None,
    ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    n_sim: int = 10_000,
    alpha: float = 0.05,
    seed: int = 1,
    adjust: str | None = None,
    equivalence: tuple[float, float] | None = None,
    ratios: bool = False,
    truth: str | None = None,
) -> PowerTable:
    """How often a planned study will find what is there.

    Parameters
    ----------
    design : Recipe, Enlarged or pandas.DataFrame
        From `crossed` or `nested`; from `like`, animals as in a pilot; or a table with a row per measurement.
    formula : str
        The model that will be fitted: ``"~ drug + day + (1 | animal)"``; an outcome before the ~ is left out. Without a
        random part, ordinary least squares.
    effects : dict or pandas.DataFrame, optional
        What is truly there, in the units of the outcome. Term or coefficient -> difference (slope, for a number); or
        factor -> {level: difference from the first level}. In a model with interactions, coefficients. What is not
        named is zero. Or a table of means: columns of factors, and ``mean``.
    sd : dict or Pilot
        Standard deviations: each group of the random part, and "residual". Of random slopes,
        ``{"animal": {"intercept": 0.7, "drug": 0.4, "correlation": 0}}``. See `from_icc` and `from_fit`, too.
    test : str, list, dict, optional
        A term or a coefficient, or several; a term with several coefficients is tested by F. Contrasts, as
        `MixedFit.contrast` takes them. ``{"variables": "drug", "by": "day"}``: the rows of
        `helpers.contrasts.comparisons`. ``{"joint": [...]}``: one F test. Without, what `effects` names.
    ddf : {"satterthwaite", "kenward-roger", "normal"}
        Degrees of freedom of the test. Without a random part the first two are those of the residuals.
    n_sim : int
        Experiments.
    alpha : float
        Level of the test; intervals have 1 − alpha.
    seed : int
    adjust : {"holm", "BH", "BY", "bonferroni", "sidak", "tukey", "dunnett", "mvt", "scheffe"}, optional
        The t tests are one family, corrected so. "tukey" is for pairwise differences, ``{"variables": {"dose":
        "pairwise"}}``, "dunnett" for comparisons with a reference; with ``by`` each cell is a family of theirs.
    equivalence : tuple of two floats, optional
        Test that the effect lies between these: `effects` says where it truly is.
    ratios : bool
        The outcome will be analysed as a natural logarithm: effects and bounds of equivalence are given as ratios (1.25
        is a quarter more), means as geometric means. Standard deviations are those of the logarithm.
    truth : str, optional
        The formula that the data follow, if it is another than the one that is fitted; `effects` and `sd` are its own.

    Returns
    -------
    PowerTable
        One row per test: ``test``; ``effect``, the true value (NaN for F); ``power``, with the interval
        ``power_low, power_high`` that the number of simulations leaves (95%); ``type_1_error, type_1_low,
        type_1_high``, how often the test rejects where all effects are zero (for equivalence: at the bound);
        ``half_width``, of the median interval; ``type_s``, the share of wrong signs among the significant estimates;
        ``type_m``, their mean size over the true one (the winner's curse); ``df``, the median; ``singular``, the share
        of fits with a variance at zero; ``not_fitted``; ``n_sim``. With `adjust` also ``family_error, family_low,
        family_high``: how often any test of the family rejects where all effects are zero. Intervals, and so
        ``half_width``, are those of one test.

    Raises
    ------
    ValueError
        The design cannot carry the model or its test; an effect, a standard deviation or an option is not what it must
        be; the message says which.
    UnknownNameError
        A name is no term, coefficient, group or column. It is a ``KeyError``.

    Notes
    -----
    Every experiment is fitted by REML at its optimum, as `fit_mixed` would, and tested with the degrees of freedom that
    will be used. The result depends on the seed alone, not on the machine. Errors of type S and M: Gelman & Carlin
    2014, doi:10.1177/1745691614551642.
    """
    bounds = _checked(ddf, n_sim, alpha, seed, adjust, equivalence, ratios)
    asked = (effects, sd, test, ddf, adjust, equivalence)
    scenarios = _scenarios(design, formula, *asked, n_sim, seed, ratios, truth)
    table = run(scenarios, alpha, bounds, n_sim)
    table.note = _note(formula, ddf, alpha, n_sim, adjust, equivalence)
    return table


def run(scenarios: Any, alpha: float, bounds: tuple | None, n_sim: int) -> PowerTable:
    """Simulate, fit and count."""
    tallies, values, names, done = [], [], [], 0
    with tqdm(total=n_sim, unit="experiment", delay=PATIENCE, leave=False) as bar:
        for scenario in scenarios:
            singles = [k for k, each in enumerate(scenario.questions) if not each.is_joint]
            joints = [k for k, each in enumerate(scenario.questions) if each.is_joint]
            if not tallies:
                names = [each.name for each in scenario.questions]
                values = [each.weights @ scenario.beta for each in scenario.questions]
                tallies = [Tally() for _ in names]
                for family in scenario.families:
                    shared = FamilyTally()
                    for k in family.places:
                        tallies[singles[k]].family = shared
            single = [tallies[k] for k in singles]
            true = np.array([values[k][0] for k in singles])
            for n, rng in pieces(scenario.n_sim, scenario.model.most, scenario.seed):
                with one_thread():
                    own = scenario.of(np.arange(done, done + n))
                    fits = scenario.model.fits(noise(scenario.truth, own, n, rng))
                done += n
                count_singles(single, fits, true, alpha, scenario.families, bounds)
                for place, k in enumerate(joints):
                    count_joint(tallies[k], fits, place, values[k], alpha)
                bar.update(n)
    effects = [float(value[0]) if len(value) == 1 else np.nan for value in values]
    table = [{"test": name, "effect": effect} for name, effect in zip(names, effects, strict=True)]
    rows = [tally.row(effect) for tally, effect in zip(tallies, effects, strict=True)]
    return PowerTable(pd.DataFrame([first | second for first, second in zip(table, rows, strict=True)]))


def _scenarios(design, formula, effects, sd, test, ddf, adjust, equivalence, n_sim, seed, ratios, truth):
    """The parts of the experiments: one, or as many as there are patterns of lost rows."""
    right = _right_side(formula)
    draws = list(sd.draws) if isinstance(sd, Pilot) else []
    missing = isinstance(design, Recipe) and design.missing > 0
    parts = min(PATTERNS if missing else 1, n_sim)
    prepared = None
    for part, share in enumerate(np.diff(np.linspace(0, n_sim, parts + 1).round().astype(int))):
        if prepared is None or missing:
            table = _table(design, np.random.default_rng([seed, part, 1]) if missing else None)
            built = build_shared_design(right, table)
            questions = questions_of(built, test, effects)
            _refuse_joint(questions, adjust, equivalence)
            families = families_of(questions, adjustment(adjust))
            model = model_of(built, questions, ddf, correlated=needs_correlations(families))
            true = built if truth is None else build_shared_design(_right_side(truth), table)
            if truth is not None and len(true.X) != len(built.X):
                raise ValueError("The table has gaps in the columns of formula= or truth=: fill them first.")
            beta = coefficients_of(true, effects, ratios=ratios)
            prepared = (true, built, model, questions, families, beta)
        true, built, model, questions, families, beta = prepared
        variances = variances_of(true, _with_residual(true, sd))
        if isinstance(model, Mixed) and truth is None:
            model.started_at(variances)
        if draws:
            variances = stacked([variances_of(true, each) for each in draws[:n_sim]])
        carried = _carried(true, built, beta)
        yield Scenario(true, model, variances, questions, families, carried, int(share), (seed, part))


def _note(formula, ddf, alpha, n_sim, adjust, equivalence):
    """What the numbers are the power of."""
    if "|" not in formula:
        test = "z tests" if ddf == "normal" else "tests with the residual degrees of freedom"
    else:
        test = {"normal": "z tests", "satterthwaite": "Satterthwaite's tests"}.get(ddf, "Kenward–Roger tests")
    family = "" if adjust is None else f", adjusted ({adjust})"
    aim = "" if equivalence is None else f" of equivalence within {equivalence[0]:g} to {equivalence[1]:g}"
    return (
        f"{n_sim:,} simulated experiments, each fitted by {formula.strip()}; {test}{aim} at {alpha:.3g}{family}. The "
        "columns ending in low and high say how far the simulation is to be trusted, not whether the assumptions hold."
    )


def _refuse_joint(questions, adjust, equivalence):
    joint = [each.name for each in questions if each.is_joint]
    if joint and (adjust is not None or equivalence is not None):
        option = "adjust" if adjust is not None else "equivalence"
        raise ValueError(
            f"{joint[0]!r} has several coefficients and is tested by F; {option}= is for t tests. Ask for comparisons, "
            'test={"variables": …}, or for single coefficients.'
        )


def _with_residual(design, sd):
    if sd is None:
        groups = [term.group for term in design.random]
        example = ", ".join(f"{name!r}: …" for name in [*groups, "residual"])
        raise ValueError(f"sd= is missing: how much do measurements scatter? Say sd={{{example}}}.")
    return sd


def _carried(true, built, beta):
    """The coefficients of the fitted model that the truth has."""
    if true is built:
        return beta
    found = np.linalg.lstsq(built.X, true.X @ beta, rcond=None)[0]
    if np.abs(built.X @ found - true.X @ beta).max() > 1e-8 * max(1.0, np.abs(beta).max()):
        raise ValueError(
            "truth= has effects that the fixed part of formula= cannot hold: name only effects that both have."
        )
    return found


def _right_side(formula):
    if not isinstance(formula, str) or "~" not in formula:
        raise ValueError(f"The formula is a text with a ~, such as '~ drug + (1 | animal)'; found {formula!r}.")
    return "~" + formula.split("~", 1)[1]


def _table(design, rng):
    if isinstance(design, Recipe | Enlarged):
        return design.table(rng)
    if isinstance(design, pd.DataFrame):
        return design
    raise ValueError(
        f"design= is a recipe, such as crossed(animal=8, day=3), or a table with a row per measurement; found "
        f"{type(design).__name__}."
    )


def _checked(ddf, n_sim, alpha, seed, adjust, equivalence, ratios):
    """Refuse what is none of the choices; the bounds of equivalence, on the scale of the model."""
    if ddf not in METHODS:
        raise ValueError(f"ddf is one of {', '.join(METHODS)}; found {ddf!r}.")
    if isinstance(n_sim, bool) or not isinstance(n_sim, Integral) or n_sim < 1:
        raise ValueError(f"n_sim is a whole number of experiments, such as 10_000; found {n_sim!r}.")
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ValueError(f"seed is a whole number of 0 or more; found {seed!r}.")
    if isinstance(alpha, bool | str) or not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, such as 0.05; found {alpha!r}.")
    adjustment(adjust)
    if equivalence is None:
        return None
    adjustment(adjust, FROM_P_VALUES)  # two one-sided tests have p-values, but no t statistic of their own
    try:
        low, high = map(float, equivalence)
    except (TypeError, ValueError):
        raise ValueError(f"equivalence= is two numbers, the lower first; found {equivalence!r}.") from None
    if not low < high or (ratios and low <= 0):
        raise ValueError(f"equivalence= is two numbers, the lower first (ratios above 0); found {equivalence!r}.")
    return (float(np.log(low)), float(np.log(high))) if ratios else (low, high)
