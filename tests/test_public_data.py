"""The two public studies: what the loaders promise, what they refuse, and what their script does to the sources."""

import importlib.util
import re

import numpy as np
import pandas as pd
import pytest

from helpers import data
from helpers.data import (
    load_airway_counts,
    load_airway_samples,
    load_gene_symbols,
    load_shock_counts,
    load_shock_samples,
)


@pytest.fixture(scope="module")
def script():
    specification = importlib.util.spec_from_file_location("make", data.FOLDER / "make" / "public_counts.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("load_counts", "load_samples", "shape", "reads"),
    [
        (load_airway_counts, load_airway_samples, (33_469, 8), 175_516_423),
        (load_shock_counts, load_shock_samples, (13_123, 33), 401_135_690),
    ],
)
def test_counts_and_samples_belong_together(load_counts, load_samples, shape, reads):
    counts, samples = load_counts(), load_samples()
    assert counts.shape == shape
    assert counts.columns.tolist() == samples.index.tolist()
    assert set(counts.dtypes) == {np.dtype("int64")}
    assert counts.to_numpy().sum() == reads
    assert counts.any(axis=1).all()


def test_designs_are_complete():
    airway, shock = load_airway_samples(), load_shock_samples()
    assert airway["dexamethasone"].cat.categories.tolist() == ["untreated", "treated"]
    assert (pd.crosstab(airway["donor"], airway["dexamethasone"]) == 1).all(axis=None)
    assert pd.crosstab(shock["patient"], shock["time"]).shape == (11, 3)
    assert (pd.crosstab(shock["patient"], shock["time"]) == 1).all(axis=None)


def test_symbols_are_those_of_genes_that_were_counted(script):
    symbols = load_gene_symbols()
    assert symbols.name == "symbol"
    assert symbols[list(script.RESPONDERS)].to_dict() == script.RESPONDERS
    assert symbols.index.isin(load_airway_counts().index.union(load_shock_counts().index)).all()


def test_known_responders_rise_in_every_donor(script):
    counts, samples = load_airway_counts(), load_airway_samples()
    per_million = counts.loc[list(script.RESPONDERS)] / counts.sum() * 1e6
    of = {
        level: per_million[rows.sort_values("donor").index].to_numpy()
        for level, rows in samples.groupby("dexamethasone", observed=True)
    }
    assert (of["treated"] > 2 * of["untreated"]).all()


@pytest.mark.parametrize(
    ("name", "load", "change", "fragment"),
    [
        ("airway_samples.csv", load_airway_samples, {"donor": "N61312"}, "'donor' breaks the rule isin"),
        ("airway_samples.csv", load_airway_samples, {"dexamethasone": "treated"}, "every donor once without and once"),
        ("airway_samples.csv", load_airway_samples, {"sample": "SRR1039510"}, "the eight runs in order"),
        ("airway_counts.csv.gz", load_airway_counts, {"SRR1039508": -1}, "'SRR1039508' breaks the rule greater_than"),
        ("airway_counts.csv.gz", load_airway_counts, {"gene": "LRG_1"}, "'gene' breaks the rule an Ensembl gene id"),
        ("shock_samples.csv", load_shock_samples, {"time": "T2"}, "every patient once at every time"),
        ("shock_samples.csv", load_shock_samples, {"sample": "E25T4"}, "the 33 samples in order"),
        ("shock_counts.csv.gz", load_shock_counts, {"E25T1": 0.5}, "'E25T1' breaks the rule dtype('int64')"),
        ("gene_symbols.csv", load_gene_symbols, {"symbol": "PER1"}, "column 'symbol' must not repeat a value; 'PER1'"),
    ],
)
def test_tables_are_checked(tmp_path, monkeypatch, name, load, change, fragment):
    table = pd.read_csv(data.FOLDER / name).astype(object)
    table.loc[0, list(change)] = list(change.values())
    table.to_csv(tmp_path / name, index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match=re.escape(fragment)):
        load()


def test_every_gene_is_there_and_has_a_read(tmp_path, monkeypatch):
    name = "airway_counts.csv.gz"
    table = pd.read_csv(data.FOLDER / name)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    table.head(1_000).to_csv(tmp_path / name, index=False)
    with pytest.raises(ValueError, match="the table breaks the rule 33469 genes"):
        load_airway_counts()
    table.iloc[5, 1:] = 0
    table.to_csv(tmp_path / name, index=False)
    with pytest.raises(ValueError, match="every gene has a read in some sample"):
        load_airway_counts()


def test_script_leaves_out_only_genes_without_a_read(script):
    counts = pd.DataFrame({"a": [3, 0, 0], "b": [0, 0, 7]}, index=["g1", "g2", "g3"])
    cells = pd.DataFrame({"cellLine": ["N1", "N1"], "dexamethasone": ["untreated", "treated"]}, index=["a", "b"])
    kept, samples = script.airway(counts, cells)
    assert kept.to_dict() == {"a": {"g1": 3, "g3": 0}, "b": {"g1": 0, "g3": 7}}
    assert samples.columns.tolist() == ["donor", "dexamethasone"]
    patients = pd.DataFrame({"sample": ["a", "b"], "patient": ["p", "p"], "time": ["T1", "T2"], "group": ["CS", "CS"]})
    kept, samples = script.shock(counts, patients)
    assert kept.index.tolist() == ["g1", "g3"]
    assert samples.columns.tolist() == ["patient", "time"]


def test_script_chooses_the_symbols_that_are_kept(script):
    studies = (
        (load_airway_counts(), load_airway_samples(), "~ donor + dexamethasone", "dexamethasone[T.treated]"),
        (load_shock_counts(), load_shock_samples(), "~ patient + time", "time[T.T3]"),
    )
    kept = load_gene_symbols()
    ensembl = kept.reset_index().rename(columns={"gene": "ensgene"})
    other = pd.DataFrame({"ensgene": ["ENSG00000000419"], "symbol": ["DPM1"]})  # changes in neither study
    pd.testing.assert_series_equal(script.symbols(studies, pd.concat([ensembl, other])), kept.sort_index())
    wrong = ensembl.replace("PER1", "PER9")
    with pytest.raises(ValueError, match=re.escape("other symbols for {'ENSG00000179094': 'PER1'}")):
        script.symbols(studies, wrong)
