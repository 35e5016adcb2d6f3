"""The steps of the template ``correlation``: one call per cell.

settings = settle("correlation", {"data": "my.csv", "outcome": "gene_x", "columns": "urea", "strata": "group"})
study = correlation.prepare(settings)
analysis = correlation.analyse(study)
correlation_sentences.results(analysis, correlation.check_all(analysis))
"""

from helpers.report.correlation import correlation_figures, correlation_sentences
from helpers.report.correlation.correlation_checks import check_all, influence_table
from helpers.report.correlation.correlation_results import analyse
from helpers.report.correlation.correlation_study import prepare
from helpers.report.correlation.next_correlation import next_study

__all__ = [
    "analyse",
    "check_all",
    "correlation_figures",
    "correlation_sentences",
    "influence_table",
    "next_study",
    "prepare",
]
