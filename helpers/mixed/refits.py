"""What is learned of a model by fitting it again with something left out.

A mix-in of `helpers.mixed.MixedFit`; each table is made in a module of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import pandas as pd

from helpers.mixed.dropping import drop_one
from helpers.mixed.influence import influence
from helpers.mixed.random_terms import random_terms_tests
from helpers.mixed.words_of_r import OF_TABLES
from helpers.refusals.arguments import says_what_is_not_offered

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit


class Refits:
    """Tables that need other fits than the one they are asked of."""

    @says_what_is_not_offered(OF_TABLES)
    def drop_one(
        self,
        test: Literal["F", "likelihood-ratio"] = "F",
        ddf: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    ) -> pd.DataFrame:
        """Test each fixed term that may be left out: one that no interaction contains; R's ``drop1``.

        Parameters
        ----------
        test : {"F", "likelihood-ratio"}
            An F test within this fit; or the likelihood ratio of two fits by maximum likelihood, whose chi-squared
            p-value is too small where there are few groups.
        ddf : {"satterthwaite", "kenward-roger", "normal"}
            Of the F test.

        Returns
        -------
        pandas.DataFrame
            Index ``term``; ``num_df, den_df, statistic, p_value``, or of likelihood ratios ``df, aic, statistic,
            p_value``, with a row ``(none)`` for the whole model.

        Raises
        ------
        ValueError
            `test` is neither; the fixed part is an intercept alone.
        """
        return drop_one(cast("MixedFit", self), test, ddf)

    @says_what_is_not_offered(OF_TABLES)
    def random_terms_tests(
        self, n_resamples: int | None = None, *, rng: np.random.Generator | None = None
    ) -> pd.DataFrame:
        """Likelihood-ratio test of each random term, by REML if the fit is; lmerTest's ``ranova``.

        A random intercept is left out; of ``(1 + x | g)`` the slope is, as is each effect of several that is no part of
        an interaction.

        Parameters
        ----------
        n_resamples : int, optional
            Parametric bootstrap with so many resamples instead of an asymptotic p-value.
        rng : numpy.random.Generator, optional
            For the bootstrap, such as ``np.random.default_rng(1)``.

        Returns
        -------
        pandas.DataFrame
            Index ``term``, what is left out; ``n_parameters`` and ``log_likelihood`` of the simpler model,
            ``statistic, df, p_value``. A variance cannot be below zero: `p_value` allows for that, `p_value_chi2`
            (lmerTest's) does not and is about twice as large; ``note`` says how `p_value` was found.

        Raises
        ------
        ValueError
            A bootstrap without `rng`, or of a fit to cells.

        Notes
        -----
        Self & Liang 1987 (doi:10.1080/01621459.1987.10478472), Stram & Lee 1994 (doi:10.2307/2533455). With few groups
        the p-value of the mixture is still somewhat too large (Crainiceanu & Ruppert 2004,
        doi:10.1111/j.1467-9868.2004.00438.x); the bootstrap is not.
        """
        return random_terms_tests(cast("MixedFit", self), n_resamples, rng)

    def influence(self, group: str | pd.Series) -> pd.DataFrame:
        """Leave out each level of a column in turn, such as each animal, and fit again; lme4's ``influence``.

        Parameters
        ----------
        group : str or pandas.Series
            A grouping factor ("animal", "a:b"), or any other column that the model uses; a column that it does not use
            as a Series, ``table["cage"]``.

        Returns
        -------
        pandas.DataFrame
            One row per level left out and coefficient: the level, ``term``, ``n_obs`` left, ``estimate``, its
            ``change`` from that with all rows, ``std_error``, its ratio to that with all rows (``std_error_ratio``),
            ``cooks_distance`` of the level (the same in all of its rows), and a ``note``: that the fit is singular, or
            why there is none.

        Raises
        ------
        UnknownNameError
            The model uses no such column.
        ValueError
            The column has one level, or is a Series of other rows; the model was fitted to cells, which keep no rows.

        Notes
        -----
        Cook's distance is the squared change of all p estimates, in units of their covariance with all rows, over p
        (Nieuwenhuis, te Grotenhuis & Pelzer 2012, doi:10.32614/RJ-2012-011; R's influence.ME). That of lme4 is
        (n − p)/n times this one, n the number of levels.
        """
        return influence(cast("MixedFit", self), group)
