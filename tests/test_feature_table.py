"""The table of features in `helpers/mixed/README.md`: its calls exist, and its tests do."""

import inspect
import re
from pathlib import Path

import pytest

import helpers.mixed
from helpers.mixed import MixedFit, fit_mixed

TEXT = (Path(helpers.mixed.__file__).parent / "README.md").read_text(encoding="utf-8")
CELL = r"((?:[^|\\]|\\.)+)"  # a bar within a cell is written \|
ROWS = re.findall(rf"^\| {CELL} \| {CELL} \| `(test_\w+\.py)` \|$", TEXT, re.MULTILINE)


def test_there_are_rows():
    assert len(ROWS) == TEXT.count("test_")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1][:40])
def test_what_a_row_names_is_there(row):
    _, here, test = row
    assert Path(__file__).with_name(test).is_file()
    calls = re.findall(r"fit\.(\w+)\(([^)]*)\)", here)
    for name, arguments in calls:
        known = inspect.signature(getattr(MixedFit, name)).parameters
        assert set(re.findall(r"(\w+)=", arguments)) <= set(known)
    assert all(hasattr(MixedFit, name) or name in MixedFit.__annotations__ for name in re.findall(r"fit\.(\w+)", here))
    for arguments in re.findall(r"fit_mixed\(([^)]*)\)", here):
        assert set(re.findall(r", (\w+)=", arguments)) <= set(inspect.signature(fit_mixed).parameters)
