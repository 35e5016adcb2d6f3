"""What a report says of a formula without groups where that of a mixed model says something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.contrasts.linear_fits import HC3
from helpers.report.citations import PAPERS
from helpers.report.phrases import Words, counted, joined, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from helpers.report.mixed_model.mixed_results import Analysis

LEAST_SQUARES = "ordinary least squares"


def model(analysis: Analysis) -> list[str]:
    """What a model without groups takes for granted, and how much it explains."""
    study, fit = analysis.study, analysis.fit
    paragraphs = [
        f"The formula has no groups: each of the {counted(len(study.rows), 'row')} counts as independent. "
        "That holds if each comes from another animal (plant, dish, person), treated on its own. If several rows "
        "come from one, name it in the formula, such as + (1 | animal)."
    ]
    if study.design.terms and fit.has_level:
        shares = fit.r_squared()
        paragraphs.append(
            f"The predictors explain {percent(round(shares['r_squared'], 4))} of the variance of "
            f"{study.design.response} in these rows ({percent(round(shares['adjusted'], 4))} adjusted for the number "
            "of coefficients)."
        )
    return paragraphs


def fitted_how(analysis: Analysis) -> str:
    """The methods' sentence on the fit."""
    return f"by {LEAST_SQUARES}, with the formula {analysis.study.formula}"


def tested_how(analysis: Analysis) -> str:
    """The methods' sentences on tests and intervals."""
    study, spread = analysis.study, analysis.spread
    df = f"{number(analysis.fit.residual_df)} residual degrees of freedom"
    tests = "the normal distribution (z tests)" if study.settings.ddf == "normal" else f"t tests with {df}"
    level = f"Tests and {percent(study.settings.conf_level)} confidence intervals use"
    if spread.unequal is None:
        return f"{level} {tests} and one residual variance."
    name, paper = (
        ("HC3 standard errors", PAPERS["hc3"])
        if spread.unequal.spread == HC3
        else ("Welch's tests, each cell with a variance of its own", PAPERS["welch"])
    )
    if spread.allowed_for:
        with_df = f" and {df}" if spread.unequal.spread == HC3 and study.settings.ddf != "normal" else ""
        return f"{level} {name}{with_df} ({paper}), which do not require equal spread."
    return f"{level} {tests} and one residual variance; {name} ({paper}) led to the same verdicts."


def which_differ_title(analysis: Analysis) -> Words | None:
    """What stands above the table of differences of effects; None where the formula makes the effect the same."""
    if analysis.differences is None:
        return None
    cells = joined(analysis.study.by)
    return Words(
        f"Which effects differ: the effect of {analysis.study.contrast} in one level of {cells} against another:"
    )


def without_units(sizes: pd.DataFrame | None) -> Words | None:
    """What stands above the table of effect sizes; None where there is none."""
    return None if sizes is None else Words("Effect sizes without units, for comparison with other studies:")


def both_analyses(analysis: Analysis) -> Words | None:
    """What stands above the table of both analyses; None where there are not two."""
    spread = analysis.spread
    if spread is None or spread.unequal is None:
        return None
    return Words(f"The same contrasts with equal spread, and by {spread.name_of_other}. {spread.sentence()}")


def both_tables(analysis: Analysis) -> pd.DataFrame | None:
    """The contrasts of both analyses; None where there are not two."""
    spread = analysis.spread
    return None if spread is None or spread.unequal is None else spread.both()
