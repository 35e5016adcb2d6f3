"""Tables, each held against a schema: a reader's own through `read_table`, the course's through their loaders."""

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from scipy import special

from helpers.course.places import place
from helpers.data.schemas import (
    AIRWAY_COUNTS,
    AIRWAY_NAMES,
    AIRWAY_SAMPLES,
    ANIMALS,
    GENE_SYMBOLS,
    MODIFICATION_LENGTHS,
    MODIFICATION_LENGTHS_TRUTH,
    MOUSE_COUNTS,
    MOUSE_COUNTS_TRUTH,
    MOUSE_SCORES,
    OATS,
    REPEATED_EXPRESSION,
    REPEATED_EXPRESSION_TRUTH,
    REPEATED_NAMES,
    REPEATED_SAMPLES,
    SHOCK_COUNTS,
    SHOCK_NAMES,
    SHOCK_SAMPLES,
    SLEEPSTUDY,
    TOOTH_GROWTH,
    TYPE_1_ERRORS,
)
from helpers.reading.cell_values import is_number, is_numeric, is_text
from helpers.reading.files import read_raw
from helpers.reading.findings import missing_columns, validated
from helpers.refusals.wording import listed

FOLDER = place("data/tables", "data")


def read_table(
    path: str | Path,
    *,
    numeric: str | Sequence[str] | Callable = (),
    text: str | Sequence[str] | Callable = (),
    unique: str | Sequence[str] | Callable = (),
    schema: pa.DataFrameSchema | None = None,
    sep: str | None = None,
    decimal: str = ".",
    sheet: int | str = 0,
    encoding: str = "utf-8-sig",
) -> pd.DataFrame:
    """Read a CSV, TSV, Excel or Parquet file, and make sure that it holds what you think it holds.

    Parameters
    ----------
    path : str or pathlib.Path
        The file. Its suffix tells the format: ``.csv`` (commas), ``.tsv``, ``.tab`` and ``.txt`` (tabs), each also with
        ``.gz``; ``.xlsx`` and ``.xlsm``; ``.parquet``.
    numeric : str, sequence of str or callable
        Columns that must hold numbers, one at the least. A missing number is NaN; its row stays. Where names stand in
        the file alone: a function from the list of all columns to those meant; so too in `text` and `unique`.
    text : str, sequence of str or callable
        Columns that must exist and are read as strings: an id written 007 stays "007".
    unique : str, sequence of str or callable
        Columns of ids: in each, no value may repeat, be missing, or differ from another only by blanks at its ends.
        Those of a text file are read as strings, so that 007 is not 7, unless they are in `numeric` too.
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
    UnknownNameError
        A column is not there. It is a ``KeyError``.
    ValueError
        Anything else: text among numbers, repeated or missing ids, rows longer or shorter than the header or empty, a
        wrong separator or encoding, unnamed or repeated columns, merged cells, formulas that Excel has not computed
        yet, whole numbers that would change, an empty table, a file that is not what its suffix says.
    TypeError
        An argument is not what it must be.

    Notes
    -----
    In text files and in Excel, only an empty cell and ``NA``, ``NaN``, ``nan``, ``N/A``, ``null`` are missing values;
    ``None`` is a label. Parquet marks its missing values itself. Messages count as a person does: the header is line
    (in Excel, row) 1; in Parquet, which has no header line, row 1 is the first row of data.
    """
    _check_options(schema, sep, decimal, sheet, encoding)
    path, wanted = Path(path), {"numeric": numeric, "text": text, "unique": unique}
    named = {option: _names(option, names) for option, names in wanted.items() if not callable(names)}
    _refuse_both(**named)

    def roles(columns):
        found = named | {option: _names(option, of(columns)) for option, of in wanted.items() if callable(of)}
        _refuse_both(**found)
        return tuple(found[option] for option in wanted)

    frame = read_raw(path, roles, sep=sep, decimal=decimal, sheet=sheet, encoding=encoding)
    numeric, text, unique = roles(list(frame.columns))
    if absent := [name for name in (*numeric, *text, *unique) if name not in frame]:
        raise missing_columns(absent, frame.columns, path.name)
    table = validated(frame, _promised(numeric, text, unique), path.name)
    return table if schema is None else validated(frame, schema, path.name)


def _names(option, names):
    if isinstance(names, bytes) or not isinstance(names, Iterable):
        raise TypeError(f"{option}= must be the name of a column or a list of names; found {names!r}.")
    return (names,) if isinstance(names, str) else tuple(map(str, names))


def _refuse_both(numeric=(), text=(), unique=()):
    if both := [name for name in numeric if name in text]:
        raise ValueError(f"{listed(both)} is in numeric= and in text=: a column holds numbers or labels, not both.")


def _check_options(schema, sep, decimal, sheet, encoding):
    """Refuse what no file could be read with, before some library does so in words of its own."""
    if not (schema is None or isinstance(schema, pa.DataFrameSchema)):
        raise TypeError(f"schema= must be a pandera.pandas.DataFrameSchema; found {schema!r}.")
    if not isinstance(sheet, str | Integral) or isinstance(sheet, bool):
        raise TypeError(f"sheet= must be the name of a sheet or its place counted from 0; found {sheet!r}.")
    if not isinstance(encoding, str):
        raise TypeError(f'encoding= must be the name of an encoding, such as "utf-8" or "cp1252"; found {encoding!r}.')
    if decimal not in (".", ","):
        raise ValueError(f"decimal= must be '.' or ','; found {decimal!r}.")
    if not isinstance(sep, str | None):
        raise TypeError(f'sep= must be one character, such as ";" or "\\t"; found {sep!r}.')
    if sep is not None and (len(sep) != 1 or not sep.isascii() or sep in '\r\n\0"'):
        raise ValueError(
            f"sep= must be one character, in ASCII, other than a quotation mark and a line end; found {sep!r}. If runs "
            "of blanks stand between columns, write one tab for each run, or export the table with commas."
        )


NUMBERS = pa.Check(lambda column: is_numeric(column) or column.map(is_number).astype(bool), error="numbers")
FINITE = pa.Check(lambda column: np.isfinite(column) if is_numeric(column) else True, error="finite numbers")
SOME_NUMBER = pa.Check(lambda column: bool(column.notna().any()), error="a number", ignore_na=False)
TEXT = pa.Check(lambda column: column.dtype == "str" or column.map(is_text).astype(bool), error="text")


def _apart(column):
    """Whether each id is spelled like no other but for blanks at its ends."""
    ids = column.astype(object)
    bare = ids.map(lambda cell: cell.strip() if is_text(cell) else cell, na_action="ignore")
    return ids.groupby(bare).transform("nunique").fillna(1) == 1


APART = pa.Check(_apart, error="ids apart")


def _promised(numeric, text, unique):
    """The schema of what `read_table` was asked for."""
    checks = {name: [] for name in (*numeric, *text, *unique)}
    for names, promise in ((numeric, [NUMBERS, SOME_NUMBER, FINITE]), (text, [TEXT]), (unique, [APART])):
        for name in names:
            checks[name] += promise
    return pa.DataFrameSchema(
        {
            name: pa.Column(checks=promise, unique=name in unique, nullable=name not in unique)
            for name, promise in checks.items()
        }
    )


# The tables of the course.


def load_mouse_scores() -> pd.DataFrame:
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


def load_mouse_counts() -> pd.DataFrame:
    """Load simulated RNA-seq counts of the ten animals.

    Returns
    -------
    pandas.DataFrame
        2,000 genes × 10 animals, whole numbers; index ``gene``, the animals in the order of `load_mouse_scores`.
    """
    path = FOLDER / "mouse_counts.csv.gz"
    return read_table(path, numeric=ANIMALS, text="gene", schema=MOUSE_COUNTS).set_index("gene")


def load_mouse_counts_truth() -> pd.DataFrame:
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


def load_modification_lengths() -> pd.DataFrame:
    """Load the lengths of a modification on three genes, without and with a drug, in four replicates: simulated.

    Returns
    -------
    pandas.DataFrame
        22,569 rows, one per length measured: ``replicate`` (rep1 to rep4); ``condition`` (NO DRUG, DRUG);
        ``gene_name`` (C, A, B); ``length``. The first category of each is the reference level, as in the source.
    """
    labels = ["replicate", "condition", "gene_name"]
    path = FOLDER / "modification_lengths.csv.gz"
    return read_table(path, numeric="length", text=labels, schema=MODIFICATION_LENGTHS)


def load_modification_lengths_truth() -> pd.Series:
    """Load what the simulation of `load_modification_lengths` planted, on the natural-log scale.

    Returns
    -------
    pandas.Series
        Index ``quantity, of``: the ``level`` of each gene without the drug; the ``drug effect`` on each gene, the same
        in all replicates; the ``shift`` of each replicate, the same for all genes; and the ``SD`` of rows, and of the
        drug effects of replicates, which is 0. So ``truth["shift"]["rep4"]``.
    """
    path = FOLDER / "modification_lengths_truth.csv"
    table = read_table(path, numeric="planted", text=["quantity", "of"], schema=MODIFICATION_LENGTHS_TRUTH)
    return table.set_index(["quantity", "of"])["planted"]


def load_sleepstudy() -> pd.DataFrame:
    """Load a public study: reaction times of 18 subjects on ten days, with three hours in bed a night.

    Returns
    -------
    pandas.DataFrame
        180 rows, one per subject and day: ``Subject`` (a label); ``Days`` (0 to 9); ``Reaction``, mean reaction time in
        ms. The names are those of R's lme4.
    """
    path = FOLDER / "sleepstudy.csv"
    return read_table(path, numeric=["Days", "Reaction"], text="Subject", schema=SLEEPSTUDY)


def load_repeated_samples() -> pd.DataFrame:
    """Load the simulated samples of ten animals, each taken in four weeks.

    Returns
    -------
    pandas.DataFrame
        40 rows; index ``sample``. ``animal`` (m01 to m10); ``week`` (1 to 4); ``urea`` in mg/dl and ``weight`` in g, as
        measured in that week.
    """
    labels = ["sample", "animal"]
    path = FOLDER / "repeated_samples.csv"
    table = read_table(path, numeric=["week", "urea", "weight"], text=labels, schema=REPEATED_SAMPLES)
    return table.set_index("sample")


def load_repeated_expression() -> pd.DataFrame:
    """Load simulated expression of 2,000 genes in the samples of `load_repeated_samples`.

    Returns
    -------
    pandas.DataFrame
        2,000 genes × 40 samples, log2 units; index ``gene``, the samples in the order of `load_repeated_samples`.
    """
    path = FOLDER / "repeated_expression.csv.gz"
    return read_table(path, numeric=REPEATED_NAMES, text="gene", schema=REPEATED_EXPRESSION).set_index("gene")


def load_repeated_expression_truth() -> pd.DataFrame:
    """Load what the simulation of `load_repeated_expression` planted.

    Returns
    -------
    pandas.DataFrame
        Index ``gene``. ``kind`` is none, urea, level, change or opposed. ``beta_level`` and ``beta_change``: log2 units
        per 100 mg/dl between animals, and within one. ``base``: mean. ``tau`` and ``sigma``: standard deviations
        between animals and within.
    """
    labels = ["gene", "kind"]
    numbers = [column for column in REPEATED_EXPRESSION_TRUTH.columns if column not in labels]
    path = FOLDER / "repeated_expression_truth.csv.gz"
    return read_table(path, numeric=numbers, text=labels, schema=REPEATED_EXPRESSION_TRUTH).set_index("gene")


def load_type_1_errors() -> pd.DataFrame:
    """Load how often tests of a drug that does nothing reject at 5%, with few animals: simulated.

    Returns
    -------
    pandas.DataFrame
        One row per study, number of animals and test. ``study``: every animal gets control and drug (within); the same,
        and the drug acts differently in each (varying); each animal gets one of the two (between). ``groups``: animals.
        ``test``; ``data_sets``; how many of them it ``rejected``; ``singular``: fits with a variance at zero;
        ``type_1_error``, rejected / data_sets, and ``type_1_low, type_1_high``, its exact 95% interval.
    """
    labels = ["study", "test"]
    numbers = [column for column in TYPE_1_ERRORS.columns if column not in labels]
    table = read_table(FOLDER / "type_1_errors.csv", numeric=numbers, text=labels, schema=TYPE_1_ERRORS)
    rejected, n = table["rejected"], table["data_sets"]
    return table.assign(
        type_1_error=rejected / n,
        type_1_low=np.where(rejected > 0, special.betaincinv(rejected, n - rejected + 1, 0.025), 0.0),
        type_1_high=np.where(rejected < n, special.betaincinv(rejected + 1, n - rejected, 0.975), 1.0),
    )


# Public studies.


def load_oats() -> pd.DataFrame:
    """Load a public field experiment: three varieties of oats on whole plots, four doses of nitrogen within each plot.

    Returns
    -------
    pandas.DataFrame
        72 rows, one per subplot: ``block`` (I to VI); ``variety`` (one plot of each in every block); ``nitrogen``
        (0 to 0.6 hundredweight per acre, each once in every plot); ``harvest`` in quarter pounds.
    """
    numbers, labels = ["nitrogen", "harvest"], ["block", "variety"]
    return read_table(FOLDER / "oats.csv", numeric=numbers, text=labels, schema=OATS)


def load_airway_samples() -> pd.DataFrame:
    """Load the samples of a public study: airway cells of four donors, without and with dexamethasone.

    Returns
    -------
    pandas.DataFrame
        8 rows; index ``sample``. ``donor``; ``dexamethasone`` (categories untreated, treated).
    """
    labels = ["sample", "donor", "dexamethasone"]
    return read_table(FOLDER / "airway_samples.csv", text=labels, schema=AIRWAY_SAMPLES).set_index("sample")


def load_airway_counts() -> pd.DataFrame:
    """Load RNA-seq counts of the samples of `load_airway_samples`.

    Returns
    -------
    pandas.DataFrame
        33,469 genes × 8 samples, whole numbers; index ``gene`` (Ensembl ids), the samples in the order of
        `load_airway_samples`. The genes that no sample has a read of are left out.
    """
    path = FOLDER / "airway_counts.csv.gz"
    return read_table(path, numeric=AIRWAY_NAMES, text="gene", schema=AIRWAY_COUNTS).set_index("gene")


def load_shock_samples() -> pd.DataFrame:
    """Load the samples of a public study: blood of eleven patients in cardiogenic shock, taken three times.

    Returns
    -------
    pandas.DataFrame
        33 rows; index ``sample``. ``patient``; ``time`` (categories T1, T2, T3).
    """
    labels = ["sample", "patient", "time"]
    return read_table(FOLDER / "shock_samples.csv", text=labels, schema=SHOCK_SAMPLES).set_index("sample")


def load_shock_counts() -> pd.DataFrame:
    """Load RNA-seq counts of the samples of `load_shock_samples`.

    Returns
    -------
    pandas.DataFrame
        13,123 genes × 33 samples, whole numbers; index ``gene`` (Ensembl ids), the samples in the order of
        `load_shock_samples`.
    """
    path = FOLDER / "shock_counts.csv.gz"
    return read_table(path, numeric=SHOCK_NAMES, text="gene", schema=SHOCK_COUNTS).set_index("gene")


def load_tooth_growth() -> pd.DataFrame:
    """Load a public study: odontoblasts of sixty guinea pigs that got vitamin C in one of two ways, at three doses.

    Returns
    -------
    pandas.DataFrame
        60 rows, one per animal. ``animal``; ``delivery`` (categories ascorbic acid, orange juice); ``dose`` per day
        (categories 0.5 mg, 1 mg, 2 mg); ``length`` of the odontoblasts, in a unit that the source of the table does not
        name.
    """
    labels = ["animal", "delivery", "dose"]
    return read_table(FOLDER / "tooth_growth.csv", numeric="length", text=labels, schema=TOOTH_GROWTH)


def load_gene_symbols() -> pd.Series:
    """Load the symbols of the genes that the two public studies show.

    Returns
    -------
    pandas.Series
        190 symbols, ``symbol``; index ``gene`` (Ensembl ids). A gene that is not here goes by its id:
        ``symbols.get(gene, gene)``.
    """
    path = FOLDER / "gene_symbols.csv"
    return read_table(path, text=["gene", "symbol"], schema=GENE_SYMBOLS).set_index("gene")["symbol"]
