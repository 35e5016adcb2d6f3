"""The tables of the course, each held against its schema."""

import functools
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special

from helpers.course.places import place
from helpers.data.own_tables import read_table
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

FOLDER = place("data/tables", "data")


def _read_once(load: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
    """The loader, reading its file when first called: lessons and exercises ask repeatedly, each for its own copy."""

    @functools.cache
    def read(folder):  # the loader reads from FOLDER: another folder is another table
        return load()

    @functools.wraps(load)
    def copy():
        return read(FOLDER).copy()

    return copy


@_read_once
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


@_read_once
def load_mouse_counts() -> pd.DataFrame:
    """Load simulated RNA-seq counts of the ten animals.

    Returns
    -------
    pandas.DataFrame
        2,000 genes × 10 animals, whole numbers; index ``gene``, the animals in the order of `load_mouse_scores`.
    """
    path = FOLDER / "mouse_counts.csv.gz"
    return read_table(path, numeric=ANIMALS, text="gene", schema=MOUSE_COUNTS).set_index("gene")


@_read_once
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


@_read_once
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


@_read_once
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


@_read_once
def load_sleepstudy() -> pd.DataFrame:
    """Load a public study: reaction times of 18 subjects on ten days, sleep cut to three hours from the third day on.

    Returns
    -------
    pandas.DataFrame
        180 rows, one per subject and day: ``Subject`` (a label); ``Days`` (0 to 9); ``Reaction``, mean reaction time in
        ms. The names are those of R's lme4.
    """
    path = FOLDER / "sleepstudy.csv"
    return read_table(path, numeric=["Days", "Reaction"], text="Subject", schema=SLEEPSTUDY)


@_read_once
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


@_read_once
def load_repeated_expression() -> pd.DataFrame:
    """Load simulated expression of 2,000 genes in the samples of `load_repeated_samples`.

    Returns
    -------
    pandas.DataFrame
        2,000 genes × 40 samples, log2 units; index ``gene``, the samples in the order of `load_repeated_samples`.
    """
    path = FOLDER / "repeated_expression.csv.gz"
    return read_table(path, numeric=REPEATED_NAMES, text="gene", schema=REPEATED_EXPRESSION).set_index("gene")


@_read_once
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


@_read_once
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


@_read_once
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


@_read_once
def load_airway_samples() -> pd.DataFrame:
    """Load the samples of a public study: airway cells of four donors, without and with dexamethasone.

    Returns
    -------
    pandas.DataFrame
        8 rows; index ``sample``. ``donor``; ``dexamethasone`` (categories untreated, treated).
    """
    labels = ["sample", "donor", "dexamethasone"]
    return read_table(FOLDER / "airway_samples.csv", text=labels, schema=AIRWAY_SAMPLES).set_index("sample")


@_read_once
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


@_read_once
def load_shock_samples() -> pd.DataFrame:
    """Load the samples of a public study: blood of eleven patients in cardiogenic shock, taken three times.

    Returns
    -------
    pandas.DataFrame
        33 rows; index ``sample``. ``patient``; ``time`` (categories T1, T2, T3).
    """
    labels = ["sample", "patient", "time"]
    return read_table(FOLDER / "shock_samples.csv", text=labels, schema=SHOCK_SAMPLES).set_index("sample")


@_read_once
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


@_read_once
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


@_read_once
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
