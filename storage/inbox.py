"""Events of the platforms, each once for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.event import ChannelEvent
from storage import codec
from storage.store import Sql, Tx

PENDING, DONE, DEAD = "pending", "done", "dead"


@dataclass(frozen=True, slots=True)
class Known:
    """An event that was seen before. `sealed_reply` is its direct answer, None when there was none or it is no
    longer kept.
    """

    id: int
    state: str
    received_at: int
    sealed_reply: bytes | None


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that could not be processed yet. `unseal` gives it back."""

    id: int
    account: str
    attempts: int
    unseal: Callable[[], ChannelEvent]
    problem: str = ""

    @property
    def event(self) -> ChannelEvent:
        """The event. Raises `StorageError` if it cannot be read: only when asked, so that one such row stops no other."""
        return self.unseal()


_FIND = Sql("SELECT id, state, received_at, sealed_reply FROM inbox WHERE account = :account AND key_hash = :key_hash")
_INSERT = Sql(
    """INSERT INTO inbox (account, key_hash, pid, received_at, state, attempts) VALUES (:account, :key_hash, :pid, :received_at,
       'done', 0) ON CONFLICT (account, key_hash) DO NOTHING RETURNING id"""
)
_REPLY = Sql("UPDATE inbox SET sealed_reply = :sealed_reply WHERE id = :id")
_KEEP = Sql(
    """INSERT INTO inbox (account, key_hash, pid, received_at, state, attempts, retry_at, sealed_event, problem)
       VALUES (:account, :key_hash, :pid, :received_at, 'pending', 1, :retry_at, :sealed_event, :problem)
       ON CONFLICT (account, key_hash) DO NOTHING"""
)
_DUE = Sql(
    """SELECT id, account, attempts, sealed_event, problem FROM inbox WHERE state = 'pending' AND retry_at <= :now
       ORDER BY retry_at LIMIT :count"""
)
_OPEN = Sql(
    """SELECT id, account, attempts, sealed_event, problem FROM inbox WHERE id = :id AND state = 'pending' FOR UPDATE"""
)
_STATE = Sql(
    """UPDATE inbox SET state = :state, attempts = :attempts, retry_at = :retry_at, problem = :problem WHERE id = :id"""
)
_DONE = Sql("UPDATE inbox SET state = 'done', sealed_event = NULL, retry_at = NULL, problem = NULL WHERE id = :id")
_FORGET = Sql("UPDATE inbox SET sealed_reply = NULL WHERE sealed_reply IS NOT NULL AND received_at < :before")


def key_hash(tx: Tx, account: str, key: str) -> str:
    """The permanent, nameless key of an event."""
    return tx.keys.digest(f"event|{account}|{key}")


def find(tx: Tx, account: str, hashed: str) -> Known | None:
    """The event's row if it was seen before."""
    row = tx.one(_FIND, account=account, key_hash=hashed)
    return Known(*row) if row else None


def insert(tx: Tx, account: str, hashed: str, pid: str | None, now: int) -> int | None:
    """Take the event in; None when another transaction did so first."""
    row = tx.one(_INSERT, account=account, key_hash=hashed, pid=pid, received_at=now)
    return row[0] if row else None


def keep_reply(tx: Tx, row_id: int, sealed_reply: bytes) -> None:
    """Keep the direct answer, to be given again to a redelivery."""
    tx.run(_REPLY, id=row_id, sealed_reply=sealed_reply)


def forget_replies(tx: Tx, before: int) -> None:
    """Drop kept answers of events received before that time."""
    tx.run(_FORGET, before=before)


def keep_pending(
    tx: Tx, account: str, hashed: str, event: ChannelEvent, now: int, retry_at: int, problem: str, pid: str
) -> bool:
    """Keep an event whose processing failed, sealed under the installation's key. False when it is kept or known already."""
    sealed = tx.keys.vault.seal(codec.encode_event(event))
    kept = tx.run(
        _KEEP,
        account=account,
        key_hash=hashed,
        pid=pid,
        received_at=now,
        retry_at=retry_at,
        sealed_event=sealed,
        problem=problem[:500],
    )
    return kept.rowcount == 1


def due(tx: Tx, now: int, count: int) -> list[Pending]:
    """Events whose next try is due. Not locked: `open_pending` decides."""
    return [_pending(tx, row) for row in tx.all(_DUE, now=now, count=count)]


def open_pending(tx: Tx, row_id: int) -> Pending | None:
    """One pending event, locked; None when somebody else finished it."""
    row = tx.one(_OPEN, id=row_id)
    return _pending(tx, row) if row else None


def finish(tx: Tx, row_id: int) -> None:
    """The event was processed; its content is dropped."""
    tx.run(_DONE, id=row_id)


def fail(tx: Tx, row_id: int, attempts: int, retry_at: int | None, problem: str) -> None:
    """A further try failed. Without `retry_at` it is dead: kept, shown, tried again only by hand."""
    state = PENDING if retry_at is not None else DEAD
    tx.run(_STATE, id=row_id, state=state, attempts=attempts, retry_at=retry_at, problem=problem[:500])


def replay_dead(tx: Tx, now: int) -> int:
    """Queue every dead event again that is still kept (an erased person's is not); returns how many."""
    sql = Sql(
        """UPDATE inbox SET state = 'pending', attempts = 0, retry_at = :now
           WHERE state = 'dead' AND sealed_event IS NOT NULL"""
    )
    return tx.run(sql, now=now).rowcount


def dead_events(tx: Tx, count: int) -> list[dict[str, Any]]:
    """Events that will not be tried again, newest first, without their words."""
    rows = tx.all(
        Sql(
            """SELECT id, account, attempts, received_at, problem FROM inbox WHERE state = 'dead' AND sealed_event IS NOT NULL
               ORDER BY id DESC LIMIT :count"""
        ),
        count=count,
    )
    return [dict(zip(("id", "account", "attempts", "received_at", "problem"), row, strict=True)) for row in rows]


def _pending(tx: Tx, row: tuple[int, str, int, bytes, str]) -> Pending:
    row_id, account, attempts, sealed, problem = row
    vault = tx.keys.vault
    return Pending(row_id, account, attempts, lambda: codec.decode_event(vault.open(sealed)), problem or "")
