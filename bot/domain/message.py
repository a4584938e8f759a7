"""What we say: words and options, before a channel renders them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """Why a message is sent: the gate judges each differently."""

    REPLY = "reply"  # answers what the contact just did
    SERVICE = "service"  # about an open case or a hand-over: allowed after an opt-out
    MARKETING = "marketing"  # everything else: only with consent


@dataclass(frozen=True, slots=True)
class Choice:
    """One option shown to the contact. `id` = `question.answer.serial`; `label` is what is read and tapped.

    Shown with the number of its place (1, 2, …) on channels without buttons.
    """

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one contact in one language. `text` is final; options are rendered by the channel."""

    text: str
    language: str
    choices: tuple[Choice, ...] = ()
    purpose: Purpose = Purpose.REPLY
