"""Each check of a counts report, on both sides of its thresholds and word by word."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.report.counts import count_checks
from helpers.report.counts.count_results import Analysis

SAMPLES = [f"s{i}" for i in range(8)]


def study(counts=None, samples=None, *, X=None, names=("(Intercept)", "drug[T.yes]"), contrast="drug", **more):
    """What the checks read of a study; sound unless changed: 200 genes alike in eight samples, four with a drug."""
    if counts is None:
        rng = np.random.default_rng(1)
        mean = rng.integers(50, 5_000, 200)
        counts = pd.DataFrame(rng.poisson(mean[:, None], (200, 8)), [f"g{i}" for i in range(200)], SAMPLES)
    if samples is None:
        samples = pd.DataFrame({"drug": pd.Categorical(["no", "yes"] * 4)}, index=counts.columns)
    X = np.column_stack([np.ones(8), np.arange(8) % 2]) if X is None else X
    factor = isinstance(samples[contrast].dtype, pd.CategoricalDtype)
    settled = {
        "used": (contrast,),
        "terms": names[1:],
        "n_genes": len(counts),
        "settings": SimpleNamespace(block=""),
        "method": "quasi-likelihood",
        "fold": 1.0,
        "units": SimpleNamespace(kind="none"),
        "is_factor": factor,
        "fdr": 0.05,
    }
    given = {"counts": counts, "samples": samples, "X": X, "names": names, "contrast": contrast}
    return SimpleNamespace(**given, **(settled | more))


def analysis(p=None, p_adjusted=None, second=None, reasons=None, **more):
    """An analysis of one term; `p_adjusted` and `second` are those of both methods."""
    n = len(next(values for values in (p, p_adjusted, second, reasons) if values is not None))
    table = pd.DataFrame({"gene": [f"g{i}" for i in range(n)], "term": "drug[T.yes]", "reason": ""})
    table["p_value"] = np.linspace(0.001, 0.999, n) if p is None else p
    table["p_adjusted"] = 1.0 if p_adjusted is None else p_adjusted
    table["reason"] = "" if reasons is None else reasons
    other = table.assign(p_adjusted=1.0 if second is None else second)
    return Analysis(study(**more), table, "voom", other)


def called(n, total=100):
    """Adjusted p-values of which the first `n` pass."""
    return np.where(np.arange(total) < n, 0.01, 0.9)


@pytest.mark.parametrize(
    ("lost", "verdict"), [(0, "fine"), (1, "look"), (19, "look"), (20, "problem"), (100, "problem")]
)
def test_genes_without_a_test_are_counted(lost, verdict):
    p = np.where(np.arange(100) < lost, np.nan, 0.5)
    check = count_checks.optimum(analysis(p, reasons=np.where(np.isnan(p), "all counts are zero", "")))
    assert check.verdict == verdict
    said = f"no p-value, of 100 ({lost}: all counts are zero)." if lost else "Every gene has a test: 100 genes."
    assert check.sentence.endswith(said)


@pytest.mark.parametrize(("left", "verdict"), [(2, "problem"), (3, "look"), (5, "look"), (6, "fine")])
def test_residual_degrees_of_freedom(left, verdict):
    check = count_checks.residual_df(study(X=np.ones((8, 8 - left))))
    assert check.verdict == verdict
    assert f"8 samples, {8 - left} coefficient" in check.sentence
    assert f": {left} left for each gene's own variance" in check.sentence


@pytest.mark.parametrize(("n", "verdict"), [(1, "problem"), (2, "look"), (3, "fine")])
def test_replicates_of_the_smallest_level(n, verdict):
    labels = pd.Categorical(["yes"] * n + ["no"] * (8 - n))
    check = count_checks.replicates(study(samples=pd.DataFrame({"drug": labels}, index=SAMPLES)))
    assert check.verdict == verdict
    assert f"{n} of 'yes'" in check.sentence
    assert ("One sample cannot show" in check.sentence) == (n == 1)


@pytest.mark.parametrize(("values", "verdict"), [(2, "problem"), (3, "fine")])
def test_values_of_a_number(values, verdict):
    samples = pd.DataFrame({"dose": np.arange(8) % values}, index=SAMPLES)
    check = count_checks.replicates(study(samples=samples, contrast="dose"))
    assert (check.verdict, check.sentence) == (
        verdict,
        f"'dose' is a number with {values} different values in 8 samples.",
    )


def sequenced(*factors, n_genes=200, reads=10_000):
    """Samples that differ in depth alone."""
    column = np.full(n_genes, reads) + np.arange(n_genes) % 7
    depth = np.array([*factors, *[1.0] * (8 - len(factors))])
    return pd.DataFrame((column[:, None] * depth).astype(int), [f"g{i}" for i in range(n_genes)], SAMPLES)


@pytest.mark.parametrize(("factor", "verdict"), [(2.9, "fine"), (3.1, "look"), (9.9, "look"), (10.1, "problem")])
def test_unequal_libraries(factor, verdict):
    size, _ = count_checks.library_sizes(study(sequenced(factor)))
    assert size.verdict == verdict
    assert f"a factor of {factor}" in size.sentence


@pytest.mark.parametrize(("reads", "verdict"), [(99, "look"), (101, "fine")])
def test_libraries_with_few_reads(reads, verdict):
    """Half a million reads on more than 5,000 genes."""
    counts = sequenced(n_genes=5_001, reads=reads - 3)
    size, _ = count_checks.library_sizes(study(counts))
    assert (size.verdict, counts.sum().min() < 500_000) == (verdict, verdict == "look")
    few_genes, _ = count_checks.library_sizes(study(counts.head(5_000)))
    assert few_genes.verdict == "fine"


@pytest.mark.parametrize(("share", "verdict"), [(0.2, "fine"), (0.5, "look"), (0.8, "problem")])
def test_a_library_that_few_genes_take_up(share, verdict):
    """Ten genes take up this share of one sample's reads: its factor is about 1 − share."""
    counts = sequenced().astype(float)
    counts.iloc[:10, 2] = counts.iloc[10:, 2].sum() * share / (1 - share) / 10
    _, composition = count_checks.library_sizes(study(counts.astype(int)))
    assert composition.verdict == verdict
    assert "the furthest from 1 is that of 's2'" in composition.sentence


@pytest.mark.parametrize(("mixed_in", "verdict"), [(0.02, "fine"), (0.05, "look"), (0.3, "problem")])
def test_a_sample_unlike_the_others(mixed_in, verdict):
    whole = study().counts
    rng = np.random.default_rng(3)
    strange = whole.assign(s5=np.where(rng.random(200) < mixed_in, rng.permutation(whole["s5"]), whole["s5"]))
    check = count_checks.outlying_samples(study(strange))
    assert check.verdict == verdict
    assert "'s5' is least like the others" in check.sentence


@pytest.mark.parametrize(
    ("last", "verdict", "words"),
    [
        (100, "fine", "equally frequent"),
        (149, "fine", "equally frequent"),
        (151, "look", "pile up near 1"),
        (251, "problem", "pile up near 1"),
        (66, "look", "become rarer towards 1"),
        (39, "problem", "become rarer towards 1"),
    ],
)
def test_large_p_values(last, verdict, words):
    p = np.concatenate([np.full(100, 0.6), np.full(last, 0.9), [np.nan]])
    check = count_checks.p_values(analysis(p))
    assert check.verdict == verdict
    assert words in check.sentence


def test_a_threshold_lets_p_values_pile_up():
    check = count_checks.p_values(analysis(np.full(100, 0.9), fold=1.5))
    assert (check.verdict, "pile up near 1, as they must" in check.sentence) == ("fine", True)


def influence(shared, significant=None):
    significant = shared if significant is None else significant
    return pd.DataFrame({"without_sample": SAMPLES[: len(shared)], "significant": significant, "shared": shared})


@pytest.mark.parametrize(("shared", "verdict"), [(41, "fine"), (39, "look"), (11, "look"), (9, "problem")])
def test_a_list_that_hangs_on_one_sample(shared, verdict):
    check = count_checks.influence_of_samples(analysis(p_adjusted=called(100)), influence([90, shared], [120, 60]))
    assert check.verdict == verdict
    assert "60 to 120 genes are found; without 's1' only" in check.sentence
    assert f"only {shared}" in check.sentence


@pytest.mark.parametrize(("found", "verdict"), [(50, "fine"), (51, "look")])
def test_a_short_list_that_grows_without_a_sample(found, verdict):
    check = count_checks.influence_of_samples(analysis(p_adjusted=called(9)), influence([9, 9], [4, found]))
    assert (check.verdict, check.sentence) == (verdict, f"Without one sample, 4 to {found} genes are found.")


def test_no_sample_could_be_left_out():
    check = count_checks.influence_of_samples(analysis(p_adjusted=called(50)), influence([]))
    assert check.verdict == "look"
    assert check.sentence.startswith("No sample was left out in turn: without one, nothing would remain")
    mixed = count_checks.influence_of_samples(analysis(p_adjusted=called(50), method="mixed"), influence([]))
    assert "which takes long with many samples or a mixed model. Try DROP=" in mixed.sentence


def test_samples_of_a_block_are_no_suspects():
    samples = pd.DataFrame({"drug": pd.Categorical(["no"] * 4 + ["yes"] * 4), "animal": list("aabbccdd")}, SAMPLES)
    taken = {"units": SimpleNamespace(kind="summed"), "settings": SimpleNamespace(block="animal")}
    check = count_checks.pseudoreplication(study(samples=samples, **taken))
    assert (check.verdict, "BLOCK=animal" in check.sentence) == ("fine", True)


@pytest.mark.parametrize(("both", "verdict"), [(51, "fine"), (49, "look"), (21, "look"), (19, "problem")])
def test_agreement_with_another_method(both, verdict):
    check = count_checks.agreement(analysis(p_adjusted=called(100), second=called(both)))
    assert check.verdict == verdict
    assert check.sentence == (
        f"For “drug[T.yes]”, quasi-likelihood finds 100 genes; voom finds {both}. {both} are in both lists."
    )


def test_two_methods_that_find_nothing_agree():
    check = count_checks.agreement(analysis(p_adjusted=called(0), second=called(0)))
    assert (check.verdict, check.sentence) == ("fine", "Neither quasi-likelihood nor voom finds a gene.")


@pytest.mark.parametrize(("factor", "verdict"), [(4.9, "fine"), (5.1, "look"), (9.9, "look"), (10.1, "problem")])
def test_columns_that_share_what_they_explain(factor, verdict):
    """Two columns with the correlation that inflates the variance by `factor`."""
    r = np.sqrt(1 - 1 / factor)
    one, other = np.tile([1.0, -1.0], 4), np.tile([1.0, 1.0, -1.0, -1.0], 2)
    X = np.column_stack([np.ones(8), one, r * one + np.sqrt(1 - r * r) * other])
    check = count_checks.collinearity(study(X=X, names=("(Intercept)", "drug", "batch")))
    assert check.verdict == verdict
    assert ("cannot be told apart" in check.sentence) == (verdict != "fine")


def test_one_column_has_nothing_to_share():
    assert count_checks.collinearity(study()) is None


def test_samples_of_the_same_animal_are_suspected():
    samples = pd.DataFrame({"drug": pd.Categorical(["no"] * 4 + ["yes"] * 4), "animal": list("aabbccdd")}, SAMPLES)
    check = count_checks.pseudoreplication(study(samples=samples))
    assert check.verdict == "problem"
    assert "'drug' never varies within a level of 'animal' (4 levels in 8 samples)" in check.sentence
    assert "Say BLOCK=animal: the reads of each level are added up" in check.sentence
    assert count_checks.pseudoreplication(study()).verdict == "fine"


def test_labels_that_differ_in_capitals():
    samples = pd.DataFrame({"drug": pd.Categorical(["no", "yes", "No", "yes"] * 2)}, SAMPLES)
    check = count_checks.spelling(study(samples=samples))
    assert check.verdict == "problem"
    assert "'No'" in check.sentence
    assert "'no'" in check.sentence
    assert count_checks.spelling(study()).verdict == "fine"


@pytest.mark.parametrize(("n_genes", "verdict"), [(660, "fine"), (670, "look")])
def test_genes_left_out_for_want_of_reads(n_genes, verdict):
    check = count_checks.left_out(analysis(p_adjusted=called(1), n_genes=n_genes))
    assert check.verdict == verdict
    assert f"of {n_genes} genes have too few reads to be tested (MIN_COUNT, MIN_TOTAL)." in check.sentence
