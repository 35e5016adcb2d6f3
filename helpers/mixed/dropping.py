"""What each term of the fixed part adds to the model: R's ``drop1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import linalg, stats

from helpers.design.updating import without_fixed_term
from helpers.mixed.compare import n_parameters, refit

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit
    from helpers.mixed.generalized.generalized_fit import GeneralizedMixedFit

TESTS = ("F", "likelihood-ratio")


def drop_one(fit: MixedFit | GeneralizedMixedFit, test: str, ddf: str) -> pd.DataFrame:
    """Test each term that no other contains; parameters, table and errors as of `MixedFit.drop_one`."""
    if test not in TESTS:
        raise ValueError(f"test is one of {', '.join(map(repr, TESTS))}; found {test!r}.")
    terms = [term for term in fit.design.terms if not fit.design.containing(term, any_numbers=True)]
    if not terms:
        raise ValueError(f"The fixed part of {fit.formula!r} has no term to drop, only an intercept.")
    table = _likelihood_ratios(fit, terms) if test == "likelihood-ratio" else _f_tests(fit, terms, ddf)
    return table.rename_axis("term")


def _f_tests(fit, terms, ddf):
    nothing = pd.DataFrame([{"num_df": 0, "den_df": np.nan, "statistic": np.nan, "p_value": np.nan}])
    hypotheses = [_left_over(fit.design, term) for term in terms]
    tests = [fit.joint_test(rows, ddf) if len(rows) else nothing for rows in hypotheses]
    return pd.concat(tests).set_axis(terms)


def _left_over(design, term):
    """Weights of the hypothesis that the fixed part without a term says the same: what its columns cannot express."""
    x, reduced = design.fixed_matrix(design.data), design.fixed_without(term, design.data)
    unit, lengths = np.linalg.norm(x, axis=0), np.linalg.norm(reduced, axis=0)
    expressed = np.linalg.lstsq(x / unit, reduced / np.where(lengths > 0, lengths, 1), rcond=None)[0]
    return linalg.null_space(expressed.T, rcond=1e-9).T * unit


def _likelihood_ratios(fit, terms):
    whole = refit(fit, reml=False)
    rows = {"(none)": {"df": np.nan, "aic": whole.aic, "statistic": np.nan, "p_value": np.nan}}
    for term in terms:
        reduced = fit.again(without_fixed_term(fit.design.parsed, term), reml=False)
        df = n_parameters(whole) - n_parameters(reduced)
        statistic = max(reduced.deviance - whole.deviance, 0.0)
        p_value = float(stats.chi2.sf(statistic, df)) if df else np.nan
        rows[term] = {"df": df, "aic": reduced.aic, "statistic": statistic, "p_value": p_value}
    return pd.DataFrame(rows).T
