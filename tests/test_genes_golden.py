"""`helpers.genes` against lmerTest, pbkrtest and limma, and against `helpers.mixed`, gene by gene."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.genes import fit_genes
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.moderation.variances import squeeze_variances, trigamma_inverse

REFERENCE = Path(__file__).parent / "reference"
FORMULA = "~ uz + wz + (1 | animal)"
TOLERANCE = {
    "estimate": 1e-6,  # relative to R's standard error
    "std_error": 1e-6,  # this and the next three relative
    "deviance": 1e-9,
    "satterthwaite df": 1e-5,
    "kenward-roger df": 1e-6,
    "theta": 1e-6,  # absolute
}
THEIRS = {"satterthwaite": ("se", "df_satt", "p_satt"), "kenward-roger": ("se_KR", "df_KR", "p_KR")}
METHODS = list(THEIRS)


@pytest.fixture(scope="module")
def design():
    table = pd.read_csv(REFERENCE / "genes" / "lmm_design.csv").set_index("sample")
    for column, name in (("urea", "uz"), ("weight", "wz")):
        table[name] = (table[column] - table[column].mean()) / table[column].std()
    return table


@pytest.fixture(scope="module")
def expression():
    return pd.read_csv(REFERENCE / "genes" / "lmm_genes.csv.gz", index_col=0)


@pytest.fixture(scope="module")
def weights():
    return pd.read_csv(REFERENCE / "genes" / "weights.csv.gz", index_col=0)


@pytest.fixture(scope="module")
def incomplete(expression):
    """With values missing, by the rule of own.R."""
    gene, sample = np.arange(1, 201)[:, None], np.arange(1, 25)
    return expression.mask((7 * gene + 5 * sample + (gene * sample) % 11) % 9 == 0)


def worst(errors):
    return {name: float(np.max(np.abs(error))) for name, error in errors.items()}


def assert_within(errors):
    found = worst(errors)
    assert not {name: error for name, error in found.items() if not error <= TOLERANCE[name]}, found


def errors_against(ours, theirs, ddf):
    """Errors of tests in the same order as R's."""
    std_error, df, p_value = THEIRS[ddf]
    # A p-value moves more than df: where p is near 1e-30, by thirty times as much.
    np.testing.assert_allclose(ours["p_value"], theirs[p_value], rtol=1e-4)
    return {
        "estimate": (ours["estimate"] - theirs["estimate"]) / theirs[std_error],
        "std_error": ours["std_error"] / theirs[std_error] - 1,
        f"{ddf} df": ours["df"] / theirs[df] - 1,
        "deviance": ours["deviance"] / theirs["REMLcrit"] - 1,
        "theta": ours["theta"] - theirs["theta"],
    }


# --- R, gene by gene ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ddf", METHODS)
def test_all_genes_equal_lmertest(expression, design, ddf):
    theirs = pd.read_csv(REFERENCE / "genes" / "lmm_genes_lmer.csv")
    theirs["theta"] = np.sqrt(theirs["tau2"] / theirs["sigma2"])
    ours = fit_genes(expression, design, FORMULA, ddf=ddf)
    assert ours[["gene", "term"]].equals(theirs[["gene", "term"]])
    assert ours["is_singular"].tolist() == theirs["singular"].tolist()
    assert ours["is_singular"].sum() == 3 * 44
    assert (ours["reason"] == "").all()
    assert_within(errors_against(ours, theirs, ddf))
    np.testing.assert_allclose(ours["sigma"] ** 2, theirs["sigma2"], rtol=1e-6)


@pytest.mark.parametrize("ddf", METHODS)
@pytest.mark.parametrize("case", ["missing", "weights", "both"])
def test_missing_values_and_weights_equal_lmertest(expression, incomplete, weights, design, ddf, case):
    table = pd.read_csv(REFERENCE / "genes" / "own.csv").query("case == @case").reset_index(drop=True)
    if ddf == "satterthwaite":  # its exact numbers are in the next test: R's derivatives are numerical
        table = table[(table["case"] != "missing") | (table["gene"] != "g020")].reset_index(drop=True)
    y, w = expression if case == "weights" else incomplete, None if case == "missing" else weights
    ours = fit_genes(y, design, FORMULA, ddf=ddf, weights=w).set_index(["gene", "term"])
    ours = ours.loc[list(zip(table["gene"], table["term"], strict=True))].reset_index()
    assert ours["is_singular"].tolist() == table["singular"].tolist()
    assert table["singular"].any()
    assert_within(errors_against(ours, table, ddf))


def test_next_to_zero_equals_forty_digit_arithmetic(incomplete, design):
    precise = json.loads((REFERENCE / "genes" / "precise.json").read_text(encoding="utf-8"))
    ours = fit_genes(incomplete.loc[[precise["gene"]]], design, FORMULA)
    np.testing.assert_allclose(ours["df"], precise["df"], rtol=1e-10)
    np.testing.assert_allclose(ours["theta"], precise["theta"], rtol=1e-10)
    np.testing.assert_allclose(ours["sigma"], precise["sigma"], rtol=1e-10)


# --- limma ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["plain", "weights", "alike"])
def test_moderated_tests_equal_limma(expression, weights, design, case):
    folder = REFERENCE / "limma"
    theirs = pd.read_csv(folder / "limma.csv").query("case == @case").set_index(["gene", "term"])
    y = pd.read_csv(folder / "alike.csv.gz", index_col=0) if case == "alike" else expression
    ours = fit_genes(y, design, "~ uz + wz", moderated=True, weights=weights if case == "weights" else None)
    ours = ours.set_index(["gene", "term"]).loc[theirs.index]
    np.testing.assert_allclose((ours["estimate"] - theirs["estimate"]) / theirs["std_error"], 0, atol=1e-10)
    for column in ("std_error", "df", "p_value", "p_adjusted", "sigma", "sigma_moderated"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-10, err_msg=column)
    np.testing.assert_allclose(ours["statistic"], theirs["t"], rtol=1e-10)


@pytest.mark.parametrize("case", ["plain", "alike"])
def test_the_prior_equals_limma(expression, design, case):
    theirs = pd.read_csv(REFERENCE / "limma" / "prior.csv").groupby("case").first().loc[case]
    y = pd.read_csv(REFERENCE / "limma" / "alike.csv.gz", index_col=0) if case == "alike" else expression
    sigma = fit_genes(y, design, "~ uz + wz")["sigma"].to_numpy()[::3]
    _, prior_df, prior_variance = squeeze_variances(sigma**2, 21)
    assert [prior_df, prior_variance] == pytest.approx(theirs[["prior_df", "prior_variance"]].tolist(), rel=1e-10)


@pytest.mark.parametrize("value", [1e-8, 1e-3, 0.3, 1.0, 50.0, 1e9])
def test_the_inverse_of_trigamma_is_that(value):
    from scipy.special import polygamma

    assert polygamma(1, trigamma_inverse(value)) == pytest.approx(value, rel=1e-6)


# --- fit_mixed ------------------------------------------------------------------------------------------------------


def unbalanced(seed):
    """Six genes on groups of one to six samples: some without group variance, some with a lot."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(7), [4, *rng.integers(1, 7, 6)])
    n = len(group)
    design = pd.DataFrame(
        {
            "g": [f"g{i}" for i in group],
            "x": rng.normal(size=n) + rng.normal(size=7)[group],
            "f": np.array(["u", "v"])[rng.permutation(n) % 2],
        },
        index=[f"s{i}" for i in range(n)],
    )
    sd = np.array([0, 0.3, 0.5, 1, 2, 8])[:, None]
    y = 5 + sd * rng.normal(size=(6, 7))[:, group] + rng.normal(size=(6, n))
    return pd.DataFrame(y, index=list("abcdef"), columns=design.index), design, rng


def rooted(design, y, weights):
    """The same model without weights: every column times the root of the weight."""
    root = np.sqrt(weights)
    v = (design["f"] == "v") * 1.0
    columns = {"one": root, "x": design["x"] * root, "v": v * root, "xv": design["x"] * v * root}
    return pd.DataFrame({"g": design["g"], "y": y * root} | columns).dropna()


@pytest.mark.parametrize("ddf", [*METHODS, "normal"])
@pytest.mark.parametrize("case", ["complete", "missing", "weights", "both"])
def test_every_gene_equals_fit_mixed(case, ddf):
    for seed in (1, 2):
        y, design, rng = unbalanced(seed)
        if case in ("missing", "both"):
            y = y.mask(rng.random(y.shape) < 0.15)
        w = pd.DataFrame(rng.gamma(3, 1, y.shape), y.index, y.columns) if case in ("weights", "both") else None
        contrasts = {"slope in v": {"x": 1, "x:f[T.v]": 1}, "x": [0, 1, 0, 0]}
        table = fit_genes(y, design, "~ x * f + (1 | g)", ddf=ddf, weights=w, contrasts=contrasts)
        assert (table["reason"] == "").all()
        for gene, ours in table.groupby("gene"):
            data = rooted(design, y.loc[gene], 1.0 if w is None else w.loc[gene])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SingularFitWarning)
                fit = fit_mixed("y ~ 0 + one + x + v + xv + (0 + one | g)", data)
            theirs = fit.contrast([[0, 1, 0, 1], [0, 1, 0, 0]], ddf)
            log_weights = 0 if w is None else np.log(w.loc[gene][y.loc[gene].notna()]).sum()
            assert fit.is_singular == ours["is_singular"].iloc[0]
            assert fit.deviance - log_weights == pytest.approx(ours["deviance"].iloc[0], rel=1e-9)
            std_error = theirs["std_error"].to_numpy()
            errors = {
                "estimate": (ours["estimate"].to_numpy() - theirs["estimate"]) / std_error,
                "std_error": ours["std_error"].to_numpy() / std_error - 1,
                # fit_mixed stops when the deviance is within 1e-12: some digits of θ short of where Newton would end.
                "theta": (ours["theta"] - fit.theta[0]) / max(1, fit.theta[0]),
            }
            if ddf != "normal":
                errors[f"{ddf} df"] = ours["df"].to_numpy() / theirs["df"] - 1
            assert_within(errors)
            for column in ("conf_low", "conf_high"):
                np.testing.assert_allclose((ours[column].to_numpy() - theirs[column]) / std_error, 0, atol=1e-5)


def test_without_random_term_equals_statsmodels(expression, incomplete, weights, design):
    import statsmodels.api as sm

    ours = fit_genes(incomplete, design, "~ uz + wz", weights=weights).set_index("gene")
    x = sm.add_constant(design[["uz", "wz"]])
    for gene in ("g003", "g120"):
        there = incomplete.loc[gene].notna().to_numpy()
        fit = sm.WLS(incomplete.loc[gene][there], x[there], weights=weights.loc[gene][there]).fit()
        np.testing.assert_allclose(ours.loc[gene, "estimate"], fit.params, rtol=1e-10)
        np.testing.assert_allclose(ours.loc[gene, "std_error"], fit.bse, rtol=1e-10)
        np.testing.assert_allclose(ours.loc[gene, "p_value"], fit.pvalues, rtol=1e-8)
        np.testing.assert_allclose(ours.loc[gene, ["conf_low", "conf_high"]], fit.conf_int(), rtol=1e-8)
        assert (ours.loc[gene, "df"] == fit.df_resid).all()
