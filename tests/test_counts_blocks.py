"""Samples in pairs and blocks: filter, sums, blocks as fixed effects, one correlation within blocks, thresholds.

Against edgeR, limma and DESeq2 on the two public studies (`tests/reference/counts`), by laws, and by what is refused.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.counts import filter_by_expression, quasi_likelihood, sum_by, voom
from helpers.counts.blocks import BlockProducts, consensus, correlations, least_squares, restricted_likelihood
from helpers.counts.thresholds import FURTHEST, beyond, deviate, interval_p
from helpers.data import load_airway_counts, load_airway_samples, load_shock_counts, load_shock_samples
from helpers.mixed import fit_mixed
from helpers.refusals.errors import UnknownNameError

FOLDER = Path(__file__).parent / "reference" / "counts"
PAIRED, TREATED = "~ donor + dexamethasone", "dexamethasone[T.treated]"

few = settings(deadline=None, max_examples=5, derandomize=True)


def printed(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def of(result, term):
    return result[result["term"] == term].set_index("gene")


@pytest.fixture(scope="module")
def airway():
    return load_airway_counts(), load_airway_samples()


@pytest.fixture(scope="module")
def shock():
    return load_shock_counts(), load_shock_samples()


# --- The filter ------------------------------------------------------------------------------------------------------

FILTERS = {
    "airway_design": ("~ donor + dexamethasone", {}),
    "airway_group": (None, {"group": "dexamethasone"}),
    "airway_none": (None, {}),
    "airway_no_intercept": ("~ 0 + dexamethasone", {}),
    "airway_strict": (None, {"group": "dexamethasone", "min_count": 100, "min_total_count": 1000}),
    "airway_total": (None, {"group": "dexamethasone", "min_count": 2, "min_total_count": 60}),
    "shock_time": ("~ time", {"min_count": 50}),
    "shock_large": (None, {"group": "time", "min_count": 200, "large_n": 5, "min_prop": 0.4}),
    "shock_patient": ("~ patient + time", {"min_count": 300}),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filter_keeps_the_genes_that_edger_keeps(name, request):
    counts, samples = request.getfixturevalue(name.split("_")[0])
    formula, options = FILTERS[name]
    kept = filter_by_expression(counts, samples, formula, **options)
    assert kept.index.equals(counts.index)
    found = {"kept": int(kept.sum()), "places": int((np.flatnonzero(kept) + 1).sum())}
    assert found == printed("paired.json")["filter"][name]


def test_filter_takes_the_samples_in_any_order(airway):
    counts, samples = airway
    mixed = filter_by_expression(counts.iloc[:500], samples.sample(frac=1, random_state=1), PAIRED)
    assert mixed.equals(filter_by_expression(counts.iloc[:500], samples, PAIRED))


def test_filter_does_not_hang_on_rounding():
    counts = pd.DataFrame({"a": [10, 90], "b": [10, 93], "c": [10, 99]}, index=["edge", "rest"])
    design = pd.DataFrame({"x": [1.0, 2, 4]}, index=list("abc"))
    assert filter_by_expression(counts, design, group=None).tolist() == [False, True]
    assert filter_by_expression(counts, design.assign(g=list("aab")), group="g").tolist() == [True, True]


BAD_FILTERS = {
    "both": ({"formula": "~ time", "group": "time"}, ["a formula or a group, not both"]),
    "a negative number": ({"min_count": -1}, ["min_count must be a number, 0 or above; found -1"]),
    "text": ({"min_prop": "70%"}, ["min_prop must be a number", "'70%'"]),
    "no gene left": ({"min_count": 1e9}, ["No gene has 1e+09 reads in", "Lower min_count"]),
    "a random term": ({"formula": "~ time + (1 | patient)"}, ["(1 | patient)", "take the term out"]),
}


@pytest.mark.parametrize("bad", BAD_FILTERS)
def test_filters_that_cannot_be(shock, bad):
    options, parts = BAD_FILTERS[bad]
    with pytest.raises(ValueError) as error:
        filter_by_expression(shock[0].iloc[:50], shock[1], **options)
    assert all(part in str(error.value) for part in parts), error.value


def test_filter_by_a_column_that_is_not_there_or_empty(shock):
    counts, samples = shock[0].iloc[:50], shock[1]
    with pytest.raises(UnknownNameError, match=r"no column 'tiem'\. Closest: 'time'"):
        filter_by_expression(counts, samples, group="tiem")
    with pytest.raises(ValueError, match="design has no 'patient' for sample 'E25T1'"):
        filter_by_expression(counts, samples.assign(patient=[None, *samples["patient"][1:]]), group="patient")


# --- Sums per unit ---------------------------------------------------------------------------------------------------


@pytest.fixture
def repeated():
    rng = np.random.default_rng(3)
    samples = pd.DataFrame(
        {
            "animal": list("bbaacccd"),
            "group": list("xxyyxxxy"),
            "week": [1, 2, 1, 2, 1, 2, 3, 1],
            "weight": [20.0, 20, 21, 21, 19, 19, 19, 23],
        },
        index=[f"s{i}" for i in range(8)],
    )
    return pd.DataFrame(rng.integers(0, 50, (20, 8)), [f"g{i}" for i in range(20)], samples.index), samples


def test_sums_are_those_of_pandas(repeated):
    counts, samples = repeated
    shuffled = samples.sample(frac=1, random_state=2)
    summed, units = sum_by(counts, shuffled, "animal", "~ group + weight")
    assert units.index.tolist() == summed.columns.tolist() == ["b", "a", "c", "d"]
    assert units.index.name == "animal"
    assert units.columns.tolist() == ["group", "weight"]
    assert units["group"].tolist() == ["x", "y", "x", "y"]
    theirs = counts.T.groupby(samples["animal"]).sum().T
    pd.testing.assert_frame_equal(summed[theirs.columns], theirs, check_names=False)
    assert set(summed.dtypes) == {np.dtype("int64")}


def test_sums_go_into_a_test_as_they_are(shock):
    counts, samples = shock
    samples = samples.assign(
        half=samples["patient"].map({name: "ab"[i % 2] for i, name in enumerate(samples["patient"].unique())})
    )
    summed, units = sum_by(counts.iloc[:300], samples, "patient", "~ half")
    result = voom(summed, units, "~ half")
    assert len(units) == 11
    assert result["df"].iloc[0] >= 9


BAD_SUMS = {
    "a label that varies": (
        "animal",
        "~ C(week)",
        [
            "'week' varies within 'animal': 'b' has 1, 2",
            "block='animal'",
            "groupby('animal')['week'].transform('mean')",
        ],
    ),
    "the unit in the formula": ("animal", "~ animal", ["uses 'animal', whose samples are summed"]),
    "one unit": ("one", None, ["'one' is the same for every sample: there is nothing to sum"]),
    "units of one sample": ("own", None, ["'own' is another for every sample: there is nothing to sum"]),
    "a missing unit": ("gap", None, ["samples has no 'gap' for sample 's3'"]),
    "a random term": ("animal", "~ group + (1 | animal)", ["random term (1 | animal)"]),
}


@pytest.mark.parametrize("bad", BAD_SUMS)
def test_sums_that_cannot_be(repeated, bad):
    counts, samples = repeated
    samples = samples.assign(one="m", own=list("abcdefgh"), gap=[*"aab", None, *"bbcc"])
    by, formula, parts = BAD_SUMS[bad]
    with pytest.raises(ValueError) as error:
        sum_by(counts, samples, by, formula)
    assert all(part in str(error.value) for part in parts), error.value


def test_sums_of_mismatched_samples_and_columns(repeated):
    counts, samples = repeated
    with pytest.raises(ValueError, match=r"no row for 's1' \(closest row: 'S1'\)"):
        sum_by(counts, samples.rename({"s1": "S1"}), "animal")
    with pytest.raises(UnknownNameError, match=r"samples has no column 'aminal'\. Closest: 'animal'"):
        sum_by(counts, samples, "aminal")
    with pytest.raises(ValueError) as error:
        sum_by(counts, samples.assign(dose=list("pqppqqqq")), "animal", "~ dose")
    assert "'dose' varies within 'animal': 'b' has 'p', 'q'" in str(error.value)
    assert "average" not in str(error.value)


# --- The block as a fixed effect -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(airway):
    counts, samples = airway
    return counts[filter_by_expression(counts, samples, group="dexamethasone")], samples


METHODS = {
    "voom": lambda counts, samples: voom(counts, samples, PAIRED, terms=TREATED),
    "treat_1": lambda counts, samples: voom(counts, samples, PAIRED, terms=TREATED, lfc=1),
    "quasi_likelihood": lambda counts, samples: quasi_likelihood(counts, samples, PAIRED, terms=TREATED),
    "glmTreat_1": lambda counts, samples: quasi_likelihood(counts, samples, PAIRED, terms=TREATED, lfc=1),
}


@pytest.fixture(scope="module")
def paired(kept):
    return {name: of(method(*kept), TREATED) for name, method in METHODS.items()}


@pytest.mark.parametrize("name", METHODS)
def test_pairs_give_the_genes_that_r_gives(paired, name):
    theirs = pd.read_csv(FOLDER / "paired_called.csv.gz").groupby("method")["gene"].agg(set)[name]
    ours = paired[name]
    assert set(ours.index[ours["p_adjusted"] < 0.05]) == theirs
    assert len(theirs) == printed("paired.json")["called"][name]


@pytest.mark.parametrize(
    ("name", "ours", "theirs", "rtol"),
    [
        ("voom", "log2_fold_change", "voom_estimate", 1e-8),
        ("voom", "statistic", "voom_t", 1e-8),
        ("voom", "p_value", "voom_p", 1e-8),
        ("treat_1", "statistic", "treat_1_t", 1e-7),
        ("treat_1", "p_value", "treat_1_p", 1e-8),
        ("quasi_likelihood", "statistic", "ql_F", 1e-3),
        ("quasi_likelihood", "p_value", "ql_p", 1e-3),
        ("quasi_likelihood", "df", "ql_df", 1e-5),
        ("quasi_likelihood", "dispersion", "ql_dispersion", 1e-3),
        ("quasi_likelihood", "variance", "ql_variance", 1e-3),
        ("glmTreat_1", "p_value", "glmTreat_1_p", 1e-3),
    ],
)
def test_pairs_give_the_numbers_that_r_gives(paired, name, ours, theirs, rtol):
    reference = pd.read_csv(FOLDER / "paired.csv.gz", index_col=0)[theirs]
    np.testing.assert_allclose(paired[name].loc[reference.index, ours], reference, rtol=rtol, atol=1e-12)


def test_a_threshold_leaves_the_estimates_and_calls_fewer_genes(paired):
    for one, other in (("voom", "treat_1"), ("quasi_likelihood", "glmTreat_1")):
        assert paired[one]["estimate"].equals(paired[other]["estimate"])
        called = {name: set(paired[name].index[paired[name]["p_adjusted"] < 0.05]) for name in (one, other)}
        assert called[other] < called[one]


def test_a_small_threshold_equals_r(kept):
    reference = pd.read_csv(FOLDER / "paired.csv.gz", index_col=0)
    counts, samples = kept
    low = np.log2(1.2)
    for method, column in ((voom, "treat_low_p"), (quasi_likelihood, "glmTreat_low_p")):
        ours = of(method(counts, samples, PAIRED, terms=TREATED, lfc=low), TREATED).loc[reference.index]
        np.testing.assert_allclose(ours["p_value"], reference[column], rtol=1e-3)


def test_a_threshold_of_nearly_nothing_is_the_test_of_no_change(kept):
    counts, samples = kept[0].iloc[::40], kept[1]
    for method in (voom, quasi_likelihood):
        one, other = (of(method(counts, samples, PAIRED, terms=TREATED, lfc=lfc), TREATED) for lfc in (0, 1e-7))
        np.testing.assert_allclose(one["p_value"], other["p_value"], rtol=1e-4)


@pytest.mark.parametrize("lfc", [-1, "1", True, np.inf, [1, 2]])
def test_thresholds_that_are_none(kept, lfc):
    for method in (voom, quasi_likelihood):
        with pytest.raises(ValueError, match="lfc is the log2 fold change that a gene must exceed"):
            method(kept[0].iloc[:50], kept[1], PAIRED, lfc=lfc)


def test_thresholds_hold_at_their_edge():
    """A fold change that is truly at the threshold is called no more often than promised."""
    rng = np.random.default_rng(8)
    se, df = 0.3, 6
    t = stats.t.rvs(df, size=100_000, random_state=rng)
    _, p = beyond(1 + se * t, se, df, 1.0)
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.003)
    one_sided = deviate(np.abs(t), df)
    assert np.abs(stats.norm.sf(one_sided) - stats.t.sf(np.abs(t), df)).max() < 1e-9
    assert deviate(np.array([100.0]), np.inf) == FURTHEST
    within = np.array([True, False])
    assert interval_p(np.array([1.0, 1.0]), np.array([3.0, 3.0]), within)[0] > 0.5


# --- One correlation within blocks -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blocked(shock):
    return voom(*shock, "~ time", block="patient", terms="time[T.T3]").set_index("gene")


def test_blocks_give_the_genes_that_limma_gives(blocked):
    theirs = pd.read_csv(FOLDER / "blocks_called.csv.gz").groupby("data")["gene"].agg(set)
    assert set(blocked.index[blocked["p_adjusted"] < 0.05]) == theirs["shock"]
    assert len(theirs["shock"]) == 1_780


def agrees(ours, name):
    theirs, summary = pd.read_csv(FOLDER / f"blocks_{name}.csv.gz", index_col=0), printed("blocks.json")[name]
    # limma's search for a gene's correlation stops at a relative change of 1e-6, ours at the optimum.
    np.testing.assert_array_equal(ours["block_correlation"], ours["block_correlation"].iloc[0])
    assert ours["block_correlation"].iloc[0] == pytest.approx(summary["second"], abs=1e-5)
    ours = ours.loc[theirs.index]
    np.testing.assert_allclose(ours["log2_fold_change"], theirs["estimate"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours["statistic"], theirs["t"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours["p_value"], theirs["p"], rtol=2e-4)
    np.testing.assert_allclose(ours["variance"], theirs["variance"], rtol=1e-4)
    return theirs


def test_blocks_equal_limma(blocked, shock):
    agrees(blocked, "shock")
    beyond_half = voom(*shock, "~ time", block="patient", terms="time[T.T3]", lfc=0.5).set_index("gene")
    theirs = pd.read_csv(FOLDER / "blocks_shock.csv.gz", index_col=0)["treat_p"]
    np.testing.assert_allclose(beyond_half.loc[theirs.index, "p_value"], theirs, rtol=2e-4)


def test_blocks_of_unequal_size_equal_limma(shock):
    counts, samples = shock
    depth = pd.read_csv(FOLDER / "blocks_unequal_samples.csv", index_col=0)["depth"]
    left = samples.loc[depth.index].assign(depth=depth)
    assert sorted(left["patient"].value_counts().unique()) == [1, 2, 3]
    ours = voom(counts.iloc[::10][left.index], left, "~ time + depth", block="patient", terms="time[T.T3]")
    agrees(ours.set_index("gene"), "unequal")


def drawn(seed, n_genes=6, sizes=(3, 3, 2, 4, 1)):
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(sizes)), sizes)
    x = np.column_stack([np.ones(len(codes)), rng.normal(size=len(codes))])
    y = rng.normal(size=(n_genes, len(sizes)))[:, codes] + rng.normal(size=(n_genes, len(codes)))
    return y, x, codes, rng.uniform(0.5, 2, y.shape)


@given(seed=st.integers(0, 10_000), rho=st.sampled_from([-0.2, 0.0, 0.3, 0.9]))
@few
def test_products_of_blocks_equal_the_full_matrices(seed, rho):
    y, x, codes, weights = drawn(seed)
    products = BlockProducts.of(y, x, codes, weights)
    R = np.where(codes[:, None] == codes, rho, 0.0)
    np.fill_diagonal(R, 1)
    beta, covariance, variance = least_squares(products, rho)
    value, slope = restricted_likelihood(products, rho)
    step = 1e-5
    rise = [restricted_likelihood(products, rho + side)[0] for side in (-step, step)]
    np.testing.assert_allclose(slope, (rise[1] - rise[0]) / (2 * step), rtol=1e-5, atol=1e-6)
    for gene in range(len(y)):
        root = np.sqrt(weights[gene])
        X, outcome, inverse = root[:, None] * x, root * y[gene], np.linalg.inv(R)
        unscaled = np.linalg.inv(X.T @ inverse @ X)
        b = unscaled @ X.T @ inverse @ outcome
        rss = (outcome - X @ b) @ inverse @ (outcome - X @ b)
        np.testing.assert_allclose(beta[gene], b, rtol=1e-8)
        np.testing.assert_allclose(covariance[gene], unscaled, rtol=1e-8)
        np.testing.assert_allclose(variance[gene], rss / (len(b := outcome) - 2), rtol=1e-8)
        whole = -((len(outcome) - 2) * np.log(rss) + np.linalg.slogdet(R)[1] - np.linalg.slogdet(unscaled)[1]) / 2
        np.testing.assert_allclose(value[gene], whole, rtol=1e-8)


@given(seed=st.integers(0, 10_000))
@few
def test_correlations_are_those_of_mixed_models(seed):
    y, x, codes, _ = drawn(seed)
    found = correlations(BlockProducts.of(y, x, codes))
    for outcome, rho in zip(y, found, strict=True):
        if rho < 1e-3:  # a mixed model has no negative correlation
            continue
        table = pd.DataFrame({"y": outcome, "x": x[:, 1], "b": [f"b{code}" for code in codes]})
        fit = fit_mixed("y ~ x + (1 | b)", table)
        between = fit.variance_components["vcov"].iloc[0]
        assert rho == pytest.approx(min(between / (between + fit.residual_variance), 0.99), abs=1e-5)


def test_correlations_that_are_planted_are_found():
    y, x, codes, _ = drawn(1, n_genes=4_000, sizes=(4,) * 60)
    assert consensus(correlations(BlockProducts.of(y, x, codes))) == pytest.approx(0.5, abs=0.02)
    alone = np.random.default_rng(2).normal(size=y.shape)
    assert consensus(correlations(BlockProducts.of(alone, x, codes))) == pytest.approx(0, abs=0.02)


def test_a_gene_without_scatter_has_no_correlation():
    y, x, codes, _ = drawn(1)
    y[2] = 0
    found = correlations(BlockProducts.of(y, x, codes))
    assert np.isnan(found).tolist() == [False, False, True, False, False, False]
    assert np.isfinite(consensus(found))


def test_names_of_blocks_and_order_of_samples_do_not_matter(shock):
    counts, samples = shock[0].iloc[::40], shock[1]
    one = voom(counts, samples, "~ time", block="patient")
    other = samples.assign(
        patient=samples["patient"].map({name: i for i, name in enumerate(samples["patient"].unique())})
    )
    two = voom(counts, other.sample(frac=1, random_state=3), "~ time", block="patient")
    np.testing.assert_allclose(one["p_value"], two["p_value"], rtol=1e-6)


# --- Designs that answer nothing -------------------------------------------------------------------------------------


def groups_of(samples, labels="ab"):
    return samples.assign(
        group=samples["patient"].map({name: labels[i % 2] for i, name in enumerate(samples["patient"].unique())})
    )


@pytest.mark.parametrize("method", [voom, quasi_likelihood])
@pytest.mark.parametrize(
    ("change", "formula", "parts"),
    [
        (
            groups_of,
            "~ patient + group",
            [
                "'group' is the same in all samples of each 'patient'",
                "take 'patient' out of the formula and sum its samples first (sum_by).",
            ],
        ),
        (
            lambda samples: samples.assign(
                batch=samples["time"].map({"T1": "mon", "T2": "tue", "T3": "wed"}).astype(str)
            ),
            "~ batch + time",
            ["'time' and 'batch' divide the samples in the same way", "no analysis can tell their effects apart"],
        ),
        (
            lambda samples: samples.assign(culture=samples.index),
            "~ culture + time",
            ["'culture' has a level of its own for each of the 33 rows", "drop it from this part"],
        ),
    ],
)
def test_blocks_confounded_with_the_condition(shock, method, change, formula, parts):
    with pytest.raises(ValueError) as error:
        method(shock[0].iloc[:50], change(shock[1]), formula)
    assert all(part in str(error.value) for part in parts), error.value
    assert "block=" not in str(error.value)  # between animals, one correlation does not keep the rate (benchmarks)


BAD_BLOCKS = {
    "one block": ("one", "~ time", ["block='one' is the same for every sample"]),
    "a block for every sample": (
        "own",
        "~ time",
        ["block='own' has another value for every sample", "several samples"],
    ),
    "one pair": ("pair", "~ time", ["one pair of samples and no more"]),
    "a block that is missing": ("gap", "~ time", ["design has no 'gap' for sample 'E25T2'"]),
    "a block in the formula": ("patient", "~ patient + time", ["already tells 'patient' apart", "leave block out"]),
    "a block that follows from the formula": ("group", "~ patient + time", ["already tells 'group' apart"]),
}


@pytest.mark.parametrize("bad", BAD_BLOCKS)
def test_blocks_that_cannot_be(shock, bad):
    block, formula, parts = BAD_BLOCKS[bad]
    samples = groups_of(shock[1])
    own = [f"u{i}" for i in range(33)]
    samples = samples.assign(one="u", own=own, pair=["u1", *own[1:]], gap=["u", None, *samples["patient"][2:]])
    with pytest.raises(ValueError) as error:
        voom(shock[0].iloc[:50], samples, formula, block=block)
    assert all(part in str(error.value) for part in parts), error.value


def test_a_block_that_is_not_there_and_samples_that_do_not_match(shock):
    counts, samples = shock[0].iloc[:50], shock[1]
    with pytest.raises(UnknownNameError, match=r"design has no column 'patents'\. Closest: 'patient'"):
        voom(counts, samples, "~ time", block="patents")
    with pytest.raises(ValueError, match=r"no row for 'G50T1' \(closest row: 'G51T1'\)"):
        voom(counts, samples.rename({"G50T1": "G51T1"}), "~ time", block="patient")
    with pytest.raises(ValueError, match=r"random term \(1 \| patient\)"):
        voom(counts, samples, "~ time + (1 | patient)", block="patient")
