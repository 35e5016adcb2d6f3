"""The guinea pigs: the table is R's, and so are the effects that lesson 08 reads off it."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers import data
from helpers.contrasts import comparisons, joint_tests
from helpers.data import load_tooth_growth

IN_R = json.loads((Path(__file__).parent / "reference" / "tooth_growth" / "tooth_growth.json").read_text())
NAMES = {"estimate": "estimate", "std_error": "SE", "conf_low": "lower.CL", "conf_high": "upper.CL"}


def test_the_table_is_that_of_r():
    ours, of_r = load_tooth_growth(), pd.DataFrame(IN_R["table"])
    assert ours["length"].tolist() == of_r["length"].tolist()
    assert ours["delivery"].tolist() == of_r["delivery"].tolist()
    assert ours["dose"].str.removesuffix(" mg").tolist() == of_r["dose"].astype(str).tolist()
    assert ours["animal"].is_unique


@pytest.mark.parametrize(("outcome", "scale"), [("length", "lengths"), ("np.log(length)", "logs")])
def test_effects_by_dose_are_those_of_emmeans(outcome, scale):
    fit = smf.ols(f"{outcome} ~ delivery * dose", load_tooth_growth()).fit()
    for differences, rows in ((None, "by_dose"), ("pairwise", "differences")):
        ours = comparisons(fit, "delivery", by="dose", differences=differences, adjust="holm")
        of_r = pd.DataFrame(IN_R[scale][rows])
        # Ours: 1 - 0.5, 2 - 0.5, 2 - 1, as R's
        for name, in_r in NAMES.items():
            np.testing.assert_allclose(ours[name], of_r[in_r], rtol=1e-8)
        np.testing.assert_allclose(ours["p_value"], of_r["p.value"], rtol=1e-8)
        if differences is None:
            np.testing.assert_allclose(ours["p_adjusted"], IN_R[scale]["holm"], rtol=1e-8)
    joint = joint_tests(fit, "delivery", by="dose", differences="pairwise").iloc[0]
    in_r = next(row for row in IN_R[scale]["anova"] if row["_row"] == "delivery:dose")
    assert joint["statistic"] == pytest.approx(in_r["F value"], rel=1e-9)
    assert joint["p_value"] == pytest.approx(in_r["Pr(>F)"], rel=1e-9)


def test_equivalence_is_that_of_emmeans():
    fit = smf.ols("length ~ delivery * dose", load_tooth_growth()).fit()
    ours = comparisons(fit, "delivery", by="dose", equivalence=(-2, 2))
    of_r = [row["p.value"] for row in IN_R["equivalence"]]
    np.testing.assert_allclose(ours["p_value_equivalence"], of_r, rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"dose": "1 mg"}, "ten animals for each delivery and dose"),
        ({"length": -4.2}, "'length' breaks the rule greater_than"),
        ({"animal": "pig02"}, "'animal' must not repeat a value; 'pig02'"),
    ],
)
def test_the_table_is_checked(tmp_path, monkeypatch, change, fragment):
    table = pd.read_csv(data.FOLDER / "tooth_growth.csv").astype(object)
    table.loc[0, list(change)] = list(change.values())
    table.to_csv(tmp_path / "tooth_growth.csv", index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match=re.escape(fragment)):
        load_tooth_growth()
