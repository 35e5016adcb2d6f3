"""The numbers of lesson 03 against R, and one of them over every order of the ten mice."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from helpers.data import load_mouse_scores

IN_R = json.loads((Path(__file__).parent / "reference" / "mouse" / "linear.json").read_text())


@pytest.fixture(scope="module")
def mice():
    return load_mouse_scores().assign(urea100=lambda table: table["urea"] / 100)


def test_the_numbers_of_the_lesson_are_those_of_r(mice):
    line, inside, both, scores = (
        smf.ols(f"gene_x ~ {right}", mice).fit()
        for right in ("urea100", "urea100 + group", "urea100 + weight", "urea_score + weight_score")
    )
    joint = both.f_test("urea100 = 0, weight = 0")
    of = {name: rows["gene_x"] for name, rows in mice.groupby("group", observed=True)}
    ours = {
        "urea": line.pvalues["urea100"],
        "urea_beside_group": inside.pvalues["urea100"],
        "urea_beside_weight": both.pvalues["urea100"],
        "joint_F": joint.fvalue,
        "joint": joint.pvalue,
        "r2_values": both.rsquared,
        "r2_scores": scores.rsquared,
        "welch": anova_oneway(mice["gene_x"], mice["group"], use_var="unequal").pvalue,
        "welch_cr_c": stats.ttest_ind(of["CR"], of["C"], equal_var=False).pvalue,
        "hc3": both.get_robustcov_results("HC3").pvalues[1],
        "hc3_joint": both.get_robustcov_results("HC3").f_test("urea100 = 0, weight = 0").pvalue,
    }
    assert ours == pytest.approx(IN_R["numbers"], abs=1e-10)


def test_the_joint_test_without_each_mouse_as_in_r(mice):
    ours = {
        name: smf.ols("gene_x ~ urea100 + weight", mice[mice["animal"] != name]).fit().f_pvalue
        for name in mice["animal"]
    }
    assert ours == pytest.approx(IN_R["without"], abs=1e-10)
    assert sum(p > 0.05 for p in ours.values()) == 8


def test_every_order_of_the_mice_gives_the_p_that_shuffling_estimates(mice):
    predictors = np.linalg.qr(np.column_stack([np.ones(10), mice["urea"], mice["weight"]]))[0][:, 1:]
    gene_x, orders, as_good, n_orders = mice["gene_x"].to_numpy(), itertools.permutations(range(10)), 0, 0
    observed = ((gene_x @ predictors) ** 2).sum()
    while some := list(itertools.islice(orders, 400_000)):
        fits = ((gene_x[np.array(some)] @ predictors) ** 2).sum(axis=1)
        as_good, n_orders = as_good + np.sum(fits >= observed - 1e-9), n_orders + len(some)
    assert n_orders == 3_628_800
    assert as_good / n_orders == pytest.approx(0.0526, abs=1e-4)
