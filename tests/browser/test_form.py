"""`make form` in Chromium: from a file to the report, and what is said of a file or an answer that cannot be used."""

import contextlib
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from running_lab import PATIENCE, copy_of_project, environment_of, free_port, requests_to_others, wait_for_address

TABLES = Path(__file__).parents[1] / "reference" / "tables"
DATA = Path(__file__).parents[2] / "data"
SOON = 1000 * PATIENCE
AXE = Path(__file__).with_name("vendor") / "axe.min.js"


@contextlib.contextmanager
def running_form(folder):
    """Start what `make form` starts, on a copy of the project; yield its address, its reports and its log; end it."""
    root, home, log = folder / "course", folder / "home", folder / "log"
    root.mkdir()
    home.mkdir()
    copy_of_project(root)
    command = [sys.executable, "-m", "helpers.report.form", "--no-browser", f"--ServerApp.port={free_port()}"]
    with log.open("w") as written:
        given = {"cwd": root, "env": environment_of(root, home), "stdout": written, "stderr": written}
        server = subprocess.Popen(command, **given)
    try:
        yield SimpleNamespace(address=wait_for_address(server, log), reports=root / "reports", log=log)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


@pytest.fixture(scope="module")
def form(browser, tmp_path_factory):
    """One form for all tests here."""
    with running_form(tmp_path_factory.mktemp("form")) as started:
        yield started


@pytest.fixture
def opened(page, form):
    """The form's page, with nothing chosen."""
    page.goto(form.address)
    page.set_default_timeout(SOON)
    return page


def choose(page, path):
    """Choose a file, and wait for what is said of it."""
    page.set_input_files("#file", path)
    page.wait_for_selector("#answers, #table .refused")


def answer(page, **answers):
    """Choose in the selects of these names, one after the other."""
    for name, value in answers.items():
        with page.expect_response(lambda response: response.url.endswith("/form/design")):
            page.select_option(f"[name='{name.replace('_', '-')}']", value)
        page.wait_for_function("!document.body.classList.contains('busy')")


def made(page):
    """Have the report made; return its text."""
    page.click("#run")
    page.wait_for_selector("#made, #report .refused", timeout=5 * SOON)
    assert not page.locator("#report .refused").count(), page.locator("#report .refused").inner_text()
    frame = page.frame_locator("#report iframe")
    frame.locator("h1").wait_for()
    return frame.locator("body").inner_text()


@pytest.mark.parametrize(
    ("path", "answers", "formula", "told"),
    [
        (TABLES / "sleepstudy.csv", {}, "Reaction ~ Days + (1 | Subject)", "for each unit of Days"),
        (TABLES / "Machines.csv", {}, "score ~ Machine + (1 | Worker)", "Machine B"),
        (TABLES / "ChickWeight.csv", {"by": "Diet"}, "weight ~ Time * C(Diet) + (1 | Chick)", "Diet 4"),
        (
            DATA / "oats.csv",
            {"contrast": "nitrogen", "log": "yes"},
            "log(harvest) ~ variety + nitrogen + (1 | block)",
            "",
        ),
        (
            DATA / "repeated_samples.csv",
            {"role_4": "amount", "contrast": "weight"},
            "urea ~ week + weight + (1 | animal)",
            "for each unit of weight",
        ),
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else "",
)
def test_from_a_file_to_its_report(opened, form, path, answers, formula, told):
    choose(opened, path)
    answer(opened, **answers)
    assert opened.locator("code.formula").inner_text() == formula
    command = opened.locator("#command").inner_text()
    text = made(opened)
    assert "The answer" in text
    assert told in text
    name = command.rpartition("NAME=")[2]
    assert json.loads((form.reports / name / "notebook.ipynb").read_text())["cells"]
    assert not requests_to_others(opened)
    with opened.expect_download() as download:
        opened.get_by_text("everything, with tables and figures").click()
    assert f"{name}/tables/contrasts.csv" in zipfile.ZipFile(download.value.path()).namelist()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("short.csv", "x,y\n1,2\n3\n", "line 3"),
        ("empty.csv", "", "is empty (0 bytes)"),
        ("picture.png", "PNG", "is none of .csv"),
        ("book.xlsx", "no workbook", "is not an Excel workbook"),
        ("twice.csv", "x,x\n1,2\n", "'x' 2 times"),
    ],
)
def test_a_wrong_file_is_told_with_what_to_do(opened, tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    choose(opened, tmp_path / name)
    assert message in opened.locator("#table .refused").inner_text()
    assert not opened.locator("#run").count()


def test_a_file_can_be_dropped_and_a_too_large_one_is_not_sent(opened):
    drop = """([name, text, size]) => {
        const file = new File([text], name);
        if (size) Object.defineProperty(file, "size", { value: size });
        const event = new Event("drop", { bubbles: true, cancelable: true });
        event.dataTransfer = { files: [file] };
        document.getElementById("drop").dispatchEvent(event);
    }"""
    opened.evaluate(drop, ["dropped.csv", (TABLES / "sleepstudy.csv").read_text(), 0])
    opened.wait_for_selector("#answers")
    assert "dropped.csv" in opened.locator("#table").inner_text()
    opened.evaluate(drop, ["huge.csv", "x", 60_000_000])
    assert "huge.csv holds 60 MB; here, a table may have 50 MB." in opened.locator("#status").inner_text()
    assert not opened.locator("#answers").count()


def test_nothing_of_a_table_runs_in_the_page_or_in_its_report(opened, tmp_path):
    rows = [f'm{i // 4},<img src=x onerror="window.ran=1">{"ab"[i % 2]},{i * 7 % 11}' for i in range(24)]
    (tmp_path / "bad.csv").write_text("animal,<script>window.ran=1</script>,y\n" + "\n".join(rows).replace('"', ""))
    choose(opened, tmp_path / "bad.csv")
    text = made(opened)
    assert "<script>" in opened.locator("#table").inner_text()
    assert "<script>" in text
    assert opened.evaluate("window.ran") is None
    assert opened.frames[1].evaluate("1 + 1") == 2  # asked by the debugger; the page itself may run nothing
    assert not opened.frames[1].locator("script").count()


def test_answers_that_make_no_model_leave_no_button(opened):
    choose(opened, TABLES / "sleepstudy.csv")
    answer(opened, role_0="ignore")
    assert "No column is the outcome." in opened.locator("#design .refused").inner_text()
    assert not opened.locator("#run").count()
    answer(opened, role_0="outcome", role_2="treatment")
    assert opened.locator("code.formula").inner_text() == "Reaction ~ Days + C(Subject)"


def answered(address, method="GET", **headers):
    """The status and the address at which a request without a cookie ends."""
    asked = urllib.request.Request(address, method=method, data=b"" if method == "POST" else None, headers=headers)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, answer.url
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.url


def test_who_has_no_token_or_comes_from_elsewhere_gets_nothing(form):
    parts = urlsplit(form.address)
    base = f"{parts.scheme}://{parts.netloc}"
    assert answered(form.address)[0] == 200
    assert parts.hostname == "localhost"
    for path in ("form", "form/run?key=1", "form/files/x.zip", "form/reports/x/report.html"):
        assert "/login" in answered(f"{base}/{path}")[1]
    for path in ("table", "design", "run"):
        assert answered(f"{base}/form/{path}", "POST")[0] == 403
    assert answered(form.address, Host="elsewhere.example")[0] == 403


def test_the_form_can_be_used_by_those_who_do_not_see_it(opened):
    choose(opened, TABLES / "Machines.csv")
    opened.evaluate(AXE.read_text())
    found = opened.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")["violations"]
    assert not [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
