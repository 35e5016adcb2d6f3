"""Tables, each held against a schema: a reader's own through `read_table`, the course's through their loaders."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from helpers.read import DECIMAL_COMMA, PLAIN_NUMBER, closest, is_number, is_numeric, is_text, listed, read_raw

FOLDER = Path(__file__).resolve().parents[1] / "data"
SHOWN = 3  # offending rows that a message shows; it counts the rest

NUMBERS_AS_TEXT = (
    "These are numbers stored as text: turn the column into numbers where the file was made (in Excel: Data > Text to "
    "Columns > Finish)."
)
WRITTEN_OTHERWISE = {
    DECIMAL_COMMA: 'If the comma is the decimal mark, pass decimal="," (and sep=";" for a file with semicolons).',
    re.compile(r"\s*[+-]?\d{1,3}([,.'’ \u00a0\u202f]\d{3})+([.,]\d+)?\s*", re.ASCII): (
        "If thousands are grouped, take the grouping marks out of the file: they are never guessed."
    ),
    PLAIN_NUMBER: 'If the point is the decimal mark, leave out decimal=",".',
}


class MissingColumnError(KeyError):
    """A column that a table does not have."""

    def __str__(self):
        """Return the sentence as it is; a plain KeyError would put it in quotation marks."""
        return str(self.args[0])


def read_table(
    path, *, numeric=(), text=(), unique=(), schema=None, sep=None, decimal=".", sheet=0, encoding="utf-8-sig"
):
    """Read a CSV, TSV, Excel or Parquet file, and make sure that it holds what you think it holds.

    Parameters
    ----------
    path : str or pathlib.Path
        The file. Its suffix tells the format: ``.csv`` (commas), ``.tsv``, ``.tab`` and ``.txt`` (tabs), each also with
        ``.gz``; ``.xlsx`` and ``.xlsm``; ``.parquet``.
    numeric : str or sequence of str
        Columns that must hold numbers. A missing number is NaN; its row stays.
    text : str or sequence of str
        Columns that must exist and are read as strings: an id written 007 stays "007".
    unique : str or sequence of str
        Columns of ids: in each, no value may repeat or be missing. List them in `text` too if leading zeros matter.
    schema : pandera.pandas.DataFrameSchema, optional
        Anything more the table must satisfy, such as ranges or levels. What it coerces is coerced in the result.
    sep : str, optional
        The one character between the columns of a text file, where it is not what the suffix promises.
    decimal : {".", ","}
        The decimal mark of a text file.
    sheet : int or str
        Sheet of an Excel workbook: its name, or its place counted from 0.
    encoding : str
        Encoding of a text file. The default is UTF-8, with or without a byte-order mark.

    Returns
    -------
    pandas.DataFrame
        The rows of the file in their order. Columns listed nowhere are as pandas reads them.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    MissingColumnError
        A column is not there. It is a ``KeyError``.
    ValueError
        Anything else: text among numbers, repeated or missing ids, rows longer or shorter than the header, a wrong
        separator or encoding, unnamed or repeated columns, an empty table, a file that is not what its suffix says.

    Notes
    -----
    In text files and in Excel, only an empty cell and ``NA``, ``NaN``, ``nan``, ``N/A``, ``null`` are missing values;
    ``None`` is a label. Parquet marks its missing values itself. Messages count as a person does: the header is line
    (in Excel, row) 1; in Parquet, which has no header line, row 1 is the first row of data.
    """
    path, numeric, text, unique = Path(path), _names(numeric), _names(text), _names(unique)
    if both := [name for name in numeric if name in text]:
        raise ValueError(f"{listed(both)} is in numeric= and in text=: a column holds numbers or labels, not both.")
    frame = read_raw(path, numeric=numeric, text=text, sep=sep, decimal=decimal, sheet=sheet, encoding=encoding)
    if absent := [name for name in (*numeric, *text, *unique) if name not in frame]:
        raise _missing_columns(absent, frame.columns, path.name)
    table = _validated(frame, _promised(numeric, text, unique), path.name)
    return table if schema is None else _validated(frame, schema, path.name)


def _names(names):
    return (names,) if isinstance(names, str) else tuple(map(str, names))


def _missing_columns(absent, columns, name):
    near = {column: closest(column, columns) for column in absent}
    sentences = [
        f"{name} has no column {column!r}." + (f" Closest: {listed(names)}." if names else "")
        for column, names in near.items()
    ]
    return MissingColumnError(" ".join([*sentences, f"Its columns: {listed(columns)}."]))


NUMBERS = pa.Check(lambda column: is_numeric(column) or column.map(is_number).astype(bool), error="numbers")
FINITE = pa.Check(lambda column: np.isfinite(column) if is_numeric(column) else True, error="finite numbers")
TEXT = pa.Check(lambda column: column.dtype == "str" or column.map(is_text).astype(bool), error="text")


def _promised(numeric, text, unique):
    """The schema of what `read_table` was asked for."""
    checks = {name: [NUMBERS, FINITE] for name in numeric} | {name: [TEXT] for name in text}
    return pa.DataFrameSchema(
        {
            name: pa.Column(checks=checks.get(name), unique=name in unique, nullable=name not in unique)
            for name in (*numeric, *text, *unique)
        }
    )


# What a schema found wrong, in sentences.


def _validated(frame, schema, name):
    """What the schema makes of the frame, its rows counted from 0; a failure is told with the lines of the file."""
    try:
        return schema.validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as error:
        failures = error.failure_cases.astype(object)
    absent = failures["check"] == "column_in_dataframe"
    if absent.any():
        raise _missing_columns(failures.loc[absent, "failure_case"], frame.columns, name)
    # pandera tells a failed coercion twice, and a row that breaks a rule of the whole table once per column.
    failures["check"] = failures["check"].str.removeprefix("coerce_")
    of_row = (failures["schema_context"] == "DataFrameSchema") & failures["index"].notna()
    failures.loc[of_row, ["column", "failure_case"]] = None
    failures = failures.drop_duplicates(["column", "check", "failure_case", "index"])
    sentences = [
        _sentence(column, check, cases["failure_case"].tolist(), cases["index"].tolist(), frame.index)
        for (column, check), cases in failures.groupby(["column", "check"], sort=False, dropna=False)
    ]
    raise ValueError("\n".join(f"{name}: {sentence}" for sentence in sentences))


def _sentence(column, check, cells, places, index):
    """One rule and the cells that break it; `places` count the rows of `index` from 0, or are missing."""
    lines = [None if pd.isna(place) else index[int(place)] for place in places]
    found = _first(_found(cell, line, index.name) for cell, line in zip(cells, lines, strict=True))
    match check:
        case "numbers":
            return f"column {column!r} must hold numbers; {found}. {_how_to_get_numbers(cells, index.name)}"
        case "finite numbers":
            return f"column {column!r} must hold finite numbers; {found}. Leave the cell empty if the value is missing."
        case "text":
            return f"column {column!r} must hold text; {found}. {_how_to_get_text(cells)}"
        case "not_nullable":
            return f"column {column!r} is empty in {found}. Every row needs a value."
        case "field_uniqueness":
            repeats = pd.Series(lines).groupby(cells, sort=False, dropna=False).agg(_first)
            repeated = _first(f"{_quoted(cell)} is in {index.name}s {where}" for cell, where in repeats.items())
            return f"column {column!r} must not repeat a value; {repeated}. Correct the ids or take out the copies."
        case "column_in_schema" | "column_ordered":
            return f"the schema does not have {listed(cells)}, or not in this place. Change the file or the schema."
        case _:
            subject = "the table" if pd.isna(column) else f"column {column!r}"
            return f"{subject} breaks the rule {check}" + (f"; {found}." if found else ".") + " Correct the file."


def _first(items):
    items = list(map(str, filter(None, items)))
    return ", ".join(items[:SHOWN]) + (f" and {len(items) - SHOWN} more" if len(items) > SHOWN else "")


def _quoted(cell):
    return repr(cell) if isinstance(cell, str) else str(cell)


def _found(cell, line, unit):
    if line is None:
        return "" if isinstance(cell, bool | np.bool_) else f"found {cell}"
    return f"{unit} {line}" + ("" if pd.isna(cell) else f" holds {_quoted(cell)}")


def _how_to_get_numbers(cells, unit):
    strings = [cell for cell in cells if isinstance(cell, str)]
    if not strings:
        return "True, False and dates are labels: write numbers, or leave the column out of numeric=."
    known = [advice for way, advice in WRITTEN_OTHERWISE.items() if any(map(way.fullmatch, strings))]
    if known and unit == "row":
        known = [NUMBERS_AS_TEXT]
    advice = known or ["Correct these cells, and leave them empty where the value is missing."]
    # The trap of lesson 01: a column that would not correlate, made numeric through its category codes.
    return " ".join([*advice, "Category codes are no way out: they are ranks of labels, not measurements."])


def _how_to_get_text(cells):
    if any(hasattr(cell, "year") for cell in cells):
        return "Excel makes dates of labels such as SEPT2: set the column to Text there, and write the labels again."
    return "Write the labels as text in the file."


# The tables of the course.

ANIMALS = ("CR4.2", "CR4.3", "CR4.4", "CR4.1", "HP12", "HP14", "C22", "C20", "HP11", "C24")
N_GENES = 2_000
SCORE = pa.Check.isin([1, 2, 3, 4])

MOUSE_SCORES = pa.DataFrameSchema(
    {
        "animal": pa.Column(str, pa.Check.isin(ANIMALS), unique=True),
        "group": pa.Column(pd.CategoricalDtype(["C", "HP", "CR"]), coerce=True),
        "urea": pa.Column(float, pa.Check.gt(0)),
        "weight": pa.Column(float, pa.Check.in_range(10, 50)),
        "urea_score": pa.Column(int, SCORE),
        "weight_score": pa.Column(int, SCORE),
        "total_score": pa.Column(int),
        "gene_x": pa.Column(
            float,
            [
                pa.Check(lambda x: abs(x.mean()) < 1e-9, error="mean 0"),
                pa.Check(lambda x: abs(x.std() - 1) < 1e-9, error="standard deviation 1"),
            ],
        ),
    },
    checks=[
        pa.Check(lambda mice: len(mice) == len(ANIMALS), error="one row per animal"),
        pa.Check(
            lambda mice: mice["total_score"] == mice["urea_score"] + mice["weight_score"],
            error="total_score = urea_score + weight_score",
        ),
    ],
    strict=True,
    ordered=True,
)

ALL_GENES = pa.Check(lambda genes: len(genes) == N_GENES, error=f"{N_GENES} genes")

MOUSE_COUNTS = pa.DataFrameSchema(
    {"gene": pa.Column(str, unique=True)} | {animal: pa.Column(int, pa.Check.ge(0)) for animal in ANIMALS},
    checks=ALL_GENES,
    strict=True,
    ordered=True,
)

DRIVER_OF = {"beta_urea": "urea", "beta_weight": "weight", "group_hp": "group", "group_cr": "group"}

MOUSE_COUNTS_TRUTH = pa.DataFrameSchema(
    {
        "gene": pa.Column(str, unique=True),
        "driver": pa.Column(str, pa.Check.isin(["urea", "weight", "group", "none"])),
        **{effect: pa.Column(float, coerce=True) for effect in DRIVER_OF},
        "base_mean": pa.Column(float, pa.Check.gt(0)),
        "dispersion": pa.Column(float, pa.Check.gt(0)),
    },
    checks=[
        ALL_GENES,
        *(
            pa.Check(
                lambda truth, effect=effect, driver=driver: (truth[effect] != 0) == (truth["driver"] == driver),
                error=f"{effect} is not 0 where the driver is {driver}, and only there",
            )
            for effect, driver in DRIVER_OF.items()
        ),
    ],
    strict=True,
    ordered=True,
)


def load_mouse_scores():
    """Load the ten animals of the course: urea, weight, their scores, and the expression of gene X.

    Returns
    -------
    pandas.DataFrame
        One row per animal: ``animal``; ``group`` (categories C, HP, CR); ``urea``; ``weight``; ``urea_score``,
        ``weight_score`` (1 to 4) and their sum ``total_score``; ``gene_x``, scaled to mean 0 and standard deviation 1.
    """
    labels = ["animal", "group"]
    numbers = [column for column in MOUSE_SCORES.columns if column not in labels]
    return read_table(FOLDER / "mouse_scores.csv", numeric=numbers, text=labels, schema=MOUSE_SCORES)


def load_mouse_counts():
    """Load simulated RNA-seq counts of the ten animals.

    Returns
    -------
    pandas.DataFrame
        2,000 genes × 10 animals, whole numbers; index ``gene``, the animals in the order of `load_mouse_scores`.
    """
    path = FOLDER / "mouse_counts.csv.gz"
    return read_table(path, numeric=ANIMALS, text="gene", schema=MOUSE_COUNTS).set_index("gene")


def load_mouse_counts_truth():
    """Load what the simulation of `load_mouse_counts` planted.

    Returns
    -------
    pandas.DataFrame
        Index ``gene``. ``driver`` is urea, weight, group or none. Natural-log fold changes: ``beta_urea`` and
        ``beta_weight`` per standard deviation, ``group_hp`` and ``group_cr`` against group C. ``base_mean`` and
        ``dispersion`` are those of the negative binomial counts.
    """
    labels = ["gene", "driver"]
    numbers = [column for column in MOUSE_COUNTS_TRUTH.columns if column not in labels]
    path = FOLDER / "mouse_counts_truth.csv.gz"
    return read_table(path, numeric=numbers, text=labels, schema=MOUSE_COUNTS_TRUTH).set_index("gene")
