"""The steps of the template ``counts``: one call per cell.

settings = settle("counts", {"data": "counts.csv", "samples": "samples.csv", "formula": "~ condition + batch"})
study = counts.prepare(settings)
analysis = counts.analyse(study)
count_sentences.results(analysis, counts.check_all(analysis, counts.leave_one_out(analysis)))
"""

from helpers.report.counts import count_figures, count_lists, count_sentences
from helpers.report.counts.count_checks import check_all
from helpers.report.counts.count_figures import found_by_both
from helpers.report.counts.count_results import analyse, leave_one_out, sample_map, size_table
from helpers.report.counts.count_study import prepare
from helpers.report.counts.next_screen import next_study

__all__ = [
    "analyse",
    "check_all",
    "count_figures",
    "count_lists",
    "count_sentences",
    "found_by_both",
    "leave_one_out",
    "next_study",
    "prepare",
    "sample_map",
    "size_table",
]
