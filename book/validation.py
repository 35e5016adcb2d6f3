"""What is compared with R, and how closely: read from the tests themselves.

A test is listed when it reads a file of ``tests/reference``, itself or through the functions and fixtures of its
module. Its tolerances are those of the comparisons found in the same way; the packages of R are those that the scripts
beside the file load. Where a tolerance is computed, it is shown as the test writes it.
"""

import ast
import re
from dataclasses import dataclass, field

import numpy as np

KINDS = {"rtol": "relative", "rel": "relative", "atol": "absolute", "abs": "absolute"}
DEFAULTS = {"assert_allclose": ("relative", 1e-7), "approx": ("relative", 1e-6)}  # NumPy's and pytest's own
ERROR = re.compile(r"\b(abs|max|relative|error|errors|gap|worst)\b| - ")  # what is held below a bound
TABLE = re.compile("^TOLERANCES?$")  # a constant that holds one tolerance for each quantity
LOADED = re.compile(r"(?:library|require)\((\w+)\)|\b(\w+)::")
NO_METHOD = {"jsonlite", "parallel", "utils", "base", "stats", "methods"}  # R itself, and what writes its numbers


@dataclass
class Comparison:
    """One test, the reference files that it reads, and its tolerances by kind."""

    test: str
    files: set = field(default_factory=set)
    tolerances: dict = field(default_factory=dict)

    @property
    def question(self):
        """The test's name as words: ``TestHam.test_marginal_means`` is *Ham: marginal means*."""
        group, _, name = self.test.rpartition(".")
        words = name.removeprefix("test_").replace("_", " ")
        return f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', group.removeprefix('Test'))}: {words}" if group else words

    @property
    def tolerance(self):
        """In words: ``relative 1e-6; absolute 1e-9 to 0.001``."""
        parts = [f"{kind} {spread(values)}" for kind, values in sorted(self.tolerances.items(), reverse=True) if values]
        return "; ".join(parts) or "—"


def spread(values):
    """One tolerance, the range of several, and those that are computed, as they are written."""
    numbers = sorted({value for value in values if not isinstance(value, str)})
    texts = sorted(value for value in values if isinstance(value, str))
    ends = [written(value) for value in dict.fromkeys((numbers[0], numbers[-1]))] if numbers else []
    return ", ".join([" to ".join(ends)] * bool(ends) + [f"`{text}`" for text in texts])


def written(value):
    """A tolerance as one writes it: 1e-4, 0.02."""
    return f"{value:.3g}" if value >= 0.001 else np.format_float_scientific(value, trim="-", exp_digits=1)


class TestModule:
    """The functions and constants of a module of tests, by name."""

    __test__ = False  # pytest: no test

    def __init__(self, source):
        self.tree = ast.parse(source)
        self.says = " ".join((ast.get_docstring(self.tree) or "").partition("\n\n")[0].split())
        self.known, self.tests = {}, {}
        for node in self.tree.body:
            self._enter(node, "")

    def _enter(self, node, group):
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                self._enter(inner, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            if node.name.startswith("test_"):
                self.tests[group + node.name] = node
            else:
                self.known[node.name] = node
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            self.known |= {
                part.id: node for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
            }

    def reached(self, start):
        """All nodes that a test leads to: its own, then those of each function, fixture and constant that it names."""
        waiting, seen, found = [start], {id(start)}, []
        while waiting:
            nodes = list(ast.walk(waiting.pop()))
            found += nodes
            for name in names_led_to(nodes):
                other = self.known.get(name)
                if other is not None and id(other) not in seen:
                    seen.add(id(other))
                    waiting.append(other)
        return found

    def by_quantity(self):
        """The tolerances that a constant of the module lists, by quantity."""
        tables = (
            node.value for name, node in self.known.items() if TABLE.search(name) and isinstance(node, ast.Assign)
        )
        return {
            key.value: value.value
            for table in tables
            if isinstance(table, ast.Dict)
            for key, value in zip(table.keys, table.values, strict=True)
        }


def comparisons(source, files):
    """The comparisons with R in a module of tests.

    Parameters
    ----------
    source : str
        The module's text.
    files : set of str
        Paths within ``tests/reference``, such as ``"anova/anova.json"``.
    """
    module = TestModule(source)
    found = []
    for name, start in module.tests.items():
        nodes = module.reached(start)
        if read := files_read(nodes, files):
            found.append(Comparison(name, read, tolerances(nodes)))
    return module.says, found, module.by_quantity()


def names_led_to(nodes):
    """What a piece of code names; of a test or fixture its arguments, too, which are fixtures."""
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    start = nodes[0]
    if isinstance(start, ast.FunctionDef):
        arguments = {part.arg for part in ast.walk(start.args) if isinstance(part, ast.arg)}
        is_fixture = any("fixture" in ast.unparse(decorator) for decorator in start.decorator_list)
        return named | arguments if is_fixture or start.name.startswith("test_") else named - arguments
    return named


def files_read(nodes, files):
    """The reference files whose folder and name both stand among the texts of some code."""
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    parts = {part for text in texts for part in text.split("/")}
    stems = {text for text in texts if "." not in text}
    return {file for file in files if set(file.split("/")) <= parts or is_named(file, parts, stems)}


def is_named(file, parts, stems):
    """Whether code names a file's folder and, elsewhere, its name without the ending: ``f"{name}.json"``."""
    folder, _, name = file.partition("/")
    return folder in parts and name.split(".")[0] in stems and f".{name.partition('.')[2]}" in parts


def tolerances(nodes):
    """Kind -> the tolerances written in some code."""
    values = written_values(nodes)
    found = {}
    for node in nodes:
        if isinstance(node, ast.Call):
            for kind, value in tolerances_of_call(node):
                found.setdefault(kind, set()).update(numbers(value, values))
        elif isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
            bound = node.test.comparators[-1]
            if isinstance(node.test.ops[-1], ast.Lt | ast.LtE) and ERROR.search(ast.unparse(node.test.left)):
                small = {value for value in numbers(bound, values) if isinstance(value, float) and 0 < value <= 0.02}
                found.setdefault("error below", set()).update(small)
        elif isinstance(node, ast.Name) and TABLE.search(node.id) and isinstance(node.ctx, ast.Load):
            found.setdefault("by quantity", set()).update(numbers(node, values))
    zero_left_out = {kind: {value for value in found[kind] if value != 0} for kind in found}
    return {kind: written for kind, written in zero_left_out.items() if written}


def tolerances_of_call(call):
    """Kind and value of each tolerance that a call is given, or takes by default."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [(KINDS[keyword.arg], keyword.value) for keyword in call.keywords if keyword.arg in KINDS]
    if function in DEFAULTS and not any(kind == "relative" for kind, _ in given):
        kind, value = DEFAULTS[function]
        if function == "assert_allclose" or not given:  # pytest leaves its own out where `abs` is given
            given.append((kind, ast.Constant(value)))
    return given


def written_values(nodes):
    """Name -> what it may stand for: assigned, given by default, or given by a keyword."""
    values = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.FunctionDef):
            arguments = node.args
            with_default = arguments.args[len(arguments.args) - len(arguments.defaults) :]
            pairs = [*zip(with_default, arguments.defaults, strict=True)]
            pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            for argument, default in pairs:
                if default is not None:
                    values.setdefault(argument.arg, []).append(default)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg:
                    values.setdefault(keyword.arg, []).append(keyword.value)
            if isinstance(node.func, ast.Attribute) and node.func.attr == "parametrize" and len(node.args) > 1:
                enter_rows(values, parameters(node.args[0]), node.args[1])
        elif isinstance(node, ast.For | ast.comprehension):
            enter_rows(values, names_in(node.target), node.iter)
    return values


def enter_rows(values, names, rows):
    """What names stand for in a loop over written rows, or over the items of a written dictionary."""
    if isinstance(rows, ast.Call) and isinstance(rows.func, ast.Attribute) and rows.func.attr == "items":
        of = rows.func.value
        found = [of] if isinstance(of, ast.Dict) else values.get(getattr(of, "id", None), [])
        for each in (each for each in found if isinstance(each, ast.Dict)):
            values.setdefault(names[-1], []).extend(each.values)
    for row in getattr(rows, "elts", []):
        for name, value in zip(names, getattr(row, "elts", [row]), strict=False):
            values.setdefault(name, []).append(value)


def parameters(node):
    """The names that `parametrize` is given: ``"a, b"`` or ``("a", "b")``."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return [name.strip() for text in texts for name in text.split(",")]


def names_in(target):
    return [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]


def numbers(node, values, depth=0):
    """The numbers that an expression may be; what is computed stays text."""
    if isinstance(node, ast.Constant):
        return {float(node.value)} if isinstance(node.value, int | float) else set()
    if isinstance(node, ast.IfExp):
        return numbers(node.body, values, depth) | numbers(node.orelse, values, depth)
    if isinstance(node, ast.Dict):
        return set().union(*(numbers(value, values, depth) for value in node.values))
    if isinstance(node, ast.Subscript):
        whole = values.get(node.value.id, []) if isinstance(node.value, ast.Name) else []
        dicts = [value for value in whole if isinstance(value, ast.Dict)]
        if dicts and isinstance(node.slice, ast.Constant):
            return {
                number
                for each in dicts
                for key, value in zip(each.keys, each.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == node.slice.value
                for number in numbers(value, values, depth + 1)
            }
        return set().union(*(numbers(each, values, depth + 1) for each in dicts))
    if isinstance(node, ast.Name) and depth < 4 and node.id in values:
        return set().union(*(numbers(value, values, depth + 1) for value in values[node.id]))
    return {ast.unparse(node)} if depth == 0 else set()


def scripts(reference):
    """Path within ``tests/reference`` -> text, of each script of R there, without its comments."""
    return {
        path.relative_to(reference).as_posix(): re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for path in sorted(reference.rglob("*.R"))
    }


def tables_given_to_r(texts):
    """Names of the tables that a script reads: data for both, no numbers of R's."""
    call = re.compile(r"(?:read\.\w+|fread|readRDS|load)\([^\n]*?\"([^\"]+)\"")
    return {name.rpartition("/")[2] for text in texts.values() for name in call.findall(text)}


def packages(file, texts):
    """The packages of R behind a file: of the scripts that name it, or else of all in its folder."""
    folder, _, name = file.partition("/")
    beside = [text for path, text in texts.items() if path.startswith(f"{folder}/")]
    found = [text for text in beside if name in text] or beside
    return {first or second for text in found for first, second in LOADED.findall(text)} - NO_METHOD


def page(tests):
    """The page, from a folder of tests."""
    reference = tests / "reference"
    texts = scripts(reference)
    given = tables_given_to_r(texts)
    files = {
        path.relative_to(reference).as_posix()
        for path in reference.rglob("*")
        if path.is_file() and path.parent != reference and path.suffix in {".json", ".csv", ".gz", ".txt"}
    }
    numbers_of_r = {file for file in files if file.rpartition("/")[2] not in given}
    sections, total = [], 0
    for path in sorted(tests.glob("test_*.py")):
        says, found, listed = comparisons(path.read_text(encoding="utf-8"), numbers_of_r)
        if found:
            sections.append(section(path.name, says, found, listed, texts))
            total += len(found)
    versions = re.search(r"^R \d[^.]*(?:\.\d[^.]*)*?\.$", first_words(reference), re.MULTILINE)
    return INTRODUCTION.format(total=total, modules=len(sections), versions=versions[0]) + "\n".join(sections)


def first_words(reference):
    """What the list of reference numbers says of R's versions, one sentence a line."""
    text = " ".join((reference / "README.md").read_text(encoding="utf-8").split())
    return re.sub(r"\. (?=[A-Z\[])", ".\n", text)


INTRODUCTION = """# What is compared with R

{total} tests in {modules} modules compare `helpers` with numbers that R printed. This page is made from the tests
themselves whenever the book is made: what each test is called, which files of R's numbers it reads
([what lies in them](tests/reference/README.md)), and how far from R it lets a number be. *Relative* is a share of
R's number. *Absolute* is in its unit. A range means that several quantities are compared, each with its own tolerance.
A dash means that no tolerance is written there: the test compares sets, orders or words, or computes its bound.
Where we differ from R on purpose, the [register of differences](tests/reference/differences.md) says so.

{versions}

"""


def section(name, says, found, listed, texts):
    """A table of the comparisons in one module."""
    rows = [f"## {says.rstrip('.')}\n", f"`tests/{name}`\n"]
    if listed:
        rows.append("By quantity: " + ", ".join(f"`{key}` {written(value)}" for key, value in listed.items()) + ".\n")
    rows += ["| test | R's numbers | by | agrees to |", "| --- | --- | --- | --- |"]
    for each in found:
        by = sorted(set().union(*(packages(file, texts) for file in each.files)), key=str.lower)
        files = sorted(each.files)
        shown = ", ".join(f"`{file}`" for file in files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
        tolerance = each.tolerance.replace("|", "\\|")
        rows.append(f"| {each.question} | {shown} | {', '.join(by) or 'R'} | {tolerance} |")
    return "\n".join(rows) + "\n"
