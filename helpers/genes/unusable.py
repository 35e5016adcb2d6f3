"""Which genes no model can be fitted to, and why: a sentence for each, empty where all is well."""

import numpy as np

from helpers.design.identified import explained_by_fixed_part
from helpers.design.rank import aliases
from helpers.genes.core.least_squares import gram_of
from helpers.genes.core.sweep import sweep

INDEPENDENT = 1e-10  # squared share of a column that those before it must leave in what a gene has
NO_RESIDUAL = 1e-20  # residual sum of squares, beside the squared range of a gene, that counts as a perfect fit
NO_RESIDUAL_WITHIN = 1e-12  # the same within groups, beside that between them: θ would pass helpers.mixed.reml's limit
TOO_UNEQUAL = "the weights differ by many orders of magnitude"
ROUNDING = 4 * np.finfo(float).eps


class Reasons:
    """A sentence per gene; the first that is given stays."""

    def __init__(self, n):
        self.texts = np.full(n, "", dtype=object)

    def give(self, mask, text):
        """Say the same of every gene in the mask."""
        self.texts[np.asarray(mask) & self.good] = text

    @property
    def good(self):
        """Genes with nothing said of them."""
        return self.texts == ""


def by_pattern(y, weights, q, samples):
    """Genes whose values are too few, or in the wrong places.

    Parameters
    ----------
    y : (n, rows)
        NaN where missing.
    weights : (n, rows)
    q : (rows, p)
        The design's columns, made orthonormal.
    samples : helpers.genes.fitting.Samples

    Returns
    -------
    Reasons
    """
    there, p, reasons = ~np.isnan(y), q.shape[1], Reasons(len(y))
    n_obs = there.sum(axis=1)
    reasons.give(n_obs == 0, "every value is missing")
    for count in np.unique(n_obs[n_obs <= p]):
        reasons.give(n_obs == count, f"too few values: {count} for {p} coefficients")
    if samples.codes is not None:
        every = np.arange(samples.codes.max() + 1)
        n_groups = (there.astype(float) @ (samples.codes[:, None] == every) > 0).sum(axis=1)
        reasons.give(n_groups == 1, f"all values come from one level of {samples.group!r}")
        reasons.give(n_groups == n_obs, f"one value per level of {samples.group!r}")
    known = np.where(there, weights, 0)
    largest = known.max(axis=1, keepdims=True)
    _, pivots = sweep(gram_of(q, (known / np.where(largest > 0, largest, 1)).T), p, INDEPENDENT)
    aliased = np.flatnonzero((pivots == 0).any(axis=0) & reasons.good)
    patterns, which = np.unique(there[aliased], axis=0, return_inverse=True)
    for number, rows in enumerate(patterns):
        sentences = aliases(samples.x[rows], samples.names)
        text = f"in the samples with values, {sentences[0]}" if sentences else TOO_UNEQUAL
        reasons.texts[aliased[which == number]] = text
    return reasons


def by_values(y, ols):
    """Genes without variation, or without residuals.

    Parameters
    ----------
    y : (n, rows)
        At least one value each; NaN where missing.
    ols : helpers.genes.core.least_squares.LeastSquares

    Returns
    -------
    Reasons
    """
    reasons = Reasons(len(y))
    low, high = np.fmin.reduce(y, axis=1), np.fmax.reduce(y, axis=1)
    reasons.give(low == high, "constant")
    rounding = ROUNDING * np.maximum(np.abs(low), np.abs(high))
    limit = np.maximum(NO_RESIDUAL * (high - low) ** 2, y.shape[1] * rounding**2)
    total = ols.total if ols.weights is None else ols.total / ols.weights.max(axis=0)
    reasons.give(total <= limit, "the fixed part fits perfectly")
    return reasons


def by_groups(reasons, model, group):
    """Add genes whose groups leave nothing to tell two variances apart by.

    Parameters
    ----------
    reasons : Reasons
    model : helpers.genes.core.shared.Shared or helpers.genes.core.own.Own
    group : str

    Returns
    -------
    Reasons
    """
    reasons.give(model.df_between < 1, _lower(explained_by_fixed_part("between", group)))
    reasons.give(model.df_within < 1, _lower(explained_by_fixed_part("within", group)))
    perfect = model.within <= NO_RESIDUAL_WITHIN * model.ols.total
    reasons.give(perfect, f"the fixed part and {group!r} together fit perfectly")
    return reasons


def _lower(sentence):
    return sentence[0].lower() + sentence[1:]
