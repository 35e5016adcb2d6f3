"""The correlations of a study: over all rows, within strata, and by permutation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.correlation import PermutationTest, correlate, permutation_test
from helpers.hypotheses.adjusting import adjusted_p_values
from helpers.report.correlation.correlation_study import Study

EXACT_UP_TO = 1_000_000  # arrangements
MOST_RESAMPLES, FEWEST_RESAMPLES = 99_999, 999
WORK = 500_000_000  # rows times arrangements: what a minute has room for


@dataclass(frozen=True, eq=False)
class Analysis:
    """A study with its numbers.

    Attributes
    ----------
    study : Study
    table : pandas.DataFrame
        One row per column: ``column, n, estimate, conf_low, conf_high, p_value``; with strata ``estimate_within,
        conf_low_within, conf_high_within, p_value_within``; ``p_value_permutation``, and ``p_adjusted``.
    permutations : dict
        Column -> `helpers.correlation.PermutationTest`.
    """

    study: Study
    table: pd.DataFrame
    permutations: dict[str, PermutationTest]

    @property
    def overall(self) -> pd.DataFrame:
        """The part of the table on all rows."""
        return self.table[[name for name in self.table if not name.endswith("_within")]]

    @property
    def within(self) -> pd.DataFrame:
        """The part on what strata leave; without strata, nothing."""
        names = [name for name in self.table if name.endswith("_within")]
        return self.table[["column", "n", *names]].rename(columns=lambda name: name.removesuffix("_within"))


def analyse(study: Study) -> Analysis:
    """Compute every correlation, interval and p-value.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Analysis
    """
    rng = np.random.default_rng(study.seed)
    permutations = {column: _permuted(study, column, rng) for column in study.columns}
    table = pd.DataFrame([_row(study, column) for column in study.columns])
    table["p_value_permutation"] = [permutations[column].p_value for column in study.columns]
    if study.adjust and len(table) > 1:
        table["p_adjusted"] = adjusted_p_values(table["p_value_permutation"], study.adjust)
    return Analysis(study, table, permutations)


def pair(study: Study, column: str) -> pd.DataFrame:
    """The rows of a column and the outcome: their ranks, if ranks are correlated."""
    rows = study.rows(column)
    if study.settings.method == "spearman":
        rows = rows.assign(**{name: rows[name].rank() for name in (column, study.outcome)})
    return rows


def within_strata(study: Study, column: str) -> pd.DataFrame:
    """The same with each stratum's mean taken out of both; without strata, the mean of all rows."""
    rows = pair(study, column)
    strata = rows[study.strata] if study.strata else pd.Series(0, rows.index)
    return rows.assign(
        **{name: rows[name] - rows.groupby(strata)[name].transform("mean") for name in (column, study.outcome)}
    )


def _row(study, column):
    settings = study.settings
    whole = correlate(
        study.rows(column), column, study.outcome, method=settings.method, conf_level=settings.conf_level
    ).iloc[0]
    row = {"column": column} | whole[["n", "estimate", "conf_low", "conf_high", "p_value"]].to_dict()
    if study.strata:
        inner = correlate(
            pair(study, column), column, study.outcome, within=study.strata, conf_level=settings.conf_level
        ).iloc[0]
        row |= {f"{name}_within": inner[name] for name in ("estimate", "conf_low", "conf_high", "p_value")}
    return row


def _permuted(study, column, rng):
    """Permutation of the outcome: free, or within strata of what the strata's means leave."""
    rows = within_strata(study, column) if study.strata else study.rows(column)
    n_resamples = int(np.clip(WORK // len(rows), FEWEST_RESAMPLES, MOST_RESAMPLES))
    return permutation_test(
        rows,
        column,
        study.outcome,
        strata=study.strata,
        method="pearson" if study.strata else study.settings.method,
        max_arrangements=EXACT_UP_TO,
        n_resamples=n_resamples,
        rng=rng,
    )
