"""Public functions say their types; `make check-types` holds the code to them."""

import ast
from importlib import resources
from pathlib import Path

import pytest

import helpers

FOLDER = Path(helpers.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))


def public_functions(tree):
    """Every public function and method with its class; constructors, too."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node, None
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (
                (each, node)
                for each in node.body
                if isinstance(each, ast.FunctionDef) and (each.name == "__init__" or not each.name.startswith("_"))
            )


def untyped(function, owner):
    """What has no type: parameters, but for a method's first, and `return`, but for a constructor's."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    is_static = any(getattr(each, "id", "") == "staticmethod" for each in function.decorator_list)
    named = named[1:] if owner and not is_static else named
    found = [each.arg for each in (*named, arguments.vararg, arguments.kwarg) if each and each.annotation is None]
    return found + ["return"] * (function.returns is None and function.name != "__init__")


@pytest.mark.parametrize("entry", sorted({path.relative_to(FOLDER).parts[0].removesuffix(".py") for path in FILES}))
def test_public_functions_say_their_types(entry):
    found = [
        f"{path.relative_to(FOLDER)}:{function.lineno} {function.name}: {', '.join(missing)}"
        for path in FILES
        if path.relative_to(FOLDER).parts[0].removesuffix(".py") == entry
        for function, owner in public_functions(ast.parse(path.read_text(encoding="utf-8")))
        if (missing := untyped(function, owner))
    ]
    assert not found


def test_the_check_sees_what_has_no_type():
    tree = ast.parse("class A:\n    def b(self, c, *d: int, e: str = 1): ...\ndef f(): ...\ndef _g(h): ...")
    assert [untyped(*each) for each in public_functions(tree)] == [["c", "return"], ["return"]]


def test_checkers_of_others_read_the_types():
    assert resources.files("helpers").joinpath("py.typed").is_file()
