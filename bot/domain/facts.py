"""What the host tells the engine beside the event: everything a pure function cannot look up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.case import CaseFact
from bot.domain.channel import Channel
from bot.domain.consent import Consent


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of message a contact can keep or leave. `names` = (language tag, name) pairs; the id stands in where a
    language is missing.
    """

    id: str
    names: tuple[tuple[str, str], ...] = ()

    def name(self, language: str) -> str:
        """The topic's name in `language`, else its id."""
        return dict(self.names).get(language, self.id)


@dataclass(frozen=True, slots=True)
class Facts:
    """One moment. `now` is our clock (aware, UTC). `new_case_number` is free to be used by one `OpenCase`.

    `agents_are_in`: somebody can take a chat now; otherwise `agents_back_at` says when (aware, the business
    calendar's zone), None = unknown.
    `sends_left`: what the channel's window still lets through beside the direct reply, None = no such limit.
    `zone` (IANA name) is where the contact is told dates and times: the business calendar's.
    `handover_wait_minutes`: how long a flagged chat waits for an agent who is in, before the bot answers again.
    `first_response_hours` and `solution_hours` are the case clock that the contact is told.
    """

    now: datetime
    channel: Channel
    brand: str
    default_language: str
    topics: tuple[Topic, ...]
    consent: Consent
    cases: tuple[CaseFact, ...]
    new_case_number: str
    follow_is_opt_in: bool = True
    agents_are_in: bool = True
    agents_back_at: datetime | None = None
    sends_left: int | None = None
    first_response_hours: int = 4
    solution_hours: int = 24
    profile_language: str | None = None
    looks_suspicious: bool = False
    zone: str = "UTC"
    handover_wait_minutes: int = 30
