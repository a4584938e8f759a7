"""Laws that hold for every text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.builtin import builtin_recogniser
from intents.contract import to_json
from intents.matcher import STEPS_PER_MESSAGE, Budget
from intents.reading import Context, Intent, Option
from intents.recogniser import Recogniser

WISHES = (
    "stop",
    "unsubscribe",
    "stop texting me",
    "no more messages",
    "退订",
    "别再发了",
    "取消订阅",
    "请不要再发短信",
)
PIECES = st.sampled_from(
    [
        "stop",
        "please",
        "退订",
        "不要",
        "?",
        "“",
        "”",
        '"',
        "(",
        "pause for",
        "2",
        "weeks",
        "T",
        ".",
        "\n",
        "\u200b",
        "🛑",
        "别",
        "发",
        "…",
        "https://x.y",
    ]
)


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    reading = builtin_recogniser().read(text)
    assert to_json(reading)["text"] == text


@given(st.lists(PIECES, max_size=40))
def test_no_mixture_of_known_words_raises(pieces: list[str]) -> None:
    context = Context(options=(Option("a", 1, ("stop", "")),), announced_codes=frozenset({"T"}), today="2026-01-31")
    reading = builtin_recogniser().read(" ".join(pieces), context)
    assert all(0 < one.confidence <= 1 and one.because for one in reading.intents)


@given(st.sampled_from(WISHES), st.sampled_from(["", "!", "。", " thanks", " 谢谢", " please", "   "]))
def test_case_width_and_politeness_change_nothing(wish: str, tail: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in wish)
    for text in (wish + tail, wish.upper() + tail, wide + tail):
        assert builtin_recogniser().read(text).acts(Intent.OPT_OUT), text


@pytest.mark.parametrize(
    ("denial", "wish"),
    [
        ("please do not ", "unsubscribe me"),
        ("don't ", "unsubscribe me"),
        ("不要", "退订"),
        ("别", "退订"),
        ("我不是要", "退订"),
    ],
)
def test_a_denied_wish_is_never_acted_upon(denial: str, wish: str) -> None:
    assert not builtin_recogniser().read(denial + wish).acts(Intent.OPT_OUT)


@pytest.mark.parametrize(
    "text",
    [
        "stop " * 1400,
        "退订" * 3500,
        "please, " * 1000,
        "不" * 7000,
        "(" * 7000,
        "a." * 3500,
        "how do i " * 800,
        "“" * 7000,
    ],
)
def test_hostile_texts_stay_within_the_budget(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[Budget] = []

    class Counting(Budget):
        def __init__(self) -> None:
            super().__init__()
            spent.append(self)

    monkeypatch.setattr("intents.recogniser.Budget", Counting)
    Recogniser(builtin_recogniser().library).read(text)
    assert STEPS_PER_MESSAGE - spent[0].left <= STEPS_PER_MESSAGE + 1


def test_reading_twice_gives_the_same() -> None:
    for text in WISHES:
        assert builtin_recogniser().read(text) == builtin_recogniser().read(text)


def test_an_empty_set_of_files_reads_nothing() -> None:
    assert Recogniser.of([]).read("stop").intents == ()
