"""The effects, differences, equivalence and paired tests that lessons 07 and 08 show: as R has them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.contrasts import comparisons
from helpers.data import load_modification_lengths
from helpers.mixed import fit_mixed

IN_R = json.loads((Path(__file__).parent / "reference" / "lengths" / "effects.json").read_text())
CLOSE = {"rtol": 1e-6}  # where lme4's optimizer stops
PAIRS = {"by": "gene_name", "differences": "pairwise", "transform": "exp"}


@pytest.fixture(scope="module")
def lengths():
    table = load_modification_lengths()
    return table.assign(log_length=np.log(table["length"]))


@pytest.fixture(scope="module")
def fit(lengths):
    return fit_mixed("log_length ~ condition * gene_name + (1 | replicate)", lengths)


def same(ours, of_r, names):
    for name, in_r in names.items():
        np.testing.assert_allclose(ours[name], of_r[in_r], **CLOSE)


def test_the_effect_in_each_gene(fit):
    ours = comparisons(fit, "condition", by="gene_name", transform="exp")
    names = {"estimate": "ratio", "conf_low": "lower.CL", "conf_high": "upper.CL", "df": "df", "p_value": "p.value"}
    same(ours, pd.DataFrame(IN_R["effects"]), names)


def test_differences_with_one_correction(fit):
    ours = comparisons(fit, "condition", **PAIRS, adjust="bonferroni")
    names = {"conf_low_adjusted": "lower.CL", "conf_high_adjusted": "upper.CL", "p_adjusted": "p.value"}
    same(ours, pd.DataFrame(IN_R["differences"]), {"estimate": "ratio"} | names)


def test_equivalence_with_the_same_correction_and_bounds_symmetric_in_logs(fit):
    ours = comparisons(fit, "condition", **PAIRS, equivalence=(1 / 1.1, 1.1))["p_value_equivalence"]
    in_r = [row["p.value"] for row in IN_R["equivalence"]]
    np.testing.assert_allclose((3 * ours).clip(upper=1), in_r, **CLOSE)


def test_genes_compared_in_each_condition(fit):
    ours = comparisons(fit, {"gene_name": "pairwise"}, by="condition")
    names = {"estimate": "estimate", "conf_low": "lower.CL", "conf_high": "upper.CL"}
    same(ours, pd.DataFrame(IN_R["genes_with_drug"]), names)


def test_the_interaction_is_tested_jointly(fit):
    ours = fit.anova().loc["condition:gene_name"]
    (in_r,) = IN_R["interaction"]
    assert ours["statistic"] == pytest.approx(in_r["F value"], rel=1e-6)
    assert ours["p_value"] == pytest.approx(in_r["Pr(>F)"], rel=1e-5)
    assert abs(ours["den_df"] - in_r["DenDF"]) < 1  # lmerTest pools the two rows in another way


def test_paired_tests_on_four_replicates(lengths):
    cell = lengths.pivot_table("log_length", "replicate", ["condition", "gene_name"], observed=True)
    effect = cell["DRUG"] - cell["NO DRUG"]
    values = {gene: effect[gene] for gene in "CAB"}
    values |= {f"{a} - {b}": effect[a] - effect[b] for a, b in ("AC", "BC", "BA")}
    for name, of_r in (IN_R["t_effects"] | IN_R["t_differences"]).items():
        test = stats.ttest_1samp(values[name], 0)
        ours = [values[name].mean(), *test.confidence_interval(), test.pvalue]
        np.testing.assert_allclose(ours, [of_r["estimate"], of_r["lower"], of_r["upper"], of_r["p"]], rtol=1e-9)


def test_the_short_call_has_the_opposite_sign(fit):
    """`pairs()` takes the first level minus the second."""
    ours = comparisons(fit, "condition", by="gene_name")["estimate"]
    np.testing.assert_allclose(-ours, [row["estimate"] for row in IN_R["short_call"]], **CLOSE)
