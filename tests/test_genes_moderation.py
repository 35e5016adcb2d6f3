"""Moderated mixed models: against lme4 and limma, against integration by brute force, and by laws."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.genes import fit_genes
from helpers.genes.core.own import Own
from helpers.genes.core.shared import Shared, shared_design
from helpers.genes.core.shared_variances import Prior, paths, posterior, ratios, shares
from helpers.moderation.variances import squeeze_variances

FOLDER = Path(__file__).parent / "reference" / "genes"
FORMULA = "~ f + x + (1 | g)"
few = settings(deadline=None, max_examples=5, derandomize=True)
seeds = st.integers(0, 10_000)
cases = st.sampled_from(["complete", "missing", "weights"])


def reference(weighted):
    """The 200 genes of the reference, as models of them are made: q, r, the model."""
    design = pd.read_csv(FOLDER / "lmm_design.csv")
    z = [(design[name] - design[name].mean()) / design[name].std() for name in ("urea", "weight")]
    q, r = np.linalg.qr(np.column_stack([np.ones(24), *z]))
    y = pd.read_csv(FOLDER / "lmm_genes.csv.gz", index_col=0)
    codes = pd.factorize(design["animal"])[0]
    if not weighted:
        return q, r, Shared(shared_design(q, r, codes), y.to_numpy()), y.index
    weights = pd.read_csv(FOLDER / "weights.csv.gz", index_col=0).to_numpy()
    return q, r, Own(q, np.log(np.abs(np.diag(r))).sum(), codes, y.to_numpy(), weights), y.index


def simulated(seed, case="complete", genes=80, animals=7, spread=(0.0, 0.5, 2.0)):
    """Genes whose variances differ; a factor and a number within groups of two to five samples."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(animals), rng.integers(2, 6, animals))
    n = len(group)
    design = pd.DataFrame(
        {"g": [f"g{i}" for i in group], "f": np.where(group % 2, "b", "a"), "x": rng.normal(2, 1, n)},
        index=[f"s{i}" for i in range(n)],
    )
    sigma = np.sqrt(6 / rng.chisquare(6, (genes, 1)))
    between = rng.choice(spread, (genes, 1)) * rng.normal(size=(genes, animals))[:, group]
    y = sigma * (between + rng.normal(size=(genes, n)))
    y = pd.DataFrame(y, [f"gene{i}" for i in range(genes)], design.index)
    if case == "missing":
        y = y.mask(rng.random(y.shape) < 0.05)
    return y, design, pd.DataFrame(rng.gamma(3, 1, y.shape), y.index, y.columns) if case == "weights" else None


def moderated(y, design, w, **options):
    return fit_genes(y, design, FORMULA, weights=w, moderated=True, **options)


def same(one, other, factor=1.0):
    for column in ("std_error", "sigma_moderated"):
        np.testing.assert_allclose(other[column], abs(factor) * one[column], rtol=1e-6, err_msg=column)
    difference = (other["estimate"] - factor * one["estimate"]) / (abs(factor) * one["std_error"])
    np.testing.assert_allclose(difference, 0, atol=1e-6)
    np.testing.assert_allclose(other["df"], one["df"], rtol=1e-5)
    np.testing.assert_allclose(other["p_value"], one["p_value"], rtol=1e-4)


# --- R --------------------------------------------------------------------------------------------------------------


def test_weighted_models_at_a_fixed_theta_equal_lmer():
    _, r, model, names = reference(weighted=True)
    theirs = pd.read_csv(FOLDER / "along.csv")
    for (gene, theta), rows in theirs.groupby(["gene", "theta"]):
        place = np.array([names.get_loc(gene)])
        at, coefficients, phi = model.solved(np.array([theta**2]), place)
        sigma2, inverse = at.rss[0] / model.nu[place[0]], np.linalg.inv(r)
        std_error = np.sqrt(sigma2 * np.diag(inverse @ phi[:, :, 0] @ inverse.T))
        constant = 2 * model.log_det_r - model.log_weights[place[0]]
        criterion = at.log_det[0] + constant + model.nu[place[0]] * (1 + np.log(2 * np.pi * sigma2))
        assert sigma2 == pytest.approx(rows["sigma2"].iloc[0], rel=1e-10)
        assert criterion == pytest.approx(rows["criterion"].iloc[0], rel=1e-10)
        np.testing.assert_allclose(std_error, rows["se"], rtol=1e-10)
        np.testing.assert_allclose((inverse @ coefficients[:, 0] - rows["estimate"]) / rows["se"], 0, atol=1e-10)


@pytest.mark.parametrize("theta", [0.5, 1.5])
def test_one_ratio_for_all_genes_is_limma_with_that_correlation(theta):
    _, r, model, names = reference(weighted=False)
    theirs = pd.read_csv(FOLDER / "consensus.csv").query("theta == @theta")
    ratio = theta**2  # limma's variance is that of a sample: both parts together
    prior = Prior(theirs["df_prior"].iloc[0], theirs["s2_prior"].iloc[0] / (1 + ratio), np.array([ratio]))
    contrasts = np.linalg.inv(r)
    ours = posterior(paths(model, prior, contrasts), np.ones(1), prior, model.nu)
    for row, term in enumerate(("(Intercept)", "uz", "wz")):
        rows = theirs[theirs["term"] == term].set_index("gene").loc[names]
        np.testing.assert_allclose(ours.estimate[row] / ours.std_error[row], rows["t"], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(ours.df[row], rows["df"], rtol=1e-9)


@pytest.mark.parametrize("theta", [0.5, 1.5])
def test_the_prior_of_limma_is_ours_at_that_ratio(theta):
    *_, model, _ = reference(weighted=False)
    at, *_ = model.solved(np.full(200, theta**2), np.arange(200))
    _, df, variance = squeeze_variances(at.rss / model.nu, model.nu)
    theirs = pd.read_csv(FOLDER / "consensus.csv").query("theta == @theta").iloc[0]
    assert [df, variance * (1 + theta**2)] == pytest.approx([theirs["df_prior"], theirs["s2_prior"]], rel=1e-9)


# --- Known in another way -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prior_df", [4.0, np.inf])
def test_the_posterior_equals_integration_over_both_variances(prior_df):
    y, design, w = simulated(3, "weights", genes=4)
    x = np.column_stack([np.ones(len(design)), design["f"] == "b", design["x"]]).astype(float)
    q, r = np.linalg.qr(x)
    codes = pd.factorize(design["g"])[0]
    model = Own(q, 0.0, codes, y.to_numpy(), w.to_numpy())
    prior = Prior(prior_df, 1.3, np.array([0, 0.2, 0.9, 3.0]))
    share, contrast = np.array([0.4, 0.1, 0.3, 0.2]), np.array([0, 1.0, 0.3])
    rows = np.linalg.solve(r.T, contrast)[None]
    ours = posterior(paths(model, prior, rows), share, prior, model.nu)
    grid = np.geomspace(0.02, 60, 4000)  # σ²
    for gene in range(4):
        moments = np.zeros(5)
        for ratio, part in zip(prior.ratios, share, strict=True):
            unit = np.diag(1 / w.to_numpy()[gene]) + ratio * (codes[:, None] == codes)
            information = x.T @ np.linalg.solve(unit, x)
            beta = np.linalg.solve(information, x.T @ np.linalg.solve(unit, y.to_numpy()[gene]))
            e = y.to_numpy()[gene] - x @ beta
            spread = contrast @ np.linalg.solve(information, contrast)
            sigma2 = np.array([prior.variance]) if np.isinf(prior_df) else grid
            determinants = np.linalg.slogdet(unit)[1] + np.linalg.slogdet(information)[1]
            log = -0.5 * (determinants + model.nu[gene] * np.log(sigma2) + e @ np.linalg.solve(unit, e) / sigma2)
            density = 1.0  # of σ², times σ² for the even steps of its logarithm
            if not np.isinf(prior_df):
                scale = prior_df * prior.variance / 2
                density = stats.invgamma.pdf(sigma2, prior_df / 2, scale=scale) * sigma2 * np.log(grid[1] / grid[0])
            weight = part * np.exp(log) * density
            precision, estimate = 1 / (sigma2 * spread), contrast @ beta
            powers = [1, precision, precision**2, estimate, estimate**2]
            moments += [np.sum(weight * power) for power in powers]
        _, precision, square, estimate, estimate_square = moments / moments[0]
        assert ours.estimate[0, gene] == pytest.approx(estimate, rel=1e-6)
        assert ours.df[0, gene] == pytest.approx(2 * precision**2 / (square - precision**2), rel=1e-5)
        total = 1 / precision + estimate_square - estimate**2
        assert ours.std_error[0, gene] == pytest.approx(np.sqrt(total), rel=1e-6)


def test_shares_are_those_planted_and_the_maximum():
    rng = np.random.default_rng(1)
    planted = np.repeat([0, 4.0, 0.0, 9.0], 2000)  # variance ratios of a mean of squares with 30 degrees of freedom
    values = np.array([0, 1, 4, 9.0])
    squares = (1 + planted) * rng.chisquare(30, planted.size) / 30
    likelihood = stats.chi2.pdf(30 * squares[:, None] / (1 + values), 30) / (1 + values)
    share = shares(likelihood)
    np.testing.assert_allclose(share, [0.5, 0, 0.25, 0.25], atol=0.03)
    assert share.sum() == pytest.approx(1, abs=1e-12)
    # At the maximum each derivative equals the multiplier n + 1, that of one gene more than there are.
    derivative = likelihood.T @ (1 / (likelihood @ share)) + 1 / (4 * share)
    np.testing.assert_allclose(derivative / (len(squares) + 1), 1, rtol=1e-3)


def test_a_share_of_one_at_zero_is_moderated_least_squares():
    y, design, w = simulated(4, "weights")
    x = np.column_stack([np.ones(len(design)), design["f"] == "b", design["x"]]).astype(float)
    q, r = np.linalg.qr(x)
    model = Own(q, 0.0, pd.factorize(design["g"])[0], y.to_numpy(), w.to_numpy())
    _, df, variance = squeeze_variances(model.ols.total / model.nu, model.nu)
    prior = Prior(df, variance, np.zeros(1))
    ours = posterior(paths(model, prior, np.linalg.inv(r)), np.ones(1), prior, model.nu)
    limma = fit_genes(y, design, "~ f + x", weights=w, moderated=True)  # equals limma: test_genes_golden.py
    np.testing.assert_allclose((ours.estimate / ours.std_error).T.ravel(), limma["statistic"], rtol=1e-8)
    np.testing.assert_allclose(ours.df.T.ravel(), limma["df"], rtol=1e-8)


def test_alike_genes_share_what_they_know():
    """Genes of one variance and one ratio: many degrees of freedom, and the standard error of known variances."""
    rng = np.random.default_rng(11)
    group = np.repeat(np.arange(8), 3)
    design = pd.DataFrame({"g": group, "f": group % 2 * 1.0}, index=[f"s{i}" for i in range(24)])
    y = rng.normal(size=(4000, 8))[:, group] + rng.normal(size=(4000, 24))
    table = fit_genes(pd.DataFrame(y, columns=design.index), design, "~ f + (1 | g)", moderated=True)
    between = table[table["term"] == "f"]
    known = np.sqrt((1 + 1 / 3) * 4 / 8)
    assert np.sqrt((between["std_error"] ** 2).mean()) == pytest.approx(known, rel=0.05)
    assert between["df"].median() > 25  # the gene alone has 6


@pytest.mark.parametrize("unequal", [False, True])
def test_false_alarms_are_as_many_as_promised(unequal):
    rng = np.random.default_rng(12)
    group = np.repeat(np.arange(4), [1, 6, 2, 3] if unequal else 3)
    n, genes = len(group), 6000
    design = pd.DataFrame({"g": group, "between": group % 2 * 1.0, "within": np.arange(n) % 2 * 1.0})
    design.index = [f"s{i}" for i in range(n)]
    variance, ratio = 8 / rng.chisquare(8, (genes, 1)), rng.exponential(1, (genes, 1)) * (rng.random((genes, 1)) > 0.3)
    w = rng.gamma(4, 0.25, (genes, n))
    y = np.sqrt(ratio) * rng.normal(size=(genes, 4))[:, group] + rng.normal(size=(genes, n)) / np.sqrt(w)
    y = pd.DataFrame(np.sqrt(variance) * y, columns=design.index)
    table = fit_genes(y, design, "~ between + within + (1 | g)", weights=w, moderated=True)
    for term in ("between", "within"):
        p = table.loc[table["term"] == term, "p_value"]
        assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.01)
        assert (p < 0.001).mean() < 0.0025


# --- What must not matter -------------------------------------------------------------------------------------------


@few
@given(seeds, cases)
def test_neither_the_order_of_genes_nor_of_samples_matters(seed, case):
    y, design, w = simulated(seed, case)
    one = moderated(y, design, w).set_index(["gene", "term"])
    turned = y.sample(frac=1, random_state=seed).sample(frac=1, axis=1, random_state=seed)
    other = moderated(turned, design.sample(frac=1, random_state=seed + 1), w).set_index(["gene", "term"])
    same(one, other.loc[one.index])


@few
@given(seeds, cases, st.sampled_from([-1.0, 1e-3, 300.0]))
def test_the_unit_of_the_expression_does_not_matter(seed, case, unit):
    y, design, w = simulated(seed, case)
    same(moderated(y, design, w), moderated(unit * y, design, w), unit)


@few
@given(seeds, st.sampled_from([1e-3, 7.0]))
def test_weights_times_a_constant_change_nothing(seed, factor):
    y, design, w = simulated(seed, "weights")
    one, other = moderated(y, design, w), moderated(y, design, factor * w)
    same(one, other.assign(sigma_moderated=other["sigma_moderated"] / np.sqrt(factor)))


@few
@given(seeds)
def test_equal_weights_are_no_weights(seed):
    y, design, _ = simulated(seed)
    same(moderated(y, design, None), moderated(y, design, np.ones(y.shape)))


@few
@given(seeds, cases)
def test_what_belongs_to_the_gene_alone_stays(seed, case):
    y, design, w = simulated(seed, case)
    alone, ours = fit_genes(y, design, FORMULA, weights=w), moderated(y, design, w)
    for column in ("sigma", "theta", "deviance", "is_singular"):
        pd.testing.assert_series_equal(alone[column], ours[column])


def test_a_contrast_is_the_difference_of_its_parts_and_z_has_no_end():
    y, design, w = simulated(6, "weights")
    table = moderated(y, design, w, contrasts={"both": {"f[T.b]": 1, "x": -1}})
    parts = moderated(y, design, w).set_index(["term", "gene"])["estimate"]
    np.testing.assert_allclose(table["estimate"], (parts["f[T.b]"] - parts["x"])[table["gene"]], rtol=1e-9, atol=1e-9)
    z = moderated(y, design, w, ddf="normal", contrasts={"both": {"f[T.b]": 1, "x": -1}})
    assert np.isinf(z["df"]).all()
    np.testing.assert_allclose(z["std_error"], table["std_error"], rtol=1e-12)


def test_degrees_of_freedom_stay_below_those_of_all_genes():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(6), 4)
    design = pd.DataFrame({"g": group}, index=[f"s{i}" for i in range(24)])
    y = pd.DataFrame(rng.normal(size=(5, 24)), columns=design.index)
    assert fit_genes(y, design, "~ 1 + (1 | g)", moderated=True)["df"].max() <= 5 * 23


def test_the_ratios_are_finer_where_there_are_more_groups():
    coarse, fine = ratios(3.0, 4), ratios(3.0, 60)
    assert coarse[0] == fine[0] == 0
    assert len(fine) > 2 * len(coarse)
    for values in (coarse, fine):
        steps = np.diff(np.log1p(3 * values))
        np.testing.assert_allclose(steps, steps[0])
