"""What the residuals of a mixed model say against it: their shape, their spread, a bend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.contrasts.linear_fits import least_squares
from helpers.design import build_design
from helpers.design.text_numbers import bare_columns
from helpers.design.translation import quoted
from helpers.mixed import fit_design
from helpers.report.outcomes import is_yes_or_no
from helpers.report.phrases import counted, joined, number, p_value
from helpers.report.verdicts import FINE, LOOK, PROBLEM, Check, graded

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

SKEWED = (0.75, 1.5)
HEAVY = (2.0, 6.0)  # excess kurtosis
FAR = 4.0  # standard deviations
MOST_NAMED = 5
UNEQUAL = (1.5, 2.5)  # ratio of residual standard deviations
FEWEST_ROWS = 4  # of a level whose spread is compared
BENT = 1.0  # residual standard deviations between a line and the curve, in the middle
SQUARED = "squared, to see a bend"


def standardised(analysis: Analysis) -> pd.Series:
    """Residuals in units of their standard deviation."""
    residuals = analysis.fit.residuals()
    return residuals / residuals.to_numpy().std()


def predicted(analysis: Analysis) -> pd.Series:
    """What the model gives each row, its groups' own shifts included."""
    return analysis.fit.predict(random=True) if analysis.study.groups else analysis.fit.predict()


def residual_shape(analysis: Analysis) -> Check | None:
    """Whether residuals are about normal; of yes and no they cannot be, which the check of the outcome says."""
    if is_yes_or_no(analysis.study.design.y):
        return None
    z = standardised(analysis).to_numpy()
    skew, kurtosis = float(stats.skew(z)), float(stats.kurtosis(z))
    far = analysis.study.rows.index[np.abs(z) > FAR]
    verdict = max(graded(abs(skew), *SKEWED), graded(kurtosis, *HEAVY), key=[FINE, LOOK, PROBLEM].index)
    found = f"skewness {number(skew)}, excess kurtosis {number(kurtosis)}, {counted(len(far), 'row')} beyond {FAR:g} SD"
    if verdict == FINE:
        return Check("residuals: shape", FINE, f"The residuals are roughly normal: {found}.")
    return Check(
        "residuals: shape",
        verdict,
        f"The residuals are not normal: {found}. See the figure.{_what_helps(analysis, skew, far)}",
    )


def _what_helps(analysis, skew, far):
    """A log for a positive outcome with a long upper tail; for single rows far off, a look at them."""
    design = analysis.study.design
    if skew >= SKEWED[0] and "(" not in design.response and design.y.min() > 0:
        return f" The outcome is positive with a long upper tail: try log({quoted(design.response)})."
    if 0 < len(far) <= MOST_NAMED:
        return f" Look at {far.name} {joined(far)}: a slip of the pen? Does the answer hold without?"
    return ""


def residual_spread(analysis: Analysis) -> Check:
    """Whether residuals spread as much where the prediction is low as where it is high."""
    z = standardised(analysis).to_numpy()
    fitted = predicted(analysis).to_numpy()
    thirds = np.array_split(z[np.argsort(fitted, kind="stable")], 3)
    if min(map(len, thirds)) < 3:
        return Check("residuals: spread", LOOK, "Too few rows to compare the spread of low and high predictions.")
    spreads = [float(part.std()) for part in thirds]
    ratio = max(spreads) / max(min(spreads), 1e-12)
    verdict = graded(ratio, *UNEQUAL)
    sentence = (
        f"The residual standard deviations of rows with low, middle and high predictions differ by a factor of "
        f"at most {number(ratio)}."
    )
    design = analysis.study.design
    grows = spreads[2] > spreads[0] and "(" not in design.response and design.y.min() > 0
    advice = f" The spread grows with the prediction: try log({quoted(design.response)})." if grows else ""
    return Check("residuals: spread", verdict, sentence + ("" if verdict == FINE else advice))


def spread_between_levels(analysis: Analysis) -> Check | None:
    """Whether residuals spread as much in one level of a predictor as in another (Brown & Forsythe 1974)."""
    study, z = analysis.study, standardised(analysis).to_numpy()
    found = []
    for name in study.factors:
        parts = [(level, z[(study.rows[name] == level).to_numpy()]) for level in study.levels[name]]
        parts = [(level, part) for level, part in parts if len(part) >= FEWEST_ROWS and part.std() > 0]
        if len(parts) > 1:
            p = float(stats.levene(*(part for _, part in parts), center="median").pvalue)
            found.append((p, name, {level: float(part.std()) for level, part in parts}))
    if not found:
        return None
    p, name, spreads = min(found, key=lambda item: item[0])
    low, high = min(spreads, key=spreads.get), max(spreads, key=spreads.get)
    ratio = spreads[high] / spreads[low]
    sentence = (
        f"Between levels of {name!r}, the residual standard deviation differs by a factor of at most {number(ratio)} "
        f"({high!r} against {low!r}; Brown–Forsythe {p_value(p)})."
    )
    if p >= 0.05 or ratio < UNEQUAL[0]:
        return Check("residuals: spread between levels", FINE, sentence)
    if analysis.spread is not None and analysis.spread.allowed_for:
        return Check("residuals: spread between levels", FINE, f"{sentence} Tests and intervals allow for that.")
    sentence += " Tests and intervals take it as the same."
    return Check("residuals: spread between levels", graded(ratio, *UNEQUAL) if p < 0.01 else LOOK, sentence)


def bends(analysis: Analysis) -> Iterator[Check]:
    """Whether a straight line fits each predictor that is a number: a squared term beside it should add nothing."""
    study = analysis.study
    straight = bare_columns((study.design.parsed.fixed,))
    for name in study.predictors:
        x = study.rows[name]
        if study.levels[name] is not None or name not in straight or x.nunique() < 3:
            continue
        if check := _bend(analysis, name, (x - x.mean()) / x.std()):
            yield check


def _bend(analysis, name, z):
    study, parsed = analysis.study, analysis.study.design.parsed
    random = " + ".join(map(str, parsed.random))
    formula = f"{parsed.response} ~ {' + '.join(filter(None, [parsed.fixed, quoted(SQUARED), random]))}"
    try:
        design = build_design(formula, study.rows.assign(**{SQUARED: z**2}), grouped=False)
        fit = fit_design(design) if design.random else least_squares(design)
        test = fit.coefficients().loc[SQUARED]
    except (ValueError, RuntimeError):  # the formula bends already, or the rows cannot carry a bend
        return None
    off = abs(float(test["estimate"])) * (np.ptp(z) / 2) ** 2
    share = off / np.sqrt(fit.residual_variance)
    p = float(test["p_value"])
    label = f"straight line in {name}"
    if p >= 0.05:
        return Check(label, FINE, f"There is no sign of a bend (squared term, {p_value(p)}).")
    return Check(
        label,
        PROBLEM if p < 0.001 and share >= BENT else LOOK,
        f"{study.design.response} bends against {name!r} (squared term, {p_value(p)}): in the middle of its range the "
        f"straight line is off by about {number(off)}, or {number(share)} residual standard deviations. Add the bend, "
        f"as in poly({quoted(name)}, 2), or ask about a range in which the line is straight.",
    )
