"""Differential expression asked of a reader's counts, settled before anything is fitted."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.counts.inputs import check_counts, count_table, fixed_columns
from helpers.design.coding import INTERCEPT
from helpers.design.formula import parse_right_side
from helpers.design.translation import translate
from helpers.reading.findings import missing_columns
from helpers.refusals.wording import closest, listed, some
from helpers.report.counts.count_files import samples_of, whole, without_annotation, without_summary
from helpers.report.formula_limits import check_formula
from helpers.report.levels import with_levels
from helpers.report.options import AUTO, names_in
from helpers.report.own_table import Source, read, refuse_numbers_among_text, stripped
from helpers.report.phrases import joined


@dataclass(frozen=True, eq=False)
class Study:
    """What is asked, and the counts that answer it.

    Attributes
    ----------
    settings : types.SimpleNamespace
    source, sheet : helpers.report.own_table.Source
        The counts and the sample sheet, as read.
    counts : pandas.DataFrame, shape (n_genes, n_samples)
        Of the genes with reads enough; index = genes.
    samples : pandas.DataFrame
        The sheet in the order of the columns of `counts`, index = samples.
    used : tuple of str
        Columns of the formula.
    names : tuple of str
        Coefficients.
    X : numpy.ndarray, shape (n_samples, p)
        Their columns.
    contrast : str
    terms : tuple of str
        The coefficients of `contrast`: what is tested.
    n_genes : int
        Genes in the file.
    symbols : pandas.Series or None
        What the column SYMBOL calls each gene of `counts`.
    fdr : float
    """

    settings: SimpleNamespace
    source: Source
    sheet: Source
    counts: pd.DataFrame
    samples: pd.DataFrame
    used: tuple
    names: tuple
    X: np.ndarray
    contrast: str
    terms: tuple
    n_genes: int
    symbols: pd.Series | None
    fdr: float

    @property
    def is_factor(self) -> bool:
        """Whether the contrast has levels."""
        return isinstance(self.samples[self.contrast].dtype, pd.CategoricalDtype)


def prepare(settings: SimpleNamespace) -> Study:
    """Read the counts and the sample sheet, and settle what is asked of them.

    Parameters
    ----------
    settings : types.SimpleNamespace
        The parameters of the template ``counts``, from `helpers.report.options.settle`.

    Returns
    -------
    Study

    Raises
    ------
    ValueError, FileNotFoundError, UnknownNameError
        A file cannot be read, the two do not fit each other, or there are no counts; the message says where.
    """
    check_formula(settings.formula)
    parsed = parse_right_side(settings.formula)
    fdr, min_total = _share("FDR", settings.fdr), _whole("MIN_TOTAL", settings.min_total)
    sheet = _sheet(settings)
    samples = sheet.frame.set_index(sheet.frame.columns[0] if not settings.sample else settings.sample)
    used = tuple(translate(parsed.fixed).columns.values())
    if absent := [name for name in used if name not in samples]:
        raise missing_columns(absent, samples.columns, sheet.name)
    samples, dropped = _dropped(settings, samples)
    _refuse_gaps(samples, used, sheet)
    source, counts, symbols = _counts(settings, list(samples.index), dropped)
    samples = with_levels(samples.loc[counts.columns], settings.order, settings.reference, used)
    count_table(counts, samples, settings.formula)
    enough = counts.sum(axis=1) >= max(1, min_total)
    if enough.sum() < 3:
        raise ValueError(
            f"{int(enough.sum())} of {len(counts)} genes have {min_total} reads or more in all samples together; three "
            "are needed. Lower MIN_TOTAL."
        )
    X, coding = fixed_columns(parsed.fixed, samples)
    if INTERCEPT not in coding.names:
        raise ValueError(
            f"FORMULA={settings.formula} has no intercept: each coefficient would be a level, compared with no reads "
            f"at all. Write ~ {' + '.join(used)}; the report then compares levels with the first."
        )
    contrast = _contrast(settings.contrast, used)
    return Study(
        settings=settings,
        source=source,
        sheet=sheet,
        counts=counts[enough],
        samples=samples,
        used=used,
        names=coding.names,
        X=X,
        contrast=contrast,
        terms=_terms(coding, contrast),
        n_genes=len(counts),
        symbols=None if symbols is None else symbols[enough],
        fdr=fdr,
    )


def _sheet(settings):
    """The sample sheet; its names are text, each one once."""
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


def _dropped(settings, samples):
    """The sheet without the samples of DROP, and these."""
    names = names_in(settings.drop, list(samples.index), "DROP")
    for name in names:
        if name not in samples.index:
            near = closest(name, list(samples.index))
            hint = f" Closest: {near[0]!r}." if near else ""
            raise ValueError(f"DROP names {name!r}, which is no sample of SAMPLES.{hint}")
    return samples.drop(index=names), names


def _refuse_gaps(samples, used, sheet):
    for name in used:
        if (empty := samples[name].isna()).any():
            who = some(map(repr, samples.index[empty]))
            raise ValueError(
                f"{sheet.name}: column {name!r} is empty for the sample {who}. Fill it in, or leave the sample out: "
                f"DROP={','.join(samples.index[empty])}."
            )


def _counts(settings, samples, dropped):
    """The counts of the samples that the sheet names, genes as the index, and their symbols (None without SYMBOL)."""

    def gene(columns):
        return settings.gene or columns[0]

    def counted(columns):
        return list(samples_of([name for name in columns if name != gene(columns)], [*samples, *dropped]))

    source = read(settings, numeric=counted, unique=lambda columns: [gene(columns)])
    own = gene(source.frame.columns)
    held = samples_of([name for name in source.frame if name != own], [*samples, *dropped])
    counts, annotation, notes = without_annotation(source.frame, own, held, [*samples, *dropped])
    counts, left_out = without_summary(counts[samples])
    counts, rounded = whole(counts, settings.round == "yes")
    if dropped:
        notes.append(f"{joined(map(repr, dropped))} {'was' if len(dropped) == 1 else 'were'} left out (DROP).")
    source = Source(source.name, source.frame, (*source.notes, *notes, *left_out, *rounded))
    return source, check_counts(counts), _symbols(settings.symbol, annotation, counts.index)


def _symbols(name, annotation, genes):
    if not name:
        return None
    if name not in annotation:
        near = closest(name, list(annotation))
        hint = f" Closest: {near[0]!r}." if near else ""
        there = listed(annotation) or "none"
        raise ValueError(f"SYMBOL names {name!r}, which is no column of text in DATA.{hint} There are {there}.")
    return annotation.loc[genes, name]


def _contrast(text, used):
    if not used:
        raise ValueError("The formula has no predictor: write a column of the sample sheet after the '~'.")
    name = text.strip("`") or used[0]
    if name not in used:
        near = closest(name, used)
        hint = f" Closest: {near[0]!r}." if near else ""
        raise ValueError(f"CONTRAST names {name!r}, which is not in the formula.{hint} There are {listed(used)}.")
    return name


def _terms(coding, contrast):
    """The coefficients of the contrast alone: its differences at the reference of whatever it interacts with."""
    alone = [places for term, places in coding.terms.items() if coding.columns_of(term) == (contrast,)]
    wanted = [coding.names[place] for places in alone for place in places]
    if not (wanted := [name for name in wanted if name != INTERCEPT]):
        raise ValueError(
            f"CONTRAST: {contrast!r} stands in the formula only within interactions; add it by itself, as in "
            f"{contrast} * other."
        )
    return tuple(wanted)


def _share(name, text):
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not 0 < value < 1:
        raise ValueError(f"{name} lies between 0 and 1, such as 0.05; found {text!r}.")
    return value


def _whole(name, text):
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise ValueError(f"{name} is a whole number from 0 on; found {text!r}.")
    return value
