"""Samples that belong together: one correlation within blocks, shared by all genes. Arrays in, arrays out.

Smyth, Michaud & Scott 2005, doi:10.1093/bioinformatics/bti270: each gene's correlation by REML, their consensus a
trimmed mean on the scale of Fisher's z, then generalised least squares with that one correlation. With precision
weights w, it is √w·y whose samples correlate.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import elementwise

TRIM = 0.15  # share of the genes' correlations left out at each end of their order
MARGIN = 0.01  # how close a correlation may come to what the largest block allows, and to 1
PLACES = 12  # on either side of 0, where the slope of the likelihood is looked at


@dataclass(frozen=True, eq=False)
class BlockProducts:
    """Cross products of every gene's columns [X, y], in all samples and by the size of their block.

    Attributes
    ----------
    total : numpy.ndarray, shape (n_genes, p + 1, p + 1)
        Sums over samples.
    sizes : numpy.ndarray, shape (k,)
        The different sizes of blocks.
    between : numpy.ndarray, shape (k, n_genes, p + 1, p + 1)
        Cross products of the blocks' sums, added up over blocks of one size.
    n_blocks : numpy.ndarray, shape (k,)
        How many blocks have that size.
    """

    total: np.ndarray
    sizes: np.ndarray
    between: np.ndarray
    n_blocks: np.ndarray

    @classmethod
    def of(cls, y, X, codes, weights=None):
        """From outcomes (n_genes, n), columns (n, p), the block of each sample as a number, weights (n_genes, n)."""
        root = np.ones_like(y) if weights is None else np.sqrt(weights)
        columns = np.concatenate([root[:, :, None] * X, (root * y)[:, :, None]], axis=2)
        size_of = np.bincount(codes)
        sums = np.stack([columns[:, codes == block].sum(axis=1) for block in range(len(size_of))], axis=1)
        sizes, n_blocks = np.unique(size_of, return_counts=True)
        between = [_squares(sums[:, size_of == size]) for size in sizes]
        return cls(_squares(columns), sizes, np.stack(between), n_blocks)

    @property
    def n_samples(self):
        """How many samples there are."""
        return int(self.sizes @ self.n_blocks)

    @property
    def lowest(self):
        """The lowest correlation that the search allows: none is below −1/(size − 1) in a block."""
        return 1 / (1 - self.sizes.max()) + MARGIN

    def whitened(self, correlation, genes=slice(None)):
        """[X, y]'R⁻¹[X, y] of each gene, and how it changes with the correlation.

        R⁻¹ of a block of size m is I/(1 − ρ) but for a constant ρ/((1 − ρ)(1 + (m − 1)ρ)) in all its entries.

        Parameters
        ----------
        correlation : float or numpy.ndarray, shape (n_chosen,)
        genes : slice or numpy.ndarray, optional

        Returns
        -------
        products, change : numpy.ndarray, shape (n_chosen, p + 1, p + 1)
        """
        total, between = self.total[genes], self.between[:, genes]
        rho = np.broadcast_to(np.asarray(correlation, float), len(total))
        apart = 1 / (1 - rho)
        products, change = total * apart[:, None, None], total * (apart**2)[:, None, None]
        for size, part in zip(self.sizes, between, strict=True):
            whole = 1 / (1 + (size - 1) * rho)
            # The sum of a block's m values has the variance m(1 + (m − 1)ρ), what is left of them 1 − ρ.
            products -= ((apart - whole) / size)[:, None, None] * part
            change -= ((apart**2 + (size - 1) * whole**2) / size)[:, None, None] * part
        return products, change

    def log_determinant(self, correlation):
        """log|R| and its derivative."""
        rho = np.asarray(correlation, float)[..., None]
        whole = 1 + (self.sizes - 1) * rho
        value = (self.n_blocks * ((self.sizes - 1) * np.log1p(-rho) + np.log(whole))).sum(axis=-1)
        change = (self.n_blocks * (self.sizes - 1) * (1 / whole - 1 / (1 - rho))).sum(axis=-1)
        return value, change


def _squares(columns):
    return np.swapaxes(columns, 1, 2) @ columns


def least_squares(products, correlation):
    """Generalised least squares of every gene.

    Parameters
    ----------
    products : BlockProducts
    correlation : float

    Returns
    -------
    beta : numpy.ndarray, shape (n_genes, p)
    covariance : numpy.ndarray, shape (n_genes, p, p)
        Of beta, over σ².
    variance : numpy.ndarray, shape (n_genes,)
        σ².
    """
    whitened, _ = products.whitened(correlation)
    covariance = np.linalg.inv(whitened[:, :-1, :-1])
    beta = np.einsum("gij,gj->gi", covariance, whitened[:, :-1, -1])
    rss = whitened[:, -1, -1] - np.einsum("gi,gi->g", beta, whitened[:, :-1, -1])
    return beta, covariance, np.maximum(rss, 0) / (products.n_samples - beta.shape[1])


def restricted_likelihood(products, correlation, genes=slice(None)):
    """Each gene's REML log-likelihood at a correlation, σ² taken out of it, and its derivative.

    Parameters
    ----------
    products : BlockProducts
    correlation : float or numpy.ndarray, shape (n_chosen,)
    genes : slice or numpy.ndarray, optional

    Returns
    -------
    value, slope : numpy.ndarray, shape (n_chosen,)
    """
    whitened, change = products.whitened(correlation, genes)
    inner, cross = whitened[:, :-1, :-1], whitened[:, :-1, -1]
    df = products.n_samples - inner.shape[1]
    solved = np.linalg.solve(inner, np.concatenate([cross[:, :, None], change[:, :-1, :-1]], axis=2))
    beta, inner_change = solved[:, :, 0], np.trace(solved[:, :, 1:], axis1=1, axis2=2)
    rss = whitened[:, -1, -1] - np.einsum("gi,gi->g", beta, cross)
    contrast = np.concatenate([-beta, np.ones((len(beta), 1))], axis=1)
    rss_change = np.einsum("gi,gij,gj->g", contrast, change, contrast)
    log_r, log_r_change = products.log_determinant(correlation)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = -(df * np.log(rss) + log_r + np.linalg.slogdet(inner)[1]) / 2
        slope = -(df * rss_change / rss + log_r_change + inner_change) / 2
    return value, slope


def correlations(products):
    """The correlation within blocks by each gene's own REML, at most 0.99 and no lower than blocks allow.

    Parameters
    ----------
    products : BlockProducts

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
        NaN for a gene whose samples the columns explain to the last digit.
    """
    below, above = np.linspace(products.lowest, 0, PLACES), np.linspace(0, 1 - MARGIN, PLACES)
    grid, zero = np.concatenate([below, above[1:]]), PLACES - 1
    slopes = np.stack([restricted_likelihood(products, place)[1] for place in grid], axis=1)
    # The first maximum uphill from 0: close to its lower limit the likelihood of unequal blocks can rise without end.
    up = slopes[:, zero] > 0
    falls, rises = slopes[:, zero:] <= 0, slopes[:, zero::-1] > 0
    steps = np.where(up, falls.argmax(axis=1), rises.argmax(axis=1))
    inside = np.where(up, falls.any(axis=1), rises.any(axis=1))
    found = np.where(up, grid[-1], grid[0])
    if inside.any():
        place = np.flatnonzero(inside)
        low = np.where(up, zero + steps - 1, zero - steps)[place]
        root = elementwise.find_root(
            lambda rho, gene: restricted_likelihood(products, rho, gene.astype(int))[1],
            (grid[low], grid[low + 1]),
            args=(place.astype(float),),
            tolerances={"xatol": 1e-10, "xrtol": 0, "fatol": 0, "frtol": 0},
        )
        found[inside] = root.x
    return np.where(np.isfinite(slopes).all(axis=1), found, np.nan)


def consensus(own):
    """One correlation for all genes.

    Parameters
    ----------
    own : numpy.ndarray, shape (n_genes,)

    Returns
    -------
    float
        tanh of the mean of atanh, 15% of the genes left out at each end, and those without a correlation.
    """
    return float(np.tanh(stats.trim_mean(np.arctanh(own[np.isfinite(own)]), TRIM)))
