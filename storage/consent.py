"""The consent registers of a subject. Changed only together with the ledger: see `record`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.consent import (
    ALL_TOPICS,
    Consent,
    ConsentChange,
    ConsentKind,
    Frequency,
    FrequencyChoice,
    TopicConsent,
)
from storage import ledger
from storage.error import DamagedDatabaseError
from storage.moment import from_ms, to_ms
from storage.store import Sql, Tx, chunks, in_list
from storage.subject import LockedSubject

AHEAD = timedelta(minutes=5)
"""A register further ahead than this was written under a wrong clock."""

_COLUMNS = """topic, opted_out_at, opted_in_at, followed_at, frequency, frequency_days, frequency_at, paused_until, paused_at,
              held_until, held_at"""
_CHOICES = frozenset(choice.value for choice in FrequencyChoice)
_LOAD = Sql(f"SELECT {_COLUMNS} FROM consent WHERE pid = :pid")
_SAVE = Sql(
    """INSERT INTO consent (pid, topic, opted_out_at, opted_in_at, followed_at, frequency, frequency_days, frequency_at,
                            paused_until, paused_at, held_until, held_at)
       VALUES (:pid, :topic, :opted_out_at, :opted_in_at, :followed_at, :frequency, :frequency_days, :frequency_at,
               :paused_until, :paused_at, :held_until, :held_at)
       ON CONFLICT (pid, topic) DO UPDATE SET opted_out_at = excluded.opted_out_at, opted_in_at = excluded.opted_in_at,
         followed_at = excluded.followed_at, frequency = excluded.frequency, frequency_days = excluded.frequency_days,
         frequency_at = excluded.frequency_at, paused_until = excluded.paused_until, paused_at = excluded.paused_at,
         held_until = excluded.held_until, held_at = excluded.held_at"""
)


def load(tx: Tx, pid: str) -> Consent:
    """All registers of one subject."""
    return Consent(tuple(_topic(row) for row in tx.all(_LOAD, pid=pid)))


def load_many(tx: Tx, pids: list[str]) -> dict[str, Consent]:
    """The registers of many subjects, by pseudonym; those without any are absent."""
    found: dict[str, list[TopicConsent]] = {}
    for chunk in chunks(pids, 500):
        marks, values = in_list(chunk)
        for pid, *row in tx.all(Sql(f"SELECT pid, {_COLUMNS} FROM consent WHERE pid IN ({marks})"), **values):
            found.setdefault(pid, []).append(_topic(tuple(row)))
    return {pid: Consent(tuple(topics)) for pid, topics in found.items()}


def record(tx: Tx, subject: LockedSubject, change: ConsentChange, origin: ledger.Provenance, words: str) -> Consent:
    """Append one change to the ledger and apply it. `words` (what the contact wrote, the reason) are kept apart,
    sealed.

    Returns the registers afterwards. The subject must be locked by this transaction.
    """
    before = load(tx, subject.pid)
    change = _last_word(before, change, from_ms(origin.recorded_at))
    after = before.with_change(change)
    ledger.append(tx, subject, change, origin, (describe(before, change.topic), describe(after, change.topic)), words)
    if after.row(change.topic) != before.row(change.topic):
        save(tx, subject.pid, after.row(change.topic))
    return after


def _last_word(before: Consent, change: ConsentChange, now: datetime) -> ConsentChange:
    """An opt-out, moved to the time of an opt-in that lies in the future: one of two clocks was wrong, and a STOP that
    loses to that opt-in would leave the gate open (clock jumps of years). At the same time, out wins.
    """
    if change.kind is not ConsentKind.OPTED_OUT:
        return change
    rows = before.topics if change.topic == ALL_TOPICS else (before.row(ALL_TOPICS), before.row(change.topic))
    latest = max((row.opted_in_at for row in rows if row.opted_in_at), default=None)
    if latest is None or latest <= max(change.at, now + AHEAD):
        return change
    return replace(change, at=latest)


def save(tx: Tx, pid: str, row: TopicConsent) -> None:
    """Write one topic's registers."""
    tx.run(
        _SAVE,
        pid=pid,
        topic=row.topic,
        opted_out_at=to_ms(row.opted_out_at),
        opted_in_at=to_ms(row.opted_in_at),
        followed_at=to_ms(row.followed_at),
        frequency=row.frequency.choice.value,
        frequency_days=row.frequency.days,
        frequency_at=to_ms(row.frequency_at),
        paused_until=to_ms(row.paused_until),
        paused_at=to_ms(row.paused_at),
        held_until=to_ms(row.held_until),
        held_at=to_ms(row.held_at),
    )


def describe(consent: Consent, topic: str) -> str:
    """The registers of a topic in few words, as the ledger's `before` and `after`: no clock, so only what was set."""
    row = consent.row(topic)
    parts = [consent.standing(topic).value]
    frequency = consent.frequency(topic)
    if frequency.choice is not FrequencyChoice.AS_IT_COMES:
        parts.append(frequency.choice.value + (f":{frequency.days}" if frequency.days else ""))
    if row.paused_until:
        parts.append(f"paused_until={row.paused_until:%Y-%m-%dT%H:%M:%SZ}")
    if row.held_until:
        parts.append(f"held_until={row.held_until:%Y-%m-%dT%H:%M:%SZ}")
    return " ".join(parts)


def _topic(row: tuple[Any, ...]) -> TopicConsent:
    topic, out, opted_in, followed, choice, days, frequency_at, paused_until, paused_at, held_until, held_at = row
    if choice not in _CHOICES or not isinstance(days, int):
        raise DamagedDatabaseError("a stored frequency cannot be read: restore the latest backup")
    return TopicConsent(
        topic=topic,
        opted_out_at=from_ms(out),
        opted_in_at=from_ms(opted_in),
        followed_at=from_ms(followed),
        frequency=Frequency(FrequencyChoice(choice), days),
        frequency_at=from_ms(frequency_at),
        paused_until=from_ms(paused_until),
        paused_at=from_ms(paused_at),
        held_until=from_ms(held_until),
        held_at=from_ms(held_at),
    )


def lower_to_suppression(tx: Tx, pid: str) -> None:
    """After an erasure: keep only what forbids or limits sending (an erasure never lets more through)."""
    consent = load(tx, pid)
    tx.run(Sql("DELETE FROM consent WHERE pid = :pid"), pid=pid)
    for row in consent.topics:
        out = consent.opted_out_at(row.topic) if consent.is_opted_out(row.topic) else None
        kept = replace(row, opted_out_at=out, opted_in_at=None, followed_at=None)
        if kept != TopicConsent(row.topic):
            save(tx, pid, kept)
