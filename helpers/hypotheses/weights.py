"""What is to be tested, however it is written, as one table of weights on the coefficients.

Everywhere in `helpers` it is called `contrasts`, and may be written in the same ways.
"""

from collections.abc import Sequence
from numbers import Real

import numpy as np
import pandas as pd

from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import listed


def contrast_weights(
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray, names: Sequence[str]
) -> pd.DataFrame:
    """One row of weights per contrast.

    Parameters
    ----------
    contrasts : str, list of str, dict, Series, DataFrame or array
        - the name of a coefficient, or a list of names: each is tested by itself;
        - coefficient -> weight (dict or Series): one weighted sum, those left out count zero;
        - label -> any of these: one contrast each, ``{"at 30 g": {"urea": 1, "urea:weight": 30}}``;
        - a DataFrame with a row per contrast and a column per coefficient, or an array (k, p).
    names : sequence of str
        The coefficients.

    Returns
    -------
    pandas.DataFrame
        Shape (k, p), a column per coefficient; the index names the contrasts, if they have names, and is itself called
        "term" where they are coefficients.

    Raises
    ------
    UnknownNameError
        A name or a weight is of no coefficient. It is a ``KeyError``.
    ValueError
        Nothing is asked for; a contrast has the wrong number of weights, none that is not zero, or one that is not
        finite; a label has more than one row.
    """
    names = list(names)
    rows = _rows(contrasts, names)
    if not len(rows):
        raise ValueError(
            f"contrasts is empty: nothing to test. Name coefficients, or give them weights: {listed(names)}."
        )
    if not np.isfinite(rows.to_numpy()).all() or not rows.to_numpy().any(axis=1).all():
        raise ValueError(
            "Each contrast needs a weight other than zero, and only finite weights;"
            f" found {rows.to_numpy().tolist()} for {', '.join(rows.columns)}."
        )
    return rows


def named_contrasts(
    contrasts: str | Sequence[str] | dict | pd.Series | pd.DataFrame | np.ndarray, names: Sequence[str]
) -> pd.DataFrame:
    """The same, each contrast with a name of its own: where a table holds them for every gene.

    Parameters
    ----------
    contrasts, names
        As in `contrast_weights`.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        As `contrast_weights`; or two contrasts share a name.
    """
    rows = contrast_weights(contrasts, names)
    if not rows.index.is_unique:
        raise ValueError(f"Two contrasts share a name: {', '.join(map(str, rows.index))}. Name each on its own.")
    return rows


def _rows(contrasts, names):
    if isinstance(contrasts, str):
        contrasts = [contrasts]
    if isinstance(contrasts, list | tuple | pd.Index) and all(isinstance(name, str) for name in contrasts):
        _refuse_unknown(contrasts, names)
        places = [names.index(name) for name in contrasts]
        return pd.DataFrame(np.eye(len(names))[places], pd.Index(contrasts, name="term", dtype=object), names)
    if isinstance(contrasts, dict) and not all(isinstance(weight, Real) for weight in contrasts.values()):
        return pd.concat([_labelled(label, weights, names) for label, weights in contrasts.items()])
    if isinstance(contrasts, dict | pd.Series):
        some = len(contrasts) > 0
        contrasts = pd.DataFrame([dict(contrasts)] * some, index=["contrast"] * some)
    if isinstance(contrasts, pd.DataFrame):
        _refuse_unknown(contrasts.columns, names)
        return contrasts.reindex(columns=names, fill_value=0).astype(float)
    rows = np.atleast_2d(np.asarray(contrasts, dtype=float))
    if rows.shape[1] != len(names):
        raise ValueError(
            f"A contrast needs {len(names)} weights, one per coefficient ({', '.join(names)}); found {rows.shape[1]}."
        )
    return pd.DataFrame(rows, columns=names)


def _labelled(label, weights, names):
    """One contrast under its label."""
    if not isinstance(weights, str | dict | pd.Series | pd.DataFrame) and np.ndim(weights) == 0:
        raise ValueError(
            f"contrasts[{label!r}] must be a coefficient's name, or a dict of coefficient and weight; found "
            f"{weights!r}."
        )
    rows = contrast_weights(weights, names)
    if len(rows) > 1:
        raise ValueError(f"The contrast {label!r} has {len(rows)} rows of weights; give it one.")
    return rows.set_axis([label])


def _refuse_unknown(asked, names):
    if unknown := [name for name in asked if name not in names]:
        raise unknown_name("The model", "coefficient", unknown, names)
