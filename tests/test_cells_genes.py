"""One model per gene from cells: the numbers of `fit_mixed` gene by gene, and a reason where there are none."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from helpers.cells import collect_cells
from helpers.genes.from_cells import fit_genes_from_cells
from helpers.mixed import fit_mixed
from helpers.refusals.errors import UnknownNameError

FORMULA = "log(length) ~ condition + (1 | replicate)"
N_GENES = 30


def reads(n=4_000, seed=4):
    """Reads of genes of which most can be fitted."""
    rng = np.random.default_rng(seed)
    gene, replicate = rng.integers(0, N_GENES, n), rng.choice(4, n, p=[0.1, 0.2, 0.3, 0.4])
    condition = rng.choice(["a", "b"], n)
    mean = 5 + 0.3 * rng.normal(size=(N_GENES, 4))[gene, replicate] + 0.1 * (condition == "b") * (gene % 3)
    return pd.DataFrame(
        {
            "gene": [f"g{i:02d}" for i in gene],
            "replicate": [f"r{i + 1}" for i in replicate],
            "weight": np.array([20.5, 22.0, 19.5, 24.0])[replicate],
            "condition": condition,
            "length": np.exp(mean + 0.5 * rng.normal(size=n)),
        }
    )


@pytest.fixture(scope="module")
def table():
    return reads()


def fitted(formula, rows):
    """A fit to the rows in memory."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit_mixed(formula, rows)


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger", "normal"])
@pytest.mark.parametrize(
    ("formula", "by"),
    [
        (FORMULA, "gene"),
        ("length ~ 0 + condition + (1 | replicate)", "gene"),
        ("sqrt(length) ~ condition * weight + (1 | replicate)", ["gene", "weight"]),
        ("log(length) ~ condition + (1 | replicate:condition)", "gene"),
    ],
)
def test_every_gene_is_fitted_as_by_itself(table, formula, by, ddf):
    cells = collect_cells(formula, pl.from_pandas(table), by=by)
    found = fit_genes_from_cells(formula, cells, "gene", ddf=ddf)
    assert not found["reason"].any()
    for gene, rows in list(table.groupby("gene"))[:8]:
        alone, ours = fitted(formula, rows), found[found["gene"] == gene].set_index("term")
        theirs = alone.coefficients(ddf)
        assert ours.index.tolist() == theirs.index.tolist()
        np.testing.assert_allclose(ours["estimate"] / theirs["std_error"], theirs["statistic"], rtol=1e-8, atol=1e-8)
        for column in ("std_error", "df", "conf_low", "conf_high"):
            np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(ours["p_value"], theirs["p_value"], rtol=1e-5, atol=1e-300)
        np.testing.assert_allclose(ours["theta"], alone.theta[0], rtol=1e-7)
        np.testing.assert_allclose(ours["sigma"] ** 2, alone.residual_variance, rtol=1e-9)
        np.testing.assert_allclose(ours["deviance"], alone.deviance, rtol=1e-9)
        assert (ours["is_singular"] == alone.is_singular).all()


def test_contrasts_and_a_table_instead_of_cells(table):
    weights = {"twice": {"condition[T.b]": 2}}
    found = fit_genes_from_cells(FORMULA, pl.from_pandas(table).lazy(), "gene", contrasts=weights)
    terms = fit_genes_from_cells(FORMULA, pl.from_pandas(table), "gene")
    terms = terms[terms["term"] == "condition[T.b]"]
    assert found["contrast"].unique().tolist() == ["twice"]
    np.testing.assert_allclose(found["estimate"], 2 * terms["estimate"], rtol=1e-12)
    np.testing.assert_allclose(found["p_adjusted"], terms["p_adjusted"], rtol=1e-9)


def test_a_large_offset_costs_the_genes_no_digits(table):
    formula = "y ~ condition + (1 | replicate)"
    y = np.log(table["length"])
    near, far = (fit_genes_from_cells(formula, pl.from_pandas(table.assign(y=y + o)), "gene") for o in (0, 2.0**20))
    np.testing.assert_allclose(far["std_error"], near["std_error"], rtol=1e-7)
    moved = np.where(far["term"] == "(Intercept)", far["estimate"] - 2.0**20, far["estimate"])
    np.testing.assert_allclose(moved, near["estimate"], atol=1e-8)


REASONS = {
    "g00": (lambda d: d["replicate"] == "r1", "all reads come from one level of 'replicate'"),
    "g01": (lambda d: d["condition"] == "a", "in the cells with reads, 'condition[T.b]' is 0 in every row"),
    "g02": (lambda d: ~d[["replicate"]].duplicated(), "one read per level of 'replicate'"),
    "g03": (lambda d: d.index < d.index[2], "too few reads: 2 for 2 coefficients"),
}


def test_a_gene_that_cannot_be_fitted_has_a_reason_and_no_numbers(table):
    parts = [
        rows[REASONS[gene][0](rows)] if gene in REASONS else rows.assign(length=7.0) if gene == "g04" else rows
        for gene, rows in table.groupby("gene")
    ]
    found = fit_genes_from_cells(FORMULA, pl.from_pandas(pd.concat(parts)), "gene")
    reasons = found.groupby("gene")["reason"].first()
    for gene, (_, reason) in REASONS.items():
        assert reasons[gene] == reason
    assert reasons["g04"] == "constant"
    lost = found["gene"].isin([*REASONS, "g04"])
    assert found.loc[lost, ["estimate", "std_error", "df", "p_value", "p_adjusted", "theta"]].isna().all(axis=None)
    assert (reasons[5:] == "").all()
    others = fit_genes_from_cells(FORMULA, pl.from_pandas(table[table["gene"] > "g04"]), "gene")
    columns = ["estimate", "std_error", "df", "p_adjusted"]
    np.testing.assert_allclose(found.loc[~lost, columns], others[columns], rtol=1e-8)


BAD = {
    "a random slope": ("length ~ condition + (1 + condition | replicate)", "fits one random intercept"),
    "two random terms": ("length ~ condition + (1 | replicate) + (1 | condition)", "fits one random intercept"),
    "the gene in the formula": ("length ~ gene + (1 | replicate)", "names the genes, and stands in the formula"),
    "a numeric predictor": ("length ~ weight + (1 | replicate)", "collect_cells(…, by=['gene', 'weight'])"),
    "columns that add up": ("length ~ condition + C(condition) + (1 | replicate)", "not independent"),
    "a function of all rows": ("length ~ scale(weight) + (1 | replicate)", "weight"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_it_cannot_do_is_refused(table, name):
    formula, words = BAD[name]
    with pytest.raises(ValueError) as caught:
        fit_genes_from_cells(formula, pl.from_pandas(table), "gene")
    assert words in str(caught.value)


def test_cells_of_another_model_are_refused(table):
    cells = collect_cells(FORMULA, pl.from_pandas(table))
    with pytest.raises(UnknownNameError, match="cells has no column 'gene'"):
        fit_genes_from_cells(FORMULA, cells, "gene")
    with pytest.raises(ValueError, match=r"cells are of 'log\(length\)', the formula of 'length'"):
        fit_genes_from_cells("length ~ condition + (1 | replicate)", cells, "gene")
    by_weight = collect_cells(FORMULA, pl.from_pandas(table), by=["gene", "weight"])
    with pytest.raises(ValueError, match="function of all rows"):
        fit_genes_from_cells("log(length) ~ scale(weight) + (1 | replicate)", by_weight, "gene")
