"""A bot at the stand-in's Viber, its subscribers, and what Viber checks of a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MANDATORY = ("message", "subscribed", "unsubscribed", "webhook")
ALL_EVENTS = (*MANDATORY, "conversation_started", "client_status", "action", "delivered", "failed", "seen")

Json = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - an answer of the platform, not a mistake of ours
    """A status of Viber's table."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(slots=True)
class Subscriber:
    """One invented contact. `api_version` is what the phone's Viber understands; `sent` the messages of the last hour without a reply."""

    user_id: str
    name: str = "Test"
    language: str = "en"
    is_subscribed: bool = False
    api_version: int = 10
    sent: list[datetime] = field(default_factory=list)


@dataclass(slots=True)
class ViberBot:
    """A bot. `account` is the service's name for it; `status` other than 0 refuses every call (7 = blocked, 9 = suspended)."""

    account: str
    token: str
    name: str = "Bot"
    webhook_url: str = ""
    event_types: tuple[str, ...] = ALL_EVENTS
    status: int = 0
    subscribers: dict[str, Subscriber] = field(default_factory=dict)

    def subscriber(self, user_id: str) -> Subscriber:
        """The contact of that id, made when first asked for."""
        return self.subscribers.setdefault(user_id, Subscriber(user_id))


def buttons(message: Json) -> list[Json]:
    """The buttons of a message's keyboard."""
    keyboard = message.get("keyboard")
    buttons = keyboard.get("Buttons") if isinstance(keyboard, dict) else []
    return buttons if isinstance(buttons, list) else []


def check_message(message: Json, person: Subscriber) -> None:
    """What Viber checks of a message before it takes it. Raises `Refusal`."""
    sender = message.get("sender")
    name = sender.get("name") if isinstance(sender, dict) else None
    if not isinstance(name, str) or not name:
        raise Refusal(4, "missing sender.name")
    if len(name) > 28:
        raise Refusal(3, "sender.name is longer than 28 characters")
    if message.get("type") != "text":
        raise Refusal(3, "the stand-in takes texts only")
    text = message.get("text")
    if not isinstance(text, str) or not text:
        raise Refusal(4, "missing text")
    if len(text) > 7000:
        raise Refusal(3, "text is longer than 7000 characters")
    if message.get("min_api_version", 1) > person.api_version:
        raise Refusal(13, "apiVersionNotSupported")
    if "keyboard" in message:
        _check_keyboard(message["keyboard"])


def _check_keyboard(keyboard: object) -> None:
    """Viber takes most of these and answers with a `failed` event later; the stand-in says so at once."""
    if not isinstance(keyboard, dict) or keyboard.get("Type") != "keyboard" or not buttons({"keyboard": keyboard}):
        raise Refusal(3, "keyboard is not valid")
    for button in buttons({"keyboard": keyboard}):
        is_sized = button.get("Columns", 6) in range(1, 7) and button.get("Rows", 1) in (1, 2)
        if not is_sized or not button.get("ActionBody") or len(button.get("Text", "")) > 250:
            raise Refusal(3, "keyboard is not valid: button")
