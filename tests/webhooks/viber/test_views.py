"""Viber's callbacks through the real route."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.domain.event import (
    ButtonTapped,
    ConversationStarted,
    Followed,
    Ignored,
    LeftPlatform,
    MediaReceived,
    UtteranceReceived,
)
from bot.domain.message import Choice, Message
from handlers.simulator.platform import Platform
from handlers.webhooks.viber.security import HEADER, sign
from tests.support.channel import NOW, RecordingInbound, app_of, poster_to, viber_account
from tests.webhooks.viber import sample

PATH = "/webhooks/viber/acme-viber"
ACCOUNT = viber_account()
WELCOME = Message("Hello!", "en", (Choice("hello.stop.1", "Stop"),))


def client_of(inbound: RecordingInbound) -> FlaskClient:
    """A client of an app with one Viber account."""
    return app_of(inbound, lambda: NOW, ACCOUNT).test_client()


def post(client: FlaskClient, body: bytes, path: str = PATH, kind: str | None = "application/json") -> TestResponse:
    """Post a body as Viber does: signed."""
    return client.post(path, data=body, content_type=kind, headers={HEADER: sign(ACCOUNT.auth_token, body)})


@pytest.mark.parametrize("body", sample.ALL)
def test_every_documented_callback_is_taken_and_answered_empty(body: str) -> None:
    inbound = RecordingInbound()
    response = post(client_of(inbound), body.encode())
    assert (response.status_code, response.data) == (200, b"")
    assert response.content_type == "text/plain; charset=utf-8"
    assert len(inbound.events) == 1


def test_the_raw_bytes_go_in_with_the_event() -> None:
    inbound = RecordingInbound()
    post(client_of(inbound), sample.TEXT.encode())
    assert isinstance(inbound.events[0], UtteranceReceived)
    assert inbound.raws == [sample.TEXT.encode()]


def test_an_opened_chat_is_answered_with_the_welcome_message() -> None:
    response = post(client_of(RecordingInbound(WELCOME)), sample.STARTED.encode())
    assert response.content_type == "application/json; charset=utf-8"
    body = json.loads(response.data)
    assert (body["text"], body["sender"], body["type"]) == ("Hello!", {"name": "Acme"}, "text")


def test_nothing_else_is_answered_in_the_response() -> None:
    client = client_of(RecordingInbound(WELCOME))
    for body in (sample.TEXT, sample.SUBSCRIBED, sample.UNSUBSCRIBED, sample.DELIVERED, sample.WEBHOOK):
        assert post(client, body.encode()).data == b"", body


def test_a_redelivered_callback_comes_in_once() -> None:
    inbound = RecordingInbound(WELCOME)
    client = client_of(inbound)
    answers = {post(client, sample.STARTED.encode()).data for _ in range(3)}
    assert len(inbound.events) == len(answers) == 1


def test_an_unknown_account_is_not_found() -> None:
    assert post(client_of(RecordingInbound()), sample.TEXT.encode(), "/webhooks/viber/other").status_code == 404
    assert post(client_of(RecordingInbound()), sample.TEXT.encode(), "/webhooks/wechat/acme-viber").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    assert client_of(RecordingInbound()).open(PATH, method=method).status_code == 405


@pytest.mark.parametrize("signatures", [[], [""], ["0" * 64], ["zz"], ["0" * 64, "1" * 64], ["ÿ" * 64]])
def test_a_forged_callback_is_forbidden_without_a_word(signatures: list[str]) -> None:
    inbound = RecordingInbound()
    headers = [(HEADER, signature) for signature in signatures]
    response = client_of(inbound).post(PATH, data=sample.TEXT, content_type="application/json", headers=headers)
    assert (response.status_code, response.data, inbound.events) == (403, b"", [])


def test_a_signature_in_the_address_does_not_count() -> None:
    body = sample.TEXT.encode()
    path = f"{PATH}?sig={sign(ACCOUNT.auth_token, body)}"
    assert client_of(RecordingInbound()).post(path, data=body, content_type="application/json").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"event":"message","event":"seen"}',
        b'{"event":NaN}',
        b'{"event":1e999}',
        b'{"event":"\\ud800"}',
        b'{"event":"\\u0000"}',
        b'{"event":"\xff"}',
        b"[" * 60_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"event":' + b"9" * 5000 + b"}",
    ],
)
def test_a_signed_body_that_cannot_be_read_is_a_bad_request(body: bytes) -> None:
    inbound = RecordingInbound()
    response = post(client_of(inbound), body)
    assert (response.status_code, response.data, inbound.events) == (400, b"", [])


def test_a_body_above_64_kib_is_too_large_with_and_without_a_length() -> None:
    client = client_of(RecordingInbound())
    assert post(client, b" " * 65_537).status_code == 413
    assert post(client, b" " * 65_536).status_code == 400
    assert post(client, b"x" * 65_537).data == b""


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        (None, 200),
        ("multipart/form-data; boundary=x", 415),
        ("application/x-www-form-urlencoded", 415),
        ("image/png", 415),
    ],
)
def test_the_content_type_is_json_or_left_out(kind: str | None, status: int) -> None:
    assert post(client_of(RecordingInbound()), sample.TEXT.encode(), kind=kind).status_code == status


def test_the_stand_in_agrees_with_the_route() -> None:
    inbound = RecordingInbound(WELCOME)
    platform = Platform(lambda: NOW, poster_to(app_of(inbound, lambda: NOW, ACCOUNT)))
    viber, account, person = platform.viber, "acme-viber", "user/1+2=="
    viber.add_bot(account, ACCOUNT.auth_token, webhook_url=f"http://localhost{PATH}")
    opened = viber.conversation_started(account, person)
    assert opened.problem == ""
    assert [one.text for one in viber.transcript.received(account, person)] == ["Hello!"]
    acts = [viber.contact_taps(account, person, "Stop"), viber.follow(account, person), viber.unfollow(account, person)]
    acts += [viber.contact_says(account, person, "STOP"), viber.contact_sends(account, person, "sticker", sticker_id=1)]
    assert {one.status for one in acts} == {200}
    expected = [ConversationStarted, ButtonTapped, Followed, LeftPlatform, UtteranceReceived, MediaReceived]
    assert [type(event) for event in inbound.events] == expected
    assert viber.redeliver(acts[0]).status == 200
    assert len(inbound.events) == len(expected)


def test_an_ignored_event_reaches_the_log_of_the_service() -> None:
    inbound = RecordingInbound()
    post(client_of(inbound), sample.WEBHOOK.encode())
    assert isinstance(inbound.events[0], Ignored)
