"""A test that cannot fail is refused: it would say that something holds which nobody looked at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
# Calls that fail a test by themselves: pytest.raises, expect(page…), mock.assert_called…, and helpers named like them.
VERDICT = re.compile(r"^(raises|warns|fail|expect|assert_\w+|expect_\w+|check_\w+|verify_\w+)$")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def called_name(node: ast.Call) -> str:
    """The last part of the name that is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def is_verdict(node: ast.AST) -> bool:
    """Whether this piece of syntax can fail a test: an assertion about something that varies, or a call that asserts."""
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    return isinstance(node, ast.Call) and VERDICT.match(called_name(node)) is not None


def can_fail(function: ast.AST, helpers: dict[str, ast.AST]) -> bool:
    """Whether a verdict is reached in the function or in functions of its own module that it calls."""
    waiting = [function]
    seen: set[str] = set()
    while waiting:
        for node in ast.walk(waiting.pop()):
            if is_verdict(node):
                return True
            name = called_name(node) if isinstance(node, ast.Call) else ""
            if name in helpers and name not in seen:
                seen.add(name)
                waiting.append(helpers[name])
    return False


def toothless(source: str) -> Iterator[str]:
    """The names of the tests in a module that cannot fail by an assertion."""
    functions: dict[str, ast.AST] = {
        node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, FUNCTION)
    }
    for name, function in functions.items():
        if name.startswith("test_") and not can_fail(function, functions):
            yield name


def test_every_test_can_fail() -> None:
    found = {path: list(toothless(path.read_text(encoding="utf-8"))) for path in TESTS.rglob("test_*.py")}
    assert {path.name: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "answer()",
        "assert True",
        "assert 'a sentence'",
        "with suppress(Exception): answer()",
        "report(answer())",
    ],
)
def test_a_test_without_an_assertion_is_found(body: str) -> None:
    assert list(toothless(f"def report(x): print(x)\n\ndef test_something():\n    {body}\n")) == ["test_something"]


@pytest.mark.parametrize(
    "body",
    [
        "assert answer() == 1",
        "with pytest.raises(ValueError): answer()",
        "expect(page).to_have_title('x')",
        "judge(answer())",
    ],
)
def test_a_test_with_an_assertion_is_accepted(body: str) -> None:
    assert list(toothless(f"def judge(x): assert x\n\ndef test_something():\n    {body}\n")) == []
