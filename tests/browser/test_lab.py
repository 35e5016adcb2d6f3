"""The course in JupyterLab, as `make lab` opens it and a reader uses it."""

import ast
import json
import re
import subprocess
import sys

import pytest
from running_lab import environment_of, git, printed, requests_to_others, source_of, trouble
from what_if import changes

from helpers.course import APPENDIX, LESSONS
from helpers.exercises import exercise
from helpers.exercises.solutions import code_of

LESSON_PAGES = [lesson.file for lesson in (*LESSONS, *APPENDIX)]
CHECK = re.compile(r'check\("([\d.]+)", answer\)')


def number_of(cells, text):
    """The place of the one cell whose source holds this text."""
    (found,) = [number for number, cell in enumerate(cells) if text in source_of(cell)]
    return found


def listed(page):
    """The names that the file browser shows."""
    return page.locator(".jp-DirListing-itemText").all_inner_texts()


def open_listed(page, name):
    """Double-click on a name of the file browser."""
    page.locator(".jp-DirListing-itemText").get_by_text(name, exact=True).dblclick()


def answers_given_away(cells):
    """The solutions' own answers that a reader can see without asking."""
    names = [name for cell in cells for name in CHECK.findall(source_of(cell))]
    seen = json.dumps([source_of(cell) for cell in cells] + [printed(cell) for cell in cells])
    return [answer for name in names for answer in answers_of(code_of(name)) if json.dumps(answer)[1:-1] in seen]


def answers_of(code):
    """The statements that set an answer, each as it stands."""
    statements = [ast.get_source_segment(code, line) for line in ast.parse(code).body]
    return [statement for statement in statements if statement.startswith("answer = ")]


def test_make_labs_address_opens_the_map_and_a_readers_own_pages(page, lab):
    page.goto(lab.address)
    lab.wait_for(page, LESSONS[0].file)
    pages = [*LESSON_PAGES, "contrast_cheat_sheet.md", "glossary.md"]
    assert listed(page) == ["solutions", "templates", *pages]
    page.locator(".jp-BreadCrumbs-home").click()
    page.get_by_text("README.md").wait_for()
    assert listed(page) == ["data", "my", "README.md"]


def test_nothing_is_asked_of_the_network_and_no_news_are_shown(page, lab):
    page.goto(lab.address)
    lab.wait_for(page, LESSONS[0].file)
    page.wait_for_timeout(5000)  # news are asked for some seconds after the start
    assert not requests_to_others(page)
    assert not [asked for asked in page.requested if re.search("/lab/api/(news|update|extensions)", asked)]
    assert not page.locator(".Toastify__toast").count()
    assert not (lab.root.parent / "home" / ".npm").exists()


@pytest.mark.parametrize("name", LESSON_PAGES)
def test_a_lesson_runs_and_gives_no_solution_away(page, lab, name):
    lab.open(page, name)
    lab.run_all(page)
    cells = lab.cells(page)
    lab.save(page)
    lab.end_kernel(page)
    course, saved = (json.loads((lab.root / folder / name).read_text())["cells"] for folder in ("notebooks", "my"))
    assert not trouble(cells)
    assert [printed(cell) for cell in cells] == [printed(cell) for cell in saved] == [printed(cell) for cell in course]
    assert not answers_given_away(cells)
    assert not answers_given_away(saved)
    assert not requests_to_others(page)
    assert git(lab.root, "status", "--porcelain") == ""


def test_an_exercise_replies_the_solution_comes_when_asked_for_and_the_map_knows(page, lab):
    name, asked = LESSONS[1].file, "1.1"
    lab.open(page, name)
    number = number_of(lab.cells(page), f'check("{asked}"')
    lab.run_above(page, number)
    check = f'check("{asked}", answer)'
    wrong, hint = exercise(asked).wrong[0]
    assert lab.run(page, number, f"answer = {float(wrong)}\n{check}") == f"Not yet. {hint}\n"
    assert lab.run(page, number, f"{code_of(asked)}\n{check}") == f"Right. {exercise(asked).explanation}\n"
    lab.select(page, number)
    page.keyboard.press("b")  # a new cell below
    assert code_of(asked) in lab.run(page, number + 1, f'solution("{asked}")')
    lab.save(page)
    lab.end_kernel(page)

    lab.open(page, LESSONS[0].file)
    number = number_of(lab.cells(page), "where_to_go_on()")
    lab.run(page, number)
    shown = page.get_by_text("Go on with")
    assert shown.inner_text() == f"Go on with {LESSONS[1].heading}: 1 of 4 exercises right."
    shown.get_by_role("link").click()
    lab.wait_for(page, LESSONS[1].file)
    lab.end_kernel(page)


def test_reopened_after_an_answer_a_page_gives_no_other_solution_away(page, lab):
    name = LESSONS[3].file
    lab.open(page, name)
    number = number_of(lab.cells(page), 'check("3.1"')
    lab.run_above(page, number)
    lab.run(page, number, 'solution("3.1")\ncheck("3.1", answer)')
    lab.write(page, number, 'answer = ...\ncheck("3.1", answer)')
    lab.run_all(page)
    lab.save(page)
    lab.open(page, name)
    cells = lab.cells(page)
    assert printed(cells[number]).startswith("Not attempted")
    assert not answers_given_away(cells)
    lab.end_kernel(page)


def test_a_what_if_is_followed_to_the_end(page, lab):
    lab.open(page, LESSONS[1].file)
    before = lab.cells(page)
    number = next(place for place, cell in enumerate(before) if "what-if" in cell["metadata"].get("tags", []))
    lab.run_above(page, number)
    lab.write(page, number, changes(source_of(before[number]))[0])
    lab.choose(page, "Run", "Run Selected Cell and All Below")
    lab.wait_until_idle(page, number)
    after = lab.cells(page)
    assert not trouble(after)
    assert [printed(cell) for cell in after[number:]] != [printed(cell) for cell in before[number:]]
    lab.end_kernel(page)


def test_a_template_runs_from_the_file_browser_and_its_report_opens(page, lab):
    lab.open(page, LESSONS[0].file)
    lab.end_kernel(page)
    open_listed(page, "templates")
    open_listed(page, "correlation.ipynb")
    lab.wait_for(page, "templates/correlation.ipynb")
    lab.run_all(page)
    assert not trouble(lab.cells(page))
    lab.end_kernel(page)

    parameters = ["TEMPLATE=correlation", "DATA=data/mouse_scores.csv", "OUTCOME=gene_x", "COLUMNS=urea"]
    command = [sys.executable, "-m", "helpers.report", *parameters]
    variables = environment_of(lab.root, lab.root.parent / "home")
    done = subprocess.run(command, cwd=lab.root, env=variables, capture_output=True, text=True, check=True)
    report = lab.root / done.stdout.strip().splitlines()[-1]
    page.locator(".jp-BreadCrumbs-home").click()
    for name in report.relative_to(lab.root).parts:
        open_listed(page, name)
    shown = page.frame_locator(".jp-HTMLViewer iframe")
    shown.get_by_role("heading", level=1).wait_for()
    assert "correlation" in shown.get_by_role("heading", level=1).inner_text().lower()
    assert not requests_to_others(page)


def test_a_link_to_the_glossary_opens_it_to_be_read(page, lab):
    lab.open(page, LESSONS[0].file)
    lab.end_kernel(page)
    page.get_by_role("link", name="glossary", exact=True).first.click()
    page.locator(".jp-MarkdownViewer h1", has_text="Glossary").wait_for()
