"""Generalised linear mixed models: what ``fit_mixed(…, family=…)`` gives.

`generalized_fit` holds `fit_generalized` and `GeneralizedMixedFit`, with the tests of `tests_of_effects` and the
predictions of `predicted_means`. Below, in the order of the computation: `outcome_of_family` (the outcome held against
its family), `likelihoods` (families and links, with derivatives), `random_blocks` (which row meets which random effect,
factored in blocks), `conditional_modes` (the most likely random effects), `laplace` and `quadrature` (the marginal
likelihood and its gradient), `first_guess` and `ascent` (the optimum), `estimation` (all of it), `separation` (when
there is no finite estimate), `inverse_links` (back to the mean).
"""

from helpers.mixed.generalized.generalized_fit import GeneralizedMixedFit, fit_generalized

__all__ = ["GeneralizedMixedFit", "fit_generalized"]
