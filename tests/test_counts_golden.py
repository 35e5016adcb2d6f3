"""`helpers.counts` against edgeR, limma, DESeq2, NOISeq, glmmTMB, MASS: the numbers under `tests/reference/counts`.

What differs from R on purpose stands in `tests/reference/differences.md`.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.counts import (
    deseq2,
    fit_negative_binomial,
    fit_negative_binomial_mixed,
    fit_poisson,
    glm,
    likelihood_ratio,
    noiseq,
    quasi_likelihood,
    size_factors,
    tmm_factors,
    voom,
)
from helpers.counts.results_table import adjusted

FOLDER = Path(__file__).parent / "reference" / "counts"
FORMULA = "~ urea_z + weight_z"
COVARIATES = ["urea", "weight"]
STOPPED_EARLY = "g03674"  # edgeR did not reach the optimum of this gene


def table(name):
    return pd.read_csv(FOLDER / name, index_col=0)


def printed(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def z(values):
    return (values - values.mean()) / values.std()


def of(result, covariate):
    return result[result["term"] == f"{covariate}_z"].set_index("gene")


@pytest.fixture(scope="module")
def counts():
    return table("counts_10k.csv.gz")


@pytest.fixture(scope="module")
def design():
    animals = table("counts_design.csv")
    return animals.assign(urea_z=z(animals["urea"]), weight_z=z(animals["weight"]))


# --- Library sizes --------------------------------------------------------------------------------------------------


def test_size_factors_equal_deseq2(counts):
    theirs = pd.Series(printed("deseq2_out.json")["sizeFactors"])
    np.testing.assert_allclose(size_factors(counts)[theirs.index], theirs, rtol=1e-10)


def test_tmm_factors_equal_edger(counts):
    theirs = pd.Series(printed("edger_out.json")["norm.factors"])
    np.testing.assert_allclose(tmm_factors(counts)[theirs.index], theirs, rtol=1e-10)
    by_size = size_factors(counts, method="tmm") / counts.sum()
    np.testing.assert_allclose(by_size / np.exp(np.log(by_size).mean()), theirs, rtol=1e-10)


# --- edgeR ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ours_ql(counts, design):
    return quasi_likelihood(counts, design, FORMULA)


@pytest.mark.parametrize("covariate", COVARIATES)
def test_quasi_likelihood_equals_edger(ours_ql, covariate):
    theirs, ours = table("edger_out.csv.gz"), of(ours_ql, covariate)
    assert (ours["reason"] == np.where(ours["p_value"].isna(), "all counts are zero", "")).all()
    compared = ours["p_value"].notna() & (ours.index != STOPPED_EARLY)
    assert compared.sum() == 10_000 - 27 - 1
    ours, theirs = ours[compared], theirs[compared]
    f = theirs[f"F_{covariate}"]
    np.testing.assert_allclose(ours["statistic"][f > 1], f[f > 1], rtol=1e-3)
    np.testing.assert_allclose(ours["p_value"], theirs[f"p_{covariate}"], rtol=0, atol=1e-3)
    np.testing.assert_allclose(ours["df"], theirs["df.residual.zeros"] + printed("edger_out.json")["df.prior"], 1e-5)
    np.testing.assert_allclose(ours["dispersion"], theirs["trended.disp"], rtol=1e-3)
    off = (ours["gene_dispersion"] / theirs["tagwise.disp"] - 1).abs()
    assert (off > 2e-4).sum() <= 2  # edgeR stops early at these
    assert off.max() < 3e-3
    np.testing.assert_allclose(ours["variance"], theirs["var.post"], rtol=1e-3)
    np.testing.assert_allclose(ours["log2_fold_change"], theirs[f"logFC_{covariate}"], rtol=0, atol=0.01)


@pytest.mark.parametrize(("covariate", "numbers"), [("urea", (505, 569)), ("weight", (441, 509))])
def test_quasi_likelihood_calls_the_genes_that_edger_calls(ours_ql, covariate, numbers):
    # edgeR adjusts over genes without reads, too: p = 1 for each of the 27.
    ours = adjusted(of(ours_ql, covariate)["p_value"].fillna(1).to_numpy())
    theirs = adjusted(table("edger_out.csv.gz")[f"p_{covariate}"].to_numpy())
    for level, number in zip((0.05, 0.1), numbers, strict=True):
        assert (ours < level).sum() == number
        assert ((ours < level) == (theirs < level)).all()


def test_gene_left_out_differs_because_edger_stopped_above_the_optimum(counts, design):
    theirs = table("edger_out.csv.gz").loc[STOPPED_EARLY]
    X = np.column_stack([np.ones(10), design["urea_z"], design["weight_z"]])
    offset = np.log(counts.sum() * tmm_factors(counts)).to_numpy()
    y, alpha = counts.loc[[STOPPED_EARLY]].to_numpy(float), theirs["trended.disp"]
    ours = glm.deviance(y, glm.fit(y, X, offset, alpha).mean, alpha)[0]
    assert 1e-3 < theirs["deviance"] - ours < 1e-2


@pytest.mark.parametrize("covariate", COVARIATES)
def test_likelihood_ratio_equals_edger(counts, design, covariate):
    theirs = table("voom_out.csv.gz")
    ours = of(likelihood_ratio(counts, design, FORMULA, terms=f"{covariate}_z"), covariate).loc[theirs.index]
    off = (ours["p_value"] - theirs[f"lr_p_{covariate}"]).abs()
    assert (off >= 1e-3).sum() <= 1  # edgeR stops early at one of these
    assert off.max() < 3e-3


# --- limma ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("covariate", COVARIATES)
def test_voom_equals_limma(counts, design, covariate):
    theirs, summary = table("voom_out.csv.gz"), printed("voom_out.json")
    ours = of(voom(counts, design, FORMULA), covariate).loc[theirs.index]
    np.testing.assert_allclose(ours["log2_fold_change"], theirs[f"estimate_{covariate}"], rtol=0, atol=1e-7)
    np.testing.assert_allclose(ours["statistic"], theirs[f"t_{covariate}"], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ours["p_value"], theirs[f"p_{covariate}"], rtol=1e-5)
    np.testing.assert_allclose(ours["variance"], theirs["s2_post"], rtol=1e-6)
    np.testing.assert_allclose(ours["df"], summary["df_total"], rtol=1e-8)


# --- NOISeq ---------------------------------------------------------------------------------------------------------


def test_noiseq_equals_r(counts, design):
    theirs = table("noiseq_out.csv.gz")
    ours = noiseq(counts, design, "group", levels=(1, 3))
    assert ours["probability"].isna().equals(theirs["prob"].isna())
    assert (ours["reason"] != "").equals(theirs["prob"].isna())
    ours, theirs = ours[ours["reason"] == ""], theirs.dropna()
    np.testing.assert_allclose(ours["log2_fold_change"], theirs["M"], rtol=1e-9)
    np.testing.assert_allclose(ours["difference"], theirs["D"], rtol=1e-9)
    np.testing.assert_allclose(ours["probability"], theirs["prob"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours["mean_1"], theirs["C_mean"], rtol=1e-9)
    np.testing.assert_allclose(ours["ranking"], theirs["ranking"], rtol=1e-9)


# --- DESeq2 ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ours_deseq2(counts, design):
    return deseq2(counts.iloc[:2000], design, FORMULA)


@pytest.mark.parametrize("covariate", COVARIATES)
def test_deseq2_equals_r(ours_deseq2, covariate):
    theirs, ours = table("deseq2_2000.csv.gz"), of(ours_deseq2, covariate)
    # Ten genes are fitted by R's optim(), which stops early: those off by more than 1e-6.
    for mine, name in {"log2_fold_change": "lfc", "std_error": "se", "p_value": "p"}.items():
        scale = np.log(2) if mine == "std_error" else 1
        off = (ours[mine] / scale - theirs[f"{name}_{covariate}"]).abs()
        assert off.max() < 1e-3
        assert (off > 1e-6).sum() <= 10
    np.testing.assert_allclose(ours["p_adjusted"], theirs[f"padj_{covariate}"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(ours["dispersion"], theirs["dispersion"], rtol=1e-5)
    np.testing.assert_allclose(ours["mean_count"].fillna(0), theirs["baseMean"], rtol=1e-9)
    for level in (0.05, 0.1):
        assert ((ours["p_adjusted"] < level) == (theirs[f"padj_{covariate}"] < level)).all()


def test_deseq2_says_why_a_gene_has_no_adjusted_p(ours_deseq2):
    why = ours_deseq2["reason"]
    assert (ours_deseq2["p_adjusted"].isna() == (why != "")).all()
    assert (ours_deseq2["p_value"].notna() & (why != ""))[why.str.contains("independent filtering")].all()
    assert "all counts are zero" in set(why)


# --- One gene: MASS, stats::glm -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_gene(counts, design):
    theirs = pd.read_csv(FOLDER / "one_gene.csv")
    terms = ["(Intercept)", "urea_z", "weight_z"]
    sizes = counts.sum() / 1e6
    fits = [
        fit(counts.loc[theirs["gene"].unique()], design, FORMULA, size_factors=sizes, terms=terms)
        for fit in (fit_poisson, fit_negative_binomial)
    ]
    return theirs, *fits


def test_poisson_regression_equals_r(one_gene):
    theirs, ours, _ = one_gene
    np.testing.assert_allclose(ours["estimate"], theirs["poisson"], rtol=0, atol=1e-9)
    # R takes the weights of its last step but one.
    np.testing.assert_allclose(ours["std_error"], theirs["poisson_se"], rtol=1e-7)
    np.testing.assert_allclose(ours["log_likelihood"], theirs["poisson_loglik"], rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours["pearson_dispersion"], theirs["pearson"], rtol=1e-8)


def test_negative_binomial_regression_equals_mass(one_gene):
    theirs, _, ours = one_gene
    np.testing.assert_allclose(ours["estimate"], theirs["nb"], rtol=0, atol=1e-5)
    scattered = theirs["theta"] < 1e4  # beyond, glm.nb walks on towards infinity
    assert scattered.equals(ours["dispersion"] > 0)
    np.testing.assert_allclose(ours["dispersion"][scattered], 1 / theirs["theta"][scattered], rtol=1e-4)
    np.testing.assert_allclose(ours["log_likelihood"][scattered], theirs["nb_loglik"][scattered], rtol=0, atol=1e-7)
    np.testing.assert_allclose(ours["log_likelihood"], theirs["nb_loglik"], rtol=0, atol=1e-2)
    shift = (ours["std_error"] / theirs["nb_se_expected"])[scattered] - 1
    assert shift.abs().max() < 0.1  # observed against expected information


# --- Negative-binomial mixed models: glmmTMB ------------------------------------------------------------------------


def test_negative_binomial_mixed_models_equal_glmmtmb():
    design = pd.read_csv(FOLDER.parent / "genes" / "lmm_design.csv", index_col=0)
    design = design.assign(uz=z(design["urea"]), wz=z(design["weight"]))
    sizes = np.exp(table("counts_24x30_offset.csv")["log_offset"])
    theirs = pd.read_csv(FOLDER / "glmmTMB_out.csv")
    terms = ["(Intercept)", "uz", "wz"]
    ours = fit_negative_binomial_mixed(
        table("counts_24x30.csv.gz"), design, "~ uz + wz + (1 | animal)", size_factors=sizes, terms=terms
    )
    assert ours[["gene", "term"]].to_numpy().tolist() == theirs[["gene", "term"]].to_numpy().tolist()
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=0, atol=2e-5)
    np.testing.assert_allclose(ours["std_error"], theirs["se"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours["log_likelihood"], theirs["logLik"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours["dispersion"], 1 / theirs["theta"], rtol=1e-4)
    np.testing.assert_allclose(ours["group_variance"], theirs["var_animal"], rtol=0, atol=1e-4)
    singular = theirs["var_animal"] < 1e-6
    assert (ours["note"].str.contains("'animal' is estimated as zero") == singular).all()


# --- The truth that was planted -------------------------------------------------------------------------------------


@pytest.mark.parametrize("covariate", COVARIATES)
def test_quasi_likelihood_keeps_its_promise_by_truth(ours_ql, covariate):
    truth, ours = table("counts_10k_truth.csv.gz")[f"b_{covariate}_z"], of(ours_ql, covariate)
    for level in (0.05, 0.1):
        called = ours["p_adjusted"] < level
        assert (truth[called] == 0).mean() < 1.2 * level
    strong = (ours["mean_count"] > 100) & (truth != 0)
    assert np.corrcoef(ours["estimate"][strong], truth[strong])[0, 1] > 0.97
