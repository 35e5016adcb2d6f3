"""Power of a correlation: against published sizes and simulation; and what the report says of the next study."""

import numpy as np
import pytest
from report_running import prepared
from scipy import stats

from helpers.data import FOLDER
from helpers.planning import correlation_power
from helpers.report import correlation
from helpers.report.correlation.next_correlation import detectable_correlation, rows_needed
from helpers.simulate import simulate_pairs


def test_sizes_are_those_of_the_exact_tables():
    """As G*Power's exact test of a bivariate normal correlation has them, two-sided at 5% with 80% power."""
    assert [rows_needed(r, 0.05) for r in (0.3, 0.5)] == [84, 29]


@pytest.mark.parametrize(("r", "n"), [(0.5, 10), (-0.76, 10), (0.3, 40), (0.0, 6)])
def test_power_is_the_share_of_simulated_samples(r, n):
    pairs = simulate_pairs(r, n, 40_000, np.random.default_rng(1))
    share = np.mean(stats.pearsonr(*pairs, axis=1).pvalue < 0.05)
    assert abs(correlation_power(r, n) - share) < 4 * np.sqrt(share * (1 - share) / 40_000)


def test_what_is_detectable_has_the_power():
    assert correlation_power(detectable_correlation(10, 0.05), 10) == pytest.approx(0.8, abs=1e-4)
    assert detectable_correlation(2, 0.05) is None
    assert detectable_correlation(3, 0.01) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"r": 1.0, "n": 10}, r"A correlation lies between -1 and 1; found 1\.0"),
        ({"r": 0.5, "n": 2}, r"n is a whole number of 3 rows or more; found 2"),
        ({"r": 0.5, "n": 10, "alpha": 5}, r"alpha lies between 0 and 1, such as 0\.05; found 5"),
    ],
)
def test_what_cannot_be_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        correlation_power(**given)


def said(**parameters):
    data = str(FOLDER / "mouse_scores.csv")
    study = prepared("correlation", data=data, outcome="gene_x", columns="urea, weight", **parameters)
    return str(correlation.next_study(correlation.analyse(study)))


def test_the_report_says_what_ten_rows_can_show():
    assert said(strata="group") == (
        "With 10 rows, a true correlation of 0.76 or more is found with 80% power (two-sided level of 5%; independent "
        "rows, columns that are roughly normal). Within levels of 'group' it has to be 0.82 or more. A true "
        "correlation of 0.5 takes 29 rows, one of 0.3 takes 84. Plan for the weakest correlation that would matter. "
        "The one found here may be too large to plan with."
    )


def test_ranks_take_more_rows():
    text = said(strata="", method="spearman")
    assert "ranks of normal columns take about a tenth more rows" in text
    assert "Within levels" not in text
