"""What stands on the demo's phones: messages as they arrived, and notes on what else happened there."""

from __future__ import annotations

import html
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from handlers.simulator.platform import Bubble
from storage.moment import to_ms

_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?([^"]+)">(.*?)</a>', re.DOTALL)

Json = dict[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Contact:
    """One invented contact. `language` is the phone's, one of our tags."""

    channel: str
    account: str
    user_id: str
    name: str
    language: str

    @property
    def key(self) -> Key:
        """Who on which account."""
        return self.account, self.user_id


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a phone. `kind`: mine, theirs, note. `parts` of a message: {"text"} or {"text", "tap"}; `options` are its buttons.

    `words` names what a note says (the page has its words in both languages), `facts` goes into them.
    """

    kind: str
    at: int
    parts: tuple[Json, ...] = ()
    options: tuple[Json, ...] = ()
    medium: str = "text"
    is_again: bool = False
    words: str = ""
    facts: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the act that is under way speaks: in what medium, and whether it is a redelivery."""

    medium: str = "text"
    heard: str = ""
    is_again: bool = False


class Feeds:
    """All phones of both platforms. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contacts: dict[Key, Contact] = {}
        self._items: dict[Key, list[Item]] = {}
        self._manner = Manner()
        self._thread = 0

    def add(self, contact: Contact) -> Contact:
        """A new phone."""
        with self._lock:
            self._contacts[contact.key] = contact
            self._items[contact.key] = []
        return contact

    def find(self, account: str, user_id: str) -> Contact | None:
        """The contact, None if there is no such phone."""
        return self._contacts.get((account, user_id))

    def contacts(self, account: str) -> list[Contact]:
        """The contacts of an account, whoever was active last first."""
        with self._lock:
            known = [one for one in self._contacts.values() if one.account == account]
            return sorted(known, key=lambda one: -self._latest(one))

    def _latest(self, contact: Contact) -> int:
        items = self._items[contact.key]
        return items[-1].at if items else 0

    def items(self, contact: Contact) -> list[Item]:
        """Everything on a phone, oldest first."""
        with self._lock:
            return list(self._items[contact.key])

    def note(self, contact: Contact, at: datetime, words: str, **facts: object) -> None:
        """Put a note between the messages."""
        self._append(contact.key, Item("note", to_ms(at), words=words, facts=dict(facts)))

    @contextmanager
    def speaking(self, manner: Manner) -> Iterator[None]:
        """Bubbles that this thread brings about meanwhile are of this manner."""
        self._manner, self._thread = manner, threading.get_ident()
        try:
            yield
        finally:
            self._manner = Manner()

    def show(self, bubble: Bubble) -> None:
        """A new bubble of the stand-in platform."""
        manner = self._manner if threading.get_ident() == self._thread else Manner()
        self._append((bubble.account, bubble.user_id), _item(bubble, manner))

    def _append(self, key: Key, item: Item) -> None:
        with self._lock:
            if key in self._items:
                self._items[key].append(item)


def _item(bubble: Bubble, manner: Manner) -> Item:
    at = to_ms(bubble.at)
    if bubble.is_from_contact:
        words = manner.heard or ("" if manner.medium != "text" else bubble.text)
        return Item("mine", at, ({"text": words},), medium=manner.medium)
    if bubble.channel == "viber":
        options = tuple({"label": html.unescape(one.label), "value": one.value} for one in bubble.options)
        return Item("theirs", at, ({"text": bubble.text},), options, is_again=manner.is_again)
    return Item("theirs", at, tuple(_parts(_content(bubble))), is_again=manner.is_again)


def _content(bubble: Bubble) -> str:
    """The text as WeChat got it: of a passive reply, or of a customer-service message."""
    text = bubble.raw.get("text")
    inner = text.get("content") if isinstance(text, dict) else None
    return str(bubble.raw.get("Content") or inner or bubble.text)


def _parts(content: str) -> Iterator[Json]:
    """Words and tappable links, in their order."""
    end = 0
    for link in _LINK.finditer(content):
        if words := content[end : link.start()]:
            yield {"text": html.unescape(words)}
        target = parse_qs(link[1])
        yield {"text": html.unescape(link[2]), "tap": target.get("msgmenuid", [""])[0]}
        end = link.end()
    if words := content[end:]:
        yield {"text": html.unescape(words)}


def invent_id(channel: str) -> str:
    """A platform user id of the usual form."""
    return f"o{secrets.token_urlsafe(20)[:27]}" if channel == "wechat" else f"{secrets.token_urlsafe(18)[:22]}=="
