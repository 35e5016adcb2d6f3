"""Linear mixed models: ``from helpers.mixed import fit_mixed``.

`fit` holds `fit_mixed`, `fit_design` (of matrices that are there already) and `MixedFit`; `reml` finds the optimum of
the `criterion`, for which `blocked` eliminates the random effects, and `modes` brings them back; `inference` makes
tables and tests, with the degrees of freedom of `ddf` and the hypotheses of `types_of_tests`; `predicting` predicts,
its intervals by `prediction_errors`; `refits` fits again without a term (`dropping`, `random_terms`) or a group
(`influence`); `profile` and `bootstrap` make intervals; `compare` tests two models against each other; `as_statsmodels`
hands a fit on; `words_of_r` knows what R's users write. Of residuals of unequal variance, or in series, `structured`
has the cross-products, `residuals` the table. `simulated_residuals` holds the outcomes against those that a fit gives.
"""

from helpers.mixed.fit import MixedFit, OutcomeWarning, SingularFitWarning, fit_design, fit_mixed

__all__ = ["MixedFit", "OutcomeWarning", "SingularFitWarning", "fit_design", "fit_mixed"]
