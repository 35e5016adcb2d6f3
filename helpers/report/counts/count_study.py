"""Differential expression asked of a reader's counts, settled before anything is fitted."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.counts import filter_by_expression
from helpers.counts.inputs import count_table, fixed_columns
from helpers.design.coding import INTERCEPT
from helpers.design.formula import parse_right_side
from helpers.design.translation import translate
from helpers.reading.findings import missing_columns
from helpers.refusals.wording import listed
from helpers.report.counts.count_inputs import counts_of, nearest, refuse_gaps, sheet_of, without_dropped
from helpers.report.counts.count_questions import Question, interacting, questions
from helpers.report.counts.count_units import Arranged, arranged
from helpers.report.formula_limits import check_formula
from helpers.report.levels import with_levels
from helpers.report.own_table import Source

THRESHOLD_METHODS = ("quasi-likelihood", "voom", "mixed")


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
    questions : tuple of helpers.report.counts.count_questions.Question
        What is tested.
    units : helpers.report.counts.count_units.Arranged
        What was done with samples that belong together.
    n_genes : int
        Genes in the file.
    symbols : pandas.Series or None
        What the column SYMBOL calls each gene of `counts`.
    fdr : float
    fold : float
        The fold change that a gene must exceed; 1 for any change.
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
    questions: tuple[Question, ...]
    units: Arranged
    n_genes: int
    symbols: pd.Series | None
    fdr: float
    fold: float

    @property
    def is_factor(self) -> bool:
        """Whether the contrast has levels."""
        return isinstance(self.samples[self.contrast].dtype, pd.CategoricalDtype)

    @property
    def interacting_numbers(self) -> tuple[str, ...]:
        """Columns of numbers on which the effect asked about depends: it is taken at their mean."""
        coding = fixed_columns(parse_right_side(self.formula).fixed, self.samples)[1]
        return tuple(name for name in interacting(coding, self.contrast) if name not in coding.coded)

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of what is tested, as the tables have them."""
        return tuple(question.label for question in self.questions)

    @property
    def weights(self) -> pd.DataFrame:
        """Of each question on the coefficients, a row each."""
        return pd.DataFrame([question.weights for question in self.questions], self.terms, self.names)

    @property
    def formula(self) -> str:
        """The fixed part of the model as it is fitted."""
        return self.units.formula

    @property
    def method(self) -> str:
        """How genes are tested."""
        return self.units.method


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
    _refuse_random(parsed, settings.formula)
    fdr, fold = _share("FDR", settings.fdr), _fold(settings)
    fewest = _whole("MIN_COUNT", settings.min_count), _whole("MIN_TOTAL", settings.min_total)
    sheet = sheet_of(settings)
    samples = sheet.frame.set_index(sheet.frame.columns[0] if not settings.sample else settings.sample)
    used = tuple(translate(parsed.fixed).columns.values())
    if absent := [name for name in used if name not in samples]:
        raise missing_columns(absent, samples.columns, sheet.name)
    contrast = _contrast(settings.contrast, used)
    samples, dropped = without_dropped(settings, samples)
    refuse_gaps(samples, used, sheet)
    read = counts_of(settings, list(samples.index), dropped)
    samples = with_levels(samples.loc[read.counts.columns], settings.order, settings.reference, used)
    _, coding = fixed_columns(parsed.fixed, samples)
    _refuse_without_intercept(coding.names, settings.formula, used)
    units = arranged(read.counts, samples, settings, contrast, used)
    count_table(units.counts, units.samples, units.formula)
    X, coding = fixed_columns(parse_right_side(units.formula).fixed, units.samples)
    kept = _expressed(units, *fewest)
    return Study(
        settings=settings,
        source=read.source,
        sheet=sheet,
        counts=units.counts[kept],
        samples=units.samples,
        used=used,
        names=coding.names,
        X=X,
        contrast=contrast,
        questions=questions(settings, coding, units.samples, contrast),
        units=units,
        n_genes=len(read.counts),
        symbols=None if read.symbols is None else read.symbols[kept],
        fdr=fdr,
        fold=fold,
    )


def _expressed(units, min_count, min_total):
    """Which genes have reads enough, by edgeR's rule; with MIN_COUNT=0, by their total alone."""
    totals = units.counts.sum(axis=1)
    kept = totals >= max(1, min_total)
    if min_count and kept.any():
        try:
            kept = filter_by_expression(
                units.counts, units.samples, units.formula, min_count=min_count, min_total_count=min_total
            )
        except ValueError:  # no gene is left: said below, in the words of the command
            kept &= False
    if kept.sum() < 3:
        raise ValueError(
            f"{int(kept.sum())} of {len(kept)} genes have reads enough (MIN_COUNT={min_count} in the samples of a "
            f"group, MIN_TOTAL={min_total} in all); three are needed. The highest total of a gene is "
            f"{int(totals.max()):,}. Lower MIN_COUNT and MIN_TOTAL."
        )
    return kept


def _refuse_random(parsed, formula):
    if parsed.random:
        term = parsed.random[0]
        raise ValueError(
            f"FORMULA={formula} has the random term {term}. Write it without, and say which samples belong together: "
            f"BLOCK={term.groups[0]}. The report then takes what suits the question."
        )


def _refuse_without_intercept(names, formula, used):
    if INTERCEPT not in names:
        raise ValueError(
            f"FORMULA={formula} has no intercept: each coefficient would be a level, compared with no reads at all. "
            f"Write ~ {' + '.join(used)}; which levels are compared, COMPARE or CONTRASTS says."
        )


def _contrast(text, used):
    if not used:
        raise ValueError("The formula has no predictor: write a column of the sample sheet after the '~'.")
    name = text.strip("`") or used[0]
    if name not in used:
        raise ValueError(
            f"CONTRAST names {name!r}, which is not in the formula.{nearest(name, used)} There are {listed(used)}."
        )
    return name


def _fold(settings):
    try:
        fold = float(settings.fold_change)
    except ValueError:
        fold = np.nan
    if not 1 <= fold < np.inf:
        raise ValueError(
            f"FOLD_CHANGE is 1 or more: 1.5 asks for genes that rise or fall by more than that factor; found "
            f"{settings.fold_change!r}."
        )
    if fold > 1 and settings.method not in THRESHOLD_METHODS:
        raise ValueError(
            f"FOLD_CHANGE={settings.fold_change} is tested by METHOD={' or '.join(THRESHOLD_METHODS)}, not by "
            f"{settings.method}."
        )
    return fold


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
