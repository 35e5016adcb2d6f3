"""Where things stand in `helpers`: its README is true of the imports, and the imports run one way."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import helpers

FOLDER = Path(helpers.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")
ROWS = {
    row[1]: (row[2].strip(), set(re.findall(r"`(\w+)`", row[3])))
    for row in re.finditer(r"^\| `(\w+)` \| (.+?) \|(.*)\|$", README, flags=re.MULTILINE)
}
FILES = sorted(FOLDER.rglob("*.py"))
CORES = [
    *(
        FOLDER / "mixed" / f"{name}.py"
        for name in ("reml", "criterion", "blocked", "stage_derivatives", "structured", "modes", "ddf")
    ),
    *(
        FOLDER / "mixed" / "generalized" / f"{name}.py"
        for name in (
            "likelihoods",
            "random_blocks",
            "conditional_modes",
            "laplace",
            "quadrature",
            "first_guess",
            "ascent",
            "many_outcomes",
        )
    ),
    *(FOLDER / "design" / f"{name}.py" for name in ("crossproducts", "elimination", "sizes")),
    *FOLDER.glob("genes/core/*.py"),
    *FOLDER.glob("moderation/*.py"),
]
ENTRIES_AT_MOST = 20
BEHIND_THE_DESIGN = ("encoder_state", "transform_state", "spec", "translation")


def entry_of(path):
    return path.relative_to(FOLDER).parts[0].removesuffix(".py")


def name_of(path):
    return path.relative_to(FOLDER).as_posix()


def tree_of(path):
    """What runs when the file is imported, and what its functions import then.

    Without the faces: a module's `__getattr__` hands out what stands elsewhere when it is asked for. Without what is
    imported for types alone, too: only a checker reads that.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if getattr(node, "name", "") != "__getattr__" and not for_types(node)]
    return tree


def for_types(node):
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def imports(tree):
    """Module and name of every import from `helpers`, those within functions, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "write the whole name of the module"
            if node.module.split(".")[0] == "helpers":
                yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("helpers."))


def entry_imported(module, name):
    return (*module.split("."), name)[1]


def file_imported(module, name):
    """The file that an import runs: of a module that is a name of its package, else of the package."""
    place = FOLDER.parent.joinpath(*module.split("."))
    for found in (place / f"{name}.py", place / name / "__init__.py", place.with_suffix(".py"), place / "__init__.py"):
        if found.is_file():
            return found
    raise AssertionError(f"{module} is no module")


def imported_anywhere(path):
    """The packages whose modules a file imports, helpers' own with their file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module if node.module.startswith("helpers") else node.module.split(".")[0]


# --- README ---------------------------------------------------------------------------------------------------------


def test_every_entry_has_a_row_and_every_row_an_entry():
    entries = {entry_of(path) for path in FILES} - {"__init__"}
    assert set(ROWS) == entries
    assert len(entries) <= ENTRIES_AT_MOST
    assert all(meaning for meaning, _ in ROWS.values())


@pytest.mark.parametrize("entry", ROWS)
def test_an_entry_imports_what_its_row_allows(entry):
    found = {
        entry_imported(module, name): name_of(path)
        for path in FILES
        if entry_of(path) == entry
        for module, name in imports(tree_of(path))
    }
    assert set(found) - {entry} <= ROWS[entry][1], found


def test_the_picture_puts_who_imports_above_what_is_imported():
    picture = re.search(r"```text\n(.*?)```", README, flags=re.DOTALL)[1]
    height = {name: -row for row, line in enumerate(picture.splitlines()) for name in re.findall(r"[a-z]{2,}", line)}
    assert set(height) == set(ROWS)
    wrong = [(entry, other) for entry, (_, may) in ROWS.items() for other in may if height[entry] <= height[other]]
    assert not wrong


@pytest.mark.parametrize("path", re.findall(r"`([\w/]+\.py|[\w/]+/core)`", README))
def test_a_file_that_the_readme_names_is_there(path):
    assert (FOLDER / path).exists() or (FOLDER.parent / path).exists()


# --- Imports --------------------------------------------------------------------------------------------------------


def test_no_file_imports_itself_through_others():
    graph = {path: {file_imported(*each) for each in imports(tree_of(path))} - {path} for path in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(map(name_of, error.args[1])))


def test_private_names_stay_in_their_entry():
    found = [
        f"{name_of(path)}: {module}.{name}"
        for path in FILES
        for module, name in imports(tree_of(path))
        if entry_imported(module, name) != entry_of(path)
        and any(part.startswith("_") for part in (*module.split("."), name))
    ]
    assert not found


def test_a_module_goes_by_its_own_name():
    """`reml as estimation` hides from a search what is called."""
    found = [
        f"{name_of(path)}: {alias.name} as {alias.asname}"
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("helpers")
        for alias in node.names
        if alias.asname and alias.asname != alias.name
    ]
    assert not found


@pytest.mark.parametrize("path", CORES, ids=name_of)
def test_numerical_cores_import_numpy_and_scipy_only(path):
    allowed = {"numpy", "scipy", "math", "dataclasses", "functools", "itertools", "collections", "typing", "__future__"}
    own = {f"helpers.{name_of(core).removesuffix('.py').replace('/', '.')}" for core in CORES}
    assert not set(imported_anywhere(path)) - allowed - own - {"helpers.threads"}


# --- Names ----------------------------------------------------------------------------------------------------------


def test_a_file_name_occurs_once():
    names = Counter(path.stem for path in FILES if not path.stem.startswith("__"))
    names.update(path.name for path in {path.parent for path in FILES} if path != FOLDER)
    for template in ("correlation", "counts"):  # the package, and its template's in `report`
        names[template] -= 1
    assert not [name for name, times in names.items() if times > 1]


def test_no_function_hides_a_module_of_its_package():
    packages = [helpers, *(each for each in pkgutil.walk_packages([str(FOLDER)], "helpers.") if each.ispkg)]
    hidden = []
    for package in packages[1:]:
        loaded = importlib.import_module(package.name)
        for module in pkgutil.iter_modules(loaded.__path__):
            if not isinstance(getattr(loaded, module.name, importlib), type(importlib)):
                hidden.append(f"{package.name}.{module.name}")
    assert not hidden


def test_formulaic_is_read_in_design_alone():
    found = [
        f"{name_of(path)}:{node.lineno}: .{node.attr}"
        for path in FILES
        if entry_of(path) != "design"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in BEHIND_THE_DESIGN
    ]
    assert not found
    other = [name_of(path) for path in FILES if entry_of(path) != "design" and "formulaic" in imported_anywhere(path)]
    assert other == ["contrasts/statsmodels_fits.py"]  # a fit of statsmodels brings a formula of its own
