"""Reports of tables without groups: R's classic ones as lm, t.test and sandwich have them, and what is said of them."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT
from report_running import assert_differences_of_r, prepared, run_template, words_shown

from helpers.report import mixed_model
from helpers.report.mixed_model.effect_sizes import effect_sizes
from helpers.report.mixed_model.effects_in_words import which_differ
from helpers.report.mixed_model.next_of_rows import detectable_shift

TABLES = ROOT / "tests" / "reference" / "tables"
IN_R = json.loads((TABLES / "linear.json").read_text())
CASES = {  # table -> formula, parameters, whether the tests allow for unequal spread, the kind of these
    "ToothGrowth": ("len ~ supp * dose", {"contrast": "supp"}, True, "tests with HC3"),
    "PlantGrowth": ("weight ~ group", {"compare": "pairwise", "adjust": "none"}, True, "Welch's tests"),
    "InsectSprays": ("count ~ spray", {"compare": "pairwise", "adjust": "none"}, True, "Welch's tests"),
    "iris": ("`Sepal.Length` ~ Species", {"compare": "pairwise", "adjust": "none"}, True, "Welch's tests"),
}
PLAIN = {"contrast": "", "by": "", "reference": ""}


@pytest.fixture(scope="module", params=CASES)
def report(request, tmp_path_factory):
    """The name of a table, the variables of its report, and all that it shows as one text."""
    formula, parameters, *_ = CASES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    given = PLAIN | {"data": str(TABLES / f"{request.param}.csv"), "formula": formula, "folder": str(folder)}
    variables, shown = run_template("mixed_model", **given | parameters)
    return request.param, variables, words_shown(shown)


def analysed(table, formula, tmp_path, **parameters):
    """The analysis of a table, and its checks by name."""
    table.to_csv(tmp_path / "table.csv", index=False)
    study = prepared("mixed_model", data=tmp_path / "table.csv", formula=formula, **parameters)
    analysis = mixed_model.analyse(study, mixed_model.fitted(study))
    found = mixed_model.check_all(analysis, mixed_model.leave_one_out(analysis), mixed_model.with_slopes(analysis))
    return analysis, {check.name: check for check in found.checks}


def of_r(theirs, analysis):
    """R's rows in the order of the report's."""
    order = list(analysis.contrasts["contrast"])
    rows = {}
    for kind, labels in (("equal", "equal_pairs"), ("unequal", "pairs")):
        names = theirs.get(labels, order)
        rows[kind] = pd.DataFrame({key: np.atleast_1d(value) for key, value in theirs[kind].items()}, names).loc[order]
    return rows


def test_both_analyses_are_r_s(report):
    name, variables, _ = report
    spread = variables["analysis"].spread
    theirs = of_r(IN_R[name], variables["analysis"])
    for (_, ours), kind in zip(spread.tables.items(), ("equal", "unequal"), strict=True):
        for column in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
            assert ours[column].to_numpy() == pytest.approx(theirs[kind][column].to_numpy(), rel=1e-7, abs=1e-11)
    assert spread.p_value == pytest.approx(IN_R[name]["spread"]["p_value"], rel=1e-7)


def test_the_analysis_reported_is_the_one_that_holds(report):
    name, variables, words = report
    _, _, allowed, kind = CASES[name]
    spread = variables["analysis"].spread
    verdicts = [(table["p_value"] < 0.05).tolist() for table in spread.tables.values()]
    assert spread.disagree == (verdicts[0] != verdicts[1])
    assert spread.allowed_for == allowed == (spread.disagree or spread.p_value < 0.05)
    assert list(spread.tables) == ["equal spread", kind]
    assert variables["analysis"].contrasts.equals(spread.tables[kind if allowed else "equal spread"])
    assert ("come to different verdicts" in words) == spread.disagree
    both = pd.read_csv(variables["out"].folder / "tables" / "both_analyses.csv")
    assert both.groupby("analysis", sort=False).size().index.tolist() == ["equal spread", kind]
    assert set(both.loc[both["reported"] == "reported", "analysis"]) == {kind if allowed else "equal spread"}
    methods = (variables["out"].folder / "methods.txt").read_text(encoding="utf-8")
    assert "linear model" in methods
    assert "ordinary least squares" in methods
    assert ("HC3" if kind == "tests with HC3" else "Welch's tests") in methods
    assert not re.search(r"mixed|lme4|Kenward|restricted", methods)


def test_nothing_of_groups_is_said_where_there_are_none(report):
    _, _, words = report
    assert not re.search(r"Traceback|Error\b|Exception|\bnan\b|not available|infinity|<NA>|\bNone\b", words)
    assert "within." not in words
    assert "all groups" not in words
    assert "more alike than others?" not in words


def test_of_one_spread_the_tests_are_those_of_lm(tmp_path):
    table = pd.read_csv(TABLES / "ToothGrowth.csv")
    analysis, checks = analysed(table, "len ~ supp * C(dose)", tmp_path, contrast="supp", by="dose", adjust="none")
    theirs = IN_R["ToothGrowth_cells"]
    assert not analysis.spread.allowed_for
    assert analysis.contrasts["p_value"].to_numpy() == pytest.approx(theirs["equal"]["p_value"])
    assert analysis.spread.p_value == pytest.approx(theirs["spread"]["p_value"])
    assert checks["equal spread"].verdict == "fine"
    assert "come to the same verdicts" in checks["equal spread"].sentence
    assert analysis.interaction["p_value"].iloc[0] == pytest.approx(theirs["equal_test"]["p_value"][-1])


def test_which_effects_differ_is_what_emmeans_says_and_worded(tmp_path):
    table = pd.read_csv(TABLES / "ToothGrowth.csv")
    analysis, _ = analysed(table, "len ~ supp * C(dose)", tmp_path, contrast="supp", by="dose")
    assert_differences_of_r(analysis.differences, json.loads((TABLES / "differences.json").read_text())["ToothGrowth"])
    said = which_differ(analysis)
    assert "The difference of len, supp VC against OJ, was −5.93 in dose 1.0 and 0.08 in dose 2.0: 6.01 higher" in said
    assert said.count("in the second") == 2
    assert "0.5 and −5.93" not in said  # those two do not differ
    none = which_differ(
        analysed(table, "len ~ dose * C(supp)", tmp_path, contrast="dose", by="supp", conf_level=0.999)[0]
    )
    assert "Between no two levels of supp is the difference of effects significant (smallest p = " in none


def test_of_a_log_the_differences_of_effects_are_ratios_of_ratios(tmp_path):
    table = pd.read_csv(TABLES / "ToothGrowth.csv")
    analysis, _ = analysed(table, "log(len) ~ supp * C(dose)", tmp_path, contrast="supp", by="dose")
    by_cell = analysis.contrasts.set_index("dose")["estimate"]
    assert analysis.differences["estimate"].tolist() == pytest.approx(
        [by_cell[1.0] / by_cell[0.5], by_cell[2.0] / by_cell[0.5], by_cell[2.0] / by_cell[1.0]]
    )
    assert "times as high in the second" in which_differ(analysis)


def test_leaving_a_row_out_is_fitting_without_it(tmp_path):
    table = pd.read_csv(TABLES / "PlantGrowth.csv")
    analysis, _ = analysed(table, "weight ~ group", tmp_path, adjust="none")
    influence = mixed_model.leave_one_out(analysis)
    row = influence.loc[influence["shift"].abs().idxmax()]
    line = int(row["left_out"].removeprefix("line "))
    without, _ = analysed(table.drop(index=line - 2), "weight ~ group", tmp_path, adjust="none")
    same = without.spread.unequal if analysis.spread.allowed_for else without.spread.equal
    name = "Welch's tests" if analysis.spread.allowed_for else "equal spread"
    theirs = without.spread.tables[name].set_index("contrast").loc[row["contrast"]]
    assert row[["estimate", "conf_low", "conf_high"]].to_list() == pytest.approx(
        theirs[["estimate", "conf_low", "conf_high"]].to_list()
    )
    assert same is not None


def mice(**change):
    """Eight mice, each measured three times; a treatment that has nothing to do with them."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"mouse": np.repeat([f"m{i}" for i in range(8)], 3), "drug": np.tile(["no", "yes"], 12)})
    return table.assign(y=rng.normal(size=8).repeat(3) * 3 + rng.normal(size=24)).assign(**change)


@pytest.mark.parametrize(
    ("table", "verdict", "words"),
    [
        (mice(), "problem", ["'mouse' repeats: 8 names in 24 rows", "Did you mean y ~ drug + (1 | mouse)?"]),
        (mice(y=np.random.default_rng(1).normal(size=24)), "look", ["Do its rows come from the same mouse?"]),
        (mice().drop(columns="mouse"), "fine", ["No other column looks like names that repeat", "+ (1 | animal)"]),
    ],
)
def test_a_column_that_repeats_like_names_is_asked_about(tmp_path, table, verdict, words):
    _, checks = analysed(table, "y ~ drug", tmp_path)
    check = checks["independent rows"]
    assert check.verdict == verdict, check.sentence
    assert all(part in check.sentence for part in words)


def test_a_row_alone_in_its_cell_leaves_one_analysis_and_it_is_said(tmp_path):
    table = pd.DataFrame({"g": list("aaaabbbbc"), "y": [1.0, 2, 3, 5, 2, 4, 4, 6, 9]})
    analysis, checks = analysed(table, "y ~ g", tmp_path)
    assert analysis.spread.unequal is None
    assert "a cell holds one row" in checks["equal spread"].sentence
    assert mixed_model.linear_sentences.both_analyses(analysis) is None
    methods = str(mixed_model.mixed_methods.methods(analysis))
    assert "t tests with 6 residual degrees of freedom and one residual variance" in methods


def test_a_mean_alone_has_a_report(tmp_path):
    analysis, checks = analysed(mice().drop(columns="mouse"), "y ~ 1", tmp_path)
    assert str(mixed_model.mixed_sentences.question(analysis.study)) == "How large is y?"
    assert "equal spread" not in checks
    assert analysis.contrasts["df"].iloc[0] == 23


def test_what_the_next_study_finds_is_what_power_t_test_says():
    theirs = IN_R["power"]
    std_error = theirs["sd"] * np.sqrt(2 / 30)
    assert detectable_shift(std_error, 58, 0.05) == pytest.approx(theirs["delta"], rel=1e-4)


def test_the_sentence_on_the_next_study(tmp_path):
    table = pd.read_csv(TABLES / "ToothGrowth.csv")
    analysis, _ = analysed(table, "len ~ supp", tmp_path)
    said = str(mixed_model.next_study.next_study(analysis))
    rows = int(re.search(r"about ([\d,]+) rows instead of 60", said).group(1))
    assert rows == pytest.approx(2 * IN_R["power"]["rows_of_half"], abs=1)
    assert f"a difference of {IN_R['power']['delta']:.3f} in len" in said


def test_where_they_mean_nothing_there_are_no_effect_sizes(tmp_path):
    table = pd.read_csv(TABLES / "ToothGrowth.csv")
    origin, _ = analysed(table, "len ~ 0 + dose", tmp_path)
    assert effect_sizes(origin) is None
    assert 0 <= origin.spread.p_value <= 1
    assert list(origin.spread.tables) == ["equal spread", "tests with HC3"]
    with pytest.raises(ValueError, match="R² is not defined for a line through the origin"):
        origin.fit.r_squared()
    unequal, _ = analysed(pd.read_csv(TABLES / "InsectSprays.csv"), "count ~ spray", tmp_path)
    sizes = effect_sizes(unequal)
    assert sizes["measure"].tolist() == ["R²"]
    assert sizes["conf_low"].tolist() == [""]
    assert "no interval" in sizes["definition"][0]
