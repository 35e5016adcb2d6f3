"""The template ``plan``: from a pilot, and from numbers, to the sentence for the form."""

import re

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT
from report_running import prepared, run_template, words_shown

from helpers.data import FOLDER
from helpers.mixed import fit_design
from helpers.planning import crossed, from_fit, like, power, smallest
from helpers.report import mixed_model, run

CLASSIC = ROOT / "tests" / "reference" / "classic"
GIVEN = {
    **{"formula": "~ drug + (1 | animal)", "effect": "drug=1.6", "sd": "animal=0.7; residual=1"},
    **{"design": "animal=8; day=3", "between": "drug=control, treated", "n_sim": "400"},
}


def pilot(folder, animals=8):
    """Lengths of animals with and without a drug, on three days; a gap among them."""
    rng = np.random.default_rng(3)
    table = crossed(animal=animals, day=3, between={"drug": ["no drug", "drug"]}).table()
    animal, treated = table["animal"].cat.codes, table["drug"] == "drug"
    logs = 2 + 0.4 * treated + rng.normal(0, 0.3, animals)[animal] + rng.normal(0, 0.25, len(table))
    table = table.assign(length=np.exp(logs).round(3))
    table.loc[4, "length"] = np.nan
    table.to_csv(folder / "pilot.csv", index=False)
    return {"DATA": str(folder / "pilot.csv"), "FORMULA": "log(length) ~ drug + (1 | animal)"}


def test_a_plan_from_numbers_is_that_of_the_library():
    variables, shown = run_template("plan", **GIVEN)
    planned = variables["planned"]
    design = crossed(animal=8, day=3, between={"drug": ["control", "treated"]})
    expected = smallest(
        design,
        "~ drug + (1 | animal)",
        effects={"drug": 1.6},
        sd={"animal": 0.7, "residual": 1.0},
        test="drug",
        ddf="kenward-roger",
        n_sim=400,
    )
    pd.testing.assert_frame_equal(planned.needed, expected, rtol=1e-9)
    text = words_shown(shown)
    assert f"We plan for {planned.size} levels of animal ({3 * planned.size} measurements in all)." in text
    assert "find an effect of 1.6 (drug) at a two-sided level of 5%" in text
    assert "if the standard deviations are 0.7 (animal) and 1 (residual), as assumed." in text
    assert "They are assumed: say in the form where they come from." in text


def test_a_pilot_is_read_fitted_and_planned_from(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "REPORTS", tmp_path / "reports")
    given = {"TEMPLATE": "plan", "EFFECT": "drug=1.5", "REFERENCE": "drug=no drug", "N_SIM": "400"} | pilot(tmp_path)
    folder = run.make_report(given, progress=False)
    results = (folder / "results.txt").read_text(encoding="utf-8")
    assert "to find a ratio of 1.5 in length (drug)" in results
    assert "in our pilot with 8 levels of animal" in results
    assert "Averaged over the standard deviations that the pilot leaves possible" in results
    needed = pd.read_csv(folder / "tables" / "needed.csv")
    assert needed["effect"].iloc[0] == pytest.approx(np.log(1.5))
    assert 30 < needed["animal"].iloc[0] < 60
    checks = pd.read_csv(folder / "tables" / "checks.csv").set_index("check")
    assert "a pilot with 8 levels of 'animal'" in checks.loc["source of the standard deviations", "sentence"]
    assert {path.name for path in (folder / "figures").iterdir()} == {"power.png", "power.svg"}


def test_a_pilot_of_three_is_called_too_small(tmp_path):
    given = {name.lower(): value for name, value in pilot(tmp_path, animals=3).items()}
    study = prepared("plan", effect="drug=1.5", n_sim="100", **given)
    assert study.unsure is None
    assert study.ratios


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"formula": "drug"}, "FORMULA is a model with a ~"),
        ({"formula": "~ drug"}, "FORMULA has no random part"),
        ({"design": ""}, "DESIGN is missing: what the study is made of"),
        ({"sd": ""}, "SD is missing: 'animal=0.7; residual=1', say"),
        ({"sd": "animal: 0.7"}, "SD is written NAME=value, several with a semicolon between; found 'animal: 0.7'."),
        ({"sd": "animal=0.7; animal=1"}, "SD names 'animal' twice."),
        ({"sd": "animal=large; residual=1"}, "SD: 'animal' is a number; found 'large'."),
        ({"effect": "drug=1; day=2"}, "EFFECT is one term and its size, such as drug=0.8"),
        ({"design": "animal=many"}, "DESIGN: 'animal' is a whole number, or its levels with commas between"),
        ({"more": "cage"}, "MORE names 'cage', which the design does not count. It counts 'animal', 'day'"),
        ({"power": "80"}, "POWER lies between 0 and 1, such as 0.8; found '80'."),
        ({"n_sim": "10"}, "N_SIM is a whole number of 100 or more; found '10'."),
        ({"formula": "~ drug + open('x') + (1 | animal)"}, "calls open()"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        prepared("plan", **(GIVEN | change))


def test_a_pilot_needs_its_outcome_and_no_other_standard_deviations(tmp_path):
    given = {name.lower(): value for name, value in pilot(tmp_path).items()}
    with pytest.raises(ValueError, match="With DATA the formula needs the pilot's outcome before the ~"):
        prepared("plan", effect="drug=1.5", **(given | {"formula": "~ drug + (1 | animal)"}))
    with pytest.raises(ValueError, match="SD and DATA both say how much measurements scatter"):
        prepared("plan", effect="drug=1.5", sd="animal=1; residual=1", **given)


def analysed(data, formula, **parameters):
    study = prepared("mixed_model", data=str(data), formula=formula, **parameters)
    return mixed_model.analyse(study, fit_design(study.design))


def test_a_mixed_model_says_what_its_variances_mean_for_the_next_study():
    """The difference that it names has 80% power, and the number of animals has it for half of that."""
    formula = "urea ~ weight + (1 | animal)"
    analysis = analysed(FOLDER / "repeated_samples.csv", formula)
    said = str(mixed_model.next_study.next_study(analysis))
    found, half, animals = map(float, numbers_in(said))
    design, sd = like(analysis.study.rows[["urea", "weight", "animal"]], "animal"), from_fit(analysis.fit)
    options = {"sd": sd, "test": "weight", "ddf": "kenward-roger", "n_sim": 1_000}
    here = power(design, formula, effects={"weight": found}, **options)
    there = power(design.resized(animal=int(animals)), formula, effects={"weight": half}, **options)
    assert here["power"].iloc[0] == pytest.approx(0.8, abs=0.01)
    assert there["power"].iloc[0] == pytest.approx(0.8, abs=0.03)


def numbers_in(said):
    """The difference, its half, and the animals that half of it takes."""
    (found,), (half,) = (
        re.findall(r"a difference of ([\d.]+) in urea", said),
        re.findall(r"for one of ([\d.]+) it", said),
    )
    return found, half, re.findall(r"about (\d+) levels of 'animal' instead of 10", said)[0]


def test_where_a_line_is_not_enough_the_template_is_named():
    analysis = analysed(CLASSIC / "sleepstudy.csv", "Reaction ~ Days + (Days | Subject)")
    assert str(mixed_model.next_study.next_study(analysis)) == mixed_model.next_study.ELSEWHERE
