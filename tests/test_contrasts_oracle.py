"""`helpers.contrasts` against marginaleffects: 100 random models, and what is imported without it.

marginaleffects is asked for itself, on the fit as statsmodels has it (`MixedFit.statsmodels` of a mixed model). Where
its own derivative is exact, on the scale of the linear predictor and without slopes, numbers agree to 1e-10; on the
scale of the outcome its derivative is a difference, of which the step is chosen here.
"""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import marginaleffects
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import helpers
from helpers.contrasts import averages, comparisons, predictions, slopes
from helpers.contrasts.averages import Cells
from helpers.contrasts.grids import make_grid
from helpers.contrasts.models import as_model
from helpers.contrasts.moves import move_of_number
from helpers.mixed import fit_mixed

pytestmark = pytest.mark.filterwarnings("ignore:`cat.get_categories:DeprecationWarning")

KINDS = ["ols", "wls", "mixed", "poisson", "binomial"]
RIGHT = [
    "drug * gene + dose",
    "drug * dose + gene",
    "drug + gene * dose",
    "drug * gene * dose",
    "drug + gene + np.log(dose)",
]

# Terms in the order that patsy gives them, which is not lme4's of a * b + x: else there is no fit in statsmodels' shape
RIGHT_OF_MIXED = [
    "drug * gene",
    "drug + gene + dose + drug:dose",
    "drug + gene * dose",
    "drug + gene + dose",
    "drug + gene + dose + drug:dose + gene:dose",
]
FORBIDDEN = {"marginaleffects", "jax", "jaxlib", "polars"}
LINKS = {"Log": "Poisson", "Sqrt": "Poisson", "InversePower": "Gaussian", "Identity": "Gaussian"}


def table_of(rng, n=90):
    data = pd.DataFrame(
        {
            "drug": pd.Categorical(rng.choice(["none", "low", "high"], n), ["none", "low", "high"]),
            "gene": pd.Categorical(rng.choice(["A", "B"], n), ["A", "B"]),
            "dose": rng.uniform(0.5, 4, n),
            "animal": rng.integers(0, 9, n).astype(str),
            "w": rng.uniform(0.5, 2, n),
        }
    )
    shift = rng.normal(0, 0.5, 9)[data["animal"].astype(int)]
    effect = rng.normal(0, 0.5, 3)[data["drug"].cat.codes] + rng.normal(0, 0.5, 2)[data["gene"].cat.codes]
    eta = 0.5 + effect + 0.2 * data["dose"]
    data["y"] = eta + shift + rng.normal(0, 1, n)
    data["count"] = rng.poisson(np.exp(eta))
    data["high"] = rng.binomial(1, 1 / (1 + np.exp(-eta + 1)))
    return data


def fitted(kind, right, data):
    """A fit of ours or of statsmodels, and the same as marginaleffects takes it."""
    if kind == "mixed":
        fit = fit_mixed(f"y ~ {right} + (1 | animal)", data)
        return fit, fit.statsmodels
    if kind in ("ols", "wls"):
        model = smf.ols(f"y ~ {right}", data) if kind == "ols" else smf.wls(f"y ~ {right}", data, weights=data["w"])
        return (model.fit(),) * 2
    outcome, family = ("count", sm.families.Poisson()) if kind == "poisson" else ("high", sm.families.Binomial())
    return (smf.glm(f"{outcome} ~ {right}", data, family=family).fit(tol=1e-12),) * 2


def cells_of(table, by):
    return table.assign(cell=table[by].astype(str).agg("|".join, axis=1)).set_index("cell")


@pytest.mark.filterwarnings("ignore::helpers.mixed.SingularFitWarning")
@pytest.mark.parametrize("seed", range(100))
def test_a_random_model(seed):
    rng = np.random.default_rng(seed)
    data, kind = table_of(rng), KINDS[seed % len(KINDS)]
    right = (RIGHT_OF_MIXED if kind == "mixed" else RIGHT)[seed // len(KINDS) % len(RIGHT)]
    fit, theirs = fitted(kind, right, data)
    response = kind in ("poisson", "binomial")
    near = {"rtol": 1e-7 if response else 1e-10, "atol": 1e-12}  # of standard errors: its numerical derivative
    step = {"eps_vcov": 1e-6 if response else 1.0}
    ddf = {"ddf": "normal"} if kind == "mixed" else {}
    if seed % 2:
        compare_predictions(fit, theirs, step, near, ddf)
    elif "dose" in right:
        compare_steps(fit, theirs, step, near, ddf)
    how = ("pairwise", "sequential", "reference")[seed % 3]
    own = data[["drug", "gene", "dose"]].sample(40, random_state=seed)
    ours = comparisons(fit, {"drug": how}, by="gene", grid=own, scale="response", **ddf)
    found = marginaleffects.avg_comparisons(theirs, variables={"drug": how}, by="gene", newdata=own, **step).to_pandas()
    agree(ours, found.assign(contrast=named(found)), ["gene", "contrast"], near)


def compare_predictions(fit, theirs, step, near, ddf):
    ours = predictions(fit, ["gene", "drug"], grid="observed", scale="response", **ddf)
    found = marginaleffects.avg_predictions(theirs, by=["gene", "drug"], **step).to_pandas()
    agree(ours, found, ["gene", "drug"], near)


def compare_steps(fit, theirs, step, near, ddf):
    ours = comparisons(fit, {"dose": 0.5}, by="drug", grid="observed", scale="response", **ddf)
    found = marginaleffects.avg_comparisons(theirs, variables={"dose": 0.5}, by="drug", **step).to_pandas()
    agree(ours, found, ["drug"], near)


def named(found):
    """marginaleffects' contrasts as ours are named, with no brackets."""
    return found["contrast"].str.replace(r"[()]", "", regex=True)


def agree(ours, theirs, by, near):
    a, b = cells_of(pd.DataFrame(ours), by), cells_of(theirs, by)
    assert set(a.index) == set(b.index)
    b = b.loc[a.index]
    np.testing.assert_allclose(a["estimate"], b["estimate"], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(a["std_error"], b["std_error"], **near)


@pytest.mark.filterwarnings("ignore:The .* link function does not respect the domain")
@pytest.mark.parametrize("link", ["Log", "Logit", "Probit", "CLogLog", "Sqrt", "InversePower", "Identity"])
@pytest.mark.parametrize("what", ["predictions", "comparisons", "slopes"])
def test_the_derivative_is_that_of_the_estimate(link, what):
    """On the scale of the outcome: difference quotients of the estimate as the coefficients change."""
    rng = np.random.default_rng(5)
    data = table_of(rng, 60)
    family = getattr(sm.families, LINKS.get(link, "Binomial"))(getattr(sm.families.links, link)())
    model = smf.glm(f"{'I(2 + high + w)' if link in LINKS else 'high'} ~ drug * dose", data, family=family)
    fitted_model = as_model(model.fit(maxiter=200))
    grid = make_grid(fitted_model, "observed", None, None, [])
    cells = Cells.of(fitted_model, grid, ["drug"])
    response = fitted_model.link is not None

    def average(estimates):
        at = replace(fitted_model, estimates=estimates)
        if what == "predictions":
            return averages.average_predictions(at, grid, cells, response=response)[:2]
        if what == "slopes":
            return averages.average_slopes(at, grid, cells, "dose", response=response)[:2]
        here = grid.rows["dose"].to_numpy()
        move = move_of_number("dose", 0.1, here, here, " - ")
        return averages.average_comparisons(at, grid, cells, "dose", move, response=response)[:2]

    _, jacobian = average(fitted_model.estimates)
    for place, step in enumerate(1e-6 * np.maximum(np.abs(fitted_model.estimates), 0.1)):
        change = step * np.eye(len(fitted_model.estimates))[place]
        above, below = (average(fitted_model.estimates + sign * change)[0] for sign in (1, -1))
        np.testing.assert_allclose(jacobian[:, place], (above - below) / (2 * step), rtol=1e-6, atol=1e-7)


def test_slopes_are_marginaleffects_slopes():
    rng = np.random.default_rng(1)
    data = table_of(rng)
    fit = smf.ols("y ~ drug * dose + I(dose**2)", data).fit()
    found = marginaleffects.avg_slopes(fit, variables="dose", by="drug", eps=1e-2, eps_vcov=1.0).to_pandas()
    agree(slopes(fit, "dose", by="drug", grid="observed"), found, ["drug"], {"rtol": 1e-8})


def test_contrasts_import_neither_marginaleffects_nor_jax_nor_polars():
    # statsmodels imports polars where it is installed, so whether it is in sys.modules says nothing of us
    code = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("marginaleffects", "jax", "jaxlib", "polars"):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Missing())
import helpers.contrasts.contrast_pictures
import pandas as pd, statsmodels.formula.api as smf
from helpers.contrasts import comparisons
from helpers.mixed import fit_mixed
data = pd.DataFrame({"g": list("ab") * 6, "a": list("uvwxyz") * 2, "y": [1, 3, 2, 5, 2, 4, 2, 4, 3, 4, 1, 6]})
print(comparisons(smf.ols("y ~ g", data).fit(), "g")["estimate"].round(6).tolist())
print(comparisons(fit_mixed("y ~ g + (1 | a)", data), "g")["estimate"].round(6).tolist())
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["[2.5]", "[2.5]"], done.stderr


def test_no_module_outside_cells_imports_them():
    folder, found = Path(helpers.__file__).parent, []
    for path in folder.rglob("*.py"):
        if path.is_relative_to(folder / "cells"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [(path.name, name) for name in names if name.partition(".")[0] in FORBIDDEN]
    assert found == []
