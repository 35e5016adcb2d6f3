"""Fixed parts whose columns add up: refused, or on request fitted without them; against lme4, lmerTest and emmeans."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_mixed_golden import TOLERANCE, in_order, relative, table_errors

from helpers.cells import collect_cells
from helpers.contrasts import comparisons, joint_tests, predictions, slopes
from helpers.hypotheses.adjusting import adjusted, adjustment
from helpers.mixed import fit_mixed

REFERENCE = Path(__file__).parent / "reference"
IN_R = json.loads((REFERENCE / "rank" / "rank.json").read_text(encoding="utf-8"))
NAMES = {"Product[T.p2]:Information[T.yes]", "Product[T.p4]:Information[T.yes]"}


@pytest.fixture(scope="module")
def ham():
    table = pd.read_csv(REFERENCE / "anova" / "ham.csv")
    empty = (table["Product"] == "p2") & (table["Information"] == "yes")
    empty |= (table["Product"] == "p4") & (table["Information"] == "no")
    return table[~empty].assign(Years=table["Age"] / 2 + 3)


@pytest.fixture(scope="module")
def fits(ham):
    return {name: fit_mixed(IN_R[name]["formula"], ham, rank_deficient="drop") for name in ("crossed", "twice")}


@pytest.fixture(scope="module")
def crossed(fits):
    return fits["crossed"]


# --- lme4 and lmerTest ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["crossed", "twice"])
def test_coefficients_equal_r(fits, name):
    fit, theirs = fits[name], IN_R[name]
    assert fit.deviance == pytest.approx(theirs["REMLcrit"], abs=TOLERANCE["criterion"])
    for method in ("satterthwaite", "kenward_roger"):
        ours = fit.coefficients(ddf=method.replace("_", "-"))
        left_out = ours[ours["estimate"].isna()]
        assert len(left_out) == len(np.atleast_1d(theirs["dropped"]))
        assert left_out.isna().all(axis=None)
        kept = ours.drop(index=left_out.index)
        errors = table_errors(kept, in_order(theirs[method], kept.index))
        assert all(error < TOLERANCE[quantity] for quantity, error in errors.items()), errors
    assert set(fits["crossed"].design.dropped.sentences) == NAMES


@pytest.mark.parametrize("name", ["crossed", "twice"])
def test_tests_of_terms_equal_r(fits, name):
    fit, theirs = fits[name], IN_R[name]
    satterthwaite = fit.anova(type=1)
    for ours, rows in (
        (satterthwaite, theirs["type1"]),
        (fit.anova("kenward-roger", type=1), theirs["type1_KR"]),
        (fit.anova("kenward-roger", type=2), theirs["type2_KR"]),
        (fit.drop_one(ddf="kenward-roger"), theirs["drop1"]),
    ):
        rows = [row for row in rows if row["term"] in ours.index]  # R keeps terms of no columns
        expected = in_order(rows, ours.index)
        tested = expected["F value"].notna().to_numpy()
        assert (ours["num_df"] > 0).tolist() == tested.tolist()
        assert relative(ours["statistic"][tested], expected["F value"][tested]) < TOLERANCE["anova_f"]
        assert ours["num_df"][tested].tolist() == expected["NumDF"][tested].tolist()
        same = tested & ((ours["num_df"] == 1).to_numpy() | (ours is not satterthwaite))  # several are pooled otherwise
        assert relative(ours["den_df"][same], expected["DenDF"][same]) < TOLERANCE["anova_df"]


# --- emmeans: what can be estimated ---------------------------------------------------------------------------------


def matched(ours, theirs, estimate, std_error="SE"):
    """The rows that R has no number for have none here, and the others are the same."""
    theirs = pd.DataFrame(theirs)
    known = theirs[std_error].notna().to_numpy()
    numbers = ours[["estimate", "std_error", "df"]].notna().all(axis=1).to_numpy()
    assert numbers.tolist() == known.tolist()
    assert ours.loc[~numbers, ["estimate", "std_error", "df", "p_value", "conf_low"]].isna().all(axis=None)
    expected = theirs[known][[estimate, std_error, "df"]].astype(float).to_numpy()
    found = ours[numbers][["estimate", "std_error", "df"]].to_numpy()
    assert np.max(np.abs(found[:, 0] - expected[:, 0]) / expected[:, 1]) < TOLERANCE["estimate"]
    assert relative(found[:, 1], expected[:, 1]) < TOLERANCE["std_error"]
    assert relative(found[:, 2], expected[:, 2]) < TOLERANCE["df"]


def test_cell_means_equal_emmeans(crossed):
    ours = predictions(crossed, ["Information", "Product"])
    matched(ours, IN_R["crossed"]["cells"], "emmean")
    assert "2 rows cannot be estimated: Product[T.p2]:Information[T.yes], Product[T.p4]:Information" in ours.note
    matched(predictions(crossed, "Product"), IN_R["crossed"]["over"], "emmean")


def test_comparisons_equal_emmeans(crossed):
    matched(comparisons(crossed, "Information", by="Product"), IN_R["crossed"]["pairs"], "estimate")


@pytest.mark.parametrize("adjust", ["holm", "tukey"])
def test_families_are_of_what_can_be_estimated(crossed, adjust):
    ours = comparisons(crossed, {"Product": "pairwise"}, by="Information", adjust=adjust, family="by")
    theirs = pd.DataFrame(IN_R["crossed"][adjust])
    order = [(place, f"{b} - {a}") for place in ("no", "yes") for b, a in [("p2", "p1"), ("p3", "p1"), ("p3", "p2")]]
    order += [(place, f"p4 - {a}") for place in ("no", "yes") for a in ("p1", "p2", "p3")]
    ours = ours.set_index(["Information", "contrast"]).loc[order]
    theirs = theirs.set_index(["Information", "contrast"]).loc[order]
    matched(ours, theirs.reset_index(), "estimate")
    tested = ours["p_value"].notna()
    assert ours["p_adjusted"].notna().tolist() == tested.tolist()
    if adjust == "tukey":  # of four means, as emmeans
        assert ours["p_adjusted"][tested].to_numpy() == pytest.approx(theirs["p.value"][tested], rel=1e-3, abs=1e-7)
        return
    for place in ("no", "yes"):  # of the three tests there are; emmeans counts six
        family = ours.loc[place][tested.loc[place]]
        expected, _ = adjusted(
            adjustment("holm"), family["statistic"].to_numpy(), family["df"].to_numpy(), np.eye(3), None, 0.95
        )
        np.testing.assert_allclose(family["p_adjusted"], expected)
    assert (ours["p_adjusted"][tested] <= theirs["p.value"][tested] + 1e-12).all()


def test_the_same_covariate_twice_equals_emmeans_where_both_agree(fits, ham):
    fit = fits["twice"]
    matched(predictions(fit, "Product"), IN_R["twice"]["means"], "emmean")
    assert all(row["SE"] is None for row in IN_R["twice"]["elsewhere"])
    with pytest.raises(ValueError, match="None of this can be estimated: the fit left out Years"):
        predictions(fit, "Product", at={"Age": 30, "Years": 1})
    for name in ("Age", "Years"):  # either alone would have to move without the other
        with pytest.raises(ValueError, match="None of this can be estimated"):
            slopes(fit, name)
    matched_pairs = comparisons(fit, {"Product": "pairwise"})
    plain = fit_mixed("Informed.liking ~ Product + Age + (1 | Consumer)", ham)
    np.testing.assert_allclose(matched_pairs["estimate"], comparisons(plain, {"Product": "pairwise"})["estimate"])


# --- What the fit says ----------------------------------------------------------------------------------------------


def test_without_being_asked_it_is_refused(ham):
    with pytest.raises(ValueError, match="'Years' is a combination of"):
        fit_mixed(IN_R["twice"]["formula"], ham)


def test_what_was_left_out_is_named(fits, crossed):
    (note,) = fits["twice"].notes
    assert note == "'Years' is left out: it is a combination of '(Intercept)' and 'Age'."
    assert f"Note: {note}" in repr(fits["twice"])
    assert len(crossed.notes) == 2
    assert "'Product[T.p2]:Information[T.yes]' is left out: it is 0 in every row." in crossed.notes


def test_a_coefficient_or_term_left_out_is_said_to_be(fits):
    fit = fits["twice"]
    for ask in (fit.contrast, fit.joint_test, lambda name: fit.contrast({name: 1, "Age": 1})):
        with pytest.raises(KeyError, match=r"'Years'.*Left out: 'Years' is left out: it is a combination"):
            ask("Years")
    assert "Years" not in fit.anova(type=1).index


def test_type_three_is_refused(crossed):
    with pytest.raises(ValueError, match=r"columns of empty ones were left out.*type=1, type=2, drop_one"):
        crossed.anova()


def test_joint_tests_hold_what_can_be_estimated(crossed):
    with pytest.raises(ValueError, match=r"'yes - no p2' cannot be estimated, and no joint test holds it"):
        joint_tests(crossed, "Information", by="Product")
    with pytest.raises(ValueError, match="cannot be estimated"):
        joint_tests(crossed, "Product")


def test_a_row_in_an_empty_cell_has_no_prediction(crossed, ham):
    at = pd.DataFrame({"Product": ["p1", "p2"], "Information": ["yes", "yes"], "Age": [40.0, 40.0]}, index=["r", "s"])
    for interval in (None, "confidence"):
        assert len(crossed.predict(at.iloc[:1], interval=interval)) == 1
        with pytest.raises(ValueError, match=r"The mean of row 's' cannot be estimated: the fit left out 'Product"):
            crossed.predict(at, interval=interval)
    np.testing.assert_allclose(crossed.predict(ham), crossed.predict())


def test_a_full_rank_model_is_the_same_either_way(ham):
    formula = "Informed.liking ~ Product + Age + (1 | Consumer)"
    plain, asked = fit_mixed(formula, ham), fit_mixed(formula, ham, rank_deficient="drop")
    pd.testing.assert_frame_equal(asked.coefficients(), plain.coefficients())
    pd.testing.assert_frame_equal(asked.anova(), plain.anova())
    assert asked.design.dropped is None


def test_an_update_drops_as_the_fit_did(fits, crossed):
    assert fits["twice"].update(". ~ . - Age").design.names == (*crossed.design.names[:4], "Years")
    assert len(crossed.update(reml=False).notes) == 2


def test_which_columns_are_left_out_changes_no_mean(ham):
    one, other = (
        fit_mixed(f"Informed.liking ~ {fixed} + (1 | Consumer)", ham, rank_deficient="drop")
        for fixed in ("Product + Age + Years", "Years + Age + Product")
    )
    np.testing.assert_allclose(one.predict(), other.predict())
    ours, theirs = (predictions(fit, "Product") for fit in (one, other))
    pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(theirs), rtol=1e-6)


def test_what_is_not_offered_is_refused(ham):
    formula = IN_R["twice"]["formula"]
    with pytest.raises(ValueError, match="rank_deficient is 'refuse' or 'drop'; found 'warn'"):
        fit_mixed(formula, ham, rank_deficient="warn")
    cells = collect_cells(formula, ham)
    with pytest.raises(ValueError, match="rank_deficient='drop' needs the rows in memory"):
        fit_mixed(formula, cells, rank_deficient="drop")
    far = ham.assign(time=1e12 + np.arange(len(ham)) % 7)
    with pytest.raises(ValueError, match=r"'time' varies by 6 around .* centre it"):
        fit_mixed("Informed.liking ~ time + (1 | Consumer)", far, rank_deficient="drop")
