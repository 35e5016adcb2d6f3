"""How much counts scatter beyond Poisson: negative-binomial dispersions of all genes, smoothed along the mean.

Cox–Reid adjusted profile likelihoods of every gene on a grid of dispersions are averaged over all genes (common), over
genes of similar mean (trend), or mixed with a gene's own (moderated): McCarthy, Chen & Smyth 2012,
doi:10.1093/nar/gks042; Chen, Lun & Smyth 2016, doi:10.12688/f1000research.8987.2.
"""

from dataclasses import dataclass

import numpy as np
from scipy import interpolate

from helpers.counts import glm
from helpers.moderation.trend import squeeze_to_trend

GRID = np.linspace(-10, 10, 21)  # log2 of the dispersion over 0.1
CENTRE = 0.1
FIRST_GUESS = 0.05  # a usual dispersion, good enough to tell which means are zero, and to average log counts
FEWEST_READS = 5  # genes with fewer in all tell nothing on the dispersion
MEAN_PRIOR, CHANGE_PRIOR = 2.0, 0.125  # reads added so that logarithms stay finite; edgeR's choices
WIDEST = 0.8  # the distance, relative to the reach of neighbours, over which averages may be interpolated


@dataclass(frozen=True)
class Dispersions:
    """Dispersions α of all genes; variance = mean + α·mean².

    Attributes
    ----------
    common : float
    abundance : numpy.ndarray, shape (n_genes,)
        Mean log2 counts per million, what the trend runs along.
    trend : numpy.ndarray, shape (n_genes,)
    own : numpy.ndarray, shape (n_genes,)
        Each gene's by itself; NaN for a gene with too few reads to tell.
    moderated : numpy.ndarray, shape (n_genes,)
        Each gene's own, drawn to the trend.
    prior_df : float
        How strongly it was drawn: degrees of freedom.
    """

    common: float
    abundance: np.ndarray
    trend: np.ndarray
    own: np.ndarray
    moderated: np.ndarray
    prior_df: float


def with_prior(counts: np.ndarray, sizes: np.ndarray, prior: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts and log library sizes with reads added in proportion to the library."""
    added = prior * sizes / sizes.mean()
    return counts + added, np.log(sizes + 2 * added)


def mean_log_cpm(counts: np.ndarray, sizes: np.ndarray, dispersion: float = FIRST_GUESS) -> np.ndarray:
    """Mean log2 counts per million of each gene, by a negative-binomial model with one mean.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    sizes : numpy.ndarray, shape (n_samples,)
        Library sizes.
    dispersion : float

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
    """
    raised, offset = with_prior(counts, sizes, MEAN_PRIOR)
    beta = glm.fit(raised, np.ones((len(sizes), 1)), offset, dispersion).beta[:, 0]
    return (beta + np.log(1e6)) / np.log(2)


def estimate_dispersions(counts: np.ndarray, X: np.ndarray, sizes: np.ndarray) -> Dispersions:
    """Common, trended and moderated dispersions.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    X : numpy.ndarray, shape (n_samples, p)
    sizes : numpy.ndarray, shape (n_samples,)
        Library sizes, corrected by TMM.

    Returns
    -------
    Dispersions

    Raises
    ------
    ValueError
        No gene has enough reads.
    """
    used = counts.sum(axis=1) >= FEWEST_READS
    if used.sum() < 3:
        raise ValueError(
            f"{used.sum()} genes have {FEWEST_READS} reads or more; at least 3 are needed to learn a dispersion from."
            " Pass more genes, or test one gene with fit_negative_binomial."
        )
    y, offset = counts[used], np.log(sizes)
    own = profile_likelihoods(y, X, offset)
    common = float(_maxima(own.mean(axis=0)[None])[0])
    abundance = mean_log_cpm(counts, sizes, common)
    along = abundance[used]
    shared = smooth(own, along)
    trend = _maxima(shared)
    prior_df = _prior_df(y, X, offset, trend, along)
    weight = prior_df / (len(X) - X.shape[1])
    moderated = trend if np.isinf(weight) else _maxima(own + weight * shared)
    alone = np.full(len(used), np.nan)
    alone[used] = np.where(own.any(axis=1), _maxima(own), np.nan)
    return Dispersions(
        common,
        abundance,
        trend=_fill(trend, used, abundance, trend),
        own=alone,
        moderated=_fill(moderated, used, abundance, trend),
        prior_df=prior_df,
    )


def profile_likelihoods(counts: np.ndarray, X: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Cox–Reid adjusted profile log-likelihood of each gene at each dispersion of the grid.

    Returns
    -------
    numpy.ndarray, shape (n_genes, len(GRID))
        0 throughout for a gene whose counts leave no residual degrees of freedom.
    """
    first = glm.fit(counts, X, offset, FIRST_GUESS)
    result = np.zeros((len(counts), len(GRID)))
    for pattern, genes in glm.informative_patterns(counts, first.mean):
        columns = _independent(X[pattern])
        if pattern.sum() <= columns.shape[1]:
            continue
        y, start = counts[np.ix_(genes, pattern)], None
        for place, alpha in enumerate(CENTRE * 2**GRID):
            fits = glm.fit(y, columns, offset[pattern], alpha, start)
            start = fits.beta
            _, size = np.linalg.slogdet(glm.information(columns, fits.mean, alpha))
            result[genes, place] = glm.log_likelihood(y, fits.mean, alpha) - size / 2
    return result


def _independent(X):
    """As many orthonormal columns as the rows of X span."""
    left, values, _ = np.linalg.svd(X, full_matrices=False)
    return left[:, values > 1e-10 * values.max(initial=0)]


def smooth(values: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Average curves over neighbours, tricube weights: a local constant regression.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_genes, k)
    along : numpy.ndarray, shape (n_genes,)

    Returns
    -------
    numpy.ndarray, shape (n_genes, k)

    Notes
    -----
    The nearest neighbours are a share 0.25 + 0.75·√(50/n) of the n genes, all of up to 50. As in Loader's locfit
    (*Local Regression and Likelihood*, 1999, doi:10.1007/b98858), the average is taken at the ends, and halfway between
    two places as long as they lie further apart than 0.8 of what their neighbours reach; in between it is interpolated
    linearly.
    """
    n = len(along)
    span = 1.0 if n <= 50 else 0.25 + 0.75 * np.sqrt(50 / n)
    neighbours = max(1, int(n * span + 1e-5))
    order = np.argsort(along, kind="stable")
    x, curves = along[order], values[order]
    found = {end: _local_mean(x, curves, end, neighbours) for end in (x[0], x[-1])}
    cells = [(x[0], x[-1])] if x[-1] > x[0] else []
    while cells:
        low, high = cells.pop()
        if high - low > WIDEST * min(found[low][1], found[high][1]):
            middle = (low + high) / 2
            found[middle] = _local_mean(x, curves, middle, neighbours)
            cells += [(low, middle), (middle, high)]
    places = np.array(sorted(found))
    means = np.array([found[place][0] for place in places])
    cell = np.clip(np.searchsorted(places, along, side="right") - 1, 0, max(len(places) - 2, 0))
    following = np.minimum(cell + 1, len(places) - 1)
    share = (along - places[cell]) / np.where(following > cell, places[following] - places[cell], 1)
    return means[cell] + share[:, None] * (means[following] - means[cell])


def _local_mean(x, curves, place, neighbours):
    """The weighted mean at one place, and how far its neighbours reach; x is sorted."""
    right = np.searchsorted(x, place)
    low, high = max(0, right - neighbours), min(len(x), right + neighbours)
    distance = np.abs(x[low:high] - place)
    reach = np.partition(distance, neighbours - 1)[neighbours - 1]
    if reach == 0:
        return curves[low:high][distance == 0].mean(axis=0), np.inf
    weights = np.maximum(1 - (distance / reach) ** 3, 0) ** 3
    return weights @ curves[low:high] / weights.sum(), reach


def _maxima(curves):
    """The dispersions at which curves over the grid are highest, between the points of the grid by cubic splines."""
    spline = interpolate.CubicSpline(GRID, curves, axis=1)
    top = curves.argmax(axis=1)
    best, height = GRID[top].copy(), curves.max(axis=1)
    for segment in (top - 1, top):
        at = np.clip(segment, 0, len(GRID) - 2)
        cubic, square, line, _ = (spline.c[power, at, np.arange(len(curves))] for power in range(4))
        with np.errstate(divide="ignore", invalid="ignore"):
            root = np.sqrt(square**2 - 3 * cubic * line)
            shift = -line / (square - root)  # of the two roots, the maximum
        inside = np.isfinite(shift) & (shift >= 0) & (shift <= GRID[1] - GRID[0])
        shift = np.where(inside, shift, 0)
        value = curves[np.arange(len(curves)), at] + shift * (line + shift * (square + shift * cubic))
        better = inside & (value > height)
        best[better], height[better] = (GRID[at] + shift)[better], value[better]
    return CENTRE * 2**best


def _prior_df(y, X, offset, trend, along):
    """How alike genes of one mean are: from quasi-likelihood variances about the trend."""
    mean = glm.fit(y, X, offset, trend).mean
    df = glm.residual_df(y, mean, X)
    variance = glm.deviance(y, mean, trend) / np.maximum(df, 1)
    return squeeze_to_trend(np.where(df > 0, variance, 0.0), df, along).prior_df


def _fill(values, used, abundance, trend):
    """Genes with too few reads get the trend at the lowest mean that has one."""
    filled = np.full(len(used), trend[abundance[used].argmin()])
    filled[used] = values
    return filled
