"""What stands on an invented contact's phone, and who is told when something new appears there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Option:
    """A button or link that can be tapped: what it says, and what a tap sends."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the phone. `account` is our name for the bot or account, `token` the platform's id of the message."""

    channel: str
    account: str
    user_id: str
    is_from_contact: bool
    text: str
    at: datetime
    options: tuple[Option, ...] = ()
    token: str = ""
    raw: dict[str, object] = field(default_factory=dict, compare=False)


Listener = Callable[[Bubble], None]


class Transcript:
    """All phones of one platform. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bubbles: list[Bubble] = []
        self._listeners: list[Listener] = []

    def on_message(self, listener: Listener) -> None:
        """Call `listener` with every new bubble, from the thread in which it appears."""
        self._listeners.append(listener)

    def show(self, bubble: Bubble) -> None:
        """Put a bubble on its contact's phone."""
        with self._lock:
            self._bubbles.append(bubble)
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(bubble)

    def of(self, account: str, user_id: str) -> tuple[Bubble, ...]:
        """One contact's phone, oldest first."""
        with self._lock:
            return tuple(one for one in self._bubbles if (one.account, one.user_id) == (account, user_id))

    def received(self, account: str, user_id: str) -> tuple[Bubble, ...]:
        """What the service sent to one contact, oldest first."""
        return tuple(one for one in self.of(account, user_id) if not one.is_from_contact)

    def find(self, account: str, user_id: str, wanted: str | int) -> Option:
        """The option with this label, this value or this place (from 1) in the newest bubble that offers options.
        Raises LookupError when there is none."""
        offers = next((one.options for one in reversed(self.received(account, user_id)) if one.options), ())
        if isinstance(wanted, int) and 1 <= wanted <= len(offers):
            return offers[wanted - 1]
        for option in offers:
            if wanted in (option.label, option.value):
                return option
        raise LookupError(f"{user_id} sees no option {wanted!r}; there are {[one.label for one in offers]}")
