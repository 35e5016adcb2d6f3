"""Fold changes drawn towards zero by what all genes show: the largest of many estimates are too large.

Stephens 2017, doi:10.1093/biostatistics/kxw041: effects come from one distribution with its peak at zero, a mixture of
normal ones whose weights are estimated from all genes; each gene's own effect follows by Bayes' rule.
"""

import numpy as np
import pandas as pd
from scipy import linalg, optimize, stats

STEPS = 100  # of the search for the weights; a dozen is usual
ENOUGH = 1e-9  # what a step must still gain per gene in log-likelihood
FEWEST = 20  # genes, from which a distribution of effects can be learned
LARGEST = 37.0  # standard errors from zero: beyond, a p-value is too small for a number


def shrink_fold_changes(table: pd.DataFrame) -> pd.DataFrame:
    """Add fold changes that are drawn towards zero, more the less certain they are.

    Genes are listed because their estimate is large, and it is large in part by luck: the estimates at the top of a
    list are too large on average. What is drawn towards zero here is right on average, also for the genes that one
    picks by it, as long as the effects of the genes have one distribution with its peak at zero. Use it to plot and to
    plan; tests and their p-values stay as they are.

    Parameters
    ----------
    table : pandas.DataFrame
        The result of `helpers.counts.quasi_likelihood`, `voom`, `deseq2` or another method with p-values of no change
        (`lfc=0`).

    Returns
    -------
    pandas.DataFrame
        The same rows with ``shrunken_log2_fold_change`` and ``posterior_sd`` (log2 units), the mean and the standard
        deviation of the gene's effect given its data; NaN where a gene was not tested. Each term has a distribution of
        effects of its own.

    Raises
    ------
    ValueError
        The columns are not there, fewer than 20 genes were tested, or the table was tested against a threshold.

    Notes
    -----
    A gene's standard error is that which gives its p-value to a normal deviate, so that few degrees of freedom count
    as uncertainty.
    """
    needed = ["term", "log2_fold_change", "p_value", "statistic"]
    if not isinstance(table, pd.DataFrame) or not set(needed) <= set(table.columns):
        raise ValueError(
            f"table must be the result of a test of many genes, with the columns {', '.join(needed)}. Pass what"
            " quasi_likelihood or voom returned."
        )
    result = table.assign(shrunken_log2_fold_change=np.nan, posterior_sd=np.nan)
    for term, rows in table.groupby("term", sort=False):
        tested = rows[rows["p_value"].notna()]
        if len(tested) < FEWEST:
            raise ValueError(f"{term!r} was tested in {len(tested)} genes; at least {FEWEST} are needed.")
        effect = tested["log2_fold_change"].to_numpy(float)
        if ((tested["statistic"] == 0) & (effect != 0)).any():
            raise ValueError(
                f"The test of {term!r} was against a threshold (lfc=): its p-values do not tell how certain the fold"
                " changes are. Pass the table of the test with lfc=0."
            )
        mean, sd = posterior(effect, _standard_errors(effect, tested["p_value"].to_numpy(float)))
        result.loc[tested.index, ["shrunken_log2_fold_change", "posterior_sd"]] = np.column_stack([mean, sd])
    return result


def _standard_errors(effect, p_value):
    deviate = np.minimum(stats.norm.isf(p_value / 2), LARGEST)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(effect == 0, np.inf, np.abs(effect) / deviate)


def posterior(effect: np.ndarray, std_error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each effect given its estimate.

    Parameters
    ----------
    effect, std_error : numpy.ndarray, shape (n,)
        Estimates; a standard error may be infinite, and then tells nothing.

    Returns
    -------
    mean, sd : numpy.ndarray, shape (n,)
    """
    known = np.isfinite(std_error) & (std_error > 0)
    spreads = _spreads(effect[known], std_error[known])
    total = std_error[known, None] ** 2 + spreads**2
    logs = stats.norm.logpdf(effect[known, None], scale=np.sqrt(total))
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights = mixture_weights(likelihood)
    share = likelihood * weights
    share /= share.sum(axis=1, keepdims=True)
    kept = spreads**2 / total
    mean, variance = np.zeros(len(effect)), np.full(len(effect), weights @ spreads**2)
    each = kept * effect[known, None]
    mean[known] = np.sum(share * each, axis=1)
    variance[known] = np.sum(share * (kept * std_error[known, None] ** 2 + each**2), axis=1) - mean[known] ** 2
    return mean, np.sqrt(np.maximum(variance, 0))


def _spreads(effect, std_error):
    """Standard deviations of the mixture's parts: zero, then from a tenth of the smallest error up by √2."""
    low = std_error.min() / 10
    high = 2 * np.sqrt(max(np.max(effect**2 - std_error**2), (4 * low) ** 2))
    return np.concatenate([[0.0], low * np.sqrt(2) ** np.arange(np.ceil(2 * np.log2(high / low)) + 1)])


def mixture_weights(likelihood: np.ndarray) -> np.ndarray:
    """The weights of a mixture by maximum likelihood, which is concave in them.

    Parameters
    ----------
    likelihood : numpy.ndarray, shape (n, k)
        Of every observation under every part.

    Returns
    -------
    numpy.ndarray, shape (k,)
        0 or above, summing to 1.

    Notes
    -----
    Sequential quadratic programming (Kim, Carbonetto, Stephens & Anitescu 2020, doi:10.1080/10618600.2019.1689985); the
    sum of the weights comes into the likelihood as a penalty, under which it is 1 at the optimum. Each quadratic
    problem with weights of 0 or above is one of non-negative least squares.
    """
    n, k = likelihood.shape
    weights = np.full(k, 1 / k)

    def value(weights):
        return np.log(likelihood @ weights).mean() - weights.sum()

    now = value(weights)
    for _ in range(STEPS):
        relative = likelihood / (likelihood @ weights)[:, None]
        hessian = relative.T @ relative / n
        root = linalg.cholesky(hessian + 1e-10 * np.trace(hessian) * np.eye(k))  # neighbouring parts are nearly alike
        goal = linalg.solve_triangular(root, 2 * relative.mean(axis=0) - 1, trans="T")
        step = optimize.nnls(root, goal)[0] - weights
        length = 1.0
        while (after := value(weights + length * step)) < now and length > 1e-6:
            length /= 2
        if after - now < ENOUGH:
            return weights / weights.sum()
        weights, now = weights + length * step, after
    raise RuntimeError("The distribution of the effects was not found. Leave genes with very few reads out.")
