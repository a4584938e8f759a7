"""The ports between the channels and the rest: what a channel must offer, and what it may ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.domain.event import ChannelEvent
from bot.domain.message import Message
from bot.domain.permit import SendPermit


class Outcome(StrEnum):
    """What became of one send. Each platform code maps to exactly one (tables in `webhooks/*/client.py`)."""

    SENT = "sent"
    RETRY = "retry"  # a definite, passing refusal: try again with back-off, or after `retry_after`
    UNKNOWN = "unknown"  # no answer: it may have arrived; one retry at most
    OPTED_OUT = "opted_out"  # the contact switched us off on the platform: record the opt-out, do not retry
    UNREACHABLE = "unreachable"  # no such contact, no suitable device, blacklisted: do not retry
    WINDOW_CLOSED = "window_closed"  # hold until the contact writes again
    REFUSED = "refused"  # our request is wrong (bad data, too long): do not retry, show it
    ACCOUNT_BLOCKED = "account_blocked"  # the account is suspended or misconfigured: alarm, stop sending for it


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome of one send. `message_token` is the platform's id of the message, `retry_after` seconds, `detail`
    words for people
    (never a secret), `code` the platform's own number."""

    outcome: Outcome
    message_token: str = ""
    retry_after: int | None = None
    code: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of `channels check`: what was looked at, whether it is right, and what to do if not."""

    name: str
    is_ok: bool
    detail: str


class ChannelClient(Protocol):
    """One account's way out. Implemented in `webhooks/<channel>/client.py`; made once, used by several threads."""

    def send(self, permit: SendPermit, user_id: str, message: Message) -> SendResult:
        """Send one message. Never raises for anything the platform or the network does."""

    def check(self, webhook_url: str | None) -> list[CheckResult]:
        """Look whether the account works: token valid, webhook registered, rights granted."""

    def connect(self, webhook_url: str) -> list[CheckResult]:
        """Register the webhook where the platform has a call for it; otherwise say what to enter where."""


class TokenVault(Protocol):
    """Access tokens shared by all workers through the database, one refresh at a time."""

    def token(self, key: str, fetch: Callable[[], tuple[str, int]], rejected: str | None = None) -> str:
        """The token kept under `key`. `fetch` -> (token, seconds it lives) is called under a lock when there is
        none, when it is about to
        expire, or when the kept one equals `rejected` (the platform just refused it). Errors of `fetch` pass
        through."""


class Inbound(Protocol):
    """What a channel's view hands its events to (`services/inbound.py`)."""

    def accept(
        self, account: str, event: ChannelEvent, raw: bytes, direct: Callable[[Message], str] | None
    ) -> str | None:
        """Take one event in, for good, in one transaction. Returns only after the commit.

        `direct` renders a message as the body of the HTTP answer (before encryption): then the first message is not
        sent through the
        outbox but returned, and returned again, the same, for a redelivered event while it is kept. None = nothing
        to answer directly.
        `raw` is the decrypted payload, kept if the event cannot be processed now. Raises `storage.Unavailable` when
        nothing could be kept.
        """
