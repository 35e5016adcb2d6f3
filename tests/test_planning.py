"""`helpers.planning`: designs, assumptions, questions, sizes, and what is refused."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.contrasts import comparisons
from helpers.design import build_shared_design
from helpers.mixed import fit_mixed
from helpers.mixed.reml import solve
from helpers.planning import crossed, curve, from_fit, from_icc, nested, power, smallest, within_budget
from helpers.planning.asked import questions_of
from helpers.planning.assumptions import coefficients_of, stacked, variances_of
from helpers.planning.costs import cost_of
from helpers.planning.experiments import noise
from helpers.planning.planning_pictures import power_curve

DRUG = {"drug": ["control", "treated"]}
SD = {"animal": 0.7, "residual": 1.0}
PLAN = {"effects": {"drug": 0.8}, "sd": SD}
FORMULA = "~ drug + day + (1 | animal)"
DESIGN = crossed(animal=8, day=3, between=DRUG)


# --- Designs --------------------------------------------------------------------------------------------------------


def test_crossed_has_every_combination():
    table = crossed(animal=3, day=2, week=[0, 4]).table()
    assert len(table) == 12
    assert table["animal"].cat.categories.tolist() == ["animal 1", "animal 2", "animal 3"]
    assert table["week"].tolist()[:2] == [0.0, 4.0]
    assert not table.duplicated().any()


def test_treatments_between_are_dealt_out_in_turn_or_by_share():
    by_animal = DESIGN.table().groupby("animal", observed=True)["drug"].agg(["first", "nunique"])
    assert (by_animal["nunique"] == 1).all()
    assert by_animal["first"].value_counts().to_dict() == {"control": 4, "treated": 4}
    unequal = crossed(animal=9, between={"drug": {"control": 1, "treated": 2}}).table()
    assert unequal["drug"].value_counts().to_dict() == {"treated": 6, "control": 3}
    both = crossed(animal=8, between=DRUG | {"sex": ["f", "m"]}).table()
    assert both.groupby(["drug", "sex"], observed=True).size().tolist() == [2, 2, 2, 2]


def test_nested_labels_hold_the_outer_ones():
    table = nested(litter=3, pup=4, between=DRUG, unit="pup", replicates=2).table()
    assert table["pup"].nunique() == 12
    assert table["pup"].iloc[0] == "litter 1 pup 1"
    assert table.groupby("litter", observed=True)["drug"].nunique().tolist() == [2, 2, 2]  # within litters
    assert table.groupby("pup", observed=True)["drug"].nunique().max() == 1


def test_missing_rows_are_lost_at_random():
    recipe = crossed(animal=10, day=4, missing=0.25)
    assert len(recipe.table()) == 40
    lost = recipe.table(np.random.default_rng(1))
    assert len(lost) == 30
    assert not lost.equals(recipe.table(np.random.default_rng(2)))
    plan = PLAN | {"test": "drug", "n_sim": 2_000}
    full, less = (
        power(crossed(animal=20, **DRUG, missing=share), "~ drug + (1 | animal)", **plan) for share in (0, 0.3)
    )
    assert less["power"].iloc[0] < full["power"].iloc[0] - 0.1
    assert less["n_sim"].iloc[0] == 2_000


# --- Assumptions and questions --------------------------------------------------------------------------------------


def test_effects_in_the_readers_terms():
    design = build_shared_design(
        "~ dose * sex", crossed(dose=["none", "low", "high"], sex=["f", "m"], replicates=2).table()
    )
    beta = dict(
        zip(design.names, coefficients_of(design, {"dose": {"low": 0.5, "high": 1.0}, "sex": -2.0}), strict=True)
    )
    assert beta["dose[T.low]"] == 0.5
    assert beta["dose[T.high]"] == 1.0
    assert beta["sex[T.m]"] == -2.0
    assert sum(map(abs, beta.values())) == 3.5
    ratio = coefficients_of(design, {"sex": 2.0}, ratios=True)
    assert ratio.sum() == pytest.approx(np.log(2))


def test_effects_as_means_of_cells():
    cells = pd.DataFrame({"sex": ["f", "f", "m", "m"], "drug": ["no", "yes"] * 2, "mean": [1.0, 2.0, 1.5, 4.0]})
    table = crossed(sex=["f", "m"], drug=["no", "yes"], replicates=3).table()
    design = build_shared_design("~ sex * drug", table)
    np.testing.assert_allclose(coefficients_of(design, cells), [1.0, 0.5, 1.0, 1.5], atol=1e-12)
    with pytest.raises(ValueError, match="they need a term that it leaves out, an interaction"):
        coefficients_of(build_shared_design("~ sex + drug", table), cells)


def test_questions_are_those_of_the_course():
    table = crossed(animal=6, day=3, **DRUG).table()
    design = build_shared_design("~ drug * day + (1 | animal)", table)
    assert [q.is_joint for q in questions_of(design, ["drug", "day", "drug:day"])] == [False, True, True]
    assert len(questions_of(design, {"joint": ["day", "drug:day"]})[0].weights) == 4
    rows = questions_of(design, {"variables": "drug", "by": "day"})
    fit = fit_mixed("y ~ drug * day + (1 | animal)", table.assign(y=np.random.default_rng(1).normal(size=len(table))))
    reference = comparisons(fit, variables="drug", by="day")
    weights = np.concatenate([row.weights for row in rows])
    np.testing.assert_allclose(fit.contrast(weights)["estimate"], reference["estimate"], atol=1e-12)
    assert rows[1].name == "treated - control, day 2"
    own = questions_of(design, {"twice": {"drug[T.treated]": 2}})
    assert own[0].name == "twice"


def test_what_is_asked_for_shows_in_the_table():
    table = power(
        crossed(animal=6, day=2, **DRUG),
        "~ drug * day + (1 | animal)",
        effects={"drug": 1.0},
        sd=SD,
        test={"variables": "drug", "by": "day"},
        adjust="holm",
        n_sim=1_000,
    )
    assert table["test"].tolist() == ["treated - control, day 1", "treated - control, day 2"]
    assert table["effect"].tolist() == [1.0, 1.0]
    alone = power(
        crossed(animal=6, day=2, **DRUG),
        "~ drug * day + (1 | animal)",
        effects={"drug": 1.0},
        sd=SD,
        test={"variables": "drug", "by": "day"},
        n_sim=1_000,
    )
    assert (table["power"] < alone["power"]).all()
    assert (table["type_1_error"] < alone["type_1_error"]).all()


def test_a_model_that_leaves_the_animals_out_is_judged_by_the_truth():
    wrong = power(DESIGN, "~ drug", sd=SD, test="drug", truth="~ drug + (1 | animal)", n_sim=2_000)
    assert wrong["type_1_error"].iloc[0] > 0.12


# --- The promises ---------------------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_numbers_and_another_gives_others():
    first, again, other = (power(DESIGN, FORMULA, **PLAN, n_sim=3_000, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert first["power"].iloc[0] != other["power"].iloc[0]
    assert abs(first["power"].iloc[0] - other["power"].iloc[0]) < 0.05


def test_a_table_says_what_it_is_the_power_of():
    table = power(DESIGN, FORMULA, **PLAN, n_sim=200, ddf="kenward-roger")
    assert (
        "200 simulated experiments, each fitted by ~ drug + day + (1 | animal); Kenward–Roger tests at 0.05."
        in repr(table)
    )
    assert "not whether the assumptions hold" in table._repr_html_()
    assert "residual degrees of freedom" in power(DESIGN, "~ drug", sd={"residual": 1.0}, test="drug", n_sim=50).note


def test_without_a_test_everything_named_is_tested():
    all_terms = power(DESIGN, FORMULA, sd=SD, n_sim=50)
    assert all_terms["test"].tolist() == ["drug", "day"]
    assert power(DESIGN, FORMULA, **PLAN, n_sim=50)["test"].tolist() == ["drug"]


def test_a_table_is_a_design_too():
    recipe, table = (power(design, FORMULA, **PLAN, n_sim=500) for design in (DESIGN, DESIGN.table()))
    pd.testing.assert_frame_equal(recipe, table)


def test_the_interval_of_the_simulation_covers():
    """Twenty seeds: the intervals should hold what many more experiments say."""
    long = power(DESIGN, FORMULA, **PLAN, n_sim=60_000)["power"].iloc[0]
    held = [
        row["power_low"] < long < row["power_high"]
        for seed in range(2, 22)
        for row in [power(DESIGN, FORMULA, **PLAN, n_sim=500, seed=seed).iloc[0]]
    ]
    assert sum(held) >= 17


def test_ratios_are_differences_of_logarithms():
    plan = {"sd": SD, "n_sim": 1_000}
    logs = power(DESIGN, FORMULA, effects={"drug": np.log(2)}, equivalence=(np.log(0.3), np.log(4)), **plan)
    ratios = power(DESIGN, "log(y) " + FORMULA, effects={"drug": 2.0}, equivalence=(0.3, 4.0), ratios=True, **plan)
    pd.testing.assert_frame_equal(logs, ratios)


# --- Sizes ----------------------------------------------------------------------------------------------------------


def test_the_smallest_size_is_where_the_curve_crosses():
    plan = {"effects": {"drug": 1.6}, "sd": SD, "n_sim": 2_000}
    found = smallest(DESIGN, FORMULA, over="animal", power=0.8, **plan)
    size = int(found["animal"].iloc[0])
    around = curve(DESIGN, FORMULA, over={"animal": [size - 1, size]}, **plan)
    assert around["power"].iloc[0] < 0.8 <= around["power"].iloc[1]
    assert found["smallest_low"].iloc[0] <= size <= found["smallest_high"].iloc[0]


def test_animals_or_days_of_each():
    """Where animals differ, the money is better spent on animals."""
    plan = {"effects": {"drug": 1.0}, "sd": {"animal": 1.0, "residual": 0.5}, "test": "drug", "n_sim": 1_000}
    table = within_budget(
        crossed(animal=4, day=2, between=DRUG),
        "~ drug + (1 | animal)",
        budget=800,
        cost={"animal": 10, "row": 10},
        over={"day": [1, 2, 4, 8]},
        **plan,
    )
    assert table["day"].tolist() == [2, 4, 8]  # with one day animals cannot be told from the residual
    assert (table["cost"] <= 800).all()
    assert table["animal"].tolist() == [26, 16, 8]
    assert table["power"].is_monotonic_decreasing
    assert cost_of(crossed(animal=4, day=2), {"animal": 10, "row": 1}) == 48


def test_a_pilot_gives_its_standard_deviations_and_what_it_does_not_know():
    rng = np.random.default_rng(5)
    table = crossed(animal=6, day=3, between=DRUG).table()
    y = rng.normal(size=6)[table["animal"].cat.codes] + rng.normal(size=len(table))
    fit = fit_mixed("y ~ drug + (1 | animal)", table.assign(y=y))
    pilot, unsure = from_fit(fit), from_fit(fit, uncertain=True)
    assert pilot.sd["residual"] ** 2 == pytest.approx(fit.residual_variance)
    assert pilot.sd == unsure.sd
    found = pd.DataFrame(unsure.draws)
    assert len(found) == 5_000
    design, plan = crossed(animal=20, day=3, between=DRUG), {"effects": {"drug": 1.8}, "n_sim": 2_000}
    sure, averaged = (power(design, "~ drug + (1 | animal)", sd=sd, **plan)["power"].iloc[0] for sd in (pilot, unsure))
    assert sure > 0.8
    assert 0.3 < averaged < sure - 0.03  # what is possible lies more on the side of larger variances


def test_what_a_pilot_leaves_possible_is_its_posterior():
    """Against integrals over a fine grid of the ratio of the two standard deviations."""
    rng = np.random.default_rng(5)
    table = crossed(animal=8, day=3, between=DRUG).table()
    y = rng.normal(size=8)[table["animal"].cat.codes] + rng.normal(size=len(table))
    fit = fit_mixed("y ~ drug + (1 | animal)", table.assign(y=y))
    draws = pd.DataFrame(from_fit(fit, uncertain=True).draws)
    ratios = np.linspace(0, 40, 4_001)
    solved = [solve(fit.products, np.array([ratio / fit.products.to_original[0][0, 0]])) for ratio in ratios]
    weight = np.exp(-(np.array([each.deviance for each in solved]) - fit.deviance) / 2)
    weight /= weight.sum()
    found = (draws["animal"] / draws["residual"]).to_numpy()
    for share in (0.25, 0.5, 0.75):
        exact = ratios[np.searchsorted(np.cumsum(weight), share)]
        assert np.mean(found < exact) == pytest.approx(share, abs=0.03)
    variance = weight @ np.array([each.rss for each in solved]) / (fit.n_obs - 2 - 2)  # the mean of an inverse χ²
    assert np.mean(draws["residual"] ** 2) == pytest.approx(variance, rel=0.04)


def test_experiments_take_the_variances_that_a_pilot_leaves_possible_in_turn():
    table = crossed(animal=4, drug=DRUG["drug"], replicates=50).table()
    design = build_shared_design("~ drug + (1 + drug | animal)", table)
    own = [
        variances_of(design, {"animal": {"intercept": 2.0 * k, "drug": 1.0}, "residual": sigma})
        for k, sigma in enumerate((0.1, 5.0))
    ]
    both = stacked(own)
    y = noise(design, both.of(np.arange(600) % 2), 600, np.random.default_rng(1))
    for k in range(2):
        alone = noise(design, own[k], 300, np.random.default_rng(2))
        assert y[k::2].std() == pytest.approx(alone.std(), rel=0.1)
        rest = [each[:, (table["animal"] == "animal 1") & (table["drug"] == "control")] for each in (y[k::2], alone)]
        assert rest[0].std(axis=1).mean() == pytest.approx(rest[1].std(axis=1).mean(), rel=0.02)
    assert y[::2].std() < 0.5 * y[1::2].std()


def test_a_pilot_of_three_can_not_tell_what_it_does_not_know():
    table = crossed(animal=3, day=3, between=DRUG).table()
    y = np.random.default_rng(2).normal(size=len(table)) + np.array([0.0, 0.0, 4.0])[table["animal"].cat.codes]
    fit = fit_mixed("y ~ drug + (1 | animal)", table.assign(y=y))
    with pytest.raises(ValueError, match="2 more groups than coefficients at the least; found 1 more"):
        from_fit(fit, uncertain=True)


def test_a_pilot_with_random_slopes_carries_its_correlation():
    rng = np.random.default_rng(6)
    table = crossed(animal=12, **DRUG, replicates=4).table()
    animal, treated = table["animal"].cat.codes, table["drug"] == "treated"
    y = rng.normal(size=12)[animal] + treated * rng.normal(size=12)[animal] + 0.5 * rng.normal(size=len(table))
    fit = fit_mixed("y ~ drug + (1 + drug | animal)", table.assign(y=y))
    variances = variances_of(build_shared_design("~ drug + (1 + drug | animal)", table), from_fit(fit))
    factor = fit.factors[0]
    np.testing.assert_allclose(variances.terms[0], fit.residual_variance * factor @ factor.T, atol=1e-9)


def test_a_curve_is_drawn_with_its_band():
    table = curve(DESIGN, FORMULA, over={"animal": [6, 12, 24]}, **PLAN, n_sim=300)
    _, ax = plt.subplots()
    power_curve(ax, table, "animal", label="0.8")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), table["power"])
    assert ax.get_ylim()[1] > 1
    plt.close()


# --- What is refused ------------------------------------------------------------------------------------------------

REFUSED = [
    ({"sd": None}, "sd= is missing: how much do measurements scatter? Say sd={'animal': …, 'residual': …}."),
    (
        {"sd": {"animal": -0.7, "residual": 1.0}},
        "The standard deviation of 'animal' is a number of 0 or more; found -0.7.",
    ),
    ({"sd": {"animal": 0.7}}, "sd= says nothing of 'residual'"),
    ({"sd": {"animal": 0.7, "residual": 0.0}}, "The residual standard deviation is 0"),
    ({"sd": SD | {"cage": 1.0}}, "The formula has no standard deviation 'cage'"),
    ({"sd": 1.0}, "sd= is a dict such as"),
    ({"effects": {"drugs": 0.8}}, "The formula has no term or coefficient 'drugs'. Closest: 'drug'"),
    ({"effects": {"drug": "large"}}, "The effect of 'drug' is a number; found 'large'."),
    ({"effects": {"day": 1.0}}, "'day' has 2 coefficients: give each its effect, by level"),
    ({"effects": {"day": {"day 9": 1.0}}}, "'day' has no level beside the reference 'day 9'"),
    ({"effects": 0.8}, "effects= is a dict such as {'drug': 0.8}"),
    ({"effects": {"drug": -1.0}, "ratios": True}, "the effect of 'drug' is a ratio above 0"),
    ({"test": "dose"}, "The formula has no term or coefficient 'dose'"),
    ({"test": {"variables": "drug", "per": "day"}}, "A comparison has no argument 'per'"),
    ({"test": {"joint": ["drug", "drug"]}}, "not independent of each other"),
    ({"ddf": "kenward"}, "ddf is one of satterthwaite, kenward-roger, normal; found 'kenward'."),
    ({"n_sim": 0}, "n_sim is a whole number of experiments, such as 10_000; found 0."),
    ({"alpha": 5}, "alpha lies between 0 and 1, such as 0.05; found 5."),
    ({"seed": -1}, "seed is a whole number of 0 or more; found -1."),
    ({"adjust": "turkey"}, "adjust is None or one of"),
    ({"adjust": "tukey"}, "adjust=\"tukey\" is for all pairwise differences, and 'drug' is none of them"),
    ({"equivalence": (1, -1)}, "equivalence= is two numbers, the lower first"),
    ({"test": "day", "adjust": "holm"}, "'day' has several coefficients and is tested by F; adjust= is for t tests."),
    ({"test": "day", "equivalence": (-1, 1)}, "'day' has several coefficients and is tested by F; equivalence= is for"),
    ({"equivalence": 0.5}, "equivalence= is two numbers, the lower first; found 0.5."),
]


@pytest.mark.parametrize(("change", "message"), REFUSED, ids=[message[:50] for _, message in REFUSED])
def test_wrong_input_is_refused_in_a_sentence(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        power(DESIGN, FORMULA, **(PLAN | {"n_sim": 50} | change))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: power(8, FORMULA, **PLAN), "design= is a recipe, such as crossed(animal=8, day=3)"),
        (lambda: power(DESIGN, "drug", **PLAN), "The formula is a text with a ~"),
        (lambda: power(crossed(animal=2, day=3, between=DRUG), FORMULA, **PLAN), "That is pseudoreplication"),
        (
            lambda: power(crossed(animal=8, between=DRUG), "~ drug + (1 | animal)", **PLAN),
            "Every level of 'animal' has one",
        ),
        (lambda: crossed(), "A design needs a factor"),
        (lambda: crossed(animal=0), "animal is a whole number of one or more; found 0."),
        (lambda: crossed(animal=2.5), "animal is a whole number of one or more; found 2.5."),
        (lambda: crossed(animal="m1"), "animal= is a number of levels, or a list of them; found 'm1'."),
        (lambda: crossed(animal=["a", "a"]), "The levels of 'animal' must differ"),
        (lambda: crossed(animal=["a", 1]), "are all labels or all numbers"),
        (lambda: crossed(animal=3, missing=1.0), "missing= is the share of rows that are lost, 0 to 0.9; found 1.0."),
        (lambda: crossed(animal=3, between={"animal": 2}), "'animal' stands among the factors and in between="),
        (lambda: crossed(animal=3, unit="mouse"), "The design has no factor 'mouse'"),
        (lambda: crossed(animal=3, between={"drug": {"a": 0, "b": 1}}), "The shares of 'drug' are positive numbers"),
        (lambda: crossed(animal=1, between=DRUG).table(), "1 animal cannot be given 2 treatments"),
        (lambda: crossed(animal=2_000_000).table(), "more than 1,000,000 are not simulated"),
        (lambda: from_icc(1.0, animal=0.6, day=0.4), "nothing is left for the residual"),
        (lambda: from_icc(1.0, animal=1.2), "is a share from 0 to below 1; found 1.2."),
        (lambda: from_fit("fit"), "from_fit takes the result of fit_mixed on a table; found str."),
        (lambda: curve(DESIGN, FORMULA, over={"cage": [1, 2]}, **PLAN), "The plan has no size or effect 'cage'"),
        (
            lambda: curve(DESIGN, FORMULA, over={"animal": 8}, **PLAN),
            "is a list of values, such as [4, 8, 16]; found 8.",
        ),
        (lambda: curve(DESIGN, FORMULA, over={}, **PLAN), "over= is a dict such as"),
        (lambda: smallest(DESIGN, FORMULA, over="cage", **PLAN), "The design has no size 'cage'"),
        (lambda: smallest(DESIGN, FORMULA, power=80, **PLAN), "power= lies between 0 and 1, such as 0.8; found 80."),
        (lambda: smallest(DESIGN.table(), FORMULA, **PLAN), "A table has the size it has"),
        (lambda: cost_of(DESIGN, {"cage": 3}), "The design has no factor 'cage'"),
        (lambda: cost_of(DESIGN, {"animal": -3}), "The cost of 'animal' is a number of 0 or more; found -3."),
    ],
)
def test_wrong_designs_are_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_a_size_that_can_not_help_is_told():
    plan = {"effects": {"drug": 0.3}, "sd": {"animal": 1.0, "residual": 0.5}, "test": "drug", "n_sim": 500}
    with pytest.raises(ValueError, match="more of 'replicates' does not help"):
        smallest(
            crossed(animal=6, replicates=2, between=DRUG),
            "~ drug + (1 | animal)",
            over="replicates",
            largest=64,
            **plan,
        )


def test_days_of_random_slopes_need_each_their_deviation():
    design = crossed(animal=8, **DRUG, replicates=2)
    with pytest.raises(ValueError, match="give each its standard deviation"):
        power(design, "~ drug + (1 + drug | animal)", effects={"drug": 1.0}, sd=SD)
    wrong = {"animal": {"intercept": 1.0, "drug": 1.0, "correlation": 1.5}, "residual": 1.0}
    with pytest.raises(ValueError, match="lies between -1 and 1"):
        power(design, "~ drug + (1 + drug | animal)", effects={"drug": 1.0}, sd=wrong)
    short = {"animal": {"intercept": 1.0}, "residual": 1.0}
    with pytest.raises(ValueError, match=r"sd= says nothing of 'drug\[T.treated\]' of 'animal'"):
        power(design, "~ drug + (1 + drug | animal)", effects={"drug": 1.0}, sd=short)
