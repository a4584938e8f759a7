"""May this be sent? The one place that says yes, and the key without which nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.consent import Consent, Standing
from bot.domain.message import Purpose
from bot.domain.quota import Wallet

_MINT = object()


class Reason(StrEnum):
    """Why the gate says no. Part of the API contract."""

    OPTED_OUT = "opted_out"
    HELD = "held"
    PAUSED = "paused"
    FREQUENCY = "frequency"
    UNKNOWN_CONTACT = "unknown_contact"
    UNKNOWN_TOPIC = "unknown_topic"
    LEFT_PLATFORM = "left_platform"
    UNREACHABLE = "unreachable"
    QUIET_HOURS = "quiet_hours"
    WINDOW_CLOSED = "window_closed"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No marketing between `start` and `end`, local time in `zone`; may span midnight."""

    start: time
    end: time
    zone: str = "UTC"

    def ends_at(self, now: datetime) -> datetime | None:
        """When the quiet time that holds `now` is over; None = it is not quiet."""
        local = now.astimezone(ZoneInfo(self.zone))
        clock = local.time().replace(tzinfo=None)
        spans = self.start > self.end
        quiet = (clock >= self.start or clock < self.end) if spans else self.start <= clock < self.end
        if not quiet:
            return None
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return (end if end > local else end + timedelta(days=1)).astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """The account's settings that the gate obeys. `unknown_is_allowed`: the brand keeps opt-ins elsewhere
    (`unknown_contacts = "allow"`).
    """

    topics: frozenset[str]
    unknown_is_allowed: bool = False
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What the gate knows of one contact. `wallet` None = the channel has no window, or the sender uses a way
    without one.
    """

    consent: Consent
    is_known: bool = True
    left_platform: bool = False
    unreachable_until: datetime | None = None
    last_marketing_at: datetime | None = None
    wallet: Wallet | None = None


@dataclass(frozen=True, slots=True)
class Denial:
    """No, why, and until when (None = until the contact does something)."""

    reason: Reason
    until: datetime | None = None


class SendPermit:
    """Proof that the gate said yes, a moment ago. Only `check` makes one; `Channel.send` needs one."""

    __slots__ = ("checked_at", "purpose", "topic")

    def __init__(self, mint: object, purpose: Purpose, topic: str, checked_at: datetime) -> None:
        if mint is not _MINT:
            raise TypeError("a SendPermit comes from bot.domain.permit.check only")
        self.purpose, self.topic, self.checked_at = purpose, topic, checked_at


def check(purpose: Purpose, topic: str, subject: Subject, policy: SendPolicy, now: datetime) -> SendPermit | Denial:
    """Judge one send. Marketing needs consent; replies and service messages need only a reachable contact and an
    open window.
    """
    denial = _consent_denial(topic, subject, policy, now) if purpose is Purpose.MARKETING else None
    denial = denial or _reach_denial(subject, now)
    return denial or SendPermit(_MINT, purpose, topic, now)


def _consent_denial(topic: str, subject: Subject, policy: SendPolicy, now: datetime) -> Denial | None:
    if topic not in policy.topics:
        return Denial(Reason.UNKNOWN_TOPIC)
    standing = subject.consent.standing(topic)
    if standing is Standing.OPTED_OUT:
        return Denial(Reason.OPTED_OUT)
    if standing is Standing.UNKNOWN and not policy.unknown_is_allowed:
        return Denial(Reason.UNKNOWN_CONTACT)
    if held := subject.consent.held_until(topic, now):
        return Denial(Reason.HELD, held)
    if paused := subject.consent.paused_until(topic, now):
        return Denial(Reason.PAUSED, paused)
    return _calendar_denial(topic, subject, policy, now)


def _calendar_denial(topic: str, subject: Subject, policy: SendPolicy, now: datetime) -> Denial | None:
    period = subject.consent.frequency(topic).period
    if period and subject.last_marketing_at and now < subject.last_marketing_at + period:
        return Denial(Reason.FREQUENCY, subject.last_marketing_at + period)
    if policy.quiet_hours and (ends := policy.quiet_hours.ends_at(now)):
        return Denial(Reason.QUIET_HOURS, ends)
    return None


def _reach_denial(subject: Subject, now: datetime) -> Denial | None:
    if subject.left_platform:
        return Denial(Reason.LEFT_PLATFORM)
    if subject.unreachable_until and now < subject.unreachable_until:
        return Denial(Reason.UNREACHABLE, subject.unreachable_until)
    if subject.wallet is not None and not subject.wallet.is_open(now):
        return Denial(Reason.WINDOW_CLOSED)
    return None
