"""Consent: what a contact agreed to, as registers that commute.

Each register keeps the change with the latest platform time, so any order of delivery, with any duplicates, ends the
same; at a tie the
opt-out wins (docs/decisions/0005-consent-registers.md). Following opts an unknown contact in and never lifts an opt-out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

ALL_TOPICS = "*"
"""A change to this topic concerns every topic of the account, also those that come later."""

HOLD = timedelta(days=7)
"""How long marketing is held for a question that nobody answers."""


class ConsentKind(StrEnum):
    """What a consent event says. Stored in the ledger."""

    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    FOLLOWED = "followed"
    HELD = "held"
    HOLD_RELEASED = "hold_released"
    FREQUENCY_SET = "frequency_set"
    PAUSED = "paused"
    RESUMED = "resumed"
    REASON_GIVEN = "reason_given"
    ERASED = "erased"


class FrequencyChoice(StrEnum):
    """How often a contact wants to hear from the brand."""

    AS_IT_COMES = "as_it_comes"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    EVERY_N_DAYS = "every_n_days"


@dataclass(frozen=True, slots=True)
class Frequency:
    """A cap. `days` is the period for `every_n_days`, else 0."""

    choice: FrequencyChoice = FrequencyChoice.AS_IT_COMES
    days: int = 0

    @property
    def period(self) -> timedelta:
        """At most one send within this time; zero = no cap. Weekly = any 7 x 24 h, monthly = any 30 days."""
        match self.choice:
            case FrequencyChoice.AS_IT_COMES:
                return timedelta(0)
            case FrequencyChoice.WEEKLY:
                return timedelta(days=7)
            case FrequencyChoice.MONTHLY:
                return timedelta(days=30)
            case FrequencyChoice.EVERY_N_DAYS:
                return timedelta(days=max(1, self.days))


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """One act that changes consent. `at` is when the contact did it (platform time, aware UTC).

    `frequency` goes with `frequency_set`, `until` with `paused` and `held`, `reason` with `reason_given`.
    """

    kind: ConsentKind
    at: datetime
    topic: str = ALL_TOPICS
    frequency: Frequency | None = None
    until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TopicConsent:
    """The registers of one contact and one topic."""

    topic: str
    opted_out_at: datetime | None = None
    opted_in_at: datetime | None = None
    followed_at: datetime | None = None
    frequency: Frequency = Frequency()
    frequency_at: datetime | None = None
    paused_until: datetime | None = None
    paused_at: datetime | None = None
    held_until: datetime | None = None
    held_at: datetime | None = None


def apply(current: TopicConsent, change: ConsentChange) -> TopicConsent:
    """The registers after one change. Commutative and idempotent; an older change than the register's has no effect."""
    at = change.at
    match change.kind:
        case ConsentKind.OPTED_OUT:
            return replace(current, opted_out_at=_later(current.opted_out_at, at))
        case ConsentKind.OPTED_IN:
            return replace(current, opted_in_at=_later(current.opted_in_at, at))
        case ConsentKind.FOLLOWED:
            return replace(current, followed_at=_later(current.followed_at, at))
        case ConsentKind.FREQUENCY_SET if change.frequency and _wins(
            at, current.frequency_at, _rank(change.frequency) > _rank(current.frequency)
        ):
            return replace(current, frequency=change.frequency, frequency_at=at)
        case ConsentKind.PAUSED if _wins(at, current.paused_at, _longer(change.until, current.paused_until)):
            return replace(current, paused_until=change.until, paused_at=at)
        case ConsentKind.RESUMED if _wins(at, current.paused_at, False):
            return replace(current, paused_until=None, paused_at=at)
        case ConsentKind.HELD if _wins(at, current.held_at, _longer(change.until, current.held_until)):
            return replace(current, held_until=change.until, held_at=at)
        case ConsentKind.HOLD_RELEASED if _wins(at, current.held_at, False):
            return replace(current, held_until=None, held_at=at)
        case _:
            return current


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _wins(at: datetime, current: datetime | None, wins_tie: bool) -> bool:
    return current is None or at > current or (at == current and wins_tie)


def _rank(frequency: Frequency) -> timedelta:
    return frequency.period


def _longer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


class Standing(StrEnum):
    """What the registers mean at one moment."""

    UNKNOWN = "unknown"
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class Consent:
    """All registers of one contact, `topics` by topic, the `*` row among them. The answers below need no clock
    unless they take one.
    """

    topics: tuple[TopicConsent, ...] = ()

    def row(self, topic: str) -> TopicConsent:
        """The registers of one topic, empty ones if nothing was ever said of it."""
        return next((one for one in self.topics if one.topic == topic), TopicConsent(topic))

    def with_change(self, change: ConsentChange) -> Consent:
        """All registers after one change."""
        changed = apply(self.row(change.topic), change)
        return Consent((*(one for one in self.topics if one.topic != change.topic), changed))

    def standing(self, topic: str) -> Standing:
        """Whether the contact is in or out for `topic`: the latest word counts, whether it was said of the topic or
        of everything; a tie is out.
        """
        rows = [self.row(ALL_TOPICS)] if topic == ALL_TOPICS else [self.row(ALL_TOPICS), self.row(topic)]
        out = max((one.opted_out_at for one in rows if one.opted_out_at), default=None)
        opted_in = max((one.opted_in_at for one in rows if one.opted_in_at), default=None)
        if out and (opted_in is None or out >= opted_in):
            return Standing.OPTED_OUT
        if opted_in or any(one.followed_at for one in rows):
            return Standing.OPTED_IN
        return Standing.UNKNOWN

    def is_opted_out(self, topic: str = ALL_TOPICS) -> bool:
        """Whether an opt-out is in force for the topic."""
        return self.standing(topic) is Standing.OPTED_OUT

    def opted_out_at(self, topic: str = ALL_TOPICS) -> datetime | None:
        """When the contact last opted out (still in force or not)."""
        rows = {self.row(ALL_TOPICS), self.row(topic)}
        return max((one.opted_out_at for one in rows if one.opted_out_at), default=None)

    def paused_until(self, topic: str, now: datetime) -> datetime | None:
        """Until when marketing on the topic rests, None = no pause is in force."""
        ends = [
            one.paused_until
            for one in (self.row(ALL_TOPICS), self.row(topic))
            if one.paused_until and one.paused_until > now
        ]
        return max(ends, default=None)

    def held_until(self, topic: str, now: datetime) -> datetime | None:
        """Until when marketing is held for an open question, None = it is not."""
        ends = [
            one.held_until for one in (self.row(ALL_TOPICS), self.row(topic)) if one.held_until and one.held_until > now
        ]
        return max(ends, default=None)

    def frequency(self, topic: str = ALL_TOPICS) -> Frequency:
        """The cap in force: the topic's own if one was set, else the general one."""
        own = self.row(topic)
        return own.frequency if own.frequency_at else self.row(ALL_TOPICS).frequency


def only_lowers(before: Consent, change: ConsentChange) -> bool:
    """Whether a change can let nothing more through than before: all that an import or another system may do without
    evidence.
    """
    match change.kind:
        case ConsentKind.OPTED_OUT | ConsentKind.REASON_GIVEN:
            return True
        case ConsentKind.HELD:
            return _lasts(change.until, before.row(change.topic).held_until)
        case ConsentKind.FREQUENCY_SET:
            return change.frequency is not None and change.frequency.period >= before.frequency(change.topic).period
        case ConsentKind.PAUSED:
            return _lasts(change.until, before.row(change.topic).paused_until)
        case _:
            return False


def _lasts(until: datetime | None, current: datetime | None) -> bool:
    """Whether a rest until `until` ends no sooner than the one in force: a newer, shorter one would let more through."""
    return until is not None and (current is None or until >= current)
