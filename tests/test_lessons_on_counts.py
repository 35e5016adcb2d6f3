"""The numbers that lessons 09 and 10 show beside R are R's (tests/reference/counts/lesson_09.R and lesson_10.R)."""

import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.formula.api as smf

from helpers.counts import deseq2, filter_by_expression, quasi_likelihood, size_factors, tmm_factors, voom
from helpers.data import load_airway_counts, load_airway_samples, load_mouse_counts, load_mouse_scores

FOLDER = Path(__file__).parent / "reference" / "counts"
DRUG, DUSP1 = "dexamethasone[T.treated]", "ENSG00000120129"


def in_r(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mice():
    table = load_mouse_scores().set_index("animal")
    return table.assign(
        urea100=(table["urea"] - table["urea"].mean()) / 100, weight=table["weight"] - table["weight"].mean()
    )


@pytest.fixture(scope="module")
def kept(mice):
    counts = load_mouse_counts()
    return counts[filter_by_expression(counts, mice, "~ urea100 + weight")]


def called(table, term, level):
    return (table.loc[table["term"] == term, "p_adjusted"] < level).sum()


def test_sizes_and_one_gene_are_those_of_edger_and_mass(mice):
    counts, r = load_mouse_counts(), in_r("lesson_09.json")
    sizes = size_factors(counts, method="tmm")
    assert sizes.to_dict() == pytest.approx(r["size_factors"], rel=1e-10)
    data = mice[["urea100", "weight"]].assign(reads=counts.loc["gene_0025"])
    offset = np.log(counts.sum() * tmm_factors(counts))
    fit = smf.negativebinomial("reads ~ urea100 + weight", data, offset=offset).fit(disp=False)
    found = fit.params[["urea100", "weight", "alpha"]].to_dict()
    assert found == pytest.approx(r["glm_nb"], abs=2e-5)


def test_lists_of_the_mice_are_as_long_as_in_r(mice, kept):
    r, formula = in_r("lesson_09.json"), "~ urea100 + weight"
    assert len(kept) == r["kept"]
    shared = quasi_likelihood(kept, mice, formula)
    tables = {"quasi_likelihood": shared, "voom": voom(kept, mice, formula), "deseq2": deseq2(kept, mice, formula)}
    tables["with_group"] = quasi_likelihood(kept, mice, f"{formula} + group")
    for name, table in tables.items():
        lengths = {term: called(table, column, 0.1) for term, column in {"urea": "urea100", "weight": "weight"}.items()}
        assert lengths == {term: r[name][term] for term in lengths}, name
    row = shared[shared["term"] == "urea100"].set_index("gene").loc["gene_0025"]
    assert row["statistic"] == pytest.approx(r["quasi_likelihood"]["F"], rel=2e-5)
    assert row["p_value"] == pytest.approx(r["quasi_likelihood"]["p"], rel=4e-4)


def test_lists_of_the_airway_study_are_as_long_as_in_r():
    counts, cultures, r = load_airway_counts(), load_airway_samples(), in_r("lesson_10.json")
    kept = counts[filter_by_expression(counts, cultures, group="dexamethasone")]
    assert len(kept) == r["genes"]
    paired = voom(kept, cultures, "~ donor + dexamethasone", contrasts=DRUG)
    assert called(paired, DRUG, 0.05) == r["paired"]["voom"]
    row = paired.set_index("gene").loc[DUSP1]
    assert row["log2_fold_change"] == pytest.approx(r["paired"]["voom_log2_fold_change"], rel=1e-8)
    assert row["statistic"] == pytest.approx(r["paired"]["voom_t"], rel=1e-6)
    ignored = voom(kept, cultures, "~ dexamethasone", contrasts=DRUG)
    assert called(ignored, DRUG, 0.05) == r["ignored"]["voom"]
    for name, formula in {"paired": "~ donor + dexamethasone", "ignored": "~ dexamethasone"}.items():
        table = quasi_likelihood(kept, cultures, formula, contrasts=DRUG)
        assert called(table, DRUG, 0.05) == r[name]["quasi_likelihood"]


def test_the_lengths_of_deseq2_depend_on_its_options():
    r = in_r("lesson_10.json")["deseq2"]
    assert (r["default"], r["alpha_05"], r["all_genes"]) == (4062, 4058, 4048)
    counts, cultures = load_airway_counts(), load_airway_samples()
    kept = counts[filter_by_expression(counts, cultures, group="dexamethasone")]
    for alpha, length in {0.1: r["default"], 0.05: r["alpha_05"]}.items():
        table = deseq2(kept, cultures, "~ donor + dexamethasone", contrasts=DRUG, alpha=alpha)
        assert called(table, DRUG, 0.05) == length
