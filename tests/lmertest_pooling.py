"""How lmerTest 3.1 pools Satterthwaite's degrees of freedom over several contrasts, on top of a fit of ours.

`MixedFit.joint_test` and `MixedFit.anova` pool otherwise (see `reference/differences.md`). What goes into lmerTest's
number is all ours: the hypothesis, Φ, and the degrees of freedom of single contrasts.
"""

import numpy as np

from helpers.ddf import _pooled_df


def lmertest_df(fit, weights):
    """Denominator degrees of freedom of the hypothesis weights (q, p) = 0, by the eigenvectors of LΦL'."""
    contrasts = fit._inward(np.asarray(weights, dtype=float))
    _, vectors = np.linalg.eigh(contrasts @ fit._satterthwaite.phi @ contrasts.T)
    return _pooled_df(fit._satterthwaite.df(vectors.T @ contrasts))


def lmertest_anova_df(fit):
    """The same for every type III test: term -> degrees of freedom; a term is written as its own columns, 1 each."""
    weights, rows = fit.design.sum_coded()
    out = {}
    for term, at in rows.items():
        own = weights[at][:, fit.design.terms.get(term, [])]
        square = own.shape[0] == own.shape[1] and np.linalg.matrix_rank(own) == len(own)
        out[term] = lmertest_df(fit, np.linalg.solve(own, weights[at]) if square else weights[at])
    return out
