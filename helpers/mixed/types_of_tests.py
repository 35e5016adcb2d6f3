"""Hypotheses of type I, II and III: what the test of a term says of the coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from helpers.mixed.inference import Inference

TYPES = {1: 1, 2: 2, 3: 3, "1": 1, "2": 2, "3": 3, "I": 1, "II": 2, "III": 3}


def term_weights(fit: Inference, type: int | str) -> dict[str, np.ndarray]:
    """The hypothesis of each term of the fixed part, as weights on the coefficients.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit
    type : {1, 2, 3}
        "I", "II" and "III" are understood, too.

    Returns
    -------
    dict of str to numpy.ndarray
        Term -> (q, p).

    Raises
    ------
    ValueError
        There is no such type; type III where columns were left out.

    Notes
    -----
    Goodnight 1978, Tests of Hypotheses in Fixed Effects Linear Models (SAS Technical Report R-101), whose type II and
    III are those of SAS and R's lmerTest. With numeric predictors car's type II is another: there a main effect is
    adjusted for no interaction at all.
    """
    if isinstance(type, bool) or not isinstance(type, int | str) or type not in TYPES:
        raise ValueError(f"type is 1, 2 or 3; found {type!r}.")
    if TYPES[type] == 3:
        if fit.design.dropped is not None:
            raise ValueError(
                "Type III tests average over cells, and columns of empty ones were left out: what would be tested "
                "depends on which. Use type=1, type=2, drop_one(), or contrasts.joint_tests."
            )
        weights, rows = fit.design.sum_coded()
        return {term: weights[at] for term, at in rows.items()}
    r = fit.products.r  # a row of it: what its column adds to the columns before, as a weighted sum of coefficients
    if TYPES[type] == 1:
        return {term: r[at] for term, at in fit.design.terms.items()}
    return {term: _after_all_but(fit.design, r, term) for term in fit.design.terms}


def _after_all_but(design, r, term):
    """What the columns of a term add to all columns but those of the terms that contain it."""
    own, above = design.terms[term], [at for name in design.containing(term) for at in design.terms[name]]
    others = [at for at in range(len(r)) if at not in {*own, *above}]
    order = [*others, *own, *above]
    triangle = np.linalg.qr(r[:, order], mode="r")
    weights = np.zeros((len(own), len(r)))
    weights[:, order] = triangle[len(others) : len(others) + len(own)]
    return weights
