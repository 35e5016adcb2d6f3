"""The parts of the page, each made anew from what the page sends."""

import os
from collections.abc import Mapping
from pathlib import Path

from helpers.report.form.formula_in_words import in_words
from helpers.report.form.markup import fragment
from helpers.report.form.model_asked import (
    DEFAULTS,
    Asked,
    command,
    comparable,
    formula,
    free_name,
    parameters,
    recurring,
)
from helpers.report.form.report_runs import Run, folder_of, taken_names
from helpers.report.form.sent_answers import (
    READING,
    Table,
    asked_of,
    levels_of,
    read_table_of,
    shown_over,
    studied,
)
from helpers.report.form.table_columns import MEANINGS
from helpers.report.form.uploads import kept
from helpers.report.mixed_model import mixed_sentences
from helpers.report.run import REPORTS

ROWS_SHOWN = 6
MOST_CELLS = 40  # rows of the grid of counts
MOST_COLUMNS = 60  # of a table that one would tick by hand
COMPARISONS = {
    "auto": "each level with the first",
    "pairwise": "all pairs of levels",
    "sequential": "each level with the one before",
}
WRONG = (ValueError, KeyError, FileNotFoundError)


def table_part(name: str, sent: Mapping[str, str]) -> str:
    """A table as it was read, its columns to be said what they are, and what follows.

    Parameters
    ----------
    name : str
        Of the file among the uploaded ones.
    sent : mapping of str
        What the page sent: how the file is to be read.

    Returns
    -------
    str
    """
    reading = {option: sent.get(option, "") for option in READING}
    options = {"name": name, "reading": reading, "defaults": DEFAULTS}
    try:
        table = read_table_of(kept(name), sent)
        if len(table.columns) > MOST_COLUMNS:
            raise ValueError(
                f"{name} has {len(table.columns)} columns; here, a table may have {MOST_COLUMNS}. Keep those of the "
                "question, or use make report, which has no such limit."
            )
    except WRONG as error:
        return fragment("table.html", **options, message=told(error), table=None)
    return fragment(
        "table.html",
        **options,
        message="",
        table=table,
        rows=_first_rows(table),
        meanings=MEANINGS,
        n_rows=len(table.source.frame),
        design=_design(table, reading),
    )


def design_part(sent: Mapping[str, str]) -> str:
    """What follows from what the columns were said to be: the formula, the grid, the question, the command.

    Parameters
    ----------
    sent : mapping of str

    Returns
    -------
    str
    """
    try:
        table = read_table_of(kept(sent.get("table", "")), sent)
    except WRONG as error:
        return fragment("refused.html", message=told(error))
    return _design(table, sent)


def to_run(sent: Mapping[str, str]) -> dict[str, str]:
    """The parameters of the report that the page asks for.

    Parameters
    ----------
    sent : mapping of str

    Returns
    -------
    dict of str

    Raises
    ------
    ValueError, KeyError, FileNotFoundError
        What the report would refuse.
    """
    table = read_table_of(kept(sent.get("table", "")), sent)
    asked = asked_of(table, _data(table), sent)
    studied(table, asked)
    return _parameters(table, asked)


def run_part(run: Run, base: str) -> str:
    """How far a report is; once it is there, the report.

    Parameters
    ----------
    run : helpers.report.form.report_runs.Run
    base : str

    Returns
    -------
    str
    """
    if run.exit_code is None:
        done, cells = run.progress
        return fragment("running.html", key=run.key, done=done, cells=cells)
    folder = folder_of(run.name) if run.exit_code == 0 else None
    if folder is None:
        return fragment("refused.html", message=run.message)
    files = [name for name in ("report.html", "report.docx", "notebook.ipynb") if (folder / name).is_file()]
    return fragment("report.html", name=run.name, base=base, files=files)


def told(error: Exception) -> str:
    """What an error says; a KeyError puts its text in quotation marks."""
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _design(table: Table, sent: Mapping[str, str]) -> str:
    asked = asked_of(table, _data(table), sent)
    frame = table.source.frame
    try:
        shown = {"formula": formula(asked, frame), "words": in_words(asked, frame)}
    except WRONG as error:
        return fragment("design.html", formula="", message=told(error), asked=asked)
    message, question, grid, more = "", "", None, 0
    try:
        study = studied(table, asked)
        question = str(mixed_sentences.question(study))
        counts = mixed_sentences.design_table(study)
        grid, more = counts.head(MOST_CELLS), max(len(counts) - MOST_CELLS, 0)
        read = str(mixed_sentences.as_read(study))
    except WRONG as error:
        message, read = told(error), ""
    return fragment(
        "design.html",
        **shown,
        asked=asked,
        message=message,
        question=question,
        read=read,
        grid=grid,
        more=more,
        comparable=comparable(asked),
        shown_over=shown_over(asked, asked.contrast),
        levels=levels_of(table, asked.contrast),
        comparisons=COMPARISONS,
        recurring=recurring(asked, frame),
        places={name: place for place, name in enumerate(asked.roles)},
        ratios=_may_be_ratios(table, asked),
        command=command(_parameters(table, asked)),
    )


def _may_be_ratios(table, asked):
    """Whether the outcome has a logarithm in every row."""
    (outcome,) = asked.of_role("outcome")
    return bool((table.source.frame[outcome].dropna() > 0).all())


def _parameters(table, asked: Asked):
    stem = table.path.name.split(".")[0]
    return parameters(asked, table.source.frame, free_name(stem, taken_names()))


def _data(table):
    return Path(os.path.relpath(table.path, REPORTS.parent)).as_posix()


def _first_rows(table):
    """Number of the row in the file, and the cells as text; an empty cell stays empty."""
    shown = table.source.frame.head(ROWS_SHOWN)
    texts = shown.astype(object).where(shown.notna(), "").astype(str)
    return list(zip(shown.index, texts.to_numpy().tolist(), strict=True))
