"""Whatever the bytes: an answer from the table, never a failure of ours."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.message import Choice, Message
from handlers.simulator.platform import envelope
from handlers.webhooks.viber.security import HEADER, sign
from tests.support.channel import AES_KEY, NOW, RecordingInbound, app_of, viber_account, wechat_account

VIBER, WECHAT = viber_account(), wechat_account()
REPLY = Message("Done ]]> <a>", "en", (Choice("a.b.1", "A"),))
ANSWERS = {200, 400, 403, 413, 415}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.sampled_from(
    ["message", "subscribed", "unsubscribed", "conversation_started", "delivered", "seen", "failed", "webhook", "x"]
)
PERSON = st.fixed_dictionaries({}, optional={"id": JUNK, "name": JUNK, "language": JUNK})
VIBER_LIKE = st.fixed_dictionaries(
    {"event": EVENTS | JUNK},
    optional={
        "timestamp": JUNK,
        "message_token": JUNK,
        "user_id": JUNK,
        "user": PERSON | JUNK,
        "sender": PERSON | JUNK,
        "subscribed": JUNK,
        "desc": JUNK,
        "message": JUNK | st.fixed_dictionaries({}, optional={"type": JUNK | st.just("text"), "text": JUNK}),
    },
)
NAMES = [
    "subscribe", "unsubscribe", "SCAN", "CLICK", "user_authorization_revoke", "TEMPLATESENDJOBFINISH",
    "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event", "LOCATION",
]  # fmt: skip
ENTRY = st.fixed_dictionaries(
    {}, optional={"TemplateId": JUNK, "SubscribeStatusString": st.just("reject") | JUNK, "MsgID": JUNK}
)
WECHAT_LIKE = st.fixed_dictionaries(
    {"MsgType": st.sampled_from(["text", "voice", "image", "event", "event", "event"]) | JUNK},
    optional={
        "FromUserName": st.just("o1") | JUNK,
        "ToUserName": JUNK,
        "CreateTime": JUNK,
        "Event": st.sampled_from(NAMES) | JUNK,
        "EventKey": JUNK,
        "Content": JUNK,
        "Recognition": JUNK,
        "bizmsgmenuid": JUNK,
        "MsgId": JUNK,
        "MsgID": JUNK,
        "OpenID": JUNK,
        "Status": JUNK,
        "List": JUNK | ENTRY | st.lists(ENTRY, max_size=3),
        "SubscribeMsgPopupEvent": JUNK | st.fixed_dictionaries({"List": JUNK | ENTRY}),
    },
)


def client() -> FlaskClient:
    """An app with both channels, in which a failure of ours is raised."""
    return app_of(RecordingInbound(REPLY), lambda: NOW, VIBER, WECHAT).test_client()


def post_viber(raw: bytes, **headers: Any) -> int:
    """Post genuine bytes as Viber."""
    signed = {HEADER: sign(VIBER.auth_token, raw), **headers}
    return client().post("/webhooks/viber/acme-viber", data=raw, headers=signed).status_code


def post_wechat(raw: bytes) -> int:
    """Post genuine bytes as WeChat."""
    stamp, nonce = str(int(NOW.timestamp())), "12345"
    wrapped = envelope.wrap(AES_KEY, WECHAT.app_id, raw)
    query = {
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": envelope.signature(WECHAT.token, stamp, nonce, wrapped),
    }
    body = envelope.to_xml({"Encrypt": wrapped})
    return client().post("/webhooks/wechat/acme-wechat", data=body, query_string=query).status_code


@given(st.binary(max_size=400))
def test_any_signed_bytes_are_answered(raw: bytes) -> None:
    assert post_viber(raw) in ANSWERS
    assert post_wechat(raw) in ANSWERS


@given(VIBER_LIKE)
def test_anything_like_a_viber_callback_is_answered(fields: dict[str, object]) -> None:
    assert post_viber(json.dumps(fields).encode()) in {200, 400}


@given(WECHAT_LIKE)
def test_anything_like_a_wechat_callback_is_answered(fields: dict[str, object]) -> None:
    assert post_wechat(json.dumps(fields).encode()) in {200, 400}


@given(
    st.binary(max_size=200),
    st.dictionaries(
        st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr", "openid"]),
        st.sampled_from(["", "aes", "raw", "1772445600"]) | st.text(max_size=20),
    ),
    st.sampled_from(["text/xml", "application/json", "text/plain", "image/png", "text/xml; charset=\xff", ""]),
)
def test_any_unsigned_request_is_refused(raw: bytes, query: dict[str, str], kind: str) -> None:
    path = "/webhooks/wechat/acme-wechat"
    assert client().post(path, data=raw, query_string=query, content_type=kind).status_code in {403, 415}
    assert client().get(path, query_string=query).status_code == 403
    header = {
        HEADER: query.get("signature", "").encode("ascii", "replace").decode().replace("\n", "").replace("\r", "")
    }
    sent = client().post("/webhooks/viber/acme-viber", data=raw, headers=header, content_type=kind)
    assert sent.status_code in {403, 415}
