"""What a step of the conversation asks the host to do: a closed union, applied in order, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.case import CaseKind, Priority
from bot.domain.consent import ConsentChange
from bot.domain.event import TimerName
from bot.domain.message import Message


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """Append the change to the ledger and apply it to the registers. Comes before any `Say`."""

    change: ConsentChange


@dataclass(frozen=True, slots=True)
class PurgeMarketing:
    """Drop marketing that is queued for this contact."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Open a case under `number` (from `Facts.new_case_number`). `summary` is the contact's own words so far."""

    number: str
    kind: CaseKind
    category: str
    priority: Priority
    summary: str
    needs_identity_check: bool = False


@dataclass(frozen=True, slots=True)
class AddToCase:
    """Add the contact's words to an open case, and better its category if `category` is given."""

    number: str
    text: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    """The contact takes the case back."""

    number: str


@dataclass(frozen=True, slots=True)
class Say:
    """Send one message to the contact."""

    message: Message


@dataclass(frozen=True, slots=True)
class HandOver:
    """Flag the chat for an agent. `reason` is a word for the console (asked_for_person, repeated_complaint,
    not_understood, deletion …),
    `words` what the contact wrote."""

    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class HandBack:
    """The bot answers again. `reason`: agent, nobody_came, contact."""

    reason: str


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """Delete everything held of the person; the suppression stays. `basis` is why (unfollowed,
    authorization_revoked, request).
    """

    basis: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Fire `TimerFired(name, serial)` at `at`, unless the conversation has moved on to another serial."""

    name: TimerName
    at: datetime
    serial: int


Effect = (
    RecordConsent
    | PurgeMarketing
    | OpenCase
    | AddToCase
    | WithdrawCase
    | Say
    | HandOver
    | HandBack
    | ErasePerson
    | StartTimer
)
