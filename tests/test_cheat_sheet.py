"""The cheat sheet of contrasts: every call runs, and every number of a read-out is in what the call returns."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TEXT = (Path(__file__).parents[1] / "notebooks" / "contrast_cheat_sheet.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| `([^|]+)` \| ([^|]+) \|$", TEXT, re.MULTILINE)


@pytest.fixture(scope="module")
def names():
    found = {}
    exec(re.search(r"```python\n(.+?)```", TEXT, re.DOTALL)[1], found)
    return found


def test_there_are_rows():
    assert len(ROWS) >= 8


@pytest.fixture(scope="module")
def results(names):
    """What each call gives; some stand in two rows."""
    return {call: eval(call, names) for call in {call for _, call, _ in ROWS}}


@pytest.mark.parametrize(("question", "call", "reading"), ROWS, ids=[question for question, *_ in ROWS])
def test_the_call_gives_the_numbers_of_its_reading(question, call, reading, results):
    result = results[call]
    values = (
        pd.DataFrame([result] if np.isscalar(result) else result).select_dtypes(["number", "bool"]).to_numpy().ravel()
    )
    assert values.size
    numbers = re.findall(r"[−-]?\d+\.\d+", reading)
    assert numbers or "p = " not in reading
    for written in numbers:
        half_unit = 0.5 * 10.0 ** -len(written.partition(".")[2])
        value = float(written.replace("−", "-"))
        assert np.abs(values - value).min() <= half_unit + 1e-12, f"{written} is not in the result of {call}"
