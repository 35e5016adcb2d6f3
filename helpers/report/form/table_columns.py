"""What the columns of a table probably are: the outcome, a treatment, animals. A guess, for somebody to correct."""

import re
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.reading.cell_values import is_numeric
from helpers.refusals.wording import some
from helpers.report.dates import days_since_first
from helpers.report.levels import NATURAL
from helpers.report.outcomes import outcome_check
from helpers.report.own_table import Source, refuse_blocks, refuse_numbers_among_text, stripped
from helpers.report.phrases import between, counted
from helpers.report.sentinels import refuse_codes

OUTCOME, TREATMENT, AMOUNT, GROUP, BATCH, IGNORE = "outcome", "treatment", "amount", "group", "batch", "ignore"
MEANINGS = {
    OUTCOME: "outcome: what was measured",
    TREATMENT: "treatment: its levels are compared",
    AMOUNT: "amount, time: the change per unit",
    GROUP: "animal, plate, …: its rows belong together",
    BATCH: "batch: day, run, operator",
    IGNORE: "leave out",
}
MOST_LEVELS = 8  # of what is taken for a treatment


def _word(*words):
    return re.compile(rf"(?<![a-z])({'|'.join(words)})(?![a-z])", re.IGNORECASE)


GROUPS = _word(
    *("animal", "mouse", "mice", "rat", "chick", "dog", "pig", "fish", "subject", "patient", "participant", "person"),
    *("donor", "individual", "id", "cage", "litter", "plate", "well", "dish", "culture", "replicate", "plant", "pot"),
    *("tree", "block", "field", "site", "nest", "family", "worker", "sample"),
)
BATCHES = _word("batch", "run", "operator", "experimenter", "technician", "lane", "chip", "observer")
AMOUNTS = _word(
    "time", "day", "days", "week", "weeks", "hour", "hours", "age", "dose", "conc", "concentration", "nitrogen"
)
TREATMENTS = _word("treatment", "treat", "drug", "diet", "group", "genotype", "condition", "arm", "strain", "sex")
COUNTERS = _word("row", "nr", "no", "number", "index", "x", "unnamed.*")


@dataclass(frozen=True)
class Column:
    """A column as the form shows it.

    Attributes
    ----------
    name : str
    kind : str
        "numbers", or "labels" (text, dates, yes and no).
    values : str
        Its range, or its first levels.
    missing : int
    role : str
        What it probably is, one of `MEANINGS`.
    odd : tuple of str
        What was found that no column should hold, or that its reader should know; sentences.
    """

    name: str
    kind: str
    values: str
    missing: int
    role: str
    odd: tuple


def described(source: Source, settings: SimpleNamespace) -> list[Column]:
    """Every column with what it holds, what is odd about it, and what it probably is.

    Parameters
    ----------
    source : helpers.report.own_table.Source
    settings : types.SimpleNamespace
        The parameters of reading, with ``missing``.

    Returns
    -------
    list of Column
    """
    roles = guessed(source.frame)
    return [
        Column(
            name,
            "numbers" if is_numeric(column) else "labels",
            _values(column),
            int(column.isna().sum()),
            roles[name],
            tuple(_odd(source, name, roles[name], settings)),
        )
        for name, column in source.frame.items()
    ]


def guessed(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> its probable role, from its name and its values; one outcome at most.

    Parameters
    ----------
    frame : pandas.DataFrame

    Returns
    -------
    dict of str
    """
    roles = {name: _by_name_and_values(name, column.dropna()) for name, column in frame.items()}
    left = [name for name, role in roles.items() if role == OUTCOME]
    # Of several numbers, the one with most different values: a measurement has more than a setting.
    outcome = max(left, key=lambda name: frame[name].nunique(), default=None)
    return {name: IGNORE if role == OUTCOME and name != outcome else role for name, role in roles.items()}


def _by_name_and_values(name, values):
    n, name = values.nunique(), str(name)
    if n < 2:
        return IGNORE
    if BATCHES.search(_spaced(name)):
        return BATCH
    repeated = n <= len(values) / 2
    if GROUPS.search(_spaced(name)) and not _fractions(values):
        return GROUP if repeated else IGNORE
    if is_numeric(values):
        if TREATMENTS.search(_spaced(name)) and repeated and n <= MOST_LEVELS:
            return TREATMENT
        if AMOUNTS.search(_spaced(name)) and repeated:
            return AMOUNT
        counts_rows = not _fractions(values) and n == len(values) and (COUNTERS.search(name) or _consecutive(values))
        return IGNORE if counts_rows else OUTCOME
    if not repeated:
        return IGNORE
    return TREATMENT if n <= MOST_LEVELS else GROUP


def _spaced(name):
    """A name with its words apart: animal_id, animalID, mouse1."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_.\d]+", " ", name)


def _fractions(values):
    return is_numeric(values) and bool((values != np.rint(values)).any())


def _consecutive(values):
    return bool((np.diff(values.to_numpy()) == 1).all())


def _values(column):
    there = column.dropna()
    if not len(there):
        return "nothing"
    if is_numeric(column):
        return between(float(there.min()), float(there.max()))
    levels = sorted(there.unique().tolist(), key=NATURAL)
    return f"{counted(len(levels), 'level')}: {some(levels, 6)}"


def _may_hold_codes(column, settings):
    return is_numeric(column) and not settings.missing


def _odd(source, name, role, settings):
    """What the report itself would refuse, or note, in this column."""
    column = source.frame[name].dropna()
    if not len(column):
        return ["Every cell is empty."]
    told = []
    for look in (
        lambda: refuse_numbers_among_text(source, [name], settings),
        lambda: refuse_blocks(source, [name]) if not is_numeric(column) else None,
        lambda: (
            refuse_codes(source.frame, [name], source.name) if is_numeric(column) and not settings.missing else None
        ),
    ):
        try:
            look()
        except ValueError as error:
            told.append(str(error))
    try:
        noted = days_since_first(stripped(source, [name]), [name]).notes
        told += noted[len(source.notes) :]
    except ValueError as error:
        told.append(str(error))
    if role == OUTCOME and (check := outcome_check(str(name), column.to_numpy(float))):
        told.append(check.sentence)
    return told
