"""How the book is laid out, read from its sources: lessons, solutions, terms, functions, comparisons, links."""

import re
import textwrap
import warnings

import nbformat
import pytest
from hygiene_links import slugs
from lesson_budget import budget

from book import HERE, ROOT, functions, home, layout, lessons, links, status, terms, validation
from book import names as book_names

GLOSSARY = (ROOT / "notebooks" / "glossary.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def notebooks():
    return {lesson: layout.read(ROOT / "notebooks" / lesson.file) for lesson in lessons.ALL}


@pytest.fixture(scope="module")
def solutions():
    found = {}
    for path in (ROOT / "notebooks" / "solutions").glob("*.ipynb"):
        found |= lessons.solutions_in(layout.read(path))
    return found


def notebook(*cells):
    """A notebook of such cells: markdown, or a tuple (code, tags)."""
    new = nbformat.v4.new_notebook()
    for cell in cells:
        if isinstance(cell, str):
            new.cells.append(nbformat.v4.new_markdown_cell(cell))
        else:
            output = nbformat.v4.new_output("stream", text="shown")
            new.cells.append(nbformat.v4.new_code_cell(cell[0], metadata={"tags": cell[1]}, outputs=[output]))
    return new


# --- Lessons and their solutions --------------------------------------------------------------------------------


def test_an_exercise_is_followed_by_its_closed_solution():
    page = notebook("## 1.1", ('answer = 2\ncheck("1.1", answer)', []), "Because.\n\n## 1.2", ("answer = 3", []))
    found = lessons.solutions_in(page)
    assert [cell.source for cell in found["1.1"]] == ["answer = 2", "Because."]
    assert [cell.source for cell in found["1.2"]] == ["answer = 3"]
    assert found["1.1"][0].outputs == []
    shown = lessons.page(notebook("# A", ('answer = ...\ncheck("1.1", answer)  # solution', [])), found, [])
    assert [cell.source.partition(">")[0] for cell in shown.cells[2:]] == [
        '<details class="solution" id="solution-1-1"',
        "answer = 2",
        "Because.",
        "</details",
    ]
    assert shown.cells[1].outputs == []
    assert "exercise" in shown.cells[1].metadata["tags"]
    assert len({cell.id for cell in shown.cells}) == len(shown.cells)


def test_every_exercise_of_the_lessons_has_a_solution(notebooks, solutions):
    asked = {
        name for page in notebooks.values() for cell in page.cells for name in lessons.ATTEMPT.findall(cell.source)
    }
    assert len(asked) > 40
    assert asked == set(solutions)
    assert all(any(cell.cell_type == "code" for cell in cells) for cells in solutions.values())


def test_a_lesson_itself_is_left_as_it_is(notebooks, solutions):
    lesson, page = next((lesson, page) for lesson, page in notebooks.items() if lesson.name.startswith("05"))
    before = nbformat.writes(page)
    lessons.page(page, solutions, ["helpers.mixed.fit_mixed"])
    assert nbformat.writes(page) == before
    assert lesson.title == "Mixed models"


def test_folded_code_stands_under_its_own_first_line():
    shown = lessons.plain(notebook(("# draws urea < 30\nplot()", ["hide-input"]), ("# says so\n1", [])))
    assert shown.cells[0].metadata["mystnb"]["code_prompt_show"] == "Code: draws urea &lt; 30"
    assert "mystnb" not in shown.cells[1].metadata


# --- Terms ------------------------------------------------------------------------------------------------------


def test_a_term_is_told_in_its_first_sentence():
    exact = "## Kenward–Roger\n\nA *way* (see [df](#df), e.g. 3.5) to\ntest. It is exact.\n"
    text = f"# G\n\n{exact}\n## KR\n\nSee [it](#kenwardroger).\n"
    told = "A way (see df, e.g. 3.5) to test."
    assert terms.first_sentences(text) == {"kenwardroger": told, "kr": told}


def test_every_entry_of_the_glossary_has_a_sentence_and_its_own_name():
    told = terms.first_sentences(GLOSSARY)
    assert set(told) == slugs([GLOSSARY]) - {"glossary"}
    assert all(re.search(r"[.!?:)]$", sentence) and len(sentence) > 15 for sentence in told.values()), told
    assert not any("](" in sentence or "`" in sentence for sentence in told.values())
    assert terms.script({"a": "“é”"}) == 'window.glossary = {\n"a": "“é”"\n};\n'


# --- Functions --------------------------------------------------------------------------------------------------


def test_calls_are_found_under_whatever_name_they_are_imported():
    page = notebook(
        ("from helpers.mixed import fit_mixed as fit", []),
        ("from helpers import plots\nfrom helpers.genes import fit_genes", []),
        ("fit('y ~ x', d)\nplots.note(ax)\n%matplotlib inline", []),
        ("fit('y ~ x', d)\nplots.note(ax)", []),
    )
    assert set(functions.calls(page)) == {"helpers.mixed.fit_mixed", "helpers.plots", "helpers.plots.note"}


def test_functions_and_lessons_lead_to_each_other(notebooks):
    uses = functions.used_in(notebooks)
    by_number = {name: [lesson.name[:2] for lesson in users] for name, users in uses.items()}
    assert {"05", "06", "07", "08"} <= set(by_number["helpers.mixed.fit_mixed"])
    assert "08" in by_number["helpers.contrasts.comparisons"]
    page = functions.page_of("contrasts", uses)
    assert "Used in " in page
    assert "(../notebooks/08_marginal_contrasts.ipynb)" in page
    line = lessons.functions_used(["helpers.mixed.fit_mixed"])
    assert "{py:obj}`fit_mixed <helpers.mixed.fit_mixed>`" in line


def test_every_described_function_has_a_sentence_and_a_place():
    found = functions.described()
    assert len(found) > 60
    assert len({each.full_name for each in found}) == len(found)
    assert all(each.summary.endswith(".") for each in found)
    listed = functions.index({each.full_name: [] for each in found})
    assert all(f"<{each.full_name}>" in listed for each in found)
    assert "r_squared" in functions.members(functions.Described("mixed", "helpers.mixed", "MixedFit").value)
    assert functions.members(functions.Described("planning", "helpers.planning", "PowerTable").value) == []


# --- For R users ------------------------------------------------------------------------------------------------

R_PAGE = (HERE / "pages" / "r_users.md").read_text(encoding="utf-8")
R_CALLS = [call.replace("\\|", "|") for call in re.findall(r"^\| .+ \| `(.+?)` \|$", R_PAGE, re.MULTILINE)]


@pytest.fixture(scope="module")
def names():
    found = {}
    exec(re.search(r"```python\n(.+?)```", R_PAGE, re.DOTALL)[1], found)
    return found


def test_every_row_for_r_users_has_a_call():
    rows = [line for line in R_PAGE.splitlines() if line.startswith("| ")]
    assert len(R_CALLS) > 50
    assert len(R_CALLS) == len([row for row in rows if not row.startswith(("| R |", "| --- "))])


@pytest.mark.parametrize("call", R_CALLS)
def test_the_call_for_r_users_works(call, names):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a singular fit, say: the lessons say what it means
        assert eval(call, names) is not None


# --- What is compared with R ------------------------------------------------------------------------------------

SOURCE = textwrap.dedent('''
    """Things against R. And more."""
    TOLERANCE = {"df": 1e-4, "p_value": 1e-3}
    R = read("one", "one.json")

    @pytest.fixture
    def theirs():
        return read("two/two.csv")

    def agrees(ours, theirs, df=1e-5):
        np.testing.assert_allclose(ours, theirs, rtol=df, atol=1e-9)

    class TestHam:
        def test_means(self):
            agrees(means(), R, df=1e-2)

    def test_fixture(theirs):
        assert ours == pytest.approx(theirs)
        assert abs(ours - theirs) <= 1e-8

    def test_by_quantity():
        assert not {name for name, error in errors(R) if error > TOLERANCE[name]}

    @pytest.mark.parametrize(("name", "bound"), [("a", 1e-6), ("b", 1e-4)])
    def test_rows(name, bound):
        np.testing.assert_allclose(R[name], 0, rtol=0, atol=bound)

    def test_computed():
        np.testing.assert_allclose(R, 0, rtol=1e-3 * unit)

    def test_same_set():
        assert set(R) == ours

    def test_alone():
        assert 1 + 1 == 2
    ''')


def test_tolerances_are_read_from_the_tests():
    says, found, listed = validation.comparisons(SOURCE, {"one/one.json", "two/two.csv", "three/one.csv"})
    assert says == "Things against R. And more."
    assert listed == {"df": 1e-4, "p_value": 1e-3}
    assert {each.question: (sorted(each.files), each.tolerance) for each in found} == {
        "Ham: means": (["one/one.json"], "relative 1e-5 to 0.01; absolute 1e-9"),
        "fixture": (["two/two.csv"], "relative 1e-6; error below 1e-8"),
        "by quantity": (["one/one.json"], "by quantity 1e-4 to 0.001"),
        "rows": (["one/one.json"], "absolute 1e-6 to 1e-4"),
        "computed": (["one/one.json"], "relative `1e-3 * unit`".replace("1e-3", "0.001")),
        "same set": (["one/one.json"], "—"),
    }


def test_the_page_lists_what_the_tests_compare():
    page = validation.page(ROOT / "tests")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) > 100
    assert f"{len(rows)} tests in" in page
    assert "lme4 1.1-31" in page
    assert re.search(r"`tests/test_mixed_golden.py`\n\nBy quantity: `criterion` 1e-7, `estimate` 1e-5", page)
    assert re.search(r"\| classic models equal r \| `classic/classic.json` \| .*lme4.* \| by quantity", page)
    assert "ham.csv" not in page, "a table that R was given is none of its numbers"


# --- Status, the first page, the README ---------------------------------------------------------------------------


def test_the_status_is_counted(notebooks):
    page = status.page(notebooks)
    for lesson, lesson_page in notebooks.items():
        assert f"| [{lesson.heading}](notebooks/{lesson.file}) | {budget(lesson_page).minutes:.0f} |" in page
    assert set(status.measured()) == {lesson.name for lesson in lessons.ALL}
    assert all(seconds > 0 for seconds in status.measured().values())
    assert f"| numpy | {status.pins()['numpy']} |" in page
    assert status.version() in page


def test_the_first_page_leads_to_every_lesson():
    page = home.index((HERE / "pages" / "index.md").read_text(encoding="utf-8"), README)
    assert all(f'href="notebooks/{lesson.name}.html"' in page for lesson in lessons.ALL if lesson.name[:2] != "00")
    assert all(f"\nnotebooks/{lesson.name}\n" in page for lesson in lessons.ALL)
    assert "![Left: Gene X" in page
    assert not re.search(r"\b(MAP|TREE|PICTURE)\b", page)


def test_the_readme_keeps_its_parts_but_the_map():
    page = home.readme(README)
    assert slugs([page]) == (slugs([README]) - {"the-map", "from-correlation-to-contrasts"}) | {"install-it-use-it"}


# --- Links ------------------------------------------------------------------------------------------------------


def test_links_are_followed(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="b.html#there">x</a><a href="https://example.org">x</a><a href="#top">x</a>'
        '<img src="b.png" alt=""><a href="b.html">b</a>'
    )
    (tmp_path / "b.html").write_text('<h1 id="there">B</h1>')
    (tmp_path / "b.png").write_bytes(b"")
    assert links.problems(tmp_path) == []


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ('<a href="no.html">x</a>', "'no.html' leads to a file that is not there"),
        ('<a href="a.html#no">x</a>', "'a.html#no' leads to a place that is not on that page"),
        ('<a href="#no">x</a>', "'#no' leads to a place that is not on that page"),
        ('<a href="file:///x.html">x</a>', "leads only somewhere on this machine"),
        ('<a href="http://example.org">x</a>', "is not encrypted"),
        ('<script src="https://example.org/x.js"></script>', "is loaded from outside"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "is loaded from outside"),
        ('<a href="x/">x</a>', "leads to a file that is not there"),
        ('<img src="data:image/png;base64,AA">', "has no words (alt)"),
    ],
)
def test_a_dead_link_is_said(tmp_path, html, says):
    (tmp_path / "a.html").write_text(html)
    (tmp_path / "x").mkdir()
    problems = links.problems(tmp_path)
    assert len(problems) == 1
    assert problems[0].startswith("a.html: ")
    assert says in problems[0]


def test_what_is_heard_has_its_own_name():
    button = '<button class="btn search-button-field x" title="Search" aria-label="Search" data-x="y">'
    arrow = '<summary><span class="toctree-toggle" role="presentation">'
    page = f'{button}{arrow}<summary aria-label="Toggle hidden content"><p>Code: draws</p><summary>In R</summary>'
    found = book_names.mended(page)
    assert button.replace(' aria-label="Search"', "") in found
    assert 'aria-label="Show or hide the pages of this part"><span' in found
    assert found.endswith("<summary><p>Code: draws</p><summary>In R</summary>")


# --- What came along --------------------------------------------------------------------------------------------


def test_what_came_along_has_its_licence():
    for folder, name in ((HERE / "vendor" / "mathjax", "LICENSE"), (ROOT / "tests/browser/vendor", "LICENSE-axe-core")):
        assert len((folder / name).read_text(encoding="utf-8")) > 1000
        assert len(list(folder.glob("*.js"))) == 1


def test_the_workflow_publishes_what_make_book_makes():
    text = (ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action) for action in used), used
    assert "run: make book" in text
    assert "path: book/_build/html" in text
    assert "secrets." not in text
