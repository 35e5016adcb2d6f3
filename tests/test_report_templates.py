"""Reports from end to end: classic tables against R, a table with every inconvenience, and nothing in a table runs."""

import csv
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hygiene_reading import ROOT, html_tags, read
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook
from report_running import prepared, run_template, words_shown
from scipy.stats import chi2

from helpers.data import load_mouse_counts_truth, read_table
from helpers.design import build_design
from helpers.mixed import fit_design
from helpers.reading.files import read_raw
from helpers.report import mixed_model, options, run
from helpers.report.__main__ import main
from helpers.report.page import as_page

CLASSIC = ROOT / "tests" / "reference" / "classic"
IN_R = {(fit["csv"], fit["formula"]): fit for fit in json.loads((CLASSIC / "classic.json").read_text())["lmm"]}
PLAIN = {"contrast": "", "by": "", "reference": ""}

# --- Classic tables, against R --------------------------------------------------------------------------------------


def of_classic(name, formula, folder, **parameters):
    return run_template(
        "mixed_model", data=str(CLASSIC / name), formula=formula, folder=str(folder), **PLAIN | parameters
    )


@pytest.fixture(scope="module")
def sleepstudy(tmp_path_factory):
    """The report of a model that is too simple: its folder, variables and what it showed."""
    folder = tmp_path_factory.mktemp("sleepstudy")
    return folder, *of_classic("sleepstudy.csv", "Reaction ~ Days + (1|Subject)", folder)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("sleepstudy.csv", "Reaction ~ Days + (Days|Subject)"),
        ("Dyestuff2.csv", "Yield ~ 1 + (1|Batch)"),
        ("Penicillin.csv", "diameter ~ 1 + (1|plate) + (1|sample)"),
    ],
)
def test_coefficients_of_a_report_are_those_of_pbkrtest(name, formula):
    study = prepared("mixed_model", data=CLASSIC / name, formula=formula)
    fit = fit_design(study.design)
    analysis = mixed_model.analyse(study, fit)
    theirs = pd.DataFrame(IN_R[name, formula]["kenward_roger"]).set_index("_row")
    ours = fit.coefficients("kenward-roger")
    assert ours["estimate"].to_numpy() == pytest.approx(theirs["Estimate"], rel=1e-6)
    assert ours["std_error"].to_numpy() == pytest.approx(theirs["Std. Error"], rel=1e-4)
    assert ours["df"].to_numpy() == pytest.approx(theirs["df"], rel=1e-3)
    if "Days" in theirs.index:
        contrast = analysis.contrasts.iloc[0]
        assert contrast["estimate"] == pytest.approx(theirs.loc["Days", "Estimate"], rel=1e-6)
        assert contrast["p_value"] == pytest.approx(theirs.loc["Days", "Pr(>|t|)"], rel=1e-2)


def test_a_slope_that_differs_between_subjects_is_a_problem_and_the_better_model_is_given(sleepstudy):
    _, variables, shown = sleepstudy
    (check,) = [check for check in variables["verdicts"].checks if check.name == "same effect in every Subject"]
    assert check.verdict == "problem"
    better = IN_R["sleepstudy.csv", "Reaction ~ Days + (Days|Subject)"]
    assert "(1 + Days | Subject)" in check.sentence
    slope = better["kenward_roger"][1]
    assert f"{slope['Estimate']:.4g}" in check.sentence
    gap = IN_R["sleepstudy.csv", "Reaction ~ Days + (1|Subject)"]["REMLcrit"] - better["REMLcrit"]
    assert f"likelihood ratio {gap:.4g}, " in check.sentence
    p = chi2.sf(gap, [1, 2]).mean()  # a variance of zero lies on a boundary
    assert f"p = {p:.2g}" in check.sentence
    assert "Checks with a problem: same effect in every Subject" in words_shown(shown)


@pytest.fixture(scope="module")
def dyestuff(tmp_path_factory):
    """The report of a model without predictors, whose fit is singular, made twice."""
    folder = tmp_path_factory.mktemp("dyestuff")
    found = [of_classic("Dyestuff2.csv", "Yield ~ 1 + (1|Batch)", folder / name) for name in ("first", "second")]
    return folder, *found[0]


def test_a_singular_fit_is_said_and_the_report_goes_on(dyestuff):
    _, variables, shown = dyestuff
    table = variables["verdicts"].table.set_index("check")
    assert table.loc["singularity", "verdict"] == "look"
    assert "How large is Yield" in words_shown(shown)
    assert "The mean Yield was 5.666" in words_shown(shown)


def test_the_same_table_gives_the_same_files(dyestuff):
    folder, *_ = dyestuff
    first, second = (
        {path.relative_to(folder / name): path.read_bytes() for path in (folder / name).rglob("*.*")}
        for name in ("first", "second")
    )
    assert first == second


def test_what_is_saved_can_be_told_beforehand(sleepstudy):
    folder, *_ = sleepstudy
    tables = "checks coefficients columns contrasts design effect_sizes influence marginal_means tests_of_terms"
    tables += " variance_components"
    figures = "first_look influence paper residuals"
    assert {path.name for path in (folder / "tables").iterdir()} == {f"{name}.csv" for name in tables.split()}
    columns = {f"column_{width}mm.{kind}" for width in (85, 180) for kind in ("svg", "pdf", "png")}
    assert {path.name for path in (folder / "figures").iterdir()} == columns | {
        f"{name}.{kind}" for name in figures.split() for kind in ("svg", "png")
    }
    texts = {"answer.txt", "caption.txt", "methods.txt", "next_study.txt", "results.txt"}
    assert {path.name for path in folder.iterdir()} == {"tables", "figures", *texts}


def test_a_correlation_report_without_strata_or_names():
    data = str(CLASSIC / "sleepstudy.csv")
    given = {"data": data, "outcome": "Reaction", "columns": "Days", "strata": "", "label": ""}
    variables, shown = run_template("correlation", **given, method="spearman")
    row = variables["analysis"].table.iloc[0]
    table = pd.read_csv(data)
    assert row["estimate"] == pytest.approx(table["Reaction"].rank().corr(table["Days"].rank()))
    assert "p_adjusted" not in row  # one test
    text = words_shown(shown)
    assert "name the groups with STRATA" in text
    assert "of the variance of 'Reaction' lies between the 18 levels of 'Subject'" not in text  # numbers, not labels


def test_a_report_on_counts_finds_what_was_planted():
    truth = load_mouse_counts_truth()
    variables, shown = run_template(
        "counts",
        data=str(ROOT / "data" / "mouse_counts.csv.gz"),
        samples=str(ROOT / "data" / "mouse_scores.csv"),
        **{"formula": "~ group", "contrast": "group", "reference": "group=CR", "method": "voom"},
    )
    genes = variables["analysis"].table
    assert genes["term"].unique().tolist() == ["C − CR", "HP − CR", "HP − C"]
    found = genes.query("term == 'C − CR' and p_adjusted < 0.05").set_index("gene")
    assert (truth.loc[found.index, "driver"] != "none").mean() > 0.9
    planted = -truth["group_cr"][truth["driver"] == "group"].reindex(found.index).dropna() / np.log(2)
    assert np.corrcoef(planted, found["log2_fold_change"][planted.index])[0, 1] > 0.95
    words = words_shown(shown)
    assert "Which genes change between CR and C?" in words
    up = (found["log2_fold_change"] > 0).sum()
    told = f"{len(found)} changed between CR and C, at a false discovery rate of 5%: {up} higher in C"
    assert told in words
    assert words.index(told) < words.index("reads asked for: 10 in as many samples")  # the answer stands first
    table = variables["verdicts"].table.set_index("check")
    assert table.loc["replicates", "sentence"].startswith("Samples: 4 of 'CR'")


# --- A table with every inconvenience, and with what might run -------------------------------------------------------

SCRIPT, SHELL, CODE = "<script>alert(1)</script>", "$(touch ran)", "__import__('os')"
FILE = 'my "leaf\'s" data.csv'
FORMULA = f"log(`leaf length (mm)`) ~ treatment * site + `{CODE}` + (1 | `plant id`)"


def inconvenient(folder):
    """Semicolons, decimal commas, CRLF, a BOM, names with blanks, gaps, labels with blanks, numbers as text."""
    rng = np.random.default_rng(7)
    level = rng.normal(0, 0.3, 8)
    rows = [["plant id", "treatment", "leaf length (mm)", CODE, "site", "odd"]]
    for plant in range(8):
        for treatment in ("control", SCRIPT):
            for k in range(4):
                length = np.exp(2 + level[plant] + 0.3 * (treatment == SCRIPT) + rng.normal(0, 0.2))
                label = treatment + " " * (k == 3)
                site = SHELL if k % 2 else "$a$ & `ls`"
                odd = "n.d." if rng.random() < 0.2 else f"{k},5"
                rows.append([f"p{plant}", label, f"{length:.3f}", f"{rng.uniform(0, 5):.1f}", site, odd])
    rows[5][2], rows[20][3] = "", "NA"
    for row in rows[1:]:
        row[2:4] = [cell.replace(".", ",") for cell in row[2:4]]
    with (folder / FILE).open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(rows)
    return folder / FILE


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of that table, made as the command makes it."""
    folder = tmp_path_factory.mktemp("inconvenient")
    given = {
        **{"TEMPLATE": "mixed_model", "DATA": str(inconvenient(folder)), "FORMULA": FORMULA},
        **{"CONTRAST": "treatment", "BY": "site", "REFERENCE": "treatment=control", "EQUIVALENCE": "0.5, 2"},
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "REPORTS", folder / "reports")
        return run.make_report(given, progress=False)


def test_an_inconvenient_table_is_read_for_what_it_is(report):
    table = pd.read_csv(report / "tables" / "contrasts.csv")
    assert table["contrast"].unique().tolist() == [f"{SCRIPT} / control"]
    assert table["site"].tolist() == ["$(touch ran)", "$a$ & `ls`"]
    assert table["estimate"].between(1.1, 1.6).all()  # exp(0.3) was planted
    design = pd.read_csv(report / "tables" / "design.csv")
    assert design["all"].sum() == 62  # 64 rows, two of which miss a value
    words = page_words(report)
    assert "2 rows were dropped for missing values: 1 in 'leaf length (mm)' and 1 in" in words
    assert "semicolons between columns and a comma as the decimal mark" in words
    assert "In 'treatment', 16 cells have blanks at the ends of the label; these blanks were removed." in words


def page_words(report):
    page = (report / "report.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", "", page)))


def test_nothing_in_a_table_runs_or_becomes_markup(report):
    page = (report / "report.html").read_text(encoding="utf-8")
    found = html_tags(page)
    assert not [tag for tag, _ in found if tag in {"script", "iframe", "object", "link"}]
    assert not [attrs for _, attrs in found if any(name.startswith("on") for name in attrs)]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert SCRIPT in page_words(report)
    assert not list(report.parents[1].rglob("ran"))


def test_a_report_is_one_page_that_needs_nothing_else(report):
    page = (report / "report.html").read_text(encoding="utf-8")
    addresses = [attrs[name] for _, attrs in html_tags(page) for name in ("src", "href") if name in attrs]
    assert addresses
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    assert not re.search(r"https?://|@import|url\(", page)
    alts = [attrs["alt"] for tag, attrs in html_tags(page) if tag == "img"]
    assert len(alts) == 6
    assert all(len(alt) > 40 for alt in alts)
    assert all("open" not in attrs for tag, attrs in html_tags(page) if tag == "details")  # code is folded
    assert f"<title>Mixed model: {FILE}</title>" in page


def test_a_report_holds_its_parts_in_order(report):
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", (report / "report.html").read_text(encoding="utf-8"))
    assert titles == [
        *("The question", "The answer", "Warnings", "The data as read", "The plot to look at first"),
        *("The model, and what it takes for granted", "Checks", "Results"),
        *("Methods", "Results, in words", "A figure for a paper", "The next study"),
    ]


def test_a_report_names_no_folder_of_this_machine_and_its_notebook_finds_the_data(report):
    notebook = read(report / "notebook.ipynb")
    (given,) = [cell.source for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    variables = {}
    exec(given, variables)
    assert (report / variables["data"]).resolve() == report.parents[1] / FILE
    assert str(report.parent) not in (report / "notebook.ipynb").read_text(encoding="utf-8")
    assert str(report.parent) not in (report / "report.html").read_text(encoding="utf-8")


def test_a_report_holds_the_versions_and_the_texts(report):
    versions = (report / "versions.txt").read_text()
    assert versions.startswith(f"Python {sys.version_info[0]}.{sys.version_info[1]}")
    assert f"numpy=={np.__version__}\n" in versions
    methods = (report / "methods.txt").read_text(encoding="utf-8")
    assert f"numpy {np.__version__}" in methods
    assert "Equivalence to within 0.5 to 2" in methods
    assert "p for equivalence" in (report / "results.txt").read_text(encoding="utf-8")


def test_a_table_in_another_format_gives_the_same_report(tmp_path):
    table = read_table(inconvenient(tmp_path), sep=";", decimal=",")
    table.to_parquet(tmp_path / "same.parquet")
    table.to_excel(tmp_path / "same.xlsx", index=False)
    table.to_csv(tmp_path / "same.tsv.gz", sep="\t", index=False)
    given = {"formula": FORMULA, "contrast": "treatment", "by": "site", "reference": "treatment=control"}
    whole = prepared("mixed_model", data=tmp_path / FILE, **given)
    for name in ("same.parquet", "same.xlsx", "same.tsv.gz"):
        other = prepared("mixed_model", data=tmp_path / name, **given)
        np.testing.assert_allclose(other.design.y, whole.design.y)
        assert other.levels == whole.levels


# --- Each thing once ------------------------------------------------------------------------------------------------


@pytest.fixture
def calls(monkeypatch):
    """What was called how often while the test ran: settle, files read, designs built; another process is refused."""
    found = Counter()

    def count(function, what):
        def counting(*args, **kwargs):
            found[what(*args, **kwargs)] += 1
            return function(*args, **kwargs)

        for module in [module for name, module in sys.modules.items() if name.startswith("helpers")]:
            for name, value in list(vars(module).items()):
                if value is function:
                    monkeypatch.setattr(module, name, counting)

    count(options.settle, lambda template, given: "settle")
    count(read_raw, lambda path, *args, **kwargs: Path(path).name)
    count(build_design, lambda formula, data, *args, **kwargs: (formula, len(data)))

    def refused(*args, **kwargs):
        raise AssertionError("A report is made in one process.")

    monkeypatch.setattr(subprocess, "Popen", refused)
    return found


def small_counts(folder):
    """Twenty genes in eight samples, and their sheet."""
    names = [f"s{i}" for i in range(8)]
    values = np.random.default_rng(3).negative_binomial(5, 0.05, size=(20, 8))
    pd.DataFrame(values, [f"g{i}" for i in range(20)], names).rename_axis("gene").to_csv(folder / "counts.csv")
    pd.DataFrame({"sample": names, "drug": ["no", "yes"] * 4}).to_csv(folder / "sheet.csv", index=False)
    return {"DATA": str(folder / "counts.csv"), "SAMPLES": str(folder / "sheet.csv"), "FORMULA": "~ drug"}


SLEEP = {"DATA": str(CLASSIC / "sleepstudy.csv")}
ONCE = {
    "mixed_model": lambda folder: SLEEP | {"FORMULA": "Reaction ~ Days + (Days | Subject)"},
    "correlation": lambda folder: SLEEP | {"OUTCOME": "Reaction", "COLUMNS": "Days", "STRATA": "Subject"},
    "counts": small_counts,
    "plan": lambda folder: (
        SLEEP | {"FORMULA": "Reaction ~ Days + (1 | Subject)", "EFFECT": "Days=10", "N_SIM": "100", "POWER": "0.5"}
    ),
}


@pytest.mark.parametrize("template", ONCE)
def test_a_report_settles_reads_and_builds_once(tmp_path, monkeypatch, calls, template):
    monkeypatch.setattr(run, "REPORTS", tmp_path / "reports")
    given = {"TEMPLATE": template} | ONCE[template](tmp_path)
    folder = run.make_report(given, progress=False)
    assert (folder / "report.html").stat().st_size > 50_000
    assert calls["settle"] == 1
    files = [Path(given[name]).name for name in ("DATA", "SAMPLES") if name in given]
    assert {name: calls[name] for name in files} == dict.fromkeys(files, 1)
    if template == "mixed_model":
        assert calls[given["FORMULA"], 180] == 1
        assert calls[given["FORMULA"], 170] == 18  # without each subject in turn


def test_a_mistyped_parameter_is_told_before_anything_slow_is_imported():
    slow = {"IPython", "matplotlib", "nbformat", "numpy", "pandas", "scipy"}
    lines = [
        "import sys",
        "from helpers.report.__main__ import main",
        "code = main(['TEMPLATE=mixed_model', 'DATA=x.csv', 'FORMULA=y ~ x + (1 | g)', 'DDF=kenward'], {})",
        f"print(code, sorted({slow} & set(sys.modules)))",
    ]
    done = command(sys.executable, "-c", "; ".join(lines))
    assert done.stdout == "2 []\n"
    assert done.stderr.endswith("found 'kenward'. Closest: kenward-roger.\n")


# --- Everything or nothing ------------------------------------------------------------------------------------------


def test_a_report_that_fails_on_the_way_leaves_the_old_one(tmp_path, monkeypatch):
    cells = [
        new_code_cell("data = ''", metadata={"tags": ["parameters"]}),
        new_code_cell("study = 1"),
        new_code_cell("raise ValueError('no fit')"),
    ]
    (tmp_path / "templates").mkdir()
    language = {"language_info": {"name": "python"}}
    write(new_notebook(cells=cells, metadata=language), tmp_path / "templates" / "correlation.ipynb")
    monkeypatch.setattr(run, "TEMPLATES", tmp_path / "templates")
    monkeypatch.setattr(run, "REPORTS", tmp_path / "reports")
    old = tmp_path / "reports" / "it"
    old.mkdir(parents=True)
    (old / "report.html").write_text("old")
    given = {"TEMPLATE": "correlation", "DATA": str(CLASSIC / "sleepstudy.csv"), "OUTCOME": "Reaction", "NAME": "it"}
    with pytest.raises(run.ReportError, match="no fit"):
        run.make_report(given | {"OVERWRITE": "yes"}, progress=False)
    assert (old / "report.html").read_text() == "old"
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["it"]


def test_a_finished_report_takes_the_place_of_the_old_one(tmp_path):
    old, part = tmp_path / "it", tmp_path / ".it.part"
    for folder, word in ((old, "old"), (part, "new")):
        folder.mkdir()
        (folder / "report.html").write_text(word)
    run._replace(old, part)
    assert (old / "report.html").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


def test_markup_in_a_title_is_shown_as_it_is():
    notebook = read(run.TEMPLATES / "correlation.ipynb")
    assert f"<title>{SCRIPT.replace('<', '&lt;').replace('>', '&gt;')}</title>" in as_page(notebook, SCRIPT)


# --- The command ----------------------------------------------------------------------------------------------------


def command(*arguments, **options):
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, **options)


def made():
    """Whether `make` is here and would set nothing up."""
    return shutil.which("make") and command("make", "--question", ".venv/ready").returncode == 0


@pytest.mark.skipif(not made(), reason="make is not installed, or .venv is not its own")
def test_make_hands_a_formula_over_as_it_was_written(tmp_path):
    marker = tmp_path / "ran"
    nasty = f"""a|b * "c d" 'e' `touch {marker}` $(shell touch {marker}) $$HOME \\ # é;|&"""
    done = command("make", "report", f"TEMPLATE={nasty}", "NAME=x")
    assert done.returncode == 2
    assert f"There is no template {nasty!r}." in done.stderr
    assert "No report was written." in done.stderr
    assert not marker.exists()
    assert not (ROOT / "reports" / "x").exists()


def test_the_command_says_what_is_wrong_in_one_message_and_ends_with_2():
    done = command(sys.executable, "-m", "helpers.report", "TEMPLATE=mixed_model", "DATA=x.csv", "FORMUAL=x")
    assert done.returncode == 2
    assert done.stderr.startswith("No report was written. The template mixed_model has no parameter FORMUAL.")
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mixed_model"], "A parameter is written NAME=value"),
        (["--data", "a.csv"], "A parameter is written NAME=value"),
        (["DATA=a.csv", "data=b.csv"], "DATA is given twice"),
        (["TEMPLATE=none"], "no template 'none'"),
    ],
)
def test_the_command_line_is_checked(capsys, arguments, words):
    assert main(arguments, {}) == 2
    assert words in capsys.readouterr().err


def test_without_parameters_the_command_explains_itself(capsys):
    assert main([], {}) == 0
    assert "mixed_model:" in capsys.readouterr().out
