"""NOISeq: whether a gene differs between two groups more than replicates differ among themselves.

Tarazona, García-Alcalde, Dopazo, Ferrer & Conesa 2011, doi:10.1101/gr.124321.111.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.counts.inputs import check_counts, matched, read_counts
from helpers.counts.normalise import trimmed_mean_factors
from helpers.design.columns import quoted_label, used
from helpers.refusals.wording import some

BLOCK = 2048  # noise points sorted together in `dominated`
DECIMALS = 2  # to which R's noiseq rounds M and D before it compares: it matters, for equal counts as smaller


def noiseq(
    counts: object,
    design: pd.DataFrame,
    group: str,
    *,
    levels: Sequence[str] | None = None,
    pseudo_count: float = 0.5,
    layer: str | None = None,
) -> pd.DataFrame:
    """Compare two groups against the differences between replicates.

    For each gene M is the log2 ratio of the two groups' mean normalised counts, and D the absolute difference. The same
    two numbers of every pair of replicates within a group, all genes together, are the noise. The probability is the
    share of noise points that are larger in neither: ``|M|`` and D, both rounded to two decimals.

    **It is no p-value.** 0.8 does not mean a false-positive rate of 20%, and no error rate follows from it; nothing in
    it becomes more certain with more animals. It compares two groups and takes no covariate: urea or weight cannot be
    adjusted for. Tarazona and others suggest a threshold of 0.8. It is meant for technical replicates, or for none; for
    biological replicates the same authors offer `helpers.counts.biological_noise`.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples), AnnData, or path of a Parquet file
        Whole numbers; index = genes, columns = samples.
    design : pandas.DataFrame
        One row per sample; index = sample names.
    group : str
        The column of the design that holds the groups. Samples of other groups are left out.
    levels : tuple, optional
        The two groups; M is log2 of the first over the second. By default the two that the column holds.
    pseudo_count : float
        What stands in place of a count of 0.
    layer : str, optional
        Of an AnnData; its `X` without.

    Returns
    -------
    pandas.DataFrame
        One row per gene, index ``gene``: ``mean_1, mean_2`` (normalised counts, replicates averaged; the groups' names
        stand in ``group_1, group_2``), ``log2_fold_change`` (M), ``difference`` (D), ``probability``, ``ranking``
        (signed distance from no difference), ``reason`` why a gene has none of these.

    Raises
    ------
    ValueError
        `counts` are no counts, the samples do not match, there are not two groups of at least two samples.
    UnknownNameError
        The design has no such column.

    Notes
    -----
    As R's ``noiseq(replicates="biological", norm="tmm", lc=0)``: TMM factors with the first sample of the first group
    as reference, all replicates' pairs as noise. Genes without a read in these samples are left out, also of the noise.
    """
    groups = two_groups(counts, design, group, levels, pseudo_count, layer)
    table, kept, levels, (first, second) = groups.table, groups.kept, groups.levels, groups.normalised
    means = first.mean(axis=1), second.mean(axis=1)
    ratio, difference = np.log2(means[0] / means[1]), np.abs(means[0] - means[1])
    noise = _noise(first), _noise(second)
    noise_ratio, noise_difference = (np.concatenate(parts) for parts in zip(*noise, strict=True))
    points = (np.round(part, DECIMALS) for part in (np.abs(ratio), difference, noise_ratio, noise_difference))
    share = dominated(*points) / len(noise_ratio)
    columns = {
        "mean_1": means[0],
        "mean_2": means[1],
        "log2_fold_change": ratio,
        "difference": difference,
        "probability": share,
        "ranking": np.sign(ratio) * np.hypot(ratio, difference),
    }
    result = pd.DataFrame(columns, index=table.index[kept]).reindex(table.index).rename_axis("gene")
    result.insert(0, "group_1", levels[0])
    result.insert(1, "group_2", levels[1])
    return result.assign(reason=np.where(kept, "", "all counts are zero"))


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """Counts of two groups of samples, normalised.

    Attributes
    ----------
    table : pandas.DataFrame
        All counts, as given.
    kept : numpy.ndarray of bool, shape (n_genes,)
        Genes with a read in these samples.
    levels : list
        The two groups.
    normalised : tuple of numpy.ndarray, shape (n_kept, n_samples of the group)
    """

    table: pd.DataFrame
    kept: np.ndarray
    levels: list
    normalised: tuple


def two_groups(
    counts: object,
    design: pd.DataFrame,
    group: str,
    levels: Sequence[str] | None,
    pseudo_count: float,
    layer: str | None = None,
) -> TwoGroups:
    """Check what NOISeq's methods are given, and normalise it by TMM.

    Parameters
    ----------
    counts, design, group, levels, pseudo_count, layer
        As in `noiseq`.

    Returns
    -------
    TwoGroups

    Raises
    ------
    ValueError, UnknownNameError
        As in `noiseq`.
    """
    if not pseudo_count > 0:
        raise ValueError(f"pseudo_count must be above 0, for log2 of 0 is not finite; found {pseudo_count!r}.")
    counts, design = read_counts(counts, design, layer)
    table = check_counts(counts)
    labels = used(matched(table, design), [group], "design")[group]
    levels = _two_levels(labels, group, levels)
    members = [np.flatnonzero((labels == level).to_numpy()) for level in levels]
    for level, places in zip(levels, members, strict=True):
        if len(places) < 2:
            raise ValueError(
                f"Group {quoted_label(level)} has {len(places)} sample: the noise is made of pairs of replicates, so"
                " each group needs at least two."
            )
    values = table.to_numpy(float)[:, np.concatenate(members)]
    kept = values.any(axis=1)
    normalised = _normalise(values[kept], pseudo_count)
    return TwoGroups(table, kept, levels, tuple(np.split(normalised, [len(members[0])], axis=1)))


def _two_levels(labels, group, levels):
    found = labels.cat.categories if isinstance(labels.dtype, pd.CategoricalDtype) else sorted(labels.dropna().unique())
    found = [level for level in found if (labels == level).any()]
    held = some(map(quoted_label, found), 6)
    levels = found if levels is None else list(levels)
    if unknown := [level for level in levels if level not in found]:
        raise ValueError(f"No sample has {some(map(quoted_label, unknown))} in {group!r}; it holds {held}.")
    if len(levels) != 2 or levels[0] == levels[1]:
        raise ValueError(
            f"NOISeq compares two groups; {group!r} holds {len(found)} ({held}). Name two: levels=(first, second)."
        )
    return levels


def _normalise(values, pseudo_count):
    """Counts on the scale of the average library, its size corrected by TMM; no zeros."""
    size = values.sum(axis=0)
    effective = size * trimmed_mean_factors(values, reference=0)
    return np.where(values == 0, pseudo_count, values) * size.mean() / effective


def _noise(replicates):
    """|M| and D of every pair of replicates."""
    pairs = list(combinations(range(replicates.shape[1]), 2))
    one, other = replicates[:, [a for a, _ in pairs]], replicates[:, [b for _, b in pairs]]
    return np.abs(np.log2(one / other)).ravel(), np.abs(one - other).ravel()


def dominated(x: np.ndarray, y: np.ndarray, noise_x: np.ndarray, noise_y: np.ndarray) -> np.ndarray:
    """How many noise points are larger than (x, y) in neither coordinate, for each of many (x, y).

    The noise is sorted by x and cut into blocks, each sorted by y: whole blocks are counted by bisection, the one that
    x cuts point by point.
    """
    order = np.argsort(noise_x)
    noise_x, noise_y = noise_x[order], noise_y[order]
    below = np.searchsorted(noise_x, x, side="right")
    counted = np.zeros(len(x), dtype=int)
    for start in range(0, len(noise_x), BLOCK):
        block = noise_y[start : start + BLOCK]
        whole = below >= start + len(block)
        counted[whole] += np.searchsorted(np.sort(block), y[whole], side="right")
        for query in np.flatnonzero((below > start) & ~whole):
            counted[query] += np.count_nonzero(block[: below[query] - start] <= y[query])
    return counted
