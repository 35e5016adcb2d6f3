"""What a report on counts computes, against edgeR, limma and DESeq2 (tests/reference/counts/report_counts.R)."""

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT
from report_running import prepared

from helpers.counts import deseq2, filter_by_expression, likelihood_ratio, quasi_likelihood, voom
from helpers.data import load_mouse_counts, load_mouse_scores, load_shock_counts, load_shock_samples
from helpers.report.counts.count_results import by_method

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


# --- What is asked, against edgeR's contrasts -----------------------------------------------------------------------

ASKED = {
    "pairs": {"formula": "~ time", "compare": "pairwise", "block": "patient"},
    "threshold": {"formula": "~ time", "contrasts": "T3 - T1", "block": "patient", "fold_change": str(2**0.5)},
    "sites": {"formula": "~ site * time", "contrast": "time", "contrasts": "T3 - T1"},
}
NAMES = {
    "sites": {
        "T3-T1 in E": "T3 − T1, site=E",
        "T3-T1 in G": "T3 − T1, site=G",
        "T3-T1 in G-E": "T3 − T1, site=G − site=E",
    }
}


@pytest.fixture(scope="module")
def shock(tmp_path_factory):
    """Every tenth gene of shock, as files; the first letter of a patient's name stands for a site."""
    folder = tmp_path_factory.mktemp("shock")
    load_shock_counts().iloc[::10].to_csv(folder / "counts.csv")
    sheet = load_shock_samples()
    sheet.assign(site=sheet["patient"].astype(str).str[0]).to_csv(folder / "samples.csv")
    return {"data": folder / "counts.csv", "samples": folder / "samples.csv", "min_count": "300"}


@pytest.mark.parametrize("name", ASKED)
def test_contrasts_blocks_filters_and_thresholds_equal_edger(shock, name):
    theirs = pd.read_csv(REFERENCE / "report_counts.csv.gz").query("study == @name")
    study = prepared("counts", **shock, **ASKED[name])
    assert len(study.counts) == theirs["n"].iloc[0]
    ours = by_method(study, "quasi-likelihood").set_index(["term", "gene"])
    labels = NAMES.get(name, {label: label.replace("-", " − ") for label in theirs["contrast"].unique()})
    assert set(study.terms) == set(labels.values())
    rows = ours.loc[list(zip(theirs["contrast"].map(labels), theirs["gene"], strict=True))]
    np.testing.assert_allclose(rows["log2_fold_change"], theirs["log2_fold_change"], atol=1e-4)
    np.testing.assert_allclose(rows["p_value"], theirs["p_value"], rtol=5e-3, atol=1e-8)
    np.testing.assert_allclose(rows["p_adjusted"], theirs["p_adjusted"], rtol=1e-2)
