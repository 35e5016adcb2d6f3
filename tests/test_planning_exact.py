"""`helpers.planning` where algebra knows the answer: noncentral t and F, and published tables."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from helpers.planning import crossed, curve, from_icc, power

N = 200_000
FAR = 4.0  # standard errors of the simulation


def t_power(effect, std_error, df, alpha=0.05):
    """Of a two-sided t test."""
    bound, shift = stats.t.isf(alpha / 2, df), effect / std_error
    return stats.nct.sf(bound, df, shift) + stats.nct.cdf(-bound, df, shift)


def f_power(squares, num_df, den_df, alpha=0.05):
    """Of an F test; `squares` is the noncentrality."""
    return stats.ncf.sf(stats.f.isf(alpha, num_df, den_df), num_df, den_df, squares)


def near(row, exact, level=0.05):
    """Whether power and type I error are what they must be, within the error of the simulation."""
    n = row["n_sim"]
    assert abs(row["power"] - exact) < FAR * np.sqrt(exact * (1 - exact) / n)
    assert abs(row["type_1_error"] - level) < FAR * np.sqrt(level * (1 - level) / n)


DRUG = {"drug": ["control", "treated"]}
ONE = {"n_sim": N, "seed": 5}
LARGE = {"animal": 3.0, "residual": 1.0}  # between animals so much that no fit is singular


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_animals_given_one_of_two_treatments(ddf):
    """A t test of the animals' means."""
    design = crossed(animal=10, day=3, between=DRUG)
    table = power(design, "~ drug + (1 | animal)", effects={"drug": 4.0}, sd=LARGE, ddf=ddf, **ONE)
    near(table.iloc[0], t_power(4.0, np.sqrt((9 + 1 / 3) * 2 / 5), 8))
    assert table["df"].iloc[0] == pytest.approx(8, rel=0.01)


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_each_animal_with_and_without(ddf):
    """A paired t test."""
    table = power(crossed(animal=9, **DRUG), "~ drug + (1 | animal)", effects={"drug": 1.2}, sd=LARGE, ddf=ddf, **ONE)
    near(table.iloc[0], t_power(1.2, np.sqrt(2 / 9), 8))


def test_the_drug_acts_differently_in_each_animal():
    """Again a paired t test, of differences that vary: random slopes, with a large variance, none singular."""
    sd = {"animal": {"intercept": 4.0, "drug": 3.0}, "residual": 0.5}
    table = power(
        crossed(animal=7, **DRUG, replicates=3),
        "~ drug + (1 + drug | animal)",
        effects={"drug": 3.0},
        sd=sd,
        ddf="kenward-roger",
        n_sim=6_000,
    )
    near(table.iloc[0], t_power(3.0, np.sqrt((9 + 2 * 0.25 / 3) / 7), 6))


def test_split_plot():
    """Dose between animals, drug within: the mean difference, and the interaction."""
    design = crossed(animal=8, **DRUG, between={"dose": ["low", "high"]})
    formula = "~ dose * drug + (1 | animal)"
    within = "dose[T.high]:drug[T.treated]"
    table = power(
        design, formula, effects={within: 2.0, "dose": 4.0}, sd=LARGE, test=[within], ddf="kenward-roger", **ONE
    )
    near(table.iloc[0], t_power(2.0, np.sqrt(4 * 1 / 4), 6))
    between = {"variables": "dose"}
    table = power(
        design, formula, effects={within: 2.0, "dose": 4.0}, sd=LARGE, test=between, ddf="kenward-roger", **ONE
    )
    assert table["effect"].iloc[0] == pytest.approx(5.0)  # the mean over control and treated
    near(table.iloc[0], t_power(5.0, np.sqrt((9 + 1 / 2) * 2 / 4), 6))


def test_one_way_by_least_squares():
    """Four doses, an F test; and the same of a table with the means given."""
    design = crossed(animal=24, between={"dose": ["0", "1", "2", "4"]})
    design = design.table().assign(dose=lambda rows: "dose " + rows["dose"].astype(str))
    means = pd.DataFrame({"dose": ["dose 0", "dose 1", "dose 2", "dose 4"], "mean": [0.0, 0.3, 0.6, 1.2]})
    table = power(design, "~ dose", effects=means, sd={"residual": 1.0}, test="dose", **ONE)
    near(table.iloc[0], f_power(6 * np.sum((means["mean"] - means["mean"].mean()) ** 2), 3, 20))
    assert table[["effect", "type_s", "type_m", "half_width"]].isna().all(axis=None)  # an F test has no one effect


def test_two_way_by_least_squares():
    """The interaction of a 2 × 3 layout."""
    design = crossed(sex=["f", "m"], dose=["low", "mid", "high"], replicates=5)
    effects = {"sex[T.m]:dose[T.mid]": 0.8, "sex[T.m]:dose[T.high]": 1.5}
    table = power(design, "~ sex * dose", effects=effects, sd={"residual": 1.0}, test="sex:dose", **ONE)
    cell = np.array([[0, 0, 0], [0, 0.8, 1.5]])
    beyond = cell - cell.mean(0) - cell.mean(1)[:, None] + cell.mean()
    near(table.iloc[0], f_power(5 * np.sum(beyond**2), 2, 24))


@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_several_days_jointly(ddf):
    """Repeated measures: an F test of four days within animals."""
    days = {"day": {"day 2": 0.5, "day 3": 0.5, "day 4": 1.2}}
    table = power(
        crossed(animal=8, day=4), "~ day + (1 | animal)", effects=days, sd=LARGE, test="day", ddf=ddf, n_sim=20_000
    )
    mean = np.array([0, 0.5, 0.5, 1.2])
    near(table.iloc[0], f_power(8 * np.sum((mean - mean.mean()) ** 2), 3, 21))


def test_animals_and_days_crossed():
    """Two random factors: the drug is tested against what is left."""
    design = crossed(animal=6, day=5, **DRUG)
    sd = {"animal": 3.0, "day": 3.0, "residual": 1.0}
    table = power(
        design, "~ drug + (1 | animal) + (1 | day)", effects={"drug": 0.8}, sd=sd, ddf="kenward-roger", n_sim=2_000
    )
    near(table.iloc[0], t_power(0.8, np.sqrt(2 / 30), 60 - 6 - 5))


def test_z_rejects_too_often_as_often_as_it_must():
    """z with four animals of each kind takes t with six degrees of freedom for a normal distribution."""
    table = power(
        crossed(animal=8, day=2, between=DRUG), "~ drug + (1 | animal)", sd=LARGE, test="drug", ddf="normal", **ONE
    )
    near(table.iloc[0], 2 * stats.t.sf(stats.norm.isf(0.025), 6), 2 * stats.t.sf(stats.norm.isf(0.025), 6))


def test_equivalence():
    """Two one-sided t tests: their power is an integral over the standard deviation."""
    design = crossed(animal=30, between=DRUG)
    low, high, effect = -1.0, 1.0, 0.2
    table = power(design, "~ drug", effects={"drug": effect}, sd={"residual": 1.0}, equivalence=(low, high), **ONE)
    error, df, bound = np.sqrt(2 / 15), 28, stats.t.isf(0.05, 28)

    def shown(squared, true):
        half = bound * error * np.sqrt(squared / df)
        inside = stats.norm.cdf((high - half - true) / error) - stats.norm.cdf((low + half - true) / error)
        return max(inside, 0) * stats.chi2.pdf(squared, df)

    exact, at_bound = (integrate.quad(shown, 0, 120, args=(true,), limit=200)[0] for true in (effect, high))
    near(table.iloc[0], exact, at_bound)


def test_errors_of_sign_and_size():
    """Gelman & Carlin 2014 (doi:10.1177/1745691614551642): power 0.06 has 24% wrong signs, and overstates 9.5 times.

    Their example is an effect of 0.1 with a standard error of 3.28 · 0.1; here, by z.
    """
    design = crossed(animal=600, between=DRUG)
    sd = {"residual": 0.328 * np.sqrt(150)}
    row = power(design, "~ drug", effects={"drug": 0.1}, sd=sd, ddf="normal", n_sim=40_000).iloc[0]
    z = stats.norm.isf(0.025)
    shift = 1 / 3.28
    up, down = stats.norm.sf(z - shift), stats.norm.cdf(-z - shift)
    assert row["power"] == pytest.approx(up + down, abs=0.005)
    assert row["type_s"] == pytest.approx(down / (up + down), abs=0.03)
    size = integrate.quad(lambda x: abs(x) * stats.norm.pdf(x - shift), z, 9)[0]
    size += integrate.quad(lambda x: abs(x) * stats.norm.pdf(x - shift), -9, -z)[0]
    assert row["type_m"] == pytest.approx(size / (up + down) / shift, rel=0.02)


DIGGLE = [(0.2, 100, 313), (0.5, 200, 391), (0.8, 100, 79), (0.8, 200, 157), (0.8, 300, 235)]


@pytest.mark.parametrize(("correlation", "variance", "animals"), DIGGLE)
def test_published_table_of_repeated_measures(correlation, variance, animals):
    """Diggle, Heagerty, Liang & Zeger 2002, Analysis of Longitudinal Data, p. 29: animals per group for 80% power.

    Two groups, times 0, 2 and 5, slopes that differ by 0.5, one-sided 5%: two-sided 10% has the same power. The table
    is also in longpower's tests (Iddi & Donohue 2022, doi:10.32614/RJ-2022-022).
    """
    design = crossed(animal=2 * animals, time=[0, 2, 5], between={"group": ["a", "b"]})
    sd = from_icc(np.sqrt(variance), animal=correlation)
    row = power(
        design, "~ group * time + (1 | animal)", effects={"group:time": 0.5}, sd=sd, alpha=0.10, n_sim=4_000
    ).iloc[0]
    assert abs(row["power"] - 0.8) < FAR * np.sqrt(0.8 * 0.2 / 4_000)


@pytest.mark.parametrize(("patients", "published"), [(50, 0.6780525), (70, 0.6971076), (100, 0.7118967)])
def test_published_table_of_clusters(patients, published):
    """Ten clusters, ICC 0.1, a difference of 0.6 standard deviations: the table of WebPower's manual (wp.crt2arm).

    Its formula is that of Raudenbush 1997, doi:10.1037/1082-989X.2.2.173.
    """
    design = crossed(cluster=10, replicates=patients, between=DRUG)
    sd = from_icc(1.0, cluster=0.1)
    row = power(design, "~ drug + (1 | cluster)", effects={"drug": 0.6}, sd=sd, ddf="kenward-roger", n_sim=20_000).iloc[
        0
    ]
    assert abs(row["power"] - published) < FAR * np.sqrt(published * (1 - published) / 20_000)


def test_power_at_every_effect_comes_from_the_same_experiments():
    table = curve(
        crossed(animal=10, **DRUG),
        "~ drug + (1 | animal)",
        over={"drug": [0.0, 0.5, 1.0]},
        effects={"drug": 0.0},
        sd=LARGE,
        n_sim=5_000,
    )
    assert table["power"].is_monotonic_increasing
    assert set(table["type_1_error"]) == {table["power"].iloc[0]}


def test_the_study_of_lesson_13_has_the_power_that_r_finds():
    """By power.t.test on the means of the animals, and by lmerTest's Kenward-Roger in simulated studies."""
    r = json.loads((Path(__file__).parent / "reference" / "planning" / "how_many.json").read_text())
    study = {"effects": {"drug": -100}, "sd": {"animal": 77, "residual": 45}, "ddf": "kenward-roger", "n_sim": 100_000}
    for animals, exact in ((10, r["ten"]), (24, r["twenty_four"])):
        near(power(crossed(animal=animals, week=4, between=DRUG), "~ drug + (1 | animal)", **study).iloc[0], exact)
    n = r["simulated"]["studies"]
    assert abs(r["simulated"]["significant"] / n - r["ten"]) < FAR * np.sqrt(r["ten"] * (1 - r["ten"]) / n)
    assert np.ceil(r["per_group"]) == 12
