"""Misspellings."""

from __future__ import annotations

import pytest

from intents.builtin import builtin_recogniser


def clauses(text: str) -> str:
    """The words that were read."""
    return " / ".join(builtin_recogniser().read(text).clauses)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("unsubscrieb", "unsubscribe"),
        ("stooooop", "stop"),
        ("st0p", "stop"),
        ("tdtdtd", "td"),
        ("no more notificatons", "no more notifications"),
        ("tuiding", "退订"),
        ("bu yao fa", "不要发"),
        ("腿钉", "退订"),
        ("取消定阅", "取消订阅"),
        ("投速", "投诉"),
        ("tui订", "退订"),
    ],
)
def test_a_misspelling_is_read_as_what_it_stands_for(typed: str, read: str) -> None:
    assert clauses(typed) == read


@pytest.mark.parametrize("word", ["shop", "step", "massage", "spending", "cancer", "amount", "推定", "回复"])
def test_real_words_are_left_alone(word: str) -> None:
    assert clauses(word) == word


def test_a_fold_is_told_with_its_distance() -> None:
    folds = builtin_recogniser().read("please unsubscrieb me").folds
    assert [(fold.layer, fold.distance) for fold in folds] == [("fold", 1)]
    assert "“unsubscrieb” as “unsubscribe”" in folds[0].text
