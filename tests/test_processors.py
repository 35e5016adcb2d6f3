"""The re-run on other processors reports a cell whose output depends on them, and no other; and it knows its limits."""

import os
import platform
import subprocess
import sys

import nbformat
import numpy as np
import processors
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from processors import SETTINGS, compare, environment_of, own_environment, probe, to_disable, what_runs, without_effect

from helpers.hypotheses.simultaneous import max_t_p_value, pairwise_correlation

is_x86 = platform.machine().lower() in ("x86_64", "amd64")
on_x86 = pytest.mark.skipif(not is_x86, reason="an x86-64 processor can imitate others, this one cannot")
LAST_DIGITS = """\
import hashlib
import numpy as np
a = np.random.default_rng(1).normal(size=(300, 300))
product = a @ a
print(hashlib.sha256(product.tobytes()).hexdigest())"""
ROUNDED = "print(f'{product.std():.3f}')"


@pytest.fixture(scope="module")
def own():
    return probe(own_environment())


@pytest.fixture
def planted(tmp_path):
    """A notebook of which cell 0 shows last digits and cell 1 rounds them, with the outputs of this processor.

    They are computed by a new process, because this one may have been told to compute as another processor would.
    """
    own_way = own_environment() | {"OPENBLAS_NUM_THREADS": "1"}
    code = [sys.executable, "-c", f"{LAST_DIGITS}\n{ROUNDED}"]
    printed = subprocess.run(code, env=own_way, capture_output=True, text=True, check=True).stdout.splitlines()
    cells = [
        new_code_cell(source, execution_count=count, outputs=[new_output("stream", text=f"{text}\n")])
        for count, (source, text) in enumerate(zip((LAST_DIGITS, ROUNDED), printed, strict=True), 1)
    ]
    path = tmp_path / "planted.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@on_x86
def test_last_digits_are_reported_and_rounded_numbers_are_not(planted, own):
    other = "nehalem" if set(own["kernels"]) & {"Prescott", "Katmai"} else "oldest"
    cells, report = compare(environment_of(SETTINGS[other], own), [planted], jobs=1)
    assert cells == ["planted.ipynb::Cell 0"], report
    assert "mismatch 'stdout'" in report


def test_the_command_prints_the_cell_and_fails(planted, monkeypatch, capsys):
    def differs(environment, notebooks, jobs):
        return ["planted.ipynb::Cell 0"], "the difference"

    monkeypatch.setattr(processors, "compare", differs)
    assert processors.main(["own", "--notebooks", str(planted)]) == 1
    assert capsys.readouterr().out.endswith("1 cells differ\nthe difference\n\nown:\n  planted.ipynb::Cell 0\n")
    monkeypatch.setattr(processors, "compare", lambda *given: ([], "all passed"))
    assert processors.main(["own", "--notebooks", str(planted)]) == 0
    assert capsys.readouterr().out.endswith("no cell differs\n")


def test_a_run_that_compares_nothing_is_no_success(tmp_path, own):
    with pytest.raises(RuntimeError, match="nothing was compared"):
        compare(environment_of(SETTINGS["own"], own), [tmp_path / "no.ipynb"], jobs=1)


def test_every_notebook_with_a_source_is_compared():
    names = {path.relative_to(processors.ROOT / "notebooks").with_suffix("").as_posix() for path in every()}
    sources = processors.ROOT / "notebooks" / "source"
    assert names == {path.relative_to(sources).with_suffix("").as_posix() for path in sources.rglob("[0-9A-Za-z]*.py")}


def every():
    return processors.all_notebooks()


# --- What is asked takes effect, or is left out ---------------------------------------------------------------


@on_x86
@pytest.mark.parametrize("name", ["oldest", "nehalem"])
def test_the_libraries_take_over_what_any_x86_processor_can(name, own):
    setting = SETTINGS[name]
    found = probe(environment_of(setting, own))  # stops at NumPy's warning about a name that it does not know
    assert without_effect(setting, found, own["chosen_at_run_time"]) is None
    assert found["libraries"] >= 2  # NumPy and SciPy bring one each
    assert not set(found["has"]) & set(own["chosen_at_run_time"])


def found(**changes):
    return {"kernels": ["Haswell"], "threads": [1], "has": ["X86_V3"], "chosen_at_run_time": ["X86_V3"]} | changes


@pytest.mark.parametrize(
    ("says", "disabled", "reason"),
    [
        (found(), [], None),
        (
            found(kernels=["Haswell", "SkylakeX"]),
            [],
            "asked for the kernel Haswell, linear algebra uses Haswell and Sky",
        ),
        (found(threads=[1, 2]), [], "asked for 1 threads, linear algebra uses 1 and 2"),
        (found(), ["X86_V3"], "NumPy still uses X86_V3"),
    ],
)
def test_a_setting_without_effect_is_seen(says, disabled, reason):
    answer = without_effect(SETTINGS["haswell"], says, disabled)
    assert answer is None if reason is None else answer.startswith(reason)


def test_numpy_is_asked_only_for_names_that_it_chooses_among():
    names = ["X86_V3", "X86_V4", "AVX512_ICL"]
    assert to_disable(processors.ALL, names) == names
    assert to_disable(processors.AVX512, names) == names[1:]
    assert to_disable(processors.AVX512, ["AVX2", "FMA3", "AVX512F"]) == ["AVX512F"]
    assert to_disable(processors.NOTHING, names) == []


def test_what_cannot_be_imitated_or_is_the_same_is_left_out_and_said(monkeypatch, capsys, own):
    old = own | {"has": ["SSE3"]}
    same = found(kernels=["Nehalem"], has=["SSE3"])
    monkeypatch.setattr(processors, "probe", lambda environment: same)
    runs = what_runs(["own", "nehalem", "haswell", "own-2-threads"], old)
    assert [name for name, *_ in runs] == ["own", "nehalem"]
    printed = capsys.readouterr().out
    assert "haswell: left out: this processor has no AVX2" in printed
    assert "own-2-threads: left out: asked for 2 threads, linear algebra uses 1" in printed
    assert [name for name, *_ in what_runs(["own", "own"], old)] == ["own", "own"]
    assert what_runs(["nehalem"], found(has=["ASIMD"])) == []
    assert "only an x86-64 processor can imitate another one" in capsys.readouterr().out


def test_where_nothing_can_be_imitated_the_command_fails(monkeypatch, capsys):
    monkeypatch.setattr(processors, "probe", lambda environment: found(has=["ASIMD"]))
    assert processors.main(["oldest"]) == 2
    assert "nothing was compared" in capsys.readouterr().out


# --- The suite itself runs so ---------------------------------------------------------------------------------


def test_warnings_are_errors_but_numpys_note_about_a_feature_is_not(tmp_path):
    """NumPy warns on import of each name that it does not choose among; which those are changes with its version."""
    test = tmp_path / "test_import.py"
    settings = ["-c", processors.ROOT / "pyproject.toml", "--rootdir", tmp_path, "-o", "addopts="]
    for text, status in [("import numpy", 0), ("import warnings; warnings.warn('other', ImportWarning)", 1)]:
        test.write_text(f"def test_it():\n    {text}\n")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *settings, test],
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
            | {"NPY_DISABLE_CPU_FEATURES": "NO_SUCH_FEATURE"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done.stdout


# --- What had depended on the processor -----------------------------------------------------------------------


@pytest.mark.parametrize("df", [3.0, np.inf])
def test_a_multivariate_t_does_not_depend_on_last_digits(df):
    """Equal eigenvalues, as those of all pairs of means, come in any order; no p-value may follow them."""
    correlation, statistics = pairwise_correlation(4), [0.7, 1.9, 2.6]
    first = max_t_p_value(statistics, correlation, [df] * 3)
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(scale=1e-15, size=correlation.shape)
        again = max_t_p_value(statistics, correlation + noise + noise.T, [df] * 3)
        np.testing.assert_allclose(again, first, rtol=1e-9)
