"""What `fit_mixed(…, family=…)` says of tables that carry no generalised model: what was found, where, what to do."""

import numpy as np
import pandas as pd
import pytest

from helpers.contrasts import comparisons, integrated
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.compare import compare


@pytest.fixture(scope="module")
def animals():
    rng = np.random.default_rng(1)
    animal = np.repeat(np.arange(10), 8)
    table = pd.DataFrame(
        {
            "animal": [f"m{i}" for i in animal],
            "x": rng.normal(size=80),
            "drug": np.tile(["a", "b"], 40),
            "row": [f"r{i}" for i in range(80)],
        }
    )
    b = rng.normal(0, 0.7, 10)[animal]
    table["cells"] = rng.poisson(np.exp(1 + 0.3 * table["x"] + b))
    table["dead"] = (rng.random(80) < 1 / (1 + np.exp(-b))).astype(int)
    return table


BAD = {
    "separated": (
        "dead ~ drug + x + (1 | animal)",
        "binomial",
        lambda t: {"dead": np.where(t["drug"] == "b", 1, t["dead"])},
        ["separated", "'drug[T.b]'", "40 of 80 rows", "no finite estimate", "fisher_exact"],
    ),
    "separated by a number": (
        "dead ~ x + (1 | animal)",
        "binomial",
        lambda t: {"dead": (t["x"] > 0).astype(int)},
        ["separated", "'x'", "no finite estimate"],
    ),
    "no count in a group": (
        "cells ~ drug + (1 | animal)",
        "negative_binomial",
        lambda t: {"cells": np.where(t["drug"] == "b", 0, t["cells"])},
        ["separated", "'drug[T.b]'", "a count of 0 for certain"],
    ),
    "all dead": ("dead ~ x + (1 | animal)", "binomial", lambda t: {"dead": 1}, ["'dead'", "successes only"]),
    "constant counts": ("cells ~ x + (1 | animal)", "poisson", lambda t: {"cells": 3}, ["constant (3 in every row)"]),
    "zeros only": ("cells ~ x + (1 | animal)", "poisson", lambda t: {"cells": 0}, ["0 in every row"]),
    "more successes than trials": (
        "cbind(cells, n - cells) ~ x + (1 | animal)",
        "binomial",
        lambda t: {"n": t["cells"] - (t["row"] == "r7")},
        ["-1 failures", "row 7", "more successes than trials", "size - incidence"],
    ),
    "negative counts": (
        "cells ~ x + (1 | animal)",
        "poisson",
        lambda t: {"cells": t["cells"].where(t["row"] != "r3", -2)},
        ["below zero", "-2", "row 3", "correct the rows"],
    ),
    "one group": (
        "cells ~ x + (1 | animal)",
        "poisson",
        lambda t: {"animal": "m1"},
        ["'animal' has one level", "group by another column"],
    ),
    "not counted": (
        "cells ~ x + (1 | animal)",
        "poisson",
        lambda t: {"cells": t["cells"] / 2},
        ["no whole numbers", "0.5", "offset="],
    ),
    "neither 0 nor 1": (
        "dead ~ x + (1 | animal)",
        "binomial",
        lambda t: {"dead": t["dead"] + 1},
        ["neither 0 nor 1", "cbind(successes, failures)"],
    ),
    "gamma of zeros": (
        "cells ~ x + (1 | animal)",
        "gamma",
        lambda t: {"cells": t["dead"]},
        ["not above 0", "positive"],
    ),
    "alike within levels": (
        "dead ~ x + (1 | animal)",
        "binomial",
        lambda t: {"dead": t["animal"].isin(["m1", "m2", "m3", "m7"]).astype(int)},
        ["'animal' has no finite estimate", "alike", "one row per level"],
    ),
    "a row's own effect of 0 and 1": (
        "dead ~ x + (1 | animal) + (1 | row)",
        "binomial",
        lambda t: {},
        ["'row' has one row", "single trials"],
    ),
    "a row's own effect beside a dispersion": (
        "cells ~ x + (1 | row)",
        "negative_binomial",
        lambda t: {},
        ["'row' has one row", "dispersion"],
    ),
    "counts of a pair": (
        "cbind(cells, dead) ~ x + (1 | animal)",
        "poisson",
        lambda t: {},
        ["cbind(cells, dead)", "family='binomial'"],
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_table_that_carries_no_model(animals, bad):
    formula, family, changed, parts = BAD[bad]
    with pytest.raises(ValueError) as error:
        fit_mixed(formula, animals.assign(**changed(animals)), family=family)
    assert [part for part in parts if part not in str(error.value)] == []


BAD_ARGUMENTS = {
    "family": ({"family": "bernoulli"}, ["'bernoulli'", "Write family='binomial'"]),
    "link": ({"family": "poisson", "link": "logit"}, ["'log', 'sqrt', 'identity'", "link='logit'"]),
    "link alone": ({"link": "log"}, ["give family="]),
    "quadrature": ({"family": "poisson", "quadrature": 0}, ["from 1 to 100", "found 0"]),
    "residuals": ({"family": "poisson", "variance_by": "drug"}, ["variance_by=", "family='poisson' has none"]),
    "weights": ({"family": "poisson", "weights": "x"}, ["trials of proportions"]),
    "nAGQ": ({"family": "poisson", "nAGQ": 5}, ["nAGQ= is not offered", "quadrature=25"]),
}


@pytest.mark.parametrize("bad", BAD_ARGUMENTS)
def test_an_argument_that_does_not_fit(animals, bad):
    given, parts = BAD_ARGUMENTS[bad]
    with pytest.raises(ValueError) as error:
        fit_mixed("cells ~ drug + (1 | animal)", animals.assign(x=1), **given)
    assert [part for part in parts if part not in str(error.value)] == []


def test_what_is_refused_of_a_fit(animals):
    fit = fit_mixed("cells ~ drug * x + (1 | animal)", animals, family="poisson")
    other = fit_mixed("cells ~ drug + x + (1 | animal)", animals, family="poisson", link="sqrt")
    slopes = fit_mixed("cells ~ drug + (1 | animal) + (0 + x | animal)", animals, family="poisson")
    refused = [
        (lambda: fit.coefficients("satterthwaite"), "z and χ² tests"),
        (lambda: fit.anova(type=2), "drop_one()"),
        (lambda: fit.coefficients(variances="fixed"), "'estimated' or 'known'"),
        (lambda: fit.predict(interval="prediction"), "interval='confidence'"),
        (lambda: fit.predict(scale="log"), "'response' or 'link'"),
        (lambda: comparisons(fit, "drug", ddf="satterthwaite"), "z tests"),
        (lambda: compare(other, fit), "Neither model is part of the other"),
        (lambda: integrated(slopes), "random slopes"),
        (lambda: integrated(other), "link='sqrt'"),
        (lambda: integrated(3), "found int"),
        (
            lambda: fit_mixed("cells ~ x + (x | animal)", animals, family="poisson", quadrature=5),
            "one random term with one effect",
        ),
        (lambda: fit_mixed("cbind(cells, dead) ~ x + (1 | animal)", animals), "family='binomial'"),
        (lambda: fit_mixed("cells ~ cbind(x, dead) + (1 | animal)", animals), "where no outcome stands"),
        (lambda: fit_mixed("cbind(cells) ~ x + (1 | animal)", animals, family="binomial"), "without two columns"),
    ]
    for ask, part in refused:
        with pytest.raises(ValueError) as error:
            ask()
        assert part in str(error.value)


def test_a_variance_of_zero_is_said(animals):
    rng = np.random.default_rng(4)
    with pytest.warns(SingularFitWarning, match="'animal' is estimated as zero"):
        fit = fit_mixed("y ~ x + (1 | animal)", animals.assign(y=rng.poisson(3, 80)), family="poisson")
    assert fit.is_singular
    assert "singular fit" in repr(fit)
    assert fit.variance_components["sdcor"].iloc[0] < 1e-4
