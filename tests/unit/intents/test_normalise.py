"""Folding: what is typed and what is read."""

from __future__ import annotations

import pytest

from intents import script
from intents.normalise import LONGEST, fold

VOCABULARY = frozenset({"stop", "td", "unsubscribe"})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ＳＴＯＰ", "stop"),
        ("S T O P", "stop"),
        ("s.t.o.p", "stop"),
        ("T.D", "td"),
        ("st\u200bop", "stop"),
        ("🅢🅣🅞🅟", "stop"),
        ("un-subscribe", "unsubscribe"),
        ("退訂訊息", "退订讯息"),
        ("退退退", "退"),
        ("别发别发别发", "别发"),
        ("退 订", "退订"),
        ("tuì dìng", "tui ding"),
        ("don’t", "don't"),
    ],
)
def test_a_message_is_folded_to_its_plain_text(typed: str, read: str) -> None:
    assert fold(typed, VOCABULARY)[0] == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("st\u200bop", "invisible"),
        ("ＳＴＯＰ", "full-width"),
        ("退訂", "Traditional"),
        ("s t o p", "spaced letters"),
        ("停停停停", "repeated"),
    ],
)
def test_every_fold_that_matters_is_reported(typed: str, said: str) -> None:
    assert any(said in reason.text for reason in fold(typed, VOCABULARY)[1])


def test_letters_that_make_no_known_word_stay_apart() -> None:
    assert fold("a b c d", VOCABULARY)[0] == "a b c d"


def test_a_monstrous_text_is_read_at_its_beginning_and_its_end() -> None:
    text, folds = fold("x" * 20_000 + " stop", VOCABULARY)
    assert len(text) <= LONGEST + 1
    assert text.endswith("stop")
    assert folds


def test_traditional_characters_become_simplified_ones() -> None:
    assert script.simplify("請幫我取消訂閱") == "请帮我取消订阅"


def test_a_text_without_chinese_never_loads_the_converter() -> None:
    assert script.simplify("Привіт") == "Привіт"
