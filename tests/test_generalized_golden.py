"""Generalised mixed models against glmer (Laplace, adaptive quadrature) and glmmTMB (Laplace): tests/reference/glmm."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from naming import key

from helpers.mixed import fit_mixed

FOLDER = Path(__file__).parent / "reference" / "glmm"
MODELS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
CANONICAL = {("binomial", "logit"), ("poisson", "log")}
BY_GLMER = [
    (name, run["nAGQ"])
    for name, model in MODELS.items()
    for run in model.get("glmer") or []
    if run["nAGQ"] == 25 or (model["family"], model["link"]) in CANONICAL
]


def fitted(model, quadrature=1):
    """Our fit of a stored model."""
    data = pd.read_csv(FOLDER / model["table"])
    offset = data.eval(model["offset"]).to_numpy() if model["offset"] else None
    options = {"family": model["family"], "link": model["link"], "offset": offset, "quadrature": quadrature}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit_mixed(model["formula"].replace("^", "**"), data, **options)


def table_in_order(fit, names):
    table = fit.coefficients()
    ours = [key(name) for name in table.index]
    return table.iloc[[ours.index(key(name)) for name in names]]


def assert_estimates(fit, theirs):
    """Estimates to 1e-4 of their standard error, these to 1e-3, the log-likelihood to 1e-6."""
    table, std_error = table_in_order(fit, theirs["names"]), np.array(theirs["std_error"])
    assert fit.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-6)
    np.testing.assert_allclose(table["estimate"] / std_error, np.array(theirs["beta"]) / std_error, rtol=0, atol=1e-4)
    np.testing.assert_allclose(table["std_error"], std_error, rtol=1e-3)


def assert_random(fit, theirs):
    """Standard deviations and correlations, of all groups, to 1e-4."""
    table = fit.variance_components
    for name, block in theirs.items():
        group = frozenset(name.split(".")[0].split(":"))  # glmmTMB's second term of a group is `subject.1`
        own = table[[frozenset(each.split(":")) == group for each in table["group"]]]
        sd = own[own["term_2"].isna()].set_index("term_1")["sdcor"].rename(key)
        np.testing.assert_allclose([sd[key(each)] for each in block["names"]], np.atleast_1d(block["sd"]), rtol=1e-4)
        if len(block["names"]) == 2:
            ours = own.loc[own["term_2"].notna(), "sdcor"]  # none of (x || g), whose correlation is 0
            np.testing.assert_allclose(ours.sum(), block["correlation"][0][1] or 0.0, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_laplace_equals_glmmtmb(name):
    model = MODELS[name]
    fit = fitted(model)
    assert_estimates(fit, model["glmmTMB"])
    assert_random(fit, model["glmmTMB"]["random"])
    if "dispersion" in model["glmmTMB"]:
        assert fit.dispersion == pytest.approx(model["glmmTMB"]["dispersion"], rel=1e-4)


@pytest.mark.parametrize(("name", "nodes"), BY_GLMER)
def test_equals_glmer(name, nodes):
    """With few nodes where the link is canonical: glmer takes expected second derivatives, which differ for others.

    Standard errors by quadrature. Those of Laplace are glmmTMB's: glmer's criterion has eight digits then, too few for
    second differences.
    """
    model = MODELS[name]
    theirs = next(run for run in model["glmer"] if run["nAGQ"] == nodes)
    fit = fitted(model, nodes)
    if nodes > 1:
        assert_estimates(fit, theirs)
    table, std_error = table_in_order(fit, theirs["names"]), np.array(theirs["std_error_rx"])
    np.testing.assert_allclose(table["estimate"] / std_error, np.array(theirs["beta"]) / std_error, rtol=0, atol=1e-4)
    assert fit.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-6)
    assert_random(fit, theirs["random"])


@pytest.mark.parametrize("name", [name for name, nodes in BY_GLMER if nodes == 25 and name != "toenail"])
def test_quadrature_is_the_integral(name):
    """With 25 nodes the log-likelihood is that of brute force, group by group.

    Toenail's patients differ so much that 25 nodes are 0.02 off.
    """
    theirs = next(run for run in MODELS[name]["glmer"] if run["nAGQ"] == 25)
    assert fitted(MODELS[name], 25).log_likelihood == pytest.approx(theirs["integral"], abs=1e-7)
