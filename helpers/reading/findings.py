"""What a schema found wrong with a table, in sentences that name the column, the line of the file and a remedy."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pandera.pandas as pa

from helpers.reading.cell_values import DECIMAL_COMMA, PLAIN_NUMBER
from helpers.reading.files import EXCEL
from helpers.refusals.errors import UnknownNameError, unknown_name
from helpers.refusals.wording import first, listed

NUMBERS_AS_TEXT = "These are numbers stored as text: turn the column into numbers where the file was made"
IN_EXCEL = " (in Excel: Data > Text to Columns > Finish)"
WRITTEN_OTHERWISE = {
    DECIMAL_COMMA: 'If the comma is the decimal mark, pass decimal="," (and sep=";" for a file with semicolons).',
    re.compile(r"\s*[+-]?\d{1,3}([,.'’ \u00a0\u202f]\d{3})+([.,]\d+)?\s*", re.ASCII): (
        "If thousands are grouped, take the grouping marks out of the file: they are never guessed."
    ),
    PLAIN_NUMBER: 'If the point is the decimal mark, leave out decimal=",".',
}


def missing_columns(absent: Sequence[str], columns: pd.Index, name: str) -> UnknownNameError:
    """The error of columns that are not in the file, with those spelled like them."""
    return unknown_name(name, "column", absent, columns)


def validated(frame: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
    """What the schema makes of the frame, its rows counted from 0; a failure is told with the lines of the file."""
    try:
        return schema.validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as error:
        failures = error.failure_cases.astype(object)
    absent = failures["check"] == "column_in_dataframe"
    if absent.any():
        raise missing_columns(failures.loc[absent, "failure_case"], frame.columns, name)
    # pandera tells a failed coercion twice, and a row that breaks a rule of the whole table once per column.
    failures["check"] = failures["check"].str.removeprefix("coerce_")
    of_row = (failures["schema_context"] == "DataFrameSchema") & failures["index"].notna()
    failures.loc[of_row, ["column", "failure_case"]] = None
    failures = failures.drop_duplicates(["column", "check", "failure_case", "index"])
    sentences = [
        _sentence(column, check, cases["failure_case"].tolist(), cases["index"].tolist(), frame.index, name)
        for (column, check), cases in failures.groupby(["column", "check"], sort=False, dropna=False)
    ]
    raise ValueError("\n".join(f"{name}: {sentence}" for sentence in sentences))


def _sentence(column, check, cells, places, index, name):
    """One rule and the cells that break it; `places` count the rows of `index` from 0, or are missing."""
    lines = [None if pd.isna(place) else index[int(place)] for place in places]
    found = first(_found(cell, line, index.name) for cell, line in zip(cells, lines, strict=True))
    match check:
        case "numbers":
            return f"column {column!r} must hold numbers; {found}. {_how_to_get_numbers(cells, index.name, name)}"
        case "a number":
            return f"column {column!r} must hold numbers; it is empty in every row. Fill it, or leave it out."
        case "finite numbers":
            return f"column {column!r} must hold finite numbers; {found}. Leave the cell empty if the value is missing."
        case "text":
            return f"column {column!r} must hold text; {found}. {_how_to_get_text(cells, name)}"
        case "not_nullable":
            return f"column {column!r} is empty in {found}. Every row needs a value."
        case "field_uniqueness":
            repeats = pd.Series(lines).groupby(cells, sort=False, dropna=False).agg(first)
            repeated = first(f"{_quoted(cell)} is in {index.name}s {where}" for cell, where in repeats.items())
            return f"column {column!r} must not repeat a value; {repeated}. Correct the ids or take out the copies."
        case "ids apart":
            spelled = pd.Series(
                [f"{_quoted(cell)} in {index.name} {line}" for cell, line in zip(cells, lines, strict=True)]
            )
            alike = first(spelled.groupby([cell.strip() for cell in cells], sort=False).agg(" and ".join))
            return f"ids in column {column!r} differ only by blanks at their ends: {alike}. Take the blanks out."
        case "column_in_schema" | "column_ordered":
            return f"the schema does not have {listed(cells)}, or not in this place. Change the file or the schema."
        case _:
            subject = "the table" if pd.isna(column) else f"column {column!r}"
            return f"{subject} breaks the rule {check}" + (f"; {found}." if found else ".") + " Correct the file."


def _quoted(cell):
    return repr(cell) if isinstance(cell, str) else str(cell)


def _found(cell, line, unit):
    if line is None:
        return "" if isinstance(cell, bool | np.bool_) else f"found {cell}"
    return f"{unit} {line}" + ("" if pd.isna(cell) else f" holds {_quoted(cell)}")


def _is_excel(name):
    return name.lower().endswith(EXCEL)


def _how_to_get_numbers(cells, unit, name):
    strings = [cell for cell in cells if isinstance(cell, str)]
    if not strings:
        return "True, False and dates are labels: write numbers, or leave the column out of numeric=."
    known = [advice for way, advice in WRITTEN_OTHERWISE.items() if any(map(way.fullmatch, strings))]
    if known and unit == "row":
        known = [NUMBERS_AS_TEXT + IN_EXCEL * _is_excel(name) + "."]
    advice = known or ["Correct these cells, and leave them empty where the value is missing."]
    # The trap of lesson 01: a column that would not correlate, made numeric through its category codes.
    return " ".join([*advice, "Category codes are no way out: they are ranks of labels, not measurements."])


def _how_to_get_text(cells, name):
    if _is_excel(name) and any(hasattr(cell, "year") for cell in cells):
        return "Excel makes dates of labels such as SEPT2: set the column to Text there, and write the labels again."
    return "Write the labels as text in the file."
