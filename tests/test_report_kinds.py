"""What a column of a reader's table is: kinds of outcome, codes for missing values, dates, levels in their order."""

import datetime

import numpy as np
import pandas as pd
import pytest
from report_running import prepared

from helpers.refusals.errors import UnknownNameError
from helpers.report.dates import days_since_first
from helpers.report.levels import with_levels
from helpers.report.outcomes import outcome_check
from helpers.report.own_table import Source, with_missing_codes

RNG = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("name", "values", "verdict", "words"),
    [
        ("alive", [0, 1, 1, 0], "problem", "yes or no"),
        ("grade", [1, 2, 3, 4, 2], "look", "the whole numbers from 1 to 4"),
        ("cells", [0, 3, 12, 40, 7, 9, 11, 5], "look", "whole numbers from 0 to 40"),
        ("ratio", [0.1, 0.5, 0.93], "look", "proportions"),
        ("% infected", [12.5, 80, 99], "look", "is a percentage"),
        ("survival_time", [3.0, 5.5, 30, 30, 12, 30], "problem", "50% of 'survival_time' are equal to the longest, 30"),
        ("latency", [3.0, 5.5, 8.1, 12, 30], None, ""),
        ("runtime", [3.0, 12, 30, 30], None, ""),
        ("infected", [12.5, 80, 99], None, ""),
        ("weight", [20.1, 25, 31], None, ""),
        ("age", [20, 25, 31, 18, 22, 40, 50, 60], None, ""),
    ],
)
def test_a_kind_of_outcome_is_told(name, values, verdict, words):
    check = outcome_check(name, np.array(values, float))
    assert (check.verdict if check else None) == verdict
    assert not check or words in check.sentence


def table(**columns):
    frame = pd.DataFrame(columns)
    frame.index = pd.RangeIndex(2, 2 + len(frame), name="line")
    return Source("mice.csv", frame, ())


def test_a_code_for_missing_is_refused_until_the_reader_says_what_it_is():
    source = table(y=[1.5, 2.0, -999.0, 1.7, 9999.0], x=[1.0, 2, 3, 4, 5])
    with pytest.raises(ValueError, match=r"mice.csv: column 'y' holds -999 in line 4, .* say MISSING=-999; .*none"):
        with_missing_codes(source, ["y", "x"], "")
    with pytest.raises(ValueError, match="column 'y' holds 9999 in line 6"):
        with_missing_codes(source, ["y", "x"], "-999")
    known = with_missing_codes(source, ["y", "x"], "-999, 9999")
    assert known.frame["y"].isna().tolist() == [False, False, True, False, True]
    assert known.notes == ("In 'y', 2 cells with -999, 9999 were taken as missing.",)
    assert with_missing_codes(source, ["y", "x"], "none") is source


def test_large_and_negative_numbers_among_their_like_are_no_codes():
    for values in ([990.0, 1010, 999, 985], [-120.0, -99, -80], [-50.0, -99, 30, 80], [9.0, 99, 3]):
        assert with_missing_codes(table(y=values), ["y"], "").frame["y"].tolist() == values


@pytest.mark.parametrize(("codes", "words"), [("minus", "MISSING is a number such as -999"), ("-9", "in none of")])
def test_a_code_that_is_none_is_refused(codes, words):
    with pytest.raises(ValueError, match=words):
        with_missing_codes(table(y=[1.0, 2, 3]), ["y"], codes)


@pytest.mark.parametrize(
    "dates",
    [
        ["2024-01-31", "2024-02-02", "2024-02-01"],
        ["31.1.2024", "2.2.2024", "1.2.2024"],
        ["31/1/2024", "2/2/2024", "1/2/2024"],
        ["1/31/2024", "2/2/2024", "2/1/2024"],
        [datetime.date(2024, 1, 31), datetime.date(2024, 2, 2), datetime.date(2024, 2, 1)],
        pd.to_datetime(["2024-01-31", "2024-02-02", "2024-02-01"]),
    ],
)
def test_dates_become_days_since_the_first(dates):
    found = days_since_first(table(day=dates, y=[1.0, 2, 3]), ["day", "y"])
    assert found.frame["day"].tolist() == [0, 2, 1]
    assert "days since the first, 2024-01-31" in found.notes[0]
    assert found.frame["y"].tolist() == [1, 2, 3]


def test_dates_that_can_be_read_two_ways_are_refused():
    with pytest.raises(ValueError, match=r"holds dates such as 5/1/2024, .*Write them as 2024-01-31"):
        days_since_first(table(day=["5/1/2024", "6/1/2024"]), ["day"])


def test_labels_that_are_no_dates_stay():
    source = table(drug=["a", "b"], part=["1-2", "3-4"])
    assert days_since_first(source, ["drug", "part"]).frame.equals(source.frame)


@pytest.mark.parametrize(
    "labels",
    [
        ["5 mg", "10 mg", "20 mg"],
        ["0.5", "2", "10"],
        ["week 2", "week 10", "week 11"],
        ["baseline", "week 2", "week 10"],
        ["day-1", "day-2", "day-10"],
        ["A", "B", "a"],
    ],
)
def test_levels_stand_in_natural_order(labels):
    rows = pd.DataFrame({"dose": RNG.permutation(labels)})
    assert with_levels(rows, "", "", ["dose"])["dose"].cat.categories.tolist() == labels
    reversed_ = with_levels(rows, f"dose={', '.join(labels[::-1])}", "", ["dose"])
    assert reversed_["dose"].cat.categories.tolist() == labels[::-1]
    first = with_levels(rows, f"dose={', '.join(labels)}", f"dose={labels[1]}", ["dose"])
    assert first["dose"].cat.categories.tolist() == [labels[1], labels[0], *labels[2:]]


@pytest.mark.parametrize(
    ("order", "error", "words"),
    [
        ("dose", ValueError, "ORDER is written column=first, second, third"),
        ("dos=low, high", UnknownNameError, "ORDER names 'dos', which is not in the formula. Closest: 'dose'"),
        ("dose=low, hihg", ValueError, "ORDER: 'dose' has no level 'hihg'. Closest: 'high'"),
        ("dose=low, high", ValueError, "ORDER leaves out 'middle' of 'dose': name every level"),
        ("dose=low, low, high", ValueError, "ORDER names a level of 'dose' twice"),
        ("x=1, 2", ValueError, "ORDER: 'x' holds numbers"),
    ],
)
def test_an_order_that_cannot_be_is_refused(order, error, words):
    rows = pd.DataFrame({"dose": ["low", "middle", "high"], "x": [1, 2, 3]})
    with pytest.raises(error, match=words):
        with_levels(rows, order, "", ["dose", "x"])


def test_tables_contrasts_and_figures_follow_the_order(tmp_path):
    rows = pd.DataFrame(
        [(f"m{k}", dose, RNG.normal()) for k in range(6) for dose in ("5 mg", "10 mg", "20 mg")],
        columns=["mouse", "dose", "y"],
    )
    rows.to_csv(tmp_path / "doses.csv", index=False)
    given = {"data": tmp_path / "doses.csv", "formula": "y ~ dose + (1 | mouse)", "compare": "sequential"}
    assert prepared("mixed_model", **given).levels == {"dose": ["5 mg", "10 mg", "20 mg"]}
    turned = prepared("mixed_model", **given, order="dose=20 mg, 10 mg, 5 mg")
    assert turned.levels == {"dose": ["20 mg", "10 mg", "5 mg"]}


def test_labels_in_the_first_row_of_each_block_are_refused(tmp_path):
    rows = pd.DataFrame({"site": ["a", None, None, "b", None, None], "drug": list("xyxyxy"), "y": RNG.normal(size=6)})
    rows.to_csv(tmp_path / "blocks.csv", index=False)
    with pytest.raises(ValueError, match=r"'site' holds a label in the first row of each block only \(line 2, 5\)"):
        prepared("mixed_model", data=tmp_path / "blocks.csv", formula="y ~ drug + (1 | site)")


def test_blanks_at_the_ends_of_column_names_are_removed_and_said(tmp_path):
    rows = pd.DataFrame({"site ": list("aabbcc"), " drug": list("xyxyxy"), "y": RNG.normal(size=6)})
    rows.to_csv(tmp_path / "blanks.csv", index=False)
    study = prepared("mixed_model", data=tmp_path / "blanks.csv", formula="y ~ drug + (1 | site)")
    assert study.source.notes == ("Blanks at the ends of the column names 'site ' and ' drug' were removed.",)
    assert study.levels == {"drug": ["x", "y"]}
