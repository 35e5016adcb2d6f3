"""How lmerTest 3.1 pools Satterthwaite's degrees of freedom over several contrasts, on top of a fit of ours.

`MixedFit.joint_test` and `MixedFit.anova` pool otherwise (see `reference/differences.md`). What goes into lmerTest's
number is all ours: the hypothesis, Φ, and the degrees of freedom of single contrasts.
"""

import numpy as np

from helpers.mixed.ddf import _pooled_df


def lmertest_df(fit, weights):
    """Denominator degrees of freedom of the hypothesis weights (q, p) = 0, by the eigenvectors of LΦL'."""
    contrasts = fit._inward(np.asarray(weights, dtype=float))
    _, vectors = np.linalg.eigh(contrasts @ fit._satterthwaite.phi @ contrasts.T)
    return _pooled_df(fit._satterthwaite.df(vectors.T @ contrasts))


def sequential_weights(fit, term):
    """The hypothesis of a term that stands alone: rows of the Doolittle factor of X'X."""
    r = np.linalg.qr(fit.design.X, mode="r")
    return (r / np.diag(r)[:, None])[fit.design.terms[term]]


def lmertest_weights(fit):
    """How lmerTest writes the type III hypotheses: term -> weights (q, p).

    A term alone gets weights that depend on the data (`get_contrasts_type1`). Beside others it is written as its own
    columns, 1 each.
    """
    weights, rows = fit.design.sum_coded()
    if len(rows) == 1:
        return {term: sequential_weights(fit, term) for term in rows}
    out = {}
    for term, at in rows.items():
        own = weights[at][:, fit.design.terms.get(term, [])]
        square = own.shape[0] == own.shape[1] and np.linalg.matrix_rank(own) == len(own)
        out[term] = np.linalg.solve(own, weights[at]) if square else weights[at]
    return out


def lmertest_anova_df(fit):
    """Degrees of freedom of every type III test: term -> df."""
    return {term: lmertest_df(fit, weights) for term, weights in lmertest_weights(fit).items()}
