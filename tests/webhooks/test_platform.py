"""The stand-in is as strict as the platforms are: otherwise it would prove nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from handlers.simulator.platform import Bubble, Platform, ViberBot, WeChatBook, window
from handlers.webhooks.viber.client import ViberClient
from tests.support.channel import AES_KEY, RecordingInbound, SettableClock, app_of, viber_account, wechat_account

PERSON = "person/1=="
VIBER_TEXT: dict[str, Any] = {"receiver": PERSON, "type": "text", "text": "Hi", "sender": {"name": "Acme"}}
BUTTON = {"ActionBody": "ql:a.b.1", "Text": "A"}


@pytest.fixture
def bot(platform: Platform) -> ViberBot:
    """A connected bot with a subscriber."""
    bot = platform.viber.add_bot("acme-viber", "token-1", webhook_url="http://127.0.0.1:9/")
    bot.subscriber(PERSON).is_subscribed = True
    return bot


@pytest.fixture
def book(platform: Platform, clock: SettableClock) -> WeChatBook:
    """An account with a follower who has just written."""
    book = platform.wechat.add_account(WeChatBook("acme-wechat", "wx1", "secret-1", "token-1", AES_KEY))
    book.follower(PERSON).window.open(window.MESSAGE, clock())
    return book


def ask_viber(platform: Platform, fields: object, token: str | None = "token-1") -> int:
    """The status of a send."""
    headers = {"X-Viber-Auth-Token": token} if token else {}
    answer = requests.post(f"{platform.viber_api_url}/send_message", json=fields, headers=headers, timeout=5)
    return int(answer.json()["status"])


def keyboard(**changes: object) -> dict[str, object]:
    """A text with a keyboard of one button, changed."""
    return VIBER_TEXT | {"keyboard": {"Type": "keyboard", "Buttons": [{**BUTTON, **changes}]}}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (VIBER_TEXT, 0),
        (keyboard(), 0),
        ([], 3),
        (VIBER_TEXT | {"receiver": None}, 4),
        (VIBER_TEXT | {"receiver": "nobody"}, 5),
        (VIBER_TEXT | {"sender": {}}, 4),
        (VIBER_TEXT | {"sender": {"name": "x" * 29}}, 3),
        (VIBER_TEXT | {"text": ""}, 4),
        (VIBER_TEXT | {"text": "x" * 7001}, 3),
        (VIBER_TEXT | {"text": "退" * 7000, "tracking_data": "x" * 20_000}, 3),
        (VIBER_TEXT | {"type": "telepathy"}, 3),
        (VIBER_TEXT | {"min_api_version": 99}, 13),
        (VIBER_TEXT | {"keyboard": {}}, 3),
        (keyboard(Columns=7), 3),
        (keyboard(Rows=3), 3),
        (keyboard(ActionBody=""), 3),
        (keyboard(Text="x" * 251), 3),
    ],
)
def test_viber_checks_every_field(platform: Platform, bot: ViberBot, fields: object, status: int) -> None:
    assert ask_viber(platform, fields) == status
    assert len(platform.viber.transcript.received(bot.account, PERSON)) == (status == 0)


@pytest.mark.parametrize("token", [None, "token-2"])
def test_viber_wants_the_token_in_the_header(platform: Platform, bot: ViberBot, token: str | None) -> None:
    assert ask_viber(platform, VIBER_TEXT | {"auth_token": bot.token}, token) == 2


def test_viber_counts_a_hundred_messages_an_hour_until_a_reply(platform: Platform, bot: ViberBot) -> None:
    assert [ask_viber(platform, VIBER_TEXT) for _ in range(101)] == [0] * 100 + [12]
    platform.viber.contact_says(bot.account, PERSON, "I am here")
    assert ask_viber(platform, VIBER_TEXT) == 0


def test_viber_sends_only_the_events_that_were_asked_for(platform: Platform, bot: ViberBot) -> None:
    bot.event_types = ("message",)
    sent = platform.viber.report(bot.account, PERSON, "5", "seen")
    assert "does not want" in sent.problem


def ask_wechat(platform: Platform, body: bytes, token: str) -> int:
    """The code of a send."""
    url = f"{platform.wechat_api_url}/cgi-bin/message/custom/send"
    return int(requests.post(url, params={"access_token": token}, data=body, timeout=5).json()["errcode"])


def text(content: object = "您好", **changes: object) -> bytes:
    """A customer-service request, in UTF-8."""
    fields = {"touser": PERSON, "msgtype": "text", "text": {"content": content}, **changes}
    return json.dumps(fields, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (text(), 0),
        (text("退" * 682), 0),
        (text("退" * 683), 45002),
        (text(""), 44004),
        (text(None), 44004),
        (text(touser="nobody"), 40003),
        (text(msgtype="telepathy"), 40008),
        (json.dumps(json.loads(text())).encode(), 40033),
        (b"{", 47001),
        (b"[]", 47001),
    ],
)
def test_wechat_checks_every_field(
    platform: Platform, book: WeChatBook, clock: SettableClock, body: bytes, code: int
) -> None:
    token, _ = book.stable_token(clock(), is_forced=False)
    assert ask_wechat(platform, body, token) == code
    assert len(platform.wechat.transcript.received(book.account, PERSON)) == (code == 0)


def test_wechat_tells_missing_wrong_and_expired_tokens_apart(
    platform: Platform, book: WeChatBook, clock: SettableClock
) -> None:
    token, _ = book.stable_token(clock(), is_forced=False)
    assert [ask_wechat(platform, text(), one) for one in ("", "wrong", token)] == [41001, 40001, 0]
    clock.advance(hours=2)
    assert ask_wechat(platform, text(), token) == 42001


def fetch(platform: Platform, **changes: object) -> dict[str, Any]:
    """The answer of `stable_token`."""
    fields = {"grant_type": "client_credential", "appid": "wx1", "secret": "secret-1", **changes}
    answer = requests.post(f"{platform.wechat_api_url}/cgi-bin/stable_token", json=fields, timeout=5)
    return dict(answer.json())


def test_a_stable_token_is_repeated_until_five_minutes_before_its_end(
    platform: Platform, book: WeChatBook, clock: SettableClock
) -> None:
    first = fetch(platform)
    clock.advance(minutes=114)
    later = fetch(platform)
    assert (later["access_token"], first["expires_in"] - later["expires_in"]) == (first["access_token"], 114 * 60)
    clock.advance(minutes=2)
    assert fetch(platform)["access_token"] != first["access_token"]
    assert ask_wechat(platform, text(), str(first["access_token"])) == 0


def test_a_forced_token_ends_the_old_one_twenty_times_a_day(platform: Platform, book: WeChatBook) -> None:
    old = fetch(platform)["access_token"]
    forced = [fetch(platform, force_refresh=True) for _ in range(21)]
    assert ask_wechat(platform, text(), str(old)) == 40001
    assert ["errcode" in answer for answer in forced] == [False] * 20 + [True]


@pytest.mark.parametrize(
    ("changes", "code"), [({"appid": "wx2"}, 40013), ({"secret": "x"}, 40125), ({"grant_type": "x"}, 40002)]
)
def test_wechat_checks_who_asks_for_a_token(
    platform: Platform, book: WeChatBook, changes: dict[str, object], code: int
) -> None:
    assert fetch(platform, **changes)["errcode"] == code


def test_each_kind_of_act_opens_its_own_window(clock: SettableClock) -> None:
    opened = window.Window()
    assert opened.spend(clock()) == 45015
    opened.open(window.MESSAGE, clock())
    opened.open(window.ACT, clock())
    assert opened.left(clock()) == 8
    assert [opened.spend(clock()) for _ in range(9)] == [0] * 8 + [45047]
    opened.open(window.ENTRY, clock())
    assert opened.left(clock()) == 2
    clock.advance(seconds=60)
    assert (opened.left(clock()), opened.spend(clock())) == (0, 45047)
    clock.advance(hours=48)
    assert opened.spend(clock()) == 45015


def test_a_tapped_link_opens_no_window_of_the_large_kind(
    platform: Platform, book: WeChatBook, clock: SettableClock
) -> None:
    book.follower(PERSON).window.grants.clear()
    link = '<a href="weixin://bizmsgmenu?msgmenucontent=%E6%AF%8F%E5%91%A8&msgmenuid=a.b.1">1 每周</a>'
    platform.wechat._show_sent(book, PERSON, link, "", {})
    platform.wechat.contact_taps("acme-wechat", PERSON, 1)
    assert book.follower(PERSON).window.left(clock()) == 3


def test_a_listener_hears_both_phones(platform: Platform, bot: ViberBot, book: WeChatBook) -> None:
    heard: list[Bubble] = []
    platform.on_message(heard.append)
    ask_viber(platform, VIBER_TEXT)
    platform.viber.contact_says("acme-viber", PERSON, "hello")
    platform.wechat.contact_says("acme-wechat", PERSON, "你好")
    assert [(one.channel, one.is_from_contact, one.text) for one in heard] == [
        ("viber", False, "Hi"),
        ("viber", True, "hello"),
        ("wechat", True, "你好"),
    ]


def test_an_option_that_nobody_sees_cannot_be_tapped(platform: Platform, bot: ViberBot) -> None:
    with pytest.raises(LookupError):
        platform.viber.contact_taps("acme-viber", PERSON, "Weekly")


def test_a_service_that_is_away_is_told(platform: Platform, bot: ViberBot, book: WeChatBook) -> None:
    book.webhook_url = "http://127.0.0.1:9/hook"
    assert platform.viber.contact_says("acme-viber", PERSON, "hello").status == 0
    assert "故障" in platform.wechat.contact_says("acme-wechat", PERSON, "你好").problem


@pytest.fixture
def served(platform: Platform, clock: SettableClock) -> Iterator[tuple[str, RecordingInbound]]:
    """The webhooks on a real server, for the accounts of the stand-in."""
    inbound = RecordingInbound()
    accounts = viber_account(api_url=platform.viber_api_url), wechat_account(api_url=platform.wechat_api_url)
    server = make_server("127.0.0.1", 0, app_of(inbound, clock, *accounts), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", inbound
    server.shutdown()
    thread.join()
    server.server_close()


def test_connecting_works_over_real_connections_while_viber_calls_back(
    platform: Platform, clock: SettableClock, served: tuple[str, RecordingInbound]
) -> None:
    url, inbound = served
    account = viber_account(api_url=platform.viber_api_url)
    platform.viber.add_bot("acme-viber", str(account.auth_token))
    (line,) = ViberClient(account, clock).connect(f"{url}/webhooks/viber/acme-viber")
    assert line.is_ok, line.detail
    assert platform.viber.contact_says("acme-viber", PERSON, "STOP").status == 200
    assert [type(event).__name__ for event in inbound.events] == ["Ignored", "UtteranceReceived"]
