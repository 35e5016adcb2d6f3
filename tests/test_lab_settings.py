"""What JupyterLab is started with: settings that it knows, files that a reader needs, and nothing of the network."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jupyterlab.labapp import LabApp
from slides_of_lessons import show

from helpers.course.file_browser import CourseFiles
from helpers.course.lab import BEHIND_THE_SCENES, SETTINGS, options

ROOT = Path(__file__).parents[1]
SHARED = Path(sys.prefix) / "share" / "jupyter" / "lab"


def test_make_lab_starts_it_in_a_readers_own_copy():
    without_make = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--dry-run", "lab", "ARGS=--no-browser"]
    done = subprocess.run(command, cwd=ROOT, env=without_make, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ".venv/bin/python -m helpers.course lab --no-browser"
    assert "--LabApp.default_url=/lab/tree/my/00_start_here.ipynb" in options(ROOT)


def test_what_is_asked_for_on_the_command_line_comes_last():
    assert options(ROOT, ["--no-browser"])[-1] == "--no-browser"


def test_every_option_is_one_that_jupyterlab_knows():
    app = LabApp()
    for option in options(ROOT):
        name, _, _ = option.removeprefix("--").partition("=")
        kind, _, trait = name.partition(".")
        if kind == "LabApp":
            assert trait in app.trait_names(), option


READERS = json.loads((SETTINGS / "overrides.json").read_text())
SHOWN = show.SETTINGS["settings/overrides.json"]


def test_a_lesson_is_shown_with_a_readers_settings_and_more():
    assert {plugin: SHOWN.get(plugin) for plugin in READERS} == READERS
    assert set(SHOWN) > set(READERS)
    disabled = json.loads((SETTINGS / "page_config.json").read_text())
    assert show.SETTINGS["settings/page_config.json"] == disabled


@pytest.mark.parametrize("overrides", [READERS, SHOWN], ids=["reader", "shown"])
def test_every_setting_is_one_that_jupyterlab_knows(overrides):
    for plugin, settings in overrides.items():
        extension, _, name = plugin.partition(":")
        schema = json.loads((SHARED / "schemas" / extension / f"{name}.json").read_text())
        assert set(settings) <= set(schema["properties"])


def test_behind_the_scenes_is_all_but_what_a_reader_needs():
    command = ["git", "-C", ROOT, "ls-tree", "--name-only", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a repository, as in a downloaded archive")
    assert set(done.stdout.split()) - set(BEHIND_THE_SCENES) == {"README.md", "data"}


@pytest.fixture
def files(tmp_path):
    """What serves the files of a small project."""
    for name in ("my", "my/tests", "notebooks", "helpers", "data", "reports"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").touch()
    (tmp_path / "my table.csv").touch()
    for folder in ("my", "notebooks"):
        (tmp_path / folder / "glossary.md").touch()
    return CourseFiles(root_dir=str(tmp_path))


def model(files, path, **options):
    return asyncio.run(files.get(path, **options))


def test_the_root_lists_what_a_reader_needs(files):
    listed = {each["name"] for each in model(files, "")["content"]}
    assert listed == {"my", "data", "reports", "README.md", "my table.csv"}
    assert {each["name"] for each in model(files, "my")["content"]} == {"tests", "glossary.md"}  # a reader's own names


def test_the_courses_own_pages_open_and_are_not_for_writing(files):
    assert model(files, "notebooks/glossary.md")["writable"] is False
    assert model(files, "my/glossary.md")["writable"] is True
