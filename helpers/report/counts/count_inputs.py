"""The two files of a report on counts, read and matched: the sample sheet, and the counts of its samples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from helpers.counts.inputs import check_counts
from helpers.refusals.wording import closest, listed, some
from helpers.report.counts.count_files import samples_of, whole, without_annotation, without_summary
from helpers.report.counts.count_folder import read_folder
from helpers.report.counts.count_lengths import lengths_of, scaled_by_length
from helpers.report.options import AUTO, names_in
from helpers.report.own_table import Source, read, refuse_numbers_among_text, stripped
from helpers.report.phrases import joined


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts as read.

    Attributes
    ----------
    source : helpers.report.own_table.Source
    counts : pandas.DataFrame, shape (n_genes, n_samples)
    symbols : pandas.Series or None
        What the column SYMBOL calls each gene.
    """

    source: Source
    counts: pd.DataFrame
    symbols: pd.Series | None


def nearest(name: str, names: Iterable) -> str:
    """What a message adds after a name that is not there: the closest there is, or nothing."""
    near = closest(str(name), list(map(str, names)))
    return f" Closest: {near[0]!r}." if near else ""


def sheet_of(settings: SimpleNamespace) -> Source:
    """The sample sheet; its names are text, each one once.

    Parameters
    ----------
    settings : types.SimpleNamespace
        Of the template.

    Returns
    -------
    helpers.report.own_table.Source

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        As `helpers.report.own_table.read`.
    """
    own = {
        "data": settings.samples,
        "sheet": settings.samples_sheet,
        "sep": settings.sep if settings.samples_sep == AUTO else settings.samples_sep,
        "decimal": settings.decimal if settings.samples_decimal == AUTO else settings.samples_decimal,
    }
    where = SimpleNamespace(**vars(settings) | own)
    source = read(where, unique=lambda columns: [settings.sample or columns[0]])
    name = settings.sample or source.frame.columns[0]
    sheet = stripped(source, list(source.frame.columns))
    refuse_numbers_among_text(sheet, [column for column in sheet.frame if column != name], where)
    return Source(sheet.name, sheet.frame.assign(**{name: sheet.frame[name].astype(str)}), sheet.notes)


def without_dropped(settings: SimpleNamespace, samples: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The sheet without the samples of DROP, and these.

    Parameters
    ----------
    settings : types.SimpleNamespace
    samples : pandas.DataFrame
        Index = samples.

    Returns
    -------
    tuple of pandas.DataFrame and list of str

    Raises
    ------
    ValueError
        DROP names what is no sample.
    """
    names = names_in(settings.drop, list(samples.index), "DROP")
    for name in names:
        if name not in samples.index:
            raise ValueError(f"DROP names {name!r}, which is no sample of SAMPLES.{nearest(name, samples.index)}")
    return samples.drop(index=names), names


def refuse_gaps(samples: pd.DataFrame, used: Sequence[str], sheet: Source) -> None:
    """Refuse an empty cell in a column that is used.

    Raises
    ------
    ValueError
        With the sample, and how to leave it out.
    """
    for name in used:
        if (empty := samples[name].isna()).any():
            who = some(map(repr, samples.index[empty]))
            raise ValueError(
                f"{sheet.name}: column {name!r} is empty for the sample {who}. Fill it in, or leave the sample out: "
                f"DROP={','.join(samples.index[empty])}."
            )


def counts_of(settings: SimpleNamespace, samples: list, dropped: list) -> Counted:
    """The counts of the samples that the sheet names, genes as the index, and their symbols.

    Parameters
    ----------
    settings : types.SimpleNamespace
    samples, dropped : list of str
        Those of the sheet that are used, and those of DROP.

    Returns
    -------
    Counted

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        The file cannot be read, its samples are others, or it holds no counts.
    """

    def gene(columns):
        return settings.gene or columns[0]

    def numbers(columns):
        return list(samples_of([name for name in columns if name != gene(columns)], [*samples, *dropped]))

    if Path(settings.data).expanduser().is_dir():
        if settings.gene or settings.symbol:
            raise ValueError("DATA is a folder of files without names of columns: leave GENE and SYMBOL out.")
        source = read_folder(settings, samples)
        dropped_there = []
    else:
        source = read(settings, numeric=numbers, unique=lambda columns: [gene(columns)])
        dropped_there = dropped
    own = gene(source.frame.columns)
    named = [*samples, *dropped_there]
    held = samples_of([name for name in source.frame if name != own], named)
    counts, annotation, notes = without_annotation(source.frame, own, held, named)
    counts, left_out = without_summary(counts[samples])
    if settings.lengths:
        counts = scaled_by_length(counts, lengths_of(settings, counts))
        left_out.append("Counts were scaled by the lengths of transcripts in LENGTHS.")
    counts, rounded = whole(counts, settings.round == "yes" or bool(settings.lengths))
    if dropped:
        notes.append(f"{joined(map(repr, dropped))} {'was' if len(dropped) == 1 else 'were'} left out (DROP).")
    source = Source(source.name, source.frame, (*source.notes, *notes, *left_out, *rounded))
    return Counted(source, check_counts(counts), _symbols(settings.symbol, annotation, counts.index))


def _symbols(name, annotation, genes):
    if not name:
        return None
    if name not in annotation:
        there = listed(annotation) or "none"
        raise ValueError(
            f"SYMBOL names {name!r}, which is no column of text in DATA.{nearest(name, annotation)} There are {there}."
        )
    return annotation.loc[genes, name]
