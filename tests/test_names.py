"""A column named with a word of Python, or with anything else, from the table to the last result."""

import numpy as np
import pandas as pd
import pytest
from report_running import run_template, words_shown

from helpers.cells import collect_cells
from helpers.contrasts import comparisons
from helpers.counts import fit_negative_binomial, quasi_likelihood
from helpers.design.translation import quoted
from helpers.genes import fit_genes
from helpers.mixed import fit_mixed

WORDS = ["class", "lambda", "yield", "None", "for", "a`b", "body weight (g)"]


@pytest.fixture
def table():
    rng = np.random.default_rng(11)
    block = np.repeat(np.arange(6), 8)
    return pd.DataFrame(
        {
            "out": rng.normal(size=6)[block] + rng.normal(size=48),
            "f": np.tile(["p", "q"], 24),
            "block": [f"b{k}" for k in block],
        },
        index=[f"s{k}" for k in range(48)],
    )


@pytest.mark.parametrize("word", WORDS)
def test_a_mixed_model_and_its_contrasts(table, word):
    name = quoted(word)
    plain = fit_mixed("out ~ f + (1 | block)", table)
    fit = fit_mixed(f"out ~ {name} + (1 | block)", table.rename(columns={"f": word}))
    expected = comparisons(plain, "f").drop(columns="contrast")
    pd.testing.assert_frame_equal(comparisons(fit, word)[expected.columns], expected, check_exact=False)
    assert fit.anova().index.tolist() == [word]
    of_outcome = fit_mixed(f"{name} ~ f + (1 | block)", table.rename(columns={"out": word}))
    of_group = fit_mixed(f"out ~ f + (1 | {name})", table.rename(columns={"block": word}))
    assert of_outcome.deviance == pytest.approx(plain.deviance)
    assert of_group.deviance == pytest.approx(plain.deviance)
    assert [*of_group.random_effects] == [word]
    formula = f"out ~ {name} + (1 | block)"
    of_cells = fit_mixed(formula, collect_cells(formula, table.rename(columns={"f": word})))
    assert of_cells.deviance == pytest.approx(plain.deviance)


@pytest.mark.parametrize("word", WORDS)
def test_genes_and_counts(table, word):
    rng, design, name = np.random.default_rng(2), table.rename(columns={"f": word}), quoted(word)
    expression = pd.DataFrame(rng.normal(size=(3, 48)), columns=table.index)
    found = fit_genes(expression, design, f"~ {name} + (1 | block)")
    assert found["term"].unique().tolist() == ["(Intercept)", f"{word}[T.q]"]
    counts = pd.DataFrame(rng.poisson(20, (5, 48)), columns=table.index)
    for fitted in (fit_negative_binomial, quasi_likelihood):
        one, other = fitted(counts, design, f"~ {name}"), fitted(counts, table, "~ f")
        np.testing.assert_allclose(one["estimate"], other["estimate"])


def test_a_report_on_a_mixed_model(table, tmp_path):
    """Each word stands in the formula as it is, from the first cell of the template to the last sentence."""
    words = {"out": "yield", "f": "lambda", "block": "class"}
    table.rename(columns=words).to_csv(tmp_path / "words.csv", index=False)
    plain = comparisons(fit_mixed("out ~ f + (1 | block)", table), "f", ddf="kenward-roger")
    given = {"formula": "yield ~ lambda + (1 | class)", "contrast": "lambda", "by": "", "reference": ""}
    variables, shown = run_template("mixed_model", data=str(tmp_path / "words.csv"), **given)
    found = variables["analysis"].contrasts
    for column in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(found[column], plain[column], rtol=1e-6)
    text = words_shown(shown)
    assert [word for word in words.values() if f"'{word}'" not in text] == []


def test_a_report_on_counts(tmp_path):
    rng = np.random.default_rng(4)
    names = [f"s{k}" for k in range(12)]
    counts = pd.DataFrame(rng.negative_binomial(8, 0.02, (120, 12)), [f"g{k}" for k in range(120)], names)
    samples = pd.DataFrame({"lambda": np.tile(["p", "q"], 6), "yield": rng.normal(size=12)}, names)
    counts.to_csv(tmp_path / "counts.csv", index_label="gene")
    samples.to_csv(tmp_path / "samples.csv", index_label="sample")
    paths = {"data": str(tmp_path / "counts.csv"), "samples": str(tmp_path / "samples.csv")}
    variables, _ = run_template("counts", **paths, formula="~ lambda + yield", contrast="lambda", reference="")
    found = variables["analysis"].table.set_index("gene")
    plain = quasi_likelihood(counts, samples.set_axis(["f", "x"], axis=1), "~ f + x", terms="f[T.q]").set_index("gene")
    assert found["term"].unique().tolist() == ["q − p"]
    np.testing.assert_allclose(found["p_value"], plain["p_value"].reindex(found.index), rtol=1e-6)
