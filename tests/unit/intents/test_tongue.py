"""Which language a message is in."""

from __future__ import annotations

import pytest

from intents.builtin import builtin_recogniser
from intents.reading import Context


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Good morning", "en"),
        ("早上好", "zh-Hans"),
        ("你們的訊息太多", "zh-Hant"),
        ("唔好再發", "zh-Hant"),
        ("麻烦 cancel 一下", "zh-Hans"),
        ("is the 火锅 place near your shop still open today", "en"),
        ("12345", None),
        ("👍👍", None),
        ("", None),
        ("tuiding", "zh-Hans"),
    ],
)
def test_the_letters_tell_the_language(text: str, language: str | None) -> None:
    assert builtin_recogniser().read(text).language == language


def test_neutral_characters_keep_the_contacts_script() -> None:
    context = Context(language="zh-Hant")
    assert builtin_recogniser().read("你好", context).language == "zh-Hant"
    assert builtin_recogniser().read("你好").language == "zh-Hans"
