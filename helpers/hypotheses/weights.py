"""Weights of contrasts, however they are written, as one table."""

import numpy as np
import pandas as pd


def contrast_weights(weights, names):
    """One row of weights per contrast.

    Parameters
    ----------
    weights : dict, Series, DataFrame or array
        Coefficient -> weight (those left out count zero); or one row per contrast, (k, p).
    names : sequence of str
        The coefficients.

    Returns
    -------
    pandas.DataFrame
        Shape (k, p), a column per coefficient; the index names the contrasts, if they have names.

    Raises
    ------
    KeyError
        A weight names no coefficient.
    ValueError
        A contrast has the wrong number of weights, none that is not zero, or one that is not finite.
    """
    rows = _named(weights, list(names))
    if not np.isfinite(rows.to_numpy()).all() or not rows.to_numpy().any(axis=1).all():
        raise ValueError(
            "Each contrast needs a weight other than zero, and only finite weights;"
            f" found {rows.to_numpy().tolist()} for {', '.join(rows.columns)}."
        )
    return rows


def _named(weights, names):
    if isinstance(weights, dict | pd.Series):
        weights = pd.DataFrame([dict(weights)], index=["contrast"])
    if isinstance(weights, pd.DataFrame):
        if unknown := [name for name in weights.columns if name not in names]:
            raise KeyError(f"There is no coefficient {unknown[0]!r}; they are {', '.join(names)}.")
        return weights.reindex(columns=names, fill_value=0).astype(float)
    rows = np.atleast_2d(np.asarray(weights, dtype=float))
    if rows.shape[1] != len(names):
        raise ValueError(
            f"A contrast needs {len(names)} weights, one per coefficient ({', '.join(names)}); found {rows.shape[1]}."
        )
    return pd.DataFrame(rows, columns=names)
