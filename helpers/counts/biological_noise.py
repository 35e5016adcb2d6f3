"""NOISeq's method for biological replicates: the share of genes that noise alone could place where a gene stands.

Tarazona, Furió-Tarí, Turrà, Di Pietro, Nueda, Ferrer & Conesa 2015, doi:10.1093/nar/gkv711. The mixture of changed and
unchanged genes: Efron, Tibshirani, Storey & Tusher 2001, doi:10.1198/016214501753382129.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import signal

from helpers.counts.replicate_noise import two_groups
from helpers.refusals.wording import some

FEW = 9  # up to so many samples genes would have to lend each other replicates
MOST = 1000  # exchanges within one cluster
OFFSET = 0.9  # quantile of the standard errors that is added to each: no gene gets far by a tiny one
POINTS, FINER, SMOOTHER, REACH = 5000, 2**13, 1.5, 4  # density curves: as R's density(n = 5000, adjust = 1.5)
TOO_FEW = "mean count too low in both groups, or scatter too large"


def noiseqbio(
    counts: pd.DataFrame,
    design: pd.DataFrame,
    group: str,
    *,
    levels: Sequence[str] | None = None,
    pseudo_count: float = 0.5,
    min_mean: float = 1.0,
    max_cv: float = 500.0,
    repetitions: int = 50,
    seed: int = 12345,
    permutations: np.ndarray | None = None,
    clusters: pd.Series | None = None,
    layer: str | None = None,
) -> pd.DataFrame:
    """Compare two groups of biological replicates by NOISeq's method for them.

    Each gene gets a statistic θ: the mean of its log2 ratio and its difference of the groups' means, each over its
    standard error plus an offset. The same statistic where nothing differs, the noise, comes from samples whose groups
    are exchanged at random. The probability is one minus the local share of noise at θ.

    **With nine samples or fewer** the authors' program takes the noise from counts exchanged within clusters of genes,
    found by k-means from random starts. Its answer depends on where the search starts: on an eighth of the genes of the
    airway study R calls 230 to 264 genes by five seeds, and clusters that fit better (k-means++, half the sum of
    squares) give anything from 244 to 869. So no clusters are searched for here; they can be given.

    The authors call genes with a probability above 0.95, and compare one minus it with a false discovery rate; with
    few replicates no rate is promised, and no covariate, pair or block can be taken into account.

    Parameters
    ----------
    counts, design, group, levels, pseudo_count, layer
        As in `helpers.counts.noiseq`.
    min_mean : float
        A gene needs a mean normalised count above this in one of the groups.
    max_cv : float
        And there a coefficient of variation below this, in percent.
    repetitions : int
        How often samples are exchanged; with clusters, how often per gene of a cluster.
    seed : int
        Of the exchanges.
    permutations : array of int, shape (repetitions, n_samples), optional
        The exchanges themselves, as places of the samples of the first group and then of the second; instead of
        `repetitions` and `seed`. Only with ten samples or more.
    clusters : pandas.Series, optional
        With nine samples or fewer: a label for every gene that is kept, index = genes. Genes of one label lend each
        other their counts.

    Returns
    -------
    pandas.DataFrame
        One row per gene, index ``gene``: ``group_1, group_2, mean_1, mean_2, log2_fold_change`` (of the first over the
        second), ``theta, probability``, ``reason`` why a gene has none of these.

    Raises
    ------
    ValueError
        As in `helpers.counts.noiseq`; no gene left, repetitions or permutations that are none; nine samples or fewer,
        and no clusters.
    UnknownNameError
        The design has no such column.

    Notes
    -----
    As R's ``noiseqbio(norm="tmm", lc=0, filter=1)`` of NOISeq 2.42. θ does not depend on chance. With ten samples or
    more the probability does not, either, once the permutations are given.
    """
    if isinstance(repetitions, bool) or not isinstance(repetitions, int) or repetitions < 1:
        raise ValueError(f"repetitions must be a whole number of at least 1; found {repetitions!r}.")
    groups = two_groups(counts, design, group, levels, pseudo_count, layer)
    passed = np.logical_or(*(_enough(part, min_mean, max_cv) for part in groups.normalised))
    if passed.sum() < 2:
        raise ValueError(f"{passed.sum()} genes have a mean above {min_mean:g} in one group. Lower min_mean.")
    left = groups.table.index[groups.kept][passed]
    values, split = np.hstack(groups.normalised)[passed], groups.normalised[0].shape[1]
    rng = np.random.default_rng(seed)
    if values.shape[1] <= FEW:
        labels = _labels(clusters, permutations, left, values.shape[1])
        noise = _noise_of_clusters(values, split, labels, repetitions, rng)
    else:
        orders = _orders(permutations, values.shape[1], repetitions, rng)
        noise = np.concatenate([_statistic(values[:, order], split) for order in orders])
    theta = _statistic(values, split)
    ratio = _noise_over_all(theta, noise)
    with np.errstate(divide="ignore"):
        share = min(1.0, np.min(1 / ratio))
    first, second = values[:, :split].mean(axis=1), values[:, split:].mean(axis=1)
    columns = {
        "mean_1": first,
        "mean_2": second,
        "log2_fold_change": np.log2(first / second),
        "theta": theta,
        "probability": 1 - share * ratio,
    }
    index = groups.table.index
    result = pd.DataFrame(columns, index=left).reindex(index).rename_axis("gene")
    result.insert(0, "group_1", groups.levels[0])
    result.insert(1, "group_2", groups.levels[1])
    reasons = np.where(groups.kept, TOO_FEW, "all counts are zero")
    return result.assign(reason=np.where(index.isin(left), "", reasons))


def _enough(values, min_mean, max_cv):
    mean = values.mean(axis=1)
    return (mean > min_mean) & (100 * values.std(axis=1, ddof=1) < max_cv * mean)


def _orders(permutations, n, repetitions, rng):
    if permutations is None:
        return np.array([rng.permutation(n) for _ in range(repetitions)])
    orders = np.asarray(permutations)
    if orders.ndim != 2 or orders.shape[1] != n or not (np.sort(orders, axis=1) == np.arange(n)).all():
        raise ValueError(f"Each row of permutations must hold the numbers 0 to {n - 1}, each of them once.")
    return orders


def _statistic(values, split):
    """θ of every gene: the mean of log ratio and difference, each over its standard error and the offset."""
    parts = values[:, :split], values[:, split:]
    (one, other), squares = (part.mean(axis=1) for part in parts), [part.var(axis=1, ddof=1) for part in parts]
    error, relative = (
        np.sqrt(
            sum(square / (part.shape[1] * level**2) for square, part, level in zip(squares, parts, by, strict=True))
        )
        for by in ((1, 1), (one * np.log(2), other * np.log(2)))
    )
    return _standardised(np.log2(one / other), relative, one - other, error)


def _standardised(ratio, relative, difference, error):
    return (ratio / (relative + np.quantile(relative, OFFSET)) + difference / (error + np.quantile(error, OFFSET))) / 2


def _labels(clusters, permutations, genes, n):
    """The cluster of every gene as a number."""
    if permutations is not None:
        raise ValueError(f"permutations need ten samples or more; found {n}. Leave them out.")
    if clusters is None:
        raise ValueError(
            f"noiseqbio has {n} samples, and with {FEW} or fewer its answer depends on clusters of genes found by a"
            " random search. Another start gives another list. Use quasi_likelihood or voom, or give clusters=."
        )
    if not isinstance(clusters, pd.Series) or not clusters.index.is_unique:
        raise ValueError("clusters must be a pandas Series with one label per gene, index = genes.")
    labels = clusters.reindex(genes)
    if labels.isna().any():
        raise ValueError(f"clusters has no label for {some(map(repr, genes[labels.isna()]))}. Give every gene one.")
    return pd.factorize(labels)[0]


def _noise_of_clusters(values, split, labels, repetitions, rng):
    """Statistics of random halves of clusters of genes, all their counts thrown together.

    The standard error of the difference takes the root of the number of counts, as the authors' program does.
    """
    rows = []
    for label in range(labels.max() + 1):
        cluster = values[labels == label]
        if len(cluster) < 2:
            continue
        pool, n = cluster.ravel(), np.array([split, values.shape[1] - split]) * len(cluster)
        for _ in range(min(MOST, repetitions * len(cluster))):
            parts = np.split(rng.permutation(pool), [n[0]])
            mean, square = (np.array([take(part) for part in parts]) for take in (np.mean, _variance))
            relative, error = (
                np.sqrt(np.sum(square / (mean * np.log(2)) ** 2 / n)),
                np.sqrt(np.sum(square / np.sqrt(n))),
            )
            rows.append((np.log2(mean[0] / mean[1]), relative, mean[0] - mean[1], error))
    if not rows:
        raise ValueError("Every cluster has one gene: there are no counts to exchange. Give larger clusters.")
    return _standardised(*np.array(rows).T)


def _variance(values):
    return values.var(ddof=1)


def _noise_over_all(theta, noise):
    """The density of the noise over that of all genes, at each gene."""
    grid = np.linspace(min(theta.min(), noise.min()), max(theta.max(), noise.max()), POINTS)
    noise_density, density = (np.interp(theta, grid, _density(values, grid)) for values in (noise, theta))
    return noise_density / density


def _density(values, grid):
    """A Gaussian kernel density on a grid: values shared out between the points of a finer one, then smoothed."""
    quartiles = np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.34
    width = SMOOTHER * 0.9 * min(values.std(ddof=1), quartiles) * len(values) ** -0.2
    finer = np.linspace(grid[0] - REACH * width, grid[-1] + REACH * width, FINER)
    step = finer[1] - finer[0]
    place = (values - finer[0]) / step
    left = place.astype(int)
    weights = np.bincount(left, 1 - (place - left), FINER) + np.bincount(left + 1, place - left, FINER)
    away = step * np.arange(-FINER + 1, FINER) / width
    kernel = np.exp(-(away**2) / 2) / (width * np.sqrt(2 * np.pi) * len(values))
    return np.interp(grid, finer, np.maximum(signal.fftconvolve(weights, kernel, mode="same"), 0))
