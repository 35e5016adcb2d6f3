"""From what somebody says of their columns to the parameters of `make report`."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from helpers.course.places import repository
from helpers.design.translation import quoted
from helpers.reading.cell_values import is_numeric
from helpers.report.form.table_columns import AMOUNT, BATCH, GROUP, OUTCOME, TREATMENT
from helpers.report.options import TEMPLATES

TEMPLATE = "mixed_model"
FEWEST_BATCHES = 5  # with fewer, a variance between batches is hardly told: each gets a mean of its own
DEFAULTS = {option.name: option.default for option in TEMPLATES[TEMPLATE]}


@dataclass(frozen=True)
class Asked:
    """What the form was told.

    Attributes
    ----------
    data : str
        Path of the table, as the command names it.
    roles : dict
        Column -> one of `helpers.report.form.table_columns.MEANINGS`.
    log : bool
        Whether the outcome's logarithm is analysed, which gives ratios.
    contrast, by : str
        Column whose effect is asked for, and column in each level of which it is shown; "" for none.
    reference : str
        The level of `contrast` that others are compared with; "" for the first.
    within : dict
        Column of groups -> column within whose levels alone a label means the same group.
    others : dict
        Further parameters, name in capitals -> text.
    """

    data: str
    roles: dict
    log: bool = False
    contrast: str = ""
    by: str = ""
    reference: str = ""
    within: dict = field(default_factory=dict)
    others: dict = field(default_factory=dict)

    def of_role(self, *roles: str) -> list[str]:
        """The columns with one of these roles, in the order of the table."""
        return [name for name, role in self.roles.items() if role in roles]


@dataclass(frozen=True)
class Piece:
    """A part of the formula: how lme4 writes it, what it is, and the columns in it."""

    text: str
    kind: str
    columns: tuple


def pieces(asked: Asked, frame: pd.DataFrame) -> list[Piece]:
    """The formula in its parts: the outcome first, then what it depends on, then what rows share.

    Parameters
    ----------
    asked : Asked
    frame : pandas.DataFrame

    Returns
    -------
    list of Piece

    Raises
    ------
    ValueError
        There is no outcome or more than one, or an outcome or amount that holds text.
    """
    outcome = _outcome(asked, frame)
    name = quoted(outcome)
    found = [Piece(f"log({name})" if asked.log else name, "log" if asked.log else OUTCOME, (outcome,))]
    found += _treatments(asked, frame)
    for batch in asked.of_role(BATCH):
        few = frame[batch].nunique() < FEWEST_BATCHES
        found.append(Piece(_term(asked, frame, batch) if few else f"(1 | {quoted(batch)})", BATCH, (batch,)))
    for group in asked.of_role(GROUP):
        outer = asked.within.get(group)
        text = f"{quoted(outer)}:{quoted(group)}" if outer else quoted(group)
        found.append(Piece(f"(1 | {text})", GROUP, (group, outer) if outer else (group,)))
    return found


def formula(asked: Asked, frame: pd.DataFrame) -> str:
    """The model as lme4 writes it.

    Parameters
    ----------
    asked : Asked
    frame : pandas.DataFrame

    Returns
    -------
    str

    Raises
    ------
    ValueError
        As `pieces`.
    """
    outcome, *others = [piece.text for piece in pieces(asked, frame)]
    return f"{outcome} ~ {' + '.join(others) or '1'}"


def parameters(asked: Asked, frame: pd.DataFrame, name: str = "") -> dict[str, str]:
    """The parameters of `make report`, without those that are at their default.

    Parameters
    ----------
    asked : Asked
    frame : pandas.DataFrame
    name : str
        Of the report's folder.

    Returns
    -------
    dict of str

    Raises
    ------
    ValueError
        As `pieces`.
    """
    found = {"TEMPLATE": TEMPLATE, "DATA": asked.data, "FORMULA": formula(asked, frame)}
    found |= {"CONTRAST": asked.contrast, "BY": asked.by} if asked.contrast else {}
    if asked.contrast and asked.reference:
        found["REFERENCE"] = f"{asked.contrast}={asked.reference}"
    found |= asked.others | {"NAME": name}
    return {option: text for option, text in found.items() if text and text != DEFAULTS.get(option)}


def command(given: dict[str, str]) -> str:
    """The command line that makes the same report again.

    Parameters
    ----------
    given : dict of str

    Returns
    -------
    str
        For a shell as Linux, macOS and WSL have it.
    """
    program = "make report" if repository() else "python -m helpers.report"
    return " ".join([program, *(f"{name}={shlex.quote(text)}" for name, text in given.items())])


def comparable(asked: Asked) -> list[str]:
    """Columns whose effect can be asked for: treatments and amounts, in the order of the table."""
    return asked.of_role(TREATMENT, AMOUNT)


def recurring(asked: Asked, frame: pd.DataFrame) -> dict[str, list[str]]:
    """Column of groups -> other columns in several of whose levels the same label stands.

    Animal 1 in cage 1 and animal 1 in cage 2 may be one animal or two: no table tells.

    Parameters
    ----------
    asked : Asked
    frame : pandas.DataFrame

    Returns
    -------
    dict of list
    """
    found = {}
    for group in asked.of_role(GROUP):
        others = [name for name in asked.of_role(TREATMENT, GROUP) if name != group]
        # The larger factor holds the smaller: a cage has animals, no animal has cages.
        others = [name for name in others if frame[name].nunique() <= frame[group].nunique()]
        several = [name for name in others if frame.groupby(group)[name].nunique().max() > 1]
        found |= {group: several} if several else {}
    return found


def free_name(stem: str, taken: Sequence[str]) -> str:
    """A name for the report's folder that no other report has: made of the file's name, and a number where needed.

    Parameters
    ----------
    stem : str
        The file's name without its suffix.
    taken : sequence of str

    Returns
    -------
    str
    """
    base = re.sub(r"[^\w-]+", "_", f"{TEMPLATE}_{stem}").strip("_")
    names = [base, *(f"{base}_{number}" for number in range(2, len(taken) + 3))]
    folded = {name.casefold() for name in taken}  # one file system in three does not tell capitals
    return next(name for name in names if name.casefold() not in folded)


def _outcome(asked, frame):
    found = asked.of_role(OUTCOME)
    if len(found) != 1:
        what = f"{len(found)} columns are" if found else "No column is"
        raise ValueError(f"{what} the outcome. Say of one column that it is what was measured.")
    for name in (*found, *asked.of_role(AMOUNT)):
        if not is_numeric(frame[name]) and (name == found[0] or not _is_date(frame[name])):
            raise ValueError(
                f"Column {name!r} cannot be {'the outcome' if name == found[0] else 'an amount'}: it holds labels. "
                "Choose another column, or correct its cells in the file."
            )
    return found[0]


def _is_date(column):
    return pd.api.types.is_datetime64_any_dtype(column) or bool(column.dropna().map(_like_a_date).all())


def _like_a_date(cell):
    return bool(re.match(r"\d{4}-\d|\d{1,2}[./]\d{1,2}[./]\d{4}", str(cell)))


def _treatments(asked, frame):
    """One piece for each treatment; the effect asked for and the column that it may differ over are one."""
    names = comparable(asked)
    pair = [asked.contrast, asked.by] if {asked.contrast, asked.by} <= set(names) and asked.by else []
    found = [Piece(" * ".join(_term(asked, frame, name) for name in pair), "product", tuple(pair))] if pair else []
    return found + [Piece(_term(asked, frame, name), asked.roles[name], (name,)) for name in names if name not in pair]


def _term(asked, frame, name):
    """A column of numbers whose levels are compared is a factor in C()."""
    return f"C({quoted(name)})" if is_numeric(frame[name]) and asked.roles[name] != AMOUNT else quoted(name)
