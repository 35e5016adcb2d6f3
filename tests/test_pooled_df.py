"""Degrees of freedom of an F test by Satterthwaite's method: lmerTest's depend on how a hypothesis is written."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lmertest_pooling import lmertest_df, sequential_weights

from helpers.mixed import fit_mixed
from helpers.mixed.ddf import Satterthwaite

REFERENCE = Path(__file__).parent / "reference" / "pooling"
IN_R = {row["table"]: row for row in json.loads((REFERENCE / "pooling.json").read_text())["tables"]}
OURS = {98: 81.796, 2126: 7.1088, 2841: 11.722}  # as `reference/differences.md` says
IDENTITY = np.eye(3)[1:]


@pytest.fixture(scope="module", params=IN_R)
def case(request):
    """A table with an unbalanced factor as its only fixed term, what R says, and two fits: two reference levels."""
    tables = pd.read_csv(REFERENCE / "tables.csv")
    data = tables[tables["table"] == request.param]
    other = data.assign(f=pd.Categorical(data["f"], categories=list("bac")))
    return IN_R[request.param], *(fit_mixed("y ~ f + (1 | g)", table) for table in (data, other))


def test_f_and_the_degrees_of_freedom_pooled_its_way_equal_those_of_lmertest(case):
    theirs, fit, other = case
    assert fit.deviance == pytest.approx(theirs["criterion"], abs=1e-8)
    np.testing.assert_allclose(sequential_weights(fit, "f"), theirs["weights"], atol=1e-10)
    for fitted, suffix in ((fit, ""), (other, "_other_reference")):
        for weights, name in ((sequential_weights(fitted, "f"), "own"), (IDENTITY, "identity")):
            row = theirs[name + suffix]
            assert fitted.joint_test(weights).loc[0, "statistic"] == pytest.approx(row["f"], rel=1e-6)
            assert lmertest_df(fitted, weights) == pytest.approx(row["df"], rel=1e-5)


def test_ours_do_not_depend_on_how_the_hypothesis_is_written(case):
    theirs, fit, other = case
    tests = [fit.joint_test(sequential_weights(fit, "f")), fit.joint_test(IDENTITY), other.joint_test("f")]
    df = [table.loc[0, "den_df"] for table in tests]
    np.testing.assert_allclose(df, fit.anova().loc["f", "den_df"], rtol=1e-8)
    assert df[0] == pytest.approx(OURS[theirs["table"]], rel=1e-4)
    written = [theirs[name]["df"] for name in ("own", "identity", "own_other_reference", "identity_other_reference")]
    assert max(written) / min(written) > 1.0005


def test_a_variance_that_is_known_counts_as_one_with_many_degrees_of_freedom():
    """Rounding may leave its share of E(DD) just below zero, which is not 2/df of few degrees of freedom."""
    gradients = np.diag([1.0, 0.0])[None]  # the first variance alone is estimated, with 2/0.2 = 10 degrees of freedom
    test = Satterthwaite(np.eye(2), gradients, np.array([[0.2]])).test(np.eye(2), np.array([1.0, 2.0]))
    assert test[:2] == (2.5, 2)
    assert test[2] == pytest.approx(2 * 2.25 / 0.25)  # the mean of 10/8 and 1 is that of F(2, 18)
    below = Satterthwaite(np.eye(2), np.diag([1.0, 1e-12])[None], np.array([[0.2]]))
    assert below.test(np.eye(2), np.array([1.0, 2.0]))[2] == pytest.approx(18)
