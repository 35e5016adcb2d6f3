"""The public functions of `helpers`: their pages, and which lesson calls which."""

import ast
import importlib
import inspect
from dataclasses import dataclass
from functools import cached_property

# Page -> its title and, by module, the names that a reader's own code imports; None stands for all that it hands out.
PAGES = {
    "correlation": ("Correlation", {"helpers.correlation": ["correlate", "permutation_test", "PermutationTest"]}),
    "mixed": (
        "Mixed models",
        {
            "helpers.mixed": ["fit_mixed", "MixedFit", "SingularFitWarning", "OutcomeWarning"],
            "helpers.mixed.profile": ["profile_intervals"],
            "helpers.mixed.bootstrap": ["bootstrap", "bootstrap_intervals"],
            "helpers.mixed.compare": ["compare"],
        },
    ),
    "contrasts": ("Contrasts", {"helpers.contrasts": None}),
    "counts": ("Counts", {"helpers.counts": None}),
    "genes": ("One model for every gene", {"helpers.genes": ["fit_genes"]}),
    "planning": ("How many animals?", {"helpers.planning": None}),
    "cells": ("Tables too large for memory", {"helpers.cells": None}),
    "data": ("Tables", {"helpers.data": None}),
}


@dataclass(frozen=True)
class Described:
    """A public name that has a place on a page."""

    page: str
    module: str
    name: str

    @property
    def full_name(self):
        return f"{self.module}.{self.name}"

    @property
    def value(self):
        return getattr(importlib.import_module(self.module), self.name)

    @property
    def summary(self):
        """The first sentence of its docstring, on one line."""
        return " ".join(inspect.getdoc(self.value).partition("\n\n")[0].split())


def described():
    """Every public function and class that the book describes, page by page."""
    return [
        Described(page, module, name)
        for page, (_, modules) in PAGES.items()
        for module, names in modules.items()
        for name in names or handed_out(module)
    ]


def handed_out(module):
    """The functions and classes in a package's ``__all__``."""
    loaded = importlib.import_module(module)
    values = {name: getattr(loaded, name) for name in loaded.__all__}
    return sorted(name for name, value in values.items() if inspect.isfunction(value) or inspect.isclass(value))


def calls(notebook):
    """Full names of what a notebook imports from `helpers`, and uses."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    trees = [tree for source in code if (tree := parsed(source))]
    names, modules = {}, {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "helpers":
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in names:
                modules[names[name]] = None
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in names:
                modules[f"{names[name]}.{attribute}"] = None
    return list(modules)


def parsed(source):
    """The tree of a cell; None where it is no plain Python (a line of IPython's)."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def used_in(notebooks):
    """Full name of each described function -> the lessons that use it.

    Parameters
    ----------
    notebooks : dict of Lesson to NotebookNode
    """
    uses = {each.full_name: [] for each in described()}
    for lesson, notebook in notebooks.items():
        for name in calls(notebook):
            if name in uses:
                uses[name].append(lesson)
    return uses


def index(uses):
    """The page that lists them all."""
    parts = [
        "# Functions\n",
        "What your own code can call. Each function checks what it is given, and says in words what is wrong with it."
        " [For R users](../r_users.md) gives the call that stands for R's.\n",
        "```{toctree}\n:hidden:\n\n" + "\n".join(PAGES) + "\n```\n",
    ]
    for page, (title, _) in PAGES.items():
        parts += [f"## [{title}]({page}.md)\n", "| function | what it does | lessons |\n| --- | --- | --- |"]
        for each in (each for each in described() if each.page == page):
            lessons = ", ".join(lesson_link(lesson, short=True) for lesson in uses[each.full_name])
            summary = each.summary.replace("|", "\\|")
            parts.append(f"| {{py:obj}}`{each.name} <{each.full_name}>` | {in_markdown(summary)} | {lessons} |")
        parts.append("")
    return "\n".join(parts)


def in_markdown(text):
    """A sentence of a docstring: its code is written ``so`` there, and `names` so."""
    return text.replace("``", "`")


def page_of(page, uses):
    """The page of one part of `helpers`: each function from its docstring, then the lessons that use it."""
    parts = [f"# {PAGES[page][0]}\n"]
    for each in (each for each in described() if each.page == page):
        kind = "class" if inspect.isclass(each.value) else "function"
        parts += [f"## {each.name}\n", f"```python\nfrom {each.module} import {each.name}\n```\n"]
        parts += ["```{eval-rst}", f".. auto{kind}:: {each.full_name}"]
        if kind == "class" and members(each.value):
            parts.append(f"   :members: {', '.join(members(each.value))}\n   :member-order: bysource")
        parts.append("```\n")
        if lessons := uses[each.full_name]:
            parts.append("Used in " + ", ".join(lesson_link(lesson) for lesson in lessons) + ".\n")
    return "\n".join(parts)


def members(kind):
    """What a class hands out of its own, and of those of `helpers` that it is built on: nothing of pandas'."""
    own = [base for base in kind.__mro__ if base.__module__.startswith("helpers")]
    names = {name: value for base in own for name, value in vars(base).items() if not name.startswith("_")}
    return sorted(name for name, value in names.items() if inspect.getdoc(value) and is_described(value))


def is_described(value):
    """Whether this is a method or property, whose docstring is its own."""
    return inspect.isfunction(value) or isinstance(value, property | cached_property | classmethod | staticmethod)


def lesson_link(lesson, short=False):
    """A link from a page of functions to a lesson."""
    return f"[{lesson.name.partition('_')[0] if short else lesson.heading}](../notebooks/{lesson.file})"
