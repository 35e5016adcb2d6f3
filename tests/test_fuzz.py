"""What the fuzz against R (`tests/fuzz/`) found: problems where R's numbers depend on what they should not."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

FUZZ = Path(__file__).parent / "fuzz"
sys.path.insert(0, str(FUZZ))

import fuzz  # noqa: E402
from problems import KINDS, problem  # noqa: E402

STORED = json.loads((FUZZ / "cases.json").read_text())


@pytest.mark.parametrize(
    ("seed", "quantity", "by"),
    [
        (8, "df, satterthwaite", 0.99),  # y × 1e6: lmerTest drops a direction of the Hessian, which is in units of y
        (9, "df, satterthwaite", 50),  # y × 1e-6: and here its differences for the Hessian are too wide
        (8, "their std_error, satterthwaite", 3e-4),  # emmeans drops a weight of x below 1e-7 (zapsmall)
        (23, "df, satterthwaite", 4e-5),  # x and z nearly equal
    ],
)
def test_our_numbers_do_not_depend_on_the_unit_and_those_of_r_do(seed, quantity, by):
    """In easier numbers (y in units of 1, z − x instead of z) R says what we say for both."""
    p = problem(seed)
    easier = p | {"data": p["easier"]}
    fit, there = fuzz.fitted(p), fuzz.fitted(easier)
    assert fuzz.differences(fit, p, STORED["answers"][str(seed)])[quantity] > by
    assert max(fuzz.differences(there, easier, STORED["easier"][str(seed)]).values()) < fuzz.LIMIT
    ours = [one.anova().loc[p["unmoved"] or slice(None)].to_numpy() for one in (fit, there)]
    np.testing.assert_allclose(*ours, rtol=1e-8)


def test_where_lme4_stops_on_a_flat_criterion_our_formulas_say_what_lmertest_says():
    """Random slopes next to zero: df 1.6e-4 apart; at lme4's θ they are equal."""
    p, answer = problem(18), STORED["answers"]["18"]
    fit = fuzz.fitted(p)
    there = fuzz.at_the_optimum_of_r(fit, answer)
    assert fuzz.differences(fit, p, answer)["df, satterthwaite"] > 1e-4
    assert max(fuzz.differences(there, p, answer).values()) < fuzz.LIMIT
    assert -1e-10 < there.deviance - fit.deviance < fuzz.SAME


def test_a_problem_is_the_same_at_every_draw_and_every_kind_can_be_fitted():
    for seed in range(len(KINDS)):
        one, other = problem(seed), problem(seed)
        assert one["data"].equals(other["data"])
        assert len(fuzz.fitted(one).coefficients()) == len(fuzz.fitted(one).fixed_effects)
