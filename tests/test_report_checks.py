"""Each check of a report sees what it is for, and is quiet where there is nothing."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from report_running import prepared

from helpers.mixed import fit_design
from helpers.report import correlation, mixed_model
from helpers.report.correlation.correlation_checks import without_each_row
from helpers.report.options import settle
from helpers.report.own_table import read, stripped
from helpers.report.phrases import Words, joined, number, p_value
from helpers.report.suspects import hidden_units
from helpers.report.table_checks import check_missing
from helpers.report.verdicts import Check, Verdicts, reserve, warnings


def trial(n_animals=10, seed=1, **change):
    """Ten animals, each measured twice with and twice without a drug."""
    rng = np.random.default_rng(seed)
    cells = product(range(n_animals), ["no", "yes"], [1, 2])
    table = pd.DataFrame(cells, columns=["animal", "drug", "round"])
    level = rng.normal(size=n_animals)[table["animal"]]
    table["animal"] = [f"m{i:02d}" for i in table["animal"]]
    table["weight"] = rng.normal(20, 2, len(table)).round(2)
    table["y"] = 10 + level + 0.5 * (table["drug"] == "yes") + rng.normal(0, 0.5, len(table))
    return table.assign(**change)


@pytest.fixture
def verdict(tmp_path):
    """Name of a check -> verdict and sentence, for a table and a formula."""

    def find(table, formula="y ~ drug + (1 | animal)", **parameters):
        table.to_csv(tmp_path / "table.csv", index=False)
        study = prepared("mixed_model", data=tmp_path / "table.csv", formula=formula, **parameters)
        analysis = mixed_model.analyse(study, fit_design(study.design))
        found = mixed_model.check_all(analysis, mixed_model.leave_one_out(analysis), mixed_model.with_slopes(analysis))
        return {check.name: (check.verdict, check.sentence) for check in found.checks}

    return find


def test_a_sound_trial_passes_every_check(verdict):
    found = verdict(trial())
    assert {name: word for name, (word, _) in found.items() if word != "fine"} == {}


def yes_for_half(table):
    return np.where(table["animal"] < "m05", "yes", "no")


CHECKS = {
    "few groups": (trial(4), {}, "number of groups", "look", "only 4 levels of 'animal'"),
    "two groups": (trial(2), {}, "number of groups", "problem", "only 2 levels"),
    "a wrong number": (
        trial(y=lambda d: d["y"].where(d.index != 3, d["y"] + 100)),
        {},
        *("residuals: shape", "problem", "1 row beyond 4 SD"),
    ),
    "spread that grows": (
        trial(40, y=lambda d: np.exp(3 * d["animal"].str[1:].astype(int) / 40 + 0.3 * (d["y"] - 10))),
        {},
        *("residuals: spread", "problem", "differ by a factor"),
    ),
    "one animal makes it": (
        trial(6, y=lambda d: d["y"] + 40 * ((d["animal"] == "m00") & (d["drug"] == "yes"))),
        {},
        *("influence", "look", "without m00 of animal"),
    ),
    "an effect of each animal's own": (
        trial(y=lambda d: d["y"] + (d["drug"] == "yes") * (d["animal"].str[1:].astype(int) - 4.5)),
        {},
        *("same effect in every animal", "problem", "(1 + drug | animal)"),
    ),
    "weight twice": (
        trial(mass=lambda d: d["weight"] + np.tile([0.01, -0.01], len(d) // 2)),
        {"formula": "y ~ drug + weight + mass + (1 | animal)"},
        *("collinearity", "problem", "cannot be told apart"),
    ),
    "one row in each cell": (
        trial().drop_duplicates(["animal", "drug"]),
        {},
        *("rows per cell", "look", "holds one row"),
    ),
    "one animal with the drug": (
        trial(drug=lambda d: np.where(d["animal"] == "m00", "yes", "no")),
        {},
        *("groups per level", "problem", "One group cannot show"),
    ),
    "animals by treatment": (
        trial(drug=yes_for_half),
        {},
        *("groups per level", "fine", "5 for 'no' and 5 for 'yes'"),
    ),
    "cages that were treated": (
        trial(
            16,
            drug=lambda d: np.where(d["animal"] < "m08", "no", "yes"),
            cage=lambda d: d["animal"].str[1:].astype(int) // 4,
        ),
        {},
        *("pseudoreplication", "problem", "'drug' never varies within a level of 'cage' (4 levels in "),
    ),
    "animals left out of the model": (
        trial(drug=yes_for_half, site=lambda d: np.tile(list("abc"), len(d))[: len(d)]),
        {"formula": "y ~ drug + (1 | site)"},
        *("pseudoreplication", "problem", "within a level of 'animal' (10 levels in "),
    ),
    "capitals": (
        trial(drug=lambda d: d["drug"].where(d.index > 3, d["drug"].str.upper())),
        {},
        *("spelling of labels", "problem", "'NO'"),
    ),
    "yes and no": (
        trial(24, seed=3, y=lambda d: (d["y"] > 10.2).astype(int)),
        {},
        *("outcome", "problem", "has two values, 0 and 1"),
    ),
    "counts": (
        trial(y=lambda d: (10 * (d["y"] - d["y"].min())).round()),
        {},
        *("outcome", "look", "fit_negative_binomial_mixed"),
    ),
    "gaps": (trial(y=lambda d: d["y"].where(d.index % 3 > 0)), {}, "missing values", "problem", "% of the rows lack"),
    "no variance between animals": (
        trial(y=lambda d: d["y"] - d.groupby("animal")["y"].transform("mean")),
        {"ddf": "satterthwaite"},
        *("singularity", "problem", "Use DDF=kenward-roger"),
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_sees_what_it_is_for(verdict, name):
    table, parameters, check, word, sentence = CHECKS[name]
    found = verdict(table, **parameters)
    assert found[check][0] == word, found[check]
    assert sentence in found[check][1]


def test_a_copy_of_the_groups_or_of_a_predictor_is_no_hidden_unit(verdict):
    table = trial(drug=yes_for_half, code=lambda d: d["animal"] + "x", arm=lambda d: d["drug"].map({"no": 1, "yes": 2}))
    assert verdict(table)["pseudoreplication"][0] == "fine"


def test_samples_within_a_group_that_bears_the_predictor_are_no_hidden_units():
    table = trial(drug=yes_for_half, sample=lambda d: d["animal"] + d["round"].astype(str))
    assert hidden_units(table, ["drug"], [table["animal"]]) == []
    assert hidden_units(table, ["drug"], []) == [("animal", 10, "drug"), ("sample", 20, "drug")]


@pytest.mark.parametrize(
    ("n_used", "verdict", "words"),
    [
        (100, "fine", "No row lacks a value in a column that is used."),
        (96, "fine", "4% of the rows lack a value in a column that is used."),
        (95, "look", "5% of the rows lack"),
        (71, "look", "If values are missing for a reason"),
        (70, "problem", "30% of the rows lack"),
        ([70, 99], "problem", "At most 30% of the rows lack"),
    ],
)
def test_rows_that_miss_a_value_are_counted(n_used, verdict, words):
    check = check_missing(n_used, 100)
    assert check.verdict == verdict
    assert words in check.sentence


# --- Correlations ---------------------------------------------------------------------------------------------------


@pytest.fixture
def pairs(tmp_path):
    def find(table, **parameters):
        table.to_csv(tmp_path / "table.csv", index=False)
        given = {"data": tmp_path / "table.csv", "outcome": "y", "columns": "x"} | parameters
        found = correlation.check_all(correlation.analyse(prepared("correlation", **given)))
        return {check.name: (check.verdict, check.sentence) for check in found.checks}

    return find


def line(n=60, seed=2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame({"x": x, "y": 0.5 * x + rng.normal(size=n)})


def test_a_sound_correlation_passes_every_check(pairs):
    assert {name: word for name, (word, _) in pairs(line()).items() if word != "fine"} == {}


def clusters():
    """Three groups on a rising line, within each of which it falls."""
    table = line(60)
    group = np.repeat([0, 1, 2], 20)
    return table.assign(
        group=[f"g{g}" for g in group], x=table["x"] + 9 * group, y=9 * group - table["x"] + 0.2 * table["y"]
    )


PAIR_CHECKS = {
    "few rows": (line(7), {}, "number of rows", "problem", "7 rows"),
    "one row far off": (
        line().assign(y=lambda d: d["y"].where(d.index != 9, 60)),
        {},
        "influence",
        "problem",
        "line 11",
    ),
    "a curve": (line().assign(y=lambda d: np.exp(6 * d["x"])), {}, "shape", "problem", "METHOD=spearman"),
    "scores": (
        line().assign(x=lambda d: d["x"].round().clip(-1, 1)),
        {},
        "ties",
        "look",
        "At most five different values in 'x'",
    ),
    "strata that turn it round": (clusters(), {"strata": "group"}, "strata and answer", "problem", "disagree"),
    "groups not named": (clusters(), {}, "groups of rows", "problem", "Say STRATA=group"),
    "columns alike": (
        line().assign(z=lambda d: 2 * d["x"] + 0.001 * d["y"]),
        {"columns": "x, z"},
        *("collinearity", "problem", "nearly the same finding"),
    ),
    "one value per animal": (
        line(12)
        .loc[lambda d: d.index.repeat(4)]
        .assign(animal=lambda d: d.index.astype(str) + "a", y=lambda d: d["y"] + np.tile([0, 0.1, 0.2, 0.3], 12)),
        {},
        *("pseudoreplication", "problem", "12 independent values, not 48"),
    ),
}


@pytest.mark.parametrize("name", PAIR_CHECKS)
def test_a_check_of_correlations_sees_what_it_is_for(pairs, name):
    table, parameters, check, word, sentence = PAIR_CHECKS[name]
    found = pairs(table, **parameters)
    assert found[check][0] == word, found[check]
    assert sentence in found[check][1]


def test_leaving_out_rows_by_sums_is_leaving_out_rows():
    table = line(12)
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    slow = [np.corrcoef(np.delete(x, i), np.delete(y, i))[0, 1] for i in range(12)]
    np.testing.assert_allclose(without_each_row(x, y), slow, rtol=1e-10)


# --- How a file is read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "values", "note"),
    [
        ("a,b\n1.5,x\n2,y\n", [1.5, 2], None),
        ("a;b\n1,5;x\n2;y\n", [1.5, 2], "semicolons between columns and a comma"),
        ("a;b\n1.5;x\n2;y\n", [1.5, 2], "semicolons between columns and a point"),
        ("a\tb\n1,5\tx\n2\ty\n", [1.5, 2], "tabs between columns and a comma"),
        ("a|b\n1.5|x\n2|y\n", [1.5, 2], "bars between columns"),
        ('a,b\n1.5,"x;1"\n2,"y;2"\n', [1.5, 2], None),
        ("\ufeffa;b\r\n1,5;x\r\n-2,25e1;y\r\n", [1.5, -22.5], "a comma as the decimal mark"),
    ],
)
def test_separator_and_decimal_mark_are_told_from_the_file(tmp_path, content, values, note):
    (tmp_path / "t.csv").write_text(content, encoding="utf-8", newline="")
    source = read(settle("correlation", {"DATA": tmp_path / "t.csv", "OUTCOME": "a"}), numeric=["a"])
    assert source.frame["a"].tolist() == values
    assert source.frame.index.tolist() == [2, 3]  # lines of the file
    assert (note in source.notes[0]) if note else not source.notes


def test_labels_lose_the_blanks_at_their_ends_and_one_of_blanks_is_missing(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,x \n3,  \n4,y\n")
    source = stripped(read(settle("correlation", {"DATA": tmp_path / "t.csv", "OUTCOME": "a"})), ["a", "b"])
    assert source.frame["b"].isna().tolist() == [False, False, True, False]
    assert source.frame["b"].dropna().tolist() == ["x", "x", "y"]
    assert source.notes == ("In 'b', 2 cells have blanks at the ends of the label; these blanks were removed.",)


# --- Words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-1.23456, "−1.235"),
        (22569, "22,569"),
        (1.5e-7, "1.500e-07"),
        (np.nan, "not available"),
        (-np.inf, "−infinity"),
    ],
)
def test_numbers_in_words(value, text):
    assert number(value) == text


def test_lists_and_p_values_in_words():
    assert [joined([]), joined("a"), joined("abc"), joined("ab", "or")] == ["nothing", "a", "a, b and c", "a or b"]
    assert [p_value(0.01234), p_value(0.0), p_value(np.nan, "q")] == ["p = 0.012", "p < 1e-300", "q not available"]


def test_words_and_verdicts_are_never_markup():
    nasty = "<script>alert(1)</script> $x$ & 'y'"
    for shown in (Words(nasty), Verdicts([Check(nasty, "fine", nasty)])):
        html = shown._repr_html_()
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "$x$" not in html  # MathJax would take it for mathematics
        assert nasty in repr(shown)


def test_warnings_name_problems_first():
    checks = [Check("a", "look", "A."), Check("b", "problem", "B."), Check("c", "fine", "C.")]
    assert str(warnings(Verdicts(checks))).split("\n\n")[1:] == ["b: B.", "a: A."]
    assert "No check found anything" in str(warnings(Verdicts(checks[2:])))
    assert [reserve(Verdicts(part)) for part in (checks[2:], checks[:1])] == [
        "",
        "Before you quote these numbers, look at: a (see Warnings).",
    ]
