"""Rules over every module of the house: it says what it is for, it is of a readable size, and pure folders stay pure."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "intents", "locales", "storage")
LONGEST = 400  # lines of a module; a longer one has nouns that want to be split
MIGRATIONS = "storage/migrations/"  # their functions have the names that Alembic calls

# Calls that ask the world outside, which the import contracts cannot see: (last attribute or name).
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "input", "print", "urlopen", "getenv", "environ"}


def modules() -> list[str]:
    """Every Python file of the packages, relative to the house."""
    found = (path for package in PACKAGES for path in (HOUSE / package).rglob("*.py"))
    return sorted(path.relative_to(HOUSE).as_posix() for path in found)


def parse(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse((HOUSE / module).read_text(encoding="utf-8"))


def is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether this is one of several signatures of a function; the function itself has the docstring."""
    return any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list)


def undocumented(tree: ast.Module) -> Iterator[str]:
    """The names of public functions and classes of a module that have no docstring."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree.body:
        if (
            isinstance(node, kinds)
            and not node.name.startswith("_")
            and not is_overload(node)
            and not ast.get_docstring(node)
        ):
            yield node.name


def impure(tree: ast.Module) -> Iterator[str]:
    """The calls of a module that ask the clock, chance or the machine, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in IMPURE_CALLS:
                yield f"line {node.lineno}: {name}()"


def breaches(rule: Callable[[str, ast.Module], object], among: list[str]) -> dict[str, object]:
    """Which of the modules break a rule, and how: what the rule answered, where that is not empty."""
    answers = {module: rule(module, parse(module)) for module in among}
    return {module: answer for module, answer in answers.items() if answer}


MODULES = modules()
INITS = [module for module in MODULES if module.endswith("/__init__.py")]
PURE = [module for module in MODULES if module.split("/")[0] in {"bot", "intents", "locales"}]
WRITTEN = [module for module in MODULES if not module.startswith(MIGRATIONS)]


def test_the_packages_are_found() -> None:
    assert {module.split("/")[0] for module in INITS} == set(PACKAGES)


def test_a_module_says_what_it_is_for() -> None:
    assert breaches(lambda _, tree: not ast.get_docstring(tree), MODULES) == {}


def test_public_functions_and_classes_say_what_they_promise() -> None:
    assert breaches(lambda _, tree: list(undocumented(tree)), WRITTEN) == {}


def test_a_package_introduces_itself_in_a_sentence() -> None:
    assert breaches(lambda _, tree: len((ast.get_docstring(tree) or "").split()) < 6, INITS) == {}


def test_a_module_can_be_read_at_one_sitting() -> None:
    lines = {module: len((HOUSE / module).read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {module: count for module, count in lines.items() if count > LONGEST} == {}


def test_a_pure_module_asks_neither_clock_nor_chance() -> None:
    assert breaches(lambda _, tree: list(impure(tree)), PURE) == {}


def test_every_folder_of_modules_is_a_package() -> None:
    assert breaches(lambda module, _: not (HOUSE / module).with_name("__init__.py").exists(), WRITTEN) == {}


def test_the_rules_see_what_they_forbid() -> None:
    tree = ast.parse("import datetime\nclass A: pass\ndef f(): return datetime.datetime.now()\ndef _g(): pass\n")
    assert list(undocumented(tree)) == ["A", "f"]
    assert list(impure(tree)) == ["line 3: now()"]
