"""The numbers of lesson 04 against R, and the public table of oats."""

import json
from pathlib import Path

import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from helpers.data import load_mouse_scores, load_oats
from helpers.mixed import fit_mixed

REFERENCE = Path(__file__).parent / "reference"
OATS_IN_R = json.loads((REFERENCE / "oats" / "oats.json").read_text())
MICE_IN_R = json.loads((REFERENCE / "mouse" / "mouse.json").read_text())["lmer"]["seed"]


def test_the_oats_are_six_blocks_of_three_plots():
    oats = load_oats()
    assert oats.shape == (72, 4)
    assert (oats.groupby(["block", "variety"]).size() == 4).all()
    assert oats["harvest"].agg(["min", "max"]).tolist() == [53, 174]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("variety", "Oat", "oats.csv: column 'variety'"), ("nitrogen", 0.3, "oats.csv: column 'nitrogen'")],
)
def test_a_changed_table_is_refused(tmp_path, monkeypatch, column, value, message):
    oats = load_oats()
    oats.loc[3, column] = value
    oats.to_csv(tmp_path / "oats.csv", index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match=message):
        load_oats()


def test_a_dose_given_twice_is_refused(tmp_path, monkeypatch):
    oats = load_oats()
    oats.loc[1, "nitrogen"] = 0.0
    oats.to_csv(tmp_path / "oats.csv", index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match="every dose once in every plot"):
        load_oats()


@pytest.mark.parametrize("in_r", OATS_IN_R["models"], ids=lambda model: model["formula"])
@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward-roger"])
def test_the_oats_are_tested_as_in_r(in_r, ddf):
    fit = fit_mixed(in_r["formula"], load_oats())
    variances = fit.variance_components["vcov"]
    assert sorted(variances) == pytest.approx(sorted(row["vcov"] for row in in_r["varcorr"]), rel=1e-6)
    table = fit.anova(ddf=ddf)
    for row in in_r[ddf.replace("-", "_")]:
        expected = [row["NumDF"], row["DenDF"], row["F value"]]
        ours = table.loc[row["term"], ["num_df", "den_df", "statistic"]].tolist()
        assert ours == pytest.approx(expected, rel=1e-6)
        assert table.loc[row["term"], "p_value"] == pytest.approx(row["Pr(>F)"], abs=1e-6)


def test_a_slash_is_short_for_two_groupings():
    _, slash, spelled_out = (fit_mixed(model["formula"], load_oats()) for model in OATS_IN_R["models"])
    pd.testing.assert_frame_equal(slash.variance_components, spelled_out.variance_components)


def test_one_mean_per_plot_gives_the_p_value_of_the_mixed_model():
    oats = load_oats()
    plots = oats.groupby(["block", "variety"], as_index=False)["harvest"].mean()
    smaller, larger = (smf.ols(f"harvest ~ {right}", plots).fit() for right in ("block", "block + variety"))
    by_means = larger.compare_f_test(smaller)
    in_r = next(row for row in OATS_IN_R["plot_means"] if row["term"] == "variety")
    assert by_means[:2] == pytest.approx([in_r["F value"], in_r["Pr(>F)"]], rel=1e-9)
    mixed = fit_mixed("harvest ~ nitrogen + variety + (1 | block/variety)", oats).anova(ddf="kenward-roger")
    assert mixed.loc["variety", "p_value"] == pytest.approx(by_means[1], abs=1e-6)


def test_the_authors_model_has_one_row_as_in_r():
    mice = load_mouse_scores()
    question = fit_mixed("gene_x ~ 1 + (1 | urea_score) + (1 | weight_score)", mice)
    (row,) = question.coefficients().itertuples()
    assert row.p_value == pytest.approx(MICE_IN_R["satterthwaite"][0]["Pr(>|t|)"], abs=1e-5)
    for kept, in_r in zip(["weight_score", "urea_score"], MICE_IN_R["ranova"][1:], strict=True):
        rise = fit_mixed(f"gene_x ~ 1 + (1 | {kept})", mice).deviance - question.deviance
        assert stats.chi2.sf(rise, 1) == pytest.approx(in_r["Pr(>Chisq)"], abs=1e-5)
