"""What others install: a wheel that stands alone, every import declared, a missing extra named."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.course import places
from helpers.data import load_modification_lengths
from helpers.mixed import fit_mixed
from helpers.refusals.packages import extra

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
EXTRAS = PROJECT["optional-dependencies"]
FILES = sorted((ROOT / "helpers").rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def names(requirements):
    return {canonicalize_name(Requirement(each).name) for each in requirements}


def imported(node, extras=frozenset()):
    """(module, the extras whose `with extra(…)` it stands in) of every import."""
    if isinstance(node, ast.With):
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        extras = extras | {call.args[0].value for call in calls if getattr(call.func, "id", "") == "extra"}
    if isinstance(node, ast.Import):
        yield from ((alias.name.split(".")[0], extras) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module.split(".")[0], extras
    for child in ast.iter_child_nodes(node):
        yield from imported(child, extras)


def third_party(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [each for each in imported(tree) if each[0] not in {*sys.stdlib_module_names, "helpers"}]


DISTRIBUTIONS = {
    module: set(map(canonicalize_name, found)) for module, found in metadata.packages_distributions().items()
}
ELSEWHERE = {
    # modules that only such code imports as asked for their extra before
    "helpers/cells/parquet.py": {"pyarrow"},
    "helpers/cells/engines.py": {"distributed"},  # there where a Dask cluster's client is
    "helpers/plots/described.py": {"ipython"},  # where a notebook has imported it already
    # what `make lab` runs, with what the Makefile installs for it
    "helpers/course/lab.py": {"jupyterlab"},
    "helpers/course/file_browser.py": {"jupyter-server"},
}


def test_every_import_is_declared():
    """By the core, or by the extra that the import names."""
    found = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in FILES
        for module, extras in third_party(path)
        if not DISTRIBUTIONS[module]
        & names(PROJECT["dependencies"]).union(ELSEWHERE.get(name_of(path), ()), *(names(EXTRAS[e]) for e in extras))
    ]
    assert not found


def test_every_dependency_is_imported():
    modules = {module for path in FILES for module, _ in third_party(path)}
    used = set().union(*(DISTRIBUTIONS[module] for module in modules))
    assert names(PROJECT["dependencies"]) <= used


def test_a_missing_package_names_its_extra():
    with pytest.raises(ImportError) as error, extra("plots", "A figure"):
        import no_such_package  # noqa: F401
    assert str(error.value).startswith(
        "A figure needs the package no_such_package, which is not installed. Install it with the extra 'plots': "
        'pip install "correlation-to-contrasts[plots]".'
    )
    assert error.value.name == "no_such_package"


def test_another_error_within_an_extra_stays_what_it_is():
    with pytest.raises(ImportError, match="cannot import name"), extra("plots", "A figure"):
        from json import no_such_name  # noqa: F401


def test_an_extra_that_code_names_is_one():
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in FILES)
    used = set().union(*(extras for tree in trees for _, extras in imported(tree)))
    assert used == set(EXTRAS) - {"clusters"}  # whose engines the user imports


# --- A wheel --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, unpacked as pip does: no network, nothing of the repository beside it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    installed = folder / "installed"
    command = [
        "uv",
        "pip",
        "install",
        "--offline",
        "--no-deps",
        "--python",
        sys.executable,
        "--target",
        installed,
        file,
    ]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    return installed


def run(code, wheel, without=()):
    """What code prints that finds the wheel's `helpers` first, and none of the modules of `without`."""
    hide = f"import sys; sys.modules.update(dict.fromkeys({sorted(without)!r}))\n"  # None: as if it were not installed
    done = subprocess.run(
        [sys.executable, "-c", hide + code],
        cwd=wheel.parent,
        env=os.environ | {"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


USE = """
import json, pathlib
import helpers.contrasts, helpers.correlation, helpers.counts, helpers.genes
from helpers.cells import collect_cells
from helpers.data import FOLDER, load_modification_lengths, read_table
from helpers.mixed import fit_mixed

def said(part):
    try:
        part()
    except ImportError as error:
        return str(error)

fit = fit_mixed("log(length) ~ condition + (1 | replicate)", load_modification_lengths())
pathlib.Path("x.parquet").write_text("PAR1")
print(json.dumps({
    "file": helpers.__file__,
    "tables": str(FOLDER),
    "estimates": fit.coefficients()["estimate"].tolist(),
    "said": [
        said(lambda: read_table("x.parquet")),
        said(lambda: collect_cells("y ~ x + (1 | g)", "x.parquet")),
        said(lambda: __import__("helpers.plots")),
        said(lambda: __import__("helpers.report.page")),
    ],
}))
"""


def test_a_wheel_works_without_any_extra_and_says_what_each_part_needs(wheel):
    wanted = set().union(*map(names, EXTRAS.values())) - names(PROJECT["dependencies"])
    without = {module for module, distributions in DISTRIBUTIONS.items() if distributions & wanted}
    found = run(USE, wheel, without)
    assert {Path(found["file"]).parents[1], Path(found["tables"]).parents[2]} == {wheel}
    here = fit_mixed("log(length) ~ condition + (1 | replicate)", load_modification_lengths())
    assert found["estimates"] == pytest.approx(here.coefficients()["estimate"].tolist(), rel=1e-12)
    parts = {
        "Reading a Parquet file": "parquet",
        "Reading Parquet files": "parquet",
        "helpers.plots": "plots",
        "A report": "report",
    }
    for text, (what, name) in zip(found["said"], parts.items(), strict=True):
        assert text.startswith(f"{what} needs the package ")
        assert f"correlation-to-contrasts[{name}]" in text


def test_a_wheel_finds_its_templates_and_writes_where_one_stands(wheel):
    code = "import json; from helpers.report import run; print(json.dumps([str(run.TEMPLATES), str(run.REPORTS)]))"
    templates, reports = map(Path, run(code, wheel))
    assert templates.parents[2] == wheel
    assert {file.stem for file in templates.glob("*.ipynb")} == {"correlation", "counts", "mixed_model", "plan"}
    assert reports == wheel.parent / "reports"


def test_a_wheel_holds_every_table_and_every_file_of_helpers(wheel):
    tables = {path.name for path in (ROOT / "data").iterdir() if path.is_file()}
    assert {path.name for path in (wheel / "helpers" / "data" / "tables").iterdir()} == tables
    kept = {
        path.relative_to(ROOT) for path in (ROOT / "helpers").rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    assert {file for file in kept if not (wheel / file).exists()} == set()
    assert not (wheel / "tests").exists()


def test_in_the_repository_the_folders_stand_beside_the_package():
    assert places.repository() == ROOT
    assert places.place("data/tables", "data") == ROOT / "data"


# --- Version, changes, citation -------------------------------------------------------------------------------------

CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_changelog_and_citation_know_the_version():
    assert re.findall(r"^## \[?(\S+?)\]?(?: .*)?$", CHANGES, flags=re.MULTILINE)[0] == PROJECT["version"]
    assert CITATION["version"] == PROJECT["version"]
    assert CITATION["license"] == PROJECT["license"]


def test_the_citation_has_what_its_format_asks_for():
    assert CITATION["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(CITATION)
    assert all({"name", "family-names"} & set(author) for author in CITATION["authors"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(CITATION["date-released"]))


def test_every_module_of_the_changelog_is_there_under_its_new_name():
    table = re.findall(r"^\| `helpers\.([\w.]+)` \| `helpers\.([\w.]+)` \|", CHANGES, flags=re.MULTILINE)
    assert len(table) > 15

    def exists(name):
        path = ROOT.joinpath("helpers", *name.split("."))
        return path.with_suffix(".py").exists() or (path / "__init__.py").exists()

    assert [new for _, new in table if not exists(new)] == []
    assert [old for old, _ in table if exists(old)] == []
