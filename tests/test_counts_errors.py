"""What `helpers.counts` says when something is wrong: what was found, where, and what to do."""

import numpy as np
import pandas as pd
import pytest

from helpers import counts as methods
from helpers.counts import glm
from helpers.moderation.trend import squeeze_to_trend
from helpers.refusals.errors import UnknownNameError

EVERY = [
    methods.quasi_likelihood,
    methods.likelihood_ratio,
    methods.voom,
    methods.deseq2,
    methods.fit_poisson,
    methods.fit_negative_binomial,
]


@pytest.fixture
def counts():
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        rng.negative_binomial(5, 0.05, (30, 8)), [f"g{i}" for i in range(30)], [f"s{i}" for i in range(8)]
    )


@pytest.fixture
def design():
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "urea": rng.normal(200, 40, 8).round(1),
            "weight": rng.normal(22, 1, 8).round(1),
            "group": list("aabbccaa"),
            "animal": list("mmnnoopp"),
        },
        index=[f"s{i}" for i in range(8)],
    )


def says(error, *parts):
    message = str(error.value)
    assert not [part for part in parts if part not in message], message


# --- Counts ---------------------------------------------------------------------------------------------------------


def put(value, gene="g4", sample="s2"):
    def change(counts):
        counts = counts.astype(object if isinstance(value, str) else float)
        counts.loc[gene, sample] = value
        return counts

    return change


BAD_COUNTS = {
    "no table": (lambda c: c.to_numpy(), ["pandas DataFrame", "ndarray", "genes as its index"]),
    "no rows": (lambda c: c.iloc[:0], ["0 genes and 8 samples", "Check what was read"]),
    "a gene twice": (lambda c: c.rename({"g1": "g2"}), ["gene 'g2' more than once", "its own name"]),
    "a sample twice": (lambda c: c.rename(columns={"s1": "s2"}), ["sample 's2' more than once"]),
    "names as a column": (lambda c: c.reset_index(names="name"), ["'name'", "no numbers", "set_index('name')"]),
    "text": (put("n.d."), ["'s0'", "no numbers"]),
    "missing": (put(np.nan), ["1 missing", "gene 'g4', sample 's2'", "counts 0", "dropped"]),
    "infinite": (put(np.inf), ["1 missing or infinite", "gene 'g4', sample 's2'"]),
    "negative": (put(-1.5), ["1 negative", "-1.5", "gene 'g4', sample 's2'", "z-scores", "before any transformation"]),
    "fractions": (lambda c: c / c.sum() * 1e6, ["fractions", "'g0'", "Normalised", "CPM", "counts.round()"]),
    "an empty library": (lambda c: c.assign(s3=0), ["'s3'", "0 for every gene", "Drop it"]),
}


@pytest.mark.parametrize("bad", BAD_COUNTS)
def test_what_are_no_counts(counts, bad):
    change, parts = BAD_COUNTS[bad]
    for use in (methods.size_factors, methods.tmm_factors):
        with pytest.raises(ValueError) as error:
            use(change(counts))
        says(error, *parts)


@pytest.mark.parametrize("method", EVERY)
def test_every_method_checks_its_counts(method, counts, design):
    with pytest.raises(ValueError) as error:
        method(-counts, design, "~ urea")
    says(error, "negative values", "models for counts")


def test_gene_without_zero_is_needed_for_ratios(counts):
    for gene, sample in enumerate(counts.columns.repeat(4)[:30]):
        counts.loc[f"g{gene}", sample] = 0
    with pytest.raises(ValueError) as error:
        methods.size_factors(counts)
    says(error, "Every gene has a count of 0", "method='tmm'")
    assert np.isfinite(methods.size_factors(counts, method="tmm")).all()


def test_unknown_normalisation(counts):
    with pytest.raises(ValueError) as error:
        methods.size_factors(counts, method="rpkm")
    says(error, "median-of-ratios, tmm", "'rpkm'")


# --- Design ---------------------------------------------------------------------------------------------------------

BAD_DESIGN = {
    "no table": ({}, lambda d: d.to_dict(), ["pandas DataFrame with a row per sample", "dict"]),
    "a sample twice": ({}, lambda d: pd.concat([d, d.iloc[:1]]), ["'s0' more than once", "one row per sample"]),
    "a sample missing": ({}, lambda d: d.drop("s5"), ["design has no row for 's5'", "same samples"]),
    "a sample misspelled": (
        {},
        lambda d: d.rename({"s5": "S5"}),
        ["no row for 's5' (closest row: 'S5')", "counts has no sample 'S5' (closest sample: 's5')"],
    ),
    "a sample too many": (
        {},
        lambda d: pd.concat([d, d.iloc[:1].rename({"s0": "s9"})]),
        ["counts has no sample 's9'", "counts[design.index]"],
    ),
    "samples as a column": ({}, lambda d: d.reset_index(), ["no row for 's0', 's1', 's2' and 5 more", "set_index"]),
    "a missing value": (
        {},
        lambda d: d.assign(urea=d["urea"].where(d.index != "s3")),
        ["1 missing values", "'urea' of sample 's3'", "drop the sample from counts and design"],
    ),
    "columns that depend on each other": (
        {"formula": "~ urea + twice"},
        lambda d: d.assign(twice=2 * d["urea"]),
        ["'twice' is a multiple of 'urea'", "Take one of them out"],
    ),
    "no residual degrees of freedom": (
        {"formula": "~ urea * weight * group"},
        lambda d: d.assign(group=list("abababab")),
        ["8 samples and 8 coefficients", "no residual degrees of freedom", "Take terms out"],
    ),
    "no column at all": ({"formula": "~ 0"}, lambda d: d, ["no columns, not even an intercept"]),
    "a random term": (
        {"formula": "~ urea + (1 | animal)"},
        lambda d: d,
        ["(1 | animal)", "fit_negative_binomial_mixed"],
    ),
    "an outcome": ({"formula": "y ~ urea"}, lambda d: d, ["has an outcome", "Open it with '~'"]),
    "no tilde": ({"formula": "urea"}, lambda d: d, ["has no '~'"]),
    "no formula": ({"formula": 3}, lambda d: d, ["must be a text such as '~ x + (1 | g)'", "int"]),
    "an unknown coefficient": ({"terms": "uera"}, lambda d: d, ["no coefficient 'uera'", "Closest: 'urea'"]),
    "nothing to test": ({"terms": []}, lambda d: d, ["contrasts is empty", "'(Intercept)', 'urea'"]),
    "weights that are none": (
        {"terms": {"a": 3, "b": {"urea": 1}}},
        lambda d: d,
        ["contrasts['a'] must be", "a dict of coefficient and weight", "found 3"],
    ),
    "a weight of what is no coefficient": ({"terms": {"a": 3}}, lambda d: d, ["no coefficient 'a'"]),
    "weights of zero": ({"terms": {"a": {"urea": 0}}}, lambda d: d, ["a weight other than zero"]),
    "no gene left": ({"min_total": 10**6}, lambda d: d, ["No gene has 1e+06 reads or more", "Lower min_total"]),
}


@pytest.mark.parametrize("bad", BAD_DESIGN)
@pytest.mark.parametrize("method", [methods.voom, methods.fit_negative_binomial])
def test_designs_that_cannot_be_used(method, counts, design, bad):
    arguments, change, parts = BAD_DESIGN[bad]
    with pytest.raises(ValueError) as error:
        method(counts, change(design), **{"formula": "~ urea"} | arguments)
    says(error, *parts)


def test_column_that_is_not_there(counts, design):
    with pytest.raises(UnknownNameError) as error:
        methods.voom(counts, design, "~ uera")
    says(error, "design has no column 'uera'", "Closest: 'urea'")


def test_transposed_counts(counts, design):
    with pytest.raises(ValueError) as error:
        methods.voom(counts.T, design, "~ urea")
    says(error, "samples × genes", "Pass counts.T")


def test_too_few_genes_to_learn_from(counts, design):
    with pytest.raises(ValueError) as error:
        methods.quasi_likelihood(counts.iloc[:2], design, "~ urea")
    says(error, "2 genes have 5 reads or more", "fit_negative_binomial")
    with pytest.raises(ValueError) as error:
        squeeze_to_trend(np.ones(3), np.array([5, 5, 0]), np.arange(3.0))
    says(error, "2 genes have a variance estimate", "more than 4 are needed", "Pass more genes")


def test_a_level_of_confidence_in_percent(counts, design):
    for method in (methods.voom, methods.fit_poisson, methods.fit_negative_binomial):
        with pytest.raises(ValueError) as error:
            method(counts, design, "~ urea", conf_level=95)
        says(error, "between 0 and 1")


def test_a_rate_in_percent(counts, design):
    with pytest.raises(ValueError) as error:
        methods.deseq2(counts, design, "~ urea", alpha=5)
    says(error, "alpha lies between 0 and 1", "5")


def test_optimum_not_reached_is_an_error_or_a_reason(counts, design, monkeypatch):
    monkeypatch.setattr(glm, "STEPS", 1)
    with pytest.raises(RuntimeError) as error:
        methods.quasi_likelihood(counts, design, "~ urea")
    says(error, "did not reach the optimum", "min_total=10")
    assert methods.fit_poisson(counts, design, "~ urea")["reason"].eq("the fit did not reach the optimum").all()


# --- Size factors of one gene ---------------------------------------------------------------------------------------

BAD_SIZES = {
    "none": (None, ["One gene says nothing", "size_factors(counts of all genes)"]),
    "of other samples": (pd.Series(1.0, ["s0", "s1"]), ["no value for the samples 's2', 's3', 's4' and 3 more"]),
    "too few": ([1.0, 2.0], ["2 values for 8 samples"]),
    "logarithms": (np.linspace(-1, 1, 8), ["must be above 0", "-1 for sample 's0'", "not their logarithms"]),
}


@pytest.mark.parametrize("bad", BAD_SIZES)
def test_size_factors_that_cannot_be_used(counts, design, bad):
    sizes, parts = BAD_SIZES[bad]
    with pytest.raises(ValueError) as error:
        methods.fit_negative_binomial(counts.loc["g1"], design, "~ urea", size_factors=sizes)
    says(error, *parts)


# --- NOISeq ---------------------------------------------------------------------------------------------------------

BAD_GROUPS = {
    "three groups": ({}, ["compares two groups", "holds 3 ('a', 'b', 'c')", "levels=(first, second)"]),
    "one level named twice": ({"levels": ("a", "a")}, ["compares two groups"]),
    "a level that is not there": ({"levels": ("a", "d")}, ["No sample has 'd' in 'group'", "'a', 'b', 'c'"]),
    "a group of one": ({"levels": ("a", "x")}, ["Group 'x' has 1 sample", "pairs of replicates"]),
    "no pseudo-count": ({"levels": ("a", "b"), "pseudo_count": 0}, ["pseudo_count must be above 0"]),
}


@pytest.mark.parametrize("bad", BAD_GROUPS)
def test_groups_that_noiseq_cannot_compare(counts, design, bad):
    arguments, parts = BAD_GROUPS[bad]
    if bad == "a group of one":
        design.loc["s7", "group"] = "x"
    with pytest.raises(ValueError) as error:
        methods.noiseq(counts, design, "group", **arguments)
    says(error, *parts)


def test_group_column_that_is_not_there(counts, design):
    with pytest.raises(UnknownNameError) as error:
        methods.noiseq(counts, design, "gruop")
    says(error, "no column 'gruop'", "'group'")


# --- Mixed models ---------------------------------------------------------------------------------------------------

BAD_RANDOM = {
    "no random term": ("~ urea", {}, ["needs one random intercept", "found none"]),
    "a random slope": ("~ urea + (1 + urea | animal)", {}, ["(1 + urea | animal)", "one random intercept"]),
    "two random terms": ("~ urea + (1 | animal) + (1 | group)", {}, ["(1 | group)"]),
    "one level": ("~ urea + (1 | animal)", {"animal": "m"}, ["'animal' has one level", "fit_negative_binomial"]),
    "a level for every sample": (
        "~ urea + (1 | animal)",
        {"animal": list("abcdefgh")},
        ["a level of its own for every sample", "several samples"],
    ),
    "a missing label": ("~ urea + (1 | animal)", {"animal": ["m", None, *"nnoopp"]}, ["no 'animal' for sample 's1'"]),
    "too many coefficients": (
        "~ urea * weight * day + (1 | animal)",
        {"day": [1.0, 2, 4, 3, 2, 5, 1, 7]},
        ["8 samples", "8 coefficients and two variances"],
    ),
}


@pytest.mark.parametrize("bad", BAD_RANDOM)
def test_random_terms_that_cannot_be_fitted(counts, design, bad):
    formula, columns, parts = BAD_RANDOM[bad]
    with pytest.raises(ValueError) as error:
        methods.fit_negative_binomial_mixed(counts, design.assign(**columns), formula)
    says(error, *parts)
