"""Precision weights of log counts, and the way from counts to a moderated mixed model."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.counts import voom, voom_weights
from helpers.data import load_shock_counts, load_shock_samples
from helpers.genes import fit_genes

FOLDER = Path(__file__).parent / "reference" / "counts"
FORMULA = "~ time + (1 | patient)"


@pytest.fixture(scope="module")
def counts():
    return load_shock_counts().iloc[:500]


@pytest.fixture(scope="module")
def samples():
    return load_shock_samples()


@pytest.fixture(scope="module")
def logs(counts, samples):
    return voom_weights(counts, samples, FORMULA)


def test_weights_of_mixed_models_equal_r(logs):
    theirs = pd.read_csv(FOLDER / "mixed_weights.csv.gz", index_col=0)
    np.testing.assert_allclose(logs.weights.loc[theirs.index], theirs, rtol=1e-7)


def test_mixed_models_with_these_weights_equal_lmertest(logs, samples):
    theirs = pd.read_csv(FOLDER / "mixed_weights_tests.csv")
    theirs["term"] = theirs["term"].replace({"timeT2": "time[T.T2]", "timeT3": "time[T.T3]"})
    ours = fit_genes(logs.log_cpm, samples, FORMULA, weights=logs.weights).set_index(["gene", "term"])
    ours = ours.loc[list(zip(theirs["gene"], theirs["term"], strict=True))].reset_index()
    np.testing.assert_allclose((ours["estimate"] - theirs["estimate"]) / theirs["se"], 0, atol=1e-6)
    np.testing.assert_allclose(ours["std_error"], theirs["se"], rtol=1e-6)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-5)
    np.testing.assert_allclose(ours["p_value"], theirs["p"], rtol=1e-4)
    np.testing.assert_allclose(ours["theta"], theirs["theta"], atol=1e-6)


def test_without_a_random_term_they_are_those_of_voom(counts, samples):
    plain = voom_weights(counts, samples, "~ time")
    ours = fit_genes(plain.log_cpm, samples, "~ time", weights=plain.weights, moderated=True)
    table = voom(counts, samples, "~ time")
    slopes = ours["term"] != "(Intercept)"
    assert table["gene"].tolist() == ours.loc[slopes, "gene"].tolist()
    for column in ("statistic", "p_value", "df"):
        np.testing.assert_allclose(ours.loc[slopes, column], table[column], rtol=1e-8)


def test_genes_and_samples_keep_their_names_and_order(counts, samples, logs):
    silent = counts.copy()
    silent.iloc[3] = 0
    few = voom_weights(silent.iloc[:, ::-1], samples, FORMULA)
    for table in (few.log_cpm, few.weights):
        assert table.index.tolist() == counts.index.delete(3).tolist()
        assert table.columns.tolist() == counts.columns[::-1].tolist()
    same = voom_weights(counts.iloc[:, ::-1], samples, FORMULA)
    pd.testing.assert_frame_equal(same.weights[logs.weights.columns], logs.weights, rtol=1e-5)


def test_genes_with_more_reads_weigh_more(counts, logs):
    reads = counts.mean(axis=1)
    weights = logs.weights.mean(axis=1)
    assert weights[reads > reads.quantile(0.8)].mean() > 2 * weights[reads < reads.quantile(0.2)].mean()


BAD = {
    "a random slope": (
        "~ time + (time | patient)",
        {},
        ["(1 + time | patient)", "one random intercept", "(1 | patient)"],
    ),
    "two random terms": (
        "~ 1 + (1 | patient) + (1 | time)",
        {},
        ["(1 | patient) + (1 | time)", "one random intercept"],
    ),
    "a sample without a patient": (FORMULA, {"patient": None}, ["in 1 samples, the first 'E25T1'", "drop the sample"]),
    "the patient in the fixed part, too": (
        "~ patient + (1 | patient)",
        {},
        ["every difference between levels of 'patient'", "(1 | patient)"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_designs_are_named_and_advice_given(counts, samples, name):
    formula, gaps, parts = BAD[name]
    broken = samples.astype(object)
    for column, value in gaps.items():
        broken.loc["E25T1", column] = value
    with pytest.raises(ValueError, match=r"\.$") as caught:
        voom_weights(counts, broken, formula)
    assert not [part for part in parts if part not in str(caught.value)], str(caught.value)


def test_normalised_counts_are_refused(counts, samples):
    with pytest.raises(ValueError, match="holds 10912 fractions"):
        voom_weights(counts / 3, samples, FORMULA)
