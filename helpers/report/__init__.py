"""A reader's own table in, a report out: the templates' cells call this package, `make report` runs them.

    python -m helpers.report TEMPLATE=mixed_model DATA=my.csv FORMULA="log(length) ~ condition + (1 | replicate)"

`options` names the parameters, `reading` reads the table, `mixed` and its siblings hold one template each, `run` makes
the folder under ``reports/``.
"""

from helpers.report.drawing import use_style
from helpers.report.output import Output
from helpers.report.verdicts import warnings

__all__ = ["Output", "use_style", "warnings"]
