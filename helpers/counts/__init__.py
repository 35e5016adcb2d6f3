"""Models for counts: library sizes, one gene, every gene.

    from helpers.counts import quasi_likelihood, size_factors
    quasi_likelihood(counts, design, "~ urea + weight")

`counts` is genes × samples, `design` has a row per sample, and every method returns the same table
(`helpers.counts.results_table.result_table`); NOISeq, which has neither estimates nor p-values, its own.
"""

from helpers.counts.biological_noise import noiseqbio
from helpers.counts.deseq2_tests import deseq2
from helpers.counts.filtering import filter_by_expression
from helpers.counts.log_counts import voom_weights
from helpers.counts.negative_binomial_mixed import fit_negative_binomial_mixed
from helpers.counts.negative_binomial_tests import likelihood_ratio, quasi_likelihood
from helpers.counts.normalise import size_factors, tmm_factors
from helpers.counts.one_gene import fit_negative_binomial, fit_poisson
from helpers.counts.replicate_noise import noiseq
from helpers.counts.shrunken_changes import shrink_fold_changes
from helpers.counts.units import permute_within, sum_by
from helpers.counts.weighted_log_counts import voom

__all__ = [
    "deseq2",
    "filter_by_expression",
    "fit_negative_binomial",
    "fit_negative_binomial_mixed",
    "fit_poisson",
    "likelihood_ratio",
    "noiseq",
    "noiseqbio",
    "permute_within",
    "quasi_likelihood",
    "shrink_fold_changes",
    "size_factors",
    "sum_by",
    "tmm_factors",
    "voom",
    "voom_weights",
]
