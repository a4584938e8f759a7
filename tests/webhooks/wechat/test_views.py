"""WeChat's callbacks through the real route, made by the stand-in."""

from __future__ import annotations

from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

import pytest

from bot.domain.event import (
    ButtonTapped,
    Followed,
    LeftPlatform,
    MediaReceived,
    MenuClicked,
    ProfileScanned,
    UtteranceReceived,
)
from bot.domain.message import Choice, Message
from handlers.settings import Secret, WeChatAccount
from handlers.simulator.platform import Platform, WeChatBook, WeChatPlatform
from handlers.webhooks.wechat.security import sign
from tests.support.channel import (
    AES_KEY,
    NOW,
    OLD_AES_KEY,
    RecordingInbound,
    SettableClock,
    app_of,
    poster_to,
    wechat_account,
)
from tests.webhooks.wechat import sample

NAME, PATH, PERSON = "acme-wechat", "/webhooks/wechat/acme-wechat", "oPENID-canary-1"
REPLY = Message("已停止。", "zh-Hans", (Choice("opt_out.weekly.1", "每周一次"), Choice("opt_out.none.1", "不用了")))


def book_of(account: WeChatAccount, **changes: str) -> WeChatBook:
    """The account as WeChat knows it."""
    facts = {
        "account": account.name,
        "app_id": account.app_id,
        "app_secret": str(account.app_secret),
        "token": str(account.token),
        "aes_key": AES_KEY,
        "webhook_url": f"http://localhost{PATH}",
    }
    return WeChatBook(**{**facts, **changes})


def stand_in(inbound: RecordingInbound, account: WeChatAccount, clock: SettableClock, **changes: str) -> WeChatPlatform:
    """WeChat with one account, whose webhook is the real route."""
    platform = Platform(clock, poster_to(app_of(inbound, clock, account))).wechat
    platform.add_account(book_of(account, **changes))
    return platform


def test_a_message_is_answered_in_the_same_response_encrypted(clock: SettableClock) -> None:
    inbound = RecordingInbound(REPLY)
    wechat = stand_in(inbound, wechat_account(), clock)
    sent = wechat.contact_says(NAME, PERSON, "退订")
    assert (sent.status, sent.problem, sent.raw.content_type) == (200, "", "text/xml; charset=utf-8")
    assert b"Encrypt" in sent.raw.body
    assert PERSON.encode() not in sent.raw.body
    (bubble,) = wechat.transcript.received(NAME, PERSON)
    assert bubble.text.startswith("已停止。\n\n1 每周一次\n2 不用了")
    assert [one.value for one in bubble.options] == ["opt_out.weekly.1", "opt_out.none.1"]
    assert inbound.raws == [sent.payload]


def test_every_act_of_a_contact_arrives_as_its_event(clock: SettableClock) -> None:
    inbound = RecordingInbound(REPLY)
    wechat = stand_in(inbound, wechat_account(), clock)
    acts = [
        wechat.follow(NAME, PERSON),
        wechat.contact_says(NAME, PERSON, "退订 ]]> & <b>"),
        wechat.contact_taps(NAME, PERSON, 1),
        wechat.contact_sends(NAME, PERSON, "image", PicUrl="x", MediaId="m"),
        wechat.clicks_menu(NAME, PERSON, "opt_out"),
        wechat.scans(NAME, PERSON),
        wechat.unfollow(NAME, PERSON),
    ]
    assert [act.problem for act in acts] == [""] * 7
    kinds = [Followed, UtteranceReceived, ButtonTapped, MediaReceived, MenuClicked, ProfileScanned, LeftPlatform]
    assert [type(event) for event in inbound.events] == kinds
    assert isinstance(inbound.events[1], UtteranceReceived)
    assert inbound.events[1].text == "退订 ]]> & <b>"
    assert isinstance(inbound.events[2], ButtonTapped)
    assert (inbound.events[2].option, inbound.events[2].label) == ("opt_out.weekly.1", "每周一次")
    assert acts[-1].reply == "success"


@pytest.mark.parametrize("body", sample.ALL)
def test_every_documented_callback_is_taken(body: str, clock: SettableClock) -> None:
    inbound = RecordingInbound()
    wechat = stand_in(inbound, wechat_account(), clock)
    sent = wechat._deliver(wechat.books[NAME], PERSON, body.encode())
    assert (sent.status, sent.reply, sent.raw.content_type) == (200, "success", "text/plain; charset=utf-8")
    assert len(inbound.events) == 1


@pytest.mark.parametrize("span", [{"seconds": 1}, {"hours": 1}, {"hours": 49}, {"days": 400}])
def test_a_redelivery_signed_afresh_gets_the_same_reply_once_more(clock: SettableClock, span: dict[str, float]) -> None:
    inbound = RecordingInbound(REPLY)
    wechat = stand_in(inbound, wechat_account(), clock)
    first = wechat.contact_says(NAME, PERSON, "退订")
    clock.advance(**span)
    again = wechat.redeliver(first)
    assert again.reply == first.reply != ""
    assert again.raw.body != first.raw.body
    assert len(inbound.events) == 1


def test_an_old_request_repeated_as_it_was_is_forbidden(clock: SettableClock) -> None:
    inbound = RecordingInbound()
    posted: list[tuple[str, bytes, dict[str, str]]] = []
    app = app_of(inbound, clock, wechat_account())
    platform = Platform(clock, lambda *request: posted.append(request) or poster_to(app)(*request)).wechat  # type: ignore[func-returns-value]
    platform.add_account(book_of(wechat_account()))
    assert platform.contact_says(NAME, PERSON, "hello").status == 200
    clock.advance(seconds=301)
    answer = poster_to(app)(*posted[0])
    assert (answer.status, answer.body) == (403, b"")


def test_the_reply_is_encrypted_with_the_key_that_opened_the_question(clock: SettableClock) -> None:
    account = wechat_account(previous_encoding_aes_key=Secret(OLD_AES_KEY))
    for key in (AES_KEY, OLD_AES_KEY):
        wechat = stand_in(RecordingInbound(REPLY), account, clock, aes_key=key)
        assert wechat.contact_says(NAME, PERSON, "退订").problem == ""


def test_the_compatible_mode_is_read_by_its_encrypted_part(clock: SettableClock) -> None:
    inbound = RecordingInbound(REPLY)
    assert (
        stand_in(inbound, wechat_account(), clock, mode="compatible").contact_says(NAME, PERSON, "退订").problem == ""
    )
    assert len(inbound.events) == 1


def test_the_plain_mode_needs_a_named_setting(clock: SettableClock) -> None:
    refused = stand_in(RecordingInbound(REPLY), wechat_account(), clock, mode="plain").contact_says(
        NAME, PERSON, "退订"
    )
    assert (refused.status, refused.raw.body) == (403, b"")
    allowed = stand_in(RecordingInbound(REPLY), wechat_account(allow_plain=True), clock, mode="plain")
    sent = allowed.contact_says(NAME, PERSON, "退订")
    assert (sent.problem, fromstring(sent.raw.body).findtext("MsgType")) == ("", "text")


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_mini_program_is_always_answered_success(clock: SettableClock, form: str) -> None:
    inbound = RecordingInbound(REPLY)
    wechat = stand_in(inbound, wechat_account(kind="mini_program"), clock, form=form)
    assert wechat.enters(NAME, PERSON).reply == "success"
    assert wechat.contact_says(NAME, PERSON, "退订").reply == "success"
    assert [type(event) for event in inbound.events] == [ProfileScanned, UtteranceReceived]


def test_wrong_token_key_or_app_are_forbidden_alike(clock: SettableClock) -> None:
    answers = set()
    for changes in ({"token": "other"}, {"aes_key": OLD_AES_KEY}, {"app_id": "wxother"}):
        sent = stand_in(RecordingInbound(REPLY), wechat_account(), clock, **changes).contact_says(NAME, PERSON, "x")
        answers.add((sent.raw.status, sent.raw.content_type, sent.raw.body))
    assert answers == {(403, "text/plain; charset=utf-8", b"")}


def test_a_genuine_callback_that_cannot_be_read_is_a_bad_request(clock: SettableClock) -> None:
    wechat = stand_in(RecordingInbound(REPLY), wechat_account(), clock)
    for payload in (b"", b"hello", b"<xml>", b"\xff", b"<!DOCTYPE xml><xml><a/></xml>", b"[" * 9):
        sent = wechat._deliver(wechat.books[NAME], PERSON, payload)
        assert (sent.raw.status, sent.raw.body) == (400, b""), payload


def echo_query(token: str, **changes: str) -> str:
    """The query with which WeChat tests an address."""
    stamp = str(int(NOW.timestamp()))
    facts = {"signature": sign(token, stamp, "9"), "timestamp": stamp, "nonce": "9", "echostr": "4375120948345356249"}
    return urlencode({**facts, **changes})


def test_the_address_answers_wechats_test_with_the_bare_echo(clock: SettableClock) -> None:
    client = app_of(RecordingInbound(), clock, wechat_account()).test_client()
    response = client.get(f"{PATH}?{echo_query(wechat_account().token)}")
    assert (response.status_code, response.data) == (200, b"4375120948345356249")
    assert response.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0" * 40},
        {"timestamp": "1714036504"},
        {"nonce": "8"},
        {"echostr": ""},
        {"echostr": "x" * 257},
    ],
)
def test_a_forged_test_of_the_address_is_forbidden(clock: SettableClock, changes: dict[str, str]) -> None:
    client = app_of(RecordingInbound(), clock, wechat_account()).test_client()
    response = client.get(f"{PATH}?{echo_query(wechat_account().token, **changes)}")
    assert (response.status_code, response.data) == (403, b"")


@pytest.mark.parametrize(
    ("path", "method", "kind", "body", "status"),
    [
        ("/webhooks/wechat/other", "POST", "text/xml", "<xml/>", 404),
        ("/webhooks/wechat/other", "GET", None, "", 404),
        ("/webhooks/viber/acme-wechat", "POST", "text/xml", "<xml/>", 404),
        (PATH, "PUT", "text/xml", "<xml/>", 405),
        (PATH, "OPTIONS", None, "", 405),
        (PATH, "DELETE", None, "", 405),
        (PATH, "GET", None, "", 403),
        (PATH, "POST", "text/xml", "", 403),
        (PATH, "POST", "application/xml; charset=utf-8", "<xml/>", 403),
        (PATH, "POST", None, "<xml/>", 403),
        (PATH, "POST", "multipart/form-data; boundary=x", "<xml/>", 415),
        (PATH, "POST", "text/xml", "x" * 65_537, 413),
    ],
)
def test_bad_requests_get_their_status(
    path: str, method: str, kind: str | None, body: str, status: int, clock: SettableClock
) -> None:
    client = app_of(RecordingInbound(), clock, wechat_account()).test_client()
    assert client.open(path, method=method, data=body, content_type=kind).status_code == status
