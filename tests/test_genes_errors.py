"""What `fit_genes` refuses, and what it says of genes that cannot be fitted: what was found, where, and what to do."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.genes import fit_genes, unusable
from helpers.moderation.variances import squeeze_variances

FORMULA = "~ urea + diet + (1 | animal)"


@pytest.fixture(scope="module")
def design():
    """Eight animals on three days."""
    rng = np.random.default_rng(5)
    animal = np.repeat(np.arange(8), 3)
    return pd.DataFrame(
        {
            "animal": [f"m{i}" for i in animal],
            "cage": [f"c{i // 2}" for i in animal],
            "urea": rng.normal(200, 40, 24).round(1),
            "diet": np.tile(["chow", "fat", "fat"], 8),
        },
        index=[f"s{i + 1:02}" for i in range(24)],
    )


@pytest.fixture(scope="module")
def expression(design):
    rng = np.random.default_rng(6)
    y = rng.normal(size=(6, 8)).repeat(3, axis=1) + rng.normal(size=(6, 24))
    return pd.DataFrame(y.round(4), [f"g{i}" for i in range(6)], design.index)


# --- Refused at once ------------------------------------------------------------------------------------------------


def with_cell(table, gene, sample, value):
    table = table.astype(object) if isinstance(value, str) else table.copy()
    table.loc[gene, sample] = value
    return table


def mute(table):
    """An AnnData without X."""
    return SimpleNamespace(X=None, layers={"counts": 0}, obs=None, obs_names=table.columns, var_names=table.index)


# Each: changes of the expression, of the design, other arguments; the error; words of its message.
BAD = {
    "one group per sample": (
        {},
        {"d": lambda d: d.assign(animal=d.index)},
        ValueError,
        ["'animal' has one row", "Group by"],
    ),
    "one group": ({}, {"d": lambda d: d.assign(animal="m0")}, ValueError, ["'animal' has one level", "'m0'"]),
    "columns that add up": (
        {"formula": "~ urea + twice + (1 | animal)"},
        {"d": lambda d: d.assign(twice=2 * d["urea"])},
        ValueError,
        ["'twice' is a multiple of 'urea'", "Take one"],
    ),
    "a fixed effect of the groups": (
        {"formula": "~ animal + (1 | animal)"},
        {},
        ValueError,
        ["every difference between levels of 'animal'", "(1 | animal)"],
    ),
    "nothing left within groups": (
        {"formula": "~ within + (1 | animal)"},
        {
            "d": lambda d: d.iloc[[0, 1, 3, 6, 9]].assign(within=[0, 1, 0, 0, 0]),
            "y": lambda y: y.iloc[:, [0, 1, 3, 6, 9]],
        },
        ValueError,
        ["every difference within levels of 'animal'"],
    ),
    "a column that is not there": ({"formula": "~ uera + (1 | animal)"}, {}, KeyError, ["'uera'", "'urea'", "design"]),
    "an outcome": ({"formula": "y ~ urea + (1 | animal)"}, {}, ValueError, ["has an outcome", "^"]),
    "no formula": ({"formula": None}, {}, ValueError, ["must be a text", "~ x + (1 | g)"]),
    "two random terms": (
        {"formula": "~ urea + (1 | animal) + (1 | cage)"},
        {},
        ValueError,
        ["(1 | animal) + (1 | cage)", "one random intercept", "fit_mixed"],
    ),
    "a random slope": ({"formula": "~ urea + (urea | animal)"}, {}, ValueError, ["one random intercept", "fit_mixed"]),
    "moderation by Kenward–Roger": (
        {"moderated": True, "ddf": "kenward-roger"},
        {},
        ValueError,
        ["learns them from", 'ddf="satterthwaite"'],
    ),
    "moderation by a word": ({"moderated": "yes", "formula": "~ urea"}, {}, ValueError, ["True or False", "'yes'"]),
    "moderation of one gene": (
        {"moderated": True, "formula": "~ urea"},
        {"y": lambda y: y.iloc[:1]},
        ValueError,
        ["many genes", "found 1"],
    ),
    "an unknown ddf": ({"ddf": "kenward"}, {}, ValueError, ["satterthwaite, kenward-roger, normal", "'kenward'"]),
    "an unknown adjustment": ({"adjust": "bh"}, {}, ValueError, ["fdr_bh", "'bh'"]),
    "a level of confidence in percent": ({"conf_level": 95}, {}, ValueError, ["between 0 and 1", "95"]),
    "samples that do not match": (
        {},
        {"y": lambda y: y.rename(columns={"s02": "s99"})},
        ValueError,
        ["do not match", "expression only: 's99'", "design only: 's02'", "keep the same"],
    ),
    "samples in a column": (
        {},
        {"d": lambda d: d.rename_axis("sample").reset_index()},
        ValueError,
        ["do not match", "design.set_index('sample')"],
    ),
    "other samples in an array": ({}, {"y": lambda y: y.to_numpy()[:, 1:]}, ValueError, ["23 samples", "24 (rows)"]),
    "an array turned round": ({}, {"y": lambda y: y.to_numpy().T}, ValueError, ["6 samples", "transpose"]),
    "an array of one gene": ({}, {"y": lambda y: y.to_numpy()[0]}, ValueError, ["two dimensions", "found 1"]),
    "an array of texts": ({}, {"y": lambda y: y.to_numpy().astype(str)}, ValueError, ["not numbers", "floats"]),
    "a sample twice": ({}, {"d": lambda d: d.rename({"s02": "s01"})}, ValueError, ["'s01' 2 times", "own name"]),
    "a gene twice": ({}, {"y": lambda y: y.rename({"g1": "g0"})}, ValueError, ["gene 'g0' 2 times", "own name"]),
    "a gene without name": ({}, {"y": lambda y: y.rename({"g1": np.nan})}, ValueError, ["a name is missing"]),
    "text in the expression": (
        {},
        {"y": lambda y: with_cell(y, "g1", "s03", "n.d.")},
        ValueError,
        ["no numbers in column", "'s03'", "'g1' holds 'n.d.'"],
    ),
    "genes in a column": (
        {},
        {"y": lambda y: y.rename_axis("gene").reset_index()},
        ValueError,
        ["no numbers in column 'gene'", "set_index it"],
    ),
    "an infinite value": (
        {},
        {"y": lambda y: with_cell(y, "g1", "s03", -np.inf)},
        ValueError,
        ["infinite 1 times", "gene 'g1' in sample 's03'", "log2(x + 1)"],
    ),
    "an infinite value in an array": (
        {},
        {"y": lambda y: with_cell(y, "g1", "s03", np.inf).to_numpy()},
        ValueError,
        ["gene 1 in sample number 3"],
    ),
    "no genes": ({}, {"y": lambda y: y.iloc[:0]}, ValueError, ["no genes"]),
    "no design": ({}, {"d": lambda d: None}, ValueError, ["design must be a pandas DataFrame", "NoneType"]),
    "a layer of a table": ({"layer": "counts"}, {}, ValueError, ["belongs to an AnnData", "DataFrame"]),
    "a layer that is not there": ({"layer": "count"}, {"y": mute}, KeyError, ["no layer 'count'", "Closest: 'counts'"]),
    "an AnnData without X": ({}, {"y": mute}, ValueError, ["no X", "'counts'"]),
    "a text file": ({}, {"y": lambda y: "genes.csv"}, ValueError, ["genes.csv is not a Parquet file", "read_table"]),
    "no file": ({}, {"y": lambda y: "genes.parquet"}, FileNotFoundError, ["no file genes.parquet"]),
    "weights of another shape": (
        {"weights": np.ones((6, 23))},
        {},
        ValueError,
        ["(6, 23)", "(6, 24)", "one per sample"],
    ),
    "a weight of zero": (
        {"weights": np.eye(6, 24) * -1 + 1},
        {},
        ValueError,
        ["6 weights are not above 0", "'g0'", "make the value missing"],
    ),
    "weights of other genes": (
        {"weights": pd.DataFrame(1.0, ["g0"], [f"s{i + 1:02}" for i in range(24)])},
        {},
        ValueError,
        ["genes of the weights", "'g1'"],
    ),
    "weights with names for none": (
        {"weights": pd.Series(1.0, [f"s{i + 1:02}" for i in range(24)])},
        {"y": lambda y: y.to_numpy()},
        ValueError,
        ["The weights name samples", "array of weights"],
    ),
    "a contrast of an unknown coefficient": ({"contrasts": {"uera": 1}}, {}, KeyError, ["'uera'", "urea"]),
    "a contrast of the wrong length": ({"contrasts": {"a": [1, 0]}}, {}, ValueError, ["3 weights", "found 2"]),
    "a contrast of nothing": ({"contrasts": [[0, 0, 0]]}, {}, ValueError, ["other than zero"]),
    "a contrast of several rows": ({"contrasts": {"a": np.eye(3)}}, {}, ValueError, ["'a' has 3 rows", "give it one"]),
    "contrasts that share a name": (
        {"contrasts": pd.DataFrame({"urea": [1, 2]}, index=["a", "a"])},
        {},
        ValueError,
        ["share a name", "a, a"],
    ),
}


def attempt(expression, design, name):
    arguments, change, error, words = BAD[name]
    y = change.get("y", lambda y: y)(expression)
    d = change.get("d", lambda d: d)(design)
    arguments = {"formula": FORMULA} | arguments
    with pytest.raises(error) as caught:
        fit_genes(y, d, **arguments)
    return str(caught.value), words


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_advice_given(expression, design, name):
    message, words = attempt(expression, design, name)
    assert not [word for word in words if word not in message], message


def test_the_messages_are_different(expression, design):
    assert len({attempt(expression, design, name)[0] for name in BAD}) == len(BAD)


def test_a_file_that_is_no_parquet_is_named(tmp_path, design):
    path = tmp_path / "genes.parquet"
    path.write_text("gene,s01\n")
    with pytest.raises(ValueError, match=r"genes\.parquet is not a Parquet file"):
        fit_genes(path, design, FORMULA)


def test_variances_of_zero_cannot_be_moderated():
    with pytest.raises(ValueError, match="above zero"):
        squeeze_variances([1.0, 0.0], 3)


# --- A gene that cannot be fitted: a row of NaN, a reason, and its neighbours untouched -------------------------------


def missing(*samples):
    """All but these samples are missing."""
    return lambda y, d: y.where(y.index.isin(samples))


HOPELESS = {
    "constant": (lambda y, d: y * 0 + 7.3, "constant"),
    "constant where it is there": (lambda y, d: (y * 0 + 7.3).mask(y.index == "s05"), "constant"),
    "all missing": (lambda y, d: y * np.nan, "every value is missing"),
    "three values": (missing("s01", "s02", "s05"), "too few values: 3 for 3 coefficients"),
    "one value per animal": (
        missing("s01", "s05", "s07", "s11", "s13", "s17", "s19", "s23"),
        "one value per level of 'animal'",
    ),
    "one diet left": (
        lambda y, d: y.where(d["diet"] == "fat"),
        "in the samples with values, 'diet[T.fat]' is a multiple of '(Intercept)'",
    ),
    "a perfect fit": (lambda y, d: 3 + 2 * d["urea"], "the fixed part fits perfectly"),
    "a perfect fit where it is there": (
        lambda y, d: (3 + 2 * d["urea"]).mask(y.index == "s05"),
        "the fixed part fits perfectly",
    ),
    "a perfect fit with animals": (
        lambda y, d: 2 * d["urea"] + d["animal"].str[1].astype(float) ** 2,
        "the fixed part and 'animal' together fit perfectly",
    ),
    "a perfect fit with animals, where it is there": (
        lambda y, d: (2 * d["urea"] + d["animal"].str[1].astype(float) ** 2).mask(y.index == "s05"),
        "the fixed part and 'animal' together fit perfectly",
    ),
    "nothing left within animals": (
        missing("s01", "s02", "s03", "s04", "s07", "s10"),
        "the fixed part explains every difference within levels of 'animal'",
    ),
}


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_a_hopeless_gene_is_a_row_of_nan_with_a_reason(expression, design, ddf):
    found = {name: change(expression.iloc[0], design) for name, (change, _) in HOPELESS.items()}
    mixed = pd.concat([expression, pd.DataFrame(found).T.reindex(columns=expression.columns)])
    table = fit_genes(mixed, design, FORMULA, ddf=ddf)
    numbers = table.drop(columns=["gene", "term", "is_singular", "reason"])
    assert numbers[table["reason"] == ""].notna().all().all()
    assert numbers[table["reason"] != ""].isna().all().all()
    assert not table.loc[table["reason"] != "", "is_singular"].any()
    reasons = table.groupby("gene")["reason"].first()
    assert reasons[list(found)].to_dict() == {name: HOPELESS[name][1] for name in found}
    alone = fit_genes(expression, design, FORMULA, ddf=ddf)
    pd.testing.assert_frame_equal(table[: len(alone)].drop(columns="p_adjusted"), alone.drop(columns="p_adjusted"))
    np.testing.assert_allclose(table["p_adjusted"][: len(alone)], alone["p_adjusted"])


def test_too_few_animals_are_a_reason(expression, design):
    sizes = design.assign(size=design["animal"].str[1].astype(float) ** 2)
    one, two = (expression.iloc[[0], :n].reindex(columns=design.index) for n in (3, 6))
    assert set(fit_genes(one, sizes, "~ urea + (1 | animal)")["reason"]) == {
        "all values come from one level of 'animal'"
    }
    assert set(fit_genes(two, sizes, "~ size + (1 | animal)")["reason"]) == {
        "the fixed part explains every difference between levels of 'animal'"
    }


@pytest.mark.parametrize("case", ["complete", "weights"])
def test_a_hopeless_gene_does_not_disturb_moderation(expression, design, case):
    found = {name: change(expression.iloc[0], design) for name, (change, _) in HOPELESS.items()}
    mixed = pd.concat([expression, pd.DataFrame(found).T.reindex(columns=expression.columns)])
    weights = None if case == "complete" else np.linspace(1, 2, mixed.size).reshape(mixed.shape)
    table = fit_genes(mixed, design, FORMULA, moderated=True, weights=weights)
    lost = table["reason"] != ""
    assert set(table.loc[lost, "gene"]) == set(found)
    assert table.loc[lost, ["estimate", "std_error", "df", "p_value", "sigma_moderated"]].isna().all().all()
    alone = fit_genes(
        expression, design, FORMULA, moderated=True, weights=None if weights is None else weights[: len(expression)]
    )
    pd.testing.assert_frame_equal(
        table[~lost].drop(columns="p_adjusted"), alone.drop(columns="p_adjusted"), rtol=1e-8, check_dtype=False
    )


def test_a_single_gene_cannot_be_moderated_in_a_mixed_model(expression, design):
    with pytest.raises(ValueError, match="many genes; found 1"):
        fit_genes(expression.iloc[:1], design, FORMULA, moderated=True)


def test_weights_too_far_apart_are_a_reason(expression, design):
    weights = np.ones(expression.shape)
    weights[2, 2:] = 1e-200
    reasons = fit_genes(expression, design, FORMULA, weights=weights).groupby("gene")["reason"].first()
    assert reasons["g2"] == "the weights differ by many orders of magnitude"
    assert (reasons.drop("g2") == "").all()


def test_an_optimum_out_of_reach_is_a_reason(expression, design, monkeypatch):
    monkeypatch.setattr(unusable, "NO_RESIDUAL_WITHIN", 0)
    gene = HOPELESS["a perfect fit with animals"][0](expression.iloc[0], design).rename("perfect")
    table = fit_genes(pd.concat([expression, gene.to_frame().T]), design, FORMULA)
    assert set(table["reason"][:-3]) == {""}
    assert set(table["reason"][-3:]) == {"no optimum: the residual variance runs to zero"}
    assert table.drop(columns=["gene", "term", "is_singular", "reason"])[-3:].isna().all().all()


def test_genes_without_a_random_term_have_their_reasons_too(expression, design):
    found = {name: HOPELESS[name][0](expression.iloc[0], design) for name in HOPELESS}
    mixed = pd.concat([expression, pd.DataFrame(found).T.reindex(columns=expression.columns)])
    table = fit_genes(mixed, design, "~ urea + diet", moderated=True)
    reasons = table.groupby("gene")["reason"].first()
    for name in ("constant", "all missing", "three values", "one diet left", "a perfect fit"):
        assert reasons[name] == HOPELESS[name][1]
    assert reasons["one value per animal"] == ""
    assert np.isfinite(table.loc[table["reason"] == "", ["estimate", "std_error", "df", "p_value"]]).all().all()
    assert table.loc[table["reason"] != "", ["estimate", "sigma", "sigma_moderated", "df"]].isna().all().all()
