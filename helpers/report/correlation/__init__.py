"""The steps of the template ``correlation``: one call per cell.

study = correlation.prepare(data="my.csv", outcome="expression", columns="urea, weight", strata="group")
analysis = correlation.analyse(study)
correlation.text.results(analysis, correlation.check_all(analysis))
"""

from helpers.report.correlation import figures, text
from helpers.report.correlation.analysis import analyse
from helpers.report.correlation.checks import check_all, influence_table
from helpers.report.correlation.study import prepare

__all__ = ["analyse", "check_all", "figures", "influence_table", "prepare", "text"]
