"""The one list of ways to correct p-values for a family of tests, under all names that are in use.

Methods that need nothing but p-values are for everybody (`adjusted_p_values`); the others need the statistics of
contrasts, their correlation and degrees of freedom (`adjusted`), and give simultaneous intervals as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers.hypotheses.simultaneous import max_t_p_value, max_t_quantile, tukey_p_value, tukey_quantile
from helpers.refusals.wording import closest, listed


@dataclass(frozen=True)
class Method:
    """A correction: its other names, its name in a sentence, and what it needs.

    Attributes
    ----------
    words : str
    also : tuple of str
        Other names, those of statsmodels' multipletests and R's p.adjust among them.
    in_statsmodels : str or None
        Its name there, if it needs p-values alone.
    stepwise : bool
        Whether no interval belongs to it.
    """

    words: str
    also: tuple[str, ...] = ()
    in_statsmodels: str | None = None
    stepwise: bool = False


METHODS = {
    "holm": Method("Holm's method", (), "holm", stepwise=True),
    "BH": Method("Benjamini–Hochberg", ("bh", "fdr_bh"), "fdr_bh", stepwise=True),
    "BY": Method("Benjamini–Yekutieli", ("by", "fdr_by"), "fdr_by", stepwise=True),
    "bonferroni": Method("Bonferroni's method", ("Bonferroni",), "bonferroni"),
    "sidak": Method("Šidák's method", ("Sidak", "šidák"), "sidak"),
    "tukey": Method("Tukey's method", ("Tukey", "hsd")),
    "dunnett": Method("Dunnett's method", ("Dunnett",)),
    "mvt": Method("the multivariate t distribution", ("single-step",)),
    "scheffe": Method("Scheffé's method", ("Scheffe", "scheffé", "Scheffé")),
}
SPELLINGS = {spelling: name for name, method in METHODS.items() for spelling in (name, *method.also)}
FROM_P_VALUES = tuple(name for name, method in METHODS.items() if method.in_statsmodels)


def adjustment(name: str | None, among: tuple[str, ...] = tuple(METHODS)) -> str | None:
    """The name in `METHODS` of a correction, however it is spelled; None stays None.

    Parameters
    ----------
    name : str or None
        Such as "BH", or statsmodels' "fdr_bh".
    among : tuple of str
        Those that apply, `FROM_P_VALUES` say.

    Returns
    -------
    str or None

    Raises
    ------
    ValueError
        There is no such correction, or it does not apply.
    """
    if name is None:
        return None
    found = SPELLINGS.get(name) if isinstance(name, str) else None
    if found not in among:
        known = [spelling for spelling in SPELLINGS if SPELLINGS[spelling] in among]
        near = closest(name, known) if isinstance(name, str) else []
        hint = f" Closest: {listed(near[:1])}." if near else ""
        raise ValueError(f"adjust is None or one of {listed(among)}; found {name!r}.{hint}")
    return found


def adjusted_p_values(p_values: Sequence[float] | np.ndarray, adjust: str | None) -> np.ndarray:
    """p-values of one family, corrected.

    Parameters
    ----------
    p_values : (k,)
        None of them missing.
    adjust : str or None
        As `adjustment` takes it, of `FROM_P_VALUES`; None leaves them as they are.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        As `adjustment`; or a p-value is missing.
    """
    name, p_values = adjustment(adjust, FROM_P_VALUES), np.asarray(p_values, dtype=float)
    if np.isnan(p_values).any():
        raise ValueError(
            f"{np.isnan(p_values).sum()} of {len(p_values)} p-values are missing, and a family counts its tests: take "
            "them out first."
        )
    if name is None or len(p_values) == 0:
        return p_values
    if name == "sidak":  # 1 − (1 − p)^m has no digits left where p is small
        return -np.expm1(len(p_values) * np.log1p(-p_values))
    return multipletests(p_values, method=METHODS[name].in_statsmodels)[1]


def adjusted_where_tested(p_values: np.ndarray, adjust: str | None) -> np.ndarray:
    """p-values of many genes, corrected for as many tests as there are: one family, or one in each column.

    Parameters
    ----------
    p_values : (n,) or (n, k)
        NaN where a gene has no test.
    adjust : str or None
        As in `adjusted_p_values`.

    Returns
    -------
    numpy.ndarray
        NaN where there is no test.

    Raises
    ------
    ValueError
        As `adjustment`.
    """
    p_values = np.asarray(p_values, dtype=float)
    if p_values.ndim == 2:
        return np.column_stack([adjusted_where_tested(column, adjust) for column in p_values.T])
    result, tested = np.full(len(p_values), np.nan), ~np.isnan(p_values)
    result[tested] = adjusted_p_values(p_values[tested], adjust)
    return result


def adjusted(
    adjust: str, statistics: np.ndarray, df: np.ndarray, correlation: np.ndarray, n_means: int | None, conf_level: float
) -> tuple[np.ndarray, np.ndarray | None]:
    """Adjusted p-values of one family of contrasts, and the bound of |t| for its simultaneous intervals.

    Parameters
    ----------
    adjust : str
        One of `METHODS`.
    statistics, df : (k,)
    correlation : (k, k)
        Of the estimates.
    n_means : int
        How many means the family compares (Tukey).
    conf_level : float

    Returns
    -------
    tuple of numpy.ndarray
        p-values (k,) and bounds (k,); the latter None for the stepwise methods.
    """
    if adjust == "tukey":
        return tukey_p_value(statistics, n_means, df), tukey_quantile(conf_level, n_means, df)
    if adjust == "scheffe":
        return _scheffe(statistics, df, np.linalg.matrix_rank(correlation, hermitian=True, tol=1e-9), conf_level)
    if adjust in ("dunnett", "mvt"):
        return max_t_p_value(statistics, correlation, df), max_t_quantile(conf_level, correlation, df)
    p, m = adjusted_p_values(2 * stats.t.sf(np.abs(statistics), df), adjust), len(statistics)
    if METHODS[adjust].stepwise:
        return p, None
    level = (1 - conf_level) / m if adjust == "bonferroni" else -np.expm1(np.log(conf_level) / m)
    return p, stats.t.isf(level / 2, df)


def _scheffe(statistics, df, rank, conf_level):
    """The F test that all contrasts of the family's span are zero decides for each of them (Scheffé 1953)."""
    square = np.asarray(statistics) ** 2
    with_t = np.isfinite(df)
    finite = np.where(with_t, df, 1.0)
    p = np.where(with_t, stats.f.sf(square / rank, rank, finite), stats.chi2.sf(square, rank))
    alpha = 1 - conf_level
    bound = np.where(with_t, rank * stats.f.isf(alpha, rank, finite), stats.chi2.isf(alpha, rank))
    return p, np.sqrt(bound)
