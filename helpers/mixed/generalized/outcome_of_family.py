"""The outcome of a generalised model, held against its family: what it cannot be is refused in a sentence."""

from __future__ import annotations

import numpy as np

from helpers.design import Design
from helpers.design.columns import rows_where
from helpers.mixed.generalized.likelihoods import Binomial, Gamma, Likelihood, NegativeBinomial, Poisson
from helpers.refusals.wording import listed, some

LINKS = {
    "binomial": ("logit", "probit", "cloglog", "log", "identity"),
    "poisson": ("log", "sqrt", "identity"),
    "negative_binomial": ("log",),
    "gamma": ("log", "inverse"),
}
OTHER_WORDS = {
    "bernoulli": "binomial",
    "logistic": "binomial",
    "nbinom2": "negative_binomial",
    "negativebinomial": "negative_binomial",
    "nb": "negative_binomial",
    "normal": "gaussian",
}


def checked_family(family: object, link: str | None) -> tuple[str, str]:
    """The family and its link, the first of its `LINKS` where none is asked for.

    Raises
    ------
    ValueError
        There is no such family, or the family has no such link.
    """
    if not isinstance(family, str) or family not in LINKS:
        word = OTHER_WORDS.get(family.lower().replace(" ", "").replace("-", "")) if isinstance(family, str) else None
        near = f" Write family={word!r}." if word else ""
        raise ValueError(f"family is one of 'gaussian', {listed(LINKS)}; found {family!r}.{near}")
    links = LINKS[family]
    if link is not None and link not in links:
        raise ValueError(f"family={family!r} has the links {listed(links)}; found link={link!r}.")
    return family, link or links[0]


def likelihood_of(design: Design, family: str, link: str) -> Likelihood:
    """The likelihood of a design's outcome.

    Parameters
    ----------
    design : helpers.design.Design
        Built with ``generalized=True``; `weights` are the trials of an outcome of proportions.
    family, link : str
        From `checked_family`.

    Returns
    -------
    Likelihood

    Raises
    ------
    ValueError
        The outcome is none of this family, or the same in all rows.
    """
    if family == "binomial":
        return _binomial(design, link)
    if design.failures is not None:
        raise ValueError(f"{design.response} is an outcome of family='binomial'; found family={family!r}.")
    if design.weights is not None:
        raise ValueError("weights= are the trials of proportions, family='binomial'. Other families have none here.")
    if family == "gamma":
        _refuse(design, design.y <= 0, "is not above 0", "A gamma distribution has positive numbers only")
        _refuse_constant(design, design.y)
        return Gamma(design.y, link)
    _refuse_uncounted(design, design.y, design.response)
    if not design.y.any():
        raise ValueError(
            f"The outcome {design.response!r} is 0 in every row: there is nothing to estimate a rate from."
        )
    _refuse_constant(design, design.y)
    return NegativeBinomial(design.y, link) if family == "negative_binomial" else Poisson(design.y, link)


def _binomial(design, link):
    k = design.y
    if design.failures is not None:
        if design.weights is not None:
            raise ValueError(f"{design.response} tells the trials already: leave weights= out.")
        _refuse_uncounted(design, k, "the successes")
        negative = design.failures < 0
        if negative.any():
            raise ValueError(
                f"{design.response}: {some(_shown(design.failures[negative]))} failures in "
                f"{rows_where(design.rows, negative)}, so there are more successes than trials. The "
                "second part of cbind() counts failures, such as size - incidence; correct the rows."
            )
        _refuse_uncounted(design, design.failures, "the failures")
        trials = k + design.failures
    elif design.weights is not None:
        trials = design.weights.numbers
        _refuse_uncounted(design, trials, f"the trials ({design.weights.written})")
        _refuse(design, (k < 0) | (k > 1), "is no proportion", "With weights= the outcome is a share of the trials")
        counted = np.rint(k * trials)
        off = np.abs(counted - k * trials) > 1e-6 * np.maximum(trials, 1)
        _refuse(design, off, "times its trials is no whole number", "Count the successes: cbind(successes, failures)")
        k = counted
    else:
        trials = np.ones(len(k))
        _refuse(
            design,
            (k != 0) & (k != 1),
            "is neither 0 nor 1",
            "family='binomial' takes 0 and 1, True and False, or counts as cbind(successes, failures)",
        )
    if not k.any() or not (trials - k).any():
        found = "failures" if not k.any() else "successes"
        raise ValueError(
            f"The outcome {design.response!r} holds {found} only: there is nothing to explain, and no finite estimate."
        )
    return Binomial(k, trials, link)


def _refuse_uncounted(design, values, what):
    """Counts are whole numbers from 0 on."""
    negative = values < 0
    if negative.any():
        raise ValueError(
            f"The outcome has counts below zero: {what} is {some(_shown(values[negative]))} in "
            f"{rows_where(design.rows, negative)}. A count is 0 or more: correct the rows, or fit differences as "
            "numbers (without family=)."
        )
    broken = values != np.rint(values)
    if broken.any():
        raise ValueError(
            f"The outcome has counts that are no whole numbers: {what} is {some(_shown(values[broken]))} in "
            f"{rows_where(design.rows, broken)}. Give the counts as they were counted; what they are relative to goes "
            "into offset=."
        )


def _refuse(design, bad, what, why):
    if bad.any():
        raise ValueError(
            f"The outcome {design.response!r} {what} in {rows_where(design.rows, bad)} "
            f"({some(_shown(design.y[bad]))}). {why}."
        )


def _refuse_constant(design, y):
    if y.min() == y.max():
        raise ValueError(f"The outcome {design.response!r} is constant ({y[0]:g} in every row): nothing to explain.")


def _shown(values):
    return [f"{value:g}" for value in np.unique(values)]


def refuse_lone_levels(design: Design, likelihood: Likelihood) -> None:
    """Refuse a random effect for every row of yes and no: it cannot be told from chance.

    Parameters
    ----------
    design : helpers.design.Design
    likelihood : Likelihood

    Raises
    ------
    ValueError
        A grouping factor has a level for each row, and each row is one trial; or the family has a dispersion.
    """
    for term in design.random:
        if len(term.levels) < len(design.X):
            continue
        if isinstance(likelihood, Binomial) and (likelihood.trials <= 1).all():
            why = "of single trials the effect of a row cannot be told from chance"
        elif likelihood.has_dispersion:
            why = "the family's dispersion describes what varies from row to row already"
        else:
            continue
        raise ValueError(
            f"Every level of {term.group!r} has one row, and {why}. Group by a column whose levels have several rows."
        )
