"""What a message may cost to read: linear in its length, and bounded whatever it says."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from intents.builtin import builtin_recogniser
from intents.clause import MOST_WORDS
from intents.reading import Intent

UNITS = [
    "别再给我发消息了不要",
    "a b c ",
    "a,b,",
    "every 3 weeks ",
    "15 april 4/15 ",
    "please stop sending me the messages and ",
]
MOST_CALLS = 250_000  # of Python functions, for the worst of these


def calls(text: str) -> int:
    """How many Python functions one reading calls."""
    recogniser = builtin_recogniser()
    recogniser.read(text)  # spellings are remembered from here on
    count = 0

    def seen(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        recogniser.read(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_costs_at_most_about_twice_as_much(unit: str) -> None:
    short = (unit * 2000)[:900]
    assert calls(short * 2) < 2.6 * calls(short)


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_costs_more_than_a_fixed_amount(unit: str) -> None:
    for length in (7_000, 70_000):
        assert calls((unit * 20_000)[:length]) < MOST_CALLS


def test_both_ends_of_a_monstrous_text_are_read() -> None:
    padding = "a,b," * 1_500
    for text in (f"unsubscribe. {padding}", f"{padding} unsubscribe"):
        reading = builtin_recogniser().read(text)
        assert reading.find(Intent.OPT_OUT) is not None
        assert sum(len(clause.split()) for clause in reading.clauses) < MOST_WORDS


def test_a_long_but_ordinary_message_is_kept_whole() -> None:
    told = "I ordered a lamp in spring and it came without its cord, so I wrote to you twice. "
    text = told * 30 + "I want to talk to a human. " + told * 30
    assert "i want to talk to a human" in builtin_recogniser().read(text).clauses
