"""Viber's callbacks become events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.event import (
    ButtonTapped,
    ChannelEvent,
    ConversationStarted,
    DeliveryReported,
    DeliveryStatus,
    Departure,
    Followed,
    Ignored,
    LeftPlatform,
    MediaReceived,
    Medium,
    UtteranceReceived,
)
from handlers.webhooks.document import MalformedError
from handlers.webhooks.viber.parse import parse
from tests.support.channel import NOW
from tests.webhooks.viber import sample

JOHN, ET3 = "jc9HsWTZ2Yf2NkRZ8KcNug==", "xy5/5y6O81+/kbWHpLhBoA=="


def read(body: str) -> ChannelEvent:
    """The one event of a callback."""
    (event,) = parse("acme-viber", body.encode(), NOW)
    return event


def changed(body: str, **changes: Any) -> str:
    """A callback with other fields; None takes a field away."""
    fields = {**json.loads(body), **changes}
    return json.dumps({key: value for key, value in fields.items() if value is not None})


def written(**message: Any) -> str:
    """A message event with other message fields."""
    return changed(sample.TEXT, message=message)


def test_a_text_is_an_utterance_with_its_sender_and_time() -> None:
    event = read(sample.TEXT)
    assert isinstance(event, UtteranceReceived)
    assert (event.text, event.medium) == ("incoming msg", Medium.TEXT)
    assert (event.origin.account, event.origin.user_id, event.origin.name) == ("acme-viber", ET3, "ET3")
    assert event.origin.at == datetime(2016, 12, 7, 20, 21, 52, 807000, tzinfo=UTC)
    assert event.origin.key == "message:4987381189870374000"
    assert event.origin.grant is None


@pytest.mark.parametrize(
    ("body", "medium", "caption"),
    [
        (sample.PICTURE, Medium.PICTURE, ""),
        (sample.VIDEO, Medium.VIDEO, ""),
        (sample.FILE, Medium.FILE, ""),
        (sample.CONTACT, Medium.CONTACT, "incoming msg"),
        (sample.LOCATION, Medium.LOCATION, "incoming msg"),
        (sample.URL, Medium.LINK, "incoming msg"),
        (sample.STICKER, Medium.STICKER, "incoming msg"),
        (written(type="hologram"), Medium.OTHER, ""),
    ],
)
def test_every_other_message_is_a_medium(body: str, medium: Medium, caption: str) -> None:
    event = read(body)
    assert isinstance(event, MediaReceived)
    assert (event.medium, event.caption, event.origin.user_id) == (medium, caption, ET3)


def test_a_subscription_carries_the_profile() -> None:
    event = read(sample.SUBSCRIBED)
    assert isinstance(event, Followed)
    assert (event.origin.user_id, event.origin.language, event.origin.name) == (JOHN, "en", "John McClane")
    assert event.origin.key == "subscribed:4912661846655238145"


def test_an_unsubscription_asks_for_no_erasure() -> None:
    event = read(sample.UNSUBSCRIBED)
    assert isinstance(event, LeftPlatform)
    assert (event.origin.user_id, event.how, event.must_erase) == (JOHN, Departure.UNSUBSCRIBED, False)


@pytest.mark.parametrize("subscribed", [True, False])
def test_an_opened_chat_says_whether_it_is_a_subscriber(subscribed: bool) -> None:
    event = read(changed(sample.STARTED, subscribed=subscribed))
    assert isinstance(event, ConversationStarted)
    assert event.subscribed is subscribed


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (sample.DELIVERED, DeliveryStatus.DELIVERED, ""),
        (sample.SEEN, DeliveryStatus.SEEN, ""),
        (sample.FAILED, DeliveryStatus.FAILED, "message validation failed"),
        (sample.FAILED_WITHOUT_DESC, DeliveryStatus.FAILED, ""),
    ],
)
def test_reports_name_the_message_that_we_sent(body: str, status: DeliveryStatus, detail: str) -> None:
    event = read(body)
    assert isinstance(event, DeliveryReported)
    assert (event.status, event.detail, event.message_token) == (status, detail, str(json.loads(body)["message_token"]))


def test_a_report_has_one_key_for_each_receiver_and_kind_and_none_of_them_holds_an_id() -> None:
    bodies = [sample.DELIVERED, sample.SEEN, changed(sample.DELIVERED, user_id="somebody/else==")]
    keys = [event.origin.key for event in map(read, bodies) if isinstance(event, DeliveryReported)]
    assert len(set(keys)) == 3
    assert read(sample.DELIVERED) == read(sample.DELIVERED)
    assert "3SQNc4FPUQmysaM" not in "".join(keys)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (sample.WEBHOOK, "tested"),
        (sample.CLIENT_STATUS, "payment"),
        ('{"event":"action","message_token":1}', "does not document"),
        ('{"event":"later_invention","message_token":1}', "no event that we know"),
        ('{"event":["message"]}', "no event that we know"),
        ("{}", "no event that we know"),
        (changed(sample.TEXT, sender=None), "without its sender"),
        (changed(sample.TEXT, sender={"name": "Nobody"}), "without its sender"),
        (changed(sample.TEXT, message=None), "without words"),
        (written(type="text", text=None), "without words"),
        (changed(sample.SUBSCRIBED, user=None), "without its user"),
        (changed(sample.UNSUBSCRIBED, user_id=None), "without its user"),
        (changed(sample.STARTED, user=None), "without its user"),
        (changed(sample.SEEN, user_id=None), "without its user"),
    ],
)
def test_the_rest_is_ignored_with_a_reason(body: str, reason: str) -> None:
    event = read(body)
    assert isinstance(event, Ignored)
    assert reason in event.reason


def test_our_buttons_come_back_as_taps_and_look_alikes_as_words() -> None:
    tap = read(written(type="text", text="ql:opt_out.weekly.3"))
    assert isinstance(tap, ButtonTapped)
    assert tap.option == "opt_out.weekly.3"
    for typed in ("ql:", "ql:weekly", "opt_out.weekly.3", "ql:opt_out.weekly.3 please", "ql:opt_out.weekly.３"):
        assert isinstance(read(written(type="text", text=typed)), UtteranceReceived), typed


def test_numbers_beyond_53_bits_stay_exact() -> None:
    event = read(changed(sample.TEXT, message_token=9007199254740993))
    assert isinstance(event, UtteranceReceived)
    assert event.origin.key == "message:9007199254740993"


def test_a_missing_token_still_gives_the_same_key_each_time() -> None:
    once, again, other = (
        read(changed(body, message_token=None)) for body in (sample.TEXT, sample.TEXT, written(type="text", text="b"))
    )
    assert once == again
    assert isinstance(once, UtteranceReceived)
    assert isinstance(other, UtteranceReceived)
    assert once.origin.key != other.origin.key


@pytest.mark.parametrize("stamp", [None, -1, "soon", 4977069964384421269, True, 10**30])
def test_an_absurd_time_is_the_time_of_receipt(stamp: object) -> None:
    event = read(changed(sample.TEXT, timestamp=stamp))
    assert isinstance(event, UtteranceReceived)
    assert event.origin.at == NOW


def test_a_time_more_than_five_minutes_ahead_is_the_time_of_receipt() -> None:
    near, far = NOW + timedelta(minutes=4), NOW + timedelta(minutes=6)
    at = [read(changed(sample.TEXT, timestamp=round(moment.timestamp() * 1000))) for moment in (near, far)]
    assert [event.origin.at for event in at if isinstance(event, UtteranceReceived)] == [near, NOW]


def test_a_long_text_is_cut_at_seven_thousand_characters() -> None:
    event = read(written(type="text", text="退" * 7001))
    assert isinstance(event, UtteranceReceived)
    assert len(event.text) == 7000


@pytest.mark.parametrize("body", ["", "null", "[]", "7", '"text"', "{", '{"event":"message"'])
def test_what_is_no_object_is_malformed(body: str) -> None:
    with pytest.raises(MalformedError):
        parse("acme-viber", body.encode(), NOW)
