"""Tests of every gene as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.hypotheses.adjusting import adjusted_where_tested
from helpers.hypotheses.wald import wald_columns

if TYPE_CHECKING:
    from helpers.genes.fitting import Results


def tidy(
    results: Results,
    genes: pd.Index,
    labels: Sequence[str],
    kind: str,
    conf_level: float,
    adjust: str | None,
) -> pd.DataFrame:
    """One row per gene and contrast.

    Parameters
    ----------
    results : helpers.genes.fitting.Results
    genes : pandas.Index, length n
    labels : sequence of str, length k
        Of the contrasts.
    kind : {"term", "contrast"}
        What they are.
    conf_level : float
    adjust : str or None
        As in `helpers.hypotheses.adjusting.adjusted_where_tested`.

    Returns
    -------
    pandas.DataFrame
        Columns as in `helpers.genes.fit_genes`.
    """
    n, k = results.estimate.shape
    columns = {"gene": genes.repeat(k), kind: pd.Index(labels).take(np.tile(np.arange(k), n))}
    tests = wald_columns(results.estimate, results.std_error, results.df, conf_level)
    columns |= {name: values.ravel() for name, values in tests.items()}
    if adjust is not None:
        columns["p_adjusted"] = adjusted_where_tested(tests["p_value"], adjust).ravel()
    columns["sigma"] = results.sigma.repeat(k)
    if results.mixed:
        columns |= {
            "theta": results.theta.repeat(k),
            "deviance": results.deviance.repeat(k),
            "is_singular": results.is_singular.repeat(k),
        }
    if results.moderated:
        columns["sigma_moderated"] = results.sigma_moderated.repeat(k)
    columns["reason"] = pd.Index(results.reason, dtype="str").repeat(k)
    return pd.DataFrame(columns)
