"""DESeq2's method against R's DESeq2, design by design and on the two public studies; PyDESeq2 as a second opinion."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.counts import cox_reid, deseq2, shrunken_dispersions
from helpers.counts.cooks import cells, replaced, robust_dispersion, spared
from helpers.counts.independent_filtering import filtered_adjustment
from helpers.counts.inputs import count_table
from helpers.counts.local_curve import LocalCurve
from helpers.counts.loess import loess
from helpers.counts.normalise import median_of_ratios
from helpers.counts.reweighted import fit_reweighted
from helpers.data import load_airway_counts, load_airway_samples, load_shock_counts, load_shock_samples
from helpers.hypotheses.adjusting import adjusted_where_tested

FOLDER = Path(__file__).parent / "reference" / "counts"
DESIGNS = json.loads((FOLDER / "deseq2_designs.json").read_text(encoding="utf-8"))
STUDIES = json.loads((FOLDER / "deseq2_studies.json").read_text(encoding="utf-8"))
LEVELS = 0.05, 0.1
STOPPED = 100  # iterations after which DESeq2 hands a gene to R's optim(), which stops early


def by_name(name, column):
    table = pd.read_csv(FOLDER / name)
    return {key: part.set_index("gene") for key, part in table.groupby(column)}


@pytest.fixture(scope="module")
def designs():
    return by_name("deseq2_designs.csv.gz", "design")


def problem(theirs, about):
    """Counts and design of one of the simulated tables."""
    design = pd.DataFrame(about["samples"])
    design.index = [f"s{place}" for place in range(len(design))]
    numbers = np.array([list(map(int, row.split())) for row in theirs["counts"]])
    return pd.DataFrame(numbers, theirs.index, design.index), design


def last(result):
    return result[result["term"] == result["term"].iloc[-1]].set_index("gene")


def same_tests(ours, theirs, tolerance):
    """Equal numbers where DESeq2's own iteration ended, nearly equal where R's optimizer took over."""
    tested = theirs["p"].notna() & (theirs["baseMean"] > 0)  # p is 1 in R where the only reads were outliers
    assert (ours["p_value"].notna() == tested).all()
    assert (ours["p_adjusted"].isna() == theirs["padj"].isna()).all()
    ours, theirs = ours[tested], theirs[tested]
    settled = theirs["iterations"] < STOPPED
    for mine, name in {"statistic": "stat", "log2_fold_change": "lfc"}.items():
        off = (ours[mine] - theirs[name]).abs() / np.maximum(1, theirs[name].abs())
        assert off[settled].max() < tolerance, name
        assert not (off[~settled] > 1e-3).any(), name
    np.testing.assert_allclose(ours["dispersion"], theirs["dispersion"], rtol=tolerance)
    np.testing.assert_allclose(ours["mean_count"], theirs["baseMean"], rtol=1e-8)
    np.testing.assert_allclose(ours["p_adjusted"], theirs["padj"], rtol=0, atol=10 * tolerance)
    for level in LEVELS:
        assert ((ours["p_adjusted"] < level) == (theirs["padj"] < level)).all()


# --- R --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in DESIGNS if name != "DESeq2"])
def test_every_design_equals_r(designs, name):
    theirs, about = designs[name], DESIGNS[name]
    counts, design = problem(theirs, about)
    np.testing.assert_allclose(median_of_ratios(counts.to_numpy(float)), about["size_factors"], rtol=1e-10)
    same_tests(last(deseq2(counts, design, about["formula"])), theirs, 1e-5)


@pytest.mark.parametrize("name", [name for name in DESIGNS if name != "DESeq2"])
def test_what_genes_have_in_common_equals_r(designs, name):
    theirs, about = designs[name], DESIGNS[name]
    source = count_table(*problem(theirs, about), about["formula"])
    sizes, tested = median_of_ratios(source.counts), source.counted
    y = source.counts[tested]
    own = shrunken_dispersions.gene_wise(y, source.X, sizes)
    kept = ~theirs["replaced"].fillna(False).to_numpy(bool)[tested]  # of the others R keeps the second estimate
    found, expected = own.dispersion[kept], theirs["own"][tested][kept]
    low = expected < 1e-7  # there the likelihood is flat to rounding, and what is found has no part in anything
    np.testing.assert_allclose(found[~low], expected[~low], rtol=1e-5)
    assert (found[low] < 1e-7).all()
    common = shrunken_dispersions.shared(own.dispersion, (y / sizes).mean(axis=1), len(source.X) - source.X.shape[1])
    np.testing.assert_allclose(common.prior_variance, about["prior_variance"], rtol=1e-5)
    np.testing.assert_allclose(common.spread, about["spread"], rtol=1e-5)
    if about["fitType"] == "parametric":
        np.testing.assert_allclose([common.curve.a, common.curve.b], about["coefficients"], rtol=1e-5)
    else:
        assert isinstance(common.curve, LocalCurve)


def test_the_designs_hold_every_case(designs):
    assert {about["fitType"] for name, about in DESIGNS.items() if name != "DESeq2"} == {"parametric", "local"}
    assert sum(part["replaced"].fillna(False).astype(bool).sum() for part in designs.values()) > 20
    assert sum((part["p"].isna() & (part["baseMean"] > 0)).sum() for part in designs.values()) > 20
    assert any((part["iterations"] >= STOPPED).any() for part in designs.values())


LOADED = {
    "airway": (load_airway_counts, load_airway_samples),
    "shock": (load_shock_counts, load_shock_samples),
}


@pytest.mark.parametrize("name", [name for name in STUDIES if name != "DESeq2"])
def test_the_public_studies_equal_r(name):
    about = STUDIES[name]
    counts, design = (load() for load in LOADED[name.split("_")[0]])
    term = last(deseq2(counts, design, about["formula"]).tail(1))["term"].iloc[0]
    ours = deseq2(counts, design, about["formula"], terms=term).set_index("gene")
    theirs = by_name("deseq2_studies.csv.gz", "study")[name]
    same_tests(ours.loc[theirs.index], theirs, 1e-4)
    for level in LEVELS:
        assert (ours["p_adjusted"] < level).sum() == about[f"called_at_{level:g}"]
    assert ours["p_value"].isna().sum() == about["without_p"]
    assert ours["p_adjusted"].isna().sum() == about["left_out"]
    strict = deseq2(counts, design, about["formula"], terms=term, alpha=0.05)["p_adjusted"].to_numpy()
    called = np.atleast_1d(np.loadtxt(FOLDER / f"deseq2_called_{name}.txt.gz", dtype=int)) - 1
    np.testing.assert_array_equal(np.flatnonzero(strict < 0.05), called)


# --- PyDESeq2 -------------------------------------------------------------------------------------------------------


def test_pydeseq2_finds_nearly_the_same(designs):
    counts, design = problem(designs["five_each"], DESIGNS["five_each"])
    counts = counts[counts.any(axis=1)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydeseq2.dds import DeseqDataSet
        from pydeseq2.default_inference import DefaultInference
        from pydeseq2.ds import DeseqStats

        one = DefaultInference(n_cpus=1)
        fitted = DeseqDataSet(counts=counts.T, metadata=design, design="~g", inference=one, quiet=True)
        fitted.deseq2()
        test = DeseqStats(fitted, contrast=["g", "b", "a"], alpha=0.1, inference=one, quiet=True)
        test.summary()
    theirs, ours = test.results_df, last(deseq2(counts, design, "~ g"))
    both = theirs["pvalue"].notna() & ours["p_value"].notna()
    assert both.mean() > 0.9
    off = (ours["statistic"] - theirs["stat"])[both].abs()
    assert off.median() < 0.01
    assert off.quantile(0.95) < 0.1
    one, other = set(ours.index[ours["p_adjusted"] < 0.1]), set(theirs.index[theirs["padj"] < 0.1])
    assert len(one & other) / len(one | other) > 0.9


# --- Laws -----------------------------------------------------------------------------------------------------------


def simulated(seed, n_genes=20, n=8):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), np.arange(n) % 2, rng.normal(size=n)])
    mean = np.exp(rng.normal(4, 1, (n_genes, 1)) + 0.3 * X[:, 1])
    size = rng.uniform(2, 20, (n_genes, 1))
    return rng.negative_binomial(size, size / (size + mean)).astype(float), mean * np.ones(n), X


@given(seed=st.integers(0, 10_000), log_alpha=st.floats(-8, 1))
@settings(deadline=None, max_examples=20, derandomize=True)
def test_the_slope_is_that_of_the_value(seed, log_alpha):
    counts, mean, X = simulated(seed)
    posterior = cox_reid.Posterior(counts, mean, X, cox_reid.Prior(np.full(len(counts), -2.0), 0.7))
    at, h = np.full(len(counts), log_alpha), 1e-5
    numeric = (posterior.value(at + h) - posterior.value(at - h)) / (2 * h)
    np.testing.assert_allclose(posterior.slope(at), numeric, rtol=1e-4, atol=1e-4)


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=10, derandomize=True)
def test_climbing_ends_near_the_top(seed):
    counts, mean, X = simulated(seed)
    posterior = cox_reid.Posterior(counts, mean, X, cox_reid.Prior(np.full(len(counts), -2.0), 0.7))
    found = cox_reid.climb(posterior, np.full(len(counts), -1.0))
    top = posterior.value(found.log_dispersion)
    best = np.max([posterior.value(np.full(len(counts), point)) for point in np.linspace(-12, 3, 300)], axis=0)
    assert (top >= best - 1e-3).all()
    assert (found.rise >= 0).all()
    on_grid = cox_reid.on_grid(posterior, len(X))
    assert (posterior.value(on_grid) >= best - 0.05).all()


def test_reweighting_reaches_the_maximum_where_no_mean_is_small():
    counts, _, X = simulated(1)
    sizes, alpha = np.ones(len(X)), np.full(len(counts), 0.1)
    fits = fit_reweighted(counts, X, sizes, alpha)
    score = ((counts - fits.mean) / (1 + 0.1 * fits.mean)) @ X
    assert np.abs(score).max() < 1e-2
    assert fits.converged.all()
    np.testing.assert_allclose(fits.leverage.sum(axis=1), X.shape[1], rtol=1e-5)


def test_a_group_without_a_read_has_a_finite_estimate(designs):
    counts, design = problem(designs["five_each"], DESIGNS["five_each"])
    counts.iloc[0] = [0] * 5 + [30, 42, 25, 38, 51]
    row = last(deseq2(counts, design, "~ g")).iloc[0]
    assert row["reason"] == ""
    assert 3 < row["log2_fold_change"] < 30


def test_the_order_of_samples_and_genes_does_not_matter(designs):
    counts, design = problem(designs["eight_each"], DESIGNS["eight_each"])
    one = last(deseq2(counts, design, "~ g"))
    other = last(deseq2(counts.iloc[::-1, ::-1], design, "~ g")).loc[one.index]
    for column in ("estimate", "statistic", "p_value", "p_adjusted", "dispersion"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-6, err_msg=column)


def test_filtering_leaves_nothing_out_where_hardly_anything_is_found():
    rng = np.random.default_rng(3)
    p, mean = rng.uniform(size=400), rng.exponential(100, 400)
    np.testing.assert_array_equal(filtered_adjustment(p, mean, 0.1), adjusted_where_tested(p, "BH"))


def test_filtering_leaves_out_genes_with_few_reads_where_that_finds_more():
    rng = np.random.default_rng(4)
    mean = np.exp(rng.normal(3, 2, 2000))
    p = np.where((mean > 60) & (rng.random(2000) < 0.6), rng.uniform(0, 3e-2, 2000), rng.uniform(size=2000))
    filtered = filtered_adjustment(p, mean, 0.1)
    assert np.isnan(filtered).any()
    assert mean[np.isnan(filtered)].max() <= mean[~np.isnan(filtered)].min()
    assert (filtered < 0.1).sum() > (adjusted_where_tested(p, "BH") < 0.1).sum()


def test_one_far_count_hardly_moves_the_robust_dispersion():
    rng = np.random.default_rng(5)
    X = np.column_stack([np.ones(16), np.repeat([0, 1], 8)])
    values = rng.negative_binomial(10, 10 / (10 + 100), (50, 16)).astype(float)
    spoiled = values.copy()
    spoiled[:, 2] *= 50
    ratio = robust_dispersion(spoiled, X) / robust_dispersion(values, X)
    assert ratio.max() < 5
    moments = spoiled.var(axis=1) / spoiled.mean(axis=1) ** 2
    assert np.median(moments) > 5 * np.median(robust_dispersion(spoiled, X))


def test_outliers_are_replaced_where_replicates_are_many_only():
    X = np.column_stack([np.ones(10), np.repeat([0, 1], [7, 3])])
    assert cells(X)[1].tolist() == [7] * 7 + [3] * 3
    counts = np.full((1, 10), 20.0)
    counts[0, [0, 8]] = 900
    distances = np.where(counts > 100, 1e3, 0.0)
    new, changed = replaced(counts, distances, X, np.ones(10))
    assert changed.all()
    assert new[0].tolist() == [20] * 8 + [900, 20]


def test_a_small_count_beside_larger_ones_is_spared():
    counts = np.array([[0.0, 9, 9, 9], [90, 9, 9, 9]])
    distances = np.array([[5.0, 0, 0, 0], [5.0, 0, 0, 0]])
    assert spared(counts, distances).tolist() == [True, False]


def test_smooth_curves_hold_quadratics():
    x = np.linspace(0, 8, 120)
    np.testing.assert_allclose(loess(x, 1 + x - 0.2 * x**2, 0.2, x[:-1]), 1 + x[:-1] - 0.2 * x[:-1] ** 2, atol=1e-10)
    mean = np.exp(np.linspace(0, 9, 80))
    curve = LocalCurve(np.exp(1 - 0.5 * np.log(mean) + 0.03 * np.log(mean) ** 2), mean)
    wider = np.exp(np.linspace(-2, 11, 50))
    np.testing.assert_allclose(curve(wider), np.exp(1 - 0.5 * np.log(wider) + 0.03 * np.log(wider) ** 2), rtol=1e-8)


def test_counts_that_scatter_less_than_poisson_are_refused():
    samples = [f"s{i}" for i in range(8)]
    design = pd.DataFrame({"g": list("aaaabbbb")}, samples)
    counts = pd.DataFrame(np.tile([100] * 8, (20, 1)), columns=samples).rename("g{}".format)
    with pytest.raises(ValueError, match=r"No gene scatters more than Poisson.*quasi_likelihood"):
        deseq2(counts, design, "~ g")


def test_a_few_genes_without_a_curve_are_refused():
    rng = np.random.default_rng(8)
    mean = np.exp(np.linspace(2, 8, 5))
    with pytest.raises(ValueError, match=r"Only 5 genes scatter more than Poisson.*at least 10"):
        shrunken_dispersions.shared(mean / 1e4 * rng.uniform(0.9, 1.1, 5), mean, 6)
