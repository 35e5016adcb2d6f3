"""Laws that `fit_genes` obeys whatever the data: what must not matter, what comes in, and the global optimum."""

import ast
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

import helpers
from helpers.genes import fit_genes
from helpers.genes.core.optimum import lowest
from helpers.genes.core.own import Own
from helpers.genes.core.shared import Shared, shared_design
from helpers.mixed import SingularFitWarning, fit_mixed, reml
from helpers.moderation.variances import squeeze_variances

FORMULA = "~ f + x + (1 | g)"
few = settings(deadline=None, max_examples=6, derandomize=True)
seeds = st.integers(0, 10_000)
methods = st.sampled_from(["satterthwaite", "kenward-roger", "normal"])
cases = st.sampled_from(["complete", "missing", "weights"])


def simulated(seed, case="complete", genes=12):
    """Genes with more and less variance between groups of three to five samples; design; weights."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(7), rng.integers(3, 6, 7))
    n = len(group)
    design = pd.DataFrame(
        {
            "g": [f"g{i}" for i in group],
            "f": pd.Categorical(np.array(["a", "b", "c"])[np.arange(n) % 3]),
            "x": rng.normal(2, 1, n),
        },
        index=[f"s{i}" for i in range(n)],
    )
    between = rng.choice([0.0, 0.5, 2.0], (genes, 1)) * rng.normal(size=(genes, 7))[:, group]
    y = pd.DataFrame(between + rng.normal(size=(genes, n)), [f"gene{i}" for i in range(genes)], design.index)
    if case == "missing":
        y = y.mask(rng.random(y.shape) < 0.1)
    weights = pd.DataFrame(rng.gamma(3, 1, y.shape), y.index, y.columns) if case == "weights" else None
    return y, design, weights


def same(one, other, factor=1.0, rtol=1e-6):
    """Equal tables, but that the second's outcome is measured in other units."""
    assert one["is_singular"].tolist() == other["is_singular"].tolist()
    np.testing.assert_allclose(other["theta"], one["theta"], rtol=rtol, atol=1e-7)
    np.testing.assert_allclose(other["sigma"], abs(factor) * one["sigma"], rtol=rtol)
    std_error = abs(factor) * one["std_error"]
    np.testing.assert_allclose(other["std_error"], std_error, rtol=rtol)
    np.testing.assert_allclose((other["estimate"] - factor * one["estimate"]) / std_error, 0, atol=rtol)
    # Where θ is next to zero Satterthwaite's degrees of freedom hang on its last digits.
    near_zero = (one["theta"] > 0) & (one["theta"] < 0.02)
    np.testing.assert_allclose(other["df"][~near_zero], one["df"][~near_zero], rtol=1e-5)
    np.testing.assert_allclose(other["p_value"][~near_zero], one["p_value"][~near_zero], rtol=1e-3)


# --- What must not matter -------------------------------------------------------------------------------------------


@few
@given(seeds, cases, methods)
def test_the_order_of_samples_does_not_matter(seed, case, ddf):
    y, design, w = simulated(seed, case)
    one = fit_genes(y, design, FORMULA, ddf=ddf, weights=w)
    turned = w if w is None else w.sample(frac=1, axis=1, random_state=seed + 1)
    same(one, fit_genes(y, design.sample(frac=1, random_state=seed), FORMULA, ddf=ddf, weights=turned))
    same(one, fit_genes(y.sample(frac=1, axis=1, random_state=seed), design, FORMULA, ddf=ddf, weights=turned))


@few
@given(seeds, cases, methods)
def test_neither_the_order_of_genes_nor_their_company_matters(seed, case, ddf):
    y, design, w = simulated(seed, case)
    one = fit_genes(y, design, FORMULA, ddf=ddf, weights=w).set_index(["gene", "term"])
    mixed = fit_genes(y.sample(frac=1, random_state=seed), design, FORMULA, ddf=ddf, weights=w)
    same(one, mixed.set_index(["gene", "term"]).loc[one.index])
    np.testing.assert_allclose(
        mixed.set_index(["gene", "term"]).loc[one.index, "p_adjusted"], one["p_adjusted"], rtol=1e-3
    )
    alone = fit_genes(y.iloc[[4]], design, FORMULA, ddf=ddf, weights=w if w is None else w.iloc[[4]])
    same(one.loc[[y.index[4]]].reset_index(), alone)


@few
@given(seeds, cases, methods, st.sampled_from([-1.0, 1e-6, 300.0]), st.sampled_from([0.0, 1e4]))
def test_unit_and_offset_of_the_expression_do_not_matter(seed, case, ddf, unit, offset):
    y, design, w = simulated(seed, case)
    one = fit_genes(y, design, FORMULA, ddf=ddf, weights=w)
    same(one, fit_genes(unit * y, design, FORMULA, ddf=ddf, weights=w), unit)
    shifted = fit_genes(y + offset, design, FORMULA, ddf=ddf, weights=w)
    slopes = one["term"] != "(Intercept)"
    same(one[slopes], shifted[slopes])


@few
@given(seeds, cases, methods, st.sampled_from([-2.0, 1e-4, 1e5]), st.sampled_from([0.0, 50.0]))
def test_unit_and_offset_of_a_covariate_do_not_matter(seed, case, ddf, unit, offset):
    y, design, w = simulated(seed, case)
    one = fit_genes(y, design, FORMULA, ddf=ddf, weights=w)
    other = fit_genes(y, design.assign(x=unit * design["x"] + offset), FORMULA, ddf=ddf, weights=w)
    x = one["term"] == "x"
    np.testing.assert_allclose(other.loc[x, "estimate"] * unit, one.loc[x, "estimate"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.loc[x, "std_error"] * abs(unit), one.loc[x, "std_error"], rtol=1e-6)
    rest = one["term"].isin(["f[T.b]", "f[T.c]"])
    same(one[rest], other[rest])


@few
@given(seeds, cases, methods)
def test_the_names_of_groups_and_the_reference_level_do_not_matter(seed, case, ddf):
    y, design, w = simulated(seed, case)
    contrast = {"c − b": {"f[T.c]": 1, "f[T.b]": -1}}
    one = fit_genes(y, design, FORMULA, ddf=ddf, weights=w, contrasts=contrast)
    renamed = design.assign(
        g=design["g"].map({f"g{i}": f"animal {9 - i}" for i in range(7)}),
        f=design["f"].cat.reorder_categories(["b", "c", "a"]),
    )
    other = fit_genes(y, renamed, FORMULA, ddf=ddf, weights=w, contrasts={"f[T.c]": 1})
    same(one, other)
    np.testing.assert_allclose(other["deviance"], one["deviance"], rtol=1e-9)


@few
@given(seeds, methods)
def test_equal_weights_are_no_weights(seed, ddf):
    y, design, _ = simulated(seed)
    one = fit_genes(y, design, FORMULA, ddf=ddf)
    other = fit_genes(y, design, FORMULA, ddf=ddf, weights=np.full(y.shape, 4.0))
    same(one, other.assign(sigma=other["sigma"] / 2, theta=2 * other["theta"]))
    np.testing.assert_allclose(other["deviance"], one["deviance"], rtol=1e-9)


@few
@given(seeds, methods)
def test_a_missing_sample_is_one_that_is_not_there(seed, ddf):
    y, design, _ = simulated(seed)
    masked = y.copy()
    masked.iloc[:, 5] = np.nan
    left = y.columns.delete(5)
    one, other = fit_genes(masked, design, FORMULA, ddf=ddf), fit_genes(y[left], design.loc[left], FORMULA, ddf=ddf)
    same(one, other)
    np.testing.assert_allclose(one["deviance"], other["deviance"], rtol=1e-9)


# --- Known distributions --------------------------------------------------------------------------------------------


def test_a_singular_gene_is_ordinary_least_squares():
    y, design, _ = simulated(1, genes=40)
    mixed, plain = fit_genes(y, design, FORMULA), fit_genes(y, design, "~ f + x")
    zero = mixed["theta"] == 0
    assert 0 < zero.sum() < len(zero)
    for column in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(mixed.loc[zero, column], plain.loc[zero, column], rtol=1e-8)


def test_balanced_groups_give_the_exact_t_test_between_groups():
    """One value per group mean: a covariate that is constant within groups is tested on the means."""
    rng = np.random.default_rng(4)
    group, z = np.repeat(np.arange(8), 3), rng.normal(size=8)
    design = pd.DataFrame({"g": group, "z": z[group]}, index=[f"s{i}" for i in range(24)])
    y = 2 * rng.normal(size=(5, 8))[:, group] + rng.normal(size=(5, 24))
    for ddf in ("satterthwaite", "kenward-roger"):
        table = fit_genes(pd.DataFrame(y, columns=design.index), design, "~ z + (1 | g)", ddf=ddf).query("term == 'z'")
        means = y.reshape(5, 8, 3).mean(axis=2)
        exact = [stats.linregress(z, row) for row in means]
        np.testing.assert_allclose(table["estimate"], [line.slope for line in exact], rtol=1e-9)
        np.testing.assert_allclose(table["df"], 6, rtol=1e-6)
        np.testing.assert_allclose(table["p_value"], [line.pvalue for line in exact], rtol=1e-5)


def test_the_adjustment_is_per_term_over_the_genes_tested():
    y, design, _ = simulated(3, genes=30)
    y.iloc[7] = 1.0
    table = fit_genes(y, design, FORMULA)
    assert table["reason"].eq("constant").sum() == 4
    for _, rows in table.groupby("term"):
        tested = rows["p_value"].notna()
        expected = stats.false_discovery_control(rows.loc[tested, "p_value"])
        np.testing.assert_allclose(rows.loc[tested, "p_adjusted"], expected, rtol=1e-12)
        assert rows.loc[~tested, "p_adjusted"].isna().all()
    holm = fit_genes(y, design, FORMULA, adjust="holm")["p_adjusted"]
    assert (holm.dropna() >= table["p_adjusted"].dropna() - 1e-12).all()
    assert "p_adjusted" not in fit_genes(y, design, FORMULA, adjust=None)


def test_moderation_lies_between_the_gene_and_the_prior():
    rng = np.random.default_rng(5)
    variances = 2 * rng.chisquare(6, 4000) / 6 * 8 / rng.chisquare(8, 4000)  # s0² = 2, d0 = 8
    posterior, prior_df, prior_variance = squeeze_variances(variances, 6)
    assert prior_df == pytest.approx(8, rel=0.1)
    assert prior_variance == pytest.approx(2, rel=0.05)
    assert (np.sign(posterior - variances) == np.sign(prior_variance - variances)).all()


# --- The global optimum ---------------------------------------------------------------------------------------------


def two_valleys(apart):
    """Two pairs far apart call for a large λ, six groups of 200 with one mean for none."""
    group = np.repeat(np.arange(8), [2, 2, *[200] * 6])
    means = np.array([-apart, apart, 0, 0, 0, 0, 0, 0])
    return group, means[group] + np.where(np.arange(len(group)) % 2, 1.0, -1.0)


@pytest.mark.parametrize(("apart", "is_singular"), [(3.7, False), (3.0, True)])
def test_of_two_minima_the_lower_is_found(apart, is_singular):
    group, y = two_valleys(apart)
    design = pd.DataFrame({"g": group}, index=[f"s{i}" for i in range(len(y))])
    table = fit_genes(pd.DataFrame([y], columns=design.index), design, "~ 1 + (1 | g)")
    data = reml.cross_products(y, np.ones((len(y), 1)), [(np.ones((len(y), 1)), group, 8)])
    thetas = np.concatenate([[0], np.geomspace(1e-3, 50, 400)])
    heights = np.array([reml.solve(data, [theta]).deviance for theta in thetas])
    inner = (heights[1:-1] < heights[:-2]) & (heights[1:-1] < heights[2:])
    assert inner.sum() == 1
    assert heights[0] < heights[1]  # so zero is a minimum, too
    assert table["deviance"].item() <= heights.min() + 1e-9
    assert table["deviance"].item() == pytest.approx(heights.min(), abs=0.01)
    assert table["is_singular"].item() is is_singular
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed("y ~ 1 + (1 | g)", design.assign(y=y))
    assert fit.deviance == pytest.approx(table["deviance"].item(), abs=1e-7)


@few
@given(seeds)
def test_no_point_of_a_fine_grid_is_lower(seed):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(6), [4, *rng.integers(1, rng.choice([4, 30]), 5)])
    x = np.column_stack([np.ones(len(group)), rng.normal(size=len(group))])
    spread = rng.choice([0, 0.3, 1, 10], (60, 1)) * rng.choice([1, 1, 4], (60, 6))
    y = (spread * rng.normal(size=(60, 6)))[:, group] + rng.normal(size=(60, len(group)))
    q, r = np.linalg.qr(x)
    model = Shared(shared_design(q, r, group), y)
    own = Own(q, 0.0, group, y, np.ones_like(y))
    every = np.arange(60)
    grid = np.concatenate([[0], np.geomspace(1e-8, 1e8, 300)])
    floor = np.min([model.height(np.full(60, lam), every).deviance(model.nu) for lam in grid], axis=0)
    for each in (model, own):
        lam, reached = lowest(each)
        assert reached.all()
        assert (model.height(lam, every).deviance(model.nu) <= floor + 1e-9).all()


# --- What comes in --------------------------------------------------------------------------------------------------


def test_every_form_of_expression_gives_the_same(tmp_path):
    y, design, w = simulated(8, "weights")
    one = fit_genes(y, design, FORMULA)
    pd.testing.assert_frame_equal(fit_genes(y.astype("Float64"), design, FORMULA), one)
    unnamed = fit_genes(y.to_numpy(), design, FORMULA)
    assert unnamed["gene"].tolist() == np.repeat(np.arange(12), 4).tolist()
    pd.testing.assert_frame_equal(unnamed.drop(columns="gene"), one.drop(columns="gene"))
    y.to_parquet(tmp_path / "index.parquet")
    y.rename_axis("gene").reset_index().to_parquet(tmp_path / "column.parquet")
    for name in ("index.parquet", "column.parquet"):
        pd.testing.assert_frame_equal(fit_genes(tmp_path / name, design, FORMULA), one)
        pd.testing.assert_frame_equal(fit_genes(str(tmp_path / name), design, FORMULA), one)
    weighted = fit_genes(y, design, FORMULA, weights=w)
    pd.testing.assert_frame_equal(fit_genes(y, design, FORMULA, weights=w.iloc[::-1, ::-1]), weighted)
    pd.testing.assert_frame_equal(fit_genes(y, design, FORMULA, weights=w.to_numpy()), weighted)


def test_weights_may_be_one_per_sample():
    y, design, _ = simulated(8)
    per_sample = pd.Series(np.linspace(1, 2, y.shape[1]), y.columns)
    whole = fit_genes(y, design, FORMULA, weights=np.tile(per_sample, (len(y), 1)))
    pd.testing.assert_frame_equal(fit_genes(y, design, FORMULA, weights=per_sample.iloc[::-1]), whole)
    pd.testing.assert_frame_equal(fit_genes(y, design, FORMULA, weights=per_sample.to_numpy()), whole)


def annotated(y, design):
    """What `fit_genes` reads of an AnnData: samples are rows."""
    return SimpleNamespace(
        X=sparse.csr_array(np.exp(y.to_numpy().T)),
        layers={"log": y.to_numpy().T},
        obs=design,
        obs_names=design.index,
        var_names=y.index,
    )


def test_an_anndata_is_turned_round():
    y, design, _ = simulated(9)
    data, one = annotated(y, design), fit_genes(y, design, FORMULA)
    pd.testing.assert_frame_equal(fit_genes(data, None, FORMULA, layer="log"), one)
    pd.testing.assert_frame_equal(
        fit_genes(data, design.iloc[::-1], FORMULA, layer="log")[["gene", "term"]], one[["gene", "term"]]
    )
    raw = fit_genes(data, None, FORMULA)
    np.testing.assert_allclose(raw["estimate"], fit_genes(np.exp(y), design, FORMULA)["estimate"], rtol=1e-9)


def test_samples_without_a_covariate_are_dropped_with_a_warning():
    y, design, w = simulated(10, "weights")
    gap = design.copy()
    gap.iloc[3, 2] = np.nan
    with pytest.warns(UserWarning, match="dropped 1 of"):
        one = fit_genes(y, gap, FORMULA, weights=w)
    left = y.columns.delete(3)
    pd.testing.assert_frame_equal(one, fit_genes(y[left], design.loc[left], FORMULA, weights=w[left]))


def test_contrasts_come_as_dict_frame_and_array():
    y, design, _ = simulated(11)
    names = ["(Intercept)", "f[T.b]", "f[T.c]", "x"]
    rows = pd.DataFrame([[0, 1, -1, 0], [0, 0, 0, 2.0]], ["b − c", "twice"], names)
    one = fit_genes(y, design, FORMULA, contrasts=rows)
    assert one["contrast"].tolist() == ["b − c", "twice"] * 12
    by_name = {"b − c": {"f[T.b]": 1, "f[T.c]": -1}, "twice": rows.loc["twice"]}
    pd.testing.assert_frame_equal(fit_genes(y, design, FORMULA, contrasts=by_name), one)
    array = fit_genes(y, design, FORMULA, contrasts=rows.to_numpy())
    assert array["contrast"].tolist() == ["0", "1"] * 12
    np.testing.assert_array_equal(array["p_value"], one["p_value"])
    single = fit_genes(y, design, FORMULA, contrasts={"x": 2})
    np.testing.assert_array_equal(single["estimate"], one["estimate"][1::2])


def test_a_random_intercept_may_stand_in_two_columns():
    y, design, _ = simulated(12)
    halves = design.assign(half=design["g"].str[1].astype(int) // 4)
    pd.testing.assert_frame_equal(fit_genes(y, halves, "~ f + x + (1 | half:g)"), fit_genes(y, design, FORMULA))


def test_z_tests_have_infinite_degrees_of_freedom():
    y, design, _ = simulated(13)
    for formula in (FORMULA, "~ f + x"):
        table = fit_genes(y, design, formula, ddf="normal")
        assert np.isinf(table["df"]).all()
        np.testing.assert_allclose(table["p_value"], 2 * stats.norm.sf(table["statistic"].abs()), rtol=1e-12)
        half = stats.norm.isf(0.025) * table["std_error"]
        np.testing.assert_allclose(table["conf_high"] - table["estimate"], half, rtol=1e-12)


# --- Where things stand ---------------------------------------------------------------------------------------------

CORES = [
    *Path(helpers.__file__).parent.glob("genes/core/*.py"),
    *(Path(helpers.__file__).parent / name for name in ("mixed/ddf.py", "moderation/variances.py")),
]


@pytest.mark.parametrize("path", CORES, ids=lambda path: path.name)
def test_numerical_cores_import_numpy_and_scipy_only(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    allowed = ("numpy", "scipy", "helpers.genes.core", "math", "dataclasses", "typing", "__future__")
    assert not [name for name in found if not name.startswith(allowed)]
