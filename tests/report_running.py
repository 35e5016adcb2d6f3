"""Run a template as a report does, but for the folder: what its cells hold and show can be looked at."""

import re

import numpy as np
import pandas as pd
import pytest
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


def assert_differences_of_r(ours, theirs):
    """Differences of effects are emmeans', whose pairs of three levels or more stand in another order."""
    theirs = pd.DataFrame({key: np.atleast_1d(values) for key, values in theirs.items()}).sort_values("estimate")
    ours = ours.sort_values("estimate")
    assert ours["estimate"].to_numpy() == pytest.approx(theirs["estimate"].to_numpy(), rel=1e-5)
    assert ours["std_error"].to_numpy() == pytest.approx(theirs["std_error"].to_numpy(), rel=1e-4)
    assert ours["df"].to_numpy() == pytest.approx(theirs["df"].to_numpy(), rel=1e-3)
    for column in ("p_value", "p_adjusted", "conf_low_adjusted", "conf_high_adjusted"):
        if column in ours:
            assert ours[column].to_numpy() == pytest.approx(theirs[column].to_numpy(), rel=2e-3, abs=1e-4), column


def words_shown(shown):
    """Everything the cells showed, as one text."""
    return "\n".join(re.sub(r"\s+", " ", str(value)) for value in shown.values() if value is not None)
