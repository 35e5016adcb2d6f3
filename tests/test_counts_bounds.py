"""Two bounds that ordinary counts never reach, against edgeR and limma: `reference/counts/few_and_even.R`."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.counts import quasi_likelihood, voom

FOLDER = Path(__file__).parent / "reference" / "counts"
IN_R = json.loads((FOLDER / "few_and_even.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def counts():
    return pd.read_csv(FOLDER / "even_counts.csv.gz", index_col=0)


@pytest.fixture(scope="module")
def design(counts):
    return pd.DataFrame({"x": np.repeat([0, 1], 4)}, index=counts.columns)


def test_no_p_value_lies_below_that_of_a_poisson_regression(counts, design):
    theirs = pd.DataFrame(IN_R["quasi_likelihood"]).set_index("gene")
    ours = quasi_likelihood(counts, design, "~ x").set_index("gene").loc[theirs.index]
    np.testing.assert_allclose(ours["statistic"], theirs["F"], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(ours["p_value"], theirs["p_value"], rtol=2e-3)
    held = theirs["p_value"] > 1.01 * theirs["without_bound"]
    assert held.sum() > 20  # without the bound these would be smaller


def test_a_handful_of_genes_lends_no_more_degrees_of_freedom_than_it_has(counts, design):
    theirs = pd.DataFrame(IN_R["voom"]).set_index("gene")
    ours = voom(counts.loc[theirs.index], design, "~ x").set_index("gene")
    assert ours["df"].tolist() == theirs["df_total"].tolist() == [120.0] * 20
    np.testing.assert_allclose(ours["statistic"], theirs["t"], rtol=1e-6)
    np.testing.assert_allclose(ours["p_value"], theirs["p_value"], rtol=1e-6)
