"""What tests of the channels share: a clock to set, accounts, a permit, and fakes of our own ports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from bot.domain.channel import Channel
from bot.domain.consent import Consent
from bot.domain.event import ChannelEvent, Ignored
from bot.domain.message import Message, Purpose
from bot.domain.permit import SendPermit, SendPolicy, Subject, check
from handlers.channel import Inbound
from handlers.settings import Account, Secret, ViberAccount, WeChatAccount
from handlers.simulator.platform.callback import Answer, Poster
from handlers.webhooks import blueprints

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_AES_KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvut"


class SettableClock:
    """A clock that stands still until told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Let so much time pass: `advance(hours=49)`."""
        self.now += timedelta(**span)


def permit() -> SendPermit:
    """A permit for a reply, made where all permits are made."""
    made = check(Purpose.REPLY, "marketing", Subject(Consent()), SendPolicy(frozenset({"marketing"})), NOW)
    assert isinstance(made, SendPermit)
    return made


def viber_account(**changes: Any) -> ViberAccount:
    """A Viber bot that talks to nobody unless `api_url` is given."""
    facts: dict[str, Any] = {
        "name": "acme-viber",
        "channel": Channel.VIBER,
        "api_url": "http://127.0.0.1:9",
        "brand": "Acme",
        "auth_token": Secret("445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"),
        "sender_name": "Acme",
    }
    return ViberAccount(**{**facts, **changes})


def wechat_account(**changes: Any) -> WeChatAccount:
    """A WeChat account that talks to nobody unless `api_url` is given."""
    facts: dict[str, Any] = {
        "name": "acme-wechat",
        "channel": Channel.WECHAT,
        "api_url": "http://127.0.0.1:9",
        "brand": "Acme",
        "default_language": "zh-Hans",
        "app_id": "wx1234567890abcdef",
        "app_secret": Secret("app-secret-canary-0123456789"),
        "token": Secret("callback-token-canary"),
        "encoding_aes_key": Secret(AES_KEY),
    }
    return WeChatAccount(**{**facts, **changes})


class RecordingInbound:
    """A fake `Inbound`: remembers what came, answers with `reply`, and answers a known key as before."""

    def __init__(self, reply: Message | None = None) -> None:
        self.reply = reply
        self.events: list[ChannelEvent] = []
        self.raws: list[bytes] = []
        self._answers: dict[str, str | None] = {}

    def accept(
        self, account: str, event: ChannelEvent, raw: bytes, direct: Callable[[Message], str] | None
    ) -> str | None:
        """As the real one, in memory."""
        if isinstance(event, Ignored):
            self.events.append(event)
            return None
        if event.origin.key not in self._answers:
            self.events.append(event)
            self.raws.append(raw)
            self._answers[event.origin.key] = direct(self.reply) if direct and self.reply else None
        return self._answers[event.origin.key]


class MemoryVault:
    """A fake `TokenVault` for one thread."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def token(self, key: str, fetch: Callable[[], tuple[str, int]], rejected: str | None = None) -> str:
        """As the real one, without expiry."""
        if key not in self.kept or self.kept[key] == rejected:
            self.kept[key], _ = fetch()
        return self.kept[key]


def app_of(inbound: Inbound, clock: Callable[[], datetime], *accounts: Account) -> Flask:
    """A Flask app with nothing but the webhooks."""
    app = Flask(__name__)
    app.testing = True
    for blueprint in blueprints(accounts, inbound, clock):
        app.register_blueprint(blueprint)
    return app


def poster_to(app: Flask) -> Poster:
    """Lets the stand-in platform call an app without a server."""
    client = app.test_client()

    def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        response = client.post(f"{parts.path}?{parts.query}", data=body, headers=headers)
        return Answer(response.status_code, response.headers.get("Content-Type", ""), response.data)

    return post
