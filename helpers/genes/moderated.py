"""Every gene's variances drawn to those of the others, once all are fitted."""

import numpy as np

from helpers.genes.core.shared_variances import Paths, Prior, paths, posterior, ratios, shares
from helpers.moderation.variances import squeeze_variances


def of_the_residual_variance(results, ddf):
    """Replace each gene's variance by its posterior mean; its degrees of freedom grow by the prior's (limma).

    They stay below those of all genes together, for no more is known of any variance.
    """
    fitted = results.reason == ""
    df = results.residual_df[fitted]
    variances, prior_df, _ = squeeze_variances(results.sigma[fitted] ** 2, df)
    results.sigma_moderated[fitted] = np.sqrt(variances)
    results.std_error *= (results.sigma_moderated / results.sigma)[:, None]
    if ddf != "normal":
        results.df[fitted] = np.minimum(df + prior_df, df.sum())[:, None]


def of_both_variances(results, reduced, contrasts, ddf):
    """Test anew with what all genes say about the residual variance and about the one between groups.

    Parameters
    ----------
    results : helpers.genes.fitting.Results
        Of every gene on its own.
    reduced : callable
        Gives pairs of genes (places in the results) and their model, as `helpers.genes.core.shared_variances.paths`
        takes it.
    contrasts : (k, p)
        Of the coefficients on Q.
    ddf : {"satterthwaite", "normal"}
    """
    fitted = results.reason == ""
    df = results.df_within[fitted]
    _, prior_df, prior_variance = squeeze_variances(results.within[fitted] / df, df)
    values = ratios(np.median(results.scale[fitted]), np.median(results.df_between[fitted]))
    prior = Prior(prior_df, prior_variance, values)
    found: list[tuple[np.ndarray, Paths]] = [(genes, paths(model, prior, contrasts)) for genes, model in reduced()]
    width = 1 + max(path.point.max() for _, path in found)
    share = shares(np.concatenate([path.likelihood(len(genes), width) for genes, path in found]))
    most = results.residual_df[fitted].sum()
    for genes, path in found:
        test = posterior(path, share, prior, results.residual_df[genes])
        degrees = np.full_like(test.df, np.inf) if ddf == "normal" else np.minimum(test.df, most)
        results.write(genes, test.estimate, test.std_error, degrees)
        results.sigma_moderated[genes] = np.sqrt(test.variance)
