"""How a line of a phrase file is read."""

from __future__ import annotations

import pytest

from intents.error import Problem
from intents.phrase import Choice, Gap, Group, Phrase, Slot, Word, parse


def forms(text: str) -> set[str]:
    """The forms of a phrase in a short notation."""
    found = parse(text, "en/x.phrases", 1)
    assert isinstance(found, Phrase), found
    return {" ".join(_part(part) for part in form) for form in found.forms}


def _part(part: object) -> str:
    match part:
        case Word(text):
            return text
        case Group(name):
            return f"<{name}>"
        case Slot(name):
            return f"{{{name}}}"
        case Gap():
            return "..."
        case Choice(ways):
            return "/".join(" ".join(way) for way in ways)
    raise AssertionError(part)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("stop", {"stop"}),
        ("stop texting me", {"stop texting me"}),
        ("stop (please)", {"stop", "stop please"}),
        ("stop|quit now", {"quit/stop now"}),
        ("stop | quit", {"stop", "quit"}),
        ("(a|the other) text", {"text", "a/the other text"}),
        ("<send|write to> me", {"send/write to me"}),
        ("<do not> text", {"<do not> text"}),
        ("every {duration}", {"every {duration}"}),
        ("... stop ...", {"... stop ..."}),
        ("stop…", {"stop ..."}),
        ("don’t", {"dont"}),
        ("退訂", {"退 订"}),
        ("别（再）发", {"别 发", "别 再 发"}),
    ],
)
def test_a_line_stands_for_its_forms(line: str, expected: set[str]) -> None:
    assert forms(line) == expected


@pytest.mark.parametrize(
    ("line", "column", "wrong"),
    [
        ("stop (now", 6, "never closed"),
        ("stop now)", 9, "stray )"),
        ("send <messages", 6, "not closed"),
        ("every {fortnite}", 7, "no slot {fortnite}"),
        ("stop | ", 8, "nothing stands here"),
        ("(stop)", 1, "may be empty"),
        ("...", 1, "may be empty"),
        ("stop !!!", 6, "no word"),
    ],
)
def test_a_fault_names_its_column_and_what_is_wrong(line: str, column: int, wrong: str) -> None:
    found = parse(line, "en/x.phrases", 7)
    assert isinstance(found, Problem)
    assert (found.line, found.column) == (7, column)
    assert wrong in found.wrong
    assert found.right


def test_a_line_that_stands_for_too_many_phrases_is_refused() -> None:
    found = parse(" ".join(f"(<word{n}>)" for n in range(12)) + " stop", "en/x.phrases", 1)
    assert isinstance(found, Problem)
    assert "split it" in found.right


def test_the_column_counts_from_where_the_phrase_begins() -> None:
    found = parse("stop (now", "en/x.phrases", 3, column=9)
    assert isinstance(found, Problem)
    assert str(found).startswith("en/x.phrases:3:14: ")
