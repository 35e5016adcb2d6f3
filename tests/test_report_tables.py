"""Reports of R's classic tables: numbers as lmerTest and emmeans have them, sentences that agree with the numbers."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT
from report_running import assert_differences_of_r, prepared, run_template, words_shown

from helpers.mixed import fit_design
from helpers.report import mixed_model

TABLES = ROOT / "tests" / "reference" / "tables"
IN_R = json.loads((TABLES / "mixed.json").read_text())
DIFFERENCES = json.loads((TABLES / "differences.json").read_text())
CASES = {
    "sleepstudy": ("Reaction ~ Days + (1 + Days | Subject)", {"contrast": "Days"}),
    "ChickWeight": ("weight ~ Time * C(Diet) + (1 + Time | Chick)", {"contrast": "Time", "by": "Diet"}),
    "Orthodont": ("distance ~ age * Sex + (1 | Subject)", {"contrast": "age", "by": "Sex"}),
    "Machines": ("score ~ Machine + (1 | Worker/Machine)", {"compare": "pairwise", "adjust": "tukey"}),
    "Oats": ("yield ~ Variety * nitro + (1 | Block/Variety)", {"contrast": "Variety", "adjust": "bonferroni"}),
    "CO2": (
        "uptake ~ conc * Type * Treatment + (1 | Plant)",
        {"contrast": "Treatment", "by": "Type", "adjust": "none"},
    ),
    "cake": (
        "angle ~ recipe + C(temperature) + (1 | recipe:replicate)",
        {"contrast": "temperature", "compare": "sequential", "adjust": "none"},
    ),
    "ergoStool": ("effort ~ Type + (1 | Subject)", {"contrast": "Type", "adjust": "dunnett"}),
}
CORRELATIONS = {"sleepstudy", "ChickWeight"}  # whose third number in R's column of SDs is a correlation


@pytest.fixture(scope="module", params=CASES)
def report(request, tmp_path_factory):
    """The name of a table, the variables of its report, and all that it shows as one text."""
    formula, parameters = CASES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    given = {"contrast": "", "by": "", "reference": "", "folder": str(folder)} | parameters
    variables, shown = run_template("mixed_model", data=str(TABLES / f"{request.param}.csv"), formula=formula, **given)
    return request.param, variables, words_shown(shown)


def test_contrasts_are_those_of_lmertest_and_emmeans(report):
    name, variables, _ = report
    theirs = pd.DataFrame({key: np.atleast_1d(IN_R[name][key]) for key in ("estimate", "std_error", "df", "p_value")})
    ours = variables["analysis"].contrasts
    assert ours["estimate"].to_numpy() == pytest.approx(theirs["estimate"].to_numpy(), rel=1e-5)
    assert ours["std_error"].to_numpy() == pytest.approx(theirs["std_error"].to_numpy(), rel=1e-4)
    assert ours["df"].to_numpy() == pytest.approx(theirs["df"].to_numpy(), rel=1e-3)
    adjusted = "p_adjusted" in ours and name in ("Machines", "Oats")
    p = ours["p_adjusted" if adjusted else "p_value"].to_numpy()
    if name != "ergoStool":  # R's Dunnett is an approximation
        assert p == pytest.approx(theirs["p_value"].to_numpy(), rel=2e-3)
    low = ours["conf_low_adjusted" if adjusted else "conf_low"].to_numpy()
    if name not in ("ergoStool",):
        assert low == pytest.approx(np.atleast_1d(IN_R[name]["conf_low"]), rel=1e-3, abs=1e-4)


def test_differences_of_effects_are_those_of_emmeans_and_each_that_is_significant_is_worded(report):
    name, variables, words = report
    ours = variables["analysis"].differences
    if ours is None:
        assert "Which effects differ" not in words
        assert not (variables["out"].folder / "tables" / "differences_of_effects.csv").exists()
        return
    if name in DIFFERENCES:
        assert_differences_of_r(ours, DIFFERENCES[name])
    p = ours.get("p_adjusted", ours["p_value"])
    results = (variables["out"].folder / "results.txt").read_text(encoding="utf-8")
    told = re.findall(r"([\d.]+) (higher|lower) in the second", results)
    assert len(told) == (p < 0.05).sum()
    signs = np.sign(ours.loc[p.sort_values(kind="stable").index[: len(told)], "estimate"])
    assert [{"higher": 1, "lower": -1}[word] for _, word in told] == signs.tolist()
    assert ("Between no two levels" in results) == (len(told) == 0)
    assert (variables["out"].folder / "figures" / "differences_of_effects.png").exists()


def test_every_standard_deviation_of_the_sentence_is_one_of_r(report):
    name, _, words = report
    sentence = re.search(r"The standard deviation was (.*? within)\.", words).group(1)
    correlation = re.search(r" \(correlation ([^)]*)\)", sentence)
    told = re.findall(r"(?<!\w)\d[\d.,]*", sentence.replace(correlation.group(0), "") if correlation else sentence)
    theirs = list(IN_R[name]["sd"])
    if name in CORRELATIONS:
        assert float(correlation.group(1).replace("−", "-")) == pytest.approx(theirs.pop(2), rel=1e-3)
    assert sorted(float(number.rstrip(",")) for number in told) == pytest.approx(sorted(theirs), rel=1e-3)


def test_no_text_of_an_exception_and_no_missing_number_reaches_the_reader(report):
    _, _, words = report
    assert not re.search(r"Traceback|Error\b|Exception|\bnan\b|not available|infinity|object at 0x|<NA>", words)


def test_the_answer_says_of_each_contrast_what_its_p_value_says(report):
    _, variables, _ = report
    contrasts = variables["analysis"].contrasts
    p = contrasts.get("p_adjusted", contrasts["p_value"])
    answer = (variables["out"].folder / "answer.txt").read_text(encoding="utf-8")
    said = re.findall(r"That is (not )?significant at 5%", answer)
    assert [not word for word in said] == (p < 0.05).tolist()[: len(said)]
    assert len(said) == min(len(contrasts), 4)
    for row in contrasts.head(4).to_dict("records"):
        direction = {True: r"(higher|rose)", False: r"(lower|fell)"}[row["estimate"] > 0]
        assert re.search(direction, answer)


def test_an_adjusted_p_value_stands_beside_an_adjusted_interval_that_agrees(report):
    _, variables, words = report
    contrasts = variables["analysis"].contrasts
    if "p_adjusted" not in contrasts:
        assert "adjusted:" not in words
        return
    excludes = (contrasts["conf_low_adjusted"] > 0) | (contrasts["conf_high_adjusted"] < 0)
    significant = contrasts["p_adjusted"] < 0.05
    assert (significant | ~excludes).all()  # Holm may find what Bonferroni's intervals do not; never the other way
    assert words.count("confidence interval, adjusted:") >= len(contrasts)
    if variables["analysis"].differences is None or "p_adjusted" in variables["analysis"].differences:
        assert "confidence interval:" not in words


@pytest.mark.parametrize(
    ("name", "formula", "check", "verdict"),
    [
        ("ChickWeight", "weight ~ Time * C(Diet) + (1 + Time | Chick)", "straight line in Time", "problem"),
        ("Loblolly", "height ~ age + (1 | Seed)", "straight line in age", "problem"),
        ("sleepstudy", "Reaction ~ Days + (1 + Days | Subject)", "straight line in Days", "fine"),
        ("Orthodont", "distance ~ age * Sex + (1 | Subject)", "collinearity", "fine"),
        ("CO2", "uptake ~ conc * Type * Treatment + (1 | Plant)", "collinearity", "fine"),
        ("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", "collinearity", "fine"),
        ("Orthodont", "distance ~ age * Sex + (1 | Subject)", "residuals: spread between levels", "look"),
        ("Machines", "score ~ Machine + (1 | Worker)", "names of groups", "look"),
    ],
)
def test_what_readings_of_reports_found_is_said(name, formula, check, verdict):
    study = prepared("mixed_model", data=TABLES / f"{name}.csv", formula=formula)
    analysis = mixed_model.analyse(study, fit_design(study.design))
    found = mixed_model.check_all(analysis, mixed_model.leave_one_out(analysis), [])
    (seen,) = [one for one in found.checks if one.name == check]
    assert seen.verdict == verdict, seen.sentence
