"""The steps of the template ``mixed_model``: one call per cell.

settings = settle("mixed_model", {"data": "my.csv", "formula": "log(y) ~ drug * gene + (1 | animal)", "by": "gene"})
study = mixed_model.prepare(settings)
analysis = mixed_model.analyse(study, fit_design(study.design))
mixed_sentences.results(analysis, mixed_model.check_all(analysis, None, []))
"""

from helpers.report.mixed_model import mixed_figures, mixed_sentences, next_study, print_figure
from helpers.report.mixed_model.mixed_checks import check_all
from helpers.report.mixed_model.mixed_results import analyse
from helpers.report.mixed_model.mixed_study import prepare
from helpers.report.mixed_model.sensitivity import leave_one_out, with_slopes

__all__ = [
    "analyse",
    "check_all",
    "leave_one_out",
    "mixed_figures",
    "mixed_sentences",
    "next_study",
    "prepare",
    "print_figure",
    "with_slopes",
]
