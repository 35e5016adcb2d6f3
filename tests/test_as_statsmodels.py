"""`MixedFit.statsmodels`: statsmodels' own results object at our optimum, and what it can be used for."""

import warnings

import marginaleffects
import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLMResultsWrapper

from helpers.design.translation import quoted
from helpers.mixed import SingularFitWarning, fit_mixed


@pytest.fixture(scope="module")
def table():
    """Twelve animals of six rows; two drugs, three genes, five batches across the animals."""
    rng = np.random.default_rng(11)
    animal = np.repeat(np.arange(12), 6)
    data = pd.DataFrame(
        {
            "animal": [f"m{i:02d}" for i in animal],
            "batch": rng.permutation(np.repeat(list("vwxyz"), 15)[:72]),
            "drug": np.tile(["no", "yes"], 36),
            "gene": np.tile(["A", "B", "C"], 24),
            "age": rng.normal(10, 2, 72).round(2),
        }
    )
    batch = data["batch"].map(dict(zip("vwxyz", rng.normal(size=5), strict=True)))
    first, second = rng.normal(size=(2, 12))
    y = 5 + first[animal] + batch + (data["drug"] == "yes") * (0.5 + 0.6 * second[animal]) + 0.1 * data["age"]
    return data.assign(y=y + rng.normal(size=72) * 0.5, length=np.exp(y / 5))


# marginaleffects asks polars for what polars will drop.
old_polars_call = pytest.mark.filterwarnings("ignore:`cat.get_categories:DeprecationWarning")

FORMULAS = [
    "y ~ drug + age + (1 | animal)",
    "y ~ drug * gene + (1 | animal)",
    "y ~ drug + age + (1 + drug | animal)",
    "y ~ drug + (0 + drug | animal)",
    "y ~ drug + (1 | animal) + (1 | batch)",
    "y ~ age + (1 | batch / animal)",
    "y ~ center(age) + I(age**2) + (1 | animal)",
    "log(length) ~ drug + (1 | animal)",
]


def fit(formula, data, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return fit_mixed(formula, data, **arguments)


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_statsmodels_agrees_at_our_optimum(table, formula, reml):
    ours = fit(formula, table, reml=reml)
    theirs = ours.statsmodels
    assert isinstance(theirs, MixedLMResultsWrapper)
    assert theirs.llf == pytest.approx(ours.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(theirs.fe_params, ours.fixed_effects, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(theirs.bse_fe, np.sqrt(np.diag(ours.covariance)), rtol=1e-6)
    assert theirs.scale == pytest.approx(ours.residual_variance)
    np.testing.assert_allclose(theirs.fittedvalues, ours.predict(random=True), atol=1e-6)


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ age + drug + (1 | animal)",
        "y ~ age + drug * gene + (1 | animal)",
        "y ~ age * gene + drug + (1 | animal)",
        "y ~ age:drug + gene + age + (1 | animal)",
        "y ~ age + drug + (1 | animal) + (1 | batch)",
        "y ~ drug + age + (1 + age + drug | animal)",
    ],
)
def test_statsmodels_takes_terms_in_any_order(table, formula):
    """It puts factors before numbers, in the fixed part and in the random one."""
    ours = fit(formula, table)
    theirs = ours.statsmodels
    assert theirs.llf == pytest.approx(ours.log_likelihood, abs=1e-7)
    by_name = ours.coefficients("normal").rename({"(Intercept)": "Intercept"})
    by_name.index = [frozenset(name.split(":")) for name in by_name.index]
    by_name = by_name.loc[[frozenset(name.split(":")) for name in theirs.model.exog_names]]
    np.testing.assert_allclose(theirs.fe_params, by_name["estimate"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(theirs.bse_fe, by_name["std_error"], rtol=1e-6)
    np.testing.assert_allclose(theirs.fittedvalues, ours.predict(random=True), atol=1e-6)


NAMES = ["class", "yield", "lambda", "None", "C", "body.weight", "body weight (g)", "it's", "a`b", "a\\b", "größe"]


@pytest.mark.parametrize("random", ["(1 | animal)", "(1 + {age} | animal)", "(1 | animal) + (1 | batch)"])
@pytest.mark.parametrize("name", NAMES)
def test_statsmodels_takes_any_name_of_a_column(table, name, random):
    """Words of Python, points, blanks and quotation marks: as outcome, factor, number, slope and group."""
    plain = fit(f"y ~ age + drug + {random.format(age='age')}", table).statsmodels
    for column in ("y", "age", "drug", "animal"):
        words = {c: quoted(name if c == column else c) for c in ("y", "age", "drug", "animal")}
        formula = "{y} ~ {age} + {drug} + " + random.replace("animal", "{animal}")
        theirs = fit(formula.format(**words), table.rename(columns={column: name})).statsmodels
        assert theirs.llf == pytest.approx(plain.llf, abs=1e-7)
        np.testing.assert_allclose(theirs.fe_params, plain.fe_params, rtol=1e-7)
        np.testing.assert_allclose(theirs.fittedvalues, plain.fittedvalues, rtol=1e-6)
        own = name if name in ("größe", "body.weight") else repr(name)[1:-1]
        assert column == "animal" or own in str(theirs.summary())


def test_what_the_formula_language_of_statsmodels_cannot_read_is_refused(table):
    data = table.rename(columns={"drug": "Q", "age": "class"})  # Q is the function that would quote the other
    with pytest.raises(ValueError, match=r"statsmodels cannot read 'y ~ Q \+ class .*rename the column"):
        _ = fit("y ~ Q + class + (1 | animal)", data).statsmodels
    with pytest.raises(ValueError, match=r"statsmodels cannot read 'y ~ poly\(age, 2\).*\. Compute"):
        _ = fit("y ~ poly(age, 2) + (1 | animal)", table).statsmodels


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_summary_prints_our_numbers(table, formula):
    ours = fit(formula, table)
    text = str(ours.statsmodels.summary())
    assert "REML" in text
    assert f"{ours.log_likelihood:.4f}" in text
    assert all(f"{estimate:.3f}" in text for estimate in ours.fixed_effects)


def test_it_is_built_once_and_on_demand(table):
    ours = fit(FORMULAS[0], table)
    assert "statsmodels" not in vars(ours)
    assert ours.statsmodels is ours.statsmodels


def test_a_singular_fit_has_its_results_too(table):
    data = table.assign(y=table["age"] + np.random.default_rng(3).normal(size=72))
    centred = data["y"] - data.groupby("animal")["y"].transform("mean")  # animals do not differ at all
    with pytest.warns(SingularFitWarning):
        ours = fit_mixed("y ~ drug + (1 | animal)", data.assign(y=centred))
    theirs = ours.statsmodels
    assert theirs.llf == pytest.approx(ours.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(theirs.bse_fe, np.sqrt(np.diag(ours.covariance)), rtol=1e-6)
    assert "Mixed Linear Model" in str(theirs.summary())


@old_polars_call
@pytest.mark.parametrize("formula", ["y ~ drug * gene + (1 | animal)", "y ~ drug * gene + (1 | animal) + (1 | batch)"])
def test_marginaleffects_compares_with_it(table, formula):
    ours = fit(formula, table)
    found = marginaleffects.avg_comparisons(ours.statsmodels, variables="drug", by="gene")
    found = found.to_pandas().set_index("gene")
    for gene in "ABC":
        weights = {"drug[T.yes]": 1} | ({} if gene == "A" else {f"drug[T.yes]:gene[T.{gene}]": 1})
        row = ours.contrast(weights, ddf="normal").iloc[0]
        assert found.loc[gene, "estimate"] == pytest.approx(row["estimate"], abs=1e-6)
        assert found.loc[gene, "std_error"] == pytest.approx(row["std_error"], rel=1e-4)


@old_polars_call
def test_marginaleffects_takes_slopes_of_it(table):
    ours = fit("y ~ drug * age + (1 | animal)", table)
    found = marginaleffects.avg_slopes(ours.statsmodels, variables="age", eps=1e-2).to_pandas().iloc[0]
    share = (table["drug"] == "yes").mean()
    row = ours.contrast({"age": 1, "drug[T.yes]:age": share}, ddf="normal").iloc[0]
    assert found["estimate"] == pytest.approx(row["estimate"], abs=1e-5)
    assert found["std_error"] == pytest.approx(row["std_error"], rel=1e-3)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("y ~ drug + (1 + drug | animal) + (1 | batch)", "random slopes beside crossed or nested grouping factors"),
        ("y ~ drug + (age | animal) + (1 | batch)", "random slopes beside crossed or nested grouping factors"),
        ("y ~ scale(age) + (1 | animal)", r"reads the fixed part '1 \+ scale\(age\)' otherwise"),  # divides by n
    ],
)
def test_what_statsmodels_cannot_express_is_refused(table, formula, message):
    ours = fit(formula, table)
    with pytest.raises(ValueError, match=message):
        _ = ours.statsmodels
    assert len(ours.coefficients()) == 2  # the fit itself stands


def test_crossed_factors_of_many_rows_are_refused(table):
    rng = np.random.default_rng(1)
    many = pd.DataFrame({"a": rng.integers(0, 20, 5_100), "b": rng.integers(0, 30, 5_100)})
    many["y"] = rng.normal(size=20)[many["a"]] + rng.normal(size=30)[many["b"]] + rng.normal(size=5_100)
    ours = fit("y ~ 1 + (1 | a) + (1 | b)", many)
    with pytest.raises(ValueError, match="a matrix of 5,100 × 5,100 for crossed factors; up to 5,000 rows"):
        _ = ours.statsmodels
