"""How much of the outcome's variance a mixed model explains: Nakagawa's R²."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from helpers.design import CodedFormula
    from helpers.mixed.fit import MixedFit


def r_squared(fit: MixedFit) -> pd.Series:
    """The shares of variance that the fixed part, and the whole model, explain.

    Parameters
    ----------
    fit : helpers.mixed.MixedFit

    Returns
    -------
    pandas.Series
        ``marginal``, the share of the fixed part; ``conditional``, that of fixed and random part together; and the
        variances they are made of: ``fixed`` (of the predicted means), ``random``, ``residual``.

    Raises
    ------
    ValueError
        The model was fitted to cells, which keep no rows; or it has weights, an offset, or residual variances by group.

    Notes
    -----
    Nakagawa & Schielzeth 2013 (doi:10.1111/j.2041-210x.2012.00261.x); with random slopes the random part is the mean of
    its variance over the rows (Johnson 2014, doi:10.1111/2041-210X.12225). R's ``performance::r2_nakagawa``.
    """
    refuse_unequal(fit.design, "R²")
    if fit.design.offset is not None:
        raise ValueError("R² of a model with an offset is not defined: an offset is known, neither fixed nor random.")
    fixed = float(np.var(fit.design.X @ fit.fixed_effects.to_numpy(), ddof=1))
    random = sum(
        float(np.mean(np.sum((term.columns @ factor) ** 2, axis=1)))
        for term, factor in zip(fit.design.random, fit.factors, strict=True)
    )
    parts = {"fixed": fixed, "random": random * fit.residual_variance, "residual": fit.residual_variance}
    total = sum(parts.values())
    shares = {"marginal": fixed / total, "conditional": (fixed + parts["random"]) / total}
    return pd.Series(shares | parts, name="r_squared")


def refuse_unequal(design: CodedFormula, what: str) -> None:
    """Refuse what rests on one residual variance where rows differ in theirs."""
    if unequal := [name for name in ("weights", "variance_by") if getattr(design, name) is not None]:
        raise ValueError(
            f"{what} is a share of one total variance, and with {' and '.join(unequal)} the residual variance differs "
            "from row to row. See `variance_components`."
        )
