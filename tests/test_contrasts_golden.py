"""`helpers.contrasts` against emmeans: the numbers under `tests/reference/contrasts` and `lengths`."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from lmertest_pooling import lmertest_df
from scipy import stats

from helpers.contrasts import comparison_weights, comparisons, joint_tests, predictions, slopes
from helpers.data import load_modification_lengths
from helpers.hypotheses.simultaneous import max_t_p_value, max_t_quantile
from helpers.mixed import fit_mixed

REFERENCE = Path(__file__).parent / "reference"
LABELS = {"Product_revpairwise": "Product", "Information_revpairwise": "Information", "emmean": "estimate"}
LABELS |= {"condition_revpairwise": "contrast", "gene_name_revpairwise": "gene_name", "Days.trend": "estimate"}
LABELS |= {"urea.trend": "estimate", "rate": "estimate", "response": "estimate", "ratio": "estimate"}
LABELS |= {"lower.CL": "conf_low", "asymp.LCL": "conf_low", "upper.CL": "conf_high", "asymp.UCL": "conf_high"}
LABELS |= {"SE": "std_error", "p.value": "p_value", "t.ratio": "statistic", "z.ratio": "statistic"}
METHODS = ["satterthwaite", "kenward-roger"]


def read(*path):
    return json.loads(REFERENCE.joinpath(*path).read_text(encoding="utf-8"))


R = read("contrasts", "contrasts.json")


def in_r(rows):
    return pd.DataFrame(rows).rename(columns=LABELS)


def matched(ours, theirs):
    """R's rows in the order of ours, by whatever labels both have."""
    labels = [
        name for name in theirs.columns if name in ours.columns and not pd.api.types.is_numeric_dtype(theirs[name])
    ]
    if not labels:
        assert len(ours) == len(theirs)
        return theirs
    keyed = theirs.set_index(theirs[labels].astype(str).agg(" | ".join, axis=1))
    return keyed.loc[ours[labels].astype(str).agg(" | ".join, axis=1)].reset_index(drop=True)


def agrees(ours, rows, *, columns=("conf_low", "conf_high"), df=1e-4, p_column=None):
    """Estimates and standard errors to 1e-6, degrees of freedom to 1e-4, so p-values (unadjusted) to 1e-4."""
    theirs = matched(ours, in_r(rows))
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ours["std_error"], theirs["std_error"], rtol=1e-6)
    if "df" in theirs:
        np.testing.assert_allclose(ours["df"], theirs["df"], rtol=df)
    scale = theirs["std_error"]
    for column in columns:
        np.testing.assert_allclose((ours[column] - theirs[column]) / scale, 0, atol=2e-4)
    if p_column:
        np.testing.assert_allclose(ours[p_column], theirs["p_value"], rtol=1e-4, atol=1e-12)


def adjusted_agrees(ours, rows, *, loose=False):
    theirs = matched(ours, in_r(rows))
    # emmeans asks mvtnorm for an error of at most 1e-3; `test_multivariate_t` compares with an error of 1e-6.
    np.testing.assert_allclose(
        ours["p_adjusted"], theirs["p_value"], rtol=0 if loose else 1e-4, atol=1e-3 if loose else 1e-9
    )
    bound = 1e-2 if loose else 1e-3  # in standard errors; R's Tukey quantile has four digits
    for column in ("conf_low", "conf_high"):
        gap = (ours[f"{column}_adjusted"] - theirs[column]) / ours["std_error"]
        np.testing.assert_allclose(gap, 0, atol=bound)


@pytest.fixture(scope="module")
def ham():
    data = pd.read_csv(REFERENCE / "anova" / "ham.csv").rename(columns={"Informed.liking": "liking"})
    return fit_mixed("liking ~ Product * Information + Age + (1 | Consumer)", data)


@pytest.fixture(scope="module")
def lengths():
    return fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", load_modification_lengths())


@pytest.mark.parametrize("ddf", METHODS)
class TestHam:
    def test_marginal_means(self, ham, ddf):
        agrees(predictions(ham, ["Product", "Information"], ddf=ddf), R["ham"][ddf]["means"], p_column="p_value")
        agrees(predictions(ham, "Product", ddf=ddf), R["ham"][ddf]["product"])
        agrees(predictions(ham, "Information", at={"Age": 30}, ddf=ddf), R["ham"][ddf]["at_age"])

    def test_pairs_and_second_differences(self, ham, ddf):
        pairs = comparisons(ham, {"Product": "pairwise"}, by="Information", ddf=ddf)
        agrees(pairs, R["ham"][ddf]["pairs"], p_column="p_value")
        second = comparisons(ham, {"Product": "pairwise"}, "Information", differences="pairwise", ddf=ddf)
        rows = in_r(R["ham"][ddf]["second"]).rename(columns={"Product": "contrast"})
        agrees(second, rows, p_column="p_value")

    @pytest.mark.parametrize("adjust", ["bonferroni", "sidak", "tukey"])
    def test_families_with_intervals(self, ham, ddf, adjust):
        ours = comparisons(ham, {"Product": "pairwise"}, by="Information", ddf=ddf, adjust=adjust, family="by")
        adjusted_agrees(ours, R["ham"][ddf][adjust])

    def test_dunnett(self, ham, ddf):
        ours = comparisons(ham, "Product", by="Information", ddf=ddf, adjust="dunnett")
        adjusted_agrees(ours, R["ham"][ddf]["dunnett"], loose=True)

    @pytest.mark.parametrize(("adjust", "key"), [("holm", "holm_all"), ("BH", "bh_all")])
    def test_stepwise_over_the_table(self, ham, ddf, adjust, key):
        ours = comparisons(ham, {"Product": "pairwise"}, by="Information", ddf=ddf, adjust=adjust)
        agrees(ours, R["ham"][ddf][key], columns=(), p_column="p_adjusted")
        assert "conf_low_adjusted" not in ours

    def test_equivalence(self, ham, ddf):
        ours = comparisons(ham, {"Product": "pairwise"}, by="Information", ddf=ddf, equivalence=(-1, 1))
        agrees(ours, R["ham"][ddf]["equivalence"], columns=(), p_column="p_value_equivalence")

    def test_joint_tests(self, ham, ddf):
        theirs = [row for row in R["ham"][ddf]["joint_by"] if row["model term"] == "Product"]
        ours = joint_tests(ham, "Product", by="Information", ddf=ddf)
        assert ours["Information"].tolist() == [row["Information"] for row in theirs]
        self.f_agrees(ours, theirs)
        contest = pd.DataFrame([rows[0] for rows in R["ham"][ddf]["contest"].values()])  # lmerTest, pbkrtest
        np.testing.assert_allclose(ours["statistic"], contest["F value"], rtol=1e-6)
        den_df = ours["den_df"]
        if ddf == "satterthwaite":  # ours do not depend on how the hypothesis is written
            np.testing.assert_allclose(den_df, contest["DenDF"], rtol=1e-4)
            rows = comparison_weights(ham, "Product", by="Information")[1].to_numpy()
            den_df = [lmertest_df(ham, rows[cell : cell + 3]) for cell in (0, 3)]
        np.testing.assert_allclose(den_df, contest["DenDF"], rtol=1e-6)
        p_value = stats.f.sf(ours["statistic"], ours["num_df"], den_df)
        np.testing.assert_allclose(p_value, contest["Pr(>F)"], rtol=1e-5)
        whole = {row["model term"]: row for row in R["ham"][ddf]["joint"]}
        self.f_agrees(joint_tests(ham, "Product", ddf=ddf), [whole["Product"]])
        interaction = joint_tests(ham, {"Product": "pairwise"}, "Information", differences="pairwise", ddf=ddf)
        self.f_agrees(interaction, [whole["Product:Information"]])

    @staticmethod
    def f_agrees(ours, theirs):  # emmeans rounds F to three decimals and df to two
        np.testing.assert_array_equal(ours["num_df"], [row["df1"] for row in theirs])
        np.testing.assert_allclose(ours["statistic"], [row["F.ratio"] for row in theirs], atol=6e-4)
        # emmeans takes the smallest df of the contrasts; we pool them (`contest` above).
        np.testing.assert_allclose(ours["den_df"], [row["df2"] for row in theirs], rtol=6e-3)


@pytest.mark.parametrize("family", ["dunnett", "unequal", "pairs"])
def test_multivariate_t(family):
    correlation, cases = np.array(R["mvt"][family]["correlation"]), pd.DataFrame(R["mvt"][family]["cases"])
    df = np.where(cases["df"] == 0, np.inf, cases["df"])
    ours = max_t_p_value(cases["t"], correlation, df)
    np.testing.assert_allclose(ours, cases["p"], rtol=1e-3)
    bounds = max_t_quantile(0.95, correlation, np.array([4.0, 15.0, np.inf]))
    np.testing.assert_allclose(max_t_p_value(bounds, correlation, [4.0, 15.0, np.inf]), 0.05, rtol=1e-6)


def test_multivariate_t_family_of_a_model(ham):
    ours = comparisons(ham, {"Product": "pairwise"}, by="Information", adjust="mvt", family="by")
    adjusted_agrees(ours, R["ham"]["satterthwaite"]["mvt"], loose=True)


def test_observed_weights_equal_emmeans_proportional_ones(lengths):
    agrees(comparisons(lengths, "condition", grid="observed"), R["lengths"]["observed"], p_column="p_value")


@pytest.mark.parametrize("ddf", METHODS)
def test_slopes_of_a_random_slope_model(ddf):
    data = pd.read_csv(REFERENCE / "classic" / "sleepstudy.csv", dtype={"Subject": str})
    first = sorted(data["Subject"].unique())[:7]
    data["half"] = np.where(data["Subject"].isin(first), "first", "second")
    fit = fit_mixed("Reaction ~ Days * half + (1 + Days | Subject)", data)
    agrees(slopes(fit, "Days", by="half", ddf=ddf), R["sleep"][ddf]["trends"], p_column="p_value")
    difference = slopes(fit, "Days", by="half", differences="pairwise", ddf=ddf)
    agrees(difference, pd.DataFrame(R["sleep"][ddf]["difference"]).drop(columns="contrast"), p_column="p_value")
    by_day = predictions(fit, ["half", "Days"], at={"Days": [0, 9]}, ddf=ddf)
    theirs = pd.DataFrame(R["sleep"][ddf]["at"])
    order = [tuple(row) for row in theirs[["half", "Days"]].to_numpy()]
    ours = by_day.set_index(["half", "Days"]).loc[order].reset_index(drop=True)
    agrees(ours, theirs.drop(columns=["half", "Days"]), p_column="p_value")


def test_the_lengths_of_the_question(lengths):
    printed = read("lengths", "lengths.json")
    drug = comparisons(lengths, "condition", by="gene_name", adjust="holm")
    agrees(drug, printed["pairs_satt_DRUG_minus_NODRUG"], p_column="p_value")
    for name, adjust in [("holm", "holm"), ("BH", "BH"), ("bonferroni", "bonferroni")]:
        ours = comparisons(lengths, "condition", by="gene_name", adjust=adjust)["p_adjusted"]
        theirs = [row["p.value"] for row in printed[f"pairs_satt_adj_{name}"]]
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    ratios = comparisons(lengths, "condition", by="gene_name", transform="exp")
    agrees(ratios, printed["pairs_satt_response"], p_column="p_value")
    second = comparisons(
        lengths, "condition", by="gene_name", differences="pairwise", equivalence=(-np.log(1.1), np.log(1.1))
    )
    agrees(second, printed["diff_of_diff"], p_column="p_value")
    agrees(second, R["lengths"]["equivalence"], columns=(), p_column="p_value_equivalence")
    agrees(predictions(lengths, ["condition", "gene_name"]), R["lengths"]["means"], p_column="p_value")
    joint = {row["model term"]: row for row in printed["joint_tests"]}
    interaction = joint_tests(lengths, "condition", by="gene_name", differences="pairwise").iloc[0]
    assert interaction["p_value"] == pytest.approx(joint["condition:gene_name"]["p.value"], rel=1e-6)
    assert interaction["den_df"] == pytest.approx(joint["condition:gene_name"]["df2"], rel=1e-4)
    gene = joint_tests(lengths, "gene_name").iloc[0]
    assert gene["den_df"] == pytest.approx(joint["gene_name"]["df2"], rel=1e-4)
    assert gene["statistic"] == pytest.approx(joint["gene_name"]["F.ratio"], abs=6e-4)


def test_what_z_says_beside_t(lengths):
    default = read("lengths", "lengths.json")["pairs_default"]  # emmeans above 3,000 rows; and the opposite sign
    ours = comparisons(lengths, {"condition": ["DRUG", "NO DRUG"]}, by="gene_name", ddf="normal")
    assert ours["contrast"].unique().tolist() == ["NO DRUG - DRUG"]
    agrees(ours, default, columns=(), p_column="p_value")


def test_slopes_and_means_of_a_linear_model():
    mice = pd.read_csv(REFERENCE / "mouse" / "mouse.csv")
    fit = smf.ols("Q('Gene.X') ~ urea * prefix + weight", mice).fit()
    agrees(slopes(fit, "urea", by="prefix"), R["mouse"]["trends"], p_column="p_value")
    rows = pd.DataFrame(R["mouse"]["differences"]).rename(columns={"contrast": "prefix"})
    differences = slopes(fit, "urea", by="prefix", differences="pairwise", adjust="tukey")
    agrees(differences, rows, p_column="p_value")
    tukey = matched(differences, pd.DataFrame(R["mouse"]["tukey"]).rename(columns={"contrast": "prefix"}))
    np.testing.assert_allclose(differences["p_adjusted"], tukey["p.value"], rtol=1e-5)
    agrees(predictions(fit, "prefix"), R["mouse"]["means"], p_column="p_value")
    terms = {row["model term"]: row for row in R["mouse"]["joint"]}
    group = joint_tests(fit, "prefix").iloc[0]
    assert group["p_value"] == pytest.approx(terms["prefix"]["p.value"], rel=1e-6)


@pytest.mark.parametrize("kind", ["poisson", "negative_binomial"])
def test_counts_with_an_offset_on_both_scales(kind):
    counts = pd.read_csv(REFERENCE / "contrasts" / "counts.csv")
    family = sm.families.Poisson() if kind == "poisson" else sm.families.NegativeBinomial(alpha=1 / 8)
    fit = smf.glm("count ~ treatment * sex + age", counts, offset=np.log(counts["library"]), family=family).fit(
        tol=1e-12
    )
    theirs, widened = R["counts"][kind], np.sqrt(R["counts"][kind]["scale"])  # R scales by a dispersion it estimates

    def rows(name):
        table = in_r(theirs[name])
        return table.assign(std_error=table["std_error"] / widened).drop(columns="df", errors="ignore")

    by = ["treatment", "sex"]
    agrees(predictions(fit, by), rows("link"), columns=())
    agrees(predictions(fit, by, scale="response"), rows("response"), columns=())
    agrees(predictions(fit, by, offset=0), rows("at_zero"), columns=())
    ratios = comparisons(fit, "treatment", by="sex", transform="exp")
    agrees(ratios, rows("ratios"), columns=("conf_low", "conf_high") if widened == 1 else ())
    differences = comparisons(fit, "treatment", by="sex", scale="response")
    agrees(differences, rows("differences"), columns=())
    assert np.isinf(ratios["df"]).all()
