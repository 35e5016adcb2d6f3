"""The form: what it guesses of a table, which formula it makes of answers, and what it says; all without a browser."""

import io
import re
import shlex
from html import unescape

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.report import run
from helpers.report.__main__ import given_by
from helpers.report.form import form_page, report_runs, uploads
from helpers.report.form.formula_in_words import in_words
from helpers.report.form.markup import fragment
from helpers.report.form.model_asked import Asked, command, formula, free_name, parameters, recurring
from helpers.report.form.sent_answers import asked_of, likely_control, read_table_of, studied
from helpers.report.form.table_columns import AMOUNT, BATCH, GROUP, IGNORE, MEANINGS, OUTCOME, TREATMENT, guessed

CLASSIC = ROOT / "tests" / "reference" / "tables"


@pytest.fixture
def reports(tmp_path, monkeypatch):
    """An empty folder for reports and tables."""
    folder = tmp_path / "reports"
    monkeypatch.setattr(run, "REPORTS", folder)
    monkeypatch.setattr(report_runs, "REPORTS", folder)
    monkeypatch.setattr(form_page, "REPORTS", folder)
    monkeypatch.setattr(uploads, "TABLES", folder / "tables")
    return folder


def kept(table, name="lengths.csv"):
    """The name under which a table was kept."""
    return uploads.keep(name, table.to_csv(index=False).encode()).name


def mice(**columns):
    """Six animals, two drugs, two runs, twice."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "animal": [f"m{i}" for i in np.repeat(range(6), 8)],
            "drug": np.tile(["yes", "control"], 24),
            "run": np.tile(["r1", "r1", "r2", "r2"], 12),
            "hours": np.tile([0, 0, 0, 0, 24, 24, 24, 24], 6),
            "length": rng.normal(10, 1, 48).round(3),
        }
    )
    return table.assign(**columns)


def said(markup):
    """The text of some markup, in one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", markup)))


# --- Guesses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("sleepstudy.csv", {"Subject": GROUP, "Days": AMOUNT, "Reaction": OUTCOME}),
        ("ChickWeight.csv", {"weight": OUTCOME, "Time": AMOUNT, "Chick": GROUP, "Diet": TREATMENT}),
        ("ToothGrowth.csv", {"len": OUTCOME, "supp": TREATMENT, "dose": AMOUNT}),
        ("Machines.csv", {"Worker": GROUP, "Machine": TREATMENT, "score": OUTCOME}),
    ],
)
def test_the_columns_of_classic_tables_are_guessed(path, roles):
    assert guessed(pd.read_csv(CLASSIC / path)) == roles


def test_names_of_several_words_and_columns_that_say_nothing_are_guessed():
    table = mice().rename(columns={"animal": "mouse_id", "run": "batchNr"})
    table = table.assign(row=range(48), lab="A", other=np.arange(48) // 2 / 10)
    found = guessed(table)
    assert found["mouse_id"] == GROUP
    assert found["batchNr"] == BATCH
    assert [found[name] for name in ("row", "lab", "other")] == [IGNORE] * 3
    assert list(found.values()).count(OUTCOME) == 1


def test_a_control_is_known_by_its_name():
    assert likely_control(["drug", "vehicle"]) == "vehicle"
    assert likely_control(["DRUG", "NO DRUG"]) == "NO DRUG"
    assert likely_control(["5 mg", "10 mg"]) == "5 mg"
    assert likely_control([]) == ""


# --- Formulas -------------------------------------------------------------------------------------------------------

ROLES = {"animal": GROUP, "drug": TREATMENT, "run": BATCH, "hours": AMOUNT, "length": OUTCOME}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "length ~ drug + hours + run + (1 | animal)"),
        ({"log": True}, "log(length) ~ drug + hours + run + (1 | animal)"),
        ({"contrast": "hours", "by": "drug"}, "length ~ hours * drug + run + (1 | animal)"),
        ({"contrast": "drug", "by": ""}, "length ~ drug + hours + run + (1 | animal)"),
        ({"within": {"animal": "drug"}}, "length ~ drug + hours + run + (1 | drug:animal)"),
        ({"roles": ROLES | {"hours": TREATMENT}}, "length ~ drug + C(hours) + run + (1 | animal)"),
        ({"roles": ROLES | {"hours": BATCH}}, "length ~ drug + run + C(hours) + (1 | animal)"),
        ({"roles": ROLES | {"animal": BATCH}}, "length ~ drug + hours + (1 | animal) + run"),
        ({"roles": {"length": OUTCOME}}, "length ~ 1"),
    ],
)
def test_a_formula_is_what_the_columns_are_said_to_be(answers, expected):
    assert formula(Asked("mice.csv", **{"roles": ROLES} | answers), mice()) == expected


def test_every_part_of_a_formula_is_said_in_words():
    table = mice().rename(columns={"length": "leaf length"})
    roles = {"animal": GROUP, "drug": TREATMENT, "run": BATCH, "hours": AMOUNT, "leaf length": OUTCOME}
    words = in_words(Asked("mice.csv", roles, contrast="hours", by="drug"), table)
    assert words == [
        ("`leaf length`", "leaf length is what is explained: effects are differences of leaf length."),
        ("hours * drug", "The effect of hours may differ from one level of drug to the next."),
        ("run", "Each of the 2 levels of run has a mean of its own: they are too few to estimate how they vary."),
        (
            "(1 | animal)",
            "Rows of the same animal are more alike than others: each of its 6 levels may lie higher or lower.",
        ),
    ]
    apart = in_words(Asked("mice.csv", roles, within={"animal": "drug"}), table)
    assert apart[-1] == (
        "(1 | drug:animal)",
        "The same name in another drug is another animal: there are 12 of them, and the rows of each are more alike "
        "than others.",
    )
    alone = in_words(Asked("mice.csv", {"leaf length": OUTCOME}), table)
    assert alone[-1] == ("", "No rows belong together: each is taken as independent of all others.")


def test_labels_that_recur_are_asked_about():
    asked = Asked("mice.csv", ROLES)
    assert recurring(asked, mice()) == {"animal": ["drug"]}
    own = mice(animal=lambda d: d["drug"] + d["animal"])
    assert recurring(asked, own) == {}


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"length": IGNORE}, "No column is the outcome. Say of one column that it is what was measured."),
        ({"hours": OUTCOME}, "2 columns are the outcome. Say of one column that it is what was measured."),
        (
            {"length": IGNORE, "drug": OUTCOME},
            "Column 'drug' cannot be the outcome: it holds labels. Choose another column, or correct its cells in the "
            "file.",
        ),
        (
            {"run": AMOUNT},
            "Column 'run' cannot be an amount: it holds labels. Choose another column, or correct its cells in the "
            "file.",
        ),
    ],
)
def test_roles_that_make_no_model_are_refused(roles, message):
    with pytest.raises(ValueError) as refused:
        formula(Asked("mice.csv", ROLES | roles), mice())
    assert str(refused.value) == message


# --- The command ----------------------------------------------------------------------------------------------------


def test_the_command_says_what_was_asked_and_nothing_that_is_a_default():
    others = {"QUESTION": "Does it help?", "COMPARE": "auto", "SEP": "", "DECIMAL": ","}
    asked = Asked("reports/tables/mice.csv", ROLES, contrast="drug", reference="control", others=others)
    assert command(parameters(asked, mice(), "mice")) == (
        "make report TEMPLATE=mixed_model DATA=reports/tables/mice.csv FORMULA='length ~ drug + hours + run + "
        "(1 | animal)' CONTRAST=drug REFERENCE=drug=control QUESTION='Does it help?' DECIMAL=, NAME=mice"
    )


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool))
def test_a_shell_gives_back_what_the_command_says(text):
    given_ = {"TEMPLATE": "mixed_model", "QUESTION": text, "NAME": "x"}
    assert given_by(shlex.split(command(given_))[2:], {}) == given_


def test_a_report_never_takes_the_place_of_another():
    assert free_name("mice", []) == "mixed_model_mice"
    assert free_name("mice", ["mixed_model_mice", "Mixed_Model_mice_2"]) == "mixed_model_mice_3"
    assert free_name("my mice (new)", []) == "mixed_model_my_mice_new"


def test_what_the_form_asks_the_report_takes(reports):
    table = read_table_of(uploads.keep("mice.csv", mice().to_csv(index=False).encode()), {})
    asked = asked_of(table, "mice.csv", {"contrast": "hours", "by": "drug", "within-0": "drug", "log": "yes"})
    study = studied(table, asked)
    assert study.formula == "log(length) ~ hours * drug + run + (1 | drug:animal)"
    assert (study.contrast, study.by) == ("hours", ("drug",))
    asked = asked_of(table, "mice.csv", {"contrast": "drug"})
    assert studied(table, asked).levels["drug"] == ["control", "yes"]


# --- The page -------------------------------------------------------------------------------------------------------


def test_the_page_shows_rows_columns_model_and_command(reports):
    page = form_page.table_part(kept(mice()), {})
    text = said(page)
    assert "lengths.csv : 48 rows, 5 columns." in text
    assert "length ~ drug + hours + run + (1 | animal)" in text
    assert "How does length change with drug, with hours and run held fixed" in text
    assert "NAME=mixed_model_lengths" in text
    assert page.count("<select") == 5 + 1 + 5
    assert 'id="run"' in page


def test_an_answer_that_no_longer_fits_is_chosen_anew(reports):
    sent = {"table": kept(mice()), "role-1": IGNORE, "contrast": "drug", "by": "drug", "reference": "control"}
    text = said(form_page.design_part(sent))
    assert "length ~ hours + run + (1 | animal)" in text
    assert "CONTRAST=hours" in text
    assert "REFERENCE" not in text


def test_a_name_that_the_command_cannot_write_has_no_level_to_choose(reports):
    table = read_table_of(
        uploads.keep("mice.csv", mice().rename(columns={"drug": "a=b"}).to_csv(index=False).encode()), {}
    )
    asked = asked_of(table, "mice.csv", {"contrast": "a=b", "reference": "yes"})
    assert asked.reference == ""
    assert studied(table, asked).contrast == "a=b"


def test_what_the_report_would_refuse_is_said_before_it_is_made(reports):
    page = form_page.design_part(
        {"table": kept(mice(animal=lambda d: [f"m{i}" for i in range(len(d))])), "role-0": GROUP}
    )
    assert "animal" in said(page)
    assert 'role="alert"' in page
    assert 'id="run"' not in page


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (mice(length=lambda d: ["n.d." if i == 3 else x for i, x in enumerate(d["length"])]), "line 5 holds 'n.d.'"),
        (mice(length=lambda d: d["length"].where(d.index != 3, -999)), "holds -999 in line 5"),
        (mice(length=lambda d: (d["length"] > 10) * 1), "'length' has two values, 0 and 1: yes or no."),
        (mice(hours=lambda d: [f"2024-01-0{1 + h // 24}" for h in d["hours"]]), "days since the first, 2024-01-01"),
        (mice(run=np.nan), "Every cell is empty."),
    ],
)
def test_what_is_odd_is_said_beside_its_column(reports, table, found):
    page = form_page.table_part(kept(table), {"MISSING": ""})
    assert any(found in said(odd) for odd in re.findall(r'<p class="odd">.*?</p>', page)), said(page)


def test_nothing_in_a_table_becomes_markup(reports):
    bad = '<script>alert("x")</script>'
    table = mice(drug=np.tile(["control", bad], 24)).rename(columns={"animal": bad, "length": "<img src=x onerror=1>"})
    sent = {"table": kept(table), "role-0": GROUP, "QUESTION": bad, "log": "yes"}
    for page in (form_page.table_part(sent["table"], sent), form_page.design_part(sent)):
        assert "alert" in page
        assert "<script" not in page
        assert "<img" not in page


def test_a_file_that_cannot_be_read_is_told_with_the_ways_to_read_it(reports):
    page = form_page.table_part(uploads.keep("a.csv", b"x,y\n1,2\n3\n").name, {})
    assert 'role="alert"' in page
    assert "line 3" in said(page)
    assert 'name="SEP"' in page
    assert 'id="role-0"' not in page


def test_a_table_read_in_another_way_is_commanded_so(reports):
    german = mice().to_csv(index=False, sep="|", decimal=",").encode("cp1252")
    name = uploads.keep("german.txt", german).name
    text = said(form_page.table_part(name, {"SEP": "bar", "DECIMAL": ","}))
    assert "SEP=bar DECIMAL=," in text


def test_a_wide_table_is_left_to_the_command(reports):
    name = kept(pd.DataFrame(np.eye(3, 61)).add_prefix("gene_"))
    assert "61 columns; here, a table may have 60." in said(form_page.table_part(name, {}))


def test_every_meaning_can_be_chosen_and_is_said():
    assert set(MEANINGS) == {OUTCOME, TREATMENT, AMOUNT, GROUP, BATCH, IGNORE}


# --- Files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "as_kept"),
    [
        ("mice.csv", "mice.csv"),
        ("../../mice.csv", "mice.csv"),
        ("C:\\my\\mice.CSV", "mice.CSV"),
        ("a<b>;$(x).csv.gz", "a_b_x_.csv.gz"),
        (".csv", "table.csv"),
        ("con.csv", "_con.csv"),
    ],
)
def test_a_table_is_kept_under_a_harmless_name(reports, name, as_kept):
    path = uploads.keep(name, b"x\n1\n")
    assert path == reports / "tables" / as_kept
    assert uploads.kept(path.name) == path


def test_another_table_of_the_same_name_takes_no_ones_place(reports):
    first = uploads.keep("mice.csv", b"x\n1\n")
    second = uploads.keep("mice.csv", b"x\n2\n")
    assert second.name == "mice_2.csv"
    assert uploads.keep("mice.csv", b"x\n1\n") == first


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "mice.xls",
            b"",
            "mice.xls is none of .csv, .tsv, .tab, .txt, .csv.gz, .tsv.gz, .tab.gz, .txt.gz, .xlsx, .xlsm",
        ),
        ("mice.xls", b"", "Open it in Excel and save it as .xlsx."),
        ("mouse.png", b"", "mouse.png is none of"),
        ("mice.csv", bytes(uploads.LARGEST + 1), "mice.csv holds 50 MB; here, a table may have 50 MB. Use make report"),
    ],
)
def test_a_file_that_is_no_table_or_too_large_is_refused(reports, name, content, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        uploads.keep(name, content)
    assert not reports.exists()


@pytest.mark.parametrize("name", ["", "gone.csv", "../secret.csv", ".hidden"])
def test_only_kept_tables_are_read(reports, name):
    uploads.keep("mice.csv", b"x\n1\n")
    (reports / "secret.csv").write_text("x\n1\n")
    (reports / "tables" / ".hidden").touch()
    with pytest.raises(ValueError, match="There is no table"):
        uploads.kept(name)


@pytest.mark.parametrize("name", ["..", ".x.part", "tables", "a/b", ""])
def test_only_finished_reports_are_handed_out(reports, name):
    (reports / "tables").mkdir(parents=True)
    (reports / ".x.part").mkdir()
    (reports / ".x.part" / "report.html").touch()
    assert report_runs.folder_of(name) is None


# --- Runs -----------------------------------------------------------------------------------------------------------


class Process:
    """Stands in for a process."""

    def __init__(self, exit_code):
        self.exit_code = exit_code

    def poll(self):
        return self.exit_code


def a_run(said_, exit_code, name="mice"):
    return report_runs.Run("key", name, Process(exit_code), io.BytesIO(said_.encode()))


def test_how_far_a_report_is_and_what_went_wrong_is_read_from_what_it_says():
    assert a_run("", None).progress == (0, 0)
    assert a_run("\r 20%|##  | 5/25 [00:01]\r 40%|#### | 10/25 [00:02]", None).progress == (10, 25)
    assert (
        a_run("\r 40%|#### | 10/25\nNo report was written. The y is not there.\n", 2).message == "The y is not there."
    )
    assert a_run("", -9).message == "The report was not finished. Nothing was written."


def test_a_report_on_its_way_then_wrong_then_there(reports):
    (reports / "mice").mkdir(parents=True)
    assert 'max="25" value="10"' in form_page.run_part(a_run("10/25 [", None), "/")
    assert "The y is not there." in form_page.run_part(a_run("No report was written. The y is not there.", 2), "/")
    assert 'role="alert"' in form_page.run_part(a_run("", 0), "/")  # it says it is done, and nothing is there
    (reports / "mice" / "report.html").touch()
    page = form_page.run_part(a_run("", 0), "/base/")
    assert 'src="/base/form/reports/mice/report.html" title="The report" sandbox>' in page
    assert "report.docx" not in page


def test_one_report_at_a_time_and_none_outlives_the_server(reports):
    reports.mkdir()
    runs = report_runs.Runs()
    first = runs.start({"TEMPLATE": "mixed_model", "DATA": "gone.csv", "FORMULA": "y ~ x + (1 | g)", "NAME": "x"})
    with pytest.raises(report_runs.StillRunning):
        runs.start({"TEMPLATE": "mixed_model", "DATA": "gone.csv", "FORMULA": "y ~ x + (1 | g)", "NAME": "y"})
    runs.stop_all()
    assert first.exit_code is not None
    second = runs.start({"TEMPLATE": "mixed_mode", "NAME": "x"})
    second.process.wait()
    assert second.message.startswith("There is no template 'mixed_mode'. Closest: mixed_model.")


def test_a_part_of_the_page_names_all_that_it_shows():
    with pytest.raises(Exception, match="'message' is undefined"):
        fragment("refused.html")
