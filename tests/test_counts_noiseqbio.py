"""NOISeq's method for biological replicates against R's package 2.42, by laws, and by what is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.counts import noiseqbio
from helpers.data import load_airway_counts, load_airway_samples, load_shock_counts, load_shock_samples
from helpers.refusals.errors import UnknownNameError

FOLDER = Path(__file__).parent / "reference" / "counts"
R = json.loads((FOLDER / "noiseqbio.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shock():
    return load_shock_counts().iloc[::4], load_shock_samples()


@pytest.fixture(scope="module")
def airway():
    theirs = pd.read_csv(FOLDER / "noiseqbio_airway.csv.gz", index_col=0, dtype={"cluster": str})
    return load_airway_counts().iloc[::8], load_airway_samples(), theirs


def test_with_its_permutations_the_numbers_are_those_of_r(shock):
    theirs = pd.read_csv(FOLDER / "noiseqbio_shock.csv.gz", index_col=0)
    order = pd.read_csv(FOLDER / "noiseqbio_permutations.csv.gz", header=None).to_numpy() - 1
    ours = noiseqbio(*shock, "time", levels=("T1", "T3"), permutations=order)
    for one, other in (
        ("theta", "theta"),
        ("mean_1", "T1_mean"),
        ("mean_2", "T3_mean"),
        ("log2_fold_change", "log2FC"),
    ):
        np.testing.assert_allclose(ours[one], theirs[other], rtol=1e-9)
    # R before 4.4 misplaced the points of a density by a 16,000th of its range.
    np.testing.assert_allclose(ours["probability"], theirs["prob"], rtol=0, atol=1e-4)
    assert (ours["probability"] > 0.8).equals(theirs["prob"] > 0.8)
    assert (ours["probability"] > 0.95).equals(theirs["prob"] > 0.95)
    assert (ours["probability"] > 0.8).sum() == R["shock"]["called_80"]


def test_other_permutations_change_little(shock):
    one, other = (noiseqbio(*shock, "time", levels=("T1", "T3"), seed=seed)["probability"] for seed in (1, 2))
    assert np.corrcoef(one, other)[0, 1] > 0.99
    assert not one.equals(other)
    again = noiseqbio(*shock, "time", levels=("T1", "T3"), seed=1)["probability"]
    np.testing.assert_array_equal(one, again)


def test_with_the_clusters_of_r_the_numbers_lie_among_those_of_its_seeds(airway):
    counts, samples, theirs = airway
    clusters = theirs["cluster"].dropna()
    ours = noiseqbio(counts, samples, "dexamethasone", levels=("treated", "untreated"), clusters=clusters)
    assert ours["theta"].isna().equals(theirs["theta"].isna())
    assert (ours["reason"] == "").sum() == R["airway"]["kept"]
    assert set(ours["reason"]) == {"", "mean count too low in both groups, or scatter too large"}
    np.testing.assert_allclose(ours["theta"], theirs["theta"], rtol=1e-9)
    np.testing.assert_allclose(ours["log2_fold_change"], theirs["log2FC"], rtol=1e-9)
    # The noise is drawn at random: another seed moves R's own probabilities as far.
    change = (ours["probability"] - theirs["prob"]).abs()
    assert change.mean() < 0.03
    assert change.max() < 0.12
    low, high = min(R["airway"]["called_95"]), max(R["airway"]["called_95"])
    assert 0.85 * low < (ours["probability"] > 0.95).sum() < 1.15 * high


def test_swapped_groups_swap_the_signs(shock):
    one, other = (noiseqbio(*shock, "time", levels=levels) for levels in (("T1", "T3"), ("T3", "T1")))
    # The reference sample of TMM changes with the order, so the two agree only nearly.
    np.testing.assert_allclose(one["log2_fold_change"], -other["log2_fold_change"], atol=0.05)
    assert np.corrcoef(one["theta"], -other["theta"])[0, 1] > 0.99
    assert one["group_1"].eq("T1").all()


def test_genes_that_are_left_out_have_a_reason(shock):
    counts, samples = shock
    counts = counts.copy()
    counts.iloc[0], counts.iloc[1], counts.iloc[1, 0] = 0, 0, 3
    result = noiseqbio(counts, samples, "time", levels=("T1", "T3"))
    assert result["reason"].iloc[:3].tolist() == [
        "all counts are zero",
        "mean count too low in both groups, or scatter too large",
        "",
    ]
    assert result[["theta", "probability"]].iloc[:2].isna().all(axis=None)
    assert result["probability"].iloc[2:].between(0, 1).all()


BAD = {
    "three groups": ({"levels": None}, ["compares two groups"]),
    "no repetition": ({"repetitions": 0}, ["repetitions must be a whole number of at least 1; found 0"]),
    "no permutations": ({"permutations": [[0, 0]]}, ["must hold the numbers 0 to 21, each of them once"]),
    "nothing left": ({"min_mean": 1e9}, ["0 genes have a mean above 1e+09", "Lower min_mean"]),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_it_refuses(shock, bad):
    options, parts = BAD[bad]
    with pytest.raises(ValueError) as error:
        noiseqbio(shock[0].iloc[:200], shock[1], "time", **({"levels": ("T1", "T3")} | options))
    assert all(part in str(error.value) for part in parts), error.value


FEW = {
    "no clusters": ({}, ["8 samples, and with 9 or fewer", "found by a random search", "quasi_likelihood or voom"]),
    "permutations": ({"permutations": [range(8)]}, ["permutations need ten samples or more; found 8"]),
    "no labels": ({"clusters": [1, 2]}, ["clusters must be a pandas Series"]),
    "a gene without a label": ({"clusters": pd.Series(["a"], ["ENSG00000000003"])}, ["clusters has no label for"]),
}


@pytest.mark.parametrize("bad", FEW)
def test_what_it_refuses_with_few_samples(airway, bad):
    counts, samples, _ = airway
    options, parts = FEW[bad]
    with pytest.raises(ValueError) as error:
        noiseqbio(counts, samples, "dexamethasone", **options)
    assert all(part in str(error.value) for part in parts), error.value


def test_clusters_of_one_gene_and_columns_that_are_not_there(airway):
    counts, samples, theirs = airway
    with pytest.raises(ValueError, match=r"Every cluster has one gene.*Give larger clusters"):
        noiseqbio(counts, samples, "dexamethasone", clusters=pd.Series(range(len(counts)), counts.index))
    with pytest.raises(UnknownNameError, match="no column 'dex'"):
        noiseqbio(counts, samples, "dex", clusters=theirs["cluster"])
