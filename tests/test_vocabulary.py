"""One word for one thing in all of `helpers`: tables of tests, corrections, contrasts, unknown names, samples."""

import pickle
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from helpers import counts as methods
from helpers.contrasts import comparisons, predictions
from helpers.correlation import correlate
from helpers.counts.count_pictures import library_sizes, sample_map
from helpers.design.samples import match_samples, sample_difference
from helpers.genes import fit_genes
from helpers.hypotheses.adjusting import adjusted_p_values, adjusted_where_tested
from helpers.hypotheses.wald import f_p_value, two_sided, wald_columns
from helpers.hypotheses.weights import contrast_weights, named_contrasts
from helpers.mixed import fit_mixed
from helpers.refusals.errors import SHOWN_NAMES, UnknownNameError, unknown_name
from helpers.report.options import settle

TESTS = ["estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]
NAMES = ("(Intercept)", "urea", "drug[T.yes]", "urea:drug[T.yes]")


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(5)
    means = rng.uniform(20, 400, 60)[:, None] * np.ones(12)
    return pd.DataFrame(
        rng.negative_binomial(8, 8 / (8 + means)), [f"g{i}" for i in range(60)], [f"s{i}" for i in range(12)]
    )


@pytest.fixture(scope="module")
def design(counts):
    rng = np.random.default_rng(6)
    return pd.DataFrame(
        {"urea": rng.normal(30, 4, 12).round(1), "group": list("ab") * 6, "animal": list("mmnnooppqqrr")},
        index=counts.columns[::-1],
    )


@pytest.fixture(scope="module")
def mice(design):
    rng = np.random.default_rng(7)
    return design.assign(y=rng.normal(0, 1, 12) + 0.1 * design["urea"])


@pytest.fixture(scope="module")
def fit(mice):
    return fit_mixed("y ~ urea + group + (1 | animal)", mice)


# --- One table of tests ---------------------------------------------------------------------------------------------

numbers = st.floats(-30, 30)


@given(hnp.arrays(float, 5, elements=numbers), st.floats(0.5, 400), st.floats(0.01, 0.999))
def test_a_table_of_t_tests_is_scipys(estimate, df, conf_level):
    table = wald_columns(estimate, np.full(5, 1.5), df, conf_level)
    assert list(table) == TESTS
    np.testing.assert_array_equal(table["statistic"], estimate / 1.5)
    np.testing.assert_allclose(table["p_value"], 2 * stats.t.sf(np.abs(estimate / 1.5), df), rtol=1e-12)
    low, high = stats.t.interval(conf_level, df, estimate, 1.5)
    np.testing.assert_allclose(table["conf_low"], low, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(table["conf_high"], high, rtol=1e-8, atol=1e-8)


def test_without_limit_of_df_t_is_z_and_no_p_value_is_lost_in_the_tail():
    z = np.array([0.0, 1.0, 8.0, 30.0])
    table = wald_columns(z, np.ones(4), np.inf, 0.9)
    np.testing.assert_allclose(table["p_value"], 2 * stats.norm.sf(z), rtol=1e-13)
    np.testing.assert_allclose(table["conf_high"] - z, stats.norm.isf(0.05), rtol=1e-12)
    assert 0 < table["p_value"][3] < 1e-190
    np.testing.assert_allclose(two_sided(z, 1e12), two_sided(z, np.inf), rtol=1e-5)


def test_where_there_is_no_estimate_there_is_no_test():
    table = wald_columns([np.nan, 1.0], [1.0, np.nan], [3.0, np.nan])
    assert all(np.isnan(table[name]).all() for name in ("statistic", "p_value", "conf_low", "conf_high"))


@pytest.mark.parametrize("num_df", [1, 3])
def test_f_tests_end_in_chi_squared(num_df):
    f = np.array([0.0, 0.5, 4.0, 200.0])
    np.testing.assert_allclose(f_p_value(f, num_df, 7.5), stats.f.sf(f, num_df, 7.5), rtol=1e-13)
    np.testing.assert_allclose(f_p_value(f, num_df, np.inf), stats.chi2.sf(num_df * f, num_df), rtol=1e-13)
    np.testing.assert_allclose(f_p_value(f, num_df, 1e10), f_p_value(f, num_df, np.inf), rtol=1e-4)
    mixed = f_p_value(f, num_df, np.array([7.5, np.inf, 7.5, np.inf]))
    np.testing.assert_array_equal(mixed[::2], f_p_value(f, num_df, 7.5)[::2])
    np.testing.assert_array_equal(mixed[1::2], f_p_value(f, num_df, np.inf)[1::2])


def test_an_f_of_one_contrast_is_the_square_of_its_t(fit):
    for ddf in ("satterthwaite", "kenward-roger", "normal"):
        t, f = fit.contrast("urea", ddf).iloc[0], fit.joint_test("urea", ddf).iloc[0]
        assert f["statistic"] == pytest.approx(t["statistic"] ** 2)
        assert f["p_value"] == pytest.approx(t["p_value"])


def test_every_table_has_the_same_columns_in_the_same_order(fit, counts, design):
    tables = [
        fit.coefficients(),
        fit.contrast({"urea": 2}),
        comparisons(fit, "group", adjust="holm"),
        predictions(fit, "group"),
        fit_genes(np.log2(counts + 1), design, "~ urea + (1 | animal)"),
        methods.voom(counts, design, "~ urea"),
        methods.quasi_likelihood(counts, design, "~ urea"),
        methods.fit_negative_binomial(counts[:4], design, "~ urea", size_factors=np.ones(12)),
    ]
    for table in tables:
        start = list(table).index("estimate")
        assert list(table)[start : start + 7] == TESTS
        assert list(table).index("p_adjusted") == start + 7 if "p_adjusted" in table else True


# --- One list of corrections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ours", "theirs"), [("BH", "fdr_bh"), ("BY", "fdr_by")])
def test_both_usual_names_are_understood_everywhere(fit, counts, design, mice, ours, theirs):
    logs = np.log2(counts + 1)
    for ask in (
        lambda name: adjusted_p_values([0.01, 0.02, 0.5], name),
        lambda name: comparisons(fit, "group", adjust=name),
        lambda name: fit_genes(logs, design, "~ urea", adjust=name),
        lambda name: correlate(mice.assign(x=range(12)), ["urea", "x"], "y", adjust=name),
    ):
        np.testing.assert_array_equal(ask(ours), ask(theirs))
    for template in ("correlation", "mixed_model"):
        needed = {"outcome": "y"} if template == "correlation" else {"formula": "y ~ x"}
        assert settle(template, {"data": "x.csv", "adjust": theirs} | needed).adjust == ours


@pytest.mark.parametrize("name", ["fdr", "tukey", 3])
def test_what_is_no_correction_of_p_values_is_refused_everywhere(counts, design, mice, name):
    for ask in (
        lambda: adjusted_p_values([0.01], name),
        lambda: fit_genes(np.log2(counts + 1), design, "~ urea", adjust=name),
        lambda: correlate(mice, "urea", "y", adjust=name),
    ):
        with pytest.raises(ValueError, match=r"adjust is None or one of 'holm', 'BH', 'BY', 'bonferroni', 'sidak'"):
            ask()


def test_genes_without_a_test_are_no_part_of_the_family():
    p = np.array([[0.01, np.nan], [np.nan, np.nan], [0.04, np.nan]])
    np.testing.assert_allclose(adjusted_where_tested(p, "bonferroni")[:, 0], [0.02, np.nan, 0.08])
    assert np.isnan(adjusted_where_tested(p, "BH")[:, 1]).all()
    np.testing.assert_array_equal(adjusted_where_tested(p, None), p)


def test_several_correlations_are_a_family(mice):
    table = correlate(mice.assign(x=np.arange(12) ** 2), ["urea", "x"], "y", adjust="holm")
    np.testing.assert_array_equal(table["p_adjusted"], adjusted_p_values(table["p_value"], "holm"))
    assert "p_adjusted" not in correlate(mice, "urea", "y")


# --- One way to write contrasts -------------------------------------------------------------------------------------

SAME = {
    "a name": "urea",
    "a list of names": ["urea"],
    "a dict of weights": {"urea": 1},
    "a Series": pd.Series({"urea": 1.0}),
    "a label and a name": {"slope": "urea"},
    "a label and a dict": {"slope": {"urea": 1}},
    "a label and weights": {"slope": [0, 1, 0, 0]},
    "a frame": pd.DataFrame({"urea": [1]}, index=["slope"]),
    "a row": [0, 1, 0, 0],
    "an array": np.array([[0, 1, 0, 0]]),
}


@pytest.mark.parametrize("contrasts", SAME.values(), ids=SAME)
def test_one_contrast_written_in_many_ways(contrasts):
    rows = contrast_weights(contrasts, NAMES)
    np.testing.assert_array_equal(rows.to_numpy(), [[0, 1, 0, 0]])
    assert tuple(rows.columns) == NAMES


def test_several_contrasts_keep_their_names():
    rows = contrast_weights({"at 0": "urea", "at 1": {"urea": 1, "urea:drug[T.yes]": 1}}, NAMES)
    assert list(rows.index) == ["at 0", "at 1"]
    np.testing.assert_array_equal(rows.to_numpy(), [[0, 1, 0, 0], [0, 1, 0, 1]])
    names = contrast_weights(["urea", "drug[T.yes]"], NAMES)
    assert list(names.index) == ["urea", "drug[T.yes]"]
    assert names.index.name == "term"


@pytest.mark.parametrize(
    ("contrasts", "message"),
    [
        ([], "contrasts is empty.*'urea'"),
        ({}, "contrasts is empty"),
        (pd.DataFrame(columns=["urea"]), "contrasts is empty"),
        ({"a": 3, "b": {"urea": 1}}, r"contrasts\['a'\] must be.*found 3"),
        ({"a": ["urea", "drug[T.yes]"]}, "'a' has 2 rows"),
        ({"urea": 0}, "weight other than zero"),
        ({"urea": np.inf}, "only finite"),
        ([1, 0], "needs 4 weights.*found 2"),
        ("uera", "no coefficient 'uera'. Closest: 'urea'"),
        (["urea", "dog"], "no coefficient 'dog'"),
        ({"a": {"uera": 1}}, "no coefficient 'uera'"),
        (pd.DataFrame({"uera": [1]}), "no coefficient 'uera'"),
    ],
)
def test_what_is_no_contrast_is_refused(contrasts, message):
    with pytest.raises(ValueError, match=message):
        contrast_weights(contrasts, NAMES)


def test_contrasts_of_every_gene_need_names_of_their_own():
    with pytest.raises(ValueError, match="share a name"):
        named_contrasts(["urea", "urea"], NAMES)


@pytest.mark.parametrize("contrasts", [v for v in SAME.values() if not isinstance(v, list | np.ndarray)])
def test_models_read_contrasts_alike(fit, counts, design, contrasts):
    if isinstance(contrasts, dict) and isinstance(next(iter(contrasts.values())), list):
        contrasts = {"slope": [0, 1, 0]}
    of_fit = fit.contrast(contrasts)["estimate"].to_numpy()
    np.testing.assert_array_equal(of_fit, [fit.fixed_effects["urea"]])
    of_genes = fit_genes(np.log2(counts + 1), design, "~ urea + group", contrasts=contrasts)
    whole = fit_genes(np.log2(counts + 1), design, "~ urea + group")
    np.testing.assert_allclose(of_genes["estimate"], whole.loc[whole["term"] == "urea", "estimate"], rtol=1e-12)
    of_counts = methods.voom(counts, design, "~ urea + group", contrasts=contrasts)
    whole = methods.voom(counts, design, "~ urea + group")
    np.testing.assert_allclose(of_counts["estimate"], whole.loc[whole["term"] == "urea", "estimate"], rtol=1e-12)


def test_coefficients_asked_for_by_name_are_terms(counts, design):
    logs = np.log2(counts + 1)
    assert fit_genes(logs, design, "~ urea", contrasts="urea")["term"].unique().tolist() == ["urea"]
    frame = pd.DataFrame({"urea": [1.0]}, index=pd.Index(["slope"], name="gene"))
    assert fit_genes(logs, design, "~ urea", contrasts=frame)["contrast"].unique().tolist() == ["slope"]


# --- One error for an unknown name ----------------------------------------------------------------------------------


def test_an_unknown_name_is_told_with_the_closest(fit, counts, design, mice):
    logs = np.log2(counts + 1)
    asks = {
        "uera": [
            lambda: fit.contrast("uera"),
            lambda: fit.contrast({"uera": 1}),
            lambda: fit.joint_test("uera"),
            lambda: fit_genes(logs, design, "~ urea", contrasts="uera"),
            lambda: fit_genes(logs, design, "~ uera"),
            lambda: fit_mixed("y ~ uera + (1 | animal)", mice),
            lambda: methods.voom(counts, design, "~ urea", contrasts={"a": {"uera": 1}}),
            lambda: methods.quasi_likelihood(counts, design, "~ uera"),
            lambda: correlate(mice, "uera", "y"),
            lambda: comparisons(fit, "uera"),
        ]
    }
    for name, calls in asks.items():
        for call in calls:
            with pytest.raises(UnknownNameError, match=f"has no .* '{name}'. Closest: 'urea'.* Its ") as caught:
                call()
            assert isinstance(caught.value, KeyError)
            assert isinstance(caught.value, ValueError)
            assert not str(caught.value).startswith(("'", '"'))


def test_the_error_of_an_unknown_name_survives_another_process():
    error = unknown_name("design", "column", ["uera", "x"], ["urea", 3])
    expected = "design has no column 'uera'. Closest: 'urea'. design has no column 'x'. Its columns: 'urea', '3'."
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == expected
    assert "It has no layers." in str(unknown_name("The AnnData", "layer", ["counts"], []))


def test_of_a_table_of_genes_only_some_names_are_told():
    message = str(unknown_name("expression", "column", ["gene"], [f"g{i}" for i in range(1000)]))
    assert "'g29'" in message
    assert "'g30'" not in message
    assert f"and {1000 - SHOWN_NAMES} more." in message


# --- Samples and the rows that describe them ------------------------------------------------------------------------


@given(st.permutations(range(6)))
def test_samples_find_their_rows_in_any_order(order):
    samples = pd.Index([f"s{i}" for i in range(6)])
    design = pd.DataFrame({"x": order}, index=samples[order])
    places = match_samples(samples, design, table="counts")
    assert list(samples[places]) == list(design.index)


SAMPLES = pd.Index(["s1", "s2", "s3"])
SHEETS = {
    "another": (
        pd.DataFrame(index=["s1", "s2", "S3"]),
        ["no row for 's3' (closest row: 'S3')", "counts[design.index]"],
    ),
    "one less": (pd.DataFrame(index=["s1", "s2"]), ["design has no row for 's3'"]),
    "one more": (pd.DataFrame(index=["s1", "s2", "s3", "x"]), ["counts has no sample 'x'"]),
    "a column": (pd.DataFrame({"name": ["s1", "s2", "s3"]}), ["design.set_index('name')"]),
    "none": (pd.DataFrame({"x": [1, 2, 3]}), ["use design.set_index(…)"]),
    "turned round": (pd.DataFrame(index=["g1", "g2"]), ["genes × samples", "counts.T"]),
    "twice": (pd.DataFrame(index=["s1", "s1", "s2", "s3"]), ["'s1' more than once"]),
    "no name": (pd.DataFrame(index=["s1", "s2", None]), ["Name every sample"]),
    "no table": ({"s1": 1}, ["must be a pandas DataFrame", "dict"]),
}


@pytest.mark.parametrize(("sheet", "words"), SHEETS.values(), ids=SHEETS)
def test_samples_that_do_not_match_are_named(sheet, words):
    with pytest.raises(ValueError) as error:
        match_samples(SAMPLES, sheet, table="counts", genes=["g1", "g2"])
    assert not [word for word in words if word not in str(error.value)], str(error.value)


def test_a_number_and_its_text_are_told_apart():
    assert "no row for '1', '2' (closest row: 1)" in sample_difference(["1", "2"], [1, 2], "counts", "design")
    assert sample_difference(["1", "2"], ["2", "1"], "counts", "design") == ""


# --- Counts, however they are kept ----------------------------------------------------------------------------------


def annotated(table, sheet):
    """What is read of an AnnData: samples are rows, and described in the same order."""
    rows = SimpleNamespace(toarray=lambda: table.T.to_numpy())
    return SimpleNamespace(
        X=np.log1p(table.T.to_numpy()),
        layers={"counts": rows},
        obs=sheet.loc[table.columns],
        obs_names=table.columns,
        var_names=table.index,
    )


EVERY = ("quasi_likelihood", "likelihood_ratio", "voom", "deseq2", "fit_poisson", "fit_negative_binomial")


@pytest.mark.parametrize("name", EVERY)
def test_an_anndata_and_a_parquet_file_are_read_as_fit_genes_reads_them(counts, design, tmp_path, name):
    method = getattr(methods, name)
    whole = method(counts, design, "~ urea")
    data = annotated(counts, design)
    pd.testing.assert_frame_equal(method(data, None, "~ urea", layer="counts"), whole)
    pd.testing.assert_frame_equal(method(data, design, "~ urea", layer="counts"), whole)
    counts.to_parquet(tmp_path / "counts.parquet")
    pd.testing.assert_frame_equal(method(tmp_path / "counts.parquet", design, "~ urea"), whole)
    with pytest.raises(UnknownNameError, match=r"no layer 'count'\. Closest: 'counts'"):
        method(data, None, "~ urea", layer="count")
    with pytest.raises(ValueError, match="fractions"):
        method(data, None, "~ urea")
    with pytest.raises(ValueError, match="belongs to an AnnData"):
        method(counts, design, "~ urea", layer="counts")


def test_size_factors_of_an_anndata(counts, design):
    data = annotated(counts, design)
    for function in (methods.size_factors, methods.tmm_factors):
        pd.testing.assert_series_equal(function(data, layer="counts"), function(counts))


def test_terms_is_another_name_of_contrasts(counts, design):
    for method in (getattr(methods, name) for name in EVERY):
        one = method(counts, design, "~ urea + group", contrasts="urea")
        pd.testing.assert_frame_equal(method(counts, design, "~ urea + group", terms="urea"), one)
        with pytest.raises(TypeError, match="give contrasts alone"):
            method(counts, design, "~ urea", contrasts="urea", terms="urea")


@pytest.mark.parametrize("name", [name for name in EVERY if name != "deseq2"])
def test_counts_are_corrected_as_asked(counts, design, name):
    method = getattr(methods, name)
    table = method(counts, design, "~ urea", adjust="holm")
    np.testing.assert_allclose(table["p_adjusted"], adjusted_where_tested(table["p_value"], "holm"))
    np.testing.assert_array_equal(
        method(counts, design, "~ urea")["p_adjusted"], method(counts, design, "~ urea", adjust="fdr_bh")["p_adjusted"]
    )
    assert "p_adjusted" not in method(counts, design, "~ urea", adjust=None)
    with pytest.raises(ValueError, match="adjust is None or one of"):
        method(counts, design, "~ urea", adjust="dunnett")


def test_what_prepares_counts_reads_an_anndata_as_well(counts, design):
    data = annotated(counts, design)
    for one, other in (
        (
            methods.filter_by_expression(data, None, "~ urea", layer="counts"),
            methods.filter_by_expression(counts, design, "~ urea"),
        ),
        (methods.sum_by(data, None, "animal", layer="counts")[0], methods.sum_by(counts, design, "animal")[0]),
        (methods.noiseq(data, None, "group", layer="counts"), methods.noiseq(counts, design, "group")),
        (methods.noiseqbio(data, None, "group", layer="counts"), methods.noiseqbio(counts, design, "group")),
        (
            methods.voom_weights(data, None, "~ urea", layer="counts").weights,
            methods.voom_weights(counts, design, "~ urea").weights,
        ),
    ):
        np.testing.assert_array_equal(one, other)
    _, (ax, again) = plt.subplots(1, 2)
    library_sizes(ax, data, None, "group", layer="counts")
    library_sizes(again, counts, design, "group")
    assert [bar.get_width() for bar in ax.patches] == [bar.get_width() for bar in again.patches]
    sample_map(ax, data, None, "group", layer="counts")
    plt.close("all")
