"""The methods paragraph of a mixed model's report: all that was done, with versions and citations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.report.citations import PAPERS, adjustment, software
from helpers.report.mixed_model import linear_sentences
from helpers.report.mixed_model.mixed_results import FAMILIES_OF_MEANS, family
from helpers.report.mixed_model.mixed_study import scale_words
from helpers.report.phrases import Words, between, counted, joined, number, percent

if TYPE_CHECKING:
    from helpers.report.mixed_model.mixed_results import Analysis

DDF = {
    "kenward-roger": "Kenward and Roger's adjusted standard errors and degrees of freedom",
    "satterthwaite": "Satterthwaite's degrees of freedom",
    "normal": "the normal distribution (z tests, which treat the variances as known)",
}


def methods(analysis: Analysis) -> Words:
    """A methods paragraph, with versions and citations."""
    study = analysis.study
    gone = len(study.source.frame) - len(study.rows)
    sentences = [
        f"We fitted a linear {'mixed ' * bool(study.groups)}model to {counted(len(study.rows), 'observation')}"
        + (
            f" (after {counted(gone, 'row')} with missing values {'was' if gone == 1 else 'were'} left out)"
            if gone
            else ""
        )
        + f" {_fitted_how(analysis)}.",
        _tested_how(analysis),
    ]
    if study.contrast is not None:
        sentences.append(
            f"Effects are contrasts of marginal means ({PAPERS['marginal means']}), given as "
            f"{_noun_of_effects(study)}.{_held(study)}"
        )
        if family(study):
            sentences.append(_adjusted(analysis))
        if analysis.interaction is not None:
            sentences.append(
                f"Whether the effect differs between levels of {joined(study.by)} was tested by an F test of the "
                f"differences between its contrasts{_of_differences(analysis)}."
            )
    one = "groups" if study.groups else "rows"
    sentences.append(f"As a check, the analysis was repeated without single {one} in turn.")
    if study.equivalence:
        low, high = study.equivalence
        sentences.append(
            f"Equivalence to within {between(low, high)} was tested by two one-sided tests ({PAPERS['equivalence']})."
        )
    packages = ("numpy", "scipy", "pandas", "formulaic", *["statsmodels"] * (not study.groups))
    optimum = "; the fit was taken to the verified optimum of lme4's criterion" if study.groups else ""
    sentences.append(f"Computed with {software(*packages)}{optimum}.")
    return Words(" ".join(sentences))


def _fitted_how(analysis):
    if not analysis.study.groups:
        return linear_sentences.fitted_how(analysis)
    return (
        f"by restricted maximum likelihood, with the formula {analysis.study.formula} in the notation of lme4 "
        f"({PAPERS['lme4']}); there were {_groups(analysis.study)}"
    )


def _tested_how(analysis):
    if not analysis.study.groups:
        return linear_sentences.tested_how(analysis)
    settings = analysis.study.settings
    cited = f" ({PAPERS[settings.ddf]})" if settings.ddf in PAPERS else ""
    return f"Tests and {percent(settings.conf_level)} confidence intervals use {DDF[settings.ddf]}{cited}."


def _noun_of_effects(study):
    noun, _, _ = scale_words(study)
    if study.transform is not None:
        return noun if noun.endswith("cent") else f"{noun}s"
    return noun.replace("difference", "differences", 1)


def _held(study):
    """Where the predictors that are not asked about stand while the contrast changes."""
    others = [name for name in study.predictors if name != study.contrast and name not in study.by]
    factors = [name for name in others if study.levels[name] is not None]
    numbers = [name for name in others if study.levels[name] is None]
    told = [f"averaged over the levels of {joined(factors)}, each with the same weight"] * bool(factors)
    if numbers:
        told.append(f"taken at the mean of {joined(f'{name} ({number(study.rows[name].mean())})' for name in numbers)}")
    return f" They were {joined(told)}." if told else ""


def _adjusted(analysis):
    study = analysis.study
    sentence = f"p-values of the {len(analysis.contrasts)} contrasts were adjusted by {adjustment(study.adjust)}"
    if "conf_low_adjusted" not in analysis.contrasts:
        return f"{sentence}; their intervals were not."
    if study.adjust == "holm":
        return f"{sentence}; their intervals, by Bonferroni's ({PAPERS['bonferroni']})."
    return f"{sentence}, and so were their intervals."


def _of_differences(analysis):
    """Which differences of effects were tested besides, and how they were adjusted."""
    table = analysis.differences
    if "p_adjusted" not in table:
        return ""
    adjust = analysis.study.adjust if analysis.study.adjust not in FAMILIES_OF_MEANS else "holm"
    return f"; p-values of the {len(table)} single differences were adjusted by {adjustment(adjust)}"


def _groups(study):
    return joined(
        f"{len(term.levels)} levels of {term.group}" for term in {t.group: t for t in study.design.random}.values()
    )
