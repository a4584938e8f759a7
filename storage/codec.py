"""The bot's values as JSON and back: frozen dataclasses, by their field types. For what must survive a restart."""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bot.domain import event as event_module
from bot.domain.conversation import Conversation
from bot.domain.event import ChannelEvent
from bot.domain.message import Message
from bot.domain.quota import Wallet
from storage.error import StorageError

T = TypeVar("T")

UPCASTERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Stored conversation of version n -> the same of version n + 1. Add one whenever `Conversation` changes its
meaning.
"""


def encode_event(event: ChannelEvent) -> str:
    """An event with its type's name."""
    return _dump({"type": type(event).__name__, "value": _plain(event)})


def decode_event(text: str) -> ChannelEvent:
    """The event again. Raises `StorageError` for a name that this version does not know."""
    document = json.loads(text)
    kind = getattr(event_module, str(document["type"]), None)
    if kind not in get_args(ChannelEvent):
        raise StorageError(f"a stored event is of an unknown type {document['type']!r}")
    event: ChannelEvent = _build(kind, document["value"])
    return event


def encode_conversation(conversation: Conversation) -> str:
    """A conversation with its version."""
    return _dump(_plain(conversation))


def decode_conversation(text: str) -> Conversation:
    """The conversation again, brought to the present version. Fields it did not have get their defaults."""
    document: dict[str, Any] = json.loads(text)
    present = Conversation().version
    while (version := int(document.get("version", 1))) in UPCASTERS and version < present:
        document = {**UPCASTERS[version](document), "version": version + 1}
    if version != present:
        raise StorageError(
            f"a stored conversation has version {version}; this program knows {present}: run the version that wrote it"
        )
    conversation: Conversation = _build(Conversation, document)
    return conversation


def encode_message(message: Message) -> str:
    """A message of ours."""
    return _dump(_plain(message))


def decode_message(text: str) -> Message:
    """The message again."""
    message: Message = _build(Message, json.loads(text))
    return message


def encode_wallet(wallet: Wallet) -> str:
    """A sending window."""
    return _dump(_plain(wallet))


def decode_wallet(text: str) -> Wallet:
    """The sending window again."""
    return Wallet() if text == "[]" else _build(Wallet, json.loads(text))


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        return kind(**{name: _build(hint, value[name]) for name, hint in hints.items() if name in value})  # type: ignore[operator]
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _build(next(one for one in get_args(kind) if one is not type(None)), value)
    if origin in (tuple, frozenset):
        return origin(_build(get_args(kind)[0], one) for one in value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value
