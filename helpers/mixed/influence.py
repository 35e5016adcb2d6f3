"""What the results would be without one animal: each group left out in turn, and the model fitted again.

Cook's distance of a group is (β̂ − β̂₋)'V⁻¹(β̂ − β̂₋)/p, V the covariance of the p estimates with all rows (Nieuwenhuis, te
Grotenhuis & Pelzer 2012, doi:10.32614/RJ-2012-011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.design.columns import codes_of, rows_where
from helpers.design.identified import refuse_unidentified
from helpers.design.rank import aliases
from helpers.mixed.reml import NotConverged, optimise
from helpers.mixed.residuals import products_of
from helpers.refusals.errors import unknown_name
from helpers.refusals.wording import some

if TYPE_CHECKING:
    from helpers.mixed.fit import MixedFit


def influence(fit: MixedFit, group: str | pd.Series) -> pd.DataFrame:
    """Leave out each level of a column in turn; parameters, table and errors as of `MixedFit.influence`."""
    _ = fit.design.rows  # of cells they are not kept: refused here
    codes, levels = _levels(fit.design, group)
    name = group if isinstance(group, str) else group.name or "group"
    if len(levels) < 2:
        raise ValueError(f"{name!r} has one level: without it no row is left.")
    found = [_without(fit, codes != code).assign(**{name: level}) for code, level in enumerate(levels)]
    table = pd.concat(found, ignore_index=True)
    first = [name, "term"]
    return table[[*first, *(name for name in table if name not in first)]]


def _levels(design, group):
    """The level of each row as a number, and the levels: of a random term's groups, or of a column."""
    if isinstance(group, pd.Series):
        return _coded(_of_the_rows(group, design.rows))
    for term in design.random:
        if term.group == group:
            return term.codes, term.levels
    if not isinstance(group, str) or group not in design.data:
        known = dict.fromkeys([*(term.group for term in design.random), *design.data])
        raise unknown_name("The model", "column", [group], known)
    return _coded(design.data[group])


def _of_the_rows(column, rows):
    """A column of the table, of which the fit may have left rows out."""
    if not column.index.equals(rows):
        if not column.index.is_unique or len(absent := rows.difference(column.index)):
            raise ValueError(
                "A Series that names groups needs the index of the table that was fitted, each label once; "
                + (f"it lacks {some(map(repr, absent))}." if column.index.is_unique else "some stand there twice.")
            )
        column = column.loc[rows]
    if column.isna().any():
        raise ValueError(f"The Series names no group for {rows_where(rows, column.isna().to_numpy())}.")
    return column


def _coded(column):
    levels = pd.Index(column.unique()).sort_values()
    return codes_of(column, levels), levels


def _without(fit, kept):
    """The fit to the rows kept, beside the whole one: a row per coefficient."""
    rest, note = _refitted(fit, kept)
    whole, std_error = fit.fixed_effects, np.sqrt(np.diag(fit.covariance))
    nothing = pd.Series(np.nan, whole.index)
    estimate = nothing if rest is None else rest.fixed_effects
    change = estimate - whole
    own = nothing if rest is None else pd.Series(np.sqrt(np.diag(rest.covariance)), whole.index)
    return pd.DataFrame(
        {
            "term": whole.index,
            "n_obs": int(kept.sum()),
            "estimate": estimate.to_numpy(),
            "change": change.to_numpy(),
            "std_error": own.to_numpy(),
            "std_error_ratio": own.to_numpy() / std_error,
            "cooks_distance": float(change @ np.linalg.solve(fit.covariance, change)) / len(whole),
            "note": note,
        }
    )


def _refitted(fit, kept):
    """The fit without some rows, and a remark; None if the rest cannot carry the model."""
    design = fit.design.of_rows(kept)
    if sentences := aliases(design.X, design.names):
        return None, f"without these rows {sentences[0]}"
    if thin := [term.group for term in design.random if len(term.levels) < 2]:
        return None, f"without these rows {thin[0]!r} has one level"
    products = products_of(design)
    try:
        refuse_unidentified(design, products)
        rest = type(fit)(design, products, optimise(products, reml=fit.reml))
    except (ValueError, NotConverged) as error:
        return None, str(error)
    return rest, "singular fit" if rest.is_singular else ""
