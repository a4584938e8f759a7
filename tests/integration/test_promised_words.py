"""Every word that our texts tell people to write works: the shipped phrase files read it as what was promised."""

from __future__ import annotations

import re

import pytest

from intents.builtin import builtin_recogniser
from intents.reading import Intent
from locales.catalogue import catalogue
from locales.language import LANGUAGES

STOP, START, LESS = (Intent.OPT_OUT, None), (Intent.OPT_IN, None), (Intent.FREQUENCY, "less")
WEEKLY, MONTHLY, PAUSED = (Intent.FREQUENCY, "weekly"), (Intent.FREQUENCY, "monthly"), (Intent.FREQUENCY, "paused")
COMPLAINT, PERSON = (Intent.COMPLAINT, None), (Intent.HUMAN, None)

PROMISED = {
    "en": {
        "STOP": STOP,
        "START": START,
        "fewer": LESS,
        "weekly": WEEKLY,
        "monthly": MONTHLY,
        "pause for a month": PAUSED,
        "I have a complaint": COMPLAINT,
        "a person please": PERSON,
    },
    "zh-Hans": {
        "退订": STOP,
        "恢复订阅": START,
        "订阅": START,
        "少发点": LESS,
        "每周一次": WEEKLY,
        "每月一次": MONTHLY,
        "暂停一个月": PAUSED,
        "我要投诉": COMPLAINT,
        "转人工": PERSON,
    },
    "zh-Hant": {
        "取消訂閱": STOP,
        "恢復訂閱": START,
        "訂閱": START,
        "少傳一點": LESS,
        "每週一次": WEEKLY,
        "每月一次": MONTHLY,
        "暫停一個月": PAUSED,
        "我要申訴": COMPLAINT,
        "轉接專人": PERSON,
    },
}
NOT_SAID = ("words.", "tone.", "reason.", "option.", "date.", "complaint.announcements", "complaint.called")
QUOTED = {
    "en": re.compile(r'"([^"]+)"|\b([A-Z]{3,})\b'),
    "zh-Hans": re.compile(r"“([^”]+)”"),
    "zh-Hant": re.compile(r"「([^」]+)」"),
}
EVERY_ONE = [(language, word) for language, words in PROMISED.items() for word in words]


@pytest.mark.parametrize(("language", "word"), EVERY_ONE)
def test_a_promised_word_is_acted_upon_as_promised(language: str, word: str) -> None:
    intent, choice = PROMISED[language][word]
    reading = builtin_recogniser().read(word)
    assert reading.acts(intent), reading.intents
    found = reading.find(intent)
    assert found is not None
    assert choice is None or found.slots.get("choice") == choice
    assert [one.intent for one in reading.intents] == [intent]


@pytest.mark.parametrize(("language", "word"), EVERY_ONE)
def test_a_promised_word_stands_in_our_texts(language: str, word: str) -> None:
    assert any(word in text for key, text in catalogue(language).items() if not key.startswith(NOT_SAID))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_our_texts_quote_is_on_the_list(language: str) -> None:
    texts = "\n".join(text for key, text in catalogue(language).items() if not key.startswith(NOT_SAID))
    quoted = {word for groups in QUOTED[language].findall(texts) for word in _words(groups) if word}
    assert quoted == quoted & set(PROMISED[language])
    assert quoted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_of_the_shorter_help_is_on_the_list(language: str) -> None:
    listed = catalogue(language)["help.again"].replace("For example, write:", "").partition("：")
    examples = re.split(r", (?:or )?|、", (listed[2] or listed[0]).strip(" .。"))
    assert {one.strip('"') for one in examples} <= set(PROMISED[language])


def _words(groups: str | tuple[str, ...]) -> tuple[str, ...]:
    return (groups,) if isinstance(groups, str) else groups
