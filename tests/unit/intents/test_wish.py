"""What is said beside a wish: doubt, a reason, one kind of message only."""

from __future__ import annotations

import pytest

from intents.builtin import builtin_recogniser
from intents.reading import Cue, Intent


@pytest.mark.parametrize(
    "text", ["我可能不想收了", "不太确定还要不要收这些消息", "maybe unsubscribe me", "好像不太需要这些短信了"]
)
def test_an_end_said_in_doubt_is_asked_about(text: str) -> None:
    reading = builtin_recogniser().read(text)
    assert reading.find(Intent.OPT_OUT) is not None
    assert not reading.acts(Intent.OPT_OUT)
    assert not reading.acts(Intent.OPT_IN)


@pytest.mark.parametrize(
    "text",
    [
        "麻烦别再给我发短信了，一天好几条",
        "stop texting me please, it is four messages a day",
        "unsubscribe me, there are too many messages",
    ],
)
def test_how_many_come_is_only_the_reason_beside_a_clear_end(text: str) -> None:
    reading = builtin_recogniser().read(text)
    assert reading.acts(Intent.OPT_OUT)
    assert reading.find(Intent.FREQUENCY) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("优惠的就不要发了", "优惠"),
        ("直播的别推给我", "直播"),
        ("不要活动的了", "活动"),
        ("no more surveys please", "surveys"),
        ("stop sending me event invitations", "event invitations"),
    ],
)
def test_one_kind_of_message_is_no_end_of_all(text: str, kind: str) -> None:
    reading = builtin_recogniser().read(text)
    found = reading.find(Intent.FREQUENCY)
    assert found is not None
    assert found.slots == {"choice": "topics", "without": [kind]}
    assert not reading.acts(Intent.OPT_OUT)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("delete my data", "delete"),
        ("I want a copy of my personal data", "see"),
        ("how did you get my number?", "source"),
    ],
)
def test_a_privacy_request_says_which(text: str, asked: str) -> None:
    found = builtin_recogniser().read(text).find(Intent.PRIVACY)
    assert found is not None
    assert found.slots == {"request": asked}


def test_dropping_the_matter_is_no_end_of_messages() -> None:
    reading = builtin_recogniser().read("算了不用了")
    assert reading.cues == {Cue.NEVER_MIND}
    assert not reading.intents
