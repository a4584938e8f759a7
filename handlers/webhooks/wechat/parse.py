"""WeChat's callbacks as events. Pure. Every message and event type; what is unknown is ignored with a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.channel import WindowGrant
from bot.domain.event import (
    ButtonTapped,
    ChannelEvent,
    DeliveryReported,
    DeliveryStatus,
    Departure,
    Followed,
    Ignored,
    LeftPlatform,
    MediaReceived,
    Medium,
    MenuClicked,
    Origin,
    ProfileScanned,
    TopicRefused,
    UtteranceReceived,
)
from handlers.webhooks.document import Payload, clipped, fingerprint, nested, platform_time, word
from handlers.webhooks.wechat.security import read

WROTE = WindowGrant(messages=5, seconds=48 * 3600)
ACTED = WindowGrant(messages=3, seconds=60)
"""A menu click, a tapped menu option, following, scanning: the rules of 2023-06-12."""
ENTERED = WindowGrant(messages=2, seconds=60)
"""A mini program's customer-service chat was opened."""

UNSHOWN = ("【收到不支持的消息类型，暂无法显示】", "[收到不支持的消息类型，暂无法显示]", "[Unsupported Message]")
"""What WeChat puts in place of stickers and other things that it does not hand on: not the contact's words."""

_OPTION = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+\.[0-9]+")
_MEDIA = {
    "image": Medium.PICTURE,
    "voice": Medium.VOICE,
    "video": Medium.VIDEO,
    "shortvideo": Medium.VIDEO,
    "location": Medium.LOCATION,
    "link": Medium.LINK,
    "file": Medium.FILE,
    "miniprogrampage": Medium.LINK,
}
_SILENT = {
    "location": "the contact's position, which we do not use",
    "view": "a menu entry opened a page",
    "view_miniprogram": "a menu entry opened a mini program",
    "pic_sysphoto": "a menu entry took a picture; it follows as a message",
    "pic_photo_or_album": "a menu entry chose pictures; they follow as messages",
    "pic_weixin": "a menu entry chose pictures; they follow as messages",
    "location_select": "a menu entry sent a position; it follows as a message",
    "masssendjobfinish": "a mass sending ended; it names no contact",
    "kf_create_session": "WeChat's own agents took the chat, which we do not use",
    "kf_close_session": "WeChat's own agents left the chat, which we do not use",
    "kf_switch_session": "WeChat's own agents passed the chat on, which we do not use",
}


def parse(account: str, raw: bytes, now: datetime) -> tuple[ChannelEvent, ...]:
    """The events in a decrypted callback, XML or JSON. Raises `MalformedError`."""
    return events(account, read(raw), now)


def events(account: str, payload: Payload, now: datetime) -> tuple[ChannelEvent, ...]:
    """The events in a callback; never empty. `now` stands in for a time that is missing or absurd."""
    callback = _Callback(account, payload, now)
    kind = callback.word("MsgType").lower()
    if kind == "event":
        return _event(callback)
    if not kind:
        what = callback.word("InfoType")[:40]
        return (
            Ignored(f"a notice to a third-party platform: {what!r}" if what else "no MsgType", callback.message_key),
        )
    return (_message(callback, kind),)


@dataclass(frozen=True, slots=True)
class _Callback:
    account: str
    payload: Payload
    now: datetime

    def word(self, key: str) -> str:
        return word(self.payload, key).strip()

    @property
    def event(self) -> str:
        return self.word("Event").lower()[:64]

    @property
    def message_key(self) -> str:
        msg_id = self.word("MsgId")[:64]
        return f"message:{msg_id or fingerprint(json.dumps(self.payload, sort_keys=True))}"

    @property
    def event_key(self) -> str:
        """Job events carry a `MsgID`; the others are told apart by sender, second, event and key."""
        job = self.word("MsgID")[:64]
        parts = (self.word("FromUserName"), self.word("CreateTime"), self.event, self.word("EventKey"))
        return f"{self.event}:{job or fingerprint(*parts)}"

    def origin(self, key: str, grant: WindowGrant | None = None, sender: str = "FromUserName") -> Origin:
        stamp = self.word("CreateTime")
        seconds = int(stamp) if stamp.isascii() and stamp.isdecimal() and len(stamp) < 16 else None
        at = platform_time(None if seconds is None else seconds * 1000, self.now)
        return Origin(self.account, self.word(sender), key, at, grant=grant)


def _message(callback: _Callback, kind: str) -> ChannelEvent:
    key = callback.message_key
    if not callback.word("FromUserName"):
        return Ignored("a message without its sender", key)
    if kind == "text":
        return _text(callback, key)
    origin = callback.origin(key, WROTE)
    if kind == "voice" and (heard := clipped(callback.word("Recognition"))):
        return UtteranceReceived(origin, heard, Medium.VOICE)
    return MediaReceived(origin, _MEDIA.get(kind, Medium.OTHER))


def _text(callback: _Callback, key: str) -> ChannelEvent:
    """A tapped link or menu entry arrives as a text with `bizmsgmenuid`; it buys what a menu click buys."""
    content = clipped(word(callback.payload, "Content"))
    if tapped := callback.word("bizmsgmenuid"):
        origin = callback.origin(key, ACTED)
        if _OPTION.fullmatch(tapped):
            return ButtonTapped(origin, tapped, content)
    else:
        origin = callback.origin(key, WROTE)
    if content.strip() in UNSHOWN:
        return MediaReceived(origin, Medium.STICKER)
    return UtteranceReceived(origin, content) if content.strip() else Ignored("a message without words", key)


def _event(callback: _Callback) -> tuple[ChannelEvent, ...]:
    key = callback.event_key
    if callback.event in _SILENT:
        return (Ignored(_SILENT[callback.event], key),)
    reader = _READERS.get(callback.event)
    if reader is None:
        return (Ignored(f"no event that we know: {callback.event!r}", key),)
    sender = "OpenID" if reader is _revoked else "FromUserName"
    if not callback.word(sender):
        return (Ignored(f"{callback.event} without its sender", key),)
    return reader(callback, key)


def _followed(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    return (Followed(callback.origin(key, ACTED), callback.word("EventKey").removeprefix("qrscene_")),)


def _unfollowed(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    return (LeftPlatform(callback.origin(key), Departure.UNFOLLOWED, must_erase=True),)


def _revoked(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    """The contact stands in `OpenID`; `FromUserName` is somebody else."""
    key = f"{key}:{fingerprint(callback.word('OpenID'))[:16]}"
    return (LeftPlatform(callback.origin(key, sender="OpenID"), Departure.AUTHORIZATION_REVOKED, must_erase=True),)


def _scanned(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    return (ProfileScanned(callback.origin(key, ACTED)),)


def _entered(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    return (ProfileScanned(callback.origin(key, ENTERED)),)


def _clicked(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    return (MenuClicked(callback.origin(key, ACTED), clipped(callback.word("EventKey"))),)


def _template_sent(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    """`Status` is `success` or `failed:…` ("user block", "freq limit")."""
    status = callback.word("Status")
    result = DeliveryStatus.DELIVERED if status == "success" else DeliveryStatus.FAILED
    return (DeliveryReported(callback.origin(key), callback.word("MsgID"), result, status[:200]),)


def _subscription_sent(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    reports: list[ChannelEvent] = []
    for entry in _entries(callback.payload, "SubscribeMsgSentEvent"):
        token = word(entry, "MsgID")[:64]
        status = DeliveryStatus.DELIVERED if word(entry, "ErrorCode") == "0" else DeliveryStatus.FAILED
        origin = callback.origin(f"{callback.event}:{token or key}")
        reports.append(DeliveryReported(origin, token, status, word(entry, "ErrorStatus")[:200]))
    return tuple(reports) or (Ignored("a subscription report that names no message", key),)


def _subscription_chosen(callback: _Callback, key: str) -> tuple[ChannelEvent, ...]:
    """Both events of this kind have been seen in either wrapper, and in none (JSON)."""
    entries = _entries(callback.payload, "SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent")
    refused = [entry for entry in entries if word(entry, "SubscribeStatusString").strip().lower() == "reject"]
    if not refused:
        return (Ignored("subscription templates were accepted, none was refused", key),)
    templates = tuple(word(entry, "TemplateId")[:128] for entry in refused)
    return (TopicRefused(callback.origin(f"{key}:{fingerprint(*templates)[:8]}"), templates),)


def _entries(payload: Payload, *wrappers: str) -> list[Payload]:
    """The `List` entries, which are one object or several, in a wrapper or at the top."""
    inner = next((found for wrapper in wrappers if (found := nested(payload, wrapper))), payload)
    entries = inner.get("List")
    return [entry for entry in (entries if isinstance(entries, list) else [entries]) if isinstance(entry, dict)]


_READERS: dict[str, Callable[[_Callback, str], tuple[ChannelEvent, ...]]] = {
    "subscribe": _followed,
    "unsubscribe": _unfollowed,
    "user_authorization_revoke": _revoked,
    "scan": _scanned,
    "user_enter_tempsession": _entered,
    "click": _clicked,
    "scancode_push": _clicked,
    "scancode_waitmsg": _clicked,
    "templatesendjobfinish": _template_sent,
    "subscribe_msg_sent_event": _subscription_sent,
    "subscribe_msg_popup_event": _subscription_chosen,
    "subscribe_msg_change_event": _subscription_chosen,
}
