"""The repeated measurements of lesson 08: what is planted is found, the tables are what their script makes."""

import gzip
import importlib.util
import re

import numpy as np
import pandas as pd
import pytest

from helpers import data
from helpers.data import load_repeated_expression, load_repeated_expression_truth, load_repeated_samples
from helpers.genes import fit_genes
from helpers.simulate import simulate_expression

NAMES = ("repeated_samples.csv", "repeated_expression.csv.gz", "repeated_expression_truth.csv.gz")
LOADERS = dict(
    zip(NAMES, (load_repeated_samples, load_repeated_expression, load_repeated_expression_truth), strict=True)
)


@pytest.fixture(scope="module")
def many():
    """20,000 genes, and the model that separates level from change."""
    samples = load_repeated_samples()
    expression, truth = simulate_expression(samples, 20_000, np.random.default_rng(1))
    level = samples["urea"].groupby(samples["animal"]).transform("mean") / 100
    design = samples.assign(level=level, change=samples["urea"] / 100 - level)
    return fit_genes(expression, design, "~ level + change + (1 | animal)"), truth


@pytest.mark.parametrize("term", ["level", "change"])
def test_the_planted_effects_are_found(many, term):
    table, truth = many
    of = table[table["term"] == term].set_index("gene")
    z = (of["estimate"] - truth[f"beta_{term}"]) / of["std_error"]
    assert z.mean() == pytest.approx(0, abs=4 / np.sqrt(len(z)))
    assert (of["conf_low"] < truth[f"beta_{term}"]).mean() == pytest.approx(0.975, abs=0.01)


def test_the_planted_variances_are_found(many):
    table, truth = many
    is_far = truth["tau"] > truth["sigma"]  # elsewhere an estimate of zero, the least there can be, shifts the mean
    of, far = table[table["term"] == "level"].set_index("gene")[is_far], truth[is_far]
    assert np.mean(of["sigma"] ** 2 / far["sigma"] ** 2) == pytest.approx(1, abs=0.015)
    assert np.mean((of["theta"] * of["sigma"]) ** 2 / far["tau"] ** 2) == pytest.approx(1, abs=0.03)
    assert (truth["tau"] == 0).mean() == pytest.approx(0.2, abs=0.01)


def test_kinds_say_which_effects_there_are(many):
    _, truth = many
    level, change = truth["beta_level"], truth["beta_change"]
    assert truth["kind"].value_counts().to_dict() == {
        "none": 14_000,
        "urea": 2_000,
        "level": 1_600,
        "change": 1_600,
        "opposed": 800,
    }
    assert (level == change)[truth["kind"].isin(["urea", "none"])].all()
    assert (level * change < 0)[truth["kind"] == "opposed"].all()
    assert (level * change == 0)[truth["kind"].isin(["level", "change", "none"])].all()


def test_shares_that_are_no_shares_are_named():
    with pytest.raises(ValueError, match="must sum to 1"):
        simulate_expression(load_repeated_samples(), 10, np.random.default_rng(1), shares={"urea": 0.5, "none": 0.6})


def test_the_tables_belong_together():
    samples, expression, truth = (load() for load in LOADERS.values())
    assert expression.shape == (2_000, 40)
    assert expression.columns.tolist() == samples.index.tolist()
    assert expression.index.equals(truth.index)
    assert samples["animal"].value_counts().eq(4).all()
    assert expression.notna().all(axis=None)


def test_the_tables_are_what_their_script_makes(tmp_path):
    specification = importlib.util.spec_from_file_location("make", data.FOLDER / "make" / "repeated_expression.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    script.write(tmp_path)
    for name in NAMES:
        made, kept = ((folder / name).read_bytes() for folder in (tmp_path, data.FOLDER))
        opened = gzip.decompress if name.endswith(".gz") else bytes
        assert opened(made) == opened(kept)


@pytest.mark.parametrize(
    ("name", "change", "fragment"),
    [
        (NAMES[0], {"urea": 0}, "column 'urea' breaks the rule greater_than(0); line 2 holds 0"),
        (NAMES[0], {"week": 5}, "column 'week' breaks the rule in_range(1, 4); line 2 holds 5"),
        (NAMES[0], {"animal": "CR4.1"}, "column 'animal' breaks the rule isin"),
        (NAMES[0], {"sample": "m01_9"}, "the table breaks the rule every animal in every week"),
        (NAMES[1], {"m01_1": "NA"}, "column 'm01_1' is empty in line 2"),
        (NAMES[1], {"gene": "gene_0002"}, "'gene_0002' is in lines 2, 3"),
        (NAMES[2], {"kind": "both"}, "column 'kind' breaks the rule isin"),
        (NAMES[2], {"sigma": 0}, "column 'sigma' breaks the rule greater_than(0)"),
        (NAMES[2], {"tau": -1}, "column 'tau' breaks the rule greater_than_or_equal_to(0)"),
        (NAMES[2], {"kind": "none", "beta_level": 1}, "beta_level is not 0 where"),
        (NAMES[2], {"kind": "none", "beta_change": 1}, "beta_change is not 0 where"),
    ],
)
def test_the_tables_are_checked(tmp_path, monkeypatch, name, change, fragment):
    table = pd.read_csv(data.FOLDER / name, na_filter=False).astype(object)
    table.loc[0, list(change)] = list(change.values())
    table.to_csv(tmp_path / name, index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match=re.escape(fragment)):
        LOADERS[name]()
