"""Every gene fitted, piece by piece: which model serves which genes, and what comes of those that none serves."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from tqdm import tqdm

from helpers.design.identified import explained_by_fixed_part
from helpers.genes import unusable
from helpers.genes.core.least_squares import least_squares
from helpers.genes.core.optimum import lowest
from helpers.genes.core.own import Own
from helpers.genes.core.shared import Shared, shared_design
from helpers.genes.moderated import of_both_variances, of_the_residual_variance
from helpers.mixed.reml import SINGULAR

NUMBERS_AT_ONCE = 40_000  # values in a piece of genes: what is made of them fits into a processor's cache
PATIENCE = 2  # seconds without a progress bar
NOT_REACHED = "no optimum: the residual variance runs to zero"


@dataclass(frozen=True, eq=False)
class Samples:
    """What the genes share.

    Attributes
    ----------
    x : (rows, p)
        Of full rank.
    names : tuple of str
        Of its columns.
    codes : (rows,) int, or None
        The group of each row; None without a random intercept.
    group : str
        What the groups are called.
    """

    x: np.ndarray
    names: tuple[str, ...]
    codes: np.ndarray | None
    group: str = ""


class Results:
    """Tests of k contrasts in n genes; NaN where there is a reason.

    Attributes
    ----------
    mixed, moderated : bool
    estimate, std_error, df : (n, k)
    sigma, theta, deviance : (n,)
        θ is τ/σ; the deviance is lme4's REML criterion. Without a random intercept both stay NaN.
    residual_df : (n,)
        Rows minus coefficients.
    within, df_within, df_between, scale : (n,)
        With a random intercept: the residual sum of squares of the fixed part and the groups, its degrees of freedom,
        those of the groups beyond the fixed part, and the size (sum of weights) of the largest group.
    sigma_moderated : (n,)
        NaN without moderation.
    reason : (n,) str
        Empty for a gene that was fitted.
    """

    def __init__(self, n, k, mixed, moderated):
        self.mixed, self.moderated = mixed, moderated
        self.estimate, self.std_error, self.df = np.full((3, n, k), np.nan)
        self.sigma, self.theta, self.deviance, self.residual_df, self.sigma_moderated = np.full((5, n), np.nan)
        self.within, self.df_within, self.df_between, self.scale = np.full((4, n), np.nan)
        self.reason = np.full(n, "", dtype=object)

    @property
    def is_singular(self):
        """Whether the variance between groups is at zero (lme4's isSingular)."""
        return self.theta < SINGULAR

    def write(self, genes, estimate, std_error, df):
        """Enter tests, each array (k, genes)."""
        self.estimate[genes], self.std_error[genes], self.df[genes] = estimate.T, std_error.T, df.T

    def lose(self, genes, reason):
        """Take out the numbers of genes, and say why."""
        self.reason[genes] = reason
        for array in (self.estimate, self.std_error, self.df, self.sigma, self.theta, self.deviance):
            array[genes] = np.nan


def fit_all(y, weights, samples, contrasts, ddf, moderated=False):
    """Fit every gene.

    Parameters
    ----------
    y : (n, rows)
        NaN where missing.
    weights : (n, rows), or None
        Inverse variances up to a factor per gene.
    samples : Samples
    contrasts : (k, p)
        Of the coefficients on `samples.x`.
    ddf : {"satterthwaite", "kenward-roger", "normal"}
    moderated : bool

    Returns
    -------
    Results

    Raises
    ------
    ValueError
        The fixed part leaves no variance within groups.
    """
    q, r = np.linalg.qr(samples.x)
    contrasts = linalg.solve_triangular(r, contrasts.T, trans="T").T  # of the coefficients on Q
    model = LeastSquaresModel(q) if samples.codes is None else MixedModel(samples, q, r)
    results = Results(len(y), len(contrasts), mixed=samples.codes is not None, moderated=moderated)
    with tqdm(total=len(y), unit="gene", delay=PATIENCE, leave=False) as bar:
        for genes, own in _pieces(y, weights, len(q)):
            kept, values = np.ones(len(genes), dtype=bool), y[genes]
            if own is not None:
                found = unusable.by_pattern(values, own, q, samples)
                results.reason[genes], kept = found.texts, found.good
            _fit(model, results, genes[kept], values[kept], None if own is None else own[kept], contrasts, ddf)
            bar.update(len(genes))
    if moderated and results.mixed:
        of_both_variances(results, lambda: _again(model, results, y, weights, len(q)), contrasts, ddf)
    elif moderated:
        of_the_residual_variance(results, ddf)
    return results


def _pieces(y, weights, rows):
    """Genes to be fitted together, and their weights: None where every sample is there and counts the same."""
    size = max(1, NUMBERS_AT_ONCE // rows)
    complete = ~np.isnan(y).any(axis=1) if weights is None else np.zeros(len(y), dtype=bool)
    for whole in (True, False):
        genes = np.flatnonzero(complete == whole)
        for piece in (genes[start : start + size] for start in range(0, len(genes), size)):
            equal = None if whole else np.ones((len(piece), y.shape[1]))
            yield piece, equal if weights is None else weights[piece]


def _again(model, results, y, weights, rows):
    """The genes that were fitted, reduced once more: which, and what their model needs."""
    for genes, own in _pieces(y, weights, rows):
        kept = results.reason[genes] == ""
        if kept.any():
            yield genes[kept], model.reduced(y[genes[kept]], None if own is None else own[kept])


def _fit(model, results, genes, y, weights, contrasts, ddf):
    """Fit genes with enough values, and enter what comes of it."""
    if not len(genes):
        return
    fitted, found = model.prepared(y, weights)
    results.reason[genes] = found.texts
    if not found.good.all():
        good = found.good
        _fit(model, results, genes[good], y[good], None if weights is None else weights[good], contrasts, ddf)
        return
    model.enter(results, genes, fitted, contrasts, ddf)


class LeastSquaresModel:
    """The fixed part alone."""

    def __init__(self, q):
        self.q = q

    def prepared(self, y, weights):
        """The fits, and which genes are beyond them."""
        fitted = least_squares(self.q, y, weights)
        return fitted, unusable.by_values(y, fitted)

    def enter(self, results, genes, fitted, contrasts, ddf):
        """Enter the fits."""
        estimate, std_error, df = fitted.tests(contrasts)
        results.write(genes, estimate, std_error, np.full_like(df, np.inf) if ddf == "normal" else df)
        results.sigma[genes] = np.sqrt(fitted.total / fitted.nu)
        results.residual_df[genes] = fitted.nu


class MixedModel:
    """The fixed part and one random intercept."""

    def __init__(self, samples, q, r):
        self.codes, self.group = samples.codes, samples.group
        self.design = shared_design(q, r, samples.codes)
        if self.design.df_within < 1:  # `refuse_unidentified` has seen to the differences between groups
            raise ValueError(
                f"{explained_by_fixed_part('within', self.group)}: no residual variance is left to estimate. Take "
                f"columns out of the fixed part, or (1 | {self.group}) out of the formula."
            )

    def prepared(self, y, weights):
        """The genes reduced to sums, and which of them cannot be fitted."""
        reduced = self.reduced(y, weights)
        return reduced, unusable.by_groups(unusable.by_values(y, reduced.ols), reduced, self.group)

    def reduced(self, y, weights):
        """The genes reduced to sums."""
        if weights is None:
            return Shared(self.design, y)
        return Own(self.design.q, self.design.log_det_r, self.codes, y, weights)

    def enter(self, results, genes, fitted, contrasts, ddf):
        """Find the optimum, and enter what is there."""
        lam, reached = lowest(fitted)
        state = fitted.state(lam)
        results.write(genes, *state.tests(contrasts, ddf))
        results.sigma[genes], results.theta[genes] = np.sqrt(state.sigma2), np.sqrt(lam)
        results.deviance[genes], results.residual_df[genes] = state.deviance, state.nu
        results.within[genes], results.df_within[genes] = fitted.within, fitted.df_within
        results.df_between[genes], results.scale[genes] = fitted.df_between, fitted.scale
        results.lose(genes[~reached], NOT_REACHED)
