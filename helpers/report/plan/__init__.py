"""The steps of the template ``plan``: one call per cell.

settings = settle("plan", {"formula": "~ drug + (1 | animal)", "design": "animal=8; day=3", "between": "drug=no, yes",
                           "effect": "drug=0.8", "sd": "animal=0.7; residual=1"})
study = plan.prepare(settings)
planned = plan.calculate(study)
plan_sentences.statement(planned)
"""

from helpers.report.plan import plan_figures, plan_sentences
from helpers.report.plan.plan_results import calculate, check_all
from helpers.report.plan.plan_study import prepare

__all__ = ["calculate", "check_all", "plan_figures", "plan_sentences", "prepare"]
