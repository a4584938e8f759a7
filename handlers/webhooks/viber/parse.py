"""Viber's callbacks as events: every type of the REST Bot API; what is unknown is ignored with a reason. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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
    Origin,
    UtteranceReceived,
)
from handlers.webhooks.document import Payload, clipped, fingerprint, nested, platform_time, read_json, word

ACTION_PREFIX = "ql:"
"""What our keyboards put before an option's id: a tap arrives as an ordinary text."""

_TAP = re.compile(r"ql:([a-z0-9_]+\.[a-z0-9_]+\.[0-9]+)")
_MEDIA = {
    "picture": Medium.PICTURE,
    "video": Medium.VIDEO,
    "file": Medium.FILE,
    "sticker": Medium.STICKER,
    "location": Medium.LOCATION,
    "contact": Medium.CONTACT,
    "url": Medium.LINK,
}
_SILENT = {
    "webhook": "Viber tested the webhook's address",
    "client_status": "a payment status, which we do not use",
    "action": "an event that Viber does not document",
}


def parse(account: str, raw: bytes, now: datetime) -> tuple[ChannelEvent, ...]:
    """The events in a callback's body. Raises `MalformedError` if it is no strict JSON object."""
    return events(account, read_json(raw), now)


def events(account: str, payload: Payload, now: datetime) -> tuple[ChannelEvent, ...]:
    """The events in a callback; never empty. `now` stands in for a time that is missing or absurd."""
    callback = _Callback(account, payload, now, word(payload, "event").lower())
    if callback.name in _SILENT:
        return (Ignored(_SILENT[callback.name], callback.key),)
    reader = _READERS.get(callback.name)
    if reader is None:
        return (Ignored(f"no event that we know: {callback.name[:40]!r}", callback.key),)
    return (reader(callback),)


@dataclass(frozen=True, slots=True)
class _Callback:
    account: str
    payload: Payload
    now: datetime
    name: str

    @property
    def token(self) -> str:
        """Viber's number of the callback or message, up to 19 digits; a digest of the whole should it be missing."""
        return word(self.payload, "message_token") or fingerprint(json.dumps(self.payload, sort_keys=True))

    @property
    def key(self) -> str:
        return f"{self.name[:40]}:{self.token[:40]}"

    def origin(self, person: Payload, key: str = "") -> Origin | None:
        """Who and when, or None when Viber does not say who."""
        user_id = word(person, "id")
        stamp = word(self.payload, "timestamp")
        milliseconds = int(stamp) if stamp.isdecimal() and stamp.isascii() and len(stamp) < 20 else None
        if not user_id:
            return None
        return Origin(
            account=self.account,
            user_id=user_id,
            key=key or self.key,
            at=platform_time(milliseconds, self.now),
            language=word(person, "language") or None,
            name=clipped(word(person, "name")) or None,
        )


def _message(callback: _Callback) -> ChannelEvent:
    origin = callback.origin(nested(callback.payload, "sender"))
    if origin is None:
        return Ignored("a message without its sender", callback.key)
    message = nested(callback.payload, "message")
    kind, text = word(message, "type").lower(), clipped(word(message, "text"))
    if kind not in ("text", ""):
        return MediaReceived(origin, _MEDIA.get(kind, Medium.OTHER), text)
    if tap := _TAP.fullmatch(text):
        return ButtonTapped(origin, tap[1])
    return UtteranceReceived(origin, text) if text else Ignored("a message without words", callback.key)


def _subscribed(callback: _Callback) -> ChannelEvent:
    origin = callback.origin(nested(callback.payload, "user"))
    return Followed(origin) if origin else Ignored("a subscription without its user", callback.key)


def _unsubscribed(callback: _Callback) -> ChannelEvent:
    origin = callback.origin({"id": callback.payload.get("user_id")})
    if origin is None:
        return Ignored("an unsubscription without its user", callback.key)
    return LeftPlatform(origin, Departure.UNSUBSCRIBED, must_erase=False)


def _conversation_started(callback: _Callback) -> ChannelEvent:
    origin = callback.origin(nested(callback.payload, "user"))
    if origin is None:
        return Ignored("an opened chat without its user", callback.key)
    return ConversationStarted(origin, subscribed=callback.payload.get("subscribed") is True)


def _reported(callback: _Callback) -> ChannelEvent:
    """`delivered` comes once per device, and one token may stand for many receivers: the user is part of the key."""
    user_id = word(callback.payload, "user_id")
    origin = callback.origin({"id": user_id}, f"{callback.key}:{fingerprint(user_id)[:16]}")
    if origin is None:
        return Ignored(f"{callback.name} without its user", callback.key)
    return DeliveryReported(
        origin, callback.token, DeliveryStatus(callback.name), clipped(word(callback.payload, "desc"))
    )


_READERS: dict[str, Callable[[_Callback], ChannelEvent]] = {
    "message": _message,
    "subscribed": _subscribed,
    "unsubscribed": _unsubscribed,
    "conversation_started": _conversation_started,
    "delivered": _reported,
    "seen": _reported,
    "failed": _reported,
}
