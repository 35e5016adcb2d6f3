"""Run a template's cells in this very process: no kernel, so many reports can be tested in the time of one."""

import ast
import re

import matplotlib.pyplot as plt
from hygiene_reading import ROOT, read, tags

NOTEBOOKS = ROOT / "notebooks" / "templates"


def parameter_cell(template):
    """The source of a template's first cell, in which its parameters stand."""
    notebook = read(NOTEBOOKS / f"{template}.ipynb")
    (cell,) = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    return cell.source


def run_template(template, **parameters):
    """Run all cells with these parameters; return its variables, and what each cell showed, by its source."""
    variables, shown = {}, {}
    for cell in read(NOTEBOOKS / f"{template}.ipynb").cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), variables)
        if last:
            shown[cell.source] = eval(compile(ast.Expression(last.value), cell.id, "eval"), variables)
        if "parameters" in tags(cell):
            variables |= parameters
        plt.close("all")
    return variables, shown


def words_shown(shown):
    """Everything the cells showed, as one text."""
    return "\n".join(re.sub(r"\s+", " ", str(value)) for value in shown.values() if value is not None)
