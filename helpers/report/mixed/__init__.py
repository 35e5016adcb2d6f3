"""The steps of the template ``mixed_model``: one call per cell.

study = mixed.prepare(data="my.csv", formula="log(y) ~ drug * gene + (1 | animal)", contrast="drug", by="gene")
analysis = mixed.analyse(study)
mixed.text.results(analysis, mixed.check_all(analysis, None, []))
"""

from helpers.report.mixed import figures, text
from helpers.report.mixed.analysis import analyse
from helpers.report.mixed.checks import check_all
from helpers.report.mixed.sensitivity import leave_one_out, with_slopes
from helpers.report.mixed.study import prepare

__all__ = ["analyse", "check_all", "figures", "leave_one_out", "prepare", "text", "with_slopes"]
