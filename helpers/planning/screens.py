"""Power of a screen: which share of the genes that change will be found, by n, fold change and false discovery rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real

import numpy as np
import pandas as pd
from tqdm import tqdm

from helpers.counts import quasi_likelihood, tmm_factors, voom
from helpers.design import build_shared_design
from helpers.planning.assumptions import place_of
from helpers.planning.power_table import PATIENCE, PowerTable
from helpers.planning.rates import exact_interval
from helpers.planning.recipes import Recipe
from helpers.refusals.wording import listed

METHODS: Mapping[str, Callable] = {"quasi-likelihood": quasi_likelihood, "voom": voom}
FEWEST_GENES = 100  # that a pilot must have: genes teach each other how much counts scatter
FEWEST_READS = 10  # of a gene in a pilot: with fewer nothing is known of its dispersion


@dataclass(frozen=True, eq=False)
class ScreenPilot:
    """What a pilot's counts say of the next screen; made by `screen_pilot`.

    Attributes
    ----------
    share : (n_genes,)
        Of a library's reads that are a gene's.
    dispersion : (n_genes,)
        α of each gene, drawn to the trend of all: the variance of a count is mean + α·mean².
    depths : (n_samples,)
        Reads of each sample, TMM-corrected.
    """

    share: np.ndarray
    dispersion: np.ndarray
    depths: np.ndarray


def screen_pilot(counts: pd.DataFrame, design: pd.DataFrame, formula: str) -> ScreenPilot:
    """Means, dispersions and depths of a pilot's counts.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples)
        Reads; index = genes, columns = samples.
    design : pandas.DataFrame
        One row per sample.
    formula : str
        What explains the pilot's counts, ``"~ donor + dexamethasone"``: what it leaves out counts as scatter.

    Returns
    -------
    ScreenPilot
        Of the genes with ten reads or more.

    Raises
    ------
    ValueError
        As `helpers.counts.quasi_likelihood`; or fewer than a hundred genes are left.
    """
    table = quasi_likelihood(counts, design, formula, min_total=FEWEST_READS)
    tested = table[table["reason"] == ""].drop_duplicates("gene").set_index("gene")
    if len(tested) < FEWEST_GENES:
        raise ValueError(
            f"The pilot has {len(tested)} genes with {FEWEST_READS} reads or more: at least {FEWEST_GENES} have to "
            "teach each other how much counts scatter."
        )
    depths = counts.sum() * tmm_factors(counts)
    share = (counts.loc[tested.index] / depths).mean(axis=1)
    return ScreenPilot(share.to_numpy(), tested["gene_dispersion"].to_numpy(), depths.to_numpy())


def screen(
    design: Recipe | pd.DataFrame,
    formula: str,
    *,
    pilot: ScreenPilot,
    test: str,
    fold_changes: Sequence[float] = (1.5, 2.0, 3.0),
    changed: float = 0.1,
    fdr: float = 0.05,
    method: str = "quasi-likelihood",
    n_genes: int = 5_000,
    n_screens: int = 10,
    depth: float | None = None,
    seed: int = 1,
) -> PowerTable:
    """Simulate whole screens and count what they find.

    Parameters
    ----------
    design : Recipe or pandas.DataFrame
        From `helpers.planning.crossed`: one row per sample. Or such a table.
    formula : str
        What will explain the counts: ``"~ donor + drug"``, without random terms.
    pilot : ScreenPilot
        From `screen_pilot`.
    test : str
        The coefficient, or a term with one.
    fold_changes : sequence of float
        Fold changes of the genes that change: equally many of each, half of them up and half down.
    changed : float
        Share of the genes that change.
    fdr : float
        False discovery rate (Benjamini–Hochberg) at which genes are called.
    method : {"quasi-likelihood", "voom"}
    n_genes : int
        Genes of a screen, drawn from the pilot's with their own mean and dispersion.
    n_screens : int
    depth : float, optional
        Mean reads of a sample; without, the pilot's.
    seed : int

    Returns
    -------
    PowerTable
        One row per fold change: ``fold_change``; ``power``, the share of its genes that are found, with the interval
        ``power_low, power_high`` of the simulation (95%, genes taken as independent); ``false_discovery_rate``, the
        mean false share of the genes called, and ``called``, their mean number, both of the whole screen;
        ``n_genes``, how many genes the power is counted over.

    Raises
    ------
    ValueError
        As `helpers.planning.power`; or a fold change is not above 0, or 1.

    Notes
    -----
    Counts are negative binomial. Genes differ in mean and dispersion as in the pilot; a small pilot's dispersions are
    drawn to their trend, so the truth scatters more.
    """
    _check(pilot, fold_changes, changed, fdr, method, n_genes, n_screens, seed)
    table = design.table(np.random.default_rng(seed)) if isinstance(design, Recipe) else design
    table = table.set_axis([f"sample {k}" for k in range(1, len(table) + 1)], axis=0)
    built = build_shared_design(formula, table)
    place = place_of(built, test)
    analysis = partial(METHODS[method], design=table, formula=formula, contrasts=built.names[place])
    rows = [
        _one_screen(analysis, built.X[:, place], pilot, fold_changes, changed, n_genes, depth, fdr, [seed, k])
        for k in tqdm(range(n_screens), unit="screen", delay=PATIENCE, leave=False)
    ]
    found, there, false, called = (np.array(each) for each in zip(*rows, strict=True))
    out = []
    for k, fold in enumerate(fold_changes):
        low, high = exact_interval(int(found[:, k].sum()), int(there[:, k].sum()))
        out.append(
            {
                "fold_change": fold,
                "power": found[:, k].sum() / there[:, k].sum(),
                "power_low": low,
                "power_high": high,
                "false_discovery_rate": float(np.mean(false / np.maximum(called, 1))),
                "called": float(called.mean()),
                "n_genes": int(there[:, k].sum()),
            }
        )
    return PowerTable(pd.DataFrame(out))


def _one_screen(analysis, column, pilot, fold_changes, changed, n_genes, depth, fdr, seed):
    """Found and present genes of each fold change; false and all calls."""
    rng = np.random.default_rng(seed)
    genes = rng.integers(len(pilot.share), size=n_genes)
    group = np.full(n_genes, -1)
    moved = rng.permutation(n_genes)[: max(len(fold_changes), round(changed * n_genes))]
    group[moved] = np.arange(len(moved)) % len(fold_changes)
    change = np.where(group >= 0, np.log(np.asarray(fold_changes, dtype=float))[group], 0.0)
    change *= rng.choice([-1.0, 1.0], n_genes)
    depths = rng.choice(pilot.depths, len(column)) * (1 if depth is None else depth / pilot.depths.mean())
    share = pilot.share[genes] / pilot.share[genes].sum() * pilot.share.sum()
    mean = share[:, None] * depths * np.exp(change[:, None] * (column - column.mean()))
    size = 1 / np.maximum(pilot.dispersion[genes], 1e-8)[:, None]
    counts = rng.negative_binomial(size, size / (size + mean))
    names = [f"gene {k}" for k in range(1, n_genes + 1)]
    frame = pd.DataFrame(counts, names, [f"sample {k}" for k in range(1, len(column) + 1)])
    adjusted = analysis(frame.loc[counts.any(axis=1)]).set_index("gene")["p_adjusted"]
    called = (adjusted.reindex(names) < fdr).to_numpy()
    found = [int((called & (group == k)).sum()) for k in range(len(fold_changes))]
    there = [int((group == k).sum()) for k in range(len(fold_changes))]
    return found, there, int((called & (group < 0)).sum()), int(called.sum())


def _check(pilot, fold_changes, changed, fdr, method, n_genes, n_screens, seed):
    if not isinstance(pilot, ScreenPilot):
        raise ValueError(f"pilot= is what screen_pilot makes of a pilot's counts; found {type(pilot).__name__}.")
    folds = list(fold_changes) if isinstance(fold_changes, Sequence) and not isinstance(fold_changes, str) else []
    if not folds or any(not isinstance(fold, Real) or fold <= 0 or fold == 1 for fold in folds):
        raise ValueError(
            f"fold_changes= is a list of ratios above 0 other than 1, as [1.5, 2]; found {fold_changes!r}."
        )
    for name, value in (("changed", changed), ("fdr", fdr)):
        if isinstance(value, bool | str) or not 0 < value < 1:
            raise ValueError(f"{name}= is a share between 0 and 1, such as 0.05; found {value!r}.")
    if method not in METHODS:
        raise ValueError(f"method is one of {listed(METHODS)}; found {method!r}.")
    for name, value, least in (("n_genes", n_genes, FEWEST_GENES), ("n_screens", n_screens, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise ValueError(f"{name}= is a whole number of {least} or more; found {value!r}.")
