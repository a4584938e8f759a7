"""Stored values: what goes in comes out, and what this version does not know is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.channel import WindowGrant
from bot.domain.conversation import Conversation
from bot.domain.event import ChannelEvent, Ignored, Origin, UtteranceReceived
from bot.domain.message import Message
from bot.domain.quota import Grant, Wallet
from storage import codec
from storage.error import StorageError

MOMENTS = st.integers(0, 6_000_000_000_000_000).map(
    lambda one: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=one)
)
st.register_type_strategy(datetime, MOMENTS)
EVENTS = st.one_of(*(st.from_type(one) for one in get_args(ChannelEvent)))


@given(EVENTS)
def test_every_event_comes_back_as_it_was(event: ChannelEvent) -> None:
    assert codec.decode_event(codec.encode_event(event)) == event


@given(st.from_type(Conversation))
def test_every_conversation_comes_back_as_it_was(conversation: Conversation) -> None:
    present = Conversation(
        **{**{name: getattr(conversation, name) for name in Conversation.__slots__}, "version": Conversation().version}
    )
    assert codec.decode_conversation(codec.encode_conversation(present)) == present


@given(st.from_type(Message))
def test_every_message_comes_back_as_it_was(message: Message) -> None:
    assert codec.decode_message(codec.encode_message(message)) == message


@given(st.builds(Wallet, st.lists(st.from_type(Grant), max_size=4).map(tuple)))
def test_every_window_comes_back_as_it_was(wallet: Wallet) -> None:
    assert codec.decode_wallet(codec.encode_wallet(wallet)) == wallet


def test_a_window_that_was_never_written_is_empty() -> None:
    assert codec.decode_wallet("[]") == Wallet()


def test_what_is_stored_is_plain_ascii() -> None:
    origin = Origin("acme", "用户", "k", datetime(2026, 3, 2, tzinfo=UTC), grant=WindowGrant(5, 60))
    text = codec.encode_event(UtteranceReceived(origin, "退订 \ud800"))
    assert text.isascii()
    assert codec.decode_event(text) == UtteranceReceived(origin, "退订 \ud800")


@pytest.mark.parametrize("name", ["NoSuchEvent", "Origin", "Medium", "datetime", "__name__", "TimerFired"])
def test_an_event_of_an_unknown_type_is_refused(name: str) -> None:
    with pytest.raises(StorageError, match="unknown type"):
        codec.decode_event(json.dumps({"type": name, "value": {"reason": "x"}}))


def test_a_field_that_was_not_there_yet_gets_its_default() -> None:
    assert codec.decode_event('{"type": "Ignored", "value": {"reason": "x"}}') == Ignored("x")
    assert codec.decode_conversation('{"version": 1, "serial": 7}') == Conversation(serial=7)


def test_a_field_of_another_version_is_passed_over() -> None:
    assert codec.decode_conversation('{"version": 1, "gone": true}') == Conversation()


@pytest.mark.parametrize("version", [0, -1, 2, 99])
def test_a_conversation_of_an_unknown_version_is_refused(version: int) -> None:
    with pytest.raises(StorageError, match=f"has version {version}; this program knows"):
        codec.decode_conversation(json.dumps({"version": version}))


def test_an_older_conversation_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        codec,
        "UPCASTERS",
        {
            -1: lambda old: {**old, "draft": old["text"]},
            0: lambda old: {**old, "draft": old["draft"].upper()},
        },
    )
    assert codec.decode_conversation('{"version": -1, "text": "words"}') == Conversation(draft="WORDS")
