"""Whether a combination of fixed columns tells some outcomes for certain: then no finite estimate exists.

Of yes and no: a direction b with x'b ≥ 0 wherever there are successes only, ≤ 0 where there are failures only, and 0
where there are both (Albert & Anderson 1984, doi:10.1093/biomet/71.1.1). Of counts: x'b = 0 in the rows above zero and
≤ 0 in those of zero. The likelihood rises along b for ever, with random effects as without, for it does so in every row
whatever these are.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize

from helpers.design import Design
from helpers.mixed.generalized.likelihoods import Binomial, Likelihood, NegativeBinomial, Poisson
from helpers.refusals.wording import listed

MOVES = 1e-7  # of a linear programme's solution


def separating_columns(likelihood: Likelihood, x: np.ndarray) -> np.ndarray | None:
    """The direction (p,) along which the likelihood rises for ever; None where there is none.

    Parameters
    ----------
    likelihood : Likelihood
    x : (n, p)
        Columns of mean square 1.

    Returns
    -------
    numpy.ndarray or None
    """
    sign = _signs(likelihood)
    if sign is None:
        return None
    rows = np.unique(np.column_stack([x, sign]), axis=0)
    signs, distinct = rows[:, -1], rows[:, :-1]
    one_sided = signs != 0
    signed = distinct[one_sided] * signs[one_sided, None]
    if not len(signed):
        return None
    equal = distinct[~one_sided]
    found = optimize.linprog(
        -signed.sum(axis=0),
        A_ub=-signed,
        b_ub=np.zeros(len(signed)),
        A_eq=equal if len(equal) else None,
        b_eq=np.zeros(len(equal)) if len(equal) else None,
        bounds=(-1, 1),
        method="highs",
    )
    if not found.success or (signed @ found.x).max() < MOVES:
        return None
    return found.x


def _signs(likelihood):
    """+1 where a larger η is always likelier, −1 where a smaller one is, 0 where neither."""
    if isinstance(likelihood, Binomial):
        if likelihood.link not in ("logit", "probit", "cloglog"):
            return None
        k, m = likelihood.successes, likelihood.trials
        return np.where(k == m, 1.0, 0.0) - np.where(k == 0, 1.0, 0.0)
    if isinstance(likelihood, Poisson | NegativeBinomial) and likelihood.link == "log":
        return np.where(likelihood.y == 0, -1.0, 0.0)
    return None


def refuse_separation(design: Design, likelihood: Likelihood, scaled: np.ndarray, to_original: np.ndarray) -> None:
    """Refuse a table whose outcomes are separated; the sentence names the columns.

    Parameters
    ----------
    design : helpers.design.Design
    likelihood : Likelihood
    scaled : (n, p)
        Its columns, orthogonal.
    to_original : (p, p)
        From coefficients of these to those of the design's.

    Raises
    ------
    ValueError
        A direction separates the outcomes.
    """
    direction = separating_columns(likelihood, scaled)
    if direction is None:
        return
    weights = to_original @ direction
    shares = np.abs(weights) * np.sqrt((design.X**2).mean(axis=0))
    named = [name for name, share in zip(design.names, shares, strict=True) if share > 1e-6 * shares.max()]
    named = [name for name in named if name != "(Intercept)"] or named
    certain = scaled @ direction
    rows = int((np.abs(certain) > MOVES).sum())
    what = (
        "a count of 0 for certain" if isinstance(likelihood, Poisson | NegativeBinomial) else "the outcome for certain"
    )
    raise ValueError(
        f"The outcome is separated: {listed(named)} {'tells' if len(named) == 1 else 'together tell'} {what} in {rows} "
        f"of {len(scaled)} rows, so its effect has no finite estimate, and no standard error. Take it out of the "
        "formula, join levels, or compare the groups with an exact test (scipy.stats.fisher_exact) of one value per "
        "level of the grouping factor."
    )
