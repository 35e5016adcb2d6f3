"""The book in Chromium: nothing is asked for outside; search, solutions, terms, dark pages, a telephone, paper, axe."""

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from book import HTML, ROOT
from book.lessons import ALL

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
LESSONS = [f"notebooks/{lesson.name}.html" for lesson in ALL]
OTHERS = [
    "index.html",
    "README.html",
    "r_users.html",
    "validation.html",
    "status.html",
    "search.html",
    "notebooks/glossary.html",
    "notebooks/contrast_cheat_sheet.html",
    "notebooks/solutions/solutions_05.html",
    "notebooks/templates/mixed_model.html",
    "functions/index.html",
    "functions/mixed.html",
    "functions/counts.html",
    "data/README.html",
    "benchmarks/README.html",
    "tests/reference/differences.html",
]
FOLDERS = ("book", "notebooks", "helpers", "tests", "data", "benchmarks")
FILES = ("README.md", "CHANGELOG.md", "requirements.txt", "pyproject.toml")
OF_OTHERS = {"_build", "__pycache__", "browser"}  # in these folders, no page has its source


def is_current():
    """Whether the book is there and younger than everything that it is made from."""
    if not (HTML / ".nojekyll").exists():
        return False
    made = (HTML / ".nojekyll").stat().st_mtime
    paths = [*(ROOT / name for name in FILES), *(path for name in FOLDERS for path in (ROOT / name).rglob("*.*"))]
    ours = [path for path in paths if path.is_file() and not OF_OTHERS & set(path.relative_to(ROOT).parts)]
    return all(path.stat().st_mtime < made for path in ours)


@pytest.fixture(scope="module")
def folder(browser):
    """The built pages: those of `make book`, or built now. (The browser first: without one nothing is built.)"""
    if not is_current():
        made = subprocess.run([sys.executable, "-m", "book"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    return HTML


@pytest.fixture(scope="module")
def address(folder):
    """The book on this machine's own web server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", [*LESSONS, *OTHERS])
def test_nothing_is_asked_for_outside(page, address, name):
    failed = []
    page.on("requestfailed", lambda asked: failed.append(asked.url))
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{address}/{name}", wait_until="networkidle")
    outside = [asked for asked in page.requested if not asked.startswith((address, "data:"))]
    assert len(page.requested) > 3
    assert outside == []
    assert failed == []


def test_nothing_is_asked_for_outside_where_pages_are_files(page, folder):
    for name in (LESSONS[5], "index.html", "functions/mixed.html"):
        page.goto((folder / name).as_uri(), wait_until="networkidle")
    assert [asked for asked in page.requested if not asked.startswith((folder.as_uri(), "data:"))] == []


@pytest.mark.parametrize("as_file", [False, True], ids=["http", "file"])
def test_a_search_for_kenward_finds_lessons(page, folder, address, as_file):
    page.goto(f"{folder.as_uri() if as_file else address}/search.html?q=Kenward")
    page.wait_for_function("document.querySelectorAll('#search-results li a').length > 5")
    page.wait_for_function("/found/.test(document.querySelector('#search-results').innerText)")
    found = page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.getAttribute('href'))")
    assert any("05_mixed_models" in link for link in found)
    assert any("06_random_slopes" in link for link in found)
    assert any("glossary" in link for link in found)


def test_a_solution_is_closed_and_opens_on_a_click(page, address):
    page.goto(f"{address}/{LESSONS[5]}")
    solution = page.locator("#solution-5-2")
    code = solution.locator(".cell_input")
    assert solution.get_attribute("open") is None
    assert not code.is_visible()
    solution.locator("summary").first.click()
    assert code.is_visible()
    assert 'answer = "b"' in code.inner_text()


def test_a_solution_opens_by_keyboard(page, address):
    page.goto(f"{address}/{LESSONS[1]}")
    page.locator("#solution-1-1 > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#solution-1-1").get_attribute("open") is not None


def test_the_page_can_be_read_without_code(page, address):
    page.goto(f"{address}/{LESSONS[5]}")
    code = page.locator(".bd-article > section .cell_input:visible, .bd-article details.hide:visible")
    figures = page.locator(".bd-article img:visible").count()
    assert code.count() > 10
    page.get_by_role("button", name="Read without code").click()
    assert code.count() == 0
    assert page.locator(".bd-article img:visible").count() == figures
    page.goto(f"{address}/{LESSONS[6]}")
    assert code.count() == 0, "the next page should remember it"
    page.get_by_role("button", name="Read without code").click()
    assert code.count() > 10


def test_folded_code_says_what_it_does(page, address):
    page.goto(f"{address}/{LESSONS[5]}")
    summaries = page.locator("details.hide > summary")
    assert summaries.count() >= 5
    texts = summaries.all_inner_texts()
    assert all(text.startswith("Code: ") for text in texts)
    assert any("imports what the lesson needs" in text for text in texts)


def test_a_term_says_what_it_means(page, address):
    page.goto(f"{address}/{LESSONS[5]}")
    term = page.locator('a[href*="glossary.html#pseudoreplication"]').first
    says = page.get_by_role("tooltip")
    term.hover()
    assert len(says.inner_text()) > 30
    page.keyboard.press("Escape")
    assert says.count() == 0
    page.mouse.move(0, 0)
    term.focus()
    assert says.is_visible()
    assert term.get_attribute("aria-describedby") == says.get_attribute("id")


def test_every_figure_has_words_of_its_own(page, address):
    for name in LESSONS:
        page.goto(f"{address}/{name}")
        words = page.eval_on_selector_all(
            ".bd-article img:not(.turned-by-slider img)", "all => all.map(one => one.alt)"
        )
        assert all(len(text) > 40 for text in words), (name, [text for text in words if len(text) <= 40])
        # A slider's pictures come after one another: each says what has changed.
        words = page.eval_on_selector_all(".turned-by-slider img", "all => all.map(one => one.alt)")
        assert all(len(text) > 20 for text in words), (name, [text for text in words if len(text) <= 20])


def test_a_property_is_told_in_whole_sentences(page, address):
    page.goto(f"{address}/functions/mixed.html")
    told = page.locator("dt[id='helpers.mixed.MixedFit.notes'] + dd").inner_text()
    assert told.startswith("Sentences on what may be meant otherwise: how an ordered factor is coded")


def brightness(colour):
    """Relative luminance of a CSS ``rgb(…)``, 0 to 1."""
    parts = [float(part) / 255 for part in colour.removeprefix("rgba(").removeprefix("rgb(").rstrip(")").split(",")[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def dark(page):
    page.evaluate("document.documentElement.dataset.theme = 'dark'; document.documentElement.dataset.mode = 'dark'")


def test_a_dark_page_is_legible(page, address):
    page.goto(f"{address}/{LESSONS[5]}")
    dark(page)
    look = "one => { const s = getComputedStyle(one); return [s.color, s.backgroundColor] }"
    paper = page.eval_on_selector("body", look)[1]
    assert brightness(paper) < 0.05
    for part in (".bd-article p", ".cell_output td", ".bd-article h2", ".bd-article details > summary"):
        ink = page.eval_on_selector(part, look)[0]
        assert (brightness(ink) + 0.05) / (brightness(paper) + 0.05) > 4.5, part
    plate = page.eval_on_selector(".cell_output img", look)[1]
    assert brightness(plate) > 0.9


@pytest.mark.parametrize("name", [*LESSONS, *OTHERS])
def test_a_telephone_needs_no_scrolling_sideways(phone, address, name):
    phone.goto(f"{address}/{name}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", [*LESSONS, *OTHERS])
def test_axe_finds_nothing_serious(page, address, name):
    page.goto(f"{address}/{name}", wait_until="networkidle")
    assert serious(page) == []


def test_axe_finds_nothing_serious_on_dark_pages(page, address):
    for name in ("index.html", LESSONS[0], LESSONS[5], "functions/mixed.html", "notebooks/glossary.html"):
        page.goto(f"{address}/{name}", wait_until="networkidle")
        dark(page)
        page.wait_for_timeout(500)
        assert serious(page) == [], name


def serious(page):
    """Axe's serious and critical findings on a page: rule, and the first places."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    bad = [one for one in found if one["impact"] in {"serious", "critical"}]
    return [(one["id"], len(one["nodes"]), [node["target"] for node in one["nodes"][:3]]) for one in bad]


def test_a_lesson_is_printed_without_what_is_closed(page, address, tmp_path):
    page.goto(f"{address}/{LESSONS[5]}", wait_until="networkidle")
    page.emulate_media(media="print")
    for hidden in ("#solution-5-1", "details.hide", ".book-tools", ".tag_exercise", ".bd-sidebar-primary"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for shown in ("h1", ".cell_output img", ".cell_output table"):
        assert page.locator(f".bd-article {shown}").first.is_visible(), shown
    page.pdf(path=tmp_path / "lesson.pdf", format="A4")
    pdf = (tmp_path / "lesson.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 100_000
    assert 5 <= pdf.count(b"/Type /Page\n") <= 25


def test_previous_and_next_lead_through_the_lessons(page, address):
    page.goto(f"{address}/{LESSONS[1]}")
    page.locator("a.right-next").click()
    assert page.url.endswith(LESSONS[2])
    page.locator("a.left-prev").click()
    assert page.url.endswith(LESSONS[1])


def test_formulas_are_drawn_by_the_file_that_came_along(page, folder, tmp_path):
    script = (folder / "_static" / "mathjax" / "tex-svg.js").as_uri()
    (tmp_path / "formula.html").write_text(rf'<p>\(y = X\beta\)</p><script src="{script}"></script>')
    page.goto((tmp_path / "formula.html").as_uri(), wait_until="networkidle")
    page.wait_for_selector("mjx-container svg")
    assert all(asked.startswith(("file:", "data:", "blob:")) for asked in page.requested)
