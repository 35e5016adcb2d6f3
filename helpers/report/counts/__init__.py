"""The steps of the template ``counts``: one call per cell.

study = counts.prepare(data="counts.csv", samples="samples.csv", formula="~ condition + batch")
analysis = counts.analyse(study)
counts.text.results(analysis, counts.check_all(analysis, counts.leave_one_out(analysis)))
"""

from helpers.report.counts import figures, text
from helpers.report.counts.analysis import analyse, leave_one_out, size_table
from helpers.report.counts.checks import check_all
from helpers.report.counts.figures import found_by_both
from helpers.report.counts.study import prepare

__all__ = ["analyse", "check_all", "figures", "found_by_both", "leave_one_out", "prepare", "size_table", "text"]
