"""From estimates and their Jacobian to the table a reader gets."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from helpers.contrasts.models import Model
from helpers.contrasts.scales import as_scale
from helpers.hypotheses.adjusting import METHODS, adjusted, adjustment
from helpers.hypotheses.wald import wald_columns
from helpers.refusals.wording import check_conf_level, counted

FLAT = 1e-9  # weights below this share of what they come from are rounding


class EffectsTable(pd.DataFrame):
    """A tidy table that says beneath itself what was averaged over, and how it was tested."""

    _metadata = ["note"]  # noqa: RUF012 - pandas' own way to keep an attribute
    note = ""

    @property
    def _constructor(self):
        return EffectsTable

    def _repr_html_(self):
        note = f"<p><small>{html.escape(self.note, quote=False)}</small></p>" if self.note else ""
        return pd.DataFrame._repr_html_(self) + note

    def __repr__(self):
        """Return the table and its note."""
        return super().__repr__() + (f"\n{self.note}" if self.note else "")


@dataclass(frozen=True)
class Request:
    """How estimates are to be tested and shown; the same for every kind of effect."""

    ddf: str | None = None
    adjust: str | None = None
    family: str | None = None
    transform: str | None = None
    equivalence: tuple | None = None
    conf_level: float = 0.95

    def checked(self) -> Request:
        """The same with the usual name of `adjust`; what cannot be is refused, before anything is computed."""
        check_conf_level(self.conf_level)
        adjust = adjustment(self.adjust)
        scale = as_scale(self.transform)
        if self.family not in (None, "table", "by"):
            raise ValueError(f"family is 'table' (all rows) or 'by' (each cell of by); found {self.family!r}.")
        if self.family is not None and self.adjust is None:
            raise ValueError("family= says which rows are corrected together: say by which method, with adjust=.")
        if self.equivalence is not None:
            _bounds(self.equivalence, scale)
        return replace(self, adjust=adjust)


def _bounds(equivalence, scale):
    """The bounds of equivalence on the model's scale."""
    if not isinstance(equivalence, tuple | list) or len(equivalence) != 2:
        raise ValueError(
            f"equivalence is a pair (lowest, highest) of values that do not matter; found {equivalence!r}."
        )
    with np.errstate(all="ignore"):
        low, high = (float(scale.inverse(np.float64(value))) for value in equivalence)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(
            f"equivalence {tuple(equivalence)} is no interval on the scale of the table. Give the lower bound first, "
            "in the units the table shows: for ratios such as (0.9, 1.1)."
        )
    return low, high


@dataclass(frozen=True, eq=False)
class Rows:
    """Estimates ready to be tested.

    Attributes
    ----------
    labels : pandas.DataFrame
        Columns that name each row.
    weights : (k, p)
        Contrasts of the coefficients; where the scale is the outcome's, the Jacobian.
    estimate : (k,)
    by : list of str
        Those of the labels that are cells.
    n_means : int or None
        How many means a cell's rows compare, if they compare all pairs.
    to_reference : bool
        Whether all rows of a cell compare with one and the same mean.
    size : (k, p) or float
        What `weights` were computed from by sums and differences: beside it rounding is small.
    """

    labels: pd.DataFrame
    weights: np.ndarray
    estimate: np.ndarray
    by: list
    n_means: int | None = None
    to_reference: bool = False
    size: np.ndarray | float = 1.0


def effects_table(model: Model, rows: Rows, request: Request, note: str) -> EffectsTable:
    """Test the rows as asked, and write the table."""
    ddf, scale = model.ddf(request.ddf), as_scale(request.transform)
    refuse_zeros(model, rows)
    known = model.estimable(rows.weights)
    if not known.any():
        raise ValueError(f"None of this can be estimated: the fit left out {', '.join(model.dropped.sentences)}.")
    estimate, std_error, df = np.where(known, rows.estimate, np.nan), *np.full((2, len(known)), np.nan)
    std_error[known], df[known] = model.std_error_and_df(rows.weights[known], ddf)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = wald_columns(estimate, std_error, df, request.conf_level)
    statistic = columns["statistic"]
    columns |= {name: scale.forward(columns[name]) for name in ("estimate", "conf_low", "conf_high")}
    columns["std_error"] = scale.slope(estimate) * std_error
    notes = [note[:1].upper() + note[1:], test_note(ddf)]
    if not known.all():
        notes.append(
            f"{counted(int((~known).sum()), 'row')} cannot be estimated: {', '.join(model.dropped.sentences)} left out"
        )
    if request.adjust is not None:
        p, bound, sentence = _families(model, rows, request, ddf, statistic, df, known)
        columns["p_adjusted"] = p
        if bound is not None:
            columns["conf_low_adjusted"] = scale.forward(estimate - bound * std_error)
            columns["conf_high_adjusted"] = scale.forward(estimate + bound * std_error)
        notes.append(sentence)
    if request.equivalence is not None:
        low, high = _bounds(request.equivalence, scale)
        columns["p_value_noninferior"] = stats.t.sf((estimate - low) / std_error, df)
        columns["p_value_nonsuperior"] = stats.t.cdf((estimate - high) / std_error, df)
        columns["p_value_equivalence"] = np.maximum(columns["p_value_noninferior"], columns["p_value_nonsuperior"])
        notes.append("equivalence by two one-sided tests of each row" + ", not adjusted" * (request.adjust is not None))
    table = EffectsTable(pd.concat([rows.labels, pd.DataFrame(columns, index=rows.labels.index)], axis=1))
    table.note = "; ".join(notes) + "."
    return table


def refuse_zeros(model: Model, rows: Rows) -> None:
    """Refuse to test what the model makes zero: a difference of slopes in a model without their interaction."""
    if model.link is None and (flat := (np.abs(rows.weights) <= FLAT * rows.size).all(axis=1)).any():
        name = " ".join(map(str, rows.labels[flat].iloc[0]))
        raise ValueError(
            f"In this model {name!r} is zero whatever the data: there is nothing to test. Does the formula lack the "
            "interaction that you ask about?"
        )


def test_note(ddf: str) -> str:
    """How rows are tested, in words."""
    return {
        "satterthwaite": "t tests with Satterthwaite's degrees of freedom",
        "kenward-roger": "t tests by Kenward–Roger",
        "residual": "t tests with the residual degrees of freedom",
        "welch": "Welch's t tests, each cell with a variance of its own",
        "hc3": "t tests with HC3 standard errors and the residual degrees of freedom",
        "normal": "z tests",
    }[ddf]


def _families(model, rows, request, ddf, statistic, df, known):
    """Adjusted p-values of all rows, the bounds of |t|, and a sentence about them."""
    exact = request.adjust in ("tukey", "dunnett")  # defined for one set of means
    by = request.family == "by" or (request.family is None and exact)
    families = _cells(rows) if by else [np.arange(len(statistic))]
    if exact and not by and len(_cells(rows)) > 1:
        raise ValueError(f"adjust={request.adjust!r} compares one set of means: use family='by', or adjust='mvt'.")
    if request.adjust == "tukey" and rows.n_means is None:
        raise ValueError(
            "adjust='tukey' is for all pairwise differences: variables={'gene': 'pairwise'}, or "
            "differences='pairwise'. For other families use adjust='mvt'."
        )
    if request.adjust == "dunnett" and not rows.to_reference:
        raise ValueError(
            "adjust='dunnett' is for comparisons with one reference: variables={'gene': 'reference'}, or "
            "differences='reference'. For other families use adjust='mvt'."
        )
    p, bound = np.full(len(statistic), np.nan), np.full(len(statistic), np.nan)
    families = [tested for places in families if len(tested := places[known[places]])]
    for places in families:
        covariance = model.contrast_covariance(rows.weights[places], ddf)
        scale = np.sqrt(np.diag(covariance))
        p[places], bounds = adjusted(
            request.adjust,
            statistic[places],
            df[places],
            covariance / np.outer(scale, scale),
            rows.n_means,
            request.conf_level,
        )
        bound = None if bounds is None else _filled(bound, places, bounds)
    sizes = sorted({len(places) for places in families})
    several = len(families) > 1
    tests = f"{' or '.join(map(str, sizes))} test{'s' if sizes[-1] > 1 else ''}"
    where = f"in each of {len(families)} families of {tests}" if several else f"over {tests}"
    return p, bound, f"p_adjusted by {METHODS[request.adjust].words} {where}"


def _filled(values, places, found):
    values[places] = found
    return values


def _cells(rows):
    """Places of the rows of each cell of `by`."""
    if not rows.by:
        return [np.arange(len(rows.labels))]
    groups = rows.labels.groupby(rows.by, observed=True, sort=False)
    return [np.sort(places) for places in groups.indices.values()]
