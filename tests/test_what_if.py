"""A presenter changes a number where the lesson invites it: the lesson goes on, and something after it changes."""

import re
import resource

import pytest
from hygiene import ROOT, build, notebooks, read
from hygiene_lessons import LESSON
from hygiene_reading import output_text
from what_if import changed_notebooks, changes

SECONDS = 30  # of processor a lesson: twice what lesson.md allows, for a processor half as fast
CASES = [
    pytest.param(path, name, changed, id=f"{path.stem}: {name}")
    for path in notebooks(ROOT)
    if re.fullmatch(LESSON, path.stem)
    for name, changed in changed_notebooks(read(path))
]


@pytest.mark.parametrize(("path", "name", "changed"), CASES)
def test_a_change_is_followed_to_the_end(path, name, changed):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    executed = build().execute(changed, path.parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert not build().stderr_of(executed)
    shown, stored = ([output_text(cell) for cell in notebook.cells] for notebook in (executed, read(path)))
    assert shown != stored, f"{name} changes nothing that a reader sees"
    assert after.ru_utime - before.ru_utime < SECONDS


def test_a_line_may_invite_several_changes():
    source = 'left_out = None  # try "C24" or "HP1"\nmice = load()'
    assert changes(source) == ['left_out = "C24"\nmice = load()', 'left_out = "HP1"\nmice = load()']


def test_a_comment_without_try_invites_none():
    assert changes("n = 10  # animals") == []
