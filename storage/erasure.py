"""Forgetting a person: key, words, names and ids go at once; the ledger's chain and the suppression stay."""

from __future__ import annotations

from bot.domain.consent import ConsentChange, ConsentKind
from bot.domain.event import Departure
from storage import consent, ledger
from storage.moment import from_ms
from storage.store import Sql, Tx
from storage.subject import LockedSubject

_DELETE = tuple(
    Sql(f"DELETE FROM {table} WHERE pid = :pid")
    for table in ("event_payload", "contact", "chat_line", "case_note", "timer")
)
_OUTBOX = Sql(
    """UPDATE outbox SET sealed_message = NULL, state = CASE WHEN state IN ('queued', 'held', 'sending', 'dead') THEN 'purged'
       ELSE state END, detail = NULL WHERE pid = :pid"""
)
_ATTEMPT = Sql(
    "UPDATE attempt SET detail = NULL WHERE outbox_id IN (SELECT id FROM outbox WHERE pid = :pid) AND detail IS NOT NULL"
)
_INBOX = Sql(
    """UPDATE inbox SET sealed_reply = NULL, sealed_event = NULL, pid = NULL, problem = NULL,
       state = CASE WHEN state = 'pending' AND id <> :keep THEN 'dead' ELSE state END WHERE pid = :pid"""
)
_FLAGS = Sql(
    "UPDATE flag SET sealed_words = NULL, state = 'closed', closed_at = COALESCE(closed_at, :now) WHERE pid = :pid"
)
_DEPARTURES = frozenset(one.value for one in Departure)
_KEY = Sql("UPDATE subject SET wrapped_key = NULL, erased_at = :now WHERE pid = :pid")


def erase(tx: Tx, subject: LockedSubject, basis: str, now: int, actor: str, inbox_id: int = 0) -> None:
    """Erase the subject in this transaction. An open case keeps number, category and dates without the person.

    `basis` says why (unfollowed, authorization_revoked, request). `inbox_id`: the event being processed.
    """
    change = ConsentChange(ConsentKind.ERASED, at=from_ms(now), reason=basis)
    ledger.append(tx, subject, change, ledger.Provenance(now, "erasure", actor), ("", ""), basis)
    for sql in _DELETE:
        tx.run(sql, pid=subject.pid)
    tx.run(_OUTBOX, pid=subject.pid)
    tx.run(_ATTEMPT, pid=subject.pid)
    tx.run(_INBOX, pid=subject.pid, keep=inbox_id)
    tx.run(_FLAGS, pid=subject.pid, now=now)
    if basis not in _DEPARTURES:  # a departure is itself an opt-out with its own time: whatever came later stands
        consent.lower_to_suppression(tx, subject.pid)
    tx.run(_KEY, pid=subject.pid, now=now)
