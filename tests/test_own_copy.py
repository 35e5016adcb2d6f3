"""A reader's own copy: nothing they wrote is lost, what they did not touch is renewed, and git sees none of it."""

import json
import os
import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from hygiene import build
from hygiene_reading import links, markdown_in, read

from helpers.course import APPENDIX, LESSONS, __main__
from helpers.course.own_copy import RECORD, fresh, pages_of, renew

ROOT = Path(__file__).parents[1]
SOURCE = "# %% [markdown]\n# # {title}\n\n# %%\nanswer = ...\n\n# %%\n1 + 1\n"
LESSON, OTHER, TEMPLATE = "01_correlation.ipynb", "02_ten_mice.ipynb", "templates/plan.ipynb"


def write_source(root, name, text):
    """A source and the notebook that is built from it, without the outputs."""
    source = root / "notebooks" / "source" / f"{name}.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text)
    target = root / "notebooks" / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    dump(target, dict(build().notebook_from_source(source)))


@pytest.fixture
def root(tmp_path):
    """A small course: each lesson of the list with a cell to answer in, a template, a page of solutions, a glossary."""
    folder = tmp_path / "course"
    for lesson in (*LESSONS, *APPENDIX):
        write_source(folder, lesson.name, SOURCE.format(title=lesson.title))
    write_source(folder, "templates/plan", SOURCE.format(title="Plan"))
    write_source(folder, "solutions/solutions_01", SOURCE.format(title="Solutions"))
    (folder / "notebooks" / "glossary.md").write_text("# Glossary\n")
    return folder


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def dump(path, notebook):
    path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")


def run_and_save(page):
    """What JupyterLab makes of a page that was run and saved, and nothing was typed in."""
    notebook = load(page)
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.99"}
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
        cell["metadata"]["scrolled"] = True
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["other digits\n"]}]
    empty = {"cell_type": "code", "id": "last", "source": [], "metadata": {}, "outputs": [], "execution_count": None}
    dump(page, notebook | {"cells": [*notebook["cells"], empty]})


def answer(page, text="answer = 42\n"):
    """Type an answer, run, save."""
    run_and_save(page)
    notebook = load(page)
    notebook["cells"][1]["source"] = [text]
    dump(page, notebook)


def change_course(root, name=LESSON, title="Newer"):
    write_source(root, name.removesuffix(".ipynb"), SOURCE.format(title=title))


def heading(page):
    return "".join(load(page)["cells"][0]["source"])


def files_of(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb")}


# --- What is laid -----------------------------------------------------------------------------------------------------


def test_the_copy_mirrors_the_course_and_is_announced_once(root):
    (root / "notebooks" / "01_correlation-Copy1.ipynb").write_text("a reader's own")
    assert renew(root) == ["The folder my is your own copy of the course: write in it as you like."]
    assert {*files_of(root / "my"), "glossary.md"} == set(pages_of(root))
    assert {LESSON, TEMPLATE, "solutions/solutions_01.ipynb"} < files_of(root / "my")
    for page in pages_of(root):
        assert (root / "my" / page).read_bytes() == (root / "notebooks" / page).read_bytes()
    assert renew(root) == []


def test_the_course_as_it_is_has_every_page_and_names_that_any_system_takes():
    pages = pages_of(ROOT)
    assert {lesson.file for lesson in (*LESSONS, *APPENDIX)} < set(pages)
    assert {"glossary.md", "contrast_cheat_sheet.md", "templates/counts.ipynb", "solutions/solutions_12.ipynb"} < {
        *pages
    }
    assert not [page for page in pages if not re.fullmatch(r"[\w/]+\.(ipynb|md)", page)]


@pytest.mark.parametrize("page", pages_of(ROOT))
def test_every_link_is_found_from_a_readers_own_copy(page):
    """Beside the page in `my`, or in the rest of the project, where nothing was mirrored."""
    path = ROOT / "notebooks" / page
    texts = [path.read_text()] if path.suffix == ".md" else [t for c in read(path).cells for t in markdown_in(c)]
    for link in {link.split("#")[0] for text in texts for link in links(text)}:
        if link and "://" not in link and not link.startswith("mailto:"):
            target = PurePosixPath(os.path.normpath(PurePosixPath("my") / PurePosixPath(page).parent / link))
            assert target.parts[0] != "notebooks", f"{link} leads out of a reader's own copy"
            in_copy = target.parts[0] == "my" and target.relative_to("my").as_posix() in pages_of(ROOT)
            assert in_copy or (ROOT / target).exists(), f"{link} is not found"


# --- What is renewed, and what is kept --------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [lambda page: None, run_and_save], ids=["never opened", "run and saved"])
def test_a_page_without_a_word_of_the_readers_is_renewed(root, before):
    renew(root)
    before(root / "my" / LESSON)
    change_course(root)
    assert renew(root) == ["The course has changed. Renewed in my, where you had written nothing: 1 page."]
    assert heading(root / "my" / LESSON) == "# Newer"


def test_a_saved_run_stays_while_the_course_does(root):
    renew(root)
    run_and_save(root / "my" / LESSON)
    saved = (root / "my" / LESSON).read_bytes()
    assert renew(root) == []
    assert (root / "my" / LESSON).read_bytes() == saved


def test_an_answer_is_kept_and_the_new_page_laid_beside_it(root):
    renew(root)
    answer(root / "my" / LESSON)
    mine = (root / "my" / LESSON).read_bytes()
    change_course(root)
    assert renew(root) == [
        "The course has a newer version of my/01_correlation.ipynb. You have written in yours, so it stays as it is, "
        "and the new one is beside it: my/01_correlation-new.ipynb."
    ]
    assert (root / "my" / LESSON).read_bytes() == mine
    assert heading(root / "my" / "01_correlation-new.ipynb") == "# Newer"
    assert renew(root) == []


def test_the_page_beside_is_renewed_unless_it_has_an_answer_too(root):
    renew(root)
    answer(root / "my" / LESSON)
    change_course(root)
    renew(root)
    change_course(root, title="Newer still")
    renew(root)
    beside = root / "my" / "01_correlation-new.ipynb"
    assert heading(beside) == "# Newer still"
    answer(beside)
    mine = beside.read_bytes()
    change_course(root, title="Newest")
    assert "my/01_correlation-new-2.ipynb" in renew(root)[0]
    assert beside.read_bytes() == mine
    assert heading(root / "my" / "01_correlation-new-2.ipynb") == "# Newest"


def test_new_outputs_alone_lay_nothing_beside_an_answer(root):
    renew(root)
    answer(root / "my" / LESSON)
    notebook = load(root / "notebooks" / LESSON)
    notebook["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["2\n"]}]
    dump(root / "notebooks" / LESSON, notebook)
    assert renew(root) == []
    assert "01_correlation-new.ipynb" not in files_of(root / "my")


def test_a_text_that_was_written_in_is_kept_and_line_ends_are_no_writing(root):
    renew(root)
    glossary = root / "my" / "glossary.md"
    glossary.write_bytes(b"# Glossary\r\n")
    (root / "notebooks" / "glossary.md").write_text("# Glossary\n\nnew\n")
    renew(root)
    assert "new" in glossary.read_text()
    glossary.write_text("mine")
    (root / "notebooks" / "glossary.md").write_text("# Glossary\n\nnewer\n")
    assert "my/glossary-new.md" in renew(root)[0]
    assert glossary.read_text() == "mine"


def test_a_page_that_the_course_no_longer_has_goes_unless_it_was_written_in(root):
    renew(root)
    answer(root / "my" / LESSON)
    for page in (LESSON, OTHER):
        (root / "notebooks" / page).unlink()
        (root / "notebooks" / "source" / page).with_suffix(".py").unlink()
    assert renew(root) == [
        "my/01_correlation.ipynb is no longer part of the course. You have written in yours, so it stays."
    ]
    assert (root / "my" / LESSON).exists()
    assert not (root / "my" / OTHER).exists()
    assert renew(root) == []


def test_a_deleted_page_comes_back_and_a_damaged_one_is_kept(root):
    renew(root)
    (root / "my" / LESSON).unlink()
    (root / "my" / OTHER).write_text('{"cells": [ my answer was 42')
    change_course(root, OTHER)
    renew(root)
    assert (root / "my" / LESSON).exists()
    assert "42" in (root / "my" / OTHER).read_text()
    assert "02_ten_mice-new.ipynb" in files_of(root / "my")


@pytest.mark.parametrize("content", [None, "{", "[]", '{"01_correlation.ipynb": 3}'])
def test_without_its_record_no_answer_is_lost(root, content):
    renew(root)
    run_and_save(root / "my" / OTHER)
    answer(root / "my" / LESSON)
    mine = (root / "my" / LESSON).read_bytes()
    record = root / "my" / RECORD
    record.unlink() if content is None else record.write_text(content)
    assert "my/01_correlation-new.ipynb" in renew(root)[-1]
    assert (root / "my" / LESSON).read_bytes() == mine
    assert "02_ten_mice-new.ipynb" not in files_of(root / "my")


def test_answers_that_stand_in_the_courses_own_folder_come_along_and_stay(root):
    """As those of whoever began before there was a copy of their own."""
    answer(root / "notebooks" / LESSON)
    renew(root)
    mine = (root / "my" / LESSON).read_bytes()
    change_course(root)
    assert "my/01_correlation-new.ipynb" in renew(root)[-1]
    assert (root / "my" / LESSON).read_bytes() == mine


# --- A clean copy -----------------------------------------------------------------------------------------------------


def test_a_clean_copy_keeps_the_answers_under_another_name(root):
    renew(root)
    for kept in ("01_correlation-old.ipynb", "01_correlation-old-2.ipynb"):
        answer(root / "my" / LESSON)
        mine = (root / "my" / LESSON).read_bytes()
        assert (
            fresh(root, "1") == f"my/01_correlation.ipynb is a clean copy. What you had written is kept as my/{kept}."
        )
        assert (root / "my" / kept).read_bytes() == mine
        assert (root / "my" / LESSON).read_bytes() == (root / "notebooks" / LESSON).read_bytes()
    assert renew(root) == []


def test_a_clean_copy_of_a_page_that_was_only_run_keeps_nothing(root):
    renew(root)
    run_and_save(root / "my" / LESSON)
    assert fresh(root, "01") == "my/01_correlation.ipynb is a clean copy."
    assert (root / "my" / LESSON).read_bytes() == (root / "notebooks" / LESSON).read_bytes()


def test_a_clean_copy_takes_the_place_of_the_newer_one_beside(root):
    renew(root)
    answer(root / "my" / LESSON)
    change_course(root)
    renew(root)
    fresh(root, "01")
    assert heading(root / "my" / LESSON) == "# Newer"
    assert {each for each in files_of(root / "my") if "correlation" in each} == {LESSON, "01_correlation-old.ipynb"}
    assert renew(root) == []


@pytest.mark.parametrize(
    ("asked", "page"),
    [("3", "03_linear_models"), ("03", "03_linear_models"), ("03_linear_models.ipynb", "03_linear_models"),
     ("A1", "A1_mixed_models_by_hand"), ("a1", "A1_mixed_models_by_hand"), ("plan", "templates/plan")],
)  # fmt: skip
def test_a_lesson_is_called_by_number_or_name(root, asked, page):
    assert fresh(root, asked) == f"my/{page}.ipynb is a clean copy."


@pytest.mark.parametrize(
    ("asked", "said"),
    [("99", "There is no lesson '99'."), ("A9", "There is no lesson 'A9'."), ("", "Which lesson?")],
)  # fmt: skip
def test_a_lesson_that_is_not_there_gets_a_sentence(root, asked, said, monkeypatch, capsys):
    monkeypatch.setattr(__main__, "repository", lambda: root)
    monkeypatch.setenv("LESSON", asked)  # as make hands it over
    assert __main__.main(["fresh"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"{said} Write its number, such as make fresh LESSON=03. There are 00, 01, 02")
    assert printed.endswith("A1, A2, A3.\n")
    assert not (root / "my").exists()


def test_the_command_lays_a_clean_copy_and_explains_itself(root, monkeypatch, capsys):
    monkeypatch.setattr(__main__, "repository", lambda: root)
    assert __main__.main(["fresh", "03"]) == 0
    assert capsys.readouterr().out == "my/03_linear_models.ipynb is a clean copy.\n"
    assert __main__.main([]) == 2
    assert "python -m helpers.course lab" in capsys.readouterr().out
    monkeypatch.setattr(__main__, "repository", lambda: None)
    assert __main__.main(["lab"]) == 2
    assert "Get the folder of the course" in capsys.readouterr().err


# --- Git --------------------------------------------------------------------------------------------------------------


def git(folder, *arguments):
    settings = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    nobody = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", folder, *nobody, *arguments]
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=True).stdout


def test_after_every_page_was_read_and_saved_git_is_clean_and_pulls(root, tmp_path):
    """A bare repository stands for where the course is published, a clone for the reader's folder."""
    (root / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "The course")
    published, reader = tmp_path / "published.git", tmp_path / "reader"
    git(tmp_path, "clone", "--quiet", "--bare", root, published)
    git(tmp_path, "clone", "--quiet", published, reader)

    renew(reader)
    for page in pages_of(reader):
        if page.endswith(".ipynb"):
            run_and_save(reader / "my" / page)
    answer(reader / "my" / LESSON)
    mine = (reader / "my" / LESSON).read_bytes()
    assert git(reader, "status", "--porcelain") == ""

    for page in (LESSON, OTHER):
        change_course(root, page)
    git(root, "commit", "--quiet", "--all", "--message", "Two lessons changed")
    git(root, "push", "--quiet", published, "HEAD")
    git(reader, "pull", "--quiet", "--ff-only")

    said = renew(reader)
    assert said[0] == "The course has changed. Renewed in my, where you had written nothing: 1 page."
    assert "my/01_correlation-new.ipynb" in said[1]
    assert heading(reader / "my" / OTHER) == "# Newer"
    assert (reader / "my" / LESSON).read_bytes() == mine
    assert git(reader, "status", "--porcelain") == ""
