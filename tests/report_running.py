"""Run a template as a report does, but for the folder: what its cells hold and show can be looked at."""

import re

from hygiene_reading import ROOT, read, tags

from helpers.report import correlation, counts, mixed_model, plan
from helpers.report.options import settle
from helpers.report.run import run_cells

NOTEBOOKS = ROOT / "notebooks" / "templates"
TEMPLATES = {"correlation": correlation, "counts": counts, "mixed_model": mixed_model, "plan": plan}


def parameter_cell(template):
    """The source of a template's first cell, in which its parameters stand."""
    notebook = read(NOTEBOOKS / f"{template}.ipynb")
    (cell,) = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    return cell.source


def prepared(template, **parameters):
    """The study of a template with these parameters."""
    return TEMPLATES[template].prepare(settle(template, parameters))


def run_template(template, **parameters):
    """Run all cells with these parameters; return its variables, and what each cell showed, by its source."""
    variables = {}
    notebook = read(NOTEBOOKS / f"{template}.ipynb")
    shown = {cell.source: value for cell, value in run_cells(notebook, parameters, variables)}
    return variables, shown


def words_shown(shown):
    """Everything the cells showed, as one text."""
    return "\n".join(re.sub(r"\s+", " ", str(value)) for value in shown.values() if value is not None)
