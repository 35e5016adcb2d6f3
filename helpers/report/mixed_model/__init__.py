"""The steps of the template ``mixed_model``: one call per cell.

settings = settle("mixed_model", {"data": "my.csv", "formula": "log(y) ~ drug * gene + (1 | animal)", "by": "gene"})
study = mixed_model.prepare(settings)
analysis = mixed_model.analyse(study, mixed_model.fitted(study))
mixed_sentences.results(analysis, mixed_model.check_all(analysis, None, []))
"""

from helpers.report.mixed_model import (
    linear_sentences,
    mixed_figures,
    mixed_methods,
    mixed_sentences,
    next_study,
    print_figure,
)
from helpers.report.mixed_model.mixed_checks import check_all
from helpers.report.mixed_model.mixed_results import analyse, fitted
from helpers.report.mixed_model.mixed_study import prepare
from helpers.report.mixed_model.sensitivity import leave_one_out, with_slopes

__all__ = [
    "analyse",
    "check_all",
    "fitted",
    "leave_one_out",
    "linear_sentences",
    "mixed_figures",
    "mixed_methods",
    "mixed_sentences",
    "next_study",
    "prepare",
    "print_figure",
    "with_slopes",
]
