"""What a report on counts computes, against edgeR, limma and DESeq2 (tests/reference/counts/report_counts.R)."""

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT

from helpers.counts import deseq2, filter_by_expression, likelihood_ratio, quasi_likelihood, voom
from helpers.data import load_mouse_counts, load_mouse_scores

REFERENCE = ROOT / "tests" / "reference" / "counts"


@pytest.fixture(scope="module")
def dispersions():
    return pd.read_csv(REFERENCE / "report_dispersions.csv.gz", index_col="gene")


@pytest.fixture(scope="module")
def mice():
    counts, samples = load_mouse_counts(), load_mouse_scores().set_index("animal")
    return counts[filter_by_expression(counts, samples, group="group")], samples


def of(table, genes):
    """A row per gene; what a gene scatters is the same for each of its terms."""
    return table.drop_duplicates("gene").set_index("gene").loc[genes]


def test_dispersions_of_edger_before_and_after_they_are_drawn_to_the_trend(mice, dispersions):
    ours = of(likelihood_ratio(*mice, "~ group"), dispersions.index)
    at_the_edge = dispersions["own"] < 1e-3  # of the grid, where edgeR's maximum has few digits
    assert at_the_edge.mean() < 0.1
    off = (ours["own_dispersion"] / dispersions["own"] - 1).abs()[~at_the_edge]
    assert off.max() < 2e-3
    np.testing.assert_allclose(ours["trend_dispersion"], dispersions["trend"], rtol=1e-3)
    np.testing.assert_allclose(ours["dispersion"], dispersions["moderated"], rtol=2e-3)


def test_quasi_likelihood_variances_of_edger_before_and_after(mice, dispersions):
    ours = of(quasi_likelihood(*mice, "~ group"), dispersions.index)
    np.testing.assert_allclose(ours["own_variance"], dispersions["own_variance"], rtol=1e-3)
    np.testing.assert_allclose(ours["variance"], dispersions["variance"], rtol=1e-3)
    assert (ours["own_dispersion"] / dispersions["own"] - 1).abs().median() < 1e-3


def test_residual_variances_of_limma_before_and_after(mice, dispersions):
    ours = of(voom(*mice, "~ group"), dispersions.index)
    np.testing.assert_allclose(ours["own_variance"], dispersions["voom_own"], rtol=1e-6)
    np.testing.assert_allclose(ours["variance"], dispersions["voom"], rtol=1e-6)


def test_dispersions_of_deseq2_by_the_gene_by_the_curve_and_as_used(mice, dispersions):
    ours = of(deseq2(*mice, "~ group"), dispersions.index)
    np.testing.assert_allclose(ours["trend_dispersion"], dispersions["deseq2_trend"], rtol=1e-3)
    np.testing.assert_allclose(ours["dispersion"], dispersions["deseq2"], rtol=1e-3)
    seen = dispersions["deseq2_own"] > 1e-6
    np.testing.assert_allclose(ours["own_dispersion"][seen], dispersions["deseq2_own"][seen], rtol=1e-3)
