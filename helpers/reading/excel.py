"""From a worksheet to a raw frame.

What openpyxl would leave empty in silence is an error: merged cells, and formulas that the program which wrote the
workbook did not compute.
"""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.reading.cell_values import MISSING
from helpers.refusals.wording import check_gaps, check_header, first, listed, not_what_it_says

FORMULA = re.compile(rb"<(\w+:)?f[\s/>]")  # the element of a formula in the XML of a sheet


def read_excel(path: Path, sheet: int | str, promised: Callable) -> pd.DataFrame:
    """One sheet as it stands, index ``row``; an Excel error such as #DIV/0! is refused in the columns that matter.

    `promised` is a function from the list of all columns to these.
    """
    raw = path.read_bytes()
    page = _page(_book(raw, path), sheet, path.name)
    _check_formulas(raw, page, path)
    grid = list(page.iter_rows())
    cells = pd.DataFrame([[cell.value for cell in row] for row in grid], dtype=object)
    filled = cells.notna() & (cells != "")
    if not filled.to_numpy().any():
        raise ValueError(f"{path.name}: the sheet {page.title!r} is empty. Name the one to read with sheet=.")
    # Cells that only have a colour or a border lie around many tables; they are no part of them.
    filled = filled.loc[: filled.any(axis="columns")[::-1].idxmax(), : filled.any()[::-1].idxmax()]
    n_rows, n_columns = filled.shape
    _check_merged(page, n_rows, n_columns, path.name)
    cells = cells.loc[filled.index, filled.columns]
    header = ["" if name is None else str(name) for name in cells.iloc[0]]
    check_header(header, path.name)
    check_gaps([str(place + 1) for place in filled.index[~filled.any(axis="columns")] if place], "row", path.name)
    _check_errors(grid, header, promised(header), path.name)
    body = cells.iloc[1:].set_axis(header, axis="columns")
    return body.mask(body.isin(MISSING), np.nan).set_axis(pd.RangeIndex(2, len(cells) + 1, name="row"))


def _book(raw, path, *, data_only=True):
    import openpyxl  # here: half a second, for those alone who read a workbook

    try:
        return openpyxl.load_workbook(io.BytesIO(raw), data_only=data_only)
    except Exception as error:  # a broken workbook raises any of half a dozen kinds
        raise not_what_it_says(path, "an Excel workbook", error) from None


def _page(book, sheet, name):
    sheets = {key: page for place, page in enumerate(book.worksheets) for key in (place, page.title)}
    if sheet not in sheets:
        raise ValueError(f"{name} has no sheet {sheet!r}. Its sheets: {listed(p.title for p in book.worksheets)}.")
    return sheets[sheet]


def _check_formulas(raw, page, path):
    """Refuse formulas that were never computed: their cells would pass for empty ones."""
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        sheets = (part for part in parts.namelist() if part.endswith(".xml"))
        if not any(FORMULA.search(parts.read(part)) for part in sheets):
            return  # the workbook need not be loaded twice
    formulas = [cell for row in _book(raw, path, data_only=False)[page.title] for cell in row if cell.data_type == "f"]
    results = ((cell, page.cell(cell.row, cell.column)) for cell in formulas)
    # Excel keeps the result "" as a text without letters.
    unknown = [cell for cell, result in results if result.value is None and result.data_type != "str"]
    if unknown:
        places = first(f"row {cell.row} holds a formula without a result (cell {cell.coordinate})" for cell in unknown)
        raise ValueError(
            f"{path.name}: {places}. The program that wrote the workbook did not compute it: open and save it in Excel."
        )


def _check_merged(page, n_rows, n_columns, name):
    """Refuse merged cells that touch the table: only the first of them holds a value, the others would be missing."""
    touching = [area for area in page.merged_cells.ranges if area.min_row <= n_rows and area.min_col <= n_columns]
    if touching:
        places = first(sorted(area.coord for area in touching))
        raise ValueError(
            f"{name}: in the sheet {page.title!r} the cells {places} are merged, and only the first of them holds a "
            "value. Unmerge them in Excel (Home > Merge & Center > Unmerge Cells) and write the value in every cell "
            "it is meant for; a title above the header belongs elsewhere."
        )


def _check_errors(grid, header, promised, name):
    """Refuse Excel errors: they are no labels, and no missing values either."""
    sentences = [
        f"{name}: column {column!r} holds errors of Excel; {places}. Correct these cells, and leave them empty where "
        "the value is missing."
        for place, column in enumerate(header)
        if column in promised and (places := first(_errors(row[place] for row in grid[1:])))
    ]
    if sentences:
        raise ValueError("\n".join(sentences))


def _errors(cells):
    return (f"row {cell.row} holds {cell.value!r}" for cell in cells if cell.data_type == "e")
